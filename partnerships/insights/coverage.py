"""Coverage: the share of a country's local authorities that are party to an agreement.

The parts are towns: published, recognised (``TownQuerySet.recognised``), and party to an agreement that lists and
totals count. The wholes are the reference lists: territories that stand (``TerritoryQuerySet.standing``), each of which
has one authority, and the municipalities of the gazetteer. For France these are the communes with their legal
population (INSEE); elsewhere they are GeoNames' populated places, which are not always municipalities.

Each part is the total of one list of towns, and its question goes with it. A region's figures hold for all that lies or
lay inside it, as in every list.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from pyroaring import BitMap

from core.facets.bitmaps import FacetIndex
from core.facets.live_index import LiveValue
from core.facets.sets import bitmap_of, numbers
from core.text import normalise

from ..agreements import map_data
from ..agreements.facets import INDEX, ask
from ..choices import Level, TerritoryLevel
from ..models import Claim, Country, GazetteerPlace, Territory, Town
from ..querysets import of_published
from ..territory_querysets import territories

LARGE = 5000
"""Inhabitants above which French statistics call a municipality large; the document's figure is about these."""


@dataclass(frozen=True)
class CoverageShare:
    """A part of a whole, and the question to the list of towns whose total the part is."""

    part: int
    whole: int
    query: str

    @property
    def ratio(self) -> float:
        """The share, from 0 to 1; 0 of nothing is 0."""
        return self.part / self.whole if self.whole else 0.0


@dataclass
class Numbers:
    """Numbers of authorities by level, and of large municipalities."""

    by_level: Counter[str] = field(default_factory=Counter)
    large: int = 0

    def add(self, level: str, number: int, large: int) -> None:
        """Count `number` more authorities of a level, `large` of them large municipalities."""
        self.by_level[level] += number
        self.large += large


@dataclass(frozen=True)
class TerritoryCoverage:
    """A region or department: its own authority, and the shares of what lies in it."""

    territory: Territory
    authority: Town | None
    departments: CoverageShare
    municipalities: CoverageShare
    large: CoverageShare


# The same rules as ``TownQuerySet.recognised`` and ``larger_than``, as joins over all towns at once: asked of one town
# after the other, as lists do, they would take three times as long. A test holds the two against each other.
_GROUPS_SQL = """
    SELECT town.country_id, town.level, town.territory_id, town.governs_id, town.latitude IS NOT NULL,
        coded.id IS NOT NULL OR named.id IS NOT NULL,
        coalesce(greatest(coded.population, named.population), town.population) > %s,
        string_agg(town.id::text, ',')
    FROM partnerships_town AS town
    LEFT JOIN partnerships_gazetteerplace AS coded ON coded.insee = town.insee AND coded.level = town.level
    LEFT JOIN partnerships_gazetteerplace AS named
        ON named.geonames = town.geonames AND named.insee IS NULL AND named.level = town.level
    WHERE town.publication = 'published'
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


class TownGroup(NamedTuple):
    """Towns that are alike in all that the shares ask for; `town` is one of them."""

    country: str
    level: str
    territory: str | None
    governs: str | None
    located: bool
    listed: bool
    large: bool | None
    number: int
    town: int


def _read_alike() -> list[tuple[tuple[Any, ...], BitMap]]:
    """All published towns by what the shares ask for: the first seven fields of `TownGroup`, and the towns."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS_SQL, [LARGE])
        return [(tuple(fields), bitmap_of(numbers(towns))) for *fields, towns in cursor.fetchall()]


_alike = LiveValue("towns", _read_alike)


def towns_version() -> int:
    """Version number that grows with each change of towns and of the gazetteer; 0 while a rollback may undo one."""
    _alike.get()
    return _alike.version


class Involved:
    """The towns of all countries that are party to one of the agreements, and have not left it. A query, and another
    where towns or the gazetteer have changed since the last time."""

    def __init__(self, index: FacetIndex, counted: BitMap) -> None:
        """`counted`: the agreements of the index that count."""
        self.towns = bitmap_of(np.unique(map_data.counted(index.tables["parties"], counted)["town"]))

    @cached_property
    def groups(self) -> list[TownGroup]:
        """The towns, counted by what the shares ask for."""
        found = ((fields, towns & self.towns) for fields, towns in _alike.get())
        return [TownGroup._make((*fields, len(towns), towns.min())) for fields, towns in found if towns]

    @cached_property
    def standing(self) -> dict[str, str]:
        """Level of each territory that stands (`TerritoryQuerySet.standing`)."""
        return dict(territories().standing().order_by().values_list("code", "level"))

    def recognises(self, group: TownGroup) -> bool:
        """True if the reference lists know the towns of a group."""
        return group.listed or (group.governs is not None and self.standing.get(group.governs) == group.level)

    @property
    def total(self) -> int:
        """Number of the towns."""
        return sum(group.number for group in self.groups)

    @property
    def located(self) -> int:
        """Number of the towns with coordinates."""
        return sum(group.number for group in self.groups if group.located)

    @property
    def recognised(self) -> int:
        """Number of the towns that the reference lists know."""
        return sum(group.number for group in self.groups if self.recognises(group))


class Coverage:
    """The shares of one country. Five queries more."""

    def __init__(self, country: Country, involved: Involved) -> None:
        self.country = country
        self.involved = involved

    @cached_property
    def regions(self) -> CoverageShare:
        """Regions whose authority takes part."""
        return self._share(Level.REGION, self._parts[""], self._wholes[""])

    @cached_property
    def departments(self) -> CoverageShare:
        """Departments whose authority takes part."""
        return self._share(Level.DEPARTMENT, self._parts[""], self._wholes[""])

    @cached_property
    def municipalities(self) -> CoverageShare:
        """Municipalities that take part."""
        return self._share(Level.MUNICIPALITY, self._parts[""], self._wholes[""])

    @cached_property
    def large(self) -> CoverageShare:
        """Large municipalities that take part."""
        return self._large(self._parts[""], self._wholes[""])

    @cached_property
    def by_region(self) -> list[TerritoryCoverage]:
        """The regions, by name."""
        return self._territories(TerritoryLevel.REGION)

    @cached_property
    def by_department(self) -> list[TerritoryCoverage]:
        """The departments, by name."""
        return self._territories(TerritoryLevel.DEPARTMENT)

    @cached_property
    def _standing(self) -> list[Territory]:
        found = territories().standing().filter(country=self.country)
        return sorted(found, key=lambda territory: normalise(territory.name))

    @cached_property
    def _closures(self) -> dict[str, set[str]]:
        return territories().closures()

    def _around(self, *codes: str | None) -> Iterator[str]:
        """All for which something in one of the territories counts: these, those around, and the country (blank)."""
        yield ""
        yield from set().union(*(self._closures.get(code, {code}) for code in codes if code))

    @cached_property
    def _groups(self) -> list[TownGroup]:
        """The towns here that take part and are recognised."""
        involved = self.involved
        return [group for group in involved.groups if group.country == self.country.pk and involved.recognises(group)]

    @cached_property
    def _parts(self) -> dict[str, Numbers]:
        parts: dict[str, Numbers] = defaultdict(Numbers)
        for group in self._groups:
            large = group.number if group.large and group.level == Level.MUNICIPALITY else 0
            for code in self._around(group.territory, group.governs):
                parts[code].add(group.level, group.number, large)
        return parts

    @cached_property
    def _authorities(self) -> dict[str, Town]:
        """The authority of each territory that has one taking part."""
        found = Town.objects.in_bulk([group.town for group in self._groups if group.governs])
        return {town.governs_id: town for town in found.values() if town.governs_id}

    @cached_property
    def _wholes(self) -> dict[str, Numbers]:
        wholes: dict[str, Numbers] = defaultdict(Numbers)
        for territory in self._standing:
            for code in self._around(territory.pk):
                wholes[code].add(territory.level, 1, 0)
        places = GazetteerPlace.objects.filter(country=self.country, level=Level.MUNICIPALITY).order_by()
        large = Count("pk", filter=Q(population__gt=LARGE))
        for territory, number, over in places.values_list("territory").annotate(number=Count("pk"), large=large):
            for code in self._around(territory):
                wholes[code].add(Level.MUNICIPALITY, number, over)
        return wholes

    def _territories(self, level: str) -> list[TerritoryCoverage]:
        return [
            TerritoryCoverage(
                territory,
                self._authorities.get(code),
                self._share(Level.DEPARTMENT, self._parts[code], self._wholes[code], code),
                self._share(Level.MUNICIPALITY, self._parts[code], self._wholes[code], code),
                self._large(self._parts[code], self._wholes[code], code),
            )
            for territory in self._standing
            if territory.level == level
            for code in (territory.pk,)
        ]

    def _share(self, level: str, parts: Numbers, wholes: Numbers, territory: str = "") -> CoverageShare:
        return CoverageShare(parts.by_level[level], wholes.by_level[level], self._query(level, territory))

    def _large(self, parts: Numbers, wholes: Numbers, territory: str = "") -> CoverageShare:
        return CoverageShare(parts.large, wholes.large, self._query(Level.MUNICIPALITY, territory, size=str(LARGE)))

    def _query(self, level: str, territory: str, **more: str) -> str:
        where = {"territory": territory} if territory else {}
        asked = {"country": self.country.pk} | where | {"level": level} | more
        return urlencode(asked | {"counted": "1", "recognised": "1"})


def claims(*figures: str) -> QuerySet[Claim]:
    """Claims of sources about the figures, the oldest first."""
    found = Claim.objects.filter(of_published(Claim), figure__in=figures).select_related("source", "second_source")
    return found.order_by(F("as_of").asc(nulls_last=True), "pk")


def towns_taking_part() -> BitMap:
    """The primary keys of the towns that are party to an agreement which counts, published or not."""
    with INDEX.reading() as index:
        return Involved(index, ask(index).records).towns
