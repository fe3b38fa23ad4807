"""Servers in processes of their own, and visitors who ask them as fast as they answer."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TextIO

VISITORS = 4
"""Number of concurrent visitors: as many as keep two processors busy."""
START_SECONDS = 60


@dataclass(frozen=True)
class Pace:
    """Measurements of a server under load: number of answers, seconds in all, seconds of each answer."""

    answers: int
    seconds: float
    times: list[float]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.answers / self.seconds

    @property
    def median(self) -> float:
        """Milliseconds that a visitor waits."""
        return median(self.times) * 1000


@contextmanager
def serving(command: Sequence[str], path: str, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run ``python -m command`` until the end of the block; gives its port, once `path` answers there.

    ``{port}`` in the command is where the port goes.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [word.format(port=port) for word in command]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], env=os.environ | dict(environment or {}), stdout=said, stderr=said
        )
        try:
            _wait_for(process, port, path, said)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(process: subprocess.Popen, port: int, path: str, said: TextIO) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            said.seek(0)
            raise RuntimeError(f"{process.args!r} ended at once: {said.read()}")
        try:
            get(http.client.HTTPConnection("127.0.0.1", port, timeout=30), path)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def get(connection: http.client.HTTPConnection, path: str) -> bytes:
    """The body of an answer; anything but a 200 is an error."""
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return body


def ask(port: int, paths: Iterable[str], seconds: float) -> Pace:
    """Have visitors ask for the paths, each path once and in turn, until the time is over or the paths are."""
    waiting, lock = iter(paths), threading.Lock()
    times: list[float] = []
    failures: list[Exception] = []
    started = time.perf_counter()

    def visit() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            while time.perf_counter() - started < seconds:
                with lock:
                    path = next(waiting, None)
                if path is None:
                    break
                asked = time.perf_counter()
                get(connection, path)
                times.append(time.perf_counter() - asked)
        except Exception as failure:  # told to the one who started the visitors
            failures.append(failure)
        finally:
            connection.close()

    visitors = [threading.Thread(target=visit) for _visitor in range(VISITORS)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    if failures:
        raise failures[0]
    return Pace(len(times), time.perf_counter() - started, times)
