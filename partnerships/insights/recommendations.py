"""Recommendations of possible partners: partners of a town's partners, towns near it that work in the same countries,
and agreements similar to one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from pyroaring import BitMap

from core.facets.bitmaps import FacetIndex
from core.facets.sets import array_of, bitmap_of, union
from core.text import normalise

from ..agreements import map_data
from ..agreements.facets import INDEX, ask
from ..choices import CoordinatesPrecision, Publication
from ..models import Agreement, Country, Town
from ..querysets import towns
from .gathering import agreements_in_order

TRIANGLES = 12
"""Partners of partners that a page proposes."""
NEAREST = 5
"""Neighbours that are named for each country."""
_MAX_CANDIDATES = 30
"""Towns out of which these are chosen: of some only their department's place is known, so that distances mislead."""
EARTH = 6371.0
"""Mean radius of the Earth in kilometres."""


@dataclass(frozen=True)
class TriangleCandidate:
    """A town that shares partners with another one, and works with it not yet; on how many of its themes."""

    town: Town
    shared: list[Town]
    themes: int


@dataclass(frozen=True)
class Neighbour:
    """A town near another one; the distance in kilometres where both have coordinates."""

    town: Town
    distance: int | None


@dataclass(frozen=True)
class Neighbours:
    """Towns of a town's own country that work in the same country as it does, and the address of the list of all."""

    country: Country
    towns: list[Neighbour]
    address: str


def _membership_mask(numbers: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Lookup mask: for each number from 0 to the largest of `among`, is it one of `numbers`?"""
    marks = np.zeros(int(among.max(initial=0)) + 1, dtype=bool)
    marks[numbers] = True
    return marks


class Neighbourhood:
    """Recommendations for a town: partners of its partners, and towns of its country that work where it works.

    The index is read once, when the object is made.
    """

    def __init__(self, town: Town) -> None:
        self.town = town
        with INDEX.reading() as index:
            rows = map_data.counted(index.tables["parties"], ask(index).records)
            rows = rows[rows["town"] > 0]
            own = rows["record"][rows["town"] == town.pk]
            self._beyond = self._read_beyond(index, rows, own)
            self._near = self._read_near(rows, own)

    def _abroad(self, rows: np.ndarray) -> np.ndarray:
        """Mask of the rows that lie in another country than the town."""
        mask: np.ndarray = (rows["country"] != map_data.country_number(self.town.country_id)) & (rows["country"] > 0)
        return mask

    def _read_beyond(self, index: FacetIndex, rows: np.ndarray, own: np.ndarray) -> list[tuple[int, list[int], int]]:
        """The towns that the town could close a triangle with, the partners in common, and how many themes."""
        abroad = self._abroad(rows)
        is_partner = _membership_mask(
            rows["town"][_membership_mask(own, rows["record"])[rows["record"]] & abroad], rows["town"]
        )
        partner = is_partner[rows["town"]]
        kept = rows[abroad & _membership_mask(rows["record"][partner], rows["record"])[rows["record"]]]
        first, second = map_data.pairs_of(kept["record"])
        first, second = np.concatenate([first, second]), np.concatenate([second, first])
        open_ = (
            is_partner[kept["town"][first]]
            & ~is_partner[kept["town"][second]]
            & (kept["country"][first] != kept["country"][second])
        )
        shared, found, record = kept["town"][first[open_]], kept["town"][second[open_]], kept["record"][second[open_]]
        pairs = np.unique(found.astype(np.int64) << 32 | shared)
        towns, numbers = np.unique(pairs >> 32, return_counts=True)
        themes = np.zeros(len(towns), dtype=np.int64)
        mine, theirs = bitmap_of(own), bitmap_of(record)
        for code in index.dimensions.get("theme", {}):
            on_theme = index.records("theme", [code])
            if on_theme.intersect(mine):
                also = _membership_mask(array_of(on_theme & theirs), record)[record]
                themes += _membership_mask(found[also], towns)[towns]
        best = np.lexsort((towns, -themes, -numbers))[:TRIANGLES]
        return [
            (int(towns[at]), (pairs[pairs >> 32 == towns[at]] & 0xFFFFFFFF).tolist(), int(themes[at])) for at in best
        ]

    def _read_near(self, rows: np.ndarray, own: np.ndarray) -> dict[str, list[tuple[int, float]]]:
        """Nearest towns and their distances, for each country abroad in which the town works."""
        abroad = self._abroad(rows)
        countries = np.unique(rows["country"][_membership_mask(own, rows["record"])[rows["record"]] & abroad])
        here = rows[~abroad & (rows["country"] > 0) & (rows["town"] != self.town.pk)]
        partners = rows[abroad & _membership_mask(here["record"], rows["record"])[rows["record"]]]
        of_partner, record = np.ascontiguousarray(partners["country"]), np.ascontiguousarray(partners["record"])
        near: dict[str, list[tuple[int, float]]] = {}
        for country in countries.tolist():
            there = _membership_mask(record[of_partner == country], rows["record"])
            found = here[there[here["record"]]]
            found = found[np.unique(found["town"], return_index=True)[1]]
            distances = self._distances(found)
            order = np.lexsort((found["town"], distances, ~np.isin(found["town"], self._of_territory)))[
                :_MAX_CANDIDATES
            ]
            near[map_data.country_of_number(country)] = list(
                zip(found["town"][order].tolist(), distances[order].tolist(), strict=True)
            )
        return near

    @cached_property
    def triangles(self) -> list[TriangleCandidate]:
        """Triangles that the town could close: towns with a partner in common that are not its partners yet; every side
        of the triangle goes from one country to another.

        Quetigny found Bous so, after Koulikoro. First come those with most partners in common, then those with most of
        the town's themes.
        """
        found = Town.objects.select_related("country").in_bulk({pk for one in self._beyond for pk in (one[0], *one[1])})
        return [
            TriangleCandidate(found[pk], sorted((found[one] for one in shared), key=lambda one: one.normalised), themes)
            for pk, shared, themes in self._beyond
            if found[pk].publication == Publication.PUBLISHED
        ]

    @cached_property
    def _of_territory(self) -> list[int]:
        """The towns of the same territory."""
        if not self.town.territory_id:
            return []
        return list(towns().inside([self.town.territory_id]).order_by().values_list("pk", flat=True))

    def _distances(self, rows: np.ndarray) -> np.ndarray:
        """Distances of the towns of some rows in kilometres; infinite where it is not known."""
        if self.town.latitude is None:
            return np.full(len(rows), np.inf)
        far = self._kilometres(rows["latitude"].astype(float), rows["longitude"].astype(float))
        known: np.ndarray = np.nan_to_num(far, nan=np.inf)
        return known

    def _kilometres(self, latitude: Any, longitude: Any) -> Any:
        """The way from the town along the sphere, by the haversine formula."""
        own: list[Any] = [self.town.latitude, self.town.longitude]
        here, there = np.radians(own), np.radians([latitude, longitude])
        half = (
            np.sin((there[0] - here[0]) / 2) ** 2
            + np.cos(here[0]) * np.cos(there[0]) * np.sin((there[1] - here[1]) / 2) ** 2
        )
        return 2 * EARTH * np.arcsin(np.sqrt(half))

    @cached_property
    def by_country(self) -> list[Neighbours]:
        """The neighbours by country in which they work, in the order of the countries' names."""
        found = Town.objects.in_bulk({pk for near in self._near.values() for pk, _distance in near})
        names = Country.objects.in_bulk(self._near)
        gathered = [
            Neighbours(names[code], self._nearest(found[pk] for pk, _distance in near), self._list(code))
            for code, near in self._near.items()
            if near
        ]
        return sorted(gathered, key=lambda one: normalise(str(one.country)))

    def _nearest(self, candidates: Iterable[Town]) -> list[Neighbour]:
        """Candidates with their distances: those whose distance can be told come first, within the same territory."""
        told = [Neighbour(town, self._told(town)) for town in candidates]
        same = set(self._of_territory)
        return sorted(told, key=lambda one: (one.town.pk not in same, one.distance is None, one.distance or 0))[
            :NEAREST
        ]

    def _told(self, other: Town) -> int | None:
        """The distance of a town, if the coordinates of both are those of the place itself."""
        exact = all(
            one.latitude is not None and one.coordinates_precision == CoordinatesPrecision.PLACE
            for one in (self.town, other)
        )
        return round(self._kilometres(np.float64(other.latitude), np.float64(other.longitude))) if exact else None

    def _list(self, code: str) -> str:
        return f"{reverse('towns')}?{urlencode({'country': self.town.country_id, 'partner': code})}"


@dataclass(frozen=True)
class TownTotal:
    """A town of an agreement and how many agreements it has in all, with the address of the list of them."""

    town: Town
    number: int
    address: str


class AgreementNeighbours:
    """Related agreements: what else the parties of an agreement do, and agreements on the same themes.

    The index is read once, when the object is made. `agreement` has its parties and themes read (`with_parties`).
    """

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self._towns = [
            party.town
            for party in agreement.parties.all()
            if party.town and party.town.publication == Publication.PUBLISHED
        ]
        self._themes = [theme.pk for theme in agreement.themes.all()]
        with INDEX.reading() as index:
            facets = ask(index)
            rows = map_data.counted(index.tables["parties"], facets.records)
            self._numbers = {town.pk: len(np.unique(rows["record"][rows["town"] == town.pk])) for town in self._towns}
            on_themes = [facets.records & index.records("theme", [theme]) for theme in self._themes]
            self.on_theme_total = len(union(on_themes))
            self._near = self._nearest(index, on_themes)

    def _nearest(self, index: FacetIndex, on_themes: list[BitMap]) -> list[int]:
        """The agreements with most of the themes; of those with as many, with most of the countries; then the newest
        record."""
        if not on_themes:
            return []
        countries = {code for party in self.agreement.parties.all() if (code := party.actor.country_id)}
        points: Counter[int] = Counter()
        for records in on_themes:
            points.update(dict.fromkeys(records, len(countries) + 1))
        for code in countries:
            points.update(dict.fromkeys(index.records("country", [code]) & union(on_themes), 1))
        del points[self.agreement.pk]
        return sorted(points, key=lambda record: (-points[record], -record))[:NEAREST]

    @property
    def elsewhere(self) -> list[TownTotal]:
        """The towns of the agreement that have more than one, and all their agreements."""
        return [
            TownTotal(town, self._numbers[town.pk], f"{reverse('agreements')}?{urlencode({'town': town.reference})}")
            for town in self._towns
            if self._numbers[town.pk] > 1
        ]

    @cached_property
    def on_theme(self) -> list[Agreement]:
        """The agreements nearest in theme."""
        return agreements_in_order(self._near)

    @property
    def on_theme_address(self) -> str:
        """The list of all agreements on one of the themes."""
        return f"{reverse('agreements')}?{urlencode({'theme': ','.join(self._themes)}, safe=',')}"
