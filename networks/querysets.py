"""Readings of the networks tables, in the words of the field; the same rules as in ``partnerships.querysets``."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from django.db.models import Count, Exists, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from core.date_conditions import begun, over
from partnerships.choices import Verdict
from partnerships.party_conditions import in_countries
from partnerships.querysets import SearchedQuerySet, of_published
from partnerships.territory_querysets import territories

from . import search
from .models import Membership, Milestone, Network, ServedTerritory, SupportBody, WebLink


def called(name: str) -> Func:
    """Sort key of a record: its acronym, or its name where it has none; accents and case aside."""
    shown = Coalesce(NullIf("acronym", Value("")), name)
    return Func(shown, function="coopdir_normalise", output_field=TextField())


def in_networks(networks: Iterable[Network], *, past: bool = False) -> Q:
    """Condition on a party to an agreement: it is a member of one of the networks itself."""
    held = memberships().of(networks, past=past)
    return Q(town__in=held.exclude(town=None).values("town")) | Q(
        organisation__in=held.exclude(organisation=None).values("organisation")
    )


class MembershipQuerySet(QuerySet[Membership]):
    """Memberships of networks."""

    def current(self, today: datetime.date | None = None) -> Self:
        """Memberships that are not over."""
        return self.exclude(over("until", today))

    def public(self) -> Self:
        """Memberships of published networks, of members that are published."""
        return self.filter(of_published(Membership))

    def of(self, networks: Iterable[Network], *, past: bool = False) -> Self:
        """Memberships of the networks; in the past also the ones that are over."""
        held = self.filter(network__in=list(networks))
        return held if past else held.current()

    def numbers_of(self, towns: QuerySet) -> dict[str, int]:
        """Number of the towns that are current members of each published network, by its reference."""
        held = self.current().filter(town__in=towns.order_by().values("pk"), network__publication="published")
        return dict(held.order_by().values_list("network__reference").annotate(Count("town", distinct=True)))


class NetworkQuerySet(SearchedQuerySet):
    """Networks."""

    def has(self, word: str) -> Q:
        return search.network_has(word) | Q(reference=word.upper())

    def resembles(self, word: str) -> Q:
        return self.has(word) | search.network_resembles(word)

    def in_countries(self, codes: Iterable[str]) -> Self:
        """Networks that are of one of the countries, have their seat there, or a current member."""
        codes = list(codes)
        member = memberships().public().current().filter(in_countries(codes), network=OuterRef("pk"))
        return self.filter(Q(country__in=codes) | Q(seat_town__country__in=codes) | Exists(member))

    def with_member_counts(self) -> Self:
        """Annotate ``member_count``: current memberships."""
        held = memberships().public().current().filter(network=OuterRef("pk")).order_by().values("network")
        number = held.annotate(number=Count("pk")).values("number")
        return self.annotate(member_count=Coalesce(Subquery(number, output_field=IntegerField()), 0))


class SupportBodyQuerySet(SearchedQuerySet):
    """Regional support bodies."""

    def has(self, word: str) -> Q:
        return search.support_body_has(word) | Q(reference=word.upper())

    def resembles(self, word: str) -> Q:
        return self.has(word) | search.support_body_resembles(word)

    def existing(self, today: datetime.date | None = None) -> Self:
        """Support bodies that exist: neither dissolved nor succeeded, be it on a day that nobody names."""
        undated = Q(successor__isnull=False, succeeded=None, succession=Verdict.CONFIRMED)
        return self.exclude(begun("dissolved", today) | begun("succeeded", today) | undated)

    def serving(self, codes: Iterable[str], *, past: bool = False) -> Self:
        """Support bodies that serve one of the territories, something inside it, or all of what it lies in.

        Who asks for a department finds the body of its region; in the past also whom it was served by.
        """
        codes = list(codes)
        reached = {*territories().inside(codes), *territories().around(codes)}
        served = ServedTerritory.objects.filter(support_body=OuterRef("pk"), territory__in=reached)
        if not past:
            served = served.exclude(over("until"))
        return self.filter(Exists(served))

    def numbers_by_territory(self, *, past: bool = False) -> dict[str, int]:
        """Number of the bodies that `serving` finds for each territory, by its code."""
        around = territories().closures()
        inside = defaultdict(set)
        for code, outer in around.items():
            for one in outer:
                inside[one].add(code)
        served = ServedTerritory.objects.filter(support_body__in=self.order_by().values("pk"))
        reached = defaultdict(set)
        for body, code in (served if past else served.exclude(over("until"))).values_list("support_body", "territory"):
            for one in {code} | around.get(code, set()) | inside[code]:
                reached[one].add(body)
        return {code: len(bodies) for code, bodies in reached.items()}


class MilestoneQuerySet(QuerySet[Milestone]):
    """Milestones."""

    def in_time(self) -> Self:
        """Milestones from the earliest to the latest."""
        return self.order_by("date", "pk")


class WebLinkQuerySet(QuerySet[WebLink]):
    """Web links."""

    def by_section(self) -> Self:
        """Web links section by section, each by title."""
        return self.order_by("section", "title", "pk")


def networks() -> NetworkQuerySet:
    """All networks, whatever their publication."""
    return NetworkQuerySet(Network)


def memberships() -> MembershipQuerySet:
    """All memberships."""
    return MembershipQuerySet(Membership)


def support_bodies() -> SupportBodyQuerySet:
    """All support bodies, whatever their publication."""
    return SupportBodyQuerySet(SupportBody)


def milestones() -> MilestoneQuerySet:
    """All milestones, but those of networks that are not public."""
    return MilestoneQuerySet(Milestone).filter(of_published(Milestone))


def web_links() -> WebLinkQuerySet:
    """All web links, but those of networks and support bodies that are not public."""
    return WebLinkQuerySet(WebLink).filter(of_published(WebLink))
