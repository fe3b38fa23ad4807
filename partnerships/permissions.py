"""Who may write what: the only place that answers it.

Reading needs no account; what is not published is seen by those who may write it. Rights come from mandates: a
*contributor* writes drafts and submits, an *officer* also publishes, a *coordinator* also reviews and invites, each in
a territory and in all that lies or lay inside it. An administrator (Django's superuser) may everything, and alone what
lies in no officer's territory.
"""

import datetime
from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.utils import timezone

from .choices import MandateRole, Publication, SubmissionState
from .models import Agreement, Contact, FormDraft, Mandate, Organisation, Submission, Territory, Town
from .querysets import AgreementQuerySet, agreements, parties, territories

WRITERS = frozenset(MandateRole)
PUBLISHERS = frozenset({MandateRole.OFFICER, MandateRole.COORDINATOR})
REVIEWERS = frozenset({MandateRole.COORDINATOR})

AnyUser = User | AnonymousUser


def is_administrator(user: AnyUser) -> bool:
    """Whether the user may write everything."""
    return bool(user.is_active and user.is_superuser)


def mandates_of(user: AnyUser, today: datetime.date | None = None) -> QuerySet[Mandate]:
    """The mandates that a user holds today."""
    today = today or timezone.localdate()
    if not user.is_active or user.pk is None:
        return Mandate.objects.none()
    running = Q(since=None) | Q(since__lte=today)
    return Mandate.objects.filter(running, Q(until=None) | Q(until__gte=today), user=user).select_related("territory")


def territories_of(user: AnyUser, roles: Iterable[str] = WRITERS) -> frozenset[str]:
    """The codes of all territories in which the user holds one of the roles, those inside theirs included.

    Remembered with the user for as long as the object lives, which is one request.
    """
    held = user.__dict__.setdefault("_territories", {})
    key = frozenset(roles)
    if key not in held:
        codes = [mandate.territory_id for mandate in mandates_of(user) if mandate.role in key]
        held[key] = frozenset(territories().inside(codes)) if codes else frozenset()
    return held[key]


def is_officer(user: AnyUser) -> bool:
    """Whether the user may write anything at all: has a mandate, or is an administrator."""
    return is_administrator(user) or bool(territories_of(user))


# Agreements


def territories_of_agreement(agreement: Agreement) -> set[str]:
    """The codes of the territories in which its parties lie or which they govern."""
    rows = parties().filter(agreement=agreement)
    codes = rows.values_list("town__territory", "town__governs", "organisation__territory")
    return {code for row in codes for code in row if code}


def agreements_writable_by(user: AnyUser, roles: Iterable[str] = WRITERS) -> AgreementQuerySet:
    """The agreements that a user may write: those with a party in a territory of one of the roles."""
    if is_administrator(user):
        return agreements()
    codes = territories_of(user, roles)
    if not codes:
        return agreements().none()
    inside = Q(town__territory__in=codes) | Q(town__governs__in=codes) | Q(organisation__territory__in=codes)
    return agreements().filter(pk__in=parties().filter(inside).values("agreement"))


def may_write(user: AnyUser, record: Agreement | Town | Organisation) -> bool:
    """Whether the user may change the record, if only by a submission."""
    return _has_role(user, record, WRITERS)


def may_publish(user: AnyUser, record: Agreement | Town | Organisation) -> bool:
    """Whether what the user changes of the record is public at once."""
    return _has_role(user, record, PUBLISHERS)


def may_review(user: AnyUser, record: Agreement | Town | Organisation | Submission) -> bool:
    """Whether the user decides on what others submit of the record."""
    return _has_role(user, record, REVIEWERS)


def may_see(user: AnyUser, record: Agreement | Town | Organisation) -> bool:
    """Whether the record's page is shown to the user; another's draft does not exist."""
    return record.publication in (Publication.PUBLISHED, Publication.WITHDRAWN) or may_write(user, record)


def _has_role(user: AnyUser, record: Agreement | Town | Organisation | Submission, roles: frozenset[str]) -> bool:
    if is_administrator(user):
        return True
    held = territories_of(user, roles)
    return bool(held) and not held.isdisjoint(_territories_of(record))


def _territories_of(record: Agreement | Town | Organisation | Submission) -> set[str]:
    if isinstance(record, Agreement):
        return territories_of_agreement(record)
    if isinstance(record, Submission):
        return set(record.territories)
    return {code for code in (record.territory_id, getattr(record, "governs_id", None)) if code}


def may_write_parties(user: AnyUser, actors: Iterable[Town | Organisation], roles: frozenset[str] = WRITERS) -> bool:
    """Whether the user may write an agreement between these parties: one of them lies in a territory of theirs."""
    return is_administrator(user) or any(_has_role(user, actor, roles) for actor in actors)


# Submissions, forms and contacts


def submissions_for(user: AnyUser) -> QuerySet[Submission]:
    """The submissions that a user decides on: those of their territories as coordinator, and the proposals of visitors
    and corrections of partners of those where they publish."""
    if is_administrator(user):
        return Submission.objects.all()
    reviewing, publishing = territories_of(user, REVIEWERS), territories_of(user, PUBLISHERS)
    return Submission.objects.filter(
        Q(territories__overlap=sorted(reviewing))
        | Q(territories__overlap=sorted(publishing), kind__in=["proposal", "correction"])
    )


def may_decide(user: AnyUser, submission: Submission) -> bool:
    """Whether the user may accept or reject the submission. Nobody but an administrator decides on their own."""
    if submission.state != SubmissionState.OPEN or not submissions_for(user).filter(pk=submission.pk).exists():
        return False
    return is_administrator(user) or submission.author_id != user.pk


def may_follow(user: AnyUser, submission: Submission) -> bool:
    """Whether the user may read and comment on the submission: who decides, and who wrote it."""
    if user.pk is not None and submission.author_id == user.pk:
        return True
    return submissions_for(user).filter(pk=submission.pk).exists()


def form_drafts_of(user: AnyUser) -> QuerySet[FormDraft]:
    """The forms that a user has begun."""
    return FormDraft.objects.filter(user=user.pk) if user.pk else FormDraft.objects.none()


def contacts_seen_by(user: AnyUser, agreement: Agreement) -> QuerySet[Contact]:
    """The contact persons of an agreement that a user may see; those due to be erased are seen by nobody."""
    contacts = Contact.objects.filter(agreement=agreement, purge_on__gt=timezone.localdate())
    return contacts if may_write(user, agreement) else contacts.filter(public=True)


# People


def may_invite(user: AnyUser, territory: Territory | None) -> bool:
    """Whether the user may ask somebody to become an officer there; without a territory, an administrator."""
    if is_administrator(user):
        return True
    return territory is not None and territory.pk in territories_of(user, REVIEWERS)


__all__ = [
    "agreements_writable_by",
    "contacts_seen_by",
    "form_drafts_of",
    "is_administrator",
    "is_officer",
    "mandates_of",
    "may_decide",
    "may_follow",
    "may_invite",
    "may_publish",
    "may_review",
    "may_see",
    "may_write",
    "may_write_parties",
    "submissions_for",
    "territories_of",
    "territories_of_agreement",
]
