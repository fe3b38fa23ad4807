"""What machines ask: does the process live, and can it serve?"""

import datetime
import logging
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.storage import InMemoryStorage
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from core import backups
from partnerships.choices import MailState
from partnerships.models import OutgoingMail
from tests import factories
from tests.core.test_storage import no_room

FOLDERS = {"cards", "dumps", "heads", "lists", "turns"}
CHECKS = {"database", "migrations", "storage", "cache"} | FOLDERS


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
    assert answer.status_code == 200
    assert (answer.json()["ready"], answer.json()["checks"]) == (True, dict.fromkeys(CHECKS, True))
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
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING, "coopdir.health"):
        breaks(patch, settings)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    told = answer.json()
    assert told["ready"] is False
    assert told.keys() == {"ready", "checks", "ages"}
    failed = {name for name, holds in told["checks"].items() if not holds}
    assert failed == ({"database", "migrations"} if failing == "database" else {failing})
    assert f"Not ready: {failing}: " in caplog.text


def failed_checks(client: Client, room: int = 10**9) -> set[str]:
    """What fails while no file may have more bytes than that."""
    with no_room(room):
        answer = client.get("/readyz")
    failed = {name for name, holds in answer.json()["checks"].items() if not holds}
    assert answer.status_code == (503 if failed else 200)
    return failed


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_folder_that_cannot_be_written_to_is_named(
    client: Client, settings: LazySettings, tmp_path: Path, name: str
) -> None:
    settings.DATA_DIR, settings.DUMPS_ROOT = tmp_path, tmp_path / "dumps"
    assert client.get("/readyz").status_code == 200
    assert list(tmp_path.iterdir()) == []
    folder = tmp_path / name
    for change, room, failing in ((folder.mkdir, 10**9, set()), (dict, 0, FOLDERS), (folder.rmdir, 10**9, set())):
        change()
        assert failed_checks(client, room) == failing
    folder.touch()
    assert failed_checks(client) == {name}


@pytest.fixture
def last_backup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the time of the last backup is kept."""
    monkeypatch.setattr(backups, "LAST_BACKUP_PATH", tmp_path / "last-backup")
    return backups.LAST_BACKUP_PATH


def ages(client: Client, well: int) -> dict[str, dict[str, int | bool | None]]:
    """The ages that are told; by them, who watches gets `well`, and who sends visitors 200."""
    assert client.get("/readyz?strict").status_code == well
    answer = client.get("/readyz")
    assert answer.status_code == 200
    return answer.json()["ages"]


@pytest.mark.django_db
def test_the_age_of_the_last_backup_is_told(client: Client, last_backup: Path) -> None:
    assert ages(client, 503)["last_backup"] == {"seconds": None, "well": False}
    for hours, well in ((1, True), (25, True), (27, False)):
        last_backup.write_text((timezone.now() - datetime.timedelta(hours=hours)).isoformat())
        told = ages(client, 200 if well else 503)["last_backup"]
        assert (told["seconds"] // 3600, told["well"]) == (hours, well)


@pytest.mark.django_db
def test_the_oldest_task_that_waits_is_told(client: Client, last_backup: Path) -> None:
    last_backup.write_text(timezone.now().isoformat())
    assert ages(client, 200)["oldest_waiting_task"] == {"seconds": None, "well": True}
    now = timezone.now()
    long_ago, tomorrow = now - datetime.timedelta(hours=9), now + datetime.timedelta(days=1)
    at_once = get_date_max()
    for minutes, status, after in ((5, "READY", at_once), (500, "SUCCESSFUL", at_once), (500, "READY", tomorrow)):
        told = {"priority": 0, "task_path": "x", "queue_name": "default", "backend_name": "default"}
        task = DBTaskResult.objects.create(args_kwargs={}, status=status, run_after=after, **told)
        DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=now - datetime.timedelta(minutes=minutes))
    assert ages(client, 200)["oldest_waiting_task"]["seconds"] // 60 == 5
    DBTaskResult.objects.filter(status="READY", run_after=at_once).update(enqueued_at=long_ago)
    assert ages(client, 503)["oldest_waiting_task"]["well"] is False


@pytest.mark.django_db
def test_the_oldest_mail_that_waits_is_told(client: Client, last_backup: Path) -> None:
    last_backup.write_text(timezone.now().isoformat())
    assert ages(client, 200)["oldest_unsent_mail"] == {"seconds": None, "well": True}
    ended = {"next_try": None, "ended_at": timezone.now(), "body": ""}
    for minutes, more in (
        (5, {}),
        (500, {"state": MailState.SENT, **ended}),
        (500, {"state": MailState.GIVEN_UP, **ended}),
    ):
        mail = factories.make(OutgoingMail, **more)
        OutgoingMail.objects.filter(pk=mail.pk).update(created_at=timezone.now() - datetime.timedelta(minutes=minutes))
    assert ages(client, 200)["oldest_unsent_mail"]["seconds"] // 60 == 5
    OutgoingMail.objects.filter(state="waiting").update(created_at=timezone.now() - datetime.timedelta(hours=2))
    assert ages(client, 503)["oldest_unsent_mail"]["well"] is False
