"""Rows that an undo keeps: those that somebody has written since, those that others need, and what goes with them."""

from django.apps import apps
from django.db import models
from django.db.backends.utils import CursorWrapper

from .history_tables import HistoryTable, TableLink

_MAX_NAMED = 100
"""Records kept that are named."""

EDITED, NEEDED, ALONG = 1, 2, 3
"""Reasons why a row is kept: somebody has written it since, something else refers to it, or a row of these goes with
it."""


class KeptRows:
    """The rows to be kept, in the twins of the tables that an undo has to do with."""

    def __init__(self, cursor: CursorWrapper, tables: list[HistoryTable], links: list[TableLink]) -> None:
        self.cursor = cursor
        self.tables = tables
        self.links = links

    def keep_what_others_need(self) -> None:
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

    def _keep_needed(self, link: TableLink, rank: int, passing: str) -> int:
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

    def keep_whole(self) -> None:
        """Keep a record whole: if one of its rows is kept, so are all of them, and the rows that they refer to."""
        if not any(self._kept(table) for table in self.tables):
            return
        parts = [link for link in self.links if link.belongs and {link.table, link.other} <= {*self.tables}]
        references = [link for link in self.links if link.own in self.tables]
        leaves = "own.act IS NOT NULL AND own.kept IS NULL"
        while True:
            changed = sum(map(self._keep_record, parts)) + sum(map(self._keep_part, parts))
            changed += sum(self._keep_needed(link, ALONG, leaves) for link in references)
            if not changed:
                return

    def _keep_record(self, link: TableLink) -> int:
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

    def _keep_part(self, link: TableLink) -> int:
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

    def named(self) -> tuple[list[models.Model], int]:
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
