"""The digest: what an officer has to do, by mail, once a week at most and only when there is something."""

import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from core.addresses import absolute

from .. import permissions
from ..mail import outbox, send
from ..mail.signed_links import DIGEST
from ..models import Preference
from ..people.invitations import display_name
from .todo import RECENT, Duties, Listed, glance

EVERY = datetime.timedelta(days=7)
_SCHEDULE_SLACK = datetime.timedelta(hours=6)
"""A job that runs every week at the same hour does not run to the minute."""
_NAMED_PER_LIST = 5
"""Entries that a digest names of each list."""


def recipients() -> list[User]:
    """Everybody with an address and a mandate that runs, in a fixed order."""
    people = User.objects.filter(is_active=True, mandates__isnull=False).exclude(email="").distinct().order_by("pk")
    return [user for user in people if permissions.mandates_of(user).exists()]


def send_digest(*, to: User, now: datetime.datetime | None = None) -> bool:
    """Have the digest sent to an officer, if it is due and there is something to tell. Returns whether it will be.

    It is due from a week after the last one that was delivered (``outbox`` notes that), unless one still waits.
    """
    now = now or timezone.now()
    Preference.objects.get_or_create(user=to)
    with transaction.atomic():
        # Two jobs at the same time send one digest.
        preference = Preference.objects.select_for_update(skip_locked=True).filter(user=to, digest=True).first()
        if preference is None or (preference.digest_at and preference.digest_at > now - EVERY + _SCHEDULE_SLACK):
            return False
        if outbox.waiting().filter(preference=preference).exists():
            return False
        lists = lists_of(to, since=preference.digest_at or now - RECENT)
        if not any(listed.number for listed in lists.values()):
            return False
        with translation.override(preference.language):
            address = absolute(reverse("digest_stop", args=[DIGEST.key(to.pk)]))
        send.send_templated_mail(
            "digest",
            to.email,
            preference.language,
            about=preference,
            headers={
                # RFC 2369, and RFC 8058 for one click in the mail program
                "List-Unsubscribe": f"<{address}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            unsubscribe=address,
            name=display_name(to),
            **lists,
        )
    return True


def lists_of(user: User, since: datetime.datetime) -> dict[str, Listed]:
    """Lists of the digest: to decide, to verify, about to expire, changed by others."""
    duties = Duties(user, since=since)
    return {
        "to_decide": glance(duties.to_decide, _NAMED_PER_LIST),
        "to_verify": glance(duties.to_verify, _NAMED_PER_LIST),
        "expiring": glance(duties.expiring, _NAMED_PER_LIST),
        "changed": glance(duties.changed, _NAMED_PER_LIST),
    }


def owner(key: str) -> User | None:
    """The officer whose digest a key ends; None where we did not make the key."""
    number = DIGEST.number(key)
    return User.objects.filter(pk=number).first() if number else None


def stop_digests(key: str) -> User | None:
    """Unsubscribe the officer from digests, by their key."""
    user = owner(key)
    if user is not None:
        Preference.objects.update_or_create(user=user, defaults={"digest": False})
    return user
