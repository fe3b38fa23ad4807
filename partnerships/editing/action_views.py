"""Short forms for what becomes of an agreement: a page for each action, which calls the workflow."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.dates import PartialDate
from core.imports.date_formats import read_date
from core.lists.form_fields import record_field
from core.visitors import signed_in
from partnerships.review.access import OfficersOnly

from .. import permissions
from ..choices import Activity, SuspendedBy
from ..models import Agreement, Country, Party, Source, Suspension
from ..querysets import agreements, countries, sources
from . import suspensions, workflow
from .actions import ActionRefused

AS_KNOWN = gettext_lazy("As precise as known: 1986, 05/1986 or 24/05/1986.")

NOT_NOW = gettext_lazy("This cannot be done with the agreement as it is now.")
READ_BY_ALL = gettext_lazy("Everybody can read it, on the page and in the history.")


class DateField(forms.CharField):
    """A date that is known to the year, the month or the day."""

    widget = forms.TextInput(attrs={"size": 12})

    def __init__(self, **kwargs: object) -> None:
        told: dict[str, Any] = {"max_length": 40, "help_text": AS_KNOWN}
        super().__init__(**told | kwargs)

    def clean(self, value: object) -> PartialDate | None:
        text = super().clean(value)
        return read_date(text) if text else None


class ActionForm(forms.Form):
    """A form about one agreement; it has no fields where the button says it all."""

    use_required_attribute = False

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreement = agreement


class ReasonForm(ActionForm):
    """Form for the reason of an action; everybody can read it, if the agreement was public."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Shown to everybody who opens the old address, and in the history."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.agreement.published_at is None:
            self.fields["reason"].help_text = _("It never was public: only those who may write it read this.")


class VerifyForm(ActionForm):
    """Form for the day of a verification."""

    on = forms.DateField(
        label=gettext_lazy("On"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
    )


class EndForm(ActionForm):
    """Form for the end of an agreement: the date and what happened."""

    ended = DateField(label=gettext_lazy("Ended"), required=False)
    reason = forms.CharField(label=gettext_lazy("What happened"), max_length=500, required=False, help_text=READ_BY_ALL)


class SuspensionForm(forms.Form):
    """Form for the details of a suspension."""

    suspended_by = forms.ChoiceField(label=gettext_lazy("Suspended by"), choices=SuspendedBy)
    since = DateField(label=gettext_lazy("Since"))
    act = forms.CharField(
        label=gettext_lazy("Reference of the act"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A decree, a deliberation, a letter."),
    )
    reason_en = forms.CharField(
        label=gettext_lazy("Reason, English"), max_length=500, required=False, help_text=READ_BY_ALL
    )
    reason_fr = forms.CharField(
        label=gettext_lazy("Reason, French"), max_length=500, required=False, help_text=READ_BY_ALL
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=16,
        help_text=gettext_lazy("The reference of a source, such as S12."),
    )

    def sources(self) -> QuerySet[Source]:
        """The sources that it may name: administrators know them all."""
        return sources()

    def clean_source(self) -> Source | None:
        """The source of that reference."""
        reference = self.cleaned_data["source"].strip().upper()
        found = self.sources().filter(reference=reference).first() if reference else None
        if reference and found is None:
            raise ValidationError(_("There is no source with the reference %(reference)s.") % {"reference": reference})
        return found


class SuspendForm(SuspensionForm, ActionForm):
    """Form to suspend a party's part: which party, and the details of the suspension."""

    field_order = ["party"]
    party = forms.ModelChoiceField(label=gettext_lazy("Party"), queryset=Party.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record_field(self, "party").queryset = self.agreement.parties.select_related("town", "organisation")

    def sources(self) -> QuerySet[Source]:
        own = self.agreement.sources.order_by().values("pk")
        return sources().filter(Q(pk__in=sources().public().order_by().values("pk")) | Q(pk__in=own))


class ResumeForm(ActionForm):
    """Form to end a suspension: which one, and the date."""

    suspension = forms.ModelChoiceField(
        label=gettext_lazy("Suspension"), queryset=Suspension.objects.none(), empty_label=None
    )
    until = DateField(label=gettext_lazy("Until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record_field(self, "suspension").queryset = open_suspensions(self.agreement)


def open_suspensions(agreement: Agreement) -> Any:
    """The suspensions of an agreement's parties that have no end yet."""
    found = Suspension.objects.filter(party__agreement=agreement, until=None)
    return found.select_related("party__town", "party__organisation")


class ActionPage(OfficersOnly):
    """One action on an agreement: its form, and what it does.

    Subclasses declare the words, the form, `possible` (whether the agreement is in a state for it) and `act`.
    """

    template_name = "my/action.html"
    title: str | Promise
    told: str | Promise = ""
    button: str | Promise
    done: str | Promise
    form_class: type[ActionForm] = ActionForm

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        """True if the agreement is in a state for this action."""
        return agreement.publication == "published"

    @staticmethod
    def allowed(user: Any, agreement: Agreement) -> bool:
        """True if the user may take this action."""
        return permissions.may_publish(user, agreement)

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        """Perform the action."""
        raise NotImplementedError

    @cached_property
    def agreement(self) -> Agreement:
        """Agreement that the address names, if the reader may act on it; another's draft does not exist (404)."""
        found: Agreement = get_object_or_404(agreements().with_parties(), reference=self.kwargs["reference"])
        if not permissions.may_see(self.request.user, found):
            raise Http404
        if not self.allowed(self.request.user, found):
            raise PermissionDenied
        return found

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The form; an agreement that is in no state for it leads back to its page."""
        if not self.possible(self.agreement):
            messages.warning(request, NOT_NOW)
            return self._back()
        return self._page(self.form_class(agreement=self.agreement))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Perform the action, or show the reason why it is impossible."""
        form = self.form_class(request.POST, agreement=self.agreement)
        if not form.is_valid():
            return self._page(form)
        try:
            if not self.possible(self.agreement):
                raise ActionRefused(str(NOT_NOW))
            self.act(self.agreement, form.cleaned_data)
        except ActionRefused as refused:
            form.add_error(None, refused.messages)
            return self._page(form, 409)
        messages.success(request, str(self.done))
        return self._done()

    def _page(self, form: ActionForm, status: int = 200) -> HttpResponse:
        return render(
            self.request, self.template_name, {"page": self, "agreement": self.agreement, "form": form}, status=status
        )

    def _back(self) -> HttpResponse:
        return redirect("agreement", self.agreement.address)

    def _done(self) -> HttpResponse:
        return self._back()


class Verify(ActionPage):
    """Verify an agreement: it is as told."""

    title = gettext_lazy("Still true")
    told = gettext_lazy("The agreement exists, and what is written here is correct.")
    button = gettext_lazy("It is still true")
    done = gettext_lazy("The agreement is verified.")
    form_class = VerifyForm

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.verify(by=signed_in(self.request), agreements=[agreement], on=values["on"])


class End(ActionPage):
    """Mark an agreement as ended."""

    title = gettext_lazy("It has ended")
    told = gettext_lazy(
        "The parties no longer work together. The agreement stays in the directory, as one of the past."
    )
    button = gettext_lazy("Say that it has ended")
    done = gettext_lazy("The agreement has ended.")
    form_class = EndForm

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication == "published" and agreement.activity != Activity.ENDED

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.end(by=signed_in(self.request), agreement=agreement, **values)


class Suspend(ActionPage):
    """Suspend the part of one party."""

    title = gettext_lazy("Suspend a party’s part")
    told = gettext_lazy("Only the part of this party rests; the others go on.")
    button = gettext_lazy("Suspend")
    done = gettext_lazy("The part of this party is suspended.")
    form_class = SuspendForm

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        suspensions.suspend(by=signed_in(self.request), **values)


class Resume(ActionPage):
    """End a suspension."""

    title = gettext_lazy("End a suspension")
    told = gettext_lazy("The party takes part again.")
    button = gettext_lazy("End the suspension")
    done = gettext_lazy("The suspension is over.")
    form_class = ResumeForm

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication == "published" and open_suspensions(agreement).exists()

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        suspensions.resume(by=signed_in(self.request), **values)


class Withdraw(ActionPage):
    """Withdraw an agreement from the directory."""

    title = gettext_lazy("Withdraw")
    button = gettext_lazy("Withdraw it")
    done = gettext_lazy("The agreement is withdrawn.")
    form_class = ReasonForm

    @property
    def told(self) -> str:  # type: ignore[override]  # nobody sets it once the page is made
        """Explanation of the withdrawal's effect on the agreement's address, which says nothing of an agreement that
        never was public."""
        if self.agreement.published_at is None:
            return _(
                "For entries that should never have been made. This one never was public, and nobody else"
                " will know of it: those who may edit it find it in its history, and can restore it."
            )
        return _(
            "For what should never have been entered. An agreement that is over has ended; it is not withdrawn. "
            "The address then says that it was withdrawn, and why."
        )

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication != "withdrawn"

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.withdraw(by=signed_in(self.request), agreement=agreement, **values)

    def _back(self) -> HttpResponse:
        return redirect("agreement_history", self.agreement.address)


class Reinstate(ActionPage):
    """Bring a withdrawn agreement back."""

    title = gettext_lazy("Bring it back")
    told = gettext_lazy("The agreement becomes a draft again; look at it, then publish it.")
    button = gettext_lazy("Bring it back")
    done = gettext_lazy("The agreement is a draft again.")

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication == "withdrawn" and agreement.merged_into_id is None

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.reinstate(by=signed_in(self.request), agreement=agreement)

    def _back(self) -> HttpResponse:
        return redirect("agreement_history", self.agreement.address)


class Delete(ActionPage):
    """Delete an agreement that never was public."""

    title = gettext_lazy("Delete the draft")
    told = gettext_lazy(
        "It never was public, and nobody else will know of it. What is entered here goes for good: the documents and "
        "their files, the contact persons, what was submitted and said of it, and the towns and organisations that "
        "were entered for it alone. This cannot be undone."
    )
    button = gettext_lazy("Delete it for good")
    done = gettext_lazy("The draft is deleted.")

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.published_at is None and agreement.publication in ("draft", "withdrawn")

    @staticmethod
    def allowed(user: Any, agreement: Agreement) -> bool:
        return permissions.may_delete(user, agreement)

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.delete(by=signed_in(self.request), agreement=agreement)

    def _done(self) -> HttpResponse:
        return redirect("desk_drafts")


_ACTION_PAGES: tuple[tuple[str, type[ActionPage]], ...] = (
    ("agreement_verify", Verify),
    ("agreement_suspend", Suspend),
    ("agreement_resume", Resume),
    ("agreement_end", End),
    ("agreement_withdraw", Withdraw),
    ("agreement_reinstate", Reinstate),
    ("agreement_delete", Delete),
)
"""The actions by the names of their addresses, in the order in which the agreement's page offers them."""


def offered(user: object, agreement: Agreement) -> list[tuple[str, str | Promise]]:
    """The actions that somebody may take on an agreement as it is now: name of the address, and title."""
    possible = [(name, page) for name, page in _ACTION_PAGES if page.possible(agreement)]
    return [(name, page.title) for name, page in possible if page.allowed(user, agreement)]


# A country


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
