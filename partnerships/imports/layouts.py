"""The import and export layouts of the partnerships app: each column is written once, here."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import pycountry
from babel import Locale
from django.db.models import Count, Max, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tablib import Dataset

from core.imports import cells as imports_cells
from core.imports.cells import (
    AmountCell,
    ChoiceCell,
    CodeCell,
    DateCell,
    DegreesCell,
    ListCell,
    LookupCell,
    NumberCell,
    TextCell,
    UrlCell,
)
from core.imports.columns import Column, Links, RowStatement
from core.imports.layouts import StrictResource
from core.imports.mapping import KEY
from core.imports.models import ImportBatch
from core.imports.registry import importable
from core.imports.rows import Row

from ..agreements.fields import FieldSection, import_columns
from ..choices import (
    Continent,
    CoordinatesPrecision,
    Level,
    NameKind,
    OrganisationKind,
    Publication,
    SuspendedBy,
    TerritoryLevel,
    Verdict,
)
from ..models import (
    Agreement,
    AgreementSource,
    Claim,
    CooperationZone,
    Country,
    Document,
    FundingContribution,
    FundingSource,
    Organisation,
    OrganisationName,
    Party,
    Renewal,
    Source,
    StateRelation,
    Suspension,
    Territory,
    TerritoryParent,
    Theme,
    Town,
    TownName,
    ZoneCountry,
)
from . import header_aliases
from .agreement_rows import AgreementImport, ForOfficers
from .lookups import Insee, a_country, a_territory
from .party_columns import PARTY_COLUMN, PARTY_PARTS, WIKIDATA_ID_PATTERN, PartyColumn
from .row_rules import CurrencyCell, MoneyCell, PartOfAgreement


def a_slug() -> CodeCell:
    """Widget: a code of our own, as it stands in addresses."""
    return CodeCell("[a-z0-9][a-z0-9-]{0,39}", "water-and-soil")


def a_source() -> LookupCell:
    """Widget: a source by its title or reference."""
    return LookupCell(Source, "title", "reference")


def references(model: type, **options: Any) -> LookupCell:
    """Widget: a record by its reference."""
    return LookupCell(model, "reference", fold=True, **options)


@importable("sources")
class SourceResource(StrictResource):
    """Documents and data sets that records cite."""

    model = Source
    usual_names = header_aliases.COLUMN_ALIASES
    prefix = "S"
    identities = (("reference",), ("title", "url"))

    reference = Column(
        TextCell(16), gettext_lazy("Reference of the source; given by the directory when left blank."), example="S12"
    )
    title = Column(TextCell(300), gettext_lazy("Title."), required=True, example="Cooperation between cities")
    publisher = Column(TextCell(300), gettext_lazy("Who published it."))
    date = Column(DateCell(), gettext_lazy("When it was published, as precisely as known."), example="2006")
    url = Column(UrlCell(500), gettext_lazy("Address on the web."))
    licence = Column(TextCell(60), gettext_lazy("Licence, by its SPDX identifier where it has one."), example="CC0-1.0")

    def complete(self, row: Row) -> None:
        row.values.setdefault("url", "")


@importable("countries")
class CountryResource(StrictResource):
    """Countries of ISO 3166-1; names, three-letter and numeric codes come from CLDR and ISO 3166-1."""

    model = Country
    identities = (("code",),)

    code = Column(TextCell(2), gettext_lazy("ISO 3166-1 code of two letters."), required=True, example="ML")
    continent = Column(ChoiceCell(Continent), gettext_lazy("Continent."), required=True, example="AF")
    subregion = Column(TextCell(3), gettext_lazy("UN M49 code of the subregion."), example="011")
    alpha3 = Column(TextCell(3), gettext_lazy("Code of three letters; filled in from ISO 3166-1."))
    numeric = Column(TextCell(3), gettext_lazy("Numeric code; filled in from ISO 3166-1."))
    name_en = Column(TextCell(100), gettext_lazy("English name; filled in from CLDR."))
    name_fr = Column(TextCell(100), gettext_lazy("French name; filled in from CLDR."))

    def complete(self, row: Row) -> None:
        code = row.values["code"] = row.values["code"].upper()
        entry = pycountry.countries.get(alpha_2=code)
        if entry is None and code != "XK":
            row.refuse("code", _("This is no code of ISO 3166-1."))
            return
        # Kosovo has no ISO code; XK and XKX are the user-assigned ones that CLDR and the European Union use.
        row.values["alpha3"] = entry.alpha_3 if entry else "XKX"
        if entry:
            row.values["numeric"] = entry.numeric
        for language in ("en", "fr"):
            row.values[f"name_{language}"] = Locale(language).territories[code]


@importable("zones")
class ZoneResource(StrictResource):
    """Cooperation zones."""

    model = CooperationZone
    identities = (("code",),)

    code = Column(a_slug(), gettext_lazy("Code of the zone."), required=True, example="french-speaking-africa")
    name_en = Column(TextCell(100), gettext_lazy("English name."), required=True)
    name_fr = Column(TextCell(100), gettext_lazy("French name."), required=True)


@importable("zone_countries")
class ZoneCountryResource(StrictResource):
    """Countries of cooperation zones, with the reason."""

    model = ZoneCountry
    identities = (("zone", "country"),)

    zone = Column(
        LookupCell(CooperationZone, "code"), gettext_lazy("Code of the zone."), attribute="zone_id", required=True
    )
    country = Column(a_country(), gettext_lazy("The country."), attribute="country_id", required=True, example="ML")
    reason_en = Column(TextCell(300), gettext_lazy("Why it belongs there, in English."), required=True)
    reason_fr = Column(TextCell(300), gettext_lazy("Why it belongs there, in French."), required=True)
    source = Column(
        a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title", required=True
    )


@importable("state_relations")
class StateRelationResource(StrictResource):
    """Dated records of a country's relations as a State."""

    model = StateRelation
    identities = (("country", "counterpart", "since"),)

    country = Column(a_country(), gettext_lazy("The country."), attribute="country_id", required=True, example="MM")
    counterpart = Column(
        TextCell(100), gettext_lazy("ISO code of the other country, or EU."), required=True, example="EU"
    )
    since = Column(DateCell(), gettext_lazy("Since when."))
    until = Column(DateCell(), gettext_lazy("Until when."))
    description_en = Column(TextCell(), gettext_lazy("What happened, in English."), required=True)
    description_fr = Column(TextCell(), gettext_lazy("What happened, in French."), required=True)
    source = Column(
        a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title", required=True
    )


@importable("territories")
class TerritoryResource(StrictResource):
    """Regions and departments."""

    model = Territory
    identities = (("code",),)

    code = Column(
        CodeCell("[A-Z]{2}-[A-Z0-9]{1,7}", "FR-21"), gettext_lazy("ISO 3166-2 code."), required=True, example="FR-21"
    )
    country = Column(a_country(), gettext_lazy("The country."), attribute="country_id", required=True, example="FR")
    level = Column(
        ChoiceCell(TerritoryLevel), gettext_lazy("Rank within the country."), required=True, example="department"
    )
    name = Column(TextCell(150), gettext_lazy("Name."), required=True, example="Côte-d'Or")
    insee = Column(TextCell(3), gettext_lazy("INSEE code, for France."), example="21")
    successor = Column(
        LookupCell(Territory, "code", within_file=True),
        gettext_lazy("Code of the territory that it became part of."),
        attribute="successor_id",
    )
    dissolved_on = Column(DateCell(), gettext_lazy("When it was dissolved."), example="2015-12-31")
    latitude = Column(DegreesCell(90), gettext_lazy("Latitude of its seat."))
    longitude = Column(DegreesCell(180), gettext_lazy("Longitude of its seat."))


@importable("territory_parents")
class TerritoryParentResource(StrictResource):
    """Territories and the outer territories that they lie, or lay, in."""

    model = TerritoryParent
    identities = (("territory", "parent", "since"),)

    territory = Column(
        LookupCell(Territory, "code"), gettext_lazy("The inner territory."), attribute="territory_id", required=True
    )
    parent = Column(
        LookupCell(Territory, "code"), gettext_lazy("The outer territory."), attribute="parent_id", required=True
    )
    since = Column(DateCell(), gettext_lazy("Since when; blank if always."), example="2016-01-01")
    until = Column(DateCell(), gettext_lazy("Until when; blank if still."), example="2015-12-31")


class Goals(ListCell):
    """Numbers of Sustainable Development Goals, stored with commas between them."""

    def __init__(self) -> None:
        super().__init__(NumberCell(17))

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return ",".join(map(str, super().clean(value)))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return (value or "").replace(",", imports_cells.SEPARATOR)


@importable("themes")
class ThemeResource(StrictResource):
    """Fields of work."""

    model = Theme
    identities = (("code",),)

    code = Column(a_slug(), gettext_lazy("Code of the theme."), required=True, example="water-sanitation")
    name_en = Column(TextCell(100), gettext_lazy("English name."), required=True)
    name_fr = Column(TextCell(100), gettext_lazy("French name."), required=True)
    crs = Column(CodeCell("[0-9]{5}", "14030"), gettext_lazy("OECD CRS purpose code."), example="14030")
    sdgs = Column(Goals(), gettext_lazy("Numbers of the Sustainable Development Goals, by bars."), example="6|3")


@importable("funding_sources")
class FundingSourceResource(StrictResource):
    """Funding sources of agreements."""

    model = FundingSource
    identities = (("code",),)

    code = Column(a_slug(), gettext_lazy("Code of the funding source."), required=True, example="water-1-percent")
    name_en = Column(TextCell(100), gettext_lazy("English name."), required=True)
    name_fr = Column(TextCell(100), gettext_lazy("French name."), required=True)


class OfPlaces(ForOfficers):
    """A layout whose records lie in territories: officers import those of their own."""

    usual_names = header_aliases.COLUMN_ALIASES

    def guard(self, rows: list[Row]) -> None:
        for row in rows:
            stored = {getattr(row.record, column, None) for column in ("territory_id", "governs_id")}
            given = {row.values.get(column) for column in ("territory", "governs")} - {None}
            # Nobody takes in what is elsewhere, or sends away what is theirs to where they have no say.
            if not (given or stored) & self.within or given - self.within or (row.record and not stored & self.within):
                row.refuse("territory", _("This lies outside of your territory: only its own officers enter it."))


@importable("towns")
class TownResource(OfPlaces):
    """Towns: local authorities of every level."""

    model = Town
    prefix = "T"
    identities = (
        ("reference",),
        ("insee",),
        ("geonames",),
        ("wikidata",),
        ("governs",),
        ("name", "country", "territory", "level"),
    )

    reference = Column(
        TextCell(16), gettext_lazy("Reference of the town; given by the directory when left blank."), example="T12"
    )
    name = Column(TextCell(200), gettext_lazy("Name, in the language of the place."), required=True, example="Quetigny")
    level = Column(
        ChoiceCell(Level, header_aliases.LEVELS),
        gettext_lazy("Kind of local authority; municipality if blank."),
        example="municipality",
    )
    country = Column(a_country(), gettext_lazy("The country."), attribute="country_id", required=True, example="FR")
    territory = Column(
        a_territory(),
        gettext_lazy("ISO 3166-2 code of where it lies."),
        attribute="territory_id",
        example="FR-21",
    )
    insee = Column(Insee(), gettext_lazy("INSEE code, for France."), example="21515")
    geonames = Column(NumberCell(), gettext_lazy("GeoNames id."), example="2984805")
    wikidata = Column(CodeCell(WIKIDATA_ID_PATTERN, "Q90"), gettext_lazy("Wikidata id."), example="Q90")
    population = Column(NumberCell(unit=True), gettext_lazy("Population."), example="9464")
    latitude = Column(DegreesCell(90), gettext_lazy("Latitude."), example="47.3167")
    longitude = Column(DegreesCell(180), gettext_lazy("Longitude."), example="5.1")
    coordinates_precision = Column(
        ChoiceCell(CoordinatesPrecision), gettext_lazy("Whether the coordinates are the place's own."), example="place"
    )
    website = Column(UrlCell(300), gettext_lazy("Website."))
    governs = Column(
        LookupCell(Territory, "code"),
        gettext_lazy("Territory whose authority it is."),
        attribute="governs_id",
        example="FR-BFC",
    )
    sources = Links(Source, "title", gettext_lazy("Titles of its sources."))

    def existing(self) -> QuerySet[Town]:
        return Town.objects.filter(publication=Publication.PUBLISHED)

    def complete(self, row: Row) -> None:
        row.values.setdefault("level", Level.MUNICIPALITY)

    def identity_keys(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        # A name tells towns apart only where no code does.
        coded = any(values.get(code) is not None for code in ("insee", "geonames", "wikidata", "governs"))
        return [key for key in super().identity_keys(values) if not coded or key[0][0] != "name"]


@importable("town_names")
class TownNameResource(StrictResource):
    """Other names of towns."""

    model = TownName
    identities = (("town", "name"),)

    town = Column(
        references(Town),
        gettext_lazy("Reference of the town."),
        attribute="town_id",
        shown="town__reference",
        required=True,
    )
    name = Column(TextCell(200), gettext_lazy("The other name."), required=True, example="Timbuktu")
    kind = Column(ChoiceCell(NameKind), gettext_lazy("Why it has this name."), example="alternative")
    language = Column(TextCell(10), gettext_lazy("ISO 639 code of the name's language."), example="en")


@importable("organisations")
class OrganisationResource(OfPlaces):
    """Actors that are no local authority."""

    model = Organisation
    prefix = "O"
    identities = (("reference",), ("name", "country"))

    reference = Column(TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="O3")
    name = Column(TextCell(200), gettext_lazy("Name."), required=True)
    acronym = Column(TextCell(30), gettext_lazy("Acronym."))
    kind = Column(
        ChoiceCell(OrganisationKind, header_aliases.ORGANISATION_KINDS),
        gettext_lazy("Kind of organisation."),
        required=True,
        example="association",
    )
    country = Column(a_country(), gettext_lazy("The country it works from."), attribute="country_id", example="FR")
    territory = Column(
        a_territory(),
        gettext_lazy("ISO 3166-2 code of where it lies."),
        attribute="territory_id",
        example="FR-21",
    )
    seat = Column(
        references(Town),
        gettext_lazy("Reference of the town of its seat."),
        attribute="seat_id",
        shown="seat__reference",
    )
    website = Column(UrlCell(300), gettext_lazy("Website."))
    sources = Links(Source, "title", gettext_lazy("Titles of its sources."))

    def existing(self) -> QuerySet[Organisation]:
        return Organisation.objects.filter(publication=Publication.PUBLISHED)


@importable("organisation_names")
class OrganisationNameResource(StrictResource):
    """Other names of organisations."""

    model = OrganisationName
    identities = (("organisation", "name"),)

    organisation = Column(
        references(Organisation),
        gettext_lazy("Reference of the organisation."),
        attribute="organisation_id",
        shown="organisation__reference",
        required=True,
    )
    name = Column(TextCell(200), gettext_lazy("The other name."), required=True)
    kind = Column(ChoiceCell(NameKind), gettext_lazy("Why it has this name."), example="alternative")
    language = Column(TextCell(10), gettext_lazy("ISO 639 code of the name's language."), example="fr")


def _codes(column: str, table: str) -> str:
    """SQL expression: the codes that a table links to an agreement, separated by bars."""
    of = f'SELECT DISTINCT {column} COLLATE "C" FROM {table} WHERE agreement_id = partnerships_agreement.id'  # noqa: S608
    return f"array_to_string(ARRAY({of} ORDER BY 1), '{imports_cells.SEPARATOR}')"


FIRST_SOURCE = """
    (SELECT source.{} FROM partnerships_agreementsource AS link JOIN partnerships_source AS source
        ON source.id = link.source_id WHERE link.agreement_id = partnerships_agreement.id ORDER BY link.id LIMIT 1)
"""
"""In SQL: a column of the source that an agreement cites first."""

PARTY_CELLS = """
    ARRAY(
        SELECT ARRAY[{parts}] FROM partnerships_party AS party
        LEFT JOIN partnerships_town AS town ON town.id = party.town_id
        LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
        WHERE party.agreement_id = partnerships_agreement.id ORDER BY party.position, party.id
    )
"""


class AgreementRow(NamedTuple):
    """An agreement as a row of a file."""

    pk: int
    cells: list[str]


def _agreement_columns() -> dict[str, Column]:
    """Columns of the layout of agreements, in their order: the agreement's own, and those of other tables between them;
    the parties' are added by number."""
    return {
        "reference": Column(
            TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="A1"
        ),
        **import_columns(FieldSection.KIND, FieldSection.DATES, FieldSection.STATE),
        "themes": Column(
            ListCell(LookupCell(Theme, "code", "name_en", "name_fr", fold=True), "|;\n"),
            gettext_lazy("Codes of its fields of work, by bars."),
            example="water-sanitation|health",
            sql=_codes("theme_id", "partnerships_agreementtheme"),
        ),
        "funding": Column(
            ListCell(LookupCell(FundingSource, "code", "name_en", "name_fr", fold=True), "|;\n"),
            gettext_lazy("Codes of its funding sources, by bars."),
            sql=_codes("funding_id", "partnerships_fundingcontribution"),
        ),
        **import_columns(FieldSection.TEXTS),
        "source": Column(
            TextCell(300),
            gettext_lazy("Title of the source; the file's own if blank."),
            sql=FIRST_SOURCE.format("title"),
        ),
        "source_url": Column(UrlCell(500), gettext_lazy("Address of the source."), sql=FIRST_SOURCE.format("url")),
        **import_columns(FieldSection.RECORD),
    }


@importable("agreements")
class AgreementResource(AgreementImport):
    """Agreements, one row each, with as many parties as there are."""

    vars().update(_agreement_columns())

    profiles = (
        ("Wikidata", header_aliases.WIKIDATA_HEADERS, header_aliases.WIKIDATA_OPTIONS),
        ("Wikidata (fetch_wikidata)", header_aliases.FETCHED_HEADERS, header_aliases.FETCHED_OPTIONS),
    )

    def __init__(self, *, create_towns: bool = False, parties: int = 2, **kwargs: Any) -> None:
        """`create_towns` lets rows make towns and organisations that the directory and the gazetteer lack; `parties` is
        how many an agreement of an export has at most."""
        super().__init__(**kwargs)
        self.create_towns = create_towns
        self._widen(max(parties, 2))

    # The columns

    def _widen(self, parties: int) -> None:
        """Add the columns for this many parties."""
        for number in range(1, parties + 1):
            for part in PARTY_PARTS:
                self.fields.setdefault(f"{part}_{number}", PartyColumn(part, number))

    def has_column(self, name: str) -> bool:
        if match := PARTY_COLUMN.fullmatch(name):
            self._widen(int(match[2]))
        return super().has_column(name)

    @classmethod
    def of(cls, batch: ImportBatch) -> "AgreementResource":
        resource = super().of(batch)
        resource.create_towns = bool(batch.options.get("create"))
        return resource

    def aliases(self, *, grouped: bool = False) -> Iterator[tuple[str, str]]:
        """Columns and their usual names in foreign files; without a number, those of the first and the second party."""
        for column, names in header_aliases.AGREEMENT_ALIASES.items():
            yield from ((column, name) for name in names)
        for part, names in header_aliases.PARTY_ALIASES.items():
            for name in names:
                if grouped:
                    yield (part, name)
                else:
                    yield (f"{part}_1", name)
                    yield from ((f"{part}_{number}", f"{name} {number}") for number in (1, 2, 3))
                    yield from ((f"{part}_2", form.format(name)) for form in header_aliases.OF_THE_PARTNER)
                    yield from ((f"{part}_1", form.format(name)) for form in header_aliases.OF_THE_FIRST)

    def arranged(self, found: dict[str, tuple[str, str]], headers: list[str]) -> dict[str, tuple[str, str]]:
        """Map a lone country column to the party whose name precedes it: national lists give the partner's only."""
        columns = {column: header for header, (column, _reason) in found.items()}
        lone = columns.get("country_1")
        if (
            lone is None
            or found[lone][1] == "exact"
            or "country_2" in columns
            or not {"party_1", "party_2"} <= set(columns)
        ):
            return found
        places = {number: headers.index(columns[f"party_{number}"]) for number in (1, 2)}
        before = [number for number in places if places[number] < headers.index(lone)]
        nearest = max(before, key=places.get) if before else min(places, key=places.get)
        return found | {lone: (f"country_{nearest}", found[lone][1])}

    @property
    def columns_of_members(self) -> list[str]:
        own = [name for name in self.fields if not PARTY_COLUMN.fullmatch(name)]
        return [KEY, *PARTY_PARTS, *own]

    def member_column(self, name: str, number: int) -> str:
        if name not in PARTY_PARTS:
            return name
        column = f"{name}_{number}"
        self.has_column(column)
        return column

    def missing_columns(self, given: set[str]) -> list[str]:
        missing = super().missing_columns(given)
        if "reference" not in given:
            missing += [f"party_{n}" for n in (1, 2) if not given & {f"party_{n}", f"code_{n}"}]
        return missing

    # Export

    def export(self, queryset: QuerySet[Agreement] | None = None, **kwargs: Any) -> Dataset:
        """Every agreement of the queryset (all published ones by default), with the columns of all its parties."""
        if queryset is None:
            queryset = Agreement.objects.filter(publication=Publication.PUBLISHED)
        parties = Party.objects.filter(agreement__in=queryset.order_by().values("pk")).order_by()
        most = parties.values("agreement").annotate(number=Count("pk")).aggregate(most=Max("number"))["most"]
        self._widen(most or 2)
        if kwargs.get("export_fields"):
            kwargs["export_fields"] = [
                *kwargs["export_fields"],
                *(n for n in self.fields if PARTY_COLUMN.fullmatch(n)),
            ]
        return super().export(queryset, **kwargs)

    def written(self, statement: RowStatement) -> None:
        """The cells of the parties, each party's row numbered within its agreement."""
        parts = ", ".join(f'{part[-1]} AS "{name}"' for name, part in PARTY_PARTS.items())
        statement.tables["numbered"] = f"""
            SELECT party.agreement_id AS of,
                row_number() OVER (PARTITION BY party.agreement_id ORDER BY party.position, party.id) AS number, {parts}
            FROM asked JOIN partnerships_party AS party ON party.agreement_id = asked.key
            LEFT JOIN partnerships_town AS town ON town.id = party.town_id
            LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
        """  # noqa: S608 (columns of ours)
        for name in statement.cells:
            if match := PARTY_COLUMN.fullmatch(name):
                part, number = match.groups()
                statement.cells[name] = f'party_{number}."{part}"'
                join = f"LEFT JOIN numbered AS party_{number} ON party_{number}.of = asked.key"
                if part == "party":
                    statement.joins.append(f"{join} AND party_{number}.number = {number}")

    def filter_export(self, queryset: QuerySet[Agreement], **kwargs: Any) -> QuerySet:
        """The agreements as PostgreSQL writes them: their own cells, and those of each party."""
        own = [
            column.sql or f'partnerships_agreement."{column.target}"'
            for column in self.fields.values()
            if not isinstance(column, PartyColumn)
        ]
        parts = [part[-1] for part in PARTY_PARTS.values()]
        # Nothing in them comes from outside.
        cells = (f"ARRAY[{_texts(own)}]", PARTY_CELLS.format(parts=_texts(parts)))
        return queryset.values_list("pk", *(RawSQL(sql, []) for sql in cells))  # noqa: S611

    def before_export(self, queryset: QuerySet[Agreement], **kwargs: Any) -> None:
        chosen = [self.get_field_name(field) for field in self.get_export_fields(kwargs.get("export_fields"))]
        self._places = [self.known_columns.index(name) for name in chosen]

    def iter_queryset(self, queryset: QuerySet) -> Iterator[AgreementRow]:
        width = len(self.known_columns)
        for pk, own, parties in queryset.iterator(chunk_size=2000):
            cells = [*own, *chain.from_iterable(parties)]
            yield AgreementRow(pk, cells + [""] * (width - len(cells)))

    def export_resource(self, instance: AgreementRow, selected_fields: Any = None, **kwargs: Any) -> list[str]:
        return [instance.cells[place] for place in self._places]


def _texts(expressions: Iterable[str]) -> str:
    """Expressions in SQL as texts, blank where there is nothing."""
    return ", ".join(f"coalesce(({expression})::text, '')" for expression in expressions)


@importable("agreement_sources")
class AgreementSourceResource(StrictResource):
    """Further sources of agreements."""

    model = AgreementSource
    identities = (("agreement", "source"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    source = Column(
        a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title", required=True
    )


@importable("suspensions")
class SuspensionResource(PartOfAgreement):
    """Dated suspensions of parties."""

    model = Suspension
    part = "suspensions"
    identities = (("party", "since"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="party_id",
        shown="party__agreement__reference",
        required=True,
    )
    party = Column(
        TextCell(16),
        gettext_lazy("Reference of the party's town or organisation."),
        attribute="party_id",
        shown="party__actor__reference",
        required=True,
        example="T2",
    )
    suspended_by = Column(ChoiceCell(SuspendedBy), gettext_lazy("Who suspended it."), required=True, example="state")
    since = Column(DateCell(), gettext_lazy("Since when."), example="2023-09")
    until = Column(DateCell(), gettext_lazy("Until when."))
    reason_en = Column(TextCell(500), gettext_lazy("Why, in English."))
    reason_fr = Column(TextCell(500), gettext_lazy("Why, in French."))
    act = Column(TextCell(200), gettext_lazy("Reference of the act."))
    source = Column(a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title")

    def announce(self, rows: list[Row]) -> None:
        super().announce(rows)
        self._parties = {
            (agreement, reference): pk
            for pk, agreement, town, organisation in Party.objects.values_list(
                "pk", "agreement_id", "town__reference", "organisation__reference"
            )
            for reference in (town or organisation,)
        }

    def complete(self, row: Row) -> None:
        agreement, reference = row.values.get("agreement"), row.values.get("party", "")
        party = self._parties.get((agreement, reference.upper()))
        if party is None:
            row.refuse("party", _("This is no party of the agreement: write its reference."))
        row.values["agreement"] = row.values["party"] = party

    def agreements_of(self, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
        """A suspension is judged by itself; the key is that of its party."""
        return {key: {"publication": Publication.PUBLISHED} for key in keys}


@importable("renewals")
class RenewalResource(PartOfAgreement):
    """Renewals of agreements."""

    model = Renewal
    part = "renewals"
    identities = (("agreement", "renewed"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    renewed = Column(DateCell(), gettext_lazy("When it was renewed."), required=True, example="2006-05-24")
    valid_until = Column(DateCell(), gettext_lazy("Until when it is valid now."))


@importable("contributions")
class FundingContributionResource(PartOfAgreement):
    """Money for agreements."""

    model = FundingContribution
    part = "funding"
    identities = (("agreement", "funding", "year"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    funding = Column(
        LookupCell(FundingSource, "code"),
        gettext_lazy("Code of the funding source."),
        attribute="funding_id",
        required=True,
    )
    year = Column(NumberCell(), gettext_lazy("Year."), example="2024")
    amount = Column(MoneyCell(), gettext_lazy("Amount."), example="12500")
    currency = Column(CurrencyCell(), gettext_lazy("ISO 4217 code of the currency."), example="EUR")

    def judged(self, entry: dict[str, Any]) -> dict[str, Any]:
        return entry | {"currency": entry["currency"] or ""}

    def create(self, rows: list[Row]) -> None:
        """An agreement's own row may have named the funding source alone: what says more takes that one's place."""
        super().create(rows)
        made = {(row.record.agreement_id, row.record.funding_id) for row in rows if row.record.year}
        bare = FundingContribution.objects.filter(agreement__in={pk for pk, _code in made}, year=None, amount=None)
        said = {row.record.pk for row in rows}
        FundingContribution.objects.filter(
            pk__in=[line.pk for line in bare if (line.agreement_id, line.funding_id) in made and line.pk not in said]
        ).delete()


@importable("documents")
class DocumentResource(StrictResource):
    """Documents of agreements, by their addresses on the web."""

    model = Document
    identities = (("agreement", "url"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    title = Column(TextCell(300), gettext_lazy("Title."), required=True)
    url = Column(UrlCell(500), gettext_lazy("Address on the web."), required=True)
    language = Column(TextCell(10), gettext_lazy("ISO 639 code of its language."), example="fr")
    date = Column(DateCell(), gettext_lazy("Date of the document."))


@importable("claims")
class ClaimResource(StrictResource):
    """Figures and values as sources print them, and what later sources say of them."""

    model = Claim
    prefix = "C"
    identities = (("reference",), ("statement_en", "as_of"))

    reference = Column(TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="C4")
    figure = Column(TextCell(60), gettext_lazy("Code of what is counted."), example="departments-share")
    statement_en = Column(TextCell(), gettext_lazy("What the source says, in English."), required=True)
    statement_fr = Column(TextCell(), gettext_lazy("What the source says, in French."), required=True)
    value = Column(AmountCell(), gettext_lazy("The figure."), example="80")
    unit = Column(TextCell(30), gettext_lazy("Its unit."), example="%")
    as_of = Column(DateCell(), gettext_lazy("Date of the figure."), example="2006")
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
    town = Column(references(Town), gettext_lazy("Town it is about."), attribute="town_id", shown="town__reference")
    agreement = Column(
        references(Agreement),
        gettext_lazy("Agreement it is about."),
        attribute="agreement_id",
        shown="agreement__reference",
    )
    country = Column(a_country(), gettext_lazy("Country it is about."), attribute="country_id")
