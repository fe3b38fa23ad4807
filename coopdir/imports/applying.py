"""Write what was planned, in one transaction, and keep what became of it with the batch."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from import_export.results import Error, InvalidRow, Result, RowResult
from tablib import Dataset

from coopdir.listing import live

from . import headers, licences, planning, reading
from .models import ImportBatch
from .planning import Outcome, Row
from .resource import StrictResource

CHUNK = 5000
"""Rows written in one go; a chunk that the database refuses is halved until the row at fault is found."""


LOCK = 0x696D706F7274
"""The advisory lock that an import holds to its end: each plans on what the one before it wrote."""


class Refused(Exception):
    """The file was not imported; the message says why."""


@dataclass(slots=True)
class Imported:
    """What became of a file: its batch, its rows and the headers left out."""

    batch: ImportBatch
    rows: list[Row]
    ignored: list[str]

    @property
    def refused(self) -> list[Row]:
        """The rows that did not come in."""
        return [row for row in self.rows if row.outcome == Outcome.REFUSED]


def import_file(
    resource: StrictResource,
    content: bytes,
    *,
    source: Mapping[str, Any],
    file_name: str,
    user: Any = None,
    mapping: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    delimiter: str = "",
    encoding: str = "",
    all_or_nothing: bool = False,
) -> Imported:
    """Import the bytes of a CSV or XLSX file: every good row, or (`all_or_nothing`) none unless all are good.

    `source` holds ``source_title``, ``source_licence`` and optionally ``source_publisher``, ``source_date``,
    ``source_url``. Raises `reading.Unreadable`, `headers.WrongHeaders` or `Refused`; then nothing is written.
    """
    sheet = reading.read(content, delimiter=delimiter, encoding=encoding)
    batch = ImportBatch(
        resource=resource.name,
        file_name=file_name.encode(errors="replace").decode()[:255],
        sha256=hashlib.sha256(content).hexdigest(),
        user=user,
        options={"mapping": dict(mapping or {}), "constants": dict(constants or {})},
        **source,
    )
    return _import(resource, sheet, batch, mapping, constants, all_or_nothing)


def _import(
    resource: StrictResource,
    sheet: reading.Sheet,
    batch: ImportBatch,
    mapping: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    all_or_nothing: bool = False,
) -> Imported:
    if not batch.source_title.strip():
        raise Refused(_("Say where the file comes from: the title of its source is missing."))
    licence = licences.accepted(batch.source_licence)
    if licence is None:
        raise Refused(
            _("Data under “%(licence)s” cannot be published under CC BY 4.0. Accepted licences: %(accepted)s.")
            % {"licence": batch.source_licence, "accepted": ", ".join(licences.ACCEPTED)}
        )
    batch.source_licence = licence
    try:
        batch.clean_fields(exclude=["reference", "user", "options", "counts"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    layout = headers.match(sheet.headers, resource, mapping, constants)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # whatever came before in the caller's transaction
        batch.save()
        with pghistory.context(batch=batch.reference):
            rows = planning.plan(resource, sheet, layout)
            apply(resource, rows, batch)
        imported = Imported(batch, rows, layout.ignored)
        if all_or_nothing and imported.refused:
            transaction.set_rollback(True)
        else:
            batch.counts = planning.totals(rows)
            batch.save(update_fields=["counts"])
            if batch.counts[Outcome.CREATED] + batch.counts[Outcome.UPDATED] > CHUNK:
                live.store_all()  # reading so much at the next request would keep somebody waiting
    return imported


def apply(resource: StrictResource, rows: list[Row], batch: ImportBatch) -> None:
    """Write the planned rows; a row that the database refuses is refused by name, the others stand."""
    with connection.cursor() as cursor:
        # Constraint triggers keep the plan they made when the tables were small or empty: scans, one for each row.
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
    resource.begin(batch, rows)
    keep_references_ahead(resource, rows)
    for outcome, write in ((Outcome.CREATED, resource.create), (Outcome.UPDATED, resource.update)):
        due = [row for row in rows if row.outcome == outcome]
        for start in range(0, len(due), CHUNK):
            _write(due[start : start + CHUNK], write)
    resource.finish([row for row in rows if row.outcome in (Outcome.CREATED, Outcome.UPDATED)])


def _write(rows: list[Row], write: Callable[[list[Row]], None]) -> None:
    """Write rows; where the database refuses them, halve them until each refusal has its row."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            write(rows)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (IntegrityError, DataError) as error:
        if len(rows) == 1:
            rows[0].record = None
            rows[0].refuse("", worded(error))
            return
        middle = len(rows) // 2
        _write(rows[:middle], write)
        _write(rows[middle:], write)


def worded(error: IntegrityError | DataError) -> str:
    """What the database refused, in the words of the constraint that did."""
    diagnostics = error.__cause__.diag
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == diagnostics.constraint_name:
                if constraint.violation_error_message == constraint.default_violation_error_message and getattr(
                    constraint, "fields", ()
                ):
                    return model().unique_error_message(model, constraint.fields).messages[0]
                return str(constraint.get_violation_error_message())
    return _(diagnostics.message_primary)


def keep_references_ahead(resource: StrictResource, rows: list[Row]) -> None:
    """A file may bring references of its own: those given by the directory must lie beyond them."""
    numbers = [
        int(row.values["reference"][1:])
        for row in rows
        if row.outcome == Outcome.CREATED and row.values.get("reference")
    ]
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coopdir_keep_reference_ahead(%s, %s)", [resource.prefix, max(numbers)])


@dataclass
class Upload(reading.Sheet):
    """The sheet of an uploaded file, with the file's hash."""

    sha256: str = ""


class FileResult(Result):
    """What the admin's pages show of an import; `imported` is missing where the file as a whole was refused."""

    imported: Imported | None = None


def import_for_admin(
    resource: StrictResource, dataset: Dataset | Upload, *, dry_run: bool, **kwargs: Any
) -> FileResult:
    """Import a data set or an uploaded file for the admin's pages: preview (`dry_run`) or good rows for good."""
    result = FileResult()
    result.diff_headers = resource.known_columns
    result.add_dataset_headers(dataset.headers)
    sheet = dataset if isinstance(dataset, Upload) else _sheet(dataset)
    batch = ImportBatch(
        resource=resource.name,
        file_name=(kwargs.get("file_name") or "")[:255],
        sha256=sheet.sha256,
        user=kwargs.get("user"),
        **{name: value for name, value in kwargs.items() if name.startswith("source_") and value},
    )
    try:
        with transaction.atomic():
            result.imported = imported = _import(resource, sheet, batch)
            transaction.set_rollback(dry_run)
    except headers.WrongHeaders as error:
        for message in error.messages:
            result.append_base_error(Error(message))
        return result
    except Refused as error:
        result.append_base_error(Error(error))
        return result
    result.total_rows = len(imported.rows)
    for row in imported.rows:
        row_result = resource.get_row_result(row)
        result.increment_row_result_total(row_result)
        if row_result.import_type == RowResult.IMPORT_TYPE_INVALID:
            faults: dict[str, list[str]] = {}
            for fault in row.faults:
                faults.setdefault(fault.column or "__all__", []).append(fault.reason)
            result.invalid_rows.append(InvalidRow(row.line, ValidationError(faults), row_result.diff))
        else:
            result.append_row_result(row_result)
    return result


def _sheet(dataset: Dataset) -> Upload:
    """A tablib data set as a sheet: blank rows left out, the header taken for line 1."""
    headers = [str(header or "").strip() for header in dataset.headers or ()]
    cells = [["" if cell is None else reading.cell_text(cell) for cell in row] for row in dataset]
    rows = [(line, row) for line, row in enumerate(cells, start=2) if any(cell.strip() for cell in row)]
    return Upload(headers, rows, hashlib.sha256(dataset.export("csv").encode()).hexdigest())
