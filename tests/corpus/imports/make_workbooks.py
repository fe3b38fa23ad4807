"""Makes the files beside it that nobody writes by hand: `python -m tests.corpus.imports.make_workbooks`.

The others are kept as the bytes that they are.
"""

import datetime
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import odswriter
from openpyxl import Workbook

HERE = Path(__file__).parent
WHEN = datetime.datetime(2026, 1, 1)
ROWS = [["name", "country", "population"], ["Besançon", "FR", 119198], ["Kati", "ML", 84500.0]]


def main() -> None:
    """Write the files."""
    one, two = xlsx(Towns=ROWS), xlsx(Notes=[["Read the other sheet."]], Towns=[[], *ROWS])
    document, long = ods(Towns=ROWS), ods(Towns=[ROWS[0], *[[f"Town {n}", "FR", n] for n in range(20_001)]])
    files = {
        "workbook.xlsx": one,
        "workbook-named.csv": one,
        "workbook-with-two-sheets.xlsx": two,
        "workbook-cut-off.xlsx": one[: len(one) // 2],
        "workbook-with-a-damaged-sheet.xlsx": archive(
            parts(one) | {"xl/worksheets/sheet1.xml": parts(one)["xl/worksheets/sheet1.xml"][:300]}
        ),
        "workbook-without-cells.xlsx": xlsx(Towns=[]),
        "opendocument.ods": document,
        "opendocument-too-long.ods": long,
        "opendocument-damaged.ods": archive(parts(document) | {"content.xml": parts(document)["content.xml"][:-40]}),
        "workbook-with-a-title.xlsx": xlsx(Towns=[["List of towns"], [], *ROWS]),
        "workbook-with-merged-cells.xlsx": xlsx(
            Towns=[["country", "name"], ["FR", "Besançon"], [None, "Dole"], ["ML", "Kati"]], merged=["A2:A3"]
        ),
        "workbook-with-a-hidden-sheet.xlsx": xlsx(Lists=[["FR"], ["ML"]], Towns=ROWS, hidden=["Lists"]),
        "workbook-with-a-formula-without-result.xlsx": xlsx(Towns=[*ROWS, ["Dole", "FR", "=B2+1"]]),
        "workbook-with-errors.xlsx": xlsx(Towns=[*ROWS, ["Dole", "FR", "#N/A"]]),
        "workbook-with-a-row-too-far.xlsx": archive(
            parts(one)
            | {
                "xl/worksheets/sheet1.xml": parts(one)["xl/worksheets/sheet1.xml"].replace(
                    b'<row r="3"', b'<row r="99999999999"'
                )
            }
        ),
        "workbook-binary.xlsx": archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\x83\1\0"}),
        "text-document.xlsx": archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}),
        "opendocument-with-a-password.ods": archive(
            parts(document)
            | {"META-INF/manifest.xml": b"<manifest><encryption-data/></manifest>", "content.xml": b"\1\2"}
        ),
        "archive-named.csv": archive({"towns.csv": b"name,country\nKati,ML\n"}),
    }
    for name, content in files.items():
        (HERE / name).write_bytes(content)


def xlsx(merged: Sequence[str] = (), hidden: Sequence[str] = (), **sheets: list[list[Any]]) -> bytes:
    """A workbook of these sheets, some of them hidden; `merged` are ranges of the last one."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    for cells in merged:
        sheet.merge_cells(cells)
    content = io.BytesIO()
    workbook.save(content)
    return archive(parts(content.getvalue()))


def ods(**sheets: list[list[Any]]) -> bytes:
    """An OpenDocument file of these sheets."""
    content = io.BytesIO()
    with odswriter.writer(content) as book:
        for name, rows in sheets.items():
            sheet = book.new_sheet(name)
            for row in rows:
                sheet.writerow(row)
    return archive(parts(content.getvalue()))


def parts(content: bytes) -> dict[str, bytes]:
    """The files in an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def archive(files: Mapping[str, bytes]) -> bytes:
    """An archive of files, the same bytes each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as whole:
        for name, part in files.items():
            entry = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(entry, part)
    return content.getvalue()


if __name__ == "__main__":
    main()
