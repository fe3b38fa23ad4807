"""Territories: those inside, around and standing, and the numbers of records of each."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Self

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
)

from core.date_conditions import over

from .choices import TerritoryLevel
from .models import Territory, TerritoryParent


class TerritoryQuerySet(QuerySet[Territory]):
    """Territories."""

    def inside(self, codes: Iterable[str]) -> list[str]:
        """The codes of the territories and of all that lies or lay inside them.

        Inside a territory are those that have or had it as parent and those that it succeeded, and what is
        inside these: Bourgogne-Franche-Comté covers Bourgogne, which was dissolved into it, and the
        departments of both.
        """
        return self._reached(codes, "outer_code", "inner_code")

    def around(self, codes: Iterable[str]) -> list[str]:
        """The codes of the territories and of all in which they lie or lay: parents, successors and theirs."""
        return self._reached(codes, "inner_code", "outer_code")

    def standing(self) -> Self:
        """Territories that exist and have a place in the order of regions and departments.

        A department lies in a region; the French overseas collectivities, which ISO 3166-2 gives the same rank, lie in
        none and are left out.
        """
        inside = TerritoryParent.objects.filter(territory=OuterRef("pk")).exclude(over("until"))
        return self.filter(Q(level=TerritoryLevel.REGION) | Exists(inside)).exclude(over("dissolved_on"))

    def closures(self) -> dict[str, set[str]]:
        """For every territory that lies or lay in another: itself and all of those `around` it."""
        outer = defaultdict(set)
        for code, successor in self.exclude(successor=None).values_list("code", "successor"):
            outer[code].add(successor)
        for code, parent in TerritoryParent.objects.values_list("territory", "parent"):
            outer[code].add(parent)
        closures: dict[str, set[str]] = {}
        for code in outer:
            closures[code], waiting = {code}, [code]
            while waiting:
                new = outer.get(waiting.pop(), set()) - closures[code]
                closures[code] |= new
                waiting += new
        return closures

    @staticmethod
    def _reached(codes: Iterable[str], start: str, end: str) -> list[str]:
        # The parts of the statement are the two column names above; UNION drops repetitions, which ends circles too.
        statement = f"""
            WITH RECURSIVE lies_in (inner_code, outer_code) AS (
                SELECT territory_id, parent_id FROM partnerships_territoryparent
                UNION ALL
                SELECT code, successor_id FROM partnerships_territory WHERE successor_id IS NOT NULL
            ), reached (code) AS (
                SELECT unnest(%s::text[])
                UNION
                SELECT lies_in.{end}::text FROM reached JOIN lies_in ON lies_in.{start} = reached.code
            )
            SELECT code FROM reached ORDER BY code
        """  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(codes)])
            return [code for (code,) in cursor.fetchall()]


def numbers_by(records: QuerySet, column: str) -> dict[str, int]:
    """Number of records for each value of a column; those without a value are left out."""
    whole = records.model._default_manager.filter(pk__in=records.order_by().values("pk")).order_by()
    numbers = whole.exclude(**{column: None}).values_list(column).annotate(Count("pk"))
    return dict(numbers)


def numbers_by_territory(records: QuerySet, *columns: str) -> dict[str, int]:
    """Number of records in each territory, or in something inside: `columns` say where a record is."""
    around = territories().closures()
    whole = records.model._default_manager.filter(pk__in=records.order_by().values("pk")).order_by()
    numbers: Counter[str] = Counter()
    for *codes, number in whole.values_list(*columns).annotate(number=Count("pk")):
        for code in set().union(*(around.get(code, {code}) for code in codes if code)):
            numbers[code] += number
    return numbers


def territories() -> TerritoryQuerySet:
    """All territories, the dissolved ones too."""
    return TerritoryQuerySet(Territory)
