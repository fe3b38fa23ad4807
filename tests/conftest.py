"""The database of a test run, and the people who use the site."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.signals import post_save
from django.test import Client, TransactionTestCase
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

import tests.properties  # noqa: F401 (settings of Hypothesis)
from core import shares
from core.facets import live_index
from partnerships.mail import outbox
from partnerships.models import OutgoingMail
from tests import factories, packages
from tests.databases import copied_database, empty_tables


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip modules that import what is only installed for the whole suite (`tests.packages`)."""
    return packages.module_of_missing(module_path, parent)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A migrated database of its own for this process, dropped at the end."""
    rebuild = request.config.getvalue("create_db")
    with django_db_blocker.unblock(), copied_database(rebuild), django_db_blocker.block():
        yield


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_quickly() -> Iterator[None]:
    """After a test that commits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture(autouse=True)
def _nothing_is_held(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that commits, the tables are emptied, which no trigger sees: what is held of them goes before."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"live_server", "transactional_db"} & set(request.fixturenames)
    if not commits and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")  # so that the database can still be asked at the end
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM coopdir_index")
    live_index.forget_all()


@pytest.fixture(autouse=True)
def _worker_stands_by() -> Iterator[None]:
    """What is committed to the outbox is sent at once."""

    def at_commit(created: bool, **_signal: object) -> None:
        if created:
            transaction.on_commit(outbox.send_due)

    post_save.connect(at_commit, sender=OutgoingMail)
    yield
    post_save.disconnect(at_commit, sender=OutgoingMail)


@pytest.fixture(autouse=True)
def _the_machine_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request does any work that counts: how busy the machine is decides neither how many queries are asked nor
    whether somebody is turned away. `tests.core.test_shares` looks at what does count."""
    monkeypatch.setattr(shares, "work", SimpleNamespace(done=lambda: 0.0))


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Each test begins in English: a request in French leaves its language to the thread."""
    with translation.override("en"):
        yield


@pytest.fixture
def administrator(db: None) -> User:
    """Somebody who may do everything."""
    return factories.user("administrator", is_staff=True, is_superuser=True)


@pytest.fixture
def officer(db: None) -> User:
    """An officer of Bourgogne-Franche-Comté."""
    return factories.officer("officer", factories.territory("FR-BFC", name="Bourgogne-Franche-Comté"))


@pytest.fixture
def administrator_client(administrator: User) -> Client:
    """A browser in which the administrator is logged in."""
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def officer_client(officer: User) -> Client:
    """A browser in which the officer is logged in."""
    client = Client()
    client.force_login(officer)
    return client
