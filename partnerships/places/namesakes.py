"""Namesakes: towns of the directory, places of the gazetteer and territories that bear the names of a file.

All names are looked up together, in a handful of queries whatever their number. A merged town stands for its survivor,
a place for the town that was made from it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Q
from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.text import normalise

from ..choices import Publication
from ..models import GazetteerName, GazetteerPlace, Territory, Town, TownName
from ..territory_querysets import territories
from .name_reading import NameReading, read_name
from .subdivision_names import codes_named

_ONE_TYPO_LENGTH, _TWO_TYPOS_LENGTH = 4, 6
"""Letters from which on a name may be one letter off, and two."""

_MOST_SIMILAR, _MOST_LONGER = 20, 50
"""Names that are looked at of those that are almost so, or longer."""

_LONG_ENOUGH = 5
"""Letters of a name that is looked for in other texts."""

Known = Town | GazetteerPlace
"""Record that a name may mean: a town of the directory, or a place that one can be made from."""


class TownQuery(NamedTuple):
    """Query for a town, from a row of a file. `codes` are pairs such as ("insee", "21515"); `territory` is a code."""

    name: str
    country: str | None = None
    territory: str | None = None
    level: str | None = None
    codes: tuple[tuple[str, str], ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    population: int | None = None

    @property
    def reading(self) -> NameReading:
        """The name, taken apart."""
        return read_name(self.name)


@dataclass(slots=True, eq=False)
class Namesake:
    """A town or place that bears a name, as the first of its names or as another one."""

    record: Known
    main_name: bool

    @property
    def is_town(self) -> bool:
        """True if the directory has it."""
        return isinstance(self.record, Town)


class Namesakes:
    """The records that the names and codes of some queries lead to."""

    def __init__(self, queries: Iterable[TownQuery]) -> None:
        self._nearby: _Points | None = None
        self._words: dict[str, frozenset[str]] = {}
        self._territory_names: dict[str, str] = {}
        self._names_of: dict[str, _NamesOfCountry] = {}
        self._records: dict[tuple[type[Known], int], Known] = {}
        queries = set(queries)
        codes: dict[str, set[Any]] = defaultdict(set)
        for query in queries:
            for scheme, code in query.codes:
                codes[scheme].add(code)
        geonames = {int(code) for code in codes["geonames"]}
        coded = Q(reference__among=codes["reference"]) | Q(wikidata__among=codes["wikidata"])
        coded |= Q(insee__among=codes["insee"]) | Q(geonames__among=geonames)
        was_public = Q(merged_into__isnull=False, published_at__isnull=False)
        public = Town.objects.filter(Q(publication=Publication.PUBLISHED) | was_public)
        found = {town.pk: town for town in public.filter(coded)} if codes else {}
        identified = {code for town in found.values() for code in codes_of(town)}
        # A town that is found by its code is looked for neither by its name nor in the gazetteer.
        insee = {code for code in codes["insee"] if ("insee", code) not in identified}
        geonames = {code for code in geonames if ("geonames", str(code)) not in identified}
        readings = [query.reading for query in queries if not identified.intersection(query.codes)]
        names = {name for reading in readings for name in reading.looked_up}

        town_names = list(TownName.objects.filter(normalised__among=names).values_list("normalised", "town_id"))
        place_names = list(GazetteerName.objects.filter(normalised__among=names).values_list("normalised", "place_id"))
        places = {
            place.pk: place
            for place in GazetteerPlace.objects.filter(
                Q(normalised__among=names)
                | Q(pk__among={pk for _name, pk in place_names})
                | Q(insee__among=insee)
                | Q(geonames__among=geonames)
            )
        }
        found |= {
            town.pk: town
            for town in public.filter(
                Q(normalised__among=names)
                | Q(pk__among={pk for _name, pk in town_names})
                | Q(insee__among={place.insee for place in places.values() if place.insee})
                | Q(geonames__among={place.geonames for place in places.values() if place.geonames})
            ).exclude(pk__among=found)
        }
        towns = _survivors(found)
        own = [town for town in found.values() if town.merged_into_id is None]
        merged = [town for town in found.values() if town.merged_into_id and town.pk in towns]
        self.by_code: dict[tuple[str, str], Known] = {}
        for town in (*own, *merged):
            for key in codes_of(town):
                self.by_code.setdefault(key, towns[town.pk])
        known: dict[int, Known] = {}
        for place in places.values():
            keys = codes_of(place)
            known[place.pk] = next((self.by_code[key] for key in keys if key in self.by_code), place)
            for key in keys:
                self.by_code.setdefault(key, known[place.pk])

        self.by_name: dict[str, list[Namesake]] = defaultdict(list)
        seen = set()
        for main_name, named in (
            (True, [(town.normalised, town) for town in own]),
            (True, [(place.normalised, known[place.pk]) for place in places.values()]),
            (False, [(town.normalised, towns[town.pk]) for town in merged]),
            (False, [(name, towns[pk]) for name, pk in town_names if pk in towns]),
            (False, [(name, known[pk]) for name, pk in place_names if pk in known]),
        ):
            for name, record in named:
                if (name, id(record)) not in seen:
                    seen.add((name, id(record)))
                    self.by_name[name].append(Namesake(record, main_name))
        self._load_territories(names)
        self._load_likely(queries)

    def _load_territories(self, names: set[str]) -> None:
        """Territories of the names, by the names that pycountry has of them too, and who governs them."""
        named = {code: name for name in names for code in codes_named(name)}
        self._territories: dict[str, dict[str, Territory]] = defaultdict(dict)
        there = Territory.objects.filter(Q(normalised__among=names) | Q(pk__in=named), dissolved_on=None)
        for territory in there:
            self._territories[territory.normalised][territory.pk] = territory
        by_code = {territory.pk: territory for of_name in self._territories.values() for territory in of_name.values()}
        for name in names:
            for code in codes_named(name):
                if code in by_code:
                    self._territories[name][code] = by_code[code]
        self.authorities = {
            town.governs_id: town
            for town in Town.objects.filter(governs__in=by_code, publication=Publication.PUBLISHED)
        }
        self._around = territories().closures()

    def territories_named(self, name: str, country: str | None) -> list[Territory]:
        """Territories of a normalised name, those of a country if one is given."""
        found = self._territories.get(name, {}).values()
        return [territory for territory in found if country in (None, territory.country_id)]

    def lies_in(self, territory: str | None, wanted: str) -> bool:
        """True if a territory, by code, is another one or lies in it."""
        return territory is not None and wanted in self._around.get(territory, {territory})

    def words_around(self, territory: str | None) -> frozenset[str]:
        """Words of the names of a territory and of all that it lies in: “holstein” of Schleswig-Holstein."""
        if territory is None:
            return frozenset()
        if territory not in self._words:
            if not self._territory_names:
                self._territory_names = dict(Territory.objects.values_list("pk", "normalised"))
            names = [self._territory_names.get(code, "") for code in self._around.get(territory, {territory})]
            self._words[territory] = frozenset(
                word for name in names for word in (name, *(part for part in name.split() if len(part) > 3))
            )
        return self._words[territory]

    def names_of(self, country: str) -> "_NamesOfCountry":
        """The main names of all towns and places of a country."""
        if country not in self._names_of:
            self._names_of[country] = _NamesOfCountry(country)
        return self._names_of[country]

    def _load_likely(self, queries: Iterable[TownQuery]) -> None:
        """Load, at once, the records of names that questions about the queries will show."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for query in queries:
            if query.country and not identified(query, self.by_code):
                here = [one for name in query.reading.spellings for one in self.by_name.get(name, ())]
                here = [one for one in here if one.record.country_id == query.country]
                names = self.names_of(query.country) if len(here) != 1 else None
                if names:
                    wanted[query.country].update(names.longer(query.reading.proper))
                if names and not here:
                    wanted[query.country].update(names.similar(query.reading.proper))
        for model in (Town, GazetteerPlace):
            keys = {
                pk
                for country, names_here in wanted.items()
                for name in names_here
                for kind, pk in self.names_of(country).keys[name]
                if kind is model
            }
            self._records.update(((model, pk), record) for pk, record in model._default_manager.in_bulk(keys).items())

    def named(self, country: str, names: Iterable[str]) -> dict[str, list[Namesake]]:
        """The namesakes of some of the main names of a country; a place of which there is a town is that town."""
        keys = [(key, name) for name in names for key in self.names_of(country).keys[name]]
        for model in (Town, GazetteerPlace):
            missing = [pk for (kind, pk), _name in keys if kind is model and (kind, pk) not in self._records]
            if missing:
                found_records = model._default_manager.in_bulk(missing)
                self._records.update(((model, pk), record) for pk, record in found_records.items())
        found: dict[str, list[Namesake]] = defaultdict(list)
        known: set[tuple[str, str]] = set()
        for (kind, pk), name in sorted(keys, key=lambda key: key[0][0] is not Town):
            record = self._records[kind, pk]
            codes = set(codes_of(record))
            if not codes & known:
                known |= codes
                found[name].append(Namesake(record, True))
        return found

    def longer(self, country: str, name: str) -> list[Namesake]:
        """Namesakes whose name goes on where a normalised name ends: “Vire Normandie” for “Vire”."""
        names = self.names_of(country).longer(name)
        return [one for those in self.named(country, names).values() for one in those]

    def inside(self, country: str, text: str) -> list[Namesake]:
        """Namesakes whose main name stands at an edge of a text, as words of their own: “SDIS de Montluçon”."""
        words = text.split()
        edges = (normalise(" ".join(part)) for n in range(1, len(words)) for part in (words[:n], words[n:]))
        names = self.names_of(country).keys
        known = [edge for edge in edges if len(edge) >= _LONG_ENOUGH and edge in names]
        return [one for those in self.named(country, known).values() for one in those]

    def near(self, latitude: float, longitude: float, kilometres: float) -> list[GazetteerPlace]:
        """Places of the gazetteer around a point that stand at a point of their own."""
        return self._points().around(latitude, longitude, kilometres)

    def countries_near(self, latitude: float, longitude: float, kilometres: float) -> set[str]:
        """Countries of the places around a point."""
        return self._points().countries_around(latitude, longitude, kilometres)

    def _points(self) -> "_Points":
        if self._nearby is None:
            self._nearby = _Points()
        return self._nearby


class _NamesOfCountry:
    """The main names of a country, in order, with the keys of the records that bear each."""

    def __init__(self, country: str) -> None:
        self.keys: dict[str, list[tuple[type[Known], int]]] = defaultdict(list)
        public = Town.objects.filter(publication=Publication.PUBLISHED, country=country).order_by()
        for name, pk in public.values_list("normalised", "pk"):
            self.keys[name].append((Town, pk))
        for name, pk in GazetteerPlace.objects.filter(country=country).order_by().values_list("normalised", "pk"):
            self.keys[name].append((GazetteerPlace, pk))
        self.keys.default_factory = None
        self.sorted = sorted(self.keys)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for name in self.sorted:
            self._by_length[len(name)].append(name)
        self._similar: dict[str, dict[str, int]] = {}

    def longer(self, name: str) -> list[str]:
        """Names that go on where a name ends, some of them."""
        if not name:
            return []
        start = f"{name} "
        first = bisect_left(self.sorted, start)
        return list(takewhile(lambda one: one.startswith(start), self.sorted[first : first + _MOST_LONGER]))

    def similar(self, name: str) -> dict[str, int]:
        """Names that are a letter or two off, and how many."""
        if name not in self._similar:
            letters = 0 if len(name) < _ONE_TYPO_LENGTH else 1 if len(name) < _TWO_TYPOS_LENGTH else 2
            lengths = range(len(name) - letters, len(name) + letters + 1)
            choices = [other for length in lengths for other in self._by_length.get(length, ())] if letters else []
            alike = process.extract(name, choices, scorer=OSA.distance, score_cutoff=letters, limit=_MOST_SIMILAR)
            self._similar[name] = {other: distance for other, distance, _index in alike}
        return self._similar[name]


class _Points:
    """Points of all places of the gazetteer, as arrays."""

    def __init__(self) -> None:
        rows = GazetteerPlace.objects.filter(coordinates_precision="place", latitude__isnull=False).order_by("latitude")
        values = list(rows.values_list("pk", "latitude", "longitude", "country"))
        self._keys = np.array([value[0] for value in values], dtype=np.int64)
        self._latitudes = np.array([value[1] for value in values], dtype=np.float64)
        self._longitudes = np.array([value[2] for value in values], dtype=np.float64)
        self._countries = np.array([value[3] for value in values], dtype="U2")

    def _within(self, latitude: float, longitude: float, kilometres: float) -> Any:
        degrees = kilometres / 111.2
        first, last = np.searchsorted(self._latitudes, (latitude - degrees, latitude + degrees))
        width = degrees / max(np.cos(np.radians(latitude)), 0.01)
        return first + np.flatnonzero(np.abs(self._longitudes[first:last] - longitude) <= width)

    def around(self, latitude: float, longitude: float, kilometres: float) -> list[GazetteerPlace]:
        keys = self._keys[self._within(latitude, longitude, kilometres)]
        return list(GazetteerPlace.objects.filter(pk__in=keys.tolist()))

    def countries_around(self, latitude: float, longitude: float, kilometres: float) -> set[str]:
        return set(self._countries[self._within(latitude, longitude, kilometres)].tolist())


def identified(query: TownQuery, by_code: Mapping[tuple[str, str], Known]) -> bool:
    """True if one of the codes of a query is known."""
    return any(code in by_code for code in query.codes)


def codes_of(record: Known) -> list[tuple[str, str]]:
    """The identifiers of a record, as pairs of scheme and code."""
    codes = [("insee", record.insee), ("geonames", str(record.geonames) if record.geonames else None)]
    if isinstance(record, Town):
        codes += [("wikidata", record.wikidata), ("reference", record.reference)]
    return [(scheme, code) for scheme, code in codes if code]


def _survivors(towns: dict[int, Town]) -> dict[int, Town]:
    """The published town that each town is or was merged into, by the town's primary key."""
    known = dict(towns)
    while missing := {town.merged_into_id for town in known.values() if town.merged_into_id} - known.keys():
        known |= Town.objects.in_bulk(missing)
    survivors = {}
    for pk in towns:
        town = known[pk]
        passed = set()
        while town.merged_into_id and town.pk not in passed:  # not for ever, should they be merged in a circle
            passed.add(town.pk)
            town = known[town.merged_into_id]
        if town.publication == Publication.PUBLISHED:
            survivors[pk] = town
    return survivors
