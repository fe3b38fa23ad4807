"""A list that is long for a spreadsheet: the background worker makes the file, and who asked is told how far it is."""

import dataclasses
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult
from python_calamine import CalamineWorkbook

from core.imports import jobs
from core.lists import export_jobs, exports, file_writers, formats
from core.lists.downloads import downloads_of
from partnerships.management.commands.db_worker import Worker
from partnerships.models import Town
from tests import factories as f
from tests.core.test_storage import no_room

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ORDER = export_jobs.ExportRequest("partnerships.views.TownsFile", "http://localhost:8000/towns.xlsx?sort=name")
ADDRESS = "/towns.xlsx?sort=name"


@pytest.fixture
def towns(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> list[Town]:
    """Three towns, which are many for a spreadsheet, and a folder of files that is empty."""
    monkeypatch.setitem(
        formats.FILE_FORMATS, "xlsx", formats.FileFormat(formats.FILE_FORMATS["xlsx"].media_type, 4, at_once=2)
    )
    settings.DATA_DIR = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    return [f.town("Dijon"), f.town("Dole"), f.town("Mainz", "DE")]


@pytest.fixture
def work(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has the background worker do all that waits, over the connection of the test."""
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    options = {"interval": 0, "startup_delay": False, "max_tasks": None, "excluded_queue_names": []}
    worker = db_worker.Worker(queue_names=["default"], batch=True, backend_name="default", worker_id="tests", **options)
    return worker.run


def rows(response: Any) -> list[str]:
    """The names in a file that came."""
    assert response.status_code == 200, response.content
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return [row[1] for row in book["data"].iter_rows(min_row=2, values_only=True)]


def waiting() -> int:
    return DBTaskResult.objects.filter(status=TaskResultStatus.READY).count()


def test_a_program_asks_again_until_the_file_is_there(client: Client, towns: list[Town], work: Callable) -> None:
    for _time in range(2):
        response = client.get(ADDRESS)
        assert (response.status_code, response["Retry-After"]) == (202, "5")
        assert response["Cache-Control"] == "no-store"
        assert "http://testserver/towns.csv?sort=name" in response.content.decode()
    assert waiting() == 1
    work()
    response = client.get(ADDRESS)
    assert rows(response) == ["Dijon", "Dole", "Mainz"]
    assert response["Content-Disposition"].startswith('attachment; filename="coopdir-towns-')
    assert client.get(ADDRESS, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_a_long_opendocument_list_is_the_workers_too(
    client: Client, towns: list[Town], work: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats.FILE_FORMATS, "ods", dataclasses.replace(formats.FILE_FORMATS["ods"], at_once=2))
    response = client.get("/towns.ods?sort=name", headers=BROWSER)
    assert (response.status_code, response["Refresh"]) == (202, "5; url=/towns.ods?sort=name&wait=1")
    assert "ODS" in response.content.decode()
    assert "ODS, the same columns; so long a list takes a while to make" in str(downloads_of("towns_file", most=3))
    work()
    response = client.get("/towns.ods?sort=name")
    content = b"".join(response.streaming_content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert [row[1] for row in book.get_sheet_by_name("data").to_python()[1:]] == ["Dijon", "Dole", "Mainz"]
    assert book.sheet_names == ["data", "about"]
    # By which programs know it without opening it: the first part, not packed.
    assert content[30:84].startswith(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")


def test_the_same_question_is_asked_of_the_worker_once(client: Client, towns: list[Town], work: Callable) -> None:
    client.get("/towns.xlsx?q=&sort=name&page=2&lang=fr")
    work()
    assert rows(client.get(ADDRESS)) == ["Dijon", "Dole", "Mainz"]
    assert client.get("/towns.xlsx?sort=-name").status_code == 202


@pytest.mark.parametrize(("number", "status"), [(2, 200), (3, 202), (4, 202), (5, 400)])
def test_what_is_short_comes_at_once(client: Client, towns: list[Town], number: int, status: int) -> None:
    for name in "ABCDE"[:number]:
        f.town(name, "IT")
    assert client.get("/towns.xlsx?country=IT").status_code == status
    assert waiting() == (status == 202)


def test_the_other_forms_come_at_once(client: Client, towns: list[Town]) -> None:
    for form in ("csv", "ods", "json"):
        assert client.get(f"/towns.{form}").status_code == 200
    assert client.get("/towns.csv?wait=1").status_code == 200
    assert client.get("/towns.xlsx?wait=2").status_code == 400


@pytest.mark.parametrize(
    ("query", "language", "told"),
    [
        ("", "en", "Your file is being made"),
        ("", "fr", "Votre fichier est en préparation"),
        ("&lang=fr", "en", "Votre fichier est en préparation"),
    ],
)
def test_a_browser_gets_a_page(client: Client, towns: list[Town], query: str, language: str, told: str) -> None:
    response = client.get(ADDRESS + query, headers=BROWSER | {"Accept-Language": language})
    html = response.content.decode()
    assert (response.status_code, response["Refresh"]) == (202, f"5; url={ADDRESS}{query}&wait=1")
    assert response["Content-Language"] == (query[-2:] or language)
    assert f"<h1>{told}</h1>" in re.sub(r">\s+|\s+<", lambda found: found[0].strip(), html)
    assert {"Accept", "Accept-Language"} <= set(response["Vary"].split(", "))
    as_french = "&amp;delimiter=%3B" if response["Content-Language"] == "fr" else ""
    assert f'href="/towns.csv?sort=name{query.replace("&", "&amp;")}{as_french}&amp;bom=1"' in html


def test_the_page_can_be_told_to_stand_still(client: Client, towns: list[Town]) -> None:
    html = client.get(ADDRESS, headers=BROWSER).content.decode()
    still = re.search(r'href="([^"]+)" id="stop"', html)[1].replace("&amp;", "&")
    response = client.get(f"/towns.xlsx{still}", headers=BROWSER)
    assert "Refresh" not in response
    assert response.status_code == 202


def test_the_progress_is_true(client: Client, towns: list[Town]) -> None:
    with export_jobs._held(ORDER):
        for done, told in [(0, "0 of 3 records"), (1, "1 of 3 records"), (3, "being packed")]:
            cache.set(ORDER.key, {"done": done})
            assert told in client.get(ADDRESS).content.decode()
            html = client.get(ADDRESS, headers=BROWSER).content.decode()
            assert told in html
            assert (f'max="3" value="{done}"' in html) == (done < 3)
    assert not waiting()


def test_the_worker_tells_how_far_it_is(
    client: Client, towns: list[Town], work: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def tell(view: Any, file: Any, keys: Any, tell: Callable[[int], None], **more: Any) -> None:
        write(view, file, keys, lambda done: (tell(done), told.append(cache.get(ORDER.key)["done"])), **more)

    write = exports.ListFile.write_xlsx
    monkeypatch.setattr(exports.ListFile, "write_xlsx", tell)
    monkeypatch.setattr(file_writers, "CHUNK_SIZE", 1)
    client.get(ADDRESS)
    work()
    assert told == [0, 1, 2, 3, 3]


def test_a_browser_that_waited_is_shown_that_the_file_is_ready(
    client: Client, towns: list[Town], work: Callable
) -> None:
    client.get(ADDRESS, headers=BROWSER)
    work()
    response = client.get(f"{ADDRESS}&wait=1", headers=BROWSER)
    assert (response.status_code, response["Refresh"]) == (200, f"1; url={ADDRESS}")
    assert response["Cache-Control"] == "no-store"
    assert 'href="?sort=name"' in response.content.decode()
    assert "Refresh" not in client.get(f"{ADDRESS}&wait=0", headers=BROWSER)
    assert rows(client.get(ADDRESS, headers=BROWSER))


@pytest.mark.parametrize("minute", [60, 0])
def test_who_waited_gets_the_file_though_the_data_changed_meanwhile(
    client: Client, towns: list[Town], work: Callable, monkeypatch: pytest.MonkeyPatch, minute: int
) -> None:
    monkeypatch.setattr(export_jobs, "MAX_STALE_SECONDS", minute)
    before = client.get("/towns.csv")["Data-Version"]
    client.get(ADDRESS)
    work()
    Town.objects.filter(pk=towns[1].pk).update(name="Dôle")
    response = client.get(ADDRESS)
    if minute:
        assert rows(response) == ["Dijon", "Dole", "Mainz"]
        assert response["Data-Version"] == before
        assert client.get(ADDRESS, headers={"If-None-Match": response["ETag"]}).status_code == 200
    else:
        assert response.status_code == 202
        work()
        assert rows(client.get(ADDRESS)) == ["Dijon", "Dôle", "Mainz"]


def test_what_a_worker_took_and_died_over_is_begun_again(
    client: Client, towns: list[Town], work: Callable, tmp_path: Path
) -> None:
    client.get(ADDRESS)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
    left = tmp_path / "lists" / f".{ORDER.key}"
    left.mkdir(parents=True)
    (left / "rows").write_text("half of them")
    assert client.get(ADDRESS).status_code == 202
    assert waiting() == 1
    work()
    assert rows(client.get(ADDRESS))
    assert not left.exists()


def test_a_second_worker_leaves_the_file_to_the_first(towns: list[Town]) -> None:
    path = ORDER.path(export_jobs.data_state(timezone.localdate())[0])
    path.parent.mkdir()
    path.write_text("made by the first")
    export_jobs.make.func(ORDER.view, ORDER.address)
    assert path.read_text() == "made by the first"


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_where_too_many_wait_the_way_out_is_named(
    client: Client, towns: list[Town], work: Callable, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(export_jobs, "WAITING", 1)
    assert client.get(ADDRESS, headers=headers).status_code == 202
    response = client.get("/towns.xlsx?sort=-name", headers=headers)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "/towns.csv?sort=-name" in response.content.decode()
    assert "Refresh" not in response
    work()
    assert client.get("/towns.xlsx?sort=-name", headers=headers).status_code == 202


def test_what_goes_wrong_is_not_tried_at_once_again(
    client: Client, towns: list[Town], work: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports.ListFile, "write", lambda *told: 1 / 0)
    client.get(ADDRESS)
    work()
    assert client.get(ADDRESS).status_code == 503
    assert not waiting()
    cache.delete(ORDER.key)
    assert client.get(ADDRESS).status_code == 202


@pytest.mark.parametrize("disk", ["full", "shut"])
@pytest.mark.parametrize(("headers", "told"), [
    ({}, "could not be written"),
    (BROWSER, "could not be written"),
    (BROWSER | {"Accept-Language": "fr"}, "n’a pas pu être écrit"),
])  # fmt: skip
def test_what_the_disk_does_not_take_ends_in_words(
    client: Client, towns: list[Town], work: Callable, tmp_path: Path, disk: str, headers: dict[str, str], told: str
) -> None:
    if disk == "shut":
        (tmp_path / "lists").touch()
    assert client.get(ADDRESS, headers=headers).status_code == 202
    with no_room(1000 if disk == "full" else 10**9):
        work()
    response = client.get(ADDRESS, headers=headers)
    assert (response.status_code, response["Retry-After"]) == (503, "600")
    assert told in response.content.decode()
    assert "Refresh" not in response
    assert not waiting()
    if disk == "full":
        assert list((tmp_path / "lists").iterdir()) == []


def test_where_no_worker_runs_it_is_said(client: Client, towns: list[Town]) -> None:
    assert "has not taken it yet" in client.get(ADDRESS).content.decode()
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timezone.timedelta(minutes=2))
    for headers in ({}, BROWSER):
        html = client.get(ADDRESS, headers=headers).content.decode()
        assert "busy, or is not running" in html
        assert "/towns.csv?sort=name" in html


def test_imports_come_before_files(client: Client, towns: list[Town]) -> None:
    client.get(ADDRESS)
    jobs.work.enqueue(0, "plan", None)
    assert DBTaskResult.objects.ready().first().task_path == jobs.work.module_path


def test_an_order_that_cannot_be_read_is_put_aside_and_the_others_go_on(
    client: Client, towns: list[Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    paths = (
        export_jobs.make.module_path,
        jobs.work.module_path,
        "coopdir.gone.work",
        "core.lists.export_jobs.MAX_EXPORT_FILES",
    )
    for path in paths:
        for asked in ({}, [], {"args": [], "kwargs": {"of": "another version"}}):
            DBTaskResult.objects.create(
                task_path=path, args_kwargs=asked, backend_name="default", priority=50, run_after=timezone.now()
            )
    assert client.get(ADDRESS).status_code == 202
    options = {"interval": 0, "startup_delay": False, "max_tasks": None, "excluded_queue_names": []}
    Worker(queue_names=["default"], batch=True, backend_name="default", worker_id="tests", **options).run()
    assert rows(client.get(ADDRESS)) == ["Dijon", "Dole", "Mainz"]
    assert DBTaskResult.objects.failed().count() == 3 * len(paths)


def test_old_files_go(
    client: Client, towns: list[Town], work: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = export_jobs.data_state(timezone.localdate())
    monkeypatch.setattr(
        export_jobs, "data_state", lambda *_more: found
    )  # what others write on the server changes it, too
    state = found[0]
    folder = tmp_path / "lists"
    folder.mkdir()
    kept, old, stale = (folder / name for name in (f"a-{state}", f"b-{state}", "c-of-before"))
    left = folder / ".left"
    for path, age in ((kept, 3600), (old, 90_000), (stale, 3600)):
        path.touch()
        os.utime(path, times=(path.stat().st_mtime - age,) * 2)
    left.mkdir()
    os.utime(left, times=(left.stat().st_mtime - 90_000,) * 2)
    client.get(ADDRESS)
    work()
    assert sorted(path.name for path in folder.iterdir()) == sorted([kept.name, ORDER.path(state).name])


def test_so_many_files_are_kept_and_no_more(
    client: Client, towns: list[Town], work: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_jobs, "MAX_EXPORT_FILES", 2)
    for sort in ("name", "-name", "population"):
        client.get(f"/towns.xlsx?sort={sort}")
        work()
    assert len(list((tmp_path / "lists").iterdir())) == 2
    assert rows(client.get("/towns.xlsx?sort=population"))


def test_the_page_of_a_long_list_says_that_the_file_takes_a_while(client: Client, towns: list[Town]) -> None:
    page = client.get("/fr/towns/?view=download").content.decode()
    assert '<a href="/towns.xlsx?lang=fr">' in page
    page = client.get("/fr/towns/?view=download&country=DE").content.decode()
    assert '<a href="/towns.xlsx?country=DE">' in page
