"""The tokens by which officers' own systems write."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ..choices import TokenEnd
from .mandates import Mandate


class ApiToken(models.Model):
    """API token by which a program writes within one mandate of somebody. The token itself is not kept, only its
    SHA-256.

    Without history: what it wrote is in the history of what it wrote.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("officer")
    )
    mandate = models.ForeignKey(Mandate, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("mandate"))
    name = models.CharField(_("name"), max_length=100, help_text=_("What it is for, such as “Our website”."))
    digest = models.CharField(_("SHA-256 of the token"), max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=16, editable=False)
    made_at = models.DateTimeField(_("made on"), db_default=Now(), editable=False)
    expires_on = models.DateField(_("expires on"))
    used_on = models.DateField(_("last used on"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    ended_by = models.CharField(
        _("ended by"), max_length=10, choices=TokenEnd, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        verbose_name = _("token of the API")
        verbose_name_plural = _("tokens of the API")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ended_by__in=["", *TokenEnd.values]), name="token_ended_by_is_known"),
            models.CheckConstraint(condition=Q(ended_by="") | Q(revoked_at__isnull=False), name="token_ended_on_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
