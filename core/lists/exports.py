"""Lists and records as files: the same address with another suffix, outside the languages, and the same question.

CSV, XLSX and ODS hold the columns of the import layout, so that a file that comes back unchanged changes nothing; JSON,
NDJSON and GeoJSON hold records as the API gives them, whole. A file is written while it is sent, some thousand records
at a time, by PostgreSQL: it costs the same memory whatever its length, and a slow reader holds no transaction open. A
long XLSX or ODS list takes a while: the background worker makes it (`export_jobs`), and whoever asked is told how far
it is.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.generic import View

from core.addresses import absolute, page_address, view_of
from core.etags import REVALIDATE, not_modified, weak_etag
from core.history import data_state
from core.imports.layouts import StrictResource
from core.languages import known_language

from .availability import availability, moved
from .export_jobs import FAILED, LATER, MAX_STALE_SECONDS, TOO_MANY, UNWRITTEN, ExportRequest, ExportState, ask
from .file_writers import Tell, csv_pieces, enclosed, fill_ods, fill_xlsx
from .filtersets import ListingFilterSet
from .form_fields import shortened
from .formats import BYTE_ORDER_MARK, CSV_DELIMITERS, FILE_FORMATS, LICENCE_NAME, LICENCE_URL, PUBLISHER, for_excel
from .json_records import RecordKind, Shape
from .problem_json import problem
from .views import FacetedListingView, ListingView

POLL_SECONDS = 5
"""Seconds after which to look again how far a file is that the worker makes."""
AFTER = {TOO_MANY: MAX_STALE_SECONDS, FAILED: LATER, UNWRITTEN: LATER}
"""Seconds after which to ask again for a file that is refused, by why it is."""
REFUSED = {
    TOO_MANY: gettext_lazy("Too many other files wait for the background worker. Ask again in a minute."),
    FAILED: gettext_lazy(
        "This file could not be made. The reason is in the site’s log, for its administrators."
        " Ask again in ten minutes."
    ),
    UNWRITTEN: gettext_lazy(
        "The file could not be written: the server has no room left for it, or may not write there. The site’s own "
        "checks tell its administrators. Ask again in ten minutes."
    ),
}
"""Messages for a refused file."""


class DownloadOptions:
    """Parameters of a download: those that are not its list's, and the `address` that the file names as its origin.
    `errors` are worded.

    ``wait`` is of the page that is shown until a file is made: ``1`` where it reloads itself, ``0`` where it does not.
    """

    names = ("lang", "bom", "delimiter", "wait")

    def __init__(self, parameters: QueryDict, address: str) -> None:
        self.address = address
        self.labels = parameters.get("lang", "")
        self.language = self.labels or settings.LANGUAGE_CODE
        self.delimiter = parameters.get("delimiter", ",")
        self.bom = parameters.get("bom", "0")
        self.wait = parameters.get("wait", "")
        self.question = parameters.copy()
        for name in self.names:
            self.question.pop(name, None)

    @property
    def spoken(self) -> str:
        """The language of messages."""
        return known_language(self.language)

    @property
    def errors(self) -> list[str]:
        known = {
            "lang": (self.language, dict(settings.LANGUAGES)),
            "delimiter": (self.delimiter, CSV_DELIMITERS),
            "bom": (self.bom, ("0", "1")),
            "wait": (self.wait or "1", ("0", "1")),
        }
        return [
            _("%(parameter)s: “%(value)s” is not known. Use one of: %(known)s")
            % {"parameter": name, "value": shortened(value), "known": "  ".join(values)}
            for name, (value, values) in known.items()
            if value not in values
        ]


class DataFile(View):
    """Base of lists and records as files.

    Declare `kind` (the records as JSON) and `resource_class` (the layout of tables). ``lang`` is the language of
    messages, and in JSON adds the names of codes; ``delimiter`` (``;`` for spreadsheets in French) and ``bom`` (``1``:
    Excel reads UTF-8) are for CSV. What is wrong is answered with 400 and the reasons in words, unknown parameters
    included: a file has no place for a warning.
    """

    http_method_names = ["get", "head", "options"]
    kind: ClassVar[RecordKind]
    resource_class: ClassVar[Callable[..., StrictResource]]

    def get(self, request: HttpRequest, *args: object, form: str, **kwargs: object) -> HttpResponseBase:
        if form == "geojson" and not self.kind.geometry:
            raise Http404(_("These records have no place on a map."))
        self.form = form
        self.asked = DownloadOptions(request.GET, absolute(request.get_full_path()))
        mark, version = data_state(self.asked.address, timezone.localdate())
        self.version, etag = version.isoformat(), weak_etag(mark)
        if (unchanged := not_modified(request, etag)) is not None:
            return unchanged
        with override(self.asked.spoken):
            response = self.answer(request, **kwargs)
        if response.status_code == 200:
            response.headers.setdefault("ETag", etag)
            response.headers.setdefault("Data-Version", self.version)
            response.headers.setdefault("Cache-Control", REVALIDATE)
            response["Link"] = ", ".join([f'<{LICENCE_URL}>; rel="license"', *self.others(request)])
            response["X-Robots-Tag"] = "noindex"
        return response

    def answer(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        """The file, or why there is none."""
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """Metadata of the file: licence, time of making, version of the data, address."""
        return {
            "licence": {"name": LICENCE_NAME, "url": LICENCE_URL, "attribution": PUBLISHER},
            "made": timezone.now().isoformat(),
            "version": self.version,
            "address": self.asked.address,
        }

    def refused(self, errors: Sequence[str], status: int = 400) -> HttpResponse:
        """Error response with the reasons in words, in the format of the file: a problem document or plain text."""
        if not FILE_FORMATS[self.form].is_table:
            return problem(status, errors=errors)
        return HttpResponse("\n".join(errors) + "\n", status=status, content_type="text/plain; charset=utf-8")

    def others(self, request: HttpRequest) -> Iterator[str]:
        """The other forms of the same, for the header ``Link``."""
        stem, query = request.path.removesuffix(self.form), request.META["QUERY_STRING"]
        for name, form in FILE_FORMATS.items():
            if name != self.form and name in self.forms():
                address = request.build_absolute_uri(f"{stem}{name}{'?' if query else ''}{query}")
                yield f'<{address}>; rel="alternate"; type="{form.media_type.partition(";")[0]}"'

    @classmethod
    def forms(cls) -> list[str]:
        """The forms that there are."""
        return [name for name in FILE_FORMATS if name != "geojson" or cls.kind.geometry]

    def resource(self, keys: Sequence[Any]) -> StrictResource:
        """The layout, with the columns that the records need."""
        return self.resource_class()

    def file(self, keys: Sequence[object], name: str) -> HttpResponseBase:
        """The records with some primary keys, in their order."""
        most = FILE_FORMATS[self.form].most
        if most and len(keys) > most:
            return self.refused([self._too_long(len(keys), most)])
        return self.sent(getattr(self, f"as_{self.form}")(keys), name)

    def sent(self, content: IO[bytes] | Iterator[bytes], name: str) -> HttpResponseBase:
        """A file under a name."""
        form = FILE_FORMATS[self.form]
        if hasattr(content, "read"):
            response: HttpResponseBase = FileResponse(content)
            response["Content-Encoding"] = "identity"  # packed already, and so its length is known
        else:
            response = StreamingHttpResponse(content)
        response["Content-Type"] = form.media_type
        place = "attachment" if form.is_table or self.form == "ndjson" else "inline"
        response["Content-Disposition"] = f'{place}; filename="{name}.{self.form}"'
        return response

    def _too_long(self, number: int, most: int) -> str:
        return _(
            "%(number)s records are too many for this kind of file, which holds %(most)s. Narrow the list, or take it "
            "as CSV, which has no such limit: %(address)s"
        ) % {
            "number": number,
            "most": most,
            "address": self.asked.address.replace(f".{self.form}", ".csv", 1),
        }

    # Tables

    def as_csv(self, keys: Sequence[Any]) -> Iterator[bytes]:
        begin = BYTE_ORDER_MARK if self.asked.bom == "1" else ""
        return csv_pieces(self.resource(keys), keys, self.asked.delimiter, begin)

    def as_xlsx(self, keys: Sequence[Any]) -> IO[bytes]:
        return self._whole(self.write_xlsx, keys)

    def as_ods(self, keys: Sequence[Any]) -> IO[bytes]:
        return self._whole(self.write_ods, keys)

    @staticmethod
    def _whole(write: Callable[..., None], keys: Sequence[Any]) -> IO[bytes]:
        """A file that cannot be sent before its end is written."""
        file = TemporaryFile()  # noqa: SIM115 (the answer closes it)
        write(file, keys)
        file.seek(0)
        return file

    def write_xlsx(
        self, file: IO[bytes] | str, keys: Sequence[Any], tell: Tell = lambda done: None, **more: object
    ) -> None:
        """Write an XLSX file; `more` are options of XlsxWriter."""
        fill_xlsx(file, self.resource(keys), keys, self.about(), tell, **more)

    def write_ods(
        self, file: IO[bytes] | str, keys: Sequence[Any], tell: Tell = lambda done: None, **more: object
    ) -> None:
        """Write an ODS file; the parameters are those of `write_xlsx`."""
        fill_ods(file, self.resource(keys), keys, self.about(), tell)

    # Records

    def shape(self, *, feature: bool = False) -> Shape:
        """Records whole, with labels where a language is named."""
        return Shape(settings.SITE_URL, expand=self.kind.expandable, language=self.asked.labels, feature=feature)

    def as_ndjson(self, keys: Sequence[object]) -> Iterator[bytes]:
        return self.kind.stream(keys, self.shape())

    def as_json(self, keys: Sequence[object]) -> Iterator[bytes]:
        head = self.about() | {"total": len(keys)}
        return enclosed(head, "records", self.kind.stream(keys, self.shape()))

    def as_geojson(self, keys: Sequence[object]) -> Iterator[bytes]:
        head = {"type": "FeatureCollection"} | self.about() | {"total": len(keys)}
        return enclosed(head, "features", self.kind.stream(keys, self.shape(feature=True)))


class ListFile(DataFile):
    """The records of a list as a file.

    Declare `listing` too (a list, whose parameters and order hold here too), or `filterset_class` and `rows` where
    there is none.
    """

    listing: ClassVar[type[ListingView] | None] = None
    filterset_class: ClassVar[type[ListingFilterSet]]
    rows: ClassVar[QuerySet[Model]]

    def answer(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        question = self.question()
        if errors := [*self.asked.errors, *question.messages, *question.warnings]:
            return self.refused(errors)
        keys = self.keys(question)
        name = f"coopdir-{self.kind.name}-{timezone.localdate().isoformat()}"
        form = FILE_FORMATS[self.form]
        if 0 < form.at_once < len(keys) <= form.most:
            return self.ordered(request, question, len(keys), name)
        return self.file(keys, name)

    def ordered(self, request: HttpRequest, question: ListingFilterSet, number: int, name: str) -> HttpResponseBase:
        """The file that the background worker makes, or how far it is."""
        query = question.querystring()
        address = absolute(f"{request.path}{'?' if query else ''}{query}")
        standing = ask(ExportRequest(f"{type(self).__module__}.{type(self).__qualname__}", address))
        is_page = request.get_preferred_type(["text/plain", "text/html"]) == "text/html"
        if standing.path and not (is_page and self.asked.wait):
            response = self.sent(standing.path.open("rb"), name)
            if standing.version:
                response["ETag"], response["Data-Version"] = weak_etag(standing.path.name), standing.version
        else:
            language = request.LANGUAGE_CODE if is_page and not self.asked.labels else self.asked.spoken
            with override(language):
                response = self.awaited(request, standing, number, is_page=is_page)
            response["Content-Language"] = language
            response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Accept"])
        return response

    def awaited(self, request: HttpRequest, standing: ExportState, number: int, *, is_page: bool) -> HttpResponse:
        """Progress of the file: a page for people, a line of text for programs."""
        status = 503 if standing.refused else 200 if standing.path else 202
        told = self.told(standing, number)
        if is_page:
            reloads = self.asked.wait != "0" and not standing.refused
            percent = 100 * standing.done // number if standing.done is not None and standing.done < number else None
            context: dict[str, Any] = {
                "kind": self.kind.title,
                "form": self.form.upper(),
                "number": number,
                "standing": standing,
                "told": told,
            }
            context |= {"percent": percent, "csv": self.again(request, "csv", **for_excel()), "reloads": reloads}
            response = render(request, "export_job.html", context, status=status)
            if reloads:
                ready = standing.path is not None
                to = self.again(request) if ready else self.again(request, wait="1")
                response["Refresh"] = f"{1 if ready else POLL_SECONDS}; url={to}"
        else:
            csv = request.build_absolute_uri(self.again(request, "csv"))
            content = f"{told} {_('The same as CSV comes at once:')} {csv}\n"
            response = HttpResponse(content, status=status, content_type="text/plain; charset=utf-8")
        if status != 200:
            response["Retry-After"] = str(AFTER.get(standing.refused, POLL_SECONDS))
        return response

    @staticmethod
    def told(standing: ExportState, number: int) -> str:
        """Progress of a file of so many records, in words."""
        if standing.refused:
            return str(REFUSED[standing.refused])
        if standing.done is None and standing.waited > MAX_STALE_SECONDS:
            return _("It has been waiting for a while: the background worker is busy, or is not running.")
        if standing.done is None:
            return _("It waits: the background worker has not taken it yet.")
        if standing.done < number:
            return _("%(done)s of %(number)s records are written.") % {
                "done": number_format(standing.done, force_grouping=True),
                "number": number_format(number, force_grouping=True),
            }
        return _("All records are written; the file is being packed.")

    def again(self, request: HttpRequest, form: str = "", **changes: str) -> str:
        """The address that was asked for: in another form, with other parameters; without ``wait`` unless it is one."""
        parameters = request.GET.copy()
        parameters.pop("wait", None)
        for name, value in changes.items():
            parameters[name] = value
        return f"{request.path.removesuffix(self.form)}{form or self.form}?{parameters.urlencode()}".rstrip("?")

    def write(self, path: Path, address: str, version: str, tell: Tell) -> None:
        """The work of the background worker: the file of an address; its own files aside lie beside it."""
        asked = urlsplit(address)
        self.asked, self.version = DownloadOptions(QueryDict(asked.query), address), version
        question = self.question()
        if question.messages:
            raise ValueError(question.messages)  # what it names is gone since
        write = getattr(self, f"write_{asked.path.rpartition('.')[2]}")
        write(str(path), self.keys(question), tell, tmpdir=str(path.parent))

    def question(self) -> ListingFilterSet:
        """The list that is asked for."""
        filterset = self.listing.filterset_class if self.listing else self.filterset_class
        records: QuerySet[Any] | None = self.listing.queryset if self.listing else self.rows
        if records is None:
            raise ValueError("The list names no records.")
        return filterset(self.asked.question, records.all())

    def keys(self, question: ListingFilterSet) -> Sequence[Any]:
        """The primary keys of all records of the list, in its order."""
        if self.listing is None or not issubclass(self.listing, FacetedListingView):
            return list(question.qs.values_list("pk", flat=True))
        with self.listing.index.reading() as index:
            facets = self.listing.facets_class(question, index)
            return facets.page(0, len(facets.records))


class RecordFile(DataFile):
    """One record as a file. Declare `queryset` too: all of them, whatever their publication.

    What was merged leads to the record that replaced it; what was withdrawn is answered with 410, what is not public
    with 404 for everybody.
    """

    queryset: ClassVar[QuerySet[Model]]

    @classmethod
    def forms(cls) -> list[str]:
        return [name for name in super().forms() if not FILE_FORMATS[name].lists_only]

    def answer(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if self.form not in self.forms():
            raise Http404
        unknown = [name for name in self.asked.question if name not in DownloadOptions.names]
        if errors := [*self.asked.errors, *(unknown and [self._unknown(unknown)])]:
            return self.refused(errors)
        record, status = availability(self.record(**kwargs))
        if status == 404:
            raise Http404
        if status == 410:
            return self.refused([_("This record was withdrawn.")], 410)
        if status == 301:
            path = reverse(view_of(request), kwargs={"address": page_address(record), "form": self.form})
            return moved(request, path)
        return self.file([record.pk], f"coopdir-{getattr(record, self.kind.key)}")

    @staticmethod
    def _unknown(names: list[str]) -> str:
        listed = "”, “".join(shortened(name) for name in names[:5])
        return _("The parameters “%(unknown)s” are unknown here. Known are: %(known)s.") % {
            "unknown": listed,
            "known": ", ".join(DownloadOptions.names),
        }

    def record(self, **kwargs: Any) -> Model:
        """The record that the address names, whatever follows its reference."""
        reference = kwargs["address"].partition("-")[0].upper()
        return self._found(reference=reference)

    def _found(self, **condition: str) -> Model:
        (value,) = condition.values()
        found = self.queryset.filter(**condition).first()
        if found is None:
            raise Http404(_("There is no record with the reference %(reference)s.") % {"reference": shortened(value)})
        return found


class CodedFile(RecordFile):
    """A record that has an international code for its address."""

    def record(self, **kwargs: Any) -> Model:
        return self._found(pk=kwargs["code"].upper())
