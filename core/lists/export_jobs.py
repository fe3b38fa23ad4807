"""Export jobs: the background worker makes files that take longer than a page may, and whoever asks next has them at
once.

What is known of a file lies in four places, and each may be lost without harm: the file in its folder, how far it is in
the shared cache, that it waits in the worker's queue, and that somebody works on it in a lock of the database, which
ends with the worker. Where nothing is known, the file is made again.
"""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from core.database.copy import is_locked
from core.history import data_state
from core.renamed_tasks import all_names
from core.storage import folders

logger = logging.getLogger(__name__)

WAITING = 5
"""Files that may wait for the worker; anybody may ask for one, so there is an end."""

MAX_EXPORT_FILES = 20
"""Files that are kept: as many as fit on a small disk."""

DAY = 24 * 3600
"""Seconds for which they are kept at most."""

MAX_STALE_SECONDS = 60
"""Seconds for which a file is handed out though the data have changed since: where somebody changes something every
other minute, who waited for it would never get one."""

LATER = 600
"""Seconds after which a file that could not be made is tried again."""

TOO_MANY, FAILED, UNWRITTEN = "too many", "failed", "unwritten"
"""Reasons why a file is refused: too many others wait, making it went wrong, the disk did not take it."""

ASKING, MAKING = 0x61736B, 0x6D616B65
"""Advisory locks: of who puts something into the queue, and the class of those that workers hold, one for each file."""


@dataclass(frozen=True)
class ExportRequest:
    """A file that is asked for: the dotted name of the view that writes it, and the address with the question.

    The same question has the same address, however it was put.
    """

    view: str
    address: str

    @cached_property
    def key(self) -> str:
        return sha256(repr(self).encode()).hexdigest()[:32]

    @property
    def lock(self) -> tuple[int, int]:
        """The advisory lock of whoever works on it."""
        return MAKING, int(self.key[:7], 16)

    def path(self, state: str) -> Path:
        """Path of the file made of one state of the data (`data_state`)."""
        return _folder() / f"{self.key}-{state}"


@dataclass(frozen=True)
class ExportState:
    """Status of a file: it is there (`path`, and the `version` of its data where they have changed since), so many of
    its records are `done`, or it waits since a time; or it is `refused`: `TOO_MANY`, `FAILED`, `UNWRITTEN`."""

    path: Path | None = None
    version: str = ""
    done: int | None = None
    since: datetime | None = None
    refused: str = ""

    @property
    def waited(self) -> int:
        """Seconds since it was asked for."""
        return int((timezone.now() - self.since).total_seconds()) if self.since else 0


def ask(order: ExportRequest) -> ExportState:
    """Status of a file; it is queued if nobody has asked for it yet, or if the worker died while making it."""
    if found := _standing(order):
        return found
    try:
        return _ordered(order)
    except DatabaseError as error:  # a server that is only read, or a full disk
        logger.warning("A file could not be ordered: %s", error)
        return ExportState(refused=UNWRITTEN)


def _ordered(order: ExportRequest) -> ExportState:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ASKING])
        queue = _queue()
        if order.key not in queue:
            if len(queue) >= WAITING:
                return ExportState(refused=TOO_MANY)
            make.enqueue(**asdict(order))
    return _standing(order) or ExportState(since=timezone.now())


def _standing(order: ExportRequest) -> ExportState | None:
    state, _version = data_state(timezone.localdate())
    if _lies(path := order.path(state)):
        return ExportState(path)
    told = cache.get(order.key, {})
    if "state" in told and _lies(path := order.path(told["state"])):
        return ExportState(path, told["version"])
    if _is_held(order):
        return ExportState(done=told.get("done", 0))
    if since := _queue().get(order.key):
        return ExportState(since=since)
    return ExportState(refused=told["failed"]) if "failed" in told else None


def _queue() -> dict[str, datetime]:
    """The keys of the files that no worker has taken yet, and since when each waits.

    An order that cannot be read, as of another version of the site, waits for the worker to put it aside.
    """
    rows = DBTaskResult.objects.filter(task_path__in=all_names(make.module_path), status=TaskResultStatus.READY)
    found = {}
    for asked, since in rows.values_list("args_kwargs", "enqueued_at"):
        with suppress(KeyError, TypeError):
            found[ExportRequest(**asked["kwargs"]).key] = since
    return found


def _is_held(order: ExportRequest) -> bool:
    """True if a live worker works on the file."""
    with connection.cursor() as cursor:
        return is_locked(cursor, *order.lock)


@contextmanager
def _held(order: ExportRequest) -> Iterator[bool]:
    """Context manager: the lock of the worker that makes the file; gives whether no other worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", order.lock)
        (mine,) = cursor.fetchone()
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", order.lock)


@task(priority=-50)
def make(view: str, address: str) -> None:
    """Make a file, after all imports: they come first in the queue.

    The view has ``write(path, address, version, tell)``, which tells how many records are written.
    """
    order = ExportRequest(view, address)
    state, version = data_state(timezone.localdate())
    path = order.path(state)

    def tell(done: int) -> None:
        cache.set(order.key, {"done": done}, DAY)

    with _held(order) as mine:
        if not mine or _lies(path):
            return
        tell(0)
        aside = path.with_name(f".{order.key}")
        shutil.rmtree(aside, ignore_errors=True)  # what a worker left that was killed
        try:
            path.parent.mkdir(exist_ok=True)
            aside.mkdir()
            import_string(view)().write(aside / path.name, address, version.isoformat(), tell)
            (aside / path.name).replace(path)
        except Exception as error:
            # XlsxWriter has an exception of its own, beside that of the disk.
            is_disk = isinstance(error, OSError) or isinstance(error.__context__, OSError)
            cache.set(order.key, {"failed": UNWRITTEN if is_disk else FAILED}, LATER)
            raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        cache.set(order.key, {"state": state, "version": version.isoformat()}, MAX_STALE_SECONDS)
    _tidy(state)


def _folder() -> Path:
    """Folder of the files, outside of what the web server serves."""
    return folders()["lists"]


def _lies(path: Path) -> bool:
    """True if the file exists; False in a folder without read permission, since the file could not be read."""
    with suppress(OSError):
        return path.exists()
    return False


def _tidy(state: str) -> None:
    """Take away what is a day old, what is of another state of the data, and the oldest of what is too many."""
    now = time.time()
    aged: list[tuple[float, Path]] = []
    for path in _folder().iterdir():
        with suppress(FileNotFoundError):  # another worker was quicker
            aged.append((now - path.stat().st_mtime, path))
    for place, (age, path) in enumerate(sorted(aged)):
        if path.is_dir():  # of a worker that was killed, and of a file that nobody asked for again
            if age > DAY:
                shutil.rmtree(path, ignore_errors=True)
        elif place >= MAX_EXPORT_FILES or age > DAY or (age > MAX_STALE_SECONDS and state not in path.name):
            path.unlink(missing_ok=True)
