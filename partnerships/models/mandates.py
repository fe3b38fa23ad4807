"""Mandates: the rights of officers to write in territories."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import choice_constraint
from core.history import tracked

from ..choices import MandateRole
from .places import Territory


@tracked
class Mandate(models.Model):
    """The right of an officer to write in a territory and in all that lies inside it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mandates", verbose_name=_("officer")
    )
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("territory")
    )
    role = models.CharField(_("role"), max_length=12, choices=MandateRole, default=MandateRole.CONTRIBUTOR)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["territory", "user"]
        constraints = [
            *choice_constraint("mandate", role=MandateRole),
            models.UniqueConstraint(fields=["user", "territory", "role"], name="mandate_once"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="mandate_since_before_until",
                violation_error_message=_("The mandate ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.territory}"

    @property
    def is_over(self) -> bool:
        """True if its last day is before today."""
        return self.until is not None and self.until < timezone.localdate()
