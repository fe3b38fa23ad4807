"""Conditions on a party: its country, zone, territory, level, town or organisation."""

from collections.abc import Iterable

from django.db.models import (
    Q,
)
from django.db.models.functions import Coalesce

from .models import Country, Organisation, Town
from .territory_querysets import territories

PARTY_COUNTRY = Coalesce("town__country", "organisation__country")
"""SQL: where a party lies."""


def in_countries(codes: Iterable[str]) -> Q:
    """Condition: the party lies in one of the countries."""
    codes = list(codes)
    return Q(town__country__in=codes) | Q(organisation__country__in=codes)


def in_zones(codes: Iterable[str]) -> Q:
    """Condition: the party lies in a country of one of the cooperation zones."""
    countries = Country.objects.filter(zones__in=list(codes)).values("code")
    return Q(town__country__in=countries) | Q(organisation__country__in=countries)


def in_territories(codes: Iterable[str]) -> Q:
    """Condition: the party lies in one of the territories or in something inside, or is an authority governing one of
    these."""
    inside = territories().inside(codes)
    return Q(town__territory__in=inside) | Q(town__governs__in=inside) | Q(organisation__territory__in=inside)


def at_levels(levels: Iterable[str]) -> Q:
    """Condition: the party is a local authority of one of the levels."""
    return Q(town__level__in=list(levels))


def is_town(*towns: Town) -> Q:
    """Condition: the party is one of the towns."""
    return Q(town__in=towns)


def is_organisation(*organisations: Organisation) -> Q:
    """Condition: the party is one of the organisations."""
    return Q(organisation__in=organisations)
