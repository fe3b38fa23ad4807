"""Apply a plan: write the rows in one transaction, and store the outcomes with the batch."""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.database.contention import lock_rows, retried
from core.facets import live_index
from core.text import clean

from . import licences, mapping, plan
from .errors import ImportRefused, constraint_message
from .layouts import StrictResource
from .models import ImportBatch, ImportRow, Outcome
from .readers import confined, tables
from .rows import ROWS_PER_CHUNK, WRITTEN_OUTCOMES, Row

LOCK = 0x696D706F7274
"""The advisory lock that an import holds to its end: each plans on what the one before it wrote."""

MOST_TOLD = 1000
"""Refused rows that are kept in memory, to be told of even if nothing else is kept."""


@dataclass(slots=True)
class Imported:
    """Result of an import: its batch, the first rows that were refused, and the headers left out."""

    batch: ImportBatch
    ignored: list[str]
    refused: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> QuerySet[ImportRow]:
        """All rows, as they are kept with the batch."""
        return self.batch.rows.order_by("line")


def import_file(
    resource: StrictResource,
    content: bytes | io.BufferedReader,
    *,
    source: Mapping[str, object],
    file_name: str,
    user: Any = None,
    options: Mapping[str, Any] | None = None,
    keep: bool = True,
    progress: Callable[[str, int], None] = lambda phase, done: None,
) -> Imported:
    """Import a CSV, XLSX or ODS file at once: every good row, or (option `all_or_nothing`) none unless all are good.

    `options` are those of a batch (`ImportBatch.options`); `keep` keeps the file with it. `source` holds
    ``source_title``, ``source_licence`` and optionally ``source_publisher``, ``source_date``, ``source_url``. Raises
    `Unreadable`, `mapping.WrongHeaders` or `ImportRefused`; then nothing is written. A file is foreign, and read by a
    process of its own; bytes are the site's own.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    digest = hashlib.file_digest(file, "sha256").hexdigest()

    @retried
    def once() -> Imported:
        batch = ImportBatch(
            resource=resource.name,
            file_name=clean(file_name.encode(errors="replace").decode())[:255],
            sha256=digest,
            user=user,
            options=dict(options or {}),
            applied_at=timezone.now(),
            **source,
        )
        check_source(batch)
        file.seek(0)
        with (
            nullcontext(tables.stream_as(file, batch.options))
            if isinstance(content, bytes)
            else confined.sheet(file, batch.options)
        ) as sheet:
            return _import(resource.anew(), batch, sheet, file if keep else None, progress)

    try:
        return once()
    except _Moved:
        return once()


class _Moved(ImportRefused):
    """Exception: somebody changed a record between the reading of the file and the writing of its rows."""

    def __init__(self) -> None:
        super().__init__(_("Nothing was written: others were writing the same records. Try again in a while."))


def _import(
    resource: StrictResource,
    batch: ImportBatch,
    sheet: tables.Sheet,
    file: IO[bytes] | None,
    progress: Callable[[str, int], None],
) -> Imported:
    """Import the rows of a sheet as a batch, and keep the file if there is one."""
    batch.headers = sheet.headers
    layout = mapping.layout_of(sheet.headers, resource, batch.options)
    imported = Imported(batch, layout.ignored)
    with transaction.atomic():
        begin()
        batch.save()

        def store(cursor: CursorWrapper, rows: list[Row]) -> None:
            """Keep rows that are not to be written; the others are kept once they are written."""
            _note_left_out(imported, rows)
            plan.store_rows(batch)(cursor, [row for row in rows if row.outcome not in WRITTEN_OUTCOMES])

        rows = plan.sheet_rows(sheet, layout, resource)
        counts, todo = plan.plan_rows(batch, resource, rows, store=store, progress=progress)
        lock_rows(resource.model, resource.updated)

        def store_written(cursor: CursorWrapper, rows: list[Row]) -> None:
            _note_left_out(imported, rows)
            plan.store_rows(batch)(cursor, rows)

        write_rows(resource, batch, _unmoved(resource, todo), counts, store_written, partial(progress, "writing"))
        batch.counts = plan.totals(counts)
        if batch.options.get("all_or_nothing") and (counts[Outcome.REFUSED] or counts[Outcome.QUESTION]):
            transaction.set_rollback(True)
        else:
            if file:
                file.seek(0)
                batch.keep(file)
            batch.save(update_fields=["counts", "file"])
    return imported


def _unmoved(resource: StrictResource, todo: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Yield the rows to be written, after comparing their locked records with those that the plan read. Raises `_Moved`
    where one is not as it was when the rows were decided on: what is written of it holds for that one."""
    for rows in todo:
        read = {row.record.pk: row.record for row in rows if row.outcome == Outcome.UPDATED}
        now = resource.model._base_manager.in_bulk(read)
        if any(pk not in now or _stored(now[pk]) != _stored(record) for pk, record in read.items()):
            raise _Moved
        yield rows


def _stored(record: Model) -> dict[str, Any]:
    """Stored values of a record's columns, by attribute; deferred columns are None."""
    names = [column.attname for column in record._meta.concrete_fields]
    return {name: record.__dict__.get(name) for name in names}


def check_source(batch: ImportBatch) -> None:
    """Raise `ImportRefused` where the source of a batch is not named, or its licence does not fit; write its usual
    name, and what is said of it as text."""
    for name in ("source_title", "source_publisher", "source_url", "source_licence"):
        setattr(batch, name, clean(getattr(batch, name)))
    if not batch.source_title.strip():
        raise ImportRefused(_("Say where the file comes from: the title of its source is missing."))
    licence = licences.accepted(batch.source_licence)
    if licence is None:
        raise ImportRefused(
            _("Data under “%(licence)s” cannot be published under CC BY 4.0. Accepted licences: %(accepted)s.")
            % {"licence": batch.source_licence, "accepted": ", ".join(licences.ACCEPTED)}
        )
    batch.source_licence = licence
    try:
        batch.clean_fields(exclude=["reference", "user", "options", "counts", "headers", "file"])
    except ValidationError as error:
        raise ImportRefused(" ".join(error.messages)) from None


def begin() -> None:
    """Wait for other imports to end; within the transaction of this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # whatever came before in the caller's transaction


def _note_left_out(imported: Imported, rows: list[Row]) -> None:
    """Remember the first rows that do not come in."""
    left_out = (row for row in rows if row.outcome in (Outcome.REFUSED, Outcome.QUESTION))
    imported.refused += list(left_out)[: MOST_TOLD - len(imported.refused)]
    imported.refused.sort(key=lambda row: row.line)


@plan.rarely_swept()
def write_rows(
    resource: StrictResource,
    batch: ImportBatch,
    todo: Iterable[list[Row]],
    counts: Counter[str],
    store: Callable[[CursorWrapper, list[Row]], None],
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the planned rows; a row that the database refuses is refused by name, the others stand.

    Each chunk goes to `store` when it is written; `counts` follow what became of the rows.
    """
    written = 0
    with connection.cursor() as cursor, pghistory.context(batch=batch.reference):
        if not resource.in_chunks:
            # Constraint triggers keep the plan they made when the tables were small or empty: scans, one for each row.
            cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        resource.prepare(cursor)
        finished: list[Row] = []
        for rows in todo:
            resource.ready(rows)
            for outcome, action in ((Outcome.CREATED, resource.create), (Outcome.UPDATED, resource.update)):
                due = [row for row in rows if row.outcome == outcome]
                if outcome == Outcome.CREATED:
                    keep_references_ahead(resource, due)
                for start in range(0, len(due), ROWS_PER_CHUNK):
                    _write(due[start : start + ROWS_PER_CHUNK], action)
                refused = sum(row.outcome == Outcome.REFUSED for row in due)
                counts[outcome] -= refused
                counts[Outcome.REFUSED] += refused
            if not resource.in_chunks:
                finished += rows
            store(cursor, rows)
            written += len(rows)
            progress(written)
        resource.finish([row for row in finished if row.outcome in WRITTEN_OUTCOMES])
        if (number := counts[Outcome.CREATED] + counts[Outcome.UPDATED]) > ROWS_PER_CHUNK:
            live_index.store_all(number)  # reading so much at the next request would keep somebody waiting


def _write(rows: list[Row], action: Callable[[list[Row]], None]) -> None:
    """Write rows; where the database refuses them, halve them until each refusal has its row."""
    if not rows:
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            action(rows)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (IntegrityError, DataError) as error:
        if len(rows) == 1:
            rows[0].record = None
            rows[0].refuse("", constraint_message(error))
            return
        middle = len(rows) // 2
        _write(rows[:middle], action)
        _write(rows[middle:], action)


def keep_references_ahead(resource: StrictResource, rows: list[Row]) -> None:
    """Move the sequence of references beyond those that a file brought with it."""
    numbers = [int(row.values["reference"][1:]) for row in rows if row.values.get("reference")]
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coopdir_keep_reference_ahead(%s, %s)", [resource.prefix, max(numbers)])
