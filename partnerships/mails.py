"""Mail that the site sends: plain text, in the language of whom it is for, once what it tells of has been committed.

A mail is a template of ``templates/mail/``: its first line is “Subject: …”, then an empty line, then the text, which
is sent as it stands. It is rendered in the language of the recipient, so ``{{ site }}{% url … %}`` in a template is an
address in that language too; the foot that every mail has is ``mail/foot.txt``.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.context import make_context
from django.template.loader import get_template
from django.utils import translation

logger = logging.getLogger("coopdir.mails")

LANGUAGES = frozenset(code for code, name in settings.LANGUAGES)


def link(path: str) -> str:
    """The whole address of a page of the site. The path says its language, if it has one: reverse it in that of the
    recipient, or in the template."""
    return settings.SITE_URL + path


def send(template: str, to: str, language: str, *, headers: Mapping[str, str] | None = None, **context: Any) -> None:
    """Send ``mail/<template>.txt`` to an address, in a language, after the transaction has been committed.

    Nobody's page fails for a mail: what cannot be sent is logged. Without an address nothing is sent.
    """
    if not to:
        return
    message = compose(template, to, language, headers=headers, **context)
    transaction.on_commit(lambda: _deliver(message, template), robust=True)


def compose(
    template: str, to: str, language: str, *, headers: Mapping[str, str] | None = None, **context: Any
) -> EmailMessage:
    """The mail that `send` would send."""
    with translation.override(language if language in LANGUAGES else settings.LANGUAGE_CODE):
        values = {"site": settings.SITE_URL, **context}
        subject, _, body = _rendered(f"mail/{template}.txt", values).partition("\n")
        foot = _rendered("mail/foot.txt", values)
    return EmailMessage(
        subject=subject.removeprefix("Subject:").strip(),
        body=f"{body.strip()}\n\n-- \n{foot.strip()}\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated", **(headers or {})},  # RFC 3834: nobody's absence note answers
    )


def _rendered(name: str, values: Mapping[str, Any]) -> str:
    """A template as plain text: nothing is escaped as in a page."""
    return get_template(name).template.render(make_context(dict(values), autoescape=False)).strip()


def _deliver(message: EmailMessage, template: str) -> None:
    try:
        message.send()
    except Exception:  # a mail server fails in many ways, and none is the reader's concern
        logger.exception("The mail “%s” could not be sent.", template)


__all__ = ["compose", "link", "send"]
