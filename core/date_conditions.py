"""Conditions on partial dates in queries: begun, over, from and to a date.

A partial date sorts as text before every day that it may mean. What statements written by hand ask too stands beside
the condition of the ORM; a test holds the two against one another.
"""

import datetime

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Expression, F, Q, Value
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from .dates import InOrder, PartialDate

LENGTHS = {"today": 10, "month": 7, "year": 4}
"""Placeholders of statements written by hand: as many characters of today's date."""


class Today(Expression):
    """SQL: today as text (2026-11-24), or as much of it as `length` takes.

    Asked for when a query runs: a view may keep its queryset for as long as the process lives.
    """

    def __init__(self, length: int = 10) -> None:
        super().__init__(output_field=CharField())
        self.length = length

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str, ...]]:
        return "%s", (timezone.localdate().isoformat()[: self.length],)


def begun(field: str, today: datetime.date | None = None) -> Q:
    """Condition: the earliest day that the date may mean is not after `today`; what has no date has not begun."""
    return Q(**{f"{field}__lte": today.isoformat() if today else Today()})


BEGUN_SQL = "coalesce({column} <= {{today}}, false)"
"""`begun` in SQL: put the column in, then the day with `at_today`."""


def over(field: str, today: datetime.date | None = None) -> Q:
    """Condition: the last day that the date may mean is before `today`: 2026 lasts to the end of 2026."""
    lengths = LENGTHS.values()
    day, month, year = (today.isoformat()[:n] for n in lengths) if today else (Today(n) for n in lengths)
    return Q(**{f"{field}__lt": day}) & ~Q(**{f"{field}__in": [month, year]})


OVER_SQL = "coalesce({column} < {{today}} AND {column} NOT IN ({{month}}, {{year}}), false)"
"""`over` in SQL, likewise."""


def at_today(sql: str, today: datetime.date | None = None) -> str:
    """Replace the placeholders of a statement by the date of today, or of another day."""
    day = (today or timezone.localdate()).isoformat()
    for name, length in LENGTHS.items():
        sql = sql.replace(f"{{{name}}}", f"'{day[:length]}'")
    return sql


def dated_from(field: str, date: PartialDate) -> Q:
    """Condition: on or after a date, as far as both are known: what is of 1986 may be of May 1986. What has no date is
    out."""
    return Q(InOrder(Value(date), F(field)), **{f"{field}__gte": date[:4]})


def dated_to(field: str, date: PartialDate) -> Q:
    """Condition: on or before a date, which counts to its end: 1986 is all of 1986. What has no date is out."""
    return Q(InOrder(F(field), Value(date)), **{f"{field}__lte": f"{date[:4]}-12-31"})
