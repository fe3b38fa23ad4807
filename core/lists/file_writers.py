"""Writers of files: the rows of a layout as CSV, XLSX and ODS, records as JSON. Each piece is written as its rows come,
so that a file costs the same memory whatever its length.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Any

import xlsxwriter

from core.imports.cells import AmountCell, DegreesCell, NumberCell
from core.imports.layouts import StrictResource
from core.text import clean

from .csv_sql import Written
from .json_records import CHUNK_SIZE
from .opendocument import write_sheets

Tell = Callable[[int], None]
"""Function that is told, after each part of a file, how many records are written."""
About = dict[str, Any]
"""Metadata of a file: licence, time of making, version of the data, address."""


def csv_pieces(resource: StrictResource, keys: Sequence[Any], delimiter: str, begin: str = "") -> Iterator[bytes]:
    """Rows as CSV, the headers first; `begin` stands before them."""
    written = Written.of(resource)
    head = io.StringIO(newline="")
    head.write(begin)
    csv.writer(head, delimiter=delimiter, lineterminator="\n").writerow(written.headers)
    return chain([head.getvalue().encode()], written.stream(keys, delimiter))


def fill_xlsx(
    file: IO[bytes] | str, resource: StrictResource, keys: Sequence[Any], about: About, tell: Tell, **more: object
) -> None:
    """Write rows and metadata as the two sheets of a workbook; `more` are options of XlsxWriter."""
    # A text is never taken for a formula or an address; a million rows may be more than 2 GB, unpacked.
    options = {"constant_memory": True, "strings_to_urls": False, "use_zip64": True, **more}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet("data")
    numeric = [isinstance(column.widget, NumberCell | DegreesCell | AmountCell) for column in resource.fields.values()]
    for row, cells in enumerate(_rows(resource, keys)):
        for column, cell in enumerate(cells):
            if not cell:
                continue
            if row and numeric[column]:
                sheet.write_number(row, column, float(cell))
            else:
                sheet.write_string(row, column, cell)
        if row % CHUNK_SIZE == 0:
            tell(row)
    tell(len(keys))
    sheet = book.add_worksheet("about")
    for row, pair in enumerate(_about_rows(about)):
        for column, cell in enumerate(pair):
            sheet.write_string(row, column, cell)
    book.close()


def fill_ods(file: IO[bytes] | str, resource: StrictResource, keys: Sequence[Any], about: About, tell: Tell) -> None:
    """Write rows and metadata as the two sheets of an OpenDocument spreadsheet."""

    def rows() -> Iterator[list[str]]:
        for row, cells in enumerate(_rows(resource, keys)):
            yield cells
            if row % CHUNK_SIZE == 0:
                tell(row)
        tell(len(keys))

    write_sheets(file, [("data", rows()), ("about", _about_rows(about))])


def enclosed(head: dict[str, Any], name: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of JSON as the last member of an object whose other members are `head`."""
    yield json.dumps(head, ensure_ascii=False).encode()[:-1] + f', "{name}": [\n'.encode()
    between = b""
    for part in lines:
        if part:
            yield between + part.rstrip(b"\n").replace(b"\n", b",\n")
            between = b",\n"
    yield b"\n]}\n"


def _rows(resource: StrictResource, keys: Sequence[object]) -> Iterator[list[str]]:
    """The rows of a layout, the headers first, in characters that a workbook can hold."""
    written = Written.of(resource)
    yield written.headers
    for part in written.stream(keys):
        yield from csv.reader(io.StringIO(clean(part.decode()), newline=""))


def _about_rows(about: About) -> Iterator[tuple[str, str]]:
    """Metadata as rows of name and value."""
    yield "licence", about["licence"]["name"]
    yield "licence_url", about["licence"]["url"]
    yield "attribution", about["licence"]["attribution"]
    for name in ("made", "version", "address"):
        yield name, about[name]
