"""Reader of workbooks: from the bytes of an XLSX or ODS file to the rows of one of its sheets, whatever the file says
of its own size."""

import datetime
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, NoReturn
from xml.parsers.expat import ParserCreate

from defusedxml.common import DefusedXmlException

from core.text import clean

from .limits import BLOCK_SIZE, DOCUMENT, Unreadable, gettext_noop, tidy

if TYPE_CHECKING:
    from openpyxl import Workbook
    from python_calamine import CalamineWorkbook

ODS_ROWS = 20_000
"""Rows of an OpenDocument sheet that are read: its reader holds the whole document in memory."""

ODS_CELLS = 2_000_000
"""Cells of an OpenDocument sheet that are read. A few bytes can say that a cell or a row comes a million times."""

ODS_BYTES = SHARED_BYTES = 200_000_000
"""Size, unpacked, of the content of an OpenDocument file, and of the texts of an XLSX file: both are held in memory."""

XLSX_MAX_ROWS = 1_048_576
"""Rows that a sheet of an XLSX file can have."""

MOST_IN_A_CELL = 16 * BLOCK_SIZE
"""Bytes that no cell of an XLSX file takes, and that are not held in memory therefore."""

PART_SNIFF_BYTES = 1024
"""Bytes of a part of a workbook by which it is known for what it is."""

OTHER_DOCUMENTS = (
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.presentation",
    b"application/epub",
)
"""Media types in ZIP files that are other documents."""

STRICT = b"http://purl.oclc.org/ooxml/"
"""Namespace of the stricter form of XLSX, which hardly any program reads."""

ROWS_OF = re.compile(r"xl/(worksheets|media|drawings)/")
"""The parts of an XLSX file that are not held in memory."""

FORMULA = re.compile(rb"<c ([^<>]*)>\s*<f(?:[^<>]*/>|[^<>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>")
"""A cell with a formula and without a value, as XLSX files have it, and its attributes. No part of the pattern goes on
beyond the next tag, so that it takes no longer than the text is long."""

_CELL_REFERENCE = re.compile(rb'(?:^|\s)r="([A-Z]{1,3}[0-9]{1,7})"')
_MERGED_CELLS = re.compile(rb'<mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"')

TOO_LONG = gettext_noop("The file has more than %s rows: save it as CSV or XLSX, which can be longer.")

DAMAGED = gettext_noop(
    "The workbook cannot be read, it is damaged or incomplete: open it in its program and save it again."
)

MIMETYPE = gettext_noop(
    "The entry “mimetype” of the workbook, which says what it is, is far longer than it can be: open the file in a"
    " spreadsheet program and save it anew, or save the table as CSV."
)

ENTITIES = gettext_noop(
    "The workbook declares XML entities or a document type (DOCTYPE), which are not accepted, since they may unfold"
    " without end: open it in a spreadsheet program and save it anew, or save the table as CSV."
)


def spreadsheet_rows(file: IO[bytes], sheet: str, names: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet of a workbook that are not blank; the first sheet that is shown, if none is named.

    The names of all sheets are added to `names`.
    """
    try:
        ods, xlsx = (_ods(file), None) if _is_ods(file) else (None, _xlsx(file))
        states = _ods_states(ods) if ods else _xlsx_states(xlsx) if xlsx else {}
        names += states
        if sheet and sheet not in states:
            raise Unreadable(
                gettext_noop("There is no sheet “%(sheet)s” in the file. Its sheets are: %(names)s."),
                sheet=sheet,
                names=", ".join(states),
            )
        sheet = sheet or next((name for name, shown in states.items() if shown), next(iter(states)))
        rows: Iterable[Iterable[object]] = ()
        merged = _Merged([])
        if ods:
            # Blank rows at the top are counted, so that a row has the number that the program shows.
            read = ods.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            if len(read) > ODS_ROWS + 1:
                raise Unreadable(TOO_LONG, ODS_ROWS)
            rows, merged = read, _Merged(_extent_of(file).merged[sheet])
        elif xlsx:
            worksheet: Any = xlsx[sheet]
            worksheet.reset_dimensions()  # some programs write a size that is not the sheet's
            rows = worksheet.iter_rows(values_only=True)
            merged = _Merged(_merged_in(file, worksheet._worksheet_path))
        for line, values in enumerate(rows, start=1):
            if line > XLSX_MAX_ROWS:
                raise Unreadable(DAMAGED)
            cells = ["" if value is None else cell_text(value) for value in values]
            if any(tidy(cell) for cell in cells):
                yield line, merged.filled(line, cells)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # the readers raise whatever the broken part made them stumble on
        raise Unreadable(ENTITIES if _forbidden(error) else DAMAGED) from error


def _forbidden(error: BaseException | None) -> bool:
    """True if the parser stopped at forbidden XML (DefusedXmlException), also as the cause of an error of openpyxl's
    own."""
    while error is not None and not isinstance(error, DefusedXmlException):
        error = error.__cause__ or error.__context__
    return error is not None


def cell_text(value: object) -> str:
    """A spreadsheet cell as text: whole numbers without decimals, days in ISO form, truth values as 1 and 0."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.date):  # a moment is one too
        return value.strftime("%Y-%m-%d")
    return clean(str(value))


def _xlsx_states(workbook: "Workbook") -> dict[str, bool]:
    """The names of the sheets of a workbook, and whether they are shown."""
    return {worksheet.title: worksheet.sheet_state == "visible" for worksheet in workbook.worksheets}


def _ods_states(workbook: "CalamineWorkbook") -> dict[str, bool]:
    """The same of the other kind of workbooks."""
    from python_calamine import SheetVisibleEnum

    return {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata}


class _Merged:
    """Merged cells of a sheet: the value of the first holds for the rows of all."""

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


# ZIP files


def _is_ods(file: IO[bytes]) -> bool:
    """True if a ZIP file declares itself an OpenDocument spreadsheet. Raises `Unreadable` for other documents."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            kind = _start_of(archive, "mimetype") if "mimetype" in names else b""
            if {"mimetype", "content.xml"} <= names and archive.getinfo("mimetype").file_size > PART_SNIFF_BYTES:
                raise Unreadable(MIMETYPE)
            book = _start_of(archive, "xl/workbook.xml") if "xl/workbook.xml" in names else b""
    except zipfile.BadZipFile:
        return False
    finally:
        file.seek(0)
    if names & {"word/document.xml", "ppt/presentation.xml"} or kind.startswith(OTHER_DOCUMENTS):
        raise Unreadable(DOCUMENT)
    if names & {"xl/workbook.bin", "Index/Document.iwa"} or STRICT in book:
        raise Unreadable(gettext_noop("This kind of workbook cannot be read: save it as XLSX, ODS or CSV."))
    return kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet")


def _start_of(archive: zipfile.ZipFile, name: str, size: int = PART_SNIFF_BYTES) -> bytes:
    """The first bytes of a part, however large it says that it is."""
    with archive.open(name) as part:
        return part.read(size)


# OpenDocument


def _ods(file: IO[bytes]) -> "CalamineWorkbook":
    """An OpenDocument file, which its reader holds in memory as a whole. Raises `Unreadable` for one too large."""
    from python_calamine import CalamineWorkbook

    with zipfile.ZipFile(file) as archive:
        if any(archive.getinfo(name).file_size > ODS_BYTES for name in ("content.xml", "META-INF/manifest.xml")):
            raise Unreadable(TOO_LONG, ODS_ROWS)
        if b"encryption-data" in _start_of(archive, "META-INF/manifest.xml", BLOCK_SIZE):
            raise Unreadable(gettext_noop("The workbook has a password: save it without one."))
    _extent_of(file)
    file.seek(0)
    return CalamineWorkbook.from_filelike(file)


def _extent_of(file: IO[bytes]) -> "_Extent":
    """Extent of the sheets of an OpenDocument file. Raises `Unreadable` if one has more rows or cells than are read."""
    extent = _Extent()
    with zipfile.ZipFile(file) as archive, archive.open("content.xml") as content:
        extent.check(content)
    return extent


class _Extent:
    """Extent of the filled cells of OpenDocument sheets, found without unpacking what is repeated.

    `merged` has of each sheet the cells that are merged with those below: column, first and last row.
    """

    def __init__(self) -> None:
        self.merged: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self._sheet = ""
        self._rows = self._row = self._column = self._width = self._last = self._cell = 0

    def check(self, content: IO[bytes]) -> None:
        """Raise `Unreadable` if a sheet has more rows or cells than are read, or the file declares entities."""
        parser = ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._forbid
        parser.ParseFile(content)

    def _forbid(self, *_declared: object) -> NoReturn:
        """Refuse declarations: no OpenDocument file has any, and an entity may expand without end."""
        raise Unreadable(ENTITIES)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "table:table":
                self._rows = self._width = 0
                self._sheet = attributes.get("table:name", "")
            case "table:table-row":
                self._row, self._column, self._last = _times(attributes, "table:number-rows-repeated"), 0, 0
            case "table:table-cell" | "table:covered-table-cell":
                self._cell = _times(attributes, "table:number-columns-repeated")
                if "office:value-type" in attributes:
                    self._last = self._column + self._cell
                if (spanned := _times(attributes, "table:number-rows-spanned")) > 1:
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
                        raise Unreadable(TOO_LONG, ODS_ROWS)


def _times(attributes: dict[str, str], name: str) -> int:
    """Repeat count of an element, or the number of rows that it spans. Raises `ValueError` if it is no such number."""
    if (times := int(attributes.get(name, 1))) < 0:
        raise ValueError(name)
    return times


# Office Open XML


def _xlsx(file: IO[bytes]) -> "Workbook":
    """An XLSX file, whose rows are read one after the other. Raises `Unreadable` for what is none, or too large."""
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" not in names:
            raise Unreadable(gettext_noop("This is a ZIP archive, not a table: unpack it and bring the file inside."))
        # Only the cells of sheets are read one after the other.
        if any(entry.file_size > SHARED_BYTES for entry in archive.infolist() if not ROWS_OF.match(entry.filename)):
            raise Unreadable(gettext_noop("The workbook holds too much text: save it as CSV."))
    from openpyxl import load_workbook

    file.seek(0)
    return load_workbook(file, read_only=True, data_only=True)


def _merged_in(file: IO[bytes], path: str) -> list[tuple[int, int, int]]:
    """The cells of a sheet of an XLSX file that are merged with those below: column, first and last row.

    Raises `Unreadable` for a formula whose result nobody has worked out: it would be read as a blank cell.
    """
    merged = []
    with zipfile.ZipFile(file) as archive, archive.open(path) as source:
        text = b""
        for part in chain(iter(partial(source.read, BLOCK_SIZE), b""), [b""]):
            text += part
            whole = (text.rfind(b"</c>") + 4 if b"</c>" in part else text.rfind(b">") + 1) if part else len(text)
            if len(text) - whole > MOST_IN_A_CELL:
                raise Unreadable(DAMAGED)
            for found in FORMULA.finditer(text, 0, whole):
                if b't="str"' not in found[1] and (
                    place := _CELL_REFERENCE.search(found[1])
                ):  # else its result is an empty text
                    raise Unreadable(
                        gettext_noop(
                            "The cell %s holds a formula without its result: open the file in its program and save it"
                            " again, or save it as CSV."
                        ),
                        place[1].decode(),
                    )
            for letters, first, last in _MERGED_CELLS.findall(text, 0, whole):
                if int(last) > int(first):
                    merged.append((_column(letters), int(first), int(last)))
            text = text[whole:]
    return merged


def _column(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
