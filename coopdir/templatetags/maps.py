"""The map as a part of a page."""

import json
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coopdir.atlas import addresses

register = template.Library()


def _both(singular: str, plural: str) -> list[str]:
    """A phrase for one and for more, with ``{n}`` for the number; the script chooses by the language's rule."""
    return [ngettext(singular, plural, number).replace("%(number)s", "{n}") for number in (1, 2)]


def words() -> dict[str, Any]:
    """All that the script writes, in the active language."""
    return {
        "agreements": _both("%(number)s agreement", "%(number)s agreements"),
        "members": _both("%(number)s member", "%(number)s members"),
        "places": _both("%(number)s place", "%(number)s places"),
        "countries": _both("%(number)s country", "%(number)s countries"),
        "others": _both("{name} and %(number)s other place", "{name} and %(number)s other places"),
        "missing": _both(
            "%(number)s agreement cannot be drawn, or only in part: no coordinates.",
            "%(number)s agreements cannot be drawn, or only in part: no coordinates.",
        ),
        "missing_members": _both(
            "%(number)s member cannot be drawn: no coordinates.",
            "%(number)s members cannot be drawn: no coordinates.",
        ),
        "thinned": _both(
            "Only the strongest %(number)s arc is drawn; come closer to see more.",
            "Only the strongest %(number)s arcs are drawn; come closer to see more.",
        ),
        "nothing": _("Nothing to draw: no agreement fits, or no coordinates are known."),
        "loading": _("The map is being drawn …"),
        "failed": _("The map’s data could not be read. The same is in the table."),
        "open": _("Enter opens it."),
        "closer": _("Enter comes closer."),
        "pair": _("{first} – {second}"),
        "legend": _("Agreements by country"),
    }


@register.simple_tag
def map_options() -> str:
    """Words and addresses for the map's script, as JSON for an attribute."""
    return json.dumps({"words": words(), "addresses": addresses()}, ensure_ascii=False)
