"""Who may write what: the only place that answers it.

Reading needs no account; what is not published is seen by those who may write it. Rights come from mandates: a
*contributor* writes drafts and submits, an *officer* also publishes, a *coordinator* also reviews and invites, each in
a territory and in all that lies or lay inside it. An administrator (Django's superuser) may everything, and alone what
lies in no officer's territory.
"""

import datetime
from collections.abc import Iterable
from copy import copy

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from coopdir.imports.models import ImportBatch, ImportProfile, MatchVerdict
from networks.models import SupportBody

from .choices import MandateRole, Publication, SubmissionKind, SubmissionState
from .models import (
    Agreement,
    ApiToken,
    Attachment,
    Contact,
    FormDraft,
    Invitation,
    Mandate,
    Merge,
    Organisation,
    Submission,
    Territory,
    Town,
)
from .querysets import AgreementQuerySet, agreements, over, parties, territories

WRITERS = frozenset(MandateRole)
PUBLISHERS = frozenset({MandateRole.OFFICER, MandateRole.COORDINATOR})
REVIEWERS = frozenset({MandateRole.COORDINATOR})

OPEN_TO_OFFICERS = frozenset({SubmissionKind.PROPOSAL, SubmissionKind.CORRECTION})
"""What comes from outside is decided on by who publishes, too."""

ADMINISTRATOR = "administrator"
"""The role of those who may everything, beside those that mandates give."""

AnyUser = User | AnonymousUser


def is_administrator(user: AnyUser) -> bool:
    """Whether the user may write everything; who acts by a token may no more than its mandate lets them."""
    return bool(user.is_active and user.is_superuser and _only_mandate(user) is None)


def within_mandate(user: User, mandate: Mandate) -> User:
    """The user with the rights of one of their mandates and no others; for who acts by a token."""
    scoped = copy(user)
    scoped.__dict__.pop("_territories", None)
    scoped._only_mandate = mandate.pk
    return scoped


def _only_mandate(user: AnyUser) -> int | None:
    return user.__dict__.get("_only_mandate")


def tokens_of(user: AnyUser) -> QuerySet[ApiToken]:
    """The tokens of a user that are worth something today: of a mandate that they still hold."""
    today = timezone.localdate()
    return ApiToken.objects.filter(
        user=user.pk, mandate__in=mandates_of(user), revoked_at=None, expires_on__gte=today
    ).select_related("mandate__territory")


def mandates_of(user: AnyUser, today: datetime.date | None = None) -> QuerySet[Mandate]:
    """The mandates that a user holds today."""
    today = today or timezone.localdate()
    if not user.is_active or user.pk is None:
        return Mandate.objects.none()
    held = Mandate.objects.filter(_running(today), user=user).select_related("territory")
    only = _only_mandate(user)
    return held if only is None else held.filter(pk=only)


def _running(today: datetime.date) -> Q:
    """Condition: the mandate runs on a day."""
    return (Q(since=None) | Q(since__lte=today)) & (Q(until=None) | Q(until__gte=today))


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
    # A SELECT for each way to be concerned: the database looks each up by an index, where an OR reads whole tables.
    ways: list[tuple[str, type[Model], str]] = [
        ("town", Town, "territory"),
        ("town", Town, "governs"),
        ("organisation", Organisation, "territory"),
    ]
    first, *others = [
        parties()
        .filter(**{f"{actor}__in": model.objects.filter(**{f"{column}__in": codes}).order_by().values("pk")})
        .order_by()
        .values("agreement")
        for actor, model, column in ways
    ]
    return agreements().filter(pk__in=first.union(*others))


def may_write(user: AnyUser, record: Agreement | Town | Organisation) -> bool:
    """Whether the user may change the record, if only by a submission."""
    return _has_role(user, record, WRITERS)


def may_publish(user: AnyUser, record: Agreement | Town | Organisation | SupportBody) -> bool:
    """Whether what the user changes of the record is public at once."""
    return _has_role(user, record, PUBLISHERS)


def may_review(user: AnyUser, record: Agreement | Town | Organisation | Submission) -> bool:
    """Whether the user decides on what others submit of the record."""
    return _has_role(user, record, REVIEWERS)


def may_see(user: AnyUser, record: Agreement | Town | Organisation) -> bool:
    """Whether the record's page is shown to the user; another's draft does not exist."""
    return record.publication in (Publication.PUBLISHED, Publication.WITHDRAWN) or may_write(user, record)


def _has_role(
    user: AnyUser, record: Agreement | Town | Organisation | SupportBody | Submission, roles: frozenset[str]
) -> bool:
    if is_administrator(user):
        return True
    held = territories_of(user, roles)
    return bool(held) and not held.isdisjoint(territories_concerned(record))


def territories_concerned(record: Agreement | Town | Organisation | SupportBody | Submission) -> set[str]:
    """The codes of the territories whose officers have a say in the record."""
    if isinstance(record, Agreement):
        return territories_of_agreement(record)
    if isinstance(record, Submission):
        return set(record.territories)
    if isinstance(record, SupportBody):
        return set(record.territories.values_list("pk", flat=True))
    return {code for code in (record.territory_id, getattr(record, "governs_id", None)) if code}


def may_write_parties(user: AnyUser, actors: Iterable[Town | Organisation], roles: frozenset[str] = WRITERS) -> bool:
    """Whether the user may write an agreement between these parties: one of them lies in a territory of theirs."""
    return is_administrator(user) or any(_has_role(user, actor, roles) for actor in actors)


def may_add_documents(user: AnyUser, agreement: Agreement) -> bool:
    """Whether the user may add documents, and take them away: those of what is published are public at once."""
    if agreement.publication == Publication.PUBLISHED:
        return may_publish(user, agreement)
    return agreement.publication != Publication.WITHDRAWN and may_write(user, agreement)


def may_download(user: AnyUser, attachment: Attachment) -> bool:
    """Whether an uploaded document is handed out: with a published agreement to everybody, else to who may write it."""
    agreement = attachment.agreement
    return agreement.publication == Publication.PUBLISHED or may_write(user, agreement)


def own_territories(user: AnyUser) -> QuerySet[Territory]:
    """The territories in which what somebody enters by hand can be said to lie: theirs, as they are today."""
    codes = territories_of(user)
    return territories().filter(pk__in=codes, dissolved_on=None) if codes else territories().none()


# Merges


def _merger(kind: str) -> frozenset[str]:
    """The roles that merge records of a kind: what becomes of a town reaches further than one agreement."""
    return PUBLISHERS if kind == "agreement" else REVIEWERS


def may_merge(user: AnyUser, one: Agreement | Town, other: Agreement | Town) -> bool:
    """Whether the user may make one of two records: they must answer for both."""
    roles = _merger(one._meta.model_name)
    return _has_role(user, one, roles) and _has_role(user, other, roles)


def may_undo(user: AnyUser, merge: Merge) -> bool:
    """Whether the user may undo a merge: they must answer for the territories that both records were in."""
    held = territories_of(user, _merger(merge.kind))
    return is_administrator(user) or all(not held.isdisjoint(codes) for codes in merge.moved["territories"])


# Submissions, forms and contacts


def submissions_for(user: AnyUser) -> QuerySet[Submission]:
    """The submissions that a user decides on: those of their territories as coordinator, and the proposals of visitors
    and corrections of partners of those where they publish."""
    if is_administrator(user):
        return Submission.objects.all()
    reviewing, publishing = territories_of(user, REVIEWERS), territories_of(user, PUBLISHERS)
    return Submission.objects.filter(
        Q(territories__overlap=sorted(reviewing))
        | Q(territories__overlap=sorted(publishing), kind__in=OPEN_TO_OFFICERS)
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


def roles_of(user: AnyUser) -> set[str]:
    """The roles that somebody has today, whatever the territory."""
    return {ADMINISTRATOR} if is_administrator(user) else {mandate.role for mandate in mandates_of(user)}


def may_manage_people(user: AnyUser) -> bool:
    """Whether the user appoints officers anywhere: coordinators and administrators do."""
    return is_administrator(user) or bool(territories_of(user, REVIEWERS))


def mandates_managed_by(user: AnyUser) -> QuerySet[Mandate]:
    """The mandates, not over yet, that a user may end: those in their territories as coordinator."""
    current = Mandate.objects.filter(Q(until=None) | Q(until__gte=timezone.localdate()))
    return current if is_administrator(user) else current.filter(territory__in=territories_of(user, REVIEWERS))


def invitations_managed_by(user: AnyUser) -> QuerySet[Invitation]:
    """The invitations not accepted yet that a user may send again or take back."""
    waiting = Invitation.objects.filter(accepted_at=None)
    return waiting if is_administrator(user) else waiting.filter(territory__in=territories_of(user, REVIEWERS))


def territories_to_appoint_in(user: AnyUser) -> QuerySet[Territory]:
    """The territories in which a user may appoint officers."""
    standing = territories().exclude(over("dissolved_on"))
    return standing if is_administrator(user) else standing.filter(pk__in=territories_of(user, REVIEWERS))


def holders(codes: Iterable[str], roles: Iterable[str]) -> QuerySet[User]:
    """The people who hold one of the roles today in a territory that covers one of the codes."""
    around = territories().around(codes)
    covering = Mandate.objects.filter(_running(timezone.localdate()), role__in=list(roles), territory__in=around)
    return User.objects.filter(pk__in=covering.values("user"), is_active=True).order_by("pk")


def deciders(submission: Submission) -> QuerySet[User]:
    """The people who are to decide on a submission: those of its territories; administrators where there are none."""
    roles = PUBLISHERS if submission.kind in OPEN_TO_OFFICERS else REVIEWERS
    found = holders(submission.territories, roles).exclude(pk=submission.author_id)
    return found if found.exists() else User.objects.filter(is_active=True, is_superuser=True).order_by("pk")


__all__ = [
    "ADMINISTRATOR",
    "agreements_writable_by",
    "contacts_seen_by",
    "deciders",
    "form_drafts_of",
    "holders",
    "invitations_managed_by",
    "is_administrator",
    "is_officer",
    "mandates_managed_by",
    "mandates_of",
    "may_add_documents",
    "may_decide",
    "may_download",
    "may_follow",
    "may_invite",
    "may_manage_people",
    "may_merge",
    "may_publish",
    "may_review",
    "may_see",
    "may_undo",
    "may_write",
    "may_write_parties",
    "own_territories",
    "roles_of",
    "submissions_for",
    "territories_concerned",
    "territories_of",
    "territories_of_agreement",
    "territories_to_appoint_in",
    "tokens_of",
    "within_mandate",
]


# Imports


OFFICERS_LAYOUTS = ("agreements", "towns", "organisations")
"""What officers import, within their territories; each row is checked."""


def may_import(user: AnyUser) -> bool:
    """Whether the user imports files at all: administrators, and officers who publish."""
    return is_administrator(user) or bool(territories_of(user, PUBLISHERS))


def importable_by(user: AnyUser, layouts: Iterable[str]) -> list[str]:
    """Which of the layouts the user imports."""
    if is_administrator(user):
        return list(layouts)
    return [name for name in layouts if name in OFFICERS_LAYOUTS and may_import(user)]


def batches_of(user: AnyUser) -> QuerySet[ImportBatch]:
    """The imports that a user sees and works on: one's own, or all of them."""
    if is_administrator(user):
        return ImportBatch.objects.all()
    return ImportBatch.objects.filter(user=user) if may_import(user) else ImportBatch.objects.none()


def may_revoke(user: AnyUser, verdict: MatchVerdict) -> bool:
    """Whether the user revokes what was decided of a name: one's own decision, or any as an administrator."""
    return is_administrator(user) or (may_import(user) and verdict.user_id == user.pk)


def profiles_of(user: AnyUser) -> QuerySet[ImportProfile]:
    """The profiles that a user renames and deletes: one's own, or all of them. To read a file by one is for everybody
    who imports."""
    if is_administrator(user):
        return ImportProfile.objects.all()
    return ImportProfile.objects.filter(user=user) if may_import(user) else ImportProfile.objects.none()
