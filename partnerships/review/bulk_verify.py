"""Bulk verification of agreements by a file with a verdict for each: still true, ended or wrong.

The file has the columns of `VERDICT_COLUMNS`; it is planned first, each row with what would become of it, and then
applied.
"""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.database.contention import lock_rows, retried
from core.dates import PartialDate
from core.imports.date_formats import read_date
from core.imports.readers import confined
from core.imports.readers.limits import Unreadable, tidy

from .. import permissions
from ..choices import Activity, Publication
from ..editing import rules, snapshot, workflow
from ..models import Agreement
from ..querysets import agreements
from . import proposals

VERDICT_COLUMNS = ("reference", "date", "verdict")
IGNORED_COLUMNS = ("agreement",)
"""Columns that are there for the reader and left aside."""
MAX_VERDICT_ROWS = 5_000
"""Rows that a file may have: more than a territory has agreements."""
_READ_SECONDS = 8
"""Limit of processor seconds for reading a file: the page waits for it."""


class OfficerVerdict(models.TextChoices):
    """Verdict of the officer on an agreement; the codes stand in the file."""

    TRUE = "true", pgettext_lazy("verdict", "still true")
    ENDED = "ended", pgettext_lazy("verdict", "ended")
    WRONG = "wrong", pgettext_lazy("verdict", "something is wrong")


class VerdictOutcome(models.TextChoices):
    """Outcome of a row."""

    VERIFIED = "verified", pgettext_lazy("outcome", "verified")
    ENDED = "ended", pgettext_lazy("outcome", "marked as ended")
    NOTED = "noted", pgettext_lazy("outcome", "noted in the queue, to be corrected")
    UNCHANGED = "unchanged", pgettext_lazy("outcome", "unchanged: known already")
    REFUSED = "refused", pgettext_lazy("outcome", "refused")


_CHANGING_OUTCOMES = {VerdictOutcome.VERIFIED, VerdictOutcome.ENDED, VerdictOutcome.NOTED}


@dataclass(frozen=True)
class VerdictFault:
    """Fault of a cell: the column, the value and the remedy."""

    column: str
    value: str
    remedy: str


@dataclass
class Row:
    """A row of the file and what becomes of it."""

    line: int
    cells: dict[str, str]
    outcome: str = VerdictOutcome.REFUSED
    agreement: Agreement | None = None
    date: PartialDate | None = None
    faults: list[VerdictFault] = field(default_factory=list)

    def refuse(self, column: str, remedy: str) -> None:
        """Refuse the row because of a cell."""
        self.outcome = VerdictOutcome.REFUSED
        self.faults.append(VerdictFault(column, self.cells[column], remedy))

    @property
    def outcome_label(self) -> str:
        """Label of the row's outcome."""
        return str(VerdictOutcome(self.outcome).label)


@dataclass
class VerdictPlan:
    """Plan of a file: its rows with their outcomes."""

    rows: list[Row]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Code, words and number of each outcome that occurs."""
        numbers = Counter(row.outcome for row in self.rows)
        return [(one.value, str(one.label), numbers[one.value]) for one in VerdictOutcome if numbers[one.value]]

    @property
    def refused(self) -> list[Row]:
        """The rows that cannot be applied."""
        return [row for row in self.rows if row.outcome == VerdictOutcome.REFUSED]

    @property
    def changes(self) -> int:
        """Number of rows that would change something."""
        return sum(row.outcome not in (VerdictOutcome.REFUSED, VerdictOutcome.UNCHANGED) for row in self.rows)


Cells = list[tuple[int, dict[str, str]]]


def read_file(file: IO[bytes], person: int | None = None) -> Cells:
    """The rows of a file of somebody (their key), each with its line. Raises `Unreadable` with a word for them."""
    with confined.sheet(file, {}, _READ_SECONDS, person) as sheet:
        return _cells(sheet.headers, list(islice(sheet.rows, MAX_VERDICT_ROWS + 1)))


def _cells(told: list[str], rows: list[tuple[int, list[str]]]) -> Cells:
    headers = [header.casefold() for header in told]
    missing = [column for column in VERDICT_COLUMNS if column not in headers]
    if missing:
        raise Unreadable(
            _("The file has no column %(missing)s. Its first line must name these: %(columns)s.")
            % {"missing": ", ".join(missing), "columns": ", ".join(VERDICT_COLUMNS)}
        )
    unknown = [header for header in headers if header not in VERDICT_COLUMNS + IGNORED_COLUMNS]
    if unknown or len(set(headers)) < len(headers):
        raise Unreadable(
            _("The file may have these columns, each once: %(columns)s. It has: %(headers)s.")
            % {"columns": ", ".join(VERDICT_COLUMNS + IGNORED_COLUMNS), "headers": ", ".join(told)}
        )
    if len(rows) > MAX_VERDICT_ROWS:
        raise Unreadable(_("The file has more than %(number)s rows: cut it into parts.") % {"number": MAX_VERDICT_ROWS})
    found = []
    for line, cells in rows:
        texts = dict(zip(headers, map(tidy, cells), strict=False))
        found.append((line, {column: texts.get(column, "") for column in VERDICT_COLUMNS}))
    return found


def plan_verdicts(*, by: User, rows: Iterable[tuple[int, dict[str, str]]]) -> VerdictPlan:
    """Plan the outcome of each row, for an officer and as the directory is now."""
    planned = [Row(line, cells) for line, cells in rows]
    wanted = {row.cells["reference"].upper() for row in planned}
    allowed = permissions.agreements_writable_by(by, permissions.PUBLISHERS).filter(reference__in=wanted)
    found = {agreement.reference: agreement for agreement in allowed.with_parties()}
    others = set(agreements().published().filter(reference__in=wanted).values_list("reference", flat=True))
    lines: dict[str, int] = {}
    for row in planned:
        reference = row.cells["reference"].upper()
        row.agreement = found.get(reference)
        if reference in lines:
            row.refuse("reference", _("This agreement stands on line %(line)s already.") % {"line": lines[reference]})
            continue
        lines[reference] = row.line
        if row.agreement is None:
            row.refuse(
                "reference",
                _("This agreement lies outside your territory.")
                if reference in others
                else _("No agreement has this reference: take it from the agreement’s page, such as A12."),
            )
        elif row.agreement.publication != Publication.PUBLISHED:
            row.refuse("reference", _("Only what is published can be verified."))
        _judge(row)
    _refuse_impossible_ends(planned)
    return VerdictPlan(planned)


def _judge(row: Row) -> None:
    """Read the verdict and the date, and find what becomes of the row."""
    verdict = row.cells["verdict"].casefold()
    if verdict not in OfficerVerdict:
        row.refuse("verdict", _("Write one of: %(verdicts)s.") % {"verdicts": ", ".join(OfficerVerdict.values)})
    date = _date(row, verdict)
    agreement = row.agreement
    if row.faults or agreement is None:
        return
    row.date = date
    if verdict == OfficerVerdict.TRUE:
        known = agreement.verified_on and agreement.verified_on >= (date.first_day() if date else timezone.localdate())
        row.outcome = VerdictOutcome.UNCHANGED if known else VerdictOutcome.VERIFIED
    elif verdict == OfficerVerdict.WRONG:
        row.outcome = VerdictOutcome.NOTED
    elif agreement.activity == Activity.ENDED and (date is None or date == agreement.ended):
        row.outcome = VerdictOutcome.UNCHANGED
    else:
        row.outcome = VerdictOutcome.ENDED


def _refuse_impossible_ends(rows: list[Row]) -> None:
    """Refuse the ends that the agreements, as they are stored, contradict."""
    stored = snapshot.read_many(
        [row.agreement.pk for row in rows if row.agreement and row.outcome == VerdictOutcome.ENDED]
    )
    for row in rows:
        if row.agreement and row.outcome == VerdictOutcome.ENDED:
            content = workflow.ended_content(stored[row.agreement.pk], row.date)
            for breach in rules.breaches(content, publishing=True):
                row.refuse("date", breach.message)


def _date(row: Row, verdict: str) -> PartialDate | None:
    """The date of a row, which the rule book judges as that of the end or of the verification; a day is asked for when
    something was verified. Blank is today, or an unknown end."""
    text = row.cells["date"]
    if not text:
        return None
    try:
        date = read_date(text)
    except ValidationError as error:
        row.refuse("date", " ".join(error.messages))
        return None
    if verdict == OfficerVerdict.TRUE and len(date) < 10:
        row.refuse("date", _("Give the day on which it was verified, such as 2026-05-24, or leave it blank for today."))
    judged = "ended" if verdict == OfficerVerdict.ENDED else "verified_on"
    for breach in rules.breaches({judged: str(date)}, publishing=True):
        row.refuse("date", breach.message)
    return date


@retried
def apply_verdicts(*, by: User, plan: VerdictPlan) -> int:
    """Do what is planned, all of it or nothing. Returns how many agreements were touched."""
    with transaction.atomic():
        changed = [row.agreement for row in plan.rows if row.agreement and row.outcome in _CHANGING_OUTCOMES]
        lock_rows(Agreement, [agreement.pk for agreement in changed])
        on: dict[datetime.date, list[Agreement]] = {}
        for row in plan.rows:
            if row.agreement is None:
                continue
            if row.outcome == VerdictOutcome.VERIFIED:
                on.setdefault(row.date.first_day() if row.date else timezone.localdate(), []).append(row.agreement)
            elif row.outcome == VerdictOutcome.ENDED:
                end(by=by, agreement=row.agreement, ended=row.date)
            elif row.outcome == VerdictOutcome.NOTED:
                proposals.note(by=by, agreement=row.agreement)
        for day, verified in on.items():
            workflow.verify(by=by, agreements=verified, on=day)
    return plan.changes


@retried
@transaction.atomic
def end(*, by: User, agreement: Agreement, ended: str | None) -> None:
    """End an agreement, and mark it as verified, since somebody has looked it up."""
    workflow.end(by=by, agreement=agreement, ended=ended)
    workflow.verify(by=by, agreements=[agreement])


@retried
@transaction.atomic
def end_all(*, by: User, agreements: Collection[Agreement], ended: str | None) -> None:
    """End agreements, all of them or none."""
    lock_rows(Agreement, [one.pk for one in agreements])
    for agreement in agreements:
        end(by=by, agreement=agreement, ended=ended)


@retried
@transaction.atomic
def note_all(*, by: User, agreements: Collection[Agreement], text: str) -> None:
    """Note for several agreements that something is wrong: it waits in the queue."""
    lock_rows(Agreement, [one.pk for one in agreements])
    for agreement in agreements:
        proposals.note(by=by, agreement=agreement, text=text)
