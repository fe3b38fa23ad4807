"""Questions about names that nobody is taken for: who may be meant, and what would decide it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ..models import Town
from .evidence import Weighed
from .namesakes import Known, Namesakes, TownQuery, codes_of

MOST_LISTED = 5
"""Namesakes, or places of similar names, that a message lists."""


class Unmatched(Exception):
    """No town, or too many; the message says what would decide it.

    `question` tells whether somebody can answer it without the file being corrected; `candidates` may be meant.
    """

    def __init__(self, message: str, candidates: Iterable[Known] = (), *, question: bool = False) -> None:
        super().__init__(message)
        self.candidates = list(candidates)
        self.question = question or bool(self.candidates)


def question_about(query: TownQuery, weighed: list[Weighed], names: Namesakes) -> Unmatched:
    """Question with all the namesakes, the likeliest first, and what keeps the first from being taken."""
    shown = [one.record for one in weighed]
    if query.country:
        longer = names.longer(query.country, query.reading.proper) if query.reading.proper else []
        more = sorted((one.record for one in longer), key=lambda record: -(record.population or 0))
        codes = {code for record in shown for code in codes_of(record)}
        shown += [record for record in more if not codes.intersection(codes_of(record))][:MOST_LISTED]
    first = weighed[0]
    if not query.country:
        message = _("The town's country is missing: give its ISO code or its name. Places named so: %s.")
        return Unmatched(message % namesakes_in_words(shown), shown)
    told = {"name": query.name, "place": namesake_in_words(first.record), "places": namesakes_in_words(shown)}
    if len(weighed) > 1 and len([one for one in weighed if not one.against]) != 1:
        if first.against == ["point"]:
            return Unmatched(
                _("The coordinates are not those of %(places)s. Correct them or allow new towns.") % told, shown
            )
        return Unmatched(
            _("Several places are named “%(name)s”: %(places)s. Add a code, a territory or coordinates.") % told,
            shown,
        )
    messages = {
        "size": _("%(place)s has not nearly that many inhabitants: say whether it is meant."),
        "point": _("The coordinates are not those of %(places)s. Correct them or allow new towns."),
        "level": _("%(place)s is of another level than the row says: say whether it is meant."),
        "territory": _("%(place)s does not lie in the territory that the row says: say whether it is meant."),
        "department": _("%(place)s does not lie in the department that the row says: say whether it is meant."),
        "beside": _("Nobody knows what stands beside the name in “%(name)s”: say whether %(place)s is meant."),
    }
    message = messages.get(next(iter(first.against), ""), "") or _(
        "“%(name)s” is only another name of %(place)s, a small place: say whether it is meant."
    )
    return Unmatched(message % told, shown)


def namesake_in_words(record: Known) -> str:
    """A namesake told apart: name, territory, population, code."""
    code = record.reference if isinstance(record, Town) else ":".join(codes_of(record)[0])
    parts = (record.territory_id, f"{record.population:,}" if record.population else None, code)
    return f"{record.name} ({', '.join(part for part in parts if part)})"


def namesakes_in_words(records: Iterable[Known]) -> str:
    """Namesakes told apart, five at most."""
    return "; ".join([namesake_in_words(record) for record in records][:MOST_LISTED])
