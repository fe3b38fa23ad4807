"""Summaries for the pages of places: agreements gathered and counted by country, region, town, theme and decade.

All numbers come from the index that counts the lists, and each carries the address of the list that it is the total of.
What counts is said in ``partnerships.querysets``: parties that left and agreements that ended do not, nor do agreements
within one country; a town's own page shows all of these, and says which they are.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from core.charts import ChartItem
from core.date_conditions import over
from core.facets.bitmaps import FacetIndex
from core.history import events_of
from core.imports.models import ImportBatch
from core.text import normalise

from ..agreements import map_data
from ..agreements.facets import INDEX, ask
from ..choices import Continent, Freshness, Kind, SuspensionState, TerritoryLevel
from ..models import (
    Agreement,
    AgreementTheme,
    Claim,
    Country,
    Organisation,
    Party,
    PublicRecord,
    Source,
    Territory,
    Theme,
    Town,
)
from ..party_conditions import is_organisation, is_town
from ..querysets import agreements, countries, of_published, organisations, towns
from ..territory_querysets import territories

_MAX_LINES = 15
"""Lines of a gathering that a page shows; the list behind it has the rest."""
_NEWEST_SHOWN = 6
_OLDEST_SHOWN = 3
DATED = 0.05
"""The share of dated agreements from which on a time line is drawn."""
CHOICES = ("theme", "decade", "kind", "verified", "suspension")
"""Filters by whose choices the agreements themselves are counted."""
_MAX_NAMED_TOWNS = 6
"""Authorities that are named where more of a territory work in one country or on one theme."""


@dataclass(frozen=True)
class Tally:
    """A record, or a word, and how many agreements it has; `address` is that of the list of them."""

    record: Model | str
    number: int
    address: str = ""
    page: str = ""
    """Address of the page about the record, if that is not the list."""


@dataclass(frozen=True)
class Partner:
    """A party of an agreement, seen from another one: since the later of the two joined."""

    agreement: Agreement
    party: Party
    since: str | None


@dataclass(frozen=True)
class PartnerTown:
    """A town and the countries of its partners."""

    town: Town
    countries: list[Country]
    number: int


@dataclass(frozen=True)
class CooperatingTowns:
    """Authorities of one territory that work in the same country, or on the same theme: a few of them by name, how
    many there are, and the address of the list of them all."""

    record: Model
    towns: list[Town]
    number: int
    address: str

    @property
    def others(self) -> int:
        """Number of authorities that are not named."""
        return self.number - len(self.towns)


@dataclass
class ContinentTally:
    """A continent and the agreements of each of its countries."""

    name: str | Promise
    countries: list[Tally] = field(default_factory=list)


def list_of(query: str = "", /, **more: str) -> str:
    """The address of the list of agreements, for a question."""
    asked = "&".join(part for part in (query, urlencode(more, safe=",")) if part)
    return reverse("agreements") + (f"?{asked}" if asked else "")


def worth_drawing(decades: int, undated: int, total: int) -> bool:
    """True if enough of the agreements have a year for a time line to be meaningful."""
    return decades > 1 and undated <= (1 - DATED) * total


def largest(numbers: Mapping[Any, int], most: int | None = None) -> dict[Any, int]:
    """The entries with the largest numbers, those first; with `most`, only so many."""
    return dict(sorted(numbers.items(), key=lambda item: (-item[1], str(item[0])))[:most])


def tallies(
    model: type[Model],
    numbers: Mapping[Any, int],
    address: Callable[[Any], str],
    *,
    page: Callable[[Any], str] = lambda record: "",
    most: int | None = None,
) -> list[Tally]:
    """Counts by key as counts by record, the largest first; with `most`, only so many.

    `address` makes the address of the list from a record, `page` that of the record itself.
    """
    kept = largest(numbers, most)
    tallied = [
        Tally(record, kept[key], address(record), page(record))
        for key, record in model._default_manager.in_bulk(kept).items()
    ]
    return sorted(tallied, key=lambda tally: (-tally.number, normalise(str(tally.record))))


def _count_by_column(rows: np.ndarray, column: str) -> Counter[int]:
    """Agreements by a column of their parties; an agreement counts once for each value, 0 stands for none."""
    both = np.unique(rows[column].astype(np.int64) << 32 | rows["record"])
    values, numbers = np.unique(both >> 32, return_counts=True)
    return Counter({int(value): int(number) for value, number in zip(values, numbers, strict=True) if value})


class Gathering:
    """Agreements that count and what they have in common; the base of the summaries.

    `question` is put to the index as it would be to the list of agreements, once, when the object is made.
    """

    def __init__(self, **question: str) -> None:
        self.query = urlencode(question)
        with INDEX.reading() as index:
            facets = ask(index, **question)
            self.total = len(facets.records)
            self.counts = {name: facets.counts(name) for name in (*CHOICES, "partner", "territory")}
            self.rows = map_data.counted(index.tables["parties"], facets.records)
            by_date = index.orders["signed"]
            dated = facets.records - by_date.blank
            self._newest = by_date.page(dated, 0, _NEWEST_SHOWN, backwards=True, blank_first=False)
            self._oldest = by_date.page(dated, 0, _OLDEST_SHOWN, backwards=False, blank_first=False)
            self.read(index)

    def read(self, index: FacetIndex) -> None:
        """Hook: further readings of the index that a summary needs."""

    @property
    def address(self) -> str:
        """The list of the agreements."""
        return list_of(self.query)

    def list_of(self, **more: str) -> str:
        """The list of some of the agreements."""
        return list_of(self.query, **more)

    @cached_property
    def themes(self) -> list[Tally]:
        """Agreements by theme."""
        return tallies(Theme, self.counts["theme"], lambda theme: self.list_of(theme=theme.pk))

    @cached_property
    def kinds(self) -> list[ChartItem]:
        """Agreements by kind, the most frequent first."""
        names = dict(Kind.choices)
        return [
            ChartItem(names[kind], number, self.list_of(kind=kind))
            for kind, number in largest(self.counts["kind"]).items()
        ]

    @cached_property
    def decades(self) -> list[Tally]:
        """Agreements by decade of signature, none between the first and the last left out."""
        found = self.counts["decade"]
        span = range(int(min(found)), int(max(found)) + 1, 10) if found else ()
        return [Tally(str(year), found.get(str(year), 0), self.list_of(decade=str(year))) for year in span]

    @property
    def undated(self) -> int:
        """Number of agreements without a known year of signature."""
        return self.total - sum(self.counts["decade"].values())

    @property
    def drawn(self) -> bool:
        """True if a time line is drawn."""
        return worth_drawing(len(self.decades), self.undated, self.total)

    @cached_property
    def freshness(self) -> list[ChartItem]:
        """Agreements by whether they were verified in the last 24 months."""
        found = self.counts["verified"]
        return [
            ChartItem(label, found.get(state, 0), self.list_of(verified=state)) for state, label in Freshness.choices
        ]

    @property
    def suspended(self) -> int:
        """Number of suspended agreements, as a whole or for some of their parties."""
        return sum(self.counts["suspension"].get(state, 0) for state in self._suspended)

    @property
    def suspended_address(self) -> str:
        """The list of the suspended agreements."""
        return self.list_of(suspension=",".join(self._suspended))

    _suspended = (SuspensionState.PARTIAL.value, SuspensionState.WHOLE.value)

    @cached_property
    def newest(self) -> list[Agreement]:
        """The agreements signed last."""
        return agreements_in_order(self._newest)

    @cached_property
    def oldest(self) -> list[Agreement]:
        """The agreements signed first, without those that stand among the newest already."""
        return agreements_in_order([key for key in self._oldest if key not in self._newest])

    @cached_property
    def sources(self) -> list[Source]:
        """The sources that most of the agreements come from."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT source_id FROM partnerships_agreementsource WHERE agreement_id = ANY(%s)"
                " GROUP BY source_id ORDER BY count(*) DESC, source_id LIMIT %s",
                [np.unique(self.rows["record"]).tolist(), _NEWEST_SHOWN],
            )
            keys = [key for (key,) in cursor.fetchall()]
        found = Source.objects.in_bulk(keys)
        return [found[key] for key in keys]


def agreements_in_order(keys: Collection[int]) -> list[Agreement]:
    """Agreements by primary key, with all that a list shows of them, in the order given."""
    if not keys:
        return []
    found = agreements().filter(pk__in=keys).with_parties().with_statuses().in_bulk()
    return [found[key] for key in keys if key in found]


class Overview:
    """The whole directory, for the home page and the list of countries."""

    def __init__(self) -> None:
        with INDEX.reading() as index:
            facets = ask(index)
            self.total = len(facets.records)
            self.country_counts = facets.counts("country")
            rows = map_data.counted(index.tables["parties"], facets.records)
            self.town_total = len(np.unique(rows["town"][rows["town"] > 0]))
            self._newest = facets.page(0, _NEWEST_SHOWN)

    @cached_property
    def newest(self) -> list[Agreement]:
        """The agreements entered last."""
        return agreements_in_order(self._newest)

    @property
    def country_total(self) -> int:
        """Number of countries that have an agreement."""
        return len(self.country_counts)

    @property
    def towns_address(self) -> str:
        """The list of the towns that take part."""
        return f"{reverse('towns')}?counted=1"

    @cached_property
    def top_countries(self) -> list[Tally]:
        """The countries with most agreements."""
        return tallies(
            Country,
            self.country_counts,
            lambda country: list_of(country=country.pk),
            page=lambda country: reverse("country", args=[country.pk.lower()]),
            most=_MAX_LINES,
        )

    @cached_property
    def continents(self) -> list[ContinentTally]:
        """Every country with its number of agreements, by continent and name."""
        found: dict[str, ContinentTally] = {}
        for country in sorted(countries(), key=lambda country: normalise(country.name)):
            tally = found.setdefault(country.continent, ContinentTally(Continent(country.continent).label))
            tally.countries.append(Tally(country, self.country_counts.get(country.pk, 0)))
        return [found[code] for code in sorted(found)]


class CountrySummary(Gathering):
    """Summary of a country's cooperation: partner countries, regions, towns, themes, decades."""

    def __init__(self, country: Country) -> None:
        self.country = country
        super().__init__(country=country.pk)

    def read(self, index: FacetIndex) -> None:
        """Read the territories of the partners."""
        self._partner_territories = ask(index, partner=self.country.pk).counts("territory")

    @cached_property
    def partner_countries(self) -> list[Tally]:
        """The countries that cooperate with this one."""
        numbers = {code: number for code, number in self.counts["partner"].items() if code != self.country.pk}

        def compared(partner: Country) -> str:
            return reverse("country_pair", args=sorted((self.country.pk.lower(), partner.pk.lower())))

        return tallies(Country, numbers, lambda partner: self.list_of(partner=partner.pk), page=compared)

    @property
    def of_organisations(self) -> list[int]:
        """The agreements here that an organisation is party to."""
        found: list[int] = np.unique(self.rows["record"][self.rows["town"] == 0]).tolist()
        return found

    @cached_property
    def _regions(self) -> list[Territory]:
        """The regions of the world that exist, as far as the agreements here touch them."""
        codes = {*self.counts["territory"], *self._partner_territories}
        return list(territories().filter(pk__in=codes, level=TerritoryLevel.REGION).exclude(over("dissolved_on")))

    def _by_region(self, numbers: Mapping[str, int], *, own: bool, **query: str) -> list[Tally]:
        mine = [one for one in self._regions if one.pk in numbers and (one.country_id == self.country.pk) is own]
        most = sorted(mine, key=lambda one: (-numbers[one.pk], normalise(one.name)))[:_MAX_LINES]
        return [
            Tally(one, numbers[one.pk], list_of(territory=one.pk, **query), reverse("territory", args=[one.pk]))
            for one in most
        ]

    @cached_property
    def partner_regions(self) -> list[Tally]:
        """The regions of the partners with most agreements."""
        return self._by_region(self._partner_territories, own=False, partner=self.country.pk)

    @cached_property
    def regions(self) -> list[Tally]:
        """The country's own regions with most agreements."""
        return self._by_region(self.counts["territory"], own=True)

    @cached_property
    def _towns(self) -> Counter[int]:
        return _count_by_column(self.rows[self.rows["country"] == map_data.country_number(self.country.pk)], "town")

    @cached_property
    def towns(self) -> list[Tally]:
        """The country's towns with most agreements."""
        return tallies(
            Town,
            self._towns,
            lambda town: list_of(town=town.reference),
            page=lambda town: reverse("town", args=[town.address]),
            most=_MAX_LINES,
        )

    @property
    def town_total(self) -> int:
        """Number of the country's towns that have an agreement."""
        return len(self._towns)

    @property
    def towns_address(self) -> str:
        """The list of the country's towns that have an agreement."""
        return f"{reverse('towns')}?{urlencode({'country': self.country.pk, 'counted': '1'})}"

    @cached_property
    def organisations(self) -> QuerySet[Organisation]:
        """Organisations active here: those of the country, and those that are party to one of the agreements."""
        with_agreement = Party.objects.exclude(organisation=None).filter(agreement__in=self.of_organisations)
        active = Q(country=self.country) | Q(pk__in=with_agreement.values("organisation"))
        return organisations().published().filter(active).order_by("normalised")[:_MAX_LINES]


class TerritorySummary(Gathering):
    """The towns of a region or department and their partners."""

    def __init__(self, territory: Territory) -> None:
        self.territory = territory
        super().__init__(territory=territory.pk)

    @property
    def towns_address(self) -> str:
        """The list of the authorities that take part."""
        return self._towns_of(counted="1")

    @cached_property
    def partner_countries(self) -> list[Tally]:
        """The countries with which its towns cooperate."""
        own = self.territory.country_id
        numbers = {code: number for code, number in self.counts["partner"].items() if code != own}
        return tallies(
            Country,
            numbers,
            lambda country: self.list_of(partner=country.pk),
            page=lambda country: reverse("country", args=[country.pk.lower()]),
        )

    @cached_property
    def _here(self) -> dict[int, Town]:
        """The authorities of the territory that have an agreement."""
        return towns().inside([self.territory.pk]).published().filter(pk__in=self._numbers).in_bulk()

    @cached_property
    def _numbers(self) -> Counter[int]:
        own = self.rows["country"] == map_data.country_number(self.territory.country_id)
        return _count_by_column(self.rows[own], "town")

    @cached_property
    def _met(self) -> dict[int, Counter[str]]:
        """Partner countries of every authority here, with the number of its agreements with each."""
        first, second = map_data.pairs_of(self.rows["record"])
        met: dict[int, set[tuple[str, int]]] = defaultdict(set)
        for one, other in ((first, second), (second, first)):
            columns = self.rows["town"][one], self.rows["country"][other], self.rows["record"][one]
            for town, country, record in zip(*(column.tolist() for column in columns), strict=True):
                if country and town in self._here:
                    met[town].add((map_data.country_of_number(country), record))
        return {town: Counter(code for code, _record in found) for town, found in met.items()}

    @cached_property
    def towns(self) -> list[PartnerTown]:
        """Every town here that cooperates, by name, with its partners' countries."""
        names = Country.objects.in_bulk({code for codes in self._met.values() for code in codes})

        def countries_of(town: int) -> list[Country]:
            times = self._met.get(town, Counter())
            return sorted((names[code] for code in times), key=lambda one: (-times[one.pk], normalise(str(one))))

        found = [PartnerTown(town, countries_of(pk), self._numbers[pk]) for pk, town in self._here.items()]
        return sorted(found, key=lambda found: found.town.normalised)

    @cached_property
    def in_same_country(self) -> list[CooperatingTowns]:
        """Countries abroad in which two or more authorities of the territory are active, with these authorities."""
        active: dict[str, set[int]] = defaultdict(set)
        for town, codes in self._met.items():
            for code in codes:
                if code != self.territory.country_id:
                    active[code].add(town)
        return self._together(Country, active, lambda country: self._towns_of(partner=country.pk))

    @cached_property
    def on_same_theme(self) -> list[CooperatingTowns]:
        """Themes on which two or more authorities of the territory are active, with these authorities."""
        of_record: dict[int, list[str]] = defaultdict(list)
        on = AgreementTheme.objects.filter(agreement__in=np.unique(self.rows["record"]).tolist())
        for record, theme in on.order_by().values_list("agreement_id", "theme_id"):
            of_record[record].append(theme)
        active: dict[str, set[int]] = defaultdict(set)
        for record, town in zip(self.rows["record"].tolist(), self.rows["town"].tolist(), strict=True):
            for theme in of_record.get(record, ()) if town in self._here else ():
                active[theme].add(town)
        return self._together(Theme, active, lambda theme: self.list_of(theme=theme.pk))

    def _towns_of(self, **query: str) -> str:
        return f"{reverse('towns')}?{urlencode({'territory': self.territory.pk} | query)}"

    def _together(
        self, model: type[Model], active: Mapping[str, set[int]], address: Callable[[Any], str]
    ) -> list[CooperatingTowns]:
        """Groups of two and more, the largest first; in each the authorities with most agreements are named."""
        groups = {key: found for key, found in active.items() if len(found) > 1}
        found = [
            CooperatingTowns(
                record,
                [
                    self._here[pk]
                    for pk in sorted(groups[key], key=lambda pk: (-self._numbers[pk], self._here[pk].normalised))
                ][:_MAX_NAMED_TOWNS],
                len(groups[key]),
                address(record),
            )
            for key, record in model._default_manager.in_bulk(groups).items()
        ]
        return sorted(found, key=lambda group: (-group.number, normalise(str(group.record))))


class ActorSummary:
    """All published agreements of one town or organisation: also those that ended, and those within its country."""

    def __init__(self, actor: Town | Organisation) -> None:
        self.actor = actor

    @cached_property
    def agreements(self) -> list[Agreement]:
        """The agreements, the oldest first, those without a date last."""
        condition = is_town(self.actor) if isinstance(self.actor, Town) else is_organisation(self.actor)
        found = agreements().published().involving(condition, past=True)
        return list(found.order_by(F("signed").asc(nulls_last=True), "pk").with_parties().with_statuses())

    @property
    def total(self) -> int:
        """Number of the agreements."""
        return len(self.agreements)

    @cached_property
    def partners(self) -> list[tuple[Country | None, list[Partner]]]:
        """The partners by country, in the order of the countries' names; organisations of no country last."""
        found: dict[Country | None, list[Partner]] = defaultdict(list)
        for agreement in self.agreements:
            own = next(party for party in agreement.parties.all() if party.actor == self.actor)
            for party in agreement.parties.all():
                if party is not own:
                    joined = [date for date in (agreement.signed, own.joined, party.joined) if date]
                    found[party.actor.country].append(Partner(agreement, party, max(joined, default=None)))
        return sorted(found.items(), key=lambda item: (item[0] is None, normalise(str(item[0]))))

    @property
    def country_total(self) -> int:
        """Number of countries in which the partners lie."""
        return sum(1 for country, _partners in self.partners if country is not None)


def reference_figures() -> QuerySet[Claim]:
    """Figures that others gave of decentralised cooperation, with the year they speak of."""
    found = Claim.objects.filter(of_published(Claim)).exclude(figure="")
    return found.select_related("source", "second_source").order_by("figure", "as_of")


@dataclass(frozen=True)
class RecordDates:
    """History of a record at a glance: when it was first entered and last changed, and by which imports (None: by
    hand)."""

    entered: datetime
    batch: ImportBatch | None
    changed: datetime
    changed_by: ImportBatch | None


def entry_of(record: PublicRecord) -> RecordDates:
    """First and last event of a record's history."""
    events = events_of(type(record)).filter(pgh_obj=record.pk).order_by("pgh_id")
    events = events.values_list("pgh_created_at", "pgh_context__metadata__batch")
    entered, batch = events.first() or (record.created_at, None)
    changed, changed_by = events.last() or (entered, batch)
    batches = ImportBatch.objects.filter(reference__in=[name for name in (batch, changed_by) if name])
    found = {known.reference: known for known in batches}
    return RecordDates(entered, found.get(batch or ""), changed, found.get(changed_by or ""))
