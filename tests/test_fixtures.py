"""The directory's own content loads as an uploaded file does, and what is exported comes in again unchanged."""

import csv
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.imports.management.commands.load_fixtures import FIXTURES
from core.imports.models import ImportBatch
from core.imports.registry import resources
from partnerships.models import Agreement, Source, Town
from tests.factories import town
from tests.importing import faults, load_file, outcomes
from tests.partnerships.test_models import MODELS

pytestmark = pytest.mark.django_db


@pytest.fixture
def content(db: None) -> None:
    call_command("load_fixtures", verbosity=0)


def exports() -> dict[str, bytes]:
    """Every resource's export, in the order they can be loaded in."""
    return {name: resource().export().export("csv").encode() for name, resource in resources().items()}


def test_a_second_load_changes_nothing(content, capsys):
    before, batches = exports(), ImportBatch.objects.count()
    call_command("load_fixtures", verbosity=0)
    assert exports() == before
    assert ImportBatch.objects.count() == batches


def test_what_people_changed_since_is_not_overwritten(content):
    Town.objects.filter(reference="T1").update(population=12345)
    call_command("load_fixtures", verbosity=0)
    assert Town.objects.get(reference="T1").population == 12345


def test_one_refused_row_keeps_everything_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sources.csv").write_text("title\nA source\n")
    (tmp_path / "countries.csv").write_text("code,continent\nFR,EU\nZZ,EU\n")
    monkeypatch.setattr("core.imports.management.commands.load_fixtures.FIXTURES", tmp_path)
    with pytest.raises(CommandError, match=r"countries\.csv, line 3, code “ZZ”"):
        call_command("load_fixtures", verbosity=0)
    assert not Source.objects.exists()
    assert not ImportBatch.objects.exists()


def test_a_file_with_a_wrong_header_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sources.csv").write_text("title,titel\nA source,Another\n")
    monkeypatch.setattr("core.imports.management.commands.load_fixtures.FIXTURES", tmp_path)
    with pytest.raises(CommandError, match=r"sources\.csv: .*titel"):
        call_command("load_fixtures", verbosity=0)


def test_the_three_party_agreement_of_the_source(content):
    agreement = Agreement.objects.get(reference="A1")
    parties = [(party.actor.name, party.joined) for party in agreement.parties.all()]
    assert parties == [("Quetigny", "1986-05-24"), ("Koulikoro", "1986-05-24"), ("Bous", "1989")]
    assert [s.party.actor.name for p in agreement.parties.all() for s in p.suspensions.all()] == ["Koulikoro"]


def test_every_export_comes_in_again_as_unchanged(content):
    for name, resource in resources().items():
        sheet = resource().export()
        for form in ("csv", "xlsx"):
            content = sheet.export(form)
            imported = load_file(name, content.encode() if form == "csv" else content)
            assert outcomes(imported) == ["unchanged"] * len(sheet), (name, form, faults(imported)[:3])


def test_a_dump_fills_an_empty_database(content):
    before = exports()
    _empty()
    assert not any(model.objects.exists() for model in MODELS)
    for name, dump in before.items():
        imported = load_file(name, dump)
        assert set(outcomes(imported)) <= {"created", "unchanged"}, (name, faults(imported)[:3])
    after = exports()
    assert {name: sorted(dump.splitlines()) for name, dump in after.items()} == {
        name: sorted(dump.splitlines()) for name, dump in before.items()
    }
    numbers = [int(reference[1:]) for reference in Town.objects.values_list("reference", flat=True)]
    made = town()
    made.refresh_from_db()
    assert int(made.reference[1:]) > max(numbers)


def _empty() -> None:
    """Empty the directory, without its history."""
    tables = ", ".join(model._meta.db_table for model in MODELS)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        cursor.execute("SELECT c.relname FROM pg_class c WHERE relkind = 'S' AND relname LIKE 'coopdir_reference_%'")
        for (sequence,) in cursor.fetchall():
            cursor.execute(f"SELECT setval('{sequence}', 1, false)")


def test_the_batches_name_the_source(content):
    batch = ImportBatch.objects.filter(resource="towns").get()
    assert (batch.file_name, batch.source_title, batch.source_licence) == (
        "towns.csv",
        "CoopDir fact sheet",
        "CC-BY-4.0",
    )
    assert batch.counts["created"] == Town.objects.count()


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.csv")), ids=lambda path: path.stem)
def test_in_french_no_line_begins_with_punctuation(path: Path) -> None:
    """Before : ; ! ? » and % and after « stands a no-break space."""
    with path.open(encoding="utf-8", newline="") as file:
        texts = [text for row in csv.DictReader(file) for name, text in row.items() if name.endswith("_fr")]
    assert [text for text in texts if re.search("[ ][:;!?»%]|«[ ]", text)] == []
