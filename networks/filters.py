"""The filters of networks and support bodies, and those of agreements and towns, completed by ``network``.

``AgreementFilter`` and ``TownFilter`` are the only ones that pages, exports and the API use. They stand here
because this app knows both towns and networks, while ``partnerships`` must not know networks.
"""

from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from coopdir.dates import PartialDate
from coopdir.listing.filterset import (
    ChoicesFilter,
    DateFilter,
    JointRecordsFilter,
    ListingFilterSet,
    SearchFilter,
    Sort,
    SwitchFilter,
)
from partnerships.choices import Continent
from partnerships.filters import AgreementFilterBase, TownFilterBase, country_filter, territory_filter
from partnerships.querysets import TownQuerySet, dated_from, dated_to

from .choices import LegalStatus, NetworkKind, Scope, Service
from .models import Network, SupportBody
from .querysets import NetworkQuerySet, SupportBodyQuerySet, called, in_networks, memberships, networks


def network_filter() -> JointRecordsFilter:
    """A filter by networks that somebody is a member of."""
    return JointRecordsFilter(
        label=_("Network"),
        queryset=lambda: networks().published(),
        remedy=_("Use references of networks, such as N3; they stand in the addresses of the networks’ pages."),
    )


class AgreementFilter(AgreementFilterBase):
    """The filters of agreements. ``network``: the party is a member; in the past, former members count too."""

    network = network_filter()

    def party_condition(self, values: dict[str, Any]) -> Q:
        condition = super().party_condition(values)
        if values["network"]:
            condition &= in_networks(values["network"], past=values["past"])
        return condition


class TownFilter(TownFilterBase):
    """The filters of towns. ``network``: the town is a member."""

    network = network_filter()

    def taking_part(self, queryset: TownQuerySet) -> TownQuerySet:
        """Out of the index of agreements, which knows them at once; ``TownQuerySet.taking_part`` says who they are."""
        from .counting import towns_taking_part  # which asks filters in its turn

        # One value, whose members PostgreSQL looks up in a hash; Django's ``IN`` would be a value for each town.
        towns = Value("{" + ",".join(map(str, towns_taking_part())) + "}")
        among = {"template": "%(expressions)s::bigint[])", "arg_joiner": " = ANY("}
        return queryset.filter(Func(F("pk"), towns, output_field=BooleanField(), **among))

    def filter_jointly(self, queryset: TownQuerySet, values: dict[str, Any]) -> TownQuerySet:
        queryset = super().filter_jointly(queryset, values)
        if values["network"]:
            queryset = queryset.filter(pk__in=memberships().of(values["network"]).values("town"))
        return queryset


class NetworkFilter(ListingFilterSet):
    """The filters of networks; ``since`` and ``until`` are about the foundation."""

    q = SearchFilter(label=_("Search"))
    kind = ChoicesFilter(label=_("Kind"), choices=NetworkKind)
    scope = ChoicesFilter(label=_("Scope"), choices=Scope)
    continent = ChoicesFilter(label=_("Continent"), choices=Continent, case=str.upper)
    country = country_filter(_("Country of the seat or of a member"))
    since = DateFilter(label=_("Founded from"), method="filter_since")
    until = DateFilter(label=_("Founded to"), method="filter_until")

    sorts = {
        "name": Sort(_("by acronym or name"), [called("name_en").asc()]),
        "-name": Sort(_("by acronym or name, backwards"), [called("name_en").desc()]),
        "founded": Sort(_("oldest first"), ["founded"]),
        "-founded": Sort(_("youngest first"), [F("founded").desc(nulls_last=True)]),
    }
    default_sort = "name"

    class Meta:
        model = Network
        fields: list[str] = []

    def filter_since(self, queryset: NetworkQuerySet, name: str, value: PartialDate) -> NetworkQuerySet:
        return queryset.filter(dated_from("founded", value))

    def filter_until(self, queryset: NetworkQuerySet, name: str, value: PartialDate) -> NetworkQuerySet:
        return queryset.filter(dated_to("founded", value))

    def filter_jointly(self, queryset: NetworkQuerySet, values: dict[str, Any]) -> NetworkQuerySet:
        return queryset.in_countries(values["country"]) if values["country"] else queryset


class SupportBodyFilter(ListingFilterSet):
    """The filters of support bodies. Without ``past`` only those that exist, and what they serve today."""

    q = SearchFilter(label=_("Search"))
    territory = territory_filter(_("Territory"))
    service = ChoicesFilter(label=_("Service"), choices=Service, method="filter_service")
    legal_status = ChoicesFilter(label=_("Legal status"), choices=LegalStatus)
    past = SwitchFilter(label=_("Also what is over"))

    sorts = {
        "name": Sort(_("by acronym or name"), [called("name").asc()]),
        "-name": Sort(_("by acronym or name, backwards"), [called("name").desc()]),
        "founded": Sort(_("oldest first"), ["founded"]),
        "-founded": Sort(_("youngest first"), [F("founded").desc(nulls_last=True)]),
    }
    default_sort = "name"

    class Meta:
        model = SupportBody
        fields: list[str] = []

    def filter_service(self, queryset: SupportBodyQuerySet, name: str, value: list[str]) -> SupportBodyQuerySet:
        return queryset.filter(services__overlap=value)

    def filter_jointly(self, queryset: SupportBodyQuerySet, values: dict[str, Any]) -> SupportBodyQuerySet:
        if values["territory"]:
            codes = [territory.code for territory in values["territory"]]
            queryset = queryset.serving(codes, past=values["past"])
        return queryset if values["past"] else queryset.existing()
