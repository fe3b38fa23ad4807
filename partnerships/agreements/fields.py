"""The agreement's own fields, declared once: form, snapshot, import and export, JSON record, API and administration are
made from this list.

A field is a column of the model `Agreement`. What of it stands in other tables (parties, themes, funding, renewals,
sources) has rows of its own and is declared in `content_lists`. A new field is a column of the model, a line here, its
place in the templates that show it (`my/agreement_form.html`, `partnerships/agreement.html`), and its words in French;
`tests/test_add_a_field.py` does that on a copy of the project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import PartialDate
from core.imports.cells import TEXT_TOO_LONG, ChoiceCell, DateCell, DayCell, LayoutCell, TextCell, YesNoCell
from core.imports.columns import Column
from core.imports.typed_values import MAX_MAIL_ADDRESS_LENGTH, DateText, DayText, MailAddressField
from core.lists.form_fields import StrOrPromise
from core.lists.json_records import DAY, PARTIAL_DATE, JsonSchema, Labels, Member, closed, literal, maybe, string
from core.text import clean

from ..choices import Activity, FormalStatus, Kind
from ..imports import header_aliases
from ..models import Agreement

MAX_TEXT_LENGTH = 20_000
"""Characters of a description, through whichever door it comes."""


class FieldValue:
    """Kind of value of a field: how it is stored, written in files and JSON, typed in a form and said in words."""

    sql = ""
    """Expression of the cell of an export, with the column in braces; none where the column itself will do."""
    max_length = 0
    """Characters that the rule book allows; 0 where the value is no free text."""

    def cell(self) -> LayoutCell:
        """Reader and writer of the import column's cells."""
        raise NotImplementedError

    def schema(self) -> JsonSchema:
        """JSON Schema of the value in records."""
        raise NotImplementedError

    def given_schema(self) -> JsonSchema:
        """JSON Schema of the value as the API takes it."""
        return self.schema()

    def read(self, given: Any) -> Any:
        """The value of a content, read from what the API was given, which keeps the schema. Raises
        ``ValidationError`` with the remedy."""
        return given

    def form_field(self, default: Any, **told: Any) -> forms.Field:
        """Form field that cleans to the value of a content; `told` are label, help text and whether it is required,
        `default` is what the column holds where nothing is said."""
        raise NotImplementedError

    def labels(self) -> Labels | None:
        """Names of the codes, where the value is one of a closed list."""
        return None

    def typed(self, value: Any) -> str:
        """The value as it stands in a field of a form."""
        return "" if value is None else str(value)

    def words(self, value: Any) -> str:
        """The value in words of the active language; it is not blank."""
        return str(value)


@dataclass(frozen=True)
class PartialDateValue(FieldValue):
    """Date as precise as it is known: ISO text of a year, month or day, or None."""

    def cell(self) -> LayoutCell:
        return DateCell()

    def schema(self) -> JsonSchema:
        return maybe(PARTIAL_DATE)

    def read(self, given: str | None) -> str | None:
        return str(PartialDate.parse(given)) if given else None

    def form_field(self, default: Any, **told: Any) -> forms.Field:
        return DateText(**told)

    def typed(self, value: str | None) -> str:
        return "/".join(reversed(value.split("-"))) if value else ""

    def words(self, value: str) -> str:
        return PartialDate(value).localised()


@dataclass(frozen=True)
class DayValue(PartialDateValue):
    """Date that is known to the day: its ISO text in a content, or None."""

    def cell(self) -> LayoutCell:
        return DayCell()

    def schema(self) -> JsonSchema:
        return maybe(DAY)

    def form_field(self, default: Any, **told: Any) -> forms.Field:
        return DayText(**told)


@dataclass(frozen=True)
class BooleanValue(FieldValue):
    """Yes or no."""

    sql = "{}::int"

    def cell(self) -> LayoutCell:
        return YesNoCell()

    def schema(self) -> JsonSchema:
        return {"type": "boolean"}

    def form_field(self, default: Any, **told: Any) -> forms.Field:
        return forms.BooleanField(**told)

    def typed(self, value: bool) -> str:
        return "on" if value else ""

    def words(self, value: bool) -> str:
        return _("yes") if value else _("no")


@dataclass(frozen=True)
class ChoiceValue(FieldValue):
    """Code from a closed list. `names` are what foreign files call the codes; `other` is a field, and its value, whose
    words a cell of this one may hold: files mix up what papers say and what happens."""

    choices: type[TextChoices]
    names: Mapping[str, Any] = field(default_factory=dict)
    other: tuple[str, "ChoiceValue"] | None = None

    def cell(self) -> ChoiceCell:
        others = {self.other[0]: self.other[1].cell()} if self.other else None
        return ChoiceCell(self.choices, self.names, others=others)

    def schema(self) -> JsonSchema:
        return closed(self.choices.values)

    def form_field(self, default: Any, **told: Any) -> forms.Field:
        return forms.ChoiceField(choices=self.choices.choices, initial=default, **told)

    def labels(self) -> Labels:
        return lambda: dict(self.choices.choices)

    def words(self, value: str) -> str:
        return str(dict(self.choices.choices).get(value, value))


@dataclass(frozen=True)
class TextValue(FieldValue):
    """Text of several lines; `language` is that of a translated column."""

    max_length: int = MAX_TEXT_LENGTH
    language: str = ""

    def cell(self) -> LayoutCell:
        return TextCell(self.max_length)

    def schema(self) -> JsonSchema:
        return string()

    def given_schema(self) -> JsonSchema:
        return string(maxLength=self.max_length)

    def read(self, given: str) -> str:
        return clean(given).strip()

    def form_field(self, default: Any, **told: Any) -> forms.Field:
        attributes = {"rows": 6} | ({"lang": self.language} if self.language else {})
        told |= {"max_length": self.max_length, "error_messages": {"max_length": TEXT_TOO_LONG}}
        return forms.CharField(widget=forms.Textarea(attrs=attributes), **told)


@dataclass(frozen=True)
class EmailValue(TextValue):
    """E-mail address."""

    max_length: int = MAX_MAIL_ADDRESS_LENGTH

    def read(self, given: str) -> str:
        if address := super().read(given):
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(_("This is no e-mail address.")) from None
        return address

    def form_field(self, default: Any, **told: Any) -> forms.Field:
        widget = forms.EmailInput(attrs={"autocomplete": "off"})
        return MailAddressField(max_length=self.max_length, widget=widget, **told)


class FieldSection(StrEnum):
    """Part of a record in which fields stand together: in files, JSON and the administration."""

    KIND = "kind"
    DATES = "dates"
    STATE = "state"
    TEXTS = "texts"
    RECORD = "record"


@dataclass(frozen=True)
class AgreementField:
    """A column of the model `Agreement`, and all that the doors need to know of it.

    `meaning` is what records say, `column` the name of the import column and `column_meaning` its own meaning, where
    they differ. `label` and `help_text` are those of the form. A field that is not of the `content` has actions of its
    own: no form, snapshot or body of the API holds it. One that is not `in_files` has no column of import and export.
    """

    name: str
    value: FieldValue
    section: FieldSection
    meaning: StrOrPromise
    label: StrOrPromise = ""
    help_text: StrOrPromise = ""
    column: str = ""
    column_meaning: StrOrPromise = ""
    example: str = ""
    required: bool = False
    content: bool = True
    in_files: bool = True

    @property
    def column_name(self) -> str:
        """Name of the import column."""
        return self.column or self.name

    def form_field(self) -> forms.Field:
        """Field of the form of agreements."""
        default = self.model_field.get_default()
        return self.value.form_field(default, label=self.label, help_text=self.help_text, required=False)

    def import_column(self) -> Column:
        """Column of the import layout, which is that of files, too."""
        return Column(
            self.value.cell(),
            self.column_meaning or self.meaning,
            attribute=self.name if self.column else None,
            required=self.required,
            example=self.example,
            sql=self.value.sql.format(self.name),
        )

    def member(self) -> Member:
        """Member of the JSON record."""
        sql = f"partnerships_agreement.{self.name}"
        return Member(self.name, sql, self.meaning, self.value.schema(), labels=self.value.labels())

    @property
    def model_field(self) -> models.Field:
        """The column of the model."""
        found = Agreement._meta.get_field(self.name)
        if not isinstance(found, models.Field):
            raise TypeError(f"{self.name} is no column of agreements")
        return found

    @property
    def default_sql(self) -> str:
        """Expression for what the column holds where a file says nothing; empty where that is NULL."""
        default = self.model_field.get_default()
        if self.model_field.null or self.required:
            return ""
        return str(default).lower() if isinstance(default, bool) else literal(str(default))


_FORMAL_STATUS = ChoiceValue(FormalStatus, header_aliases.FORMAL_STATUSES)
_ACTIVITY = ChoiceValue(Activity, header_aliases.ACTIVITIES)

AGREEMENT_FIELDS: tuple[AgreementField, ...] = (
    AgreementField(
        "kind",
        ChoiceValue(Kind, header_aliases.KIND_ALIASES),
        FieldSection.KIND,
        gettext_lazy("Kind of agreement."),
        label=gettext_lazy("Kind"),
        example="twinning",
        required=True,
    ),
    AgreementField(
        "signed",
        PartialDateValue(),
        FieldSection.DATES,
        gettext_lazy("When it was signed, as precisely as known."),
        label=gettext_lazy("Signed"),
        example="1986-05-24",
    ),
    AgreementField(
        "valid_until",
        PartialDateValue(),
        FieldSection.DATES,
        gettext_lazy("Until when it is valid."),
        label=gettext_lazy("Valid until"),
    ),
    AgreementField(
        "tacit_renewal",
        BooleanValue(),
        FieldSection.DATES,
        gettext_lazy("Whether it renews itself tacitly."),
        label=gettext_lazy("Renewed tacitly: it goes on unless a party ends it"),
        example="0",
    ),
    AgreementField(
        "ended",
        PartialDateValue(),
        FieldSection.DATES,
        gettext_lazy("When it ended."),
        label=gettext_lazy("Ended"),
    ),
    AgreementField(
        "formal_status",
        ChoiceValue(FormalStatus, header_aliases.FORMAL_STATUSES, ("activity", _ACTIVITY)),
        FieldSection.STATE,
        gettext_lazy("What the papers say."),
        label=gettext_lazy("Formal status"),
        column_meaning=gettext_lazy("What the papers say; unknown if blank."),
        example="signed",
    ),
    AgreementField(
        "activity",
        ChoiceValue(Activity, header_aliases.ACTIVITIES, ("formal_status", _FORMAL_STATUS)),
        FieldSection.STATE,
        gettext_lazy("What really happens."),
        label=gettext_lazy("Activity"),
        column_meaning=gettext_lazy("What really happens; unknown if blank."),
        example="active",
    ),
    AgreementField(
        "description_en",
        TextValue(language="en"),
        FieldSection.TEXTS,
        gettext_lazy("What it is about, in English."),
        label=gettext_lazy("In English"),
        column="description",
    ),
    AgreementField(
        "description_fr",
        TextValue(language="fr"),
        FieldSection.TEXTS,
        gettext_lazy("What it is about, in French."),
        label=gettext_lazy("In French"),
    ),
    AgreementField(
        "mailbox",
        EmailValue(),
        FieldSection.TEXTS,
        gettext_lazy("An address of an office that answers for it."),
        label=gettext_lazy("Role mailbox"),
        help_text=gettext_lazy("An address of an office, not of a person; it is shown to everybody."),
        in_files=False,  # no addresses of mail in bulk
    ),
    AgreementField(
        "verified_on",
        DayValue(),
        FieldSection.RECORD,
        gettext_lazy("When it was last verified."),
        example="2026-05-24",
        content=False,  # verifying is an action, which says who did
    ),
)
"""The agreement's own fields, in the order of the form."""

NOT_DECLARED = {
    "id": "the key of the row",
    "reference": "given by the database, and the same for every kind of record",
    "publication": "moved by the workflow alone",
    "published_at": "kept by a trigger",
    "merged_into": "moved by merging alone",
    "created_at": "kept by the database",
    "party_key": "kept by a trigger",
    "published_key": "generated",
    "described": "generated",
}
"""Columns of the model that are not in `AGREEMENT_FIELDS`, and why."""

CONTENT_FIELDS = {one.name: one for one in AGREEMENT_FIELDS if one.content}
"""The fields that are part of an agreement's content, by name."""

CONTENT_COLUMNS = tuple(CONTENT_FIELDS)
"""The agreement's own columns that are part of its content."""


def of_section(*sections: FieldSection) -> tuple[AgreementField, ...]:
    """The fields of some sections."""
    return tuple(one for one in AGREEMENT_FIELDS if one.section in sections)


def column_names(*sections: FieldSection) -> tuple[str, ...]:
    """Columns of the model in some sections, by name."""
    return tuple(one.name for one in of_section(*sections))


def import_columns(*sections: FieldSection) -> dict[str, Column]:
    """Import columns of some sections, by name."""
    return {one.column_name: one.import_column() for one in of_section(*sections) if one.in_files}
