"""Filters of networks, support bodies, memberships, milestones and web links: of their lists, files and the API."""

from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core.date_conditions import dated_from, dated_to
from core.dates import PartialDate
from core.lists.filtersets import (
    ChoicesFilter,
    DateFilter,
    Fieldset,
    JointRecordsFilter,
    ListingFilterSet,
    SearchFilter,
    Sort,
    SwitchFilter,
)
from partnerships.agreements.filters import (
    TOWN_REMEDY,
    country_filter,
    network_filter,
    territory_filter,
)
from partnerships.choices import Continent
from partnerships.party_conditions import in_countries
from partnerships.querysets import towns

from .choices import LegalStatus, LinkSection, MemberRole, NetworkKind, Scope, Service
from .models import Membership, Milestone, Network, SupportBody, WebLink
from .querysets import (
    MembershipQuerySet,
    MilestoneQuerySet,
    NetworkQuerySet,
    SupportBodyQuerySet,
    WebLinkQuerySet,
    called,
)


class NetworkFilter(ListingFilterSet):
    """The filters of networks; ``since`` and ``until`` are about the foundation."""

    q = SearchFilter(label=_("Search"))
    kind = ChoicesFilter(label=_("Kind"), choices=NetworkKind)
    scope = ChoicesFilter(label=_("Scope"), choices=Scope)
    continent = ChoicesFilter(label=_("Continent"), choices=Continent, case=str.upper)
    country = country_filter(_("Country of the seat or of a member"))
    since = DateFilter(label=_("Founded from"), method="filter_since")
    until = DateFilter(label=_("Founded to"), method="filter_until")

    fieldsets = [
        Fieldset(_("What and where"), ("kind", "scope", "continent", "country")),
        Fieldset(_("When"), ("since", "until")),
    ]

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

    fieldsets = [
        Fieldset(_("What and where"), ("territory", "service", "legal_status", "past"), opened=("territory",)),
    ]

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


class MembershipFilter(ListingFilterSet):
    """The filters of memberships. Without ``past`` only those that are not over."""

    network = network_filter()
    town = JointRecordsFilter(label=_("Town"), queryset=lambda: towns().published(), remedy=TOWN_REMEDY)
    country = country_filter(_("Country"))
    role = ChoicesFilter(label=_("Role"), choices=MemberRole)
    past = SwitchFilter(label=_("Also what is over"))

    class Meta:
        model = Membership
        fields: list[str] = []

    def filter_jointly(self, queryset: MembershipQuerySet, values: dict[str, Any]) -> MembershipQuerySet:
        if values["network"]:
            queryset = queryset.filter(network__in=values["network"])
        if values["town"]:
            queryset = queryset.filter(town__in=values["town"])
        if values["country"]:
            queryset = queryset.filter(in_countries(values["country"]))
        return queryset if values["past"] else queryset.current()


class MilestoneFilter(ListingFilterSet):
    """The filters of milestones."""

    network = network_filter()
    since = DateFilter(label=_("From"), method="filter_since")
    until = DateFilter(label=_("To"), method="filter_until")

    sorts = {
        "date": Sort(_("earliest first"), ["date"]),
        "-date": Sort(_("latest first"), ["-date"]),
    }
    default_sort = "date"

    class Meta:
        model = Milestone
        fields: list[str] = []

    def filter_since(self, queryset: MilestoneQuerySet, name: str, value: PartialDate) -> MilestoneQuerySet:
        return queryset.filter(dated_from("date", value))

    def filter_until(self, queryset: MilestoneQuerySet, name: str, value: PartialDate) -> MilestoneQuerySet:
        return queryset.filter(dated_to("date", value))

    def filter_jointly(self, queryset: MilestoneQuerySet, values: dict[str, Any]) -> MilestoneQuerySet:
        return queryset.filter(network__in=values["network"]) if values["network"] else queryset


class WebLinkFilter(ListingFilterSet):
    """The filters of web links."""

    section = ChoicesFilter(label=_("Section"), choices=LinkSection)
    network = network_filter()

    sorts = {"section": Sort(_("by section"), ["section", "title"])}
    default_sort = "section"

    class Meta:
        model = WebLink
        fields: list[str] = []

    def filter_jointly(self, queryset: WebLinkQuerySet, values: dict[str, Any]) -> WebLinkQuerySet:
        return queryset.filter(network__in=values["network"]) if values["network"] else queryset
