"""The facets of agreements: the index, and what the values of their filter ask of it."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import QueryDict
from pyroaring import BitMap

from core.facets.bitmaps import FacetIndex, IndexSource, Reading
from core.facets.counts import Facet, facet
from core.facets.live_index import LiveIndex
from core.facets.query import Faceted, FacetQuery
from core.facets.sets import Places
from core.lists.filtersets import ListingFilter
from core.lists.form_fields import ChoicesField, StrOrPromise
from networks.models import Network

from ..choices import Activity, FormalStatus
from ..labels import territory_names
from ..models import Agreement
from ..querysets import agreements
from . import facet_readings, map_data
from .filters import RANKS, AgreementFilter

DECLARED: dict[str, Faceted] = {
    name: one.facet
    for name, one in AgreementFilter.base_filters.items()
    if isinstance(one, ListingFilter) and one.facet
}
"""Declarations of the filters, by name."""

ROLES = {
    name: one.role
    for role in ("own", "joint", "partner")
    for name, one in DECLARED.items()
    if one.role == role and one.is_counted
}
"""The filters that have facets, and how each is asked about."""

READINGS: dict[str, Reading] = {
    "state": facet_readings.read_state,
    "counted": facet_readings.read_counted,
    **{name: one.reading for name, one in DECLARED.items() if one.reading},
    **{f"{name}-past": one.past for name, one in DECLARED.items() if one.past},
}
"""The dimensions of the index: those of the filters, and what the rules of counting need."""

INDEX = LiveIndex(
    "agreements",
    IndexSource(facet_readings.spans, READINGS, facet_readings.SORT_KEYS, {"parties": map_data.read_parties}),
    facet_readings.changed_by_dates,
)
"""The bitmaps of all published agreements, and their parties for the map."""

ASKS_FOR_OVER = {"activity": Activity.ENDED.value, "formal_status": FormalStatus.TERMINATED.value}
"""The choices that bring in what is over without ``past``."""

_LONG_FILTERS = ("country", "partner", "theme", "funding")
"""Filters with a list of choices that is too long to be shown whole."""


def network_names(references: Iterable[str]) -> dict[str, str]:
    """Names of networks by reference."""
    return {network.reference: str(network) for network in Network.objects.filter(reference__in=list(references))}


LABELS: dict[str, Callable[[Iterable[str]], dict[str, str]]] = {
    "territory": territory_names,
    "network": network_names,
}
"""Names of the choices of filters that have no list of choices."""


class AgreementFacets:
    """Facets of agreements for a valid filter: the agreements, a page of them, and the counts of every choice.

    The rules are those of `AgreementFilter.filter_jointly`; a test holds the two against each other.
    """

    def __init__(self, question: AgreementFilter, index: FacetIndex) -> None:
        self.filter = question
        self.index = index
        self.values: dict[str, Any] = question.form.cleaned_data
        self._questions: dict[bool, FacetQuery] = {}
        self.question = self._asking(over=self._asks_for_over())
        self.records = self.question.records()

    def page(self, start: int, stop: int) -> list[int]:
        """The primary keys of some of the agreements, in the order asked for."""
        name, backwards = self.filter.sorting.removeprefix("-"), self.filter.sorting.startswith("-")
        if name in RANKS:
            return self._ranked(*RANKS[name], start, stop, backwards=backwards)
        blank_first = name == "verified" and not backwards
        return self.index.orders[name].page(self.records, start, stop, backwards=backwards, blank_first=blank_first)

    def _ranked(self, dimension: str, values: list[str], start: int, stop: int, *, backwards: bool) -> list[int]:
        """The agreements from `start` to before `stop`, those with the first value first."""
        found: list[int] = []
        for value in reversed(values) if backwards else values:
            records = list(self.records & self.index.records(dimension, [value]))
            found += reversed(records) if backwards else records
            if len(found) >= stop:
                break
        return found[start:stop]

    def counts(self, name: str, most: int = 0) -> dict[str, int]:
        """Facet counts of a filter: the number of agreements for each choice, its own selection set aside."""
        chosen = _codes(self.values[name])
        dimension = self._dimension(name)
        if name not in ASKS_FOR_OVER:
            return self.question.counts(dimension, ROLES[name], most=most, always=chosen)
        # What is over is left out of every choice but the one that asks for it by name.
        counts = self._asking(over=self._asks_for_over(aside=name)).counts(dimension, ROLES[name])
        by_name = ASKS_FOR_OVER[name]
        number = self._asking(over=True).counts(dimension, ROLES[name]).get(by_name, 0)
        return {value: found for value, found in (counts | {by_name: number}).items() if found}

    names: ClassVar[tuple[str, ...]] = tuple(ROLES)

    def derived(self, key: int) -> tuple[str, str, bool]:
        """Derived facts of an agreement: its current formal status, its suspension, whether it is domestic."""
        current, suspension = (
            next((value for value, places in self.index.dimensions[name].items() if key in places.at(0)), "")
            for name in ("formal_status", "suspension")
        )
        return current, suspension, key in self._domestic

    @cached_property
    def _domestic(self) -> BitMap:
        return self.index.records("state", ["domestic"])

    def describe(self, found: list[Agreement]) -> None:
        """Set what is derived of each agreement, as ``with_statuses`` and ``with_domestic`` annotate it."""
        for agreement in found:
            agreement.current_status, agreement.suspension, agreement.domestic = self.derived(agreement.pk)

    def _listed(self, name: str) -> Mapping[str, StrOrPromise]:
        """The labels of a filter whose choices are a closed list."""
        field = self.filter.form.fields[name]
        return field.choices.labels if isinstance(field, ChoicesField) else {}

    def facet(self, name: str, most: int = 0) -> Facet:
        """The choices of a filter with their counts: with `most`, so many of the most frequent where there are more."""
        known = LABELS.get(name)
        limit = most + 1 if known or name in _LONG_FILTERS else 0
        counts = self.counts(name, limit if most else 0)
        more = bool(most and limit) and len(counts) > most
        if more:
            chosen = self.filter.form[name].value() or ()
            kept = sorted(counts, key=lambda value: (-counts[value], value))[:most]
            counts = {value: counts[value] for value in [*kept, *(v for v in chosen if v in counts and v not in kept)]}
        labels = known(counts) if known else self._listed(name)
        return facet(self.filter, name, counts, labels, more=more)

    def _dimension(self, name: str) -> str:
        """The dimension that a filter asks about: that of what is over, where it has one and that is asked for."""
        dimension = DECLARED[name].dimension or name
        return f"{dimension}-past" if DECLARED[name].past and self.values["past"] else dimension

    def _conditions(self, role: str) -> dict[str, list[str]]:
        """Values of the filters with a role, by dimension."""
        return {
            self._dimension(name): _codes(self.values[name])
            for name, one in DECLARED.items()
            if one.role == role and one.is_counted and self.values[name]
        }

    def _asks_for_over(self, aside: str = "") -> bool:
        """True if past agreements are asked for: by ``past``, or by name in a filter that is not set aside."""
        by_name = any(value in self.values[name] for name, value in ASKS_FOR_OVER.items() if name != aside)
        return self.values["past"] or by_name

    def _asking(self, *, over: bool) -> FacetQuery:
        """The question, with what is over or without."""
        if over not in self._questions:
            self._questions[over] = FacetQuery(
                self.index,
                base=self._whole if over else self._whole - self.index.records("state", ["over"]),
                present=self.index.places("counted", ["all" if self.values["past"] else "present"]),
                own=self._conditions("own"),
                joint=self._joint,
                partner=self._conditions("partner"),
            )
        return self._questions[over]

    @cached_property
    def _whole(self) -> BitMap:
        """The published agreements that the filters without counts leave."""
        records = self.index.records("state", ["all"]).copy()
        for name, one in DECLARED.items():
            if one.among and (left := one.among(self.index, self.values[name], self.values)) is not None:
                records &= left
        return records

    @cached_property
    def _joint(self) -> dict[str, list[str] | Places]:
        """The conditions that hold for one and the same party."""
        held = {
            name: one.places(self.values[name]) for name, one in DECLARED.items() if one.places and self.values[name]
        }
        return {**self._conditions("joint"), **held}


def _codes(values: Iterable[Any]) -> list[str]:
    """Values of a filter as the index knows them: records by code or reference."""
    return [getattr(value, "code", getattr(value, "reference", value)) for value in values]


def ask(index: FacetIndex, **question: str) -> AgreementFacets:
    """Facets of the list of agreements for a question, by the parameters of its address.

    Raises ``ValueError`` for a question that the list would refuse.
    """
    filterset = AgreementFilter(QueryDict(urlencode(question)), agreements().published())
    if not filterset.form.is_valid():
        raise ValueError(f"no question to the list of agreements: {question}")
    return AgreementFacets(filterset, index)
