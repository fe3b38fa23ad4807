"""Taking an import back: the directory is what it was, but for what people have touched since."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdir.imports.models import ImportStatus
from coopdir.imports.undoing import tables, undo
from partnerships.models import Agreement, Party, Town, TownName
from partnerships.resources import AgreementResource
from tests.editing import time_passes
from tests.factories import agreement, country, town
from tests.importing import SOURCE, load

pytestmark = pytest.mark.django_db


def state() -> dict[str, list[Any]]:
    """Every row of every table with history, as it is now."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            columns = ", ".join(f'"{f.column}"' for f in table.model._meta.local_concrete_fields)
            cursor.execute(f"SELECT {columns} FROM {table.name} ORDER BY {table.key}")
            found[table.name] = cursor.fetchall()
    return found


def between(first: str, second: str, **cells: str) -> dict[str, str]:
    """A row of an agreement between a French and a German town."""
    return {"kind": "twinning", "party_1": first, "country_1": "FR", "party_2": second, "country_2": "DE"} | cells


@pytest.fixture(autouse=True)
def _countries() -> None:
    country("FR"), country("DE")


def test_what_was_made_goes_and_comes_back() -> None:
    before = state()
    rows = [between("Alpha", "Gamma", signed="1986", themes=""), between("Beta", "Gamma", source="A letter")]
    batch = load(AgreementResource(create_towns=True), *rows).batch
    after = state()
    assert Agreement.objects.count() == 2
    assert Town.objects.count() == 3
    undone = undo(batch)
    assert state() == before
    assert (undone.kept, undone.restored, undone.brought_back) == ([], 0, 0)
    batch.refresh_from_db()
    assert batch.status == ImportStatus.UNDONE
    undo(batch)
    assert state() == after
    batch.refresh_from_db()
    assert batch.status == ImportStatus.APPLIED
    undo(batch)
    assert state() == before


def test_what_was_changed_is_as_before() -> None:
    alpha, gamma = town("Alpha"), town("Gamma", "DE")
    known = agreement(alpha, gamma, signed="1986", kind="twinning")
    before = state()
    row = between("ALPHA!", "Gamma", signed="1986", activity="active", joined_1="1990", reference=known.reference)
    batch = load("agreements", row | {"party_3": "Delta", "country_3": "DE"}, source=SOURCE).batch
    assert batch.counts["question"] == 1
    batch = load(AgreementResource(create_towns=True), row | {"party_3": "Delta", "country_3": "DE"}).batch
    assert batch.counts["updated"] == 1
    after = state()
    assert after != before
    undo(batch)
    assert state() == before
    undo(batch)
    assert state() == after


def test_what_was_edited_since_is_kept_whole_and_named() -> None:
    rows = [between("Alpha", "Gamma"), between("Beta", "Gamma")]
    batch = load(AgreementResource(create_towns=True), *rows).batch
    edited = Agreement.objects.get(parties__town__name="Alpha")
    time_passes()
    Party.objects.filter(agreement=edited, position=1).update(joined="1990")
    undone = undo(batch)
    assert list(Agreement.objects.all()) == [edited]
    assert {one.name for one in Town.objects.all()} == {"Alpha", "Gamma"}
    assert edited in undone.kept
    assert edited.parties.count() == 2
    assert edited.sources.get().title == SOURCE["source_title"]


def test_a_town_that_another_agreement_came_to_need_is_kept() -> None:
    batch = load(AgreementResource(create_towns=True), between("Alpha", "Gamma")).batch
    time_passes()
    agreement(Town.objects.get(name="Gamma"), town("Omega"))
    undone = undo(batch)
    assert {one.name for one in Town.objects.all()} == {"Gamma", "Omega"}
    assert [str(one) for one in undone.kept if isinstance(one, Town)] == ["Gamma"]


def test_a_name_that_was_added_to_a_town_goes() -> None:
    known = town("Alpha")
    TownName.objects.create(town=known, name="Alfa")
    town("Gamma", "DE")
    batch = load("agreements", between("Alfa (Jura)", "Gamma")).batch
    assert known.names.count() == 2
    undo(batch)
    assert [name.name for name in known.names.all()] == ["Alfa"]


NAMES = st.sampled_from(["Alpha", "Beta", "Gamma"])
ROWS = st.lists(
    st.builds(
        between, NAMES, NAMES, signed=st.sampled_from(["", "1986", "1986-05"]), activity=st.sampled_from(["", "active"])
    ),
    max_size=5,
)


@given(first=ROWS, second=ROWS)
@settings(max_examples=30, deadline=None)
def test_apply_then_undo_is_identity(first: list[dict[str, str]], second: list[dict[str, str]]) -> None:
    resource = AgreementResource(create_towns=True)
    if first:
        load(resource, *first)
    before = state()
    if second:
        undo(load(AgreementResource(create_towns=True), *second).batch)
    assert state() == before


def test_every_table_with_history_can_be_taken_back() -> None:
    tracked = {events.pgh_tracked_model for events in apps.get_models() if hasattr(events, "pgh_tracked_model")}
    assert {table.model for table in tables()} == tracked - {None}
