"""Reader of tables: from a file's bytes to headers and rows, with the line each row begins on."""

import csv
import io
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain, count, islice, repeat
from typing import IO, Any, NamedTuple

from . import spreadsheets
from .encodings import SNIFF_BYTES, encoding_of
from .limits import BLOCK_SIZE, DOCUMENT, MOST_COLUMNS, MOST_IN_A_ROW, Unreadable, gettext_noop, tidy

DELIMITERS = {"comma": ",", "semicolon": ";", "bar": "|", "tab": "\t"}
"""Delimiters by the names the command line takes; the characters themselves are taken too. In the order in which texts
have them, the most frequent first."""

FOREIGN = (
    (
        rb"\xd0\xcf\x11\xe0|\t[\0\x02\x04\x08]",
        gettext_noop("This is an old Excel file (.xls), or one with a password: save it as XLSX without a password."),
    ),
    (rb"%PDF", gettext_noop("This is a PDF, not a table: ask for the data themselves, as CSV or as a workbook.")),
    (
        rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF",
        gettext_noop("This is a picture, not a table: ask for the data themselves, as CSV or as a workbook."),
    ),
    (
        rb"\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ|7z\xbc\xaf|Rar!\x1a|\(\xb5/\xfd|PK\x05\x06",
        gettext_noop("This is a compressed file: unpack it and bring the file inside."),
    ),
    (
        rb"SQLite format 3\0|PAR1\x15|\0\x01\0\0Standard (?:Jet|ACE) DB",
        gettext_noop("This is a database, not a table: export the table that is meant as CSV."),
    ),
    (rb"\{\\rtf", DOCUMENT),
    (
        rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\[{\"])",
        gettext_noop("This is JSON, not a table: save the data as CSV or as a workbook."),
    ),
)
"""Files that are often taken for tables, by how they begin (a regular expression), and what is said of them."""

TELLS_DELIMITER = re.compile("[\"']?sep=(.)[\"']?\\s*", re.IGNORECASE)
"""A first line by which spreadsheets tell each other the delimiter."""

LONGEST_HEADER = 2_000
"""Characters: a question of a survey fits."""

LOOKED_AT = 20
"""Lines below the headers that are looked at to find out how the file is written."""

TITLES, SEVERAL = 3, 3
"""Rows above the headers that may be a title, and cells that the headers below one have at least."""


BLANK = " \t\r\n\ufeff"

_ROWS_AT_ONCE = 500
"""Rows that are handed on together, at most."""

_PREVIEW_ROWS, _PREVIEW_CELL_LENGTH = 50, 300
"""Rows of a file that are shown before it is planned, and characters of their cells."""

_COUNTED_ROWS, _MAX_DISTINCT, _MAX_SECONDS = 20_000, 1_000, 5
"""Rows whose texts are counted before a file is planned, and how many different ones of a column; seconds of processor
after which it is enough."""

_MAX_TOTAL_LENGTH = 4_000_000
"""Characters that are told of them in all."""

Row = tuple[int, list[str]]

csv.field_size_limit(MOST_IN_A_ROW)


class Sheet(NamedTuple):
    """A file's headers and its rows: pairs of the line that the row begins on and its cells, blank rows left out.

    `delimiter` stands between the cells of a text file; `sheets` are the names of those of a workbook.
    """

    headers: list[str]
    rows: Iterable[Row] = []
    delimiter: str = ""
    sheets: list[str] = []


class Head(NamedTuple):
    """Beginning of a file.

    `rows` are the first ones, long cells cut; `texts` has of each column how often each short text stands in the first
    `looked` rows; `fault` is why no more rows could be read (the parts of an `Unreadable`).
    """

    headers: list[str]
    delimiter: str = ""
    sheets: list[str] = []
    rows: list[list[str]] = []
    texts: list[dict[str, int]] = []
    looked: int = 0
    fault: tuple[str, Any] | None = None


def in_chunks(file: IO[bytes], **options: object) -> Iterator[Any]:
    """A file for a process that reads it from a pipe: headers and delimiter, then the rows, some hundred at a time."""
    table = stream_as(file, options)
    yield {"headers": table.headers, "delimiter": table.delimiter}
    chunk: list[Row] = []
    size = 0
    for line, cells in table.rows:
        chunk.append((line, cells))
        size += sum(map(len, cells))
        if len(chunk) >= _ROWS_AT_ONCE or size > BLOCK_SIZE:
            yield chunk
            chunk, size = [], 0
    yield chunk


def stream_head(file: IO[bytes], **options: object) -> Iterator[dict[str, Any]]:
    """Yield one `Head`, as a dictionary: headers, first rows and frequent texts of a file."""
    table = stream_as(file, options)
    rows: list[list[str]] = []
    texts: list[dict[str, int]] = [{} for _header in table.headers]
    looked, room, fault = 0, _MAX_TOTAL_LENGTH, None
    try:
        for looked, (_line, cells) in enumerate(table.rows, start=1):
            if looked <= _PREVIEW_ROWS and room > 0:
                rows.append([cell[:_PREVIEW_CELL_LENGTH] for cell in cells])
                room -= sum(map(len, rows[-1])) + len(cells)
            for counted, cell in zip(texts, cells, strict=False):
                text = tidy(cell)
                if text in counted:
                    counted[text] += 1
                elif 0 < len(text) <= _PREVIEW_CELL_LENGTH and len(counted) < _MAX_DISTINCT and room > 0:
                    counted[text] = 1
                    room -= len(text)
            if looked == _COUNTED_ROWS or (not looked % _ROWS_AT_ONCE and time.process_time() > _MAX_SECONDS):
                break
    except Unreadable as error:
        fault = (error.message, error.told)
    yield Head(table.headers, table.delimiter, table.sheets, rows, texts, looked, fault)._asdict()


def stream_as(file: IO[bytes], options: Mapping[str, Any]) -> Sheet:
    """Call `stream` with the options of a batch; where `no_header` is set, the columns are numbered instead."""
    told = {name: options.get(name, "") for name in ("delimiter", "encoding", "sheet")}
    return stream(file, no_header=bool(options.get("no_header")), **told)


def stream(
    file: IO[bytes], *, delimiter: str = "", encoding: str = "", sheet: str = "", no_header: bool = False
) -> Sheet:
    """Read a CSV (any of `DELIMITERS`, any common encoding), XLSX or ODS file; the rows come one after the other.

    What is not told is detected; `sheet` names the sheet of a workbook, the first one if empty; with `no_header`, the
    columns are numbered. Raises `Unreadable`, for a fault further down only when its row is reached.
    """
    start = file.read(SNIFF_BYTES)
    file.seek(0)
    for beginning, message in FOREIGN:
        if re.match(beginning, start):
            raise Unreadable(message)
    if start.startswith(b"PK\x03\x04"):
        names: list[str] = []
        table = _rows_below_headers(
            spreadsheets.spreadsheet_rows(file, sheet, names),
            gettext_noop("The first sheet of the file is empty."),
            no_header=no_header,
        )
        return table._replace(sheets=names)
    encoding = encoding_of(file, encoding)
    file.seek(0)
    lines = _lines(_Decoded(file, encoding, newline=""))
    above, first = next(((n, line) for n, line in enumerate(lines) if line.strip(BLANK)), (0, ""))
    if not first:
        raise Unreadable(gettext_noop("The file is empty."))
    if first.lstrip(BLANK).startswith("<"):
        raise Unreadable(gettext_noop("This is a web page, not a table: open its address and save the data as CSV."))
    head = [first, *islice(lines, LOOKED_AT)]
    delimiter = DELIMITERS.get(delimiter, delimiter)
    if told := TELLS_DELIMITER.fullmatch(first):
        delimiter, head[0] = delimiter or told[1], "\n"
    delimiter = delimiter or detect_delimiter(head)
    table = _rows_below_headers(
        _csv_rows(chain(repeat("\n", above), head, lines), delimiter),
        gettext_noop("The file has no headers: its cells are all blank."),
        no_header=no_header,
    )
    return table._replace(delimiter=delimiter)


class _Decoded(io.TextIOWrapper):
    """A file as text; it leaves the file open when it is no longer needed."""

    def close(self) -> None:
        with suppress(ValueError):  # detached before
            self.detach()


def _headers_of(cells: list[str]) -> list[str]:
    """The headers in a row of cells; blank ones at the end are only the trailing delimiters of the file."""
    headers = [tidy(cell) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    return headers


def _lines(text: io.TextIOBase) -> Iterator[str]:
    """The lines of a text without byte order marks at its start; none is longer than a row may be, or has a NUL."""
    for number in count(1):
        line = text.readline(MOST_IN_A_ROW + 1)
        if not line:
            return
        if len(line) > MOST_IN_A_ROW:
            raise Unreadable(
                gettext_noop(
                    "Line %(line)s has more than %(most)s characters, as no row has: check the line ends of the file."
                ),
                line=number,
                most=MOST_IN_A_ROW,
            )
        if "\0" in line:
            raise Unreadable(
                gettext_noop(
                    "Line %(line)s holds a NUL character, which no text has: save the file again as CSV in UTF-8."
                ),
                line=number,
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
        return _not_too_wide(Sheet(_headers_of(cells), rows))
    if not above:
        raise Unreadable(nothing)
    return Sheet(_headers_of(above[0][1]), above[1:])


def _not_too_wide(sheet: Sheet) -> Sheet:
    """The sheet. Raises `Unreadable` if it has more columns than anybody maps, or a header longer than any name."""
    if len(sheet.headers) > MOST_COLUMNS:
        raise Unreadable(
            gettext_noop(
                "The file has %(number)s columns, more than %(most)s: keep those that are needed, and check the"
                " delimiter."
            ),
            number=len(sheet.headers),
            most=MOST_COLUMNS,
        )
    for number, header in enumerate(sheet.headers, start=1):
        if len(header) > LONGEST_HEADER:
            raise Unreadable(
                gettext_noop(
                    "The header of column %(number)s has more than %(most)s characters: give the column a short name,"
                    " and check that the first row holds the headers."
                ),
                number=number,
                most=LONGEST_HEADER,
            )
    return sheet._replace(rows=(_narrow(line, cells) for line, cells in sheet.rows))


def _csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise Unreadable(
            gettext_noop("“%(value)s” is no delimiter: use one of %(names)s, or one character."),
            value=delimiter,
            names=", ".join(DELIMITERS),
        )
    line, length = 1, 0

    def counted() -> Iterator[str]:
        """The lines, for as long as a row with quoted line ends is not longer than any row."""
        nonlocal length
        for text in lines:
            length += len(text)
            if length > MOST_IN_A_ROW:
                raise csv.Error
            yield text

    reader = csv.reader(counted(), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            length = 0
            if any(tidy(cell) for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise Unreadable(
            gettext_noop(
                "The row that begins on line %(line)s cannot be read: a quotation mark that opens a cell is not closed"
                " at its end. One that is part of a text is written twice."
            ),
            line=line,
        ) from None


def _narrow(line: int, cells: list[str]) -> tuple[int, list[str]]:
    """A row as it is. Raises `Unreadable` where more are filled than any file has columns."""
    if len(cells) > MOST_COLUMNS:
        filled = max(number for number, cell in enumerate(cells, start=1) if tidy(cell))
        if filled > MOST_COLUMNS:
            raise Unreadable(
                gettext_noop(
                    "The row on line %(line)s has %(number)s cells, more than %(most)s: check the delimiter and the"
                    " line ends of the file."
                ),
                line=line,
                number=filled,
                most=MOST_COLUMNS,
            )
        del cells[filled:]
    return line, cells
