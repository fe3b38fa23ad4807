"""Filters of agreements and of their parties, and what filters of other lists share with them.

Each FilterSet serves a page, its files and the API. ``network`` asks the memberships of parties: that is why this
module knows the networks.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from core.date_conditions import dated_from, dated_to
from core.dates import PartialDate
from core.facets.bitmaps import FacetIndex
from core.facets.query import Faceted
from core.imports.models import ImportBatch
from core.lists.filtersets import (
    ChoicesFilter,
    DateFilter,
    Fieldset,
    JointChoicesFilter,
    JointRecordsFilter,
    ListingFilterSet,
    LongChoicesFilter,
    SearchFilter,
    Sort,
    SwitchFilter,
)
from networks.querysets import in_networks, networks

from ..choices import (
    Activity,
    FormalStatus,
    Freshness,
    Kind,
    Level,
    PartyRole,
    SuspensionState,
)
from ..derived_states import CURRENT_STATUSES
from ..labels import labels
from ..models import Agreement, AgreementTheme, FundingContribution, Party
from ..party_conditions import at_levels, in_countries, in_territories, in_zones, is_organisation, is_town
from ..querysets import AgreementQuerySet, PartyQuerySet, agreements, organisations, towns
from ..territory_querysets import territories
from . import facet_readings
from .sorting import RANKS, first_party, ranked

_Choices = list[tuple[str, str]]

COUNTRY_REMEDY = _("Use two-letter country codes (ISO 3166-1), such as FR or ML.")
TERRITORY_REMEDY = _("Use codes of regions or departments (ISO 3166-2), such as FR-BFC or FR-21.")
TOWN_REMEDY = _("Use references of towns, such as T12; they stand in the addresses of the towns’ pages.")


def labelled(name: str) -> Callable[[], _Choices]:
    """Codes and names of a table, sorted by name, for the choices of a filter."""
    return lambda: list(labels(name).items())


def decade_choices() -> _Choices:
    """The decades in which agreements were signed, from the 1900s to today's, by their first year."""
    return [(str(year), _("%(year)ss") % {"year": year}) for year in range(1900, timezone.localdate().year + 1, 10)]


def country_filter(label: Any, **kwargs: Any) -> LongChoicesFilter:
    """A filter by countries."""
    return LongChoicesFilter(label=label, choices=labelled("country"), case=str.upper, remedy=COUNTRY_REMEDY, **kwargs)


def territory_filter(label: Any, **kwargs: Any) -> JointRecordsFilter:
    """A filter by territories."""
    return JointRecordsFilter(label=label, queryset=territories, key="code", remedy=TERRITORY_REMEDY, **kwargs)


def network_filter(**kwargs: Any) -> JointRecordsFilter:
    """A filter by networks that somebody is a member of."""
    return JointRecordsFilter(
        label=_("Network"),
        queryset=lambda: networks().published(),
        remedy=_("Use references of networks, such as N3; they stand in the addresses of the networks’ pages."),
        **kwargs,
    )


def _own(value: str) -> Faceted:
    """Facet of a value of the agreement itself: a column or an annotation."""
    return Faceted("own", facet_readings.own(value))


def _among(among: Callable[[FacetIndex, Any, Mapping[str, Any]], BitMap | None]) -> Faceted:
    """Declaration of a filter without counts: the agreements that its value leaves."""
    return Faceted("among", among=among)


class AgreementFilter(ListingFilterSet):
    """Filters of agreements. ``network``: the party is a member; in the past, former members count too.

    The queryset to filter is an `AgreementQuerySet` of what the visitor may see. The counting rules are
    those of ``partnerships.querysets``. Ended agreements are in with ``past=1``, or when they are asked for
    by name (``activity=ended``, ``formal_status=terminated``).
    """

    indexed = True

    q = SearchFilter(label=_("Search"), facet=_among(facet_readings.searched))
    country = country_filter(_("Country"), facet=Faceted("joint", facet_readings.read_country))
    partner = country_filter(_("Partner country"), facet=Faceted("partner", dimension="country"))
    zone = JointChoicesFilter(
        label=_("Cooperation zone"), choices=labelled("zone"), facet=Faceted("joint", facet_readings.read_zone)
    )
    territory = territory_filter(_("Territory"), facet=Faceted("joint", facet_readings.read_territory))
    town = JointRecordsFilter(
        label=_("Town"),
        queryset=lambda: towns().published(),
        remedy=TOWN_REMEDY,
        facet=Faceted("joint", places=facet_readings.at_towns),
    )
    level = JointChoicesFilter(label=_("Level"), choices=Level, facet=Faceted("joint", facet_readings.read_level))
    kind = ChoicesFilter(label=_("Kind"), choices=Kind, facet=_own("kind"))
    formal_status = ChoicesFilter(
        label=_("Formal status"),
        choices=CURRENT_STATUSES,
        method="filter_formal_status",
        facet=_own("current_status"),
    )
    activity = ChoicesFilter(label=_("Activity"), choices=Activity, facet=_own("activity"))
    suspension = ChoicesFilter(
        label=_("Suspension"),
        choices=SuspensionState,
        method="filter_suspension",
        facet=_own("suspension"),
    )
    theme = ChoicesFilter(
        label=_("Theme"),
        choices=labelled("theme"),
        method="filter_theme",
        facet=Faceted("own", facet_readings.of_links(AgreementTheme, "theme_id")),
    )
    funding = ChoicesFilter(
        label=_("Funding"),
        choices=labelled("funding"),
        method="filter_funding",
        facet=Faceted("own", facet_readings.of_links(FundingContribution, "funding_id")),
    )
    decade = ChoicesFilter(
        label=_("Decade"),
        choices=decade_choices,
        method="filter_decade",
        facet=Faceted("own", facet_readings.read_decade),
    )
    verified = ChoicesFilter(
        label=_("Verification"),
        choices=Freshness,
        method="filter_verified",
        facet=_own("freshness"),
    )
    since = DateFilter(label=_("Signed from"), method="filter_since", facet=_among(facet_readings.signed_since))
    until = DateFilter(label=_("Signed to"), method="filter_until", facet=_among(facet_readings.signed_until))
    domestic = SwitchFilter(label=_("Also within one country"), facet=_among(facet_readings.international))
    past = SwitchFilter(label=_("Also what is over"), facet=Faceted("rule"))
    batch = JointRecordsFilter(
        label=_("Import"),
        queryset=ImportBatch.objects.all,
        remedy=_("Use references of imports, such as I3."),
        method="filter_batch",
        facet=_among(facet_readings.of_batches),
    )
    network = network_filter(
        facet=Faceted("joint", facet_readings.read_network(past=False), past=facet_readings.read_network(past=True))
    )

    fieldsets = [
        Fieldset(
            _("Who"), ("country", "partner", "zone", "territory", "level", "network"), opened=("country", "partner")
        ),
        Fieldset(_("What"), ("kind", "theme", "funding"), opened=("kind", "theme")),
        Fieldset(_("When"), ("since", "until", "decade")),
        Fieldset(_("State"), ("activity", "formal_status", "suspension", "verified", "past", "domestic")),
    ]

    sorts = {
        "-entered": Sort(_("last entered first"), ["-created_at"]),
        "entered": Sort(_("first entered first"), ["created_at"]),
        "-signed": Sort(_("latest signature first"), [F("signed").desc(nulls_last=True)]),
        "signed": Sort(_("earliest signature first"), ["signed"]),
        "-verified": Sort(_("last verified first"), [F("verified_on").desc(nulls_last=True)]),
        "verified": Sort(_("longest unverified first"), [F("verified_on").asc(nulls_first=True)]),
        "name": Sort(_("by name of the first party"), [first_party("normalised").asc()]),
        "-name": Sort(_("by name of the first party, backwards"), [first_party("normalised").desc()]),
        "kind": Sort(_("by kind"), [ranked(*RANKS["kind"]).asc()]),
        "-kind": Sort(_("by kind, backwards"), [ranked(*RANKS["kind"]).desc()]),
        "status": Sort(_("by formal status"), [ranked("current_status", RANKS["status"][1]).asc()]),
        "-status": Sort(_("by formal status, backwards"), [ranked("current_status", RANKS["status"][1]).desc()]),
    }
    default_sort = "-entered"

    class Meta:
        model = Agreement
        fields: list[str] = []

    def sorted(self, queryset: Any, name: str) -> QuerySet[Any]:
        return super().sorted(queryset.with_statuses() if name.endswith("status") else queryset, name)

    def filter_formal_status(self, queryset: AgreementQuerySet, name: str, value: list[str]) -> AgreementQuerySet:
        return queryset.with_statuses().filter(current_status__in=value)

    def filter_suspension(self, queryset: AgreementQuerySet, name: str, value: list[str]) -> AgreementQuerySet:
        return queryset.with_statuses().filter(suspension__in=value)

    def filter_theme(self, queryset: AgreementQuerySet, name: str, value: list[str]) -> AgreementQuerySet:
        return queryset.on_themes(value)

    def filter_funding(self, queryset: AgreementQuerySet, name: str, value: list[str]) -> AgreementQuerySet:
        return queryset.funded_by(value)

    def filter_decade(self, queryset: AgreementQuerySet, name: str, value: list[str]) -> AgreementQuerySet:
        return queryset.signed_in_decades(value)

    def filter_verified(self, queryset: AgreementQuerySet, name: str, value: list[str]) -> AgreementQuerySet:
        return queryset.with_freshness().filter(freshness__in=value)

    def filter_since(self, queryset: AgreementQuerySet, name: str, value: PartialDate) -> AgreementQuerySet:
        return queryset.filter(dated_from("signed", value))

    def filter_until(self, queryset: AgreementQuerySet, name: str, value: PartialDate) -> AgreementQuerySet:
        return queryset.filter(dated_to("signed", value))

    def filter_batch(self, queryset: AgreementQuerySet, name: str, value: list[ImportBatch]) -> AgreementQuerySet:
        return queryset.of_batch(*(batch.reference for batch in value))

    def party_condition(self, values: dict[str, Any]) -> Q:
        """Condition that one and the same party must fulfil."""
        condition = Q()
        if values["country"]:
            condition &= in_countries(values["country"])
        if values["zone"]:
            condition &= in_zones(values["zone"])
        if values["territory"]:
            condition &= in_territories(territory.code for territory in values["territory"])
        if values["level"]:
            condition &= at_levels(values["level"])
        if values["town"]:
            condition &= is_town(*values["town"])
        if values["network"]:
            condition &= in_networks(values["network"], past=values["past"])
        return condition

    def filter_jointly(self, queryset: AgreementQuerySet, values: dict[str, Any]) -> AgreementQuerySet:
        """The counting rules: party, partner, the past, and agreements within one country."""
        past = values["past"]
        party = self.party_condition(values)
        partner = in_countries(values["partner"]) if values["partner"] else None
        if party or partner:
            queryset = queryset.involving(party, partner=partner, past=past)
        if not values["domestic"]:
            queryset = queryset.international(past=past)
        by_name = Activity.ENDED in values["activity"] or FormalStatus.TERMINATED in values["formal_status"]
        if not past and not by_name:
            queryset = queryset.current()
        return queryset


class PartyFilter(ListingFilterSet):
    """The filters of parties to published agreements. Without ``past`` only those that have not left."""

    agreement = JointRecordsFilter(
        label=_("Agreement"),
        queryset=lambda: agreements().published(),
        remedy=_("Use references of agreements, such as A12."),
    )
    country = country_filter(_("Country"))
    territory = territory_filter(_("Territory"))
    town = JointRecordsFilter(label=_("Town"), queryset=lambda: towns().published(), remedy=TOWN_REMEDY)
    organisation = JointRecordsFilter(
        label=_("Organisation"),
        queryset=lambda: organisations().published(),
        remedy=_("Use references of organisations, such as O3."),
    )
    level = JointChoicesFilter(label=_("Level"), choices=Level)
    role = ChoicesFilter(label=_("Role"), choices=PartyRole)
    past = SwitchFilter(label=_("Also what is over"))

    class Meta:
        model = Party
        fields: list[str] = []

    def filter_jointly(self, queryset: PartyQuerySet, values: dict[str, Any]) -> PartyQuerySet:
        queryset = queryset.counted(past=values["past"])
        if values["agreement"]:
            queryset = queryset.filter(agreement__in=values["agreement"])
        if values["country"]:
            queryset = queryset.filter(in_countries(values["country"]))
        if values["territory"]:
            queryset = queryset.filter(in_territories(territory.code for territory in values["territory"]))
        if values["level"]:
            queryset = queryset.filter(at_levels(values["level"]))
        if values["town"]:
            queryset = queryset.filter(is_town(*values["town"]))
        if values["organisation"]:
            queryset = queryset.filter(is_organisation(*values["organisation"]))
        return queryset
