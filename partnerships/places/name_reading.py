"""Reading of a name as a cell writes it: the name proper, what it says of level and kind, and what stands beside it.

Everything is kept that was not understood: what is behind a comma or in brackets may be dropped by those only who know
what it means.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from core.text import normalise

from . import level_words
from .level_words import CONNECTORS, Meaning

_POSTCODE = re.compile(r"(?:(?:FR?|D|CH|B|A|L|I|E|PL|CZ)[- ]{1,3})?(\d{4,5}) +(?=\D)", re.IGNORECASE)
"""Postcode in front of a name, with the car code of its country perhaps."""

_CEDEX = re.compile(r" +cedex(?: +\d{1,2})?\s*$", re.IGNORECASE)

_DEPARTMENT = re.compile(r"(?:dept?\.? *)?(\d{1,3}|2[ab])", re.IGNORECASE)
"""Number of a French department, as it stands beside a name."""

_POSTCODE_ALONE = re.compile(r"\d{5}|\d{2}-\d{3}")

ARTICLES = frozenset("le la les l el los las der die das den il lo gli i o a os as the".split())
LEADING = frozenset("saint sainte st ste sankt sint bad markt mont port porto san santa santo".split())
"""Words that a name begins with where it is written behind a comma in a list: “Vilbel, Bad”."""

ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "st": ("saint", "sankt", "sint"),
    "ste": ("sainte",),
    "sts": ("saints",),
    "stes": ("saintes",),
    "skt": ("sankt",),
    "s": ("sur", "saint", "san"),
    "sn": ("san",),
    "sta": ("santa",),
    "nd": ("notre dame",),
    "mt": ("mont", "mount"),
    "ft": ("fort",),
    "pt": ("pont", "port"),
    "gr": ("gross", "grand"),
    "kl": ("klein",),
    "ob": ("ober",),
    "nied": ("nieder",),
    "a": ("am", "an der", "an", "auf"),
    "ad": ("an der",),
    "b": ("bei",),
    "i": ("im", "in"),
    "o": ("ob", "ober"),
    "v": ("von", "vor"),
    "vd": ("vor der",),
    "idopf": ("in der oberpfalz",),
    "wlkp": ("wielkopolski", "wielkopolska"),
    "maz": ("mazowiecki", "mazowiecka"),
    "sl": ("slaski", "slaska"),
    "kr": ("krajenski",),
    "n": ("nad",),
    "p": ("pod",),
}
"""What short words of names stand for. Where a letter has several meanings, the directory's names decide."""

_PAIRS = {
    ("a", "d"): ("an der",),
    ("o", "d"): ("ob der",),
    ("i", "d"): ("in der",),
    ("v", "d"): ("vor der",),
    ("s", "l"): ("sous le", "sur l"),
    ("n", "d"): ("notre dame",),
}
"""Two short words that belong together: “v. d. Höhe”."""

_MOST_SPELLINGS = 12


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name, taken apart.

    `spellings` are normalised: as it stands first, then with less and less that was understood; `bare` those of them
    from which a word of level was taken. `meaning` is what such words say, `proper` the first spelling without them.
    `beside` are the texts in brackets and behind commas that are no word of level, as they are written; `named_part`
    is a part with a level of its own (“Berlin (Bezirk Mitte)”).
    """

    spellings: tuple[str, ...]
    bare: frozenset[str] = frozenset()
    meaning: Meaning | None = None
    proper: str = ""
    beside: tuple[str, ...] = ()
    named_part: "NameReading | None" = None
    postcode: str = ""
    department: str = ""


@lru_cache(100_000)
def read_name(text: str) -> NameReading:
    """Take a name apart. A file says most of its names on several rows."""
    text = _CEDEX.sub("", text.strip())
    postcode = ""
    if found := _POSTCODE.match(text):
        postcode, text = found[1], text[found.end() :]
    plain, beside = _aside(text)
    whole = normalise(text)
    base = normalise(plain) or whole
    department, meaning, part, kept, turned = "", None, None, [], []
    for one in beside:
        words = normalise(one).split()
        if not words:
            continue
        if (number := _DEPARTMENT.fullmatch(one.strip())) and not department:
            department = number[1].upper().zfill(2)
        elif _POSTCODE_ALONE.fullmatch(one.strip()) and not postcode:
            postcode = one.strip()
        elif len(words) == 1 and (words[0] in ARTICLES or words[0] in LEADING):
            turned.append(f"{words[0]} {base}")
        elif said := level_words.alone(words):
            meaning = meaning or said
        elif (said_of := level_words.in_front(words) or level_words.behind(words)) and not part:
            part = read_name(one)
            kept.append(one)
        else:
            kept.append(one)
    words = base.split()
    bare: list[str] = []
    if said_of := level_words.in_front(words) or level_words.behind(words):
        meaning = meaning or said_of[0]
        bare = list(_without_connectors(said_of[1]))
    full = [whole, *turned, base] if not beside or turned else [whole, base]
    spellings = [*full, *bare]
    spellings = [spelling for one in dict.fromkeys(spellings) for spelling in _spelt_out(one)]
    return NameReading(
        spellings=tuple(dict.fromkeys(filter(None, spellings)))[: 3 * _MOST_SPELLINGS],
        bare=frozenset(spelling for one in bare for spelling in _spelt_out(one)),
        meaning=meaning,
        proper=bare[0] if bare else base,
        beside=tuple(kept),
        named_part=part,
        postcode=postcode,
        department=department,
    )


def _aside(text: str) -> tuple[str, list[str]]:
    """The text outside brackets and before the first comma, and the others in order."""
    outside: list[str] = []
    beside: list[str] = []
    depth, start = 0, 0
    for index, letter in enumerate(text):
        if letter in "([":
            if depth == 0:
                outside.append(text[start:index])
                start = index + 1
            depth += 1
        elif letter in ")]" and depth:
            depth -= 1
            if depth == 0:
                beside.append(text[start:index])
                start = index + 1
    (beside if depth else outside).append(text[start:])
    first, *more = " ".join(part.strip() for part in outside if part.strip()).split(",")
    return first.strip(), [one.strip() for one in (*more, *beside) if one.strip()]


def _without_connectors(words: list[str]) -> Iterator[str]:
    """The name behind a word of level: “du Mans” may be “Le Mans” or “Mans”, “de la Rochelle” has its article."""
    for number in range(len(words)):
        if number and words[number - 1] not in CONNECTORS:
            return
        rest = words[number:]
        if number == 0 and rest[0] not in CONNECTORS:
            yield " ".join(rest)
            return
        contracted = {"du": "le", "des": "les"}.get(rest[0])
        if contracted and len(rest) > 1:
            yield " ".join([contracted, *rest[1:]])
        elif number:
            yield " ".join(rest)


def _spelt_out(name: str) -> Iterator[str]:
    """A normalised name, and the same with its short words written out."""
    yield name
    words = name.split()
    choices: list[tuple[str, ...]] = []
    index = 0
    while index < len(words):
        pair = _PAIRS.get((words[index], words[index + 1])) if index + 1 < len(words) else None
        if pair:
            choices.append(pair)
            index += 2
            continue
        choices.append((words[index], *ABBREVIATIONS.get(words[index], ())))
        index += 1
    number = 0
    for spelling in product(*choices):
        if (told := " ".join(spelling)) != name:
            yield told
            number += 1
            if number == _MOST_SPELLINGS:
                return
