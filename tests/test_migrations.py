"""The migrations describe the models as they are, and can be taken back."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.databases import copied_database

APPS = ["networks", "imports", "partnerships", "coopdir"]  # each before those that it is built on


@pytest.mark.django_db
def test_no_model_differs_from_its_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.fixture
def scratch_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A migrated database that the test may spoil."""
    with django_db_blocker.unblock(), copied_database():
        yield


def ours() -> set[str]:
    """Tables, sequences and functions of the project; those of its triggers stay, as pgtrigger has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname ~ %s AND relkind IN ('r', 'S')"
            " UNION SELECT proname FROM pg_proc WHERE proname ~ %s",
            [names := f"^({'|'.join(APPS)})_", names],
        )
        return {name for (name,) in cursor.fetchall()} - {"coopdir_cache"}


@pytest.mark.long
def test_backwards_to_nothing_and_forwards_again(scratch_database: None) -> None:
    before = ours()
    assert before
    for app in APPS:
        call_command("migrate", app, "zero", verbosity=0)
    assert ours() == set()
    call_command("migrate", verbosity=0)
    assert ours() == before
