"""Malformed files through the pages that take them: each ends in words or in a plan, and the site answers meanwhile."""

import io
import random
import re
import time
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import odswriter
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from PIL import Image

from core.imports.models import ImportBatch
from partnerships.places.party_refs import PartyRef
from tests import attacks, factories
from tests.campaigns import share
from tests.forms import send, the_form

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

FILES = share(whole=2000, small=300)
CORPUS = Path(__file__).parent.parent / "corpus" / "imports"
LONGEST = 20
"""Seconds within which a file must be read or refused; its plan, which the worker makes, may take longer."""
SOURCE = {"source_title": "A list", "source_licence": "CC0-1.0"}
NEW = "/en/my/agreements/new/"
TOWNS = (("Dijon",), ("Mainz", "DE"))
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def bases() -> dict[str, bytes]:
    """Files as they should be, by names that say what they are."""
    found = {path.name: path.read_bytes() for path in sorted(CORPUS.iterdir()) if path.suffix not in (".py", ".toml")}
    book = Workbook()
    for row in (["name", "country", "population"], ["Dole", "FR", 23_000], ["Mainz", "DE", 217_000.5]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    found["made.xlsx"] = content.getvalue()
    content = io.BytesIO()
    with odswriter.writer(content) as sheets:
        for row in (["name", "country"], ["Dole", "FR"], ["Mainz", "DE"]):
            sheets.new_sheet("Towns").writerow(row)
    found["made.ods"] = content.getvalue()
    for kind in ("png", "jpeg", "webp", "tiff"):
        content = io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(content, kind)
        found[f"picture.{kind}"] = content.getvalue()
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/></Types>'
    found["letter.docx"] = attacks.zipped({"[Content_Types].xml": types, "word/document.xml": "<w>Charter</w>"})
    found["letter.odt"] = attacks.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"})
    found["charter.pdf"] = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
    return found


# What is done to them

Change = Callable[[random.Random, bytes], bytes]


def cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def flip(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _time in range(chance.randint(1, 30)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def put(chance: random.Random, content: bytes) -> bytes:
    """Bytes that mean something, somewhere."""
    place = chance.randrange(len(content) + 1)
    what = chance.choice((
        b"\0", b'"', b'"' * 999, b"\r", b"\n\n", b"\x1a", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b",",
        b";" * 3000, b"\t" * 70_000, b"=cmd|' /C calc'!A0", b"<!DOCTYPE x>", b"PK\x03\x04", b"PK\x05\x06", b"%s%n",
        "\u202e\u200b\u2028\x07\x0b\ufffe".encode(), b"{", b"(((((", b"x" * 300_000, b"9" * 5000, chance.randbytes(50),
    ))  # fmt: skip
    return content[:place] + what + content[place + chance.randrange(40) :]


def repeat(chance: random.Random, content: bytes) -> bytes:
    start = chance.randrange(len(content) + 1)
    part = content[start : start + chance.randint(1, 200)]
    return content[:start] + part * chance.choice((2, 50, 2000)) + content[start:]


def recode(chance: random.Random, content: bytes) -> bytes:
    names = ("utf-8", "utf-16", "utf-16-be", "utf-32", "cp1252", "cp037", "mac_roman", "utf-7", "shift_jis", "gb18030")
    return content.decode(chance.choice(names), "replace").encode(chance.choice(names), "replace")


def empty(chance: random.Random, content: bytes) -> bytes:
    return chance.choice((b"", b"\n" * 50_000, b" ", b"\xff\xfe", b",", b'"', b"\0" * 1000, chance.randbytes(4000)))


def parts_of(content: bytes) -> dict[str, bytes]:
    """What is in a zipped file; that of a workbook if it cannot be told."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:
        return parts_of(attacks.workbook(attacks.ROW))


def inside(chance: random.Random, content: bytes) -> bytes:
    """Damage within, that the archive does not notice."""
    parts = parts_of(content)
    name = chance.choice(list(parts))
    parts[name] = chance.choice((cut, flip, put, repeat, declare, number))(chance, parts[name])
    return attacks.zipped(parts)


def declare(chance: random.Random, content: bytes) -> bytes:
    """Entities that unfold, or that lead elsewhere."""
    inner = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(9))
    dtd = f'<!DOCTYPE x [{inner}<!ENTITY f SYSTEM "file:///etc/passwd">]>'.encode()
    place = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
    return content[:place] + dtd + content[place:].replace(b"FR", chance.choice((b"&e8;", b"&f;", b"&gone;")))


def number(chance: random.Random, content: bytes) -> bytes:
    """Another number in the place of one: sizes, indexes, places of cells."""
    numbers = list(re.finditer(rb'(?<=["A-Z>])\d+', content))
    if not numbers:
        return content
    found = chance.choice(numbers)
    other = chance.choice(
        (b"0", b"-1", b"99999999999", b"1e999", b"9" * 5000, b"16385", b"1048577", b"NaN", b"\xc2\xb2", b"")
    )
    return content[: found.start()] + other + content[found.end() :]


def rezip(chance: random.Random, content: bytes) -> bytes:
    """The parts under other names, twice, in each other, or left out."""
    parts = list(parts_of(content).items())
    names = (
        "/etc/passwd",
        "../../up.xml",
        "C:\\x",
        "a" * 60_000,
        "x\0y",  # of which the archive keeps what stands before
        "xl/worksheets/sheet1.xml",
        "mimetype",
        "é\u202e/",
    )
    match chance.randrange(6):
        case 0:
            parts.append((chance.choice(names), chance.randbytes(99)))
        case 1:
            parts.insert(0, chance.choice(parts))
        case 2:
            parts = [("inner.zip", content), *parts]
        case 3:
            parts.pop(chance.randrange(len(parts)))
        case 4:
            parts += [(f"xl/media/{n}", b"") for n in range(5000)]
        case 5:
            name, text = parts.pop(chance.randrange(len(parts)))
            parts.append((name, text + b" " * chance.choice((100, 3_000_000))))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", chance.choice((0, 8, 12, 14))) as archive:
        for name, text in parts:
            archive.writestr(name, text)
    return written.getvalue()


def directory(chance: random.Random, content: bytes) -> bytes:
    """A directory that says other sizes, places, ways of packing or checksums than are true."""
    changed = bytearray(content)
    for mark in (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"):
        place = content.rfind(mark) if chance.random() < 0.5 else content.find(mark)
        if place >= 0 and chance.random() < 0.7:
            start = place + 4 + chance.randrange(38)
            changed[start : start + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x63\0\1\0", chance.randbytes(4)))
    return bytes(changed[: len(content)])


def dimensions(chance: random.Random, content: bytes) -> bytes:
    """Workbooks with more sheets, columns, rows or merged cells than anybody fills."""
    cell = b'<c r="XFD1048576"><v>1</v></c>'
    match chance.randrange(5):
        case 0:
            return attacks.workbook(attacks.ROW, sheets=3000)
        case 1:
            return attacks.workbook(attacks.ROW + b'<row r="1048576">' + cell + b"</row>")
        case 2:
            return attacks.workbook(attacks.ROW + b"<row>" + cell * chance.choice((1, 3000)) + b"</row>")
        case 3:
            merged = b'<mergeCell ref="A1:XFD1048576"/>' * 3000
            return attacks.workbook(attacks.ROW + b"</sheetData><mergeCells>" + merged + b"</mergeCells><sheetData>")
        case _:
            return ",".join(f"c{n}" for n in range(chance.choice((1300, 1301, 200_000)))).encode() + b"\n1,2\n"


ANY: tuple[Change, ...] = (cut, flip, put, repeat, recode, empty)
ZIPPED: tuple[Change, ...] = (inside, inside, rezip, directory, dimensions)


def malformed(seed: int, whole: dict[str, bytes]) -> tuple[str, str, bytes]:
    """A file: what was done, its name and its bytes."""
    chance = random.Random(seed)
    name = chance.choice(list(whole))
    content = whole[name]
    changes = ANY if not content.startswith(b"PK") else ANY + ZIPPED * 2
    done = [chance.choice(changes) for _time in range(chance.choice((1, 1, 2)))]
    for change in done:
        content = change(chance, content)
    return "+".join(change.__name__ for change in done), name, content


# The pages


class Site:
    """An administrator who brings files."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.read = 0.0  # when the last file was, if it came so far
        actors = {f"parties-{n}-actor": str(PartyRef.of(factories.town(*told))) for n, told in enumerate(TOWNS)}
        self.agreement = {"kind": "twinning", "signed": "1958", "sources-0-text": "Deliberation of 1958", **actors}

    def import_(self, name: str, content: bytes) -> str:
        """How a file ends that is brought as one of towns: refused or planned."""
        file = SimpleUploadedFile(name, content)
        answer = self.client.post(reverse("import_new"), {"resource": "towns", "file": file, **SOURCE})
        if answer.status_code == 200:
            assert '<p class="error">' in answer.text, answer.text
            return "refused"
        assert answer.status_code == 302, answer.status_code
        address = answer["Location"]
        page = self.client.get(address)
        self.read = time.monotonic()
        assert page.status_code == 200, page.status_code
        answer = send(self.client, address, the_form(page.text, "was_grouped"), do="plan")
        while answer.status_code == 302:
            answer = self.client.get(answer["Location"])
        assert answer.status_code == 200, answer.status_code
        batch = ImportBatch.objects.latest("pk")
        if batch.status == "planned":
            return "planned"
        assert 'class="notice"' in answer.text, answer.text
        assert "fault of the site" not in batch.message, batch.message
        return "refused"

    def attach(self, name: str, content: bytes) -> str:
        """How a file ends that is brought as a document of a new agreement: refused or kept."""
        file = SimpleUploadedFile(name, content)
        answer = self.client.post(NEW, self.agreement | {"upload-file": file, "do": "save"})
        if answer.status_code == 302:
            return "kept"
        assert answer.status_code == 200, answer.status_code
        assert 'id="problems"' in answer.text, answer.text
        return "refused"


class Watch(Thread):
    """Somebody who asks all the time whether the site lives."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address, self.slowest, self.over = address, 0.0, Event()

    def run(self) -> None:
        while not self.over.wait(0.2):
            begun = time.monotonic()
            with urllib.request.urlopen(self.address, timeout=60) as answer:
                assert answer.status == 200
            self.slowest = max(self.slowest, time.monotonic() - begun)


@pytest.fixture
def watch(live_server: Any) -> Iterator[Watch]:
    """The site is watched during the test."""
    watching = Watch(f"{live_server.url}/healthz")
    watching.start()
    yield watching
    watching.over.set()
    watching.join()


def test_every_malformed_file_ends_in_words_or_in_a_plan(administrator_client: Client, watch: Watch) -> None:
    site, whole = Site(administrator_client), bases()
    ends: Counter[str] = Counter()
    slowest = (0.0, -1, "")
    for seed in range(FILES):
        done, name, content = malformed(seed, whole)
        way = site.attach if seed % 4 == 3 else site.import_
        begun, site.read = time.monotonic(), 0.0
        try:
            end = way(name, content)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {done} of {name} as {way.__name__}") from error
        ends[f"{way.__name__.strip('_')}: {end}"] += 1
        slowest = max(slowest, ((site.read or time.monotonic()) - begun, seed, f"{done} of {name}"))
    assert watch.is_alive()
    print(f"\n{FILES} malformed files: {dict(ends)}; slowest {slowest}; /healthz at most {watch.slowest:.1f} s")
    assert slowest[0] < LONGEST, slowest
    assert watch.slowest < LONGEST  # also while a plan is made, which is here done by the same process
    assert ends["import: refused"]
    assert ends["import: planned"]
