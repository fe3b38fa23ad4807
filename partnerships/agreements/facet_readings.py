"""Facet readings of agreements: one reading for each dimension, in the words of the querysets.

Filters name them (`AgreementFilter`); the index itself stands in ``partnerships.agreements.facets``.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, F, Model, Q, QuerySet, TextField, Value, When, Window
from django.db.models.functions import Cast, Coalesce, RowNumber
from pyroaring import BitMap

from core.date_conditions import begun, over
from core.dates import fresh_from
from core.facets.bitmaps import SPAN, FacetIndex, KeyReader, Reading
from core.facets.sets import Places, Records, numbers
from networks.models import Membership
from networks.querysets import memberships

from ..derived_states import has_left
from ..models import Agreement, Party, ZoneCountry
from ..party_conditions import PARTY_COUNTRY, is_town
from ..querysets import DECADE, AgreementQuerySet, agreements, parties
from ..territory_querysets import territories
from .sorting import first_party

FacetValues = Iterable[tuple[str, int, Any]]


def spans() -> Iterator[range]:
    """All agreements, in parts of about `SPAN`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) FROM partnerships_agreement) AS row (id, place)"
            " WHERE place %% %s = 0 UNION SELECT coalesce(max(id), 0) FROM partnerships_agreement ORDER BY 1",
            [SPAN],
        )
        ends = [last + 1 for (last,) in cursor.fetchall()]
    return map(range, [0, *ends], ends)


def records_by_value(rows: QuerySet) -> Iterator[tuple[str, int, Any]]:
    """A queryset of ``value``, ``place``, ``record`` → the records of each value and place; blank values left out."""
    try:
        sql, parameters = rows.values_list("value", "place", "record").order_by().query.sql_with_params()
    except EmptyResultSet:  # asked for none of no records
        return
    with connection.cursor() as cursor:
        # What is put in is the statement that Django made of the queryset.
        cursor.execute(
            f"SELECT value, place, string_agg(DISTINCT record::text, ',') FROM ({sql}) AS row (value, place, record)"  # noqa: S608
            " WHERE value <> '' GROUP BY value, place",
            parameters,
        )
        for value, place, records in cursor.fetchall():
            yield value, place, numbers(records)


def published_agreements(records: Records) -> AgreementQuerySet:
    """Agreements, among some given, that are published."""
    found = agreements().published()
    if isinstance(records, range):
        return found.filter(pk__gte=records.start, pk__lt=records.stop)
    return found.filter(pk__in=records)


def own(value: object, queryset: QuerySet | None = None) -> Reading:
    """Reading of a dimension of the agreement itself; `value` is an expression or the name of an annotation."""

    def read(records: Records) -> FacetValues:
        rows = published_agreements(records).with_statuses().with_freshness()
        return records_by_value(rows.annotate(value=_text(value), place=Value(0), record=F("pk")))

    return read


def of_links(model: type[Model], column: str) -> Reading:
    """Reading of a dimension that a table of links gives: themes, funding."""

    def read(records: Records) -> FacetValues:
        rows = model._default_manager.filter(agreement__in=published_agreements(records).values("pk"))
        return records_by_value(rows.annotate(value=F(column), place=Value(0), record=F("agreement_id")))

    return read


def of_members(value: object) -> Reading:
    """Reading of a dimension of the parties, each at its place in the agreement."""

    def read(records: Records) -> FacetValues:
        return records_by_value(parties_by_place(records).annotate(value=_text(value)))

    return read


def parties_by_place(records: Records) -> QuerySet:
    """The parties of agreements with their ``place`` (from 0) and ``record``.

    Do not filter what it gives by the party: the database would count places among those left. Give the others a blank
    ``value``.
    """
    of = parties().filter(agreement__in=published_agreements(records).values("pk"))
    place = Window(RowNumber(), partition_by=F("agreement_id"), order_by=[F("position"), F("id")]) - 1
    return of.annotate(place=place, record=F("agreement_id"))


def _text(value: object) -> Any:
    return F(value) if isinstance(value, str) else value


def read_counted(records: Records) -> FacetValues:
    """Reading of the members that count: all, or those that have not left."""
    yield from records_by_value(parties_by_place(records).annotate(value=Value("all")))
    yield from records_by_value(
        parties_by_place(records).annotate(value=Case(When(has_left(), then=Value("")), default=Value("present")))
    )


def read_country(records: Records) -> FacetValues:
    """Reading of the parties' countries."""
    return records_by_value(parties_by_place(records).annotate(value=PARTY_COUNTRY))


def read_zone(records: Records) -> FacetValues:
    """Reading of the cooperation zones of the parties' countries."""
    zones = defaultdict(list)
    for country, zone in ZoneCountry.objects.values_list("country_id", "zone_id"):
        zones[country].append(zone)
    for country, place, found in read_country(records):
        for zone in zones[country]:
            yield zone, place, found


def read_territory(records: Records) -> FacetValues:
    """Reading of the parties' territories: those they lie in or govern, with all in which these lie or lay."""
    around = territories().closures()
    for column in ("town__territory", "town__governs", "organisation__territory"):
        for code, place, found in records_by_value(parties_by_place(records).annotate(value=F(column))):
            for outer in around.get(code, {code}):
                yield outer, place, found


def read_state(records: Records) -> FacetValues:
    """Reading of the facts behind the list's switches: ``all``, ``over`` and, with past parties or without,
    ``domestic``."""
    found = published_agreements(records)
    for value, rows in (
        ("all", found),
        ("over", found.exclude(pk__in=found.current().values("pk"))),
        ("domestic", found.with_domestic().filter(domestic=True)),
        ("domestic-past", found.with_domestic(past=True).filter(domestic=True)),
    ):
        yield from records_by_value(rows.annotate(value=Value(value), place=Value(0), record=F("pk")))


read_level = of_members(Coalesce("town__level", Value("")))
"""Reading of the levels of the parties."""

read_decade = own(Case(When(signed=None, then=Value("")), default=DECADE, output_field=CharField()))
"""Reading of the decades of signature."""


def read_network(*, past: bool) -> Callable[[Records], FacetValues]:
    """Reading of the networks that the parties belong to, or (`past`) ever belonged to."""

    def read(records: Records) -> FacetValues:
        held = memberships() if past else memberships().current()
        for member in ("town", "organisation"):
            networks = defaultdict(set)
            for pk, network in held.exclude(**{member: None}).values_list(f"{member}_id", "network__reference"):
                networks[pk].add(network)
            value = Case(
                When(Q(**{f"{member}__in": list(networks)}), then=Cast(F(f"{member}_id"), TextField())),
                default=Value(""),
                output_field=TextField(),
            )
            for pk, place, found in records_by_value(parties_by_place(records).annotate(value=value)):
                for network in networks[int(pk)]:
                    yield network, place, found

    return read


# What the index does not count: the records that a value leaves


def searched(index: FacetIndex, words: str, values: Mapping[str, Any]) -> BitMap | None:
    """Agreements that have the words; those that resemble them, where none has."""
    if not words:
        return None
    exact = index.records("state", ["all"]) & primary_keys(agreements().having(words))
    return exact or primary_keys(agreements().resembling(words))


def signed_since(index: FacetIndex, first: str, values: Mapping[str, Any]) -> BitMap | None:
    """Agreements that may be signed from a date on."""
    return index.orders["signed"].between(first, "") if first else None


def signed_until(index: FacetIndex, last: str, values: Mapping[str, Any]) -> BitMap | None:
    """Agreements that may be signed up to a date."""
    return index.orders["signed"].between("", last) if last else None


def international(index: FacetIndex, domestic: bool, values: Mapping[str, Any]) -> BitMap | None:
    """Agreements of more than one country, unless those within one are asked for, too."""
    state = "domestic-past" if values["past"] else "domestic"
    return None if domestic else index.records("state", ["all"]) - index.records("state", [state])


def of_batches(index: FacetIndex, batches: list[Any], values: Mapping[str, Any]) -> BitMap | None:
    """Agreements that imports wrote."""
    if not batches:
        return None
    return primary_keys(agreements().published().of_batch(*(batch.reference for batch in batches)))


def at_towns(towns: list[Any]) -> Places:
    """Agreements of the towns, at the place that the town has in each."""
    of = parties().filter(is_town(*towns)).values_list("agreement_id", flat=True)
    value = Case(When(is_town(*towns), then=Value("town")), default=Value(""))
    places = Places()
    for _value, place, found in records_by_value(parties_by_place(list(of)).annotate(value=value)):
        places.add(place, found)
    return places


def primary_keys(queryset: QuerySet) -> BitMap:
    """The primary keys of a queryset."""
    return BitMap(queryset.order_by().values_list("pk", flat=True).iterator(chunk_size=20_000))


# What turns with the day, and what lists are put in order by


def changed_by_dates(earlier: datetime.date, later: datetime.date) -> set[int]:
    """The agreements of which something derived from dates differs between two days."""

    def turns(field: str) -> Q:
        return (begun(field, later) & ~begun(field, earlier)) | (over(field, later) & ~over(field, earlier))

    fresh = Q(verified_on__gte=fresh_from(earlier), verified_on__lt=fresh_from(later))
    found = set(Agreement.objects.filter(turns("ended") | turns("valid_until") | fresh).values_list("pk", flat=True))
    found |= set(Agreement.objects.filter(turns("renewals__valid_until")).values_list("pk", flat=True))
    turned = Membership.objects.filter(over("until", later) & ~over("until", earlier))
    members = Q(town__in=turned.values("town")) | Q(organisation__in=turned.values("organisation"))
    found |= set(parties().filter(members).values_list("agreement_id", flat=True))
    found |= set(
        Party.objects.filter(turns("left") | turns("suspensions__since") | turns("suspensions__until")).values_list(
            "agreement_id", flat=True
        )
    )
    return found


def key(expression: Any) -> KeyReader:
    """Reads what the published agreements are put in order by."""

    def read(records: Records) -> Iterable[tuple[int, str]]:
        rows = (
            published_agreements(records)
            .order_by()
            .annotate(key=Coalesce(Cast(expression, TextField()), Value(""), output_field=TextField()))
        )
        keys: Iterable[tuple[int, str]] = rows.values_list("pk", "key").iterator(chunk_size=20_000)
        return keys

    return read


SORT_KEYS: dict[str, KeyReader] = {
    "entered": key("created_at"),
    "signed": key("signed"),
    "verified": key("verified_on"),
    "name": key(first_party("normalised")),
}
"""Sort keys of lists of agreements, under the names of ``AgreementFilter.sorts`` without their sign; those of ``RANKS``
are read from the bitmaps."""
