"""Mail notifications about submissions, comments and decisions. ``workflow`` and ``proposals`` call it."""

import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from .. import permissions
from ..models import Comment, OutgoingMail, Preference, Submission
from . import send
from .signed_links import PROPOSAL

RECEIVED_A_DAY = 3
"""Mails that one address gets at most on a day because somebody gave it with a proposal."""


def preferred_language(user: User) -> str:
    """The language in which somebody wants to be written to."""
    return Preference.objects.filter(user=user).values_list("language", flat=True).first() or "en"


def submitted(submission: Submission) -> None:
    """Notify the deciders of a new submission."""
    for user in permissions.deciders(submission):
        _tell(user, "submission", submission=submission)


def received(submission: Submission) -> None:
    """Mail a visitor the address of their proposal's page, unless that address has had enough of these mails today."""
    lately = timezone.now() - datetime.timedelta(days=1)
    to_them = OutgoingMail.objects.filter(kind="received", to__iexact=submission.author_email, created_at__gt=lately)
    if to_them.count() < RECEIVED_A_DAY:
        _tell_author("received", submission)


def decided(submission: Submission) -> None:
    """Notify the author of the decision on a submission."""
    if submission.author_id != submission.decided_by_id or submission.author_id is None:
        _tell_author("decision", submission)


def commented(comment: Comment) -> None:
    """Notify the author of a submission of a comment; of the author's own comment, the deciders."""
    submission = comment.submission
    if comment.author_id != submission.author_id:
        _tell_author("comment", submission, comment=comment)
        return
    for user in permissions.deciders(submission):
        _tell(user, "comment", submission=submission, comment=comment)


def _tell_author(template: str, submission: Submission, **context: Any) -> None:
    """Notify a submission's author: an officer by the page in the queue, anybody else by the page that their key opens.

    Nobody knows whose address a visitor has given: what is mailed there quotes neither them nor an officer, so that the
    site sends nobody a text of somebody else's choice. It stands on that page.
    """
    if submission.author is not None:
        _tell(submission.author, template, submission=submission, **context)
        return
    key = PROPOSAL.key(submission.pk)
    send.send_templated_mail(
        template, submission.author_email, submission.language, submission=submission, key=key, **context
    )


def _tell(user: User, template: str, **context: Any) -> None:
    """Notify an officer; one who lacks a second factor that their role requires is told only that there is something to
    read."""
    brief = permissions.lacks_second_factor(user)
    send.send_templated_mail(template, user.email, preferred_language(user), brief=brief, **context)
