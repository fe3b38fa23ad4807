"""Parties of the rows of a file: their names are found all together, then put in their places a chunk after the other.

Nothing is held for all rows at once but what is small: the rows lie in a file of their own, their names and who takes
part in temporary tables. The database brings rows of the same parties together.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.database.copy import copy_rows
from core.imports.models import ImportBatch, ImportName
from core.imports.rows import ROWS_PER_CHUNK, Row, Spool, chunks
from core.text import normalise

from ..editing import rules
from ..places.party_refs import PartyRef
from .names import fetched, name_key, said_of
from .party_columns import OWN_PARTS, PARTY_COLUMN
from .party_plans import PartyPlan

MOST_REMEMBERED = 20_000
"""Parties, as rows write them, that are remembered while a file is read."""


class RowParties:
    """Parties of the rows of a batch."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._spool = Spool()
        self._known: set[str] = set()
        self._keys: dict[tuple[tuple[str, str], ...], str] = {}

    def stage(
        self,
        cursor: CursorWrapper,
        rows: Iterable[Row],
        read: Callable[[Row], None],
        progress: Callable[[int], None],
    ) -> None:
        """Read the cells of all rows; put the rows aside, and what brings them together into temporary tables."""
        cursor.execute(
            """
            DROP TABLE IF EXISTS import_stage, import_party, import_said;
            CREATE TEMPORARY TABLE import_stage (line integer, spot bigint, kind text);
            CREATE TEMPORARY TABLE import_party (line integer, number smallint, key text);
            CREATE TEMPORARY TABLE import_said (key text, said jsonb, normalised text);
            """
        )
        done = 0
        for chunk in chunks(rows):
            staged, said = [], []
            for row in chunk:
                if not row.outcome:
                    read(row)
                row.held = []
                for number, values in _asked(row):
                    key, name = self._named(row, number, values)
                    row.held.append((number, key))
                    if name is not None:
                        said.append((key, json.dumps(name, ensure_ascii=False), normalise(name["name"])))
                staged.append((row.line, self._spool.add(row), row.values.get("kind")))
            parties = ((row.line, number, key) for row in chunk for number, key in row.held)
            copy_rows(cursor, "import_stage", ("line", "spot", "kind"), staged)
            copy_rows(cursor, "import_party", ("line", "number", "key"), parties)
            copy_rows(cursor, "import_said", ("key", "said", "normalised"), said)
            done += len(chunk)
            progress(done)
        cursor.execute("ANALYZE import_stage, import_party, import_said")

    def _named(self, row: Row, number: int, values: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        """The key of a party's name, and what is said of it where that was not written down yet."""
        cells = tuple((part, row.cells[f"{part}_{number}"]) for part in values)
        if (key := self._keys.get(cells)) is not None:
            return key, None
        name = said_of(values)
        if len(self._keys) > MOST_REMEMBERED:
            self._keys.clear()
        key = self._keys[cells] = name_key(name)
        if key in self._known:
            return key, None
        if len(self._known) > 100_000:
            self._known.clear()
        self._known.add(key)
        return key, name

    def together(self) -> Iterator[list[Row]]:
        """All rows, a chunk after the other; those of the same parties are in one."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                """
                WITH found AS (
                    SELECT party.line, string_agg(name.target, ',' ORDER BY name.target COLLATE "C") AS parties
                    FROM import_party AS party
                    JOIN imports_importname AS name ON name.batch_id = %s AND name.key = party.key
                    GROUP BY party.line
                )
                SELECT stage.spot, found.parties
                FROM import_stage AS stage LEFT JOIN found USING (line)
                ORDER BY found.parties COLLATE "C" NULLS FIRST, stage.line
                """,
                [self._batch.pk],
            )
            chunk: list[Row] = []
            before: str | None = None
            for spot, parties in fetched(cursor):
                if len(chunk) >= ROWS_PER_CHUNK and (parties is None or parties != before):
                    yield self._resolved(chunk)
                    chunk = []
                before = parties
                chunk.append(self._spool.read(spot))
            if chunk:
                yield self._resolved(chunk)

    def _resolved(self, rows: list[Row]) -> list[Row]:
        """The rows in their order, with who takes part in the place of the names; or each with what is missing."""
        keys = {key for row in rows for _number, key in row.held}
        found = ImportName.objects.filter(batch=self._batch, key__among=keys)
        names = {
            key: (PartyRef.parse(target) if target else None, title, question, reason)
            for key, target, title, question, reason in found.values_list(
                "key", "target", "title", "question", "reason"
            ).iterator()
        }
        for row in rows:
            asked, row.held = row.held, []
            for number, key in asked:
                ref, title, question, reason = names[key]
                by_code = f"code_{number}" in row.cells and f"party_{number}" not in row.cells
                column = f"code_{number}" if by_code else f"party_{number}"
                if ref is None:
                    (row.ask if question else row.refuse)(column, reason)
                elif any(other.ref == ref for other in row.held):
                    row.refuse(f"party_{number}", rules.party_twice())
                else:
                    values = ((part, row.values.get(f"{part}_{number}")) for part in OWN_PARTS)
                    own = {part: value for part, value in values if value is not None}
                    row.held.append(PartyPlan(number, ref, title, own))
        return sorted(rows, key=lambda row: row.line)


@lru_cache(maxsize=2000)
def _party_column(column: str) -> tuple[str, int] | None:
    """The part and the number of the party that a column is about."""
    match = PARTY_COLUMN.fullmatch(column)
    return (match[1], int(match[2])) if match else None


def _asked(row: Row) -> Iterator[tuple[int, dict[str, Any]]]:
    """The parties that a row names: number, and the values of its columns by part."""
    numbered: dict[int, dict[str, Any]] = {}
    for column, value in row.values.items():
        if place := _party_column(column):
            numbered.setdefault(place[1], {})[place[0]] = value
    unread = {place[1] for fault in row.faults if (place := _party_column(fault.column))}
    for number in sorted(numbered):
        said = numbered[number]
        if number not in unread and (
            said.keys() & {"party", "code"} or said.keys() - {"type", "level", "country", "role"}
        ):
            yield number, said
