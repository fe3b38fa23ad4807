"""Date formats of people and programs, in files and forms: other ways to write a year, a month or a day, turned into
the form that is stored.

Nothing is guessed: a year of two digits, a span of years or a season stay what they are, and are refused.
"""

import datetime
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.dates import PartialDate
from core.text import normalise

MONTHS = (
    "january janvier januar enero", "february février februar febrero", "march mars märz marzo",
    "april avril april abril", "may mai mayo", "june juin juni junio", "july juillet juli julio",
    "august août august agosto", "september septembre septiembre setiembre", "october octobre oktober octubre",
    "november novembre noviembre", "december décembre dezember diciembre",
)  # fmt: skip
"""The months in English, French, German and Spanish."""

_NUMBERS = {normalise(name): number for number, names in enumerate(MONTHS, start=1) for name in names.split()}

_TIME = re.compile(
    r"(\+?\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?.{0,6}|Z)"
)
"""A day and the hour, as databases and programs write it."""

_REST = r"[\s.,/-]+(?:de[l]?\s+|of\s+)?"
_FORMS = (
    re.compile(r"\+?(?P<year>\d{4})(?:\.0+|-00-00)?"),
    re.compile(r"\+?(?P<year>\d{4})-(?P<month>\d{2})(?:-00)?"),
    re.compile(r"\+?(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>1[89]\d\d|20\d\d)(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(r"(?P<day>\d{1,2})-(?P<month>\d{1,2})-(?P<year>\d{4})"),
    re.compile(r"(?P<month>\d{1,2})-(?P<year>\d{4})"),
    re.compile(
        rf"(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th|º)?(?:{_REST}|(?=[^\W\d])))?(?P<name>[^\W\d_]{{3,}}){_REST}(?P<year>\d{{4}})"
    ),
    re.compile(r"(?P<name>[^\W\d_]{3,})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"),
)

_MONTH_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

_MAX_LENGTH = 100
"""Characters beyond which a text is no date, however it is written."""

_MIN_SERIAL, _MAX_SERIAL = 10_000, 73_050
"""Days that spreadsheets count from 30 December 1899: of 1927 and of 2099."""


def read_date(text: str) -> PartialDate:
    """Read a date however people write it: ``1986``, ``mai 1986``, ``24 mai 1986``, ``May 24, 1986``, ``24.05.1986``.

    Where both could be the month, the day comes first. Raises ``ValidationError`` with a message for who wrote it.
    """
    try:
        return PartialDate.parse(as_stored(text))
    except ValueError as error:  # a ValidationError is none, and has words of its own
        raise ValidationError(str(error), code="not_a_date") from None


def as_stored(text: str) -> str:
    """Normalise a date to the form that `core.dates.PartialDate` reads; a text that is no date comes back as it is.

    Raises ``ValueError`` for what programs and people write otherwise than it seems.
    """
    text = " ".join(text.split())
    if len(text) > _MAX_LENGTH:
        return text
    if found := _TIME.fullmatch(text):
        text = found[1]
    if text.isdecimal() and len(text) == 5 and _MIN_SERIAL <= int(text) <= _MAX_SERIAL:
        day = datetime.date(1899, 12, 30) + datetime.timedelta(int(text))
        raise ValueError(
            _("“%(value)s” is a day as spreadsheets count them, perhaps %(day)s: write it as a date.")
            % {"value": text, "day": day.isoformat()}
        )
    for form in _FORMS:
        if (found := form.fullmatch(text)) is None:
            continue
        parts = found.groupdict()
        month = _month(parts["name"]) if parts.get("name") else parts.get("month")
        if "name" in parts and month is None:
            continue
        return "-".join([parts["year"], *(f"{int(part):02}" for part in (month, parts.get("day")) if part)])
    if (found := _MONTH_FIRST.fullmatch(text)) and int(found[1]) <= 12 < int(found[2]) <= 31:
        raise ValueError(
            _(
                "“%(value)s”: the day comes before the month here. Where it is the other way round, write every date as"
                " in 1986-05-24."
            )
            % {"value": text}
        )
    return text


def _month(name: str) -> int | None:
    """The number of a month, whose name may be cut short where it still means one."""
    name = normalise(name)
    numbers = {number for known, number in _NUMBERS.items() if known.startswith(name)}
    return _NUMBERS.get(name) or (numbers.pop() if len(numbers) == 1 else None)
