"""Mail that the site sends: plain text, in the language of whom it is for, by way of the outbox.

A mail is a template of ``templates/mail/``: its first line is “Subject: …”, then an empty line, then the text, which
is sent as it stands. It is rendered in the language of the recipient, so ``{{ site }}{% url … %}`` in a template is an
address in that language too; the foot that every mail has is ``mail/foot.txt``.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.context import make_context
from django.template.loader import get_template
from django.utils import translation

from ..models import Confirmation, Invitation, OutgoingMail, Preference
from . import outbox

_LANGUAGE_CODES = frozenset(code for code, name in settings.LANGUAGES)

HEADERS = {"Auto-Submitted": "auto-generated"}
"""Headers of every mail. RFC 3834: nobody's absence note answers."""


def send_templated_mail(
    template: str,
    to: str,
    language: str,
    *,
    about: Invitation | Confirmation | Preference | None = None,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> OutgoingMail | None:
    """Queue the mail ``mail/<template>.txt`` to an address, in a language, to be sent once the transaction is
    committed.

    `about` is the row that the link in it belongs to. Without an address nothing is sent.
    """
    if not to:
        return None
    message = compose(template, to, language, headers=headers, **context)
    subject = {str(about._meta.model_name): about} if about else {}
    return outbox.queue(message, template, language, **subject)


def compose(
    template: str, to: str, language: str, *, headers: Mapping[str, str] | None = None, **context: object
) -> EmailMessage:
    """The mail that `send_templated_mail` writes down."""
    with translation.override(language if language in _LANGUAGE_CODES else settings.LANGUAGE_CODE):
        values = {"site": settings.SITE_URL, **context}
        subject, _, body = _rendered(f"mail/{template}.txt", values).partition("\n")
        foot = _rendered("mail/foot.txt", values)
    return EmailMessage(
        subject=subject.removeprefix("Subject:").strip(),
        body=f"{body.strip()}\n\n-- \n{foot.strip()}\n",
        to=[to],
        headers={**HEADERS, **(headers or {})},
    )


def _rendered(name: str, values: Mapping[str, object]) -> str:
    """A template as plain text: nothing is escaped as in a page."""
    template: Any = get_template(name)
    text: str = template.template.render(make_context(dict(values), autoescape=False))
    return text.strip()
