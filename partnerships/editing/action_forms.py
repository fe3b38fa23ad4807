"""Short forms for what becomes of an agreement."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import PartialDate
from core.imports.date_formats import read_date
from core.lists.form_fields import record_field

from ..choices import SuspendedBy
from ..models import Agreement, Party, Source, Suspension
from ..querysets import sources

AS_KNOWN = gettext_lazy("As precise as known: 1986, 05/1986 or 24/05/1986.")

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
