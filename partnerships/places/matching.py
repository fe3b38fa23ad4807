"""Matching of a name in a file to a town of the directory or a place of the gazetteer, with the reason.

All the names of a file are looked up together: a handful of queries, whatever its size.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.text import normalise

from ..choices import CoordinatesPrecision, Level, Publication
from ..models import GazetteerName, GazetteerPlace, Territory, Town, TownName
from ..territory_querysets import territories
from .party_refs import authority_of, town_of_place

NEAR = 30.0
"""Kilometres: places of one name further apart than this are different places."""

SAME_PLACE = 5.0
"""Kilometres: within these, a name that is one letter off is the same place, misspelt."""

_ONE_TYPO_LENGTH, _TWO_TYPOS_LENGTH = 5, 9
"""Letters from which on a name may be one letter off, and two."""

FAR = 200.0
"""Kilometres from the middle of its department from which on a commune whose own place is not known is another one."""

KIND = re.compile(
    r"^(?:gmina|stadt|gemeinde|obec|comune di|ville de|commune de|concello de|municipio de|ayuntamiento de"
    r"|ajuntament de|(?:municipality|commune|city|town|village) of|(?:london |royal |metropolitan )*borough of) "
    r"| (?:municipality|city|commune|kommune|kommun|kunta|vald)$"
)
"""Words of a normalised name that say what kind of authority it is."""

OTHER = re.compile(
    r" (?:district|quarter|arrondissement|canton|county|province|department|region|cercle|bezirk|kreis|landkreis"
    r"|north|south|east|west|nord|sud|est|ouest|ost|[ivx]+|[0-9]+)\b"
)
"""Words of a normalised name that say that it is a part of a place, or that the place is a part of it."""

_MAX_SHOWN = 5
"""Namesakes, or places of similar names, that are shown."""

UNLIKE = 5
"""Greatest ratio of a place's inhabitants to a file's, in either direction, if nothing but its name speaks for it."""

_SMALL_TOWN = 3000
"""Inhabitants below which another name that the gazetteer gives a place is not enough: towns have names in other
languages, villages have namesakes."""

_SAME_SIZE_RATIO, _OTHER_SIZE_RATIO = 1.25, 2
"""Ratios of inhabitants to those a file says: the greatest of the one of several namesakes that is taken for it, and
the least of the others."""

DOMINANT = 20
"""Ratio of size by which a place must exceed its namesakes to be meant when nothing else is said."""


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


@dataclass(slots=True, eq=False)
class Match:
    """The town meant: stored, or new and not saved yet; and why it is the one.

    `place` is the gazetteer place that a new town is made from, None where only the file knows it.
    """

    town: Town
    reason: str
    place: GazetteerPlace | None = None


class Unmatched(Exception):
    """No town, or too many; the message says what would decide it.

    `question` tells whether somebody can answer it without the file being corrected; `candidates` may be meant.
    """

    def __init__(
        self, message: str, candidates: Iterable["Town | GazetteerPlace"] = (), *, question: bool = False
    ) -> None:
        super().__init__(message)
        self.candidates = list(candidates)
        self.question = question or bool(self.candidates)


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
        self._invented_by_code: dict[tuple[str, str], Match] = {}
        self._alike: dict[tuple[str, str], dict[str, list[_Candidate]]] = {}
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

    def invented(self, query: TownQuery) -> Match:
        """A town that only the file knows, whatever others are called. Raises `Unmatched`."""
        return self._invent(query)

    def of_place(self, place: GazetteerPlace, query: TownQuery) -> Match:
        """The town of a gazetteer place: stored, or new."""
        codes = [(scheme, code) for scheme, code in _codes(place) if scheme in ("insee", "geonames")]
        stored = Town.objects.filter(publication=Publication.PUBLISHED, **dict(codes[:1])).first() if codes else None
        return Match(stored, "name") if stored else self._match(place, query, "name")

    # Loading

    def _load(self, queries: set[TownQuery]) -> None:
        codes = defaultdict(set)
        for query in queries:
            for scheme, code in query.codes:
                codes[scheme].add(code)
        geonames = {int(code) for code in codes["geonames"]}
        coded = Q(reference__among=codes["reference"]) | Q(wikidata__among=codes["wikidata"])
        coded |= Q(insee__among=codes["insee"]) | Q(geonames__among=geonames)
        was_public = Q(merged_into__isnull=False, published_at__isnull=False)
        public = Town.objects.filter(Q(publication=Publication.PUBLISHED) | was_public)
        found = {town.pk: town for town in public.filter(coded)} if codes else {}
        identified = {code for town in found.values() for code in _codes(town)}
        # A town that is found by its code is looked for neither by its name nor in the gazetteer.
        insee = {code for code in codes["insee"] if ("insee", code) not in identified}
        geonames = {code for code in geonames if ("geonames", str(code)) not in identified}
        unidentified = [query for query in queries if not identified.intersection(query.codes)]
        names = {variant for query in unidentified for variant in _variants(query.name)}

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
        towns = _survivors(found)  # a merged town stands for its survivor, a place for the town made from it
        own = [town for town in found.values() if town.merged_into_id is None]
        merged = [town for town in found.values() if town.merged_into_id and town.pk in towns]
        self._by_code: dict[tuple[str, str], Town | GazetteerPlace] = {}
        for town in (*own, *merged):
            for key in _codes(town):
                self._by_code.setdefault(key, towns[town.pk])
        known: dict[int, Town | GazetteerPlace] = {}
        for place in places.values():
            keys = _codes(place)
            known[place.pk] = next((self._by_code[key] for key in keys if key in self._by_code), place)
            for key in keys:
                self._by_code.setdefault(key, known[place.pk])

        self._by_name: dict[str, list[_Candidate]] = defaultdict(list)
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
                    self._by_name[name].append(_Candidate(record, main_name))
        self._territories: dict[tuple[str, str], list[Territory]] = defaultdict(list)
        said = {_qualifier(query.name) for query in unidentified}
        for territory in Territory.objects.filter(normalised__among=names | said, dissolved_on=None):
            self._territories[territory.country_id, territory.normalised].append(territory)
        governed = [territory for namesakes in self._territories.values() for territory in namesakes]
        self._authorities = {
            town.governs_id: town
            for town in Town.objects.filter(governs__in=governed, publication=Publication.PUBLISHED)
        }
        self._around = territories().closures()

    # Deciding

    def _resolve(self, query: TownQuery) -> Match:
        for scheme, code in query.codes:
            if scheme == "reference" and (scheme, code) not in self._by_code:
                raise Unmatched(_("There is no town with the reference %s.") % code)
        if coded := {id(record): record for code in query.codes if (record := self._by_code.get(code))}:
            return self._identified(list(coded.values()), query)
        if not query.name:
            raise Unmatched(_("Neither directory nor gazetteer knows this code: add the town's name."))
        if not _variants(query.name):
            raise Unmatched(_("This is no name: it has no letters."))
        candidates = self._candidates(query)
        if candidates and not query.country:
            return self._of_any_country(candidates, query)
        if candidates:
            return self._choose(candidates, query)
        if not query.country:
            raise Unmatched(_("The town's country is missing: give its ISO code or its name."))
        if self._candidates(query._replace(latitude=query.longitude, longitude=query.latitude)):
            raise Unmatched(_("Latitude and longitude seem to be exchanged: write each in its own column."))
        if territory := self._governed(query):
            return self._authority(territory)
        elsewhere = self._candidates(query._replace(country=None))
        abroad = [one for one in elsewhere if one.distance is not None and one.distance <= SAME_PLACE]
        if abroad:
            raise Unmatched(
                _("The coordinates are those of %(places)s in %(country)s: correct the country, or say what is meant.")
                % {"places": _listed(abroad), "country": abroad[0].record.country_id},
                (candidate.record for candidate in abroad),
            )
        if part := self._longer_or_shorter(query):
            return self._match(part.record, query, "part of the name and coordinates")
        similar = self._similar(query)
        off, best = similar[0] if similar else (0, None)
        if off == 1 and best is not None and best.distance is not None and best.distance <= SAME_PLACE:
            return self._match(best.record, query, "similar name and coordinates")
        if self.create and off != 1:
            return self._invent(query)
        if similar:
            raise Unmatched(
                _("Nobody knows “%(name)s”; these are called almost so: %(places)s. Correct it or say what it is.")
                % {"name": query.name, "places": _listed(candidate for _off, candidate in similar)},
                (candidate.record for _off, candidate in similar),
            )
        if elsewhere := self._candidates(query._replace(latitude=None, longitude=None)):
            raise Unmatched(
                _("The coordinates are not those of %(places)s. Correct them or allow new towns.")
                % {"places": _listed(elsewhere)},
                (candidate.record for candidate in elsewhere),
            )
        raise Unmatched(
            _("Neither directory nor gazetteer knows “%(name)s” in %(country)s: correct it or allow new towns.")
            % {"name": query.name, "country": query.country},
            question=True,
        )

    def _identified(self, records: list[Town | GazetteerPlace], query: TownQuery) -> Match:
        """The town that the codes belong to, unless they contradict each other or the country."""
        if len(records) > 1:
            raise Unmatched(
                _("The codes belong to different places: %s. Correct or remove one.")
                % "; ".join(map(_described, records))
            )
        if query.country and records[0].country_id != query.country:
            raise Unmatched(
                _("The code belongs to %(place)s in %(country)s: correct the code or the country.")
                % {"place": _described(records[0]), "country": records[0].country_id}
            )
        return self._match(records[0], query, "identifier")

    def _candidates(self, query: TownQuery) -> list[_Candidate]:
        """Candidates with the name in the country, at the level and in the territory of the query, and not too far
        away."""
        for variant in _variants(query.name):
            if fitting := self._fitting(self._by_name.get(variant, ()), query):
                return fitting
        return []

    def _fitting(self, candidates: Iterable[_Candidate], query: TownQuery) -> list[_Candidate]:
        """The candidates that are where, and of the level, that is asked for."""
        fitting = []
        for candidate in candidates:
            record = candidate.record
            if query.country and record.country_id != query.country:
                continue
            if query.level and record.level != query.level:
                continue
            if not query.level and record.level in (Level.DEPARTMENT, Level.REGION):
                continue
            if query.territory and not self._lies_in(record.territory_id, query.territory):
                continue
            distance = _distance(query, record)
            if distance is None or distance <= NEAR:
                fitting.append(_Candidate(record, candidate.main_name, distance))
        return fitting

    def _similar(self, query: TownQuery) -> list[tuple[int, _Candidate]]:
        """Candidates with a name that is a letter or two off, with the number of letters, the most alike first."""
        wanted = normalise(query.name)
        if not query.country or len(wanted) < _ONE_TYPO_LENGTH:
            return []
        named = self._beginning_with(query.country, wanted[:2])
        letters = 1 if len(wanted) < _TWO_TYPOS_LENGTH else 2
        alike = process.extract(wanted, named.keys(), scorer=OSA.distance, score_cutoff=letters, limit=_MAX_SHOWN)
        found = [(off, candidate) for name, off, _key in alike for candidate in self._fitting(named[name], query)]
        return sorted(
            found,
            key=lambda pair: (pair[0], pair[1].distance or 0, not pair[1].is_town, -(pair[1].record.population or 0)),
        )[:_MAX_SHOWN]

    def _longer_or_shorter(self, query: TownQuery) -> _Candidate | None:
        """The nearest at the very place whose name is the beginning of the one asked for, or begins with it.

        One says “Rottenburg”, another “Rottenburg am Neckar”. What the further words say of another level is heeded:
        the districts of a city are not the city.
        """
        wanted = normalise(query.name)
        if not query.country or query.latitude is None or len(wanted) < _ONE_TYPO_LENGTH:
            return None
        found = []
        for name, candidates in self._beginning_with(query.country, wanted[:2]).items():
            longer, shorter = (wanted, name) if len(wanted) > len(name) else (name, wanted)
            if (
                len(shorter) < _ONE_TYPO_LENGTH
                or not longer.startswith(f"{shorter} ")
                or OTHER.search(longer[len(shorter) :])
            ):
                continue
            found += [
                candidate
                for candidate in self._fitting(candidates, query)
                if candidate.distance is not None and candidate.distance <= SAME_PLACE
            ]
        return min(found, key=lambda candidate: (not candidate.is_town, candidate.distance), default=None)

    def _beginning_with(self, country: str, letters: str) -> dict[str, list[_Candidate]]:
        """All towns and places of a country whose name begins so: people get the beginning right."""
        if (country, letters) not in self._alike:
            named: dict[str, list[_Candidate]] = defaultdict(list)
            towns = Town.objects.filter(publication=Publication.PUBLISHED)
            known: set[Any] = set()
            for records in (towns, GazetteerPlace.objects.all()):
                for record in records.filter(country=country, normalised__startswith=letters):
                    codes = set(_codes(record))
                    if codes & known:
                        continue  # the town that was made from it stands there already
                    known |= codes
                    named[record.normalised].append(_Candidate(record, True))
            self._alike[country, letters] = named
        return self._alike[country, letters]

    def _of_any_country(self, candidates: list[_Candidate], query: TownQuery) -> Match:
        """Match without a country: the only place in the world of this name."""
        if len(candidates) > 1:
            raise Unmatched(
                _("The town's country is missing: give its ISO code or its name. Places named so: %s.")
                % _listed(candidates),
                (candidate.record for candidate in candidates),
            )
        return self._match(candidates[0].record, query, "the only place of this name")

    def _choose(self, candidates: list[_Candidate], query: TownQuery) -> Match:
        """The one candidate that is safe to take."""
        candidates, qualified = self._qualified(candidates, query)
        if len(candidates) == 1:
            only = candidates[0]
            if _is_doubtful(only, query):
                raise Unmatched(
                    _("%(place)s has not nearly that many inhabitants: say whether it is meant.")
                    % {"place": _described(only.record)},
                    [only.record],
                )
            if _is_hearsay(only, query):
                raise Unmatched(
                    _("“%(name)s” is only another name of %(place)s, a small place: say whether it is meant.")
                    % {"name": query.name, "place": _described(only.record)},
                    [only.record],
                )
            return self._match(only.record, query, "name" if only.main_name else "alternative name")
        located = [candidate for candidate in candidates if candidate.distance is not None]
        if located:
            named = [candidate for candidate in located if candidate.main_name] or located
            # Data sets place one town's point a few kilometres apart; within that, the directory's own town and the
            # official commune come first.
            nearest = min(
                named,
                key=lambda candidate: (
                    round((candidate.distance or 0) / 5),
                    not candidate.is_town,
                    candidate.record.insee is None,
                    -(candidate.record.population or 0),
                    candidate.distance or 0,
                ),
            )
            return self._match(nearest.record, query, "name and coordinates")
        if match := self._most_likely(candidates, query, qualified=qualified):
            return match
        named = [candidate for candidate in candidates if candidate.main_name] or candidates
        raise Unmatched(
            _("Several places are named “%(name)s”: %(places)s. Add a code, a territory or coordinates.")
            % {"name": query.name, "places": _listed(named)},
            (candidate.record for candidate in named),
        )

    def _most_likely(self, candidates: list[_Candidate], query: TownQuery, *, qualified: bool) -> Match | None:
        """The one of several namesakes that is safe to take where nothing says where it lies.

        What bears the name among others counts as much as what is called so first, unless it is smaller.
        """
        likely = [candidate for candidate in candidates if not _is_doubtful(candidate, query)]
        named = [candidate for candidate in likely if candidate.main_name]
        if len(likely) == 1 and named:
            return self._match(named[0].record, query, "name")
        if len(official := [candidate for candidate in likely if candidate.record.insee]) == 1:
            return self._match(official[0].record, query, "the only commune of this name")
        if query.population:
            alike = [candidate for candidate in likely if _times(candidate, query) <= _OTHER_SIZE_RATIO]
            alike = [one for one in alike if one.record.level != Level.DISTRICT] or alike
            if len(alike) == 1 and _times(alike[0], query) <= _SAME_SIZE_RATIO:
                return self._match(alike[0].record, query, "name and population")
            return None
        largest, second = sorted(candidates, key=_size, reverse=True)[:2]
        if len(named) == 1 and _size(named[0]) >= _size(largest):
            return self._match(named[0].record, query, "name")
        dominant = _size(largest) >= DOMINANT * max(_size(second), 1000) and largest.record.level != Level.DISTRICT
        if dominant and not qualified:
            return self._match(largest.record, query, "by far the largest of this name")
        return None

    def _qualified(self, candidates: list[_Candidate], query: TownQuery) -> tuple[list[_Candidate], bool]:
        """The candidates in the territory that the name itself gives ("Pringy, Haute-Savoie"), and whether it gives
        something that nobody knows."""
        qualifier = _qualifier(query.name)
        known = self._territories.get((query.country or "", qualifier), ()) if qualifier else ()
        inside = [
            candidate
            for candidate in candidates
            if any(self._lies_in(candidate.record.territory_id, territory.pk) for territory in known)
        ]
        return (inside, False) if inside else (candidates, bool(qualifier))

    def _match(self, record: Town | GazetteerPlace, query: TownQuery, reason: str) -> Match:
        if isinstance(record, Town):
            return self._new.setdefault(record.pk, Match(record, reason))
        town = town_of_place(record, query.level or "")
        return self._new.setdefault(("place", record.pk), Match(town, reason, record))

    def _governed(self, query: TownQuery) -> Territory | None:
        """The territory of this name, for a row that names a department's or region's authority."""
        if query.level not in (None, Level.DEPARTMENT, Level.REGION):
            return None
        named = [
            territory
            for territory in self._territories.get((query.country or "", normalise(query.name)), ())
            if query.level in (None, territory.level)
        ]
        if len(named) > 1:
            raise Unmatched(
                _("A department and a region are named “%s”: add the level of the one that is meant.") % query.name
            )
        return named[0] if named else None

    def _authority(self, territory: Territory) -> Match:
        """The authority of a territory: the directory's, or a new one."""
        town = self._authorities.get(territory.pk) or authority_of(territory)
        return self._new.setdefault(("territory", territory.pk), Match(town, "territory of this name"))

    def _invent(self, query: TownQuery) -> Match:
        """A town that only the file knows: two rows mean the same one if a code, or name, place and level agree."""
        codes = {scheme: int(code) if scheme == "geonames" else code for scheme, code in query.codes}
        if "insee" in codes and query.country != "FR":
            raise Unmatched(_("Only French towns have an INSEE code: correct the code or the country."))
        for code in query.codes:
            if match := self._invented_by_code.get(code):
                return match
        level = query.level or Level.MUNICIPALITY
        namesakes = self._invented[query.country, query.territory, level, normalise(query.name)]
        for match in namesakes:
            told_apart = any(getattr(match.town, scheme) not in (None, code) for scheme, code in codes.items())
            if not told_apart and (_distance(query, match.town) or 0) <= NEAR:
                for scheme, own in codes.items():
                    setattr(match.town, scheme, own)
                self._invented_by_code |= dict.fromkeys(query.codes, match)
                return match
        if query.country is None:
            raise LookupError("Nobody invents a town in no country.")
        town = Town(
            name=" ".join(query.name.split()),
            level=level,
            country_id=query.country,
            territory_id=query.territory,
            population=query.population,
            latitude=query.latitude if query.longitude is not None else None,
            longitude=query.longitude if query.latitude is not None else None,
            **codes,
        )
        namesakes.append(Match(town, "new"))
        self._invented_by_code |= dict.fromkeys(query.codes, namesakes[-1])
        return namesakes[-1]

    def _lies_in(self, territory: str | None, wanted: str) -> bool:
        return territory is not None and wanted in self._around.get(territory, {territory})


def _variants(name: str) -> list[str]:
    """The normalised name, then without the disambiguator behind a comma or in brackets ("Francheville, Rhône"), then
    without the words that say what kind of authority it is ("Lund Municipality")."""
    bare = name.split(",")[0].split("(")[0]
    plain = [normalise(name), normalise(bare)]
    return list(dict.fromkeys(filter(None, [*plain, *(KIND.sub("", one) for one in plain)])))


def _qualifier(name: str) -> str:
    """Disambiguator of a name, behind a comma or in brackets, normalised."""
    name = name.rstrip()
    if name.endswith(")"):
        _before, bracket, told = name[:-1].rpartition(")")[2].partition("(")
        if bracket and told:
            return normalise(told)
    _before, comma, told = name.rpartition(",")
    return normalise(told) if comma and "(" not in told else ""


def _size(candidate: _Candidate) -> int:
    """Inhabitants of a place, none where they are not known."""
    return candidate.record.population or 0


def _times(candidate: _Candidate, query: TownQuery) -> float:
    """Ratio of a place's population to the file's, in either direction, at least 1; infinite where one is not known."""
    if not query.population or not candidate.record.population:
        return math.inf
    share = candidate.record.population / query.population
    return max(share, 1 / share)


def _is_doubtful(candidate: _Candidate, query: TownQuery) -> bool:
    """True if a place's population differs so much from the file's that it may be another one."""
    return candidate.distance is None and UNLIKE < _times(candidate, query) < math.inf


def _is_hearsay(candidate: _Candidate, query: TownQuery) -> bool:
    """True if nothing supports a small place but one of the alternative names that the gazetteer gives it."""
    told = candidate.main_name or candidate.is_town or candidate.distance is not None or query.population
    return not told and 0 < _size(candidate) < _SMALL_TOWN


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


def _listed(candidates: Iterable[_Candidate]) -> str:
    """Namesakes told apart, five at most."""
    return "; ".join(sorted(_described(candidate.record) for candidate in candidates)[:_MAX_SHOWN])


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


def _distance(query: TownQuery, record: Town | GazetteerPlace) -> float | None:
    """Kilometres between the row's point and the record's, on the sphere; None where either is not known.

    Of a commune that stands in the middle of its department it is known only when it is far from there.
    """
    if query.latitude is None or query.longitude is None or record.latitude is None or record.longitude is None:
        return None
    away = kilometres((query.latitude, query.longitude), (record.latitude, record.longitude))
    if record.coordinates_precision == CoordinatesPrecision.PLACE:
        return away
    overseas = (record.insee or "").startswith(("97", "98"))  # whose islands lie a thousand kilometres apart
    return away if away > FAR and not overseas else None


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points, each latitude and longitude in degrees, on the sphere."""
    first, second = math.radians(one[0]), math.radians(other[0])
    half = math.sin((second - first) / 2) ** 2
    half += math.cos(first) * math.cos(second) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 12742 * math.asin(math.sqrt(min(1.0, half)))
