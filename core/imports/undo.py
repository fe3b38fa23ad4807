"""Undo of a batch, from the history: records that it created are removed, those that it changed get their former
values.

A record that somebody has touched since is kept whole, and named, and so is what others have come to need. Taking back
is itself in the history, and is taken back in the same way.

Of every table with history, one that a batch may have to do with has a temporary twin, a row for each of its rows that
the batch or somebody since has written: what to do with it, and whether it is kept. The rest is done in sets.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.database.contention import retried, state_of
from core.facets import live_index
from core.history import IMPORT_UNDONE, own_context

from .apply import begin
from .errors import ImportRefused, constraint_message
from .history_tables import HistoryTable, history_tables, table_links, tables_of_records
from .kept_rows import EDITED, KeptRows
from .models import ImportBatch, ImportStatus
from .rows import ROWS_PER_CHUNK, WRITTEN_OUTCOMES

ATTEMPTS = 3
"""Number of attempts, should others write the same rows meanwhile."""

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
                    own_context(action=IMPORT_UNDONE, undoes=batch.reference, step=step + 1, **user),
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
        links = list(table_links(everything))
        self.tables = [table for table in everything if table in tables_of_records(written, links)]
        for table in everything:
            self.cursor.execute(f"DROP TABLE IF EXISTS {table.twin}")
        for number, table in enumerate(self.tables):
            self._collect(table)
            self.tell("collecting", number)
        kept = KeptRows(self.cursor, self.tables, links)
        kept.keep_what_others_need()
        kept.keep_whole()
        undone = Undone()
        undone.kept, undone.kept_total = kept.named()
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
