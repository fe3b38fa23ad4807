"""The import and export layouts of the networks app: each column is written once, here."""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.cells import ChoiceCell, DateCell, ListCell, LookupCell, TextCell, UrlCell
from core.imports.columns import Column, Links
from core.imports.layouts import StrictResource
from core.imports.registry import importable
from core.imports.rows import Row
from partnerships.choices import Continent, NameKind, Verdict
from partnerships.imports.header_aliases import COLUMN_ALIASES
from partnerships.imports.lookups import a_country, a_source, references
from partnerships.models import Organisation, Source, Territory, Town

from .choices import LegalStatus, LinkKind, LinkSection, MemberRole, NetworkKind, Scope, Service
from .models import (
    Membership,
    Milestone,
    Network,
    NetworkClaim,
    NetworkLink,
    NetworkName,
    ServedTerritory,
    SupportBody,
    WebLink,
)


@importable("networks")
class NetworkResource(StrictResource):
    """City networks."""

    model = Network
    usual_names = COLUMN_ALIASES
    prefix = "N"
    identities = (("reference",), ("name_en",))

    reference = Column(TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="N1")
    acronym = Column(TextCell(40), gettext_lazy("Acronym."), example="UCLG")
    name_en = Column(
        TextCell(200), gettext_lazy("English name."), required=True, example="United Cities and Local Governments"
    )
    name_fr = Column(TextCell(200), gettext_lazy("French name."), example="Cités et Gouvernements Locaux Unis")
    kind = Column(ChoiceCell(NetworkKind), gettext_lazy("Kind of network."), required=True, example="federation")
    scope = Column(ChoiceCell(Scope), gettext_lazy("How far it reaches."), required=True, example="world")
    continent = Column(ChoiceCell(Continent), gettext_lazy("Its continent."), example="AF")
    country = Column(a_country(), gettext_lazy("Its country, if national."), attribute="country_id", example="FR")
    founded = Column(DateCell(), gettext_lazy("When it was founded."), example="2004-05-05")
    dissolved = Column(DateCell(), gettext_lazy("When it was dissolved."))
    seat = Column(TextCell(100), gettext_lazy("Its seat, as printed."), example="Barcelona")
    seat_town = Column(
        references(Town),
        gettext_lazy("Reference of the town of its seat."),
        attribute="seat_town_id",
        shown="seat_town__reference",
    )
    website = Column(UrlCell(300), gettext_lazy("Website."))
    description_en = Column(TextCell(), gettext_lazy("What it is, in English."))
    description_fr = Column(TextCell(), gettext_lazy("What it is, in French."))
    sources = Links(Source, "title", gettext_lazy("Titles of its sources."))


@importable("network_names")
class NetworkNameResource(StrictResource):
    """Other names and acronyms of networks."""

    model = NetworkName
    usual_names = COLUMN_ALIASES
    identities = (("network", "name"),)

    network = Column(
        references(Network),
        gettext_lazy("Reference of the network."),
        attribute="network_id",
        shown="network__reference",
        required=True,
    )
    name = Column(TextCell(200), gettext_lazy("The other name."), required=True, example="CGLU")
    kind = Column(ChoiceCell(NameKind), gettext_lazy("Why it has this name."), example="alternative")
    language = Column(TextCell(10), gettext_lazy("ISO 639 code of the name's language."), example="fr")


@importable("network_links")
class NetworkLinkResource(StrictResource):
    """Links between networks."""

    model = NetworkLink
    identities = (("network", "kind", "other"),)

    network = Column(
        references(Network),
        gettext_lazy("The network."),
        attribute="network_id",
        shown="network__reference",
        required=True,
    )
    kind = Column(
        ChoiceCell(LinkKind), gettext_lazy("How it relates to the other."), required=True, example="merged-into"
    )
    other = Column(
        references(Network),
        gettext_lazy("The other network."),
        attribute="other_id",
        shown="other__reference",
        required=True,
    )
    since = Column(DateCell(), gettext_lazy("Since when."))
    until = Column(DateCell(), gettext_lazy("Until when."))
    source = Column(a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title")


@importable("support_bodies")
class SupportBodyResource(StrictResource):
    """Regional support bodies."""

    model = SupportBody
    usual_names = COLUMN_ALIASES
    prefix = "B"
    identities = (("reference",), ("name",))

    reference = Column(TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="B1")
    acronym = Column(TextCell(40), gettext_lazy("Acronym."), example="RESACOOP")
    name = Column(TextCell(200), gettext_lazy("Name."), required=True)
    legal_status = Column(ChoiceCell(LegalStatus), gettext_lazy("Legal form."), example="gip")
    services = Column(
        ListCell(ChoiceCell(Service), "|;\n"), gettext_lazy("What it does, by bars."), example="training|animation"
    )
    founded = Column(DateCell(), gettext_lazy("When it was founded."), example="1994")
    dissolved = Column(DateCell(), gettext_lazy("When it ceased."))
    successor = Column(
        references(SupportBody, within_file=True),
        gettext_lazy("Reference of the body that succeeded it."),
        attribute="successor_id",
        shown="successor__reference",
    )
    succeeded = Column(DateCell(), gettext_lazy("When it was succeeded."), example="2017")
    succession = Column(ChoiceCell(Verdict), gettext_lazy("Whether the succession is confirmed."))
    seat = Column(TextCell(100), gettext_lazy("Its seat, as printed."))
    seat_town = Column(
        references(Town),
        gettext_lazy("Reference of the town of its seat."),
        attribute="seat_town_id",
        shown="seat_town__reference",
    )
    website = Column(UrlCell(300), gettext_lazy("Website."))
    description_en = Column(TextCell(), gettext_lazy("What it is, in English."))
    description_fr = Column(TextCell(), gettext_lazy("What it is, in French."))
    sources = Links(Source, "title", gettext_lazy("Titles of its sources."))


@importable("served_territories")
class ServedTerritoryResource(StrictResource):
    """Territories that support bodies serve."""

    model = ServedTerritory
    usual_names = COLUMN_ALIASES
    identities = (("support_body", "territory"),)

    support_body = Column(
        references(SupportBody),
        gettext_lazy("Reference of the support body."),
        attribute="support_body_id",
        shown="support_body__reference",
        required=True,
    )
    territory = Column(
        LookupCell(Territory, "code"),
        gettext_lazy("ISO 3166-2 code."),
        attribute="territory_id",
        required=True,
        example="FR-ARA",
    )
    since = Column(DateCell(), gettext_lazy("Since when."))
    until = Column(DateCell(), gettext_lazy("Until when."))


class MemberLookup(TextCell):
    """Widget: who belongs to a network, by the reference of a town, organisation, network or support body."""

    format = gettext_lazy("reference")
    kinds: dict[str, tuple[str, type[Model]]] = {
        "T": ("town_id", Town),
        "O": ("organisation_id", Organisation),
        "N": ("member_network_id", Network),
        "B": ("support_body_id", SupportBody),
    }

    def __init__(self) -> None:
        super().__init__()
        self.lookups = {letter: (column, LookupCell(model)) for letter, (column, model) in self.kinds.items()}

    def clean(self, value: str, row: Any = None, **kwargs: object) -> tuple[str, int]:
        if value[:1].upper() not in self.lookups:
            raise ValueError(_("Write the reference of a town, organisation, network or support body."))
        column, lookup = self.lookups[value[:1].upper()]
        return column, lookup.clean(value.upper())


MEMBER_REFERENCE = """coalesce(
    (SELECT reference FROM partnerships_town WHERE id = networks_membership.town_id),
    (SELECT reference FROM partnerships_organisation WHERE id = networks_membership.organisation_id),
    (SELECT reference FROM networks_network WHERE id = networks_membership.member_network_id),
    (SELECT reference FROM networks_supportbody WHERE id = networks_membership.support_body_id)
)"""
"""In SQL: the reference of who belongs to a network."""


class MemberColumn(Column):
    """The member of a network: one of four foreign keys."""

    def stored(self, record: Membership) -> tuple[str, int] | None:
        return next(
            (
                (column, pk)
                for column, _model in MemberLookup.kinds.values()
                if (pk := getattr(record, column)) is not None
            ),
            None,
        )

    def assigned(self, value: tuple[str, int]) -> dict[str, int | None]:
        return {column: value[1] if column == value[0] else None for column, _model in MemberLookup.kinds.values()}


@importable("memberships")
class MembershipResource(StrictResource):
    """Memberships in networks, from when until when."""

    model = Membership
    usual_names = COLUMN_ALIASES
    identities = (("network", "member", "role", "since"),)

    network = Column(
        references(Network),
        gettext_lazy("Reference of the network."),
        attribute="network_id",
        shown="network__reference",
        required=True,
    )
    member = MemberColumn(
        MemberLookup(),
        gettext_lazy("Reference of the member."),
        shown="member__reference",
        required=True,
        example="T12",
        sql=MEMBER_REFERENCE,
    )
    role = Column(ChoiceCell(MemberRole), gettext_lazy("Its part; member if blank."), example="member")
    since = Column(DateCell(), gettext_lazy("Since when."))
    until = Column(DateCell(), gettext_lazy("Until when."))
    source = Column(a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title")

    def complete(self, row: Row) -> None:
        row.values.setdefault("role", MemberRole.MEMBER)


@importable("network_claims")
class NetworkClaimResource(StrictResource):
    """Claims: statements of sources about networks and support bodies, and the verdict of later sources."""

    model = NetworkClaim
    prefix = "C"
    identities = (("reference",), ("statement_en", "as_of"))

    reference = Column(TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="C40")
    network = Column(
        references(Network), gettext_lazy("Network it is about."), attribute="network_id", shown="network__reference"
    )
    support_body = Column(
        references(SupportBody),
        gettext_lazy("Support body it is about."),
        attribute="support_body_id",
        shown="support_body__reference",
    )
    statement_en = Column(TextCell(), gettext_lazy("What the source says, in English."), required=True)
    statement_fr = Column(TextCell(), gettext_lazy("What the source says, in French."), required=True)
    as_of = Column(DateCell(), gettext_lazy("Date of the statement."), example="2006")
    source = Column(
        a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title", required=True
    )
    verdict = Column(ChoiceCell(Verdict), gettext_lazy("Whether it was confirmed or corrected; unconfirmed if blank."))
    note_en = Column(TextCell(), gettext_lazy("What is known of it, in English."))
    note_fr = Column(TextCell(), gettext_lazy("What is known of it, in French."))
    second_source = Column(
        a_source(),
        gettext_lazy("Title of the source of the verdict."),
        attribute="second_source_id",
        shown="second_source__title",
    )


@importable("milestones")
class MilestoneResource(StrictResource):
    """Dated events in the history of decentralised cooperation."""

    model = Milestone
    prefix = "M"
    identities = (("reference",), ("date", "title_en"))

    reference = Column(TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="M1")
    date = Column(DateCell(), gettext_lazy("When."), required=True, example="1992-02-06")
    until = Column(DateCell(), gettext_lazy("Until when, for what lasted."))
    title_en = Column(TextCell(200), gettext_lazy("English title."), required=True)
    title_fr = Column(TextCell(200), gettext_lazy("French title."), required=True)
    text_en = Column(TextCell(), gettext_lazy("English text."))
    text_fr = Column(TextCell(), gettext_lazy("French text."))
    network = Column(
        references(Network), gettext_lazy("Network it is about."), attribute="network_id", shown="network__reference"
    )
    source = Column(
        a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title", required=True
    )


@importable("web_links")
class WebLinkResource(StrictResource):
    """Addresses on the web, as a listing gave them."""

    model = WebLink
    prefix = "L"
    identities = (("reference",), ("section", "url"))

    reference = Column(TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="L1")
    section = Column(ChoiceCell(LinkSection), gettext_lazy("Section of the list."), required=True, example="africa")
    title = Column(TextCell(200), gettext_lazy("Title."), required=True)
    description_en = Column(TextCell(), gettext_lazy("What is found there, in English."))
    description_fr = Column(TextCell(), gettext_lazy("What is found there, in French."))
    url = Column(UrlCell(500), gettext_lazy("Address."), required=True)
    listed = Column(DateCell(), gettext_lazy("Date of the listing."), example="2006")
    network = Column(
        references(Network), gettext_lazy("Network it belongs to."), attribute="network_id", shown="network__reference"
    )
    support_body = Column(
        references(SupportBody),
        gettext_lazy("Support body it belongs to."),
        attribute="support_body_id",
        shown="support_body__reference",
    )
    source = Column(
        a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title", required=True
    )
