"""The database of a test run, and the people who use the site."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from tests import factories
from tests.databases import copied_database


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A migrated database of its own for this process, dropped at the end."""
    rebuild = request.config.getvalue("create_db")
    with django_db_blocker.unblock(), copied_database(rebuild), django_db_blocker.block():
        yield


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
