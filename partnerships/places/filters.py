"""Filters of towns, organisations, countries and territories: of their lists, files and the API."""

from typing import Any

from django.db.models import BooleanField, F, Func, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from core.date_conditions import over
from core.lists.filtersets import (
    ChoicesFilter,
    Fieldset,
    JointChoicesFilter,
    JointRecordsFilter,
    ListingFilterSet,
    SearchFilter,
    Sort,
    SwitchFilter,
)
from networks.querysets import memberships

from ..agreements.filters import TERRITORY_REMEDY, country_filter, labelled, network_filter, territory_filter
from ..choices import Continent, Level, OrganisationKind, TerritoryLevel
from ..insights.coverage import towns_taking_part
from ..models import Country, Organisation, Territory, Town
from ..party_conditions import in_countries
from ..querysets import CountryQuerySet, OrganisationQuerySet, TownQuerySet, countries
from ..territory_querysets import TerritoryQuerySet, territories


class Size(TextChoices):
    """Minimum population of a town; the first is the threshold of French statistics."""

    OVER_5000 = "5000", _("over 5,000")
    OVER_20000 = "20000", _("over 20,000")
    OVER_100000 = "100000", _("over 100,000")


class TownFilter(ListingFilterSet):
    """Filters of the list of towns: of its page, its files and the API.

    ``partner``: the town has a current published agreement with another party there. ``counted``, ``size`` and
    ``recognised`` say what the shares of ``partnerships.insights.coverage`` count.
    """

    q = SearchFilter(label=_("Search"))
    country = country_filter(_("Country"))
    zone = JointChoicesFilter(label=_("Cooperation zone"), choices=labelled("zone"))
    territory = territory_filter(_("Territory"))
    level = ChoicesFilter(label=_("Level"), choices=Level)
    partner = country_filter(_("Partner country"))
    size = ChoicesFilter(label=_("Inhabitants"), choices=Size, method="filter_size")
    counted = SwitchFilter(label=_("With an agreement that counts"))
    recognised = SwitchFilter(label=_("Known to the gazetteer"))
    located = SwitchFilter(label=_("With coordinates"))
    network = network_filter()

    fieldsets = [
        Fieldset(_("Where"), ("country", "territory", "zone", "level"), opened=("country",)),
        Fieldset(_("With whom"), ("partner", "network", "counted")),
        Fieldset(_("What is known"), ("size", "recognised", "located")),
    ]

    sorts = {
        "name": Sort(_("by name"), ["normalised"]),
        "-name": Sort(_("by name, backwards"), ["-normalised"]),
        "-population": Sort(_("largest first"), [F("population").desc(nulls_last=True)]),
        "population": Sort(_("smallest first"), ["population"]),
        "-entered": Sort(_("last entered first"), ["-created_at"]),
    }
    default_sort = "name"

    class Meta:
        model = Town
        fields: list[str] = []

    def filter_size(self, queryset: TownQuerySet, name: str, value: list[str]) -> TownQuerySet:
        return queryset.larger_than(min(map(int, value))) if value else queryset

    def taking_part(self, queryset: TownQuerySet) -> TownQuerySet:
        """Filter by the index of agreements, where these towns are known; ``TownQuerySet.taking_part`` defines them."""
        # One value, whose members PostgreSQL looks up in a hash; Django's ``IN`` would be a value for each town.
        towns = Value("{" + ",".join(map(str, towns_taking_part())) + "}")
        among = {"template": "%(expressions)s::bigint[])", "arg_joiner": " = ANY("}
        return queryset.filter(Func(F("pk"), towns, output_field=BooleanField(), **among))

    def filter_jointly(self, queryset: TownQuerySet, values: dict[str, Any]) -> TownQuerySet:
        if values["country"]:
            queryset = queryset.filter(country__in=values["country"])
        if values["zone"]:
            queryset = queryset.filter(country__in=countries().in_zones(values["zone"]).values("pk"))
        if values["territory"]:
            queryset = queryset.inside(territory.code for territory in values["territory"])
        if values["partner"]:
            queryset = queryset.partnered_with(in_countries(values["partner"]))
        if values["counted"]:
            queryset = self.taking_part(queryset)
        if values["recognised"]:
            queryset = queryset.recognised()
        if values["located"]:
            queryset = queryset.located()
        if values["network"]:
            queryset = queryset.filter(pk__in=memberships().of(values["network"]).values("town"))
        return queryset


class OrganisationFilter(ListingFilterSet):
    """The filters of organisations."""

    q = SearchFilter(label=_("Search"))
    kind = ChoicesFilter(label=_("Kind"), choices=OrganisationKind)
    country = country_filter(_("Country"))
    territory = territory_filter(_("Territory"))

    fieldsets = [Fieldset(_("Who and where"), ("kind", "country", "territory"))]

    sorts = {
        "name": Sort(_("by name"), ["normalised"]),
        "-name": Sort(_("by name, backwards"), ["-normalised"]),
        "-entered": Sort(_("last entered first"), ["-created_at"]),
    }
    default_sort = "name"

    class Meta:
        model = Organisation
        fields: list[str] = []

    def filter_jointly(self, queryset: OrganisationQuerySet, values: dict[str, Any]) -> OrganisationQuerySet:
        if values["country"]:
            queryset = queryset.filter(country__in=values["country"])
        if values["territory"]:
            queryset = queryset.inside(territory.code for territory in values["territory"])
        return queryset


class CountryFilter(ListingFilterSet):
    """The filters of countries."""

    continent = ChoicesFilter(label=_("Continent"), choices=Continent, case=str.upper)
    zone = JointChoicesFilter(label=_("Cooperation zone"), choices=labelled("zone"))

    sorts = {"code": Sort(_("by code"), ["code"])}
    default_sort = "code"

    class Meta:
        model = Country
        fields: list[str] = []

    def filter_jointly(self, queryset: CountryQuerySet, values: dict[str, Any]) -> CountryQuerySet:
        return queryset.in_zones(values["zone"]) if values["zone"] else queryset


class TerritoryFilter(ListingFilterSet):
    """The filters of territories. Without ``past`` only those that exist."""

    country = country_filter(_("Country"))
    level = ChoicesFilter(label=_("Level"), choices=TerritoryLevel)
    inside = JointRecordsFilter(label=_("Inside"), queryset=territories, key="code", remedy=TERRITORY_REMEDY)
    past = SwitchFilter(label=_("Also what is over"))

    sorts = {"code": Sort(_("by code"), ["code"]), "name": Sort(_("by name"), ["normalised"])}
    default_sort = "code"

    class Meta:
        model = Territory
        fields: list[str] = []

    def filter_jointly(self, queryset: TerritoryQuerySet, values: dict[str, Any]) -> TerritoryQuerySet:
        if values["country"]:
            queryset = queryset.filter(country__in=values["country"])
        if values["inside"]:
            queryset = queryset.filter(pk__in=queryset.inside(territory.code for territory in values["inside"]))
        return queryset if values["past"] else queryset.exclude(over("dissolved_on"))
