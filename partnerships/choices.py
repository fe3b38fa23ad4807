"""The closed lists of the partnerships app. Codes are stored, imported, exported as they stand and never translate."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.history import IMPORT_UNDONE, SAVED_BY_HAND


class Level(models.TextChoices):
    """Kind of local authority, from the smallest to the largest."""

    DISTRICT = "district", _("district")
    VILLAGE = "village", _("village")
    MUNICIPALITY = "municipality", _("municipality")
    INTERMUNICIPAL = "intermunicipal", _("intermunicipal body")
    DEPARTMENT = "department", _("department, county or province")
    REGION = "region", _("region or state")


class TerritoryLevel(models.TextChoices):
    """Rank of a territory within its country."""

    REGION = "region", _("region")
    DEPARTMENT = "department", _("department")


class Continent(models.TextChoices):
    """Continents, by the codes GeoNames uses."""

    AFRICA = "AF", _("Africa")
    ANTARCTICA = "AN", _("Antarctica")
    ASIA = "AS", _("Asia")
    EUROPE = "EU", _("Europe")
    NORTH_AMERICA = "NA", _("North America")
    OCEANIA = "OC", _("Oceania")
    SOUTH_AMERICA = "SA", _("South America")


class CoordinatesPrecision(models.TextChoices):
    """Precision of coordinates: the object that they point at."""

    PLACE = "place", _("the place itself")
    TERRITORY = "territory", _("its department or region, for want of better")


class NameKind(models.TextChoices):
    """Kind of alternative name of a place or body."""

    ALTERNATIVE = "alternative", _("alternative name")
    PRINTED = "printed", _("as printed in a source")
    FORMER = "former", _("former name")


class Kind(models.TextChoices):
    """Kind of agreement."""

    TWINNING = "twinning", _("twinning")
    TWINNING_COOPERATION = "twinning-cooperation", _("twinning-cooperation")
    COOPERATION = "cooperation", _("cooperation agreement")
    FRIENDSHIP = "friendship", _("friendship agreement")
    PROJECT = "project", _("project partnership")
    MEMORANDUM = "memorandum", _("memorandum of understanding")
    INFORMAL = "informal", _("informal contact")
    ONE_OFF = "one-off", _("one-off action")
    EMERGENCY = "emergency", _("emergency aid")


class FormalStatus(models.TextChoices):
    """Formal status of an agreement, by its papers. “Expired” is derived from them and never stored."""

    UNKNOWN = "unknown", pgettext_lazy("formal status", "unknown")
    DRAFT = "draft", pgettext_lazy("formal status", "draft")
    SIGNED = "signed", pgettext_lazy("formal status", "signed")
    IN_FORCE = "in-force", pgettext_lazy("formal status", "in force")
    RENEWED = "renewed", pgettext_lazy("formal status", "renewed")
    TERMINATED = "terminated", pgettext_lazy("formal status", "terminated")


class Activity(models.TextChoices):
    """Activity of an agreement: what really happens between the parties."""

    UNKNOWN = "unknown", pgettext_lazy("activity", "unknown")
    ACTIVE = "active", pgettext_lazy("activity", "active")
    DORMANT = "dormant", pgettext_lazy("activity", "dormant")
    ENDED = "ended", pgettext_lazy("activity", "ended")


class SuspensionState(models.TextChoices):
    """Suspension state of an agreement: derived from its parties' suspensions."""

    NONE = "none", pgettext_lazy("suspension", "none")
    PARTIAL = "partial", pgettext_lazy("suspension", "for some of its parties")
    WHOLE = "whole", pgettext_lazy("suspension", "as a whole")


class Freshness(models.TextChoices):
    """Freshness of an agreement's last verification: derived."""

    FRESH = "fresh", _("verified in the last 24 months")
    STALE = "stale", _("not verified for 24 months")
    NEVER = "never", _("never verified")


class SuspendedBy(models.TextChoices):
    """Originator of a party's suspension."""

    STATE = "state", _("the State")
    PARTY = "party", _("a party")


class Publication(models.TextChoices):
    """Editorial state, apart from everything that is said of the agreement itself."""

    DRAFT = "draft", pgettext_lazy("publication", "draft")
    SUBMITTED = "submitted", pgettext_lazy("publication", "submitted")
    PUBLISHED = "published", pgettext_lazy("publication", "published")
    WITHDRAWN = "withdrawn", pgettext_lazy("publication", "withdrawn")


class PartyRole(models.TextChoices):
    """Part played in an agreement."""

    PARTNER = "partner", pgettext_lazy("party", "partner")
    LEAD = "lead", pgettext_lazy("party", "lead")
    ASSOCIATE = "associate", pgettext_lazy("party", "associate")
    OPERATOR = "operator", pgettext_lazy("party", "operator")


class OrganisationKind(models.TextChoices):
    """Kind of actor that is no local authority."""

    ASSOCIATION = "association", _("association")
    NGO = "ngo", _("non-governmental organisation")
    SCHOOL = "school", _("school")
    HOSPITAL = "hospital", _("hospital")
    UNIVERSITY = "university", _("university")
    COMPANY = "company", _("company")
    STATE_SERVICE = "state-service", _("State service")
    INTERNATIONAL = "international", _("international organisation")
    OTHER = "other", pgettext_lazy("organisation", "other")


class Verdict(models.TextChoices):
    """Verdict of later sources on a claim."""

    UNCONFIRMED = "unconfirmed", _("unconfirmed")
    CONFIRMED = "confirmed", _("confirmed")
    CORRECTED = "corrected", _("corrected")


class TokenEnd(models.TextChoices):
    """Reason why an API token ended before its expiry."""

    OWNER = "owner", _("revoked by its owner")
    PASSWORD = "password", _("the password was changed")
    MANDATE = "mandate", _("the mandate ended or changed")
    ACCOUNT = "account", _("the account was closed")


class MandateRole(models.TextChoices):
    """Role of an officer in a territory, with its rights."""

    CONTRIBUTOR = "contributor", _("contributor: submits")
    OFFICER = "officer", _("officer: publishes")
    COORDINATOR = "coordinator", _("coordinator: also invites and reviews")


class Action(models.TextChoices):
    """Action as the history names it (``metadata.action``), in the order in which actions of one transaction follow one
    another."""

    SAVE = SAVED_BY_HAND, pgettext_lazy("done", "changed")
    SUBMIT = "submit", pgettext_lazy("done", "submitted")
    PUBLISH = "publish", pgettext_lazy("done", "published")
    REJECT = "reject", pgettext_lazy("done", "declined")
    WITHDRAW = "withdraw", pgettext_lazy("done", "withdrawn")
    REINSTATE = "reinstate", pgettext_lazy("done", "brought back")
    SUSPEND = "suspend", pgettext_lazy("done", "suspended")
    RESUME = "resume", pgettext_lazy("done", "resumed")
    END = "end", pgettext_lazy("done", "ended")
    DELETE = "delete", pgettext_lazy("done", "deleted")
    VERIFY = "verify", pgettext_lazy("done", "verified")
    RESTORE = "restore", pgettext_lazy("done", "an earlier version restored")
    MERGE = "merge", pgettext_lazy("done", "merged")
    UNDO_MERGE = "undo-merge", pgettext_lazy("done", "merge undone")
    CONFIRM = "confirm", pgettext_lazy("done", "confirmed by the partner")
    CONFIRM_THROUGH_OFFICER = (
        "confirm-through-officer",
        pgettext_lazy("done", "confirmed through the officer who asked"),
    )
    ACCEPT_INVITATION = "accept", pgettext_lazy("done", "invitation accepted")
    END_MANDATE = "end-mandate", pgettext_lazy("done", "mandate ended")
    MOVE_OFFICER = "move-officer", pgettext_lazy("done", "work handed over")
    CLOSE_ACCOUNT = "close-account", pgettext_lazy("done", "account closed")
    UNDO_IMPORT = IMPORT_UNDONE, pgettext_lazy("done", "changed")

    @property
    def has_public_reason(self) -> bool:
        """True if everybody can read its reason; the form says so beside the field. Reasons of decisions go to the
        author, those for another agreement of the same parties to who writes it."""
        return self in {Action.WITHDRAW, Action.END, Action.SUSPEND, Action.RESTORE}


class SubmissionKind(models.TextChoices):
    """Kind of submission."""

    NEW = "new", pgettext_lazy("submission", "new entry")
    CHANGE = "change", pgettext_lazy("submission", "change")
    PROPOSAL = "proposal", pgettext_lazy("submission", "a visitor’s proposal")
    CORRECTION = "correction", pgettext_lazy("submission", "a partner’s correction")


class SubmissionState(models.TextChoices):
    """State of a submission."""

    OPEN = "open", pgettext_lazy("submission", "waits for a decision")
    APPROVED = "approved", pgettext_lazy("submission", "accepted")
    REJECTED = "rejected", pgettext_lazy("submission", "rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("submission", "taken back")


class ConfirmationAnswer(models.TextChoices):
    """Answer of a partner about an agreement."""

    YES = "yes", _("yes, it is so")
    NO = "no", _("no, there is no such agreement")
    CORRECTION = "correction", _("yes, with a correction")


class ConfirmationRoute(models.TextChoices):
    """Route by which the partner got the link for answering, and so whose word the answer is."""

    PARTNER = "partner", pgettext_lazy("confirmation", "mailed to an address of the partner")
    OFFICER = (
        "officer",
        pgettext_lazy(
            "confirmation", "handed on by the officer who asked, or mailed to an address not known as the partner’s"
        ),
    )


class MailState(models.TextChoices):
    """State of an outgoing mail."""

    WAITING = "waiting", pgettext_lazy("mail", "waits to be sent")
    SENT = "sent", pgettext_lazy("mail", "sent")
    GIVEN_UP = "given_up", pgettext_lazy("mail", "given up")
