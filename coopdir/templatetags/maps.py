"""The map as a part of a page."""

import json

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from coopdir.map import addresses

register = template.Library()

# All that the script writes. What depends on a number is given for one and for more: the script puts the number in the
# place of {n} and chooses by the language's rule.
_COUNT_LABELS: dict[str, Promise] = {
    "agreements": ngettext_lazy("{n} agreement", "{n} agreements", "number"),
    "members": ngettext_lazy("{n} member", "{n} members", "number"),
    "places": ngettext_lazy("{n} place", "{n} places", "number"),
    "countries": ngettext_lazy("{n} country", "{n} countries", "number"),
    "others": ngettext_lazy("{name} and {n} other place", "{name} and {n} other places", "number"),
    "missing": ngettext_lazy(
        "{n} agreement cannot be drawn, or only in part: no coordinates.",
        "{n} agreements cannot be drawn, or only in part: no coordinates.",
        "number",
    ),
    "missing_members": ngettext_lazy(
        "{n} member cannot be drawn: no coordinates.", "{n} members cannot be drawn: no coordinates.", "number"
    ),
    "thinned": ngettext_lazy(
        "Only the strongest arc is drawn; zoom in to see more.",
        "Only the {n} strongest arcs are drawn; zoom in to see more.",
        "number",
    ),
}
_MAP_TEXTS: dict[str, Promise] = {
    "summary": _("{agreements}: {places}, {countries}."),
    "nothing": _("Nothing to draw: no agreement fits, or no coordinates are known."),
    "failed": _("The map’s data could not be read. The same is in the table."),
    "open": _("Enter opens it."),
    "closer": _("Enter comes closer."),
    "legend": _("Agreements by country"),
}


@register.simple_tag
def map_options() -> str:
    """Map options: words and addresses for the map's script, as JSON for an attribute."""
    words = {name: str(phrase) for name, phrase in _MAP_TEXTS.items()}
    counted = {name: [str(phrase % {"number": number}) for number in (1, 2)] for name, phrase in _COUNT_LABELS.items()}
    return json.dumps({"words": words | counted, "addresses": addresses()}, ensure_ascii=False)
