"""Writing of the rows that were decided on, in bulk."""

from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from .cells import Later
from .columns import Links
from .errors import ImportRefused
from .layout_columns import LayoutColumns
from .models import Outcome
from .rows import Row


class RowWriting(LayoutColumns):
    """The part of a layout that makes and changes records."""

    def prepare(self, cursor: CursorWrapper) -> None:
        """Get ready to write the rows that were decided on; for subclasses."""

    def ready(self, rows: list[Row]) -> None:
        """Get ready to write a chunk, before anything of it may be refused; for subclasses."""

    def create(self, rows: list[Row]) -> None:
        """Make the records of rows, in bulk."""
        for row in rows:
            attributes: dict[str, Any] = {}
            for name, value in row.values.items():
                if not isinstance(self.fields[name], Links) and not isinstance(value, Later):
                    attributes |= self.fields[name].assigned(value)
            row.record = self.model(**attributes)
        self.model._default_manager.bulk_create([row.record for row in rows], batch_size=2000)
        self.link(rows)

    def update(self, rows: list[Row]) -> None:
        """Change the records of rows, in bulk."""
        targets = set()
        for row in rows:
            for name, (_before, value) in row.changes.items():
                if isinstance(self.fields[name], Links) or isinstance(value, Later):
                    continue
                for target, assigned in self.fields[name].assigned(value).items():
                    setattr(row.record, target, assigned)
                    targets.add(target)
        if targets:
            self.model._default_manager.bulk_update([row.record for row in rows], sorted(targets), batch_size=500)
        self.link(rows)

    def link(self, rows: list[Row]) -> None:
        """Write the links that rows list: those of new records, and those that changed."""
        for name, column in self.fields.items():
            if not isinstance(column, Links):
                continue
            field, through = column.field(self.model)
            own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
            links, dropped = [], set()
            for row in rows:
                if row.outcome == Outcome.UPDATED and name not in row.changes:
                    continue
                before, value = row.changes.get(name, (set(), row.values.get(name, [])))
                dropped |= {(row.record.pk, pk) for pk in set(before) - set(value)}
                links += [through(**{own: row.record.pk, other: pk}) for pk in value if pk not in before]
            if dropped:
                owners = through._default_manager.filter(**{f"{own}__in": {pk for pk, _linked in dropped}})
                gone = [pk for pk, *pair in owners.values_list("pk", own, other) if tuple(pair) in dropped]
                through._default_manager.filter(pk__in=gone).delete()
            through._default_manager.bulk_create(links, batch_size=5000)

    def finish(self, rows: list[Row]) -> None:
        """Fill in the references between records of the same file, once all are made."""
        for name, column in self.fields.items():
            waiting = [row for row in rows if isinstance(row.values.get(name), Later)]
            if not waiting:
                continue
            widget = self.lookup_of(name)
            widget.forget()
            for row in waiting:
                try:
                    setattr(row.record, column.target, widget.clean(str(row.values[name])))
                except ValueError as error:  # the database refused the record it refers to
                    raise ImportRefused(_("Line %(line)s: %(fault)s") % {"line": row.line, "fault": error}) from None
            self.model._default_manager.bulk_update([row.record for row in waiting], [column.target])
