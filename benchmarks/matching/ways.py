"""The matcher as imports use it, and a plain baseline: exact normalised name and country."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import NamedTuple

from core.imports.rows import ROWS_PER_CHUNK
from core.text import normalise
from partnerships.choices import CoordinatesPrecision, Level
from partnerships.imports.lookups import a_territory
from partnerships.places.matching import Match, TownMatcher
from partnerships.places.namesakes import TownQuery
from partnerships.places.questions import Unmatched

from .files import BARE_ID, country_of
from .gazetteer import Gazetteer
from .rows import Row
from .scores import Answer


class Answers(NamedTuple):
    """Answers of a way to each row, the reasons of those and of its questions, and the seconds that it took."""

    answers: list[Answer | None]
    reasons: list[str]
    shown: list[list[str]]
    """The names of the candidates of each question, likeliest first."""
    seconds: float


def by_matcher(rows: Sequence[Row], *, create: bool) -> Answers:
    """The answers of the matcher, some thousand names at a time in the order in which an import puts them."""
    started = time.perf_counter()
    answers: list[Answer | None] = [None] * len(rows)
    reasons = ["a cell is refused"] * len(rows)
    shown: list[list[str]] = [[] for _row in rows]
    asked = [(number, query) for number, row in enumerate(rows) if (query := query_for(row)) is not None]
    asked.sort(key=lambda pair: (pair[1].country or "", normalise(pair[1].name)))
    chunks = count()
    for chunk in _chunks(asked):
        matcher, here = TownMatcher([query for _number, query in chunk], create=create), next(chunks)
        for number, query in chunk:
            try:
                match = matcher.resolve(query)
            except Unmatched as error:
                reasons[number] = _template(str(error))
                shown[number] = [candidate.name for candidate in error.candidates]
            else:
                answers[number] = _answer(match, here)
                reasons[number] = match.reason
    return Answers(answers, reasons, shown, time.perf_counter() - started)


def _chunks(asked: list[tuple[int, TownQuery]]) -> Iterator[list[tuple[int, TownQuery]]]:
    for start in range(0, len(asked), ROWS_PER_CHUNK):
        yield asked[start : start + ROWS_PER_CHUNK]


def query_for(row: Row) -> TownQuery | None:
    """Query of an import for a row; None where it refuses a cell or the name, which somebody must mend."""
    country = country_of(row.country.strip()) if row.country.strip() else None
    if (row.country.strip() and country is None) or BARE_ID.fullmatch(row.name):
        return None
    territory = _territory(row.territory.strip(), country) if row.territory.strip() else None
    if territory is None and row.territory.strip():
        return None
    return TownQuery(
        row.name.strip(),
        country,
        territory,
        latitude=row.latitude,
        longitude=row.longitude,
        population=row.population,
    )


_lookup = cache(a_territory)


@cache
def _territory(text: str, country: str | None) -> str | None:
    try:
        code: str = _lookup().clean(text, SimpleNamespace(cells={"country": country}))
    except ValueError:
        return None
    return code


def _answer(match: Match, chunk: int) -> Answer:
    town, place = match.town, match.place
    known = place or town
    key = f"place {place.pk}" if place else f"territory {town.governs_id}" if town.governs_id else ""
    return Answer(
        key=key or (f"town {town.pk}" if town.pk else f"new {chunk} {id(town)}"),
        name=town.name,
        level=town.level,
        country=town.country_id,
        point=None if known.latitude is None or known.longitude is None else (known.latitude, known.longitude),
        vague=known.coordinates_precision == CoordinatesPrecision.TERRITORY,
        code=town.insee or (str(town.geonames) if town.geonames else ""),
        new=match.reason == "new",
        reason=match.reason,
    )


def _template(message: str) -> str:
    """A message without what it says of the row: its first words."""
    plain = re.sub(r"“[^”]*”", "…", re.sub(r"^.*\) has not", "… has not", message))
    return " ".join(re.split(r"[:;(]", plain)[0].split()[:5])


def by_baseline(rows: Sequence[Row], gazetteer: Gazetteer, *, create: bool) -> Answers:
    """The only place that bears the exact name in the country; a new town where there is none and that is allowed."""
    started = time.perf_counter()
    names = [normalise(row.name) for row in rows]
    bearers = gazetteer.bearers(names)
    answers: list[Answer | None] = []
    for row, name in zip(rows, names, strict=True):
        country = country_of(row.country.strip()) if row.country.strip() else None
        places = [gazetteer.get(pk) for pk in bearers.get(name, ())]
        named = [place for place in places if place and country in (None, place.country)]
        if len(named) == 1:
            only = named[0]
            vague = only.id in gazetteer.vague
            answer = Answer(
                f"place {only.id}", only.name, only.level, only.country, only.point, vague, only.code, False
            )
        elif not named and create and country and name:
            answer = Answer(f"new {country} {name}", row.name, Level.MUNICIPALITY, country, None, False, "", True)
        else:
            answer = None
        answers.append(answer)
    return Answers(answers, [""] * len(rows), [[] for _row in rows], time.perf_counter() - started)


def settled_and_scored(rows: Iterable[Row], gazetteer: Gazetteer) -> tuple[list[Row], list[Row]]:
    """Rows whose name is exact and alone in its country, and the others."""
    rows = list(rows)
    answers = by_baseline(rows, gazetteer, create=False).answers
    alone = [row for row, answer in zip(rows, answers, strict=True) if answer]
    return alone, [row for row, answer in zip(rows, answers, strict=True) if not answer]
