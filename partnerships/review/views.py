"""The pages of an officer's desk: what there is to do; and, for administrators, whether mail goes out."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.views.generic import ListView, TemplateView

from core.imports.typed_values import MailAddressField
from core.lists.form_fields import StrOrPromise
from core.lists.pagination import paginate
from core.visitors import signed_in

from .. import permissions
from ..choices import MailState
from ..mail import send
from ..models import OutgoingMail
from ..querysets import AgreementQuerySet
from .access import OfficersOnly
from .todo import glance, group_duplicates

_SHOWN_PER_LIST = 5
"""Entries of each list on the desk."""


class DeskPage(OfficersOnly, TemplateView):
    """My territory at a glance."""

    template_name = "my/desk.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        duties = self.duties
        suspected = glance(duties.suspected, 3 * _SHOWN_PER_LIST)
        return super().get_context_data(
            duties=duties,
            form_drafts=duties.form_drafts,
            drafts=glance(duties.drafts, _SHOWN_PER_LIST),
            to_decide=glance(duties.to_decide, _SHOWN_PER_LIST),
            handed_in=glance(duties.handed_in, _SHOWN_PER_LIST),
            stale=glance(duties.stale, _SHOWN_PER_LIST),
            never=glance(duties.never, _SHOWN_PER_LIST),
            to_verify=duties.to_verify.count(),
            verifiable=duties.verifiable.count(),
            suspected=suspected,
            pairs=group_duplicates(suspected.first)[:_SHOWN_PER_LIST],
            expiring=glance(duties.expiring, _SHOWN_PER_LIST),
            changed=duties.changed_total,
            changes=duties.changes(_SHOWN_PER_LIST),
            **kwargs,
        )


class DeskList(OfficersOnly, ListView):
    """One of the desk's lists, whole; `name` is that of the list among the duties."""

    name = ""
    paginate_by = 50
    template_name = "my/agreements.html"
    title: StrOrPromise = ""
    told: StrOrPromise = ""

    def get_queryset(self) -> AgreementQuerySet:
        found: AgreementQuerySet = getattr(self.duties, self.name)
        return found.with_parties().with_statuses()

    def paginate_queryset(self, queryset: object, page_size: int) -> Any:
        """Django's hook, with a page for every number instead of a 404."""
        page, _notice = paginate(queryset, self.request.GET.get("page", ""), page_size)
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, told=self.told, **kwargs)


class Drafts(DeskList):
    """Agreements that are not handed in yet."""

    name = "drafts"
    title = gettext_lazy("Drafts")
    told = gettext_lazy("Agreements of your territory that are seen by its officers only.")


class Expiring(DeskList):
    """Agreements that run out soon."""

    name = "expiring"
    title = gettext_lazy("Expiring within six months")
    told = gettext_lazy("Their term ends soon, and they are not renewed tacitly. Ask the parties what comes next.")


class Suspected(DeskList):
    """Agreements that are probably the same."""

    name = "suspected"
    title = gettext_lazy("Suspected duplicates")
    told = gettext_lazy("Published agreements of the same parties, side by side. Two may be right: one for each kind.")
    template_name = "my/duplicates.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"groups": group_duplicates(context["object_list"])}


class RecentChangesPage(OfficersOnly, TemplateView):
    """Page of others' recent changes."""

    template_name = "my/changes.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(changes=self.duties.changes(200), **kwargs)


# Mail


class TestMail(OfficersOnly):
    """Test mail page for administrators: does mail go out, and what does the mail server answer if not?"""

    template_name = "my/test_mail.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Admit administrators only."""
        if request.user.is_authenticated and not permissions.is_administrator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, and the state of the mail that was just written; the page reloads itself until it was tried."""
        asked = request.GET.get("mail", "")
        known = asked.isdecimal() and len(asked) < 18
        mail = OutgoingMail.objects.filter(kind="test", pk=asked).first() if known else None
        to = mail.to if mail else signed_in(request).email
        response = render(request, self.template_name, {"to": to, "mail": mail})
        if mail and mail.state == MailState.WAITING and not mail.last_error:
            response["Refresh"] = "2"
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        """Queue the test mail like every other mail."""
        to = request.POST.get("to", "").strip()
        try:
            MailAddressField().clean(to)
        except forms.ValidationError as error:
            return render(request, self.template_name, {"to": to, "error": " ".join(error.messages)})
        mail = send.send_templated_mail("test", to, get_language() or "en")
        return redirect(f"{request.path}?mail={mail.pk if mail else ''}")
