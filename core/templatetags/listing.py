"""Template tags of lists: sortable column headers, choices of facets."""

from html import escape
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.safestring import SafeString, mark_safe

from core.facets.counts import Facet

from .coopdir import number

register = template.Library()

_CHOICE_HTML = (
    '<label{mark}><input type="checkbox" id="{name}-{value}" name="{name}" value="{value}"{checked}>'
    ' <span>{label}</span> <span class="count">{count}</span></label>'
)


@register.inclusion_tag("parts/sort_header.html", takes_context=True)
def sort_header(context: RequestContext, sort: str, label: str, number: bool = False) -> dict[str, Any]:
    """Column header that sorts the list. `sort` is the order that the first click gives, the next one reverses it;
    `number` is true for a column of numbers."""
    question = context["filter"]
    name = sort.removeprefix("-")
    other = name if sort.startswith("-") else f"-{name}"
    return {
        "name": name,
        "label": label,
        "number": number,
        "direction": {name: "ascending", f"-{name}": "descending"}.get(question.sorting, ""),
        "querystring": question.querystring(sort=other if question.sorting == sort else sort),
    }


@register.simple_tag
def choices(facet: Facet) -> SafeString:
    """The choices of a facet as boxes to tick, with their counts.

    In Python, and escaped here, because a page has more than a hundred of them: a template takes twice as long.
    """
    return mark_safe(  # noqa: S308 (escaped)
        "".join(
            _CHOICE_HTML.format(
                mark=' class="chosen"' if choice.chosen else "",
                name=escape(facet.name),
                value=escape(choice.value),
                checked=" checked" if choice.chosen else "",
                label=escape(str(choice.label)),
                count=escape(number(choice.count)),
            )
            for choice in facet.choices
        )
    )
