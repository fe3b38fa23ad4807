"""From a file's bytes to headers and rows, with the line each row begins on."""

import csv
import io
from dataclasses import dataclass, field

import charset_normalizer
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from .widgets import tidy

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
"""Delimiters by the names the command line takes; the characters themselves are taken too."""

csv.field_size_limit(10_000_000)


class Unreadable(Exception):
    """The file cannot be read as a table; the message says where and why, for the person who brought it."""


@dataclass(slots=True)
class Sheet:
    """A file's headers and its rows: pairs of the line that the row begins on and its cells, blank rows left out."""

    headers: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read(content: bytes, *, delimiter: str = "", encoding: str = "") -> Sheet:
    """Read a CSV (any of `DELIMITERS`, any common encoding) or XLSX file.

    What is not told is detected. Raises `Unreadable`.
    """
    if not content.strip():
        raise Unreadable(_("The file is empty."))
    if content.startswith(b"PK\x03\x04"):
        return _read_xlsx(content)
    text = decode(content, encoding)
    if not text.strip():
        raise Unreadable(_("The file is empty."))
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(_("Line %(line)s holds a NUL character: this is no text file.") % {"line": line})
    if text.lstrip().startswith("<"):
        raise Unreadable(_("This is a web page, not a table: open its address and save the data as CSV."))
    return _read_csv(text, DELIMITERS.get(delimiter, delimiter) or detect_delimiter(text))


def headers_of(cells: list[str]) -> list[str]:
    """The headers in a row of cells; blank ones at the end are only the trailing delimiters of the file."""
    headers = [tidy(cell) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    return headers


def decode(content: bytes, encoding: str = "") -> str:
    """The file's text: by its byte order mark, as UTF-8, or in the most likely other encoding."""
    if encoding:
        try:
            text = content.decode(encoding).removeprefix("\ufeff")
            text.encode()  # some encodings let halves of characters through, which nothing can store
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise Unreadable(
                _("Line %(line)s is not in the encoding %(encoding)s.") % {"line": line, "encoding": encoding}
            ) from None
        except UnicodeError:
            raise Unreadable(_("The file is not in the encoding %s.") % encoding) from None
        except (LookupError, ValueError):
            raise Unreadable(_("There is no encoding named “%s”.") % encoding) from None
        return text
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode(content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        guess = charset_normalizer.from_bytes(content, cp_isolation=["cp1252", "latin_1", "mac_roman"]).best()
        return decode(content, guess.encoding if guess else "cp1252")


def detect_delimiter(text: str) -> str:
    """The delimiter that cuts the header line into the most cells."""
    header = text.lstrip()[:100_000].splitlines()[0]
    return max(DELIMITERS.values(), key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))


def _read_csv(text: str, delimiter: str) -> Sheet:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise Unreadable(
            _("“%(value)s” is no delimiter: use one of %(names)s, or one character.")
            % {"value": delimiter, "names": ", ".join(DELIMITERS)}
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    sheet = Sheet([])
    line = 1
    try:
        for cells in reader:
            if any(tidy(cell) for cell in cells):
                if sheet.headers:
                    sheet.rows.append((line, cells))
                else:
                    sheet.headers = headers_of(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            _("The row that begins on line %(line)s cannot be read: %(error)s. Check its quotation marks.")
            % {"line": line, "error": error}
        ) from None
    if not sheet.headers:
        raise Unreadable(_("The file has no headers: its cells are all blank."))
    return sheet


def _read_xlsx(content: bytes) -> Sheet:
    sheet = Sheet([])
    try:
        worksheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        worksheet.reset_dimensions()  # some programs write a size that is not the sheet's
        for line, values in enumerate(worksheet.iter_rows(values_only=True), start=1):
            cells = ["" if value is None else cell_text(value) for value in values]
            if not any(tidy(cell) for cell in cells):
                continue
            if sheet.headers:
                sheet.rows.append((line, cells))
            else:
                sheet.headers = headers_of(cells)
    except Exception as error:  # openpyxl raises whatever the broken part made it stumble on
        raise Unreadable(_("This is neither a CSV nor an XLSX file.")) from error
    if not sheet.headers:
        raise Unreadable(_("The first sheet of the file is empty."))
    return sheet


def cell_text(value: object) -> str:
    """A spreadsheet cell as text: whole numbers without decimals, days in ISO form, truth values as 1 and 0."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "date"):
        return value.date().isoformat()
    return str(value)
