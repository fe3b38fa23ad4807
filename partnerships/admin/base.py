"""Base of the administration of public records, which are withdrawn, and of lists in two languages."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.options import BaseModelAdmin
from django.db import transaction
from django.db.models import Model, Prefetch, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from core.database.contention import lock_rows
from core.history import own_context
from core.imports.admin import FilesAdmin

from ..choices import Action, Publication
from ..models import Party

RelatedOnly = admin.RelatedOnlyFieldListFilter


class WithReason(ActionForm):
    """Action form with the reason that a withdrawal needs."""

    reason = forms.CharField(
        label=gettext_lazy("Reason (everybody can read that of what was public)"), max_length=500, required=False
    )


class PublicRecordAdmin(FilesAdmin):
    """Base admin of public records: they are withdrawn, never deleted."""

    actions = ("withdraw",)
    action_form = WithReason

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Withdraw the selected %(verbose_name_plural)s"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Take records off the public pages, with a reason; their history and address stay."""
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, _("Say why the records are withdrawn, in the field beside."), messages.ERROR)
            return
        chosen = self.model._default_manager.filter(pk__in=queryset.order_by().values("pk"))
        with transaction.atomic():
            lock_rows(self.model, chosen.values_list("pk", flat=True))
            count = self.take_off(request, chosen.exclude(publication=Publication.WITHDRAWN), reason)
        message = ngettext("%s record was withdrawn.", "%s records were withdrawn.", count) % count
        self.message_user(request, message, messages.SUCCESS)

    def take_off(self, request: HttpRequest, chosen: QuerySet, reason: str) -> int:
        """Withdraw records; returns how many."""
        with own_context(action=Action.WITHDRAW, reason=reason):
            return chosen.update(publication=Publication.WITHDRAWN)


class NamedInLanguages(BaseModelAdmin[Any]):
    """Mixin for admins of small tables with a name in each language: sorted by the name in the active language."""

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return ["name_fr" if (get_language() or "").startswith("fr") else "name_en"]


def with_parties(path: str = "") -> Prefetch:
    """Prefetch of the parties, for naming agreements by them."""
    return Prefetch(f"{path}parties", Party.objects.select_related("town", "organisation"))


def any_of(*conditions: Q) -> Q:
    """Condition: one of them holds."""
    joined = Q()
    for condition in conditions:
        joined |= condition
    return joined
