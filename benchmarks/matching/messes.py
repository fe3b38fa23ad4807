"""Rows made from places of the gazetteer, in the ways in which spreadsheets write them.

A third and more of each kind was written without having read the matcher (`blind`), the rest with it at hand (here and
in `messes.tsv`). All is drawn by seeded chance.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from random import Random
from typing import NamedTuple

from core.text import normalise
from partnerships.choices import Level
from partnerships.models import Territory

from . import blind
from .gazetteer import Gazetteer
from .rows import THE_PLACE, Mess, Others, Place, Row, read_messes, words
from .split import tunes

Writer = Callable[[Place, Others, Random], Iterator[Row]]
"""A way of writing that is no pattern."""

NO_POINT_OF_ITS_OWN = "wrong point"
"""The kind of rows that keep their point when points are withheld or given."""


class Hand(NamedTuple):
    """Messes by one hand."""

    patterns: list[Mess]
    writers: Sequence[Writer]


def _typos(place: Place, others: Others, chance: Random) -> Iterator[Row]:
    """Slips where the matcher may not look: in the first letters, two at once, a letter too many."""
    name = place.name
    if len(name) < 6:
        return
    at = chance.randrange(2, len(name) - 3)
    slips = {
        name[1] + name[0].lower() + name[2:],
        name[0] + name[2:],
        name[0] + chance.choice("aeiour") + name[2:],
        name[1:].capitalize(),
        name[:at] + name[at + 1] + name[at] + name[at + 2] * 2 + name[at + 3 :],
        name[:at] + name[at + 2 :],
        f"{name[:at]} {name[at:]}",
    }
    yield Row("typo", chance.choice(sorted(slips - {name})), place.country, place=place)


def _points(place: Place, others: Others, chance: Random) -> Iterator[Row]:
    """Points at the edges of what the matcher allows: some way off, in the sea, on the border."""
    latitude, longitude = place.point
    points = [
        (latitude + 0.33, longitude),  # 37 km
        (latitude + 0.6, longitude),
        (latitude, longitude + 2),
        (0.0, longitude),
        others.point,
        (50.0, 10.0),  # given to all that nobody looked up
    ]
    row = Row("wrong point", place.name, place.country, place=place)
    row.latitude, row.longitude = chance.choice(points)
    yield row


HERE = Path(__file__).parent
"""Folder of the tables."""


def hands() -> dict[str, Hand]:
    """The messes by each hand: blind, and seeing the matcher."""
    return {
        "blind": Hand(read_messes(HERE / "blind.tsv"), (blind.blind_typos, blind.blind_points)),
        "seeing": Hand(read_messes(HERE / "messes.tsv"), (_typos, _points)),
    }


def messed(places: Iterable[Place], gazetteer: Gazetteer, number: int) -> dict[tuple[str, bool], list[Row]]:
    """At most `number` rows of each kind, by hand and by side (true for the tuning one), from ten times the places."""
    sides: dict[bool, list[Place]] = {
        side: [one for one in places if tunes(one.country) == side] for side in (False, True)
    }
    places = [place for side in sides.values() for place in Random(0).sample(side, min(10 * number, len(side)))]
    others = dict(zip(places, _others(places, gazetteer), strict=True))
    found: dict[tuple[str, bool], list[Row]] = {}
    for name, hand in hands().items():
        written = [row for place in places for row in _written(hand, place, others[place], name)]
        kept = list(_clear(written, gazetteer))
        for tuning in (False, True):
            here = [row for row in kept if row.place and tunes(row.place.country) == tuning]
            found[name, tuning] = list(_sampled(here, number))
    return found


def _sampled(rows: Iterable[Row], number: int) -> Iterator[Row]:
    """At most `number` rows of each kind, of each of its patterns as many as there are, by turns."""
    turns: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        turns[row.kind][row.pattern].append(row)
    for _kind, patterns in sorted(turns.items()):
        mixed = (Random(pattern).sample(rows, len(rows)) for pattern, rows in sorted(patterns.items()))
        by_turns = zip_longest(*mixed)
        yield from list(filter(None, chain.from_iterable(by_turns)))[:number]


def _written(hand: Hand, place: Place, others: Others, seed: str) -> Iterator[Row]:
    """A row of each kind for a place: one chance pattern of those that fit it."""
    chance = Random(f"{seed} {place.country} {place.name} {place.insee}")
    kinds: dict[str, list[Row]] = defaultdict(list)
    known = words(place, others)
    for mess in hand.patterns:
        if (row := mess.write(place, known)) is not None and len(row.name) <= 200:
            kinds[row.kind].append(row)
    for writer in hand.writers:
        for row in writer(place, others, chance):
            kinds[row.kind].append(row)
    for rows in kinds.values():
        yield chance.choice(rows)


def _clear(rows: Iterable[Row], gazetteer: Gazetteer) -> Iterator[Row]:
    """The rows that are not, as they are written, the very name of another place of the country."""
    rows = list(rows)
    bearers = gazetteer.bearers(normalise(row.name) for row in rows)
    for row in rows:
        place = row.place
        if place is None:
            continue
        named = {
            pk
            for pk in bearers.get(normalise(row.name), ())
            if (one := gazetteer.get(pk)) and one.country == place.country
        }
        plain = normalise(row.name) == normalise(place.name)
        if plain or named <= ({place.id} if row.right == THE_PLACE else set()):
            yield row


def _others(places: Sequence[Place], gazetteer: Gazetteer) -> Iterator[Others]:
    """Contradictions of each place."""
    bearers = gazetteer.bearers(normalise(place.name) for place in places)
    # Of one level, for a region does not contradict its department.
    levels = {
        (country, name): level for country, name, level in Territory.objects.values_list("country", "name", "level")
    }
    territories: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place in gazetteer.all():
        if place.territory:
            territories[place.country, levels[place.country, place.territory]].add(place.territory)
    towns: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        towns[place.country].append(place)
    countries = sorted(country for country, here in towns.items() if len(here) > 20)
    for place in places:
        chance = Random(f"{place.country} {place.name} {place.insee}")
        namesakes = [one for pk in bearers.get(normalise(place.name), ()) if (one := gazetteer.get(pk))]
        level = levels.get((place.country, place.territory), "")
        free = sorted(territories[place.country, level] - {one.territory for one in namesakes} - {place.territory})
        abroad = [
            country for country in countries if country not in {place.country, *(one.country for one in namesakes)}
        ]
        country = chance.choice(abroad)
        yield Others(
            chance.choice(free) if free else "",
            country,
            chance.choice(towns[country]).point,
            chance.choice([one.name for one in towns[place.country] if one != place] or [""]),
        )


def meant_places(rows: Iterable[Row]) -> list[Place]:
    """The municipalities that rows mean, each once, by name."""
    found = {row.place for row in rows if row.place and row.exact and row.right == THE_PLACE}
    return sorted(
        (place for place in found if place.level == Level.MUNICIPALITY),
        key=lambda place: (place.name, place.country, place.point),
    )
