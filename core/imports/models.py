"""Models of imported files: batches, rows, names, verdicts, profiles, progress."""

from pathlib import Path
from typing import IO, Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files import File
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import ReferenceField, choice_constraint, keep_reference

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".ods")
"""The endings under which files are kept."""


class ImportStatus(models.TextChoices):
    """Status of a batch."""

    UPLOADED = "uploaded", _("uploaded")
    PLANNING = "planning", _("being planned")
    PLANNED = "planned", _("planned")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class Outcome(models.TextChoices):
    """Outcome of a row."""

    CREATED = "created", _("created")
    UPDATED = "updated", _("updated")
    UNCHANGED = "unchanged", _("unchanged")
    DUPLICATE = "duplicate", _("duplicate")
    QUESTION = "question", _("needs a decision")
    REFUSED = "refused", _("refused")


class ImportBatch(models.Model):
    """One imported file: where it came from, how it was read and what became of its rows.

    The history of every record that the file changed carries this batch's reference (``pgh_context.metadata.batch``).
    """

    reference = ReferenceField("I")
    resource = models.CharField(_("kind of rows"), max_length=40)
    file = models.FileField(_("kept file"), upload_to="imports/%Y", blank=True, max_length=300)
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, db_index=True)
    source_title = models.CharField(_("title of the source"), max_length=300)
    source_publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    source_date = PartialDateField(_("date of the source"))
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)
    source_licence = models.CharField(_("licence of the source"), max_length=60)
    options = models.JSONField(
        _("options"),
        default=dict,
        help_text=_(
            "How the file is read: mapping, constants, values, delimiter, encoding, sheet; and what is allowed."
        ),
    )
    headers = ArrayField(models.TextField(), verbose_name=_("headers"), default=list, blank=True)
    counts = models.JSONField(_("rows by outcome"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=ImportStatus, default=ImportStatus.APPLIED)
    message = models.TextField(_("what happened"), blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("imported by"),
    )
    created_at = models.DateTimeField(_("imported on"), db_default=Now(), editable=False)
    applied_at = models.DateTimeField(_("applied on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("import batch")
        verbose_name_plural = _("import batches")
        ordering = ["-created_at"]
        constraints = [
            *date_constraints("importbatch", "source_date"),
            *choice_constraint("importbatch", status=ImportStatus),
        ]
        triggers = [keep_reference()]

    def __str__(self) -> str:
        return f"{self.reference} · {self.file_name}"

    def keep(self, file: IO[bytes]) -> None:
        """Store a file, from its current position on, under a name that says nothing of its origin."""
        ending = Path(self.file_name).suffix.lower()
        name = f"{self.sha256[:16]}{ending if ending in ENDINGS else '.csv'}"
        self.file.save(name, File(file), save=False)


class ImportRow(models.Model):
    """A row of a file as it stands there, and what becomes of it.

    `faults` hold column, value and reason of each; `changes` column, before and after, as text.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", verbose_name=_("batch"))
    line = models.PositiveIntegerField(_("line"))
    raw = ArrayField(models.TextField(), verbose_name=_("cells"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    faults = models.JSONField(_("faults"), default=list)
    changes = models.JSONField(_("changes"), default=list)
    record = models.CharField(_("key of the record"), max_length=40, null=True, blank=True)
    twin = models.PositiveIntegerField(_("line that it repeats"), null=True, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["batch", "line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="importrow_once")]
        indexes = [models.Index(fields=["batch", "outcome", "line"], name="importrow_outcome")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"


class ImportName(models.Model):
    """A distinct name in a file and what it stands for.

    `said` is all that the file says of it; `target` the key of a record (“t12”), of a place that a record is made from,
    or of a new record that `made` describes; empty while it is a question with `candidates`, or refused for `reason`.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="names", verbose_name=_("batch"))
    key = models.CharField(_("key"), max_length=32)
    said = models.JSONField(_("what is said"))
    normalised = models.TextField(_("normalised"), blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    target = models.CharField(_("stands for"), max_length=40, blank=True)
    title = models.CharField(_("name of the record"), max_length=300, blank=True)
    made = models.JSONField(_("new record"), null=True, blank=True)
    question = models.BooleanField(_("needs a decision"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    candidates = models.JSONField(_("candidates"), default=list)
    verdict = models.ForeignKey(
        "MatchVerdict", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("name in an import")
        verbose_name_plural = _("names in imports")
        ordering = ["batch", "normalised", "key"]
        constraints = [models.UniqueConstraint(fields=["batch", "key"], name="importname_once")]
        indexes = [models.Index(fields=["batch", "question", "normalised"], name="importname_question")]

    def __str__(self) -> str:
        return self.title or self.normalised


class Decision(models.TextChoices):
    """Kind of decision on what a name stands for."""

    RECORD = "record", _("this record")
    PLACE = "place", _("this place")
    NEW = "new", _("a new record")
    OTHER = "other", _("something of another kind")
    SKIP = "skip", _("leave its rows out")
    ASK = "ask", _("ask me, whatever others decided")


class MatchVerdict(models.Model):
    """Verdict on a name in files: decided once by somebody and remembered for later files, until it is revoked.

    `key` is made of what the files say (the name, and what tells it from others of that name); `target` is the key of
    the record or place. `scope` are the codes of the areas whose files it holds for: None for all files, empty for the
    files of who decided it alone. Each person has one verdict on a name; whose decides:
    `partnerships.imports.verdicts`.
    """

    key = models.CharField(_("key"), max_length=32)
    said = models.JSONField(_("what is said"))
    decision = models.CharField(_("decision"), max_length=12, choices=Decision)
    target = models.CharField(_("stands for"), max_length=40, blank=True)
    title = models.CharField(_("name of the record"), max_length=300, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("decided by")
    )
    scope = ArrayField(models.TextField(), verbose_name=_("areas it holds for"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided on"), db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)

    class Meta:
        verbose_name = _("verdict on a name")
        verbose_name_plural = _("verdicts on names")
        ordering = ["-decided_at", "-id"]
        constraints = [
            *choice_constraint("matchverdict", decision=Decision),
            models.UniqueConstraint(fields=["key", "user"], condition=Q(revoked_at=None), name="matchverdict_once"),
        ]

    def __str__(self) -> str:
        return f"{self.said.get('name', '')} → {self.title or self.get_decision_display()}"

    @property
    def by(self) -> str:
        """Name of the person who decided, for the people who import."""
        return (self.user.get_full_name() or self.user.get_username()) if self.user else gettext("a former user")


class ImportProfileQuerySet(models.QuerySet["ImportProfile"]):
    """Profiles of imports."""

    def readable_by(self, user: Any) -> Self:
        """Profiles that somebody may read a file by: their own, and the shared ones."""
        return self.filter(Q(user=None) | Q(user=user.pk)) if user else self.filter(user=None)


class ImportProfile(models.Model):
    """Saved mapping profile for files with certain headers: offered to its owner when the same headers come again.

    Without an owner it is shared: offered to everybody who imports.
    """

    name = models.CharField(_("name"), max_length=100)
    resource = models.CharField(_("kind of rows"), max_length=40)
    headers = ArrayField(models.TextField(), verbose_name=_("headers"))
    options = models.JSONField(_("options"), default=dict)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("owner"),
        help_text=_("Empty: shared with everybody who imports."),
    )
    saved_at = models.DateTimeField(_("saved on"), auto_now=True)

    objects = ImportProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("import profile")
        verbose_name_plural = _("import profiles")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "name", "user"], name="importprofile_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class ImportProgress(models.Model):
    """Progress of the work on a batch; written by a separate connection, so that it is visible before the work is done.

    `cancelled` asks the work to stop.
    """

    batch = models.BigIntegerField(_("batch"), primary_key=True)
    phase = models.CharField(_("phase"), max_length=20, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    cancelled = models.BooleanField(_("to be cancelled"), default=False)

    class Meta:
        verbose_name = _("progress of an import")
        verbose_name_plural = _("progress of imports")
        ordering = ["batch"]

    def __str__(self) -> str:
        return f"{self.batch}: {self.phase} {self.done}/{self.total}"
