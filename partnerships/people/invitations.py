"""Invitations, mandates and the closing of accounts.

Like ``workflow``: keywords only, `by` being who acts; each function asks ``permissions`` and works in one transaction,
and the history keeps what changed a mandate. What cannot be is `ActionRefused`, with words.
"""

import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.utils import generate_unique_username
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from pghistory.models import Context

from core.database.contention import lock_rows, retried
from core.history import events_of

from .. import permissions
from ..choices import Action, MandateRole, SubmissionState, TokenEnd
from ..editing.actions import ActionRefused, acting
from ..mail import outbox, send
from ..mail.signed_links import INVITATION
from ..models import Comment, FormDraft, Invitation, Mandate, OutgoingMail, Preference, Submission, Territory
from . import tokens

VALID_FOR = datetime.timedelta(days=14)
"""Time for which an invitation can be accepted."""


def display_name(user: User) -> str:
    """Name of a person on the pages of those who are signed in."""
    return user.get_full_name() or user.get_username()


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


# Invitations


def invite(
    *, by: User, email: str, territory: Territory | None, role: str = MandateRole.CONTRIBUTOR, language: str = "en"
) -> Invitation:
    """Ask somebody by mail to become an officer of a territory; without one, an administrator.

    Who was asked the same already is sent the same link again.
    """
    _require(permissions.may_invite(by, territory))
    email = email.strip().lower()
    person = account_of(email)
    if person is not None and _has(person, territory, role):
        raise ActionRefused(_("%(email)s has this role already.") % {"email": email})
    with transaction.atomic():
        invitation, _made = Invitation.objects.update_or_create(
            email=email,
            territory=territory,
            role=role,
            accepted_at=None,
            defaults={"language": language, "invited_by": by, "expires_at": timezone.now() + VALID_FOR},
        )
        _send(invitation)
    return invitation


def _has(person: User, territory: Territory | None, role: str) -> bool:
    if territory is None:
        return person.is_active and person.is_superuser
    return permissions.mandates_held_by(person).filter(territory=territory, role=role).exists()


def resend(*, by: User, invitation: Invitation) -> Invitation:
    """Send an invitation again, with a new term."""
    _require(permissions.may_invite(by, invitation.territory))
    with transaction.atomic():
        invitation = _waiting(invitation)
        invitation.expires_at, invitation.invited_by = timezone.now() + VALID_FOR, by
        invitation.save(update_fields=["expires_at", "invited_by"])
        _send(invitation)
    return invitation


def _send(invitation: Invitation) -> None:
    outbox.waiting().filter(invitation=invitation).delete()  # this one takes its place
    send.send_templated_mail(
        "invitation",
        invitation.email,
        invitation.language,
        about=invitation,
        invitation=invitation,
        inviter=display_name(invitation.invited_by) if invitation.invited_by else "",
        key=INVITATION.key(invitation.pk),
    )


def revoke_invitation(*, by: User, invitation: Invitation) -> None:
    """Revoke an invitation: its link does not work any more."""
    _require(permissions.may_invite(by, invitation.territory))
    with transaction.atomic():
        _waiting(invitation).delete()


def _waiting(invitation: Invitation) -> Invitation:
    """An invitation as it is now, not accepted yet; whoever accepts it waits until the transaction ends."""
    found = Invitation.objects.select_for_update(of=("self",)).filter(pk=invitation.pk).first()
    if found is None:
        raise ActionRefused(_("This invitation was revoked already."))
    if found.accepted_at:
        raise ActionRefused(_("This invitation was accepted already."))
    return found


def invitation_of(key: str) -> Invitation | None:
    """The invitation that a link leads to, while it can be accepted."""
    number = INVITATION.number(key)
    if number is None:
        return None
    waiting = Invitation.objects.filter(pk=number, accepted_at=None, expires_at__gt=timezone.now())
    invitation = waiting.select_related("territory", "invited_by").first()
    return invitation if invitation is not None and _stands(invitation) else None


def _stands(invitation: Invitation) -> bool:
    """True if the sender of an invitation may still give what it offers."""
    return invitation.invited_by is not None and permissions.may_invite(invitation.invited_by, invitation.territory)


def account_of(email: str) -> User | None:
    """The account that an address belongs to."""
    confirmed = EmailAddress.objects.filter(email=email.lower(), verified=True).values("user")
    return User.objects.filter(Q(pk__in=confirmed) | Q(email__iexact=email)).order_by("pk").first()


def accept(*, invitation: Invitation, first_name: str = "", last_name: str = "", password: str = "") -> User:
    """Accept an invitation: the holder of the link gets the mandate, with the account of that address, or a new one
    under a name and a password. The address counts as confirmed, for the link was sent there.

    Raises ``ValidationError`` for a password that is too weak.
    """
    with transaction.atomic():
        # All invitations of the address, so that two that are accepted at the same time make one account.
        same = Invitation.objects.select_for_update(of=("self",)).filter(email=invitation.email).order_by("pk")
        locked = next((one for one in same if one.pk == invitation.pk), None)
        if locked is None or locked.accepted_at or locked.expires_at <= timezone.now() or not _stands(locked):
            raise ActionRefused(_("This invitation is not valid any more. Ask for another one."))
        invitation = locked
        person = account_of(invitation.email)
        if person is None:
            person = _new_account(invitation, first_name, last_name, password)
        elif not person.is_active:
            raise ActionRefused(_("The account of this address is closed."))
        _confirm(person, invitation.email)
        with acting(person, Action.ACCEPT_INVITATION):
            _appoint(person, invitation)
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
    return person


def _new_account(invitation: Invitation, first_name: str, last_name: str, password: str) -> User:
    person = User(email=invitation.email, first_name=first_name.strip(), last_name=last_name.strip())
    validate_password(password, person)
    person.username = generate_unique_username([f"{first_name} {last_name}", invitation.email])
    person.set_password(password)
    person.save()
    Preference.objects.create(user=person, language=invitation.language)
    return person


def _confirm(person: User, email: str) -> None:
    if EmailAddress.objects.filter(user=person, verified=True).exists():
        return
    EmailAddress.objects.update_or_create(user=person, email=email, defaults={"verified": True, "primary": True})


def _appoint(person: User, invitation: Invitation) -> None:
    if invitation.territory is None:
        person.is_staff = person.is_superuser = True
        person.save(update_fields=["is_staff", "is_superuser"])
        return
    mandate, made = Mandate.objects.get_or_create(
        user=person,
        territory=invitation.territory,
        role=invitation.role,
        defaults={"since": timezone.localdate()},
    )
    if not made:  # it had ended
        _renew(mandate)


def _renew(mandate: Mandate, since: datetime.date | None = None, until: datetime.date | None = None) -> None:
    """Restart a mandate that had ended, today at the earliest; the history keeps when it ran before."""
    tokens.end(mandate.api_tokens.all(), TokenEnd.MANDATE)
    today = timezone.localdate()
    mandate.since, mandate.until = max(since or today, today), until
    mandate.save(update_fields=["since", "until"])


# Mandates and accounts


def end_mandate(*, by: User, mandate: Mandate) -> None:
    """End a mandate today. One that has not run for a day is as if it had never been, but in the history."""
    _require(permissions.may_invite(by, mandate.territory))
    with acting(by, Action.END_MANDATE):
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        if mandate.since and mandate.since > yesterday:
            mandate.delete()
        else:
            mandate.until = yesterday
            mandate.save(update_fields=["until"])
            tokens.end(mandate.api_tokens.all(), TokenEnd.MANDATE)


@retried
def move_officer(*, by: User, officer: User, to: User) -> None:
    """Transfer an officer's work and close their account: their mandates, begun forms and open submissions go to
    another.

    Of a form that both have begun, the successor's stays.
    """
    _require(permissions.is_administrator(by))
    if officer == to:
        raise ActionRefused(_("Choose somebody else."))
    if not to.is_active:
        raise ActionRefused(_("The account of the successor is closed."))
    with transaction.atomic():
        with acting(by, Action.MOVE_OFFICER):
            begun = FormDraft.objects.filter(user=to, agreement__isnull=False).values("agreement")
            forms = FormDraft.objects.filter(user=officer).exclude(agreement__in=begun)
            mandates = permissions.mandates_managed_by(by).filter(user=officer)
            waiting = Submission.objects.filter(author=officer, state=SubmissionState.OPEN)
            for rows in (forms, mandates, waiting):
                lock_rows(rows.model, rows.order_by().values_list("pk", flat=True))
            for mandate in mandates:
                _hand_over(mandate, to)
            forms.update(user=to)
            waiting.update(author=to, author_name=display_name(to))
        close_account(by=by, account=officer)


def _hand_over(mandate: Mandate, to: User) -> None:
    tokens.end(mandate.api_tokens.all(), TokenEnd.MANDATE)
    same = Mandate.objects.filter(user=to, territory=mandate.territory, role=mandate.role).first()
    if same is None:
        mandate.user = to
        mandate.save(update_fields=["user"])
    elif same.is_over:
        _renew(same, mandate.since, mandate.until)
    elif same.until and (mandate.until is None or mandate.until > same.until):
        same.until = mandate.until
        same.save(update_fields=["until"])


@retried
def close_account(*, by: User, account: User) -> None:
    """Close an account for good: one's own, or as administrator another's.

    Of who leaves, what they did in the directory stays with their name, as text. Who deletes their own account is not
    named any more.
    """
    own = by == account
    _require(own or permissions.is_administrator(by))
    others = User.objects.filter(is_active=True, is_superuser=True).exclude(pk=account.pk)
    if account.is_active and account.is_superuser and not others.exists():
        raise ActionRefused(_("This is the last administrator: appoint another one first."))
    number, name = account.pk, display_name(account)
    addresses = [account.email, *EmailAddress.objects.filter(user=account).values_list("email", flat=True)]
    with transaction.atomic():
        if own:
            written = Submission.objects.filter(author=account)
            lock_rows(Submission, written.order_by().values_list("pk", flat=True))
            written.update(author_name="", author_email="")
        Invitation.objects.filter(email__in=[address.lower() for address in addresses if address]).delete()
        outbox.erase_mails_to(addresses)
        with acting(by, Action.CLOSE_ACCOUNT):
            account.delete()
        # After what the deleting itself has written down.
        if own:
            _forget(number)
        else:
            _name(number, name)


def _name(number: int, name: str) -> None:
    """Write an account's name into the history of its actions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pghistory_context SET metadata = metadata || jsonb_build_object('user_name', %s::text)"
            " WHERE metadata -> 'user' = to_jsonb(%s)",
            [name, number],
        )


def _forget(number: int) -> None:
    """Anonymise the history of an account: its actions lose their author; the history of its mandates is deleted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pghistory_context SET metadata = metadata - 'user' - 'user_name'"
            " WHERE metadata -> 'user' = to_jsonb(%s)",
            [number],
        )
    events_of(Mandate).filter(user_id=number).delete()


def prefer(*, by: User, first_name: str, last_name: str, language: str, digest: bool) -> None:
    """Save one's own name and mail preferences."""
    with transaction.atomic():
        by.first_name, by.last_name = first_name.strip(), last_name.strip()
        by.save(update_fields=["first_name", "last_name"])
        Preference.objects.update_or_create(user=by, defaults={"language": language, "digest": digest})


def own_data(user: User) -> dict[str, Any]:
    """Personal data export: all that the site knows of somebody, for themselves; secrets are left out."""
    preference = Preference.objects.filter(user=user).first()
    return {
        "account": {
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "joined": user.date_joined,
            "last_login": user.last_login,
            "administrator": user.is_superuser,
        },
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "second_factors": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "providers": list(
            SocialAccount.objects.filter(user=user).values("provider", "uid", "extra_data", "date_joined", "last_login")
        ),
        "preferences": {"language": preference.language, "digest": preference.digest} if preference else {},
        "mandates": list(user.mandates.values("territory", "role", "since", "until")),
        "api_tokens": list(
            user.api_tokens.values("name", "hint", "made_at", "expires_on", "used_on", "revoked_at", "ended_by")
        ),
        "invitations_sent": list(user.invitations.values("email", "territory", "role", "created_at", "accepted_at")),
        "invitations_received": list(
            Invitation.objects.filter(email__iexact=user.email).values("territory", "role", "created_at", "accepted_at")
        ),
        "form_drafts": list(user.form_drafts.values("agreement", "data", "saved_at")),
        "submissions": list(
            user.submissions.values("kind", "state", "subject", "subject_title", "text", "content", "created_at")
        ),
        "mails": list(
            OutgoingMail.objects.filter(to__iexact=user.email).values(
                "kind", "subject", "state", "created_at", "ended_at"
            )
        ),
        "comments": list(Comment.objects.filter(author=user).values("submission", "text", "created_at")),
        "actions": [
            {"at": at, **{key: value for key, value in metadata.items() if key != "user"}}
            for at, metadata in Context.objects.filter(metadata__user=user.pk)
            .order_by("created_at")
            .values_list("created_at", "metadata")
        ],
    }
