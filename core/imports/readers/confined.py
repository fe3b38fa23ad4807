"""Sandbox for readers of foreign files: child processes, each with limits of memory, processor and clock, started at
once.

What a file makes its reader do (unfold, search, crash) ends there: no web process and no worker opens one. A child gets
the file as its standard input, none of the site's connections, settings or secrets, and no Django, so that it starts in
some 50 ms; it answers in lines of JSON. What it says of the first rows (`read_head`) lies in a folder by what was asked
of which bytes, where each process of the site finds it; whoever is being read holds a lock on that file. It may be lost
without harm: the file is read again.
"""

import fcntl
import json
import logging
import os
import secrets
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from core.storage import folders

from . import turns
from .limits import BUSY_MESSAGE, TOO_DEAR, UNREADABLE, Unreadable
from .tables import Head, Sheet

logger = logging.getLogger(__name__)

MEMORY = 768 << 20
"""Bytes of memory, that of its program included, which the reader of a file has."""

PROCESSOR, CLOCK = 12, 15
"""Seconds of processor, and of clock, within which the head of a file must be read; a workbook is unpacked for it."""

STALLED = 60
"""Seconds in which the next rows of a file must come."""

LASTING, EACH_MEGABYTE = 120, 6
"""Seconds of processor that all rows of a file may take, and for each megabyte of it besides: some five times what
large workbooks take."""

HEAD_BYTES = 64 << 20
"""Bytes in which what is said of the first rows fits."""

ANSWER_BYTES = 128 << 20
"""Bytes that a line of an answer may have: the longest row, each character written as six."""

TURN = 3
"""Seconds for which a page waits for a turn to read a small file."""

DAY = 24 * 3600
"""Seconds for which a head is kept."""

READER_OPTIONS = ("delimiter", "encoding", "sheet", "no_header")
"""The options of a batch that its reader is told."""

_CHILD_CODE = "import sys; sys.path[:] = {paths!r}; from core.imports.readers.child import main; main()"
"""Program of a child process. Python prepares nothing else for it (`-I`, `-S`): that takes as long as the rest."""

READERS = max(path.stat().st_mtime_ns for path in Path(__file__).parent.glob("*.py"))
"""Version of the reading programs: results of other versions are not taken for theirs."""

_running: list[subprocess.Popen[bytes]] = []
"""Children that nobody waits for any more; they are reaped when the next one starts."""


@contextmanager
def sheet(file: IO[bytes], options: Mapping[str, object], processor: int = 0, person: object = None) -> Iterator[Sheet]:
    """A file as headers and rows, as `tables.stream_as` gives them, read by a child one chunk after the other.

    `processor` are the seconds of it that may be taken; as many as a file of its size needs, if none are told. A
    `person` (a key) has a turn, and is refused where none is free for `TURN` seconds. Raises `Unreadable`, also while
    the rows are read.
    """
    megabytes = file.seek(0, os.SEEK_END) >> 20
    limits = {"processor": processor or LASTING + EACH_MEGABYTE * megabytes, "clock": 0, "written": 0}
    told = {name: options[name] for name in READER_OPTIONS if options.get(name)}
    with _turn(person), _answers("core.imports.readers.tables:in_chunks", file, told, limits) as answers:
        begun = next(answers)
        rows = ((line, cells) for chunk in answers for line, cells in chunk)
        yield Sheet(begun["headers"], rows, begun["delimiter"])


def call(function: str, file: IO[bytes], seconds: int, **options: object) -> Any:
    """Call a function (``module:name``, which yields one thing) on a file in a child process, within some seconds.

    Raises `Unreadable`, also where it takes longer.
    """
    limits = {"processor": seconds, "clock": seconds, "written": 0}
    with _answers(function, file, options, limits) as answers:
        return next(answers)


@contextmanager
def _turn(person: object) -> Iterator[None]:
    """A turn of a person; without one, none is needed. Raises `Unreadable`."""
    if person is None:
        yield
        return
    until = time.monotonic() + TURN
    while (turn := _taken(person)) is None:
        if time.monotonic() >= until:
            raise Unreadable(BUSY_MESSAGE)
        time.sleep(0.1)
    try:
        yield
    finally:
        os.close(turn)


def _taken(person: object) -> int | None:
    return turns.take(folders()["turns"], str(person))


@contextmanager
def _answers(
    function: str, file: IO[bytes], options: Mapping[str, object], limits: Mapping[str, object]
) -> Iterator[Iterator[Any]]:
    """Context manager: the answers of a child as they come; the child is killed at the end of the block."""
    with _on_disk(file) as opened, _start(function, opened, options, limits, subprocess.PIPE) as child:
        try:
            yield _read(child)
        finally:
            child.kill()


def _read(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    """The lines of a child's answer as they come. Raises `Unreadable` where it says so, stops or is killed."""
    assert child.stdout is not None  # noqa: S101 (for who reads: it is a pipe)
    pipe = child.stdout.fileno()
    ready = select.poll()
    ready.register(pipe, select.POLLIN)
    text = b""
    while ready.poll(STALLED * 1000) and (part := os.read(pipe, 1 << 20)):
        *lines, rest = part.split(b"\n")
        if lines:
            lines[0], text = text + lines[0], rest
        else:
            text += rest
        if len(text) > ANSWER_BYTES:
            break
        for line in lines:
            answer = json.loads(line)
            if _is_last(answer):
                return
            yield answer
    raise Unreadable(TOO_DEAR)


def _is_last(answer: object) -> bool:
    """True if the answer is a child's last one. Raises `Unreadable` where it reports a fault of the file."""
    if isinstance(answer, dict) and "unreadable" in answer:
        raise Unreadable.of(*answer["unreadable"])
    if isinstance(answer, dict) and "failed" in answer:
        logger.error("The reader of a file failed: %s", answer["failed"])
        raise Unreadable(UNREADABLE)
    return isinstance(answer, dict) and "end" in answer


def _start(
    function: str, file: Any, options: Mapping[str, Any], limits: Mapping[str, Any], out: int, turn: int | None = None
) -> "subprocess.Popen[bytes]":
    """A child that reads a file, which it is given as an open one. It holds a turn until it ends, if there is one."""
    told = {"function": function, "options": options, "limits": {"memory": MEMORY, **limits}}
    paths = [str(settings.BASE_DIR), *(path for path in sys.path if path)]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _CHILD_CODE.format(paths=paths), json.dumps(told)],
        stdin=file,
        stdout=out,
        pass_fds=() if turn is None else (turn,),
        cwd="/",
        env={"OPENPYXL_LXML": "False"},  # of the two parsers that openpyxl knows, the one without entities
    )


@contextmanager
def _on_disk(file: Any) -> Iterator[Any]:
    """A file with a number of the system; one that is in memory is copied."""
    try:
        file.fileno()
    except (AttributeError, OSError):
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            for part in iter(lambda: file.read(1 << 20), b""):
                copy.write(part)
            copy.flush()
            yield copy
    else:
        yield file


# The first rows


def read_head(
    file: IO[bytes], digest: str, options: Mapping[str, object], patience: float | None = None, person: object = None
) -> Head | None:
    """Headers and first rows of a file with this SHA-256, read by the options of a batch.

    None while it is being read, or waits for a turn of the `person` (a key; without one it needs none), and `patience`
    seconds are over (``settings.FILE_PATIENCE`` if none are told). Raises `Unreadable`.
    """
    until = time.monotonic() + (settings.FILE_PATIENCE if patience is None else patience)
    path, told = _place(digest, options)
    pause = 0.01
    while True:
        if not path.exists():
            _begin(path, file, told, person)
        if (found := _found(path)) is not None or time.monotonic() >= until:
            return found
        time.sleep(pause)
        pause = min(2 * pause, 0.1)


def waits(digest: str, options: Mapping[str, object]) -> bool:
    """True if nobody has begun to read the beginning of the file."""
    return not _place(digest, options)[0].exists()


def _place(digest: str, options: Mapping[str, object]) -> tuple[Path, dict[str, Any]]:
    """Path of a file's cached head, and the options by which it is read."""
    told = {name: options[name] for name in READER_OPTIONS if options.get(name)}
    return _folder() / sha256(json.dumps([READERS, digest, told], sort_keys=True).encode()).hexdigest()[:32], told


def _begin(path: Path, file: IO[bytes], told: Mapping[str, object], person: object) -> None:
    """Start a child that reads the head of a file, unless the person has to wait; its output gets its name once it is
    locked."""
    turn = None if person is None else _taken(person)
    if person is not None and turn is None:
        return
    _running[:] = [child for child in _running if child.poll() is None]
    aside = path.with_suffix(f".{secrets.token_hex(8)}")
    out = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(out, fcntl.LOCK_EX)  # the child has it until it ends
        limits = {"processor": PROCESSOR, "clock": CLOCK, "written": HEAD_BYTES}
        with _on_disk(file) as opened:
            _running.append(_start("core.imports.readers.tables:stream_head", opened, told, limits, out, turn))
        aside.rename(path)
    finally:
        os.close(out)
        if turn is not None:
            os.close(turn)


def _found(path: Path) -> Head | None:
    """The head that a child has written; None while it is at it. Raises `Unreadable`; then nothing is kept."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            lines = file.read().split(b"\n")
    except (BlockingIOError, FileNotFoundError):  # or somebody else was told that it cannot be read
        return None
    try:
        if len(lines) < 2:  # it was ended before it said anything
            raise Unreadable(TOO_DEAR)
        answers = [json.loads(line) for line in lines[:-1]]
        if not _is_last(answers[-1]):
            raise Unreadable(TOO_DEAR)
    except (Unreadable, ValueError):
        path.unlink(missing_ok=True)
        raise
    return Head(**answers[0])


def _folder() -> Path:
    """Folder of cached heads, accessible only to the site; removes those older than a day."""
    folder = folders()["heads"]
    folder.mkdir(mode=0o700, exist_ok=True)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another process was quicker
            if time.time() - path.stat().st_mtime > DAY:
                path.unlink()
    return folder
