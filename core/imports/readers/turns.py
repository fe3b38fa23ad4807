"""Turns (a semaphore of locked files): how many foreign files are read at once, of one person and by the whole site.

A turn is a locked file, whose descriptor the process that reads inherits: it is free again when that has ended, however
it did, and all processes of the site see it.
"""

import fcntl
import os
from pathlib import Path

ALL = 4
"""Files that are read at once. Each may take the memory of `confined.MEMORY` and a processor."""

EACH = 2
"""Limit of turns of one person, so that nobody keeps the others waiting."""

LONGEST_NAME = 40


def take(folder: Path, person: str) -> int | None:
    """The descriptor of a turn for somebody; None while all are taken, or as many as one person has."""
    folder.mkdir(mode=0o700, exist_ok=True)
    name = person.encode()[:LONGEST_NAME]
    door = _opened(folder / "door")
    try:
        fcntl.flock(door, fcntl.LOCK_EX)  # one at a time looks which are free
        return _free(folder, name)
    finally:
        os.close(door)


def _free(folder: Path, name: bytes) -> int | None:
    free: list[int] = []
    own = 0
    for number in range(ALL):
        turn = _opened(folder / str(number))
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            own += os.pread(turn, LONGEST_NAME, 0) == name
            os.close(turn)
        else:
            free.append(turn)
    taken = free[: own < EACH]
    for turn in free[len(taken) :]:
        os.close(turn)
    if not taken:
        return None
    os.ftruncate(taken[0], 0)
    os.pwrite(taken[0], name, 0)
    return taken[0]


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
