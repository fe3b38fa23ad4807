"""The outbox: mails are rows, written in the transaction that they tell of, and sent by the background worker.

**What is promised.** A mail whose transaction is rolled back was never there; one that is committed is sent, or the
administration shows why not. No two processes send the same one: who sends it holds it for `LEASE`. A process that dies
between the mail server's “taken” and the commit of that leaves a mail that is sent a second time, with the same
Message-ID: at least once is what SMTP allows (RFC 5321, 4.5.4.1 and 6.1).

**When a try fails.** A mail server that cannot be reached, or takes no login, is nobody's mail's fault: all wait for a
minute. A mail that was refused for now, or in the middle of which the connection ended, waits longer after each try
(`WAITS`). After `GIVEN_UP_AFTER`, or once its recipient or its text is refused for good, it is given up.
"""

import datetime
import logging
import smtplib
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..choices import MailState
from ..models import OutgoingMail, Preference

logger = logging.getLogger("coopdir.mails")

_MINUTE, _HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
WAITS = (_MINUTE, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 12 * _HOUR)
"""Until the next try, after each that failed; the last of them from then on."""

GIVEN_UP_AFTER = datetime.timedelta(days=3)
"""Age at which a mail is given up, from when it was written. Links in mails that set a password are no older when they
come."""

LEASE = datetime.timedelta(minutes=10)
"""Time for which one mail belongs to the process that sends it: more than all waits of a dialogue (`EMAIL_TIMEOUT`)."""

MAIL_RETENTION = datetime.timedelta(days=30)
"""Retention of an ended mail's recipient and kind."""

LONGEST_ERROR = 500


def queue(message: EmailMessage, kind: str, language: str, **about: object) -> OutgoingMail:
    """Queue a mail to one recipient, to be sent once the transaction is committed.

    `about` names the row whose link it carries: `invitation`, `confirmation` or `preference`.
    """
    (to,) = message.to
    return OutgoingMail.objects.create(
        kind=kind,
        to=to,
        language=language,
        subject=" ".join(message.subject.split()),
        body=str(message.body),
        headers=dict(message.extra_headers),
        **about,
    )


def waiting() -> QuerySet[OutgoingMail]:
    """Mails that are neither sent nor given up."""
    return OutgoingMail.objects.filter(state=MailState.WAITING)


def oldest_waiting() -> datetime.datetime | None:
    """Time at which the oldest waiting mail was written; None where none waits."""
    return waiting().order_by("created_at").values_list("created_at", flat=True).first()


def due() -> QuerySet[OutgoingMail]:
    """Mails that are to be sent now."""
    return waiting().filter(next_try__lte=timezone.now())


def erase_mails_to(addresses: Iterable[str]) -> int:
    """Delete all mails to somebody, sent or waiting. Returns their number."""
    wanted = Q()
    for address in filter(None, addresses):
        wanted |= Q(to__iexact=address)
    return OutgoingMail.objects.filter(wanted).delete()[0] if wanted else 0


def try_again(mails: QuerySet[OutgoingMail]) -> int:
    """Send what waits now instead of later. Returns how many these are; of what was given up there is no text left."""
    return mails.filter(state=MailState.WAITING).update(next_try=timezone.now())


def send_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Send what is due, until nothing is or `stopped` says so. Returns how many mails the server has taken."""
    sent = 0
    if not due().exists():
        return sent
    connection = get_connection(fail_silently=False)
    try:
        while not stopped():
            try:
                connection.open()  # does nothing while it is open
            except Exception as error:  # a mail server fails in many ways
                _unreachable(error)
                break
            mail = _claim()
            if mail is None:
                break
            sent += _try(mail, connection)
    finally:
        _close(connection)
    return sent


def _claim() -> OutgoingMail | None:
    """The next mail that is due, which is this process's for a while."""
    with transaction.atomic():
        mail = due().select_for_update(skip_locked=True).order_by("next_try", "pk").first()
        if mail is not None:
            mail.tries += 1
            mail.next_try = timezone.now() + LEASE
            mail.save(update_fields=["tries", "next_try"])
    return mail


def _try(mail: OutgoingMail, connection: BaseEmailBackend) -> bool:
    try:
        connection.send_messages([_message(mail)])
    except Exception as error:
        _close(connection)  # what state it is in is not known
        _failed(mail, error)
        return False
    _end(mail, MailState.SENT)
    return True


def _message(mail: OutgoingMail) -> EmailMessage:
    host = urlsplit(settings.SITE_URL).hostname
    headers = {**mail.headers, "Message-ID": f"<{mail.message_id}@{host}>"}
    return EmailMessage(subject=mail.subject, body=mail.body, to=[mail.to], headers=headers)


def _close(connection: BaseEmailBackend) -> None:
    with suppress(OSError):  # smtplib's errors are OSErrors, too
        connection.close()


def _failed(mail: OutgoingMail, error: Exception) -> None:
    too_old = mail.created_at <= timezone.now() - GIVEN_UP_AFTER
    if too_old or is_final(error):
        _give_up(mail, error)
        return
    logger.warning("The mail %s (%s) could not be sent: %s", mail.message_id, mail.kind, _error_text(error))
    wait = WAITS[min(mail.tries, len(WAITS)) - 1]
    _held(mail).update(last_error=_error_text(error), next_try=timezone.now() + wait)


def _give_up(mail: OutgoingMail, error: Exception) -> None:
    logger.error("The mail %s (%s) is given up: %s", mail.message_id, mail.kind, _error_text(error))
    _end(mail, MailState.GIVEN_UP, _error_text(error))


def _unreachable(error: Exception) -> None:
    """Defer all mails by a minute, since none can be sent; those that are too old are given up."""
    logger.warning("The mail server cannot be reached: %s", _error_text(error))
    now = timezone.now()
    for mail in due().filter(created_at__lte=now - GIVEN_UP_AFTER):
        _give_up(mail, error)
    due().update(last_error=_error_text(error), next_try=now + _MINUTE)


def _held(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    """The row of a mail, unless it has gone meanwhile or another process has tried it since."""
    return waiting().filter(pk=mail.pk, tries=mail.tries)


@transaction.atomic
def _end(mail: OutgoingMail, state: str, error: str = "") -> None:
    ended = _held(mail).update(
        state=state, ended_at=timezone.now(), next_try=None, body="", headers={}, last_error=error
    )
    if ended and state == MailState.SENT and mail.preference_id:
        # A digest tells what there was when it was written; it counts as told now that it is delivered.
        Preference.objects.filter(pk=mail.preference_id).update(digest_at=mail.created_at)


def answer_of(error: Exception) -> tuple[int, str]:
    """The code and the words by which a mail server refused a mail; 0 where something else went wrong."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        ((code, words),) = error.recipients.values()
    elif isinstance(error, smtplib.SMTPResponseException):
        code, answer = error.smtp_code, error.smtp_error
        words = answer.encode() if isinstance(answer, str) else answer
    else:
        return 0, str(error)
    return code, words.decode(errors="replace") if isinstance(words, bytes) else str(words)


def is_final(error: Exception) -> bool:
    """True if another try can only fail again: the server refuses the recipient or the text for good (5xx), or there is
    no way to write the mail.

    What a server does not allow us to do (5.7.x of RFC 3463, or a missing login) may be mended in its settings or ours.
    """
    if not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        return isinstance(error, ValueError)  # Django's, of an address or a header
    code, words = answer_of(error)
    return 500 <= code < 600 and code not in (530, 535, 538) and not words.startswith("5.7.")


def _error_text(error: Exception) -> str:
    """An error in the words of who made it, for administrators and who had the mail written."""
    code, words = answer_of(error)
    return f"{code or type(error).__name__}: {words}"[:LONGEST_ERROR]
