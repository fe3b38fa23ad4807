"""Endpoints of the API: each kind of records with its filters, and its queries by page, key and total."""

import datetime
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from pyroaring import BitMap

from core.lists.filtersets import ListingFilterSet
from core.lists.json_records import RecordKind
from networks import json_records as networks_json_records
from networks.filters import MembershipFilter, MilestoneFilter, NetworkFilter, SupportBodyFilter
from networks.models import Milestone, Network, SupportBody
from networks.querysets import memberships, milestones, networks, support_bodies
from partnerships.agreements import json_records as agreements_json_records
from partnerships.agreements.facets import INDEX, AgreementFacets
from partnerships.agreements.filters import AgreementFilter, PartyFilter
from partnerships.models import Agreement, Organisation, Town
from partnerships.places import json_records as places_json_records
from partnerships.places.filters import CountryFilter, OrganisationFilter, TerritoryFilter, TownFilter
from partnerships.querysets import agreements, countries, organisations, parties, towns
from partnerships.territory_querysets import territories

from . import changed_since

RecordKeys = Sequence[Any]


@dataclass(frozen=True)
class Endpoint:
    """A kind of records as the API lists it. `changed` finds what was touched since a moment, for mirrors; None where a
    kind has no references to be told by."""

    kind: RecordKind
    filterset: type[ListingFilterSet]
    rows: Callable[[], QuerySet]
    model: type[Model] | None = None
    changed: Callable[[datetime.datetime], Collection[int]] | None = None
    of_all: Callable[[], QuerySet] | None = None
    """All the records that an address can name, whatever their publication; None where they have no addresses."""

    @property
    def filters(self) -> list[str]:
        """Names of its filters. The order is always that of the keys, so that pages cost the same at any depth."""
        return [name for name in self.filterset.base_filters if name != "sort"]

    def question(self, request: HttpRequest, given: QueryDict) -> ListingFilterSet:
        """The bound filterset of a request."""
        return self.filterset(given, self.rows(), request=request)

    def page(self, question: ListingFilterSet, after: object, size: int) -> RecordKeys:
        """The first keys of the question after one, at most so many."""
        found = question.qs.order_by("pk")
        if after is not None:
            found = found.filter(pk__gt=after)
        return list(found.values_list("pk", flat=True)[:size])

    def among(self, question: ListingFilterSet, keys: Collection[object]) -> set[Any]:
        """Keys, among some given, of the records that match the question."""
        return set(question.qs.order_by().filter(pk__in=list(keys)).values_list("pk", flat=True))

    def total(self, question: ListingFilterSet) -> int:
        """Number of records that match the question."""
        return question.qs.count()


@dataclass(frozen=True)
class IndexedEndpoint(Endpoint):
    """Agreements, whose questions the index of bitmaps answers: a page at any depth in a millisecond or two."""

    def matching(self, question: ListingFilterSet) -> BitMap:
        """The records of a question."""
        with INDEX.reading() as index:
            if not isinstance(question, AgreementFilter):
                raise TypeError("The index of agreements answers questions about agreements.")
            return AgreementFacets(question, index).records.copy()

    def page(self, question: ListingFilterSet, after: Any, size: int) -> RecordKeys:
        records = self.matching(question)
        start = records.rank(after) if after is not None else 0
        return list(records[start : start + size])

    def among(self, question: ListingFilterSet, keys: Collection[Any]) -> set[Any]:
        return set(BitMap(keys) & self.matching(question))

    def total(self, question: ListingFilterSet) -> int:
        return len(self.matching(question))


ENDPOINTS = {
    endpoint.kind.name: endpoint
    for endpoint in (
        IndexedEndpoint(
            agreements_json_records.AGREEMENTS,
            AgreementFilter,
            lambda: agreements().published(),
            Agreement,
            changed_since.agreements_touched,
            agreements,
        ),
        Endpoint(
            agreements_json_records.PARTY_ROWS,
            PartyFilter,
            lambda: parties().filter(agreement__publication="published"),
        ),
        Endpoint(
            places_json_records.TOWNS,
            TownFilter,
            lambda: towns().published(),
            Town,
            changed_since.towns_touched,
            towns,
        ),
        Endpoint(
            places_json_records.ORGANISATIONS,
            OrganisationFilter,
            lambda: organisations().published(),
            Organisation,
            changed_since.organisations_touched,
            organisations,
        ),
        Endpoint(places_json_records.COUNTRIES, CountryFilter, countries, of_all=countries),
        Endpoint(places_json_records.TERRITORIES, TerritoryFilter, territories, of_all=territories),
        Endpoint(
            networks_json_records.NETWORKS,
            NetworkFilter,
            lambda: networks().published(),
            Network,
            changed_since.networks_touched,
            networks,
        ),
        Endpoint(networks_json_records.MEMBERSHIPS, MembershipFilter, lambda: memberships().public()),
        Endpoint(
            networks_json_records.SUPPORT_BODIES,
            SupportBodyFilter,
            lambda: support_bodies().published(),
            SupportBody,
            changed_since.support_bodies_touched,
            support_bodies,
        ),
        Endpoint(
            networks_json_records.MILESTONES,
            MilestoneFilter,
            milestones,
            Milestone,
            changed_since.milestones_touched,
            milestones,
        ),
    )
}
"""All lists of the API, by the names that stand in addresses."""


def after_in(keys: Sequence[Any], after: Any) -> int:
    """Index of the first key after a given one in a sorted sequence (bisect)."""
    return 0 if after is None else bisect_right(keys, after)
