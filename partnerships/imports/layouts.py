"""The import and export layouts of the partnerships app, by name."""

from core.imports.registry import importable

from .actor_layouts import OrganisationNameResource, OrganisationResource, TownNameResource, TownResource
from .agreement_layout import AgreementResource
from .agreement_part_layouts import (
    AgreementSourceResource,
    DocumentResource,
    FundingContributionResource,
    RenewalResource,
    SuspensionResource,
)
from .reference_layouts import (
    ClaimResource,
    CountryResource,
    FundingSourceResource,
    SourceResource,
    StateRelationResource,
    TerritoryParentResource,
    TerritoryResource,
    ThemeResource,
    ZoneCountryResource,
    ZoneResource,
)

for _name, _layout in {
    "sources": SourceResource,
    "countries": CountryResource,
    "zones": ZoneResource,
    "zone_countries": ZoneCountryResource,
    "state_relations": StateRelationResource,
    "territories": TerritoryResource,
    "territory_parents": TerritoryParentResource,
    "themes": ThemeResource,
    "funding_sources": FundingSourceResource,
    "towns": TownResource,
    "town_names": TownNameResource,
    "organisations": OrganisationResource,
    "organisation_names": OrganisationNameResource,
    "agreements": AgreementResource,
    "agreement_sources": AgreementSourceResource,
    "suspensions": SuspensionResource,
    "renewals": RenewalResource,
    "contributions": FundingContributionResource,
    "documents": DocumentResource,
    "claims": ClaimResource,
}.items():  # an order that they can be loaded in
    importable(_name)(_layout)
