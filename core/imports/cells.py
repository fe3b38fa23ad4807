"""LayoutCell widgets of import columns: how each kind of value is read and written.

A widget's ``clean`` turns the text of a cell into the stored value, or raises ``ValueError`` with a message that says
what is wrong and what to write instead; ``render`` is its inverse, so that an exported cell imports as unchanged.
"""

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from import_export.widgets import Widget

from core.dates import PartialDate
from core.text import normalise

from .date_formats import read_date
from .readers.limits import tidy

SEPARATOR = "|"
"""Separator between the parts of a cell that holds a list."""

TEXT_TOO_LONG = gettext_lazy("%(show_value)s characters are too many: shorten it to %(limit_value)s.")
"""Message for a text that is too long, with the names that forms fill in."""

_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


def plain(text: str) -> str:
    """A text with ordinary spaces in the place of no-break ones."""
    return text.translate(_SPACES)


class LayoutCell(Widget):
    """Base of all cells here."""

    format: str | Promise
    of_its_row = False
    """True if the meaning of a cell depends on others of its row."""

    def clean(self, value: str, row: object = None, **kwargs: object) -> Any:
        raise NotImplementedError

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        raise NotImplementedError


class TextCell(LayoutCell):
    """Text of a limited length."""

    format = gettext_lazy("text")

    def __init__(self, max_length: int = 0) -> None:
        super().__init__()
        self.max_length = max_length

    def clean(self, value: str, row: object = None, **kwargs: object) -> Any:
        if self.max_length and len(value) > self.max_length:
            raise ValueError(TEXT_TOO_LONG % {"show_value": len(value), "limit_value": self.max_length})
        return value

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        return "" if value is None else str(value)


class UrlCell(TextCell):
    """A web address."""

    format = gettext_lazy("web address")

    def clean(self, value: str, row: object = None, **kwargs: object) -> str:
        try:
            URLValidator(schemes=["http", "https"])(value)
        except ValidationError:
            raise ValueError(_("This is no web address: it begins with http:// or https://.")) from None
        return str(super().clean(value))


class ChoiceCell(TextCell):
    """One of a closed list of codes; `words` for them and their labels in the languages of the site are understood."""

    format = gettext_lazy("code")

    def __init__(
        self,
        choices: type[models.TextChoices],
        words: Mapping[str, str] | None = None,
        *,
        others: Mapping[str, "ChoiceCell"] | None = None,
    ) -> None:
        """`others` are columns with which files confuse this one."""
        super().__init__()
        self.choices = choices
        self.words = words or {}
        self.others = others or {}
        self._known = {value.lower(): value for value in choices.values}

    @cached_property
    def _said(self) -> dict[str, str]:
        """Codes by what else they are called; `words` are in one text, with semicolons between them."""
        said = {normalise(word): code for code, words in self.words.items() for word in words.split("; ")}
        for language, _name in settings.LANGUAGES:
            with override(language):
                for code, label in self.choices.choices:
                    said.setdefault(normalise(str(label)), code)
        return said

    def code(self, text: str) -> str | None:
        """The code that a text stands for; None for another text."""
        code = plain(text).lower().replace(" ", "-").replace("_", "-")
        return self._known.get(code) or self._said.get(normalise(text))

    def clean(self, value: str, row: object = None, **kwargs: object) -> str:
        if (code := self.code(value)) is not None:
            return code
        if column := next((name for name, other in self.others.items() if other.code(value) is not None), None):
            raise ValueError(_("This is said in the column “%s”: map the header to it, or correct the value.") % column)
        raise ValueError(_("This code is not known: use one of %s.") % ", ".join(self.choices.values))


class DateCell(TextCell):
    """A partial date: a year, a month or a day."""

    format = gettext_lazy("date: 1986, 1986-05 or 1986-05-24")

    def clean(self, value: str, row: object = None, **kwargs: object) -> PartialDate:
        try:
            return read_date(value)
        except ValidationError as error:
            raise ValueError(error.messages[0]) from None


class DayCell(TextCell):
    """A date known to the day."""

    format = gettext_lazy("day: 1986-05-24")

    def clean(self, value: str, row: object = None, **kwargs: object) -> datetime.date:
        date = DateCell().clean(value)
        if len(date) < 10:
            raise ValueError(_("This date needs its day, as in 1986-05-24."))
        return date.first_day()


class CodeCell(TextCell):
    """A code of a given form; `example` shows it."""

    format = gettext_lazy("code")

    def __init__(self, form: str, example: str) -> None:
        super().__init__()
        self.form = re.compile(form)
        self.example = example

    def clean(self, value: str, row: object = None, **kwargs: object) -> str:
        if not self.form.fullmatch(value):
            raise ValueError(_("This code has not the form it should have: write it as in %s.") % self.example)
        return value


PEOPLE = re.compile(
    r"(?<=\d)\s*(?:h|hab|hbts?|habitants?|habitantes|âmes|personnes|inh|inhabitants|people|persons|pop|ew|einw|einwohner"
    r"|abitanti|ab|inwoners|inw)\.?$",
    re.IGNORECASE,
)
"""A word after a number that says that people are counted; others, such as “k” or “Mio.”, make it another number."""

GROUPED = re.compile(r"\d{1,3}(?:([ .,'’])\d{3})(?:\1\d{3})*")
"""A whole number whose digits are in groups of three, whatever stands between them."""


class NumberCell(TextCell):
    """A whole number from 0 to `highest`; signs that group its digits are fine, and with `unit` a word for people."""

    format = gettext_lazy("whole number")

    def __init__(self, highest: int = 2_147_483_647, *, unit: bool = False) -> None:
        super().__init__()
        self.highest = highest
        self.unit = unit

    def clean(self, value: str, row: object = None, **kwargs: object) -> int:
        digits = plain(value)
        if self.unit:
            digits = PEOPLE.sub("", digits)
            if found := GROUPED.fullmatch(digits):
                digits = digits.replace(found[1], "")
        digits = re.sub(r"(?<=\d)[.,]0{1,2}$", "", digits.replace(" ", ""))
        if not digits.isascii() or not digits.isdigit():
            raise ValueError(_("This is no whole number: write digits only, as in 1500."))
        if len(digits) > 20 or int(digits) > self.highest:
            raise ValueError(_("This number is too large: the highest is %s.") % self.highest)
        return int(digits)


class DegreesCell(TextCell):
    """A latitude or longitude in decimal degrees."""

    format = gettext_lazy("decimal degrees")

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def clean(self, value: str, row: object = None, **kwargs: object) -> float:
        number = value.replace(",", ".")
        if not re.fullmatch(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e-?[0-9]{1,2})?", number.lower()):
            raise ValueError(_("This is no number of degrees: write it as in 47.3167."))
        degrees = float(number)
        if not -self.limit <= degrees <= self.limit:
            raise ValueError(_("Degrees here lie between −%(limit)s and %(limit)s.") % {"limit": self.limit})
        return degrees

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        return "" if value is None else repr(value)


class AmountCell(TextCell):
    """A decimal number with at most two decimals; signs that group its digits are fine, and a decimal comma."""

    format = gettext_lazy("decimal number")

    def clean(self, value: str, row: object = None, **kwargs: object) -> Decimal:
        number = re.sub(r"[\s'’]", "", value).replace(",", ".")
        if not re.fullmatch(r"[-+]?([0-9]+(\.[0-9]+)?|\.[0-9]+)", number):
            raise ValueError(_("This is no number: write it as in 12500 or 12500.50."))
        amount = Decimal(number)
        if abs(amount) >= 10**12 or len(number.partition(".")[2]) > 2:  # “12,000” may be thousands
            raise ValueError(_("This number has too many digits: keep at most twelve, and two decimals."))
        return amount


class YesNoCell(TextCell):
    """A truth value, written 1 or 0; yes and no in English, French, German and Spanish are understood."""

    format = gettext_lazy("1 or 0")
    words = dict.fromkeys(["1", "true", "yes", "oui", "vrai", "ja", "wahr", "si", "verdadero"], True) | dict.fromkeys(
        ["0", "false", "no", "non", "faux", "nein", "falsch", "falso"], False
    )

    def clean(self, value: str, row: object = None, **kwargs: object) -> bool:
        try:
            return self.words[normalise(value)]
        except KeyError:
            raise ValueError(_("Write 1 for yes or 0 for no.")) from None

    def render(self, value: Any, obj: Any = None, **kwargs: object) -> str:
        return "" if value is None else str(int(value))


FEW_CODES = 40
"""Codes of a table up to which a fault names them all."""


class Later(str):
    """A reference to a record that the same file makes: it is filled in once that record exists."""


class LookupCell(TextCell):
    """A record of another table, by one of its columns; the whole table is read once, however many rows ask.

    `by` lists the columns tried in turn. With `fold`, letter case does not matter. `within_file` is true for a column
    that refers to records of the file's own kind: those that the file is about to make are accepted too.
    """

    format = gettext_lazy("reference")

    def __init__(self, model: type[models.Model], *by: str, fold: bool = False, within_file: bool = False) -> None:
        super().__init__()
        self.model = model
        self.by = by or ("reference",)
        self.fold = fold
        self.within_file = within_file
        self.announced: Collection[str] = ()
        self.records: models.QuerySet[models.Model] = model._default_manager.all()
        """Those that may be named."""
        self._tables: list[dict[str, Any]] | None = None

    def tables(self) -> list[dict[str, Any]]:
        """One dictionary for each column looked up by: value → primary key, or None where two records share it."""
        if self._tables is None:
            self._tables = []
            for column in self.by:
                table: dict[str, Any] = {}
                for key, pk in self.records.values_list(column, "pk"):
                    if key is not None:
                        key = self._fold(str(key))
                        table[key] = None if key in table else pk
                self._tables.append(table)
        return self._tables

    def _fold(self, text: str) -> str:
        text = tidy(plain(text))
        return text.casefold() if self.fold else text

    def name(self, record: models.Model) -> str:
        """Text of a cell for a record: its first column, or its last where the first would not find it again."""
        text = str(getattr(record, self.by[0]))
        if SEPARATOR in text or self.tables()[0].get(self._fold(text)) is None:
            text = str(getattr(record, self.by[-1]))
        return text

    def means(self, text: str, other: str) -> bool:
        """True if two texts name the same record."""
        return self._fold(text) == self._fold(other)

    def announce(self, texts: Iterable[str]) -> None:
        """Accept what the file itself is about to make."""
        self.announced = {self._fold(text) for text in texts}

    def forget(self) -> None:
        """Clear the cached table, so that the next look-up reads it again and accepts only stored records."""
        self._tables, self.announced = None, ()

    def clean(self, value: str, row: object = None, **kwargs: object) -> Any:
        key = self._fold(value)
        for table in self.tables():
            if (pk := table.get(key)) is not None:
                return pk
            if key in table:
                raise ValueError(_("Several records have this name: write the reference of the one that is meant."))
        if self.within_file and key in self.announced:
            return Later(value)
        told = {"kind": self.model._meta.verbose_name, "value": value}
        codes = self.tables()[0] if self.by[0] == "code" else {}
        if 0 < len(codes) <= FEW_CODES:
            told["codes"] = ", ".join(sorted(codes))
            raise ValueError(_("There is no %(kind)s “%(value)s”: use one of %(codes)s.") % told)
        raise ValueError(_("There is no %(kind)s “%(value)s”: check the spelling, or import it first.") % told)


class ComputedCell(TextCell):
    """A value that a function reads from the cell, raising ``ValueError`` with a worded message."""

    def __init__(self, read: Callable[[str], Any], format: Any) -> None:
        super().__init__()
        self.read = read
        self.format = format

    def clean(self, value: str, row: object = None, **kwargs: object) -> Any:
        return self.read(value)


class ListCell(LayoutCell):
    """Several values in one cell, separated by a bar, or by another of the `separators` that none of them has."""

    def __init__(self, part: LayoutCell, separators: str = SEPARATOR) -> None:
        super().__init__()
        self.part = part
        self._between = re.compile(f"[{re.escape(separators)}]")
        self.format = format_lazy(gettext_lazy("list of: {part}"), part=part.format)

    def clean(self, value: str, row: object = None, **kwargs: object) -> list[Any]:
        parts = [part for part in map(tidy, self._between.split(value)) if part]
        if not parts:
            raise ValueError(_("The list has no parts: name them, or leave the cell blank."))
        return list(dict.fromkeys(map(self.part.clean, parts)))

    def render(self, value: Any, obj: Any = None, **kwargs: object) -> str:
        if isinstance(value, models.Manager):
            value = value.all()
        return SEPARATOR.join(self.part.render(part) for part in value or ())
