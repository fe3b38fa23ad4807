"""Import and export layouts of who takes part: towns, organisations, their other names."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.cells import ChoiceCell, CodeCell, DegreesCell, LookupCell, NumberCell, TextCell, UrlCell
from core.imports.columns import Column, Links
from core.imports.layouts import StrictResource
from core.imports.rows import Row
from core.text import normalise

from ..choices import CoordinatesPrecision, Level, NameKind, OrganisationKind, Publication
from ..models import Organisation, OrganisationName, Source, Territory, Town, TownName
from ..places.matching import TownMatcher
from ..places.namesakes import TownQuery
from ..places.questions import Unmatched
from . import header_aliases
from .lookups import Insee, a_country, a_territory, references
from .officer_layouts import ForOfficers
from .party_columns import WIKIDATA_ID_PATTERN

TOWN_CODES = ("insee", "geonames", "wikidata")
"""Columns of codes that others give towns."""

_TOLD = ("territory", "level", "latitude", "longitude", "population")
"""Columns that tell namesakes apart."""


class OfPlaces(ForOfficers):
    """A layout whose records lie in territories: officers import those of their own."""

    usual_names = header_aliases.COLUMN_ALIASES

    def guard(self, rows: list[Row]) -> None:
        within = frozenset(self.within or ())
        for row in rows:
            stored = {getattr(row.record, column, None) for column in ("territory_id", "governs_id")}
            given = {row.values.get(column) for column in ("territory", "governs")} - {None}
            # Nobody takes in what is elsewhere, or sends away what is theirs to where they have no say.
            if not (given or stored) & within or given - within or (row.record and not stored & within):
                row.refuse("territory", _("This lies outside of your territory: only its own officers enter it."))


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

    def decide(self, rows: list[Row]) -> None:
        self._find_by_name([row for row in rows if not row.outcome and not row.values.get("reference")])
        super().decide([row for row in rows if not row.outcome])

    def _find_by_name(self, rows: list[Row]) -> None:
        """Give rows whose codes nobody has the reference of the town that they name, if it has no other such code."""
        asked: list[tuple[Row, TownQuery]] = []
        for row in rows:
            codes = [(name, str(row.values[name])) for name in TOWN_CODES if row.values.get(name) is not None]
            if codes and row.values.get("name") and row.values.get("country"):
                told = {
                    name: row.values.get(name) for name in ("territory", "level", "latitude", "longitude", "population")
                }
                asked.append((row, TownQuery(row.values["name"], row.values["country"], codes=tuple(codes), **told)))
        matcher = TownMatcher([query for _row, query in asked], create=False)
        for row, query in asked:
            try:
                match = matcher.resolve(query)
            except Unmatched:
                continue  # a new town, as far as the directory knows
            town = match.town
            if town.pk and town.normalised == normalise(query.name) and not _has_another_code(town, query.codes):
                row.values["reference"] = town.reference


def _has_another_code(town: Town, codes: Iterable[tuple[str, str]]) -> bool:
    """True if a town has a code of one of the schemes, and another one."""
    return any(getattr(town, scheme) is not None and str(getattr(town, scheme)) != code for scheme, code in codes)


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
