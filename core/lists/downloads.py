"""“Download this data”: the forms in which a page can be had as a file, and the call of the API that gives the same."""

from dataclasses import dataclass
from typing import Any

from django.urls import resolve, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .form_fields import StrOrPromise
from .formats import FILE_FORMATS

_FORMAT_LABELS: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "csv": (_("CSV"), _("commas, UTF-8: the layout that imports read")),
    "excel": (_("CSV for Excel"), _("semicolons, as French spreadsheets expect them")),
    "xlsx": (_("Excel"), _("XLSX, the same columns")),
    "long-xlsx": (_("Excel"), _("XLSX, the same columns; so long a list takes a while to make")),
    "ods": (_("OpenDocument"), _("ODS, the same columns")),
    "long-ods": (_("OpenDocument"), _("ODS, the same columns; so long a list takes a while to make")),
    "json": (_("JSON"), _("whole records, as the API gives them")),
    "ndjson": (_("JSON lines"), _("NDJSON: a record a line")),
    "geojson": (_("GeoJSON"), _("for maps: QGIS and others open it")),
}
"""Names of the formats, and whom they are for."""


@dataclass(frozen=True)
class Download:
    """A form of a file: what it is called, for whom it is, where it is found."""

    name: str
    label: StrOrPromise
    hint: StrOrPromise
    address: str
    media_type: str


def forms_of(name: str, arguments: dict[str, Any]) -> list[str]:
    """The forms that the view behind an address has."""
    view: Any = resolve(reverse(name, kwargs=arguments | {"form": "csv"})).func
    forms: list[str] = view.view_class.forms()
    return forms


def downloads_of(name: str, query: str = "", *, most: int | None = None, **arguments: object) -> list[Download]:
    """The forms of the file behind the name of an address; `query` is the question, `most` how many records it has."""
    found = []
    for form in forms_of(name, arguments):
        if most is not None and FILE_FORMATS[form].most and most > FILE_FORMATS[form].most:
            continue
        address = reverse(name, kwargs=arguments | {"form": form})
        media_type = FILE_FORMATS[form].media_type.partition(";")[0]
        is_long = 0 < FILE_FORMATS[form].at_once < (most or 0)
        # There will be a page until it is made, in the language of this one.
        asked = "&".join(filter(None, [query, f"lang={get_language()}" if is_long else ""]))
        words = _FORMAT_LABELS[f"long-{form}" if is_long else form]
        found.append(Download(form, *words, f"{address}?{asked}" if asked else address, media_type))
        if form == "csv":
            french = "&".join(filter(None, [query, "delimiter=%3B", "bom=1"]))
            found.append(Download("excel", *_FORMAT_LABELS["excel"], f"{address}?{french}", media_type))
    return found
