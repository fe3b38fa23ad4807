"""Lists as tables."""

from typing import Any

from django import template
from django.template.context import RequestContext

register = template.Library()


@register.inclusion_tag("parts/sort_header.html", takes_context=True)
def sort_header(context: RequestContext, sort: str, label: str, number: bool = False) -> dict[str, Any]:
    """The head of a column that puts the list in order. `sort` is the order that the first use gives, the next one is
    the other way round; `number` is true for a column of numbers."""
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


@register.filter
def party_countries(agreement: Any) -> list[Any]:
    """The countries of an agreement's parties, each once."""
    return list(dict.fromkeys(party.actor.country for party in agreement.parties.all() if party.actor.country))
