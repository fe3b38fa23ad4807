"""What is kept of an imported file."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coopdir.dates import PartialDateField, date_constraints
from coopdir.fields import ReferenceField, choice_constraint, keep_reference


class ImportStatus(models.TextChoices):
    """What became of a batch."""

    APPLIED = "applied", _("applied")
    FAILED = "failed", _("failed")


class ImportBatch(models.Model):
    """One imported file: where it came from, how it was read and what became of its rows.

    The history of every record that the file changed carries this batch's reference (``pgh_context.metadata.batch``).
    """

    reference = ReferenceField("I")
    resource = models.CharField(_("kind of rows"), max_length=40)
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, db_index=True)
    source_title = models.CharField(_("title of the source"), max_length=300)
    source_publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    source_date = PartialDateField(_("date of the source"))
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)
    source_licence = models.CharField(_("licence of the source"), max_length=60)
    options = models.JSONField(_("options"), default=dict, help_text=_("Mapping, constants and format used."))
    counts = models.JSONField(_("rows by outcome"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=ImportStatus, default=ImportStatus.APPLIED)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("imported by"),
    )
    created_at = models.DateTimeField(_("imported on"), db_default=Now(), editable=False)

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
