"""Questions to a facet index: the records that fit, and the count of every choice."""

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

from pyroaring import BitMap

from .bitmaps import FacetIndex, Reading
from .sets import EMPTY_BITMAP, Places, union

_SOURCES = {
    "own": ("reading", "dimension"),
    "joint": ("reading", "dimension", "places"),
    "partner": ("reading", "dimension"),
    "among": ("among",),
    "rule": (),
}
"""Roles of filters, and what each role reads: exactly one of these."""


@dataclass(frozen=True)
class Faceted:
    """Declaration of how a filter is put to a facet index; every filter of a FilterSet that is ``indexed`` has one.

    - ``own``, ``joint``, ``partner``: it has counts, and is asked in this way (see `FacetQuery`) about the dimension of
      its name, or another one (`dimension`). `reading` reads that; `past` reads the one (``…-past``) that takes its
      place where what is over is asked for. `places` gives where a member fits, for values that no dimension has.
    - ``among``: it has no counts; `among` gives the records that its value leaves, or None for all.
    - ``rule``: it changes what the others mean, and is read where these are.

    Another role, or one without what it reads, is a ``TypeError``: the index would pass over the filter in silence.
    """

    role: str
    reading: Reading | None = None
    past: Reading | None = None
    dimension: str = ""
    places: Callable[[list[Any]], Places] | None = None
    among: Callable[[FacetIndex, Any, Mapping[str, Any]], BitMap | None] | None = None

    def __post_init__(self) -> None:
        said = f'Faceted("{self.role}")'
        if self.role not in _SOURCES:
            raise TypeError(f"{said}: no such role; the roles are {', '.join(_SOURCES)}")
        needed = _SOURCES[self.role]
        given = [name for name in ("reading", "dimension", "places", "among") if getattr(self, name)]
        if len(given) != min(len(needed), 1) or not {*given} <= {*needed}:
            one_of = " or ".join(f"{name}=…" for name in needed) or "nothing"
            raise TypeError(f"{said} needs {one_of}; it has {' and '.join(given) or 'nothing'}")
        if self.past and not self.reading:
            raise TypeError(f"{said}: past=… takes the place of a reading, and there is none")

    @property
    def is_counted(self) -> bool:
        """True if the filter has counts: its values are those of a dimension."""
        return self.reading is not None or bool(self.dimension)


@dataclass
class FacetQuery:
    """Question to an index.

    `base` are the records that everything outside the index leaves. `own` are conditions on the record itself, `joint`
    conditions that all hold for the same member, `partner` one that holds for another member than that. `present`
    are the members that count. Within a dimension any of the values will do; dimensions add up. A condition that the
    index does not know is given as the `Places` where it holds.
    """

    index: FacetIndex
    base: BitMap
    present: Places
    own: dict[str, list[str]] = field(default_factory=dict)
    joint: dict[str, list[str] | Places] = field(default_factory=dict)
    partner: dict[str, list[str]] = field(default_factory=dict)
    _frames: dict[tuple[str, str], Places] = field(default_factory=dict, init=False, repr=False)

    def records(self) -> BitMap:
        """The records that fit the whole question; not to be changed."""
        return self._frame("", "own").at(0)

    def counts(self, dimension: str, role: str, *, most: int = 0, always: Collection[str] = ()) -> dict[str, int]:
        """Facet counts: the number of records for each value of a dimension, its own selection set aside.

        `role` says how the dimension is asked about: ``own``, ``joint`` or ``partner``. With `most`, only so many
        values with the highest counts, and those of `always`. Values without any record are left out.
        """
        frame = self._frame(dimension, role)
        values = self.index.dimensions.get(dimension, {})

        def count(value: str) -> int:
            return len(union(frame.at(place) & bitmap for place, bitmap in enumerate(values[value]) if bitmap))

        # No value can have more records than it has in all, and none more than meet the frame at whatever place, which
        # is much quicker to tell: all but a few of the territories have nothing in common with a question.
        framed = frame.whole
        counts, lowest = {}, [1]
        for family in self.index.families(dimension):
            if family.members[0][0] < lowest[-1]:
                break
            if not frame.intersect(family.places):
                continue
            for size, value in family.members:
                if size < lowest[-1]:
                    break
                number = framed.intersection_cardinality(values[value].whole)
                if number >= lowest[-1] and role != "own":
                    number = count(value)
                if number >= lowest[-1]:
                    counts[value] = number
                    if most:
                        lowest = sorted([*lowest, number], reverse=True)[:most]
        if most:
            kept = sorted(counts, key=lambda value: (-counts[value], value))[:most]
            chosen = {value: counts.get(value) or count(value) for value in always if value in values}
            counts = {value: counts[value] for value in kept} | {
                value: number for value, number in chosen.items() if number
            }
        return counts

    def _own(self, aside: str = "") -> BitMap:
        """The records that fit what is asked of them themselves, one dimension put aside."""
        records = self.base.copy()
        for dimension, values in self.own.items():
            if dimension != aside:
                records &= self.index.records(dimension, values)
        return records

    def _members(self, aside: str = "") -> Places:
        """Places of the members that count and fit the joint conditions; one dimension may be set aside."""
        members = Places(bitmap.copy() for bitmap in self.present)
        for dimension, values in self.joint.items():
            if dimension != aside:
                asked = values if isinstance(values, Places) else self.index.places(dimension, values)
                for place, bitmap in enumerate(members):
                    bitmap &= asked.at(place)
        return members

    def _partners(self) -> Places | None:
        """Places of the members that count and fit the conditions on the partner; None without such conditions."""
        if not self.partner:
            return None
        partners = Places(bitmap.copy() for bitmap in self.present)
        for dimension, values in self.partner.items():
            asked = self.index.places(dimension, values)
            for place, bitmap in enumerate(partners):
                bitmap &= asked.at(place)
        return partners

    def _matching(self, aside: str = "") -> Places:
        """Places of the members that fit the joint conditions while another member is the partner asked for."""
        members = self._members(aside)
        partners = self._partners()
        if partners is not None:
            for bitmap, others in zip(members, elsewhere(partners), strict=True):
                bitmap &= others
        return members

    @cached_property
    def _met(self) -> BitMap:
        """The records with members as they are asked for."""
        return union(self._matching())

    def _frame(self, dimension: str, role: str) -> Places:
        """At each place, the records where a value of the dimension found there makes the record count."""
        asked: Container[str] = self.own if role == "own" else self.joint if role == "joint" else ()
        aside = dimension if dimension in asked else ""
        if (role, aside) not in self._frames:
            self._frames[role, aside] = self._framed(role, aside)
        return self._frames[role, aside]

    def _framed(self, role: str, aside: str) -> Places:
        records = self._own(aside if role == "own" else "")
        if role == "own":
            return Places([records & self._met if self.joint or self.partner else records])
        frame = self._matching(aside) if role == "joint" else Places(elsewhere(self._members()))
        for place, bitmap in enumerate(frame):
            bitmap &= records
            if role == "partner":
                bitmap &= self.present.at(place)
        return frame


def elsewhere(places: Places) -> list[BitMap]:
    """For each place, the records that are in one of the *other* places."""
    before = [EMPTY_BITMAP, *accumulate(places, BitMap.union)]
    after = [EMPTY_BITMAP, *accumulate(reversed(places), BitMap.union)][::-1]
    return [before[place] | after[place + 1] for place in range(len(places))]
