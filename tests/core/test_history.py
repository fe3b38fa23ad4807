"""The history: every change of every row leaves an event, whichever way it was written, and says on whose account."""

import datetime
from typing import Any

import pghistory
import pghistory.models
import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import F, Model, Value
from django.db.models.functions import Concat
from django.utils import timezone

from core import history
from partnerships import models as p
from tests.factories import agreement, make, town

pytestmark = pytest.mark.django_db

CONCRETE = [
    model
    for app in ("partnerships", "networks")
    for model in apps.get_app_config(app).get_models(include_auto_created=True)
    if not hasattr(model, "pgh_id")  # the event tables
]
# The gazetteer is loaded whole from packages, over and over: its history would be that of the packages. What people are
# busy with is erased when it has served.
EDITING = {
    p.ApiToken,
    p.Comment,
    p.Confirmation,
    p.Contact,
    p.FormDraft,
    p.Invitation,
    p.Merge,
    p.OutgoingMail,
    p.Preference,
}
EDITING |= {p.Submission}
UNTRACKED = {p.GazetteerPlace, p.GazetteerName, *EDITING}
EVENTS = {
    event.pgh_tracked_model: event
    for event in apps.get_models()
    if issubclass(event, pghistory.models.Event) and not event._meta.proxy
}
TRACKED = [model for model in CONCRETE if model not in UNTRACKED]


def labels(model: type[Model], **where: Any) -> list[str]:
    """The labels of a model's events, oldest first."""
    return list(EVENTS[model].objects.filter(**where).order_by("pgh_id").values_list("pgh_label", flat=True))


def change(model: type[Model]) -> dict[str, Any]:
    """An update that alters a row of the model: of its first free text, or else of what it belongs to."""
    fields = model._meta.local_concrete_fields
    for field in fields:
        if type(field) in {models.CharField, models.TextField} and (field.max_length or 99) >= 40:
            return {field.name: Concat(F(field.name), Value("+"))}
    for field in fields:
        if isinstance(field, models.ForeignKey) and field.related_model in EVENTS:
            return {field.name: make(field.related_model)}
    raise AssertionError(f"no column of {model.__name__} to change")


def test_every_table_of_the_directory_has_a_history() -> None:
    assert {model for model in CONCRETE if model not in EVENTS} == UNTRACKED


@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model.__name__)
def test_insert_update_and_delete_leave_an_event_each(model: type[Model]) -> None:
    record = make(model)
    pk = record.pk
    rows = model._default_manager.filter(pk=pk)
    changes = change(model)
    assert rows.update(**changes) == 1
    rows.delete()
    assert labels(model, pgh_obj_id=pk) == ["insert", "update", "delete"]
    column = next(iter(changes))
    before, *after = EVENTS[model].objects.filter(pgh_obj_id=pk).order_by("pgh_id").values_list(column, flat=True)
    assert after == [after[0]] * 2
    assert before != after[0]


@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model.__name__)
def test_events_keep_every_column_but_derived_ones(model: type[Model]) -> None:
    kept = {
        field.attname for field in model._meta.local_concrete_fields if not isinstance(field, models.GeneratedField)
    }
    columns = kept - {"party_key"}
    assert columns <= {field.attname for field in EVENTS[model]._meta.local_concrete_fields}


def test_a_record_can_change_many_times() -> None:
    record = town("A")
    for name in "BCD":
        record.name = name
        record.save()
    assert labels(p.Town) == ["insert", "update", "update", "update"]


def test_a_save_that_changes_nothing_leaves_no_event() -> None:
    town().save()
    assert labels(p.Town) == ["insert"]


def test_bulk_create_and_update() -> None:
    france = make(p.Town).country
    p.Town.objects.bulk_create([p.Town(name=name, country=france) for name in "ABC"])
    p.Town.objects.filter(name__in="AB").update(population=1)
    assert labels(p.Town, name__in="ABC") == ["insert"] * 3 + ["update"] * 2


def test_sql_written_by_hand_carries_the_context() -> None:
    place = town("Quetigny")
    with pghistory.context(batch="I7", user=1), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO partnerships_townname (town_id, name, kind, language)"
            " SELECT id, name || ' ' || n, 'alternative', '' FROM partnerships_town, generate_series(1, 3) AS n"
        )
        cursor.execute("UPDATE partnerships_townname SET language = 'fr'")
        cursor.execute("DELETE FROM partnerships_townname")
    events = EVENTS[p.TownName].objects.filter(town=place)
    assert sorted(events.values_list("pgh_label", flat=True)) == ["delete"] * 3 + ["insert"] * 3 + ["update"] * 3
    contexts = {(event.pgh_context_id, event.pgh_context.metadata["batch"]) for event in events}
    assert len(contexts) == 1
    assert {batch for _, batch in contexts} == {"I7"}


def test_without_a_context_there_is_none() -> None:
    town()
    assert EVENTS[p.Town].objects.get().pgh_context_id is None


def test_derived_columns_alone_leave_no_event() -> None:
    record = agreement()
    assert record.party_key
    assert labels(p.Agreement) == ["insert"]
    record.parties.update(position=F("position") + 1)
    record.parties.filter(position=2).update(town=town())
    record.refresh_from_db()
    assert labels(p.Agreement) == ["insert"]
    assert labels(p.Party).count("update") == 3


def test_deleting_an_agreement_tells_of_all_that_went_with_it() -> None:
    record = agreement()
    with pghistory.context(reason="undo"):
        record.delete()
    for model, rows in ((p.Agreement, 1), (p.Party, 2), (p.AgreementSource, 1)):
        assert labels(model, pgh_label="delete", pgh_context__metadata__reason="undo") == ["delete"] * rows


def test_a_connection_says_that_no_trigger_is_ignored() -> None:
    """Unsaid, each check at the end of a transaction catches an error, which takes time quadratic in their number."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW pgtrigger.ignore")
        assert cursor.fetchone() == ("{}",)


def test_update_triggers_never_compare_every_row_with_every_other() -> None:
    """A migration that changes such a trigger must use `InstallTriggers`, as the first ones do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE starts_with(proname, 'pgtrigger_update_update_')"
            " AND 'enable_nestloop=off' <> ALL (coalesce(proconfig, '{}'))"
        )
        assert cursor.fetchall() == []


# Reading


def written(town: p.Town, times: list[datetime.datetime]) -> list[history.HistoryStep]:
    """The history of a town whose name became “0”, “1” …, each by a transaction with the time that is told."""
    events = history.events_of(p.Town).filter(pgh_obj=town.pk).order_by("pgh_id")
    events.delete()
    for number, time in enumerate(times):
        p.Town.objects.filter(pk=town.pk).update(name=str(number))
        history.events_of(p.Town).filter(pk=events.last().pk).update(pgh_created_at=time)
    return history.replay([(p.Town, events)])


@pytest.mark.parametrize("minutes", [[0, 1, 2], [2, 1, 0], [1, 0, 2], [5, 9, 7]])
def test_a_row_was_what_was_written_last_whatever_the_clock_says(minutes: list[int]) -> None:
    """The time of a transaction is that of its beginning, though it may have waited; and a clock may be set back."""
    dijon = town("Dijon")
    times = [timezone.now() + datetime.timedelta(minutes=number) for number in minutes]
    steps = written(dijon, times)
    names = [step.after[p.Town, dijon.pk]["name"] for step in steps]
    assert (names, [step.when for step in steps]) == (["0", "1", "2"], times)
    for name, time in zip(names, times, strict=True):  # each link of the time line leads to what it shows
        assert history.state_at(steps, time)[p.Town, dijon.pk]["name"] == name
    later, earlier = max(times) + datetime.timedelta(days=1), min(times) - datetime.timedelta(days=1)
    assert history.state_at(steps, later)[p.Town, dijon.pk]["name"] == "2"
    assert history.state_at(steps, earlier) == {}


def test_of_what_no_row_tells_the_clock_does() -> None:
    dijon, dole = town("Dijon"), town("Dole")
    now = timezone.now()
    first = written(dijon, [now, now + datetime.timedelta(minutes=2)])
    assert len(first) == 2
    other = written(dole, [now + datetime.timedelta(minutes=1)])
    assert len(other) == 1
    events = history.events_of(p.Town).filter(pgh_obj__in=[dijon.pk, dole.pk])
    assert [sorted(key for _model, key in step.after) for step in history.replay([(p.Town, events)])] == [
        [dijon.pk],
        [dijon.pk, dole.pk],
        [dijon.pk, dole.pk],
    ]
