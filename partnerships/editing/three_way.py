"""Three-way merge of contents of an agreement: two people began with the same one, and each changed something.

What only one of them changed is taken from them, what both changed alike stands. The rows of a list are told apart by
what they are about: a party by its actor, a renewal by its date. So one may add a source while another mends a date.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from ..agreements.content_lists import CONTENT_LISTS
from ..agreements.fields import CONTENT_COLUMNS
from ..agreements.tables import agreement_steps
from ..models import Agreement
from .snapshot import Content, ContentFormatter, content_fingerprint, of_rows

_UNKNOWN_BASE = object()
"""Marker for an unknown base version, where history does not tell."""

_SEARCHED_STEPS = 50
"""Steps of the history that are looked through for how an editing began."""


@dataclass(frozen=True)
class MergedPlace:
    """A column, or a row of a list, in three versions; a row that a version lacks is None."""

    name: str
    key: str
    base: Any
    mine: Any
    theirs: Any

    @property
    def id(self) -> str:
        """Identifier of the place in a form."""
        return f"{self.name}-{self.key}" if self.key else self.name


@dataclass
class Merged:
    """The outcome: the content, with `mine` where both changed the same until somebody chooses; and what differs."""

    content: Content
    mine: list[MergedPlace] = field(default_factory=list)
    """Places that I alone have changed."""
    theirs: list[MergedPlace] = field(default_factory=list)
    """Places that they alone have changed."""
    both: list[MergedPlace] = field(default_factory=list)
    """Places that both have changed, not alike."""


def merge_contents(
    base: Content | None, mine: Content, theirs: Content, chosen: Mapping[str, str] = MappingProxyType({})
) -> Merged:
    """Merge two contents that began as `base`; where that is not known, whatever differs was changed by both.

    `chosen` says “theirs” for the places, by id, where that is wanted.
    """
    merged = Merged({name: [] for name in CONTENT_LISTS})
    for place in _places(base, mine, theirs):
        value = place.mine
        if place.mine == place.base and place.theirs != place.base:
            merged.theirs.append(place)
            value = place.theirs
        elif place.theirs == place.base and place.mine != place.base:
            merged.mine.append(place)
        elif place.mine != place.theirs:
            joined = _joined(place)
            if joined.mine == joined.theirs:
                merged.theirs.append(place)
                merged.mine.append(replace(place, base=place.theirs, mine=joined.mine))
            else:
                merged.both.append(joined)
            value = joined.theirs if chosen.get(place.id) == "theirs" else joined.mine
        if place.name not in CONTENT_LISTS:
            merged.content[place.name] = value
        elif value is not None:
            merged.content[place.name].append(value)
    for name in (name for name, listed in CONTENT_LISTS.items() if listed.ordered):
        merged.content[name] = _in_order(name, merged.content[name], mine, theirs)
    return merged


def _places(base: Content | None, mine: Content, theirs: Content) -> Iterator[MergedPlace]:
    for name in CONTENT_COLUMNS:
        yield MergedPlace(name, "", _UNKNOWN_BASE if base is None else base[name], mine[name], theirs[name])
    for name, listed in CONTENT_LISTS.items():
        began, *versions = [listed.by_key(content[name]) for content in (base or {name: []}, mine, theirs)]
        for one in dict.fromkeys(one for rows in (began, *versions) for one in rows):
            yield MergedPlace(
                name, one, _UNKNOWN_BASE if base is None else began.get(one), *(rows.get(one) for rows in versions)
            )


def _joined(place: MergedPlace) -> MergedPlace:
    """A row of a list, each version with the fields that only the other has changed; other places as they are."""
    versions = (place.base, place.mine, place.theirs)
    listed = CONTENT_LISTS.get(place.name)
    if listed is None or listed.whole or not all(isinstance(row, dict) for row in versions):
        return place
    base, mine, theirs = versions
    return replace(
        place,
        mine={name: theirs[name] if mine[name] == base[name] else mine[name] for name in mine},
        theirs={name: mine[name] if theirs[name] == base[name] else theirs[name] for name in mine},
    )


def base_content(agreement: Agreement, fingerprint: str) -> Content | None:
    """The content of an agreement that somebody began to edit, by its fingerprint; None where history has none."""
    for step in reversed(agreement_steps(agreement.pk)[-_SEARCHED_STEPS:]):
        content = of_rows(agreement.pk, step.after)
        if content is not None and content_fingerprint(content) == fingerprint:
            return content
    return None


@dataclass(frozen=True)
class Said:
    """A place in words of the active language; a version is empty where it has nothing there."""

    id: str
    label: str
    base: str
    mine: str
    theirs: str
    chosen: str = ""


def said(
    places: Iterable[MergedPlace], words: ContentFormatter, chosen: Mapping[str, str] = MappingProxyType({})
) -> list[Said]:
    """Places as a page shows them, with what was chosen of them."""
    found = []
    for place in places:
        if place.name in CONTENT_LISTS:
            label, render = words.row(place.name)
        else:
            label, render = words.label(place.name), partial(words.column, place.name)
        base, mine, theirs = (
            "" if value in (None, _UNKNOWN_BASE) else render(value) for value in (place.base, place.mine, place.theirs)
        )
        found.append(Said(place.id, label, base, mine, theirs, chosen.get(place.id, "")))
    return found


def _in_order(name: str, rows: list[Any], mine: Content, theirs: Content) -> list[Any]:
    """Sort rows by the order of my version, followed by the rows that only theirs has."""
    listed = CONTENT_LISTS[name]
    ranks = {key: rank for rank, key in enumerate(listed.by_key([*mine[name], *theirs[name]]))}
    return sorted(rows, key=lambda row: ranks[listed.key(row)])
