"""Geometry of the charts: numbers in, places in a drawing out. The templates in ``templates/parts/charts`` draw them.

A drawing is `CHART_WIDTH` units wide and is never shown much wider or narrower, so that its letters keep the size of
the text around. Words that would not fit, or run into others, are left out: everything that a chart shows stands in the
table beneath it too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.utils.formats import number_format

CHART_WIDTH = 340
"""Width of a drawing: that of the text on a telephone of 360 px."""
LETTER = 11
"""Height of the letters."""
GAP = 6
"""The least room between two words."""
LEAD = 14
"""Distance before its year at which a tie leaves its line."""
_LINE, _FIRST_LINE = LETTER * 3, LETTER + 8
"""Distance of two lines of a lineage, and the height of its first one."""
TONES = 5
"""Number of tones that tell the parts of a whole apart; the templates and the style sheet know them as tone-1 …"""


@dataclass(frozen=True)
class ChartItem:
    """A number with its name, and the address of the list behind it; `tick` is its short name on an axis."""

    label: Any
    number: int
    address: str = ""
    tick: str = ""


@dataclass(frozen=True)
class Word:
    """A text in a drawing; `anchor` (start, middle, end) says which end of it lies at `x`."""

    text: str
    x: float
    y: float
    anchor: str = "middle"

    @property
    def left(self) -> float:
        """Left edge of the word."""
        return self.x - text_width(self.text) * {"start": 0, "middle": 0.5, "end": 1}[self.anchor]

    @property
    def right(self) -> float:
        """Right edge of the word."""
        return self.left + text_width(self.text)


@dataclass(frozen=True)
class Bar:
    """A horizontal bar; `length` in per cent of the longest."""

    item: ChartItem
    length: float


@dataclass(frozen=True)
class ChartColumn:
    """A column of a time line."""

    item: ChartItem
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Columns:
    """Columns side by side, in the order given, on one base line."""

    columns: list[ChartColumn]
    words: list[Word]
    base: float
    width: float = CHART_WIDTH
    height: float = 0


@dataclass(frozen=True)
class Segment:
    """A part of a whole: its number, its place in the strip, and which tone it has."""

    item: ChartItem
    x: float
    width: float
    share: float
    tone: int


def text_width(text: str) -> float:
    """Upper bound for the width of a text, in the site's sans at the size of a drawing."""
    return 0.64 * LETTER * len(text)


def bars(items: Iterable[ChartItem]) -> list[Bar]:
    """Horizontal bars, as long as their numbers are large."""
    items = list(items)
    largest = max((item.number for item in items), default=0)
    return [Bar(item, 100 * item.number / largest if largest else 0) for item in items]


def columns(items: Sequence[ChartItem], height: float = 110) -> Columns:
    """A time line of columns, at most `height` high; the numbers stand above, the ticks below, where there is room."""
    slot = CHART_WIDTH / max(len(items), 1)
    thick = min(slot * 0.72, 30)
    top = LETTER + 5
    base = top + height
    largest = max((item.number for item in items), default=0)
    drawn = []
    for index, item in enumerate(items):
        tall = height * item.number / largest if largest else 0
        drawn.append(ChartColumn(item, index * slot + (slot - thick) / 2, base - tall, thick, tall))
    # The largest numbers have the first claim to room.
    numbers = [
        _inside(Word(number_format(column.item.number, force_grouping=True), column.x + thick / 2, column.y - 4))
        for column in sorted(drawn, key=lambda column: -column.item.number)
        if column.item.number
    ]
    ticks = [
        _inside(Word(item.tick or str(item.label), (i + 0.5) * slot, base + LETTER + 4)) for i, item in enumerate(items)
    ]
    words = _apart(numbers, lambda word, other: _meet(word, other) and abs(word.y - other.y) < LETTER)
    words = [word for word in words if not _behind(word, drawn)]
    return Columns(drawn, words + _every(ticks), base, height=base + LETTER + 10)


def segments(items: Iterable[ChartItem]) -> list[Segment]:
    """The parts of a whole, one after the other; parts without anything are left out."""
    items = [item for item in items if item.number]
    total = sum(item.number for item in items)
    found, before = [], 0
    for index, item in enumerate(items):
        tone = min(index, TONES - 1) + 1
        found.append(
            Segment(item, CHART_WIDTH * before / total, CHART_WIDTH * item.number / total, item.number / total, tone)
        )
        before += item.number
    return found


@dataclass(frozen=True)
class Life:
    """Life span of a body, from one year to another; None where the year is not known, or it still exists."""

    key: Any
    name: str
    begun: int | None
    ended: int | None
    address: str = ""


@dataclass(frozen=True)
class Tie:
    """Link between two life spans: one body was merged into the other (`merged`), or is a part of it."""

    source: Any
    target: Any
    year: int | None
    merged: bool


@dataclass(frozen=True)
class DrawnLife:
    """A life drawn: from `x` to `end` at height `y`. Its name stands above, or below where a tie leads up from it."""

    life: Life
    x: float
    end: float
    y: float
    name: Word


@dataclass(frozen=True)
class Curve:
    """A tie drawn: from a point of one line to a point of another, as a path."""

    tie: Tie
    path: str


@dataclass(frozen=True)
class Lineage:
    """Lives under each other and the ties between them, by year."""

    lines: list[DrawnLife]
    curves: list[Curve]
    words: list[Word]
    base: float
    width: float = CHART_WIDTH
    height: float = 0


@dataclass(frozen=True)
class _YearAxis:
    """Years from the left edge of a drawing to the right one."""

    first: int
    last: int

    def x(self, year: int) -> float:
        return (CHART_WIDTH - 1) * (year - self.first) / (self.last - self.first)


def lineage(lives: Sequence[Life], ties: Sequence[Tie], today: int) -> Lineage:
    """Lineage chart: life spans as lines along the years, one under the other in the order given, and the links between
    them.

    The years run from the first that is known to `today`. A life whose beginning is not known starts at the left edge.
    """
    known = [year for life in lives for year in (life.begun, life.ended) if year]
    known += [tie.year for tie in ties if tie.year]
    first = min([*known, today - 1])
    axis = _YearAxis(first, max(*known, today, first + 1))
    order = {life.key: index for index, life in enumerate(lives)}
    ties = [tie for tie in ties if tie.source in order and tie.target in order]
    upwards = {tie.source for tie in ties if order[tie.target] < order[tie.source]}
    lines = {
        life.key: _drawn_life(life, _FIRST_LINE + index * _LINE, axis, life.key in upwards)
        for index, life in enumerate(lives)
    }
    curves = [_joined(lines, tie, axis) for tie in ties]
    base = _FIRST_LINE + len(lives) * _LINE - 9
    years = dict.fromkeys([first, *(tie.year for tie in ties if tie.year), *sorted(known), axis.last])
    ticks = _apart([_inside(Word(str(year), axis.x(year), base + LETTER + 6)) for year in years], _meet)
    return Lineage(list(lines.values()), curves, ticks, base, height=base + LETTER + 12)


def _drawn_life(life: Life, y: float, axis: _YearAxis, upwards: bool) -> DrawnLife:
    """A life drawn at a height; its name makes room for a tie that leads upwards."""
    x = axis.x(life.begun) if life.begun else 0.0
    end = axis.x(life.ended) if life.ended else float(CHART_WIDTH)
    beside = y + LETTER + 3 if upwards else y - 5
    return DrawnLife(life, x, max(end, x), y, _inside(Word(life.name, x, beside, "start")))


def _joined(lines: dict[Any, DrawnLife], tie: Tie, axis: _YearAxis) -> Curve:
    """The curve of a tie between two of the lines; the line of what was merged goes over into it, and ends there."""
    source, target = lines[tie.source], lines[tie.target]
    x = axis.x(tie.year) if tie.year else max(source.x, target.x)
    start = max(x - LEAD, min(source.x, x))
    if tie.merged:
        lines[tie.source] = replace(source, end=max(min(source.end, start), source.x))
    leaves, arrives = f"{start:.1f} {source.y:.1f}", f"{x:.1f} {target.y:.1f}"
    return Curve(tie, f"M{leaves}C{x:.1f} {source.y:.1f} {start:.1f} {target.y:.1f} {arrives}")


def _inside(word: Word) -> Word:
    """The word, moved as little as needed to lie within the drawing; one that is wider begins at the left edge."""
    shift = max(-word.left, 0) or min(CHART_WIDTH - word.right, 0)
    if word.right - word.left > CHART_WIDTH:
        shift = -word.left
    return Word(word.text, word.x + shift, word.y, word.anchor)


def _meet(word: Word, other: Word) -> bool:
    """True if two words of a line would touch."""
    return word.left < other.right + GAP and other.left < word.right + GAP


def _behind(word: Word, drawn: Iterable[ChartColumn]) -> bool:
    """True if a column would cross the word."""
    return any(column.x < word.right and word.left < column.x + column.width and column.y < word.y for column in drawn)


def _apart(words: Iterable[Word], meet: Callable[[Word, Word], bool]) -> list[Word]:
    """Words that do not overlap; the first ones have precedence."""
    kept: list[Word] = []
    for word in words:
        if not any(meet(word, other) for other in kept):
            kept.append(word)
    return kept


def _every(ticks: list[Word]) -> list[Word]:
    """Ticks of the axis: every one, or every second, third …, so that none overlap; counted from the last, which is
    read first."""
    for step in range(1, len(ticks) + 1):
        kept = ticks[::-1][::step]
        if not any(_meet(word, other) for word, other in pairwise(kept)):
            return kept[::-1]
    return []
