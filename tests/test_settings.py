"""The settings refuse to start half configured, and read nothing that is not documented."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from coopdir.settings import VARIABLES

REPOSITORY = Path(__file__).resolve().parent.parent
COMPLETE = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "example.org", "SITE_URL": "https://example.org"}


def load(data, **variables):
    """Load the settings in a process of their own, with these variables only."""
    environment = {"PATH": os.environ["PATH"], "COOPDIR_DATA": str(data), **variables}
    command = [sys.executable, "-c", "from coopdir.settings import *; print(SECRET_KEY, HTTPS, DEBUG)"]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("missing", COMPLETE)
def test_without_debug_a_missing_variable_stops_the_start(tmp_path, missing):
    result = load(tmp_path, **{k: v for k, v in COMPLETE.items() if k != missing})
    assert result.returncode
    assert result.stderr.splitlines()[-1].startswith(
        f"django.core.exceptions.ImproperlyConfigured: {missing} is not set."
    )


def test_a_complete_environment_is_safe_by_default(tmp_path):
    assert load(tmp_path, **COMPLETE).stdout.split()[1:] == ["on", "False"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("HTTPS", "maybe"),
        ("DATABASE_URL", "sqlite:///x"),
        ("DATABASE_URL", "nonsense"),
        ("EMAIL_URL", "example.org"),
        ("SITE_URL", "example.org"),
    ],
)
def test_a_value_that_means_nothing_stops_the_start(tmp_path, name, value):
    result = load(tmp_path, **COMPLETE | {name: value})
    assert result.returncode
    assert f"ImproperlyConfigured: {name} " in result.stderr.splitlines()[-1]


def test_with_debug_a_secret_key_is_made_once_and_kept_private(tmp_path):
    first = load(tmp_path, DEBUG="1").stdout
    assert first == load(tmp_path, DEBUG="1").stdout
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_the_readme_explains_every_variable():
    readme = (REPOSITORY / "README.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", readme, re.MULTILINE)) == set(VARIABLES)


def test_event_tables_record_deletions_too():
    assert [tracker.label for tracker in settings.PGHISTORY_DEFAULT_TRACKERS] == [
        "insert",
        "update",
        "delete",
    ]
