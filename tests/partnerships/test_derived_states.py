"""States derived from dates: the ORM and the SQL beside it tell the same on every day, and the index of facets hears of
every change."""

import datetime
import itertools

import pytest
from django.db import connection

from core.date_conditions import BEGUN_SQL, OVER_SQL, at_today, begun, over
from partnerships.agreements.facet_readings import changed_by_dates
from partnerships.choices import FormalStatus
from partnerships.derived_states import (
    CURRENT_STATUS_SQL,
    LATEST_RENEWAL_JOIN,
    SUSPENSION_JOIN,
    SUSPENSION_STATE_SQL,
    has_ended,
    has_ended_sql,
)
from partnerships.models import Party, Renewal, Suspension
from partnerships.querysets import agreements
from tests import factories

pytestmark = pytest.mark.django_db

DAYS = [
    datetime.date.fromisoformat(day) for day in ("2023-12-31", "2024-01-01", "2024-02-29", "2024-03-01", "2025-01-01")
]
ENDS = [None, "2023", "2024", "2024-02", "2024-02-29"]
RENEWALS: list[list[tuple[str, str | None]]] = [
    [],
    [("2010", None)],
    [("2010", "2023"), ("2012", "2024-02")],
    [("2012", "2024"), ("2010", "2023")],
]
SUSPENSIONS: list[list[tuple[str | None, str | None]]] = [
    [],
    [(None, None)],
    [("2024-02", "2024-02-29")],
    [("2023", "2023"), ("2024-03-01", None)],
]


def fill() -> None:
    """One agreement for each kind of term, and one of three towns for each pair of suspensions and year of leaving."""
    for status, tacit, until in itertools.product(FormalStatus.values, (False, True), ENDS):
        factories.agreement(formal_status=status, tacit_renewal=tacit, valid_until=until)
    for renewals, until in itertools.product(RENEWALS, ENDS):
        agreement = factories.agreement(formal_status="renewed", valid_until=until)
        for renewed, end in renewals:
            factories.make(Renewal, agreement=agreement, renewed=renewed, valid_until=end)
    for one, other, left in itertools.product(SUSPENSIONS, SUSPENSIONS, (None, "2023", "2024-02")):
        agreement = factories.agreement(*(factories.town() for _ in range(3)))
        parties = list(agreement.parties.order_by("position"))
        for party, suspensions in zip(parties, (one, other), strict=False):
            for since, end in suspensions:
                factories.make(Suspension, party=party, since=since, until=end)
        Party.objects.filter(pk=parties[1].pk).update(left=left)


def by_orm(day: datetime.date) -> dict[int, tuple[str, str]]:
    states = agreements().with_statuses(day).values_list("pk", "current_status", "suspension")
    return {key: (status, suspension) for key, status, suspension in states}


def by_sql(day: datetime.date) -> dict[int, tuple[str, str]]:
    statement = f"""SELECT partnerships_agreement.id, {CURRENT_STATUS_SQL}, {SUSPENSION_STATE_SQL}
        FROM partnerships_agreement {LATEST_RENEWAL_JOIN} {SUSPENSION_JOIN}"""
    with connection.cursor() as cursor:
        cursor.execute(at_today(statement, day))
        return {key: (status, suspension) for key, status, suspension in cursor.fetchall()}


def test_sql_and_orm_tell_the_same_state_on_every_day() -> None:
    fill()
    seen = set()
    for day in DAYS:
        states = by_orm(day)
        assert by_sql(day) == states
        seen |= set(states.values())
    assert {status for status, _ in seen} == {*FormalStatus.values, "expired"}
    assert {suspension for _, suspension in seen} == {"none", "partial", "whole"}


def test_sql_and_orm_tell_the_same_of_what_has_ended() -> None:
    for activity, status, ended in itertools.product(("active", "ended"), ("in-force", "terminated"), ENDS):
        factories.agreement(activity=activity, formal_status=status, ended=ended)
    for day in DAYS:
        found = set(agreements().filter(has_ended(day)).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(
                at_today(f"SELECT own.id FROM partnerships_agreement AS own WHERE {has_ended_sql('own')}", day)
            )
            assert {key for (key,) in cursor.fetchall()} == found
        assert 15 <= len(found) < 20


def test_the_index_hears_of_every_state_that_turns_between_two_days() -> None:
    fill()
    for earlier, later in itertools.combinations(DAYS, 2):
        before, after = by_orm(earlier), by_orm(later)
        turned = {key for key in before if before[key] != after[key]}
        assert turned
        assert turned <= changed_by_dates(earlier, later)


def test_sql_and_orm_tell_the_same_of_a_date() -> None:
    for end in ENDS:
        factories.agreement(valid_until=end)
    for day, (condition, sql) in itertools.product(DAYS, ((begun, BEGUN_SQL), (over, OVER_SQL))):
        with connection.cursor() as cursor:
            cursor.execute(
                at_today(f"SELECT id FROM partnerships_agreement WHERE {sql.format(column='valid_until')}", day)
            )
            assert {key for (key,) in cursor.fetchall()} == set(
                agreements().filter(condition("valid_until", day)).values_list("pk", flat=True)
            )
