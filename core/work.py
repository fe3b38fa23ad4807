"""Work of the processors for the current thread: its own processor time, and that of the PostgreSQL process that works
for it. Waiting for the reader, or for other threads, is no work.

Linux says what the database's process has worked where it runs on this machine (``/proc/<pid>/schedstat``). Where it
does not, the time that the thread waits for it stands for that: more than the work on a busy server, never less.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Helper(threading.local):
    """Thread-local state of the PostgreSQL process that works for the thread: its schedstat file, seconds last read
    from it, and seconds of earlier processes and of waiting."""

    path: Path | None = None
    read = 0.0
    before = 0.0


_helper = _Helper()


def done() -> float:
    """Seconds of work so far; what something takes is the difference of two calls."""
    if _helper.path is not None:
        _helper.read = max(_helper.read, _worked(_helper.path) or 0.0)
    return time.thread_time() + _helper.before + _helper.read


def add_helper_process(pid: int, name: str) -> None:
    """Register the PostgreSQL process that works for the current thread, if one of that number and name runs on this
    machine."""
    _helper.before += _helper.read
    folder = Path(f"/proc/{pid}")
    try:
        known = (folder / "comm").read_text().startswith(name)  # not another one, as of a container
    except OSError:
        known = False
    _helper.path = folder / "schedstat" if known and _worked(folder / "schedstat") is not None else None
    _helper.read = (_worked(_helper.path) or 0.0) if _helper.path else 0.0
    _helper.before -= _helper.read


def _worked(path: Path) -> float | None:
    try:
        return int(path.read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return None


def waited_for(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function and count the time it waits as work, where nothing else tells how much work is done for it."""
    if _helper.path is not None:
        return call(*args, **kwargs)
    clock, own = time.perf_counter(), time.thread_time()
    try:
        return call(*args, **kwargs)
    finally:
        waited = (time.perf_counter() - clock) - (time.thread_time() - own)
        _helper.before += max(waited, 0.0)
