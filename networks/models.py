"""City networks, links between them, memberships, regional support bodies, milestones and web links."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import ReferenceField, choice_constraint, keep_reference, name_indexes, normalised
from core.history import reports_changes, tracked
from partnerships.choices import Continent, NameKind, Publication, Verdict
from partnerships.models import (
    AlternativeName,
    Country,
    Organisation,
    PublicRecord,
    Source,
    Territory,
    Town,
)
from partnerships.models.base import (
    in_language,
    keep_first_publication,
    merged_is_withdrawn,
    one_of_constraint,
    published_has_a_date,
)

from .choices import (
    LegalStatus,
    LinkKind,
    LinkSection,
    MemberRole,
    NetworkKind,
    Scope,
    Service,
)


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
class SupportBody(PublicRecord):
    """A regional body that helps those who cooperate: it serves territories, and may have a successor."""

    reference = ReferenceField("B")
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=200)
    normalised = normalised()
    legal_status = models.CharField(_("legal status"), max_length=16, choices=LegalStatus, default=LegalStatus.UNKNOWN)
    services = ArrayField(
        models.CharField(max_length=24, choices=Service), default=list, blank=True, verbose_name=_("services")
    )
    founded = PartialDateField(_("founded"))
    dissolved = PartialDateField(_("dissolved"))
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )
    succeeded = PartialDateField(_("succeeded on"))
    succession = models.CharField(
        _("succession is"), max_length=12, choices=Verdict, default=Verdict.UNCONFIRMED, blank=True
    )
    seat = models.CharField(_("seat"), max_length=100, blank=True)
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
    territories = models.ManyToManyField(
        Territory,
        through="ServedTerritory",
        related_name="support_bodies",
        verbose_name=_("territories served"),
    )
    sources = models.ManyToManyField(
        Source, through="SupportBodySource", related_name="support_bodies", verbose_name=_("sources")
    )

    class Meta:
        verbose_name = _("support body")
        verbose_name_plural = _("support bodies")
        ordering = ["acronym", "name"]
        indexes = name_indexes("supportbody")
        constraints = [
            *date_constraints("supportbody", "founded", "dissolved", "succeeded", order=(("founded", "dissolved"),)),
            *choice_constraint("supportbody", legal_status=LegalStatus, succession=Verdict, publication=Publication),
            merged_is_withdrawn("supportbody"),
            published_has_a_date("supportbody"),
            models.CheckConstraint(
                condition=Q(services__contained_by=Service.values), name="supportbody_services_are_known"
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("pk")), name="supportbody_not_its_own_successor"
            ),
        ]
        triggers = [keep_reference(), *keep_first_publication()]

    def __str__(self) -> str:
        return self.acronym or self.name

    @property
    def description(self) -> str:
        """Description of the support body in the active language."""
        return in_language(self, "description")

    def get_services_display(self) -> list[str]:
        """The services in words."""
        return [str(Service(service).label) for service in self.services]


@tracked
class ServedTerritory(models.Model):
    """A territory that a support body serves, and when."""

    support_body = models.ForeignKey(SupportBody, on_delete=models.CASCADE, verbose_name=_("support body"))
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="served_by", verbose_name=_("territory")
    )
    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))

    class Meta:
        verbose_name = _("territory served")
        verbose_name_plural = _("territories served")
        ordering = ["support_body", "since"]
        constraints = [
            *date_constraints("servedterritory", "since", "until", order=(("since", "until"),)),
            models.UniqueConstraint(fields=["support_body", "territory"], name="servedterritory_once"),
        ]

    def __str__(self) -> str:
        return str(self.territory)


@tracked
class SupportBodySource(models.Model):
    """A source that a support body's data come from."""

    support_body = models.ForeignKey(SupportBody, on_delete=models.CASCADE, verbose_name=_("support body"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("source of a support body")
        verbose_name_plural = _("sources of support bodies")
        constraints = [models.UniqueConstraint(fields=["support_body", "source"], name="supportbodysource_once")]

    def __str__(self) -> str:
        return str(self.source)


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


@tracked
class Milestone(models.Model):
    """A dated event in the history of decentralised cooperation."""

    reference = ReferenceField("M")
    date = PartialDateField(_("date"), null=False, blank=False)
    until = PartialDateField(_("until"))
    title_en = models.CharField(_("title, English"), max_length=200)
    title_fr = models.CharField(_("title, French"), max_length=200)
    text_en = models.TextField(_("text, English"), blank=True)
    text_fr = models.TextField(_("text, French"), blank=True)
    network = models.ForeignKey(
        Network,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="milestones",
        verbose_name=_("network"),
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["date", "title_en"]
        constraints = [
            *date_constraints("milestone", "date", "until", order=(("date", "until"),)),
            models.UniqueConstraint(fields=["date", "title_en"], name="milestone_once"),
        ]
        triggers = [keep_reference()]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the active language."""
        return in_language(self, "title")

    @property
    def text(self) -> str:
        """The text in the active language."""
        return in_language(self, "text")


@tracked
class WebLink(models.Model):
    """An address on the web as a listing gave it, with the date of the listing: it may not answer any more."""

    reference = ReferenceField("L")
    section = models.CharField(_("section"), max_length=28, choices=LinkSection)
    title = models.CharField(_("title"), max_length=200)
    description_en = models.TextField(_("description, English"), blank=True)
    description_fr = models.TextField(_("description, French"), blank=True)
    url = models.URLField(_("address"), max_length=500)
    listed = PartialDateField(_("listed"), help_text=_("Date of the listing."))
    network = models.ForeignKey(
        Network,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="web_links",
        verbose_name=_("network"),
    )
    support_body = models.ForeignKey(
        SupportBody,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="web_links",
        verbose_name=_("support body"),
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))

    class Meta:
        verbose_name = _("web link")
        verbose_name_plural = _("web links")
        ordering = ["section", "title"]
        constraints = [
            *date_constraints("weblink", "listed"),
            *choice_constraint("weblink", section=LinkSection),
            models.UniqueConstraint(fields=["section", "url"], name="weblink_once"),
        ]
        triggers = [keep_reference()]

    def __str__(self) -> str:
        return self.title

    @property
    def description(self) -> str:
        """Description of the linked page in the active language."""
        return in_language(self, "description")
