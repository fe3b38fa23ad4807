"""OpenDocument spreadsheets, written as their rows come.

The library (odswriter) holds every cell as an object until the end: ten times the work, and gigabytes for a long list.
Its parts are used for everything but the rows.

OpenDocument 1.2, part 1, chapter 9 (tables) and part 3 (packages: the media type comes first, and is not packed).
"""

import re
from collections.abc import Iterable, Sequence
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from odswriter import ods_components

END = "</office:spreadsheet>"
"""Before which the sheets stand."""
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold (production 2)."""
_EMPTY_CELL = "<table:table-cell/>"

OdsSheet = tuple[str, Iterable[Sequence[str]]]
"""A name and rows of texts."""


def write_sheets(file: IO[bytes] | str, sheets: Iterable[OdsSheet]) -> None:
    """Write a file with some sheets, all of whose cells are texts."""
    head, end, foot = ods_components.content_xml.partition(END)
    with ZipFile(file, "w", ZIP_DEFLATED) as book:
        book.writestr("mimetype", ods_components.mimetype, compress_type=ZIP_STORED)
        book.writestr("META-INF/manifest.xml", ods_components.manifest_xml)
        book.writestr("styles.xml", ods_components.styles_xml)
        with book.open("content.xml", "w", force_zip64=True) as content:
            content.write(head.encode())
            for name, rows in sheets:
                content.write(f'<table:table table:name={quoteattr(name)} table:style-name="ta1">'.encode())
                for cells in rows:
                    content.write(f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>".encode())
                content.write(b"</table:table>")
            content.write((end + foot).encode())


def _cell(text: str) -> str:
    if not text:
        return _EMPTY_CELL
    content = escape(NO_XML.sub("", text))
    return f'<table:table-cell office:value-type="string"><text:p>{content}</text:p></table:table-cell>'
