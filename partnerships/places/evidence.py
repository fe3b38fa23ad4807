"""Evidence for and against each namesake, weighed in one table.

Weights are orders of magnitude: 1 makes a namesake ten times as likely as another one. What contradicts a row is no
weight: whoever contradicts it is never taken, whatever else speaks for it.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field

from core.text import normalise

from ..choices import CoordinatesPrecision, Level
from . import level_words
from .country_names import country_code
from .name_reading import ABOVE, letters_of
from .namesakes import Known, Namesake, Namesakes, TownQuery

WEIGHTS: dict[str, float] = {
    "other-name": -3.0,
    "other-name-here": -1.0,
    "short-name": -1.0,
    "accents": -1.0,
    "district": -1.5,
    "inhabitants": 0.9,
    "same-size": 2.0,
    "like-size": 0.4,
    "at-the-point": 4.0,
    "near-the-point": 2.5,
    "in-territory": 2.0,
    "in-department": 3.0,
    "as-written-beside": 2.0,
    "directory": 0.3,
    "commune": 2.0,
    "all-of-it": 2.0,
}
"""Weight of each piece of evidence.

other-name: the gazetteer gives it the name among others, which are names in other languages, of parts and of former
days; other-name-here: the directory does, where somebody printed it; short-name: its own name is this one and more, as
those of communes that were joined are. accents: it is spelt with others. all-of-it: it bears the words of level, too.
district: a part of a town, which is seldom meant. commune: INSEE numbers it, while other places of France are parts of
communes. inhabitants: for each order of magnitude, since large towns are named more often. same-size, like-size: it has
as many inhabitants as the row says, within a quarter and within double. The others are what they say.
"""

MIN_WEIGHT = 0.15
"""Least weight of what is taken: another name of a place of three thousand inhabitants has it, with nothing else."""

MIN_LEAD = 1.15
"""Weight by which it must be ahead of the next: fourteen times as likely."""

MIN_WEIGHT_WORLDWIDE, MIN_LEAD_WORLDWIDE = 3.6, 1.6
"""The same where no country is told: a place of ten thousand inhabitants."""

SAME_PLACE = 5.0
"""Kilometres: data sets place one town's point so far apart."""

NEAR = 30.0
"""Kilometres: places of one name further apart than this are different places."""

FOREIGN_POINT = 100.0
"""Kilometres around a point: if no place of the country lies within them, the point is a slip."""

FAR = 200.0
"""Kilometres from the middle of its department from which on a commune whose own place is not known is another one."""

UNKNOWN_POPULATION = 4000
"""Inhabitants that a place is taken to have of which they are not known."""

UNLIKE, UNLIKE_IF_MORE = 5, 12
"""Greatest ratios of a place's inhabitants to a file's: in either direction, and if the file has more of them."""


@dataclass(slots=True, eq=False)
class Weighed:
    """A namesake with the evidence for it, and what contradicts it."""

    namesake: Namesake
    distance: float | None = None
    evidence: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    weight: float = 0.0

    @property
    def record(self) -> Known:
        """The town or place."""
        return self.namesake.record

    @property
    def is_sure(self) -> bool:
        """True if a point says that it is the one."""
        return "at-the-point" in self.evidence or "near-the-point" in self.evidence


class Scale:
    """Weighing of the namesakes of one query."""

    def __init__(self, query: TownQuery, names: Namesakes, *, with_point: bool = True) -> None:
        self.query = query
        self.names = names
        self.with_point = with_point
        self.reading = query.reading
        self.beside = [self._meant_beside(one) for one in self.reading.looked_beside]
        self.countries = [country_code(one) for one in self.reading.beside]

    def _meant_beside(self, said: str) -> set[str]:
        """Codes of the territories that a text beside the name means."""
        return {territory.pk for territory in self.names.territories_named(said, self.query.country)}

    def weigh(self, namesake: Namesake, spelling: str) -> Weighed:
        """Evidence for a namesake that bears one of the spellings of the name."""
        whole, bare = spelling in self.reading.whole, spelling in self.reading.bare
        weighed = Weighed(namesake, distance_of(self.query, namesake.record))
        record = namesake.record
        told = weighed.evidence
        if not namesake.main_name:
            told.append(self._other_name(namesake, spelling))
        elif self._has_other_accents(record, spelling):
            told.append("accents")
        if record.level == Level.DISTRICT:
            told.append("district")
        if namesake.is_town:
            told.append("directory")
        if record.insee:
            told.append("commune")
        self._level(weighed, bare=bare)
        self._territory(weighed)
        as_it_stands = spelling == self.reading.spellings[0]
        if not as_it_stands or self.reading.postcode:
            self._department(weighed)
        if as_it_stands and self.reading.bare:
            told.append("all-of-it")
        self._point(weighed)
        if not whole:
            self._beside(weighed)
        self._size(weighed)
        weighed.weight = sum(WEIGHTS[one] for one in told)
        weighed.weight += WEIGHTS["inhabitants"] * math.log10(max(record.population or UNKNOWN_POPULATION, 100))
        return weighed

    def _has_other_accents(self, record: Known, spelling: str) -> bool:
        """True if a name has the letters of the cell, but for their accents: “Viré” is not “Vire”."""
        letters = letters_of(record.name)
        plain = letters_of(spelling)
        return (
            bool(self.reading.letters)
            and letters not in self.reading.letters
            and any(letters_of(normalise(one)) == plain and len(one) == len(letters) for one in self.reading.letters)
        )

    @staticmethod
    def _other_name(namesake: Namesake, spelling: str) -> str:
        own = namesake.record.normalised
        if own.startswith(f"{spelling} ") or own.endswith(f" {spelling}"):
            return "short-name"
        return "other-name-here" if namesake.is_town else "other-name"

    def _level(self, weighed: Weighed, *, bare: bool) -> None:
        level, meaning = weighed.record.level, self.reading.mentioned
        if self.query.level:
            if level != self.query.level:
                weighed.against.append("level")
        elif meaning and meaning.organisation:
            if bare:
                weighed.against.append("organisation")
        elif meaning and meaning.levels:
            if level not in meaning.levels and (bare or not weighed.namesake.main_name):
                weighed.against.append("level")
        elif level in ABOVE or level == Level.INTERMUNICIPAL:
            weighed.against.append("level")

    def _territory(self, weighed: Weighed) -> None:
        wanted, own = self.query.territory, weighed.record.territory_id
        if wanted and own:
            inside = self.names.lies_in(own, wanted)
            (weighed.evidence if inside else weighed.against).append("in-territory" if inside else "territory")

    def _department(self, weighed: Weighed) -> None:
        """The number of a department behind a French name, or its postcode before."""
        number, insee = self.reading.department, weighed.record.insee
        if insee and number:
            inside = insee.startswith(number)
            (weighed.evidence if inside else weighed.against).append("in-department" if inside else "department")
        elif insee and self.reading.postcode and weighed.record.country_id == "FR":
            postcode = self.reading.postcode
            number = postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]
            if insee.startswith("2A" if number == "20" else number) or (number == "20" and insee.startswith("2B")):
                weighed.evidence.append("in-department")

    def _beside(self, weighed: Weighed) -> None:
        """Evidence of the texts behind a comma or in brackets: where it lies, or another name of its own."""
        record = weighed.record
        for said, country, codes in zip(self.reading.looked_beside, self.countries, self.beside, strict=True):
            if country == record.country_id:
                weighed.evidence.append("as-written-beside")
            elif codes:
                inside = any(self.names.lies_in(record.territory_id, code) for code in codes)
                if inside:
                    weighed.evidence.append("as-written-beside")
                elif record.territory_id:
                    weighed.against.append("beside")
            elif (
                any(other.record is record for other in self.names.by_name.get(said, ()))
                or said in self.names.words_around(record.territory_id)
                or self._stands_in_its_name(said, record)
            ):
                weighed.evidence.append("as-written-beside")
            elif not weighed.is_sure or self._means_another(said, record):
                weighed.against.append("beside")

    def _means_another(self, said: str, record: Known) -> bool:
        """True if a text beside a name is known and is something else: another country, a place of its own, a part.

        What nobody knows is dropped at the very point; of this the point is no proof.
        """
        words = said.split()
        if (
            country_code(said)
            or level_words.mentioned(words)
            or level_words.in_front(words)
            or level_words.behind(words)
        ):
            return True
        return any(
            one.main_name and one.record.country_id == record.country_id for one in self.names.by_name.get(said, ())
        )

    def _stands_in_its_name(self, said: str, record: Known) -> bool:
        """True if what stands beside is more of the record's own name: “Neustadt (Weinstraße)”."""
        return len(said) > 3 and f" {said}" in f" {record.normalised}"

    def _point(self, weighed: Weighed) -> None:
        if weighed.distance is None or not self.with_point:
            return
        if weighed.distance <= SAME_PLACE:
            weighed.evidence.append("at-the-point")
        elif weighed.distance <= NEAR:
            weighed.evidence.append("near-the-point")
        else:
            weighed.against.append("point")

    def _size(self, weighed: Weighed) -> None:
        times = times_as_large(weighed.record, self.query)
        if times <= 1.25:
            weighed.evidence.append("same-size")
        elif times <= 2:
            weighed.evidence.append("like-size")
        elif self._is_unlike(weighed, times):
            weighed.against.append("size")

    def _is_unlike(self, weighed: Weighed, times: float) -> bool:
        """True if a place has not nearly as many inhabitants. A file may count a municipality, or a whole conurbation,
        where the gazetteer counts the place that it is called after: more inhabitants say less than fewer."""
        if weighed.is_sure or times <= UNLIKE or times == math.inf:
            return False
        more = (self.query.population or 0) > (weighed.record.population or 0)
        return times > UNLIKE_IF_MORE or not more or not weighed.namesake.main_name


def ranked_namesakes(weighed: Collection[Weighed]) -> list[Weighed]:
    """The likeliest first; what contradicts the row last. Of several of about the size that is told, none is meant by
    it."""
    sized = [one for one in weighed if {"same-size", "like-size"} & set(one.evidence)]
    for one in sized if len(sized) > 1 else ():
        for evidence in {"same-size", "like-size"} & set(one.evidence):
            one.evidence.remove(evidence)
            one.weight -= WEIGHTS[evidence]
    return sorted(weighed, key=lambda one: (len(one.against), -one.weight, one.distance or 0))


def times_as_large(record: Known, query: TownQuery) -> float:
    """Ratio of a place's population to the file's, in either direction, at least 1; infinite where one is not known."""
    if not query.population or not record.population:
        return math.inf
    share = record.population / query.population
    return max(share, 1 / share)


def distance_of(query: TownQuery, record: Known) -> float | None:
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
