"""What would become of each row of a file: nothing is written here."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coopdir.listing.cells import unguard

from .headers import Layout
from .reading import Sheet
from .resource import StrictResource
from .widgets import tidy


class Outcome(models.TextChoices):
    """How a row ends."""

    CREATED = "created", gettext_lazy("created")
    UPDATED = "updated", gettext_lazy("updated")
    UNCHANGED = "unchanged", gettext_lazy("unchanged")
    DUPLICATE = "duplicate", gettext_lazy("duplicate")
    REFUSED = "refused", gettext_lazy("refused")


@dataclass(slots=True)
class Fault:
    """What is wrong with a row: in which column, with which value, and what to do about it."""

    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Row:
    """One row of a file on its way into the directory.

    `cells` hold the text of each column, `values` what it means; `record` is the stored record it is about (or the
    one it made), `changes` what it changes there (attribute → before, after), `twin` the line it repeats.
    """

    line: int
    cells: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    outcome: str = ""
    record: Any = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    twin: int | None = None

    def refuse(self, column: str, reason: str) -> None:
        """Refuse the row, naming the column, its value and the reason."""
        self.faults.append(Fault(column, self.cells.get(column, ""), reason))
        self.outcome = Outcome.REFUSED


def plan(resource: StrictResource, sheet: Sheet, layout: Layout) -> list[Row]:
    """Read every cell of a sheet and decide the outcome of every row; each row gets exactly one.

    All the faults of a row are named at once.
    """
    rows = [_row(line, cells, sheet, layout) for line, cells in sheet.rows]
    resource.announce(rows)
    for row in rows:
        if not row.outcome:
            resource.read_row(row)
    resource.examine(rows)
    resource.decide([row for row in rows if not row.outcome])
    _refuse_orphans(resource, rows)
    return rows


def totals(rows: list[Row]) -> dict[str, int]:
    """How many rows ended how, every outcome named."""
    counts = Counter(row.outcome for row in rows)
    return {outcome.value: counts[outcome.value] for outcome in Outcome}


def _refuse_orphans(resource: StrictResource, rows: list[Row]) -> None:
    """Refuse the rows that need a record which the file was to make, but whose own row was refused."""
    kept = [row for row in rows if row.outcome in (Outcome.CREATED, Outcome.UPDATED)]
    orphans = [(row, name) for row in kept for name in resource.orphaned(row, kept)]
    for row, name in orphans:
        row.refuse(name, _("The row of the record that this one refers to was refused: correct that one too."))
    if orphans:
        _refuse_orphans(resource, rows)


def _row(line: int, cells: list[str], sheet: Sheet, layout: Layout) -> Row:
    """The cells of a row by column, blank ones left out; the constants where the file has nothing."""
    named = dict(layout.constants)
    for index, column in layout.columns.items():
        if index < len(cells) and (text := tidy(cells[index])):
            named[column] = unguard(text)
    row = Row(line, named)
    if [tidy(cell) for cell in cells[: len(sheet.headers)]] == sheet.headers:
        row.refuse("", _("The row repeats the headers: remove it."))
    surplus = [cell for cell in cells[len(sheet.headers) :] if cell.strip()]
    if surplus:
        row.refuse(
            "",
            _("The row has %(cells)s cells, the header %(headers)s: check its delimiters and quotation marks.")
            % {"cells": len(cells), "headers": len(sheet.headers)},
        )
    for column, text in named.items():
        if "\0" in text:
            row.refuse(column, _("The value holds a NUL character: remove it."))
    return row
