"""Names of towns in the files from Wikidata, and what is right for each.

The files are not part of the project: one a country, tab separated, with the labels, countries, coordinates and
populations of two towns a row; and a crawl of 2016, names and pairs by Wikidata identifier, without countries. The
coordinates tell who is meant: the place of the gazetteer that bears the name there.
"""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pycountry

from core.text import normalise
from partnerships.imports.lookups import a_country

from .gazetteer import Gazetteer
from .rows import OTHER_LEVELS, THE_PLACE, Row

ENDS = (
    ("origincityLabel", "origincountry", "originlat", "originlong", "originpopulation"),
    ("sistercityLabel", "destination_countryLabel", "destinationlat", "destinationlong", "destinationpopulation"),
)
"""The columns of each of the two towns of a row."""

EXCHANGED = {"denmark.tsv", "sweden.tsv"}
"""Files in which the country of the first town is not its own."""

BARE_ID = re.compile(r"Q\d+")
"""Labels that name nobody."""

UNJUDGED = {
    ("Andosilla", "ES"), ("Asan", "KR"), ("Inari", "FI"), ("Krimpen aan de Lek", "NL"), ("Pagani, Campania", "IT"),
    ("Solihull", "GB"), ("Strzelce Opolskie", "PL"), ("Xiamen", "CN"),
}  # fmt: skip
"""Names whose published point is none of theirs, or whose place the gazetteer mistakes, found by looking through the
answers: nothing judges them."""

LARGER = 10
"""Ratio of a row's inhabitants to those of the town of its name from which on it means the territory."""

_LEVEL = re.compile(
    r"\b(county|province|department|district|region|oblast|voivodeship|governorate|prefecture|canton|landkreis|kreis"
    r"|arrondissement|raion|state|emirate|subdistrict|regency|league|comarca|autonomous|krai|departement|okrug"
    r"|communaut[eé]|m[eé]tropole|metropolitan city|republic|bezirk|verbandsgemeinde|samtgemeinde|amt|parish"
    r"|circonscription)\b",
    re.IGNORECASE,
)
_NO_LEVEL = re.compile(
    r"\b(metropolitan|london|royal) borough\b|^canton$|\bparish$|^amt (neuhaus|wachsenburg)$", re.IGNORECASE
)
_LARGE = re.compile(
    r"county|province|state|region|department|oblast|voivod|governorate|canton|prefecture|land|country|nation|republic"
    r"|outlying",
    re.IGNORECASE,
)
"""Types of subdivisions that are no municipalities."""


class Files:
    """The names of the files, each once within about ten kilometres, and how often each stands there."""

    def __init__(self, folder: Path, gazetteer: Gazetteer) -> None:
        """Read the country files of a folder."""
        self.paths = [p for p in sorted(folder.glob("*.tsv")) if p.open().readline().startswith(ENDS[0][0])]
        self.left_out: Counter[str] = Counter()
        self.exchanged: list[Row] = []
        """Those whose country is another town's."""
        self.pairs: dict[tuple[str, str], tuple[Row, Row]] = {}
        """Names that stand beside each other, and their rows."""
        self.rows: list[Row] = self._read()
        read = [*self.rows, *self.exchanged]
        points = [(row.name, row.country, row.published) for row in read if row.published]
        for row, (place, exact) in zip(read, gazetteer.meant(points), strict=True):
            row.place, row.exact = place, exact
            if (row.name, row.country) in UNJUDGED:
                row.place = row.published = None
            elif is_territory(row):
                row.right = OTHER_LEVELS

    def _read(self) -> list[Row]:
        found: dict[tuple[object, ...], Row] = {}
        for path in self.paths:
            with path.open(newline="") as file:
                for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    pair = [self._end(line, end, path, found) for end in (0, 1)]
                    for row in filter(None, pair):
                        row.times += 1
                    if pair[0] and pair[1]:
                        self.pairs.setdefault((pair[0].name, pair[1].name), (pair[0], pair[1]))
                        self.pairs.setdefault((pair[1].name, pair[0].name), (pair[1], pair[0]))
        self.exchanged = [row for row in found.values() if row.kind == "country of another"]
        return [row for row in found.values() if row.kind != "country of another"]

    def _end(self, line: dict[str, str], end: int, path: Path, found: dict[tuple[object, ...], Row]) -> Row | None:
        name, country, *numbers = (line[column] for column in ENDS[end])
        code = country_of(country)
        if not name or BARE_ID.fullmatch(name):
            self.left_out["no name"] += 1
            return None
        if code is None:
            self.left_out["a former or unknown country"] += 1
            return None
        latitude, longitude, population = (float(number) if number else None for number in numbers)
        if latitude is None or longitude is None:
            self.left_out["no point"] += 1
            return None
        kind = "country of another" if end == 0 and path.name in EXCHANGED else "as published"
        key = (kind, name, code, round(latitude, 1), round(longitude, 1))
        if key not in found:
            right = OTHER_LEVELS if says_level(name) else THE_PLACE
            row = Row(kind, name, code, "", latitude, longitude, right=right, published=(latitude, longitude), times=0)
            row.population = int(population) if population is not None else None
            row.also_in = code if kind == "as published" else ""
            found[key] = row
        return found[key]


@cache
def country_of(text: str) -> str | None:
    """Code of a country as the import reads it, None where it refuses the text."""
    try:
        return a_country().clean(text)
    except ValueError:
        return None


def says_level(name: str) -> bool:
    """True for a published label that says, before a comma, another level than the municipality."""
    return bool(_LEVEL.search(name.split(",")[0])) and not _NO_LEVEL.search(name)


def is_territory(row: Row) -> bool:
    """True for a row that bears the name of a subdivision or of its country, and is much larger than the town there."""
    if normalise(row.name) not in _subdivisions(row.country):
        return False
    return row.place is None or (row.population or 0) > LARGER * row.place.population > 0


@cache
def _subdivisions(country: str) -> set[str]:
    """Normalised names of a country's subdivisions of any level, and its own."""
    subdivisions = pycountry.subdivisions.get(country_code=country) or ()
    known = [*(one for one in subdivisions if _LARGE.search(one.type)), pycountry.countries.get(alpha_2=country)]
    return {normalise(one.name) for one in known if one}


def read_crawl(folder: Path, files: Files) -> list[Row]:
    """The names of the crawl; where a country file has the same pair of names, it tells who is meant."""
    names = dict(line.split("\t") for line in (folder / "crawl2016-names.tsv").read_text().splitlines())
    partners: dict[str, list[str]] = {item: [] for item in names}
    for line in (folder / "crawl2016-relations.tsv").read_text().splitlines():
        one, other = line.split("\t")
        if one in names and other in names:
            partners[one].append(names[other])
    rows = []
    for item, name in names.items():
        row = Row("crawl", name, partners=tuple(partners[item]))
        pairs = [files.pairs[name, other][0] for other in row.partners if (name, other) in files.pairs]
        if pairs and len({pair.place and pair.place.id for pair in pairs}) == 1:
            row.right, row.place, row.exact, row.published = (
                pairs[0].right, pairs[0].place, pairs[0].exact, pairs[0].published,
            )  # fmt: skip
        rows.append(row)
    return rows
