"""What the pages of places tell: agreements gathered and counted by country, region, town, theme and decade.

A dossier reads each of its parts when the page asks for it, in a fixed number of queries. The agreements that count
are found once and handed on by number. What counts is said in ``partnerships.querysets``: parties that left and
agreements that ended do not, nor do agreements within one country; a town's own page shows all of these, and says which
they are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import CharField, Count, F, Model, Q, QuerySet, Subquery
from django.db.models.expressions import OuterRef
from django.db.models.functions import Coalesce, Substr
from django.utils.functional import Promise

from coopdir.imports.models import ImportBatch
from coopdir.text import normalise

from .choices import Continent
from .models import (
    Agreement,
    AgreementTheme,
    Claim,
    Country,
    Organisation,
    Party,
    PublicRecord,
    Territory,
    TerritoryParent,
    Theme,
    Town,
)
from .querysets import (
    PARTY_COUNTRY,
    AgreementQuerySet,
    PartyQuerySet,
    agreements,
    countries,
    in_countries,
    in_territories,
    is_organisation,
    is_town,
    organisations,
    parties,
    towns,
)

MOST = 15
"""Lines of a gathering that a page shows; the list behind it has the rest."""
NEWEST = 6


@dataclass(frozen=True)
class Tally:
    """A record, or a word, and how many agreements it has."""

    record: Model | str
    number: int


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


@dataclass
class ContinentTally:
    """A continent and the agreements of each of its countries."""

    name: str | Promise
    countries: list[Tally] = field(default_factory=list)


def counted(condition: Q | None = None) -> AgreementQuerySet:
    """The agreements that lists and totals count; those with a party that fulfils the condition."""
    counting = agreements().published().current().international()
    return counting if condition is None else counting.involving(condition)


def tallies(model: type[Model], numbers: Iterable[tuple[str, int]]) -> list[Tally]:
    """Counts by key as counts by record, the largest first; what has no key is left out."""
    found = {key: number for key, number in numbers if key is not None}
    records = model._default_manager.in_bulk(found)
    tallied = [Tally(record, found[key]) for key, record in records.items()]
    return sorted(tallied, key=lambda tally: (-tally.number, normalise(str(tally.record))))


class Gathering:
    """Agreements that count, and what they have in common; the base of the dossiers."""

    def __init__(self, condition: Q | None) -> None:
        self.condition = condition

    @cached_property
    def numbers(self) -> list[int]:
        """The agreements, by primary key: found once, because finding them is the dear part."""
        return list(counted(self.condition).order_by().values_list("pk", flat=True))

    @property
    def total(self) -> int:
        """How many agreements."""
        return len(self.numbers)

    @cached_property
    def parties(self) -> PartyQuerySet:
        """Their parties that have not left."""
        return parties().present().filter(agreement__in=self.numbers).annotate(country_code=PARTY_COUNTRY)

    @cached_property
    def themes(self) -> list[Tally]:
        """Agreements by theme."""
        on = AgreementTheme.objects.filter(agreement__in=self.numbers).order_by()
        return tallies(Theme, on.values_list("theme").annotate(Count("agreement")))

    @cached_property
    def decades(self) -> list[Tally]:
        """Agreements by decade of signature, none between the first and the last left out."""
        dated = Agreement.objects.filter(pk__in=self.numbers, signed__isnull=False).order_by()
        by_decade = dict(dated.annotate(decade=Substr("signed", 1, 3)).values_list("decade").annotate(Count("pk")))
        if not by_decade:
            return []
        span = range(int(min(by_decade)), int(max(by_decade)) + 1)
        return [Tally(f"{decade}0", by_decade.get(str(decade), 0)) for decade in span]

    @property
    def busiest_decade(self) -> int:
        """The most agreements that a decade has."""
        return max((tally.number for tally in self.decades), default=0)

    @property
    def undated(self) -> int:
        """How many have no known year of signature."""
        return self.total - sum(tally.number for tally in self.decades)

    @cached_property
    def newest(self) -> AgreementQuerySet:
        """The agreements signed last."""
        dated = agreements().filter(pk__in=self.numbers, signed__isnull=False)
        return dated.order_by("-signed", "-pk").with_parties().with_statuses()[:NEWEST]

    def by_country(self, involved: PartyQuerySet) -> list[Tally]:
        """Agreements by the country of their parties."""
        return tallies(
            Country, involved.order_by().values_list("country_code").annotate(Count("agreement", distinct=True))
        )

    def by_region(self, involved: PartyQuerySet) -> list[Tally]:
        """Agreements by the region of their towns: that in which the town's department lies today, or its own."""
        around = TerritoryParent.objects.filter(territory=OuterRef("town__territory")).order_by(
            F("until").desc(nulls_first=True)
        )
        placed = involved.annotate(
            region=Coalesce(Subquery(around.values("parent")[:1]), F("town__territory"), output_field=CharField())
        )
        return tallies(Territory, placed.order_by().values_list("region").annotate(Count("agreement", distinct=True)))

    def by_town(self, involved: PartyQuerySet) -> list[Tally]:
        """The towns with most agreements."""
        grouped = involved.filter(town__publication="published").order_by().values_list("town")
        most = grouped.annotate(number=Count("agreement", distinct=True)).order_by("-number", "town__normalised")
        return tallies(Town, most[:MOST])


class Overview(Gathering):
    """The whole directory, for the home page and the list of countries."""

    def __init__(self) -> None:
        super().__init__(None)

    @cached_property
    def total(self) -> int:  # type: ignore[override]
        """How many agreements, without reading their numbers."""
        return counted().count()

    @cached_property
    def newest(self) -> AgreementQuerySet:
        """The agreements entered last."""
        return counted().order_by("-created_at", "-pk").with_parties().with_statuses()[:NEWEST]

    @cached_property
    def country_counts(self) -> dict[str, int]:
        """Agreements by country code."""
        return countries().agreement_counts()

    @property
    def country_total(self) -> int:
        """How many countries have an agreement."""
        return len(self.country_counts)

    @cached_property
    def town_total(self) -> int:
        """How many towns are party to an agreement that counts."""
        involved = parties().present().filter(agreement__in=counted(), town__isnull=False)
        return involved.values("town").distinct().count()

    @cached_property
    def top_countries(self) -> list[Tally]:
        """The countries with most agreements."""
        most = sorted(self.country_counts.items(), key=lambda item: (-item[1], item[0]))[:MOST]
        return tallies(Country, most)

    @cached_property
    def continents(self) -> list[ContinentTally]:
        """Every country with its number of agreements, by continent and name."""
        found: dict[str, ContinentTally] = {}
        for country in sorted(countries(), key=lambda country: normalise(country.name)):
            tally = found.setdefault(country.continent, ContinentTally(Continent(country.continent).label))
            tally.countries.append(Tally(country, self.country_counts.get(country.pk, 0)))
        return [found[code] for code in sorted(found)]


class CountryDossier(Gathering):
    """Who cooperates with a country, from which regions, on what, since when."""

    def __init__(self, country: Country) -> None:
        super().__init__(in_countries([country.pk]))
        self.country = country

    @property
    def here(self) -> PartyQuerySet:
        """The parties that lie in the country."""
        return self.parties.filter(country_code=self.country.pk)

    @property
    def elsewhere(self) -> PartyQuerySet:
        """The parties that lie in another one."""
        return self.parties.exclude(country_code=self.country.pk)

    @cached_property
    def partner_countries(self) -> list[Tally]:
        """The countries that cooperate with this one."""
        return self.by_country(self.elsewhere)

    @cached_property
    def partner_regions(self) -> list[Tally]:
        """The regions of the partners."""
        return self.by_region(self.elsewhere)[:MOST]

    @cached_property
    def regions(self) -> list[Tally]:
        """The country's own regions that cooperate."""
        return self.by_region(self.here)[:MOST]

    @cached_property
    def towns(self) -> list[Tally]:
        """The country's towns with most agreements."""
        return self.by_town(self.here)

    @cached_property
    def town_total(self) -> int:
        """How many of the country's towns have an agreement."""
        return self.here.filter(town__isnull=False).values("town").distinct().count()

    @cached_property
    def organisations(self) -> QuerySet[Organisation]:
        """The country's organisations."""
        return organisations().published().filter(country=self.country).order_by("normalised")[:MOST]


class TerritoryDossier(Gathering):
    """The towns of a region or department and their partners."""

    def __init__(self, territory: Territory) -> None:
        super().__init__(in_territories([territory.pk]))
        self.territory = territory

    @cached_property
    def partner_countries(self) -> list[Tally]:
        """The countries with which its towns cooperate."""
        return self.by_country(self.parties.exclude(country_code=self.territory.country_id))

    @cached_property
    def towns(self) -> list[PartnerTown]:
        """Every town here that cooperates, by name, with its partners' countries: one query over the parties."""
        here = set(towns().inside([self.territory.pk]).published().values_list("pk", flat=True))
        members: dict[int, list[tuple[int | None, str | None]]] = defaultdict(list)
        for agreement, town, country in self.parties.order_by().values_list("agreement", "town", "country_code"):
            members[agreement].append((town, country))
        met: dict[int, Counter[str]] = defaultdict(Counter)
        number: Counter[int] = Counter()
        for parties_of_one in members.values():
            for town, own in parties_of_one:
                if town in here:
                    number[town] += 1
                    met[town].update({code for _town, code in parties_of_one if code and code != own})
        records = Town.objects.in_bulk(number)
        names = Country.objects.in_bulk({code for codes in met.values() for code in codes})
        found = [
            PartnerTown(town, [names[code] for code, _times in met[pk].most_common()], number[pk])
            for pk, town in records.items()
        ]
        return sorted(found, key=lambda found: found.town.normalised)


class ActorDossier:
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
        """How many agreements."""
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
        """How many countries the partners lie in."""
        return sum(1 for country, _partners in self.partners if country is not None)


def reference_figures() -> QuerySet[Claim]:
    """Figures that others gave of decentralised cooperation, with the year they speak of."""
    return Claim.objects.exclude(figure="").select_related("source", "second_source").order_by("figure", "as_of")


@dataclass(frozen=True)
class Entry:
    """When a record was first entered and last changed, and by which imports (None: by hand)."""

    entered: datetime
    batch: ImportBatch | None
    changed: datetime
    changed_by: ImportBatch | None


def entry_of(record: PublicRecord) -> Entry:
    """The two ends of a record's history."""
    events = record.events.order_by("pgh_id").values_list("pgh_created_at", "pgh_context__metadata__batch")
    entered, batch = events.first() or (record.created_at, None)
    changed, changed_by = events.last() or (entered, batch)
    batches = ImportBatch.objects.filter(reference__in=[name for name in (batch, changed_by) if name])
    found = {known.reference: known for known in batches}
    return Entry(entered, found.get(batch), changed, found.get(changed_by))
