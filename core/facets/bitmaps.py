"""Counts of every filter choice over a list, out of bitmaps held in memory.

Each record is a number in a roaring bitmap; each value of each dimension has one. What holds for the *members* of a
record (a party's country, level, territory) has one bitmap for each *place* a member can have in the record: the first
parties of all agreements, the second ones, and so on. "The same party is in France and is a region" is then an
intersection at each place, and the union over the places counts a record once, however many of its members fit.

Nothing here knows what the records are: a `Dimension` reads them.
"""

import json
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import accumulate
from operator import or_
from typing import BinaryIO, NamedTuple

import numpy as np
from pyroaring import BitMap

Records = Collection[int]
"""The numbers of some records; a `range` where all between two numbers are meant."""

Reading = Callable[[Records], Iterable[tuple[str, int, Iterable[int]]]]
"""Reads a dimension of some records from the database: value, place of the member (0 where the dimension is the
record's own), records."""

Keys = Callable[[Records], Iterable[tuple[int, str]]]
"""Reads what records are put in order by: record and key; records with a blank key come last or first."""

Rows = Callable[[Records], np.ndarray]
"""Reads a table that is kept beside the bitmaps, for what counting cannot answer: a structured array with a field
``record``, whose rows stand in the order of it; a record may have any number of them."""

KEY_BYTES = 32
"""How much of a key counts; a date needs 10, a name is told from the next by its beginning."""

FORMAT = 3
"""Of the index as bytes; another one is not read."""

CLOSE = 1_000
"""Records of which so many are rather read as a range."""

EMPTY = BitMap()

SPAN = 20_000
"""Records that are read together: what is read takes many times the memory of what is kept of it."""

MANY = 500
"""Values of a dimension above which they are told apart by families."""


class Family(NamedTuple):
    """Values of a dimension whose codes begin alike, such as the territories of a country: where any of them holds, and
    each with the number of its records, the largest first."""

    places: "Places"
    members: list[tuple[int, str]]


def spans_of(records: Collection[int]) -> Iterator[Records]:
    """Many records in parts of `SPAN`; as a range where they lie so close together that to read all between them, too,
    is quicker than to name each."""
    ordered = BitMap(records)
    for start in range(0, len(ordered), SPAN):
        part = ordered[start : start + SPAN]
        between = range(part.min(), part.max() + 1)
        yield between if CLOSE < len(between) < 2 * len(part) else list(part)


def array_of(records: BitMap) -> np.ndarray:
    """The numbers of a bitmap, in their order; ``np.array`` would ask for one after the other, hundreds of times as
    long."""
    return np.frombuffer(records.to_array(), dtype=np.uint32) if records else np.empty(0, dtype=np.uint32)


def mask_of(records: BitMap, largest: int) -> np.ndarray:
    """For each number up to the largest of a bitmap, or the one given, whether it is in the bitmap."""
    mask = np.zeros(max(records.max() if records else 0, largest) + 1, dtype=bool)
    mask[array_of(records)] = True
    return mask


def bitmap_of(records: Iterable[int]) -> BitMap:
    """Numbers as a bitmap; of numpy's kind too, which pyroaring would take one by one."""
    return BitMap(array("I", records.astype(np.uint32).tobytes()) if isinstance(records, np.ndarray) else records)


FEW = 8
"""Bitmaps up to which joining one after the other is quicker than all at once, by three times."""


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    """The records in any of the bitmaps."""
    found = list(bitmaps)
    return reduce(or_, found, BitMap()) if len(found) <= FEW else BitMap.union(*found)


class Places(list[BitMap]):
    """One bitmap for each place a member can have; missing ones are empty."""

    def at(self, place: int) -> BitMap:
        """The records whose member at a place has the value."""
        return self[place] if place < len(self) else EMPTY

    @cached_property
    def whole(self) -> BitMap:
        """The records in which the value holds at any place; not to be changed."""
        return union(self)

    def intersect(self, other: "Places") -> bool:
        """Whether some record is in both at the same place."""
        return any(mine.intersect(others) for mine, others in zip(self, other, strict=False))

    def add(self, place: int, records: Iterable[int]) -> None:
        """Put records in."""
        added = bitmap_of(records)
        while len(self) <= place:
            self.append(BitMap())
        self[place] |= added
        if "whole" in self.__dict__:
            self.whole |= added

    def discard(self, records: BitMap) -> None:
        """Take records out."""
        if self.whole.intersect(records):
            for bitmap in (*self, self.whole):
                bitmap -= records


class Order:
    """Records in the order of their keys, those without a key apart."""

    def __init__(self, pairs: Iterable[tuple[int, str]] = ()) -> None:
        """`pairs` are records and keys."""
        self.blank = BitMap()
        self.keys = np.empty(0, dtype=f"S{KEY_BYTES}")
        self.starts = np.zeros(1, dtype=np.int64)
        self.records = np.empty(0, dtype=np.uint32)
        self.add(pairs)

    def add(self, pairs: Iterable[tuple[int, str]]) -> None:
        """Put records where their keys belong: to sort a hundred thousand again takes longer than all the rest."""
        pairs = list(pairs)
        self.blank |= BitMap(record for record, key in pairs if not key)
        keys = np.array([key.encode()[:KEY_BYTES] for _record, key in pairs if key], dtype=self.keys.dtype)
        records = np.array([record for record, key in pairs if key], dtype=np.uint32)
        keys, places = np.unique(keys, return_inverse=True)
        known = np.searchsorted(self.keys, keys)
        new = ~np.isin(keys, self.keys[known[known < len(self.keys)]])
        former = np.arange(len(self.keys))
        former += np.searchsorted(known[new], former, "right")
        runs = self.runs
        self.keys = np.insert(self.keys, known[new], keys[new])
        spots = self._spots(former.astype(np.uint64).repeat(runs), self.records)
        added = self._spots(np.searchsorted(self.keys, keys).astype(np.uint64)[places], records)
        added.sort()
        spots = np.insert(spots, np.searchsorted(spots, added), added)
        self._arrange(spots)

    def discard(self, records: BitMap) -> None:
        """Take records out."""
        self.blank -= records
        spots = self._spots(np.arange(len(self.keys), dtype=np.uint64).repeat(self.runs), self.records)
        self._arrange(spots[~np.isin(self.records, array_of(records))])

    @staticmethod
    def _spots(places: np.ndarray, records: np.ndarray) -> np.ndarray:
        """Where records belong whose keys stand at some places: numbers in the order of key and record; out of the
        places themselves, since there may be a million of them."""
        places <<= 32
        places |= records
        return places

    def _arrange(self, spots: np.ndarray) -> None:
        """Keep the records whose spots, in their order, these are, and the keys that any of them has."""
        starts = np.searchsorted(spots, np.arange(len(self.keys) + 1, dtype=np.uint64) << 32)
        held = np.diff(starts) > 0
        self.keys = self.keys[held]
        self.starts = np.append(starts[:-1][held], starts[-1])
        self.records = spots.astype(np.uint32)  # their lower half

    @property
    def runs(self) -> np.ndarray:
        """How many records have each key."""
        return np.diff(self.starts).astype(np.uint32)

    def dumps(self) -> list[bytes]:
        """The order as bytes: each different key once and how often it comes, records, records without a key."""
        return [self.keys.tobytes(), self.runs.tobytes(), self.records.tobytes(), self.blank.serialize()]

    @classmethod
    def loads(cls, keys: memoryview, runs: memoryview, records: memoryview, blank: memoryview) -> "Order":
        """The inverse of `dumps`."""
        order = cls()
        order.keys = np.frombuffer(keys, dtype=f"S{KEY_BYTES}")
        order.starts = np.append(0, np.frombuffer(runs, dtype=np.uint32).cumsum(dtype=np.int64))
        order.records = np.frombuffer(records, dtype=np.uint32)
        order.blank = BitMap.deserialize(blank)
        return order

    def between(self, first: str, last: str) -> BitMap:
        """Records whose key is not below `first` and not above `last`, which counts to its end (1986 is all of 1986);
        either may be blank. A key that is a beginning of `first` may be meant, and is in."""
        low = np.searchsorted(self.keys, first.encode()) if first else 0
        high = np.searchsorted(self.keys, last.encode() + b"\x7f") if last else len(self.keys)
        found = self._between(low, high)
        for length in range(1, len(first)):
            start, end = (np.searchsorted(self.keys, first[:length].encode(), side) for side in ("left", "right"))
            found |= self._between(start, min(end, high))
        return found

    def _between(self, low: int, high: int) -> BitMap:
        """The records whose keys stand from one place to before another."""
        return bitmap_of(self.records[self.starts[low] : self.starts[high]])

    def page(self, records: BitMap, start: int, stop: int, *, backwards: bool, blank_first: bool) -> list[int]:
        """The records from `start` to before `stop` of some `records` put in order."""
        blank = array_of(self.blank & records)
        ordered = self.records
        if backwards:
            ordered, blank = ordered[::-1], blank[::-1]
        keyed = self._first(ordered, records, max(stop - len(blank) * blank_first, 0))
        return np.concatenate([blank, keyed] if blank_first else [keyed, blank])[start:stop].tolist()

    @staticmethod
    def _first(ordered: np.ndarray, records: BitMap, number: int) -> np.ndarray:
        """So many of the records, or all that there are, as they are met in an order; looked for in growing parts,
        since those of a first page mostly stand near its beginning."""
        member = mask_of(records, int(ordered.max(initial=0)))
        found, missing, start, size = [ordered[:0]], number, 0, 4 * number
        while missing > 0 and start < len(ordered):
            part = ordered[start : start + size]
            found.append(part[member[part]][:missing])
            missing -= len(found[-1])
            start, size = start + size, size * 4
        return np.concatenate(found)


@dataclass
class Source:
    """Where an index is read from: all records in `spans`, one at least and each with about `SPAN`; and what reads its
    dimensions, orders and tables."""

    spans: Callable[[], Iterable[range]]
    readings: Mapping[str, Reading]
    keys: Mapping[str, Keys]
    rows: Mapping[str, Rows]

    @property
    def names(self) -> list[list[str]]:
        """What is read, by name."""
        return [sorted(self.readings), sorted(self.keys), sorted(self.rows)]

    def dimensions(self, spans: Sequence[range]) -> Iterator[tuple[str, dict[str, Places]]]:
        """Each dimension with its values, read a span at a time."""
        for name, read in self.readings.items():
            values: dict[str, Places] = {}
            for span in spans:
                take_in(values, read(span))
            yield name, values

    def orders(self, spans: Sequence[range]) -> Iterator[tuple[str, Order]]:
        """Each order, read a span at a time."""
        for name, read in self.keys.items():
            order = Order()
            for span in spans:
                order.add(read(span))
            yield name, order

    def tables(self, spans: Sequence[range]) -> Iterator[tuple[str, Iterable[np.ndarray]]]:
        """Each table, in parts."""
        for name, read in self.rows.items():
            yield name, map(read, spans)

    def dump(self, file: BinaryIO) -> None:
        """Write what `FacetIndex.dump` does, without the whole of it in memory."""
        spans = list(self.spans())
        dump(file, self.dimensions(spans), self.orders(spans), self.tables(spans))


def take_in(values: dict[str, Places], found: Iterable[tuple[str, int, Iterable[int]]]) -> None:
    """Put what a `Reading` gives to the values of a dimension."""
    for value, place, records in found:
        values.setdefault(value, Places()).add(place, records)


def dump(
    file: BinaryIO,
    dimensions: Iterable[tuple[str, dict[str, Places]]],
    orders: Iterable[tuple[str, Order]],
    tables: Iterable[tuple[str, Iterable[np.ndarray]]],
) -> None:
    """Write an index as bytes: bitmaps, orders and tables, then a line of JSON with the lengths of the parts."""
    lengths = {
        name: {value: [file.write(bitmap.serialize()) for bitmap in places] for value, places in values.items()}
        for name, values in dimensions
    }
    ordered = {name: [file.write(part) for part in order.dumps()] for name, order in orders}
    listed = {}
    for name, parts in tables:
        kept = [(file.write(part.data.cast("B")) if len(part) else 0, part.dtype.descr) for part in parts]
        listed[name] = sum(length for length, _fields in kept), kept[0][1]
    file.write(b"\n" + json.dumps([FORMAT, lengths, ordered, listed]).encode())


class FacetIndex:
    """The bitmaps of a list: dimension → value → places; its orders; and its tables."""

    def __init__(self) -> None:
        self.dimensions: dict[str, dict[str, Places]] = {}
        self.orders: dict[str, Order] = {}
        self.tables: dict[str, np.ndarray] = {}
        self._families: dict[str, list[Family]] = {}

    @classmethod
    def build(cls, source: Source) -> "FacetIndex":
        """Read everything from the database."""
        index, spans = cls(), list(source.spans())
        index.dimensions = dict(source.dimensions(spans))
        index.orders = dict(source.orders(spans))
        index.tables = {name: np.concatenate(list(parts)) for name, parts in source.tables(spans)}
        return index

    @property
    def names(self) -> list[list[str]]:
        """What the index knows, by name."""
        return [sorted(self.dimensions), sorted(self.orders), sorted(self.tables)]

    def refresh(self, source: Source, records: Records) -> None:
        """Read the given records again, whether they are new, changed or gone."""
        for span in spans_of(records):
            self._refresh(source, span)

    def _refresh(self, source: Source, records: Records) -> None:
        gone = BitMap(records)
        self._families.clear()
        for name, read in source.readings.items():
            for places in self.dimensions[name].values():
                places.discard(gone)
            take_in(self.dimensions[name], read(records))
        for name, read_keys in source.keys.items():
            self.orders[name].discard(gone)
            self.orders[name].add(read_keys(records))
        for name, read_rows in source.rows.items():
            table, fresh = self.tables[name], read_rows(records)
            kept = table[~mask_of(gone, int(table["record"].max(initial=0)))[table["record"]]]
            fresh = fresh[np.argsort(fresh["record"], kind="stable")]
            self.tables[name] = np.insert(kept, np.searchsorted(kept["record"], fresh["record"]), fresh)

    def families(self, dimension: str) -> list[Family]:
        """The values of a dimension, that with the largest first; a single family where there are not many values."""
        if dimension not in self._families:
            values = self.dimensions.get(dimension, {})
            found = defaultdict(list)
            for value, places in values.items():
                found[value[:2] if len(values) > MANY else ""].append((len(places.whole), value))
            families = [
                Family(self.places(dimension, [value for _size, value in members]), sorted(members, reverse=True))
                for members in found.values()
            ]
            self._families[dimension] = sorted(families, key=lambda family: -family.members[0][0])
        return self._families[dimension]

    def places(self, dimension: str, values: Iterable[str]) -> Places:
        """Where any of the values holds, place by place."""
        known = self.dimensions.get(dimension, {})
        chosen = [known[value] for value in values if value in known]
        width = max(map(len, chosen), default=0)
        return Places(union(places.at(place) for places in chosen) for place in range(width))

    def records(self, dimension: str, values: Iterable[str]) -> BitMap:
        """The records in which any of the values holds, at whatever place."""
        known = self.dimensions.get(dimension, {})
        return union(known[value].whole for value in values if value in known)

    def dump(self, file: BinaryIO) -> None:
        """Write the index as bytes."""
        dump(
            file,
            self.dimensions.items(),
            self.orders.items(),
            ((name, [table]) for name, table in self.tables.items()),
        )

    @classmethod
    def loads(cls, content: bytes) -> "FacetIndex":
        """The inverse of `dump`; `ValueError` where another version of the program wrote the bytes."""
        index = cls()
        version, dimensions, orders, tables = json.loads(content[content.rindex(b"\n") :])
        if version != FORMAT:
            raise ValueError(version)
        body, position = memoryview(content), 0

        def part(length: int) -> memoryview:
            nonlocal position
            position += length
            return body[position - length : position]

        for name, values in dimensions.items():
            index.dimensions[name] = {
                value: Places(BitMap.deserialize(part(length)) for length in lengths)
                for value, lengths in values.items()
            }
        for name, lengths in orders.items():
            index.orders[name] = Order.loads(*map(part, lengths))
        for name, (length, fields) in tables.items():
            index.tables[name] = np.frombuffer(part(length), dtype=[tuple(field) for field in fields])
        return index


@dataclass
class Question:
    """What is asked of an index.

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
        """How many records each value of a dimension would give, the dimension's own selection put aside.

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
        """Where a member that counts fits the joint conditions, one dimension put aside."""
        members = Places(bitmap.copy() for bitmap in self.present)
        for dimension, values in self.joint.items():
            if dimension != aside:
                asked = values if isinstance(values, Places) else self.index.places(dimension, values)
                for place, bitmap in enumerate(members):
                    bitmap &= asked.at(place)
        return members

    def _partners(self) -> Places | None:
        """Where a member that counts fits what is asked of the partner."""
        if not self.partner:
            return None
        partners = Places(bitmap.copy() for bitmap in self.present)
        for dimension, values in self.partner.items():
            asked = self.index.places(dimension, values)
            for place, bitmap in enumerate(partners):
                bitmap &= asked.at(place)
        return partners

    def _matching(self, aside: str = "") -> Places:
        """Where a member fits the joint conditions and another one is the partner asked for."""
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
        aside = dimension if dimension in {"own": self.own, "joint": self.joint}.get(role, ()) else ""
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
    """For each place, the records in one of the *other* places."""
    before = [EMPTY, *accumulate(places, BitMap.union)]
    after = [EMPTY, *accumulate(reversed(places), BitMap.union)][::-1]
    return [before[place] | after[place + 1] for place in range(len(places))]


def numbers(text: str) -> np.ndarray:
    """Record numbers out of the text that SQL's ``string_agg(id::text, ',')`` gives: much quicker than an array."""
    return np.fromstring(text, dtype=np.uint32, sep=",")
