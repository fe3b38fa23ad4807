"""Summary of two countries' cooperation: their agreements by decade, theme and kind, and the towns and networks behind
them.

An agreement is between two countries if it has a party in each; the numbers are those of the list
``/agreements/?country=…&partner=…``.
"""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from core.charts import ChartItem
from core.text import normalise
from networks.querysets import NetworkQuerySet, networks

from ..agreements.facets import INDEX, ask
from ..choices import Kind
from ..models import Agreement, Country, Theme, Town
from ..party_conditions import PARTY_COUNTRY
from ..querysets import agreements, parties
from .gathering import Tally, list_of, worth_drawing

_SHOWN_AT_EITHER_END = 6
"""Agreements that stand at either end of the time line."""
_MAX_TOWNS = 10
"""Towns of each country that the page shows."""


class CountryPair:
    """Pair of countries. The index is read once, when the object is made."""

    def __init__(self, first: Country, second: Country) -> None:
        self.first, self.second = first, second
        question = {"country": first.pk, "partner": second.pk}
        self.query = urlencode(question)
        with INDEX.reading() as index:
            facets = ask(index, **question)
            self.records = list(facets.records)
            self.counts = {name: facets.counts(name) for name in ("decade", "theme", "kind")}
            self._newest = ask(index, **question, sort="-signed").page(0, _SHOWN_AT_EITHER_END)
            self._oldest = ask(index, **question, sort="signed").page(0, _SHOWN_AT_EITHER_END)

    @property
    def total(self) -> int:
        """Number of agreements between the two countries."""
        return len(self.records)

    def address(self, **more: object) -> str:
        """The address of the list of these agreements, or of some of them."""
        return f"{reverse('agreements')}?{self.query}" + (f"&{urlencode(more)}" if more else "")

    @cached_property
    def decades(self) -> list[ChartItem]:
        """Counts by decade of signature, none between the first and the last left out."""
        counts = self.counts["decade"]
        if not counts:
            return []
        years = range(int(min(counts)), int(max(counts)) + 1, 10)
        return [
            ChartItem(_("%(year)ss") % {"year": year}, counts.get(str(year), 0), self.address(decade=year), str(year))
            for year in years
        ]

    @property
    def undated(self) -> int:
        """Number of agreements without a known year of signature."""
        return self.total - sum(self.counts["decade"].values())

    @property
    def drawn(self) -> bool:
        """True if a time line is drawn."""
        return worth_drawing(len(self.decades), self.undated, self.total)

    @cached_property
    def themes(self) -> list[ChartItem]:
        """Counts by theme, the most frequent first."""
        return self._items("theme", {theme.pk: theme.name for theme in Theme.objects.all()})

    @cached_property
    def kinds(self) -> list[ChartItem]:
        """Counts by kind, the most frequent first."""
        return self._items("kind", dict(Kind.choices))

    def _items(self, name: str, labels: dict[str, Any]) -> list[ChartItem]:
        items = [
            ChartItem(labels[code], number, self.address(**{name: code})) for code, number in self.counts[name].items()
        ]
        return sorted(items, key=lambda item: (-item.number, normalise(str(item.label))))

    @cached_property
    def sides(self) -> list[tuple[Country, list[Tally]]]:
        """Each country with its towns that have most agreements with the other."""
        both = (self.first, self.second)
        return [(country, self._towns(country, other)) for country, other in (both, both[::-1])]

    def _towns(self, country: Country, other: Country) -> list[Tally]:
        here = (
            parties()
            .present()
            .annotate(country_code=PARTY_COUNTRY)
            .filter(agreement__in=self.records, country_code=country.pk, town__publication="published")
        )
        most = here.order_by().values_list("town").annotate(number=Count("agreement", distinct=True))
        numbers = dict(most.order_by("-number", "town__normalised")[:_MAX_TOWNS])
        found = Town.objects.in_bulk(numbers)
        asked = {"country": country.pk, "partner": other.pk}
        return [
            Tally(town, number, list_of(town=town.reference, **asked), reverse("town", args=[town.address]))
            for town, number in ((found[pk], number) for pk, number in numbers.items())
        ]

    @cached_property
    def newest(self) -> list[Agreement]:
        """The agreements signed last."""
        return self._dated(self._newest)

    @cached_property
    def oldest(self) -> list[Agreement]:
        """The agreements signed first, without those that stand among the newest already."""
        return [agreement for agreement in self._dated(self._oldest) if agreement.pk not in self._newest]

    def _dated(self, keys: list[int]) -> list[Agreement]:
        found = agreements().filter(pk__in=keys, signed__isnull=False).with_parties().with_statuses().in_bulk()
        return [found[key] for key in keys if key in found]

    @cached_property
    def networks(self) -> NetworkQuerySet:
        """Networks that both countries have a part in."""
        here = networks().published().in_countries([self.first.pk]).in_countries([self.second.pk])
        return here.order_by("acronym", "name_en")
