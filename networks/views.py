"""The pages of networks, support bodies, milestones and web links."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy
from django.views.generic import ListView

from core.lists.exports import ListFile, RecordFile
from core.lists.filtersets import ListingFilterSet
from core.lists.views import Counted, ListingView, OfferingMixin, RecordView
from partnerships import permissions
from partnerships.editing.history_views import HistoryPage
from partnerships.insights.summaries import entry_of
from partnerships.labels import territory_names
from partnerships.querysets import of_published

from . import json_records
from .filters import MembershipFilter, MilestoneFilter, NetworkFilter, SupportBodyFilter, WebLinkFilter
from .layouts import MembershipResource, MilestoneResource, NetworkResource, SupportBodyResource, WebLinkResource
from .models import (
    Membership,
    NetworkClaim,
    NetworkLink,
    NetworkName,
    NetworkSource,
    ServedTerritory,
    SupportBody,
    SupportBodySource,
)
from .querysets import memberships, milestones, networks, support_bodies, web_links
from .summaries import helped_by, lineage_of, members_by_kind, membership_items

_CLAIMS_PREFETCH = Prefetch(
    "claims", NetworkClaim.objects.filter(of_published(NetworkClaim)).select_related("source", "second_source")
)
_MEMBERSHIPS_PREFETCH = Prefetch(
    "memberships", memberships().public().select_related("network").order_by("network__acronym", "since")
)
LINKS = NetworkLink.objects.filter(of_published(NetworkLink)).order_by("since")


class NetworkList(ListingView):
    """Networks of cities."""

    heading = gettext_lazy("Networks")
    queryset = networks().published().select_related("country").with_member_counts()
    filterset_class = NetworkFilter
    download = "networks_file"
    api = "api_networks"
    template_name = "networks/network_list.html"


class NetworksFile(ListFile):
    """The list of networks as a file."""

    listing = NetworkList
    kind = json_records.NETWORKS
    resource_class = NetworkResource


class NetworkFile(RecordFile):
    """One network as a file."""

    queryset = networks().select_related("merged_into")
    kind = json_records.NETWORKS
    resource_class = NetworkResource


class NetworkPage(RecordView):
    """One network: names, lineage both ways, members by kind, milestones, claims, links."""

    queryset = (
        networks()
        .select_related("country", "seat_town", "merged_into")
        .prefetch_related(
            "names",
            "sources",
            "milestones",
            "web_links",
            _CLAIMS_PREFETCH,
            Prefetch("links", LINKS.select_related("other", "source")),
            Prefetch("links_back", LINKS.select_related("network", "source")),
            Prefetch("memberships_held", memberships().public().select_related("network").order_by("since")),
            Prefetch(
                "memberships",
                memberships()
                .public()
                .select_related("town__country", "organisation", "member_network", "support_body")
                .order_by("since", "pk"),
            ),
        )
    )
    template_name = "networks/network.html"
    download = "network_file"
    api = "api_network"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        memberships = self.object.memberships.all()
        return super().get_context_data(
            entry=entry_of(self.object),
            members=members_by_kind(memberships),
            lineage=lineage_of(self.object),
            members_over_time=membership_items(memberships),
            **kwargs,
        )


def _numbers_by_territory(question: ListingFilterSet) -> Mapping[str, int]:
    bodies: Any = question.qs
    numbers: Mapping[str, int] = bodies.numbers_by_territory(past=question.form.cleaned_data["past"])
    return numbers


class SupportBodyList(ListingView):
    """Regional bodies that help those who cooperate."""

    heading = gettext_lazy("Support bodies")
    queryset = (
        support_bodies()
        .published()
        .prefetch_related(Prefetch("servedterritory_set", ServedTerritory.objects.select_related("territory")))
    )
    filterset_class = SupportBodyFilter
    counted = {"territory": Counted(_numbers_by_territory, territory_names)}
    download = "support_bodies_file"
    api = "api_support_bodies"
    template_name = "networks/support_body_list.html"


class SupportBodiesFile(ListFile):
    """The list of support bodies as a file."""

    listing = SupportBodyList
    kind = json_records.SUPPORT_BODIES
    resource_class = SupportBodyResource


class SupportBodyFile(RecordFile):
    """One support body as a file."""

    queryset = support_bodies().select_related("merged_into")
    kind = json_records.SUPPORT_BODIES
    resource_class = SupportBodyResource


class SupportBodyPage(RecordView):
    """One support body: whom it serves and how, what it succeeded and what succeeded it."""

    queryset = (
        support_bodies()
        .select_related("successor", "seat_town", "merged_into")
        .prefetch_related(
            "sources",
            "web_links",
            _CLAIMS_PREFETCH,
            _MEMBERSHIPS_PREFETCH,
            Prefetch("predecessors", SupportBody.objects.filter(publication="published").order_by("succeeded")),
            Prefetch("servedterritory_set", ServedTerritory.objects.select_related("territory").order_by("since")),
        )
    )
    template_name = "networks/support_body.html"
    download = "supportbody_file"
    api = "api_supportbody"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        may_edit = permissions.may_publish(self.request.user, self.object)
        return super().get_context_data(
            entry=entry_of(self.object), helped=helped_by(self.object), may_edit=may_edit, **kwargs
        )


class NetworkHistory(HistoryPage):
    """History page of a network, its links and its members."""

    queryset = networks().select_related("merged_into")
    lists = (
        (NetworkName, "network"),
        (NetworkLink, "network"),
        (Membership, "network"),
        (NetworkClaim, "network"),
        (NetworkSource, "network"),
    )


class SupportBodyHistory(HistoryPage):
    """History page of a support body and of the territories that it serves."""

    queryset = support_bodies().select_related("merged_into")
    lists = ((ServedTerritory, "support_body"), (NetworkClaim, "support_body"), (SupportBodySource, "support_body"))


class MilestoneList(OfferingMixin, ListView):
    """The history of decentralised cooperation as a time line."""

    queryset = milestones().in_time().select_related("network", "source")
    template_name = "networks/milestone_list.html"
    download = "milestones_file"
    api = "api_milestones"


class WebLinkList(OfferingMixin, ListView):
    """Addresses on the web, as listings gave them."""

    queryset = web_links().by_section().select_related("network", "support_body", "source")
    template_name = "networks/weblink_list.html"
    download = "links_file"


class MilestonesFile(ListFile):
    """The milestones as a file."""

    filterset_class = MilestoneFilter
    rows = milestones()
    kind = json_records.MILESTONES
    resource_class = MilestoneResource


class MembershipsFile(ListFile):
    """The memberships of networks as a file."""

    filterset_class = MembershipFilter
    rows = memberships().public()
    kind = json_records.MEMBERSHIPS
    resource_class = MembershipResource


class WebLinksFile(ListFile):
    """The web links as a file."""

    filterset_class = WebLinkFilter
    rows = web_links()
    kind = json_records.WEB_LINKS
    resource_class = WebLinkResource
