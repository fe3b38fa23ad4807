"""Summaries for the pages of places: agreements gathered and counted by country, region, town, theme and decade.

All numbers come from the index that counts the lists, and each carries the address of the list that it is the total of.
What counts is said in ``partnerships.querysets``: parties that left and agreements that ended do not, nor do agreements
within one country; a town's own page shows all of these, and says which they are.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.db.models import F, Model, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from core.date_conditions import over
from core.facets.bitmaps import FacetIndex
from core.history import events_of
from core.imports.models import ImportBatch
from core.text import normalise

from ..agreements import map_data
from ..agreements.facets import INDEX, ask
from ..choices import Continent, TerritoryLevel
from ..models import (
    Agreement,
    AgreementTheme,
    Claim,
    Country,
    Organisation,
    Party,
    PublicRecord,
    Territory,
    Theme,
    Town,
)
from ..party_conditions import is_organisation, is_town
from ..querysets import agreements, countries, of_published, organisations, towns
from ..territory_querysets import territories
from .gathering import MAX_LINES, NEWEST_SHOWN, Gathering, Tally, agreements_in_order, count_by_column, list_of, tallies

_MAX_NAMED_TOWNS = 6
"""Authorities that are named where more of a territory work in one country or on one theme."""


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


class Overview:
    """The whole directory, for the home page and the list of countries."""

    def __init__(self) -> None:
        with INDEX.reading() as index:
            facets = ask(index)
            self.total = len(facets.records)
            self.country_counts = facets.counts("country")
            rows = map_data.counted(index.tables["parties"], facets.records)
            self.town_total = len(np.unique(rows["town"][rows["town"] > 0]))
            self._newest = facets.page(0, NEWEST_SHOWN)

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
            most=MAX_LINES,
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
        most = sorted(mine, key=lambda one: (-numbers[one.pk], normalise(one.name)))[:MAX_LINES]
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
        return count_by_column(self.rows[self.rows["country"] == map_data.country_number(self.country.pk)], "town")

    @cached_property
    def towns(self) -> list[Tally]:
        """The country's towns with most agreements."""
        return tallies(
            Town,
            self._towns,
            lambda town: list_of(town=town.reference),
            page=lambda town: reverse("town", args=[town.address]),
            most=MAX_LINES,
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
        return organisations().published().filter(active).order_by("normalised")[:MAX_LINES]


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
        return count_by_column(self.rows[own], "town")

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
