"""JSON records of agreements, parties, towns, organisations, countries and territories: their public data.

Drafts, contacts and names of persons are in none of it. Codes are those of the import layouts; names of records are in
their own language, and descriptions in both.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.date_conditions import at_today
from core.lists.form_fields import StrOrPromise
from core.lists.json_records import (
    ADDRESS,
    MOMENT,
    PARTIAL_DATE,
    JsonSchema,
    Member,
    RecordKind,
    array_schema,
    closed,
    maybe,
    string,
    whole,
)

from .. import choices
from ..derived_states import (
    CURRENT_STATUS_SQL,
    CURRENT_STATUSES,
    HAS_LEFT_SQL,
    LATEST_RENEWAL_JOIN,
    SUSPENSION_JOIN,
    SUSPENSION_STATE_SQL,
)
from ..labels import labels
from ..models import Agreement, Country, Organisation, Party, Territory, Town
from .fields import FieldSection, of_section

COUNTRY = string(pattern="^[A-Z]{2}$")
TERRITORY = string(pattern="^[A-Z]{2}-[A-Z0-9]{1,7}$")
LATITUDE = {"type": "number", "minimum": -90, "maximum": 90}
LONGITUDE = {"type": "number", "minimum": -180, "maximum": 180}
WHOLE_NUMBER = {"type": "integer", "minimum": 0}
REFERENCE = string(pattern="^[A-Z][1-9][0-9]*$")


def of(choice: type[TextChoices]) -> Callable[[], Mapping[str, StrOrPromise]]:
    """The labels of a closed list."""
    return lambda: dict(choice.choices)


def reference_member(letter: str, table: str) -> Member:
    """The public id of a record."""
    return Member(
        "reference",
        f"{table}.reference",
        _("Reference: the id that never changes."),
        string(pattern=f"^{letter}[0-9]+$"),
    )


def identity_member(table: str, key: str = "reference") -> Member:
    """The permanent address of a record."""
    return Member(
        "id", f"'{{base}}/id/' || {table}.{key}", _("Permanent address: it names the record for good."), ADDRESS
    )


def sources_member(through: str, column: str, table: str) -> Member:
    """The sources that a record cites."""
    of_record = (
        f"FROM {through} AS link JOIN partnerships_source AS source ON source.id = link.source_id"
        f" WHERE link.{column} = {table}.id"
    )
    return Member(
        "sources",
        f"ARRAY(SELECT source.reference {of_record} ORDER BY link.id)",
        _("Its sources, by reference."),
        array_schema(REFERENCE),
        # Nothing in it comes from outside.
        expanded=f"(SELECT coalesce(json_agg({SOURCE} ORDER BY link.id), '[]') {of_record})",
        expanded_schema=array_schema(SOURCE_SCHEMA),
    )


SOURCE = """json_build_object('reference', source.reference, 'title', source.title, 'publisher', source.publisher,
    'date', source.date, 'url', source.url, 'licence', source.licence)"""
"""In SQL: a source."""
SOURCE_SCHEMA = whole(
    reference=REFERENCE,
    title=string(),
    publisher=string(),
    date=maybe(PARTIAL_DATE),
    url=string(),
    licence=string(),
)


def other_names_member(table: str, column: str, of_table: str) -> Member:
    """The other names of a record."""
    return Member(
        "names",
        f"ARRAY(SELECT other.name FROM {table} AS other WHERE other.{column} = {of_table}.id ORDER BY other.name)",  # noqa: S608
        _("Its other names."),
        array_schema(string()),
        expanded=(
            "(SELECT coalesce(json_agg(json_build_object('name', other.name, 'kind', other.kind,"  # noqa: S608
            f" 'language', other.language) ORDER BY other.name), '[]') FROM {table} AS other"
            f" WHERE other.{column} = {of_table}.id)"
        ),
        expanded_schema=array_schema(whole(name=string(), kind=closed(choices.NameKind.values), language=string())),
    )


# Agreements

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


def column(
    table: str, name: str, meaning: StrOrPromise, schema: JsonSchema, attribute: str = "", **more: Any
) -> Member:
    """A column of a table."""
    return Member(name, f"{table}.{attribute or name}", meaning, schema, **more)


POINT = """CASE WHEN {x} IS NOT NULL
    THEN json_build_object('type', 'Point', 'coordinates', json_build_array({x}, {y})) END"""
"""In SQL: coordinates as GeoJSON has them, the longitude first."""

town = partial(column, "partnerships_town")
TOWNS = RecordKind(
    "towns",
    Town,
    (
        reference_member("T", "partnerships_town"),
        identity_member("partnerships_town"),
        town("name", _("Name, in the language of the place."), string()),
        other_names_member("partnerships_townname", "town_id", "partnerships_town"),
        town("level", _("Kind of local authority."), closed(choices.Level.values), labels=of(choices.Level)),
        town("country", _("Its country."), COUNTRY, "country_id", labels=partial(labels, "country")),
        town("territory", _("Where it lies."), maybe(TERRITORY), "territory_id"),
        town("governs", _("Territory whose authority it is."), maybe(TERRITORY), "governs_id"),
        town("insee", _("INSEE code, for France."), maybe(string())),
        town("geonames", _("GeoNames id."), maybe(WHOLE_NUMBER)),
        town("wikidata", _("Wikidata id."), maybe(string(pattern="^Q[1-9][0-9]*$"))),
        town("population", _("Population."), maybe(WHOLE_NUMBER)),
        town("latitude", _("Latitude."), maybe(LATITUDE)),
        town("longitude", _("Longitude."), maybe(LONGITUDE)),
        town(
            "coordinates_precision",
            _("Whether the coordinates are the place's own."),
            closed(choices.CoordinatesPrecision.values),
            labels=of(choices.CoordinatesPrecision),
        ),
        town("website", _("Website."), string()),
        sources_member("partnerships_townsource", "town_id", "partnerships_town"),
        Member("entered", "partnerships_town.created_at", _("When it was entered."), MOMENT),
    ),
    title=_("Towns"),
    meaning=_("Local authorities of every level, from districts to regions."),
    shown="partnerships_town.publication = 'published'",
    geometry=POINT.format(x="partnerships_town.longitude", y="partnerships_town.latitude"),
)

organisation = partial(column, "partnerships_organisation")
ORGANISATIONS = RecordKind(
    "organisations",
    Organisation,
    (
        reference_member("O", "partnerships_organisation"),
        identity_member("partnerships_organisation"),
        organisation("name", _("Name."), string()),
        other_names_member("partnerships_organisationname", "organisation_id", "partnerships_organisation"),
        organisation("acronym", _("Acronym."), string()),
        organisation(
            "kind",
            _("Kind of organisation."),
            closed(choices.OrganisationKind.values),
            labels=of(choices.OrganisationKind),
        ),
        organisation(
            "country",
            _("The country it works from."),
            maybe(COUNTRY),
            "country_id",
            labels=partial(labels, "country"),
        ),
        organisation("territory", _("Where it lies."), maybe(TERRITORY), "territory_id"),
        Member(
            "seat",
            "seat.reference",
            _("Reference of the town of its seat."),
            maybe(string(pattern="^T[0-9]+$")),
            needs=("seat",),
        ),
        organisation("website", _("Website."), string()),
        sources_member("partnerships_organisationsource", "organisation_id", "partnerships_organisation"),
        Member("entered", "partnerships_organisation.created_at", _("When it was entered."), MOMENT),
    ),
    title=_("Organisations"),
    meaning=_("Actors that are no local authority: associations, schools, hospitals, State services."),
    shown="partnerships_organisation.publication = 'published'",
    joins={
        "seat": "LEFT JOIN partnerships_town AS seat"
        " ON seat.id = partnerships_organisation.seat_id AND seat.publication = 'published'"
    },
    geometry=POINT.format(x="seat.longitude", y="seat.latitude"),
    geometry_needs=("seat",),
)

country = partial(column, "partnerships_country")
COUNTRIES = RecordKind(
    "countries",
    Country,
    (
        country("code", _("ISO 3166-1 code of two letters."), COUNTRY),
        identity_member("partnerships_country", "code"),
        country("alpha3", _("Code of three letters."), string(pattern="^[A-Z]{3}$")),
        country("numeric", _("Numeric code of ISO 3166-1."), maybe(string(pattern="^[0-9]{3}$"))),
        country("name_en", _("English name, from CLDR."), string()),
        country("name_fr", _("French name, from CLDR."), string()),
        country("continent", _("Continent."), closed(choices.Continent.values), labels=of(choices.Continent)),
        country("subregion", _("UN M49 code of the subregion."), string()),
        Member(
            "zones",
            "ARRAY(SELECT link.zone_id FROM partnerships_zonecountry AS link"
            ' WHERE link.country_id = partnerships_country.code ORDER BY link.zone_id COLLATE "C")',
            _("Codes of the cooperation zones that it belongs to."),
            array_schema(string()),
        ),
    ),
    title=_("Countries"),
    meaning=_("Countries of ISO 3166-1, and Kosovo."),
    key="code",
)

territory = partial(column, "partnerships_territory")
TERRITORIES = RecordKind(
    "territories",
    Territory,
    (
        territory("code", _("ISO 3166-2 code."), TERRITORY),
        identity_member("partnerships_territory", "code"),
        territory("name", _("Name."), string()),
        territory("country", _("The country."), COUNTRY, "country_id", labels=partial(labels, "country")),
        territory(
            "level",
            _("Rank within the country."),
            closed(choices.TerritoryLevel.values),
            labels=of(choices.TerritoryLevel),
        ),
        territory("insee", _("INSEE code, for France."), string()),
        Member(
            "parents",
            "ARRAY(SELECT link.parent_id FROM partnerships_territoryparent AS link"
            " WHERE link.territory_id = partnerships_territory.code ORDER BY link.since NULLS FIRST, link.id)",
            _("Codes of the territories in which it lies or lay."),
            array_schema(TERRITORY),
            expanded=(
                "(SELECT coalesce(json_agg(json_build_object('code', link.parent_id, 'since', link.since,"
                " 'until', link.until) ORDER BY link.since NULLS FIRST, link.id), '[]')"
                " FROM partnerships_territoryparent AS link WHERE link.territory_id = partnerships_territory.code)"
            ),
            expanded_schema=array_schema(whole(code=TERRITORY, since=maybe(PARTIAL_DATE), until=maybe(PARTIAL_DATE))),
        ),
        territory("successor", _("Code of the territory that it became part of."), maybe(TERRITORY), "successor_id"),
        territory("dissolved_on", _("When it was dissolved."), maybe(PARTIAL_DATE)),
        territory("latitude", _("Latitude of its seat."), maybe(LATITUDE)),
        territory("longitude", _("Longitude of its seat."), maybe(LONGITUDE)),
    ),
    title=_("Territories"),
    meaning=_("Regions and departments, the dissolved ones too."),
    key="code",
    geometry=POINT.format(x="partnerships_territory.longitude", y="partnerships_territory.latitude"),
)
