"""The site as it is run: gunicorn as the unit of deploy/ starts it, in the database of the test."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from threading import Event

from django.conf import settings

from tests.test_deploy import ask, environment, manage, unit

CURRENT = "/srv/coopdir/current"


@contextmanager
def gunicorn(folder: Path, *arguments: str, **variables: str) -> Iterator[tuple[Path, subprocess.Popen]]:
    """A running site: its socket, and its process. More `arguments` are gunicorn's, `variables` the site's."""
    told = environment(folder) | variables
    if not (folder / "static").exists():
        assert manage("collectstatic", "--no-input", "--verbosity", "0", **told).returncode == 0
    path = folder / "site.sock"
    path.unlink(missing_ok=True)
    command = shlex.split(unit("coopdir.service")["ExecStart"].replace(f"{CURRENT}/.venv/bin/python", sys.executable))
    with (folder / "gunicorn.log").open("a") as log:
        process = subprocess.Popen(
            [*command, "--bind", f"unix:{path}", *arguments], cwd=settings.BASE_DIR, env=told, stderr=log, stdout=log
        )
    try:
        wait_until_it_answers(path)
        yield path, process
    finally:
        process.kill()
        process.wait()


def wait_until_it_answers(path: Path) -> HTTPResponse:
    """The first answer of a server that is starting."""
    tick = Event()
    for _ in range(1200):
        try:
            return ask(path, "GET", "/healthz")
        except (TimeoutError, OSError):
            tick.wait(0.1)
    raise AssertionError("The site does not start.")
