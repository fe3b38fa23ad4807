"""The base of every FilterSet: one declaration serves the page, its exports and the API.

What a wrong value does is the same everywhere: the result is empty and a message names the parameter, the
value and the remedy. A parameter that no filter knows does not empty the result (links gather such things on
their way), but a warning names it, so that a misspelt ``contry=FR`` does not pass for an answer; the marks
of campaigns and social networks (``utm_source`` and the like) are passed over in silence.
"""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django import forms
from django.db.models import Model, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_filters import FilterSet
from django_filters.filters import Filter

from core.facets.query import Faceted

from . import form_fields
from .form_fields import MAX_VALUE_LENGTH, StrOrPromise, shortened

TRACKING = re.compile(r"(utm|mtm|pk|piwik|matomo|hsa)_.*|fbclid|gclid|dclid|msclkid|mc_[ce]id|yclid|_ga|_gl|ref")


class ListingFilter(Filter):
    """Base of all filters here; `facet` says how an index is asked."""

    def __init__(self, *args: Any, facet: Faceted | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facet = facet

    field_class: type[forms.Field]
    part: ClassVar[str] = ""
    """The template that draws it in the form of a list; empty where nothing but a facet can."""
    parent: Any
    """The FilterSet that it belongs to."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Each FilterSet has copies of the declared filters, to be bound to it: nothing below them ever changes.
        copied = copy(self)
        copied.method = self.method  # bound to the copy
        return copied


class ChoicesFilter(ListingFilter):
    """Filter by any of a closed list of codes (``field_name`` in the values)."""

    field_class: type[form_fields.ValuesField] = form_fields.ChoicesField
    part = "parts/checks.html"

    def filter(self, queryset: QuerySet[Model], value: list[Any]) -> QuerySet[Model]:
        return queryset.filter(**{f"{self.field_name}__in": value}) if value else queryset


class RecordsFilter(ChoicesFilter):
    """Filter by any of some records, named by reference or code."""

    field_class = form_fields.RecordsField
    part = ""


class SearchFilter(ListingFilter):
    """Filter by words, through the queryset's own ``search``."""

    field_class = form_fields.WordsField
    part = "parts/field.html"

    def filter(self, queryset: Any, value: str) -> QuerySet[Model]:
        found: QuerySet[Model] = queryset.search(value) if value else queryset
        return found


class DateFilter(ListingFilter):
    """Filter by a partial date; its meaning is defined by the FilterSet (``method``, or
    `ListingFilterSet.filter_jointly`)."""

    field_class: type[forms.Field] = form_fields.PartialDateFormField
    part = "parts/field.html"

    def filter(self, queryset: QuerySet[Model], value: object) -> QuerySet[Model]:
        return queryset


class SwitchFilter(DateFilter):
    """Switch filter, yes or no; its meaning is defined by the FilterSet."""

    field_class = form_fields.SwitchField
    part = "parts/switch.html"


class JointChoicesFilter(ChoicesFilter):
    """Filter by codes that mean something only with other parameters: see `ListingFilterSet.filter_jointly`."""

    def filter(self, queryset: QuerySet[Model], value: list[Any]) -> QuerySet[Model]:
        return queryset


class LongChoicesFilter(JointChoicesFilter):
    """Filter by codes of a list so long that one searches it."""

    part = "parts/select.html"


class JointRecordsFilter(RecordsFilter):
    """Filter by records that mean something only with other parameters: see `ListingFilterSet.filter_jointly`."""

    def filter(self, queryset: QuerySet[Model], value: list[Any]) -> QuerySet[Model]:
        return queryset


class SortFilter(ListingFilter):
    """The order of the list, by one of the names in the FilterSet's ``sorts``; applied last."""

    @property
    def field(self) -> form_fields.SortField:
        if not hasattr(self, "_field"):
            sorts: Mapping[str, Sort] = self.parent.sorts
            choices = [(name, sort.label) for name, sort in sorts.items()]
            self._field = form_fields.SortField(choices=choices, label=self.label, required=False)
        return self._field


@dataclass(frozen=True)
class Sort:
    """An order of a list: its label, and what it orders by (the primary key always comes last, so pages are stable)."""

    label: StrOrPromise
    by: Sequence[str | OrderBy]


@dataclass(frozen=True)
class Fieldset:
    """Declaration of filters that stand together in the form of a list: their legend, their names in order, and which
    of them are unfolded from the beginning."""

    legend: StrOrPromise
    filters: tuple[str, ...]
    opened: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chip:
    """An active value: of which parameter, in words, and the query string of the same list without it."""

    parameter: str
    label: str
    value: str
    remove: str


class ListingFilterSet(FilterSet):
    """Base of all FilterSets.

    Subclasses declare filters (the one called ``q`` first: other filters must not turn an exact search into
    one for typos), ``sorts`` and ``default_sort``, and may answer ``filter_jointly``. Read ``qs``; then
    ``messages`` (wrong values: the result is empty) and ``warnings`` (unknown parameters: the result stands).
    """

    sorts: ClassVar[dict[str, Sort]] = {}
    default_sort: ClassVar[str] = ""
    data: QueryDict
    queryset: QuerySet[Any]
    not_filters: ClassVar[frozenset[str]] = frozenset({"page", "format", "more", "view"})
    """Parameters that belong to the page or the export, not to the question."""

    fieldsets: ClassVar[list[Fieldset]] = []
    """The fieldsets of the form of the list, in their order."""
    rest: ClassVar[StrOrPromise] = gettext_lazy("More")
    """The legend of the fieldset of all filters that no other names; empty if they are only kept, not offered."""
    indexed: ClassVar[bool] = False
    """True if a facet index answers in the place of SQL: each filter then says how it is put to the index."""

    sort = SortFilter(label=gettext_lazy("Sort by"))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        named = {name for fieldset in cls.fieldsets for name in (*fieldset.filters, *fieldset.opened)}
        if unknown := named - cls.declared_filters.keys():
            raise TypeError(f"{cls.__name__}: a fieldset names {', '.join(sorted(unknown))}, which is no filter here")
        if not cls.indexed:
            return
        facets = {name: getattr(one, "facet", None) for name, one in cls.declared_filters.items() if name != "sort"}
        if missing := [name for name, one in facets.items() if not one]:
            raise TypeError(f"{cls.__name__}: {', '.join(missing)}: a filter of an indexed list needs facet=Faceted(…)")
        read = {name for name, one in facets.items() if one and one.reading}
        for name, one in facets.items():
            if one and one.dimension and one.dimension not in read:
                raise TypeError(f"{cls.__name__}: {name}: no filter reads the dimension “{one.dimension}”")

    def __init__(self, data: Any = None, queryset: QuerySet[Model] | None = None, **kwargs: Any) -> None:
        # Without data too: what a list leaves out unless asked for is left out always.
        super().__init__(QueryDict() if data is None else data, queryset, **kwargs)
        self.along: dict[str, str] = {}
        """Parameters of the page that go along with the question in all links within the list, such as the view."""

    def filter_jointly(self, queryset: Any, values: dict[str, Any]) -> Any:
        """Apply what several parameters mean together; `values` are all the cleaned ones."""
        return queryset

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.form.errors:
            return queryset.none()
        values = self.form.cleaned_data
        for name, value in values.items():
            if name != "sort":
                queryset = self.filters[name].filter(queryset, value)
        return self.sorted(self.filter_jointly(queryset, values), self.sorting)

    @property
    def sorting(self) -> str:
        """The name of the order in use."""
        return getattr(self.form, "cleaned_data", {}).get("sort") or self.default_sort

    def sorted(self, queryset: Any, name: str) -> QuerySet[Any]:
        """Order the records by one of the ``sorts``."""
        sort = self.sorts.get(name)
        # Backwards to the last, so that an index read from its end gives the order.
        ordered: QuerySet[Any] = queryset
        return ordered.order_by(*sort.by, "-pk" if name.startswith("-") else "pk") if sort else ordered

    @property
    def messages(self) -> list[str]:
        """Error messages of the filters, each with the parameter, its value and the remedy. If there are any, the
        result is empty."""
        return [
            _("%(label)s (%(parameter)s): %(message)s")
            % {"label": self.filters[name].label, "parameter": name, "message": message}
            for name, found in self.form.errors.items()
            for message in found
        ]

    @property
    def warnings(self) -> list[str]:
        """Warnings about parameters that no filter knows; the result is the same as without them."""
        unknown = [
            name
            for name in self.data
            if name not in self.filters and name not in self.not_filters and not TRACKING.fullmatch(name)
        ]
        if not unknown:
            return []
        return [
            ngettext(
                "The parameter “%(unknown)s” is unknown here and was left aside. Known are: %(known)s.",
                "The parameters “%(unknown)s” are unknown here and were left aside. Known are: %(known)s.",
                len(unknown),
            )
            % {
                "unknown": "”, “".join(shortened(name) for name in unknown[:5]),
                "known": ", ".join(self.filters),
            }
        ]

    @cached_property
    def given(self) -> list[tuple[str, str]]:
        """Every value that was given to a filter, in the filters' order; overlong ones, always wrong, are left out."""
        pairs = []
        for name, filter_ in self.filters.items():
            value = filter_.field.widget.value_from_datadict(self.data, {}, name)
            for one in value if isinstance(value, list) else [value]:
                text = str(one if one is not None else "").strip()
                if text and len(text) <= MAX_VALUE_LENGTH:
                    pairs.append((name, text))
        return pairs[: 10 * form_fields.MAX_VALUES]

    def querystring(self, **changes: str) -> str:
        """The question as a query string, without the page; `changes` replace a parameter's values (empty: removed)."""
        return _encoded(
            [(name, value) for name, value in [*self.given, *self.along.items()] if name not in changes]
            + [(name, value) for name, value in changes.items() if value]
        )

    def chips(self) -> list[Chip]:
        """The active values, each with the query string that removes it; wrong ones too, for they must go."""
        given = self.given
        chips = []
        for index, (name, value) in enumerate(given):
            if name == "sort" and name not in self.form.errors:
                continue
            field = self.form.fields[name]
            if isinstance(field, form_fields.SwitchField) and value.lower() in field.OFF:
                continue
            shown = field.display(value) if hasattr(field, "display") else value
            chips.append(
                Chip(
                    parameter=name,
                    label=str(self.filters[name].label),
                    value=shortened(shown),
                    remove=_encoded([*given[:index], *given[index + 1 :], *self.along.items()]),
                )
            )
        return chips


def _encoded(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs as a query string."""
    return urlencode(pairs)
