"""Agreements gathered for a page: put to the index as a question, and tallied by what they have in common."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.db import connection
from django.db.models import Model
from django.urls import reverse

from core.charts import ChartItem
from core.facets.bitmaps import FacetIndex
from core.text import normalise

from ..agreements import map_data
from ..agreements.facets import INDEX, ask
from ..choices import Freshness, Kind, SuspensionState
from ..models import Agreement, Source, Theme
from ..querysets import agreements

MAX_LINES = 15
"""Lines of a gathering that a page shows; the list behind it has the rest."""

NEWEST_SHOWN = 6

_OLDEST_SHOWN = 3

DATED = 0.05
"""The share of dated agreements from which on a time line is drawn."""

CHOICES = ("theme", "decade", "kind", "verified", "suspension")
"""Filters by whose choices the agreements themselves are counted."""


@dataclass(frozen=True)
class Tally:
    """A record, or a word, and how many agreements it has; `address` is that of the list of them."""

    record: Model | str
    number: int
    address: str = ""
    page: str = ""
    """Address of the page about the record, if that is not the list."""


def list_of(query: str = "", /, **more: str) -> str:
    """The address of the list of agreements, for a question."""
    asked = "&".join(part for part in (query, urlencode(more, safe=",")) if part)
    return reverse("agreements") + (f"?{asked}" if asked else "")


def worth_drawing(decades: int, undated: int, total: int) -> bool:
    """True if enough of the agreements have a year for a time line to be meaningful."""
    return decades > 1 and undated <= (1 - DATED) * total


def largest(numbers: Mapping[Any, int], most: int | None = None) -> dict[Any, int]:
    """The entries with the largest numbers, those first; with `most`, only so many."""
    return dict(sorted(numbers.items(), key=lambda item: (-item[1], str(item[0])))[:most])


def tallies(
    model: type[Model],
    numbers: Mapping[Any, int],
    address: Callable[[Any], str],
    *,
    page: Callable[[Any], str] = lambda record: "",
    most: int | None = None,
) -> list[Tally]:
    """Counts by key as counts by record, the largest first; with `most`, only so many.

    `address` makes the address of the list from a record, `page` that of the record itself.
    """
    kept = largest(numbers, most)
    tallied = [
        Tally(record, kept[key], address(record), page(record))
        for key, record in model._default_manager.in_bulk(kept).items()
    ]
    return sorted(tallied, key=lambda tally: (-tally.number, normalise(str(tally.record))))


def count_by_column(rows: np.ndarray, column: str) -> Counter[int]:
    """Agreements by a column of their parties; an agreement counts once for each value, 0 stands for none."""
    both = np.unique(rows[column].astype(np.int64) << 32 | rows["record"])
    values, numbers = np.unique(both >> 32, return_counts=True)
    return Counter({int(value): int(number) for value, number in zip(values, numbers, strict=True) if value})


class Gathering:
    """Agreements that count and what they have in common; the base of the summaries.

    `question` is put to the index as it would be to the list of agreements, once, when the object is made.
    """

    def __init__(self, **question: str) -> None:
        self.query = urlencode(question)
        with INDEX.reading() as index:
            facets = ask(index, **question)
            self.total = len(facets.records)
            self.counts = {name: facets.counts(name) for name in (*CHOICES, "partner", "territory")}
            self.rows = map_data.counted(index.tables["parties"], facets.records)
            by_date = index.orders["signed"]
            dated = facets.records - by_date.blank
            self._newest = by_date.page(dated, 0, NEWEST_SHOWN, backwards=True, blank_first=False)
            self._oldest = by_date.page(dated, 0, _OLDEST_SHOWN, backwards=False, blank_first=False)
            self.read(index)

    def read(self, index: FacetIndex) -> None:
        """Hook: further readings of the index that a summary needs."""

    @property
    def address(self) -> str:
        """The list of the agreements."""
        return list_of(self.query)

    def list_of(self, **more: str) -> str:
        """The list of some of the agreements."""
        return list_of(self.query, **more)

    @cached_property
    def themes(self) -> list[Tally]:
        """Agreements by theme."""
        return tallies(Theme, self.counts["theme"], lambda theme: self.list_of(theme=theme.pk))

    @cached_property
    def kinds(self) -> list[ChartItem]:
        """Agreements by kind, the most frequent first."""
        names = dict(Kind.choices)
        return [
            ChartItem(names[kind], number, self.list_of(kind=kind))
            for kind, number in largest(self.counts["kind"]).items()
        ]

    @cached_property
    def decades(self) -> list[Tally]:
        """Agreements by decade of signature, none between the first and the last left out."""
        found = self.counts["decade"]
        span = range(int(min(found)), int(max(found)) + 1, 10) if found else ()
        return [Tally(str(year), found.get(str(year), 0), self.list_of(decade=str(year))) for year in span]

    @property
    def undated(self) -> int:
        """Number of agreements without a known year of signature."""
        return self.total - sum(self.counts["decade"].values())

    @property
    def drawn(self) -> bool:
        """True if a time line is drawn."""
        return worth_drawing(len(self.decades), self.undated, self.total)

    @cached_property
    def freshness(self) -> list[ChartItem]:
        """Agreements by whether they were verified in the last 24 months."""
        found = self.counts["verified"]
        return [
            ChartItem(label, found.get(state, 0), self.list_of(verified=state)) for state, label in Freshness.choices
        ]

    @property
    def suspended(self) -> int:
        """Number of suspended agreements, as a whole or for some of their parties."""
        return sum(self.counts["suspension"].get(state, 0) for state in self._suspended)

    @property
    def suspended_address(self) -> str:
        """The list of the suspended agreements."""
        return self.list_of(suspension=",".join(self._suspended))

    _suspended = (SuspensionState.PARTIAL.value, SuspensionState.WHOLE.value)

    @cached_property
    def newest(self) -> list[Agreement]:
        """The agreements signed last."""
        return agreements_in_order(self._newest)

    @cached_property
    def oldest(self) -> list[Agreement]:
        """The agreements signed first, without those that stand among the newest already."""
        return agreements_in_order([key for key in self._oldest if key not in self._newest])

    @cached_property
    def sources(self) -> list[Source]:
        """The sources that most of the agreements come from."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT source_id FROM partnerships_agreementsource WHERE agreement_id = ANY(%s)"
                " GROUP BY source_id ORDER BY count(*) DESC, source_id LIMIT %s",
                [np.unique(self.rows["record"]).tolist(), NEWEST_SHOWN],
            )
            keys = [key for (key,) in cursor.fetchall()]
        found = Source.objects.in_bulk(keys)
        return [found[key] for key in keys]


def agreements_in_order(keys: Collection[int]) -> list[Agreement]:
    """Agreements by primary key, with all that a list shows of them, in the order given."""
    if not keys:
        return []
    found = agreements().filter(pk__in=keys).with_parties().with_statuses().in_bulk()
    return [found[key] for key in keys if key in found]
