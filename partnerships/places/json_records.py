"""JSON records of towns, organisations, countries and territories: their public data."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from core.lists.json_records import MOMENT, PARTIAL_DATE, Member, RecordKind, array_schema, closed, maybe, string, whole

from .. import choices
from ..json_members import (
    COUNTRY,
    LATITUDE,
    LONGITUDE,
    POINT,
    TERRITORY,
    WHOLE_NUMBER,
    column,
    identity_member,
    of,
    other_names_member,
    reference_member,
    sources_member,
)
from ..labels import labels
from ..models import Country, Organisation, Territory, Town

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
