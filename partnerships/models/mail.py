"""Outbox models: mails that wait to be sent, and those that were sent or given up."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import choice_constraint

from ..choices import MailState
from .editing import Confirmation, Invitation, Preference


class OutgoingMail(models.Model):
    """A mail, written in the transaction that it tells of; ``partnerships.mail.outbox`` sends it.

    `body` and `headers` are emptied when it ends, since its links may log in or set a password. While a process sends
    it, `next_try` lies ahead by `outbox.LEASE`. It goes with the invitation, the question or the preference that it
    carries a link for. Without history: it is erased when it has served.
    """

    kind = models.CharField(_("kind"), max_length=60, help_text=_("Name of the template."))
    to = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=10, default="en", choices=settings.LANGUAGES)
    subject = models.TextField(_("subject"))
    body = models.TextField(_("text"), blank=True)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    message_id = models.UUIDField(
        _("part of the Message-ID"),
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text=_("The same at each try: the log of the mail server names it."),
    )
    state = models.CharField(_("state"), max_length=10, choices=MailState, default=MailState.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try = models.DateTimeField(_("next try"), null=True, blank=True, db_default=Now())
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("written on"), db_default=Now(), editable=False)
    ended_at = models.DateTimeField(_("sent or given up on"), null=True, blank=True)
    invitation = models.ForeignKey(
        Invitation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("invitation"),
    )
    confirmation = models.ForeignKey(
        Confirmation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("confirmation by a partner"),
    )
    preference = models.ForeignKey(
        Preference,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("preference"),
        help_text=_("Of whom it is the digest."),
    )

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails of the outbox")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["next_try"], name="outgoingmail_waiting", condition=Q(state=MailState.WAITING)),
        ]
        constraints = [
            *choice_constraint("outgoingmail", state=MailState),
            models.CheckConstraint(
                condition=Q(state=MailState.WAITING, next_try__isnull=False, ended_at=None)
                | (~Q(state=MailState.WAITING) & Q(next_try=None, ended_at__isnull=False, body="", headers={})),
                name="outgoingmail_ended_is_empty",
                violation_error_message=_("A mail that was sent or given up keeps no text."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.to}"
