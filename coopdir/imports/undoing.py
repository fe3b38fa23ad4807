"""Take back what a batch wrote, from the history: what it made goes, what it changed is as before.

A record that somebody has touched since is kept whole, and named. Taking back is itself in the history, and is taken
back in the same way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.apps import apps
from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from coopdir.listing import live

from .applying import CHUNK, Refused, begin
from .models import ImportBatch, ImportStatus

MOST_NAMED = 100
"""Records kept that are named."""


@dataclass(slots=True)
class Undone:
    """What was taken back: rows removed, brought back and restored, and the records that were kept."""

    removed: int = 0
    brought_back: int = 0
    restored: int = 0
    kept: list[models.Model] = field(default_factory=list)
    kept_total: int = 0


@dataclass(frozen=True)
class _Table:
    """A table with history: its name, key and columns, and the same of its events."""

    model: type[models.Model]
    events: type[models.Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        return self.model._meta.pk.column

    @property
    def columns(self) -> list[str]:
        """The columns that the events keep."""
        kept = {column.column for column in self.events._meta.local_concrete_fields}
        return [column.column for column in self.model._meta.local_concrete_fields if column.column in kept]

    @property
    def missing(self) -> dict[str, Any]:
        """What columns that the events do not keep begin with."""
        return {
            column.column: column.get_default()
            for column in self.model._meta.local_concrete_fields
            if column.column not in self.columns and not column.generated and not column.has_db_default()
        }


def tables() -> list[_Table]:
    """All tables with history."""
    return [
        _Table(events.pgh_tracked_model, events)
        for events in apps.get_models()
        if getattr(events, "pgh_tracked_model", None) is not None and not events._meta.proxy
    ]


def undo(batch: ImportBatch, *, by: Any = None) -> Undone:
    """Take back the last step of a batch: its import, or the taking back of it. Raises `Refused`."""
    step = batch.options.get("step", 0)
    undone = Undone()
    with transaction.atomic():
        begin()
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.status not in (ImportStatus.APPLIED, ImportStatus.UNDONE, ImportStatus.UNDOING):
            raise Refused(_("Only what was imported can be taken back."))
        user = {"user": by.pk} if by is not None else {}
        with (
            connection.cursor() as cursor,
            pghistory.context(undoes=batch.reference, step=step + 1, **user),
        ):
            _undo(cursor, batch.reference, step, undone)
        batch.options["step"] = step + 1
        batch.status = ImportStatus.APPLIED if step % 2 else ImportStatus.UNDONE
        batch.save(update_fields=["options", "status"])
        if undone.removed + undone.restored + undone.brought_back > CHUNK:
            live.store_all()
    return undone


def _undo(cursor: CursorWrapper, reference: str, step: int, undone: Undone) -> None:
    if step:
        contexts = "metadata ->> 'undoes' = %s AND metadata ->> 'step' = %s"
        values = [reference, str(step)]
    else:
        contexts, values = "metadata ->> 'batch' = %s", [reference]
    cursor.execute("DROP TABLE IF EXISTS undo_context, undo_row")
    cursor.execute(
        f"CREATE TEMPORARY TABLE undo_context AS SELECT id FROM pghistory_context WHERE {contexts}",  # noqa: S608
        values,
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE undo_row"
        " (place text, pk text, act text, event bigint, kept boolean, PRIMARY KEY (place, pk))"
    )
    touched = [table for table in tables() if _collect(cursor, table)]
    _keep_whole(cursor, touched)
    undone.kept, undone.kept_total = _kept(cursor, touched)
    for table in touched:
        undone.brought_back += _bring_back(cursor, table)
    for table in touched:
        undone.restored += _restore(cursor, table)
    for table in reversed(touched):
        cursor.execute(
            f"DELETE FROM {table.name} USING undo_row"  # noqa: S608 (names of tables)
            " WHERE undo_row.place = %s AND act = 'remove' AND NOT kept"
            f" AND {table.name}.{table.key}::text = undo_row.pk",
            [table.name],
        )
        undone.removed += cursor.rowcount
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    cursor.execute("DROP TABLE undo_context, undo_row")


def _collect(cursor: CursorWrapper, table: _Table) -> int:
    """Write down what is to be done with the rows of a table; gives their number.

    `event` is the event that holds a row as it was before. A row that has a later event is kept.
    """
    events = table.events._meta.db_table
    cursor.execute(
        f"""
        INSERT INTO undo_row
        SELECT %(name)s, pgh_obj_id::text,
            CASE WHEN first_label = 'insert' THEN 'remove' WHEN last_label = 'delete' THEN 'bring back'
                ELSE 'restore' END,
            CASE WHEN first_label = 'delete' THEN first_event ELSE before END,
            later
        FROM (
            SELECT pgh_obj_id, first_label, last_label, first_event,
                (SELECT max(pgh_id) FROM {events} AS b WHERE b.pgh_obj_id = done.pgh_obj_id AND b.pgh_id < first_event)
                    AS before,
                EXISTS (SELECT FROM {events} AS l WHERE l.pgh_obj_id = done.pgh_obj_id AND l.pgh_id > last_event)
                    AS later
            FROM (
                SELECT pgh_obj_id, min(pgh_id) AS first_event, max(pgh_id) AS last_event,
                    (array_agg(pgh_label ORDER BY pgh_id))[1] AS first_label,
                    (array_agg(pgh_label ORDER BY pgh_id DESC))[1] AS last_label
                FROM {events} WHERE pgh_context_id IN (SELECT id FROM undo_context)
                GROUP BY pgh_obj_id
            ) AS done
        ) AS found
        WHERE NOT (first_label = 'insert' AND last_label = 'delete')
        """,  # noqa: S608
        {"name": table.name},
    )
    return cursor.rowcount


def _links(touched: list[_Table]) -> Iterator[tuple[models.ForeignKey, str, str, bool]]:
    """The foreign keys to a touched table: the key, its own table, the other one, and whether rows belong there."""
    names = {table.name for table in touched}
    for table in tables():
        for column in table.model._meta.local_fields:
            if isinstance(column, models.ForeignKey) and column.related_model._meta.db_table in names:
                belongs = column.remote_field.on_delete is models.CASCADE
                yield column, table.name, column.related_model._meta.db_table, belongs


def _keep_whole(cursor: CursorWrapper, touched: list[_Table]) -> None:
    """A record of which one row is kept is kept with all its rows, and so is what others have come to need."""
    changed = True
    while changed:
        changed = False
        for column, own, other, belongs in _links(touched):
            own_key = column.model._meta.pk.column
            join = f"""
                FROM {own} AS child JOIN undo_row AS parent
                    ON parent.place = %(other)s AND child.{column.column}::text = parent.pk
                LEFT JOIN undo_row AS row ON row.place = %(own)s AND row.pk = child.{own_key}::text
            """
            # What is needed by a row that stays, stays.
            cursor.execute(
                f"""
                UPDATE undo_row SET kept = true WHERE NOT kept AND act = 'remove' AND place = %(other)s AND pk IN (
                    SELECT parent.pk {join} WHERE row.pk IS NULL OR row.kept OR row.act <> 'remove'
                )
                """,  # noqa: S608
                {"own": own, "other": other},
            )
            changed |= bool(cursor.rowcount)
            if not belongs:
                continue
            for kept, name, pk in (("row", other, "parent.pk"), ("parent", own, "row.pk")):
                cursor.execute(
                    f"""
                    UPDATE undo_row SET kept = true WHERE NOT kept AND place = %(name)s AND pk IN (
                        SELECT {pk} {join} WHERE {kept}.kept AND row.pk IS NOT NULL
                    )
                    """,  # noqa: S608
                    {"own": own, "other": other, "name": name},
                )
                changed |= bool(cursor.rowcount)


def _kept(cursor: CursorWrapper, touched: list[_Table]) -> tuple[list[models.Model], int]:
    """The records that are kept, the first by name: those that have a reference of their own."""
    kept: list[models.Model] = []
    total = 0
    for table in touched:
        if not any(column.name == "reference" for column in table.model._meta.local_fields):
            continue
        cursor.execute("SELECT pk FROM undo_row WHERE place = %s AND kept ORDER BY length(pk), pk", [table.name])
        pks = [pk for (pk,) in cursor.fetchall()]
        total += len(pks)
        kept += table.model._default_manager.filter(pk__in=pks[: MOST_NAMED - len(kept)])
    return kept, total


def _bring_back(cursor: CursorWrapper, table: _Table) -> int:
    columns = [f'"{column}"' for column in table.columns]
    missing = table.missing
    names = ", ".join([*columns, *(f'"{column}"' for column in missing)])
    values = ", ".join([*(f"event.{column}" for column in columns), *(["%s"] * len(missing))])
    cursor.execute(
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM undo_row"  # noqa: S608
        f" JOIN {table.events._meta.db_table} AS event ON event.pgh_id = undo_row.event"
        " WHERE undo_row.place = %s AND act = 'bring back' AND NOT kept",
        [*missing.values(), table.name],
    )
    return cursor.rowcount


def _restore(cursor: CursorWrapper, table: _Table) -> int:
    changed = [column for column in table.columns if column not in (table.key, "reference")]
    if not changed:
        return 0
    values = ", ".join(f'"{column}" = event."{column}"' for column in changed)
    cursor.execute(
        f"UPDATE {table.name} SET {values} FROM undo_row"  # noqa: S608
        f" JOIN {table.events._meta.db_table} AS event ON event.pgh_id = undo_row.event"
        f" WHERE undo_row.place = %s AND act = 'restore' AND NOT kept AND {table.name}.{table.key}::text = undo_row.pk",
        [table.name],
    )
    return cursor.rowcount
