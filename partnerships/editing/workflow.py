"""Workflow of an agreement: the functions by which forms, the admin, the API and commands write one at a time.

Each takes keywords only, `by` being who acts. It asks ``permissions``, works in one transaction in which the database
checks all its rules, and leaves in the history what was done, in which role and where (``acting``).

    draft → submitted → published → withdrawn
"""

import datetime
from collections.abc import Collection
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.database.contention import lock_rows, retried
from core.history import events_of, referring

from .. import permissions
from ..agreements import duplicates
from ..choices import Action, Activity, Publication, SubmissionKind, SubmissionState
from ..mail import notifications
from ..models import (
    Agreement,
    FormDraft,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Submission,
    Town,
    TownName,
    TownSource,
)
from ..places.party_refs import actors_of
from ..querysets import parties
from . import rules, snapshot
from .actions import (
    ActionRefused,
    Conflict,
    Duplicate,
    acting,
    check_rules,
    expect_publication,
    locked,
    refuse_withdrawn,
    require,
    set_publication,
)
from .snapshot import Content

ITS_ROWS = frozenset({TownName, TownSource, OrganisationName, OrganisationSource})
"""Rows that go with the town or organisation that they belong to."""


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
    refuse_withdrawn(was)
    if agreement is not None:
        require(permissions.may_publish(by, agreement) if published else permissions.may_write(by, agreement))
    content = snapshot.current_content(content)
    actors = _actors(content)
    if not permissions.may_write_parties(by, actors, roles):
        raise ActionRefused(_("At least one of the parties must lie in your territory."))
    check_rules(content, publishing=published)
    with acting(by, Action.SAVE, *([agreement] if agreement else actors), reason="" if decision else reason):
        if agreement is None:
            agreement = Agreement.objects.create(publication=Publication.DRAFT)
        else:
            agreement = locked(agreement)
            expect_publication(agreement, was)
            _refuse_conflict(agreement, base)
        if published:
            _refuse_duplicate(agreement, content, reason)
        snapshot.write_content(agreement, content)
        if published:
            _publish_towns(agreement)
    FormDraft.objects.filter(user=by, agreement=agreement).delete()
    return agreement


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
    check_rules(content, publishing=True)
    with acting(by, Action.SUBMIT, agreement):
        agreement = locked(agreement)
        expect_publication(agreement, Publication.DRAFT)
        _refuse_duplicate(agreement, content, reason)
        set_publication(agreement, Publication.SUBMITTED)
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
    check_rules(content, publishing=True)
    with acting(by, Action.SUBMIT, agreement):
        agreement = locked(agreement)
        expect_publication(agreement, Publication.PUBLISHED)
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
        expect_publication(agreement, Publication.DRAFT, Publication.SUBMITTED)
        _publish(agreement, reason)
        _decide_new(by, agreement, SubmissionState.APPROVED, reason)
    return agreement


def _publish(agreement: Agreement, reason: str) -> None:
    content = snapshot.read_content(agreement)
    check_rules(content, publishing=True)
    _refuse_duplicate(agreement, content, reason)
    set_publication(agreement, Publication.PUBLISHED)
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
        close_submission(by, submission, state, reason)


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
        set_publication(agreement, Publication.WITHDRAWN)
        _decide_new(by, agreement, SubmissionState.WITHDRAWN, reason.strip())
    return agreement


@retried
def reinstate(*, by: User, agreement: Agreement) -> Agreement:
    """Bring a withdrawn agreement back as a draft. One that was merged comes back by undoing the merge."""
    require(permissions.may_publish(by, agreement))
    with acting(by, Action.REINSTATE, agreement):
        agreement = locked(agreement)
        expect_publication(agreement, Publication.WITHDRAWN)
        if agreement.merged_into_id:
            raise ActionRefused(_("This agreement was merged into another one: undo the merge instead."))
        set_publication(agreement, Publication.DRAFT)
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
        expect_publication(agreement, Publication.DRAFT, Publication.WITHDRAWN)
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
    events = events_of(type(actor)).filter(pgh_obj=actor.pk)
    if list(events.values_list("pgh_label", "pgh_context__metadata__action")) != [("insert", Action.SAVE)]:
        return False
    return not any(
        column.model._default_manager.filter(**{column.name: actor}).exists()
        for column in referring(type(actor))
        if column.model not in ITS_ROWS
    )


def close_submission(by: User, submission: Submission, state: str, reason: str) -> Submission:
    """Write down what became of a submission; its author is told."""
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
    check_rules({"verified_on": on}, publishing=True)
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
        refuse_withdrawn(agreement.publication)
        content = ended_content(snapshot.read_content(agreement), ended)
        check_rules(content, publishing=agreement.publication == Publication.PUBLISHED)
        snapshot.write_content(agreement, content)
    return agreement


def ended_content(content: Content, ended: str | None) -> Content:
    """The content once its agreement is marked as ended."""
    return content | {"ended": str(ended) if ended else None, "activity": Activity.ENDED.value}


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
        refuse_withdrawn(agreement.publication)
        _refuse_conflict(agreement, base)
        check_rules(earlier, publishing=agreement.publication == Publication.PUBLISHED)
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
