"""JSON records of agreements and their parties: their public data.

Drafts, contacts and names of persons are in none of it. Codes are those of the import layouts; names of records are in
their own language, and descriptions in both.
"""

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext_lazy as _

from core.date_conditions import at_today
from core.lists.json_records import MOMENT, PARTIAL_DATE, Member, RecordKind, array_schema, closed, maybe, string, whole

from .. import choices
from ..derived_states import (
    CURRENT_STATUS_SQL,
    CURRENT_STATUSES,
    HAS_LEFT_SQL,
    LATEST_RENEWAL_JOIN,
    SUSPENSION_JOIN,
    SUSPENSION_STATE_SQL,
)
from ..json_members import (
    COUNTRY,
    LATITUDE,
    LONGITUDE,
    REFERENCE,
    TERRITORY,
    identity_member,
    of,
    reference_member,
    sources_member,
)
from ..labels import labels
from ..models import Agreement, Party
from .fields import FieldSection, of_section

_ACTOR_SQL = "coalesce(town.reference, organisation.reference)"

_PARTY_JSON = """json_build_object(
    'actor', coalesce(town.reference, organisation.reference),
    'type', CASE WHEN town.id IS NULL THEN 'organisation' ELSE 'town' END,
    'name', coalesce(town.name, organisation.name),
    'level', town.level,
    'country', coalesce(town.country_id, organisation.country_id),
    'territory', coalesce(town.territory_id, organisation.territory_id),
    'latitude', town.latitude, 'longitude', town.longitude,
    'role', party.role, 'joined', party.joined, 'left', party."left"
)"""
PARTY_SCHEMA = whole(
    actor=string(pattern="^[TO][0-9]+$"),
    type=closed(["town", "organisation"]),
    name=string(),
    level=maybe(closed(choices.Level.values)),
    country=maybe(COUNTRY),
    territory=maybe(TERRITORY),
    latitude=maybe(LATITUDE),
    longitude=maybe(LONGITUDE),
    role=closed(choices.PartyRole.values),
    joined=maybe(PARTIAL_DATE),
    left=maybe(PARTIAL_DATE),
)

_PARTIES_JOIN = f"""LEFT JOIN LATERAL (
    SELECT json_agg({_ACTOR_SQL} ORDER BY party.position, party.id) AS actors,
        json_agg({_PARTY_JSON} ORDER BY party.position, party.id) AS whole
    FROM partnerships_party AS party
    LEFT JOIN partnerships_town AS town ON town.id = party.town_id
    LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
    WHERE party.agreement_id = partnerships_agreement.id
) AS parties ON true"""  # noqa: S608

# A line that would cross the 180th meridian is cut there, as RFC 7946 asks (section 3.1.9).
_LINES_JOIN = f"""LEFT JOIN LATERAL (
    WITH located AS (
        SELECT row_number() OVER (ORDER BY party.position, party.id) AS place,
            coalesce(town.longitude, governed.longitude) AS x, coalesce(town.latitude, governed.latitude) AS y
        FROM partnerships_party AS party JOIN partnerships_town AS town ON town.id = party.town_id
        LEFT JOIN partnerships_territory AS governed ON governed.code = town.governs_id
        WHERE party.agreement_id = partnerships_agreement.id AND NOT {HAS_LEFT_SQL}
            AND coalesce(town.longitude, governed.longitude) IS NOT NULL
    ), pairs AS (
        SELECT one.place, other.place AS second, one.x AS x1, one.y AS y1, other.x AS x2, other.y AS y2,
            sign(one.x) * 180 AS edge,
            one.y + (other.y - one.y) * coalesce((180 - abs(one.x)) / nullif(360 - abs(one.x - other.x), 0), 0) AS y
        FROM located AS one JOIN located AS other ON other.place > one.place
    ), segments AS (
        SELECT place, second, 1 AS half, json_build_array(json_build_array(x1, y1),
            CASE WHEN abs(x1 - x2) > 180 THEN json_build_array(edge, y) ELSE json_build_array(x2, y2) END) AS segment
        FROM pairs
        UNION ALL
        SELECT place, second, 2, json_build_array(json_build_array(-edge, y), json_build_array(x2, y2))
        FROM pairs WHERE abs(x1 - x2) > 180
    )
    SELECT json_build_object('type', 'MultiLineString', 'coordinates',
        json_agg(segment ORDER BY place, second, half)) AS geometry
    FROM segments HAVING count(*) > 0
) AS lines ON true"""  # noqa: S608


DERIVED = {
    "formal_status": Member(
        "current_status",
        CURRENT_STATUS_SQL,
        _("The same, or “expired” where its term is over."),
        closed([code for code, _label in CURRENT_STATUSES]),
        needs=("latest",),
        labels=lambda: dict(CURRENT_STATUSES),
    ),
    "activity": Member(
        "suspension",
        SUSPENSION_STATE_SQL,
        _("Whether it is suspended: for no party, for some, as a whole."),
        closed(choices.SuspensionState.values),
        needs=("standing",),
        labels=of(choices.SuspensionState),
    ),
}
"""Members that are derived from a field, by its name: they stand behind it."""


def own(*sections: FieldSection) -> Iterator[Member]:
    """Members of the agreement's own fields of some sections, and those derived from them."""
    for one in of_section(*sections):
        yield one.member()
        if one.name in DERIVED:
            yield DERIVED[one.name]


AGREEMENTS = RecordKind(
    "agreements",
    Agreement,
    (
        reference_member("A", "partnerships_agreement"),
        identity_member("partnerships_agreement"),
        *own(FieldSection.KIND),
        Member(
            "parties",
            "parties.actors",
            _("Who takes part: references of towns and organisations, or all that the directory says of each."),
            array_schema(string(pattern="^[TO][0-9]+$")),
            expanded="parties.whole",
            expanded_schema=array_schema(PARTY_SCHEMA),
            needs=("parties",),
        ),
        *own(FieldSection.DATES),
        *own(FieldSection.STATE),
        Member(
            "themes",
            "ARRAY(SELECT link.theme_id FROM partnerships_agreementtheme AS link"
            ' WHERE link.agreement_id = partnerships_agreement.id ORDER BY link.theme_id COLLATE "C")',
            _("Codes of its fields of work."),
            array_schema(string()),
        ),
        Member(
            "funding",
            'ARRAY(SELECT DISTINCT money.funding_id COLLATE "C" FROM partnerships_fundingcontribution AS money'
            " WHERE money.agreement_id = partnerships_agreement.id ORDER BY 1)",
            _("Codes of its funding sources."),
            array_schema(string()),
            expanded=(
                "(SELECT coalesce(json_agg(json_build_object('funding', money.funding_id, 'year', money.year,"
                " 'amount', money.amount, 'currency', money.currency) ORDER BY money.year, money.id), '[]')"
                " FROM partnerships_fundingcontribution AS money WHERE money.agreement_id = partnerships_agreement.id)"
            ),
            expanded_schema=array_schema(
                whole(
                    funding=string(),
                    year=maybe({"type": "integer"}),
                    amount=maybe({"type": "number", "minimum": 0}),
                    currency=string(),
                )
            ),
        ),
        Member(
            "renewals",
            "ARRAY(SELECT renewal.renewed FROM partnerships_renewal AS renewal"
            " WHERE renewal.agreement_id = partnerships_agreement.id ORDER BY renewal.renewed)",
            _("When it was renewed."),
            array_schema(PARTIAL_DATE),
            expanded=(
                "(SELECT coalesce(json_agg(json_build_object('renewed', renewal.renewed,"
                " 'valid_until', renewal.valid_until) ORDER BY renewal.renewed), '[]')"
                " FROM partnerships_renewal AS renewal WHERE renewal.agreement_id = partnerships_agreement.id)"
            ),
            expanded_schema=array_schema(whole(renewed=PARTIAL_DATE, valid_until=maybe(PARTIAL_DATE))),
        ),
        *own(FieldSection.TEXTS),
        Member(
            "documents",
            "ARRAY(SELECT document.url FROM partnerships_document AS document"
            " WHERE document.agreement_id = partnerships_agreement.id ORDER BY document.id)",
            _("Addresses of its documents on the web, which lie with their authors and have licences of their own."),
            array_schema(string()),
            expanded=(
                "(SELECT coalesce(json_agg(json_build_object('title', document.title, 'url', document.url,"
                " 'language', document.language, 'date', document.date) ORDER BY document.id), '[]')"
                " FROM partnerships_document AS document WHERE document.agreement_id = partnerships_agreement.id)"
            ),
            expanded_schema=array_schema(
                whole(title=string(), url=string(), language=string(), date=maybe(PARTIAL_DATE))
            ),
        ),
        sources_member("partnerships_agreementsource", "agreement_id", "partnerships_agreement"),
        *own(FieldSection.RECORD),
        Member("entered", "partnerships_agreement.created_at", _("When it was entered."), MOMENT),
    ),
    title=_("Agreements"),
    meaning=_("Relations between two or more towns or organisations: twinnings, cooperation agreements and others."),
    shown="partnerships_agreement.publication = 'published'",
    joins={"parties": _PARTIES_JOIN, "latest": LATEST_RENEWAL_JOIN, "standing": SUSPENSION_JOIN, "lines": _LINES_JOIN},
    geometry="lines.geometry",
    geometry_needs=("lines",),
    prepare=at_today,
)

PARTY_ROWS = RecordKind(
    "parties",
    Party,
    (
        Member("agreement", "agreement.reference", _("Reference of the agreement."), REFERENCE, needs=("of",)),
        Member("actor", _ACTOR_SQL, _("Reference of the town or organisation."), REFERENCE, needs=("of",)),
        Member(
            "type",
            "CASE WHEN town.id IS NULL THEN 'organisation' ELSE 'town' END",
            _("Whether it is a town or an organisation."),
            closed(["town", "organisation"]),
            needs=("of",),
        ),
        Member("name", "coalesce(town.name, organisation.name)", _("Its name."), string(), needs=("of",)),
        Member(
            "level",
            "town.level",
            _("Kind of local authority."),
            maybe(closed(choices.Level.values)),
            needs=("of",),
            labels=of(choices.Level),
        ),
        Member(
            "country",
            "coalesce(town.country_id, organisation.country_id)",
            _("Its country."),
            maybe(COUNTRY),
            needs=("of",),
            labels=partial(labels, "country"),
        ),
        Member(
            "territory",
            "coalesce(town.territory_id, organisation.territory_id)",
            _("Where it lies."),
            maybe(TERRITORY),
            needs=("of",),
        ),
        Member(
            "role",
            "partnerships_party.role",
            _("Its part in the agreement."),
            closed(choices.PartyRole.values),
            labels=of(choices.PartyRole),
        ),
        Member(
            "joined",
            "partnerships_party.joined",
            _("When it joined, if later than the signature."),
            maybe(PARTIAL_DATE),
        ),
        Member("left", 'partnerships_party."left"', _("When it left."), maybe(PARTIAL_DATE)),
    ),
    title=_("Parties"),
    meaning=_("Who takes part in which agreement."),
    key="id",
    shown=(
        "EXISTS (SELECT FROM partnerships_agreement AS shown WHERE shown.id = partnerships_party.agreement_id"
        " AND shown.publication = 'published')"
    ),
    joins={
        "of": "JOIN partnerships_agreement AS agreement ON agreement.id = partnerships_party.agreement_id"
        " LEFT JOIN partnerships_town AS town ON town.id = partnerships_party.town_id"
        " LEFT JOIN partnerships_organisation AS organisation ON organisation.id = partnerships_party.organisation_id"
    },
)

# Places
