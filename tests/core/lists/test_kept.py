"""What is only kept for speed never fails a request: the copy of the index, cards, files in the making, the cache."""

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from coopdir.opendata.social_cards import views
from core import shares
from core.lists import formats
from partnerships.agreements.facets import INDEX
from tests import factories as f


@pytest.fixture
def only_read(transactional_db: None) -> Iterator[None]:
    """An agreement, and a server that takes no writes any more; the process has just begun."""
    f.agreement(f.town("Dijon"), f.town("Mainz", "DE"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM coopdir_index")
        cursor.execute("SET default_transaction_read_only = on")
    INDEX.forget()
    yield
    connection.close()
    INDEX.forget()


def test_lists_answer_on_a_server_that_is_only_read(
    client: Client, only_read: None, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/en/agreements/", "/en/agreements/?q=dijonn", "/api/v1/agreements", "/agreements.csv", "/map.json"):
        assert client.get(path).status_code == 200, path
    assert caplog.text.count("The copy of the index of agreements could not be kept") == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM coopdir_index")
        assert cursor.fetchone() == (0,)


def test_a_file_for_the_worker_cannot_be_ordered_there_and_the_csv_is_named(
    client: Client, only_read: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setitem(formats.FILE_FORMATS, "xlsx", formats.FileFormat("application/x", 9, at_once=1))
    answer = client.get("/towns.xlsx")
    assert answer.status_code == 503
    assert "/towns.csv" in answer.content.decode()


@pytest.fixture
def cards(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of cards."""
    monkeypatch.setattr(views, "_root", lambda: tmp_path / "cards")
    return tmp_path / "cards"


def test_a_card_is_drawn_where_the_disk_is_full(client: Client, cards: Path, caplog: pytest.LogCaptureFixture) -> None:
    f.town("Dijon")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))  # a longer file cannot be written
    try:
        answer = client.get("/card/en/home.png")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (answer.status_code, answer.content[:4]) == (200, b"\x89PNG")
    assert "could not be kept" in caplog.text
    assert [path for path in cards.rglob("*") if path.is_file()] == []  # no half a card
    assert client.get("/card/en/home.png").content == answer.content
    assert [path.name for path in cards.rglob("*.png")] == ["en-home.png"]


def test_a_card_is_drawn_where_no_folder_can_be_made(client: Client, cards: Path) -> None:
    cards.write_text("a file where the folder should be")
    answer = client.get("/card/en/home.png")
    assert (answer.status_code, answer.content[:4]) == (200, b"\x89PNG")


def test_without_its_table_the_cache_fails_nothing(client: Client, db: None, caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE coopdir_cache")
    shares._costs.forget()
    shares.share_of("127.0.0.1", 1)
    assert (cache.get("a", 1), cache.get_many(["a"]), cache.add("a", 1), cache.has_key("a")) == (1, {}, True, False)
    for path in ("/en/", "/en/agreements/", "/agreements.csv", "/api/v1/agreements", "/en/account/login/"):
        assert client.get(path).status_code == 200, path
    login = {"login": "nobody@example.org", "password": "wrong-password"}
    assert client.post("/en/account/login/", login).status_code == 200
    assert "The shared cache failed" in caplog.text
    call_command("createcachetable")
