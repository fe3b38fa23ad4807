"""Taking an import back: the directory is what it was, but for what people have touched since."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from pghistory.models import Context

from core.imports.errors import ImportRefused
from core.imports.history_tables import history_tables
from core.imports.kept_rows import KeptRows
from core.imports.models import ImportBatch, ImportStatus
from core.imports.undo import undo_import
from partnerships.editing import workflow
from partnerships.imports.layouts import AgreementResource
from partnerships.models import (
    Agreement,
    AgreementTheme,
    Confirmation,
    Contact,
    FormDraft,
    Party,
    Suspension,
    Theme,
    Town,
    TownName,
)
from partnerships.review import proposals
from tests.editing import time_passes
from tests.factories import agreement, country, make, source, territory, town, user
from tests.importing import SOURCE, load
from tests.properties import examples

pytestmark = pytest.mark.django_db


def state() -> dict[str, list[Any]]:
    """Every row of every table with history, as it is now."""
    found = {}
    with connection.cursor() as cursor:
        for table in history_tables():
            columns = ", ".join(f'"{f.column}"' for f in table.model._meta.local_concrete_fields)
            cursor.execute(f"SELECT {columns} FROM {table.name} ORDER BY {table.key}")
            found[table.name] = cursor.fetchall()
    return found


def between(first: str, second: str, **cells: str) -> dict[str, str]:
    """A row of an agreement between a French and a German town."""
    return {"kind": "twinning", "party_1": first, "country_1": "FR", "party_2": second, "country_2": "DE"} | cells


def administrator() -> User:
    """Somebody who may do everything."""
    return user(is_superuser=True)


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
    undone = undo_import(batch)
    assert state() == before
    assert (undone.kept, undone.restored, undone.brought_back) == ([], 0, 0)
    batch.refresh_from_db()
    assert batch.status == ImportStatus.UNDONE
    undo_import(batch)
    assert state() == after
    batch.refresh_from_db()
    assert batch.status == ImportStatus.APPLIED
    undo_import(batch)
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
    undo_import(batch)
    assert state() == before
    undo_import(batch)
    assert state() == after


def test_what_was_edited_since_is_kept_whole_and_named() -> None:
    rows = [between("Alpha", "Gamma"), between("Beta", "Gamma")]
    batch = load(AgreementResource(create_towns=True), *rows).batch
    edited = Agreement.objects.get(parties__town__name="Alpha")
    time_passes()
    Party.objects.filter(agreement=edited, position=1).update(joined="1990")
    undone = undo_import(batch)
    assert list(Agreement.objects.all()) == [edited]
    assert {one.name for one in Town.objects.all()} == {"Alpha", "Gamma"}
    assert edited in undone.kept
    assert edited.parties.count() == 2
    assert edited.sources.get().title == SOURCE["source_title"]


def test_a_town_that_another_agreement_came_to_need_is_kept() -> None:
    batch = load(AgreementResource(create_towns=True), between("Alpha", "Gamma")).batch
    time_passes()
    agreement(Town.objects.get(name="Gamma"), town("Omega"))
    undone = undo_import(batch)
    assert {one.name for one in Town.objects.all()} == {"Gamma", "Omega"}
    assert [str(one) for one in undone.kept if isinstance(one, Town)] == ["Gamma"]


def an_agreement() -> tuple[ImportBatch, Agreement]:
    """An import that made one agreement and its towns, a minute ago."""
    batch = load(AgreementResource(create_towns=True), between("Alpha", "Gamma")).batch
    time_passes()
    return batch, Agreement.objects.get()


SINCE: dict[str, Callable[[Agreement], Any]] = {
    "edited": lambda record: Agreement.objects.filter(pk=record.pk).update(activity="active"),
    "withdrawn": lambda record: Agreement.objects.filter(pk=record.pk).update(publication="withdrawn"),
    "verified": lambda record: workflow.verify(by=administrator(), agreements=[record]),
    "given a theme": lambda record: make(AgreementTheme, agreement=record),
    "its party suspended": lambda record: make(Suspension, party=record.parties.first()),
    "taken from its source": lambda record: record.agreementsource_set.update(source=source()),
    "spoken of": lambda record: proposals.propose(subject=proposals.subject_of(record), text="Is that so?"),
    "asked about": lambda record: make(Confirmation, party=record.parties.first()),
    "begun to be edited": lambda record: make(FormDraft, agreement=record),
    "given a contact": lambda record: make(Contact, agreement=record),
}


@pytest.mark.parametrize("since", SINCE)
def test_what_anybody_had_to_do_with_since_is_kept_whole(since: str) -> None:
    batch, record = an_agreement()
    SINCE[since](record)
    before = state()
    undone = undo_import(batch)
    assert state() == before
    assert (undone.kept, undone.kept_total) == ([record], 1)


@pytest.mark.parametrize("since", ["its party", "a theme", "itself", "a name"])
def test_a_record_that_was_only_changed_and_edited_since_is_kept_whole(since: str) -> None:
    alpha = town("Alpha", territory=territory("FR-39", name="Jura"))
    known = agreement(alpha, town("Gamma", "DE"), kind="twinning")
    TownName.objects.create(town=alpha, name="Alfa")
    row = between("Alfa (Jura)", "Gamma", activity="active", party_3="Delta", country_3="DE")
    batch = load(AgreementResource(create_towns=True), row | {"reference": known.reference}).batch
    assert batch.counts["updated"] == 1
    time_passes()
    if since == "a name":
        TownName.objects.create(town=alpha, name="Alphaville")
    elif since == "a theme":
        make(AgreementTheme, agreement=known)
    elif since == "itself":
        Agreement.objects.filter(pk=known.pk).update(description_en="A word")
    else:
        known.parties.filter(position=1).update(joined="1990")
    before = state()
    undone = undo_import(batch)
    if since == "a name":
        assert {name.name for name in alpha.names.all()} == {"Alfa", "Alfa (Jura)", "Alphaville"}
        assert undone.kept == [alpha]
        assert Agreement.objects.get().activity == "unknown"
    else:
        assert [name.name for name in alpha.names.all()] == ["Alfa"]
        assert undone.kept == [known]
        assert state() | dict.fromkeys(["partnerships_townname"]) == before | dict.fromkeys(["partnerships_townname"])


def test_a_town_that_is_spoken_of_is_kept() -> None:
    batch, _record = an_agreement()
    alpha = Town.objects.get(name="Alpha")
    proposals.propose(subject=proposals.subject_of(alpha), text="It is called otherwise.")
    assert undo_import(batch).kept == [alpha]
    assert [town.name for town in Town.objects.all()] == ["Alpha"]


def test_what_was_edited_and_is_as_before_goes() -> None:
    before = state()
    first, record = an_agreement()
    second = load("agreements", between("Alpha", "Gamma", activity="active", themes="")).batch
    assert second.counts["updated"] == 1
    time_passes()
    undo_import(second)
    time_passes()
    Agreement.objects.filter(pk=record.pk).update(activity="dormant")
    Agreement.objects.filter(pk=record.pk).update(activity="unknown")
    assert undo_import(first).kept == []
    assert state() == before


def test_what_was_kept_goes_when_the_edit_has_gone() -> None:
    before = state()
    batch, record = an_agreement()
    draft = make(FormDraft, agreement=record)
    assert undo_import(batch).kept == [record]
    undo_import(batch)
    draft.delete()
    assert undo_import(batch).kept == []
    assert state() == before


def test_what_came_in_again_meanwhile_does_not_come_back() -> None:
    batch, _record = an_agreement()
    undo_import(batch)
    time_passes()
    load(AgreementResource(create_towns=True), between("Alpha", "Gamma"))
    before = state()
    with pytest.raises(ImportRefused, match="This source is already here"):
        undo_import(batch)
    assert state() == before


def test_an_identifier_that_another_has_taken_is_said_and_nothing_happens() -> None:
    known = town("Alpha", insee="21001")
    batch = load("towns", {"reference": known.reference, "insee": "21002"}).batch
    assert batch.counts["updated"] == 1
    time_passes()
    town("Omega", insee="21001")
    before = state()
    with pytest.raises(ImportRefused, match="It cannot be undone: Another town has this identifier already"):
        undo_import(batch)
    assert state() == before
    batch.refresh_from_db()
    assert batch.status == ImportStatus.APPLIED


@pytest.mark.parametrize("status", sorted(set(ImportStatus) - {"applied", "undone", "undoing"}))
def test_what_was_not_applied_is_not_taken_back(status: str) -> None:
    batch, _record = an_agreement()
    ImportBatch.objects.update(status=status)
    before = state()
    with pytest.raises(ImportRefused, match="Only what was imported"):
        undo_import(batch)
    assert state() == before


def test_what_the_history_does_not_tell_of_is_not_told_as_taken_back() -> None:
    """As of a batch of the first version: its context named another key."""
    batch = load(AgreementResource(create_towns=True), between("Dijon", "Mainz")).batch
    Context.objects.update(metadata={"import": batch.pk})
    before = state()
    with pytest.raises(ImportRefused, match="earlier version"):
        undo_import(batch)
    batch.refresh_from_db()
    assert (batch.status, state()) == (ImportStatus.APPLIED, before)
    ImportBatch.objects.update(counts={"unchanged": 1})  # that wrote nothing has nothing to take back
    undo_import(batch)
    assert ImportBatch.objects.get().status == ImportStatus.UNDONE


def test_the_history_says_who_took_back_what() -> None:
    batch, record = an_agreement()
    by = administrator()
    undo_import(batch, by=by)
    event = Agreement.pgh_event_model.objects.get(pgh_obj=record.pk, pgh_label="delete")
    said = event.pgh_context.metadata
    assert said == {"action": "undo", "undoes": batch.reference, "step": 1, "user": by.pk}


def test_taking_back_is_told_in_the_time_line_and_among_the_changes(client: Client) -> None:
    known = agreement(town("Alpha"), town("Gamma", "DE"), kind="twinning")
    time_passes()
    batch = load("agreements", between("Alpha", "Gamma", activity="active")).batch
    for words in (f"import {batch.reference} undone", f"import {batch.reference} brought in again"):
        time_passes()
        undo_import(batch)
        assert words in client.get(reverse("changes")).content.decode()
        page = client.get(reverse("agreement", args=[known.address]) + "history/").content.decode()
        assert words in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["the record", "a part of it"])
def test_an_edit_at_the_same_time_is_not_lost(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Somebody commits after the rows were looked at and before they are written."""
    batch = load(AgreementResource(create_towns=True), between("Alpha", "Gamma")).batch
    record = Agreement.objects.get()
    collect, edits = KeptRows.named, [1]

    def edit() -> None:
        if what == "the record":
            Agreement.objects.update(activity="active")
        else:
            make(AgreementTheme, agreement=Agreement.objects.get())
        connection.close()

    def named(self: Any) -> Any:
        if edits:
            edits.pop()
            person = Thread(target=edit)
            person.start()
            person.join()
        return collect(self)

    monkeypatch.setattr(KeptRows, "named", named)
    assert undo_import(batch).kept == [record]
    assert not edits
    assert (Agreement.objects.count(), Party.objects.count(), Town.objects.count()) == (1, 2, 2)


def test_what_the_import_changed_and_somebody_removed_since_stays_removed() -> None:
    known = make(Theme, code="water", name_en="Water")
    names = {"name_fr": known.name_fr, "name_en": "Drinking water"}
    batch = load("themes", {"code": "water"} | names).batch
    assert batch.counts["updated"] == 1
    time_passes()
    known.delete()
    undo_import(batch)
    assert not Theme.objects.exists()


def test_what_somebody_has_written_after_an_undo_is_theirs_though_it_is_what_the_import_said() -> None:
    known = town("Alpha", population=1)
    batch = load("towns", {"reference": known.reference, "population": "2"}).batch
    time_passes()
    undo_import(batch)
    assert Town.objects.get().population == 1
    time_passes()
    Town.objects.update(population=2)
    for _again in ("brought in", "taken back"):
        time_passes()
        assert undo_import(batch).kept == [known]
        assert Town.objects.get().population == 2


def test_the_number_kept_counts_records_of_every_kind() -> None:
    batch, record = an_agreement()
    Agreement.objects.filter(pk=record.pk).update(activity="active")
    Town.objects.filter(name="Alpha").update(population=7)
    undone = undo_import(batch)
    assert {str(one) for one in undone.kept} == {str(record), "Alpha"}
    assert undone.kept_total == 2


def test_a_name_that_was_added_to_a_town_goes() -> None:
    known = town("Alpha", territory=territory("FR-39", name="Jura"))
    TownName.objects.create(town=known, name="Alfa")
    town("Gamma", "DE")
    batch = load("agreements", between("Alfa (Jura)", "Gamma")).batch
    assert known.names.count() == 2
    undo_import(batch)
    assert [name.name for name in known.names.all()] == ["Alfa"]


NAMES = st.sampled_from(["Alpha", "Beta", "Gamma"])
Rows = list[dict[str, str]]
ROWS = st.lists(
    st.builds(
        between, NAMES, NAMES, signed=st.sampled_from(["", "1986", "1986-05"]), activity=st.sampled_from(["", "active"])
    ),
    max_size=5,
)


@contextmanager
def alone() -> Iterator[None]:
    """One example begins with an empty directory, as every other does."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(first=ROWS, second=ROWS.filter(bool), edits=st.lists(st.sampled_from(sorted(SINCE)), max_size=1))
@settings(max_examples=examples(4))
@alone()
def test_apply_then_undo_is_identity(first: Rows, second: Rows, edits: list[str]) -> None:
    if first:
        load(AgreementResource(create_towns=True), *first)
    time_passes()
    edited = Agreement.objects.first()
    for edit in edits if edited else ():
        SINCE[edit](edited)  # before the import: no reason to keep anything
    time_passes()
    before = state()
    batch = load(AgreementResource(create_towns=True), *second).batch
    after = state()
    for step, expected in enumerate([before, after, before, after], start=1):
        time_passes()
        undone = undo_import(batch)
        assert state() == expected, step
        assert undone.kept == []
        batch.refresh_from_db()
        assert batch.status == (ImportStatus.UNDONE if step % 2 else ImportStatus.APPLIED)


@given(first=ROWS, second=ROWS)
@settings(max_examples=examples(3))
@alone()
def test_two_imports_taken_back_in_turn_leave_nothing(first: Rows, second: Rows) -> None:
    before = state()
    batches = [load(AgreementResource(create_towns=True), *rows).batch for rows in (first, second) if rows]
    for batch in reversed(batches):
        time_passes()
        assert undo_import(batch).kept == []
    assert state() == before


def test_every_table_with_history_can_be_taken_back() -> None:
    tracked = {events.pgh_tracked_model for events in apps.get_models() if hasattr(events, "pgh_tracked_model")}
    assert {table.model for table in history_tables()} == tracked - {None}
