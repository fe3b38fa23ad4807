"""Mandates in the administration, and what people are busy with: it is seen here, and done on the site's own pages."""

import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin.base import DirectoryAdmin
from core.admin.merging import MergedForm
from core.admin.site import AdminSection
from core.imports.admin import ReadOnly

from ..choices import MailState, TokenEnd
from ..mail import outbox
from ..models import (
    ApiToken,
    Attachment,
    Comment,
    Confirmation,
    Contact,
    FormDraft,
    Invitation,
    Mandate,
    Merge,
    OutgoingMail,
    Preference,
    Submission,
)
from ..people import tokens
from .base import RelatedOnly, with_parties


class MandateForm(MergedForm):
    """A mandate. Who adds one that an officer has had, and that is over, renews it: a role in a territory is one row
    for each of its officers, and the history keeps when it ran before."""

    renews_until: datetime.date | None = None
    """The last day of the mandate that is renewed."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        key = {name: data.get(name) for name in ("user", "territory", "role")}
        if self.instance.pk or not all(key.values()):
            return data
        same = Mandate.objects.filter(**key).first()
        if same is not None and same.is_over:
            self.instance, self.renews_until = same, same.until
            if "since" in data:
                data["since"] = data["since"] or timezone.localdate()
        elif same is not None:
            self.add_error("role", _("This officer has this role here already. Change that mandate instead."))
        return data


@admin.register(Mandate)
class MandateAdmin(DirectoryAdmin):
    """Admin of mandates: who may write in which territory."""

    form = MandateForm
    group = AdminSection.ACCESS
    select = ("user", "territory")
    list_display = ("user", "territory", "role", "since", "until")
    list_filter = ("role", ("territory", RelatedOnly))
    search_fields = ("user", "territory")

    def save_model(self, request: HttpRequest, obj: Mandate, form: Any, change: bool) -> None:
        """Save a mandate; its API tokens end if the person, territory, role or start has changed, since it is no longer
        the one they were made for."""
        with transaction.atomic():
            if obj.pk and tokens.is_another(Mandate.objects.get(pk=obj.pk), obj):
                tokens.end(obj.api_tokens.all(), TokenEnd.MANDATE)
            super().save_model(request, obj, form, change)
        if form.renews_until:
            told = _("The mandate that ended on %(date)s begins anew. The history keeps when it ran before.")
            messages.info(request, told % {"date": date_format(form.renews_until)})


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly, DirectoryAdmin):
    """Uploaded documents."""

    select = ("agreement",)
    prefetch = (with_parties("agreement__"),)
    list_display = ("title", "agreement", "media_type", "size")
    search_fields = ("title", "agreement")


@admin.register(Contact)
class ContactAdmin(DirectoryAdmin):
    """Contact persons, with the day on which each is erased."""

    group = AdminSection.AGREEMENTS
    select = ("agreement",)
    prefetch = (with_parties("agreement__"),)
    list_display = ("name", "agreement", "function", "public", "purge_on")
    list_filter = ("public",)
    search_fields = ("name", "agreement")


@admin.register(Submission)
class SubmissionAdmin(ReadOnly, DirectoryAdmin):
    """Admin of submissions: those that wait for a decision, and those decided."""

    group = AdminSection.AGREEMENTS
    select = ("author", "decided_by")
    list_display = ("subject_title", "kind", "state", "author", "created_at", "decided_by", "decided_at")
    list_filter = ("kind", "state")
    search_fields = ("subject_title", "=subject", "author")


@admin.register(Comment)
class CommentAdmin(ReadOnly, DirectoryAdmin):
    """Admin of comments on submissions."""

    select = ("submission", "author")
    list_display = ("text", "submission", "author", "created_at")
    search_fields = ("text",)


@admin.register(Confirmation)
class ConfirmationAdmin(ReadOnly, DirectoryAdmin):
    """Partners that were asked whether an agreement is as it is told."""

    select = ("party__town", "party__organisation", "asked_by")
    list_display = ("party", "asked_by", "asked_at", "expires_at", "route", "answer", "answered_at")
    list_filter = ("answer", "route")
    search_fields = ("party",)


@admin.register(Merge)
class MergeAdmin(ReadOnly, DirectoryAdmin):
    """Records that were merged."""

    select = ("merged_by",)
    list_display = ("kind", "loser", "winner", "merged_by", "merged_at", "undone_at")
    search_fields = ("=loser", "=winner")


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, DirectoryAdmin):
    """People who were asked to become officers."""

    group = AdminSection.ACCESS
    select = ("territory", "invited_by")
    list_display = ("email", "territory", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    list_filter = ("role",)
    search_fields = ("email", "territory")


@admin.register(Preference)
class PreferenceAdmin(DirectoryAdmin):
    """Admin of officers' preferences for mail."""

    group = AdminSection.ACCESS
    select = ("user",)
    list_display = ("user", "digest", "language", "digest_at")
    search_fields = ("user",)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly, DirectoryAdmin):
    """The outbox. Texts are shown to nobody: their links open accounts, or speak for a partner."""

    group = AdminSection.ACCESS
    list_display = ("to", "subject", "state", "created_at", "tries", "next_try", "last_error")
    list_filter = ("state", "created_at")
    search_fields = ("=to", "subject", "=kind")
    fields = (*list_display, "ended_at", "kind", "language", "message_id")
    date_hierarchy = "created_at"
    actions = ("try_again",)

    @admin.action(description=gettext_lazy("Try again now"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        """Send waiting mails at once; mails that were given up cannot be sent again, since their text is erased."""
        number = outbox.try_again(queryset)
        self.message_user(
            request,
            ngettext("%(number)d mail will be sent now.", "%(number)d mails will be sent now.", number)
            % {"number": number},
        )
        if queryset.exclude(state=MailState.WAITING).exists():
            words = _(
                "Mails that were sent or given up have no text any more:"
                " send them again from the page that they came from."
            )
            self.message_user(request, words, messages.WARNING)


@admin.register(FormDraft)
class FormDraftAdmin(ReadOnly, DirectoryAdmin):
    """Forms that were begun and not sent yet."""

    select = ("user", "agreement")
    prefetch = (with_parties("agreement__"),)
    list_display = ("user", "agreement", "saved_at")
    search_fields = ("user",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, DirectoryAdmin):
    """Admin of API tokens of officers' own systems. The tokens themselves are kept nowhere."""

    group = AdminSection.ACCESS
    select = ("user", "mandate__territory", "mandate__user")
    list_display = ("name", "hint", "user", "mandate", "made_at", "expires_on", "used_on", "revoked_at", "ended_by")
    search_fields = ("name", "user")
