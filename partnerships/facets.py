"""What the facets of agreements count: one reading for each dimension, in the words of the querysets.

``network`` is added by ``networks.facets``, where the index itself stands.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, Left, RowNumber
from django.utils import timezone

from coopdir.listing.facets import Reading, numbers

from .models import Agreement, AgreementTheme, FundingContribution, Party, ZoneCountry
from .querysets import PARTY_COUNTRY, agreements, begun, over, parties, territories

Records = Collection[int] | None
Found = Iterable[tuple[str, int, Any]]


def grouped(rows: QuerySet) -> Iterator[tuple[str, int, Any]]:
    """A queryset of ``value``, ``place``, ``record`` → the records of each value and place; blank values left out."""
    sql, parameters = rows.values_list("value", "place", "record").order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        # What is put in is the statement that Django made of the queryset.
        cursor.execute(
            f"SELECT value, place, string_agg(DISTINCT record::text, ',') FROM ({sql}) AS row (value, place, record)"  # noqa: S608
            " WHERE value <> '' GROUP BY value, place",
            parameters,
        )
        for value, place, records in cursor.fetchall():
            yield value, place, numbers(records)


def _agreements(records: Records) -> QuerySet:
    """The published agreements, or those of the given ones that are."""
    published = agreements().published()
    return published if records is None else published.filter(pk__in=records)


def own(value: Any, queryset: QuerySet | None = None) -> Reading:
    """Reading of a dimension of the agreement itself; `value` is an expression or the name of an annotation."""

    def read(records: Records) -> Found:
        rows = _agreements(records).with_statuses()
        return grouped(rows.annotate(value=_text(value), place=Value(0), record=F("pk")))

    return read


def linked(model: type, column: str) -> Reading:
    """Reading of a dimension that a table of links gives: themes, funding."""

    def read(records: Records) -> Found:
        rows = model._default_manager.filter(agreement__in=_agreements(records).values("pk"))
        return grouped(rows.annotate(value=F(column), place=Value(0), record=F("agreement_id")))

    return read


def of_members(value: Any) -> Reading:
    """Reading of a dimension of the parties, each at its place in the agreement."""

    def read(records: Records) -> Found:
        return grouped(placed(records).annotate(value=_text(value)))

    return read


def placed(records: Records) -> QuerySet:
    """The parties of agreements with their ``place`` (from 0) and ``record``."""
    of = parties().filter(agreement__in=_agreements(records).values("pk"))
    place = Window(RowNumber(), partition_by=F("agreement_id"), order_by=[F("position"), F("id")]) - 1
    return of.annotate(place=place, record=F("agreement_id"))


def _text(value: Any) -> Any:
    return F(value) if isinstance(value, str) else value


def read_counted(records: Records) -> Found:
    """Which members count: all, or those that have not left."""
    left = parties().present()
    yield from grouped(placed(records).annotate(value=Value("all")))
    yield from grouped(
        placed(records).annotate(value=Case(When(pk__in=left.values("pk"), then=Value("present")), default=Value("")))
    )


def read_country(records: Records) -> Found:
    """Where the parties lie."""
    return grouped(placed(records).annotate(value=PARTY_COUNTRY))


def read_zone(records: Records) -> Found:
    """The cooperation zones in which the parties lie."""
    zones = defaultdict(list)
    for country, zone in ZoneCountry.objects.values_list("country_id", "zone_id"):
        zones[country].append(zone)
    for country, place, found in read_country(records):
        for zone in zones[country]:
            yield zone, place, found


def read_territory(records: Records) -> Found:
    """The territories in which the parties lie or which they govern, with all in which these lie or lay."""
    around = territories().closures()
    for column in ("town__territory", "town__governs", "organisation__territory"):
        for code, place, found in grouped(placed(records).annotate(value=F(column))):
            for outer in around.get(code, {code}):
                yield outer, place, found


def read_state(records: Records) -> Found:
    """Facts that the list's switches ask for: ``all``, ``over`` and, with past parties or without, ``domestic``."""
    published = _agreements(records)
    of = parties().filter(agreement__in=published.values("pk"))
    for value, rows in (
        ("all", published),
        ("over", published.exclude(pk__in=agreements().current().values("pk"))),
        ("domestic", published.filter(pk__in=of.present().all_in_one_country())),
        ("domestic-past", published.filter(pk__in=of.all_in_one_country())),
    ):
        yield from grouped(rows.annotate(value=Value(value), place=Value(0), record=F("pk")))


def verified_since(today: datetime.date | None = None) -> datetime.date:
    """The day from which on a verification is still fresh: 24 months back."""
    today = today or timezone.localdate()
    day = min(today.day, 28) if today.month == 2 else today.day
    return today.replace(year=today.year - 2, day=day)


def read_verified(records: Records) -> Found:
    """How fresh the verification is: ``fresh``, ``stale`` (older than 24 months) or ``never``."""
    state = Case(
        When(verified_on=None, then=Value("never")),
        When(verified_on__gte=verified_since(), then=Value("fresh")),
        default=Value("stale"),
    )
    return own(state)(records)


DECADE = Case(When(Q(signed=None), then=Value("")), default=Left("signed", 3), output_field=CharField())
"""SQL: the first three digits of the year of signature."""

READINGS: dict[str, Reading] = {
    "state": read_state,
    "counted": read_counted,
    "kind": own("kind"),
    "formal_status": own("current_status"),
    "activity": own("activity"),
    "suspension": own("suspension"),
    "decade": own(DECADE),
    "verified": read_verified,
    "theme": linked(AgreementTheme, "theme_id"),
    "funding": linked(FundingContribution, "funding_id"),
    "country": read_country,
    "zone": read_zone,
    "territory": read_territory,
    "level": of_members(Coalesce("town__level", Value(""))),
}
"""The dimensions of agreements that this app knows."""


def turning(earlier: datetime.date, later: datetime.date) -> set[int]:
    """The agreements of which something derived from dates differs between two days."""

    def turns(field: str) -> Q:
        return (begun(field, later) & ~begun(field, earlier)) | (over(field, later) & ~over(field, earlier))

    fresh = Q(verified_on__gte=verified_since(earlier)) & Q(verified_on__lt=verified_since(later))
    found = set(Agreement.objects.filter(turns("ended") | turns("valid_until") | fresh).values_list("pk", flat=True))
    found |= set(Agreement.objects.filter(turns("renewals__valid_until")).values_list("pk", flat=True))
    found |= set(
        Party.objects.filter(turns("left") | turns("suspensions__since") | turns("suspensions__until")).values_list(
            "agreement_id", flat=True
        )
    )
    return found
