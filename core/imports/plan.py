"""Import plan: the outcome of each row of a file; nothing of the directory is written here."""

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.database.copy import copy_rows
from core.lists.formula_guard import unguard
from core.text import normalise

from .layouts import StrictResource
from .mapping import KEY, Layout
from .models import ImportBatch, ImportRow, Outcome
from .readers.limits import tidy
from .readers.tables import Head, Sheet
from .rows import WRITTEN_OUTCOMES, Row, Spool

PLAN_COLUMNS = ("line", "outcome", "faults", "changes", "record", "twin")
"""Columns of a planned row."""


def sheet_rows(sheet: Sheet, layout: Layout, resource: StrictResource) -> Iterator[Row]:
    """The rows of a sheet with their cells by column; in a grouped layout, those of one key together as one row."""
    rows = (_row(line, cells, sheet.headers, layout) for line, cells in sheet.rows)
    if layout.grouped:
        yield from _gathered(rows, resource)
    else:
        yield from rows


def texts_of(head: Head, layout: Layout) -> Iterator[tuple[str, str, int]]:
    """Texts in the first rows of a file, mapped by the layout: column, text and the number of rows with it."""
    for column, text in layout.constants.items():
        yield column, _meaning(layout, column, text), head.looked
    for index, texts in enumerate(head.texts):
        for text, number in texts.items():
            read = {layout.columns[index]: unguard(text)} if index in layout.columns else {}
            if index in layout.forms:
                read = layout.forms[index].read(unguard(text)) or {}
            for column, value in read.items():
                if value:
                    yield column, _meaning(layout, column, value), number


def _meaning(layout: Layout, column: str, text: str) -> str:
    """A text of a column as the mapping reads it."""
    return layout.values.get(column, {}).get(normalise(text) or text, text)


def _gathered(rows: Iterable[Row], resource: StrictResource) -> Iterator[Row]:
    """The rows of each key as one row: its members are numbered, what is not a member's own must not contradict."""
    spool = Spool()
    spots: dict[str, list[int]] = {}
    for row in rows:
        key = row.cells.pop(KEY, "")
        spots.setdefault(key and tidy(key), []).append(spool.add(row))
        if not key:
            lone = spool.read(spots.pop("")[0])
            lone.refuse(KEY, _("The row says not which record it belongs to: fill in the key."))
            yield lone
    for found in spots.values():
        whole: Row | None = None
        for number, row in enumerate(map(spool.read, found), start=1):
            own = {resource.member_column(name, number): text for name, text in row.cells.items()}
            for fault in row.faults:
                fault.column = resource.member_column(fault.column, number)
            row.cells = own
            if whole is None:
                whole = row
                continue
            for name, text in own.items():
                if whole.cells.setdefault(name, text) != text:
                    whole.refuse(
                        name,
                        _("Line %(line)s says “%(value)s” of the same record: keep one of the two.")
                        % {"line": row.line, "value": text},
                    )
            whole.faults += row.faults
            whole.outcome = whole.outcome or row.outcome
            whole.raw += row.raw
        if whole is not None:
            yield whole


@contextmanager
def rarely_swept() -> Iterator[None]:
    """Context manager: Python's cyclic garbage collector runs seldom within. (Also a decorator.)

    Rows are made by the thousand and dropped when nothing refers to them any more; looking through them again and again
    takes as long as all that is done with them.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@rarely_swept()
def plan_rows(
    batch: ImportBatch,
    resource: StrictResource,
    rows: Iterable[Row],
    *,
    store: Callable[[CursorWrapper, list[Row]], None],
    progress: Callable[[str, int], None] = lambda phase, done: None,
) -> tuple[Counter[str], Iterator[list[Row]]]:
    """Read every cell and decide the outcome of every row; each row gets exactly one, with all its faults at once.

    Every chunk of decided rows goes to `store` (`store_rows`, `compare_rows`). Gives the number of rows by outcome and
    the chunks of those to be written.
    """
    counts: Counter[str] = Counter()
    todo, spots = Spool(), []
    with connection.cursor() as cursor:
        for chunk in resource.decided(batch, rows, partial(progress, "reading")):
            if resource.within is not None:
                resource.guard([row for row in chunk if row.outcome in WRITTEN_OUTCOMES])
            counts.update(str(row.outcome) for row in chunk)
            store(cursor, chunk)
            resource.updated.update(row.record.pk for row in chunk if row.outcome == Outcome.UPDATED)
            if due := [row for row in chunk if row.outcome in WRITTEN_OUTCOMES]:
                spots.append(todo.add(due))
            progress("deciding", counts.total())
    return counts, map(todo.read, spots)


def store_rows(batch: ImportBatch) -> Callable[[CursorWrapper, list[Row]], None]:
    """Keep rows and what becomes of them with the batch."""

    def store(cursor: CursorWrapper, rows: list[Row]) -> None:
        copy_rows(
            cursor,
            ImportRow._meta.db_table,
            ("batch_id", "raw", *PLAN_COLUMNS),
            ((batch.pk, _array(row.raw), *_plan_values(row)) for row in rows),
        )

    return store


def compare_rows(cursor: CursorWrapper, rows: list[Row]) -> None:
    """Keep what becomes of rows in the temporary table `import_plan`, to be compared with what was planned before."""
    copy_said(cursor, "import_plan", rows)


def copy_said(cursor: CursorWrapper, table: str, rows: list[Row]) -> None:
    """Write what a plan says of rows into a table that has `PLAN_COLUMNS`."""
    copy_rows(cursor, table, PLAN_COLUMNS, map(_plan_values, rows))


def _plan_values(row: Row) -> tuple[Any, ...]:
    """Plan of a row as a tuple of `PLAN_COLUMNS`, in the form that the database keeps."""
    faults = [[fault.column, fault.value, str(fault.reason)] for fault in row.faults]
    changes = [[name, _shown(before), _shown(after)] for name, (before, after) in row.changes.items()]
    return (
        row.line,
        str(row.outcome),
        json.dumps(faults, ensure_ascii=False) if faults else "[]",
        json.dumps(changes, ensure_ascii=False) if changes else "[]",
        getattr(row.record, "pk", row.record),
        row.twin,
    )


def _shown(value: object) -> str:
    """A value before or after a change, as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, set | list | frozenset):
        return " | ".join(sorted(map(_shown, value)))
    return str(value)


def _array(texts: list[str]) -> str:
    """A PostgreSQL array of texts; a NUL, which the row is refused for, cannot be stored."""
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\ufffd") + '"' for text in texts)
    return "{" + ",".join(quoted) + "}"


def totals(counts: Counter[str]) -> dict[str, int]:
    """Number of rows by outcome, every outcome named."""
    return {outcome.value: counts[outcome.value] for outcome in Outcome}


def _row(line: int, cells: list[str], headers: list[str], layout: Layout) -> Row:
    """The cells of a row by column, blank ones left out; the constants where the file has nothing."""
    mapped = (*layout.columns, *layout.forms)
    filled = {index: text for index in mapped if index < len(cells) and (text := tidy(cells[index]))}
    named = layout.constants | {name: unguard(filled[at]) for at, name in layout.columns.items() if at in filled}
    row = Row(line, named, cells)
    _read_forms(row, filled, layout)
    for column in layout.values.keys() & named.keys():
        named[column] = _meaning(layout, column, named[column])
    if layout.clear_blanks:
        row.cleared = {column for index, column in layout.columns.items() if index not in filled}
    _check_shape(row, headers)
    return row


def _read_forms(row: Row, filled: dict[int, str], layout: Layout) -> None:
    """Read the columns within cells; a cell that has not the form stands in the first of them."""
    for index, form in layout.forms.items():
        if index not in filled:
            continue
        if (found := form.read(unguard(filled[index]))) is None:
            row.cells[form.columns[0]] = filled[index]
            row.refuse(form.columns[0], _("The cell has not the form “%s”: write it so.") % form.text)
        else:
            row.cells.update({name: value for name, value in found.items() if value})


def _check_shape(row: Row, headers: list[str]) -> None:
    """Refuse a row that repeats the headers, is longer than they are, or holds what the database does not take."""
    cells, width = row.raw, len(headers)
    # Most rows differ in the first cell: the others are not looked at.
    if len(cells) >= width and tidy(cells[0]) == headers[0] and list(map(tidy, cells[:width])) == headers:
        row.refuse("", _("The row repeats the headers: remove it."))
    if any(cell.strip() for cell in cells[width:]):
        row.refuse(
            "",
            _("The row has %(cells)s cells, the header %(headers)s: check its delimiters and quotation marks.")
            % {"cells": len(cells), "headers": width},
        )
    for column, text in row.cells.items():
        if "\0" in text:
            row.refuse(column, _("The value holds a NUL character: remove it."))
