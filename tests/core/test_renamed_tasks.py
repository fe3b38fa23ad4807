"""What was queued under a name that its task no longer has is done, or put aside with a word about it."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.module_loading import import_string
from django_tasks.base import Task
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from core.imports import jobs
from core.lists import formats
from core.renamed_tasks import RENAMED
from partnerships.management.commands.db_worker import Worker
from partnerships.models import Town
from tests import factories as f
from tests.importing import load_file

ADDRESS = "/towns.xlsx?sort=name"
WORK, MAKE = "coopdir.imports.batches.work", "coopdir.listing.making.make"


@pytest.fixture(autouse=True)
def queue(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """What is to be done waits for the worker."""
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    monkeypatch.setitem(
        formats.FILE_FORMATS, "xlsx", formats.FileFormat(formats.FILE_FORMATS["xlsx"].media_type, 4, at_once=1)
    )
    settings.DATA_DIR = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def renamed(path: str) -> DBTaskResult:
    """The one order that waits, under another name."""
    order = DBTaskResult.objects.ready().get()
    DBTaskResult.objects.filter(pk=order.pk).update(task_path=path)
    return order


def work() -> None:
    """Have the worker do all that waits, over the connection of the test."""
    options = {"interval": 0, "startup_delay": False, "max_tasks": None, "excluded_queue_names": []}
    Worker(queue_names=["default"], batch=True, backend_name="default", worker_id="tests", **options).run()


def test_every_old_name_leads_to_a_task() -> None:
    assert {WORK, MAKE} <= set(RENAMED)
    for old, new in RENAMED.items():
        assert isinstance(import_string(new), Task), old
        assert new not in RENAMED, f"{old} leads to another old name"


def test_a_step_of_an_import(administrator: User) -> None:
    batch = load_file("towns", b"name,country\nDijon,FR\n", user=administrator).batch
    jobs.enqueue_step(batch, "undo", by=administrator)
    assert batch.status == "undoing"
    order = renamed(WORK)
    work()
    order.refresh_from_db()
    batch.refresh_from_db()
    assert (order.status, batch.status, Town.objects.count()) == ("SUCCESSFUL", "undone", 0)


def test_a_long_file(client: Client) -> None:
    f.town("Dijon")
    f.town("Dole")
    assert client.get(ADDRESS).status_code == 202
    order = renamed(MAKE)
    assert client.get(ADDRESS).status_code == 202
    assert DBTaskResult.objects.get().pk == order.pk  # it waits already, and is not asked for again
    work()
    answer = client.get(ADDRESS)
    assert (answer.status_code, b"".join(answer.streaming_content)[:2]) == (200, b"PK")


def test_a_name_that_nobody_knows_is_put_aside(client: Client) -> None:
    f.town("Dijon")
    f.town("Dole")
    client.get(ADDRESS)
    order = renamed("coopdir.listing.gone.make")
    work()
    order.refresh_from_db()
    assert order.status == "FAILED"
    assert "No module named 'coopdir.listing'" in order.traceback
    assert client.get(ADDRESS).status_code == 202  # and can be asked for again
    assert DBTaskResult.objects.ready().count() == 1
