"""Sources, and the claims that they make."""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import MD5, Coalesce
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import ReferenceField, choice_constraint, keep_reference
from core.history import tracked

from ..choices import Verdict
from .base import in_language


@tracked
class Source(models.Model):
    """A document or data set that a record cites.

    The same citation is one row. Two that agree in title and address alone may be: one of them may be cited by nothing
    public, and whoever enters the other must not learn of it.
    """

    reference = ReferenceField("S")
    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    date = PartialDateField(_("date"))
    url = models.URLField(_("address"), max_length=500, blank=True)
    licence = models.CharField(_("licence"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["title"]
        constraints = [
            *date_constraints("source", "date"),
            models.UniqueConstraint(
                # By their sums: all of it together may be longer than what an index takes.
                *(MD5(column) for column in ("title", "url", "publisher")),
                Coalesce("date", Value("")),
                "licence",
                name="source_citation",
                violation_error_message=_("This source is already here."),
            ),
        ]
        triggers = [keep_reference()]

    def __str__(self) -> str:
        return self.title

    @property
    def citation(self) -> tuple[str, ...]:
        """Identifying fields of the citation."""
        return tuple(str(value or "") for value in (self.title, self.url, self.publisher, self.date, self.licence))


@tracked
class Claim(models.Model):
    """A figure or value as a source prints it, with its date, and whether it was confirmed or corrected since.

    `figure` is the code that groups claims on the same thing ("departments-share"), for comparison over time.
    """

    reference = ReferenceField("C")
    figure = models.SlugField(_("figure"), max_length=60, blank=True, db_index=True)
    statement_en = models.TextField(_("statement, English"))
    statement_fr = models.TextField(_("statement, French"))
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    as_of = PartialDateField(_("as of"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="claims", verbose_name=_("source"))
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, default=Verdict.UNCONFIRMED)
    note_en = models.TextField(_("what is known, English"), blank=True)
    note_fr = models.TextField(_("what is known, French"), blank=True)
    second_source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="verdicts",
        verbose_name=_("source of the verdict"),
    )
    town = models.ForeignKey(
        "Town", on_delete=models.CASCADE, null=True, blank=True, related_name="claims", verbose_name=_("town")
    )
    agreement = models.ForeignKey(
        "Agreement",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("agreement"),
    )
    country = models.ForeignKey(
        "Country",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("country"),
    )

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["figure", "as_of"]
        constraints = [
            *date_constraints("claim", "as_of"),
            *choice_constraint("claim", verdict=Verdict),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.UNCONFIRMED) | Q(second_source__isnull=False),
                name="claim_verdict_has_a_source",
                violation_error_message=_("A claim that is confirmed or corrected names the source that says so."),
            ),
        ]
        triggers = [keep_reference()]

    def __str__(self) -> str:
        return self.statement

    @property
    def statement(self) -> str:
        """Statement of the source in the active language."""
        return in_language(self, "statement")

    @property
    def note(self) -> str:
        """Note on the claim in the active language: the present state of knowledge."""
        return in_language(self, "note")
