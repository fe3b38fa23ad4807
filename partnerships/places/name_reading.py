"""Reading of a name as a cell writes it: the name proper, what it says of level and kind, and what stands beside it.

Everything is kept that was not understood: what is behind a comma or in brackets may be dropped by those only who know
what it means.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product

from core.text import normalise

from ..choices import Level
from . import level_words
from .country_names import country_code
from .level_words import CONNECTORS, Meaning
from .subdivision_names import is_of_a_subdivision

_POSTCODE = re.compile(r"(?:(?:FR?|D|CH|B|A|L|I|E|PL|CZ)[- ]{1,3})?(\d{4,5}) +(?=\D)", re.IGNORECASE)
"""Postcode in front of a name, with the car code of its country perhaps."""

_CEDEX = re.compile(r" +cedex(?: +\d{1,2})?(?= *(?:$|[(,;-]))", re.IGNORECASE)

_DEPARTMENT = re.compile(r"(?:d[eé]p(?:t|artement)?\.? *)?(\d{1,3}|2[ab])", re.IGNORECASE)
"""Number of a French department, as it stands beside a name."""

_POSTCODE_ALONE = re.compile(r"\d{5}|\d{2}-\d{3}")

ARTICLES = frozenset("le la les l el los las der die das den il lo gli i o a os as the".split())  # noqa: SIM905
LEADING = frozenset(
    "saint sainte st ste sankt sint bad markt mont port porto san santa santo".split()  # noqa: SIM905
)
"""Words that a name begins with where it is written behind a comma in a list: “Vilbel, Bad”."""

_NEVER_LAST = (
    ARTICLES
    | LEADING
    | CONNECTORS
    | frozenset("new nouvelle nueva nova neu north south east west mount fort ile".split())  # noqa: SIM905
)
"""Words that go with the next one: “Jersey” of “New Jersey” is no country, nor is “Maurice” of “Bourg St Maurice”."""

ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "st": ("saint", "sankt", "sint"),
    "ste": ("sainte",),
    "sts": ("saints",),
    "stes": ("saintes",),
    "skt": ("sankt",),
    "s": ("sur", "saint", "san", "santo", "santa"),
    "l": ("les", "la", "le"),
    "d": ("di", "de", "del", "della"),
    "e": ("en", "east"),
    "w": ("west",),
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
    "saint": ("st",),
    "sainte": ("ste",),
    "sankt": ("st",),
    "mount": ("mt",),
    "fort": ("ft",),
    "n": ("nad", "north"),
    "p": ("pod",),
}
"""Words that short words of names stand for. Where a letter has several meanings, the directory's names decide."""

_PAIRS = {
    ("a", "d"): ("an der",),
    ("o", "d"): ("ob der",),
    ("i", "d"): ("in der",),
    ("v", "d"): ("vor der",),
    ("s", "l"): ("sous le", "sur l"),
    ("n", "d"): ("notre dame",),
    ("s", "ta"): ("santa",),
    ("s", "to"): ("santo",),
    ("s", "te"): ("sainte",),
}
"""Two short words that belong together: “v. d. Höhe”."""

_DOTTED = re.compile(r"\b(\w)\.")
"""Letters that are written with the full stop of an abbreviation."""

ABOVE = (Level.DEPARTMENT, Level.REGION)
"""Levels of authorities that govern a territory."""

_MOST_SPELLINGS = 12

_LONGEST = 250
"""Characters from which on a text is no name, and not taken apart: the work grows with the square of its length."""


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name, taken apart.

    `spellings` are normalised: as it stands first, then with less and less that was understood; `bare` those of them
    from which a word of level was taken. `meaning` is what such words say, `proper` the first spelling without them.
    `beside` are the texts in brackets and behind commas that are no word of level, as they are written; `named_part`
    is a part with a level of its own (“Berlin (Bezirk Mitte)”).
    """

    spellings: tuple[str, ...]
    letters: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    meaning: Meaning | None = None
    proper: str = ""
    beside: tuple[str, ...] = ()
    named_part: "NameReading | None" = None
    postcode: str = ""
    department: str = ""
    mentioned: Meaning | None = None
    parts: tuple[str, ...] = ()
    unlevelled: str = ""
    """The name without words of level in front and behind, as it is written."""

    @property
    def looked_beside(self) -> tuple[str, ...]:
        """Texts beside the name, normalised."""
        return tuple(map(normalise, self.beside))

    @property
    def looked_up(self) -> set[str]:
        """All that a directory has to be asked for: the spellings, what stands beside, parts of several."""
        found = {*self.spellings, *self.looked_beside, *self.parts}
        return found | (set(self.named_part.spellings) if self.named_part else set())


_NOTHING_SAID = """
    à définir; à déterminer; à préciser; non défini; inconnu; inconnue; unknown; unbekannt; n/a; na; none; aucun; aucune
    ; néant; keine; tbd; to be determined; to be defined; divers; various; verschiedene; plusieurs; total; totaux; somme
    ; summe; gesamt; sum; ville; town; city; partner; partenaire; country; pays; land; in preparation; en cours
    ; en projet; geplant; da definire; por definir
"""
NO_NAMES = frozenset(map(normalise, _NOTHING_SAID.split(";")))
"""Texts that stand where a name should, normalised."""

_NO_NAME = re.compile(r"@|://|^www\.|[<>{}\\]|\.(?:com|org|fr|de|net)\b", re.IGNORECASE)
_SIGNS = re.compile(r"[/;|+&\n]")
_AND = re.compile(r" (?:und|et|and|y|e|i) ", re.IGNORECASE)
"""Signs, and words, between several names in one cell."""


def letters_of(name: str) -> str:
    """The letters of a name with their accents, whatever their case."""
    return "".join(filter(str.isalnum, name.casefold()))


def is_no_name(text: str) -> bool:
    """True if a text is an address, a remark that there is nothing to say, or has no letters."""
    said = normalise(text)
    return said in NO_NAMES or bool(_NO_NAME.search(text)) or not any(letter.isalpha() for letter in said)


_NUMBERING = re.compile(r"^(?:\d{1,3}[.)] |[•*-] )\s*|(?: \(?\d\)|[*†¹²³⁴⁵⁶⁷⁸⁹⁰]+)$")
"""Numbers of a list in front of a name, footnotes behind it."""

_BOX = re.compile(r"^(?:bp|b\.p\.|cs|postfach) +\d{1,6} *,? *", re.IGNORECASE)
_CODE_BEHIND = re.compile(r"[ ,]+(?:FR?|D|CH|B|A|L|I|E|PL|CZ)?-?(\d{5})$", re.IGNORECASE)
_SUR = re.compile(r"\b([es])/ ?", re.IGNORECASE)
"""“s/Mer” and “e/Bresse”, of names that are joined by “sur” and “en”."""

_IN = re.compile(r" (?:en|dans l[ea']|im|in) (?=\S+$)")
"""Words between a name and the territory that it lies in."""

_CODE_BEFORE = re.compile(r"([A-Z]{1,3})[- ]+(?=[A-Z]\w)")
"""Code of a country in front of a name: “F-Chauny”."""

_NUMBER_BEHIND = re.compile(r" (\d{2}|2[AB]|97\d)$")
"""Number of a French department behind a name, without brackets."""

_BREAK = re.compile(r",|;|: |/|\||\n| [-–—] ")
"""Signs between a name and what stands beside it, or between two names."""


@lru_cache(100_000)
def read_name(text: str) -> NameReading:
    """Take a name apart. A file says most of its names on several rows."""
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        whole = normalise(text)
        return NameReading((whole,) if whole else (), whole=frozenset({whole}), proper=whole)
    text, postcode = _without_address(text)
    text = _SUR.sub(lambda found: "sur " if found[1] in "sS" else "en ", text)
    plain, beside = _aside(text)
    if beside and (country_code(plain) or _DEPARTMENT.fullmatch(plain)):
        plain, beside = beside[0], [plain, *beside[1:]]
    plain, told = _without_country(plain)
    beside += told
    whole = normalise(text)
    base = normalise(plain) or whole
    aside = _Aside(base, postcode)
    for one in beside:
        aside.add(one)
    words = base.split()
    while len(words) > 1 and words[0] in ARTICLES and level_words.in_front(words[1:]):
        words = words[1:]
    bare = [base] if aside.meaning else []
    meaning = aside.meaning
    if said := level_words.in_front(words) or level_words.behind(words):
        meaning = meaning or said[0]
        bare = [*_without_connectors(said[1])]
    turned = aside.turned
    spelt_out = partial(_spelt_out, dotted=frozenset(_DOTTED.findall(text.casefold())))
    full = [whole, *turned, base]
    joined = [" sur ".join(map(normalise, text.split("/")))] if text.count("/") == 1 else []
    in_whole = [whole, *turned, *joined] if aside.kept else [*full, *bare]
    spellings = [spelling for one in dict.fromkeys([*full, *joined, *bare]) for spelling in spelt_out(one)]
    parts = [
        name
        for one in (_SIGNS.split(text) if _SIGNS.search(text) else _AND.split(plain))
        if len(name := normalise(one)) > 2
    ]
    return NameReading(
        spellings=tuple(dict.fromkeys(filter(None, spellings)))[: 3 * _MOST_SPELLINGS],
        letters=frozenset() if text.isupper() else frozenset({letters_of(text), letters_of(plain)}),
        whole=frozenset(spelling for one in in_whole for spelling in spelt_out(one)),
        bare=frozenset(spelling for one in bare for spelling in spelt_out(one)),
        meaning=meaning,
        proper=bare[0] if bare else base,
        beside=tuple(aside.kept),
        named_part=aside.part,
        postcode=aside.postcode,
        department=aside.department,
        mentioned=meaning or level_words.mentioned(words),
        parts=tuple(parts) if len(parts) > 1 else (),
        unlevelled=bare[0] if bare else plain,
    )


def _without_address(text: str) -> tuple[str, str]:
    """A text without the numbers of lists, footnotes and postal addresses, and its postcode."""
    text = _BOX.sub("", _NUMBERING.sub("", text).strip())
    text = _NUMBERING.sub("", _CEDEX.sub("", text))
    postcode = ""
    if found := _POSTCODE.match(text):
        postcode, text = found[1], text[found.end() :]
    elif found := _CODE_BEHIND.search(text):
        postcode, text = found[1], text[: found.start()]
    return text.strip(), postcode


def _without_country(plain: str) -> tuple[str, list[str]]:
    """A name without the country, or the place that it lies in, which stands at its edge: “Montluçon France”."""
    if (found := _CODE_BEFORE.match(plain)) and country_code(found[1]):
        return plain[found.end() :], [found[1]]
    if found := _NUMBER_BEHIND.search(plain):
        return plain[: found.start()], [found[1]]
    if (found := _IN.search(plain)) and is_of_a_subdivision(normalise(plain[found.end() :])):
        return plain[: found.start()], [plain[found.end() :]]
    words = plain.replace(".", " ").split()
    if country_code(plain):
        return plain, []
    for number in (1, 2, 3):
        rest, name = words[:-number], " ".join(words[-number:])
        if sum(map(len, rest)) <= 2 or normalise(rest[-1]) in _NEVER_LAST:
            continue
        if len(name) > 3 and country_code(name):
            return " ".join(rest), [name]
    return plain, []


class _Aside:
    """Texts beside a name, taken in one after the other."""

    def __init__(self, base: str, postcode: str) -> None:
        self.base = base
        self.postcode = postcode
        self.department = ""
        self.meaning: Meaning | None = None
        self.part: NameReading | None = None
        self.kept: list[str] = []
        self.turned: list[str] = []

    def add(self, text: str) -> None:
        """Take a text in: a number, a part of the name itself, a word of level, or what is kept to be understood."""
        words = normalise(text).split()
        if not words:
            return
        if (number := _DEPARTMENT.fullmatch(text.strip())) and not self.department:
            self.department = number[1].upper().zfill(2)
            return
        if _POSTCODE_ALONE.fullmatch(text.strip()) and not self.postcode:
            self.postcode = text.strip()
            return
        if " ".join(words) == self.base:
            return
        if len(words) <= 3:
            self.turned.append(f"{' '.join(words)} {self.base}")
        if len(words) == 1 and (words[0] in ARTICLES or words[0] in LEADING):
            return
        if said := level_words.level_alone(words):
            self.meaning = self.meaning or said
            return
        if level_words.in_front(words) or level_words.behind(words):
            part = read_name(text)
            if part.proper == self.base:
                self.meaning = self.meaning or part.meaning
                return
            if part.meaning and part.meaning.organisation:
                self.meaning = part.meaning
                return
            if part.meaning and set(part.meaning.levels) <= set(ABOVE):
                text = part.proper
            else:
                self.part = self.part or part
        self.kept.append(text)


def _aside(text: str) -> tuple[str, list[str]]:
    """The text outside brackets and before the first sign that breaks it, and the others in order."""
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
    first, *more = _BREAK.split(" ".join(part.strip() for part in outside if part.strip()))
    pieces = [piece for one in (*more, *beside) for piece in _BREAK.split(one)]
    return first.strip(), [one.strip() for one in pieces if one.strip()]


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


def _spelt_out(name: str, dotted: frozenset[str]) -> Iterator[str]:
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
        word = words[index]
        is_short = len(word) > 1 or word in dotted
        choices.append((word, *(ABBREVIATIONS.get(word, ()) if is_short else ())))
        index += 1
    number = 0
    for spelling in product(*choices):
        if (told := " ".join(spelling)) != name:
            yield told
            number += 1
            if number == _MOST_SPELLINGS:
                return
