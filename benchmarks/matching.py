"""Benchmark of matching town names: the share resolved without a question, and the share of wrong matches.

Measured on files of twinned towns from Wikidata, which are not part of the project: one file a country, tab separated,
with the labels, countries, coordinates and populations of two towns a row. They give coordinates, which decide most
cases; so the names are matched once as the files have them, and once with the coordinates withheld, which then judge:
a town more than `WRONG` kilometres away is another one. A name that neither directory nor gazetteer knows is a question
too, unless the file is allowed to bring new towns.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from partnerships.choices import CoordinatesPrecision
from partnerships.imports.lookups import a_country
from partnerships.places.matching import FAR, TownMatcher, TownQuery, Unmatched, kilometres

from .tables import print_table

WRONG = 30
"""Kilometres between the town and the file's point from which on it is another town. Where only the department of a
commune is known, `FAR` from its middle."""

ENDS = (
    ("origincityLabel", "origincountry", "originlat", "originlong", "originpopulation"),
    ("sistercityLabel", "destination_countryLabel", "destinationlat", "destinationlong", "destinationpopulation"),
)
"""The columns of each of the two towns of a row."""


def run(folder: Path | None) -> None:
    """Match the names of all files and print how many need no question, and how many of those are wrong."""
    files = (
        [path for path in sorted(folder.glob("*.tsv")) if path.open().readline().startswith(ENDS[0][0])]
        if folder
        else []
    )
    asked = said_in(files)
    if not asked:
        print("\nMatching: skipped, no files of twinned towns from Wikidata (--wikidata FOLDER or COOPDIR_WIKIDATA).")
        return
    print_table(
        f"Distinct names of towns in {len(files)} files from Wikidata (goals: at least 95 %, at most 0.2 % wrong)",
        ["", "names", "without a question", "share", "judged", "wrong", "share", "known there"],
        [
            ["as the files have them, new towns allowed", *measured({said: said for said in asked}, create=True)],
            ["as the files have them", *measured({said: said for said in asked})],
            ["coordinates withheld", *measured({said: without_coordinates(said) for said in asked})],
        ],
    )


def without_coordinates(said: TownQuery) -> TownQuery:
    """Copy of a query without its coordinates."""
    return said._replace(latitude=None, longitude=None)


def said_in(files: Iterable[Path]) -> list[TownQuery]:
    """Queries for the towns named in files, each name once within about ten kilometres; names in former or unknown
    countries and bare identifiers (Q42) are left out."""
    country = a_country()
    codes: dict[str, str | None] = {}
    found: dict[tuple[object, ...], TownQuery] = {}
    for path in files:
        with path.open(newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                for columns in ENDS:
                    name, said, *numbers = (row[column] for column in columns)
                    if said not in codes:
                        try:
                            codes[said] = country.clean(said)
                        except ValueError:
                            codes[said] = None
                    if codes[said] is None or not name or (name[0] == "Q" and name[1:].isdigit()):
                        continue
                    latitude, longitude, population = (float(number) if number else None for number in numbers)
                    query = TownQuery(
                        name=name,
                        country=codes[said],
                        latitude=latitude,
                        longitude=longitude,
                        population=int(population) if population is not None else None,
                    )
                    place = None if latitude is None or longitude is None else (round(latitude, 1), round(longitude, 1))
                    found.setdefault((name, codes[said], place), query)
    return list(found.values())


def measured(asked: Mapping[TownQuery, TownQuery], *, create: bool = False) -> list[str]:
    """Names, those resolved and their share, those that can be judged, the wrong ones and their share; of how many of
    these the gazetteer has the right place, at the file's point.

    `asked` has the question put for all that the files say.
    """
    matcher = TownMatcher(asked.values(), create=create)
    resolved = judged = 0
    wrong = []
    for said, question in asked.items():
        try:
            match = matcher.resolve(question)
        except Unmatched:
            continue
        resolved += 1
        town = match.town
        if match.reason == "new":
            continue  # it stands where the file says
        if said.latitude is None or said.longitude is None or town.latitude is None or town.longitude is None:
            continue
        away = kilometres((said.latitude, said.longitude), (town.latitude, town.longitude))
        exact = town.coordinates_precision == CoordinatesPrecision.PLACE
        judged += exact
        if away > (WRONG if exact else FAR):
            wrong.append(said)
    return [
        f"{len(asked):,}",
        f"{resolved:,}",
        f"{resolved / len(asked):.1%}",
        f"{judged:,}",
        f"{len(wrong):,}",
        f"{len(wrong) / max(judged, 1):.2%}",
        f"{known(wrong):,}",
    ]


def known(asked: Collection[TownQuery]) -> int:
    """Number of queries that the matcher resolves."""
    matcher = TownMatcher(asked, create=False)
    found = 0
    for said in asked:
        with suppress(Unmatched):
            found += bool(matcher.resolve(said))
    return found
