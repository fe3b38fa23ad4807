"""Summaries of networks and support bodies for their pages, beyond their own rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.charts import ChartItem, Life, Lineage, Tie, lineage
from core.date_conditions import over
from partnerships.agreements.facets import INDEX, ask
from partnerships.insights.gathering import agreements_in_order, list_of
from partnerships.models import Agreement, Country, Territory
from partnerships.territory_querysets import territories

from .choices import LinkKind
from .models import Membership, Network, NetworkLink, ServedTerritory, SupportBody
from .querysets import NetworkQuerySet, called, networks, support_bodies

_MEMBER_KINDS = {
    "town": _("Towns"),
    "organisation": _("Organisations"),
    "member_network": _("Networks"),
    "support_body": _("Support bodies"),
}
"""The kinds of members, by the column of a membership that holds them."""


def members_by_kind(memberships: Iterable[Membership]) -> list[tuple[str | Promise, list[Membership]]]:
    """Memberships under the kind of the member, in the order in which pages show them; kinds without any left out."""
    found: dict[str, list[Membership]] = {kind: [] for kind in _MEMBER_KINDS}
    for membership in memberships:
        kind = next(kind for kind in _MEMBER_KINDS if getattr(membership, f"{kind}_id"))
        found[kind].append(membership)
    return [(_MEMBER_KINDS[kind], members) for kind, members in found.items() if members]


DESCENT = (LinkKind.MERGED_INTO, LinkKind.SECTION_OF)
"""The links that say what came of a network; support says nothing of that."""


def lineage_of(network: Network) -> Lineage | None:
    """Lineage of a network: its predecessors and successors, with all networks linked to them; None without any link.

    One query reads all links of descent: there are few. Under each other stand those that went over into another, the
    oldest first, then those that did not, then the sections.
    """
    descent = NetworkLink.objects.filter(
        kind__in=DESCENT, network__publication="published", other__publication="published"
    ).select_related("network", "other")
    found, ties, growing = {network.pk: network}, {}, True
    links = list(descent)
    while growing:
        reached = [link for link in links if link.pk not in ties and {link.network_id, link.other_id} & found.keys()]
        for link in reached:
            found |= {link.network_id: link.network, link.other_id: link.other}
            ties[link.pk] = link
        growing = bool(reached)
    if not ties:
        return None
    merged = {link.network_id for link in ties.values() if link.kind == LinkKind.MERGED_INTO}
    section = {link.network_id for link in ties.values() if link.kind == LinkKind.SECTION_OF} - merged
    ordered = sorted(
        found.values(),
        key=lambda one: (one.pk in section, one.pk not in merged, one.founded or "9999", str(one)),
    )
    lives = [
        Life(one.pk, str(one), _year(one.founded), _year(one.dissolved), reverse("network", args=[one.address]))
        for one in ordered
    ]
    drawn = [
        Tie(link.network_id, link.other_id, _year(link.since), link.kind == LinkKind.MERGED_INTO)
        for link in ties.values()
    ]
    return lineage(lives, drawn, timezone.localdate().year)


_NEWEST_SHOWN = 5
"""Agreements that the page of a support body shows."""
FEW_YEARS = 12
"""Years that are drawn one by one; a longer time goes in steps of ten."""


def membership_items(memberships: Iterable[Membership]) -> list[ChartItem]:
    """Number of members at the end of years, from the first dated one to today.

    Members without a first date are in no year. Empty where fewer than two are dated: one is no development.
    """
    dated = [(since, _year(one.until)) for one in memberships if (since := _year(one.since)) is not None]
    if len(dated) < 2:
        return []
    first, today = min(since for since, _until in dated), timezone.localdate().year
    step = 1 if today - first < FEW_YEARS else 10
    years = [*range(first - first % step + step - 1, today, step), today]
    return [
        ChartItem(str(year), sum(since <= year and (until is None or until > year) for since, until in dated))
        for year in years
    ]


def _year(date: str | None) -> int | None:
    return int(date[:4]) if date else None


def networks_in(country: Country) -> NetworkQuerySet:
    """Networks of a country: national ones, and those with their seat or a member there."""
    return networks().published().in_countries([country.pk]).order_by(called("name_en"))


def supporting(territory: Territory) -> QuerySet[ServedTerritory]:
    """The support bodies that serve a territory or one around it, those of today first."""
    around = territories().around([territory.pk])
    served = ServedTerritory.objects.filter(territory__in=around, support_body__publication="published")
    return served.select_related("support_body", "territory").order_by("until", "support_body__acronym")


@dataclass(frozen=True)
class Helped:
    """The agreements of the territories that a support body serves: how many, their list, and the newest."""

    total: int
    address: str
    newest: list[Agreement]


def helped_by(body: SupportBody) -> Helped | None:
    """The agreements that a support body could help: those that count, with a party in a territory that it serves
    today. None where it serves none, or exists no more."""
    if not support_bodies().existing().filter(pk=body.pk).exists():
        return None
    served = ServedTerritory.objects.filter(support_body=body).exclude(over("until"))
    codes = list(served.order_by("territory").values_list("territory", flat=True))
    if not codes:
        return None
    query = f"territory={','.join(codes)}"
    with INDEX.reading() as index:
        records = ask(index, territory=",".join(codes)).records
        by_date = index.orders["signed"]
        newest = by_date.page(records - by_date.blank, 0, _NEWEST_SHOWN, backwards=True, blank_first=False)
    return Helped(len(records), list_of(query), agreements_in_order(newest))


def supporting_country(country: Country) -> QuerySet[SupportBody]:
    """The support bodies that serve a territory of a country today."""
    served = ServedTerritory.objects.filter(territory__country=country).exclude(over("until"))
    found = support_bodies().published().existing().filter(pk__in=served.values("support_body"))
    return found.order_by(called("name"))
