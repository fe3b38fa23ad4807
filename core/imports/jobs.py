"""Background jobs of import batches: queued, worked, cancelled, and where they stand."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.contrib.auth import get_user_model
from django.db import Error, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus, task
from django_tasks.exceptions import TaskResultDoesNotExist

from core.database.contention import CONFLICTS, LOCK_TIMEOUT, lock_rows, retried, state_of
from core.database.copy import is_locked
from core.fields import reference_of
from core.imports.readers.limits import Unreadable

from . import mapping, plan, undo
from .apply import begin, write_rows
from .batches import READY, open_sheet, resource_of
from .errors import ImportRefused
from .models import ImportBatch, ImportProgress, ImportStatus, Outcome
from .readers import confined
from .rows import WRITTEN_OUTCOMES, Row

WORKER_LOCK = 0x776F726B
"""The class of the advisory locks that workers hold, one for each batch."""

BEGINNING = timedelta(seconds=10)
"""Longest time between taking the work and holding the lock."""

STEP_STATUSES = {
    "plan": ImportStatus.PLANNING,
    "apply": ImportStatus.APPLYING,
    "undo": ImportStatus.UNDOING,
}
"""Steps of a batch, with its status meanwhile."""


class Cancelled(Exception):
    """Exception: somebody asked the work to stop."""


class Moved(Exception):
    """Exception: the directory is no longer as it was when the batch was planned; `lines` are of rows that show it."""

    def __init__(self, lines: list[int]) -> None:
        super().__init__(lines)
        self.lines = lines


@dataclass(frozen=True)
class BatchState:
    """Progress of a batch: its status, and while work is under way its phase and how much of it is done."""

    status: str
    phase: str = ""
    done: int = 0
    total: int = 0
    waiting: bool = False
    interrupted: bool = False
    cancelled: bool = False

    @property
    def working(self) -> bool:
        """True if the batch will change without anybody doing anything."""
        return self.status in STEP_STATUSES.values() and not self.interrupted


def batch_state(batch: ImportBatch) -> BatchState:
    """Current progress of a batch, read anew from the database."""
    batch.refresh_from_db(fields=["status", "message", "counts", "options"])
    if batch.status not in STEP_STATUSES.values():
        return BatchState(batch.status)
    progress = ImportProgress.objects.filter(batch=batch.pk).first() or ImportProgress(batch=batch.pk)
    waiting = progress.phase == "waiting" and _is_queued(batch)
    interrupted = not waiting and not _is_held(batch)
    if interrupted:  # or just done: a worker says so before it lets go
        batch.refresh_from_db(fields=["status", "message", "counts", "options"])
        if batch.status not in STEP_STATUSES.values():
            return BatchState(batch.status)
    return BatchState(
        status=batch.status,
        phase=progress.phase,
        done=progress.done,
        total=progress.total,
        waiting=waiting,
        interrupted=interrupted,
        cancelled=progress.cancelled,
    )


def _is_queued(batch: ImportBatch) -> bool:
    """True if a worker has yet to take the work, or has just taken it; False if the worker died while taking it."""
    try:
        asked = work.get_result(batch.options.get("task", ""))
        just = asked.started_at and timezone.now() - asked.started_at < BEGINNING
        return asked.status == TaskResultStatus.READY or bool(just and asked.status == TaskResultStatus.RUNNING)
    except (TaskResultDoesNotExist, KeyError, TypeError):  # or it cannot be read
        return False
    except NotImplementedError:  # by a backend that does the work at once
        return True


def _is_held(batch: ImportBatch) -> bool:
    """True if a live worker works on the batch."""
    with connection.cursor() as cursor:
        return is_locked(cursor, WORKER_LOCK, batch.pk)


class _Aside:
    """Separate database connection for progress: what it writes is visible at once, before the work itself commits."""

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
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [WORKER_LOCK, self.batch.pk])
            return bool(cursor.fetchone()[0])

    def tell(self, phase: str, done: int = 0, total: int = 0) -> bool:
        """Write the progress; gives whether the work is to stop."""
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
        """Delete the progress: the work is done."""
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


def enqueue_step(batch: ImportBatch, step: str, *, by: object = None) -> None:
    """Queue a step (`STEP_STATUSES`) for the background worker. Raises `ImportRefused` where it is not its turn."""
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
        if locked.status not in (*READY[step], STEP_STATUSES[step]) or (
            locked.status == STEP_STATUSES[step] and not batch_state(locked).interrupted
        ):
            raise ImportRefused(_("The file is %s: this is not possible now.") % locked.get_status_display())
        with _Aside(batch) as aside:
            aside.tell("waiting", total=sum(locked.counts.values()))
        if locked.status not in STEP_STATUSES.values():
            locked.options["before"] = locked.status
        if step == "plan":
            locked.options["language"] = translation.get_language()
        locked.status, locked.message = STEP_STATUSES[step], ""
        locked.save(update_fields=["status", "message", "options"])
        asked = work.enqueue(batch.pk, step, getattr(by, "pk", None))
        # Where no worker is needed, the work is done by now, and has its own to say of the batch.
        found = ImportBatch.objects.filter(pk=batch.pk, status=STEP_STATUSES[step])
        found.update(options=locked.options | {"task": str(asked.id)})
    batch.refresh_from_db()


@task()
def work(pk: int, step: str, user: int | None) -> None:
    """Do a step of a batch; whatever happens is told in the batch itself.

    What is wrong with rows is said in the language in which the plan was asked for.
    """
    batch = ImportBatch.objects.filter(pk=pk, status=STEP_STATUSES[step]).first()
    if batch is None:
        return  # cancelled meanwhile, or done by another
    with translation.override(batch.options.get("language")), _Aside(batch) as aside:
        if not aside.hold():
            return
        batch.refresh_from_db()
        if batch.status != STEP_STATUSES[step]:
            return  # another worker ended it just before

        totals = {
            "reading": sum(batch.counts.values()),
            "writing": sum(batch.counts.get(one, 0) for one in WRITTEN_OUTCOMES),
        }

        def tell(phase: str, done: int) -> None:
            if phase == "reading":
                totals["deciding"] = done
            if aside.tell(phase, done, totals.get(phase, 0)):
                raise Cancelled

        try:
            tell("reading", 0)
            {"plan": plan_batch, "apply": apply_batch, "undo": undo_batch}[step](batch, tell=tell, user=user)
        except Cancelled:
            _leave(batch, ImportStatus.CANCELLED, _("It was cancelled before it was done: nothing was written."))
        except Moved as error:
            tell("reading", 0)
            with suppress(Cancelled):
                plan_batch(batch, tell=tell, moved=error.lines)
        except mapping.WrongHeaders as error:
            _leave(batch, ImportStatus.FAILED, "\n".join(error.messages))
        except (Unreadable, ImportRefused) as error:
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
    """Set the status after a failed or cancelled step: a plan stays a plan, and an applied batch stays applied."""
    batch = ImportBatch.objects.get(pk=batch.pk)
    if batch.status != ImportStatus.PLANNING:
        status = batch.options["before"]
    batch.status, batch.message = status, message
    batch.save(update_fields=["status", "message"])


@retried
def plan_batch(
    batch: ImportBatch,
    *,
    tell: Callable[[str, int], None] = lambda phase, done: None,
    user: int | None = None,
    moved: list[int] | None = None,
) -> None:
    """Plan the outcome of each row; nothing of the directory is written.

    `moved` are the lines of which something else was said before.
    """
    resource = resource_of(batch)
    with transaction.atomic(), open_sheet(batch) as sheet:
        batch.rows.all().delete()
        layout = mapping.layout_of(sheet.headers, resource, batch.options)
        counts, _todo = plan.plan_rows(
            batch,
            resource,
            plan.sheet_rows(sheet, layout, resource),
            store=plan.store_rows(batch),
            progress=tell,
        )
        batch.counts = plan.totals(counts)
        batch.options |= {"ignored": layout.ignored, "moved": moved or []}
        batch.status, batch.message = ImportStatus.PLANNED, ""
        if moved:
            batch.message = _("The directory has changed since: look at the rows marked before you apply.")
        batch.save(update_fields=["counts", "options", "status", "message"])
        tell("deciding", counts.total())


@retried
def apply_batch(
    batch: ImportBatch, *, tell: Callable[[str, int], None] = lambda phase, done: None, user: int | None = None
) -> None:
    """Write what was planned, in one transaction; all or nothing where the batch's options say so.

    Raises `Moved` where the file's rows would now become something else than was planned, `ImportRefused` where nothing
    may be written.
    """
    with transaction.atomic(), batch.file.open("rb") as file:
        begin()
        if hashlib.file_digest(file, "sha256").hexdigest() != batch.sha256:
            raise ImportRefused(_("The kept file is not the one that was planned: bring it again."))
        resource = resource_of(batch)
        # Before they are read: what is planned is then compared with what will be written, and nobody changes it.
        updated = batch.rows.filter(outcome=Outcome.UPDATED).values_list("record", flat=True)
        resource.updated.update(map(resource.model._meta.pk.to_python, updated.iterator()))
        lock_rows(resource.model, resource.updated)
        with confined.sheet(file, batch.options) as sheet, connection.cursor() as cursor:
            layout = mapping.layout_of(sheet.headers, resource, batch.options)
            cursor.execute("DROP TABLE IF EXISTS import_plan")
            cursor.execute(
                "CREATE TEMPORARY TABLE import_plan ON COMMIT DROP AS"
                " SELECT line, outcome, faults, changes, record, twin FROM imports_importrow WITH NO DATA"
            )
            counts, todo = plan.plan_rows(
                batch,
                resource,
                plan.sheet_rows(sheet, layout, resource),
                store=plan.compare_rows,
                progress=tell,
            )
            if lines := _moved(cursor, batch):
                raise Moved(lines)
        whole = batch.options.get("all_or_nothing")
        if whole and (counts[Outcome.REFUSED] or counts[Outcome.QUESTION]):
            raise ImportRefused(
                _("Nothing was written, since not all rows are good, and all or nothing was asked for.")
            )
        write_rows(resource, batch, todo, counts, partial(_note, batch), partial(tell, "writing"))
        if whole and counts[Outcome.REFUSED]:
            raise ImportRefused(_("Nothing was written: the database refused a row, and all or nothing was asked for."))
        batch.counts = plan.totals(counts)
        batch.status, batch.message, batch.applied_at = ImportStatus.APPLIED, "", timezone.now()
        batch.options |= {"moved": []}
        batch.save(update_fields=["counts", "status", "message", "applied_at", "options"])
        tell("writing", counts[Outcome.CREATED] + counts[Outcome.UPDATED])


def _moved(cursor: CursorWrapper, batch: ImportBatch) -> list[int]:
    """First lines whose outcome in the plan has changed."""
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
    plan.copy_said(cursor, "import_noted", [row for row in rows if row.outcome != Outcome.UPDATED])
    cursor.execute(
        "UPDATE imports_importrow AS kept SET outcome = noted.outcome, faults = noted.faults, record = noted.record"
        " FROM import_noted AS noted WHERE kept.batch_id = %s AND kept.line = noted.line",
        [batch.pk],
    )
    cursor.execute("DROP TABLE import_noted")


@retried
def undo_batch(
    batch: ImportBatch, *, tell: Callable[[str, int], None] = lambda phase, done: None, user: int | None = None
) -> None:
    """Undo the last step of a batch, and store with it the records that could not be undone."""
    with transaction.atomic():
        by = None if user is None else get_user_model().objects.filter(pk=user).first()
        undone = undo.undo_import(batch, by=by, tell=tell)
        batch.refresh_from_db()
        batch.options["kept"] = [
            {"reference": reference_of(record), "title": str(record)[:200], "model": record._meta.label_lower}
            for record in undone.kept
        ]
        batch.options["kept_total"] = undone.kept_total
        batch.save(update_fields=["options"])
