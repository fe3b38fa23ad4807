"""Agreements, their parties and all that is known of them."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import Normalise, ReferenceField, choice_constraint, keep_reference
from core.history import reports_changes, tracked
from core.text import side_by_side

from ..choices import Activity, FormalStatus, Kind, Publication, SuspensionState
from .base import PublicRecord, in_language, keep_first_publication, merged_is_withdrawn, published_has_a_date
from .sources import Source


def keep_complete(
    agreement: str, operation: pgtrigger.Operation, condition: pgtrigger.Q | None = None
) -> pgtrigger.Trigger:
    """Deferred constraint: a published agreement has two parties and a source when the transaction ends.

    `agreement` is the SQL expression of the agreement's id in the touched row.
    """
    return pgtrigger.Trigger(
        name="published_is_complete",
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        condition=condition,
        func=f"""
            IF EXISTS (
                SELECT FROM partnerships_agreement AS a
                WHERE a.id = {agreement} AND a.publication = 'published' AND (
                    (SELECT count(*) FROM partnerships_party WHERE agreement_id = a.id) < 2
                    OR NOT EXISTS (SELECT FROM partnerships_agreementsource WHERE agreement_id = a.id)
                )
            ) THEN
                RAISE EXCEPTION 'A published agreement needs two parties and a source.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'agreement_published_is_complete';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 (what is put in is a column of ours)
    )


@tracked
class Theme(models.Model):
    """A field of work, with its OECD CRS purpose code and the Sustainable Development Goals it serves."""

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    name_en = models.CharField(_("name, English"), max_length=100)
    name_fr = models.CharField(_("name, French"), max_length=100)
    crs = models.CharField(_("OECD CRS purpose code"), max_length=5, blank=True)
    sdgs = models.CharField(_("SDGs"), max_length=60, blank=True, help_text=_("Numbers from 1 to 17, by commas."))

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["code"]
        triggers = reports_changes("labels", "SELECT 0 FROM {rows}")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The theme's name in the active language."""
        return in_language(self, "name")

    @property
    def goals(self) -> list[str]:
        """The numbers of the Sustainable Development Goals."""
        return [goal for goal in self.sdgs.split(",") if goal]


@tracked
class FundingSource(models.Model):
    """Funding source of agreements."""

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    name_en = models.CharField(_("name, English"), max_length=100)
    name_fr = models.CharField(_("name, French"), max_length=100)

    class Meta:
        verbose_name = _("funding source")
        verbose_name_plural = _("funding sources")
        ordering = ["code"]
        triggers = reports_changes("labels", "SELECT 0 FROM {rows}")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The funding source's name in the active language."""
        return in_language(self, "name")


@tracked
class Agreement(PublicRecord):
    """One relation between two or more parties.

    Formal status, activity and suspension are three separate facts; *expired* and the agreement's own suspension are
    derived (see ``AgreementQuerySet.with_statuses``).
    """

    untracked = ("party_key",)

    reference = ReferenceField("A")
    kind = models.CharField(_("kind"), max_length=24, choices=Kind, default=Kind.TWINNING)
    signed = PartialDateField(_("signed"), help_text=_("As precise as known: 1986, 05/1986 or 24/05/1986."))
    valid_until = PartialDateField(_("valid until"))
    tacit_renewal = models.BooleanField(_("renewed tacitly"), default=False)
    ended = PartialDateField(_("ended"))
    formal_status = models.CharField(
        _("formal status"), max_length=12, choices=FormalStatus, default=FormalStatus.UNKNOWN
    )
    activity = models.CharField(_("activity"), max_length=12, choices=Activity, default=Activity.UNKNOWN)
    description_en = models.TextField(_("description, English"), blank=True)
    description_fr = models.TextField(_("description, French"), blank=True)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    mailbox = models.EmailField(
        _("mailbox"),
        blank=True,
        help_text=_("An address of an office, not of a person; it is shown to everybody."),
    )
    party_key = models.TextField(_("party key"), default="", editable=False)
    published_key = models.GeneratedField(
        expression=Case(
            When(
                Q(publication=Publication.PUBLISHED) & ~Q(party_key=""),
                then=Concat(
                    F("party_key"),
                    Value(" "),
                    F("kind"),
                    Value(" "),
                    Coalesce(F("signed"), Value(""), output_field=models.CharField()),
                    output_field=models.TextField(),
                ),
            )
        ),
        output_field=models.TextField(null=True),
        db_persist=True,
        verbose_name=_("parties, kind and start of a published agreement"),
    )
    described = models.GeneratedField(
        expression=Normalise(
            Concat(F("description_en"), Value(" "), F("description_fr"), output_field=models.TextField())
        ),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("descriptions, as they are searched"),
    )
    themes = models.ManyToManyField(
        Theme, through="AgreementTheme", related_name="agreements", verbose_name=_("themes")
    )
    sources = models.ManyToManyField(
        Source, through="AgreementSource", related_name="agreements", verbose_name=_("sources")
    )

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["signed", "id"], name="agreement_signed"),
            models.Index(fields=["created_at", "id"], name="agreement_created"),
            models.Index(fields=["party_key"], name="agreement_party_key"),
            GinIndex(
                fields=["described"],
                name="agreement_described_trgm",
                opclasses=["gin_trgm_ops"],
                condition=~Q(described=""),
            ),
        ]
        constraints = [
            *date_constraints(
                "agreement",
                "signed",
                "valid_until",
                "ended",
                order=(("signed", "valid_until"), ("signed", "ended")),
            ),
            *choice_constraint(
                "agreement", kind=Kind, formal_status=FormalStatus, activity=Activity, publication=Publication
            ),
            merged_is_withdrawn("agreement"),
            published_has_a_date("agreement"),
            models.UniqueConstraint(
                fields=["published_key"],
                name="agreement_published_once",
                deferrable=models.Deferrable.DEFERRED,  # parties may be entered and exchanged one by one
                violation_error_message=_("These parties have a published agreement of this kind and start already."),
            ),
        ]
        triggers = [
            keep_reference(),
            *keep_first_publication(),
            keep_complete(
                "NEW.id",
                pgtrigger.Insert | pgtrigger.UpdateOf("publication"),
                pgtrigger.Q(new__publication="published"),
            ),
            *reports_changes("agreements", "SELECT id FROM {rows}"),
        ]

    def __str__(self) -> str:
        parties = self.parties.all()
        # It has given them away, to one that may be a draft again and have others.
        if not parties and isinstance(self.merged_into, Agreement) and self.merged_into.known_to_all:
            parties = self.merged_into.parties.all()
        return side_by_side(str(party.actor) for party in parties) or self.reference

    @property
    def description(self) -> str:
        """Description of the agreement in the active language."""
        return in_language(self, "description")

    # Django's own of these hash the whole list of choices, with its translations, at each call.

    current_status: str
    suspension: str
    domestic: bool
    """Values that ``AgreementQuerySet.with_statuses`` and ``with_domestic`` annotate."""

    def get_kind_display(self) -> str:  # type: ignore[no-redef]  # in the place of Django's
        """The kind in words."""
        return str(Kind(self.kind).label)

    def get_formal_status_display(self) -> str:  # type: ignore[no-redef]  # in the place of Django's
        """The formal status in words."""
        return str(FormalStatus(self.formal_status).label)

    def get_activity_display(self) -> str:  # type: ignore[no-redef]  # in the place of Django's
        """The activity in words."""
        return str(Activity(self.activity).label)

    def get_suspension_display(self) -> str:
        """The derived suspension in words; needs ``AgreementQuerySet.with_statuses``."""
        return str(SuspensionState(self.suspension).label)
