"""The statistics: what the directory counts, and how much of it is known.

Every number is the total of a list and carries that list's address. Agreements are counted in the bitmaps that count
the lists' facets, towns by a statement that tests hold against the lists' own filters.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from pyroaring import BitMap

from core.charts import ChartItem
from core.facets.bitmaps import FacetIndex
from core.facets.sets import union
from core.lists.form_fields import MAX_VALUES
from core.text import normalise
from partnerships.agreements.facets import INDEX, AgreementFacets, ask
from partnerships.choices import Freshness, Kind, Level
from partnerships.insights.coverage import Coverage, CoverageShare, Involved, TerritoryCoverage, claims
from partnerships.labels import labels
from partnerships.models import Claim, Country
from partnerships.querysets import countries

PAIRS = 20
"""Pairs of countries that the page shows."""
HOME = "FR"
"""The country that the document speaks of: its coverage is shown unless another one is asked for."""

CLAIMED = {
    Level.REGION: "regions-share",
    Level.DEPARTMENT: "departments-share",
    "large": "municipalities-over-5000-share",
}
"""The figures that the document gives, by the share that they are about."""


@dataclass(frozen=True)
class KeyFigure:
    """Figure of the statistics: a number, the whole it is part of, a label, and the addresses of the lists behind the
    two."""

    label: str | Promise
    number: int
    address: str
    whole: int
    whole_address: str

    @property
    def ratio(self) -> float:
        """The share, from 0 to 1; 0 of nothing is 0."""
        return self.number / self.whole if self.whole else 0.0


@dataclass(frozen=True)
class Pair:
    """Pair of countries and the number of agreements they share."""

    first: Country
    second: Country
    number: int


@dataclass(frozen=True)
class CoverageLine:
    """Line of the coverage table: a share of a country, in words, with the claims of sources about it."""

    label: str
    share: CoverageShare
    claims: list[Claim]


def agreements_at(**question: object) -> str:
    """The address of a list of agreements."""
    return f"{reverse('agreements')}?{urlencode(question)}" if question else reverse("agreements")


def towns_at(**question: object) -> str:
    """The address of a list of towns."""
    return f"{reverse('towns')}?{urlencode(question)}"


def largest_pairs(index: FacetIndex, facets: AgreementFacets, most: int) -> list[tuple[str, str, int]]:
    """The pairs of countries with most agreements: an agreement counts once for each pair of its countries."""
    present = facets.question.present
    of_country = {
        code: union(present.at(place) & found for place, found in enumerate(places)) & facets.records
        for code, places in index.dimensions.get("country", {}).items()
    }
    ordered = sorted(of_country.items(), key=lambda item: (-len(item[1]), item[0]))
    found: list[tuple[int, str, str]] = []
    for position, (first, records) in enumerate(ordered):
        for second, others in ordered[position + 1 :]:
            # No pair has more agreements than its second country, and those after it have fewer still.
            if len(found) >= most and len(others) < found[-1][0]:
                break
            if number := records.intersection_cardinality(others):
                found.append((number, min(first, second), max(first, second)))
                found = sorted(found, key=lambda pair: (-pair[0], *pair[1:]))[:most]
    return [(first, second, number) for number, first, second in found]


class Statistics:
    """Statistics of the page: all figures, read within one reading of the index, so that they agree with each other."""

    def __init__(self, index: FacetIndex, country: Country) -> None:
        self.index = index
        self.country = country
        self.facets = ask(index)
        self.counted: BitMap = self.facets.records
        self.involved = Involved(index, self.counted)
        self.coverage = Coverage(country, self.involved)

    @property
    def total(self) -> int:
        """The agreements that count."""
        return len(self.counted)

    @property
    def town_total(self) -> int:
        """The towns that are party to one of them."""
        return self.involved.total

    @cached_property
    def country_counts(self) -> dict[str, int]:
        """Agreements by country."""
        return self.facets.counts("country")

    @cached_property
    def partner_total(self) -> int:
        """Number of countries that the country of the coverage cooperates with."""
        return len(ask(self.index, country=self.country.pk).counts("partner").keys() - {self.country.pk})

    # Breakdowns

    def _breakdown(self, name: str, choices: Iterable[tuple[str, Any]]) -> list[ChartItem]:
        """Counts of a filter's choices, in the order of the choices; those without an agreement are left out."""
        counts = self.facets.counts(name)
        return [
            ChartItem(label, counts[value], agreements_at(**{name: value}))
            for value, label in choices
            if value in counts
        ]

    def _largest_first(self, name: str, choices: Iterable[tuple[str, Any]]) -> list[ChartItem]:
        return sorted(self._breakdown(name, choices), key=lambda item: (-item.number, normalise(str(item.label))))

    @cached_property
    def decades(self) -> list[ChartItem]:
        """Counts by decade of signature, none between the first and the last left out."""
        counts = self.facets.counts("decade")
        if not counts:
            return []
        years = range(int(min(counts)), int(max(counts)) + 1, 10)
        return [
            ChartItem(_("%(year)ss") % {"year": year}, counts.get(str(year), 0), agreements_at(decade=year), str(year))
            for year in years
        ]

    @cached_property
    def kinds(self) -> list[ChartItem]:
        """Counts by kind."""
        return self._largest_first("kind", Kind.choices)

    @cached_property
    def themes(self) -> list[ChartItem]:
        """Counts by theme; an agreement counts once for each of its themes."""
        return self._largest_first("theme", labels("theme").items())

    @cached_property
    def zones(self) -> list[ChartItem]:
        """Counts by cooperation zone of a party."""
        return self._largest_first("zone", labels("zone").items())

    @cached_property
    def levels(self) -> list[ChartItem]:
        """Counts by level of a party."""
        return self._breakdown("level", reversed(Level.choices))

    @cached_property
    def pairs(self) -> list[Pair]:
        """The pairs of countries with most agreements."""
        found = largest_pairs(self.index, self.facets, PAIRS)
        named = countries().in_bulk({code for first, second, _number in found for code in (first, second)})
        return [Pair(named[first], named[second], number) for first, second, number in found]

    # What is known

    @cached_property
    def verification(self) -> list[ChartItem]:
        """Counts by the time since the agreement was verified."""
        return self._breakdown("verified", Freshness.choices)

    @cached_property
    def completeness(self) -> list[KeyFigure]:
        """Completeness of the agreements: how many have a date, a theme, a recent verification, or unknown statuses."""
        codes = sorted(labels("theme"))
        themes = ",".join(codes) if len(codes) <= MAX_VALUES else ""  # a list takes no longer question
        questions = [
            (gettext_lazy("Agreements with a date of signature"), {"since": "1000"}),
            *([(gettext_lazy("Agreements with a theme"), {"theme": themes})] if themes else []),
            (gettext_lazy("Agreements verified in the last 24 months"), {"verified": Freshness.FRESH.value}),
            (gettext_lazy("Agreements of unknown formal status"), {"formal_status": "unknown"}),
            (gettext_lazy("Agreements of unknown activity"), {"activity": "unknown"}),
        ]
        return [
            KeyFigure(
                label, len(ask(self.index, **question).records), agreements_at(**question), self.total, agreements_at()
            )
            for label, question in questions
        ]

    @cached_property
    def town_completeness(self) -> list[KeyFigure]:
        """Completeness of the towns that are party to an agreement."""
        questions = [
            (gettext_lazy("Towns with coordinates"), self.involved.located, {"located": 1}),
            (gettext_lazy("Towns known to the gazetteer"), self.involved.recognised, {"recognised": 1}),
        ]
        whole = self.town_total, towns_at(counted=1)
        return [
            KeyFigure(label, number, towns_at(counted=1, **question), *whole) for label, number, question in questions
        ]

    # Coverage

    @cached_property
    def coverage_lines(self) -> list[CoverageLine]:
        """The shares of the country that can be told, in words."""
        french = self.country.pk == HOME
        coverage = self.coverage
        lines = [
            (Level.REGION, _("regions"), coverage.regions),
            (Level.DEPARTMENT, _("departments"), coverage.departments),
            (Level.MUNICIPALITY, _("municipalities") if french else _("populated places"), coverage.municipalities),
            (
                "large",
                _("municipalities over 5,000 inhabitants") if french else _("places over 5,000 inhabitants"),
                coverage.large,
            ),
        ]
        said: dict[str, list[Claim]] = {}
        if french:
            for claim in claims(*CLAIMED.values()):
                said.setdefault(claim.figure, []).append(claim)
        return [
            CoverageLine(label, share, said.get(CLAIMED.get(name, ""), []))
            for name, label, share in lines
            if share.whole
        ]

    @cached_property
    def territory_counts(self) -> dict[str, int]:
        """Agreements by territory."""
        return self.facets.counts("territory")


class TerritoryOrder(TextChoices):
    """Sort order of the tables of territories."""

    NAME = "name", gettext_lazy("name")
    AGREEMENTS = "agreements", gettext_lazy("agreements")
    DEPARTMENTS = "departments", gettext_lazy("departments")
    MUNICIPALITIES = "municipalities", gettext_lazy("municipalities")
    LARGE = "large", gettext_lazy("municipalities over 5,000 inhabitants")


@dataclass(frozen=True)
class TerritoryLine:
    """A line of the tables of territories."""

    coverage: TerritoryCoverage
    agreements: int
    address: str


_SORT_KEYS: dict[str, Callable[[TerritoryLine], Any]] = {
    TerritoryOrder.NAME: lambda line: normalise(line.coverage.territory.name),
    TerritoryOrder.AGREEMENTS: lambda line: -line.agreements,
    TerritoryOrder.DEPARTMENTS: lambda line: -line.coverage.departments.ratio,
    TerritoryOrder.MUNICIPALITIES: lambda line: -line.coverage.municipalities.ratio,
    TerritoryOrder.LARGE: lambda line: -line.coverage.large.ratio,
}


_DRAWN_PROPERTIES = (
    "total",
    "town_total",
    "country_counts",
    "partner_total",
    "decades",
    "kinds",
    "themes",
    "zones",
    "levels",
    "pairs",
    "verification",
    "completeness",
    "town_completeness",
    "coverage_lines",
)
"""The properties of `Statistics` that the page draws: read while the index stands still, drawn after."""


class StatisticsView(TemplateView):
    """Coverage, breakdowns, and how complete and fresh the data are; ``country`` chooses whose coverage, ``order`` how
    its territories stand."""

    template_name = "statistics.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        asked = self.request.GET.get("country", HOME).upper()
        country = countries().filter(pk=asked).first() if asked.isalpha() else None
        if country is None and "country" in self.request.GET:
            raise Http404
        order = self.request.GET.get("order", TerritoryOrder.NAME)
        order = order if order in _SORT_KEYS else TerritoryOrder.NAME
        with INDEX.reading() as index:
            return super().get_context_data(**self.figures(index, country, order), **kwargs)

    def figures(self, index: FacetIndex, country: Country | None, order: str) -> dict[str, Any]:
        """Context of the charts and tables; read while the index stands still."""
        if country is None:  # a directory without countries is empty
            return {"statistics": None}
        statistics = Statistics(index, country)
        context = {name: getattr(statistics, name) for name in _DRAWN_PROPERTIES}
        context |= {
            "statistics": statistics,
            "country": country,
            "order": order,
            "country_choices": labels("country"),
            "countries_said": list(claims("countries")) if country.pk == HOME else [],
            "undated": context["total"] - sum(item.number for item in context["decades"]),
        }
        for name in ("by_region", "by_department"):
            lines = [
                TerritoryLine(
                    covered,
                    statistics.territory_counts.get(covered.territory.pk, 0),
                    agreements_at(territory=covered.territory.pk),
                )
                for covered in getattr(statistics.coverage, name)
            ]
            context[name] = sorted(lines, key=_SORT_KEYS[order])
        return context
