"""Undo of a batch, from the history: records that it created are removed, those that it changed get their former
values.

A record that somebody has touched since is kept whole, and named, and so is what others have come to need. Taking back
is itself in the history, and is taken back in the same way.

Of every table with history, one that a batch may have to do with has a temporary twin, a row for each of its rows that
the batch or somebody since has written: what to do with it, and whether it is kept. The rest is done in sets.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.database.contention import retried, state_of
from core.facets import live_index
from core.history import own_context

from .apply import begin
from .errors import ImportRefused, constraint_message
from .models import ImportBatch, ImportStatus
from .rows import ROWS_PER_CHUNK, WRITTEN_OUTCOMES

_MAX_NAMED = 100
"""Records kept that are named."""

ATTEMPTS = 3
"""Number of attempts, should others write the same rows meanwhile."""

EDITED, NEEDED, ALONG = 1, 2, 3
"""Reasons why a row is kept: somebody has written it since, something else refers to it, or a row of these goes with
it."""

FOREIGN_KEY_VIOLATION = "23503"


@dataclass(slots=True)
class Undone:
    """Result of an undo: number of rows removed, brought back and restored; and the records that were kept because
    somebody has written them since, or because others refer to them."""

    removed: int = 0
    brought_back: int = 0
    restored: int = 0
    kept: list[models.Model] = field(default_factory=list)
    kept_total: int = 0

    @property
    def rows(self) -> int:
        """All the rows written."""
        return self.removed + self.brought_back + self.restored


class _Overtaken(Exception):
    """Exception: somebody wrote one of the rows during the undo."""


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


@retried
def undo_import(
    batch: ImportBatch, *, by: Any = None, tell: Callable[[str, int], None] = lambda phase, done: None
) -> Undone:
    """Undo a batch, or undo its undo where that was the last step. Raises `ImportRefused`."""
    with transaction.atomic():
        begin()
        batch = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
        if batch.status not in (ImportStatus.APPLIED, ImportStatus.UNDONE, ImportStatus.UNDOING):
            raise ImportRefused(_("Only what was imported can be undone."))
        step = batch.options.get("step", 0)
        user = {"user": by.pk} if by is not None else {}
        for attempt in range(ATTEMPTS):
            try:
                with (
                    transaction.atomic(),
                    own_context(action="undo", undoes=batch.reference, step=step + 1, **user),
                    connection.cursor() as cursor,
                ):
                    undone = _Taking(cursor, batch, step, tell).back()
                break
            except (IntegrityError, _Overtaken) as error:
                reason = _("others are writing the same records.")
                if isinstance(error, IntegrityError) and state_of(error) != FOREIGN_KEY_VIOLATION:
                    reason = constraint_message(error)
                elif attempt + 1 < ATTEMPTS:
                    continue
                raise ImportRefused(_("It cannot be undone: %s") % reason) from None
        batch.options["step"] = step + 1
        batch.status = ImportStatus.APPLIED if step % 2 else ImportStatus.UNDONE
        batch.save(update_fields=["options", "status"])
        if undone.rows > ROWS_PER_CHUNK:
            live_index.store_all(sum(batch.counts.get(outcome, 0) for outcome in WRITTEN_OUTCOMES))
    return undone


@dataclass(frozen=True)
class _Link:
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


class _Taking:
    """State of one undo. Of the batch's steps (0 the import, 1 its undo, 2 the undo of that …) `step` was the last."""

    def __init__(self, cursor: CursorWrapper, batch: ImportBatch, step: int, tell: Callable[[str, int], None]) -> None:
        self.cursor = cursor
        self.reference = batch.reference
        self.has_written = any(batch.counts.get(outcome) for outcome in WRITTEN_OUTCOMES)
        self.step = step
        self.tell = tell

    def back(self) -> Undone:
        """Run the undo; gives what was written. Raises `_Overtaken`, ``IntegrityError``, or `ImportRefused` where the
        history does not tell what the batch wrote, as of those of the first version."""
        everything = history_tables()
        self._find_contexts()
        written = {table for table in everything if self._is_written(table)}
        if self.has_written and not written and not self.step:
            raise ImportRefused(
                _(
                    "An earlier version of the directory imported this file without recording"
                    " which records came from it:"
                    " nothing was undone. Correct or withdraw these records one by one."
                )
            )
        self.links = list(_links(everything))
        self.tables = [table for table in everything if table in _records(written, self.links)]
        for table in everything:
            self.cursor.execute(f"DROP TABLE IF EXISTS {table.twin}")
        for number, table in enumerate(self.tables):
            self._collect(table)
            self.tell("collecting", number)
        self._keep_what_others_need()
        if any(self._kept(table) for table in self.tables):
            self._keep_whole()
        undone = Undone()
        undone.kept, undone.kept_total = self._named()
        for table in sorted(self.tables, key=lambda table: table.name):
            self._lock(table)
        # A record goes before its parts, which then have nothing to bring up to date in it. What is unique is free
        # before others take it.
        for act, count in ((self._remove, "removed"), (self._restore, "restored"), (self._bring_back, "brought_back")):
            for table in self.tables:
                act(table)
                setattr(undone, count, getattr(undone, count) + self.cursor.rowcount)
                self.tell("undoing", undone.rows)
        self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in self.tables:
            self._check_not_overtaken(table)
            self.cursor.execute(f"DROP TABLE {table.twin}")
        return undone

    # What was written

    def _find_contexts(self) -> None:
        """Collect the contexts of the history to be undone: all of the batch's own, or those of the last undo."""
        if self.step % 2:
            contexts = "metadata ->> 'undoes' = %s AND metadata ->> 'step' = %s"
            values = [self.reference, str(self.step)]
        else:
            contexts, values = "%s IN (metadata ->> 'batch', metadata ->> 'undoes')", [self.reference]
        self.cursor.execute("DROP TABLE IF EXISTS undo_context")
        self.cursor.execute(
            f"CREATE TEMPORARY TABLE undo_context AS SELECT id, created_at FROM pghistory_context WHERE {contexts}",  # noqa: S608
            values,
        )

    def _is_written(self, table: HistoryTable) -> bool:
        self.cursor.execute(
            f"SELECT EXISTS (SELECT FROM {table.events} WHERE pgh_context_id IN (SELECT id FROM undo_context))"  # noqa: S608
        )
        return bool(self.cursor.fetchone()[0])

    def _collect(self, table: HistoryTable) -> None:
        """Write down the rows of a table that the batch wrote, or somebody since.

        `before` is the event that holds a row as it was before the batch, `was` as the batch left it, `now` as it is.
        What a row was that is older than its history is not known: it is kept.
        """
        differs = f"{table.row('{0}')} IS DISTINCT FROM {table.row('{1}')}"
        self.cursor.execute(
            f"""
            CREATE TEMPORARY TABLE {table.twin} AS
            WITH written AS MATERIALIZED (
                SELECT pgh_id, pgh_obj_id, pgh_label, pgh_created_at, context.id IS NOT NULL AS ours
                FROM {table.events} LEFT JOIN undo_context AS context ON context.id = pgh_context_id
                WHERE context.id IS NOT NULL OR pgh_created_at > (SELECT min(created_at) FROM undo_context)
                    OR pgh_id > (
                        SELECT min(pgh_id) FROM {table.events} WHERE pgh_context_id IN (SELECT id FROM undo_context)
                    )
            ),
            ours AS (
                SELECT pgh_obj_id, min(pgh_id) AS first, max(pgh_id) AS last FROM written WHERE ours GROUP BY 1
            ),
            since AS (
                SELECT pgh_obj_id, min(pgh_id) AS first, max(pgh_id) AS last FROM written WHERE NOT ours GROUP BY 1
            ),
            found AS (
                SELECT pgh_obj_id AS pk, ours.first IS NOT NULL AS ours, coalesce(ours.first, since.first) AS first,
                    ours.last, greatest(ours.last, since.last) AS now
                FROM ours FULL JOIN since USING (pgh_obj_id)
            )
            SELECT found.pk, found.now, before.pgh_id AS before,
                CASE
                    WHEN NOT found.ours THEN NULL
                    WHEN began.pgh_label = 'insert' THEN CASE WHEN now.pgh_label <> 'delete' THEN 'remove' END
                    WHEN now.pgh_label = 'delete' THEN 'bring back'
                    WHEN {differs.format("before", "now")} THEN 'restore'
                END AS act,
                CASE
                    WHEN found.ours AND began.pgh_label <> 'insert' AND before.pgh_id IS NULL THEN {EDITED}
                    WHEN found.now = found.last OR now.pgh_label = 'delete' AND was.gone THEN NULL
                    WHEN now.pgh_label = 'delete' OR was.gone OR {differs.format("was", "now")} THEN {EDITED}
                END AS kept,
                found.ours
            FROM found
            JOIN {table.events} AS began ON began.pgh_id = found.first
            JOIN {table.events} AS now ON now.pgh_id = found.now
            LEFT JOIN LATERAL (
                SELECT * FROM {table.events} AS one
                WHERE began.pgh_label <> 'insert' AND one.pgh_obj_id = found.pk
                    AND one.pgh_id <= CASE began.pgh_label WHEN 'delete' THEN found.first ELSE found.first - 1 END
                ORDER BY one.pgh_id DESC LIMIT 1
            ) AS before ON true
            LEFT JOIN LATERAL (
                SELECT *, pgh_label = 'delete' OR NOT found.ours AND began.pgh_label = 'insert' AS gone
                FROM {table.events} AS one
                WHERE found.now IS DISTINCT FROM found.last
                    AND one.pgh_id = coalesce(found.last, before.pgh_id, found.first)
            ) AS was ON true
            """  # noqa: S608 (names of tables)
        )
        self.cursor.execute(f"ALTER TABLE {table.twin} ADD PRIMARY KEY (pk)")
        self.cursor.execute(f"ANALYZE {table.twin}")

    # What is kept

    def _keep_what_others_need(self) -> None:
        """Keep the rows to be removed that rows refer to which the batch did not write, or that somebody names.

        Records are named by their reference in the columns that a model lists in ``refers_by``.
        """
        for link in self.links:
            self._keep_needed(link, NEEDED, "own.ours")
        for model in apps.get_models():
            for column in getattr(model, "refers_by", ()):
                for table in self.tables:
                    if table.has_reference:
                        self.cursor.execute(
                            f"UPDATE {table.twin} AS other SET kept = {NEEDED} FROM {table.name} AS record"  # noqa: S608
                            f" WHERE other.act = 'remove' AND other.kept IS NULL AND record.{table.key} = other.pk"
                            f" AND record.reference IN (SELECT {column} FROM {model._meta.db_table})"
                        )

    def _keep_needed(self, link: _Link, rank: int, passing: str) -> int:
        """Keep the rows to be removed that others refer to; those whose twin is `passing` do not count."""
        if link.other not in self.tables:
            return 0
        own = link.column.model._meta
        passes = (
            f"EXISTS (SELECT FROM {link.table.twin} AS own WHERE own.pk = child.{own.pk.column} AND {passing})"
            if link.own in self.tables
            else "false"
        )
        self.cursor.execute(
            f"UPDATE {link.other.twin} AS other SET kept = {rank} WHERE act = 'remove' AND kept IS NULL AND EXISTS"  # noqa: S608
            f" (SELECT FROM {own.db_table} AS child WHERE child.{link.column.column} = other.pk AND NOT {passes})"
        )
        return int(self.cursor.rowcount)

    def _kept(self, table: HistoryTable) -> bool:
        self.cursor.execute(f"SELECT EXISTS (SELECT FROM {table.twin} WHERE kept IS NOT NULL)")  # noqa: S608
        return bool(self.cursor.fetchone()[0])

    def _keep_whole(self) -> None:
        """Keep a record whole: if one of its rows is kept, so are all of them, and the rows that they refer to."""
        parts = [link for link in self.links if link.belongs and {link.table, link.other} <= {*self.tables}]
        references = [link for link in self.links if link.own in self.tables]
        leaves = "own.act IS NOT NULL AND own.kept IS NULL"
        while True:
            changed = sum(map(self._keep_record, parts)) + sum(map(self._keep_part, parts))
            changed += sum(self._keep_needed(link, ALONG, leaves) for link in references)
            if not changed:
                return

    def _keep_record(self, link: _Link) -> int:
        """Keep the records of kept rows, also those that the batch did not write itself."""
        self.cursor.execute(
            f"""
            INSERT INTO {link.other.twin} AS record (pk, now, kept, ours)
            SELECT pk, (SELECT max(pgh_id) FROM {link.other.events} WHERE pgh_obj_id = pk), kept, ours
            FROM (
                SELECT event.{link.column.column} AS pk, min(own.kept) AS kept, bool_or(own.ours) AS ours
                FROM {link.table.twin} AS own JOIN {link.table.events} AS event ON event.pgh_id = own.now
                WHERE own.kept IS NOT NULL AND event.{link.column.column} IS NOT NULL
                GROUP BY 1
            ) AS parts
            ON CONFLICT (pk) DO UPDATE SET kept = least(record.kept, excluded.kept), ours = record.ours OR excluded.ours
            WHERE (record.kept, record.ours)
                IS DISTINCT FROM (least(record.kept, excluded.kept), record.ours OR excluded.ours)
            """  # noqa: S608
        )
        return int(self.cursor.rowcount)

    def _keep_part(self, link: _Link) -> int:
        """Keep the rows of kept records."""
        self.cursor.execute(
            f"""
            UPDATE {link.table.twin} AS own SET kept = {ALONG}
            FROM {link.table.events} AS event, {link.other.twin} AS record
            WHERE event.pgh_id = own.now AND record.pk = event.{link.column.column}
                AND record.kept IS NOT NULL AND own.kept IS NULL
            """  # noqa: S608
        )
        return int(self.cursor.rowcount)

    def _named(self) -> tuple[list[models.Model], int]:
        """The first of the records kept that somebody has written or needs, and their number."""
        kept: list[models.Model] = []
        total = 0
        for table in self.tables:
            if table.has_reference:
                self.cursor.execute(
                    f"SELECT pk FROM {table.twin} JOIN {table.name} AS record ON record.{table.key} = pk"  # noqa: S608
                    f" WHERE ours AND kept < {ALONG} ORDER BY kept, pk"
                )
                pks = [pk for (pk,) in self.cursor.fetchall()]
                total += len(pks)
                found = table.model._default_manager.in_bulk(pks[: _MAX_NAMED - len(kept)])
                kept += [found[pk] for pk in pks if pk in found]
        return kept, total

    # What is done

    def _lock(self, table: HistoryTable) -> None:
        """Keep others from the rows to be written, in the order in which everybody locks (`contention.lock_rows`)."""
        self.cursor.execute(
            f"SELECT FROM {table.name} JOIN {table.twin} AS twin ON twin.pk = {table.name}.{table.key}"
            " WHERE twin.act IN ('remove', 'restore') AND twin.kept IS NULL"
            f" ORDER BY {table.name}.{table.key} FOR UPDATE OF {table.name}"
        )

    def _remove(self, table: HistoryTable) -> None:
        self.cursor.execute(
            f"DELETE FROM {table.name} USING {table.twin} AS twin"  # noqa: S608
            f" WHERE twin.act = 'remove' AND twin.kept IS NULL AND {table.name}.{table.key} = twin.pk"
        )

    def _restore(self, table: HistoryTable) -> None:
        columns = [column for column in table.columns if column not in (table.key, "reference")]
        values = ", ".join(f'"{column}" = event."{column}"' for column in columns)
        self.cursor.execute(
            f"UPDATE {table.name} SET {values} FROM {table.twin} AS twin, {table.events} AS event"  # noqa: S608
            f" WHERE twin.act = 'restore' AND twin.kept IS NULL AND {table.name}.{table.key} = twin.pk"
            " AND event.pgh_id = twin.before"
        )

    def _bring_back(self, table: HistoryTable) -> None:
        names = ", ".join(f'"{column}"' for column in (*table.columns, *table.missing))
        values = ", ".join([*(f'event."{column}"' for column in table.columns), *["%s"] * len(table.missing)])
        self.cursor.execute(
            f"INSERT INTO {table.name} ({names}) SELECT {values}"  # noqa: S608
            f" FROM {table.twin} AS twin JOIN {table.events} AS event ON event.pgh_id = twin.before"
            " WHERE twin.act = 'bring back' AND twin.kept IS NULL",
            list(table.missing.values()),
        )

    def _check_not_overtaken(self, table: HistoryTable) -> None:
        """Raise `_Overtaken` if somebody wrote our rows between reading and locking them."""
        self.cursor.execute(
            f"""
            SELECT EXISTS (
                SELECT FROM {table.events} AS event JOIN {table.twin} AS twin ON twin.pk = event.pgh_obj_id
                WHERE event.pgh_id > (SELECT min(now) FROM {table.twin}) AND event.pgh_id > twin.now
                    AND twin.act IS NOT NULL AND twin.kept IS NULL
                    AND event.pgh_context_id::text IS DISTINCT FROM current_setting('pghistory.context_id', true)
            )
            """  # noqa: S608
        )
        if self.cursor.fetchone()[0]:
            raise _Overtaken


def _links(everything: list[HistoryTable]) -> Iterator[_Link]:
    """The foreign keys to tables with history; history's own are none."""
    by_model = {table.model: table for table in everything}
    events = {table.events_model for table in everything}
    for model in apps.get_models(include_auto_created=True):
        if model in events or model._meta.proxy or not model._meta.managed:
            continue
        for column in model._meta.local_fields:
            if isinstance(column, models.ForeignKey) and (other := by_model.get(column.related_model)):
                yield _Link(column, by_model.get(model), other)


def _records(written: set[HistoryTable], links: list[_Link]) -> set[HistoryTable]:
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
