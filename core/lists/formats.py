"""File formats of lists: media types, limits, delimiters; licence and publisher named in every file."""

from dataclasses import dataclass

from django.utils.translation import get_language

CSV_DELIMITERS = (",", ";")

BYTE_ORDER_MARK = "\ufeff"
"""By which Excel knows UTF-8."""

LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"

LICENCE_NAME = "CC BY 4.0"

PUBLISHER = "CoopDir"


@dataclass(frozen=True)
class FileFormat:
    """A form of a file: its media type, and how many records it may have where it cannot be sent as it is written.

    A list of more than `at_once` is made by the background worker: so many take half a second of processor.
    """

    media_type: str
    most: int = 0
    at_once: int = 0
    is_table: bool = True
    lists_only: bool = False


FILE_FORMATS = {
    "csv": FileFormat("text/csv; charset=utf-8; header=present"),
    "xlsx": FileFormat("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 1_048_575, at_once=1_500),
    "ods": FileFormat("application/vnd.oasis.opendocument.spreadsheet", 1_048_575, at_once=4_000, lists_only=True),
    "json": FileFormat("application/json", is_table=False),
    "ndjson": FileFormat("application/x-ndjson", is_table=False, lists_only=True),
    "geojson": FileFormat("application/geo+json", is_table=False),
}
"""The forms of files by their suffix."""


def for_excel() -> dict[str, str]:
    """CSV parameters for Excel in the active language: delimiter and byte order mark."""
    return {"delimiter": ";", "bom": "1"} if get_language() == "fr" else {"bom": "1"}


class FormatConverter:
    """Path converter: the suffix of a file's format."""

    regex = "|".join(FILE_FORMATS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
