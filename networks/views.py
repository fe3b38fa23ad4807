"""The pages of networks, support bodies, milestones and web links."""

from typing import Any

from django.db.models import Prefetch
from django.views.generic import ListView

from coopdir.listing.exports import CsvView
from coopdir.listing.views import Counted, ListingView, RecordView
from partnerships.dossiers import entry_of
from partnerships.histories import HistoryPage
from partnerships.labels import territory_names

from .dossiers import helped_by, lineage_of, members_by_kind, membership_items
from .filters import NetworkFilter, SupportBodyFilter
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
from .querysets import milestones, networks, support_bodies, web_links
from .resources import NetworkResource, SupportBodyResource

CLAIMS = Prefetch("claims", NetworkClaim.objects.select_related("source", "second_source"))
MEMBERSHIPS = Prefetch(
    "memberships", Membership.objects.select_related("network").order_by("network__acronym", "since")
)


class NetworkList(ListingView):
    """Networks of cities."""

    queryset = networks().published().select_related("country").with_member_counts()
    filterset_class = NetworkFilter
    download = "networks_csv"
    template_name = "networks/network_list.html"


class NetworksCsv(CsvView):
    """The list of networks as a file."""

    listing = NetworkList
    records = networks().published()
    resource_class = NetworkResource
    file_name = "coopdir-networks"


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
            CLAIMS,
            Prefetch("links", NetworkLink.objects.select_related("other", "source").order_by("since")),
            Prefetch("links_back", NetworkLink.objects.select_related("network", "source").order_by("since")),
            Prefetch("memberships_held", Membership.objects.select_related("network").order_by("since")),
            Prefetch(
                "memberships",
                Membership.objects.select_related(
                    "town__country", "organisation", "member_network", "support_body"
                ).order_by("since", "pk"),
            ),
        )
    )
    template_name = "networks/network.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        memberships = self.object.memberships.all()
        return super().get_context_data(
            entry=entry_of(self.object),
            members=members_by_kind(memberships),
            lineage=lineage_of(self.object),
            members_over_time=membership_items(memberships),
            **kwargs,
        )


class SupportBodyList(ListingView):
    """Regional bodies that help those who cooperate."""

    queryset = (
        support_bodies()
        .published()
        .prefetch_related(Prefetch("servedterritory_set", ServedTerritory.objects.select_related("territory")))
    )
    filterset_class = SupportBodyFilter
    counted = {
        "territory": Counted(
            lambda question: question.qs.numbers_by_territory(past=question.form.cleaned_data["past"]),
            territory_names,
        ),
    }
    download = "support_bodies_csv"
    template_name = "networks/support_body_list.html"


class SupportBodiesCsv(CsvView):
    """The list of support bodies as a file."""

    listing = SupportBodyList
    records = support_bodies().published()
    resource_class = SupportBodyResource
    file_name = "coopdir-support-bodies"


class SupportBodyPage(RecordView):
    """One support body: whom it serves and how, what it succeeded and what succeeded it."""

    queryset = (
        support_bodies()
        .select_related("successor", "seat_town", "merged_into")
        .prefetch_related(
            "sources",
            "web_links",
            CLAIMS,
            MEMBERSHIPS,
            Prefetch("predecessors", SupportBody.objects.filter(publication="published").order_by("succeeded")),
            Prefetch("servedterritory_set", ServedTerritory.objects.select_related("territory").order_by("since")),
        )
    )
    template_name = "networks/support_body.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(entry=entry_of(self.object), helped=helped_by(self.object), **kwargs)


class NetworkHistory(HistoryPage):
    """What became of a network, its links and its members."""

    queryset = networks().select_related("merged_into")
    lists = (
        (NetworkName, "network"),
        (NetworkLink, "network"),
        (Membership, "network"),
        (NetworkClaim, "network"),
        (NetworkSource, "network"),
    )


class SupportBodyHistory(HistoryPage):
    """What became of a support body and of the territories that it serves."""

    queryset = support_bodies().select_related("merged_into")
    lists = ((ServedTerritory, "support_body"), (NetworkClaim, "support_body"), (SupportBodySource, "support_body"))


class MilestoneList(ListView):
    """The history of decentralised cooperation as a time line."""

    queryset = milestones().in_time().select_related("network", "source")
    template_name = "networks/milestone_list.html"


class WebLinkList(ListView):
    """Addresses on the web, as listings gave them."""

    queryset = web_links().by_section().select_related("network", "support_body", "source")
    template_name = "networks/weblink_list.html"
