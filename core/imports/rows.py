"""Rows of an imported file while they are planned: cells, values, faults, outcome; and how they are kept in chunks."""

import os
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from .models import Outcome

ROWS_PER_CHUNK = 2500
"""Rows that are looked at together."""

SIZE_BITS = 28
"""Bits of a spot that hold the size of an object; the others hold its place."""

WRITTEN_OUTCOMES = (Outcome.CREATED, Outcome.UPDATED)


@dataclass(slots=True)
class Fault:
    """Fault of a row: the column, the value, and the reason with its remedy."""

    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Row:
    """Row of a file during its import.

    `raw` are its cells as they stand; `cells` hold the text of each column, `values` what it means; `record` is the
    stored record it is about (or the one it made), `changes` what it changes there (attribute → before, after), `twin`
    the line it repeats, `held` what the layout keeps with it between two steps, `cleared` the columns whose blank cell
    empties what is stored.
    """

    line: int
    cells: dict[str, str]
    raw: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    outcome: str = ""
    record: Any = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    twin: int | None = None
    held: Any = None
    cleared: set[str] = field(default_factory=set)

    def __reduce__(self) -> tuple[type["Row"], tuple[Any, ...]]:
        """Pickle the row as a plain tuple, which takes a third of the time."""
        return Row, (
            self.line,
            self.cells,
            self.raw,
            self.values,
            self.faults,
            self.outcome,
            self.record,
            self.changes,
            self.twin,
            self.held,
            self.cleared,
        )

    def refuse(self, column: str, reason: str) -> None:
        """Refuse the row, naming the column, its value and the reason."""
        self._fault(column, reason)
        self.outcome = Outcome.REFUSED

    def ask(self, column: str, reason: str) -> None:
        """Mark the row as needing a decision on what the value of a column stands for."""
        self._fault(column, reason)
        self.outcome = self.outcome or Outcome.QUESTION

    def _fault(self, column: str, reason: str) -> None:
        self.faults.append(Fault(column, self.cells.get(column, ""), reason))


T = TypeVar("T")


def chunks(things: Iterable[T], size: int = ROWS_PER_CHUNK) -> Iterator[list[T]]:
    """The things in lists of a size."""
    source = iter(things)
    while chunk := list(islice(source, size)):
        yield chunk


class Spool:
    """Temporary file of pickled Python objects: as many as there are, in little memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as this object)
        self._end = 0

    def add(self, thing: object) -> int:
        """Keep an object; gives the spot to `read` it from, a number."""
        content = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
        self._file.write(content)
        spot = self._end << SIZE_BITS | len(content)
        self._end += len(content)
        return spot

    def read(self, spot: int) -> Any:
        """The object kept at a spot."""
        self._file.flush()
        content = os.pread(self._file.fileno(), spot & (1 << SIZE_BITS) - 1, spot >> SIZE_BITS)
        return pickle.loads(content)  # noqa: S301 (written by this process)
