"""The pages of agreements, places and organisations."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, TemplateView
from pyroaring import BitMap

from core.addresses import view_of
from core.lists.exports import CodedFile, ListFile, RecordFile
from core.lists.views import Counted, FacetedListingView, ListingView, OfferingMixin, RecordView
from networks.querysets import memberships
from networks.summaries import networks_in, supporting, supporting_country
from partnerships.places.json_records import COUNTRIES, ORGANISATIONS, TERRITORIES, TOWNS

from . import permissions
from .agreements.cards import read_cards
from .agreements.facets import INDEX, AgreementFacets, network_names
from .agreements.filters import AgreementFilter
from .agreements.json_records import AGREEMENTS
from .editing.action_views import offered
from .imports.layouts import AgreementResource, CountryResource, OrganisationResource, TerritoryResource, TownResource
from .insights.country_pairs import CountryPair
from .insights.recommendations import AgreementNeighbours, Neighbourhood
from .insights.summaries import ActorSummary, CountrySummary, Overview, TerritorySummary, entry_of
from .labels import LIVE_LABELS, country_names, territory_names
from .models import (
    Claim,
    Country,
    FundingContribution,
    StateRelation,
    Suspension,
    Territory,
    TerritoryParent,
)
from .places.filters import CountryFilter, OrganisationFilter, TerritoryFilter, TownFilter
from .querysets import agreements, countries, of_published, organisations, towns
from .review.proposals import confirmed_now, marks_of
from .territory_querysets import numbers_by, numbers_by_territory, territories

_MEMBERSHIPS_PREFETCH = Prefetch(
    "memberships", memberships().public().select_related("network").order_by("network__acronym", "since")
)
_CLAIMS_PREFETCH = Prefetch(
    "claims", Claim.objects.filter(of_published(Claim)).select_related("source", "second_source")
)


class AgreementList(FacetedListingView):
    """List of agreements, the main page of the directory."""

    filter: AgreementFilter
    index = INDEX
    labels = LIVE_LABELS
    facets_class = AgreementFacets
    figure_names = ("decade", "kind", "theme", "country", "partner", "level")
    download = "agreements_file"
    api = "api_agreements"

    heading = gettext_lazy("Agreements")
    queryset = agreements().published().with_parties()
    filterset_class = AgreementFilter
    template_name = "partnerships/agreement_list.html"

    def may_be_kept(self, request: HttpRequest) -> bool:
        """True unless the page shows the status of imports or the answers of partners (the table), which history does
        not keep."""
        return not request.GET.get("batch") and request.GET.get("view") != "table"

    def read(self, facets: AgreementFacets, keys: list[int]) -> list[Any]:
        if self.view == "list":
            return read_cards(keys, facets.derived)
        records = super().read(facets, keys)
        confirmed = confirmed_now(keys) if records else {}
        for record in records:
            record.confirmed = confirmed.get(record.pk)
        return records


class WholeAgreements:
    """Agreements in the layout of imports, with the columns of as many parties as they have."""

    def resource(self, keys: Sequence[int]) -> AgreementResource:
        with INDEX.reading() as index:
            places = index.places("counted", ["all"])
        asked = BitMap(keys)
        return AgreementResource(parties=sum(not asked.isdisjoint(place) for place in places))


class AgreementsFile(WholeAgreements, ListFile):
    """The list of agreements as a file."""

    listing = AgreementList
    kind = AGREEMENTS
    resource_class = AgreementResource


class AgreementFile(WholeAgreements, RecordFile):
    """One agreement as a file."""

    queryset = agreements().with_parties().select_related("merged_into")
    kind = AGREEMENTS
    resource_class = AgreementResource


class OwnRecordView(RecordView):
    """The page of a record, which is seen before it is published by those who may write it."""

    def may_see(self, record: Any) -> bool:
        return permissions.may_see(self.request.user, record)

    def may_edit(self) -> bool:
        """True if the reader is offered the form of a town or an organisation."""
        return self.object.publication == "published" and permissions.may_publish(self.request.user, self.object)

    def files(self, *args: Any, **kwargs: Any) -> list[Any]:
        """File links of the record; none before it is published."""
        return super().files(*args, **kwargs) if self.object.publication == "published" else []


class AgreementPage(OwnRecordView):
    """Agreement page: parties, dates, themes, funding, statuses, and sources."""

    queryset = (
        agreements()
        .with_statuses()
        .with_parties()
        .select_related("merged_into")
        .prefetch_related(
            "sources",
            "renewals",
            "parties__town__territory",
            "documents",
            "attachments",
            Prefetch("contributions", FundingContribution.objects.select_related("funding")),
            Prefetch("parties__suspensions", Suspension.objects.select_related("source")),
            _CLAIMS_PREFETCH,
        )
    )
    template_name = "partnerships/agreement.html"
    download = "agreement_file"
    api = "api_agreement"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            entry=entry_of(self.object),
            nearby=AgreementNeighbours(self.object),
            confirmed=marks_of([self.object.pk]).get(self.object.pk),
            contacts=permissions.contacts_seen_by(user, self.object),
            may_write=permissions.may_write(user, self.object),
            may_publish=permissions.may_publish(user, self.object),
            is_officer=permissions.is_officer(user),
            actions=offered(user, self.object),
            **kwargs,
        )


class CountryList(OfferingMixin, TemplateView):
    """All countries with their numbers of agreements, by continent."""

    template_name = "partnerships/country_list.html"
    download = "countries_file"
    api = "api_countries"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(overview=Overview(), **kwargs)


class CountriesFile(ListFile):
    """All countries as a file."""

    filterset_class = CountryFilter
    rows = countries()
    kind = COUNTRIES
    resource_class = CountryResource


class CountryFile(CodedFile):
    """One country as a file."""

    queryset = countries()
    kind = COUNTRIES
    resource_class = CountryResource


class TerritoriesFile(ListFile):
    """Regions and departments as a file."""

    filterset_class = TerritoryFilter
    rows = territories()
    kind = TERRITORIES
    resource_class = TerritoryResource


class TerritoryFile(CodedFile):
    """One territory as a file."""

    queryset = territories()
    kind = TERRITORIES
    resource_class = TerritoryResource


class CodedPage(OfferingMixin, DetailView):
    """The page of a place that has an international code for its address; another case of it is redirected."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object = self.get_object()
        right = self.spelling(self.object.pk)
        if kwargs["code"] != right:
            return HttpResponsePermanentRedirect(redirect(view_of(request), code=right).url)
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_object(self, queryset: QuerySet | None = None) -> Country | Territory:
        """The place with the code of the address, whatever its case."""
        found: Country | Territory = get_object_or_404(self.get_queryset(), pk=self.kwargs["code"].upper())
        return found

    def spelling(self, code: str) -> str:
        """Spelling of the code in addresses."""
        return code

    def file_arguments(self) -> dict[str, str]:
        return {"code": self.spelling(self.object.pk)}


class CountryPage(CodedPage):
    """Country page: partner countries, regions, towns, themes and decades of its agreements."""

    queryset = countries().prefetch_related(
        "zones",
        Prefetch("state_relations", StateRelation.objects.select_related("source")),
        _CLAIMS_PREFETCH,
    )
    template_name = "partnerships/country.html"
    download = "country_file"
    api = "api_country"

    def spelling(self, code: str) -> str:
        return code.lower()

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            summary=CountrySummary(self.object),
            may_suspend=permissions.is_administrator(self.request.user),
            networks=networks_in(self.object),
            support_bodies=supporting_country(self.object),
            **kwargs,
        )


class CountryPairPage(TemplateView):
    """Country pair page: what two countries have in common. Whichever is named first, the address is the one in the
    order of the codes."""

    template_name = "partnerships/country_pair.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = [kwargs["first"], kwargs["second"]]
        codes = sorted(code.lower() for code in asked)
        found = countries().in_bulk([code.upper() for code in codes])
        if len(found) < len(set(codes)):
            raise Http404
        if codes[0] == codes[1]:
            return redirect("country", code=codes[0])
        if codes != asked:
            return redirect("country_pair", *codes, permanent=True)
        self.pair = CountryPair(*(found[code.upper()] for code in codes))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(pair=self.pair, **kwargs)


class TerritoryPage(CodedPage):
    """A region or department: its towns and their partners, what it lies in and what lies in it."""

    queryset = (
        territories()
        .select_related("country", "successor")
        .prefetch_related(
            "predecessors",
            Prefetch("authorities", towns().published()),
            Prefetch("parent_links", TerritoryParent.objects.select_related("parent").order_by("-since")),
            Prefetch("child_links", TerritoryParent.objects.select_related("territory").order_by("territory__name")),
        )
    )
    template_name = "partnerships/territory.html"
    download = "territory_file"
    api = "api_territory"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            summary=TerritorySummary(self.object), support_bodies=supporting(self.object), **kwargs
        )


class TownList(ListingView):
    """Towns, with how many agreements each has."""

    heading = gettext_lazy("Towns")
    queryset = towns().published().select_related("country", "territory").with_agreement_counts()
    filterset_class = TownFilter
    counted = {
        "country": Counted(lambda question: numbers_by(question.qs, "country"), country_names),
        "territory": Counted(
            lambda question: numbers_by_territory(question.qs, "territory", "governs"), territory_names
        ),
        "network": Counted(lambda question: memberships().numbers_of(question.qs), network_names),
    }
    download = "towns_file"
    api = "api_towns"
    template_name = "partnerships/town_list.html"


class TownsFile(ListFile):
    """The list of towns as a file."""

    listing = TownList
    kind = TOWNS
    resource_class = TownResource


class TownFile(RecordFile):
    """One town as a file."""

    queryset = towns().select_related("merged_into")
    kind = TOWNS
    resource_class = TownResource


class TownPage(OwnRecordView):
    """One town: its partners by country, whom it could work with, its networks, its names and identifiers."""

    queryset = (
        towns()
        .select_related("country", "territory", "governs", "merged_into")
        .prefetch_related(
            "names",
            "sources",
            _MEMBERSHIPS_PREFETCH,
            _CLAIMS_PREFETCH,
        )
    )
    template_name = "partnerships/town.html"
    download = "town_file"
    api = "api_town"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            summary=ActorSummary(self.object),
            around=Neighbourhood(self.object),
            may_merge=permissions.may_merge(self.request.user, self.object, self.object),
            may_edit=self.may_edit(),
            entry=entry_of(self.object),
            **kwargs,
        )


class OrganisationList(ListingView):
    """Actors that are no local authority."""

    heading = gettext_lazy("Organisations")
    queryset = organisations().published().select_related("country", "territory").with_agreement_counts()
    filterset_class = OrganisationFilter
    counted = {
        "country": Counted(lambda question: numbers_by(question.qs, "country"), country_names),
        "territory": Counted(lambda question: numbers_by_territory(question.qs, "territory"), territory_names),
    }
    download = "organisations_file"
    api = "api_organisations"
    template_name = "partnerships/organisation_list.html"


class OrganisationsFile(ListFile):
    """The list of organisations as a file."""

    listing = OrganisationList
    kind = ORGANISATIONS
    resource_class = OrganisationResource


class OrganisationFile(RecordFile):
    """One organisation as a file."""

    queryset = organisations().select_related("merged_into")
    kind = ORGANISATIONS
    resource_class = OrganisationResource


class OrganisationPage(OwnRecordView):
    """One organisation, its agreements and networks."""

    queryset = (
        organisations()
        .select_related("country", "territory", "seat", "merged_into")
        .prefetch_related("names", "sources", _MEMBERSHIPS_PREFETCH)
    )
    template_name = "partnerships/organisation.html"
    download = "organisation_file"
    api = "api_organisation"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            summary=ActorSummary(self.object), may_edit=self.may_edit(), entry=entry_of(self.object), **kwargs
        )
