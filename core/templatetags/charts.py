"""Charts in templates: each tag lays its numbers out by ``core.charts`` and draws them with a template."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core import charts

register = template.Library()


def decade_items(numbers: Iterable[tuple[str, int]], **query: str) -> list[charts.ChartItem]:
    """Decades, by their first year, and how many agreements each has; `query` is what else is asked of the list."""
    found = dict(numbers)
    if not found:
        return []
    span = range(int(min(found)), int(max(found)) + 1, 10)
    address = reverse("agreements")
    return [
        charts.ChartItem(
            _("%(year)ss") % {"year": year},
            found.get(str(year), 0),
            f"{address}?{urlencode(query | {'decade': year})}",
            str(year),
        )
        for year in span
    ]


@register.inclusion_tag("parts/charts/bars.html")
def bar_chart(items: Iterable[charts.ChartItem], wide: bool = False) -> dict[str, Any]:
    """Horizontal bars, each with its name and number; `wide` lets them run in several columns of text."""
    return {"bars": charts.bars(items), "wide": wide}


@register.inclusion_tag("parts/charts/columns.html")
def column_chart(items: Iterable[charts.ChartItem], title: str, name: str, unit: str) -> dict[str, Any]:
    """A time line of columns. `title` says what it shows, `name` heads the first column of its table, `unit` the
    second."""
    items = list(items)
    return {"chart": charts.columns(items), "items": items, "title": title, "name": name, "unit": unit}


@register.inclusion_tag("parts/charts/columns.html")
def decade_chart(tallies: Iterable[Any], country: str = "", partner: str = "") -> dict[str, Any]:
    """A time line of agreements by decade, from tallies of the decades' first years."""
    query = {name: code for name, code in (("country", country), ("partner", partner)) if code}
    items = decade_items(((tally.record, tally.number) for tally in tallies), **query)
    return column_chart(items, _("Agreements by decade of signature"), _("Decade"), _("Agreements"))


@register.inclusion_tag("parts/charts/share.html")
def share_chart(items: Iterable[charts.ChartItem], title: str) -> dict[str, Any]:
    """The parts of a whole in one strip, and what each is."""
    return {"segments": charts.segments(items), "title": title, "width": charts.CHART_WIDTH}


@register.inclusion_tag("parts/charts/lineage.html")
def lineage_chart(chart: charts.Lineage, title: str) -> dict[str, Any]:
    """Chart of lineage by year: which bodies descend from which."""
    return {"chart": chart, "title": title}


@register.filter
def percent(ratio: float) -> str:
    """A share in per cent as the active language writes it; 0 and 100 only where nothing is there, or missing."""
    value = 100 * ratio
    shown = round(value, 1) if value < 10 or value > 99 else round(value)
    bound = ""
    if 0 < value < 0.1:
        shown, bound = 0.1, "<\N{NO-BREAK SPACE}"
    elif 99.9 < value < 100:
        shown, bound = 99.9, ">\N{NO-BREAK SPACE}"
    return bound + _("%(number)s%%") % {"number": number_format(shown, 0 if shown == int(shown) else 1)}


@register.filter
def hundredth(value: Decimal | None) -> float:
    """A number of per cent as a share."""
    return float(value or 0) / 100


@register.simple_tag
def bar_length(ratio: float) -> str:
    """A share as the length of a bar in per cent, for a drawing: always with a full stop."""
    return f"{100 * ratio:.2f}"
