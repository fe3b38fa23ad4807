"""Small files that make whoever reads them work long, or take much memory, if they let it."""

import io
import zipfile

SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A ZIP file of parts, as small as can be."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def workbook(rows: bytes, strings: bytes = b"", styles: bytes = b"", sheets: int = 1) -> bytes:
    """An XLSX file with the content of its sheet, its shared texts and its styles."""
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, sheets + 1))
    kinds = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "sharedStrings": "sharedStrings",
             "styles": "styles"}  # fmt: skip
    types = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType='
        f'"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    relations = "".join(
        f'<Relationship Id="r{number}" Target="{part}.xml" Type="{RELATIONS}/{kind}"/>'
        for number, (part, kind) in enumerate(
            [("worksheets/sheet1", "worksheet"), ("sharedStrings", "sharedStrings"), ("styles", "styles")], start=1
        )
    )

    def root(name: str, inner: bytes) -> bytes:
        return f'<{name} xmlns="{SHEETS}" xmlns:r="{RELATIONS}">'.encode() + inner + f"</{name}>".encode()

    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
            f'Target="xl/workbook.xml" Type="{RELATIONS}/officeDocument"/></Relationships>',
            "xl/workbook.xml": root("workbook", f"<sheets>{listed}</sheets>".encode()),
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
            "xl/worksheets/sheet1.xml": root("worksheet", b"<sheetData>" + rows + b"</sheetData>"),
            "xl/sharedStrings.xml": root("sst", strings),
            "xl/styles.xml": root("styleSheet", styles),
        }
    )


CELL = b'<c r="%s1" t="inlineStr"><is><t>%s</t></is></c>'
ROW = b'<row r="1">' + CELL % (b"A", b"name") + CELL % (b"B", b"country") + b"</row>"


def formulas() -> bytes:
    """1.5 KB: cells that begin a million times and never end, for a regular expression that looks for their end."""
    return workbook(ROW + b"<c " * 400_000)


def styles() -> bytes:
    """87 KB and some: styles by the hundred thousand, each of which is made an object."""
    return workbook(ROW, styles=b"<cellXfs>" + b'<xf numFmtId="0" fontId="0"/>' * 3_000_000 + b"</cellXfs>")


def strings() -> bytes:
    """450 KB and some: shared texts by the million."""
    return workbook(ROW, strings=b"<si><t>a</t></si>" * 11_000_000)


def formats() -> bytes:
    """Few KB: a number format of brackets that open and do not close, which openpyxl searches for dates."""
    codes = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{"[" * 200_000}"/>' for n in range(20))
    cells = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(20))
    return workbook(ROW, styles=f"<numFmts>{codes}</numFmts><cellXfs>{cells}</cellXfs>".encode())


def columns() -> bytes:
    """Few KB: rows whose last cell is as far to the right as can be, by the hundred thousand."""
    rows = b"".join(b'<row><c r="XFD%d"><v>1</v></c></row>' % n for n in range(2, 200_000))
    return workbook(ROW + rows)


def sheets() -> bytes:
    """A workbook of twenty thousand sheets."""
    return workbook(ROW, sheets=20_000)


def mimetype(size: int = 4_000_000_000) -> bytes:
    """An OpenDocument file that says in four gigabytes what it is."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with archive.open("mimetype", "w", force_zip64=True) as part:
            part.write(ODS.encode())
            block = b" " * 10_000_000
            for _time in range(size // len(block)):
                part.write(block)
        archive.writestr("META-INF/manifest.xml", "<m/>")
        archive.writestr("content.xml", "<x/>")
    return content.getvalue()


def document() -> bytes:
    """An OpenDocument file whose only cell holds some hundred million characters."""
    return zipped(
        {
            "mimetype": ODS,
            "META-INF/manifest.xml": "<m/>",
            "content.xml": b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
            b' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
            b' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            b'<table:table table:name="A"><table:table-row><table:table-cell office:value-type="string"><text:p>'
            + b"x"
            * 190_000_000
            + b"</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
            b"</office:document-content>",
        }
    )


ATTACKS = (formulas, styles, strings, formats, columns, sheets, mimetype, document)
