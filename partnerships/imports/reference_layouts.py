"""Import and export layouts of what records refer to: sources and their claims, countries and how States stand to
each other, territories, themes, funding sources."""

from typing import Any

import pycountry
from babel import Locale
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.cells import (
    SEPARATOR,
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
from core.imports.columns import Column
from core.imports.layouts import StrictResource
from core.imports.rows import Row

from ..choices import Continent, TerritoryLevel, Verdict
from ..models import (
    Agreement,
    Claim,
    CooperationZone,
    Country,
    FundingSource,
    Source,
    StateRelation,
    Territory,
    TerritoryParent,
    Theme,
    Town,
    ZoneCountry,
)
from . import header_aliases
from .lookups import a_country, a_slug, a_source, references


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
        code = row.values["code"] = row.values.get("code", "").upper()
        if not code:
            row.refuse("code", _("A new record needs this value."))
            return
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


class ZoneResource(StrictResource):
    """Cooperation zones."""

    model = CooperationZone
    identities = (("code",),)

    code = Column(a_slug(), gettext_lazy("Code of the zone."), required=True, example="french-speaking-africa")
    name_en = Column(TextCell(100), gettext_lazy("English name."), required=True)
    name_fr = Column(TextCell(100), gettext_lazy("French name."), required=True)


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

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:  # type: ignore[override]  # one text is stored
        return ",".join(map(str, super().clean(value)))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return (value or "").replace(",", SEPARATOR)


class ThemeResource(StrictResource):
    """Fields of work."""

    model = Theme
    identities = (("code",),)

    code = Column(a_slug(), gettext_lazy("Code of the theme."), required=True, example="water-sanitation")
    name_en = Column(TextCell(100), gettext_lazy("English name."), required=True)
    name_fr = Column(TextCell(100), gettext_lazy("French name."), required=True)
    crs = Column(CodeCell("[0-9]{5}", "14030"), gettext_lazy("OECD CRS purpose code."), example="14030")
    sdgs = Column(Goals(), gettext_lazy("Numbers of the Sustainable Development Goals, by bars."), example="6|3")


class FundingSourceResource(StrictResource):
    """Funding sources of agreements."""

    model = FundingSource
    identities = (("code",),)

    code = Column(a_slug(), gettext_lazy("Code of the funding source."), required=True, example="water-1-percent")
    name_en = Column(TextCell(100), gettext_lazy("English name."), required=True)
    name_fr = Column(TextCell(100), gettext_lazy("French name."), required=True)


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
