"""From a file's bytes to headers and rows, with the line each row begins on."""

import codecs
import csv
import datetime
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import IO, Any, BinaryIO
from xml.parsers.expat import ParserCreate

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from .widgets import tidy

DELIMITERS = {"comma": ",", "semicolon": ";", "bar": "|", "tab": "\t"}
"""Delimiters by the names the command line takes; the characters themselves are taken too. In the order in which texts
have them, the most frequent first."""

ODS_ROWS = 20_000
"""Rows of an OpenDocument sheet that are read: its reader holds the whole document in memory."""

MOST_COLUMNS = 1300
"""Columns that a file may have: a record of 99 members, with a dozen columns each, has some 1,200."""

ODS_CELLS = 2_000_000
"""Cells of an OpenDocument sheet that are read. A few bytes can say that a cell or a row comes a million times."""

ODS_BYTES = SHARED_BYTES = 200_000_000
"""Size, unpacked, of the content of an OpenDocument file, and of the texts of an XLSX file: both are held in memory."""

_TOO_LONG = gettext_lazy("The file has more than %s rows: save it as CSV or XLSX, which can be longer.")

_DAMAGED = gettext_lazy(
    "The workbook cannot be read, it is damaged or incomplete: open it in its program and save it again."
)

_DOCUMENT = gettext_lazy("This is a text document, not a table: save the table in it as CSV.")

FOREIGN = (
    (
        rb"\xd0\xcf\x11\xe0|\t[\0\x02\x04\x08]",
        gettext_lazy("This is an old Excel file (.xls), or one with a password: save it as XLSX without a password."),
    ),
    (rb"%PDF", gettext_lazy("This is a PDF, not a table: ask for the data themselves, as CSV or as a workbook.")),
    (
        rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF",
        gettext_lazy("This is a picture, not a table: ask for the data themselves, as CSV or as a workbook."),
    ),
    (
        rb"\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ|7z\xbc\xaf|Rar!\x1a|\(\xb5/\xfd|PK\x05\x06",
        gettext_lazy("This is a compressed file: unpack it and bring the file inside."),
    ),
    (
        rb"SQLite format 3\0|PAR1\x15|\0\x01\0\0Standard (?:Jet|ACE) DB",
        gettext_lazy("This is a database, not a table: export the table that is meant as CSV."),
    ),
    (rb"\{\\rtf", _DOCUMENT),
    (
        rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\[{\"])",
        gettext_lazy("This is JSON, not a table: save the data as CSV or as a workbook."),
    ),
)
"""Files that are often taken for tables, by how they begin (a regular expression), and what is said of them."""

PART = 1 << 20
"""Bytes of a file that are looked at together."""

TELLS_DELIMITER = re.compile("[\"']?sep=(.)[\"']?\\s*", re.IGNORECASE)
"""A first line by which spreadsheets tell each other the delimiter."""

LOOKED_AT = 20
"""Lines below the headers that are looked at to find out how the file is written."""

TITLES, SEVERAL = 3, 3
"""Rows above the headers that may be a title, and cells that the headers below one have at least."""

START = 1024
"""Bytes by which a file is known for what it is."""

MOST_ROWS = 1_048_576
"""Rows that a sheet of an XLSX file can have."""

MOST_IN_A_CELL = 16 * PART
"""Bytes that no cell of an XLSX file takes, and that are not held in memory therefore."""

OTHER_DOCUMENTS = (
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.presentation",
    b"application/epub",
)
"""What ZIP files that are documents say of themselves."""

STRICT = b"http://purl.oclc.org/ooxml/"
"""What tells the stricter form of XLSX, which hardly any program reads."""

ROWS_OF = re.compile(r"xl/(worksheets|media|drawings)/")
"""The parts of an XLSX file that are not held in memory."""

NO_RESULT = re.compile(
    rb"""<c (?![^>]*t="str")[^>]*?r="([A-Z]+[0-9]+)"[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>"""
)
"""A cell with a formula and without a value, as XLSX files have it; one whose value is an empty text is told by its
type."""

MERGED = re.compile(rb"<mergeCell ref=\"([A-Z]+[0-9]+:[A-Z]+[0-9]+)\"")

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks that tell an encoding."""

LIKELY = ("cp1252", "mac_roman", "cp850")
"""Encodings of texts that are not Unicode, the most frequent first: Windows, old Macintosh, MS-DOS."""

NOT_ASCII = re.compile(rb"[\x80-\xff]")
UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
FRENCH_IN_UTF_8 = re.compile(rb"\xc3[\x80-\xbf]|\xc5[\x92\x93]|\xe2\x80[\x90-\xbf]")
"""Accented letters and punctuation in UTF-8, which hardly stand for something else in the other encodings."""

ACCENTED = re.compile(
    "[a-z][àâäáãåçéèêëíîïñóòôöõøúùûüœæß]|[àâäáãåçéèêëíîïñóòôöõøúùûüœæß][a-z]|\\b[ÉÈÀÂÇÊÎÔÖÜÄÅØÁÓÚÍÑŒ][A-Za-z]"
)
SIGN_IN_WORD = re.compile("[A-Za-z][^\\w\\s!-/:-@\\[-`{-~’‘–][A-Za-z]")
"""What tells the encodings apart: "Besançon" is a word, "Besan‡on" is none."""

BLANK = " \t\r\n\ufeff"

csv.field_size_limit(10_000_000)


class Unreadable(Exception):
    """The file cannot be read as a table; the message says where and why, for the person who brought it."""


@dataclass(slots=True)
class Sheet:
    """A file's headers and its rows: pairs of the line that the row begins on and its cells, blank rows left out.

    `delimiter` stands between the cells of a text file.
    """

    headers: list[str]
    rows: Iterable[tuple[int, list[str]]] = field(default_factory=list)
    delimiter: str = ""


def read(content: bytes, **options: Any) -> Sheet:
    """Read the bytes of a file at once: what `stream` gives, with the rows in a list."""
    table = stream(io.BytesIO(content), **options)
    return Sheet(table.headers, list(table.rows))


def stream_as(file: BinaryIO, options: Mapping[str, Any]) -> Sheet:
    """What `stream` gives, by the options of a batch; where `no_header` is set, the columns are numbered instead."""
    told = {name: options.get(name, "") for name in ("delimiter", "encoding", "sheet")}
    return stream(file, no_header=bool(options.get("no_header")), **told)


def stream(
    file: BinaryIO, *, delimiter: str = "", encoding: str = "", sheet: str = "", no_header: bool = False
) -> Sheet:
    """Read a CSV (any of `DELIMITERS`, any common encoding), XLSX or ODS file; the rows come one after the other.

    What is not told is detected; `sheet` names the sheet of a workbook, the first one if empty; with `no_header`, the
    columns are numbered. Raises `Unreadable`, for a fault further down only when its row is reached.
    """
    start = file.read(START)
    file.seek(0)
    for beginning, message in FOREIGN:
        if re.match(beginning, start):
            raise Unreadable(str(message))
    if start.startswith(b"PK\x03\x04"):
        return _rows_below_headers(
            _workbook_rows(file, sheet), _("The first sheet of the file is empty."), no_header=no_header
        )
    encoding = encoding_of(file, encoding)
    file.seek(0)
    lines = _checked(_Decoded(file, encoding, newline=""))
    head: list[str] = []  # to the header line, and some lines below it
    for line in lines:
        head.append(line)
        if line.strip(BLANK):
            break
    else:
        raise Unreadable(_("The file is empty."))
    top = len(head) - 1
    if head[top].lstrip(BLANK).startswith("<"):
        raise Unreadable(_("This is a web page, not a table: open its address and save the data as CSV."))
    head += islice(lines, LOOKED_AT)
    delimiter = DELIMITERS.get(delimiter, delimiter)
    if told := TELLS_DELIMITER.fullmatch(head[top]):
        delimiter, head[top] = delimiter or told[1], "\n"
    delimiter = delimiter or detect_delimiter(head[top:])
    table = _rows_below_headers(
        _csv_rows(chain(head, lines), delimiter),
        _("The file has no headers: its cells are all blank."),
        no_header=no_header,
    )
    table.delimiter = delimiter
    return table


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
            return list(_states(_ods(file) if _is_ods(file) else _xlsx(file)))
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
    if wide := _wide(file.read(START)):
        _try(file, wide)
        return wide
    try:
        _decode(file, "utf-8-sig")
    except UnicodeDecodeError as error:
        file.seek(max(0, error.start - PART // 2))  # the part that is not UTF-8 tells
        sample = file.read(PART)
        stray, whole = len(NOT_ASCII.findall(UTF_8.sub(b"", sample))), len(UTF_8.findall(sample))
        if whole > stray or FRENCH_IN_UTF_8.search(sample):
            raise Unreadable(
                _(
                    "The file mixes encodings: other lines are in UTF-8, line %(line)s is not. Save it again as UTF-8,"
                    " or say in which encoding it is to be read."
                )
                % {"line": _line_of(file, error.start)}
            ) from None
        likely = max(LIKELY, key=partial(_natural, sample))
        _try(file, likely)
        return likely
    return "utf-8-sig"


def _wide(start: bytes) -> str:
    """The encoding of a text with two or four bytes a character: told by its mark, or by where its NULs stand."""
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    for encoding, width, place in (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1)):
        # Of most characters, all bytes but one are NUL.
        whole = start[: len(start) // width * width]
        filled = sum(map(bool, whole[place::width]))
        empty = sum(not any(whole[n + k] for k in range(width) if k != place) for n in range(0, len(whole), width))
        if filled > 0.9 * len(whole) // width and empty > 0.8 * filled:
            return encoding
    return ""


def _natural(sample: bytes, encoding: str) -> int:
    """How much a text looks like one in this encoding: by accented letters within words, less by signs there."""
    text = sample.decode(encoding, errors="replace")
    return len(ACCENTED.findall(text)) - len(SIGN_IN_WORD.findall(text))


def _line_of(file: BinaryIO, place: int) -> int:
    """The number of the line in which a byte stands."""
    file.seek(0)
    line = 1
    for part in iter(lambda: file.read(PART), b""):
        line += part[: max(0, place)].count(b"\n")
        place -= len(part)
        if place <= 0:
            break
    return line


def _try(file: BinaryIO, encoding: str) -> None:
    try:
        _decode(file, encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("Line %(line)s is not in the encoding %(encoding)s: choose another one, or save the file as UTF-8.")
            % {"line": _line_of(file, error.start), "encoding": encoding}
        ) from None
    except UnicodeError:
        raise Unreadable(
            _("The file is not in the encoding %s: choose another one, or save it as UTF-8.") % encoding
        ) from None
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
            raise Unreadable(
                _("Line %(line)s holds a NUL character, which no text has: save the file again as CSV in UTF-8.")
                % {"line": number}
            )
        yield line.lstrip("\ufeff") if number == 1 else line


def detect_delimiter(lines: list[str]) -> str:
    """The delimiter that cuts the lines of a table, headers first, into cells: as many in each, and the most.

    Between two that are equal, the one that stands less often in texts.
    """
    sample = [line[:100_000] for line in lines]

    def agreement(delimiter: str) -> tuple[int, float, int]:
        try:
            rows = [cells for cells in csv.reader(sample, delimiter=delimiter) if cells]
        except csv.Error:
            rows = []
        header, *below = map(len, rows or [[""]])
        if header == 1 and len(below) > 1 and min(below) == max(below) >= SEVERAL and all(map(str.strip, rows[1])):
            return 2, 1, below[0]  # a title stands above the headers
        same = sum(width == header for width in below) / len(below) if below else 1
        return (header > 1) * (3 if same > 0.5 else 1), same, header

    return max(reversed(DELIMITERS.values()), key=agreement)


def _rows_below_headers(rows: Iterator[tuple[int, list[str]]], nothing: str, *, no_header: bool) -> Sheet:
    """The sheet whose headers are the first of the rows that is not blank. Raises `Unreadable` with `nothing`.

    A title above them is passed over: a lone cell, where a row soon below has several. With `no_header`, all are rows.
    """
    if no_header:
        if (first := next(rows, None)) is None:
            raise Unreadable(nothing)
        numbers = range(1, len(first[1]) + 1)
        return _not_too_wide(Sheet([str(number) for number in numbers], chain([first], rows)))
    above: list[tuple[int, list[str]]] = []
    for line, cells in rows:
        filled = sum(bool(tidy(cell)) for cell in cells)
        if filled == 1 and len(above) < TITLES:
            above.append((line, cells))
            continue
        if above and filled < SEVERAL:
            rows = chain(above[1:], [(line, cells)], rows)
            cells = above[0][1]
        return _not_too_wide(Sheet(headers_of(cells), rows))
    if not above:
        raise Unreadable(nothing)
    return Sheet(headers_of(above[0][1]), above[1:])


def _not_too_wide(sheet: Sheet) -> Sheet:
    """The sheet. Raises `Unreadable` if it has more columns than anybody maps."""
    if len(sheet.headers) > MOST_COLUMNS:
        raise Unreadable(
            _(
                "The file has %(number)s columns, more than %(most)s: keep those that are needed, and check the"
                " delimiter."
            )
            % {"number": len(sheet.headers), "most": MOST_COLUMNS}
        )
    return sheet


def _csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise Unreadable(
            _("“%(value)s” is no delimiter: use one of %(names)s, or one character.")
            % {"value": delimiter, "names": ", ".join(DELIMITERS)}
        )

    reader = csv.reader(lines, delimiter=delimiter, strict=True)
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
    """The rows of a sheet of a workbook that are not blank; the first sheet that is shown, if none is named."""
    try:
        ods = _is_ods(file)
        workbook = _ods(file) if ods else _xlsx(file)
        states = _states(workbook)
        if sheet and sheet not in states:
            raise Unreadable(_no_sheet(sheet, list(states)))
        sheet = sheet or next((name for name, shown in states.items() if shown), next(iter(states)))
        if ods:
            worksheet = workbook.get_sheet_by_name(sheet)
            # Blank rows at the top are counted, so that a row has the number that the program shows.
            rows: Iterable[Iterable[object]] = worksheet.to_python(skip_empty_area=False)
            if len(rows) > ODS_ROWS + 1:
                raise Unreadable(_TOO_LONG % ODS_ROWS)
            merged = _Merged(_extent_of(file).merged[sheet])
        else:
            worksheet = workbook[sheet]
            worksheet.reset_dimensions()  # some programs write a size that is not the sheet's
            rows = worksheet.iter_rows(values_only=True)
            merged = _Merged(_merged_in(file, worksheet._worksheet_path))
        for line, values in enumerate(rows, start=1):
            if line > MOST_ROWS:
                raise Unreadable(str(_DAMAGED))
            cells = ["" if value is None else cell_text(value) for value in values]
            if any(tidy(cell) for cell in cells):
                yield line, merged.filled(line, cells)
    except Unreadable:
        raise
    except Exception as error:  # the readers raise whatever the broken part made them stumble on
        raise Unreadable(str(_DAMAGED)) from error


def _states(workbook: Workbook | CalamineWorkbook) -> dict[str, bool]:
    """The names of the sheets of a workbook, and whether they are shown."""
    if isinstance(workbook, Workbook):
        return {worksheet.title: worksheet.sheet_state == "visible" for worksheet in workbook.worksheets}
    return {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata}


def _merged_in(file: BinaryIO, path: str) -> list[tuple[int, int, int]]:
    """The cells of a sheet of an XLSX file that are merged with those below: column, first and last row.

    Raises `Unreadable` for a formula whose result nobody has worked out: it would be read as a blank cell.
    """
    merged = []
    with zipfile.ZipFile(file) as archive, archive.open(path) as source:
        text = b""
        for part in chain(iter(partial(source.read, PART), b""), [b""]):
            text += part
            whole = (text.rfind(b"</c>") + 4 if b"</c>" in part else text.rfind(b">") + 1) if part else len(text)
            if len(text) - whole > MOST_IN_A_CELL:
                raise Unreadable(str(_DAMAGED))
            if found := NO_RESULT.search(text, 0, whole):
                raise Unreadable(
                    _(
                        "The cell %s holds a formula without its result: open the file in its program and save it"
                        " again, or save it as CSV."
                    )
                    % found[1].decode()
                )
            for ref in MERGED.findall(text, 0, whole):
                column, first, _column, last = range_boundaries(ref.decode())
                if last > first:
                    merged.append((column, first, last))
            text = text[whole:]
    return merged


class _Merged:
    """Cells that are merged with those below: what stands in the first holds for the rows of all."""

    def __init__(self, merged: list[tuple[int, int, int]]) -> None:
        self._beginning: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for column, first, last in merged:
            self._beginning[first].append((column, last))
        self._going_on: dict[int, tuple[int, str]] = {}

    def filled(self, line: int, cells: list[str]) -> list[str]:
        """The cells of the next row with what holds for it."""
        for column, (last, text) in self._going_on.items():
            if line <= last:
                cells += [""] * (column - len(cells))
                cells[column - 1] = cells[column - 1] or text
        for column, last in self._beginning.pop(line, ()):
            if column <= len(cells):
                self._going_on[column] = (last, cells[column - 1])
        return cells


def _no_sheet(sheet: str, names: list[str]) -> str:
    return _("There is no sheet “%(sheet)s” in the file. Its sheets are: %(names)s.") % {
        "sheet": sheet,
        "names": ", ".join(names),
    }


def _is_ods(file: BinaryIO) -> bool:
    """Whether a ZIP file says of itself that it is an OpenDocument sheet. Raises `Unreadable` for other documents."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype") if "mimetype" in names else b""
            book = archive.open("xl/workbook.xml").read(START) if "xl/workbook.xml" in names else b""
    except zipfile.BadZipFile:
        return False
    finally:
        file.seek(0)
    if names & {"word/document.xml", "ppt/presentation.xml"} or kind.startswith(OTHER_DOCUMENTS):
        raise Unreadable(str(_DOCUMENT))
    if names & {"xl/workbook.bin", "Index/Document.iwa"} or STRICT in book:
        raise Unreadable(_("This kind of workbook cannot be read: save it as XLSX, ODS or CSV."))
    return kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet")


def _ods(file: BinaryIO) -> CalamineWorkbook:
    """An OpenDocument file, which its reader holds in memory as a whole. Raises `Unreadable` for one too large."""
    with zipfile.ZipFile(file) as archive:
        if archive.getinfo("content.xml").file_size > ODS_BYTES:
            raise Unreadable(_TOO_LONG % ODS_ROWS)
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unreadable(_("The workbook has a password: save it without one."))
    _extent_of(file)
    file.seek(0)
    return CalamineWorkbook.from_filelike(file)


def _extent_of(file: BinaryIO) -> "_Extent":
    """How far the sheets of an OpenDocument file reach. Raises `Unreadable` if one has more rows or cells than are
    read."""
    extent = _Extent()
    with zipfile.ZipFile(file) as archive, archive.open("content.xml") as content:
        extent.check(content)
    return extent


class _Extent:
    """How far the filled cells of OpenDocument sheets reach, found out without unpacking what is repeated.

    `merged` has of each sheet the cells that are merged with those below: column, first and last row.
    """

    def __init__(self) -> None:
        self.merged: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self._sheet = ""
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
                self._sheet = attributes.get("table:name", "")
            case "table:table-row":
                self._row, self._column, self._last = int(attributes.get("table:number-rows-repeated", 1)), 0, 0
            case "table:table-cell" | "table:covered-table-cell":
                self._cell = int(attributes.get("table:number-columns-repeated", 1))
                if "office:value-type" in attributes:
                    self._last = self._column + self._cell
                if (spanned := int(attributes.get("table:number-rows-spanned", 1))) > 1:
                    first = self._rows + 1
                    self.merged[self._sheet].append((self._column + 1, first, first + spanned - 1))
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
        # Only the cells of sheets are read one after the other.
        if any(entry.file_size > SHARED_BYTES for entry in archive.infolist() if not ROWS_OF.match(entry.filename)):
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
