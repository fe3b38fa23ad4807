"""Foreign files are read by processes of their own, which no file makes last."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from core.imports.readers import confined, turns
from core.imports.readers.limits import Unreadable
from partnerships.editing import uploads
from tests import attacks

TABLE = b"name;country\nDole;FR\nMainz;DE\n"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of heads that is empty."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(confined, "TURN", 0.5)
    return tmp_path / "heads"


def test_a_file_is_read_by_a_child_one_chunk_after_the_other():
    with confined.sheet(io.BytesIO(TABLE), {}) as sheet:
        assert (sheet.headers, sheet.delimiter) == (["name", "country"], ";")
        assert [(line, cells) for line, cells in sheet.rows] == [(2, ["Dole", "FR"]), (3, ["Mainz", "DE"])]
    long = b"name\n" + b"".join(b"town %d\n" % number for number in range(2_000)) + b'"open\n'
    with confined.sheet(io.BytesIO(long), {}) as sheet:
        assert next(sheet.rows) == (2, ["town 0"])
        with pytest.raises(Unreadable, match="row that begins on line 2002"):
            list(sheet.rows)


def test_the_head_of_a_file_is_kept_for_its_bytes_and_how_it_is_read(folder: Path):
    head = confined.read_head(io.BytesIO(TABLE), "a", {"mapping": {}})
    assert (head.rows, head.texts[1], head.looked) == ([["Dole", "FR"], ["Mainz", "DE"]], {"FR": 1, "DE": 1}, 2)
    assert confined.read_head(io.BytesIO(b"other\n1\n"), "a", {}) == head
    assert confined.read_head(io.BytesIO(TABLE), "a", {"delimiter": "comma"}).headers == ["name;country"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    os.utime(next(folder.iterdir()), (0, 0))
    confined.read_head(io.BytesIO(TABLE), "b", {})
    assert len(list(folder.iterdir())) == 2


def test_what_cannot_be_read_is_said_in_the_readers_language_and_not_kept(folder: Path):
    with translation.override("fr"), pytest.raises(Unreadable) as refusal:
        confined.read_head(io.BytesIO(b"%PDF-1.7"), "a", {})
    with translation.override("fr"):
        assert str(refusal.value).startswith("C’est un PDF, pas un tableau")
    assert not list(folder.iterdir())


def test_who_has_no_patience_comes_again(folder: Path):
    assert confined.read_head(io.BytesIO(TABLE), "a", {}, patience=0) is None
    assert confined.read_head(io.BytesIO(b""), "a", {}, patience=60).headers == ["name", "country"]
    assert len(list(folder.iterdir())) == 1


def test_one_person_reads_two_files_at_once_and_all_together_four(folder: Path):
    def head(content: str, person: int) -> Any:
        return confined.read_head(io.BytesIO(TABLE), content, {}, patience=0, person=person)

    place = folder.parent / "turns"
    own = [turns.take(place, "7"), turns.take(place, "7")]
    assert None not in own
    assert (turns.take(place, "7"), head("a", 7), confined.waits("a", {})) == (None, None, True)
    assert turns.take(place, "77") is not None
    assert confined.read_head(io.BytesIO(TABLE), "a", {}, person=8).looked == 2
    while turns.take(place, "9") is None:  # who has read has not quite ended
        pass
    assert (turns.take(place, "8"), head("b", 8), confined.waits("b", {})) == (None, None, True)
    with pytest.raises(Unreadable, match="Other files are being read"), confined.sheet(io.BytesIO(TABLE), {}, 0, 8):
        pass
    os.close(own[0])
    assert confined.read_head(io.BytesIO(TABLE), "b", {}, person=7).looked == 2
    with confined.sheet(io.BytesIO(TABLE), {}, 0, 8) as sheet:
        assert len(list(sheet.rows)) == 2


SPY = """
import os
import time

def look(file):
    yield [dict(os.environ), sorted(os.listdir("/proc/self/fd"))]

def work(file):
    while True:
        pass

def take(file):
    yield len(bytearray(1 << 30))

def sleep(file):
    time.sleep(20)
    yield 1

def write(file):
    with open(__file__ + ".written", "w") as other:
        other.write("x")
    yield 1
"""


@pytest.fixture
def spy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that does what no reader does."""
    (tmp_path / "spy.py").write_text(SPY)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize(
    ("function", "seconds", "stalled", "told"),
    [
        ("spy:work", 1, 60, "takes more time or memory"),
        ("spy:take", 20, 60, "takes more time or memory"),
        ("spy:sleep", 1, 60, "takes more time or memory"),
        ("spy:sleep", 20, 0.5, "takes more time or memory"),
        ("spy:write", 20, 60, "cannot be read as a table"),
    ],
)
def test_a_child_that_goes_beyond_a_limit_ends(
    spy: None, function: str, seconds: int, stalled: float, told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(confined, "STALLED", stalled)
    with pytest.raises(Unreadable, match=told):
        confined.call(function, io.BytesIO(TABLE), seconds)


@pytest.mark.parametrize(("name", "most"), [("CLOCK", 0.0005), ("HEAD_BYTES", 10)])
def test_a_head_that_is_not_read_to_its_end_is_refused(
    name: str, most: float, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(confined, name, most)
    with pytest.raises(Unreadable, match="takes more time or memory to read"):
        confined.read_head(io.BytesIO(TABLE), "a", {})
    assert not list(folder.iterdir())


def test_a_child_has_nothing_of_the_site(spy: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SECRET_KEY", "secret")
    with (tmp_path / "open").open("w"):
        environment, files = confined.call("spy:look", io.BytesIO(TABLE), 20)
    assert "SECRET_KEY" not in environment
    assert files == ["0", "1", "2", "3"]  # the standard ones, and the one that lists them


def test_who_reads_has_the_turn_until_the_end(spy: None, tmp_path: Path):
    turn = turns.take(tmp_path / "turns", "7")
    limits = {"processor": 20, "clock": 20, "written": 0}
    with (tmp_path / "spy.py").open("rb") as file:
        child = confined._start("spy:sleep", file, {}, limits, subprocess.DEVNULL, turn)
    os.close(turn)
    assert turns.take(tmp_path / "turns", "7") is not None
    assert turns.take(tmp_path / "turns", "7") is None
    child.kill()
    child.wait()
    assert turns.take(tmp_path / "turns", "7") is not None


def test_a_document_is_known_by_a_child(monkeypatch: pytest.MonkeyPatch):
    assert uploads.examine(ContentFile(b"%PDF-1.7 x", "x.exe")).name == "x.pdf"
    monkeypatch.setattr(uploads, "SNIFF_SECONDS", 0.01)
    with pytest.raises(uploads.NotTaken, match="cannot be looked into"):
        uploads.examine(ContentFile(b"%PDF-1.7 x", "x.pdf"))


@pytest.mark.long
@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda attack: attack.__name__)
def test_no_small_file_makes_its_reader_last(attack: Callable[[], bytes]):
    content = attack()
    begun = time.monotonic()
    with suppress(Unreadable):
        head = confined.read_head(io.BytesIO(content), attack.__name__, {}, patience=20)
        assert head is not None
        assert head.headers
    assert time.monotonic() - begun < 20


@pytest.mark.long
def test_a_line_of_a_gigabyte_is_refused_in_little_memory(tmp_path: Path):
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(b"name,country\n")
        for _time in range(1024):
            file.write(b"x" * (1 << 20))
    code = f"""
import sys
sys.path.insert(0, {str(Path.cwd())!r})
from core.imports.readers import limits, tables
try:
    list(tables.stream(open({str(path)!r}, "rb")).rows)
except limits.Unreadable as error:
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(error, peak, sep="|")
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    message, kilobytes = told.strip().split("|")
    assert message.startswith("Line 2 has more than 10000000 characters")
    assert int(kilobytes) < 150_000
