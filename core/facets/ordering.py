"""Sort orders of a list: record numbers in the order of their keys, held in memory as arrays."""

from collections.abc import Iterable

import numpy as np
from pyroaring import BitMap

from .sets import array_of, bitmap_from, bitmap_of, mask_of

KEY_BYTES = 32
"""Length of a key that counts; a date needs 10, a name is told from the next by its beginning."""


class SortedRecords:
    """Records in the order of their keys, those without a key apart."""

    def __init__(self, pairs: Iterable[tuple[int, str]] = ()) -> None:
        """`pairs` are records and keys."""
        self.blank = BitMap()
        self.keys = np.empty(0, dtype=f"S{KEY_BYTES}")
        self.starts = np.zeros(1, dtype=np.int64)
        self.records = np.empty(0, dtype=np.uint32)
        self.add(pairs)

    def add(self, pairs: Iterable[tuple[int, str]]) -> None:
        """Insert records where their keys belong: to sort a hundred thousand again takes longer than all the rest."""
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
        """Remove records."""
        self.blank -= records
        spots = self._spots(np.arange(len(self.keys), dtype=np.uint64).repeat(self.runs), self.records)
        self._arrange(spots[~np.isin(self.records, array_of(records))])

    @staticmethod
    def _spots(places: np.ndarray, records: np.ndarray) -> np.ndarray:
        """Sort key of records by the index of their key and their own number, as one integer; written into `places`
        itself, since there may be a million of them."""
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
        """Number of records of each key."""
        return np.diff(self.starts).astype(np.uint32)

    def dumps(self) -> list[bytes]:
        """The order as bytes: each different key once and how often it comes, records, records without a key."""
        return [self.keys.tobytes(), self.runs.tobytes(), self.records.tobytes(), self.blank.serialize()]

    @classmethod
    def loads(cls, keys: memoryview, runs: memoryview, records: memoryview, blank: memoryview) -> "SortedRecords":
        """The inverse of `dumps`."""
        order = cls()
        order.keys = np.frombuffer(keys, dtype=f"S{KEY_BYTES}")
        order.starts = np.append(0, np.frombuffer(runs, dtype=np.uint32).cumsum(dtype=np.int64))
        order.records = np.frombuffer(records, dtype=np.uint32)
        order.blank = bitmap_from(blank)
        return order

    def between(self, first: str, last: str) -> BitMap:
        """Records whose key is not below `first` and not above `last`, which counts to its end (1986 is all of 1986);
        either may be blank. A key that is a beginning of `first` may be meant, and is in."""
        low = int(np.searchsorted(self.keys, first.encode())) if first else 0
        high = int(np.searchsorted(self.keys, last.encode() + b"\x7f")) if last else len(self.keys)
        found = self._between(low, high)
        for length in range(1, len(first)):
            start = int(np.searchsorted(self.keys, first[:length].encode(), "left"))
            end = int(np.searchsorted(self.keys, first[:length].encode(), "right"))
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
        page: list[int] = np.concatenate([blank, keyed] if blank_first else [keyed, blank])[start:stop].tolist()
        return page

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
