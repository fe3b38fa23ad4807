"""Sets of record numbers as roaring bitmaps, and as one bitmap for each place a member can have in a record."""

from array import array
from collections.abc import Collection, Iterable
from functools import cached_property, reduce
from operator import or_

import numpy as np
from pyroaring import BitMap

Records = Collection[int] | BitMap
"""The numbers of some records; a `range` where all between two numbers are meant."""

EMPTY_BITMAP = BitMap()


def array_of(records: BitMap) -> np.ndarray:
    """The numbers of a bitmap, in their order; ``np.array`` would ask for one after the other, hundreds of times as
    long."""
    return np.frombuffer(records.to_array(), dtype=np.uint32) if records else np.empty(0, dtype=np.uint32)


def mask_of(records: BitMap, largest: int) -> np.ndarray:
    """Boolean mask of a bitmap: for each number up to its largest, or to the one given."""
    mask = np.zeros(max(records.max() if records else 0, largest) + 1, dtype=bool)
    mask[array_of(records)] = True
    return mask


def bitmap_of(records: Iterable[int]) -> BitMap:
    """Numbers as a bitmap; of numpy's kind too, which pyroaring would take one by one."""
    return BitMap(array("I", records.astype(np.uint32).tobytes()) if isinstance(records, np.ndarray) else records)


def bitmap_from(content: memoryview) -> BitMap:
    """A bitmap from the bytes that its `serialize` gave."""
    return BitMap.deserialize(content)  # type: ignore[arg-type]  # it takes any buffer, and copies none


FEW = 8
"""Bitmaps up to which joining one after the other is quicker than all at once, by three times."""


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    """The records in any of the bitmaps."""
    found = list(bitmaps)
    return reduce(or_, found, BitMap()) if len(found) <= FEW else BitMap.union(*found)


class Places(list[BitMap]):
    """Bitmaps by place: one for each place that a member can have in a record; missing ones are empty."""

    def at(self, place: int) -> BitMap:
        """The records whose member at a place has the value."""
        return self[place] if place < len(self) else EMPTY_BITMAP

    @cached_property
    def whole(self) -> BitMap:
        """The records in which the value holds at any place; not to be changed."""
        return union(self)

    def intersect(self, other: "Places") -> bool:
        """True if some record is in both at the same place."""
        return any(mine.intersect(others) for mine, others in zip(self, other, strict=False))

    def add(self, place: int, records: Iterable[int]) -> None:
        """Add records."""
        added = bitmap_of(records)
        while len(self) <= place:
            self.append(BitMap())
        self[place] |= added
        if "whole" in self.__dict__:
            self.whole |= added

    def discard(self, records: BitMap) -> None:
        """Remove records."""
        if self.whole.intersect(records):
            for bitmap in (*self, self.whole):
                bitmap -= records


def numbers(text: str) -> np.ndarray:
    """Parse record numbers from the text of SQL's ``string_agg(id::text, ',')``: much quicker than an array."""
    return np.fromstring(text, dtype=np.uint32, sep=",")
