"""Tables of the networks app, by subject."""

from .milestones import Milestone, WebLink
from .networks import Membership, Network, NetworkClaim, NetworkLink, NetworkName, NetworkSource
from .support_bodies import ServedTerritory, SupportBody, SupportBodySource

__all__ = [
    "Membership",
    "Milestone",
    "Network",
    "NetworkClaim",
    "NetworkLink",
    "NetworkName",
    "NetworkSource",
    "ServedTerritory",
    "SupportBody",
    "SupportBodySource",
    "WebLink",
]
