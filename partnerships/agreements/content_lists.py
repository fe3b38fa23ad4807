"""The lists of an agreement's content, declared once: how an entry is made of a row, and a row of an entry.

Snapshot, comparison, merge and the schema of the API loop over them. What each of these says of an entry in its own
terms (its words, its JSON Schema) stands there, by the name of the list.
"""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model

from core.dates import PartialDate
from core.history import Row

from ..models import AgreementSource, AgreementTheme, FundingContribution, Party, Renewal
from ..places.party_refs import PartyRef


def plain_value(value: Any) -> Any:
    """A value as JSON holds it: a date as its ISO text."""
    return str(value) if isinstance(value, PartialDate | datetime.date) else value


@dataclass(frozen=True)
class ContentList:
    """List of a content: an entry for each of the agreement's rows in a table."""

    model: type[Model]
    entry: Callable[[Row], Any]
    """Entry that a row makes."""
    columns: Callable[[Any], Mapping[str, Any]]
    """Columns of the row that an entry makes."""
    key: Callable[[Any], str] = str
    """Key of an entry, by which two versions of it are told to be the same one's."""
    rank: Callable[[Any], Any] = lambda entry: entry
    """Sort key of entries, where their order means nothing."""
    ordered: bool = False
    """True if the order of the entries means something: that of the rows' ``position``."""
    whole: bool = False
    """True if an entry is compared and merged as a whole, not by field: an amount without its currency would be another
    one."""

    def read(self, rows: Iterable[Row]) -> list[Any]:
        """The entries that rows make, in their order."""
        if self.ordered:
            rows = sorted(rows, key=lambda row: (row["position"], row["id"]))
        return self.in_order(map(self.entry, rows))

    def in_order(self, entries: Iterable[Any]) -> list[Any]:
        """Entries in the order in which `read` gives them."""
        return list(entries) if self.ordered else sorted(entries, key=self.rank)

    def by_key(self, entries: Iterable[Any]) -> dict[str, Any]:
        """Entries by their keys."""
        return {self.key(entry): entry for entry in entries}


CONTENT_LISTS = {
    "parties": ContentList(
        Party,
        lambda row: {
            "actor": str(PartyRef.of_columns(row["town_id"], row["organisation_id"])),
            "role": row["role"],
            "joined": plain_value(row["joined"]),
            "left": plain_value(row["left"]),
        },
        lambda party: {
            **PartyRef.parse(party["actor"]).columns,
            "role": party["role"],
            "joined": party["joined"],
            "left": party["left"],
        },
        key=lambda party: party["actor"],
        ordered=True,
    ),
    "themes": ContentList(AgreementTheme, lambda row: row["theme_id"], lambda code: {"theme_id": code}),
    "funding": ContentList(
        FundingContribution,
        lambda row: {
            "funding": row["funding_id"],
            "year": row["year"],
            "amount": None if row["amount"] is None else f"{row['amount']:.2f}",
            "currency": row["currency"],
        },
        lambda row: {
            "funding_id": row["funding"],
            "year": row["year"],
            "amount": None if row["amount"] is None else Decimal(row["amount"]),
            "currency": row["currency"],
        },
        key=lambda row: json.dumps([row["funding"], row["year"]]),
        rank=lambda row: (row["funding"], row["year"] or 0),
        whole=True,
    ),
    "renewals": ContentList(
        Renewal,
        lambda row: {"renewed": plain_value(row["renewed"]), "valid_until": plain_value(row["valid_until"])},
        dict,
        key=lambda row: row["renewed"],
        rank=lambda row: row["renewed"],
    ),
    "sources": ContentList(AgreementSource, lambda row: row["source_id"], lambda pk: {"source_id": pk}),
}
"""The lists by their names in a content, in the order of the form."""
