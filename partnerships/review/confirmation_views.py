"""Page on which an officer asks the other party whether an agreement is as it is told."""

from typing import Any

from allauth.core.ratelimit import consume_or_429
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, override

from core.addresses import absolute
from core.imports.typed_values import MailAddressField
from core.lists.form_fields import choice_field, record_field
from core.visitors import signed_in

from .. import permissions
from ..choices import ConfirmationRoute
from ..editing import actions
from ..mail.signed_links import CONFIRMATION
from ..models import Agreement, Confirmation, Party
from ..querysets import agreements
from . import proposals
from .access import OfficersOnly


class ConfirmationForm(forms.Form):
    """Form for asking a partner: address and language."""

    party = forms.ModelChoiceField(label=gettext_lazy("Party"), queryset=Party.objects.none(), empty_label=None)
    email = MailAddressField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy(
            "Erased when it has served. At an address of the website that the directory knows of the party, the answer "
            "is the party's own; at another one, or if you leave it blank and hand the link on, it counts as given "
            "through you."
        ),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))

    def __init__(self, *args: Any, by: User, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = agreement.parties.order_by("position", "pk").select_related("town__country", "organisation")
        record_field(self, "party").queryset = present
        # It is the others who are asked, as a rule.
        self.fields["party"].initial = next(
            (party for party in present if not permissions.may_write_parties(by, [party.actor])), present.last()
        )
        choice_field(self, "language").choices = settings.LANGUAGES
        self.fields["language"].initial = (get_language() or "en")[:2]


_SENT_MESSAGES = {
    (True, True): gettext_lazy("The question will be sent. Its answer will be the partner's own."),
    (True, False): gettext_lazy(
        "The question will be sent. The directory does not know the address as the partner's: the answer will count as "
        "given through you."
    ),
    (False, False): gettext_lazy("The link is made: hand it on."),
}
"""Messages once somebody is asked, by whether there is an address and whether it is the partner's own."""


class AskPartner(OfficersOnly):
    """Ask the other party whether an agreement is as it is told."""

    template_name = "my/confirmation.html"

    @cached_property
    def agreement(self) -> Agreement:
        """Agreement that the address names, if the reader may ask about it."""
        found: Agreement = get_object_or_404(agreements().with_parties(), reference=self.kwargs["reference"])
        if not permissions.may_see(self.request.user, found):
            raise Http404
        if not permissions.may_publish(self.request.user, found):
            raise PermissionDenied
        return found

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The form, and what was asked before."""
        return self._page(ConfirmationForm(by=signed_in(request), agreement=self.agreement))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask."""
        throttled = consume_or_429(request, action="ask_partner")
        if isinstance(throttled, HttpResponse):
            return throttled
        form = ConfirmationForm(request.POST, by=signed_in(request), agreement=self.agreement)
        if form.is_valid():
            try:
                asked = proposals.ask(by=signed_in(request), **form.cleaned_data)
            except actions.ActionRefused as refused:
                form.add_error(None, refused.messages)
                return self._page(form, 409)
            messages.success(request, _SENT_MESSAGES[bool(asked.email), asked.route == ConfirmationRoute.PARTNER])
            return redirect(request.path)
        return self._page(form)

    def _page(self, form: ConfirmationForm, status: int = 200) -> HttpResponse:
        asked = Confirmation.objects.filter(party__agreement=self.agreement).select_related("party", "asked_by")
        asked = asked.prefetch_related("mails")
        context = {
            "agreement": self.agreement,
            "form": form,
            "asked": [(one, proposals.is_open(one), self._link(one)) for one in asked],
        }
        return render(self.request, self.template_name, context, status=status)

    @staticmethod
    def _link(confirmation: Confirmation) -> str:
        """The link to hand on; none where the answer is to be the partner's own, who alone has it then."""
        if confirmation.route == ConfirmationRoute.PARTNER or not proposals.is_open(confirmation):
            return ""
        with override(confirmation.language):
            return absolute(reverse("confirm", args=[CONFIRMATION.key(confirmation.pk)]))
