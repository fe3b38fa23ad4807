"""Decisions on rows: which record a row is about, and what it changes."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core.fields import models_of, reference_of

from .columns import Links
from .models import ImportBatch, Outcome
from .row_reading import RowReading
from .rows import WRITTEN_OUTCOMES, Row


class RowDecisions(RowReading):
    """The part of a layout that finds the record of each row and gives it its outcome."""

    def decided(
        self, batch: ImportBatch, rows: Iterable[Row], progress: Callable[[int], None] = lambda done: None
    ) -> Iterator[list[Row]]:
        """The rows of a batch with their outcomes, a chunk after the other: here all at once."""
        self.batch = batch
        decided = decide_at_once(self, rows)
        progress(len(decided))
        yield decided

    def linked(self) -> dict[str, dict[Any, set[Any]]]:
        """Stored links by column: record's primary key → primary keys of the linked records."""
        stored: dict[str, dict[Any, set[Any]]] = {}
        for name, column in self.fields.items():
            if isinstance(column, Links):
                field, through = column.field(self.model)
                pairs = through._default_manager.values_list(field.m2m_field_name(), field.m2m_reverse_field_name())
                stored[name] = defaultdict(set)
                for own, other in pairs:
                    stored[name][own].add(other)
        return stored

    def complete(self, row: Row) -> None:
        """Add to the row's values what follows from them; for subclasses."""

    def identity_keys(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The keys by which a record of these values is found, strongest first."""
        return [
            (identity, *(values.get(column) for column in identity))
            for identity in self.identities
            if values.get(identity[0]) is not None
        ]

    def row_keys(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The keys of a row. The last identity, a name, counts only where the row gives nothing stronger."""
        keys = self.identity_keys(values)
        return keys if len(keys) == 1 else [key for key in keys if key[0] != self.identities[-1]]

    def check_new_references(self, rows: list[Row]) -> None:
        """Refuse new records with a reference of the wrong form, or one that a record has or had.

        Only who may write everywhere brings references: the others would learn which ones are taken by what they cannot
        see.
        """
        given = {row.values["reference"]: row for row in rows if row.values.get("reference")}
        if not given or not self.prefix:
            return
        taken: dict[str, models.Model] = {}
        for model in models_of(self.prefix):  # claims of both apps share a letter
            known = model._default_manager.filter(reference__in=given)
            taken.update((reference_of(record), record) for record in known if self.sees(record))
        for reference, row in given.items():
            if not re.fullmatch(rf"{self.prefix}[1-9][0-9]{{0,8}}", reference):
                row.refuse(
                    "reference",
                    _("A reference here is the letter %s and a number; leave it blank for the next free one.")
                    % self.prefix,
                )
            elif record := taken.get(reference):
                survivor = getattr(record, "merged_into", None)
                row.refuse(
                    "reference",
                    _("This reference belonged to a record that was merged into %s: write that one.")
                    % survivor.reference
                    if survivor
                    else _("This reference belongs to another record, or to one that was withdrawn."),
                )
            elif self.within is not None:
                row.refuse(
                    "reference",
                    _("No record has this reference: correct it, or leave it blank for a new one."),
                )

    def decide(self, rows: list[Row]) -> None:
        """Give each row its outcome: find its record, or the row it repeats, and what it would change."""
        stored, links = self._by_identity(), self.linked()
        seen: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            self.complete(row)
            if row.outcome:
                continue
            keys = self.row_keys(row.values)
            records = {record.pk: record for key in keys for record in stored.get(key, ())}
            twin = next((seen[key] for key in (*keys, *records) if key in seen), None)
            if twin is not None:
                self._repeat(row, twin)
            elif len(records) > 1:
                row.refuse(
                    keys[0][0][0],
                    _("The row fits several records: %s. Correct it, or write the reference of the one that is meant.")
                    % ", ".join(f"{record} ({getattr(record, 'reference', pk)})" for pk, record in records.items()),
                )
            else:
                seen.update(dict.fromkeys((*keys, *records), row))
                row.record = next(iter(records.values()), None)
                if row.record is None:
                    self._create(row)
                else:
                    self._update(row, links)
        self.check_new_references([row for row in rows if row.outcome == Outcome.CREATED])

    def _by_identity(self) -> dict[tuple[Any, ...], list[models.Model]]:
        """The stored records by the keys that they are found by."""
        stored: dict[tuple[Any, ...], list[models.Model]] = defaultdict(list)
        for record in self.existing():
            values = {name: self.fields[name].stored(record) for identity in self.identities for name in identity}
            for key in self.identity_keys(values):
                stored[key].append(record)
        return stored

    def _create(self, row: Row) -> None:
        """The outcome of a row without a record: a new one, if all is given that it needs."""
        for name, column in self.fields.items():
            if column.required and row.values.get(name) in (None, ""):
                row.refuse(name, _("A new record needs this value."))
        row.outcome = row.outcome or Outcome.CREATED

    def _update(self, row: Row, links: dict[str, dict[Any, set[Any]]]) -> None:
        """The outcome of a row with a record: what differs is changed, but for the reference."""
        row.changes = self.compare(row, links)
        if "reference" in row.changes:
            row.refuse("reference", _("The record has another reference: %s.") % row.record.reference)
        row.outcome = row.outcome or (Outcome.UPDATED if row.changes else Outcome.UNCHANGED)

    def compare(self, row: Row, links: dict[str, dict[Any, set[Any]]]) -> dict[str, tuple[Any, Any]]:
        """Diff between a row and its record: column → before, after. A blank cell keeps what is stored."""
        changes = {}
        for name, value in row.values.items():
            column = self.fields[name]
            if isinstance(column, Links):
                before: Any = links[name].get(row.record.pk, set())
                if before != set(value):
                    changes[name] = (before, value)
            elif (before := column.stored(row.record)) != value:
                changes[name] = (before, value)
        for name in row.cleared:
            column = self.fields[name]
            if isinstance(column, Links):
                if before := links[name].get(row.record.pk, set()):
                    changes[name] = (before, [])
            elif not column.required and (before := column.stored(row.record)) != (empty := column.empty(self.model)):
                changes[name] = (before, empty)
        return changes

    def _repeat(self, row: Row, twin: Row) -> None:
        """A row about the same record as an earlier one repeats it, or contradicts it."""
        row.twin = twin.line
        differing = [name for name, value in row.values.items() if twin.values.get(name) != value]
        if differing:
            row.refuse(
                differing[0],
                _("Line %(line)s is about the same record and says “%(value)s”: keep one of the two.")
                % {"line": twin.line, "value": twin.cells.get(differing[0], "")},
            )
        else:
            row.outcome = Outcome.DUPLICATE


def decide_at_once(resource: RowDecisions, rows: Iterable[Row]) -> list[Row]:
    """Decide on all rows together, in memory: for layouts of few rows, which may refer to each other."""
    rows = list(rows)
    resource.announce(rows)
    for row in rows:
        if not row.outcome:
            resource.read_row(row)
    resource.examine(rows)
    resource.decide([row for row in rows if not row.outcome])
    _refuse_orphans(resource, rows)
    return rows


def _refuse_orphans(resource: RowDecisions, rows: list[Row]) -> None:
    """Refuse the rows that need a record which the file was to make, but whose own row was refused."""
    kept = [row for row in rows if row.outcome in WRITTEN_OUTCOMES]
    orphans = [(row, name) for row in kept for name in resource.orphaned(row, kept)]
    for row, name in orphans:
        row.refuse(name, _("The row of the record that this one refers to was refused: correct that one too."))
    if orphans:
        _refuse_orphans(resource, rows)
