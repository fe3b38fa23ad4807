"""Lists as CSV files: the question of a list's address, answered in the layout that imports read.

A file is written while it is sent, a few hundred records at a time: it costs the same memory whatever its length, and a
slow reader holds no transaction open.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.generic import View

from coopdir.imports.resource import StrictResource

from .cells import guard
from .fields import shortened
from .filterset import ListingFilterSet
from .views import FacetedListingView, ListingView

CHUNK = 500
"""Records that are read from the database at a time."""
DELIMITERS = (",", ";")
BYTE_ORDER_MARK = "\ufeff"
"""By which Excel knows UTF-8."""
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


class Asked:
    """How a file is to be written: the parameters of a download that are not its list's. `errors` are worded."""

    names = ("lang", "bom", "delimiter")

    def __init__(self, request: HttpRequest) -> None:
        self.language = request.GET.get("lang", settings.LANGUAGE_CODE)
        self.delimiter = request.GET.get("delimiter", ",")
        self.bom = request.GET.get("bom", "0")
        self.question = request.GET.copy()
        for name in self.names:
            self.question.pop(name, None)

    @property
    def errors(self) -> list[str]:
        known = {
            "lang": (self.language, dict(settings.LANGUAGES)),
            "delimiter": (self.delimiter, DELIMITERS),
            "bom": (self.bom, ("0", "1")),
        }
        return [
            _("%(parameter)s: “%(value)s” is not known. Use one of: %(known)s")
            % {"parameter": name, "value": shortened(value), "known": "  ".join(values)}
            for name, (value, values) in known.items()
            if value not in values
        ]


def rows(resource: StrictResource, records: QuerySet, keys: Sequence[int]) -> Iterator[list[list[str]]]:
    """The cells of the records with some primary keys, in their order, some hundreds of rows at a time.

    `records` are those that may be shown: one that has left them in the meantime is left out.
    """
    records = resource.filter_export(records.order_by())
    resource.before_export(records)
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        found = {record.pk: record for record in resource.iter_queryset(records.filter(pk__in=part))}
        cells = (resource.export_resource(found[key]) for key in part if key in found)
        yield [[cell and guard(cell) for cell in row] for row in cells]  # most cells are blank


def written(headers: list[str], chunks: Iterator[list[list[str]]], asked: Asked) -> Iterator[str]:
    """A CSV file in pieces, the headers first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=asked.delimiter)
    text.write(BYTE_ORDER_MARK if asked.bom == "1" else "")
    writer.writerow(headers)
    yield text.getvalue()
    for chunk in chunks:
        text.seek(0)
        text.truncate()
        writer.writerows(chunk)
        yield text.getvalue()


class CsvView(View):
    """The records of a list as a CSV file.

    Declare `listing` (the list, whose parameters and order hold here too), `records` (those that may be shown, without
    what only pages need), `resource_class` (the layout) and `file_name`. Besides the list's parameters: ``delimiter``
    (``;`` for spreadsheets in French), ``bom`` (``1``: Excel reads UTF-8), ``lang`` (of messages). What is wrong is
    answered with 400 and the reasons in words, unknown parameters included: a file has no place for a warning.
    """

    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    listing: ClassVar[type[ListingView]]
    records: ClassVar[QuerySet]
    resource_class: ClassVar[Callable[..., StrictResource]]
    file_name: ClassVar[str]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = Asked(request)
        known = asked.language in dict(settings.LANGUAGES)
        with override(asked.language if known else settings.LANGUAGE_CODE):
            question = self.listing.filterset_class(asked.question, self.listing.queryset, request=request)
            if errors := [*asked.errors, *question.messages, *question.warnings]:
                return HttpResponse("\n".join(errors) + "\n", status=400, content_type="text/plain; charset=utf-8")
        keys = self.keys(question)
        resource = self.resource(keys)
        content = written(resource.known_columns, rows(resource, self.records, keys), asked)
        response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8; header=present")
        name = f"{self.file_name}-{timezone.localdate().isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Link"] = f'<{LICENCE}>; rel="license"'
        response["X-Robots-Tag"] = "noindex"
        return response

    def keys(self, question: ListingFilterSet) -> Sequence[int]:
        """The primary keys of all records of the list, in its order."""
        if not issubclass(self.listing, FacetedListingView):
            return list(question.qs.values_list("pk", flat=True))
        with self.listing.index.reading() as index:
            facets = self.listing.facets_class(question, index)
            return facets.page(0, len(facets.records))

    def resource(self, keys: Sequence[int]) -> StrictResource:
        """The layout, with the columns that the records need."""
        return self.resource_class()
