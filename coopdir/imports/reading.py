"""From a file's bytes to headers and rows, with the line each row begins on."""

import codecs
import csv
import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, Any, BinaryIO
from xml.parsers.expat import ParserCreate

import charset_normalizer
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from .widgets import tidy

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
"""Delimiters by the names the command line takes; the characters themselves are taken too."""

ODS_ROWS = 20_000
"""Rows of an OpenDocument sheet that are read: its reader holds the whole document in memory."""

ODS_CELLS = 2_000_000
"""Cells of an OpenDocument sheet that are read. A few bytes can say that a cell or a row comes a million times."""

ODS_BYTES = SHARED_BYTES = 200_000_000
"""Size, unpacked, of the content of an OpenDocument file, and of the texts of an XLSX file: both are held in memory."""

_TOO_LONG = gettext_lazy("The file has more than %s rows: save it as CSV or XLSX, which can be longer.")

_DAMAGED = gettext_lazy(
    "The workbook cannot be read, it is damaged or incomplete: open it in its program and save it again."
)

FOREIGN = {
    b"\xd0\xcf\x11\xe0": gettext_lazy(
        "This is an old Excel file (.xls), or one with a password: save it as XLSX without a password."
    ),
    b"%PDF": gettext_lazy("This is a PDF, not a table: ask for the data themselves, as CSV or as a workbook."),
    b"\x1f\x8b": gettext_lazy("This is a compressed file: unpack it and bring the file inside."),
}
"""Files that are often taken for tables, by how they begin."""

PART = 1 << 20
"""Bytes of a file that are looked at together."""

BLANK = " \t\r\n\ufeff"

csv.field_size_limit(10_000_000)


class Unreadable(Exception):
    """The file cannot be read as a table; the message says where and why, for the person who brought it."""


@dataclass(slots=True)
class Sheet:
    """A file's headers and its rows: pairs of the line that the row begins on and its cells, blank rows left out."""

    headers: list[str]
    rows: Iterable[tuple[int, list[str]]] = field(default_factory=list)


def read(content: bytes, **options: Any) -> Sheet:
    """Read the bytes of a file at once: what `stream` gives, with the rows in a list."""
    table = stream(io.BytesIO(content), **options)
    return Sheet(table.headers, list(table.rows))


def stream_as(file: BinaryIO, options: Mapping[str, Any]) -> Sheet:
    """What `stream` gives, by the options of a batch; where `no_header` is set, the columns are numbered instead."""
    sheet = stream(file, **{name: options.get(name, "") for name in ("delimiter", "encoding", "sheet")})
    if not options.get("no_header"):
        return sheet
    return Sheet([str(number) for number in range(1, len(sheet.headers) + 1)], chain([(1, sheet.headers)], sheet.rows))


def stream(file: BinaryIO, *, delimiter: str = "", encoding: str = "", sheet: str = "") -> Sheet:
    """Read a CSV (any of `DELIMITERS`, any common encoding), XLSX or ODS file; the rows come one after the other.

    What is not told is detected; `sheet` names the sheet of a workbook, the first one if empty. Raises `Unreadable`,
    for a fault further down only when its row is reached.
    """
    start = file.read(4)
    file.seek(0)
    for beginning, message in FOREIGN.items():
        if start.startswith(beginning):
            raise Unreadable(str(message))
    if start == b"PK\x03\x04":
        return _rows_below_headers(_workbook_rows(file, sheet), _("The first sheet of the file is empty."))
    encoding = encoding_of(file, encoding)
    file.seek(0)
    lines = _checked(_Decoded(file, encoding, newline=""))
    head: list[str] = []  # to the header line, and what belongs to it if it holds line breaks
    for line in lines:
        head.append(line)
        if line.strip(BLANK):
            break
    else:
        raise Unreadable(_("The file is empty."))
    if head[-1].lstrip(BLANK).startswith("<"):
        raise Unreadable(_("This is a web page, not a table: open its address and save the data as CSV."))
    delimiter = DELIMITERS.get(delimiter, delimiter) or detect_delimiter(head[-1])
    return _rows_below_headers(
        _csv_rows(head, lines, delimiter), _("The file has no headers: its cells are all blank.")
    )


class _Decoded(io.TextIOWrapper):
    """A file as text; it leaves the file open when it is no longer needed."""

    def close(self) -> None:
        with suppress(ValueError):  # detached before
            self.detach()


def sheets(file: BinaryIO) -> list[str]:
    """The names of the sheets of a workbook; none of a file that is no workbook."""
    try:
        if zipfile.is_zipfile(file):
            file.seek(0)
            if _is_ods(file):
                return _ods(file).sheet_names
            return [worksheet.title for worksheet in _xlsx(file).worksheets]
    except Exception:  # the readers raise whatever a broken part made them stumble on; reading it will say so
        return []
    finally:
        file.seek(0)
    return []


def headers_of(cells: list[str]) -> list[str]:
    """The headers in a row of cells; blank ones at the end are only the trailing delimiters of the file."""
    headers = [tidy(cell) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    return headers


def encoding_of(file: BinaryIO, told: str = "") -> str:
    """The encoding of a text file: the one told, that of its byte order mark, UTF-8, or the most likely other one.

    The whole file is tried, so that no row further down can surprise. Raises `Unreadable`.
    """
    if told:
        _try(file, told)
        return told
    file.seek(0)
    start = file.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        _try(file, "utf-16")
        return "utf-16"
    try:
        _decode(file, "utf-8-sig")
    except UnicodeDecodeError as error:
        file.seek(max(0, error.start - PART // 2))  # the part that is not UTF-8 tells
        sample = file.read(PART)
        guess = charset_normalizer.from_bytes(sample, cp_isolation=["cp1252", "latin_1", "mac_roman"]).best()
        likely = guess.encoding if guess else "cp1252"
        _try(file, likely)
        return likely
    return "utf-8-sig"


def _try(file: BinaryIO, encoding: str) -> None:
    try:
        _decode(file, encoding)
    except UnicodeDecodeError as error:
        file.seek(0)
        line = 1
        for part in iter(lambda: file.read(PART), b""):
            line += part[: max(0, error.start)].count(b"\n")
            error.start -= len(part)
            if error.start <= 0:
                break
        raise Unreadable(
            _("Line %(line)s is not in the encoding %(encoding)s.") % {"line": line, "encoding": encoding}
        ) from None
    except UnicodeError:
        raise Unreadable(_("The file is not in the encoding %s.") % encoding) from None
    except (LookupError, ValueError, TypeError):
        raise Unreadable(_("There is no encoding named “%s”.") % encoding) from None


def _decode(file: BinaryIO, encoding: str) -> None:
    """Decode the whole file, part by part. An error's `start` is its place in the file."""
    if not codecs.lookup(encoding)._is_text_encoding:
        raise LookupError(encoding)
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    place = 0
    while True:
        part = file.read(PART)
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(part, final=not part).encode()  # some encodings let halves of characters through
        except UnicodeDecodeError as error:
            error.start += place - held
            raise
        if not part:
            return
        place += len(part)


def _checked(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a text without the byte order marks at its start; no line holds a NUL."""
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise Unreadable(_("Line %(line)s holds a NUL character: this is no text file.") % {"line": number})
        yield line.lstrip("\ufeff") if number == 1 else line


def detect_delimiter(line: str) -> str:
    """The delimiter that cuts the header line into the most cells."""
    header = line.strip("\r\n")[:100_000]
    return max(DELIMITERS.values(), key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))


def _rows_below_headers(rows: Iterator[tuple[int, list[str]]], nothing: str) -> Sheet:
    """The sheet whose headers are the first of the rows that is not blank. Raises `Unreadable` with `nothing`."""
    for _line, cells in rows:
        headers = headers_of(cells)
        return Sheet(headers, rows)
    raise Unreadable(nothing)


def _csv_rows(head: list[str], lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise Unreadable(
            _("“%(value)s” is no delimiter: use one of %(names)s, or one character.")
            % {"value": delimiter, "names": ", ".join(DELIMITERS)}
        )

    def all_lines() -> Iterator[str]:
        yield from head
        yield from lines

    reader = csv.reader(all_lines(), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(tidy(cell) for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise Unreadable(
            _(
                "The row that begins on line %(line)s cannot be read: a quotation mark that opens a cell is not closed"
                " at its end. One that is part of a text is written twice."
            )
            % {"line": line}
        ) from None


def _workbook_rows(file: BinaryIO, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet of a workbook that are not blank."""
    try:
        ods = _is_ods(file)
        workbook = _ods(file) if ods else _xlsx(file)
        names = workbook.sheet_names if ods else [worksheet.title for worksheet in workbook.worksheets]
        if sheet and sheet not in names:
            raise Unreadable(_no_sheet(sheet, names))
        sheet = sheet or names[0]
        if ods:
            worksheet = workbook.get_sheet_by_name(sheet)
            # Blank rows at the top are counted, so that a row has the number that the program shows.
            rows: Iterable[Iterable[object]] = worksheet.to_python(skip_empty_area=False)
            if len(rows) > ODS_ROWS + 1:
                raise Unreadable(_TOO_LONG % ODS_ROWS)
        else:
            worksheet = workbook[sheet]
            worksheet.reset_dimensions()  # some programs write a size that is not the sheet's
            rows = worksheet.iter_rows(values_only=True)
        for line, values in enumerate(rows, start=1):
            cells = ["" if value is None else cell_text(value) for value in values]
            if any(tidy(cell) for cell in cells):
                yield line, cells
    except Unreadable:
        raise
    except Exception as error:  # the readers raise whatever the broken part made them stumble on
        raise Unreadable(str(_DAMAGED)) from error


def _no_sheet(sheet: str, names: list[str]) -> str:
    return _("There is no sheet “%(sheet)s” in the file. Its sheets are: %(names)s.") % {
        "sheet": sheet,
        "names": ", ".join(names),
    }


def _is_ods(file: BinaryIO) -> bool:
    """Whether a ZIP file says of itself that it is an OpenDocument sheet."""
    try:
        with zipfile.ZipFile(file) as archive:
            kind = archive.read("mimetype") if "mimetype" in archive.namelist() else b""
    except zipfile.BadZipFile:
        return False
    finally:
        file.seek(0)
    return kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet")


def _ods(file: BinaryIO) -> CalamineWorkbook:
    """An OpenDocument file, which its reader holds in memory as a whole. Raises `Unreadable` for one too large."""
    with zipfile.ZipFile(file) as archive:
        if archive.getinfo("content.xml").file_size > ODS_BYTES:
            raise Unreadable(_TOO_LONG % ODS_ROWS)
        with archive.open("content.xml") as content:
            _Extent().check(content)
    file.seek(0)
    return CalamineWorkbook.from_filelike(file)


class _Extent:
    """How far the filled cells of OpenDocument sheets reach, found out without unpacking what is repeated."""

    def __init__(self) -> None:
        self._rows = self._row = self._column = self._width = self._last = self._cell = 0

    def check(self, content: IO[bytes]) -> None:
        """Raise `Unreadable` if a sheet has more rows or cells than are read."""
        parser = ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.ParseFile(content)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "table:table":
                self._rows = self._width = 0
            case "table:table-row":
                self._row, self._column, self._last = int(attributes.get("table:number-rows-repeated", 1)), 0, 0
            case "table:table-cell" | "table:covered-table-cell":
                self._cell = int(attributes.get("table:number-columns-repeated", 1))
                if "office:value-type" in attributes:
                    self._last = self._column + self._cell
            case "text:p":
                self._last = self._column + self._cell

    def _end(self, name: str) -> None:
        match name:
            case "table:table-cell" | "table:covered-table-cell":
                self._column += self._cell
            case "table:table-row":
                self._rows += self._row
                if self._last:
                    self._width = max(self._width, self._last)
                    if self._rows > ODS_ROWS + 1 or self._rows * self._width > ODS_CELLS:
                        raise Unreadable(_TOO_LONG % ODS_ROWS)


def _xlsx(file: BinaryIO) -> Workbook:
    """An XLSX file, whose rows are read one after the other. Raises `Unreadable` for what is none, or too large."""
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" not in names:
            raise Unreadable(_("This is a ZIP archive, not a table: unpack it and bring the file inside."))
        if any(archive.getinfo(name).file_size > SHARED_BYTES for name in names if name.endswith("sharedStrings.xml")):
            raise Unreadable(_("The workbook holds too much text: save it as CSV."))
    file.seek(0)
    return load_workbook(file, read_only=True, data_only=True)


def cell_text(value: object) -> str:
    """A spreadsheet cell as text: whole numbers without decimals, days in ISO form, truth values as 1 and 0."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.date):  # a moment is one too
        return value.strftime("%Y-%m-%d")
    return str(value)
