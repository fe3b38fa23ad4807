"""Arithmetic of the benchmark: what an answer is worth, and the shares of all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from core.text import normalise
from partnerships.choices import Level
from partnerships.places.evidence import FAR, kilometres

from .rows import ABOVE, NOBODY, THE_PLACE, Row

ANOTHER = 30.0
"""Kilometres from the published point from which on a town is another one."""

ANOTHER_OF_NAME = 10.0
"""The same where the gazetteer has a place of this name at the point itself."""


class Answer(NamedTuple):
    """Town that a row is taken to mean."""

    key: str
    """The record: equal for equal ones."""
    name: str
    level: str
    country: str
    point: tuple[float, float] | None
    vague: bool
    """True where the point is the middle of its department."""
    code: str
    """Its INSEE code or GeoNames id, "" where it has none."""
    new: bool
    """True where neither directory nor gazetteer knew it."""
    reason: str = ""


class Verdict(StrEnum):
    """Worth of an answer."""

    RIGHT = "right"
    QUESTION = "question"
    PLACE = "another place"
    LEVEL = "wrong level"
    COUNTRY = "wrong country"
    COPY = "second copy"
    NOBODY = "taken for somebody"


WRONG = frozenset({Verdict.PLACE, Verdict.LEVEL, Verdict.COUNTRY, Verdict.COPY, Verdict.NOBODY})
"""Verdicts that count as wrong."""


def judge(row: Row, answer: Answer | None) -> Verdict:
    """Verdict on an answer, taken for itself."""
    if answer is None:
        return Verdict.QUESTION
    if row.right == NOBODY:
        return Verdict.NOBODY
    if row.right != THE_PLACE:
        return Verdict.RIGHT if answer.level in row.right else Verdict.LEVEL
    countries = {row.place.country if row.place else row.country, row.also_in}
    if countries - {""} and answer.country not in countries:
        return Verdict.COUNTRY
    if answer.level in ABOVE:
        return Verdict.LEVEL
    if answer.new:
        return Verdict.COPY if row.place else Verdict.RIGHT
    if row.place and answer.code == row.place.code:
        return Verdict.RIGHT
    return _by_point(row, answer)


def _by_point(row: Row, answer: Answer) -> Verdict:
    """Verdict on a known town that is not the gazetteer's place at the published point."""
    point = row.published or (row.place and row.place.point)
    if point and answer.point:
        away = kilometres(point, answer.point)
        if away > (FAR if answer.vague else ANOTHER_OF_NAME if row.place and row.exact else ANOTHER):
            return Verdict.PLACE
    if row.place and answer.level == Level.DISTRICT and row.place.level != Level.DISTRICT:
        return Verdict.LEVEL
    return Verdict.RIGHT


def judged(rows: Sequence[Row], answers: Sequence[Answer | None]) -> list[Verdict]:
    """The verdict on each row; of several records that stand for one place, all but the commonest are second copies."""
    verdicts = [judge(row, answer) for row, answer in zip(rows, answers, strict=True)]
    records: dict[object, Counter[str]] = defaultdict(Counter)
    for row, answer, verdict in zip(rows, answers, verdicts, strict=True):
        if answer and verdict == Verdict.RIGHT and (meant := _meant(row)):
            records[meant][answer.key] += row.times
    for number, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        if answer and verdicts[number] == Verdict.RIGHT and (meant := _meant(row)):
            (first, _times), *_others = records[meant].most_common(1)
            if answer.key != first:
                verdicts[number] = Verdict.COPY
    return verdicts


def _meant(row: Row) -> object:
    """The place that a row means, None where nothing tells."""
    if row.right != THE_PLACE:
        return None
    if row.place:
        return row.place.id
    if row.published:
        return normalise(row.name), row.country, *(round(number) for number in row.published)
    return None


@dataclass
class Tally:
    """Verdicts counted."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    rows: float = 0
    """Rows of the files: two names each."""
    asked_of: float = 0
    """Those of them, by halves, of which a name is a question."""
    questions: int = 0
    """Different questions."""

    @classmethod
    def of(cls, rows: Iterable[Row], verdicts: Iterable[Verdict]) -> "Tally":
        """Count verdicts on rows; rows that say the same ask once."""
        tally = cls()
        asked = set()
        for row, verdict in zip(rows, verdicts, strict=True):
            tally.verdicts[verdict] += 1
            tally.rows += row.times / 2
            if verdict == Verdict.QUESTION:
                tally.asked_of += row.times / 2
                asked.add(row.said)
        tally.questions = len(asked)
        return tally

    @property
    def names(self) -> int:
        """Names judged."""
        return self.verdicts.total()

    @property
    def settled(self) -> float:
        """Share without a question."""
        return 1 - self.verdicts[Verdict.QUESTION] / max(self.names, 1)

    @property
    def wrong(self) -> float:
        """Share of those without a question that are wrong."""
        answered = self.names - self.verdicts[Verdict.QUESTION]
        return sum(self.verdicts[verdict] for verdict in WRONG) / max(answered, 1)

    @property
    def per_thousand(self) -> float:
        """Questions per 1,000 rows of the files."""
        return 1000 * self.questions / max(self.rows, 0.5)

    def cells(self) -> list[str]:
        """For a table under `HEADINGS`."""
        counted = (Verdict.PLACE, Verdict.LEVEL, Verdict.COUNTRY, Verdict.COPY, Verdict.NOBODY)
        return [
            f"{self.names:,}",
            f"{self.settled:.1%}",
            f"{1 - self.asked_of / max(self.rows, 0.5):.1%}",
            f"{self.wrong:.2%}",
            *(f"{self.verdicts[verdict]:,}" for verdict in counted),
            f"{self.per_thousand:,.0f}",
        ]


HEADINGS = [
    "names",
    "no question",
    "… by rows",
    "wrong",
    "place",
    "level",
    "country",
    "copies",
    "nobody",
    "asked / 1,000 rows",
]
"""Of a tally's cells."""
