"""Tables of the partnerships app, by subject."""

from .agreements import (
    Agreement,
    AgreementSource,
    AgreementTheme,
    Document,
    FundingContribution,
    FundingSource,
    Party,
    Renewal,
    Suspension,
    Theme,
)
from .base import AlternativeName, PublicRecord
from .mandates import Mandate
from .organisations import Organisation, OrganisationName, OrganisationSource
from .places import (
    CooperationZone,
    Country,
    GazetteerName,
    GazetteerPlace,
    StateRelation,
    Territory,
    TerritoryParent,
    Town,
    TownName,
    TownSource,
    ZoneCountry,
)
from .sources import Claim, Source

__all__ = [
    "Agreement",
    "AgreementSource",
    "AgreementTheme",
    "AlternativeName",
    "Claim",
    "CooperationZone",
    "Country",
    "Document",
    "FundingContribution",
    "FundingSource",
    "GazetteerName",
    "GazetteerPlace",
    "Mandate",
    "Organisation",
    "OrganisationName",
    "OrganisationSource",
    "Party",
    "PublicRecord",
    "Renewal",
    "Source",
    "StateRelation",
    "Suspension",
    "Territory",
    "TerritoryParent",
    "Theme",
    "Town",
    "TownName",
    "TownSource",
    "ZoneCountry",
]
