"""Agreements, their parties and all that is known of them."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDate, PartialDateField, date_constraints
from core.fields import Normalise, ReferenceField, choice_constraint, keep_reference
from core.history import reports_changes, tracked
from core.text import side_by_side

from ..choices import (
    Activity,
    FormalStatus,
    Kind,
    PartyRole,
    Publication,
    SuspendedBy,
    SuspensionState,
)
from .base import (
    PublicRecord,
    in_language,
    keep_first_publication,
    merged_is_withdrawn,
    one_of_constraint,
    published_has_a_date,
)
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
