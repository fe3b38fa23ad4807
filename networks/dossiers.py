"""What the pages tell of networks and support bodies beyond their own rows."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partnerships.models import Country, Territory
from partnerships.querysets import territories

from .models import Membership, ServedTerritory
from .querysets import NetworkQuerySet, networks

KINDS = {
    "town": _("Towns"),
    "organisation": _("Organisations"),
    "member_network": _("Networks"),
    "support_body": _("Support bodies"),
}
"""The kinds of members, by the column of a membership that holds them."""


def members_by_kind(memberships: Iterable[Membership]) -> list[tuple[str | Promise, list[Membership]]]:
    """Memberships under the kind of the member, in the order in which pages show them; kinds without any left out."""
    found: dict[str, list[Membership]] = {kind: [] for kind in KINDS}
    for membership in memberships:
        kind = next(kind for kind in KINDS if getattr(membership, f"{kind}_id"))
        found[kind].append(membership)
    return [(KINDS[kind], members) for kind, members in found.items() if members]


def networks_in(country: Country) -> NetworkQuerySet:
    """Networks of a country: national ones, and those with their seat or a member there."""
    return networks().published().in_countries([country.pk]).order_by("acronym", "name_en")


def supporting(territory: Territory) -> QuerySet[ServedTerritory]:
    """The support bodies that serve a territory or one around it, those of today first."""
    around = territories().around([territory.pk])
    served = ServedTerritory.objects.filter(territory__in=around, support_body__publication="published")
    return served.select_related("support_body", "territory").order_by("until", "support_body__acronym")
