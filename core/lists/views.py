"""Views that are declarations: a list names its FilterSet and template, a record names its queryset and template."""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, ListView, View
from django.views.generic.base import ContextMixin

from core.addresses import absolute, page_address, view_of
from core.history import data_state
from core.visitors import is_unknown

from ..facets.bitmaps import FacetIndex
from ..facets.charts import MAX_CHART_ITEMS, FacetChart, figures
from ..facets.counts import Facet, facet
from ..facets.live_index import LiveIndex, LiveValue, one_moment
from .availability import availability, gone_response, moved
from .downloads import Download, downloads_of
from .fieldsets import FormSource
from .filtersets import ListingFilterSet
from .form_fields import StrOrPromise, shortened
from .pagination import paginate


@dataclass(frozen=True)
class SortOption:
    """An order that the list offers, and the query string that chooses it."""

    name: str
    label: StrOrPromise
    querystring: str
    active: bool


@dataclass(frozen=True)
class Counted:
    """Facet of a list: `count` gives numbers by value for the question without that filter, `labels` the names of
    values."""

    count: Callable[[ListingFilterSet], Mapping[str, int]]
    labels: Callable[[Iterable[str]], Mapping[str, StrOrPromise]]


VIEWS: dict[str, StrOrPromise] = {
    "list": gettext_lazy("List"),
    "table": gettext_lazy("Table"),
    "map": gettext_lazy("Map"),
    "figures": gettext_lazy("Figures"),
    "download": gettext_lazy("Download"),
}
"""The forms in which a list can be seen, by the ``view`` of its address; the first is the usual one."""


@dataclass(frozen=True)
class ViewOption:
    """A form of the list, and the query string that chooses it."""

    name: str
    label: StrOrPromise
    querystring: str
    active: bool


class OfferingMixin(ContextMixin, View):
    """A page whose records can be had as files: ``files`` and ``call`` for its template, and a header ``Link``.

    Declare ``download``, the name of the file's address, and ``api``, that of the same in the API.
    """

    download: ClassVar[str] = ""
    api: ClassVar[str] = ""

    def files(self, query: str = "", **more: Any) -> list[Download]:
        """The forms in which the page's records can be had."""
        return downloads_of(self.download, query, **{**self.file_arguments(), **more}) if self.download else []

    def file_arguments(self) -> dict[str, str]:
        """URL arguments of the file's address; for pages of records."""
        return {}

    def call(self, query: str = "") -> str:
        """The address in the API that gives the same."""
        if not self.api:
            return ""
        names = [
            value.partition("-")[0] if name == "address" else value for name, value in self.file_arguments().items()
        ]
        return absolute(f"{reverse(self.api, args=names)}{'?' if query else ''}{query}")

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(**{"files": self.files(), "call": self.call()} | kwargs)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if self.download and response.status_code == 200 and request.method in ("GET", "HEAD"):
            told = [
                f'<{request.build_absolute_uri(file.address)}>; rel="alternate"; type="{file.media_type}"'
                for file in self.files(request.META["QUERY_STRING"])
                if file.name != "excel"
            ]
            response["Link"] = ", ".join(told)
        return response


class ListingView(OfferingMixin, ListView[Any]):
    """A list with search, filters, orders, pages and views of the same result.

    Declare ``heading``, ``queryset`` (or ``get_queryset`` calling super), ``filterset_class`` and ``template_name``,
    a template that extends ``listing.html``. It gets:

    - ``filter``: the FilterSet; ``filter.form`` has the fields
    - ``page_obj`` and ``paginator``, as Django's; ``total``: how many records the question has
    - ``chips``: the active values (``parameter``, ``label``, ``value``, ``remove``: the query string without
      it)
    - ``querystring``: the question without the page, to put before ``&page=2`` or behind another address of
      the list
    - ``sorts``: the orders (``name``, ``label``, ``querystring``, ``active``)
    - ``view_name`` and ``views``: the form of the list that is shown, and all that it has (as ``sorts``)
    - ``question``: as ``querystring``, without the view: for addresses outside the list
    - ``reset``: the query string of the whole list in the same view
    - ``filters_form``: the filters in their fieldsets, for ``parts/filters.html``
    - ``facets``: of each filter in ``counted``, its choices with how many records each would give
    - ``files`` and ``call``: the forms in which it can be had as a file, and the call of the API that gives the same
    - ``errors``: wrong values, worded (the list is empty then); ``warnings``: what was left aside (the list
      stands)
    """

    filterset_class: ClassVar[type[ListingFilterSet]]
    heading: ClassVar[StrOrPromise] = ""
    view_names: ClassVar[tuple[str, ...]] = ("list", "table", "download")
    counted: ClassVar[dict[str, Counted]] = {}
    """The filters whose choices are counted, where no index does."""
    shown: ClassVar[int] = 8
    """Number of choices of a filter that are shown where there are more."""
    paginate_by = 50

    def get_queryset(self) -> Any:
        """The records that match the question of the address."""
        self.ask()
        return self.filter.qs

    def facet(self, name: str) -> Facet:
        """The choices of a filter, each with how many records it would give with the other filters kept."""
        others = self.request.GET.copy()
        others.pop(name, None)
        question = self.filterset_class(others, super().get_queryset(), request=self.request)
        numbers = dict(self.counted[name].count(question))
        many, whole = len(numbers) > self.shown, name in self.request.GET.getlist("more")
        chosen = self.filter.form[name].value() or ()
        if many and not whole:
            kept = sorted(numbers, key=lambda value: (-numbers[value], value))[: self.shown]
            numbers = {value: number for value, number in numbers.items() if value in kept or value in chosen}
        labels = self.counted[name].labels([*numbers, *(value for value in chosen if value not in numbers)])
        found = facet(self.filter, name, numbers, labels, more=many and not whole)
        return replace(found, whole=many and whole)

    def counted_names(self) -> Container[str]:
        """The filters whose choices are counted."""
        return self.counted

    def read_facets(self) -> dict[str, Facet]:
        """The facets of all of them; none if the question is wrong."""
        return {name: self.facet(name) for name in self.counted if self.filter.form.is_valid()}

    def ask(self) -> None:
        """Read the question of the address: ``filter`` and ``view``."""
        self.filter = self.filterset_class(self.request.GET, super().get_queryset(), request=self.request)
        asked = self.request.GET.get("view", "")
        self.view = asked if asked in self.view_names else self.view_names[0]
        if self.view != self.view_names[0]:
            self.filter.along["view"] = self.view

    @property
    def view_notice(self) -> str:
        """A worded notice where the address asks for a view that the list does not have."""
        asked = self.request.GET.get("view", "")
        if not asked or asked in self.view_names:
            return ""
        return _("“%(value)s” is no view of this list: this is the usual one. Use one of: %(names)s.") % {
            "value": shortened(asked),
            "names": ", ".join(self.view_names),
        }

    def paginate_queryset(self, queryset: object, page_size: int) -> tuple[Paginator[Any], Page[Any], Any, bool]:
        """Django's hook, with a page for every number instead of a 404."""
        page, self.page_notice = paginate(queryset, self.request.GET.get("page", ""), page_size)
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        question, facets = self.filter, self.read_facets()
        return (
            context
            | {
                "heading": self.heading,
                "filter": question,
                "total": context["paginator"].count,
                "chips": question.chips(),
                "querystring": question.querystring(),
                "sorts": [
                    SortOption(name, sort.label, question.querystring(sort=name), name == question.sorting)
                    for name, sort in question.sorts.items()
                ],
                "view_name": self.view,
                "views": [
                    ViewOption(
                        name,
                        VIEWS[name],
                        question.querystring(view=name if name != self.view_names[0] else ""),
                        name == self.view,
                    )
                    for name in self.view_names
                ],
                "question": question.querystring(view=""),
                "reset": urlencode(question.along),
                "facets": facets,
                "filters_form": FormSource(question, self.counted_names(), facets).form(),
                "files": self.files(question.querystring(view=""), most=context["paginator"].count),
                "call": self.call(question.querystring(view="", sort="")),
                "errors": question.messages,
                "warnings": [*question.warnings, *filter(None, [self.view_notice, self.page_notice])],
            }
            | kwargs
        )


_CACHED_PAGES = 200
"""Number of pages of faceted lists that a process keeps."""


class FacetedQuestion(Protocol):
    """A valid question put to an index: its records, and how many there would be with other choices."""

    def __init__(self, question: object, index: FacetIndex) -> None: ...

    names: ClassVar[tuple[str, ...]]
    """The filters that are counted."""

    @property
    def records(self) -> Sized:
        """The records that fit the question."""

    def page(self, start: int, stop: int, /) -> list[int]:
        """Their keys from one place of the order to before another."""

    def facet(self, name: str, most: int, /) -> Facet:
        """The choices of a filter, `most` of them or all (0)."""

    def describe(self, records: list[Any], /) -> None:
        """Give records what the index knows of them."""


class Indexed(Sequence[Any]):
    """The records of a question put to an index, read from the database a page at a time."""

    def __init__(self, facets: FacetedQuestion, read: Callable[[list[int]], list[Any]]) -> None:
        self.facets = facets
        self.read = read

    def __len__(self) -> int:
        return len(self.facets.records)

    def __getitem__(self, part: Any) -> Any:
        return self.read(self.facets.page(part.start or 0, part.stop))


class FacetedListingView(ListingView):
    """A list whose filters say of every choice how many records it would give.

    Declare ``index`` (a `LiveIndex`), ``labels`` (a `LiveValue`: the names shown) and ``facets_class``, made of a valid
    FilterSet and the index: it has ``records``, ``page``, ``facet`` and ``describe``, which gives records what the
    index knows of them. The template gets ``facets`` too: `Facet` by name of filter. With ``more=<filter>`` in the
    address that filter shows all its choices. In the view of figures it gets ``figures``, drawn from the facets.
    """

    index: ClassVar[LiveIndex]
    labels: ClassVar[LiveValue[Any]]
    facets_class: ClassVar[type[FacetedQuestion]]
    view_names = tuple(VIEWS)
    figure_names: ClassVar[tuple[str, ...]] = ()
    """The filters that the figures draw, in their order."""
    kept: ClassVar[OrderedDict[tuple[Any, ...], bytes]] = OrderedDict()
    """Pages as they were sent, the last used ones, by all that they depend on."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page; it is kept by the process, and sent again until anything it depends on has changed.

        Whoever the site knows by a cookie, or has a message for, has pages of their own.
        """
        with one_moment():
            with self.index.reading():
                versions = (self.index.version, self.labels.get() and self.labels.version)
            if not all(versions) or not is_unknown(request) or not self.may_be_kept(request):
                return super().get(request, *args, **kwargs)
            # Before anything is read: what is written meanwhile makes another key.
            state, _version = data_state(*versions, timezone.localdate(), request.is_secure())
            key = state, request.get_host(), request.get_full_path()
            content = self.kept.pop(key, None)
            if content is None:
                request.COOKIES = {}  # those of others: no template can have put them in the page
                page: Any = super().get(request, *args, **kwargs)
                content = page.render().content
        self.kept[key] = content
        while len(self.kept) > _CACHED_PAGES:
            self.kept.popitem(last=False)
        return HttpResponse(content)

    def may_be_kept(self, request: HttpRequest) -> bool:
        """True if the page depends only on its address, the data under history, the labels and the day, so that it may
        be cached."""
        return True

    def get_queryset(self) -> Any:
        self.ask()
        self.facets: dict[str, Facet] = {}
        self.figures: list[FacetChart] = []
        if not self.filter.form.is_valid():
            return self.filter.queryset.none()
        whole = self.request.GET.getlist("more")
        with self.index.reading() as index:
            facets = self.facets_class(self.filter, index)
            for name in facets.names:
                found = facets.facet(name, 0 if name in whole else self.shown)
                self.facets[name] = replace(found, whole=name in whole and len(found.choices) > self.shown)
            if self.view == "figures":
                drawn = [facets.facet(name, 0 if name in whole else MAX_CHART_ITEMS) for name in self.figure_names]
                self.figures = figures(self.filter, drawn, len(facets.records))
        return Indexed(facets, lambda keys: self.read(facets, keys))

    def read(self, facets: Any, keys: list[int]) -> list[Any]:
        """Records for the template, in the order of their keys; those deleted meanwhile are left out."""
        if self.view not in ("list", "table"):
            return []
        found = self.filter.queryset.in_bulk(keys)
        records = [found[key] for key in keys if key in found]
        facets.describe(records)
        return records

    def counted_names(self) -> Container[str]:
        return self.facets_class.names

    def read_facets(self) -> dict[str, Facet]:
        return self.facets

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(figures=self.figures, **kwargs)


class RecordView(OfferingMixin, DetailView[Any]):
    """The page of a public record, at ``<reference>-<slug>/`` (the URL's argument is called ``address``).

    A record has ``reference``, ``address``, ``publication``, ``merged_into`` and ``known_to_all``. What is published is
    shown, under its right address only: another slug or case is redirected for good. What was merged leads to the
    record that replaced it, what was withdrawn answers 410 with the reason; what never was public 404, in whatever
    state, to whom `may_see` does not let. ``queryset`` holds all of them.
    """

    def file_arguments(self) -> dict[str, str]:
        return {"address": page_address(self.object)}

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object = self.get_object()
        last, status = availability(self.object, self.may_see)
        if status == 404:
            raise Http404
        if status == 410:
            return gone_response(request, last)
        if page_address(last) != kwargs["address"]:
            return moved(request, self._url(last))
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_object(self, queryset: QuerySet[Model] | None = None) -> Model:
        """The record whose reference begins the address."""
        reference = self.kwargs["address"].partition("-")[0].upper()
        record = (self.get_queryset() if queryset is None else queryset).filter(reference=reference).first()
        if record is None:
            raise Http404(_("There is no record with the reference %(reference)s.") % {"reference": reference})
        return record

    def may_see(self, record: Model) -> bool:
        """True if the visitor may see a record that is not published; by default nobody may."""
        return False

    def _url(self, record: Model) -> str:
        """The right address of a record."""
        return reverse(view_of(self.request), kwargs={**self.kwargs, "address": page_address(record)})
