"""City networks, links between them, memberships, and what is claimed of them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import ReferenceField, choice_constraint, keep_reference, name_indexes
from core.history import reports_changes, tracked
from partnerships.choices import Continent, NameKind, Publication, Verdict
from partnerships.models import (
    AlternativeName,
    Country,
    Organisation,
    PublicRecord,
    Source,
    Town,
)
from partnerships.models.base import (
    in_language,
    keep_first_publication,
    merged_is_withdrawn,
    one_of_constraint,
    published_has_a_date,
)

from ..choices import (
    LinkKind,
    MemberRole,
    NetworkKind,
    Scope,
)
from .support_bodies import SupportBody


@tracked
class Network(PublicRecord):
    """An association of cities, or of their associations."""

    reference = ReferenceField("N")
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    name_en = models.CharField(_("name, English"), max_length=200)
    name_fr = models.CharField(_("name, French"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=24, choices=NetworkKind)
    scope = models.CharField(_("scope"), max_length=12, choices=Scope)
    continent = models.CharField(_("continent"), max_length=2, choices=Continent, blank=True)
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="networks",
        verbose_name=_("country"),
    )
    founded = PartialDateField(_("founded"))
    dissolved = PartialDateField(_("dissolved"))
    seat = models.CharField(_("seat"), max_length=100, blank=True, help_text=_("As printed."))
    seat_town = models.ForeignKey(
        Town,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seat, as a town"),
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    description_en = models.TextField(_("description, English"), blank=True)
    description_fr = models.TextField(_("description, French"), blank=True)
    sources = models.ManyToManyField(
        Source, through="NetworkSource", related_name="networks", verbose_name=_("sources")
    )

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        ordering = ["acronym", "name_en"]
        constraints = [
            *date_constraints("network", "founded", "dissolved", order=(("founded", "dissolved"),)),
            *choice_constraint("network", kind=NetworkKind, scope=Scope, publication=Publication),
            models.CheckConstraint(
                condition=Q(continent__in=["", *Continent.values]), name="network_continent_is_known"
            ),
            merged_is_withdrawn("network"),
            published_has_a_date("network"),
        ]
        triggers = [keep_reference(), *keep_first_publication(), *reports_changes("labels", "SELECT 0 FROM {rows}")]

    def __str__(self) -> str:
        return self.acronym or self.name

    @property
    def name(self) -> str:
        """The network's full name in the active language."""
        return in_language(self, "name")

    @property
    def description(self) -> str:
        """Description of the network in the active language."""
        return in_language(self, "description")


@tracked
class NetworkName(AlternativeName):
    """Another name or acronym of a network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="names", verbose_name=_("network"))

    class Meta:
        verbose_name = _("name of a network")
        verbose_name_plural = _("names of networks")
        ordering = ["name"]
        indexes = name_indexes("networkname")
        constraints = [
            *choice_constraint("networkname", kind=NameKind),
            models.UniqueConstraint(fields=["network", "name"], name="networkname_once"),
        ]


@tracked
class NetworkSource(models.Model):
    """A source that a network's data come from."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, verbose_name=_("network"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("source of a network")
        verbose_name_plural = _("sources of networks")
        constraints = [models.UniqueConstraint(fields=["network", "source"], name="networksource_once")]

    def __str__(self) -> str:
        return str(self.source)


@tracked
class NetworkLink(models.Model):
    """A dated link from one network to another: it merged into it, is a section of it, supports it."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="links", verbose_name=_("network"))
    kind = models.CharField(_("kind"), max_length=12, choices=LinkKind)
    other = models.ForeignKey(
        Network, on_delete=models.CASCADE, related_name="links_back", verbose_name=_("other network")
    )
    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )

    class Meta:
        verbose_name = _("link between networks")
        verbose_name_plural = _("links between networks")
        ordering = ["network", "since"]
        constraints = [
            *date_constraints("networklink", "since", "until", order=(("since", "until"),)),
            *choice_constraint("networklink", kind=LinkKind),
            models.UniqueConstraint(fields=["network", "kind", "other"], name="networklink_once"),
            models.CheckConstraint(
                condition=~Q(network=F("other")),
                name="networklink_not_itself",
                violation_error_message=_("A network has no link to itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.get_kind_display()} {self.other}"


@tracked
class Membership(models.Model):
    """A town, an organisation, a network or a support body belongs to a network, from when until when."""

    network = models.ForeignKey(
        Network, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("network")
    )
    town = models.ForeignKey(
        Town,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("town"),
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("organisation"),
    )
    member_network = models.ForeignKey(
        Network,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships_held",
        verbose_name=_("member network"),
    )
    support_body = models.ForeignKey(
        SupportBody,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("support body"),
    )
    role = models.CharField(_("role"), max_length=12, choices=MemberRole, default=MemberRole.MEMBER)
    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["network", "since", "id"]
        constraints = [
            one_of_constraint("membership", "town", "organisation", "member_network", "support_body"),
            *date_constraints("membership", "since", "until", order=(("since", "until"),)),
            *choice_constraint("membership", role=MemberRole),
            models.UniqueConstraint(
                fields=["network", "town", "organisation", "member_network", "support_body", "role", "since"],
                name="membership_once",
                nulls_distinct=False,
                violation_error_message=_("This membership is already here."),
            ),
            models.CheckConstraint(
                condition=Q(member_network=None) | ~Q(member_network=F("network")),
                name="membership_not_in_itself",
                violation_error_message=_("A network is no member of itself."),
            ),
        ]
        triggers = reports_changes(
            "agreements",
            "SELECT party.agreement_id FROM {rows} AS membership JOIN partnerships_party AS party"
            " ON party.town_id = membership.town_id OR party.organisation_id = membership.organisation_id",
        )

    def __str__(self) -> str:
        return f"{self.network} · {self.member}"

    @property
    def member(self) -> Town | Organisation | Network | SupportBody:
        """Member of the network: a town, an organisation, another network or a support body."""
        found = self.town or self.organisation or self.member_network or self.support_body
        if found is None:  # the database refuses such a row
            raise LookupError("The membership is nobody's.")
        return found


@tracked
class NetworkClaim(models.Model):
    """Claim of a source about a network or support body, and whether later sources confirm or correct it."""

    reference = ReferenceField("C")
    network = models.ForeignKey(
        Network,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("network"),
    )
    support_body = models.ForeignKey(
        SupportBody,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("support body"),
    )
    statement_en = models.TextField(_("statement, English"))
    statement_fr = models.TextField(_("statement, French"))
    as_of = PartialDateField(_("as of"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, default=Verdict.UNCONFIRMED)
    note_en = models.TextField(_("what is known, English"), blank=True)
    note_fr = models.TextField(_("what is known, French"), blank=True)
    second_source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("source of the verdict"),
    )

    class Meta:
        verbose_name = _("claim on a network or support body")
        verbose_name_plural = _("claims on networks and support bodies")
        ordering = ["id"]
        constraints = [
            one_of_constraint("networkclaim", "network", "support_body"),
            *date_constraints("networkclaim", "as_of"),
            *choice_constraint("networkclaim", verdict=Verdict),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.UNCONFIRMED) | Q(second_source__isnull=False),
                name="networkclaim_verdict_has_a_source",
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
