"""Dates as precise as they are known: a year, a month or a day, never an invented 1 January.

A partial date is stored as the text that ISO 8601 gives it (``1986``, ``1986-05``, ``1986-05-24``): one column, which
sorts and compares as text.
"""

import datetime
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import (
    F,
    Func,
)
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

_FORMS = (
    re.compile(r"(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<month>\d{1,2})[/.](?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})"),
)


class PartialDate(str):
    """A date known to the year, the month or the day, held as its ISO 8601 text."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read ``1986``, ``1986-05``, ``1986-05-24``, ``05/1986`` or ``24/05/1986`` (also with dots).

        Raises ``ValidationError`` with a message for the person who typed it.
        """
        text = text.strip()
        for form in _FORMS:
            if match := form.fullmatch(text):
                parts = {name: int(value) for name, value in match.groupdict().items()}
                break
        else:
            raise ValidationError(
                _("“%(value)s” is not a date: write a year (1986), a month (05/1986) or a day (24/05/1986)."),
                code="not_a_date",
                params={"value": text},
            )
        try:
            datetime.date(parts["year"], parts.get("month", 1), parts.get("day", 1))
        except ValueError:
            raise ValidationError(
                _("“%(value)s” does not exist in the calendar."), code="no_such_date", params={"value": text}
            ) from None
        if not 1000 <= parts["year"] <= 2999:
            raise ValidationError(
                _("“%(value)s”: the year must lie between 1000 and 2999."),
                code="no_such_date",
                params={"value": text},
            )
        iso = f"{parts['year']:04}"
        for name in ("month", "day"):
            if name in parts:
                iso += f"-{parts[name]:02}"
        return cls(iso)

    @property
    def year(self) -> int:
        """The year, which is always known."""
        return int(self[:4])

    def first_day(self) -> datetime.date:
        """The earliest day that this date can mean."""
        return datetime.date(self.year, int(self[5:7] or 1), int(self[8:10] or 1))

    def localised(self) -> str:
        """The date in words of the active language, no more precise than it is known."""
        day = self.first_day()
        if len(self) == 10:
            return date_format(day, "DATE_FORMAT")
        if len(self) == 7:
            return date_format(day, "YEAR_MONTH_FORMAT")
        return format_date(day, "Y")


class PartialDateField(models.CharField[Any, Any]):
    """A column that holds a `PartialDate`; give its model an `is_partial_date` constraint too."""

    description = _("A date known to the year, the month or the day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *args: object) -> PartialDate | None:
        return None if value is None else PartialDate(value)

    def to_python(self, value: object) -> PartialDate | None:
        if value is None or value == "":
            return None
        return value if isinstance(value, PartialDate) else PartialDate.parse(str(value))

    def get_prep_value(self, value: object) -> str | None:
        value = self.to_python(value)
        return None if value is None else str(value)


def moment_of(text: str) -> datetime.datetime | None:
    """Parse a moment from a day or a time; without a zone it is UTC; a blank in the place of a plus is read as a plus
    (URL decoding)."""
    text = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        if (day := parse_date(text)) is not None and len(text) == 10:
            return datetime.datetime.combine(day, datetime.time.min, datetime.UTC)
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or not 1000 < moment.year < 9999:
        return None
    # PostgreSQL knows no zones sixteen hours away.
    return moment.astimezone(datetime.UTC) if timezone.is_aware(moment) else moment.replace(tzinfo=datetime.UTC)


class IsPartialDate(Func):
    """SQL: the text is a real calendar year, month or day."""

    function = "coopdir_is_partial_date"
    output_field = models.BooleanField()


class InOrder(Func):
    """SQL: the first partial date is not after the second, as far as both are known."""

    function = "coopdir_in_order"
    output_field = models.BooleanField()


def date_constraints(model: str, *fields: str, order: tuple[tuple[str, str], ...] = ()) -> list[models.CheckConstraint]:
    """Check constraints for a model's partial dates.

    `model` names the constraints; `fields` are the columns; each pair in `order` says which must not come after which.
    """
    return [
        models.CheckConstraint(
            condition=IsPartialDate(F(field)),
            name=f"{model}_{field}_is_a_date",
            violation_error_message=_("A date is a year, a month or a day that exists in the calendar."),
        )
        for field in fields
    ] + [
        models.CheckConstraint(
            condition=InOrder(F(first), F(second)),
            name=f"{model}_{first}_before_{second}",
            violation_error_message=_("The dates are in an impossible order: the end lies before the beginning."),
        )
        for first, second in order
    ]


def fresh_from(today: datetime.date) -> datetime.date:
    """The day from which on a verification is fresh: 24 months back."""
    day = min(today.day, 28) if today.month == 2 else today.day
    return today.replace(year=today.year - 2, day=day)
