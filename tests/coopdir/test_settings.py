"""The settings refuse to start half configured, and read nothing that is not documented."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from coopdir.environment import VARIABLES

REPOSITORY = Path(__file__).resolve().parents[2]
COMPLETE = {"SECRET_KEY": settings.SECRET_KEY, "ALLOWED_HOSTS": "example.org", "SITE_URL": "https://example.org"}

DIGITS = "31415926535897932384626433832795028841971693993751"


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


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("replace-me", "has 10 characters"),
        (DIGITS[:49], "has 49 characters"),
        ("x" * 50, "repeats itself"),
        ("0123456789" * 6, "repeats itself"),
        (f"django-insecure-{DIGITS}", "known to others"),
        ("a key of fifty letters that nobody else has, for this test", "known to others"),
    ],
)
def test_a_key_that_can_be_guessed_stops_the_start(tmp_path, key, told, debug):
    result = load(tmp_path, **COMPLETE | {"SECRET_KEY": key, "DEBUG": debug})
    assert result.returncode
    last = result.stderr.splitlines()[-1]
    assert f"ImproperlyConfigured: SECRET_KEY {'is one that is ' if 'known' in told else ''}{told}" in last
    assert "secrets.token_urlsafe(50)" in last
    assert key not in result.stderr.splitlines()[-1]


def test_fifty_random_digits_are_a_key(tmp_path):
    assert load(tmp_path, **COMPLETE | {"SECRET_KEY": DIGITS}).stdout.split()[0] == DIGITS


def test_no_file_of_the_repository_tells_a_key_that_starts_a_site(tmp_path):
    names = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    found = {
        key
        for name in names.splitlines()
        if (REPOSITORY / name).is_file()
        for key in re.findall(
            r"""SECRET_KEY["']?\]?\s*[:=]\s*["']?([^\s"'$|(){}\[,]+)""",
            (REPOSITORY / name).read_text(errors="ignore"),
        )
    }
    assert "replace-me" in found
    assert [key for key in found if len(key) >= 50] == []


def test_with_debug_a_secret_key_is_made_once_and_kept_private(tmp_path):
    first = load(tmp_path, DEBUG="1").stdout
    assert first == load(tmp_path, DEBUG="1").stdout
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_every_variable_is_explained():
    document = (REPOSITORY / "docs/settings.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", document, re.MULTILINE)) == set(VARIABLES)


def test_event_tables_record_deletions_too():
    assert [tracker.label for tracker in settings.PGHISTORY_DEFAULT_TRACKERS] == [
        "insert",
        "update",
        "delete",
    ]
