"""Page that suspends, or resumes, the part of all parties of a country."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, ngettext

from core.lists.form_fields import record_field

from .. import permissions
from ..choices import SuspendedBy
from ..models import Country
from ..querysets import countries
from ..review.access import OfficersOnly
from . import suspensions
from .action_forms import DateField, SuspensionForm
from .actions import ActionRefused


class CountryForm(forms.Form):
    """Form for the partner countries of a suspended cooperation: all, unless one is named."""

    use_required_attribute = False
    partner = forms.ModelChoiceField(
        label=gettext_lazy("Only with partners in"),
        queryset=Country.objects.none(),
        required=False,
        empty_label=gettext_lazy("all countries"),
    )

    def __init__(self, *args: Any, country: Country, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record_field(self, "partner").queryset = countries().exclude(pk=country.pk)


class SuspendCountryForm(CountryForm, SuspensionForm):
    """Form for suspending the parties of a country: the details of the suspension."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["suspended_by"].initial = SuspendedBy.STATE


class ResumeCountryForm(CountryForm):
    """Form for ending the suspensions by the State: the date."""

    until = DateField(label=gettext_lazy("Until"))


class CountrySuspension(OfficersOnly):
    """Page that suspends, or resumes, the part of all parties of a country: first a preview, then the action."""

    template_name = "my/country_suspension.html"

    @cached_property
    def country(self) -> Country:
        """Country that the address names; for administrators only."""
        if not permissions.is_administrator(self.request.user):
            raise PermissionDenied
        return get_object_or_404(Country, pk=self.kwargs["code"].upper())

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """The two forms."""
        return self._page()

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Preview of a suspension or its end, or the action itself."""
        resuming = request.POST.get("what") == "resume"
        name, form_class = ("resume", ResumeCountryForm) if resuming else ("suspend", SuspendCountryForm)
        form = form_class(request.POST, country=self.country, prefix=name)
        if not form.is_valid():
            return self._page(200, **{name: form})
        call: Callable[..., int] = suspensions.resume_country if resuming else suspensions.suspend_country
        try:
            if "sure" not in request.POST:
                number = suspensions.foreseen(call, by=request.user, country=self.country, **form.cleaned_data)
                return self._page(200, **{name: form}, foreseen=number, what=name)
            number = call(by=request.user, country=self.country, **form.cleaned_data)
        except ActionRefused as refused:
            form.add_error(None, refused.messages)
            return self._page(**{name: form}, status=409)
        told = (
            ngettext("The part of %(number)d party is resumed.", "The parts of %(number)d parties are resumed.", number)
            if resuming
            else ngettext(
                "The part of %(number)d party is suspended.", "The parts of %(number)d parties are suspended.", number
            )
        )
        messages.success(request, told % {"number": number})
        return redirect("country", self.country.pk.lower())

    def _page(self, status: int = 200, **context: object) -> HttpResponse:
        context.setdefault("suspend", SuspendCountryForm(country=self.country, prefix="suspend"))
        context.setdefault("resume", ResumeCountryForm(country=self.country, prefix="resume"))
        return render(self.request, self.template_name, {"country": self.country, **context}, status=status)
