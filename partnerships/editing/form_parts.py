"""The parts of the form of an agreement: its own fields, and a row of each list."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.typed_values import AmountText, DateText
from core.lists.form_fields import choice_field
from core.text import normalise

from .. import permissions
from ..agreements.fields import CONTENT_FIELDS
from ..choices import Level, OrganisationKind, PartyRole
from ..models import Source, Theme
from ..places.autocomplete import ActorCandidate, suggest_actors
from ..places.party_refs import ACTOR_MODELS, Newcomer, PartyKind, PartyRef
from ..querysets import countries
from . import rules
from .commands import NewSource
from .typed_fields import TypedFields

NEW = "new"
"""Choice for a party that is none of the candidates."""


def optional_choice(choices: Any, label: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, label=label, required=False, **kwargs)


def optional_text(label: Any, longest: int = 300, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, **kwargs)


class FormPart(forms.Form):
    """A part of the form. Its faults are shown only when they are asked for (`judge`): a button of a row shows none."""

    use_required_attribute = False

    def __init__(self, typed: TypedFields, prefix: str | None = None, **kwargs: Any) -> None:
        super().__init__(typed, prefix=prefix, label_suffix="", **kwargs)
        self._errors = ErrorDict()

    first = ""
    """The field that one fills in first."""
    is_done = False
    """True if nothing has to be filled in any more."""

    def judge(self) -> dict[str, Any]:
        """Find the faults; gives the values that have none."""
        self.full_clean()
        return self.cleaned_data

    def typed(self, name: str) -> str:
        """A field as it was typed, without blanks around it."""
        return str(self.data.get(self.add_prefix(name), "")).strip()

    @property
    def number(self) -> str:
        """The number of a row."""
        return (self.prefix or "").partition("-")[2]

    def focus(self) -> None:
        """Set the focus of the shown form on this row."""
        self.fields[self.first].widget.attrs["autofocus"] = True

    @property
    def is_filled(self) -> bool:
        """True if anything was typed in this part."""
        return any(self.typed(name) for name in self.fields)

    def say(self, name: str, message: str) -> None:
        """Add a fault to a field."""
        self._errors.setdefault(name, self.error_class(renderer=self.renderer, field_id=self[name].auto_id))
        self._errors[name].append(message)


class MainPart(FormPart):
    """Part of the form with the agreement's own fields, its themes, and words to others."""

    vars().update({name: own.form_field() for name, own in CONTENT_FIELDS.items()})

    themes = forms.MultipleChoiceField(
        label=gettext_lazy("Themes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = optional_text(
        gettext_lazy("What is different about this one?"), 500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Read by those who decide, and in the history by those who may write the agreement."),
    )  # fmt: skip
    note = optional_text(
        gettext_lazy("Message to those who decide"), 2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Nobody else reads it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = sorted(Theme.objects.all(), key=lambda theme: normalise(theme.name))
        choice_field(self, "themes").choices = [(theme.code, theme.name) for theme in themes]


class RenewalPart(FormPart):
    """A renewal."""

    first = "renewed"

    renewed = DateText(label=gettext_lazy("Renewed on"))
    valid_until = DateText(label=gettext_lazy("Valid until"))

    def clean_renewed(self) -> str | None:
        """A renewal has a date; a row with nothing in it is none."""
        value: str | None = self.cleaned_data["renewed"]
        if not value and self.typed("valid_until"):
            raise ValidationError(_("When was it renewed?"))
        return value


class FundingPart(FormPart):
    """Money from a source."""

    first = "year"

    source = forms.CharField(widget=forms.HiddenInput, required=False)
    on = forms.BooleanField(required=False)
    year = forms.IntegerField(
        label=gettext_lazy("Year"), min_value=rules.EARLIEST_YEAR, max_value=rules.LATEST_YEAR, required=False,
        localize=False, error_messages=dict.fromkeys(("min_value", "max_value"), rules.YEAR_REMEDY),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    amount = AmountText(
        label=gettext_lazy("Amount"), min_value=0, max_digits=14, decimal_places=2, required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"), rules.AMOUNT_REMEDY
        ),
    )  # fmt: skip
    currency = forms.RegexField(
        r"[A-Za-z]{3}", label=gettext_lazy("Currency"), required=False,
        error_messages={"invalid": rules.CURRENCY_REMEDY},
        widget=forms.TextInput(attrs={"maxlength": 3, "placeholder": "EUR"}),
    )  # fmt: skip

    title: str
    """The name of the funding source."""
    again = False
    """True if a row above is of the same source."""

    def clean_currency(self) -> str:
        """Capital letters; euros where an amount has no currency, as the empty field shows."""
        currency: str = self.cleaned_data["currency"].upper()
        return currency or ("EUR" if self.cleaned_data.get("amount") is not None else "")

    def contribution(self) -> dict[str, Any]:
        """The money as a content has it."""
        given = self.judge()
        amount, currency = given.get("amount"), given.get("currency", "")
        if self.errors.keys() & {"amount", "currency"}:  # that one cannot be read is said, not that it is missing
            amount, currency = None, ""
        return {
            "funding": self["source"].value(),
            "year": given.get("year"),
            "amount": None if amount is None else f"{amount:.2f}",
            "currency": currency,
        }


class NamedPart(FormPart):
    """A row that names a record, which is looked up."""

    candidates: Sequence[Any] | None = None
    """Candidates for the record, if they were looked up."""
    focused = False
    """True if the first candidate has the focus."""
    first = "text"
    chosen: Any = None

    @property
    def is_done(self) -> bool:  # type: ignore[override]  # nobody sets it
        """True if the record is chosen."""
        return self.chosen is not None

    def focus(self) -> None:
        if self.candidates:
            self.focused = True
        else:
            super().focus()


class PartyPart(NamedPart):
    """A party: who, and in which part."""

    actor = forms.CharField(widget=forms.HiddenInput, required=False)
    text = optional_text(gettext_lazy("Town, authority or organisation"), 200)
    role = optional_choice(PartyRole.choices, gettext_lazy("Role"))
    joined = DateText(label=gettext_lazy("Joined"))
    left = DateText(label=gettext_lazy("Left"))
    level = optional_choice((), gettext_lazy("What it is"))
    country = optional_choice((), gettext_lazy("Country"))
    territory = optional_choice((), gettext_lazy("Lies in"))

    chosen: ActorCandidate | None = None
    """The chosen party, in words."""
    candidates: list[ActorCandidate] | None = None
    """Candidates for the party, if they were looked up."""

    def __init__(self, typed: TypedFields, prefix: str, choices: "SharedChoices", **kwargs: Any) -> None:
        super().__init__(typed, prefix, **kwargs)
        choice_field(self, "level").choices = choices.levels
        choice_field(self, "country").choices = choices.countries
        choice_field(self, "territory").choices = choices.territories
        self.fields["text"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    @property
    def key(self) -> str:
        """The value of the hidden field: the reference of what was chosen, `NEW`, or nothing yet."""
        return NEW if self.is_new else str(self.ref or "")

    @property
    def ref(self) -> PartyRef | None:
        """The reference of what was chosen."""
        try:
            ref = PartyRef.parse(self.data.get(self.add_prefix("actor"), ""))
        except ValueError:
            return None
        return ref if ref.kind in ACTOR_MODELS else None

    @property
    def asked(self) -> str:
        """Search text typed for the party's name."""
        return " ".join(self.typed("text").split())[:200]

    @property
    def is_empty(self) -> bool:
        """True if no party is named."""
        return not self.key and not self.asked

    @property
    def is_new(self) -> bool:
        """True if the party is to be entered by hand."""
        return self.data.get(self.add_prefix("actor")) == NEW

    def focus(self) -> None:
        self.first = "level" if self.is_new else "text"
        super().focus()

    def party(self, newcomers: dict[PartyRef, Newcomer]) -> dict[str, Any]:
        """The party as a content has it, and among the newcomers if it is new; what is not known yet is nobody's."""
        given = self.judge()
        ref = self.ref if self.ref and self.chosen else PartyKind.NEW_TOWN.ref(self.number)
        if self.is_new:
            if newcomer := self.newcomer():
                ref = ref if newcomer.level else PartyKind.NEW_ORGANISATION.ref(ref.key)
                newcomers[ref] = newcomer
        elif not self.chosen:
            self.candidates = suggest_actors(self.asked) if self.asked else None
            if self.candidates:
                self.say("text", _("Choose which one is meant."))
            else:
                self.say("text", _("Nothing of this name is known: correct it, or enter it as new."))
        return {
            "actor": str(ref),
            "role": given.get("role") or PartyRole.PARTNER.value,
            "joined": given.get("joined"),
            "left": given.get("left"),
        }

    @property
    def unfolded(self) -> bool:
        """True if role and dates are shown: they are filled in, or wrong."""
        said = (self[name].value() for name in ("joined", "left"))
        wrong = self.errors.keys() & {"role", "joined", "left"}
        return any(said) or self["role"].value() not in ("", None, PartyRole.PARTNER) or bool(wrong)

    def newcomer(self) -> Newcomer | None:
        """The party as it is described by hand; None, and its faults, where that does not do."""
        what, country, territory = (self.cleaned_data.get(name) or "" for name in ("level", "country", "territory"))
        if not self.asked:
            self.say("text", _("Write the name."))
        if not what:
            self.say("level", _("Say what it is."))
        kind = what.removeprefix("o:") if what.startswith("o:") else ""
        if not country and not kind:
            self.say("country", _("Say in which country it lies."))
        if territory and territory[:2] != country:
            self.say("territory", _("This territory lies in another country."))
        if self.errors:
            return None
        return Newcomer(self.asked, country, "" if kind else what, kind, territory)


class SourcePart(NamedPart):
    """A source: one that is known, or a new one."""

    source = forms.CharField(widget=forms.HiddenInput, required=False)
    text = optional_text(gettext_lazy("Title"))
    publisher = optional_text(gettext_lazy("Publisher"))
    date = DateText(label=gettext_lazy("Date"))
    url = forms.URLField(
        label=gettext_lazy("Address on the web"), required=False, assume_scheme="https", max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    licence = optional_text(gettext_lazy("Licence"), 60)

    chosen: Source | None = None
    candidates: list[Source] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs |= {"autocomplete": "off"}

    @property
    def key(self) -> int | None:
        """The key of the source that was chosen."""
        key = self.data.get(self.add_prefix("source"), "")
        return int(key) if re.fullmatch(r"[1-9]\d{0,17}", key) else None

    @property
    def asked(self) -> str:
        """Search text typed for the source's title."""
        return " ".join(self.typed("text").split())[:300]

    @property
    def is_empty(self) -> bool:
        """True if no source is named."""
        names = ("text", "publisher", "date", "url", "licence")
        return not self.key and not any(self.typed(name) for name in names)

    def cited(self, new_sources: dict[str, NewSource]) -> int | str | None:
        """The key of the source, which is among the new ones if it is new; None where the row is empty."""
        if self.chosen:
            return self.key
        if self.is_empty:
            return None
        self.judge()
        key = f"n{self.number}"
        if new := self.new():
            new_sources[key] = new
        return key

    def new(self) -> NewSource | None:
        """The source as it is described; None, and its faults, where that does not do."""
        given = self.cleaned_data
        if not self.asked:
            self.say("text", _("A source has a title."))
        if self.errors:
            return None
        return NewSource(self.asked, given["publisher"], given["date"], given["url"], given["licence"])


class SharedChoices:
    """Lists to choose from that all rows share."""

    def __init__(self, user: Any) -> None:
        named = sorted(((country.code, country.name) for country in countries()), key=lambda one: normalise(one[1]))
        self.countries = [("", "—"), *named]
        self.levels = [
            ("", "—"),
            (_("Local authority"), [(level.value, capfirst(level.label)) for level in Level]),
            (_("Organisation"), [(f"o:{kind.value}", capfirst(kind.label)) for kind in OrganisationKind]),
        ]
        own = sorted(permissions.own_territories(user), key=lambda territory: territory.normalised)
        self.territories = [("", "—"), *((territory.pk, territory.name) for territory in own)]
