"""Workflow of an agreement: the functions by which forms, the admin, the API and commands write one at a time.

Each takes keywords only, `by` being who acts. It asks ``permissions``, works in one transaction in which the database
checks all its rules, and leaves in the history what was done, in which role and where (``acting``).

    draft → submitted → published → withdrawn
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.database.contention import lock_rows, retried
from core.dates import PartialDate
from core.history import own_context, referring
from core.imports.errors import constraint_message

from .. import permissions
from ..agreements import duplicates
from ..choices import Action, Activity, MandateRole, Publication, SubmissionKind, SubmissionState, SuspendedBy
from ..derived_states import running_suspensions
from ..mail import notifications
from ..models import (
    Agreement,
    Comment,
    Country,
    FormDraft,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Party,
    Source,
    Submission,
    Suspension,
    Town,
    TownName,
    TownSource,
)
from ..party_conditions import in_countries
from ..places.party_refs import actors_of
from ..querysets import PartyQuerySet, agreements, parties
from ..territory_querysets import territories
from . import rules, snapshot, three_way
from .snapshot import Content

ADMINISTRATOR_CAPACITY = "administrator"

ITS_ROWS = frozenset({TownName, TownSource, OrganisationName, OrganisationSource})
"""Rows that go with the town or organisation that they belong to."""


class ActionRefused(Exception):
    """Refusal of a command; `messages` give the reason and the remedy."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


class Conflict(ActionRefused):
    """Edit conflict: somebody else has changed the agreement meanwhile; `theirs` is its content now."""

    def __init__(self, message: str, theirs: Content) -> None:
        super().__init__(message)
        self.theirs = theirs


class Duplicate(ActionRefused):
    """Refusal of a duplicate: there is an agreement of the same parties, and no reason was given for another one; or it
    is the `same` one, for which no reason helps."""

    def __init__(self, message: str, found: list[Agreement], *, same: bool = False) -> None:
        super().__init__(message)
        self.found, self.same = found, same


def reason_of(said: Mapping[str, Any], *, writes: bool = False) -> str:
    """The reason in what the history says of a step, as everybody may read it; or who `writes` the record."""
    action = said.get("action")
    public = action is None or (action in Action and Action(action).has_public_reason)
    return str(said.get("reason", "")) if public or (writes and action != Action.REJECT) else ""


# The frame of every action


@contextmanager
def acting(by: User, action: Action, *records: Agreement | Town | Organisation, **more: Any) -> Iterator[None]:
    """Context manager: one transaction, checked by the database at its end, with its history metadata.

    Raises `ActionRefused` with the words of the rule that the database would not let be broken.
    """
    role, territory = role_of(by, *records)
    said = {name: value for name, value in more.items() if value}
    try:
        with transaction.atomic(), own_context(user=by.pk, action=action, role=role, territory=territory, **said):
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (IntegrityError, DataError) as error:
        raise ActionRefused(constraint_message(error)) from error


def role_of(by: User, *records: Agreement | Town | Organisation) -> tuple[str, str | None]:
    """Role and territory in which somebody acts on records: their highest mandate that covers one."""
    if permissions.is_administrator(by):
        return ADMINISTRATOR_CAPACITY, None
    concerned = {code for record in records for code in permissions.territories_concerned(record)}
    order = list(MandateRole)
    best: tuple[int, str, str | None] | None = None
    for mandate in permissions.mandates_of(by):
        inside = territories().inside([mandate.territory_id])
        rank = (order.index(mandate.role), mandate.role, mandate.territory_id)
        if (not concerned or concerned.intersection(inside)) and (best is None or rank > best):
            best = rank
    return (best[1], best[2]) if best else ("", None)


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def locked(agreement: Agreement) -> Agreement:
    """The agreement as it is now; nobody else changes it until the transaction ends."""
    return Agreement.objects.select_for_update(of=("self",), no_key=True).get(pk=agreement.pk)


def _check(content: Content, *, publishing: bool) -> None:
    wrong = rules.faults(content, publishing=publishing)
    if wrong:
        raise ActionRefused(*[message for messages in wrong.values() for message in messages])


def _actors(content: Content) -> list[Town | Organisation]:
    refs = set(snapshot.refs_in(content))
    found = [actor for actor in actors_of(refs).values() if isinstance(actor, Town | Organisation)]
    if len(found) < len(refs):
        raise ActionRefused(_("One of the parties is not in the directory any more."))
    return found


# Writing


@retried
def save(
    *,
    by: User,
    content: Content,
    agreement: Agreement | None = None,
    base: str = "",
    reason: str = "",
    decision: bool = False,
) -> Agreement:
    """Make a draft, or change an agreement that `by` may change at once.

    `reason` says why there is another agreement of the same parties; that of a `decision` is told to the author of what
    was submitted, not to the history. `base` is the fingerprint of the content that the editing began with; where it is
    not that of the stored content any more, `Conflict` tells. A draft of which no party lies in a territory of `by`
    would be lost to them and is refused.
    """
    was = agreement.publication if agreement else Publication.DRAFT
    published = was == Publication.PUBLISHED
    roles = permissions.PUBLISHERS if published else permissions.WRITER_ROLES
    _refuse_withdrawn(was)
    if agreement is not None:
        require(permissions.may_publish(by, agreement) if published else permissions.may_write(by, agreement))
    content = snapshot.current_content(content)
    actors = _actors(content)
    if not permissions.may_write_parties(by, actors, roles):
        raise ActionRefused(_("At least one of the parties must lie in your territory."))
    _check(content, publishing=published)
    with acting(by, Action.SAVE, *([agreement] if agreement else actors), reason="" if decision else reason):
        if agreement is None:
            agreement = Agreement.objects.create(publication=Publication.DRAFT)
        else:
            agreement = locked(agreement)
            _expect(agreement, was)
            _refuse_conflict(agreement, base)
        if published:
            _refuse_duplicate(agreement, content, reason)
        snapshot.write_content(agreement, content)
        if published:
            _publish_towns(agreement)
    FormDraft.objects.filter(user=by, agreement=agreement).delete()
    return agreement


def _refuse_withdrawn(publication: str) -> None:
    """Refuse to change a withdrawn agreement."""
    if publication == Publication.WITHDRAWN:
        raise ActionRefused(_("This agreement is withdrawn. Bring it back first."))


def _refuse_conflict(agreement: Agreement, base: str) -> None:
    now = snapshot.read_content(agreement)
    if base and base != snapshot.content_fingerprint(now):
        raise Conflict(_("Somebody else has changed this agreement since you opened it."), now)


def _refuse_duplicate(agreement: Agreement, content: Content, reason: str) -> None:
    """Agreements of the same parties need a reason, unless the agreement had these parties before; for the same one
    there is none."""
    found = list(duplicates.of_same_parties(snapshot.refs_in(content), but=agreement.pk).with_parties())
    own = rules.identity_of(content)
    for one in found:
        if rules.likeness(own, rules.Identity(one.party_key, one.kind, one.signed)) is rules.Likeness.SAME:
            raise Duplicate(rules.is_there_already(one.reference), [one], same=True)
    if reason or (agreement.publication == Publication.PUBLISHED and own.parties == agreement.party_key):
        return
    if found:
        raise Duplicate(
            _("These parties have an agreement already. If this is another one, say what the difference is."), found
        )


@retried
def submit(*, by: User, agreement: Agreement, note: str = "", reason: str = "") -> Submission:
    """Hand a draft in, for a coordinator to publish.

    Raises `Duplicate` where there is an agreement of the same parties and no `reason` is given; who decides reads both.
    """
    require(permissions.may_write(by, agreement))
    content = snapshot.read_content(agreement)
    _check(content, publishing=True)
    with acting(by, Action.SUBMIT, agreement):
        agreement = locked(agreement)
        _expect(agreement, Publication.DRAFT)
        _refuse_duplicate(agreement, content, reason)
        _publication(agreement, Publication.SUBMITTED)
        return _submission(by, agreement, SubmissionKind.NEW, text=_together(note, reason), content=content)


@retried
def submit_change(
    *, by: User, agreement: Agreement, content: Content, base: Content, note: str = "", reason: str = ""
) -> Submission:
    """Propose another content for a published agreement; it replaces an earlier proposal by the same author.

    Raises `Duplicate` as `submit` does, where the parties become those of another agreement.
    """
    require(permissions.may_write(by, agreement))
    content, base = snapshot.current_content(content), snapshot.current_content(base)
    _check(content, publishing=True)
    with acting(by, Action.SUBMIT, agreement):
        agreement = locked(agreement)
        _expect(agreement, Publication.PUBLISHED)
        _refuse_conflict(agreement, snapshot.content_fingerprint(base))
        if content == base:
            raise ActionRefused(_("Nothing is changed."))
        _refuse_duplicate(agreement, content, reason)
        earlier = Submission.objects.filter(
            agreement=agreement, author=by, kind=SubmissionKind.CHANGE, state=SubmissionState.OPEN
        )
        earlier.update(state=SubmissionState.WITHDRAWN, decided_at=timezone.now())
        text = _together(note, reason)
        submission = _submission(by, agreement, SubmissionKind.CHANGE, text=text, content=content, base=base)
    FormDraft.objects.filter(user=by, agreement=agreement).delete()
    return submission


def _together(note: str, reason: str) -> str:
    return "\n\n".join(filter(None, [note, reason]))


def _submission(by: User, agreement: Agreement, kind: str, **columns: Any) -> Submission:
    submission = Submission.objects.create(
        kind=kind,
        agreement=agreement,
        subject_kind="agreement",
        subject=agreement.reference,
        subject_title=str(agreement)[:500],
        territories=sorted(permissions.territories_of_agreement(agreement)),
        author=by,
        author_name=by.get_full_name() or by.get_username(),
        **columns,
    )
    notifications.submitted(submission)
    return submission


@retried
def publish(*, by: User, agreement: Agreement, reason: str = "", decision: bool = False) -> Agreement:
    """Make a draft or submitted agreement public, and with it the towns that were entered for it.

    Raises `Duplicate` where there is an agreement of the same parties and no `reason` is given; see `save`.
    """
    require(permissions.may_publish(by, agreement))
    with acting(by, Action.PUBLISH, agreement, reason="" if decision else reason):
        agreement = locked(agreement)
        _expect(agreement, Publication.DRAFT, Publication.SUBMITTED)
        _publish(agreement, reason)
        _decide_new(by, agreement, SubmissionState.APPROVED, reason)
    return agreement


def _publish(agreement: Agreement, reason: str) -> None:
    content = snapshot.read_content(agreement)
    _check(content, publishing=True)
    _refuse_duplicate(agreement, content, reason)
    _publication(agreement, Publication.PUBLISHED)
    _publish_towns(agreement)


def _publish_towns(agreement: Agreement) -> None:
    """Publish the draft towns and organisations that were entered for an agreement, together with it."""
    own = parties().filter(agreement=agreement)
    for model, column in ((Town, "town"), (Organisation, "organisation")):
        for actor in model.objects.filter(pk__in=own.values(column), publication=Publication.DRAFT):
            actor.publication = Publication.PUBLISHED
            actor.save(update_fields=["publication"])


def _decide_new(by: User, agreement: Agreement, state: str, reason: str = "") -> None:
    waiting = Submission.objects.filter(agreement=agreement, kind=SubmissionKind.NEW, state=SubmissionState.OPEN)
    for submission in waiting:
        _decide(by, submission, state, reason)


@retried
def withdraw(*, by: User, agreement: Agreement, reason: str) -> Agreement:
    """Withdraw an agreement from the directory; its address then says that it was withdrawn.

    What was public stays as it was then: what was written since, when it was brought back as a draft, stays in the
    history, for those who may write it.
    """
    require(permissions.may_publish(by, agreement))
    if not reason.strip():
        raise ActionRefused(_("Say why the agreement is withdrawn."))
    with acting(by, Action.WITHDRAW, agreement, reason=reason.strip()):
        agreement = locked(agreement)
        if agreement.publication == Publication.WITHDRAWN:
            raise ActionRefused(_("This agreement is withdrawn already."))
        if agreement.publication != Publication.PUBLISHED and (public := snapshot.last_public(agreement)):
            snapshot.write_content(agreement, snapshot.current_content(public))
        _publication(agreement, Publication.WITHDRAWN)
        _decide_new(by, agreement, SubmissionState.WITHDRAWN, reason.strip())
    return agreement


@retried
def reinstate(*, by: User, agreement: Agreement) -> Agreement:
    """Bring a withdrawn agreement back as a draft. One that was merged comes back by undoing the merge."""
    require(permissions.may_publish(by, agreement))
    with acting(by, Action.REINSTATE, agreement):
        agreement = locked(agreement)
        _expect(agreement, Publication.WITHDRAWN)
        if agreement.merged_into_id:
            raise ActionRefused(_("This agreement was merged into another one: undo the merge instead."))
        _publication(agreement, Publication.DRAFT)
    return agreement


@retried
def delete(*, by: User, agreement: Agreement) -> None:
    """Delete an agreement that never was public, with all that belongs to it: documents and their files, contacts,
    submissions, forms begun; and the towns and organisations that were entered for it and that nothing else needs.

    The history keeps what it was, for administrators.
    """
    require(permissions.may_delete(by, agreement))
    with acting(by, Action.DELETE, agreement):
        agreement = locked(agreement)
        if agreement.published_at is not None:
            raise ActionRefused(_("This agreement was public: it can be withdrawn, not deleted."))
        _expect(agreement, Publication.DRAFT, Publication.WITHDRAWN)
        entered = [party.actor for party in parties().filter(agreement=agreement)]
        files = [attachment.file for attachment in agreement.attachments.all()]
        agreement.delete()
        for actor in entered:
            if actor.publication == Publication.DRAFT and _only_entered(actor):
                actor.delete()
        for file in files:
            transaction.on_commit(partial(file.delete, save=False))


def _only_entered(actor: Town | Organisation) -> bool:
    """True if a town or organisation came with a form alone: nobody has written it since, and nothing refers to it."""
    events = actor.pgh_event_model.objects.filter(pgh_obj=actor.pk)
    if list(events.values_list("pgh_label", "pgh_context__metadata__action")) != [("insert", Action.SAVE)]:
        return False
    return not any(
        column.model._default_manager.filter(**{column.name: actor}).exists()
        for column in referring(type(actor))
        if column.model not in ITS_ROWS
    )


def _publication(agreement: Agreement, publication: str) -> None:
    agreement.publication = publication
    agreement.save(update_fields=["publication"])


def _expect(agreement: Agreement, *publications: str) -> None:
    if agreement.publication not in publications:
        raise ActionRefused(
            _("This agreement is in another state now (%(state)s): look at it again.")
            % {"state": agreement.get_publication_display()}
        )


# Deciding on what others submit


@retried
def approve(*, by: User, submission: Submission, reason: str = "") -> Submission:
    """Accept a submission: a new entry is published, a change is made; a proposal is closed with an answer.

    A change whose fields others have changed meanwhile raises `Conflict`; other fields keep what they are now.
    """
    with transaction.atomic():
        submission = _decidable(by, submission)
        if submission.kind == SubmissionKind.NEW:
            publish(by=by, agreement=submission.agreement, reason=reason, decision=True)  # decides on it, too
            submission.refresh_from_db()
            return submission
        if submission.kind == SubmissionKind.CHANGE:
            _apply_change(by, submission, reason)
        return _decide(by, submission, SubmissionState.APPROVED, reason)


def _apply_change(by: User, submission: Submission, reason: str) -> None:
    agreement = submission.agreement
    now = snapshot.read_content(agreement)
    merged = three_way.merge_contents(
        snapshot.current_content(submission.base), snapshot.current_content(submission.content), now
    )
    if merged.both:
        raise Conflict(_("The same was changed by somebody else after this was submitted."), now)
    base = snapshot.content_fingerprint(now)
    save(by=by, agreement=agreement, content=merged.content, base=base, reason=reason, decision=True)


@retried
def reject(*, by: User, submission: Submission, reason: str) -> Submission:
    """Decline a submission, with a reason; a new entry becomes a draft again."""
    if not reason.strip():
        raise ActionRefused(_("Give the reason, so that the author can correct it."))
    with transaction.atomic():
        submission = _decidable(by, submission)
        if submission.kind == SubmissionKind.NEW:
            with acting(by, Action.REJECT, submission.agreement):
                agreement = locked(submission.agreement)
                _expect(agreement, Publication.SUBMITTED)
                _publication(agreement, Publication.DRAFT)
        return _decide(by, submission, SubmissionState.REJECTED, reason.strip())


@retried
def take_back(*, by: User, submission: Submission) -> Submission:
    """Withdraw a submission by its author; a new entry becomes a draft again."""
    with transaction.atomic():
        submission = _locked_submission(submission)
        require(submission.author_id == by.pk and submission.state == SubmissionState.OPEN)
        if submission.kind == SubmissionKind.NEW:
            with acting(by, Action.SAVE, submission.agreement):
                agreement = locked(submission.agreement)
                _expect(agreement, Publication.SUBMITTED)
                _publication(agreement, Publication.DRAFT)
        return _decide(by, submission, SubmissionState.WITHDRAWN, "")


def comment(*, by: User, submission: Submission, text: str) -> Comment:
    """Add a comment to a submission, for its author or for those who decide."""
    require(permissions.may_follow(by, submission))
    if not text.strip():
        raise ActionRefused(_("The comment is empty."))
    said = Comment.objects.create(submission=submission, author=by, text=text.strip())
    notifications.commented(said)
    return said


def _locked_submission(submission: Submission) -> Submission:
    """A submission as it is now; its agreement is locked before it, as by those who submit."""
    lock_rows(Agreement, filter(None, [submission.agreement_id]))
    return Submission.objects.select_for_update(of=("self",), no_key=True).get(pk=submission.pk)


def _decidable(by: User, submission: Submission) -> Submission:
    submission = _locked_submission(submission)
    if submission.state != SubmissionState.OPEN:
        raise ActionRefused(_("This was decided already: %(state)s.") % {"state": submission.get_state_display()})
    require(permissions.may_decide(by, submission))
    return submission


def _decide(by: User, submission: Submission, state: str, reason: str) -> Submission:
    submission.state, submission.reason = state, reason
    submission.decided_by, submission.decided_at = by, timezone.now()
    submission.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    notifications.decided(submission)
    return submission


# What becomes of an agreement


@retried
def verify(*, by: User, agreements: Collection[Agreement], on: datetime.date | None = None) -> int:
    """Verify agreements as of a day (today by default): they are as told. Returns how many were marked.

    Those that are not published, and those that `by` may not publish, make it refused as a whole.
    """
    on = on or timezone.localdate()
    _check({"verified_on": on}, publishing=True)
    due = list(agreements)
    allowed = permissions.agreements_writable_by(by, permissions.PUBLISHERS).filter(pk__in=[one.pk for one in due])
    require(allowed.count() == len({one.pk for one in due}))
    with acting(by, Action.VERIFY, *due[:1]):
        lock_rows(Agreement, [one.pk for one in due])
        rows = Agreement.objects.filter(pk__in=[one.pk for one in due])
        if rows.exclude(publication=Publication.PUBLISHED).exists():
            raise ActionRefused(_("Only what is published can be verified."))
        return rows.exclude(verified_on__gt=on).update(verified_on=on)


@retried
def end(*, by: User, agreement: Agreement, ended: str | None, reason: str = "") -> Agreement:
    """Mark an agreement as ended, with the date if it is known."""
    require(permissions.may_publish(by, agreement))
    with acting(by, Action.END, agreement, reason=reason):
        agreement = locked(agreement)
        _refuse_withdrawn(agreement.publication)
        content = ended_content(snapshot.read_content(agreement), ended)
        _check(content, publishing=agreement.publication == Publication.PUBLISHED)
        snapshot.write_content(agreement, content)
    return agreement


def ended_content(content: Content, ended: str | None) -> Content:
    """The content once its agreement is marked as ended."""
    return content | {"ended": str(ended) if ended else None, "activity": Activity.ENDED.value}


@retried
def suspend(
    *,
    by: User,
    party: Party,
    suspended_by: str = SuspendedBy.PARTY,
    since: str | None = None,
    until: str | None = None,
    act: str = "",
    reason_en: str = "",
    reason_fr: str = "",
    source: Source | None = None,
) -> Suspension:
    """Suspend the part of one party; the others' go on."""
    require(permissions.may_publish(by, party.agreement))
    with acting(by, Action.SUSPEND, party.agreement, reason=reason_en or reason_fr):
        _refuse_withdrawn(locked(party.agreement).publication)
        if suspended_now([party.pk]):
            raise ActionRefused(_("The part of this party is suspended already: end that suspension first."))
        _check({"suspensions": [{"since": since, "until": until}]}, publishing=True)
        return Suspension.objects.create(
            party=party,
            suspended_by=suspended_by,
            since=since or None,
            until=until or None,
            act=act,
            reason_en=reason_en,
            reason_fr=reason_fr,
            source=source,
        )


@retried
def resume(*, by: User, suspension: Suspension, until: str) -> Suspension:
    """End a suspension on a date."""
    agreement = suspension.party.agreement
    require(permissions.may_publish(by, agreement))
    with acting(by, Action.RESUME, agreement):
        _refuse_withdrawn(locked(agreement).publication)
        _check({"suspensions": [{"since": suspension.since, "until": until}]}, publishing=True)
        suspension.until = PartialDate(until)
        suspension.save(update_fields=["until"])
    return suspension


def suspended_now(keys: Iterable[int]) -> set[int]:
    """Parties, by key and among some given, whose part is suspended today."""
    return set(running_suspensions().filter(party__in=list(keys)).values_list("party", flat=True))


@retried
def suspend_country(
    *,
    by: User,
    country: Country,
    since: str,
    suspended_by: str = SuspendedBy.STATE,
    partner: Country | None = None,
    act: str = "",
    reason_en: str = "",
    reason_fr: str = "",
    source: Source | None = None,
) -> int:
    """Suspend the part of all parties of a country in its current agreements (with one partner country, if one is
    named), as in Mali, Niger and Burkina Faso in 2023. Returns how many were suspended.

    Parties that are suspended already, and the partners, are left as they are.
    """
    require(permissions.is_administrator(by))
    with acting(by, Action.SUSPEND, reason=reason_en or reason_fr):
        current = agreements().published().current()
        concerned = _of_country(country, partner, parties().present()).filter(agreement__in=current)
        lock_rows(Agreement, concerned.values_list("agreement", flat=True))
        keys = list(concerned.values_list("pk", flat=True))
        already = suspended_now(keys)
        return len(
            Suspension.objects.bulk_create(
                Suspension(
                    party_id=key,
                    suspended_by=suspended_by,
                    since=PartialDate(since),
                    act=act,
                    reason_en=reason_en,
                    reason_fr=reason_fr,
                    source=source,
                )
                for key in keys
                if key not in already
            )
        )


def _of_country(country: Country, partner: Country | None, those: PartyQuerySet) -> PartyQuerySet:
    """Parties of a country, among some given; if a partner country is named, those beside one of its parties."""
    if partner is not None:
        those = those.beside(in_countries([partner.pk]))
    return those.filter(in_countries([country.pk]))


def foreseen(call: Callable[..., int], **given: Any) -> int:
    """Dry run of a workflow call: the number of records that it would touch; it is made in a transaction that is rolled
    back."""
    with transaction.atomic():
        number = call(**given)
        transaction.set_rollback(True)
    return number


@retried
def resume_country(*, by: User, country: Country, until: str, partner: Country | None = None) -> int:
    """End, on a date, all suspensions by the State of a country's parties. Returns how many were ended."""
    require(permissions.is_administrator(by))
    with acting(by, Action.RESUME):
        concerned = _of_country(country, partner, parties())
        running = Suspension.objects.filter(party__in=concerned, suspended_by=SuspendedBy.STATE, until=None)
        lock_rows(Agreement, running.values_list("party__agreement", flat=True))
        return running.update(until=PartialDate(until))


@retried
def restore(
    *, by: User, agreement: Agreement, moment: datetime.datetime, base: str = "", reason: str = ""
) -> Agreement:
    """Give an agreement back the content that it had at a moment; parties that were merged since are what they are now.

    `base` is the fingerprint of the content that the choice was made on, see `save`.
    """
    require(permissions.may_publish(by, agreement))
    earlier = restorable(agreement, moment)
    if not permissions.may_write_parties(by, _actors(earlier), permissions.PUBLISHERS):
        raise ActionRefused(_("At least one of the parties must lie in your territory."))
    with acting(by, Action.RESTORE, agreement, reason=reason.strip(), restored=moment.isoformat()):
        agreement = locked(agreement)
        _refuse_withdrawn(agreement.publication)
        _refuse_conflict(agreement, base)
        _check(earlier, publishing=agreement.publication == Publication.PUBLISHED)
        snapshot.write_content(agreement, earlier)
    return agreement


def restorable(agreement: Agreement, moment: datetime.datetime) -> Content:
    """The content that `restore` would write. Raises `ActionRefused` where there was none at that moment."""
    earlier = snapshot.at(agreement, moment)
    if earlier is None:
        raise ActionRefused(_("The agreement did not exist then."))
    return snapshot.current_content(earlier)


def copied(agreement: Agreement) -> Content:
    """The content to begin another agreement with: what is this one's own, dates and sources, is left out."""
    content = snapshot.read_content(agreement)
    content |= {"signed": None, "valid_until": None, "ended": None, "renewals": [], "sources": [], "funding": []}
    content["parties"] = [{**party, "joined": None, "left": None} for party in content["parties"] if not party["left"]]
    return content
