"""The life of a batch: a file is received, its columns mapped, planned, applied and taken back, by a background worker.

Nothing of the directory changes before `apply`, which is one transaction: a worker that is killed leaves either nothing
or the whole, and the batch says which. How far the work is, and whether somebody wants it to stop, goes over a
connection of its own, which also holds a lock for as long as the worker lives.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files import File
from django.db import Error, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus, task
from django_tasks.exceptions import TaskResultDoesNotExist

from core.database.contention import CONFLICTS, LOCK_TIMEOUT, lock_rows, retried, state_of
from core.database.copy import is_locked

from . import mapping as headers
from . import plan as planning
from . import undo as undoing
from .apply import Refused, begin, check_source, write
from .layouts import StrictResource, resources
from .models import (
    Decision,
    ImportBatch,
    ImportName,
    ImportProfile,
    ImportProgress,
    ImportRow,
    ImportStatus,
    MatchVerdict,
    Outcome,
)
from .plan import WRITTEN, Row
from .readers import confined
from .readers.limits import Unreadable
from .readers.tables import Head, Sheet

WORKING = 0x776F726B
"""The class of the advisory locks that workers hold, one for each batch."""

BEGINNING = timedelta(seconds=10)
"""How long a worker may take from having the work to holding the lock."""

MOST_VALUES = 100
"""Values that nobody understands, shown of each column."""

STEPS = {
    "plan": ImportStatus.PLANNING,
    "apply": ImportStatus.APPLYING,
    "undo": ImportStatus.UNDOING,
}
"""What can be done with a batch, and its status meanwhile."""

READY = {
    "plan": (ImportStatus.UPLOADED, ImportStatus.PLANNED, ImportStatus.FAILED, ImportStatus.CANCELLED),
    "apply": (ImportStatus.PLANNED,),
    "undo": (ImportStatus.APPLIED, ImportStatus.UNDONE),
}
"""In which status a step may begin; each may begin again where it was interrupted."""


class Cancelled(Exception):
    """Somebody asked the work to stop."""


class Moved(Exception):
    """The directory is no longer what it was when the batch was planned; `lines` are of rows that show it."""

    def __init__(self, lines: list[int]) -> None:
        super().__init__(lines)
        self.lines = lines


# Receiving


def receive(
    file: File,
    *,
    resource: str,
    source: Mapping[str, Any],
    by: Any,
    file_name: str = "",
    options: Mapping[str, Any] | None = None,
) -> ImportBatch:
    """Keep an uploaded file as a new batch, unread but for its headers; without them while they are still being read.

    `source` as in `applying.import_file`. Raises `Unreadable` or `applying.Refused`; then nothing is kept.
    """
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    batch = ImportBatch(
        resource=resource,
        file_name=(file_name or file.name).encode(errors="replace").decode()[:255],
        sha256=digest,
        user=by,
        options={"language": translation.get_language(), **(options or {})},
        status=ImportStatus.UPLOADED,
        **source,
    )
    check_source(batch)
    if found := confined.head(file, digest, batch.options, person=batch.user_id):
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
    """What stands at the beginning of the kept file; None while that is being read. Raises `Unreadable`, `OSError`."""
    if not batch.file:
        return Head(batch.headers)
    with batch.file.open("rb") as file:
        found = confined.head(file, batch.sha256, batch.options, person=batch.user_id)
    if found and not batch.headers:
        batch.headers = found.headers
        batch.save(update_fields=["headers"])
    return found


# Mapping


def resource_of(batch: ImportBatch) -> StrictResource:
    """The layout of a batch, with its options and its user's rights."""
    return resources()[batch.resource].of(batch)


def _require_unapplied(batch: ImportBatch) -> None:
    """Raise `Refused` where it is too late to read a file in another way."""
    if batch.status not in READY["plan"]:
        raise Refused(_("This file is past that step: bring it again to read it in another way."))


def settle(batch: ImportBatch, options: Mapping[str, Any]) -> None:
    """Store how a file is to be read, once it fits the layout.

    Raises `headers.WrongHeaders`, `Unreadable`, or `Refused` once the batch is applied; then the batch stays as
    it was.
    """
    _require_unapplied(batch)
    kept = batch.options, batch.headers
    batch.options = {**batch.options, **options}
    try:
        if any(batch.options.get(name) != kept[0].get(name) for name in confined.TOLD):
            batch.headers = _headers_of(batch, batch.options)
        headers.layout_of(batch.headers, resource_of(batch), batch.options)
    except Exception:
        batch.options, batch.headers = kept
        raise
    batch.save(update_fields=["options", "headers"])


def _headers_of(batch: ImportBatch, options: Mapping[str, Any]) -> list[str]:
    """The headers of the kept file, read by other options; none while they are being read. Raises `Unreadable`."""
    with batch.file.open("rb") as file:
        found = confined.head(file, batch.sha256, options, person=batch.user_id)
    return found.headers if found else []


def read_as(
    batch: ImportBatch, *, delimiter: str = "", encoding: str = "", sheet: str = "", no_header: bool = False
) -> None:
    """Read the headers anew in another way; what is empty is found out. What was mapped of the former ones goes.

    Raises as `settle` does; then the batch stays as it was.
    """
    _require_unapplied(batch)
    told = {"delimiter": delimiter, "encoding": encoding, "sheet": sheet, "no_header": no_header}
    batch.headers = _headers_of(batch, told)
    mapped = ("mapping", "constants", "values", "splits", "grouped")
    batch.options = {name: value for name, value in batch.options.items() if name not in mapped} | told
    batch.save(update_fields=["options", "headers"])


READ_AS = ("mapping", "constants", "values", "splits", "grouped", "no_header", "delimiter", "encoding", "create")
"""The options that say how files with certain headers are read."""


def _headers_brought(batch: ImportBatch) -> list[str]:
    """The headers of a file; of one that `refused_rows` gave, those it had before."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            if batch.headers[-2:] == [_("line"), _("reason")]:
                return batch.headers[:-2]
    return batch.headers


def profiles_for(batch: ImportBatch, by: Any) -> list[ImportProfile]:
    """The profiles of files with the same headers that somebody may read them by: their own before the shared ones,
    the last saved first, those that come with the layout (without a key) last."""
    brought = _headers_brought(batch)
    saved = ImportProfile.objects.readable_by(by).filter(resource=batch.resource, headers=brought)
    shipped = [
        ImportProfile(name=name, resource=batch.resource, headers=names, options=options)
        for name, names, options in resources()[batch.resource].profiles
        if names == brought
    ]
    return [*saved.order_by(F("user").asc(nulls_last=True), "-saved_at"), *shipped]


def read_before(batch: ImportBatch) -> ImportBatch | None:
    """The last file with the same headers whose columns the same user said the meaning of."""
    brought = [batch.headers, _headers_brought(batch)]
    others = ImportBatch.objects.filter(user=batch.user_id, resource=batch.resource, headers__in=brought)
    return others.filter(options__has_key="mapping").exclude(pk=batch.pk).order_by("-pk").first()


def save_profile(batch: ImportBatch, name: str, owner: Any) -> ImportProfile:
    """Keep how a batch is read under a name, for files with the same headers; what its owner, or everybody (None), had
    by that name goes."""
    options = {name: batch.options[name] for name in READ_AS if batch.options.get(name)}
    profile, _made = ImportProfile.objects.update_or_create(
        resource=batch.resource,
        name=name.strip()[:100],
        user=owner,
        defaults={"headers": _headers_brought(batch), "options": options},
    )
    return profile


def change_profile(profile: ImportProfile, name: str, owner: Any) -> None:
    """Give a profile another name or owner; None shares it. Raises `IntegrityError` where they have one so named."""
    profile.name, profile.user = name, owner
    profile.save(update_fields=["name", "user", "saved_at"])


def delete_profile(profile: ImportProfile) -> None:
    """Forget a profile; the batches that were read by it stay as they are."""
    profile.delete()


def suggested(batch: ImportBatch, by: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Options to begin with, of a profile, of the file before or as names suggest, and of each header why its column
    was chosen."""
    for profile in profiles_for(batch, by):
        return dict(profile.options), dict.fromkeys(batch.headers, _("the profile “%s”") % profile.name)
    if before := read_before(batch):
        options = {name: before.options[name] for name in READ_AS if name in before.options}
        return options, dict.fromkeys(batch.headers, _("the import %s") % before.reference)
    return suggested_by_names(batch)


def suggested_by_names(batch: ImportBatch, *, grouped: bool = False) -> tuple[dict[str, Any], dict[str, str]]:
    """The same by the names of the headers alone."""
    found = headers.suggest(batch.headers, resource_of(batch), grouped=grouped)
    mapping = {column: header for header, (column, _reason) in found.items()}
    reasons = {header: str(headers.REASONS[reason]) for header, (_column, reason) in found.items()}
    return {"mapping": mapping, "grouped": grouped}, reasons


def unread_values(batch: ImportBatch, head: Head, options: Mapping[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """Of each column, the texts in the first rows that it does not understand, the most frequent first.

    `head` is what stands at the beginning of the file. Only columns whose values could be mapped to others: those of
    closed lists. Raises `headers.WrongHeaders`.
    """
    resource = resource_of(batch)
    found: dict[str, Counter[str]] = {}
    layout = headers.layout_of(head.headers, resource, {**batch.options, **options})
    for name, text, number in planning.texts_of(head, layout):
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


def revoke(verdict: MatchVerdict) -> None:
    """Ask again, the next time the name comes."""
    MatchVerdict.objects.filter(pk=verdict.pk, revoked_at=None).update(revoked_at=timezone.now())


def feeding(batch: ImportBatch) -> dict[str, str]:
    """Columns and the headers that feed them."""
    options = batch.options
    found = {header: header for header in batch.headers} | dict(options.get("mapping", {}))
    for header, form in options.get("splits", {}).items():
        found |= dict.fromkeys(headers.Form(form).columns, header)
    return found


def refused_rows(batch: ImportBatch) -> Iterator[list[str]]:
    """The rows that do not come in, as they stand in the file, with their line and the reason; the headers first.

    Line and reason of a file that was itself made so go.
    """
    brought, width = _headers_brought(batch), len(batch.headers)
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
        for cells in planning.chunks(row.raw, width) if grouped else (row.raw,):
            kept = [*cells[:own], *[""] * (own - len(cells)), *cells[width:]]
            yield [*kept, str(row.line), " ".join(reasons)]


# How far the work is


@dataclass(frozen=True)
class Standing:
    """Where a batch is: its status, and while work is under way its phase and how much of it is done."""

    status: str
    phase: str = ""
    done: int = 0
    total: int = 0
    waiting: bool = False
    interrupted: bool = False
    cancelled: bool = False

    @property
    def working(self) -> bool:
        """Whether it will change without anybody doing anything."""
        return self.status in STEPS.values() and not self.interrupted


def standing(batch: ImportBatch) -> Standing:
    """Where a batch is now, asked anew of the database."""
    batch.refresh_from_db(fields=["status", "message", "counts", "options"])
    if batch.status not in STEPS.values():
        return Standing(batch.status)
    progress = ImportProgress.objects.filter(batch=batch.pk).first() or ImportProgress(batch=batch.pk)
    waiting = progress.phase == "waiting" and _is_queued(batch)
    interrupted = not waiting and not _is_held(batch)
    if interrupted:  # or just done: a worker says so before it lets go
        batch.refresh_from_db(fields=["status", "message", "counts", "options"])
        if batch.status not in STEPS.values():
            return Standing(batch.status)
    return Standing(
        status=batch.status,
        phase=progress.phase,
        done=progress.done,
        total=progress.total,
        waiting=waiting,
        interrupted=interrupted,
        cancelled=progress.cancelled,
    )


def _is_queued(batch: ImportBatch) -> bool:
    """Whether a worker has still to take the work, or has just taken it; one that died over taking it will not."""
    try:
        asked = work.get_result(batch.options.get("task", ""))
        just = asked.started_at and timezone.now() - asked.started_at < BEGINNING
        return asked.status == TaskResultStatus.READY or bool(just and asked.status == TaskResultStatus.RUNNING)
    except (TaskResultDoesNotExist, KeyError, TypeError):  # or it cannot be read
        return False
    except NotImplementedError:  # by a backend that does the work at once
        return True


def _is_held(batch: ImportBatch) -> bool:
    """Whether a worker is alive that works on the batch."""
    with connection.cursor() as cursor:
        return is_locked(cursor, WORKING, batch.pk)


class _Aside:
    """A connection of its own: what it writes is seen at once, whatever the work itself is doing."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self._connection: BaseDatabaseWrapper = connection.copy()

    def __enter__(self) -> "_Aside":
        return self

    def __exit__(self, *_error: object) -> None:
        # The server ends a closed session only in a while: until then the batch would pass for worked on.
        with suppress(Error), self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        self._connection.close()

    def hold(self) -> bool:
        """Take the lock that says that somebody works on the batch; False where another worker has it."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [WORKING, self.batch.pk])
            return bool(cursor.fetchone()[0])

    def tell(self, phase: str, done: int = 0, total: int = 0) -> bool:
        """Say how far the work is; gives whether it is to stop."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO imports_importprogress AS p (batch, phase, done, total, cancelled)
                VALUES (%s, %s, %s, %s, false)
                ON CONFLICT (batch) DO UPDATE SET phase = excluded.phase, done = excluded.done,
                    total = excluded.total, cancelled = p.cancelled AND excluded.phase <> 'waiting'
                RETURNING cancelled
                """,
                [self.batch.pk, phase, done, total],
            )
            return bool(cursor.fetchone()[0])

    def stop(self) -> None:
        """Ask the work to stop."""
        with self._connection.cursor() as cursor:
            cursor.execute("UPDATE imports_importprogress SET cancelled = true WHERE batch = %s", [self.batch.pk])

    def forget(self) -> None:
        """The work is done."""
        with self._connection.cursor() as cursor:
            cursor.execute("DELETE FROM imports_importprogress WHERE batch = %s", [self.batch.pk])


def cancel(batch: ImportBatch) -> None:
    """Ask the work on a batch to stop; it does before it commits, or is done already."""
    with _Aside(batch) as aside:
        aside.stop()
        if not aside.hold():
            return
        # Nobody has begun with it, or who did has died: there is nothing to wait for. Who would begin now does not.
        batch.refresh_from_db(fields=["status"])
        if batch.status in (ImportStatus.PLANNING, ImportStatus.APPLYING):
            _leave(batch, ImportStatus.CANCELLED, _("It was cancelled before it was done: nothing was written."))
            aside.forget()


# Working


def send(batch: ImportBatch, step: str, *, by: Any = None) -> None:
    """Have a step (`STEPS`) done by the background worker. Raises `Refused` where it is not its turn."""
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
        if locked.status not in (*READY[step], STEPS[step]) or (
            locked.status == STEPS[step] and not standing(locked).interrupted
        ):
            raise Refused(_("The file is %s: this is not possible now.") % locked.get_status_display())
        with _Aside(batch) as aside:
            aside.tell("waiting", total=sum(locked.counts.values()))
        if locked.status not in STEPS.values():
            locked.options["before"] = locked.status
        if step == "plan":
            locked.options["language"] = translation.get_language()
        locked.status, locked.message = STEPS[step], ""
        locked.save(update_fields=["status", "message", "options"])
        asked = work.enqueue(batch.pk, step, getattr(by, "pk", None))
        # Where no worker is needed, the work is done by now, and has its own to say of the batch.
        found = ImportBatch.objects.filter(pk=batch.pk, status=STEPS[step])
        found.update(options=locked.options | {"task": str(asked.id)})
    batch.refresh_from_db()


@task()
def work(pk: int, step: str, user: int | None) -> None:
    """Do a step of a batch; whatever happens is told in the batch itself.

    What is wrong with rows is said in the language in which the plan was asked for.
    """
    batch = ImportBatch.objects.filter(pk=pk, status=STEPS[step]).first()
    if batch is None:
        return  # cancelled meanwhile, or done by another
    with translation.override(batch.options.get("language")), _Aside(batch) as aside:
        if not aside.hold():
            return
        batch.refresh_from_db()
        if batch.status != STEPS[step]:
            return  # another worker ended it just before

        totals = {"reading": sum(batch.counts.values()), "writing": sum(batch.counts.get(one, 0) for one in WRITTEN)}

        def tell(phase: str, done: int) -> None:
            if phase == "reading":
                totals["deciding"] = done
            if aside.tell(phase, done, totals.get(phase, 0)):
                raise Cancelled

        try:
            tell("reading", 0)
            {"plan": plan, "apply": apply, "undo": undo}[step](batch, tell=tell, user=user)
        except Cancelled:
            _leave(batch, ImportStatus.CANCELLED, _("It was cancelled before it was done: nothing was written."))
        except Moved as error:
            tell("reading", 0)
            with suppress(Cancelled):
                plan(batch, tell=tell, moved=error.lines)
        except headers.WrongHeaders as error:
            _leave(batch, ImportStatus.FAILED, "\n".join(error.messages))
        except (Unreadable, Refused) as error:
            _leave(batch, ImportStatus.FAILED, str(error))
        except Exception as error:
            others = isinstance(error, OperationalError) and state_of(error) in {LOCK_TIMEOUT, *CONFLICTS}
            told = _("Nothing was written, by a fault of the site: %s") % repr(error)[:500]
            if others:
                told = _("Nothing was written: others were writing the same records. Try again in a while.")
            _leave(batch, ImportStatus.FAILED, told)
            if not others:
                raise
        aside.forget()


def _leave(batch: ImportBatch, status: str, message: str) -> None:
    """Say that a step came to nothing: a plan stays a plan, and what was applied stays applied."""
    batch = ImportBatch.objects.get(pk=batch.pk)
    if batch.status != ImportStatus.PLANNING:
        status = batch.options["before"]
    batch.status, batch.message = status, message
    batch.save(update_fields=["status", "message"])


@retried
def plan(
    batch: ImportBatch,
    *,
    tell: Callable[[str, int], None] = lambda phase, done: None,
    user: int | None = None,
    moved: list[int] | None = None,
) -> None:
    """Say of each row what would become of it; nothing of the directory is written.

    `moved` are the lines of which something else was said before.
    """
    resource = resource_of(batch)
    with transaction.atomic(), open_sheet(batch) as sheet:
        batch.rows.all().delete()
        layout = headers.layout_of(sheet.headers, resource, batch.options)
        counts, _todo = planning.plan(
            batch,
            resource,
            planning.rows_of(sheet, layout, resource),
            store=planning.store_rows(batch),
            progress=tell,
        )
        batch.counts = planning.totals(counts)
        batch.options |= {"ignored": layout.ignored, "moved": moved or []}
        batch.status, batch.message = ImportStatus.PLANNED, ""
        if moved:
            batch.message = _("The directory has changed since: look at the rows marked before you apply.")
        batch.save(update_fields=["counts", "options", "status", "message"])
        tell("deciding", counts.total())


@retried
def apply(
    batch: ImportBatch, *, tell: Callable[[str, int], None] = lambda phase, done: None, user: int | None = None
) -> None:
    """Write what was planned, in one transaction; all or nothing where the batch's options say so.

    Raises `Moved` where the file's rows would now become something else than was planned, `Refused` where nothing may
    be written.
    """
    with transaction.atomic(), batch.file.open("rb") as file:
        begin()
        if hashlib.file_digest(file, "sha256").hexdigest() != batch.sha256:
            raise Refused(_("The kept file is not the one that was planned: bring it again."))
        resource = resource_of(batch)
        # Before they are read: what is planned is then compared with what will be written, and nobody changes it.
        updated = batch.rows.filter(outcome=Outcome.UPDATED).values_list("record", flat=True)
        resource.updated.update(map(resource.model._meta.pk.to_python, updated.iterator()))
        lock_rows(resource.model, resource.updated)
        with confined.sheet(file, batch.options) as sheet, connection.cursor() as cursor:
            layout = headers.layout_of(sheet.headers, resource, batch.options)
            cursor.execute("DROP TABLE IF EXISTS import_plan")
            cursor.execute(
                "CREATE TEMPORARY TABLE import_plan ON COMMIT DROP AS"
                " SELECT line, outcome, faults, changes, record, twin FROM imports_importrow WITH NO DATA"
            )
            counts, todo = planning.plan(
                batch,
                resource,
                planning.rows_of(sheet, layout, resource),
                store=planning.compare_rows,
                progress=tell,
            )
            if lines := _moved(cursor, batch):
                raise Moved(lines)
        whole = batch.options.get("all_or_nothing")
        if whole and (counts[Outcome.REFUSED] or counts[Outcome.QUESTION]):
            raise Refused(_("Nothing was written, since not all rows are good, and all or nothing was asked for."))
        write(resource, batch, todo, counts, partial(_note, batch), partial(tell, "writing"))
        if whole and counts[Outcome.REFUSED]:
            raise Refused(_("Nothing was written: the database refused a row, and all or nothing was asked for."))
        batch.counts = planning.totals(counts)
        batch.status, batch.message, batch.applied_at = ImportStatus.APPLIED, "", timezone.now()
        batch.options |= {"moved": []}
        batch.save(update_fields=["counts", "status", "message", "applied_at", "options"])
        tell("writing", counts[Outcome.CREATED] + counts[Outcome.UPDATED])


def _moved(cursor: CursorWrapper, batch: ImportBatch) -> list[int]:
    """The first lines of which the plan says something else now."""
    cursor.execute(
        """
        SELECT coalesce(old.line, new.line) FROM import_plan AS new
        FULL JOIN (SELECT * FROM imports_importrow WHERE batch_id = %s) AS old USING (line)
        WHERE (old.outcome, old.faults, old.changes, old.record, old.twin)
            IS DISTINCT FROM (new.outcome, new.faults, new.changes, new.record, new.twin)
        ORDER BY 1 LIMIT 1000
        """,
        [batch.pk],
    )
    return [line for (line,) in cursor.fetchall()]


def _note(batch: ImportBatch, cursor: CursorWrapper, rows: list[Row]) -> None:
    """Keep with the batch which records rows made, and which rows the database refused."""
    cursor.execute("CREATE TEMPORARY TABLE import_noted (LIKE import_plan)")
    planning.copy_said(cursor, "import_noted", [row for row in rows if row.outcome != Outcome.UPDATED])
    cursor.execute(
        "UPDATE imports_importrow AS kept SET outcome = noted.outcome, faults = noted.faults, record = noted.record"
        " FROM import_noted AS noted WHERE kept.batch_id = %s AND kept.line = noted.line",
        [batch.pk],
    )
    cursor.execute("DROP TABLE import_noted")


@retried
def undo(
    batch: ImportBatch, *, tell: Callable[[str, int], None] = lambda phase, done: None, user: int | None = None
) -> None:
    """Take back the last step of a batch, and keep with it what could not be taken back."""
    with transaction.atomic():
        undone = undoing.undo(batch, by=get_user_model().objects.filter(pk=user).first(), tell=tell)
        batch.refresh_from_db()
        batch.options["kept"] = [
            {"reference": record.reference, "title": str(record)[:200], "model": record._meta.label_lower}
            for record in undone.kept
        ]
        batch.options["kept_total"] = undone.kept_total
        batch.save(update_fields=["options"])


def delimiter_of(batch: ImportBatch) -> str:
    """What stands between the cells of the file; nothing for a workbook, and where no file was kept."""
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


def rows_of(batch: ImportBatch, outcome: str = "") -> QuerySet[ImportRow]:
    """The rows of a batch of one outcome, or all; “moved” are those that changed since the plan."""
    if outcome == "moved":
        return batch.rows.filter(line__in=batch.options.get("moved", []))
    return batch.rows.filter(outcome=outcome) if outcome else batch.rows.all()


def rows_after(batch: ImportBatch, *, outcome: str = "", line: int = 0, number: int = 50) -> list[ImportRow]:
    """Some of these rows after a line, in their order."""
    return list(rows_of(batch, outcome).filter(line__gt=line).order_by("line")[:number])
