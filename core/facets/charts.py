"""The figures of a list: its facets, drawn."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.charts import ChartItem

from ..lists.filtersets import ListingFilterSet
from ..lists.form_fields import ChoicesField, StrOrPromise
from .counts import Facet, FacetChoice

MAX_CHART_ITEMS = 12
"""Choices that a figure shows where there are too many; the most frequent."""


@dataclass(frozen=True)
class FacetChart:
    """A facet as a chart: the items, each with the address of the list that it counts; whether there are more; and how
    many records a time line leaves out, because their date is not known."""

    name: str
    label: StrOrPromise
    items: list[ChartItem]
    more: bool
    columns: bool
    undated: int = 0

    @property
    def numbers(self) -> list[tuple[StrOrPromise, int]]:
        """Labels and numbers of the chart."""
        return [(item.label, item.number) for item in self.items]


def figures(question: ListingFilterSet, facets: Iterable[Facet], total: int) -> list[FacetChart]:
    """Charts of the facets of a list of `total` records; of two with the same figures, only the first (such as the
    countries of either side where nothing tells the sides apart)."""
    found: list[FacetChart] = []
    for facet in facets:
        drawn = figure(question, facet, total)
        if drawn and not any(drawn.numbers == other.numbers for other in found):
            found.append(drawn)
    return found


def figure(question: ListingFilterSet, facet: Facet, total: int) -> FacetChart | None:
    """The chart of a facet of a list of `total` records.

    The numbers are the facet's own. Where some of its values are chosen it shows only those, for the others are not in
    the list; where that is one alone there is nothing to compare, and no chart.
    """
    shown = [choice for choice in facet.choices if choice.chosen] if facet.chosen else facet.choices
    shown = [choice for choice in shown if choice.count]
    if not shown or (facet.chosen and len(shown) == 1):
        return None
    dated = facet.name == "decade"
    undated = total - sum(choice.count for choice in shown) if dated else 0
    shown = without_gaps(question, shown) if dated else sorted(shown, key=lambda choice: -choice.count)
    items = [
        ChartItem(
            choice.label,
            choice.count,
            f"?{question.querystring(**{facet.name: choice.value, 'view': ''})}",
            choice.value if dated else "",
        )
        for choice in shown
    ]
    return FacetChart(facet.name, facet.label, items, facet.more and not facet.chosen, dated, undated)


def without_gaps(question: ListingFilterSet, decades: list[FacetChoice]) -> list[FacetChoice]:
    """Decades with those between them that have nothing: a time line leaves no years out."""
    counts = {choice.value: choice for choice in decades}
    decade = question.form.fields["decade"]
    labels = decade.choices.labels if isinstance(decade, ChoicesField) else {}
    span = range(min(map(int, counts)), max(map(int, counts)) + 1, 10)
    return [counts.get(str(year), FacetChoice(str(year), labels.get(str(year), str(year)), 0, False)) for year in span]
