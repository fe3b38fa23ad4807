"""Matching of a name in a file to a town of the directory or a place of the gazetteer, with the reason.

All the names of a file are looked up together (`namesakes`). Each is taken apart (`name_reading`), and what speaks for
and against every namesake is weighed (`evidence`): one that is ahead of all others, and that nothing contradicts, is
taken. All else is a question.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from rapidfuzz.distance import OSA

from core.text import normalise

from ..choices import Level, Publication
from ..models import GazetteerPlace, Territory, Town
from .country_names import OVERSEAS, country_code, overseas_territory
from .evidence import (
    FOREIGN_POINT,
    MIN_LEAD,
    MIN_LEAD_WORLDWIDE,
    MIN_WEIGHT,
    MIN_WEIGHT_WORLDWIDE,
    SAME_PLACE,
    Scale,
    Weighed,
    kilometres,
    ranked_namesakes,
)
from .level_words import CONNECTORS
from .name_reading import ABOVE, NameReading, is_no_name
from .namesakes import Known, Namesake, Namesakes, TownQuery, codes_of
from .newcomers import Newcomers
from .party_refs import authority_of, town_of_place
from .questions import MOST_LISTED, Unmatched, namesake_in_words, namesakes_in_words, question_about

_LEAST_LENGTH = 4
"""Letters of a name that another one may go on from."""

OTHER = re.compile(
    r" (?:district|quarter|arrondissement|canton|county|province|department|region|cercle|bezirk|kreis|landkreis"
    r"|north|south|east|west|nord|sud|est|ouest|ost|[ivx]+|[0-9]+)\b"
)
"""Words of a normalised name that say that it is a part of a place, or that the place is a part of it."""

_RARE_LENGTH = 6
"""Letters from which on a name that one place in the world bears is nobody else's."""

MUNICIPALITIES_FIRST = frozenset({"LI", "MK", "MT", "SI", "SM"})
"""Countries whose first-level subdivisions in ISO 3166-2 are their municipalities."""

_SHARED_BY = 4
"""Names from which on a point that they share is that of none of them."""


@dataclass(slots=True, eq=False)
class Match:
    """The town meant: stored, or new and not saved yet; and why it is the one.

    `place` is the gazetteer place that a new town is made from, None where only the file knows it.
    """

    town: Town
    reason: str
    place: GazetteerPlace | None = None


class TownMatcher:
    """Resolve the towns of a file; equal queries give the same `Match`, so that a new town is made once."""

    def __init__(self, queries: Iterable[TownQuery], *, create: bool) -> None:
        """Look all the `queries` up; `create` allows towns that neither directory nor gazetteer knows."""
        self.create = create
        queries = set(queries)
        self._names = Namesakes(queries)
        self._newcomers = Newcomers()
        self._answers: dict[TownQuery, Match | Unmatched] = {}
        self._found: dict[object, Match] = {}
        self._shared = _shared_points(queries)

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
        codes = [(scheme, code) for scheme, code in codes_of(place) if scheme in ("insee", "geonames")]
        stored = Town.objects.filter(publication=Publication.PUBLISHED, **dict(codes[:1])).first() if codes else None
        return Match(stored, "name") if stored else self._match(place, query, "name")

    # Deciding

    def _resolve(self, query: TownQuery) -> Match:
        query = _in_france(query)
        if match := self._identified(query):
            return match
        if not query.name:
            raise Unmatched(_("Neither directory nor gazetteer knows this code: add the town's name."))
        reading = query.reading
        if not reading.spellings or not any(map(str.isalpha, reading.spellings[0])):
            raise Unmatched(_("This is no name: it has no letters."))
        if is_no_name(query.name):
            raise Unmatched(_("This is no name, but an address or a remark: write the name of the town."))
        if query.country is None and (country := _country_beside(reading)):
            query = _in_france(query._replace(country=country))
        weighed = self._weighed(query)
        self._refuse_exchanged_coordinates(query, weighed)
        match = self._ahead(query, weighed)
        if not match and any("point" in one.against for one in weighed) and self._is_a_foreign_point(query):
            weighed = self._weighed(query, with_point=False)
            match = self._ahead(query, weighed)
        if match and not self._is_rather_a_territory(query, weighed[0]):
            return match
        self._refuse_what_is_no_town(query, weighed)
        if match := self._authority(query, weighed):
            return match
        if weighed:
            raise question_about(query, weighed, self._names)
        return self._unknown(query)

    def _identified(self, query: TownQuery) -> Match | None:
        """The town that the codes belong to, unless they contradict each other or the country."""
        by_code = self._names.by_code
        for scheme, code in query.codes:
            if scheme == "reference" and (scheme, code) not in by_code:
                raise Unmatched(_("There is no town with the reference %s.") % code)
        records = list({id(record): record for code in query.codes if (record := by_code.get(code))}.values())
        if not records:
            return None
        if len(records) > 1:
            raise Unmatched(
                _("The codes belong to different places: %s. Correct or remove one.")
                % "; ".join(map(namesake_in_words, records))
            )
        if query.country and records[0].country_id != query.country:
            raise Unmatched(
                _("The code belongs to %(place)s in %(country)s: correct the code or the country.")
                % {"place": namesake_in_words(records[0]), "country": records[0].country_id}
            )
        return self._match(records[0], query, "identifier")

    def _is_a_foreign_point(self, query: TownQuery) -> bool:
        """True if a point says nothing of who is meant: neither the country nor anybody of the name is near."""
        if query.country is None or query.latitude is None or query.longitude is None:
            return False
        if query.country in self._names.countries_near(query.latitude, query.longitude, FOREIGN_POINT):
            return False
        return not any(one.is_sure for one in self._weighed(query._replace(country=None)))

    def _weighed(self, query: TownQuery, *, with_point: bool = True) -> list[Weighed]:
        """The namesakes in the country of the query, the likeliest first."""
        reading = query.reading
        is_shared = (query.latitude, query.longitude) in self._shared
        scale = Scale(query, self._names, with_point=with_point and not is_shared)
        found: dict[int, Weighed] = {}
        for spelling in reading.spellings:
            for namesake in self._names.by_name.get(spelling, ()):
                if query.country and namesake.record.country_id != query.country:
                    continue
                one = scale.weigh(namesake, spelling)
                known = found.get(id(namesake.record))
                if known is None or (len(one.against), -one.weight) < (len(known.against), -known.weight):
                    found[id(namesake.record)] = one
        return ranked_namesakes(found.values())

    def _ahead(self, query: TownQuery, weighed: list[Weighed]) -> Match | None:
        """The first, if nothing contradicts it and it is ahead of all others."""
        likely = [one for one in weighed if not one.against]
        if not likely:
            return None
        first = likely[0]
        least, ahead = (MIN_WEIGHT, MIN_LEAD) if query.country else (MIN_WEIGHT_WORLDWIDE, MIN_LEAD_WORLDWIDE)
        if not query.country and not first.namesake.main_name and not first.is_sure:
            return None
        if not query.country and len(weighed) == 1 and len(first.record.normalised) >= _RARE_LENGTH:
            least = MIN_WEIGHT
        others = [one.weight for one in likely[1:] if not _is_the_same(first, one)]
        if first.weight < least or (others and first.weight - max(others) < ahead):
            return None
        # The directory's own town stands for a place of the gazetteer at the same point.
        own = next((one for one in likely if one.namesake.is_town and _is_the_same(first, one)), first)
        return self._match(own.record, query, _reason(first, len(likely)))

    def _refuse_what_is_no_town(self, query: TownQuery, weighed: list[Weighed]) -> None:
        """Ask about organisations, countries, parts with a level of their own and several towns in one cell."""
        reading = query.reading
        candidates = [one.record for one in weighed]
        if reading.mentioned and reading.mentioned.organisation:
            raise Unmatched(
                _("“%s” seems to be an organisation: say whether it is one, or which town is meant.") % query.name,
                candidates,
                question=True,
            )
        is_country = country_code(query.name)
        if is_country and query.country in (None, is_country) and not any(one.namesake.main_name for one in weighed):
            raise Unmatched(_("“%s” is a country: name the town.") % query.name, candidates)
        known = [part for part in reading.parts if self._is_known(part, query.country)]
        beside = [
            said
            for said in reading.looked_beside
            if self._is_known(said, query.country)
            and not country_code(said)
            and not self._names.territories_named(said, query.country)
        ]
        if (len(known) > 1 and not any(not one.against for one in weighed)) or (len(reading.parts) > 1 and not weighed):
            raise Unmatched(
                _("“%s” names several: write each in a column or a row of its own, or say which is meant.")
                % query.name,
                [one.record for part in known for one in self._names.by_name[part]][:MOST_LISTED] or candidates,
                question=True,
            )
        if beside and not any(not one.against for one in weighed):
            named = [one.record for said in beside for one in self._names.by_name[said] if _lies(one, query.country)]
            raise Unmatched(
                _("“%s” may be two towns, or a part of one: say which is meant.") % query.name,
                [*candidates, *named],
                question=True,
            )

    def _refuse_exchanged_coordinates(self, query: TownQuery, weighed: list[Weighed]) -> None:
        if query.latitude is None or query.longitude is None or not any("point" in one.against for one in weighed):
            return
        exchanged = query._replace(latitude=query.longitude, longitude=query.latitude)
        if any(one.is_sure for one in self._weighed(exchanged)):
            raise Unmatched(_("Latitude and longitude seem to be exchanged: write each in its own column."))

    def _is_known(self, name: str, country: str | None) -> bool:
        return any(_lies(one, country) and one.main_name for one in self._names.by_name.get(name, ()))

    # What nobody is called

    def _unknown(self, query: TownQuery) -> Match:
        """Match where no namesake is known: a point that says more, a slip of the pen, a new town."""
        if not query.country:
            raise Unmatched(_("The town's country is missing: give its ISO code or its name."))
        elsewhere = self._weighed(query._replace(country=None))
        abroad = [one for one in elsewhere if one.distance is not None and one.distance <= SAME_PLACE]
        if abroad:
            raise Unmatched(
                _("The coordinates are those of %(places)s in %(country)s: correct the country, or say what is meant.")
                % {"places": namesakes_in_words(one.record for one in abroad), "country": abroad[0].record.country_id},
                (one.record for one in abroad),
            )
        if part := self._longer_or_shorter(query):
            return self._match(part, query, "part of the name and coordinates")
        similar = self._similar(query)
        off, best = similar[0] if similar else (0, None)
        if best is not None and ("at-the-point" in best.evidence and off == 1):
            return self._match(best.record, query, "similar name and coordinates")
        if best is not None and len(similar) == 1 and "same-size" in best.evidence and not best.against:
            return self._match(best.record, query, "similar name and population")
        if self.create and not similar:
            self._refuse_doubtful(query)
            return self._invent(query)
        if similar:
            raise Unmatched(
                _("Nobody knows “%(name)s”; these are called almost so: %(places)s. Correct it or say what it is.")
                % {"name": query.name, "places": namesakes_in_words(one.record for _off, one in similar)},
                (one.record for _off, one in similar),
            )
        longer = self._names.longer(query.country, query.reading.proper) if query.reading.proper else []
        raise Unmatched(
            _("Neither directory nor gazetteer knows “%(name)s” in %(country)s: correct it or allow new towns.")
            % {"name": query.name, "country": query.country},
            (one.record for one in longer),
            question=True,
        )

    def _refuse_doubtful(self, query: TownQuery) -> None:
        """Ask about what may be known by another name, or of which a part was not understood."""
        reading = query.reading
        if any(not self._is_understood(said, query.country) for said in reading.looked_beside):
            raise Unmatched(
                _("Nobody knows what stands beside the name in “%s”: say what is meant.") % query.name, question=True
            )
        longer = self._names.longer(query.country or "", reading.proper)
        if longer and query.latitude is None:
            raise Unmatched(
                _("Nobody is called “%(name)s”; these are called so and more: %(places)s. Say which is meant.")
                % {"name": query.name, "places": namesakes_in_words(one.record for one in longer)},
                (one.record for one in longer),
            )
        if query.country and (known := self._names.inside(query.country, reading.unlevelled)):
            raise Unmatched(
                _("“%(name)s” has the name of %(places)s in it: say whether it is meant.")
                % {"name": query.name, "places": namesakes_in_words(one.record for one in known)},
                (one.record for one in known),
            )
        if query.latitude is None or query.longitude is None or (query.latitude, query.longitude) in self._shared:
            return
        levels = reading.mentioned.levels if reading.mentioned else (Level.MUNICIPALITY, Level.VILLAGE)
        near = [
            place
            for place in self._names.near(query.latitude, query.longitude, SAME_PLACE)
            if place.country_id == query.country
            and place.level in levels
            and _is_like(reading.proper, place.normalised)
        ]
        if near:
            raise Unmatched(
                _("At the point of “%(name)s” lies a place of a like name: %(places)s. Say whether it is meant.")
                % {"name": query.name, "places": namesakes_in_words(near)},
                near,
            )

    def _is_understood(self, said: str, country: str | None) -> bool:
        """True if a text beside a name is the country, or a territory of it."""
        return country_code(said) == country or bool(self._names.territories_named(said, country))

    def _similar(self, query: TownQuery) -> list[tuple[int, Weighed]]:
        """Namesakes with a name that is a letter or two off, with the number of letters, the most alike first."""
        wanted = query.reading.proper
        if not query.country:
            return []
        off = self._names.names_of(query.country).similar(wanted)
        scale = Scale(query, self._names)
        found = []
        for name, namesakes in self._names.named(query.country, off).items():
            weighed = (scale.weigh(namesake, wanted) for namesake in namesakes)
            fitting = [one for one in weighed if not {"level", "territory", "point"} & set(one.against)]
            # Two letters off and some kilometres away are two things that the names differ in.
            found += [(off[name], one) for one in fitting if off[name] == 1 or (one.distance or 0) <= SAME_PLACE]
        return sorted(found, key=lambda pair: (pair[0], -pair[1].weight))[:MOST_LISTED]

    def _longer_or_shorter(self, query: TownQuery) -> Known | None:
        """The nearest at the very place whose name is the beginning of the one asked for, or begins with it.

        One says “Rottenburg”, another “Rottenburg am Neckar”. What the further words say of another level is heeded:
        the districts of a city are not the city.
        """
        wanted = query.reading.proper
        if not query.country or query.latitude is None or len(wanted) < _LEAST_LENGTH:
            return None
        known = self._names.names_of(query.country)
        words = wanted.split()
        shorter = [one for number in range(1, len(words)) if (one := " ".join(words[:number])) in known.keys]
        if not CONNECTORS & set(words):
            names_behind = [" ".join(words[number:]) for number in range(1, len(words))]
        else:
            names_behind = []
        names = [name for name in shorter if not OTHER.search(wanted[len(name) :])]
        names += [name for name in names_behind if name in known.keys and not OTHER.search(f" {wanted}")]
        names += [name for name in known.longer(wanted) if not OTHER.search(name[len(wanted) :])]
        names = [name for name in names if min(len(name), len(wanted)) >= _LEAST_LENGTH]
        scale = Scale(query, self._names)
        found: list[Weighed] = []
        for namesakes in self._names.named(query.country, names).values():
            weighed = (scale.weigh(namesake, wanted) for namesake in namesakes)
            found += [one for one in weighed if "level" not in one.against and "at-the-point" in one.evidence]
        best = min(found, key=lambda one: (not one.namesake.is_town, one.distance), default=None)
        return best.record if best else None

    # Answers

    def _match(self, record: Known, query: TownQuery, reason: str) -> Match:
        if isinstance(record, Town):
            return self._found.setdefault(record.pk, Match(record, reason))
        town = town_of_place(record, query.level or "")
        return self._found.setdefault(("place", record.pk), Match(town, reason, record))

    def _authority(self, query: TownQuery, weighed: list[Weighed]) -> Match | None:
        """The authority of the territory of this name, where no municipality is called so."""
        if any(not one.against and one.namesake.main_name for one in weighed):
            return None
        named = self._governed(query)
        if len(named) > 1:
            raise Unmatched(
                _("A department and a region are named “%s”: add the level of the one that is meant.") % query.name,
                question=True,
            )
        if not named or not query.country or query.reading.beside:
            return None
        town = self._names.authorities.get(named[0].pk) or authority_of(named[0])
        return self._found.setdefault(("territory", named[0].pk), Match(town, "territory of this name"))

    def _is_rather_a_territory(self, query: TownQuery, first: Weighed) -> bool:
        """True if a territory bears the name, and the namesake only among others, outside of that territory."""
        if first.namesake.main_name or first.is_sure:
            return False
        own = first.record.territory_id
        return any(not self._names.lies_in(own, territory.pk) for territory in self._governed(query))

    def _governed(self, query: TownQuery) -> list[Territory]:
        """The territories that bear the name, of a level that the row and the words of the name allow."""
        meaning = query.reading.mentioned
        levels = (query.level,) if query.level else (meaning.levels if meaning else ABOVE)
        named: dict[str, Territory] = {}
        for spelling in query.reading.spellings:
            for territory in self._names.territories_named(spelling, query.country):
                if territory.level in levels and (meaning or territory.country_id not in MUNICIPALITIES_FIRST):
                    named[territory.pk] = territory
        return list(named.values())

    def _invent(self, query: TownQuery) -> Match:
        """A town that only the file knows."""
        if any(scheme == "insee" for scheme, _code in query.codes) and query.country != "FR":
            raise Unmatched(_("Only French towns have an INSEE code: correct the code or the country."))
        town = self._newcomers.of(query)
        return self._found.setdefault(("new", id(town)), Match(town, "new"))


def _in_france(query: TownQuery) -> TownQuery:
    """The query, with the department or collectivity that overseas France's own code of country means."""
    if query.country not in OVERSEAS:
        return query
    return query._replace(country="FR", territory=query.territory or overseas_territory(query.country))


def _country_beside(reading: NameReading) -> str | None:
    """The country that stands behind a comma or in brackets."""
    return next((code for said in reading.beside if (code := country_code(said))), None)


def _lies(one: Namesake, country: str | None) -> bool:
    return country in (None, one.record.country_id)


def _is_the_same(one: Weighed, other: Weighed) -> bool:
    """True if two records are one place: data sets have some of them twice, a few kilometres apart."""
    points = [(each.record.latitude, each.record.longitude) for each in (one, other)]
    (north, east), (other_north, other_east) = points
    if north is None or east is None or other_north is None or other_east is None:
        return False
    return (
        one.record.normalised == other.record.normalised
        and kilometres((north, east), (other_north, other_east)) <= SAME_PLACE
    )


def _is_like(name: str, other: str) -> bool:
    """True if one name may be the other: it is a part of it, or most of its letters."""
    shorter, longer = sorted((name, other), key=len)
    goes_on = len(shorter) >= _LEAST_LENGTH and f" {longer} ".startswith(f" {shorter} ")
    return goes_on or OSA.normalized_similarity(name, other) >= 0.7


def _reason(first: Weighed, likely: int) -> str:
    """Reason for taking a namesake, as it is stored: its name, and what else spoke for it where it was not alone."""
    name = "name" if first.namesake.main_name else "alternative name"
    if likely == 1:
        return name
    if first.is_sure:
        return "name and coordinates"
    if "same-size" in first.evidence:
        return "name and population"
    if {"in-territory", "in-department", "as-written-beside"} & set(first.evidence):
        return "name and territory"
    return name if first.namesake.main_name else "by far the largest of this name"


def _shared_points(queries: Iterable[TownQuery]) -> set[tuple[float | None, float | None]]:
    """Points that many names share: the middle of a country, or a default of the file's."""
    names: dict[tuple[float | None, float | None], set[str]] = defaultdict(set)
    for query in queries:
        if query.latitude is not None:
            names[query.latitude, query.longitude].add(normalise(query.name))
    return {point for point, those in names.items() if len(those) >= _SHARED_BY}
