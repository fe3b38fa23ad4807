"""The page on which officers make the tokens of their own systems, and revoke them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views import View

from coopdir.accounts.freshness import is_fresh, show_again
from core.lists.form_fields import record_field
from core.visitors import signed_in
from partnerships import permissions
from partnerships.editing.actions import ActionRefused
from partnerships.models import Mandate
from partnerships.people import tokens
from partnerships.review.access import OfficersOnly


class MandateChoice(forms.ModelChoiceField):
    """Form field for one of one's own mandates, in words."""

    def label_from_instance(self, mandate: Mandate) -> str:
        return f"{mandate.territory} – {mandate.get_role_display()}"


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(label=_("What it is for"), max_length=100)
    mandate = MandateChoice(label=_("Mandate"), queryset=Mandate.objects.none(), empty_label=None)

    def __init__(self, *args: Any, mandates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record_field(self, "mandate").queryset = mandates


class Tokens(OfficersOnly):
    """Token page: one's tokens, and the form for a new one, which is shown this once."""

    template_name = "my/tokens.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list and the form."""
        return self.page(TokenForm(mandates=permissions.mandates_of(request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Create a token, for a user who has just reauthenticated: whoever finds a browser open gets no token."""
        form = TokenForm(request.POST, mandates=permissions.mandates_of(request.user))
        if form.is_valid():
            if not is_fresh(request):
                return show_again(request)
            try:
                _token, secret = tokens.create_token(by=signed_in(request), **form.cleaned_data)
            except ActionRefused as refused:
                form.add_error(None, refused.messages)
            else:
                return self.page(TokenForm(mandates=permissions.mandates_of(request.user)), secret=secret)
        return self.page(form)

    def page(self, form: TokenForm, **context: object) -> HttpResponse:
        """The page."""
        user = signed_in(self.request)
        context |= {"form": form, "tokens": permissions.tokens_of(user), "ended": tokens.ended_of(user)}
        return render(self.request, self.template_name, context)


class RevokeToken(OfficersOnly, View):
    """Revoke a token at once."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Revoke it."""
        user = signed_in(request)
        tokens.revoke_token(by=user, token=get_object_or_404(permissions.tokens_of(user), pk=pk))
        return redirect("tokens")
