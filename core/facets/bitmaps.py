"""Facet counts of every filter choice over a list, from bitmaps held in memory.

Each record is a number in a roaring bitmap; each value of each dimension has one. What holds for the *members* of a
record (a party's country, level, territory) has one bitmap for each *place* a member can have in the record: the first
parties of all agreements, the second ones, and so on. "The same party is in France and is a region" is then an
intersection at each place, and the union over the places counts a record once, however many of its members fit.

Nothing here knows what the records are: a `Reading` does.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np
from pyroaring import BitMap

from .ordering import SortedRecords
from .sets import Places, Records, bitmap_from, mask_of, union

Reading = Callable[[Records], Iterable[tuple[str, int, Iterable[int]]]]
"""Reads a dimension of some records from the database: value, place of the member (0 where the dimension is the
record's own), records."""

KeyReader = Callable[[Records], Iterable[tuple[int, str]]]
"""Reads what records are put in order by: record and key; records with a blank key come last or first."""

TableReader = Callable[[Records], np.ndarray]
"""Reads a table that is kept beside the bitmaps, for what counting cannot answer: a structured array with a field
``record``, whose rows stand in the order of it; a record may have any number of them."""


_INDEX_FORMAT = 3
"""Format version of the index as bytes; another one is not read."""

RANGE_THRESHOLD = 1_000
"""Records of which so many are rather read as a range."""


SPAN = 20_000
"""Records that are read together: what is read takes many times the memory of what is kept of it."""

FAMILY_THRESHOLD = 500
"""Values of a dimension above which they are told apart by families."""


class Family(NamedTuple):
    """Values of a dimension whose codes begin alike, such as the territories of a country: where any of them holds, and
    each with the number of its records, the largest first."""

    places: "Places"
    members: list[tuple[int, str]]


def spans_of(records: Records) -> Iterator[Records]:
    """Many records in parts of `SPAN`; as a range where they lie so close together that to read all between them, too,
    is quicker than to name each."""
    ordered = BitMap(records)
    for start in range(0, len(ordered), SPAN):
        part = ordered[start : start + SPAN]
        between = range(part.min(), part.max() + 1)
        yield between if RANGE_THRESHOLD < len(between) < 2 * len(part) else list(part)


@dataclass
class IndexSource:
    """Source of an index: all records in `spans`, one at least and each with about `SPAN`; and the readers of its
    dimensions, orders and tables."""

    spans: Callable[[], Iterable[range]]
    readings: Mapping[str, Reading]
    keys: Mapping[str, KeyReader]
    rows: Mapping[str, TableReader]

    @property
    def names(self) -> list[list[str]]:
        """Names of the dimensions, orders and tables that are read."""
        return [sorted(self.readings), sorted(self.keys), sorted(self.rows)]

    def dimensions(self, spans: Sequence[range]) -> Iterator[tuple[str, dict[str, Places]]]:
        """Each dimension with its values, read a span at a time."""
        for name, read in self.readings.items():
            values: dict[str, Places] = {}
            for span in spans:
                take_in(values, read(span))
            yield name, values

    def orders(self, spans: Sequence[range]) -> Iterator[tuple[str, SortedRecords]]:
        """Each order, read a span at a time."""
        for name, read in self.keys.items():
            order = SortedRecords()
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
    """Add a `Reading` to the values of a dimension."""
    for value, place, records in found:
        values.setdefault(value, Places()).add(place, records)


def dump(
    file: BinaryIO,
    dimensions: Iterable[tuple[str, dict[str, Places]]],
    orders: Iterable[tuple[str, SortedRecords]],
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
    file.write(b"\n" + json.dumps([_INDEX_FORMAT, lengths, ordered, listed]).encode())


class FacetIndex:
    """The bitmaps of a list: dimension → value → places; its orders; and its tables."""

    def __init__(self) -> None:
        self.dimensions: dict[str, dict[str, Places]] = {}
        self.orders: dict[str, SortedRecords] = {}
        self.tables: dict[str, np.ndarray] = {}
        self._families: dict[str, list[Family]] = {}

    @classmethod
    def build(cls, source: IndexSource) -> "FacetIndex":
        """Read everything from the database."""
        index, spans = cls(), list(source.spans())
        index.dimensions = dict(source.dimensions(spans))
        index.orders = dict(source.orders(spans))
        index.tables = {name: np.concatenate(list(parts)) for name, parts in source.tables(spans)}
        return index

    @property
    def names(self) -> list[list[str]]:
        """Names of the dimensions, orders and tables of the index."""
        return [sorted(self.dimensions), sorted(self.orders), sorted(self.tables)]

    def refresh(self, source: IndexSource, records: Records) -> None:
        """Read the given records again, whether they are new, changed or gone."""
        for span in spans_of(records):
            self._refresh(source, span)

    def _refresh(self, source: IndexSource, records: Records) -> None:
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
                found[value[:2] if len(values) > FAMILY_THRESHOLD else ""].append((len(places.whole), value))
            families = [
                Family(self.places(dimension, [value for _size, value in members]), sorted(members, reverse=True))
                for members in found.values()
            ]
            self._families[dimension] = sorted(families, key=lambda family: -family.members[0][0])
        return self._families[dimension]

    def places(self, dimension: str, values: Iterable[str]) -> Places:
        """Places of the records in which any of the values holds."""
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
        if version != _INDEX_FORMAT:
            raise ValueError(version)
        body, position = memoryview(content), 0

        def part(length: int) -> memoryview:
            nonlocal position
            position += length
            return body[position - length : position]

        for name, values in dimensions.items():
            index.dimensions[name] = {
                value: Places(bitmap_from(part(length)) for length in lengths) for value, lengths in values.items()
            }
        for name, lengths in orders.items():
            index.orders[name] = SortedRecords.loads(*map(part, lengths))
        for name, (length, fields) in tables.items():
            index.tables[name] = np.frombuffer(part(length), dtype=[tuple(field) for field in fields])
        return index
