"""Form fields of what people type into forms: it is read as cells of files are, and refused in the same words."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from .cells import TEXT_TOO_LONG, AmountCell, DayCell
from .date_formats import read_date

MAX_MAIL_ADDRESS_LENGTH = 254
"""Characters of an e-mail address: the columns that hold one have no more."""


class DateText(forms.CharField):
    """A date as precise as it is known, in figures or words as files write it; gives its ISO text, or None."""

    def __init__(self, **kwargs: Any) -> None:
        told: dict[str, Any] = {"required": False, "max_length": 40}
        super().__init__(**told | kwargs)

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        return self.read(text) if text else None

    def read(self, text: str) -> str:
        """ISO text of a date that was typed. Raises ``ValidationError``."""
        return str(read_date(text))


class DayText(DateText):
    """A date that is known to the day; gives its ISO text, or None."""

    def read(self, text: str) -> str:
        try:
            return DayCell().clean(text).isoformat()
        except ValueError as error:
            raise ValidationError(str(error)) from None


class MailAddressField(forms.EmailField):
    """An e-mail address that the columns for one can hold."""

    def __init__(self, **kwargs: Any) -> None:
        told: dict[str, Any] = {"max_length": MAX_MAIL_ADDRESS_LENGTH, "error_messages": {"max_length": TEXT_TOO_LONG}}
        super().__init__(**told | kwargs)


class AmountText(forms.DecimalField):
    """An amount as files write it: “12 000,50” as well as “12000.50”."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    default_error_messages = {"invalid": gettext_lazy("This is no number: write it as in 12500 or 12500.50.")}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as that of Django's own
        if value is None or not (text := str(value).strip()):
            return None
        try:
            return AmountCell().clean(text)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
