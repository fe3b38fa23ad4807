"""A name in a file → a town of the directory or a place of the gazetteer, with the reason.

All the names of a file are looked up together: a handful of queries, whatever its size.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from coopdir.text import normalise

from .choices import CoordinatesPrecision, Level, Publication, TerritoryLevel
from .models import GazetteerName, GazetteerPlace, Territory, Town, TownName
from .querysets import territories

NEAR = 30.0
"""Kilometres: places of one name further apart than this are different places."""

DOMINANT = 10
"""How many times larger a place must be than its namesakes to be meant when nothing else is said."""


class TownQuery(NamedTuple):
    """What a row says of a town. `codes` are pairs such as ("insee", "21515"); `territory` is a code."""

    name: str
    country: str | None = None
    territory: str | None = None
    level: str | None = None
    codes: tuple[tuple[str, str], ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    population: int | None = None


@dataclass(slots=True, eq=False)
class Match:
    """The town meant: stored, or new and not saved yet; and why it is the one.

    `place` is the gazetteer place that a new town is made from, None where only the file knows it.
    """

    town: Town
    reason: str
    place: GazetteerPlace | None = None


class Unmatched(Exception):
    """No town, or too many; the message says what would decide it."""


@dataclass(slots=True)
class _Candidate:
    """A town or place that bears the name."""

    record: Town | GazetteerPlace
    main_name: bool
    distance: float | None = None

    @property
    def is_town(self) -> bool:
        return isinstance(self.record, Town)


class TownMatcher:
    """Resolve the towns of a file; equal queries give the same `Match`, so that a new town is made once."""

    def __init__(self, queries: Iterable[TownQuery], *, create: bool) -> None:
        """Look all the `queries` up; `create` allows towns that neither directory nor gazetteer knows."""
        self.create = create
        self._answers: dict[TownQuery, Match | Unmatched] = {}
        self._new: dict[object, Match] = {}
        self._invented: dict[tuple[str | None, ...], list[Match]] = defaultdict(list)
        self._load(set(queries))

    def resolve(self, query: TownQuery) -> Match:
        """The town meant by a query. Raises `Unmatched`."""
        if query not in self._answers:
            try:
                self._answers[query] = self._resolve(query)
            except Unmatched as error:
                self._answers[query] = error
        answer = self._answers[query]
        if isinstance(answer, Unmatched):
            raise answer
        return answer

    # Loading

    def _load(self, queries: set[TownQuery]) -> None:
        names = {variant for query in queries for variant in _variants(query.name)}
        codes = defaultdict(set)
        for query in queries:
            for scheme, code in query.codes:
                codes[scheme].add(code)
        geonames = {int(code) for code in codes["geonames"] if code.isdecimal()}

        town_names = list(TownName.objects.filter(normalised__in=names).values_list("normalised", "town_id"))
        place_names = list(GazetteerName.objects.filter(normalised__in=names).values_list("normalised", "place_id"))
        places = {
            place.pk: place
            for place in GazetteerPlace.objects.filter(
                Q(normalised__in=names)
                | Q(pk__in={pk for _name, pk in place_names})
                | Q(insee__in=codes["insee"])
                | Q(geonames__in=geonames)
            )
        }
        towns = {
            town.pk: town
            for town in Town.objects.filter(publication=Publication.PUBLISHED).filter(
                Q(normalised__in=names)
                | Q(pk__in={pk for _name, pk in town_names})
                | Q(reference__in=codes["reference"])
                | Q(wikidata__in=codes["wikidata"])
                | Q(insee__in={*codes["insee"], *(place.insee for place in places.values() if place.insee)})
                | Q(geonames__in={*geonames, *(place.geonames for place in places.values() if place.geonames)})
            )
        }
        self._by_code: dict[tuple[str, str], Town | GazetteerPlace] = {}
        for record in (
            *places.values(),
            *towns.values(),
        ):  # a town comes last: it replaces the place it is made from
            for key in _codes(record):
                self._by_code[key] = record

        self._by_name: dict[str, list[_Candidate]] = defaultdict(list)
        seen = set()
        for main_name, named in (
            (True, [(town.normalised, town) for town in towns.values()]),
            (True, [(place.normalised, place) for place in places.values()]),
            (False, [(name, towns[pk]) for name, pk in town_names if pk in towns]),
            (False, [(name, places[pk]) for name, pk in place_names if pk in places]),
        ):
            for name, record in named:
                record = next((self._by_code[key] for key in _codes(record)), record)
                if (name, id(record)) not in seen:
                    seen.add((name, id(record)))
                    self._by_name[name].append(_Candidate(record, main_name))
        self._territories = {
            (territory.country_id, territory.normalised): territory
            for territory in Territory.objects.filter(normalised__in=names, dissolved_on=None)
        }
        self._around = territories().closures()

    # Deciding

    def _resolve(self, query: TownQuery) -> Match:
        for code in query.codes:
            if record := self._by_code.get(code):
                return self._match(record, query, "identifier")
        for scheme, code in query.codes:
            if scheme == "reference":
                raise Unmatched(_("There is no town with the reference %s.") % code)
        if not query.country:
            raise Unmatched(_("The town's country is missing: give its ISO code or its name."))
        candidates = self._candidates(query)
        if candidates:
            return self._choose(candidates, query)
        if territory := self._governed(query):
            return self._authority(territory, query)
        if self.create:
            return self._invent(query)
        raise Unmatched(
            _("Neither directory nor gazetteer knows “%(name)s” in %(country)s: correct it or allow new towns.")
            % {"name": query.name, "country": query.country}
        )

    def _candidates(self, query: TownQuery) -> list[_Candidate]:
        """Who bears the name in the country, at the level and in the territory asked for, and not too far away."""
        for variant in _variants(query.name):
            fitting = []
            for candidate in self._by_name.get(variant, ()):
                record = candidate.record
                if record.country_id != query.country or (query.level and record.level != query.level):
                    continue
                if not query.level and record.level in (Level.DEPARTMENT, Level.REGION):
                    continue
                if query.territory and not self._lies_in(record.territory_id, query.territory):
                    continue
                distance = _distance(query, record)
                if distance is not None and distance > NEAR:
                    continue
                fitting.append(_Candidate(record, candidate.main_name, distance))
            if fitting:
                return fitting
        return []

    def _choose(self, candidates: list[_Candidate], query: TownQuery) -> Match:
        """The one candidate that is safe to take."""
        if len(candidates) == 1:
            only = candidates[0]
            return self._match(only.record, query, "name" if only.main_name else "alternative name")
        located = [candidate for candidate in candidates if candidate.distance is not None]
        if located:
            named = [candidate for candidate in located if candidate.main_name] or located
            # Data sets place one town's point a few kilometres apart; within that, the directory's own town and the
            # official commune come first.
            nearest = min(
                named,
                key=lambda candidate: (
                    round(candidate.distance / 5),
                    not candidate.is_town,
                    candidate.record.insee is None,
                    -(candidate.record.population or 0),
                    candidate.distance,
                ),
            )
            return self._match(nearest.record, query, "name and coordinates")
        named = [candidate for candidate in candidates if candidate.main_name] or candidates
        if len(named) == 1:
            return self._match(named[0].record, query, "name")
        official = [candidate for candidate in named if candidate.record.insee]
        if len(official) == 1:
            return self._match(official[0].record, query, "the only commune of this name")
        if query.population:
            alike = [
                candidate
                for candidate in named
                if candidate.record.population and 0.8 <= candidate.record.population / query.population <= 1.25
            ]
            if len(alike) == 1:
                return self._match(alike[0].record, query, "name and population")
        largest, second = sorted(named, key=lambda candidate: -(candidate.record.population or 0))[:2]
        if (largest.record.population or 0) >= DOMINANT * max(second.record.population or 0, 1000):
            return self._match(largest.record, query, "by far the largest of this name")
        places = "; ".join(sorted(_described(candidate.record) for candidate in named)[:5])
        raise Unmatched(
            _("Several places are named “%(name)s”: %(places)s. Add a code, a territory or coordinates.")
            % {"name": query.name, "places": places}
        )

    def _match(self, record: Town | GazetteerPlace, query: TownQuery, reason: str) -> Match:
        if isinstance(record, Town):
            return self._new.setdefault(record.pk, Match(record, reason))
        town = Town(
            name=record.name,
            level=query.level or record.level,
            country_id=record.country_id,
            territory_id=record.territory_id,
            insee=record.insee,
            geonames=record.geonames,
            population=record.population,
            latitude=record.latitude,
            longitude=record.longitude,
            coordinates_precision=record.coordinates_precision,
        )
        return self._new.setdefault(("place", record.pk), Match(town, reason, record))

    def _governed(self, query: TownQuery) -> Territory | None:
        """The territory of this name, for a row that names a department's or region's authority."""
        if query.level not in (None, Level.DEPARTMENT, Level.REGION):
            return None
        return self._territories.get((query.country, normalise(query.name)))

    def _authority(self, territory: Territory, query: TownQuery) -> Match:
        level = Level.DEPARTMENT if territory.level == TerritoryLevel.DEPARTMENT else Level.REGION
        town = Town(
            name=territory.name,
            level=level,
            country_id=territory.country_id,
            territory_id=territory.pk,
            governs_id=territory.pk,
            latitude=territory.latitude,
            longitude=territory.longitude,
        )
        stored = Town.objects.filter(governs=territory, publication=Publication.PUBLISHED).first()
        return self._new.setdefault(("territory", territory.pk), Match(stored or town, "territory of this name"))

    def _invent(self, query: TownQuery) -> Match:
        """A town that only the file knows: two rows mean the same one if name, place and level agree."""
        level = query.level or Level.MUNICIPALITY
        namesakes = self._invented[query.country, query.territory, level, normalise(query.name)]
        for match in namesakes:
            if (_distance(query, match.town) or 0) <= NEAR:
                return match
        town = Town(
            name=query.name,
            level=level,
            country_id=query.country,
            territory_id=query.territory,
            population=query.population,
            latitude=query.latitude if query.longitude is not None else None,
            longitude=query.longitude if query.latitude is not None else None,
            **{
                scheme: int(code) if scheme == "geonames" else code
                for scheme, code in query.codes
                if scheme in ("insee", "geonames", "wikidata")
            },
        )
        namesakes.append(Match(town, "new"))
        return namesakes[-1]

    def _lies_in(self, territory: str | None, wanted: str) -> bool:
        return territory is not None and wanted in self._around.get(territory, {territory})


def _variants(name: str) -> list[str]:
    """The normalised name, then without the disambiguator behind a comma or in brackets ("Francheville, Rhône")."""
    bare = name.split(",")[0].split("(")[0]
    return list(dict.fromkeys(filter(None, (normalise(name), normalise(bare)))))


def _codes(record: Town | GazetteerPlace) -> list[tuple[str, str]]:
    """The identifiers of a record, as pairs of scheme and code."""
    codes = [("insee", record.insee), ("geonames", str(record.geonames) if record.geonames else None)]
    if isinstance(record, Town):
        codes += [("wikidata", record.wikidata), ("reference", record.reference)]
    return [(scheme, code) for scheme, code in codes if code]


def _described(record: Town | GazetteerPlace) -> str:
    """A namesake told apart: name, territory, population, code."""
    code = record.reference if isinstance(record, Town) else ":".join(_codes(record)[0])
    parts = (record.territory_id, f"{record.population:,}" if record.population else None, code)
    return f"{record.name} ({', '.join(part for part in parts if part)})"


def _distance(query: TownQuery, record: Town | GazetteerPlace) -> float | None:
    """Kilometres between the row's point and the record's, on the sphere; None where either is not known."""
    if query.latitude is None or query.longitude is None or record.latitude is None:
        return None
    if record.coordinates_precision != CoordinatesPrecision.PLACE:
        return None
    first, second = math.radians(query.latitude), math.radians(record.latitude)
    half = math.sin((second - first) / 2) ** 2
    half += math.cos(first) * math.cos(second) * math.sin(math.radians(record.longitude - query.longitude) / 2) ** 2
    return 12742 * math.asin(math.sqrt(min(1.0, half)))
