"""Proposals of visitors, and answers of partners who were asked: submissions by people without an account.

The same style as ``workflow``: keywords only, the answer is a row, `ActionRefused` says why not.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pghistory
from django.contrib.auth.models import User
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.database.contention import retried
from core.history import events_of, own_context
from core.imports.models import ImportBatch

from .. import permissions
from ..choices import Action, ConfirmationAnswer, ConfirmationRoute, Publication, SubmissionKind, SubmissionState
from ..editing import snapshot
from ..editing.actions import ActionRefused, locked, require
from ..mail import notifications, send
from ..mail.signed_links import CONFIRMATION
from ..models import (
    Agreement,
    Comment,
    Confirmation,
    Country,
    Organisation,
    OutgoingMail,
    Party,
    Submission,
    Territory,
    Town,
)
from ..people.invitations import account_of, display_name

ANSWERED_WITHIN = datetime.timedelta(days=30)
"""Time that a partner has to answer."""
LIST = "list"
"""The kind of a subject that is no record but the page of a list; its reference is the name of that page's URL."""
PARTNER, THROUGH_OFFICER = "partner", "through-officer"
"""The roles in which who confirms stands in the history: a partner, or whoever an officer gave the link to."""


@dataclass(frozen=True)
class Subject:
    """Subject of a proposal: the kind of record (a model's name), its reference or code, its name, and the codes of the
    territories whose officers may write it; without any, administrators decide."""

    kind: str
    reference: str
    title: str
    territories: list[str] = field(default_factory=list)
    agreement: Agreement | None = None


def subject_url(kind: str, code: str) -> str:
    """The address of what a proposal is about: of a record by its reference, which leads on to its own address."""
    if kind == LIST:
        return reverse(code)
    return reverse(kind, args=[code.lower() if kind == "country" else code])


def subject_of(record: models.Model) -> Subject:
    """A record of this app as the subject of a proposal."""
    kind, title = str(record._meta.model_name), str(record)[:500]
    match record:
        case Agreement() | Town() | Organisation():
            agreement = record if isinstance(record, Agreement) else None
            concerned = sorted(permissions.territories_concerned(record))
            return Subject(kind, record.reference, title, concerned, agreement)
        case Territory():
            return Subject(kind, record.pk, title, [record.pk])
        case Country():
            return Subject(kind, record.pk, title)
    raise TypeError(f"Nobody proposes anything about a {kind}.")


# Visitors


def propose(*, subject: Subject, text: str, name: str = "", email: str = "", language: str = "en") -> Submission:
    """Submit a proposal about what is wrong or missing; it waits for the officers concerned."""
    return _hand_in(SubmissionKind.PROPOSAL, subject, text, name, email, language)


def note(*, by: User, agreement: Agreement, text: str = "") -> Submission:
    """Submit an officer's note, made while verifying, that something is wrong, to be corrected later by any officer."""
    require(permissions.may_write(by, agreement))
    subject = subject_of(agreement)
    submission = _submission(
        SubmissionKind.PROPOSAL,
        subject,
        text.strip() or _("Something is wrong here."),
        author=by,
        author_name=display_name(by),
        language=notifications.preferred_language(by),
    )
    notifications.submitted(submission)
    return submission


def reply(*, submission: Submission, text: str) -> Comment:
    """Add a comment by the author of a proposal, on the page that only they know."""
    if submission.state != SubmissionState.OPEN:
        raise ActionRefused(_("This was decided already: %(state)s.") % {"state": submission.get_state_display()})
    if not text.strip():
        raise ActionRefused(_("The comment is empty."))
    said = Comment.objects.create(submission=submission, author=None, text=text.strip())
    notifications.commented(said)
    return said


def _hand_in(kind: str, subject: Subject, text: str, name: str, email: str, language: str) -> Submission:
    if not text.strip():
        raise ActionRefused(_("Say what is wrong or missing."))
    with transaction.atomic():
        submission = _submission(
            kind, subject, text.strip(), author_name=name.strip(), author_email=email.strip(), language=language
        )
        notifications.submitted(submission)
        notifications.received(submission)
    return submission


def _submission(kind: str, subject: Subject, text: str, **columns: object) -> Submission:
    return Submission.objects.create(
        kind=kind,
        agreement=subject.agreement,
        subject_kind=subject.kind,
        subject=subject.reference,
        subject_title=subject.title,
        territories=subject.territories,
        text=text,
        **columns,
    )


# Partners


def ask(*, by: User, party: Party, email: str = "", language: str = "en") -> Confirmation:
    """Ask a party whether an agreement is as told, as it is now. Without an address the officer hands the link on.

    The answer is the party's own where the site mails the link to an address of theirs (`belongs`), and to nobody else.
    An earlier question that this party has not answered is answered by the new link only.
    """
    agreement = party.agreement
    require(permissions.may_publish(by, agreement))
    if agreement.publication != Publication.PUBLISHED:
        raise ActionRefused(_("Only what is published can be confirmed."))
    with transaction.atomic():
        now = timezone.now()
        earlier = Confirmation.objects.filter(party=party, answer="", expires_at__gt=now)
        OutgoingMail.objects.filter(confirmation__in=earlier).delete()
        earlier.update(expires_at=now, email="")
        confirmation = Confirmation.objects.create(
            party=party,
            email=email.strip(),
            route=ConfirmationRoute.PARTNER if belongs(email.strip(), party, by) else ConfirmationRoute.OFFICER,
            language=language,
            fingerprint=snapshot.content_fingerprint(snapshot.read_content(agreement)),
            asked_by=by,
            expires_at=now + ANSWERED_WITHIN,
        )
        send.send_templated_mail(
            "confirmation",
            confirmation.email,
            language,
            about=confirmation,
            agreement=str(agreement),
            party=str(party),
            own=is_own(confirmation),
            asked_by=display_name(by),
            key=CONFIRMATION.key(confirmation.pk),
            expires=timezone.localdate(confirmation.expires_at),
        )
    return confirmation


def belongs(email: str, party: Party, by: User | None) -> bool:
    """True if an address is one of the party's own: at its website's domain, which was recorded here without the
    asker's doing.

    That of a person who may change the agreement here is not: they would answer themselves.
    """
    actor = party.actor
    host = (urlsplit(actor.website).hostname or "").removeprefix("www.")
    if "." not in host or not _is_at(host, email):
        return False
    person = account_of(email)
    if person is not None and permissions.may_write(person, party.agreement):
        return False
    if by is None:
        return True
    # Mail to an asker's own house reaches them, under whatever name (`asker+town@…`).
    return not _is_at(host, by.email) and not _is_set_beside(by, actor)


def _is_at(host: str, email: str) -> bool:
    """True if an address is in the domain of a host, or below it."""
    domain = email.rpartition("@")[2].lower()
    return domain == host or domain.endswith(f".{host}")


def _is_set_beside(by: User, actor: Town | Organisation) -> bool:
    """True if a record's website was set by the user, or by somebody who writes for the same territories."""
    setter = _setter(actor)
    if setter is None or setter.pk == by.pk:
        return setter is not None
    own, others = (permissions.territories_of(user) for user in (by, setter))
    return not permissions.is_administrator(setter) and not own.isdisjoint(others)


def _setter(actor: Town | Organisation) -> User | None:
    """User who set a record's current website, by hand or by a file; None where the site itself did."""
    said: dict[str, Any] = {}
    events = events_of(type(actor)).filter(pgh_obj=actor.pk).order_by("-pgh_id")
    for website, metadata in events.values_list("website", "pgh_context__metadata"):
        if website != actor.website:
            break
        said = metadata or {}
    key = said.get("user")
    if batch := said.get("batch"):
        key = ImportBatch.objects.filter(reference=batch).values_list("user", flat=True).first()
    return User.objects.filter(pk=key).first() if key else None


def is_own(confirmation: Confirmation) -> bool:
    """True if an answer given now is the party's own: the party or its website may have changed since the question."""
    return confirmation.route == ConfirmationRoute.PARTNER and belongs(
        confirmation.email, confirmation.party, confirmation.asked_by
    )


def is_open(confirmation: Confirmation) -> bool:
    """True if the confirmation can still be answered."""
    agreement = confirmation.party.agreement
    return (
        not confirmation.answer
        and confirmation.expires_at > timezone.now()
        and agreement.publication == Publication.PUBLISHED
    )


@retried
def answer(
    *, confirmation: Confirmation, answer: str, version: str, text: str = "", email: str = ""
) -> Submission | None:
    """A partner answers for the version of the agreement that was shown, `version` being its fingerprint.

    Yes marks the agreement as confirmed by both sides, and verified; no and a correction wait for the officers, and are
    given back. The address that the question was sent to is erased.
    """
    with transaction.atomic():
        agreement = locked(confirmation.party.agreement)
        confirmation = Confirmation.objects.select_for_update(no_key=True).get(pk=confirmation.pk)
        if not is_open(confirmation):
            raise ActionRefused(_("This question can no longer be answered."))
        if version != snapshot.content_fingerprint(snapshot.read_content(agreement)):
            raise ActionRefused(
                _(
                    "The agreement was changed while you were reading. This is the present version:"
                    " please check it again."
                )
            )
        if answer == ConfirmationAnswer.CORRECTION and not text.strip():
            raise ActionRefused(_("Say what is to be corrected."))
        if not is_own(confirmation):
            confirmation.route = ConfirmationRoute.OFFICER
        confirmation.answer, confirmation.answered_at = answer, timezone.now()
        confirmation.fingerprint, confirmation.email = version, ""
        confirmation.save(update_fields=["answer", "answered_at", "fingerprint", "email", "route"])
        confirmation.mails.all().delete()
        own = confirmation.route == ConfirmationRoute.PARTNER
        if answer == ConfirmationAnswer.YES:
            action, role = (Action.CONFIRM, PARTNER) if own else (Action.CONFIRM_THROUGH_OFFICER, THROUGH_OFFICER)
            with own_context(action=action, role=role, party=str(confirmation.party)):
                if agreement.verified_on == timezone.localdate():  # the history is to tell of it all the same
                    pghistory.create_event(agreement, label="update")
                agreement.verified_on = timezone.localdate()
                agreement.save(update_fields=["verified_on"])
            return None
        said = text.strip() or _("There is no such agreement.")
        author = str(confirmation.party)
        if not own:
            author = _("a link that the officer who asked handed on (to: %(party)s)") % {"party": author}
        subject = subject_of(agreement)
        return _hand_in(SubmissionKind.CORRECTION, subject, said, author[:200], email, confirmation.language)


@dataclass(frozen=True)
class Mark:
    """An agreement was confirmed; `current` while it has not been changed since. `by_partner` where the link was mailed
    to an address of the partner, and not handed on by the officer who asked."""

    day: datetime.date
    party: Party
    current: bool
    by_partner: bool


def marks_of(keys: Collection[int]) -> dict[int, Mark]:
    """The confirmation of each of some agreements, by primary key, that says most: one of the agreement as it is now,
    of the partner's own, the last."""
    said = Confirmation.objects.filter(party__agreement__in=keys, answer=ConfirmationAnswer.YES)
    said = said.select_related("party__town", "party__organisation")
    if not said:
        return {}
    now = snapshot.read_many({one.party.agreement_id for one in said})
    versions = {key: snapshot.content_fingerprint(content) for key, content in now.items()}
    found: dict[int, tuple[tuple[bool, bool, datetime.datetime], Party]] = {}
    for one in said:
        key = one.party.agreement_id
        if one.answered_at is None:  # the database refuses such an answer
            continue
        weight = (one.fingerprint == versions[key], one.route == ConfirmationRoute.PARTNER, one.answered_at)
        if key not in found or found[key][0] < weight:
            found[key] = weight, one.party
    return {
        key: Mark(timezone.localdate(moment), party, current, by_partner)
        for key, ((current, by_partner, moment), party) in found.items()
    }


def confirmed_now(keys: Collection[int]) -> dict[int, Mark]:
    """The confirmations of those agreements alone that are confirmed as they are now."""
    return {key: mark for key, mark in marks_of(keys).items() if mark.current}
