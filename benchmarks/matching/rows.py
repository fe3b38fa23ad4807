"""Rows that name a town, as files have them, and what is right for each."""

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pycountry
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
    geonames: int | None
    population: int
    latitude: float
    longitude: float

    @property
    def code(self) -> str:
        """INSEE code, or GeoNames id: what a town made from the place has too."""
        return self.insee or str(self.geonames)

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.latitude, self.longitude


ABOVE = frozenset({Level.INTERMUNICIPAL, Level.DEPARTMENT, Level.REGION})
"""Levels above the municipality."""

OTHER_LEVELS = frozenset(Level) - {Level.MUNICIPALITY}
"""Levels of a territory, or of a part of a town."""

NOBODY: frozenset[str] = frozenset()
"""Levels of a row that no record answers: only a question is right."""

THE_PLACE = frozenset({"place"})
"""Mark of a row that means its place, whatever its level."""

RIGHT = {"place": THE_PLACE, "nobody": NOBODY, "above": ABOVE}
"""Words of the tables of messes for who is right; others are levels."""


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
    exact: bool = True
    """True if the place bears the published name; else it is called almost so."""
    also_in: str = ""
    """Code of the country that it is said to lie in, where borders are disputed."""
    published: tuple[float, float] | None = None
    """The point that judges, whether the row gives it or not."""
    pattern: str = ""
    """The pattern that it was written by."""
    times: int = 1
    """Times that it stands in the files."""
    partners: tuple[str, ...] = field(default=(), repr=False)
    """Names that stand beside it."""

    @property
    def said(self) -> tuple[object, ...]:
        """Cells of the row without its population: rows with equal ones ask the same question."""
        point = [number and round(number, 1) for number in (self.latitude, self.longitude)]
        return self.name, self.country, self.territory, *point


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

    def write(self, place: Place, known: dict[str, str]) -> Row | None:
        """The row for a place and its `words`; None where a field is missing there, or there is nothing to shorten."""
        if self.countries and place.country not in self.countries:
            return None
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
        return Row(self.kind, name, country, territory, right=self.right, place=place, pattern=self.pattern)


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
    """Ingredients of contradictions."""

    territory: str
    """Another territory of the country, in which no place is called so; "" where there is none."""
    country: str
    """Code of another country in which no place is called so."""
    point: tuple[float, float]
    """A point in it."""
    name: str
    """Another town of the same country."""


CARS = {
    "AT": "A", "BE": "B", "BG": "BG", "CH": "CH", "CZ": "CZ", "DE": "D", "DK": "DK", "EE": "EST", "ES": "E",
    "FI": "FIN", "FR": "F", "GB": "GB", "HU": "H", "IE": "IRL", "IT": "I", "LT": "LT", "LU": "L", "LV": "LV",
    "NL": "NL", "NO": "N", "PL": "PL", "PT": "P", "RO": "RO", "SE": "S", "SI": "SLO", "SK": "SK", "TR": "TR",
    "UA": "UA",
}  # fmt: skip
"""Codes of countries on cars."""

POSTAL = {
    "Baden-Württemberg": "7", "Bayern": "8", "Hamburg": "2", "Schleswig-Holstein": "2", "Niedersachsen": "3",
    "Nordrhein-Westfalen": "4", "Hessen": "6", "Sachsen": "0", "Thüringen": "0", "Saarland": "66",
}  # fmt: skip
"""Beginnings of the postcodes of German Länder."""

EXONYMS = {
    "Bayern": ("Bavière", "Bavaria"), "Hessen": ("Hesse", "Hesse"), "Sachsen": ("Saxe", "Saxony"),
    "Niedersachsen": ("Basse-Saxe", "Lower Saxony"), "Thüringen": ("Thuringe", "Thuringia"),
    "Rheinland-Pfalz": ("Rhénanie-Palatinat", "Rhineland-Palatinate"),
    "Nordrhein-Westfalen": ("Rhénanie-du-Nord-Westphalie", "North Rhine-Westphalia"),
    "Toscana": ("Toscane", "Tuscany"), "Lombardia": ("Lombardie", "Lombardy"), "Piemonte": ("Piémont", "Piedmont"),
    "Sicilia": ("Sicile", "Sicily"), "Puglia": ("Pouilles", "Apulia"), "Veneto": ("Vénétie", "Veneto"),
    "Andalucía": ("Andalousie", "Andalusia"), "Catalunya": ("Catalogne", "Catalonia"),
    "Castilla y León": ("Castille-et-León", "Castile and León"), "Aragón": ("Aragon", "Aragon"),
    "Małopolskie": ("Petite-Pologne", "Lesser Poland"), "Wielkopolskie": ("Grande-Pologne", "Greater Poland"),
    "Śląskie": ("Silésie", "Silesian Voivodeship"), "Mazowieckie": ("Mazovie", "Masovia"),
    "Dolnośląskie": ("Basse-Silésie", "Lower Silesia"), "Steiermark": ("Styrie", "Styria"),
    "Oberösterreich": ("Haute-Autriche", "Upper Austria"), "Tirol": ("Tyrol", "Tyrol"),
    "England": ("Angleterre", "England"), "Scotland": ("Écosse", "Scotland"), "Wales": ("Pays de Galles", "Wales"),
    "Noord-Brabant": ("Brabant-Septentrional", "North Brabant"), "Côte-d'Or": ("", "Cote d'Or"),
}  # fmt: skip
"""French and English names of territories, by the local one."""

_LOCALES = {code: Locale(code).territories for code in ("en", "fr", "de", "it", "es", "pl")}
_OWN = {
    "AT": "de", "DE": "de", "CH": "de", "FR": "fr", "BE": "fr", "IT": "it", "ES": "es", "PL": "pl",
    "GB": "en", "IE": "en",
}  # fmt: skip
_ARTICLE = re.compile(r"(Le|La|Les|El|Los|Las|Den|De|The|Il|Bad) (.+)|(L')(.+)")


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
        "other": others.name,
    }
    for language, territories in _LOCALES.items():
        known[f"country_{language}"] = territories[place.country]
        known[f"elsewhere_{language}"] = territories[others.country]
    known["country_own"] = known[f"country_{_OWN.get(place.country, 'en')}"]
    if codes := pycountry.countries.get(alpha_2=place.country):
        known |= {"alpha3": codes.alpha_3, "numeric": codes.numeric}
    if place.country in CARS:
        known["car"] = CARS[place.country]
    if place.territory:
        known["territory"] = place.territory
        known["territory_fr"], known["territory_en"] = EXONYMS.get(place.territory, ("", ""))
        known["TERRITORY"] = place.territory.upper()
    if place.insee:
        number = place.insee[: 3 if place.insee.startswith("97") else 2]
        known["number"] = number
        known["postcode"] = f"{number.replace('2A', '20').replace('2B', '20')}{len(name) * 10:03}"[:5]
    elif place.country == "DE" and (first := POSTAL.get(place.territory)):
        known["postcode"] = (first + f"{len(name) * 37:04}")[:5]
    if found := _ARTICLE.fullmatch(name):
        known["article"], known["rest"] = filter(None, found.groups())
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
    """French `de` and the name of a town: du Mans, des Ulis, d'Angers."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    return f"d'{name}" if bare(name[0]) in "AEIOUY" else f"de {name}"
