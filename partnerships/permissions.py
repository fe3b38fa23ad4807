"""Permissions: who may write what; this is the only module that decides it.

Reading needs no account; what is not published is seen by those who may write it. Rights come from mandates: a
*contributor* writes drafts and submits, an *officer* also publishes, a *coordinator* also reviews and invites, each in
a territory and in all that lies or lay inside it. An administrator (Django's superuser) has all rights, and is the only
one with rights over records in no officer's territory.

A role that ``MFA_REQUIRED_ROLES`` names gives its rights only to who has a second factor: the rest of the site need not
ask, for whoever lacks it holds nothing here.
"""

import datetime
from collections.abc import Iterable
from copy import copy

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.date_conditions import over
from core.history import events_of
from core.imports.models import ImportBatch, ImportProfile, MatchVerdict
from networks.models import SupportBody

from .choices import MandateRole, Publication, SubmissionKind, SubmissionState
from .models import (
    Agreement,
    AgreementSource,
    ApiToken,
    Attachment,
    Contact,
    FormDraft,
    Invitation,
    Mandate,
    Merge,
    Organisation,
    Source,
    Submission,
    Territory,
    Town,
)
from .querysets import AgreementQuerySet, agreements, parties, sources
from .territory_querysets import territories

WRITER_ROLES = frozenset(MandateRole)
PUBLISHERS = frozenset({MandateRole.OFFICER, MandateRole.COORDINATOR})
REVIEWERS = frozenset({MandateRole.COORDINATOR})

OPEN_TO_OFFICERS = frozenset({SubmissionKind.PROPOSAL, SubmissionKind.CORRECTION})
"""Kinds of submission from outside, on which those who publish decide, too."""

ADMINISTRATOR = "administrator"
"""Role with all rights, beside those that mandates give."""

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Types of second factors at login; codes for when it is lost are no factor of their own."""

AnyUser = User | AnonymousUser


def is_administrator(user: AnyUser) -> bool:
    """True if the user may write everything; with a token, nobody has more rights than its mandate gives."""
    return bool(
        user.is_active and user.is_superuser and _only_mandate(user) is None and _role_is_open(user, ADMINISTRATOR)
    )


def has_second_factor(user: AnyUser) -> bool:
    """True if the user has set up a second factor for login.

    Remembered with the user for as long as the object lives, which is one request.
    """
    known = user.__dict__
    if "_second_factor" not in known:
        known["_second_factor"] = Authenticator.objects.filter(user=user.pk, type__in=SECOND_FACTORS).exists()
    return bool(known["_second_factor"])


def lacks_second_factor(user: AnyUser) -> bool:
    """True if one of the user's roles gives no rights until they have set up a second factor."""
    if not settings.MFA_REQUIRED_ROLES or user.pk is None or not user.is_active:
        return False
    held = {mandate.role for mandate in mandates_held_by(user)} | ({ADMINISTRATOR} if user.is_superuser else set())
    return not settings.MFA_REQUIRED_ROLES.isdisjoint(held) and not has_second_factor(user)


def _role_is_open(user: AnyUser, role: str) -> bool:
    """True if a role of the user gives its rights: it requires no second factor, or there is one."""
    return role not in settings.MFA_REQUIRED_ROLES or has_second_factor(user)


def within_mandate(user: User, mandate: Mandate) -> User:
    """The user with the rights of one of their mandates and no others; for requests with a token."""
    scoped = copy(user)
    scoped.__dict__.pop("_territories", None)
    vars(scoped)["_only_mandate"] = mandate.pk
    return scoped


def _only_mandate(user: AnyUser) -> int | None:
    return user.__dict__.get("_only_mandate")


def tokens_of(user: AnyUser) -> QuerySet[ApiToken]:
    """The valid tokens of a user: of a mandate that they still hold, and whose role, if it requires a second factor,
    finds one."""
    today = timezone.localdate()
    return ApiToken.objects.filter(
        user=user.pk, mandate__in=mandates_of(user), revoked_at=None, expires_on__gte=today
    ).select_related("mandate__territory")


def mandates_of(user: AnyUser, today: datetime.date | None = None) -> QuerySet[Mandate]:
    """The mandates that give a user rights today."""
    held = mandates_held_by(user, today)
    closed = [role for role in settings.MFA_REQUIRED_ROLES & set(MandateRole) if not _role_is_open(user, role)]
    return held.exclude(role__in=closed) if closed else held


def mandates_held_by(user: AnyUser, today: datetime.date | None = None) -> QuerySet[Mandate]:
    """The mandates that a user holds today, whether or not they have the second factor that the role asks for."""
    today = today or timezone.localdate()
    if not user.is_active or user.pk is None:
        return Mandate.objects.none()
    held = Mandate.objects.filter(_running(today), user=user).select_related("territory")
    only = _only_mandate(user)
    return held if only is None else held.filter(pk=only)


def _running(today: datetime.date) -> Q:
    """Condition: the mandate runs on a day."""
    return (Q(since=None) | Q(since__lte=today)) & (Q(until=None) | Q(until__gte=today))


def territories_of(user: AnyUser, roles: Iterable[str] = WRITER_ROLES) -> frozenset[str]:
    """The codes of all territories in which the user holds one of the roles, those inside theirs included.

    Remembered with the user for as long as the object lives, which is one request.
    """
    held: dict[frozenset[str], frozenset[str]] = user.__dict__.setdefault("_territories", {})
    key = frozenset(roles)
    if key not in held:
        codes = [mandate.territory_id for mandate in mandates_of(user) if mandate.role in key]
        held[key] = frozenset(territories().inside(codes)) if codes else frozenset()
    return held[key]


def is_officer(user: AnyUser) -> bool:
    """True if the user may write anything at all: has a mandate, or is an administrator."""
    return is_administrator(user) or bool(territories_of(user))


# Agreements


def territories_of_agreement(agreement: Agreement) -> set[str]:
    """The codes of the territories in which its parties lie or which they govern."""
    rows = parties().filter(agreement=agreement)
    codes = rows.values_list("town__territory", "town__governs", "organisation__territory")
    return {code for row in codes for code in row if code}


def agreements_writable_by(user: AnyUser, roles: Iterable[str] = WRITER_ROLES) -> AgreementQuerySet:
    """The agreements that a user may write: those with a party in a territory of one of the roles."""
    if is_administrator(user):
        return agreements()
    if not (codes := territories_of(user, roles)):
        return agreements().none()
    # A SELECT for each way to be concerned: the database looks each up by an index, where an OR reads whole tables.
    ways: list[tuple[str, QuerySet[Town] | QuerySet[Organisation]]] = [
        ("town", Town.objects.filter(territory__in=codes)),
        ("town", Town.objects.filter(governs__in=codes)),
        ("organisation", Organisation.objects.filter(territory__in=codes)),
    ]
    first, *others = [
        parties().filter(**{f"{actor}__in": found.order_by().values("pk")}).order_by().values("agreement")
        for actor, found in ways
    ]
    return agreements().filter(pk__in=first.union(*others))


def may_write(user: AnyUser, record: Agreement | Town | Organisation) -> bool:
    """True if the user may change the record, if only by a submission."""
    return _has_role(user, record, WRITER_ROLES)


def may_publish(user: AnyUser, record: Agreement | Town | Organisation | SupportBody) -> bool:
    """True if the user's changes to the record are public at once."""
    return _has_role(user, record, PUBLISHERS)


def may_delete(user: AnyUser, agreement: Agreement) -> bool:
    """True if the user may delete the agreement while it never was public: those who publish there, and the one who
    entered it."""
    return may_publish(user, agreement) or (may_write(user, agreement) and author_of(agreement) == user.pk)


def author_of(agreement: Agreement) -> int | None:
    """The key of the user who entered an agreement, as the history says; None for an import, or nobody known."""
    events = events_of(Agreement).filter(pgh_obj=agreement.pk, pgh_label="insert").order_by("pgh_id")
    author: int | None = events.values_list("pgh_context__metadata__user", flat=True).first()
    return author


def may_see(user: AnyUser, record: Agreement | Town | Organisation) -> bool:
    """True if the record exists for the user: another's draft does not, nor one that was withdrawn before it was
    public."""
    return record.known_to_all or may_write(user, record)


def agreements_seen_by(user: AnyUser) -> AgreementQuerySet:
    """The agreements that exist for a user: `may_see` for many."""
    if is_administrator(user):
        return agreements()
    return agreements().known_to_all() | agreements_writable_by(user)


def sources_seen_by(user: AnyUser) -> QuerySet[Source]:
    """The sources that a user is offered and may cite: public ones, and those of what they write or decide on."""
    if is_administrator(user):
        return sources()
    own = AgreementSource.objects.filter(agreement__in=agreements_writable_by(user).order_by().values("pk"))
    waiting = Submission.objects.filter(state=SubmissionState.OPEN)
    followed = waiting.filter(Q(author=user.pk) | Q(pk__in=submissions_for(user).order_by().values("pk")))
    contents = followed.filter(content__isnull=False).values_list("content", flat=True)  # a visitor's has none
    proposed = {key for content in contents if content for key in content.get("sources", ())}
    return sources().filter(
        Q(pk__in=sources().public().order_by().values("pk"))
        | Q(pk__in=own.order_by().values("source"))
        | Q(pk__in=proposed)
    )


def _has_role(user: AnyUser, record: Agreement | Town | Organisation | SupportBody, roles: frozenset[str]) -> bool:
    if is_administrator(user):
        return True
    held = territories_of(user, roles)
    return bool(held) and not held.isdisjoint(territories_concerned(record))


def territories_concerned(record: Agreement | Town | Organisation | SupportBody) -> set[str]:
    """The codes of the territories whose officers have a say in the record."""
    if isinstance(record, Agreement):
        return territories_of_agreement(record)
    if isinstance(record, SupportBody):
        return set(record.territories.values_list("pk", flat=True))
    return {code for code in (record.territory_id, getattr(record, "governs_id", None)) if code}


def may_write_parties(
    user: AnyUser, actors: Iterable[Town | Organisation], roles: frozenset[str] = WRITER_ROLES
) -> bool:
    """True if the user may write an agreement between these parties: one of them lies in a territory of theirs."""
    return is_administrator(user) or any(_has_role(user, actor, roles) for actor in actors)


def may_add_documents(user: AnyUser, agreement: Agreement) -> bool:
    """True if the user may add and remove documents: those of a published agreement are public at once."""
    if agreement.publication == Publication.PUBLISHED:
        return may_publish(user, agreement)
    return agreement.publication != Publication.WITHDRAWN and may_write(user, agreement)


def may_download(user: AnyUser, attachment: Attachment) -> bool:
    """True if the user may download the document: with a published agreement everybody, else those who may write it."""
    agreement = attachment.agreement
    return agreement.publication == Publication.PUBLISHED or may_write(user, agreement)


def own_territories(user: AnyUser) -> QuerySet[Territory]:
    """The territories in which what somebody enters by hand can be said to lie: theirs, as they are today."""
    codes = territories_of(user)
    return territories().filter(pk__in=codes, dissolved_on=None) if codes else territories().none()


# Merges


def _merger(kind: str) -> frozenset[str]:
    """The roles that merge records of a kind: the merging role for an agreement is that of its publishers."""
    return PUBLISHERS if kind == "agreement" else REVIEWERS


def may_merge(user: AnyUser, one: Agreement | Town, other: Agreement | Town) -> bool:
    """True if the user may merge the two records: they need the merging role for both."""
    roles = _merger(str(one._meta.model_name))
    return _has_role(user, one, roles) and _has_role(user, other, roles)


def may_undo(user: AnyUser, merge: Merge) -> bool:
    """True if the user may undo a merge: they need the merging role for the territories of both records."""
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
    """True if the user may accept or reject the submission. Nobody but an administrator decides on their own."""
    if submission.state != SubmissionState.OPEN or not submissions_for(user).filter(pk=submission.pk).exists():
        return False
    return is_administrator(user) or submission.author_id != user.pk


def may_follow(user: AnyUser, submission: Submission) -> bool:
    """True if the user may read and comment on the submission: its deciders, and its author."""
    own = user.pk is not None and submission.author_id == user.pk
    return own or submissions_for(user).filter(pk=submission.pk).exists()


def form_drafts_of(user: AnyUser) -> QuerySet[FormDraft]:
    """The forms that a user has begun."""
    return FormDraft.objects.filter(user=user.pk) if user.pk else FormDraft.objects.none()


def contacts_seen_by(user: AnyUser, agreement: Agreement) -> QuerySet[Contact]:
    """The contact persons of an agreement that a user may see; those due to be erased are seen by nobody."""
    contacts = Contact.objects.filter(agreement=agreement, purge_on__gt=timezone.localdate())
    return contacts if may_write(user, agreement) else contacts.filter(public=True)


# People


def may_invite(user: AnyUser, territory: Territory | None) -> bool:
    """True if the user may invite an officer for the territory; without one, an administrator."""
    return is_administrator(user) or (territory is not None and territory.pk in territories_of(user, REVIEWERS))


def roles_of(user: AnyUser) -> set[str]:
    """The roles that give somebody rights today, whatever the territory."""
    return {ADMINISTRATOR} if is_administrator(user) else {mandate.role for mandate in mandates_of(user)}


def may_manage_people(user: AnyUser) -> bool:
    """True if the user may appoint officers anywhere: coordinators and administrators do."""
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
    found = holders(submission.territories, roles).exclude(pk=submission.author_id or 0)
    return found if found.exists() else User.objects.filter(is_active=True, is_superuser=True).order_by("pk")


# Imports


OFFICERS_LAYOUTS = ("agreements", "towns", "organisations")
"""Layouts that officers import, within their territories; each row is checked."""


def may_import(user: AnyUser) -> bool:
    """True if the user may import files: administrators, and officers who publish."""
    return is_administrator(user) or bool(territories_of(user, PUBLISHERS))


def importable_by(user: AnyUser, layouts: Iterable[str]) -> list[str]:
    """Layouts that the user may import."""
    if is_administrator(user):
        return list(layouts)
    return [name for name in layouts if name in OFFICERS_LAYOUTS and may_import(user)]


def batches_of(user: AnyUser) -> QuerySet[ImportBatch]:
    """The imports that a user sees and works on: one's own, or all of them."""
    if is_administrator(user):
        return ImportBatch.objects.all()
    return ImportBatch.objects.filter(user=user.pk) if may_import(user) else ImportBatch.objects.none()


def publishing_territories(user: AnyUser) -> frozenset[str]:
    """The codes of the territories that the user's mandates to publish name; those inside are not listed."""
    return frozenset(mandate.territory_id for mandate in mandates_of(user) if mandate.role in PUBLISHERS)


def reach_of_verdicts(user: AnyUser) -> frozenset[str] | None:
    """The territories in whose files the user's verdicts count; None for all files."""
    return None if is_administrator(user) else publishing_territories(user)


def verdicts_seen_by(user: AnyUser) -> QuerySet[MatchVerdict]:
    """Verdicts on names that the user may see: their own, those for all files and for their territories'; all of them
    for an administrator. Names of other regions' files are nobody else's business."""
    if is_administrator(user):
        return MatchVerdict.objects.all()
    if not may_import(user):
        return MatchVerdict.objects.none()
    around = territories().around(publishing_territories(user))
    return MatchVerdict.objects.filter(Q(user=user.pk) | Q(scope=None) | Q(scope__overlap=around))


def may_revoke(user: AnyUser, verdict: MatchVerdict) -> bool:
    """True if the user may revoke the verdict: one's own, or any as an administrator."""
    return is_administrator(user) or (may_import(user) and verdict.user_id == user.pk)


def may_share_profiles(user: AnyUser) -> bool:
    """True if the user may create, change and delete mapping profiles that are shared with everybody."""
    return is_administrator(user)


def profiles_of(user: AnyUser) -> QuerySet[ImportProfile]:
    """The profiles that a user changes and deletes: one's own, and the shared ones as an administrator."""
    if not may_import(user):
        return ImportProfile.objects.none()
    own = ImportProfile.objects.filter(user=user.pk)
    return own | ImportProfile.objects.filter(user=None) if may_share_profiles(user) else own
