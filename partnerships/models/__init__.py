"""Tables of the partnerships app, by subject."""

from .agreement_parts import (
    AgreementSource,
    AgreementTheme,
    Attachment,
    Document,
    FundingContribution,
    Party,
    Renewal,
    Suspension,
)
from .agreements import Agreement, FundingSource, Theme
from .base import AlternativeName, PublicRecord
from .editing import Comment, Confirmation, Contact, FormDraft, Invitation, Merge, Preference, Submission
from .gazetteer import GazetteerName, GazetteerPlace
from .mail import OutgoingMail
from .mandates import Mandate
from .organisations import Organisation, OrganisationName, OrganisationSource
from .places import (
    CooperationZone,
    Country,
    StateRelation,
    Territory,
    TerritoryParent,
    Town,
    TownName,
    TownSource,
    ZoneCountry,
)
from .sources import Claim, Source
from .tokens import ApiToken

__all__ = [
    "Agreement",
    "AgreementSource",
    "AgreementTheme",
    "AlternativeName",
    "ApiToken",
    "Attachment",
    "Claim",
    "Comment",
    "Confirmation",
    "Contact",
    "CooperationZone",
    "Country",
    "Document",
    "FormDraft",
    "FundingContribution",
    "FundingSource",
    "GazetteerName",
    "GazetteerPlace",
    "Invitation",
    "Mandate",
    "Merge",
    "Organisation",
    "OrganisationName",
    "OrganisationSource",
    "OutgoingMail",
    "Party",
    "Preference",
    "PublicRecord",
    "Renewal",
    "Source",
    "StateRelation",
    "Submission",
    "Suspension",
    "Territory",
    "TerritoryParent",
    "Theme",
    "Town",
    "TownName",
    "TownSource",
    "ZoneCountry",
]
