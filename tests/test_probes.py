"""What machines ask: does the process live, and can it serve?"""

import logging

import pytest
from django.conf import LazySettings
from django.core.files.storage import InMemoryStorage
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

CHECKS = {"database", "migrations", "storage", "cache"}


def test_a_process_lives_whatever_the_database_does(client: Client) -> None:
    # Without the mark, a test that asks the database fails.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_machines_beside_the_site_speak_plain_http(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz/more").status_code == 301


@pytest.mark.django_db
def test_a_site_that_can_serve_is_ready(client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": dict.fromkeys(CHECKS, True)})
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]
    assert len(asked) < 12


def breaks_database(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    def refuse() -> None:
        raise OperationalError("connection to server at 10.0.0.1 failed: password authentication failed")

    monkeypatch.setattr(connection, "cursor", refuse)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def breaks_migrations(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'networks'")


def breaks_storage(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    def refuse(*args: object) -> None:
        raise OSError("No space left on device: /srv/secret")

    monkeypatch.setattr(InMemoryStorage, "_save", refuse)


def breaks_cache(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE coopdir_cache")


@pytest.mark.django_db
@pytest.mark.parametrize("breaks", [breaks_database, breaks_migrations, breaks_storage, breaks_cache])
def test_what_fails_is_named_and_explained_in_the_log_only(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, breaks, caplog: pytest.LogCaptureFixture
) -> None:
    failing = breaks.__name__.removeprefix("breaks_")
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING, "coopdir.probes"):
        breaks(patch, settings)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    told = answer.json()
    assert told["ready"] is False
    assert told.keys() == {"ready", "checks"}
    failed = {name for name, holds in told["checks"].items() if not holds}
    assert failed == ({"database", "migrations"} if failing == "database" else {failing})
    assert f"Not ready: {failing}: " in caplog.text
