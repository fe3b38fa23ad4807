"""Slips of the hand and wrong points in spreadsheets: the part written without having read the matcher.

`blind.tsv` has the patterns written so, drawn from lists of twinned towns as ministries, associations
of towns and town halls publish them (French, German, Italian, Spanish, Polish, English). `messes` has the
rest, written with the matcher at hand; the benchmark tells the two apart, for what is found with the matcher at hand is
found where it was looked for.
"""

from collections.abc import Iterator
from random import Random

from .rows import Others, Place, Row, bare

_NEXT_ON_KEYBOARD = {
    "a": "sqz", "e": "rw", "i": "uo", "o": "ip", "u": "iy", "n": "bm", "m": "n", "t": "ry", "r": "te", "s": "dz",
    "l": "k", "d": "sf", "c": "vx", "h": "gj", "g": "fh", "b": "vn", "v": "bc", "p": "o", "k": "jl", "f": "dg",
}  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "Ö": "Oe", "Ü": "Ue"})
_HEARD = {"ck": "k", "ph": "f", "th": "t", "y": "i", "ss": "s", "ll": "l", "nn": "n", "x": "s", "z": "s", "c": "k"}


def _slips(name: str, chance: Random) -> Iterator[str]:
    """A name with one slip, in as many ways as people make them."""
    at = chance.randrange(1, len(name) - 2)
    letter = name[at]
    yield name[:at] + name[at + 1] + letter + name[at + 2 :]
    yield name[:at] + name[at + 1 :]
    yield name[:at] + letter + name[at:]
    yield name[:at] + chance.choice(_NEXT_ON_KEYBOARD.get(letter, letter)) + name[at + 1 :]
    yield "".join(letter if ord(letter) < 128 else "?" for letter in name)
    yield "".join(letter for letter in name if ord(letter) < 128)
    yield name.translate(_UMLAUTS)
    yield next((name.replace(said, heard, 1) for said, heard in _HEARD.items() if said in name), name)


def blind_typos(place: Place, others: Others, chance: Random) -> Iterator[Row]:
    """A name with one slip, and its country."""
    if len(place.name) >= 5 and (slips := sorted({*_slips(place.name, chance)} - {place.name, bare(place.name)})):
        yield Row("typo", chance.choice(slips), place.country, place=place)


def blind_points(place: Place, others: Others, chance: Random) -> Iterator[Row]:
    """A point that is none of the place's: turned round, of nowhere, in another country, of the row below."""
    latitude, longitude = place.point
    points = [
        (longitude, latitude) if abs(longitude) <= 90 else (0.0, 0.0),
        (0.0, 0.0),
        (latitude, -longitude),
        others.point,
        others.point,
        (float(round(latitude)), float(round(longitude))),
        (48.8566, 2.3522),  # Paris, given to all
        (latitude / 10, longitude),
    ]
    row = Row("wrong point", place.name, place.country, place=place)
    row.latitude, row.longitude = chance.choice(points)
    yield row
