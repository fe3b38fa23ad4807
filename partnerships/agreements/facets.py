"""The facets of agreements: the index, and what the values of their filter ask of it."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict
from pyroaring import BitMap

from core.facets.bitmaps import FacetIndex, IndexSource
from core.facets.counts import Facet, facet
from core.facets.live_index import LiveIndex
from core.facets.query import FacetQuery
from core.facets.sets import Places, Records
from core.lists.form_fields import ChoicesField, StrOrPromise
from networks.models import Membership, Network
from networks.querysets import memberships

from ..choices import Activity, FormalStatus
from ..labels import territory_names
from ..models import Agreement
from ..querysets import agreements, is_town, over, parties
from . import facet_readings, map_data
from .facet_readings import FacetValues, grouped, placed
from .filters import RANKS, AgreementFilter


def read_network(*, past: bool) -> Callable[[Records], FacetValues]:
    """Reading of the networks that the parties belong to, or (`past`) ever belonged to."""

    def read(records: Records) -> FacetValues:
        held = memberships() if past else memberships().current()
        for member in ("town", "organisation"):
            networks = defaultdict(set)
            for pk, network in held.exclude(**{member: None}).values_list(f"{member}_id", "network__reference"):
                networks[pk].add(network)
            value = Case(
                When(Q(**{f"{member}__in": list(networks)}), then=Cast(F(f"{member}_id"), TextField())),
                default=Value(""),
                output_field=TextField(),
            )
            for pk, place, found in grouped(placed(records).annotate(value=value)):
                for network in networks[int(pk)]:
                    yield network, place, found

    return read


def turning(earlier: datetime.date, later: datetime.date) -> set[int]:
    """The agreements of which something derived from dates differs between two days."""
    turned = Membership.objects.filter(over("until", later) & ~over("until", earlier))
    members = Q(town__in=turned.values("town")) | Q(organisation__in=turned.values("organisation"))
    return facet_readings.turning_by_own_dates(earlier, later) | set(
        parties().filter(members).values_list("agreement_id", flat=True)
    )


INDEX = LiveIndex(
    "agreements",
    IndexSource(
        facet_readings.spans,
        facet_readings.READINGS | {"network": read_network(past=False), "network-past": read_network(past=True)},
        facet_readings.SORT_KEYS,
        {"parties": map_data.read_parties},
    ),
    turning,
)
"""The bitmaps of all published agreements, and their parties for the map."""

ROLES = {
    "kind": "own",
    "formal_status": "own",
    "activity": "own",
    "suspension": "own",
    "theme": "own",
    "funding": "own",
    "decade": "own",
    "verified": "own",
    "country": "joint",
    "zone": "joint",
    "territory": "joint",
    "level": "joint",
    "network": "joint",
    "partner": "partner",
}
"""The filters that have facets, and how each is asked about."""


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
        chosen = [getattr(value, "code", getattr(value, "reference", value)) for value in self.values[name]]
        dimension = {"partner": "country", "network": self._network}.get(name, name)
        if name not in ASKS_FOR_OVER:
            return self.question.counts(dimension, ROLES[name], most=most, always=chosen)
        # What is over is left out of every choice but the one that asks for it by name.
        counts = self._asking(over=self._asks_for_over(aside=name)).counts(dimension, ROLES[name])
        by_name = ASKS_FOR_OVER[name]
        number = self._asking(over=True).counts(dimension, ROLES[name]).get(by_name, 0)
        return {value: found for value, found in (counts | {by_name: number}).items() if found}

    names = tuple(ROLES)

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

    @property
    def _network(self) -> str:
        return "network-past" if self.values["past"] else "network"

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
                own={name: self.values[name] for name, role in ROLES.items() if role == "own" and self.values[name]},
                joint=self._joint,
                partner={"country": self.values["partner"]} if self.values["partner"] else {},
            )
        return self._questions[over]

    @cached_property
    def _whole(self) -> BitMap:
        """Bitmap of the agreements left by the dates, the switch of domestic agreements and the filters that the index
        does not know."""
        values = self.values
        published = self.index.records("state", ["all"])
        records = published.copy()
        if not values["domestic"]:
            records -= self.index.records("state", ["domestic-past" if values["past"] else "domestic"])
        if values["since"] or values["until"]:
            records &= self.index.orders["signed"].between(values["since"] or "", values["until"] or "")
        if values["q"]:
            exact = published & _primary_keys(agreements().having(values["q"]))
            records &= exact or _primary_keys(agreements().resembling(values["q"]))
        if values["batch"]:
            references = [batch.reference for batch in values["batch"]]
            records &= _primary_keys(agreements().published().of_batch(*references))
        return records

    @cached_property
    def _joint(self) -> dict[str, list[str] | Places]:
        """The conditions that hold for one and the same party."""
        values = self.values
        joint: dict[str, list[str] | Places] = {
            name: values[name] for name in ("country", "zone", "level") if values[name]
        }
        if values["territory"]:
            joint["territory"] = [territory.code for territory in values["territory"]]
        if values["network"]:
            joint[self._network] = [network.reference for network in values["network"]]
        if values["town"]:
            joint["town"] = self._at_towns(values["town"])
        return joint

    @staticmethod
    def _at_towns(towns: list[Any]) -> Places:
        """Places of the parties that are one of the towns."""
        of = parties().filter(is_town(*towns)).values_list("agreement_id", flat=True)
        value = Case(When(is_town(*towns), then=Value("town")), default=Value(""))
        places = Places()
        for _value, place, found in grouped(placed(list(of)).annotate(value=value)):
            places.add(place, found)
        return places


def _primary_keys(queryset: QuerySet) -> BitMap:
    return BitMap(queryset.order_by().values_list("pk", flat=True).iterator(chunk_size=20_000))


def ask(index: FacetIndex, **question: str) -> AgreementFacets:
    """Facets of the list of agreements for a question, by the parameters of its address.

    Raises ``ValueError`` for a question that the list would refuse.
    """
    filterset = AgreementFilter(QueryDict(urlencode(question)), agreements().published())
    if not filterset.form.is_valid():
        raise ValueError(f"no question to the list of agreements: {question}")
    return AgreementFacets(filterset, index)
