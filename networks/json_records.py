"""JSON records of networks, memberships, support bodies, milestones and web links: their public data."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from core.lists.json_records import MOMENT, PARTIAL_DATE, Member, RecordKind, array_schema, closed, maybe, string, whole
from partnerships.choices import Continent, Verdict
from partnerships.json_members import (
    COUNTRY,
    POINT,
    TERRITORY,
    column,
    identity_member,
    of,
    other_names_member,
    reference_member,
    sources_member,
)
from partnerships.labels import labels

from .choices import LegalStatus, LinkSection, MemberRole, NetworkKind, Scope, Service
from .models import Membership, Milestone, Network, SupportBody, WebLink

TOWN = string(pattern="^T[0-9]+$")
NETWORK = string(pattern="^N[0-9]+$")


def seat(table: str) -> str:
    """The join of the town in which somebody has the seat."""
    return f"LEFT JOIN partnerships_town AS seat ON seat.id = {table}.seat_town_id AND seat.publication = 'published'"


def seat_town() -> Member:
    """The town of the seat."""
    return Member("seat_town", "seat.reference", _("Reference of the town of its seat."), maybe(TOWN), needs=("seat",))


def of_network(table: str) -> dict[str, str]:
    """The join of the network that something is about, if it is public."""
    return {
        "network": f"LEFT JOIN networks_network AS network ON network.id = {table}.network_id"
        " AND network.publication = 'published'"
    }


def source(table: str) -> tuple[Member, dict[str, str]]:
    """The one source of something, and its join."""
    member = Member(
        "source",
        "source.reference",
        _("Reference of its source."),
        maybe(string(pattern="^S[0-9]+$")),
        needs=("source",),
    )
    return member, {"source": f"LEFT JOIN partnerships_source AS source ON source.id = {table}.source_id"}


network = partial(column, "networks_network")
NETWORKS = RecordKind(
    "networks",
    Network,
    (
        reference_member("N", "networks_network"),
        identity_member("networks_network"),
        network("acronym", _("Acronym."), string()),
        network("name_en", _("English name."), string()),
        network("name_fr", _("French name."), string()),
        other_names_member("networks_networkname", "network_id", "networks_network"),
        network("kind", _("Kind of network."), closed(NetworkKind.values), labels=of(NetworkKind)),
        network("scope", _("How far it reaches."), closed(Scope.values), labels=of(Scope)),
        network("continent", _("Its continent."), closed(["", *Continent.values]), labels=of(Continent)),
        network(
            "country", _("Its country, if national."), maybe(COUNTRY), "country_id", labels=partial(labels, "country")
        ),
        network("founded", _("When it was founded."), maybe(PARTIAL_DATE)),
        network("dissolved", _("When it was dissolved."), maybe(PARTIAL_DATE)),
        network("seat", _("Its seat, as printed."), string()),
        seat_town(),
        network("website", _("Website."), string()),
        network("description_en", _("What it is, in English."), string()),
        network("description_fr", _("What it is, in French."), string()),
        sources_member("networks_networksource", "network_id", "networks_network"),
        Member("entered", "networks_network.created_at", _("When it was entered."), MOMENT),
    ),
    title=_("Networks"),
    meaning=_("Networks of cities, and of their associations."),
    shown="networks_network.publication = 'published'",
    joins={"seat": seat("networks_network")},
    geometry=POINT.format(x="seat.longitude", y="seat.latitude"),
    geometry_needs=("seat",),
)

body = partial(column, "networks_supportbody")
SUPPORT_BODIES = RecordKind(
    "support-bodies",
    SupportBody,
    (
        reference_member("B", "networks_supportbody"),
        identity_member("networks_supportbody"),
        body("acronym", _("Acronym."), string()),
        body("name", _("Name."), string()),
        body("legal_status", _("Legal form."), closed(LegalStatus.values), labels=of(LegalStatus)),
        body("services", _("What it does."), array_schema(closed(Service.values))),
        Member(
            "territories",
            "ARRAY(SELECT served.territory_id FROM networks_servedterritory AS served"
            " WHERE served.support_body_id = networks_supportbody.id ORDER BY served.since NULLS FIRST, served.id)",
            _("Codes of the territories that it serves or served."),
            array_schema(TERRITORY),
            expanded=(
                "(SELECT coalesce(json_agg(json_build_object('code', served.territory_id, 'since', served.since,"
                " 'until', served.until) ORDER BY served.since NULLS FIRST, served.id), '[]')"
                " FROM networks_servedterritory AS served WHERE served.support_body_id = networks_supportbody.id)"
            ),
            expanded_schema=array_schema(whole(code=TERRITORY, since=maybe(PARTIAL_DATE), until=maybe(PARTIAL_DATE))),
        ),
        body("founded", _("When it was founded."), maybe(PARTIAL_DATE)),
        body("dissolved", _("When it ceased."), maybe(PARTIAL_DATE)),
        Member(
            "successor",
            "successor.reference",
            _("Reference of the body that succeeded it."),
            maybe(string(pattern="^B[0-9]+$")),
            needs=("successor",),
        ),
        body("succeeded", _("When it was succeeded."), maybe(PARTIAL_DATE)),
        body(
            "succession", _("Whether the succession is confirmed."), closed(["", *Verdict.values]), labels=of(Verdict)
        ),
        body("seat", _("Its seat, as printed."), string()),
        seat_town(),
        body("website", _("Website."), string()),
        body("description_en", _("What it is, in English."), string()),
        body("description_fr", _("What it is, in French."), string()),
        sources_member("networks_supportbodysource", "support_body_id", "networks_supportbody"),
        Member("entered", "networks_supportbody.created_at", _("When it was entered."), MOMENT),
    ),
    title=_("Support bodies"),
    meaning=_("Regional bodies that help those who cooperate."),
    shown="networks_supportbody.publication = 'published'",
    joins={
        "seat": seat("networks_supportbody"),
        "successor": "LEFT JOIN networks_supportbody AS successor"
        " ON successor.id = networks_supportbody.successor_id AND successor.publication = 'published'",
    },
    geometry=POINT.format(x="seat.longitude", y="seat.latitude"),
    geometry_needs=("seat",),
)

MEMBER = "coalesce(town.reference, organisation.reference, member_network.reference, support_body.reference)"
_source, _source_join = source("networks_membership")
MEMBERSHIPS = RecordKind(
    "memberships",
    Membership,
    (
        Member("network", "network.reference", _("Reference of the network."), NETWORK, needs=("network",)),
        Member(
            "member",
            MEMBER,
            _("Reference of the town, organisation, network or support body that is a member."),
            string(pattern="^[TONB][0-9]+$"),
            needs=("member",),
        ),
        Member(
            "name",
            "coalesce(town.name, organisation.name, nullif(member_network.acronym, ''), member_network.name_en,"
            " nullif(support_body.acronym, ''), support_body.name)",
            _("What the member is called."),
            string(),
            needs=("member",),
        ),
        column("networks_membership", "role", _("Its part."), closed(MemberRole.values), labels=of(MemberRole)),
        column("networks_membership", "since", _("Since when."), maybe(PARTIAL_DATE)),
        column("networks_membership", "until", _("Until when."), maybe(PARTIAL_DATE)),
        _source,
    ),
    title=_("Memberships"),
    meaning=_("Who belongs to which network, from when until when."),
    key="id",
    shown=(
        "EXISTS (SELECT FROM networks_network AS shown WHERE shown.id = networks_membership.network_id"
        " AND shown.publication = 'published')"
    ),
    joins={
        **of_network("networks_membership"),
        "member": "LEFT JOIN partnerships_town AS town ON town.id = networks_membership.town_id"
        " LEFT JOIN partnerships_organisation AS organisation ON organisation.id = networks_membership.organisation_id"
        " LEFT JOIN networks_network AS member_network ON member_network.id = networks_membership.member_network_id"
        " LEFT JOIN networks_supportbody AS support_body ON support_body.id = networks_membership.support_body_id",
        **_source_join,
    },
)

milestone = partial(column, "networks_milestone")
_source, _source_join = source("networks_milestone")
MILESTONES = RecordKind(
    "milestones",
    Milestone,
    (
        reference_member("M", "networks_milestone"),
        milestone("date", _("When."), PARTIAL_DATE),
        milestone("until", _("Until when, for what lasted."), maybe(PARTIAL_DATE)),
        milestone("title_en", _("English title."), string()),
        milestone("title_fr", _("French title."), string()),
        milestone("text_en", _("English text."), string()),
        milestone("text_fr", _("French text."), string()),
        Member("network", "network.reference", _("Network it is about."), maybe(NETWORK), needs=("network",)),
        _source,
    ),
    title=_("Milestones"),
    meaning=_("Dated events in the history of decentralised cooperation."),
    joins={**of_network("networks_milestone"), **_source_join},
)

_weblink_column = partial(column, "networks_weblink")
_source, _source_join = source("networks_weblink")
WEB_LINKS = RecordKind(
    "links",
    WebLink,
    (
        reference_member("L", "networks_weblink"),
        _weblink_column("section", _("Section of the list."), closed(LinkSection.values), labels=of(LinkSection)),
        _weblink_column("title", _("Title."), string()),
        _weblink_column("description_en", _("What is found there, in English."), string()),
        _weblink_column("description_fr", _("What is found there, in French."), string()),
        _weblink_column("url", _("Address."), string()),
        _weblink_column("listed", _("Date of the listing."), maybe(PARTIAL_DATE)),
        Member("network", "network.reference", _("Network it belongs to."), maybe(NETWORK), needs=("network",)),
        Member(
            "support_body",
            "support_body.reference",
            _("Support body it belongs to."),
            maybe(string(pattern="^B[0-9]+$")),
            needs=("support_body",),
        ),
        _source,
    ),
    title=_("Web links"),
    meaning=_("Addresses on the web, as listings of their time gave them."),
    joins={
        **of_network("networks_weblink"),
        "support_body": "LEFT JOIN networks_supportbody AS support_body"
        " ON support_body.id = networks_weblink.support_body_id AND support_body.publication = 'published'",
        **_source_join,
    },
)
