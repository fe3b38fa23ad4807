"""Life cycle of an import batch: a file is received, its columns mapped, planned, applied and undone, by a background
worker.

Nothing of the directory changes before `apply`, which is one transaction: a worker that is killed leaves either nothing
or the whole, and the batch says which. How far the work is, and whether somebody wants it to stop, goes over a
connection of its own, which also holds a lock for as long as the worker lives.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from . import mapping, plan
from .apply import check_source
from .errors import ImportRefused
from .layouts import StrictResource
from .models import (
    Decision,
    ImportBatch,
    ImportName,
    ImportRow,
    ImportStatus,
    MatchVerdict,
    Outcome,
)
from .readers import confined
from .readers.limits import Unreadable
from .readers.tables import Head, Sheet
from .registry import resources
from .rows import chunks

MOST_VALUES = 100
"""Values that nobody understands, shown of each column."""


READY = {
    "plan": (ImportStatus.UPLOADED, ImportStatus.PLANNED, ImportStatus.FAILED, ImportStatus.CANCELLED),
    "apply": (ImportStatus.PLANNED,),
    "undo": (ImportStatus.APPLIED, ImportStatus.UNDONE),
}
"""In which status a step may begin; each may begin again where it was interrupted."""


# Receiving


def receive(
    file: File[bytes],
    *,
    resource: str,
    source: Mapping[str, object],
    by: Any,
    file_name: str = "",
    options: Mapping[str, Any] | None = None,
) -> ImportBatch:
    """Keep an uploaded file as a new batch, unread but for its headers; without them while they are still being read.

    `source` as in `apply.import_file`. Raises `Unreadable` or `ImportRefused`; then nothing is kept.
    """
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    batch = ImportBatch(
        resource=resource,
        file_name=(file_name or file.name or "").encode(errors="replace").decode()[:255],
        sha256=digest,
        user=by,
        options={"language": translation.get_language(), **(options or {})},
        status=ImportStatus.UPLOADED,
        **source,
    )
    check_source(batch)
    if found := confined.read_head(file, digest, batch.options, person=batch.user_id):
        batch.headers = found.headers
    file.seek(0)
    batch.keep(file)
    batch.save()
    return batch


def same_files(batch: ImportBatch) -> QuerySet[ImportBatch]:
    """The other batches that brought the same bytes."""
    return ImportBatch.objects.filter(sha256=batch.sha256, resource=batch.resource).exclude(pk=batch.pk)


@contextmanager
def open_sheet(batch: ImportBatch) -> Iterator[Sheet]:
    """The kept file as headers and rows. Raises `Unreadable`, also while the rows are read."""
    with batch.file.open("rb") as file, confined.sheet(file, batch.options) as sheet:
        yield sheet


def head_of(batch: ImportBatch) -> Head | None:
    """Headers and first rows of the kept file; None while they are being read. Raises `Unreadable`, `OSError`."""
    if not batch.file:
        return Head(batch.headers)
    with batch.file.open("rb") as file:
        found = confined.read_head(file, batch.sha256, batch.options, person=batch.user_id)
    if found and not batch.headers:
        batch.headers = found.headers
        batch.save(update_fields=["headers"])
    return found


# Mapping


def resource_of(batch: ImportBatch) -> StrictResource:
    """The layout of a batch, with its options and its user's rights."""
    return resources()[batch.resource].of(batch)


def require_unapplied(batch: ImportBatch) -> None:
    """Raise `ImportRefused` where it is too late to read a file in another way."""
    if batch.status not in READY["plan"]:
        raise ImportRefused(_("This file is past that step: bring it again to read it in another way."))


def settle(batch: ImportBatch, options: Mapping[str, object]) -> None:
    """Store how a file is to be read, once it fits the layout.

    Raises `mapping.WrongHeaders`, `Unreadable`, or `ImportRefused` once the batch is applied; then the batch stays as
    it was.
    """
    require_unapplied(batch)
    kept = batch.options, batch.headers
    batch.options = {**batch.options, **options}
    try:
        if any(batch.options.get(name) != kept[0].get(name) for name in confined.READER_OPTIONS):
            batch.headers = read_headers(batch, batch.options)
        mapping.layout_of(batch.headers, resource_of(batch), batch.options)
    except Exception:
        batch.options, batch.headers = kept
        raise
    batch.save(update_fields=["options", "headers"])


def read_headers(batch: ImportBatch, options: Mapping[str, object]) -> list[str]:
    """The headers of the kept file, read by other options; none while they are being read. Raises `Unreadable`."""
    with batch.file.open("rb") as file:
        found = confined.read_head(file, batch.sha256, options, person=batch.user_id)
    return found.headers if found else []


def headers_brought(batch: ImportBatch) -> list[str]:
    """The headers of a file; of one that `refused_rows` gave, those it had before."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            if batch.headers[-2:] == [_("line"), _("reason")]:
                return batch.headers[:-2]
    return batch.headers


def unread_values(batch: ImportBatch, head: Head, options: Mapping[str, object]) -> dict[str, list[tuple[str, int]]]:
    """Unread values by column: the texts in the first rows that a column does not understand, the most frequent first.

    `head` is what stands at the beginning of the file. Only columns whose values could be mapped to others: those of
    closed lists. Raises `mapping.WrongHeaders`.
    """
    resource = resource_of(batch)
    found: dict[str, Counter[str]] = {}
    layout = mapping.layout_of(head.headers, resource, {**batch.options, **options})
    for name, text, number in plan.texts_of(head, layout):
        name = resource.member_column(name, 1) if layout.grouped else name
        if resource.has_column(name) and resource.fields[name].closed and resource.fault_of(name, text):
            found.setdefault(name, Counter())[text] += number
    return {name: texts.most_common(MOST_VALUES) for name, texts in found.items()}


# What names stand for


def decide(
    names: Iterable[ImportName],
    decision: str,
    *,
    by: Any,
    scope: Iterable[str] | None,
    target: str = "",
    title: str = "",
) -> list[MatchVerdict]:
    """Remember what names stand for, in this file and in those to come; the batch is planned anew to heed it.

    It holds for the files of `scope` (`MatchVerdict.scope`); None for all. What the same person decided before is
    revoked, what others did stays beside it.
    """
    layouts: dict[int, StrictResource] = {}
    said: dict[str, dict[str, Any]] = {}  # names that are spelt in several ways have one key
    for name in names:
        layout = layouts.get(name.batch_id) or layouts.setdefault(name.batch_id, resource_of(name.batch))
        said[layout.verdict_key(name.said)] = name.said
    told = {"decision": Decision(decision), "title": title[:300], "user": by}
    told["scope"] = None if scope is None else sorted(scope)
    if decision in (Decision.RECORD, Decision.PLACE):
        told["target"] = target
    with transaction.atomic():
        MatchVerdict.objects.filter(key__in=said, user=by, revoked_at=None).update(revoked_at=timezone.now())
        return MatchVerdict.objects.bulk_create([MatchVerdict(key=key, said=one, **told) for key, one in said.items()])


def revoke_verdict(verdict: MatchVerdict) -> None:
    """Ask again, the next time the name comes."""
    MatchVerdict.objects.filter(pk=verdict.pk, revoked_at=None).update(revoked_at=timezone.now())


def feeding(batch: ImportBatch) -> dict[str, str]:
    """Columns and the headers that feed them."""
    options = batch.options
    found = {header: header for header in batch.headers} | dict(options.get("mapping", {}))
    for header, form in options.get("splits", {}).items():
        found |= dict.fromkeys(mapping.CellPattern(form).columns, header)
    return found


def refused_rows(batch: ImportBatch) -> Iterator[list[str]]:
    """The rows that do not come in, as they stand in the file, with their line and the reason; the headers first.

    Line and reason of a file that was itself made so go.
    """
    brought, width = headers_brought(batch), len(batch.headers)
    own, grouped, fed = len(brought), batch.options.get("grouped"), feeding(batch)

    def told(column: str, value: str, reason: str) -> str:
        if not column:
            return reason
        header = fed.get(column, column)
        column = column if header == column else f"{header} ({column})"
        return _("%(column)s “%(value)s”: %(reason)s") % {"column": column, "value": value, "reason": reason}

    yield [*brought, _("line"), _("reason")]
    rows = batch.rows.filter(outcome__in=[Outcome.REFUSED, Outcome.QUESTION]).order_by("line")
    for row in rows.iterator(chunk_size=2000):
        reasons = [told(*fault) for fault in row.faults]
        for cells in chunks(row.raw, width) if grouped else (row.raw,):
            kept = [*cells[:own], *[""] * (own - len(cells)), *cells[width:]]
            yield [*kept, str(row.line), " ".join(reasons)]


# How far the work is


# Working


def delimiter_of(batch: ImportBatch) -> str:
    """Delimiter of the file's cells; empty for a workbook, and where no file was kept."""
    try:
        found = head_of(batch)
    except (Unreadable, OSError):
        found = None
    return found.delimiter if found else ""


def as_csv(rows: Iterable[list[str]], guard: Callable[[str], str], delimiter: str = ",") -> Iterator[str]:
    """Rows as the lines of a CSV file."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=delimiter).writerow(map(guard, row))
        yield line.getvalue()


def batch_rows(batch: ImportBatch, outcome: str = "") -> QuerySet[ImportRow]:
    """The rows of a batch of one outcome, or all; “moved” are those that changed since the plan."""
    if outcome == "moved":
        return batch.rows.filter(line__in=batch.options.get("moved", []))
    return batch.rows.filter(outcome=outcome) if outcome else batch.rows.all()


def rows_after(batch: ImportBatch, *, outcome: str = "", line: int = 0, number: int = 50) -> list[ImportRow]:
    """Some of these rows after a line, in their order."""
    return list(batch_rows(batch, outcome).filter(line__gt=line).order_by("line")[:number])
