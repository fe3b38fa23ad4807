"""Rows of files, held against the rule book (``partnerships.editing.rules``) as the form is."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from core.imports.cells import AmountCell, TextCell
from core.imports.layouts import StrictResource
from core.imports.rows import WRITTEN_OUTCOMES, Row

from ..choices import Publication
from ..editing import rules
from ..models import Agreement


def refuse_breaches(
    row: Row, content: Mapping[str, Any], column: Callable[[str], str], *, publishing: bool, today: str
) -> None:
    """Refuse a row for each rule that its content breaks, at the first column of the file that the rule speaks of.

    `column` gives the column of a field (“parties-0-left”).
    """
    for breach in rules.breaches(content, publishing=publishing, today=today):
        columns = [column(field) for field in breach.fields]
        given = (name for name in columns if name in row.cells)
        row.refuse(next(given, columns[0]), breach.message)


class PartOfAgreement(StrictResource):
    """Base of layouts whose rows are entries of a list of an agreement's content (`part`): each is judged with the
    dates of its agreement."""

    part = ""

    def decide(self, rows: list[Row]) -> None:
        super().decide(rows)
        due = [row for row in rows if row.outcome in WRITTEN_OUTCOMES]
        stored = self.agreements_of({self._value(row, "agreement") for row in due})
        today = timezone.localdate().isoformat()
        for row in due:
            agreement = stored[self._value(row, "agreement")]
            entry = {name: self._value(row, name) for name in self.fields if name != "agreement"}
            refuse_breaches(
                row,
                agreement | {self.part: [self.judged(entry)]},
                lambda field: field.rpartition("-")[2],
                publishing=agreement["publication"] == Publication.PUBLISHED,
                today=today,
            )

    def agreements_of(self, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Values that entries are judged with, by the key in the column `agreement`."""
        found = Agreement.objects.filter(pk__among=keys).order_by().values("pk", "publication", "signed", "ended")
        return {row["pk"]: dict(row) for row in found}

    def _value(self, row: Row, name: str) -> Any:
        """Value of a column as it would be stored."""
        if name in row.changes:
            return row.changes[name][1]
        return row.values.get(name) if row.record is None else self.fields[name].stored(row.record)

    def judged(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The entry as it stands in a content; for subclasses."""
        return entry


class CurrencyCell(TextCell):
    """A code of ISO 4217, in whatever letters."""

    format: Any = gettext_lazy("code")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        code = value.upper()
        if not rules.currency_fits(code):
            raise ValueError(str(rules.CURRENCY_REMEDY))
        return code


class MoneyCell(AmountCell):
    """An amount of money."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        try:
            amount = super().clean(value)
        except ValueError:
            raise ValueError(str(rules.AMOUNT_REMEDY)) from None
        if not rules.amount_fits(amount):
            raise ValueError(str(rules.AMOUNT_REMEDY))
        return amount
