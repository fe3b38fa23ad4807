"""Commands of the site in processes of their own, which begin at once: they are forked from one that has loaded all
there is to load (``multiprocessing``'s fork server), so that a thousand can be killed.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing import forkserver
from pathlib import Path
from unittest import mock

from django.core.management import execute_from_command_line

if "COOPDIR_COMMANDS" in os.environ:  # in the fork server, which loads this module
    import django

    django.setup()


def serve(environment: Mapping[str, str]) -> None:
    """Start the process that others are forked from, once and with the environment of all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "pytest"])
    with mock.patch.dict(os.environ, {**environment, "COOPDIR_COMMANDS": "1"}):
        forkserver.ensure_running()


class Command:
    """A command in a process of its own, with the methods of ``subprocess.Popen`` that tests need."""

    def __init__(self, output: Path, *arguments: str) -> None:
        self.output = output
        self.process = multiprocessing.get_context("forkserver").Process(target=_run, args=(output, arguments))
        self.process.start()

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises ``subprocess.TimeoutExpired``."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.process.pid), timeout or 0)
        return self.process.exitcode

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()

    def told(self) -> str:
        """What it has printed."""
        return self.output.read_text()


def _run(output: Path, arguments: tuple[str, ...]) -> None:
    with output.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["manage.py", *arguments]
    execute_from_command_line(sys.argv)
