"""Decisions on what others submit, and words about it."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.database.contention import lock_rows, retried

from .. import permissions
from ..choices import Action, Publication, SubmissionKind, SubmissionState
from ..mail import notifications
from ..models import Agreement, Comment, Submission
from . import snapshot, three_way
from .actions import ActionRefused, Conflict, acting, expect_publication, locked, require, set_publication
from .workflow import close_submission, publish, save


@retried
def approve(*, by: User, submission: Submission, reason: str = "") -> Submission:
    """Accept a submission: a new entry is published, a change is made; a proposal is closed with an answer.

    A change whose fields others have changed meanwhile raises `Conflict`; other fields keep what they are now.
    """
    with transaction.atomic():
        submission = _decidable(by, submission)
        if submission.kind == SubmissionKind.NEW:
            publish(by=by, agreement=_agreement_of(submission), reason=reason, decision=True)  # decides on it, too
            submission.refresh_from_db()
            return submission
        if submission.kind == SubmissionKind.CHANGE:
            _apply_change(by, submission, reason)
        return close_submission(by, submission, SubmissionState.APPROVED, reason)


def _apply_change(by: User, submission: Submission, reason: str) -> None:
    agreement = _agreement_of(submission)
    now = snapshot.read_content(agreement)
    if submission.base is None or submission.content is None:
        raise LookupError("The submission is no change.")
    began, proposed = snapshot.current_content(submission.base), snapshot.current_content(submission.content)
    merged = three_way.merge_contents(began, proposed, now)
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
            _back_to_draft(by, Action.REJECT, _agreement_of(submission))
        return close_submission(by, submission, SubmissionState.REJECTED, reason.strip())


def _back_to_draft(by: User, action: Action, agreement: Agreement) -> None:
    with acting(by, action, agreement):
        agreement = locked(agreement)
        expect_publication(agreement, Publication.SUBMITTED)
        set_publication(agreement, Publication.DRAFT)


@retried
def take_back(*, by: User, submission: Submission) -> Submission:
    """Withdraw a submission by its author; a new entry becomes a draft again."""
    with transaction.atomic():
        submission = _locked_submission(submission)
        require(submission.author_id == by.pk and submission.state == SubmissionState.OPEN)
        if submission.kind == SubmissionKind.NEW:
            _back_to_draft(by, Action.SAVE, _agreement_of(submission))
        return close_submission(by, submission, SubmissionState.WITHDRAWN, "")


def comment(*, by: User, submission: Submission, text: str) -> Comment:
    """Add a comment to a submission, for its author or for those who decide."""
    require(permissions.may_follow(by, submission))
    if not text.strip():
        raise ActionRefused(_("The comment is empty."))
    said = Comment.objects.create(submission=submission, author=by, text=text.strip())
    notifications.commented(said)
    return said


def _agreement_of(submission: Submission) -> Agreement:
    if submission.agreement is None:
        raise LookupError("The submission is about no agreement.")
    return submission.agreement


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
