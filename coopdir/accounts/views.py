"""The pages of one's own account, of an invitation, and of the people of one's territories."""

import datetime
from typing import Any

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import Login
from allauth.core.ratelimit import consume_or_429
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView, View

from core.visitors import signed_in
from partnerships import permissions
from partnerships.editing.actions import ActionRefused
from partnerships.models import Mandate, Preference
from partnerships.people import invitations

from .forms import AcceptForm, InvitationForm, PreferenceForm, SuccessorForm
from .freshness import show_again


class AccountPage(LoginRequiredMixin, FormView):
    """One's own account: name and preferences here, the rest by links."""

    template_name = "accounts/account.html"
    form_class = PreferenceForm

    def get_initial(self) -> dict[str, Any]:
        user = signed_in(self.request)
        preference = Preference.objects.filter(user=user).first() or Preference(language=translation.get_language())
        return {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "language": preference.language,
            "digest": preference.digest,
        }

    def form_valid(self, form: PreferenceForm) -> HttpResponse:
        invitations.prefer(by=signed_in(self.request), **form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return redirect("account")

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            mandates=permissions.mandates_held_by(user),
            second_step=permissions.has_second_factor(user),
            provider=bool(settings.OIDC_SERVER),
            manages=permissions.may_manage_people(user),
            **kwargs,
        )


class PersonalDataPage(LoginRequiredMixin, TemplateView):
    """Page of one's personal data: download them or have them erased."""

    template_name = "accounts/data.html"


class PersonalDataFile(LoginRequiredMixin, View):
    """Personal data as a JSON download; it holds what was entered by right of a role, so it needs the role's second
    factor."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if permissions.lacks_second_factor(request.user):
            raise PermissionDenied
        answer = JsonResponse(
            invitations.own_data(signed_in(request)), json_dumps_params={"indent": 1, "ensure_ascii": False}
        )
        answer["Content-Disposition"] = 'attachment; filename="coopdir-account.json"'
        return answer


@method_decorator(reauthentication_required, name="dispatch")
class DeletePage(LoginRequiredMixin, TemplateView):
    """Deletes one's own account, once one has shown again who one is."""

    template_name = "accounts/delete.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Require a recent login at the provider from accounts that have no other way of reauthentication here."""
        user = request.user
        if user.is_authenticated and not get_reauthentication_flows(user) and not _just_logged_in(user):
            return show_again(request)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        try:
            invitations.close_account(by=user, account=User.objects.get(pk=user.pk))
        except ActionRefused as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect("account_data")
        logout(request)
        messages.success(request, _("Your account is deleted."))
        return redirect("home")


def _just_logged_in(user: User) -> bool:
    age = timezone.now() - user.last_login if user.last_login else datetime.timedelta.max
    return age < datetime.timedelta(seconds=app_settings.REAUTHENTICATION_TIMEOUT)


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class InvitationPage(View):
    """Invitation page behind the link in the mail: creates an account, or gives an existing one the mandate."""

    def dispatch(self, request: HttpRequest, key: str) -> HttpResponseBase:
        invitation = invitations.invitation_of(key)
        if invitation is None:
            return render(request, "accounts/invitation_gone.html", status=404)
        self.invitation = invitation
        self.known = invitations.account_of(invitation.email) is not None
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(None if self.known else AcceptForm(email=self.invitation.email))

    def post(self, request: HttpRequest) -> HttpResponse:
        throttled = consume_or_429(request, action="accept_invitation")
        if isinstance(throttled, HttpResponse):
            return throttled
        form = None if self.known else AcceptForm(request.POST, email=self.invitation.email)
        if form is not None and not form.is_valid():
            return self._page(form)
        try:
            person = invitations.accept(invitation=self.invitation, **(form.cleaned_data if form else {}))
        except ActionRefused as refused:
            messages.error(request, " ".join(refused.messages))
            return self._page(form)
        messages.success(request, _("Welcome! You can begin."))
        if form is None:
            return redirect("account_login")
        if request.user.is_authenticated:
            logout(request)
        login = Login(user=person, email=person.email)
        answer: HttpResponse = perform_password_login(request, {"email": person.email}, login)
        return answer

    def _page(self, form: AcceptForm | None) -> HttpResponse:
        return render(self.request, "accounts/invitation.html", {"invitation": self.invitation, "form": form})


# People of one's territories


class ManagingPeople(LoginRequiredMixin, UserPassesTestMixin):
    """Base of pages for coordinators and administrators."""

    request: HttpRequest

    def test_func(self) -> bool:
        return permissions.may_manage_people(self.request.user)

    def handle_no_permission(self) -> HttpResponseRedirect:
        self.raise_exception = self.request.user.is_authenticated
        return super().handle_no_permission()


class PeoplePage(ManagingPeople, FormView):
    """People page: officers of one's territories, open invitations, and the form to invite others."""

    template_name = "accounts/people.html"
    form_class = InvitationForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"by": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"language": translation.get_language()}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return consume_or_429(request, action="invite") or super().post(request, *args, **kwargs)

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        try:
            invitations.invite(by=signed_in(self.request), **form.cleaned_data)
        except ActionRefused as refused:
            form.add_error(None, refused.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("The invitation will be sent to %(email)s.") % form.cleaned_data)
        return redirect("people")

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        user = self.request.user
        managed = permissions.mandates_managed_by(user).select_related("territory").order_by("territory__name")
        shown = Q(pk__in=managed.values("user"))
        if permissions.is_administrator(user):
            shown = Q(is_active=True)
        return super().get_context_data(
            people=User.objects.filter(shown)
            .prefetch_related(Prefetch("mandates", managed, to_attr="managed"))
            .order_by("last_name", "first_name", "username"),
            invitations=permissions.invitations_managed_by(user)
            .select_related("territory", "invited_by")
            .prefetch_related("mails"),
            administrator=permissions.is_administrator(user),
            **kwargs,
        )


class PeopleAction(ManagingPeople, View):
    """Base of the buttons on the people page: POST only, then back to the page with a message."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            done = self.act(signed_in(request), pk)
        except ActionRefused as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, done)
        return redirect("people")

    def act(self, by: User, pk: int) -> str:
        """Perform the action and return its success message."""
        raise NotImplementedError


class ResendInvitation(PeopleAction):
    """Sends an invitation again."""

    def act(self, by: User, pk: int) -> str:
        invitation = get_object_or_404(permissions.invitations_managed_by(by), pk=pk)
        invitations.resend(by=by, invitation=invitation)
        return _("The invitation will be sent to %(email)s.") % {"email": invitation.email}


class RevokeInvitation(PeopleAction):
    """Takes an invitation back."""

    def act(self, by: User, pk: int) -> str:
        invitations.revoke_invitation(
            by=by, invitation=get_object_or_404(permissions.invitations_managed_by(by), pk=pk)
        )
        return _("The invitation is revoked.")


class EndMandate(PeopleAction):
    """Ends a mandate."""

    def act(self, by: User, pk: int) -> str:
        mandate: Mandate = get_object_or_404(permissions.mandates_managed_by(by), pk=pk)
        invitations.end_mandate(by=by, mandate=mandate)
        return _("The mandate of %(name)s has ended.") % {"name": invitations.display_name(mandate.user)}


class LeavePage(ManagingPeople, FormView):
    """Page on which an officer leaves: what is theirs goes to another person, and the account is closed. For
    administrators."""

    template_name = "accounts/leave.html"
    form_class = SuccessorForm
    officer: User

    def test_func(self) -> bool:
        return permissions.is_administrator(self.request.user)

    def dispatch(self, request: HttpRequest, *args: object, pk: int, **kwargs: object) -> HttpResponseBase:
        officer = User.objects.filter(pk=pk).exclude(pk=request.user.pk or 0).first()
        if officer is not None:
            self.officer = officer
        elif permissions.is_administrator(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"officer": self.officer}

    def form_valid(self, form: SuccessorForm) -> HttpResponse:
        by, name, successor = signed_in(self.request), invitations.display_name(self.officer), form.cleaned_data["to"]
        try:
            if successor:
                invitations.move_officer(by=by, officer=self.officer, to=successor)
            else:
                invitations.close_account(by=by, account=self.officer)
        except ActionRefused as refused:
            form.add_error(None, refused.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("The account of %(name)s is closed.") % {"name": name})
        return redirect("people")

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(officer=self.officer, name=invitations.display_name(self.officer), **kwargs)
