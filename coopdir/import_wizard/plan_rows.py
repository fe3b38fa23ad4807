"""Rows of an import plan as shown on its page: paginated, within a limit of bytes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import cycle, repeat

from django.db.models import Model

from core.imports import batches
from core.imports.layouts import StrictResource
from core.imports.models import ImportBatch, ImportRow, Outcome
from core.imports.readers.limits import tidy
from core.lists.form_fields import shortened
from partnerships.models import Agreement
from partnerships.querysets import agreements

_ROWS_PER_PAGE = 50
"""Rows of a page, if they are short."""
_MAX_PAGE_LENGTH = 90_000
"""Characters that the rows of a page take together, more or less."""
CELLS, FAULTS = 60, 20
"""Cells and faults that are shown of one row."""
_MAX_CELL_LENGTH, _MAX_REASON_LENGTH = 100, 400
"""Characters of a cell and of a reason that are shown."""


_PARTY_COLUMN = re.compile(r"party(_\d+)?")
"""The columns that name the parties of an agreement."""


@dataclass(frozen=True)
class Cell:
    """A cell that is not blank, under its header; `wrong` if a fault is about it."""

    header: str
    text: str
    wrong: bool = False


@dataclass(frozen=True)
class ShownFault:
    """Fault of a row: the column, the header that feeds it, the value, and the remedy."""

    column: str
    header: str
    value: str
    reason: str


@dataclass
class ShownRow:
    """A row of the plan: its cells, its faults, what it changes, the record it is about and the line it repeats."""

    row: ImportRow
    cells: list[Cell]
    faults: list[ShownFault]
    changes: list[tuple[str, str, str]]
    title: str
    more_cells: int = 0
    more_faults: int = 0
    moved: bool = False
    record: Model | None = None
    cost: int = field(default=0, repr=False)

    @property
    def before_twin(self) -> int:
        """The line after which the page with the repeated line begins."""
        return (self.row.twin or 1) - 1


@dataclass(frozen=True)
class Page:
    """Some rows, the line after which the next page begins, and the one after which the page before does."""

    rows: list[ShownRow]
    next: int | None
    previous: int | None


def page_of_rows(batch: ImportBatch, resource: StrictResource, *, outcome: str = "", after: int = 0) -> Page:
    """The rows after a line, of one outcome or of all; as many as a page holds, one at least."""
    found = batches.rows_after(batch, outcome=outcome, line=after, number=_ROWS_PER_PAGE + 1)
    headers = batches.feeding(batch)
    titled = [header for column, header in headers.items() if _PARTY_COLUMN.fullmatch(column)]
    shown: list[ShownRow] = []
    room = _MAX_PAGE_LENGTH
    for row in found[:_ROWS_PER_PAGE]:
        one = _shown(row, batch, headers, titled)
        room -= one.cost
        if shown and room < 0:
            break
        shown.append(one)
    _find_records(shown, resource)
    following = shown[-1].row.line if shown and len(shown) < len(found) else None
    return Page(shown, following, _before(batch, outcome, after) if after else None)


def _before(batch: ImportBatch, outcome: str, after: int) -> int:
    """The line after which a page begins that ends at this line."""
    rows = batches.batch_rows(batch, outcome).filter(line__lte=after)
    lines = list(rows.order_by("-line").values_list("line", flat=True)[: _ROWS_PER_PAGE + 1])
    return lines[_ROWS_PER_PAGE] if len(lines) > _ROWS_PER_PAGE else 0


def _shown(row: ImportRow, batch: ImportBatch, headers: Mapping[str, str], titled: list[str]) -> ShownRow:
    wrong = {headers.get(column, column) for column, _value, _reason in row.faults}
    cells = [
        Cell(shortened(header), _short(text, _MAX_CELL_LENGTH), header in wrong)
        for header, text in _under(batch, row.raw)
        if tidy(text)
    ]
    faults = [
        ShownFault(column, headers.get(column, ""), shortened(value), _short(reason, _MAX_REASON_LENGTH))
        for column, value, reason in row.faults
    ]
    changes = [
        (name, _short(before, _MAX_REASON_LENGTH), _short(after, _MAX_REASON_LENGTH))
        for name, before, after in row.changes
    ]
    shown = ShownRow(
        row,
        cells[:CELLS],
        faults[:FAULTS],
        changes[:CELLS],
        _title(cells, titled),
        more_cells=max(0, len(cells) - CELLS),
        more_faults=max(0, len(faults) - FAULTS),
        moved=row.line in batch.options.get("moved", ()),
    )
    shown.cost = sum(map(_cost, _texts(shown)))
    return shown


def _title(cells: list[Cell], titled: list[str]) -> str:
    """Title of a row: the names of its parties; in other files, the text of its first cell."""
    names = [cell.text for cell in cells if cell.header in titled] or [cell.text for cell in cells[:1]]
    return " – ".join(names)[:200]


def _under(batch: ImportBatch, raw: list[str]) -> Iterator[tuple[str, str]]:
    """Cells with their headers; a row made of several lines has those of each."""
    if batch.options.get("grouped") and batch.headers:
        return zip(cycle(batch.headers), raw, strict=False)
    headers = [*batch.headers, *repeat("", max(0, len(raw) - len(batch.headers)))]
    return zip(headers, raw, strict=False)


def _short(text: object, most: int) -> str:
    plain = " ".join(str(text).replace("\0", "�").split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def _texts(shown: ShownRow) -> Iterator[str]:
    for cell in shown.cells:
        yield cell.header + cell.text
    for fault in shown.faults:
        yield fault.column + fault.header + fault.value + fault.reason
    for change in shown.changes:
        yield "".join(change)


def _cost(text: str) -> int:
    """Estimated bytes that a text takes on the page, with its markup."""
    return len(escape(text).encode()) + 80


def _find_records(rows: list[ShownRow], resource: StrictResource) -> None:
    """Put the records in that the rows are about."""
    keys = {shown.row.record for shown in rows if shown.row.record}
    if not keys:
        return
    records = agreements().with_parties() if resource.model is Agreement else resource.model._default_manager.all()
    known = {str(record.pk): record for record in records.filter(pk__in=keys)}
    for shown in rows:
        shown.record = known.get(shown.row.record or "")


def tally(batch: ImportBatch) -> list[tuple[str, str, int]]:
    """The outcomes that rows have, in words, with their numbers."""
    return [(outcome.value, str(outcome.label), number) for outcome in Outcome if (number := count(batch, outcome))]


def count(batch: ImportBatch, *outcomes: str) -> int:
    """Number of rows that have one of the outcomes."""
    return sum(batch.counts.get(outcome, 0) for outcome in outcomes)
