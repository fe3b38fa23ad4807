"""The tables that belong to an agreement: one list, which every reading of its history is made from."""

import datetime
from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopdir import history_steps
from coopdir.api import agreement_schema
from coopdir.api.changed_since import agreements_touched
from coopdir.opendata.dumps.tables import PUBLIC_PARTS
from core.history import event_model, referring
from core.imports.registry import resources
from partnerships.agreements import tables
from partnerships.agreements.content_lists import CONTENT_LISTS
from partnerships.agreements.tables import AGREEMENT_TABLES, NOT_ITS_OWN, AgreementTable
from partnerships.editing import snapshot
from partnerships.editing.timeline import RELATED_TABLES, Timeline
from partnerships.models import Agreement, Party, Suspension
from partnerships.review.todo import Duties
from tests import factories
from tests.editing import time_passes


def test_every_table_that_leads_to_an_agreement_is_in_the_list_or_told_why_not() -> None:
    own = [Agreement, *(table.model for table in AGREEMENT_TABLES)]
    leading = {(column.model, f"{column.model.__name__}.{column.name}") for model in own for column in referring(model)}
    assert {name for model, name in leading if model not in own[1:]} == NOT_ITS_OWN.keys()
    for table in AGREEMENT_TABLES:
        column, _sep, rest = table.path.partition("__")
        assert table.model._meta.get_field(column).related_model is (Party if rest else Agreement)
        assert event_model(table.model)


def test_the_lists_of_a_content_are_those_of_the_tables() -> None:
    lists = [table.content for table in AGREEMENT_TABLES if table.content]
    assert [name for name in snapshot.empty() if name in lists] == lists == list(CONTENT_LISTS)
    assert [name for name in agreement_schema.SCHEMA["properties"] if name in lists] == lists


def test_every_table_of_the_record_is_in_every_reading() -> None:
    """Those of the files are layouts; of parties and themes, the agreement's own row tells."""
    assert {table.model for table in AGREEMENT_TABLES} == {model for model, _path in RELATED_TABLES[Agreement]}
    told = {f"{event_model(table.model)._meta.db_table}" for table in tables.RECORD_TABLES}
    assert {name for name in told if name not in history_steps.BECAME} == set()
    layouts = {layout.model: name for name, layout in resources().items()}
    in_own_row = {"parties", "themes"}
    assert {table.content or table.model for table in tables.RECORD_TABLES if table.model not in layouts} == in_own_row
    for table in tables.RECORD_TABLES:
        if name := layouts.get(table.model):
            assert f"'{table.path}__publication', 'published'" in str(PUBLIC_PARTS[name].condition)


ROWS: dict[type[Model], Callable[[Agreement], dict[str, Any]]] = {
    Party: lambda agreement: {"agreement": agreement, "town": factories.town("Nevers"), "position": 3},
    Suspension: lambda agreement: {"party": agreement.parties.last()},
}


@pytest.mark.django_db
@pytest.mark.parametrize("table", tables.RECORD_TABLES, ids=lambda table: table.model.__name__)
def test_a_row_of_any_table_of_the_record_touches_the_agreement(
    client: Client, officer: User, table: AgreementTable
) -> None:
    town = factories.town("Dijon", territory=factories.territory("FR-BFC"))
    agreement = factories.agreement(town, factories.town(code="DE"))
    columns = ROWS.get(table.model, lambda agreement: {"agreement": agreement})(agreement)
    time_passes()
    since = timezone.now() - datetime.timedelta(seconds=30)
    assert (agreements_touched(since), Duties(officer, since=since).changed_total) == (set(), 0)
    with pghistory.context(action="save"):
        factories.make(table.model, **columns)
    assert agreements_touched(since) == {agreement.pk}
    assert list(Duties(officer, since=since).changed) == [agreement]
    assert [entry.what for entry in Timeline(agreement)[:1]] == ["changed"]
    lines = client.get(reverse("changes")).context["lines"]
    assert (lines[0].what, lines[0].agreements) == (
        "suspended" if table.model is Suspension else "changed",
        [agreement],
    )
