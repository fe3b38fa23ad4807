"""Tables with history, and the foreign keys between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models


@dataclass(frozen=True)
class HistoryTable:
    """A table with history."""

    model: type[models.Model]
    events_model: type[models.Model]

    @property
    def name(self) -> str:
        """The table itself."""
        return self.model._meta.db_table

    @property
    def events(self) -> str:
        """The table of its events."""
        return self.events_model._meta.db_table

    @property
    def twin(self) -> str:
        """The temporary table of what is to be done with its rows."""
        return f"undo_{self.name}"

    @property
    def key(self) -> str:
        """The primary key."""
        return str(self.model._meta.pk.column)

    @property
    def has_reference(self) -> bool:
        """True if its rows are records with a reference."""
        return any(column.name == "reference" for column in self.model._meta.local_fields)

    @cached_property
    def columns(self) -> list[str]:
        """The columns that the events keep."""
        kept = {column.column for column in self.events_model._meta.local_concrete_fields}
        return [str(column.column) for column in self.model._meta.local_concrete_fields if column.column in kept]

    @cached_property
    def missing(self) -> dict[str, Any]:
        """Defaults of the columns that the events do not keep."""
        return {
            str(column.column): column.get_default()
            for column in self.model._meta.local_concrete_fields
            if column.column not in self.columns and not column.generated and not column.has_db_default()
        }

    def row(self, event: str) -> str:
        """SQL: the columns of an event as one value."""
        return "ROW(" + ", ".join(f'{event}."{column}"' for column in self.columns) + ")"


def history_tables() -> list[HistoryTable]:
    """All tables with history; those that others refer to come first."""
    return [
        HistoryTable(tracked, events)
        for events in apps.get_models()
        if (tracked := getattr(events, "pgh_tracked_model", None)) is not None and not events._meta.proxy
    ]


@dataclass(frozen=True)
class TableLink:
    """A foreign key to a table with history. `own` is the table that it is of, if that has history too."""

    column: models.ForeignKey[object, object]
    own: HistoryTable | None
    other: HistoryTable

    @property
    def belongs(self) -> bool:
        """True if its rows are parts of the record that they refer to."""
        return self.own is not None and self.column.remote_field.on_delete is models.CASCADE

    @property
    def table(self) -> HistoryTable:
        """Its own table, of one that belongs."""
        if self.own is None:
            raise LookupError(f"{self.column} is of a table without history.")
        return self.own


def table_links(everything: list[HistoryTable]) -> Iterator[TableLink]:
    """The foreign keys to tables with history; history's own are none."""
    by_model = {table.model: table for table in everything}
    events = {table.events_model for table in everything}
    for model in apps.get_models(include_auto_created=True):
        if model in events or model._meta.proxy or not model._meta.managed:
            continue
        for column in model._meta.local_fields:
            if isinstance(column, models.ForeignKey) and (other := by_model.get(column.related_model)):
                yield TableLink(column, by_model.get(model), other)


def tables_of_records(written: set[HistoryTable], links: list[TableLink]) -> set[HistoryTable]:
    """The tables of the records that rows of the written ones are parts of, and those of all their parts."""
    parts = [link for link in links if link.belongs]
    found = set(written)
    for from_part in (True, False):
        size = 0
        while size < len(found):
            size = len(found)
            found |= {
                (link.other if from_part else link.table)
                for link in parts
                if (link.table if from_part else link.other) in found
            }
    return found
