"""Rows that name a town, as files have them, and what is right for each."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from babel import Locale

from partnerships.choices import Level


class Place(NamedTuple):
    """Place of the gazetteer that a row means."""

    id: int
    name: str
    level: str
    country: str
    territory: str  # the name of its department or region, "" where unknown
    insee: str  # of a French commune, else ""
    population: int
    latitude: float
    longitude: float

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.latitude, self.longitude


ABOVE = frozenset({Level.INTERMUNICIPAL, Level.DEPARTMENT, Level.REGION})
"""Levels above the municipality."""

NOBODY: frozenset[str] = frozenset()
"""Levels of a row that no record answers: only a question is right."""

THE_PLACE = frozenset({"place"})
"""Mark of a row that means its place, whatever its level."""

RIGHT = {"place": THE_PLACE, "nobody": NOBODY, "above": ABOVE}
"""Who is right, as the tables of messes say it; else a level."""


@dataclass(slots=True)
class Row:
    """Row of a file about a town, and who is right for it: a question always is."""

    kind: str
    name: str
    country: str = ""
    """As written: a code, a name, or nothing."""
    territory: str = ""
    latitude: float | None = None
    longitude: float | None = None
    population: int | None = None
    right: frozenset[str] = THE_PLACE
    """`THE_PLACE`, or the levels of which a record may be the answer."""
    place: Place | None = None
    """The place meant; of a row about another level, the town that it must not be taken for."""
    partner: "Row | None" = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Mess:
    """A way of writing the cells of a row, for the places of some countries."""

    kind: str
    pattern: str
    """The name's cell, with fields of `words` in braces; of an abbreviation, what is written in place of what."""
    countries: frozenset[str]
    """ISO codes; none for everywhere."""
    right: frozenset[str]
    country: str
    territory: str
    """The cells of the country and the territory."""

    def write(self, place: Place, others: "Others") -> Row | None:
        """The row for a place; None where a field is missing there, or there is nothing to shorten."""
        if self.countries and place.country not in self.countries:
            return None
        known = words(place, others)
        long, arrow, short = self.pattern.replace("_", " ").partition("→")
        try:
            if arrow:
                name = re.sub(long, short, place.name, count=1)
                if name == place.name:
                    return None
            else:
                name = self.pattern.format_map(known)
            country, territory = self.country.format_map(known), self.territory.format_map(known)
        except KeyError:
            return None
        return Row(self.kind, name, country, territory, right=self.right, place=place)


def read_messes(path: Path) -> list[Mess]:
    """The patterns of a table: kind, countries, who is right, the cells of country and territory, the names' cells.

    `*` and `-` are nothing; `{pattern}` for a country puts the patterns there, beside the plain name.
    """
    messes = []
    with path.open(newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            right = RIGHT.get(line["right"], frozenset({line["right"]}))
            countries = frozenset(line["countries"].strip("*").split())
            country, territory = line["country"].strip("-"), line["territory"].strip("-")
            for pattern in line["patterns"].split(" | "):
                cells = ("{name}", pattern) if country == "{pattern}" else (pattern, country)
                messes.append(Mess(line["kind"], cells[0], countries, right, cells[1], territory))
    return messes


class Others(NamedTuple):
    """What a contradiction is made of: another territory of the country and another country, without such a place."""

    territory: str
    country: str
    point: tuple[float, float]


CARS = {
    "AT": "A", "BE": "B", "BG": "BG", "CH": "CH", "CZ": "CZ", "DE": "D", "DK": "DK", "EE": "EST", "ES": "E",
    "FI": "FIN", "FR": "F", "GB": "GB", "HU": "H", "IE": "IRL", "IT": "I", "LT": "LT", "LU": "L", "LV": "LV", "NL": "NL", "NO": "N",
    "PL": "PL", "PT": "P", "RO": "RO", "SE": "S", "SI": "SLO", "SK": "SK", "TR": "TR", "UA": "UA",
}  # fmt: skip
"""Codes of countries on cars."""

POSTAL = {"BW": "7", "BY": "8", "HH": "2", "SH": "2", "NI": "3", "NW": "4", "HE": "6", "SN": "0", "TH": "0", "SL": "66"}
LANDS = {
    "Baden-Württemberg": "BW", "Bayern": "BY", "Hamburg": "HH", "Schleswig-Holstein": "SH", "Niedersachsen": "NI",
    "Nordrhein-Westfalen": "NW", "Hessen": "HE", "Sachsen": "SN", "Thüringen": "TH", "Saarland": "SL",
}  # fmt: skip

_LOCALES = {code: Locale(code).territories for code in ("en", "fr", "de", "it", "es", "pl")}
_OWN = {
    "AT": "de", "DE": "de", "CH": "de", "FR": "fr", "BE": "fr", "IT": "it", "ES": "es", "PL": "pl",
    "GB": "en", "IE": "en",
}  # fmt: skip
_ARTICLE = re.compile(r"(Le|La|Les|L'|El|Los|Las|Den|De|The|Il|Bad)[ ']?(?<=[ '])(.+)")


def words(place: Place, others: Others) -> dict[str, str]:
    """Fields that patterns are filled with."""
    name = place.name
    known = {
        "name": name,
        "space": " ",
        "upper": name.upper(),
        "lower": name.lower(),
        "bare": bare(name),
        "BARE": bare(name).upper(),
        "iso": place.country,
        "of": french_of(name),
        "elsewhere_territory": others.territory,
        "elsewhere_country": others.country,
    }
    for language, territories in _LOCALES.items():
        known[f"country_{language}"] = territories[place.country]
        known[f"elsewhere_{language}"] = territories[others.country]
    known["country_own"] = known[f"country_{_OWN.get(place.country, 'en')}"]
    if place.country in CARS:
        known["car"] = CARS[place.country]
    if place.territory:
        known["territory"] = place.territory
        known["TERRITORY"] = place.territory.upper()
    if place.insee:
        number = place.insee[: 3 if place.insee.startswith("97") else 2]
        known["number"] = number
        known["postcode"] = f"{number.replace('2A', '20').replace('2B', '20')}{place.id % 90 * 10:03}"[:5]
    elif first := POSTAL.get(LANDS.get(place.territory, "") if place.country == "DE" else ""):
        known["postcode"] = (first + f"{place.id % 9000 + 1000}")[:5]
    if found := _ARTICLE.fullmatch(name):
        known["article"], known["rest"] = found.groups()
    if " " in name or "-" in name:
        known["spaced"] = name.replace("-", " ")
        known["hyphened"] = name.replace(" ", "-")
        known["joined"] = re.sub(r"[ -]", "", name)
        known["first"], known["last"] = re.split(r"[ -]", name, maxsplit=1)
    return {key: value for key, value in known.items() if value}


def bare(name: str) -> str:
    """A name without its accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))


def french_of(name: str) -> str:
    """`de` and the name of a town, as French has it: du Mans, des Ulis, d'Angers."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    return f"d'{name}" if bare(name[0]) in "AEIOUY" else f"de {name}"


def written(messes: Iterable[Mess], place: Place, others: Others, chance: Random) -> Iterator[Row]:
    """A few rows of each kind for a place: one chance pattern a kind of those that fit it."""
    kinds: dict[str, list[Row]] = {}
    for mess in messes:
        if (row := mess.write(place, others)) is not None:
            kinds.setdefault(mess.kind, []).append(row)
    for rows in kinds.values():
        yield chance.choice(rows)
