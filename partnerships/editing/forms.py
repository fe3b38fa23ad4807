"""The form of an agreement.

It is one HTML form whose fields are held as they were typed (`TypedFields`), wherever they come from: a stored content,
a form begun earlier, a request. Rows have numbers in their names, ``parties-0-joined``; adding, removing and finding
are buttons of the form, so that it works whole without JavaScript, and nothing typed is lost by any of them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.imports.date_formats import read_date
from core.text import normalise

from .. import permissions
from ..agreements.fields import (
    CONTENT_FIELDS,
    MAX_TEXT_LENGTH,
    AgreementField,
    BooleanValue,
    ChoiceValue,
    EmailValue,
    PartialDateValue,
    TextValue,
)
from ..choices import Level, OrganisationKind, PartyRole, Publication
from ..models import Agreement, FundingSource, Organisation, Source, Theme, Town
from ..places.autocomplete import ActorCandidate, describe, known_sources, suggest_actors
from ..places.party_refs import ACTOR_MODELS, Newcomer, PartyKind, PartyRef, actors_of
from ..querysets import countries
from . import rules, snapshot
from .commands import EnteredContent, NewSource, last_purge_day
from .snapshot import Content
from .uploads import EXTENSIONS, NotTaken, examine

NEW = "new"
"""Choice for a party that is none of the candidates."""
_MAX_ROWS = 60

_ROW = re.compile(r"(parties|renewals|funding|sources)-(\d{1,4})-(\w+)")
_NOT_KEPT = {"csrfmiddlewaretoken", "do", "draft", "typed_by", "then", "theirs", "path", "agreement", "base"}
_EXTRAS = ("link-", "upload-", "contact-")


class TypedFields(MultiValueDict):
    """The fields of the form as they were typed."""

    @classmethod
    def of(cls, content: Content) -> "TypedFields":
        """The fields that a content fills."""
        typed = cls()
        for name, own in CONTENT_FIELDS.items():
            typed[name] = own.value.typed(content[name])
        for number, party in enumerate(content["parties"]):
            typed.put("parties", number, **{**party, "joined": _date(party["joined"]), "left": _date(party["left"])})
        typed.setlist("themes", list(content["themes"]))
        for number, row in enumerate(content["funding"]):
            typed.put("funding", number, **{**row, "on": "on", "source": row["funding"]})
        for number, renewal in enumerate(content["renewals"]):
            typed.put("renewals", number, renewed=_date(renewal["renewed"]), valid_until=_date(renewal["valid_until"]))
        for number, source in enumerate(content["sources"]):
            typed.put("sources", number, source=source)
        return typed

    def put(self, rows: str, number: int, **values: Any) -> None:
        """Fill fields of a row."""
        for name, value in values.items():
            self[f"{rows}-{number}-{name}"] = "" if value is None else str(value)

    def numbers(self, rows: str) -> list[int]:
        """The numbers of the rows that there are of a kind."""
        found = {int(match[2]) for name in self if (match := _ROW.fullmatch(name)) and match[1] == rows}
        return sorted(found)[:_MAX_ROWS]

    def row(self, rows: str, number: int) -> dict[str, str]:
        """The fields of a row."""
        start = f"{rows}-{number}-"
        return {name.removeprefix(start): self[name] for name in self if name.startswith(start)}

    def add(self, rows: str, **values: Any) -> int:
        """Add a row; gives its number."""
        number = max(self.numbers(rows), default=-1) + 1
        self.put(rows, number, **({"text": ""} | values))
        return number

    def remove(self, rows: str, number: int) -> None:
        """Remove a row."""
        for name in [name for name in self if name.startswith(f"{rows}-{number}-")]:
            del self[name]

    def kept(self) -> dict[str, list[str]]:
        """Form data to store: all fields but the form's own machinery."""
        return {
            name: [value[:MAX_TEXT_LENGTH] for value in values]
            for name, values in self.lists()
            if name not in _NOT_KEPT and all(isinstance(value, str) for value in values)
        }

    def without_extras(self) -> "TypedFields":
        """Copy without the document and contact person, which were added."""
        return TypedFields({name: values for name, values in self.lists() if not name.startswith(_EXTRAS)})

    @property
    def is_blank(self) -> bool:
        """True if nothing was typed that is worth keeping."""
        fresh = blank()
        return all(not value or value == fresh.get(name) or name in _NOT_KEPT for name, value in self.items())


def _date(value: str | None) -> str:
    """A partial date as people type it: 24/05/1986."""
    return PartialDateValue().typed(value)


def blank() -> TypedFields:
    """A form to begin with: two parties, one source."""
    typed = TypedFields.of(snapshot.empty())
    typed.add("parties")
    typed.add("parties")
    typed.add("sources")
    return typed


# Fields


class DateText(forms.CharField):
    """A date as precise as it is known, in figures or words as files write it; gives its ISO text, or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, **kwargs)

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        return str(read_date(text)) if text else None


def _choice(choices: Any, label: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, label=label, required=False, **kwargs)


def _text(label: Any, longest: int = 300, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, **kwargs)


class FormPart(forms.Form):
    """A part of the form. Its faults are shown only when they are asked for (`judge`): a button of a row shows none."""

    use_required_attribute = False

    def __init__(self, typed: TypedFields, prefix: str | None = None, **kwargs: Any) -> None:
        super().__init__(typed, prefix=prefix, label_suffix="", **kwargs)
        self._errors = ErrorDict()

    def judge(self) -> dict[str, Any]:
        """Find the faults; gives the values that have none."""
        self._errors = None
        self.full_clean()
        return self.cleaned_data

    @property
    def is_filled(self) -> bool:
        """True if anything was typed in this part."""
        return any(self.data.get(self.add_prefix(name), "").strip() for name in self.fields)

    def say(self, name: str, message: str) -> None:
        """Add a fault to a field."""
        self._errors.setdefault(name, self.error_class(renderer=self.renderer, field_id=self[name].auto_id))
        self._errors[name].append(message)


def _form_field(own: AgreementField) -> forms.Field:
    """Form field of one of the agreement's own fields."""
    told: dict[str, Any] = {"label": own.label, "help_text": own.help_text, "required": False}
    match own.value:
        case PartialDateValue():
            return DateText(label=own.label, help_text=own.help_text)
        case BooleanValue():
            return forms.BooleanField(**told)
        case ChoiceValue(choices=choices):
            initial = Agreement._meta.get_field(own.name).get_default()
            return forms.ChoiceField(choices=choices.choices, initial=initial, **told)
        case EmailValue():
            return forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "off"}), **told)
        case TextValue(max_length=longest, language=language):
            attributes = {"rows": 6} | ({"lang": language} if language else {})
            return forms.CharField(max_length=longest, widget=forms.Textarea(attrs=attributes), **told)
    raise NotImplementedError(f"{own.name}: no form field for {own.value}")


class MainPart(FormPart):
    """Part of the form with the agreement's own fields, its themes, and words to others."""

    vars().update({name: _form_field(own) for name, own in CONTENT_FIELDS.items()})

    themes = forms.MultipleChoiceField(
        label=gettext_lazy("Themes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = _text(
        gettext_lazy("What is different about this one?"), 500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Read by those who decide, and in the history by those who may write the agreement."),
    )  # fmt: skip
    note = _text(
        gettext_lazy("Message to those who decide"), 2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Nobody else reads it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["themes"].choices = sorted(
            ((theme.code, theme.name) for theme in Theme.objects.all()), key=lambda choice: normalise(choice[1])
        )


class RenewalPart(FormPart):
    """A renewal."""

    renewed = DateText(label=gettext_lazy("Renewed on"))
    valid_until = DateText(label=gettext_lazy("Valid until"))

    def clean_renewed(self) -> str | None:
        """A renewal has a date; a row with nothing in it is none."""
        value = self.cleaned_data["renewed"]
        if not value and self.data.get(self.add_prefix("valid_until"), "").strip():
            raise ValidationError(_("When was it renewed?"))
        return value


class FundingPart(FormPart):
    """Money from a source."""

    source = forms.CharField(widget=forms.HiddenInput, required=False)
    on = forms.BooleanField(required=False)
    year = forms.IntegerField(
        label=gettext_lazy("Year"), min_value=rules.EARLIEST_YEAR, max_value=rules.LATEST_YEAR, required=False,
        localize=False, error_messages=dict.fromkeys(("min_value", "max_value"), rules.YEAR_REMEDY),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=0, max_digits=14, decimal_places=2, required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"), rules.AMOUNT_REMEDY
        ),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
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

    def __init__(self, typed: TypedFields, prefix: str, **kwargs: Any) -> None:
        typed = typed.copy()
        if amount := typed.get(f"{prefix}-amount"):  # “12 000,50” as well as “12000.50”
            typed[f"{prefix}-amount"] = re.sub(r"[\s\u00a0\u202f']", "", amount).replace(",", ".")
        super().__init__(typed, prefix, **kwargs)

    def clean_currency(self) -> str:
        """Capital letters; euros where an amount has no currency, as the empty field shows."""
        return self.cleaned_data["currency"].upper() or ("EUR" if self.cleaned_data.get("amount") is not None else "")


class PartyPart(FormPart):
    """A party: who, and in which part."""

    actor = forms.CharField(widget=forms.HiddenInput, required=False)
    text = _text(gettext_lazy("Town, authority or organisation"), 200)
    role = _choice(PartyRole.choices, gettext_lazy("Role"))
    joined = DateText(label=gettext_lazy("Joined"))
    left = DateText(label=gettext_lazy("Left"))
    level = _choice((), gettext_lazy("What it is"))
    country = _choice((), gettext_lazy("Country"))
    territory = _choice((), gettext_lazy("Lies in"))

    chosen: ActorCandidate | None = None
    """The chosen party, in words."""
    candidates: list[ActorCandidate] | None = None
    """Candidates for the party, if they were looked up."""
    focused = False

    def __init__(self, typed: TypedFields, prefix: str, choices: "SharedChoices", **kwargs: Any) -> None:
        super().__init__(typed, prefix, **kwargs)
        self.fields["level"].choices = choices.levels
        self.fields["country"].choices = choices.countries
        self.fields["territory"].choices = choices.territories
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
        return " ".join(self.data.get(self.add_prefix("text"), "").split())[:200]

    @property
    def is_empty(self) -> bool:
        """True if no party is named."""
        return not self.key and not self.asked

    @property
    def is_new(self) -> bool:
        """True if the party is to be entered by hand."""
        return self.data.get(self.add_prefix("actor")) == NEW

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


class SourcePart(FormPart):
    """A source: one that is known, or a new one."""

    source = forms.CharField(widget=forms.HiddenInput, required=False)
    text = _text(gettext_lazy("Title"))
    publisher = _text(gettext_lazy("Publisher"))
    date = DateText(label=gettext_lazy("Date"))
    url = forms.URLField(
        label=gettext_lazy("Address on the web"), required=False, assume_scheme="https", max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    licence = _text(gettext_lazy("Licence"), 60)

    chosen: Source | None = None
    candidates: list[Source] | None = None
    focused = False

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
        return " ".join(self.data.get(self.add_prefix("text"), "").split())[:300]

    @property
    def is_empty(self) -> bool:
        """True if no source is named."""
        names = ("text", "publisher", "date", "url", "licence")
        return not self.key and not any(self.data.get(self.add_prefix(name), "").strip() for name in names)

    def new(self) -> NewSource | None:
        """The source as it is described; None, and its faults, where that does not do."""
        given = self.cleaned_data
        if not self.asked:
            self.say("text", _("A source has a title."))
        if self.errors:
            return None
        return NewSource(self.asked, given["publisher"], given["date"], given["url"], given["licence"])


class LinkPart(FormPart):
    """A document that lies elsewhere."""

    title = _text(gettext_lazy("Title"))
    url = forms.URLField(
        label=gettext_lazy("Address on the web"), required=False, assume_scheme="https", max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    date = DateText(label=gettext_lazy("Date"))
    language = _choice(
        [("", "—"), ("en", gettext_lazy("English")), ("fr", gettext_lazy("French")), ("mul", gettext_lazy("several"))],
        gettext_lazy("Language"),
    )

    def clean(self) -> dict[str, Any]:
        """A document that lies elsewhere has an address."""
        given = super().clean()
        if not given.get("url") and "url" not in self.errors and (given.get("title") or given.get("date")):
            self.add_error("url", _("Where does the document lie?"))
        return given


class UploadPart(FormPart):
    """A document that is sent along."""

    title = _text(gettext_lazy("Title"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("PDF, ODT, DOCX, JPEG, PNG, WebP or TIFF, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ",".join(EXTENSIONS.values()) + ",.jpeg,.tiff"}),
    )

    def clean_file(self) -> Any:
        """Accept only the allowed kinds of files, recognised by their content."""
        file = self.cleaned_data["file"]
        if file:
            try:
                examine(file)
            except NotTaken as error:
                raise ValidationError(str(error)) from error
        return file


class ContactPart(FormPart):
    """A person to speak to."""

    name = _text(gettext_lazy("Name"), 200)
    function = _text(gettext_lazy("Function"), 200)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    phone = _text(gettext_lazy("Telephone"), 40)
    purpose = _text(gettext_lazy("Purpose"), 300, help_text=gettext_lazy("What the contact is kept for."))
    purge_on = forms.DateField(
        label=gettext_lazy("Erase on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text=gettext_lazy("Three years from now at the latest."),
    )
    public = forms.BooleanField(label=gettext_lazy("The person agrees to be shown to everybody"), required=False)

    def clean(self) -> dict[str, Any]:
        """A person has a name, and is kept for a purpose; until the latest day if none is said."""
        given = super().clean()
        if self.asked and not given.get("name"):
            self.add_error("name", _("Write the name."))
        if self.asked and not given.get("purpose"):
            self.add_error("purpose", _("Say what the contact is kept for."))
        given["purge_on"] = given.get("purge_on") or last_purge_day()
        return given

    @property
    def asked(self) -> bool:
        """True if a contact person is described."""
        names = ("name", "function", "email", "phone", "purpose")
        return any(self.data.get(self.add_prefix(name), "").strip() for name in names)


# The whole


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


@dataclass(frozen=True)
class Problem:
    """A fault for the summary: the field it is shown at, its name and the message."""

    anchor: str
    label: str
    message: str


class AgreementForm:
    """The form of an agreement, made of what was typed.

    `user` is who fills it in, `agreement` what is edited (None for a new one), `files` what was uploaded.
    """

    def __init__(
        self,
        typed: TypedFields,
        *,
        user: Any,
        agreement: Agreement | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> None:
        self.typed, self.user, self.agreement = typed, user, agreement
        choices = SharedChoices(user)
        self.main = MainPart(typed)
        self.parties = [PartyPart(typed, f"parties-{number}", choices) for number in typed.numbers("parties")]
        self.renewals = [RenewalPart(typed, f"renewals-{number}") for number in typed.numbers("renewals")]
        self.funding = self._funding(typed)
        self.sources = [SourcePart(typed, f"sources-{number}") for number in typed.numbers("sources")]
        self.link, self.contact = LinkPart(typed, "link"), ContactPart(typed, "contact")
        self.upload = UploadPart(typed, "upload", files=files)
        self.general: list[str] = []
        """Faults of the whole, and of lists."""
        self.of_list: dict[str, list[str]] = {}
        self._name_chosen()

    @staticmethod
    def _funding(typed: TypedFields) -> list[FundingPart]:
        """The rows of money: at least one for each funding source, by name."""
        known = {source.code: source.name for source in FundingSource.objects.all()}
        typed = typed.copy()
        there = {typed.get(f"funding-{number}-source") for number in typed.numbers("funding")}
        for code in known:
            if code not in there:
                typed.add("funding", source=code)
        rows = [FundingPart(typed, f"funding-{number}") for number in typed.numbers("funding")]
        rows = [row for row in rows if row["source"].value() in known]
        rows.sort(key=lambda row: normalise(known[row["source"].value()]))
        before = None
        for row in rows:
            row.title = known[row["source"].value()]
            row.again, before = row["source"].value() == before, row["source"].value()
        return rows

    def _name_chosen(self) -> None:
        """Set the names of the chosen actors and sources; a reference that is unknown, or that the user may not see, is
        dropped."""
        found = actors_of({row.ref for row in self.parties if row.ref})
        own = {PartyRef.of(party.actor) for party in self.agreement.parties.all()} if self.agreement else set()
        seen = {
            ref: actor
            for ref, actor in found.items()
            if ref in own
            or not isinstance(actor, Town | Organisation)
            or actor.publication == Publication.PUBLISHED
            or permissions.may_see(self.user, actor)
        }
        named = dict(zip(seen, describe(seen.values()), strict=True))
        for row in self.parties:
            row.chosen = named.get(row.ref)
        asked = [row.key for row in self.sources if row.key]
        known = permissions.sources_seen_by(self.user).in_bulk(asked)
        if self.agreement:
            known |= self.agreement.sources.in_bulk(asked)
        for row in self.sources:
            row.chosen = known.get(row.key)

    @property
    def actors(self) -> list[PartyRef]:
        """The stored parties that are chosen."""
        return [row.ref for row in self.parties if row.chosen and row.ref.is_stored]

    # The buttons of rows

    def find(self, *, only: int | None = None) -> None:
        """Look up actors and sources by the texts of rows without a choice (of the `only` one)."""

        def look_up_source(text: str) -> list[Source]:
            return known_sources(text, permissions.sources_seen_by(self.user))

        for rows, look_up in ((self.parties, suggest_actors), (self.sources, look_up_source)):
            for row in rows:
                if not row.chosen and row.asked and only in (None, row.prefix):
                    row.candidates = look_up(row.asked)

    focused = ""
    """The button that has the focus when the form is shown."""

    def focus(self, on: str) -> None:
        """Set the focus of the shown form on a row, by its prefix; on the next one to fill in if that row is done."""
        kind = on.partition("-")[0]
        rows = {"parties": self.parties, "sources": self.sources, "renewals": self.renewals, "funding": self.funding}
        place = next((number for number, row in enumerate(rows.get(kind, ())) if row.prefix == on), None)
        if place is None:
            self.focused = on
            return
        row = rows[kind][place]
        if kind in ("parties", "sources") and row.chosen:
            row = next((other for other in rows[kind][place + 1 :] if not other.chosen), None)
        if row is None:
            self.focused = f"add-{kind}"
        elif getattr(row, "candidates", None):
            row.focused = True  # its first candidate
        else:
            first = {"renewals": "renewed", "funding": "year"}.get(
                kind, "level" if getattr(row, "is_new", 0) else "text"
            )
            row.fields[first].widget.attrs["autofocus"] = True

    # What it says

    def entry(self, *, publishing: bool) -> EnteredContent | None:
        """Validate the form and return its `EnteredContent`; None where there are faults, shown at their fields
        then."""
        given = self.main.judge()
        content = snapshot.empty()
        content |= {name: value for name in CONTENT_FIELDS if (value := given.get(name))}
        content["themes"] = sorted(given.get("themes") or [])
        newcomers: dict[PartyRef, Newcomer] = {}
        new_sources: dict[str, NewSource] = {}
        parties = [row for row in self.parties if not row.is_empty]
        content["parties"] = [self._party(row, newcomers) for row in parties]
        funding = [row for row in self.funding if row["on"].value()]
        content["funding"] = [self._contribution(row) for row in funding]
        renewals = [row for row in self.renewals if row.judge().get("renewed")]
        content["renewals"] = [
            {"renewed": row.cleaned_data["renewed"], "valid_until": row.cleaned_data.get("valid_until")}
            for row in renewals
        ]
        content["sources"] = [key for row in self.sources if (key := self._source(row, new_sources)) is not None]
        self.extras_are_valid()
        entry = EnteredContent(content, newcomers, new_sources)
        self.show(entry.faults(publishing=publishing), parties=parties, renewals=renewals, funding=funding)
        if self.has_faults:
            return None
        content["renewals"].sort(key=lambda row: row["renewed"])
        known = sorted(key for key in content["sources"] if isinstance(key, int))
        content["sources"] = [*dict.fromkeys(known), *new_sources]
        return entry

    def extras_are_valid(self) -> bool:
        """True if the document and the contact person to be added are valid; faults are shown at their fields."""
        extras = (self.link, self.upload, self.contact)
        for part in extras:
            part.judge()
        return not any(part.errors for part in extras)

    def _party(self, row: PartyPart, newcomers: dict[PartyRef, Newcomer]) -> dict[str, Any]:
        given = row.judge()
        ref = row.ref if row.chosen else PartyKind.NEW_TOWN.ref(row.prefix.removeprefix("parties-"))
        if row.is_new:
            if newcomer := row.newcomer():
                ref = ref if newcomer.level else PartyKind.NEW_ORGANISATION.ref(ref.key)
                newcomers[ref] = newcomer
        elif not row.chosen:
            row.candidates = suggest_actors(row.asked) if row.asked else None
            if row.candidates:
                row.say("text", _("Choose which one is meant."))
            else:
                row.say("text", _("Nothing of this name is known: correct it, or enter it as new."))
        return {
            "actor": str(ref),
            "role": given.get("role") or PartyRole.PARTNER.value,
            "joined": given.get("joined"),
            "left": given.get("left"),
        }

    @staticmethod
    def _contribution(row: FundingPart) -> dict[str, Any]:
        given = row.judge()
        amount, currency = given.get("amount"), given.get("currency", "")
        if row.errors.keys() & {"amount", "currency"}:  # that one cannot be read is said, not that it is missing
            amount, currency = None, ""
        return {
            "funding": row["source"].value(),
            "year": given.get("year"),
            "amount": None if amount is None else f"{amount:.2f}",
            "currency": currency,
        }

    def _source(self, row: SourcePart, new_sources: dict[str, NewSource]) -> int | str | None:
        """The key of a source; None where the row is empty."""
        if row.chosen:
            return row.key
        if row.is_empty:
            return None
        row.judge()
        key = f"n{row.prefix.removeprefix('sources-')}"
        if new := row.new():
            new_sources[key] = new
        return key

    def show(self, faults: Mapping[str, list[str]], **rows: list[Any]) -> None:
        """Show faults of a content at their fields; `rows` are the parts that its lists were read from, in their order:
        parties, renewals, funding."""
        for field, messages in faults.items():
            kind, _sep, rest = field.partition("-")
            number, _sep, name = rest.partition("-")
            for message in messages:
                if name:
                    row = rows[kind][int(number)]
                    row.say("text" if name == "actor" else name, message)
                elif field in self.main.fields:
                    self.main.say(field, message)
                else:
                    self.of_list.setdefault(field, []).append(message)

    @cached_property
    def parts(self) -> list[tuple[str, FormPart]]:
        """All parts, each with the words that name it in the summary of faults."""
        return [
            *((_("Party %(number)d") % {"number": number}, row) for number, row in enumerate(self.parties, 1)),
            ("", self.main),
            *((_("Renewal"), row) for row in self.renewals),
            *((row.title, row) for row in self.funding),
            *((_("Source"), row) for row in self.sources),
            (_("Document"), self.link),
            (_("Document"), self.upload),
            (_("Contact person"), self.contact),
        ]

    @property
    def has_faults(self) -> bool:
        """True if any part of the form has a fault."""
        return bool(self.general or self.of_list or any(part.errors for _name, part in self.parts))

    def problems(self) -> Iterator[Problem]:
        """The faults, in the order of the form, for the summary above it."""
        for message in self.general:
            yield Problem("", "", message)
        titles = {"parties": pgettext_lazy("of an agreement", "Parties"), "sources": gettext_lazy("Sources")}
        for name, messages in self.of_list.items():
            for message in messages:
                yield Problem(name, str(titles.get(name, "")), message)
        for title, part in self.parts:
            for field, messages in part.errors.items():
                bound = part[field]
                label = ", ".join(str(word) for word in (title, bound.label) if word)
                for message in messages:
                    yield Problem(bound.id_for_label, label, message)
