"""The import and export layouts of the partnerships app: each column is written once, here."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import pycountry
from babel import Locale
from django.db.models import Count, Max, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tablib import Dataset

from coopdir.imports import widgets
from coopdir.imports.models import ImportBatch
from coopdir.imports.planning import Outcome, Row
from coopdir.imports.resource import Column, Links, StrictResource, importable
from coopdir.imports.widgets import (
    Amount,
    Choice,
    Code,
    Computed,
    Date,
    Day,
    Degrees,
    List,
    Lookup,
    Number,
    Text,
    Url,
    YesNo,
)
from coopdir.text import normalise

from .actors import GAZETTEER_SOURCES, keep_other_names
from .choices import (
    Activity,
    Continent,
    CoordinatesPrecision,
    FormalStatus,
    Kind,
    Level,
    NameKind,
    OrganisationKind,
    PartyRole,
    Publication,
    SuspendedBy,
    TerritoryLevel,
    Verdict,
)
from .countries import country_code
from .matching import Match, TownMatcher, TownQuery, Unmatched
from .models import (
    Agreement,
    AgreementSource,
    AgreementTheme,
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

_l = gettext_lazy

INSEE = "[0-9][0-9AB][0-9]{3}"
WIKIDATA = "Q[1-9][0-9]{0,14}"


@lru_cache(maxsize=4096)
def _read_country(text: str) -> str:
    code = country_code(text)
    if code is None:
        raise ValueError(_("This country is not known: write its ISO code, such as FR, or its name today."))
    return code


class CountryLookup(Lookup):
    """A country of the directory, by its ISO code or its name in any language."""

    format = "ISO 3166-1 code, or the country's name"

    def __init__(self) -> None:
        super().__init__(Country, "code")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return super().clean(_read_country(value))


def a_country() -> CountryLookup:
    """Widget: a country."""
    return CountryLookup()


def a_slug() -> Code:
    """Widget: a code of our own, as it stands in addresses."""
    return Code("[a-z0-9][a-z0-9-]{0,39}", "water-and-soil")


def a_source() -> Lookup:
    """Widget: a source by its title or reference."""
    return Lookup(Source, "title", "reference")


def references(model: type, **options: Any) -> Lookup:
    """Widget: a record by its reference."""
    return Lookup(model, "reference", fold=True, **options)


@importable("sources")
class SourceResource(StrictResource):
    """Documents and data sets that records cite."""

    model = Source
    prefix = "S"
    identities = (("reference",), ("title", "url"))

    reference = Column(Text(16), _l("Reference of the source; given by the directory when left blank."), example="S12")
    title = Column(Text(300), _l("Title."), required=True, example="Cooperation between cities")
    publisher = Column(Text(300), _l("Who published it."))
    date = Column(Date(), _l("When it was published, as precisely as known."), example="2006")
    url = Column(Url(500), _l("Address on the web."))
    licence = Column(Text(60), _l("Licence, by its SPDX identifier where it has one."), example="CC0-1.0")

    def complete(self, row: Row) -> None:
        row.values.setdefault("url", "")


@importable("countries")
class CountryResource(StrictResource):
    """Countries of ISO 3166-1; names, three-letter and numeric codes come from CLDR and ISO 3166-1."""

    model = Country
    identities = (("code",),)

    code = Column(Text(2), _l("ISO 3166-1 code of two letters."), required=True, example="ML")
    continent = Column(Choice(Continent), _l("Continent."), required=True, example="AF")
    subregion = Column(Text(3), _l("UN M49 code of the subregion."), example="011")
    alpha3 = Column(Text(3), _l("Code of three letters; filled in from ISO 3166-1."))
    numeric = Column(Text(3), _l("Numeric code; filled in from ISO 3166-1."))
    name_en = Column(Text(100), _l("English name; filled in from CLDR."))
    name_fr = Column(Text(100), _l("French name; filled in from CLDR."))

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

    code = Column(a_slug(), _l("Code of the zone."), required=True, example="french-speaking-africa")
    name_en = Column(Text(100), _l("English name."), required=True)
    name_fr = Column(Text(100), _l("French name."), required=True)


@importable("zone_countries")
class ZoneCountryResource(StrictResource):
    """Which countries belong to a zone, and why."""

    model = ZoneCountry
    identities = (("zone", "country"),)

    zone = Column(Lookup(CooperationZone, "code"), _l("Code of the zone."), attribute="zone_id", required=True)
    country = Column(a_country(), _l("The country."), attribute="country_id", required=True, example="ML")
    reason_en = Column(Text(300), _l("Why it belongs there, in English."), required=True)
    reason_fr = Column(Text(300), _l("Why it belongs there, in French."), required=True)
    source = Column(a_source(), _l("Title of the source."), attribute="source_id", shown="source__title", required=True)


@importable("state_relations")
class StateRelationResource(StrictResource):
    """Dated records of a country's relations as a State."""

    model = StateRelation
    identities = (("country", "counterpart", "since"),)

    country = Column(a_country(), _l("The country."), attribute="country_id", required=True, example="MM")
    counterpart = Column(Text(100), _l("ISO code of the other country, or EU."), required=True, example="EU")
    since = Column(Date(), _l("Since when."))
    until = Column(Date(), _l("Until when."))
    description_en = Column(Text(), _l("What happened, in English."), required=True)
    description_fr = Column(Text(), _l("What happened, in French."), required=True)
    source = Column(a_source(), _l("Title of the source."), attribute="source_id", shown="source__title", required=True)


@importable("territories")
class TerritoryResource(StrictResource):
    """Regions and departments."""

    model = Territory
    identities = (("code",),)

    code = Column(Code("[A-Z]{2}-[A-Z0-9]{1,7}", "FR-21"), _l("ISO 3166-2 code."), required=True, example="FR-21")
    country = Column(a_country(), _l("The country."), attribute="country_id", required=True, example="FR")
    level = Column(Choice(TerritoryLevel), _l("Rank within the country."), required=True, example="department")
    name = Column(Text(150), _l("Name."), required=True, example="Côte-d'Or")
    insee = Column(Text(3), _l("INSEE code, for France."), example="21")
    successor = Column(
        Lookup(Territory, "code", within_file=True),
        _l("Code of the territory that it became part of."),
        attribute="successor_id",
    )
    dissolved_on = Column(Date(), _l("When it was dissolved."), example="2015-12-31")
    latitude = Column(Degrees(90), _l("Latitude of its seat."))
    longitude = Column(Degrees(180), _l("Longitude of its seat."))


@importable("territory_parents")
class TerritoryParentResource(StrictResource):
    """In which territories others lie or lay."""

    model = TerritoryParent
    identities = (("territory", "parent", "since"),)

    territory = Column(Lookup(Territory, "code"), _l("The inner territory."), attribute="territory_id", required=True)
    parent = Column(Lookup(Territory, "code"), _l("The outer territory."), attribute="parent_id", required=True)
    since = Column(Date(), _l("Since when; blank if always."), example="2016-01-01")
    until = Column(Date(), _l("Until when; blank if still."), example="2015-12-31")


class Goals(List):
    """Numbers of Sustainable Development Goals, stored with commas between them."""

    def __init__(self) -> None:
        super().__init__(Number(17))

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return ",".join(map(str, super().clean(value)))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return (value or "").replace(",", widgets.SEPARATOR)


@importable("themes")
class ThemeResource(StrictResource):
    """Fields of work."""

    model = Theme
    identities = (("code",),)

    code = Column(a_slug(), _l("Code of the theme."), required=True, example="water")
    name_en = Column(Text(100), _l("English name."), required=True)
    name_fr = Column(Text(100), _l("French name."), required=True)
    crs = Column(Code("[0-9]{5}", "14030"), _l("OECD CRS purpose code."), example="14030")
    sdgs = Column(Goals(), _l("Numbers of the Sustainable Development Goals, by bars."), example="6|3")


@importable("funding_sources")
class FundingSourceResource(StrictResource):
    """Where the money of agreements comes from."""

    model = FundingSource
    identities = (("code",),)

    code = Column(a_slug(), _l("Code of the funding source."), required=True, example="water-1-percent")
    name_en = Column(Text(100), _l("English name."), required=True)
    name_fr = Column(Text(100), _l("French name."), required=True)


@importable("towns")
class TownResource(StrictResource):
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

    reference = Column(Text(16), _l("Reference of the town; given by the directory when left blank."), example="T12")
    name = Column(Text(200), _l("Name, in the language of the place."), required=True, example="Quetigny")
    level = Column(Choice(Level), _l("Kind of local authority; municipality if blank."), example="municipality")
    country = Column(a_country(), _l("The country."), attribute="country_id", required=True, example="FR")
    territory = Column(
        Lookup(Territory, "code"),
        _l("ISO 3166-2 code of where it lies."),
        attribute="territory_id",
        example="FR-21",
    )
    insee = Column(Code(INSEE, "21515"), _l("INSEE code, for France."), example="21515")
    geonames = Column(Number(), _l("GeoNames id."), example="2984805")
    wikidata = Column(Code(WIKIDATA, "Q90"), _l("Wikidata id."), example="Q90")
    population = Column(Number(), _l("Population."), example="9464")
    latitude = Column(Degrees(90), _l("Latitude."), example="47.3167")
    longitude = Column(Degrees(180), _l("Longitude."), example="5.1")
    coordinates_precision = Column(
        Choice(CoordinatesPrecision), _l("Whether the coordinates are the place's own."), example="place"
    )
    website = Column(Url(300), _l("Website."))
    governs = Column(
        Lookup(Territory, "code"),
        _l("Territory whose authority it is."),
        attribute="governs_id",
        example="FR-BFC",
    )
    sources = Links(Source, "title", _l("Titles of its sources."))

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
        _l("Reference of the town."),
        attribute="town_id",
        shown="town__reference",
        required=True,
    )
    name = Column(Text(200), _l("The other name."), required=True, example="Timbuktu")
    kind = Column(Choice(NameKind), _l("Why it has this name."), example="alternative")
    language = Column(Text(10), _l("ISO 639 code of the name's language."), example="en")


@importable("organisations")
class OrganisationResource(StrictResource):
    """Actors that are no local authority."""

    model = Organisation
    prefix = "O"
    identities = (("reference",), ("name", "country"))

    reference = Column(Text(16), _l("Reference; given by the directory when left blank."), example="O3")
    name = Column(Text(200), _l("Name."), required=True)
    acronym = Column(Text(30), _l("Acronym."))
    kind = Column(Choice(OrganisationKind), _l("Kind of organisation."), required=True, example="association")
    country = Column(a_country(), _l("The country it works from."), attribute="country_id", example="FR")
    territory = Column(
        Lookup(Territory, "code"),
        _l("ISO 3166-2 code of where it lies."),
        attribute="territory_id",
        example="FR-21",
    )
    seat = Column(
        references(Town),
        _l("Reference of the town of its seat."),
        attribute="seat_id",
        shown="seat__reference",
    )
    website = Column(Url(300), _l("Website."))
    sources = Links(Source, "title", _l("Titles of its sources."))

    def existing(self) -> QuerySet[Organisation]:
        return Organisation.objects.filter(publication=Publication.PUBLISHED)


@importable("organisation_names")
class OrganisationNameResource(StrictResource):
    """Other names of organisations."""

    model = OrganisationName
    identities = (("organisation", "name"),)

    organisation = Column(
        references(Organisation),
        _l("Reference of the organisation."),
        attribute="organisation_id",
        shown="organisation__reference",
        required=True,
    )
    name = Column(Text(200), _l("The other name."), required=True)
    kind = Column(Choice(NameKind), _l("Why it has this name."), example="alternative")
    language = Column(Text(10), _l("ISO 639 code of the name's language."), example="fr")


@dataclass(slots=True, eq=False)
class PartyPlan:
    """A party as a row gives it: who (stored, or new and not saved yet), and the values of its own."""

    number: int
    actor: Town | Organisation
    match: Match | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The actor in the party key's form; new ones by what they are in memory."""
        letter = "t" if isinstance(self.actor, Town) else "o"
        return f"{letter}{self.actor.pk}" if self.actor.pk else f"{letter}new{id(self.actor)}"

    @property
    def order(self) -> tuple[bool, bool, int]:
        """Where the actor stands in the party key: towns first, then organisations, each by number."""
        return (isinstance(self.actor, Organisation), self.actor.pk is None, self.actor.pk or id(self.actor))


class PartyColumn(Column):
    """A column of the N-th party of an agreement."""

    def __init__(self, part: str, number: int) -> None:
        widget, meaning, example, sql = PARTY_PARTS[part]
        super().__init__(widget(), meaning, example=example, sql=sql)
        self.column_name = f"{part}_{number}"


def _read_code(text: str) -> tuple[str, str]:
    scheme, colon, code = text.partition(":")
    if not colon and re.fullmatch("[TO][0-9]+", text.upper()):
        return ("reference", text.upper())
    scheme, code = scheme.strip().lower(), code.strip().upper()
    if scheme == "geonames" and code.isascii() and code.isdigit() and len(code) <= 9:
        return (scheme, str(int(code)))
    if (scheme == "insee" and re.fullmatch(INSEE, code)) or (scheme == "wikidata" and re.fullmatch(WIKIDATA, code)):
        return (scheme, code)
    raise ValueError(_("Write a code with its list, as in insee:21515, geonames:2984805 or wikidata:Q90."))


class _Code(Computed):
    """An identifier with its scheme, or a reference of the directory."""

    def __init__(self) -> None:
        super().__init__(_read_code, "insee:…, geonames:…, wikidata:… or a reference")


def _read_type(text: str) -> str:
    if text.lower() not in ("town", "organisation"):
        raise ValueError(_("Write town or organisation."))
    return text.lower()


DEGREES = "{0}::text || CASE WHEN {0} = trunc({0}) THEN '.0' ELSE '' END"
"""A coordinate as Python writes it, with a decimal always."""

PARTY_PARTS: dict[str, tuple[Any, Any, str, str]] = {
    "party": (lambda: Text(200), _l("Name of the party."), "Quetigny", "coalesce(town.name, organisation.name)"),
    "type": (
        lambda: Computed(_read_type, "town or organisation"),
        _l("town (if blank) or organisation."),
        "town",
        "CASE WHEN town.id IS NULL THEN 'organisation' ELSE 'town' END",
    ),
    "level": (lambda: Choice(Level), _l("Kind of local authority."), "municipality", "town.level"),
    "country": (a_country, _l("Its country."), "FR", "coalesce(town.country_id, organisation.country_id)"),
    "territory": (
        lambda: Lookup(Territory, "code", "name", fold=True),
        _l("ISO 3166-2 code or name of where it lies."),
        "FR-21",
        "coalesce(town.territory_id, organisation.territory_id)",
    ),
    "code": (
        lambda: List(_Code()),
        _l("Its identifiers."),
        "insee:21515",
        "coalesce(town.reference, organisation.reference)",
    ),
    "lat": (lambda: Degrees(90), _l("Its latitude."), "47.3167", DEGREES.format("town.latitude")),
    "lon": (lambda: Degrees(180), _l("Its longitude."), "5.1", DEGREES.format("town.longitude")),
    "population": (Number, _l("Its population."), "9464", "town.population"),
    "role": (
        lambda: Choice(PartyRole),
        _l("Its part in the agreement; partner if blank."),
        "partner",
        "party.role",
    ),
    "joined": (Date, _l("When it joined, if later than the signature."), "1989", "party.joined"),
    "left": (Date, _l("When it left."), "", 'party."left"'),
}
"""The columns that each party has: widget, meaning, example, and the cell in SQL, out of ``party`` and the ``town`` or
``organisation`` that it is."""

PARTY_COLUMN = re.compile(rf"({'|'.join(PARTY_PARTS)})_([1-9]\d?)")
OWN_PARTS = ("role", "joined", "left")
"""The parts that are the party's own; the others say who it is."""


def _codes(column: str, table: str) -> str:
    """In SQL: the codes that a table links to an agreement, by bars."""
    of = f'SELECT DISTINCT {column} COLLATE "C" FROM {table} WHERE agreement_id = partnerships_agreement.id'  # noqa: S608
    return f"array_to_string(ARRAY({of} ORDER BY 1), '{widgets.SEPARATOR}')"


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


class Written(NamedTuple):
    """An agreement as a row of a file."""

    pk: int
    cells: list[str]


@importable("agreements")
class AgreementResource(StrictResource):
    """Agreements, one row each, with as many parties as there are."""

    model = Agreement
    prefix = "A"

    reference = Column(Text(16), _l("Reference; given by the directory when left blank."), example="A1")
    kind = Column(Choice(Kind), _l("Kind of agreement."), required=True, example="twinning")
    signed = Column(Date(), _l("When it was signed, as precisely as known."), example="1986-05-24")
    valid_until = Column(Date(), _l("Until when it is valid."))
    tacit_renewal = Column(YesNo(), _l("Whether it renews itself tacitly."), example="0", sql="tacit_renewal::int")
    ended = Column(Date(), _l("When it ended."))
    formal_status = Column(Choice(FormalStatus), _l("What the papers say; unknown if blank."), example="signed")
    activity = Column(Choice(Activity), _l("What really happens; unknown if blank."), example="active")
    themes = Column(
        List(Lookup(Theme, "code")),
        _l("Codes of its fields of work, by bars."),
        example="water|health",
        sql=_codes("theme_id", "partnerships_agreementtheme"),
    )
    funding = Column(
        List(Lookup(FundingSource, "code")),
        _l("Codes of its funding sources, by bars."),
        sql=_codes("funding_id", "partnerships_fundingcontribution"),
    )
    description = Column(Text(), _l("What it is about, in English."), attribute="description_en")
    description_fr = Column(Text(), _l("What it is about, in French."))
    source = Column(Text(300), _l("Title of the source; the file's own if blank."), sql=FIRST_SOURCE.format("title"))
    source_url = Column(Url(500), _l("Address of the source."), sql=FIRST_SOURCE.format("url"))
    verified_on = Column(Day(), _l("When it was last verified."), example="2026-05-24")

    SCALARS = (
        "kind", "signed", "valid_until", "tacit_renewal", "ended", "formal_status", "activity", "description",
        "description_fr", "verified_on",
    )  # fmt: skip
    """Columns that fill one attribute of the agreement itself."""

    def __init__(self, *, create_towns: bool = False, parties: int = 2, **kwargs: Any) -> None:
        """`create_towns` lets rows make towns and organisations that the directory and the gazetteer lack; `parties` is
        how many an agreement of an export has at most."""
        super().__init__(**kwargs)
        self.create_towns = create_towns
        self.parties: dict[int, list[PartyPlan]] = {}
        self._widen(max(parties, 2))

    # The columns

    def _widen(self, parties: int) -> None:
        """Have the columns of this many parties."""
        for number in range(1, parties + 1):
            for part in PARTY_PARTS:
                self.fields.setdefault(f"{part}_{number}", PartyColumn(part, number))

    def has_column(self, name: str) -> bool:
        if match := PARTY_COLUMN.fullmatch(name):
            self._widen(int(match[2]))
        return super().has_column(name)

    def missing_columns(self, given: set[str]) -> list[str]:
        missing = super().missing_columns(given)
        if "reference" not in given:
            missing += [f"party_{n}" for n in (1, 2) if not given & {f"party_{n}", f"code_{n}"}]
        return missing

    # Planning

    def examine(self, rows: list[Row]) -> None:
        for row in rows:
            if "source_url" in row.cells and "source" not in row.cells:
                row.refuse("source", _("The address of the source is given, its title is not: add it."))
        self._resolve_parties(rows)

    def decide(self, rows: list[Row]) -> None:
        self._sources = {(source.title, source.url): source for source in Source.objects.all()}
        self._addresses: dict[str, list[str]] = defaultdict(list)
        for title, url in self._sources:
            self._addresses[title].append(url)
        by_reference, by_parties = self._stored(rows)
        seen: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        writing: dict[int, Row] = {}
        for row in rows:
            key = (self._party_key(self.parties[row.line]), row.values.get("kind"))
            record = by_reference.get(row.values.get("reference", ""))
            if record is None:
                if self._lacks(row):
                    continue
                if twins := [twin for twin in seen[key] if self._agree(row, twin.values.get("signed"))]:
                    self._repeat(
                        row,
                        next(
                            (twin for twin in twins if twin.values.get("signed") == row.values.get("signed")), twins[0]
                        ),
                    )
                    continue
                record = self._same(by_parties.get(key, []), row)
                if record and "reference" in row.values:
                    row.refuse(
                        "reference",
                        _("These parties have an agreement of this kind and start already: %s.") % record.reference,
                    )
                    continue
            if record is not None and record.pk in writing:
                self._repeat(row, writing[record.pk])
                continue
            seen[key].append(row)
            row.record = record
            if record is None:
                row.outcome = Outcome.CREATED
                continue
            writing[record.pk] = row
            row.changes = self._changes(row, record)
            row.outcome = row.outcome or (Outcome.UPDATED if row.changes else Outcome.UNCHANGED)
        self.check_new_references([row for row in rows if row.outcome == Outcome.CREATED])

    def _lacks(self, row: Row) -> bool:
        """Refuse a new agreement for what it needs and the row lacks."""
        if row.values.get("kind") is None:
            row.refuse("kind", _("A new agreement needs its kind."))
        numbers = {party.number for party in self.parties[row.line]}
        if len(numbers) < 2:
            row.refuse(f"party_{min({1, 2} - numbers)}", _("A new agreement needs two parties."))
        return bool(row.outcome)

    @staticmethod
    def _agree(row: Row, start: str | None) -> bool:
        """Whether a start can be the row's: either may be less precise or unknown, unless a reference decides."""
        signed = row.values.get("signed")
        if "reference" in row.values or signed == start:
            return signed == start
        return (signed or "").startswith(start or "") or (start or "").startswith(signed or "")

    def _said(self, row: Row) -> dict[Any, tuple[str, Any]]:
        """All that a row says of an agreement, whichever way round its parties stand: what → column and value."""
        said = {
            name: (name, row.values[name])
            for name in (*self.SCALARS, "reference", "source", "source_url")
            if row.values.get(name) is not None
        }
        said |= {name: (name, set(row.values[name])) for name in ("themes", "funding") if name in row.values}
        for party in self.parties[row.line]:
            said[party.key] = (f"party_{party.number}", True)
            said |= {(party.key, part): (f"{part}_{party.number}", value) for part, value in party.values.items()}
        return said

    def _repeat(self, row: Row, twin: Row) -> None:
        row.twin = twin.line
        before = self._said(twin)
        for what, (column, value) in self._said(row).items():
            known = before.get(what, ("", None))[1]
            if known == value or (what == "signed" and (known or "").startswith(value)):
                continue
            row.refuse(
                column,
                _("Line %(line)s is about the same agreement and does not say so: keep one of the two.")
                % {"line": twin.line},
            )
        row.outcome = row.outcome or Outcome.DUPLICATE

    def _resolve_parties(self, rows: list[Row]) -> None:
        """Find who the parties of all rows are, or say of each row what is missing."""
        asked: list[tuple[Row, int, dict[str, Any]]] = []
        for row in rows:
            numbered: dict[int, dict[str, Any]] = defaultdict(dict)
            for column, value in row.values.items():
                if match := PARTY_COLUMN.fullmatch(column):
                    numbered[int(match[2])][match[1]] = value
            unread = {match[2] for fault in row.faults if (match := PARTY_COLUMN.fullmatch(fault.column))}
            self.parties[row.line] = []
            asked += [
                (row, number, said)
                for number, said in sorted(numbered.items())
                if str(number) not in unread
                if said.keys() & {"party", "code"} or said.keys() - {"type", "level", "country", "role"}
            ]
        matcher = TownMatcher(
            [_query(said) for _row, _number, said in asked if said.get("type") != "organisation" and _named(said)],
            create=self.create_towns,
        )
        organisations = _Organisations(
            [said for _row, _number, said in asked if said.get("type") == "organisation"], self.create_towns
        )
        for row, number, said in asked:
            name = said.get("party", "")
            try:
                if not _named(said):
                    raise Unmatched(_("The party has no name and no code."))
                if re.fullmatch(r"[QP]\d+", name):
                    raise Unmatched(_("This is a Wikidata identifier, not a name: look the name up and write it."))
                if said.get("type") == "organisation":
                    party = PartyPlan(number, organisations.resolve(said))
                else:
                    match = matcher.resolve(_query(said))
                    party = PartyPlan(number, match.town, match)
            except Unmatched as error:
                row.refuse(f"code_{number}" if said.get("code") and not name else f"party_{number}", str(error))
                continue
            party.values = {part: said[part] for part in OWN_PARTS if part in said}
            twin = next((other for other in self.parties[row.line] if other.key == party.key), None)
            if twin is not None:
                row.refuse(
                    f"party_{number}",
                    _("Party %(first)s and party %(second)s are the same: %(name)s.")
                    % {"first": twin.number, "second": number, "name": party.actor},
                )
                continue
            self.parties[row.line].append(party)

    @staticmethod
    def _party_key(parties: list[PartyPlan]) -> str:
        """The key that the database keeps of the same parties."""
        return ",".join(party.key for party in sorted(parties, key=lambda party: party.order))

    def _stored(self, rows: list[Row]) -> tuple[dict[str, Agreement], dict[tuple[str, str], list[Agreement]]]:
        """The agreements that the rows may be about: by reference, and by parties and kind."""
        keys = {self._party_key(self.parties[row.line]) for row in rows}
        named = {row.values["reference"] for row in rows if "reference" in row.values}
        known = Agreement.objects.exclude(publication=Publication.WITHDRAWN)
        by_reference = {record.reference: record for record in known.filter(reference__in=named)}
        by_parties: dict[tuple[str, str], list[Agreement]] = defaultdict(list)
        for record in known.filter(party_key__in=keys - {""}):
            record = by_reference.get(record.reference, record)
            by_parties[record.party_key, record.kind].append(record)
        ids = {record.pk for records in by_parties.values() for record in records}
        ids |= {record.pk for record in by_reference.values()}
        self._parties_of: dict[int, list[Party]] = defaultdict(list)
        for party in Party.objects.filter(agreement__in=ids):
            self._parties_of[party.agreement_id].append(party)
        self._themes_of = _pairs(AgreementTheme.objects.filter(agreement__in=ids), "theme_id")
        self._funding_of = _pairs(FundingContribution.objects.filter(agreement__in=ids), "funding_id")
        self._sources_of: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for link in AgreementSource.objects.filter(agreement__in=ids).select_related("source"):
            self._sources_of[link.agreement_id].add((link.source.title, link.source.url))
        return by_reference, by_parties

    @classmethod
    def _same(cls, records: list[Agreement], row: Row) -> Agreement | None:
        """The agreement of these parties and this kind that the row is about.

        The start must agree; where one side knows it less precisely and there is one candidate, that one is meant.
        """
        for record in records:
            if record.signed == row.values.get("signed"):
                return record
        possible = [record for record in records if cls._agree(row, record.signed)]
        return possible[0] if len(possible) == 1 else None

    def _changes(self, row: Row, record: Agreement) -> dict[str, tuple[Any, Any]]:
        """What the row changes: attributes, themes, funding and sources to add, parties to add or complete."""
        changes: dict[str, tuple[Any, Any]] = {}
        for name in self.SCALARS:
            if (value := row.values.get(name)) is not None:
                before = getattr(record, self.fields[name].target)
                if name == "signed" and "reference" not in row.values and (before or "").startswith(value):
                    continue  # the directory knows it as precisely, or more
                if before != value:
                    changes[name] = (before, value)
        for name, stored in (("themes", self._themes_of), ("funding", self._funding_of)):
            added = set(row.values.get(name, ())) - stored[record.pk]
            if added:
                changes[name] = (stored[record.pk], added)
        if "source" in row.values:
            cited = self._cited_key(row)
            if cited not in self._sources_of[record.pk]:
                changes["source"] = (None, cited)
        parties = {_actor_key(party): party for party in self._parties_of[record.pk]}
        if self.parties[row.line] and not parties.keys() & {plan.key for plan in self.parties[row.line]}:
            row.refuse(
                "reference",
                _("The agreement %s is between others: correct the reference or the parties.") % record.reference,
            )
        for plan in self.parties[row.line]:
            party = parties.get(plan.key)
            if party is None:
                changes[f"party_{plan.number}"] = (None, plan)
            else:
                for part, value in plan.values.items():
                    if getattr(party, part) != value:
                        changes[f"{part}_{plan.number}"] = (party, value)
        return changes

    # Applying

    def begin(self, batch: ImportBatch, rows: list[Row]) -> None:
        super().begin(batch, rows)
        rows = [row for row in rows if row.outcome in (Outcome.CREATED, Outcome.UPDATED)]
        cited = {row.changes["source"][1] for row in rows if "source" in row.changes}
        cited |= {self._cited_key(row) for row in rows if row.outcome == Outcome.CREATED}
        self._made_sources: list[int] = []
        self._make_sources(cited)
        self._make_actors([party for row in rows for party in self.parties[row.line]])

    def _make_actors(self, parties: list[PartyPlan]) -> None:
        """Save the new towns and organisations, with the names the gazetteer and the file give them."""
        actors = {id(party.actor): party for party in parties if party.actor.pk is None}
        organisations = [party.actor for party in actors.values() if isinstance(party.actor, Organisation)]
        Organisation.objects.bulk_create(organisations, batch_size=2000)
        towns = [party.match for party in actors.values() if party.match]
        Town.objects.bulk_create([match.town for match in towns], batch_size=2000)
        self._made = [match.town.pk for match in towns]
        self._made_organisations = [organisation.pk for organisation in organisations]
        keys = {match: GAZETTEER_SOURCES[bool(match.place.insee)] if match.place else self._own_key for match in towns}
        self._make_sources({*keys.values(), *([self._own_key] if organisations else [])})
        through = Town.sources.through
        through.objects.bulk_create(
            [through(town=match.town, source=self._sources[key]) for match, key in keys.items()], batch_size=5000
        )
        through = Organisation.sources.through
        through.objects.bulk_create(
            [through(organisation=made, source=self._sources[self._own_key]) for made in organisations],
            batch_size=5000,
        )
        keep_other_names(self._made)

    def _keep_printed_names(self, rows: list[Row]) -> None:
        """A name that the file prints otherwise than the directory is kept as an alternative name."""
        printed: dict[int, dict[str, str]] = defaultdict(dict)
        for row in rows:
            for party in self.parties[row.line]:
                name = row.values.get(f"party_{party.number}")
                if name and party.match and normalise(name) not in ("", normalise(party.actor.name)):
                    printed[party.actor.pk][normalise(name)] = name
        known = defaultdict(set)
        for town, name in TownName.objects.filter(town__in=printed).values_list("town_id", "normalised"):
            known[town].add(name)
        TownName.objects.bulk_create(
            [
                TownName(town_id=town, name=name, kind=NameKind.PRINTED)
                for town, names in printed.items()
                for normalised, name in names.items()
                if normalised not in known[town]
            ],
            batch_size=5000,
        )

    @property
    def _own_key(self) -> tuple[str, str]:
        """Title and address of the batch's own source."""
        return self.batch.source_title, self.batch.source_url

    def _make_sources(self, keys: set[tuple[str, str]]) -> None:
        """Make the sources (title and address) that are not there; the batch's own with all the batch says of it."""
        made = {key: Source(title=key[0], url=key[1]) for key in sorted(keys - self._sources.keys())}
        if own := made.get(self._own_key):
            own.publisher, own.date = self.batch.source_publisher, self.batch.source_date
            own.licence = self.batch.source_licence
        Source.objects.bulk_create(made.values())
        self._made_sources += [source.pk for source in made.values()]
        self._sources |= made

    def create(self, rows: list[Row]) -> None:
        for row in rows:
            values = {
                self.fields[name].target: row.values[name] for name in self.SCALARS if row.values.get(name) is not None
            }
            if "reference" in row.values:
                values["reference"] = row.values["reference"]
            # The trigger finds it right and need not write every agreement again.
            values["party_key"] = self._party_key(self.parties[row.line])
            row.record = Agreement(**values)
        Agreement.objects.bulk_create([row.record for row in rows], batch_size=2000)
        Party.objects.bulk_create(
            [
                _party(row.record, plan, position)
                for row in rows
                for position, plan in enumerate(self.parties[row.line], start=1)
            ],
            batch_size=5000,
        )
        self._cite((row, self._sources[self._cited_key(row)]) for row in rows)
        self._add(rows, lambda row, name: row.values.get(name, ()))
        self._keep_printed_names(rows)

    def update(self, rows: list[Row]) -> None:
        scalars = [row for row in rows if row.changes.keys() & set(self.SCALARS)]
        targets = set()
        for row in scalars:
            for name in row.changes.keys() & set(self.SCALARS):
                setattr(row.record, self.fields[name].target, row.changes[name][1])
                targets.add(self.fields[name].target)
        if targets:
            Agreement.objects.bulk_update([row.record for row in scalars], sorted(targets), batch_size=500)
        new, changed = [], {}
        for row in rows:
            position = len(self._parties_of[row.record.pk])
            for name, (before, after) in row.changes.items():
                if isinstance(after, PartyPlan):
                    position += 1
                    new.append(_party(row.record, after, position))
                elif isinstance(before, Party):
                    setattr(before, PARTY_COLUMN.fullmatch(name)[1], after)
                    changed[before.pk] = before
        Party.objects.bulk_create(new)
        Party.objects.bulk_update(changed.values(), OWN_PARTS, batch_size=500)
        self._cite((row, self._sources[row.changes["source"][1]]) for row in rows if "source" in row.changes)
        self._add(rows, lambda row, name: row.changes[name][1] if name in row.changes else ())
        self._keep_printed_names(rows)

    def _cited_key(self, row: Row) -> tuple[str, str]:
        """Title and address of the source of a row: its own, or the batch's.

        A title alone means the one source known by it.
        """
        if "source" not in row.values:
            return self._own_key
        title, url = row.values["source"], row.values.get("source_url", "")
        addresses = self._addresses.get(title, ())
        return title, addresses[0] if not url and len(addresses) == 1 else url

    @staticmethod
    def _cite(cited: Iterable[tuple[Row, Source]]) -> None:
        AgreementSource.objects.bulk_create(
            [AgreementSource(agreement=row.record, source=source) for row, source in cited], batch_size=5000
        )

    @staticmethod
    def _add(rows: list[Row], given: Any) -> None:
        """Write the themes and funding sources that `given(row, column)` adds."""
        AgreementTheme.objects.bulk_create(
            [AgreementTheme(agreement=row.record, theme_id=theme) for row in rows for theme in given(row, "themes")],
            batch_size=5000,
        )
        FundingContribution.objects.bulk_create(
            [
                FundingContribution(agreement=row.record, funding_id=funding)
                for row in rows
                for funding in given(row, "funding")
            ],
            batch_size=5000,
        )

    def finish(self, rows: list[Row]) -> None:
        """What was made for rows that the database then refused does not stay."""
        Town.objects.filter(pk__in=self._made, parties=None).delete()
        Organisation.objects.filter(pk__in=self._made_organisations, parties=None).delete()
        Source.objects.filter(pk__in=self._made_sources, agreements=None, towns=None, organisations=None).delete()

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

    def iter_queryset(self, queryset: QuerySet) -> Iterator[Written]:
        width = len(self.known_columns)
        for pk, own, parties in queryset.iterator(chunk_size=2000):
            cells = [*own, *chain.from_iterable(parties)]
            yield Written(pk, cells + [""] * (width - len(cells)))

    def export_resource(self, instance: Written, selected_fields: Any = None, **kwargs: Any) -> list[str]:
        return [instance.cells[place] for place in self._places]


def _texts(expressions: Iterable[str]) -> str:
    """Expressions in SQL as texts, blank where there is nothing."""
    return ", ".join(f"coalesce(({expression})::text, '')" for expression in expressions)


def _named(said: dict[str, Any]) -> bool:
    return bool(said.get("party") or said.get("code"))


def _query(said: dict[str, Any]) -> TownQuery:
    """What the columns of a party say of a town."""
    return TownQuery(
        name=said.get("party", ""),
        country=said.get("country"),
        territory=said.get("territory"),
        level=said.get("level"),
        codes=tuple(said.get("code", ())),
        latitude=said.get("lat"),
        longitude=said.get("lon"),
        population=said.get("population"),
    )


class _Organisations:
    """Resolve the organisations of a file by reference, or by name and country."""

    def __init__(self, asked: list[dict[str, Any]], create: bool) -> None:
        self.create = create
        known = Organisation.objects.filter(publication=Publication.PUBLISHED) if asked else Organisation.objects.none()
        self._by_reference = {organisation.reference: organisation for organisation in known}
        self._by_name: dict[tuple[str, str | None], list[Organisation]] = defaultdict(list)
        for organisation in known.prefetch_related("names"):
            names = (organisation.name, organisation.acronym, *map(str, organisation.names.all()))
            self._add({normalise(name) for name in names} - {""}, organisation)

    def _add(self, names: set[str], organisation: Organisation) -> None:
        """Know an organisation by normalised names, in its country and where no country is said."""
        for name in names:
            for country in {organisation.country_id, None}:
                self._by_name[name, country].append(organisation)

    def resolve(self, said: dict[str, Any]) -> Organisation:
        for scheme, code in said.get("code", ()):
            if scheme == "reference":
                if code in self._by_reference:
                    return self._by_reference[code]
                raise Unmatched(_("There is no organisation with the reference %s.") % code)
        if not (name := normalise(said.get("party", ""))):
            raise Unmatched(_("An organisation is found by its name or its reference: write one."))
        found = self._by_name.get((name, said.get("country")), ())
        if len(found) == 1:
            return found[0]
        if found:
            raise Unmatched(_("Several organisations have this name: write the reference of the one that is meant."))
        if not self.create:
            raise Unmatched(_("The directory does not know this organisation: correct it or allow new ones."))
        made = Organisation(
            name=" ".join(said["party"].split()),
            country_id=said.get("country"),
            territory_id=said.get("territory"),
        )
        self._add({name}, made)
        return made


def _pairs(links: QuerySet, column: str) -> dict[int, set[Any]]:
    """Agreement → values of the column in its links."""
    values: dict[int, set[Any]] = defaultdict(set)
    for agreement, value in links.values_list("agreement_id", column):
        values[agreement].add(value)
    return values


def _actor_key(party: Party) -> str:
    return f"t{party.town_id}" if party.town_id else f"o{party.organisation_id}"


def _party(agreement: Agreement, plan: PartyPlan, position: int) -> Party:
    """A party to save."""
    town = plan.actor if isinstance(plan.actor, Town) else None
    return Party(
        agreement=agreement,
        position=position,
        town=town,
        organisation=None if town else plan.actor,
        **plan.values,
    )


@importable("agreement_sources")
class AgreementSourceResource(StrictResource):
    """Further sources of agreements."""

    model = AgreementSource
    identities = (("agreement", "source"),)

    agreement = Column(
        references(Agreement),
        _l("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    source = Column(a_source(), _l("Title of the source."), attribute="source_id", shown="source__title", required=True)


@importable("suspensions")
class SuspensionResource(StrictResource):
    """Dated suspensions of parties."""

    model = Suspension
    identities = (("party", "since"),)

    agreement = Column(
        references(Agreement),
        _l("Reference of the agreement."),
        attribute="party_id",
        shown="party__agreement__reference",
        required=True,
    )
    party = Column(
        Text(16),
        _l("Reference of the party's town or organisation."),
        attribute="party_id",
        shown="party__actor__reference",
        required=True,
        example="T2",
    )
    suspended_by = Column(Choice(SuspendedBy), _l("Who suspended it."), required=True, example="state")
    since = Column(Date(), _l("Since when."), example="2023-09")
    until = Column(Date(), _l("Until when."))
    reason_en = Column(Text(500), _l("Why, in English."))
    reason_fr = Column(Text(500), _l("Why, in French."))
    act = Column(Text(200), _l("Reference of the act."))
    source = Column(a_source(), _l("Title of the source."), attribute="source_id", shown="source__title")

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


@importable("renewals")
class RenewalResource(StrictResource):
    """Renewals of agreements."""

    model = Renewal
    identities = (("agreement", "renewed"),)

    agreement = Column(
        references(Agreement),
        _l("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    renewed = Column(Date(), _l("When it was renewed."), required=True, example="2006-05-24")
    valid_until = Column(Date(), _l("Until when it is valid now."))


@importable("contributions")
class FundingContributionResource(StrictResource):
    """Money for agreements."""

    model = FundingContribution
    identities = (("agreement", "funding", "year"),)

    agreement = Column(
        references(Agreement),
        _l("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    funding = Column(
        Lookup(FundingSource, "code"),
        _l("Code of the funding source."),
        attribute="funding_id",
        required=True,
    )
    year = Column(Number(2100), _l("Year."), example="2024")
    amount = Column(Amount(), _l("Amount."), example="12500")
    currency = Column(Code("[A-Z]{3}", "EUR"), _l("ISO 4217 code of the currency."), example="EUR")

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
        _l("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    title = Column(Text(300), _l("Title."), required=True)
    url = Column(Url(500), _l("Address on the web."), required=True)
    language = Column(Text(10), _l("ISO 639 code of its language."), example="fr")
    date = Column(Date(), _l("Date of the document."))


@importable("claims")
class ClaimResource(StrictResource):
    """Figures and values as sources print them, and what later sources say of them."""

    model = Claim
    prefix = "C"
    identities = (("reference",), ("statement_en", "as_of"))

    reference = Column(Text(16), _l("Reference; given by the directory when left blank."), example="C4")
    figure = Column(Text(60), _l("Code of what is counted."), example="departments-share")
    statement_en = Column(Text(), _l("What the source says, in English."), required=True)
    statement_fr = Column(Text(), _l("What the source says, in French."), required=True)
    value = Column(Amount(), _l("The figure."), example="80")
    unit = Column(Text(30), _l("Its unit."), example="%")
    as_of = Column(Date(), _l("Date of the figure."), example="2006")
    source = Column(a_source(), _l("Title of the source."), attribute="source_id", shown="source__title", required=True)
    verdict = Column(Choice(Verdict), _l("Whether it was confirmed or corrected; unconfirmed if blank."))
    note_en = Column(Text(), _l("What is known of it, in English."))
    note_fr = Column(Text(), _l("What is known of it, in French."))
    second_source = Column(
        a_source(),
        _l("Title of the source of the verdict."),
        attribute="second_source_id",
        shown="second_source__title",
    )
    town = Column(references(Town), _l("Town it is about."), attribute="town_id", shown="town__reference")
    agreement = Column(
        references(Agreement),
        _l("Agreement it is about."),
        attribute="agreement_id",
        shown="agreement__reference",
    )
    country = Column(a_country(), _l("Country it is about."), attribute="country_id")
