"""The closed lists of the networks app."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NetworkKind(models.TextChoices):
    """Kind of network."""

    FEDERATION = "federation", _("federation of cities or associations")
    ASSOCIATION = "association", _("association of cities")
    NATIONAL_ASSOCIATION = "national-association", _("national association")
    PROGRAMME = "programme", _("programme")
    THEMATIC = "thematic", _("thematic network")
    INITIATIVE = "initiative", _("initiative")


class Scope(models.TextChoices):
    """Geographical scope of a network."""

    WORLD = "world", _("world")
    CONTINENT = "continent", _("continent")
    SUBREGION = "subregion", _("part of a continent")
    NATIONAL = "national", _("country")


class LinkKind(models.TextChoices):
    """Kind of link between two networks."""

    MERGED_INTO = "merged-into", _("merged into")
    SECTION_OF = "section-of", _("section of")
    SUPPORTS = "supports", _("supports")


class MemberRole(models.TextChoices):
    """Part played in a network."""

    MEMBER = "member", pgettext_lazy("membership", "member")
    FOUNDER = "founder", pgettext_lazy("membership", "founding member")
    PRESIDENCY = "presidency", pgettext_lazy("membership", "presidency")
    SECRETARIAT = "secretariat", pgettext_lazy("membership", "secretariat")
    ASSOCIATE = "associate", pgettext_lazy("membership", "associate member")


class LegalStatus(models.TextChoices):
    """Legal form of a support body."""

    ASSOCIATION = "association", _("association")
    GIP = "gip", _("public interest grouping (GIP)")
    STATE_SERVICE = "state-service", _("State service")
    UNKNOWN = "unknown", pgettext_lazy("legal status", "unknown")


class Service(models.TextChoices):
    """Service of a support body for those who cooperate."""

    POOLING_INFORMATION = "pooling-information", _("pooling information")
    SUPPORTING_PROMOTERS = "supporting-promoters", _("supporting project promoters")
    CONSULTATION = "consultation", _("stakeholder consultation")
    TRAINING = "training", _("training")
    OBSERVATION = "observation", _("observation")
    ANIMATION = "animation", _("territorial animation")
    POOLED_PROJECTS = "pooled-projects", _("coordination of pooled projects")
    INTERMEDIATION = "intermediation", _("intermediation")


class LinkSection(models.TextChoices):
    """Sections of the list of web links, as the source document has them."""

    DECENTRALISED_COOPERATION = "decentralised-cooperation", _("Decentralised cooperation")
    PLANNING_AGENCIES = "planning-agencies", _("French urban planning agencies")
    INTERNATIONAL = "international", _("International cooperation")
    MEDITERRANEAN = "mediterranean", _("Mediterranean")
    AFRICA = "africa", _("Africa")
    ASIA = "asia", _("Asia")
    EUROPE = "europe", _("Europe")
    AMERICA = "america", _("America")
    WEBOGRAPHY = "webography", _("Online webography")
    SUPPORT_BODIES = "support-bodies", _("Regional support bodies")
