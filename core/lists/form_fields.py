"""Form fields of filters: strict about every value, and worded when one is wrong.

A visitor's address bar can hold anything. Each field either understands a value or says which one it does
not, and what would be right; none lets a value pass unseen, because that would show everything.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, TextChoices
from django.db.models.enums import ChoicesType
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDate
from core.text import clean, normalise, replace_invalid_characters

MAX_VALUE_LENGTH = 200
"""Characters that one value may have."""
MAX_VALUES = 100
"""Values that one parameter may have."""

StrOrPromise = str | Promise
_Choices = Iterable[tuple[str, StrOrPromise]]


def shortened(value: str) -> str:
    """A value as a message or a chip shows it: all of it text, on one line, and never a whole page long."""
    return Truncator(" ".join(replace_invalid_characters(value).split())).chars(60)


def choice_field(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    """A form's field that is a choice."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"The field {name} is no choice.")
    return field


def record_field(form: forms.BaseForm, name: str) -> forms.ModelChoiceField[Any]:
    """A form's field that is a choice among records."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"The field {name} is no choice among records.")
    return field


class UntemplatedInput(forms.Widget):
    """Base of the inputs of a list, which are drawn here: Django reads three templates for each, a tenth of the page's
    time."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: object = None) -> SafeString:
        widget = context["widget"]
        value = {} if widget["value"] is None else {"value": clean(widget["value"])}
        return format_html(
            "<input{}>", flatatt({"type": widget["type"], "name": widget["name"]} | value | widget["attrs"])
        )


class TextWidget(UntemplatedInput, forms.TextInput):
    """A line of text."""


class ValuesWidget(forms.Widget):
    """Reads repeated parameters and comma lists alike: ``country=FR&country=DE`` and ``country=FR,DE``.

    `case` is applied to each value, so that codes may be written in either case. Shown by itself it is a text box
    that takes codes; where there is a list of choices, a template shows that.
    """

    case: Callable[[str], str] = str
    template_name = "django/forms/widgets/text.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"type": "text", "value": ",".join(value or [])}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        if not isinstance(given, list | tuple):
            given = [given]
        parts = (part.strip() for text in given for part in str(text).split(","))
        return list(dict.fromkeys(self.case(part) for part in parts if part))


class ValuesField(forms.Field):
    """Form field for any number of codes; cleans to what `look_up` finds for them, in the order given.

    `remedy` tells how a right value is written; `case` is the case of the codes (``str.upper``,
    ``str.lower``).
    """

    widget = ValuesWidget
    default_error_messages = {
        "unknown": _("“%(value)s” is not known here. %(remedy)s"),
        "too_many": _("At most %(most)s values can be asked for at once."),
    }

    def __init__(self, *, remedy: StrOrPromise, case: Callable[[str], str] = str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.remedy = remedy
        self.widget.case = case

    def look_up(self, values: list[str]) -> dict[str, Any]:
        """Map each known value to the object it stands for."""
        raise NotImplementedError

    def display(self, value: str) -> str:
        """A value in words, for the chip that removes it."""
        raise NotImplementedError

    def clean(self, value: list[str]) -> list[Any]:
        if len(value) > MAX_VALUES:
            raise ValidationError(self.error_messages["too_many"], "too_many", {"most": MAX_VALUES})
        possible = [v for v in value if len(v) <= MAX_VALUE_LENGTH and clean(v) == v]
        found = self.look_up(possible) if possible else {}
        unknown = [v for v in value if v not in found]
        if unknown:
            listed = "”, “".join(shortened(v) for v in unknown[:5])
            raise ValidationError(self.error_messages["unknown"], "unknown", {"value": listed, "remedy": self.remedy})
        return [found[v] for v in value]


class _Listed:
    """The choices of a field, read once however many copies of the field a form makes."""

    def __init__(self, choices: type[TextChoices] | _Choices | Callable[[], _Choices]) -> None:
        self.given = choices

    @cached_property
    def pairs(self) -> list[tuple[str, StrOrPromise]]:
        given = self.given
        if isinstance(given, ChoicesType):
            return [*given.choices]
        return list(given() if callable(given) else given)

    @cached_property
    def labels(self) -> dict[str, StrOrPromise]:
        return dict(self.pairs)

    def __iter__(self) -> Any:
        return iter(self.pairs)


class ChoicesField(ValuesField):
    """Form field for any of a closed list. `choices` are pairs of code and label, a ``TextChoices`` class, or a
    function that reads them; cleans to the codes."""

    def __init__(self, *, choices: Any, **kwargs: Any) -> None:
        kwargs.setdefault("case", str.lower)
        kwargs.setdefault("remedy", _("Choose from the list."))
        super().__init__(**kwargs)
        self.choices = _Listed(choices)

    def look_up(self, values: list[str]) -> dict[str, str]:
        return {value: value for value in values if value in self.choices.labels}

    def display(self, value: str) -> str:
        return str(self.choices.labels.get(value, value))


class RecordsField(ValuesField):
    """Form field for records named by a code, from a table too long for a list of choices; cleans to the records.

    `queryset` gives the records that may be asked for, `key` is the column with their code.
    """

    def __init__(self, *, queryset: Callable[[], QuerySet[Model]], key: str = "reference", **kwargs: Any) -> None:
        kwargs.setdefault("case", str.upper)
        super().__init__(**kwargs)
        self.queryset, self.key = queryset, key
        self.found: dict[str, Model] = {}

    def look_up(self, values: list[str]) -> dict[str, Model]:
        records = self.queryset().filter(**{f"{self.key}__in": values})
        self.found.update((getattr(record, self.key), record) for record in records)
        return self.found

    def display(self, value: str) -> str:
        return str(self.found.get(value, value))


class WordsField(forms.CharField):
    """Form field for search words, read as all text is (`core.text.clean`); refuses a text with neither letter nor
    digit."""

    widget = TextWidget
    default_error_messages = {
        "wordless": _("“%(value)s” has no letter or digit to search for. Write a name or a part of one.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, max_length=MAX_VALUE_LENGTH)

    def clean(self, value: object) -> str:
        given = str(value or "").strip()
        text: str = super().clean(clean(given))
        if given and not normalise(text):
            raise ValidationError(self.error_messages["wordless"], "wordless", {"value": shortened(given)})
        return text

    def display(self, value: str) -> str:
        """The words that were read, if there are any."""
        return clean(value) or value


class PartialDateFormField(forms.CharField):
    """Form field for a year, a month or a day; cleans to a `PartialDate` or None."""

    widget = TextWidget

    def clean(self, value: object) -> PartialDate | None:
        text = str(value or "").strip()
        # A longer text is none of the forms: cut, it is refused in the same words, but short ones.
        return PartialDate.parse(shortened(text)) if text else None


class SwitchWidget(UntemplatedInput, forms.CheckboxInput):
    """Checkbox widget that keeps the value of the address for the field to judge."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, check_test=lambda value: str(value).lower() in SwitchField.ON)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name, "")

    def format_value(self, value: object) -> str:
        return "1"


class SwitchField(forms.Field):
    """Form field for a switch, on or off; cleans to a truth value."""

    ON = frozenset({"1", "true", "yes", "on"})
    OFF = frozenset({"", "0", "false", "no", "off"})
    widget = SwitchWidget
    default_error_messages = {"unknown": _("“%(value)s” is neither yes nor no. Write 1 or leave it out.")}

    def clean(self, value: object) -> bool:
        text = str(value or "").strip().lower()
        if text not in self.ON | self.OFF:
            raise ValidationError(self.error_messages["unknown"], "unknown", {"value": shortened(str(value))})
        return text in self.ON

    def display(self, value: str) -> str:
        """No text for the chip: the label of a switch that is on says it all."""
        return ""


class SortField(forms.Field):
    """Form field for the name of one of the list's orders; cleans to that name."""

    widget = forms.Select
    default_error_messages = {"unknown": _("“%(value)s” is no order of this list. Use one of: %(names)s.")}

    def __init__(self, *, choices: _Choices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = dict(choices)
        self.widget.choices = [("", _("usual order")), *choices]

    def clean(self, value: object) -> str:
        name = str(value or "").strip()
        if name and name not in self.names:
            raise ValidationError(
                self.error_messages["unknown"],
                "unknown",
                {"value": shortened(name), "names": ", ".join(self.names)},
            )
        return name
