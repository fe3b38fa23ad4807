"""What has served is erased: contacts, addresses of those who were asked or who proposed, forms that were not sent, and
to whom mails went."""

import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.database.contention import lock_rows, retried

from ..mail.outbox import KEPT as KEPT_MAILS
from ..models import Confirmation, Contact, FormDraft, Invitation, OutgoingMail, Submission

KEPT_AFTER_DECISION = datetime.timedelta(days=365)
"""How long it is known who proposed something, once it is decided: twelve months, for questions."""

KEPT_UNSENT = datetime.timedelta(days=90)
"""How long a form that was begun is kept after its last change."""


def due(now: datetime.datetime | None = None) -> dict[str, QuerySet]:
    """What is to be erased, by what it is."""
    now = now or timezone.now()
    personal = Submission.objects.filter(author=None).exclude(author_name="", author_email="")
    return {
        "contacts": Contact.objects.filter(purge_on__lte=timezone.localdate(now)),
        "confirmations": Confirmation.objects.filter(Q(expires_at__lte=now) | ~Q(answer="")).exclude(email=""),
        "proposals": personal.filter(decided_at__lte=now - KEPT_AFTER_DECISION),
        "invitations": Invitation.objects.filter(expires_at__lte=now),
        "forms": FormDraft.objects.filter(saved_at__lte=now - KEPT_UNSENT),
        "mails": OutgoingMail.objects.filter(ended_at__lte=now - KEPT_MAILS),
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


__all__ = ["KEPT_AFTER_DECISION", "KEPT_UNSENT", "due", "purge"]
