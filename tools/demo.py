"""Settings of gunicorn for `make demo`: beside the site, it keeps the background worker running."""

import subprocess
import sys
from typing import Any

forwarder_headers = ""
"""No request says at which path the site lies (``SCRIPT_NAME``)."""

_worker: subprocess.Popen | None = None


def when_ready(server: Any) -> None:
    """Start the worker once the site answers."""
    global _worker
    _worker = subprocess.Popen(
        [sys.executable, "manage.py", "db_worker", "--skip-checks", "--interval", "0.5", "--verbosity", "0"]
    )


def on_exit(server: Any) -> None:
    """Let the worker finish what it is doing, and stop it."""
    if _worker is not None:
        _worker.terminate()
        try:
            _worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            _worker.kill()
