"""Any file gives headers and rows, or a worded refusal with the line."""

import csv
import datetime
import gc
import io
import zipfile
from pathlib import Path

import odswriter
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from core.imports.readers import confined, limits, spreadsheets
from core.imports.readers import tables as reading
from core.imports.readers.limits import Unreadable, tidy
from core.imports.readers.spreadsheets import ODS_ROWS
from core.imports.readers.tables import Sheet, stream, stream_as, stream_head
from tests.importing import read_sheet

HEADERS, ROW = ["name", "country"], ["Besançon", "FR"]


def xlsx(*rows: list[object]) -> bytes:
    """The bytes of a workbook of one sheet."""
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_detected(delimiter: str, encoding: str, end: str):
    text = end.join(delimiter.join(cells) for cells in (HEADERS, ROW)) + end
    assert read_sheet(text.encode(encoding)) == Sheet(HEADERS, [(2, ROW)])


def test_windows_punctuation_is_no_latin_1():
    assert read_sheet("name,note\nL’Haÿ,3 €\n".encode("cp1252")).rows == [(2, ["L’Haÿ", "3 €"])]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "mac_roman", "cp850"])
def test_other_encodings_are_told_by_the_text(encoding: str):
    text = "name;country\nBesançon;FR\nSégou;ML\nMünchen;DE\n"
    assert [cells[0] for _line, cells in read_sheet(text.encode(encoding)).rows] == ["Besançon", "Ségou", "München"]


@pytest.mark.parametrize(
    "lines", [[b"Besan\xc3\xa7on", b"S\xe9gou"], [b"S\xe9gou", b"Besan\xc3\xa7on"], [b"Besan\xc3\xa7on", b"S\xc3"]]
)
def test_a_file_of_two_encodings_is_refused(lines: list[bytes]):
    content = b"name\n" + b"\n".join(lines) + b"\n"
    line = next(number for number, text in enumerate(lines, start=2) if b"S" in text)
    with pytest.raises(Unreadable, match=f"line {line} is not"):
        read_sheet(content)
    assert len(read_sheet(content, encoding="cp1252").rows) == 2


@pytest.mark.parametrize(
    ("content", "headers", "row"),
    [
        ("Nom, lieu;Pays\nX, Y;FR\n", ["Nom, lieu", "Pays"], ["X, Y", "FR"]),
        ("Nom (ville, lieu, pays);Pays\nX;FR\n", ["Nom (ville, lieu, pays)", "Pays"], ["X", "FR"]),
        ('"Nom\nde la ville";pays\nX;FR\n', ["Nom\nde la ville", "pays"], ["X", "FR"]),
        ("sep=|\nname|note;s\nX|1;2\n", ["name", "note;s"], ["X", "1;2"]),
        ("\ufeffsep=\t\nname\tcountry\nX\tFR\n", ["name", "country"], ["X", "FR"]),
        ("name,tags\nX,a;b\nY,c;d;e\n", ["name", "tags"], ["X", "a;b"]),
        ("name,tags,x\nX,a\nY,c,d\nZ,e,f\n", ["name", "tags", "x"], ["X", "a"]),
        ("name\nA, B, C\nD\n", ["name"], ["A, B, C"]),
        ("name,country\n\t,\t\n\t,\t\nA,B\n", ["name", "country"], ["A", "B"]),
        ("Liste, 2024\nx;y;z\n1;2;3\n", ["x", "y", "z"], ["1", "2", "3"]),
    ],
)
def test_the_delimiter_is_the_one_that_all_lines_have(content: str, headers: list[str], row: list[str]):
    sheet = read_sheet(content.encode())
    assert (sheet.headers, sheet.rows[0][1]) == (headers, row)


def test_a_title_above_the_headers_is_passed_over():
    for title in ("Liste des jumelages 2024\n", "Liste,,\n\nSource : RESACOOP,,\n"):
        sheet = read_sheet(f"{title}name,country,year\nDole,FR,1990\n".encode())
        assert sheet.headers == ["name", "country", "year"]
        assert [cells for _line, cells in sheet.rows] == [["Dole", "FR", "1990"]]
    assert read_sheet(b"name\nDole\nArbois\n") == Sheet(["name"], [(2, ["Dole"]), (3, ["Arbois"])])
    assert read_sheet(b"name,\nDole,\nArbois,FR\n").headers == ["name"]


@pytest.mark.parametrize("no_header", [False, True])
def test_a_file_that_is_too_wide_is_refused(no_header: bool):
    wide = ",".join(f"c{number}" for number in range(limits.MOST_COLUMNS + 1))
    with pytest.raises(Unreadable, match=r"The file has 1301 columns, more than 1300: keep those that are needed"):
        stream_as(io.BytesIO(wide.encode()), {"no_header": no_header})
    assert len(read_sheet(wide.rpartition(",")[0].encode()).headers) == limits.MOST_COLUMNS


def test_without_headers_every_row_is_one():
    sheet = stream_as(io.BytesIO(b"\nDole;;\nArbois;FR;1990\n"), {"no_header": True})
    assert (sheet.headers, list(sheet.rows)) == (
        ["1", "2", "3"],
        [(2, ["Dole", "", ""]), (3, ["Arbois", "FR", "1990"])],
    )
    with pytest.raises(Unreadable, match="empty"):
        stream_as(io.BytesIO(b"\n"), {"no_header": True})


def test_what_is_told_is_not_detected():
    assert read_sheet(b"a;b,c\n1;2,3\n", delimiter="semicolon") == Sheet(["a", "b,c"], [(2, ["1", "2,3"])])
    assert read_sheet(b"a~b\n1~2\n", delimiter="~") == Sheet(["a", "b"], [(2, ["1", "2"])])
    assert read_sheet("a,é\n1,2\n".encode("mac_roman"), encoding="mac_roman").headers == ["a", "é"]


def test_rows_know_the_line_they_begin_on():
    content = (
        b'\xef\xbb\xbf\n\nname,country\n\n"two\nlines",FR\n , \n\xc2\xa0,\nthree,ML\n"four\r\n\r\nlines",ML\nlast,FR'
    )
    assert [(line, cells[0]) for line, cells in read_sheet(content).rows] == [
        (5, "two\nlines"),
        (9, "three"),
        (10, "four\r\n\r\nlines"),
        (13, "last"),
    ]


def test_headers_lose_the_spaces_around_them():
    assert read_sheet("\ufeff\ufeff name \t\u00a0country\u00a0\t\t\n".encode()).headers == HEADERS


def test_headers_without_rows_are_a_table():
    assert read_sheet(b"name,country\n") == Sheet(HEADERS)


def test_quotes_inside_a_cell_are_text():
    assert read_sheet(b'name\tcountry\nThe "White" House\tUS\n').rows == [(2, ['The "White" House', "US"])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b",,\n ,,\n", "no headers"),
        (b"name\na\0b\n", "Line 2 holds a NUL"),
        (b"\x00name\x00", "Line 1 holds a NUL"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\n<table><tr><td>name</td></tr></table>", "web page"),
        (b'<?xml version="1.0"?><rows/>', "web page"),
        (b'name\nok\n"open\n', "row that begins on line 3"),
        (b'name\tcountry\n"Sir" Harry\tGB\n', "row that begins on line 2"),
        (b"\xff\xfea", "Line 1 is not in the encoding utf-16"),
        (b"PK\x03\x04 and no more", "damaged or incomplete"),
        (b"%PDF-1.7\n", "This is a PDF"),
        (b"\x1f\x8b\x08\x00", "compressed file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel file"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, message: str):
    with pytest.raises(Unreadable, match=message):
        read_sheet(content)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": "::"}, "“::” is no delimiter"),
        ({"delimiter": '"'}, "is no delimiter"),
        ({"delimiter": "\n"}, "is no delimiter"),
        ({"encoding": "klingon"}, "no encoding named “klingon”"),
        ({"encoding": "base64"}, "no encoding named"),
        ({"encoding": "a\0b"}, "no encoding named"),
        ({"encoding": "undefined"}, "not in the encoding undefined"),
        ({"encoding": "ascii"}, "Line 2 is not in the encoding ascii"),
        ({"encoding": "unicode_escape"}, "not in the encoding unicode_escape"),
    ],
)
def test_what_is_told_wrongly_is_refused_in_words(options: dict[str, str], message: str):
    with pytest.raises(Unreadable, match=message):
        read_sheet("name\n\\ud800é\n".encode(), **options)


def test_a_zip_that_is_no_workbook_is_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("data.csv", "name\nx\n")
    with pytest.raises(Unreadable, match="ZIP archive, not a table: unpack it"):
        read_sheet(content.getvalue())


def test_a_workbook_with_a_broken_sheet_is_refused():
    content, broken = io.BytesIO(xlsx(HEADERS, ROW)), io.BytesIO()
    with zipfile.ZipFile(content) as whole, zipfile.ZipFile(broken, "w") as copy:
        for name in whole.namelist():
            copy.writestr(name, whole.read(name)[: 400 if "sheet1" in name else None])
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        read_sheet(broken.getvalue())


def changed(content: bytes, part: str, before: bytes, after: bytes) -> bytes:
    """A workbook with something else in one of its parts."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as other:
        for name in whole.namelist():
            text = whole.read(name)
            assert part not in name or before in text
            other.writestr(name, text.replace(before, after) if part in name else text)
    return copy.getvalue()


def test_a_workbook_in_the_strict_form_is_refused():
    usual, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    with pytest.raises(Unreadable, match="This kind of workbook cannot be read: save it as XLSX, ODS or CSV"):
        read_sheet(changed(xlsx(HEADERS, ROW), "xl/workbook.xml", usual, strict))


def test_a_formula_counts_by_its_result_and_without_one_is_refused():
    content = xlsx(["name", "population"], ["Dole", "=1+1"])
    with pytest.raises(Unreadable, match="The cell B2 holds a formula without its result"):
        read_sheet(content)
    assert read_sheet(changed(content, "sheet1", b"<v></v>", b"<v>2</v>")).rows == [(2, ["Dole", "2"])]
    text = changed(content, "sheet1", b'<c r="B2"', b'<c r="B2" t="str"')
    assert read_sheet(text).rows == [(2, ["Dole", ""])]  # its result is an empty text


def test_merged_cells_hold_for_all_their_rows():
    workbook = Workbook()
    for row in (["country", "name"], ["FR", "Dole"], [None, "Arbois"], [None, None], [None, "Salins"], [None, "Kati"]):
        workbook.active.append(row)
    workbook.active.merge_cells("A2:A5")
    content = io.BytesIO()
    workbook.save(content)
    assert read_sheet(content.getvalue()).rows == [
        (2, ["FR", "Dole"]),
        (3, ["FR", "Arbois"]),
        (5, ["FR", "Salins"]),
        (6, ["", "Kati"]),
    ]


def test_a_hidden_sheet_is_read_only_by_its_name():
    workbook = Workbook()
    workbook.active.append(["secret"])
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("Towns").append(HEADERS)
    content = io.BytesIO()
    workbook.save(content)
    assert read_sheet(content.getvalue()).headers == HEADERS
    assert read_sheet(content.getvalue(), sheet="Sheet").headers == ["secret"]


@pytest.mark.parametrize(
    ("part", "before", "after", "message"),
    [
        ("styles", "</styleSheet>", " " * 60_000, "holds too much text"),
        ("sheet1", "<t>FR</t>", "x" * 4_000_000, "damaged or incomplete"),
        ("sheet1", '<row r="2"', '<row r="99999999999"', "damaged or incomplete"),
    ],
)
def test_a_workbook_that_swells_is_refused(
    part: str, before: str, after: str, message: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spreadsheets, "SHARED_BYTES", 50_000)
    monkeypatch.setattr(spreadsheets, "MOST_IN_A_CELL", 2_000_000)
    content = changed(xlsx(HEADERS, ROW), part, before.encode(), after.encode())
    assert len(content) < 50_000
    with pytest.raises(Unreadable, match=message):
        read_sheet(content)


def test_an_empty_workbook_is_refused():
    with pytest.raises(Unreadable, match="empty"):
        read_sheet(xlsx([None, " "]))


def test_cells_of_a_workbook_become_text():
    day = datetime.date(1986, 5, 24)
    values = [1986, 12.0, 47.31667, True, False, day, datetime.datetime(1986, 5, 24, 10, 30), None, "21 515", 1e22]
    sheet = read_sheet(xlsx([f"c{n}" for n in range(len(values))] + [None], [], values))
    assert sheet.headers == [f"c{n}" for n in range(len(values))]
    assert sheet.rows == [
        (3, ["1986", "12", "47.31667", "1", "0", "1986-05-24", "1986-05-24", "", "21 515", "10000000000000000000000"])
    ]


def ods(**sheets: list[list[object]]) -> io.BytesIO:
    """A file of OpenDocument sheets."""
    content = io.BytesIO()
    with odswriter.writer(content) as book:
        for name, rows in sheets.items():
            sheet = book.new_sheet(name)
            for row in rows:
                sheet.writerow(row)
    return io.BytesIO(content.getvalue())


def test_an_opendocument_sheet_is_read_by_its_name():
    content = ods(First=[["x"]], Towns=[[], HEADERS, ["Été", datetime.date(1986, 5, 24)], [12.0, None]])
    assert next(stream_head(content))["sheets"] == ["First", "Towns"]
    assert read_sheet(content.getvalue(), sheet="Towns") == Sheet(
        HEADERS, [(3, ["Été", "1986-05-24"]), (4, ["12", ""])]
    )
    with pytest.raises(Unreadable, match=r"no sheet “Other” in the file\. Its sheets are: First, Towns"):
        read_sheet(content.getvalue(), sheet="Other")


def test_an_opendocument_sheet_that_is_too_long_is_refused():
    content = ods(Long=[["name"], *[["x"]] * (ODS_ROWS + 1)]).getvalue()
    with pytest.raises(Unreadable, match="more than 20000 rows: save it as CSV"):
        read_sheet(content)


CELL = '<table:table-cell office:value-type="string"{0}><text:p>x</text:p></table:table-cell>'
EMPTY = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def repeated(rows: int, columns: int, after: str = "") -> bytes:
    """An OpenDocument sheet with a header, and one row that says how often it and its cell come."""
    content = io.BytesIO()
    row = '<table:table-row table:number-rows-repeated="{}">{}</table:table-row>'
    cells = CELL.format(f' table:number-columns-repeated="{columns}"')
    body = row.format(1, CELL.format("")) + row.format(rows, cells) + after
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<m/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMESPACES}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return content.getvalue()


def test_merged_cells_of_an_opendocument_sheet_hold_for_all_their_rows():
    spanned = CELL.format(' table:number-rows-spanned="2"') + CELL.format("")
    covered = "<table:covered-table-cell/>" + CELL.format("")
    rows = "".join(f"<table:table-row>{cells}</table:table-row>" for cells in (spanned, covered, covered))
    assert read_sheet(repeated(1, 2, after=rows)).rows[1:] == [(3, ["x", "x"]), (4, ["x", "x"]), (5, ["", "x"])]


@pytest.mark.parametrize(("rows", "columns"), [(ODS_ROWS + 1, 1), (10**6, 10**6), (2, 10**6), (ODS_ROWS, 200)])
def test_what_is_repeated_a_million_times_is_not_unpacked(rows: int, columns: int):
    with pytest.raises(Unreadable, match="more than 20000 rows"):
        read_sheet(repeated(rows, columns))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name\n" + b"x" * 1001 + b"\n", "Line 2 has more than 1000 characters, as no row has"),
        (b"x" * 1001, "Line 1 has more than 1000 characters"),
        (b"name,note\nA,B\n" + b'"a\nb",' * 200, "row that begins on line 3 cannot be read: a quotation mark"),
        (b"\n" * 5000 + b"name\n" + b"x" * 1001, "Line 5002 has"),
    ],
)
def test_a_row_without_end_is_refused(content: bytes, message: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "MOST_IN_A_ROW", 1000)
    with pytest.raises(Unreadable, match=message):
        read_sheet(content)


def test_a_row_or_a_header_that_nobody_can_map_is_refused():
    wide = "x," * limits.MOST_COLUMNS
    assert read_sheet(f"name,country\n{wide}".encode()).rows == [(2, ["x"] * limits.MOST_COLUMNS)]
    assert read_sheet(f"name,country\nx{',' * 5000}\n".encode()).rows == [(2, ["x"])]
    with pytest.raises(Unreadable, match=r"The row on line 2 has 1301 cells, more than 1300"):
        read_sheet(f"name,country\n{wide}x\n".encode())
    with pytest.raises(Unreadable, match=r"The header of column 2 has more than 2000 characters"):
        read_sheet(f"name,{'x' * 2001}\n".encode())


ENTITIES = r"declares XML entities .* not accepted.* save it anew"


def test_an_opendocument_file_that_declares_or_says_too_much_is_refused():
    content = repeated(1, 1)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><office:document-content '
    with pytest.raises(Unreadable, match=ENTITIES):
        read_sheet(changed(content, "content.xml", b"<office:document-content ", bomb))
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    for before, after in ((b"", b" " * 5000), (b" " * 5000, b"")):
        with pytest.raises(Unreadable, match=r"The entry “mimetype” of the workbook.* save it anew"):
            read_sheet(changed(content, "mimetype", kind, before + kind + after))
    with pytest.raises(Unreadable, match="damaged"):
        read_sheet(repeated(-3, 1))


@pytest.mark.parametrize(("part", "root"), [("sheet1", b"<worksheet"), ("styles", b"<styleSheet")])
def test_a_workbook_with_entities_is_refused(part: str, root: bytes):
    content = changed(xlsx(HEADERS, ROW), part, root, b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + root)
    with pytest.raises(Unreadable, match=ENTITIES), confined.sheet(io.BytesIO(content), {}) as sheet:
        list(sheet.rows)


def test_blank_rows_at_the_end_of_an_opendocument_sheet_are_none():
    assert len(read_sheet(repeated(ODS_ROWS, 2, after=EMPTY)).rows) == ODS_ROWS


def test_a_sheet_of_a_workbook_is_read_by_its_name():
    workbook = Workbook()
    workbook.create_sheet("Towns").append(HEADERS)
    content = io.BytesIO()
    workbook.save(content)
    content.seek(0)
    assert next(stream_head(content, sheet="Towns"))["sheets"] == ["Sheet", "Towns"]
    assert read_sheet(content.getvalue(), sheet="Towns").headers == HEADERS


def test_a_workbook_that_gives_a_wrong_size_is_read_whole():
    content, wrong = io.BytesIO(xlsx(HEADERS, ROW, ROW)), io.BytesIO()
    with zipfile.ZipFile(content) as whole, zipfile.ZipFile(wrong, "w") as copy:
        for name in whole.namelist():
            copy.writestr(name, whole.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A1"'))
    assert read_sheet(wrong.getvalue()) == Sheet(HEADERS, [(2, ROW), (3, ROW)])


@given(
    st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
    st.sampled_from(["", ",", "tab"]),
)
def test_any_bytes_give_a_table_or_a_refusal(content: bytes, delimiter: str):
    try:
        sheet = read_sheet(content, delimiter=delimiter)
    except Unreadable:
        return
    assert sheet.headers
    lines = [line for line, _cells in sheet.rows]
    assert lines == sorted(set(lines))


WORKBOOKS = [xlsx(HEADERS, ROW, [1986.0, True]), ods(Towns=[HEADERS, ROW, [1986.0, None]]).getvalue()]


@given(st.data(), st.sampled_from(WORKBOOKS), st.booleans())
def test_any_damage_to_a_workbook_gives_a_table_or_a_refusal(data: st.DataObject, content: bytes, inside: bool):
    parts = {"": content}
    if inside:  # damage that the archive itself does not notice
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    damaged = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(damaged) - 1, 0)))
        damaged[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    parts[name] = bytes(damaged)
    if inside:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            for part, text in parts.items():
                archive.writestr(part, text)
        parts = {"": whole.getvalue()}
    try:
        sheet = read_sheet(parts[""])
    except Unreadable:
        return
    assert all(isinstance(cell, str) for _line, cells in sheet.rows for cell in cells)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=6))
def test_what_csv_writes_is_read_as_it_was(rows: list[list[str]]):
    text = io.StringIO()
    csv.writer(text).writerows([HEADERS, *rows])
    kept = [row for row in rows if any(map(tidy, row))]  # characters that are no text make no row
    assert [cells for _line, cells in read_sheet(text.getvalue().encode()).rows] == kept


def test_a_file_that_was_read_is_still_open(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n1,2\n")
    with path.open("rb") as file:
        stream(file)
        gc.collect()
        assert not file.closed
