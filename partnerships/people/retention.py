"""Retention: erases personal data after use: contacts, addresses of people who were asked or who made proposals, forms
that were not sent, and recipients of mails."""

import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.database.contention import lock_rows, retried

from ..mail.outbox import MAIL_RETENTION
from ..models import Confirmation, Contact, FormDraft, Invitation, OutgoingMail, Submission

KEPT_AFTER_DECISION = datetime.timedelta(days=365)
"""Retention of a proposal's author after the decision: twelve months, for questions."""

KEPT_UNSENT = datetime.timedelta(days=90)
"""Retention of an unsent form after its last change."""


def due(now: datetime.datetime | None = None) -> dict[str, QuerySet]:
    """Querysets of the rows to be erased, by kind."""
    now = now or timezone.now()
    personal = Submission.objects.filter(author=None).exclude(author_name="", author_email="")
    return {
        "contacts": Contact.objects.filter(purge_on__lte=timezone.localdate(now)),
        "confirmations": Confirmation.objects.filter(Q(expires_at__lte=now) | ~Q(answer="")).exclude(email=""),
        "proposals": personal.filter(decided_at__lte=now - KEPT_AFTER_DECISION),
        "invitations": Invitation.objects.filter(expires_at__lte=now),
        "forms": FormDraft.objects.filter(saved_at__lte=now - KEPT_UNSENT),
        "mails": OutgoingMail.objects.filter(ended_at__lte=now - MAIL_RETENTION),
    }


@retried
@transaction.atomic
def purge(now: datetime.datetime | None = None) -> dict[str, int]:
    """Erase it. Returns how much of each."""
    found = due(now)
    for rows in sorted(found.values(), key=lambda rows: rows.model._meta.db_table):
        lock_rows(rows.model, rows.order_by().values_list("pk", flat=True))
    contacts, _by_model = found["contacts"].delete()
    invitations, _by_model = found["invitations"].delete()
    forms, _by_model = found["forms"].delete()
    mails, _by_model = found["mails"].delete()
    OutgoingMail.objects.filter(confirmation__in=found["confirmations"]).delete()
    return {
        "contacts": contacts,
        "confirmations": found["confirmations"].update(email=""),
        "proposals": found["proposals"].update(author_name="", author_email=""),
        "invitations": invitations,
        "forms": forms,
        "mails": mails,
    }
