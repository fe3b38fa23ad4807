"""The rows that belong to an agreement: parties and their suspensions, themes, sources, renewals, money, documents."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDate, PartialDateField, date_constraints
from core.fields import choice_constraint
from core.history import reports_changes, tracked

from ..choices import PartyRole, SuspendedBy
from .agreements import Agreement, FundingSource, Theme, keep_complete
from .base import in_language, one_of_constraint
from .organisations import Organisation
from .places import Town
from .sources import Source

PARTY_KEY = """
    UPDATE partnerships_agreement AS agreement SET party_key = fresh.party_key
    FROM (
        SELECT touched.agreement_id, coalesce(string_agg(
            CASE WHEN party.town_id IS NULL THEN 'o' || party.organisation_id ELSE 't' || party.town_id END,
            ',' ORDER BY party.town_id NULLS LAST, party.organisation_id
        ), '') AS party_key
        FROM ({touched}) AS touched
        LEFT JOIN partnerships_party AS party ON party.agreement_id = touched.agreement_id
        GROUP BY touched.agreement_id
    ) AS fresh
    WHERE agreement.id = fresh.agreement_id AND agreement.party_key <> fresh.party_key;
    RETURN NULL;
"""
"""Statement-level trigger body that keeps `Agreement.party_key`: the sorted parties, whichever way round written."""

_NEW = "SELECT agreement_id FROM new_values"

_OLD = "SELECT agreement_id FROM old_values"


def keep_party_key() -> list[pgtrigger.Trigger]:
    """Triggers on parties that keep their agreements' `party_key`, one per statement however many rows it touches."""
    return [
        pgtrigger.Trigger(
            name=f"party_key_on_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(**tables),
            func=PARTY_KEY.format(touched=touched),
        )
        for name, operation, tables, touched in (
            ("insert", pgtrigger.Insert, {"new": "new_values"}, f"{_NEW} GROUP BY 1"),
            ("update", pgtrigger.Update, {"new": "new_values", "old": "old_values"}, f"{_NEW} UNION {_OLD}"),
            ("delete", pgtrigger.Delete, {"old": "old_values"}, f"{_OLD} GROUP BY 1"),
        )
    ]


@tracked
class Party(models.Model):
    """A town or an organisation taking part in an agreement, with its role and the dates it joined and left."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="parties", verbose_name=_("agreement")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    town = models.ForeignKey(
        Town, on_delete=models.PROTECT, null=True, blank=True, related_name="parties", verbose_name=_("town")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parties",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("role"), max_length=12, choices=PartyRole, default=PartyRole.PARTNER)
    joined = PartialDateField(_("joined"))
    left = PartialDateField(_("left"))

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ["agreement", "position", "id"]
        constraints = [
            one_of_constraint("party", "town", "organisation"),
            *date_constraints("party", "joined", "left", order=(("joined", "left"),)),
            *choice_constraint("party", role=PartyRole),
            models.UniqueConstraint(
                fields=["agreement", "town"],
                name="party_town_once",
                violation_error_message=_("This town is a party to the agreement already."),
            ),
            models.UniqueConstraint(
                fields=["agreement", "organisation"],
                name="party_organisation_once",
                violation_error_message=_("This organisation is a party to the agreement already."),
            ),
        ]
        triggers = [
            *keep_party_key(),
            *reports_changes("agreements", "SELECT agreement_id FROM {rows}"),
            keep_complete("OLD.agreement_id", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.actor)

    @property
    def actor(self) -> Town | Organisation:
        """The town or organisation that takes part."""
        found = self.town or self.organisation
        if found is None:  # the database refuses such a row
            raise LookupError("The party is nobody.")
        return found


@tracked
class AgreementTheme(models.Model):
    """A theme of an agreement."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, verbose_name=_("agreement"))
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, verbose_name=_("theme"))

    class Meta:
        verbose_name = _("theme of an agreement")
        verbose_name_plural = _("themes of agreements")
        ordering = ["theme"]
        constraints = [models.UniqueConstraint(fields=["agreement", "theme"], name="agreementtheme_once")]
        triggers = reports_changes("agreements", "SELECT agreement_id FROM {rows}")

    def __str__(self) -> str:
        return str(self.theme)


@tracked
class AgreementSource(models.Model):
    """A source that tells of an agreement."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, verbose_name=_("agreement"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("source of an agreement")
        verbose_name_plural = _("sources of agreements")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "source"], name="agreementsource_once")]
        triggers = [keep_complete("OLD.agreement_id", pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.source)


@tracked
class Suspension(models.Model):
    """A dated suspension of one party's part; the agreement's own suspension follows from its parties'."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="suspensions", verbose_name=_("party"))
    suspended_by = models.CharField(_("suspended by"), max_length=10, choices=SuspendedBy)
    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))
    reason_en = models.CharField(_("reason, English"), max_length=500, blank=True)
    reason_fr = models.CharField(_("reason, French"), max_length=500, blank=True)
    act = models.CharField(_("reference of the act"), max_length=200, blank=True)
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="suspensions",
        verbose_name=_("source"),
    )

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ["party", "since"]
        constraints = [
            *date_constraints("suspension", "since", "until", order=(("since", "until"),)),
            *choice_constraint("suspension", suspended_by=SuspendedBy),
            models.UniqueConstraint(fields=["party", "since"], name="suspension_once", nulls_distinct=False),
        ]
        triggers = reports_changes(
            "agreements",
            "SELECT party.agreement_id FROM {rows} JOIN partnerships_party AS party ON party.id = party_id",
        )

    def __str__(self) -> str:
        return f"{self.party}: {self.since or '…'} – {self.until or '…'}"

    @property
    def reason(self) -> str:
        """Reason of the suspension in the active language."""
        return in_language(self, "reason")


@tracked
class Renewal(models.Model):
    """An agreement was renewed, and until when."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="renewals", verbose_name=_("agreement")
    )
    renewed = PartialDateField(_("renewed on"), null=False, blank=False)
    valid_until = PartialDateField(_("valid until"))

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        ordering = ["agreement", "renewed"]
        constraints = [
            *date_constraints("renewal", "renewed", "valid_until", order=(("renewed", "valid_until"),)),
            models.UniqueConstraint(fields=["agreement", "renewed"], name="renewal_once"),
        ]
        triggers = reports_changes("agreements", "SELECT agreement_id FROM {rows}")

    def __str__(self) -> str:
        return PartialDate(self.renewed).localised()


@tracked
class FundingContribution(models.Model):
    """Money for an agreement: from which source, in which year, how much where it is known."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="contributions", verbose_name=_("agreement")
    )
    funding = models.ForeignKey(
        FundingSource,
        on_delete=models.PROTECT,
        related_name="contributions",
        verbose_name=_("funding source"),
    )
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("ISO 4217 code, such as EUR."))

    class Meta:
        verbose_name = _("funding contribution")
        verbose_name_plural = _("funding contributions")
        ordering = ["agreement", "year", "funding"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "funding", "year"], name="contribution_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(amount=None, currency="")
                | Q(amount__isnull=False, amount__gte=0, currency__regex=r"^[A-Z]{3}$"),
                name="contribution_amount_has_a_currency",
                violation_error_message=_("An amount is not negative and has a currency of three letters."),
            ),
            models.CheckConstraint(
                condition=Q(year=None) | Q(year__range=(1900, 2100)),
                name="contribution_year",
                violation_error_message=_("The year lies between 1900 and 2100."),
            ),
        ]
        triggers = reports_changes("agreements", "SELECT agreement_id FROM {rows}")

    def __str__(self) -> str:
        return f"{self.funding} {self.year or ''}".strip()


@tracked
class Document(models.Model):
    """A document of an agreement, by its address on the web."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="documents", verbose_name=_("agreement")
    )
    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=500)
    language = models.CharField(_("language"), max_length=10, blank=True)
    date = PartialDateField(_("date"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["agreement", "date", "title"]
        constraints = [
            *date_constraints("document", "date"),
            models.UniqueConstraint(fields=["agreement", "url"], name="document_once"),
        ]

    def __str__(self) -> str:
        return self.title


@tracked
class Attachment(models.Model):
    """A document of an agreement that was uploaded. It lies outside the web's folders and is only handed out whole."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("agreement")
    )
    title = models.CharField(_("title"), max_length=300)
    file = models.FileField(_("file"), upload_to="attachments/%Y", max_length=300)
    name = models.CharField(_("name of the file"), max_length=255)
    media_type = models.CharField(_("kind of file"), max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)

    class Meta:
        verbose_name = _("uploaded document")
        verbose_name_plural = _("uploaded documents")
        ordering = ["agreement", "id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "sha256"], name="attachment_once")]

    def __str__(self) -> str:
        return self.title
