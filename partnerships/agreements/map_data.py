"""Map data of agreements: countries by count, places gathered into cells, and arcs between them.

Rules:

- A place is a town with coordinates. An organisation has none of its own, so no arc begins at it; agreements with such
  a party are counted as ``missing``: they are drawn in part or not at all.
- An agreement draws an arc between every two of its counted parties; one of three towns draws three. It counts once for
  each pair of cells, for each cell and for each country, however many of its parties lie there.
- Towns in one cell are one place, which stands where its town with most agreements is and has its name. It has a
  country if all of its towns lie there.
"""

from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from django.db.models import Case, F, Model, QuerySet, Value, When
from django.db.models.functions import Coalesce, Left, Ord, Right
from pyroaring import BitMap

from core.date_conditions import begun
from core.facets.sets import Records, mask_of

from ..models import Agreement, Town
from ..party_conditions import PARTY_COUNTRY
from ..querysets import parties
from .facet_readings import published_agreements

NOWHERE = 999.0
"""Placeholder for a missing coordinate in SQL; no latitude or longitude has it."""

ROW = np.dtype(
    [
        ("record", np.uint32),
        ("town", np.uint32),  # 0: an organisation
        ("country", np.uint16),  # see `country_number`; 0: unknown
        ("present", np.bool_),
        ("latitude", np.float32),  # NaN: unknown
        ("longitude", np.float32),
    ]
)
"""A party to an agreement (or a member of a network), as the map needs it."""

BANDS = {
    "globe": 8.0,
    "world": 4.0,
    "continent": 2.0,
    "country": 1.0,
    "region": 0.5,
    "district": 0.2,
    "town": 0.06,
    "place": 0.02,
}
"""Degrees that a cell of the map measures, by zoom band, the coarsest first."""
MOST_PLACES = 1_500
"""Places above which a finer band than the coarsest gives way to the next coarser one."""
MOST_ARCS = 4_000
"""Arcs that are sent, the strongest first; the rest is counted."""
MOST_TOGETHER = 20
"""Towns of one of the finest cells that are named by their references."""
_MAX_REFERENCED_ARCS = 600
"""Arcs up to which those of one agreement carry its reference."""


class Box(NamedTuple):
    """A part of the world in degrees; one that crosses the 180th meridian has its west greater than its east."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Mask of the points that lie in the box."""
        if self.west <= self.east:
            across = (longitude >= self.west) & (longitude <= self.east)
        else:
            across = (longitude >= self.west) | (longitude <= self.east)
        return across & (latitude >= self.south) & (latitude <= self.north)


def country_number(code: str) -> int:
    """A country's two letters as one number; the same as in `map_rows`."""
    return ord(code[0]) * 256 + ord(code[1])


def country_of_number(number: int) -> str:
    """The inverse of `country_number`."""
    return chr(number // 256) + chr(number % 256)


def map_rows(queryset: QuerySet, record: str, left: str = "") -> np.ndarray:
    """Rows of `ROW` from a queryset of records that have a ``town`` and an ``organisation``.

    `record` is the column with the number of what they belong to, `left` that with the date on which they left it.

    Read as one text, which is several times as quick as a row of Python objects each.
    """
    letters = Coalesce(PARTY_COUNTRY, Value(""))
    columns = queryset.order_by().values_list(
        F(record),
        Coalesce("town_id", Value(0)),
        Ord(Left(letters, 1)) * 256 + Ord(Right(letters, 1)),
        Case(When(begun(left), then=Value(0)), default=Value(1)) if left else Value(1),
        Coalesce("town__latitude", "town__governs__latitude", Value(NOWHERE)),
        Coalesce("town__longitude", "town__governs__longitude", Value(NOWHERE)),
    )
    sql, parameters = columns.query.sql_with_params()
    with connection.cursor() as cursor:
        # What is put in is the statement that Django made of the queryset.
        cursor.execute(
            f"SELECT string_agg(concat_ws(' ', a, b, c, d, e, f), ' ') FROM ({sql}) AS row (a, b, c, d, e, f)",  # noqa: S608
            parameters,
        )
        text = cursor.fetchone()[0] or ""
    names = ROW.names or ()
    numbers = np.fromstring(text, sep=" ").reshape(-1, len(names))
    points = numbers[:, -2:]
    points[points == NOWHERE] = np.nan
    rows = np.empty(len(numbers), dtype=ROW)
    for index, name in enumerate(names):
        rows[name] = numbers[:, index]
    return rows[np.argsort(rows["record"], kind="stable")]


def read_parties(records: Records) -> np.ndarray:
    """The parties of those of some agreements that are published."""
    return map_rows(parties().filter(agreement__in=published_agreements(records).values("pk")), "agreement_id", "left")


def counted(rows: np.ndarray, records: BitMap | None = None, *, past: bool = False) -> np.ndarray:
    """The rows of some records (None: of all) that count: in the past all, else those that have not left."""
    kept = np.ones(len(rows), dtype=bool) if past else rows["present"]
    if records is not None:
        kept = kept & mask_of(records, int(rows["record"].max(initial=0)))[rows["record"]]
    of_them: np.ndarray = rows[kept]
    return of_them


def pairs_of(record: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every two rows of one record, by their indices; the rows stand in the order of their records."""
    first, second = [], []
    for distance in range(1, len(record)):
        same = np.flatnonzero(record[distance:] == record[:-distance])
        if not len(same):
            break
        first.append(same)
        second.append(same + distance)
    if not first:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    return np.concatenate(first), np.concatenate(second)


def once(value: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Mask of the rows that are the first of their record with their value."""
    first, second = pairs
    fresh = np.ones(len(value), dtype=bool)
    fresh[second[value[first] == value[second]]] = False
    return fresh


class Drawing:
    """Drawing of counted rows on a map; its parts are computed when they are used."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows
        self.record = rows["record"].astype(np.int64)
        self.country = rows["country"].astype(np.int64)
        self.pairs = pairs_of(self.record)
        self.located = (rows["town"] > 0) & ~np.isnan(rows["latitude"])

    @property
    def missing(self) -> int:
        """Number of records with a party whose coordinates are not known."""
        return _distinct(self.record[~self.located])

    def countries(self) -> dict[str, int]:
        """Records by country code; one counts once for a country."""
        fresh = once(self.country, self.pairs) & (self.country > 0)
        numbers = np.bincount(self.country[fresh])
        return {country_of_number(int(number)): int(numbers[number]) for number in np.flatnonzero(numbers)}

    def country_pairs(self) -> dict[tuple[str, str], int]:
        """Records by pair of countries; one counts once for a pair."""
        first, second = self.pairs
        known = (self.country[first] > 0) & (self.country[second] > 0)
        first, second = first[known], second[known]
        low, high, record = _sorted(self.country[first], self.country[second], self.record[first])
        keys, _examples, numbers = _numbered(low * 65_536 + high, record)
        return {
            (country_of_number(int(key) // 65_536), country_of_number(int(key) % 65_536)): int(number)
            for key, number in zip(keys, numbers, strict=True)
        }

    def payload(self, band: str, box: Box | None = None) -> dict[str, Any]:
        """Places and arcs, in columns.

        `band` is the finest that may be used; it gives way to a coarser one where there would be too many places. With
        a `box`, only places in it and the arcs that begin or end there, whose far ends lie in the coarsest cells.
        """
        names = list(BANDS)
        for name in reversed(names[: names.index(band) + 1]):
            cells = _Cells(self, BANDS[name], box)
            if len(cells.places) <= MOST_PLACES:
                break
        return {"band": name, "cell": BANDS[name]} | cells.columns()


class _Cells:
    """The towns of a drawing gathered into cells of a size."""

    def __init__(self, drawing: Drawing, size: float, box: Box | None) -> None:
        at = drawing.located
        town = drawing.rows["town"][at].astype(np.int64)
        self.record = drawing.record[at]
        self.pairs = pairs_of(self.record)
        self.size = size
        # Towns by number: how many records each has, and where it lies.
        numbers = np.bincount(town)
        self.towns = np.flatnonzero(numbers)
        self.numbers = numbers[self.towns]
        longitude, latitude, country = (np.zeros(len(numbers), dtype=np.float32) for _column in range(3))
        longitude[town] = drawing.rows["longitude"][at]
        latitude[town] = drawing.rows["latitude"][at]
        country[town] = drawing.rows["country"][at]
        self.longitude, self.latitude = longitude[self.towns], latitude[self.towns]
        self.country = country[self.towns].astype(np.int64)
        inside = np.ones(len(self.towns), dtype=bool) if box is None else box.holds(self.longitude, self.latitude)
        # Cells by number; the far ones, outside the box, have negative keys.
        keys = np.where(inside, self._key(size), -1 - self._key(max(BANDS.values())))
        self.keys, cell = np.unique(keys, return_inverse=True)
        self.places = np.flatnonzero(self.keys >= 0)
        of_town = np.zeros(len(numbers), dtype=np.int64)
        of_town[self.towns] = cell
        self.cell_of_town = cell
        self.cell = of_town[town]

    def _key(self, size: float) -> np.ndarray:
        across = int(np.ceil(360 / size)) + 1
        row = np.floor((self.latitude.astype(np.float64) + 90) / size).astype(np.int64)
        return row * across + np.floor((self.longitude.astype(np.float64) + 180) / size).astype(np.int64)

    def columns(self) -> dict[str, Any]:
        """Places and arcs as lists, a list a column."""
        total = len(self.keys)
        low, high, examples, numbers, left_out = self._arcs()
        shown = np.zeros(total, dtype=bool)
        shown[self.places] = True
        shown[low] = shown[high] = True
        drawn = np.flatnonzero(shown)
        position = np.zeros(total, dtype=np.int64)
        position[drawn] = np.arange(len(drawn))
        records = np.bincount(self.cell[once(self.cell, self.pairs)], minlength=total)
        towns = np.bincount(self.cell_of_town, minlength=total)
        # The town with most records of each cell: sorted by cell and number, the last of each.
        order = np.lexsort((-self.towns, self.numbers, self.cell_of_town))
        last = np.append(np.flatnonzero(np.diff(self.cell_of_town[order])), len(order) - 1) if total else order
        chief = order[last][drawn]
        known = _columns_of(Town, "id, name, reference", self.towns[chief])
        named = {pk: (name, reference) for pk, name, reference in known}
        names = [named.get(int(pk), ("", "")) for pk in self.towns[chief]]
        references = [reference for _name, reference in names]
        if self.size == min(BANDS.values()):
            together = self._together(self.places[towns[self.places] > 1])
            references = [together.get(cell, references[index]) for index, cell in enumerate(drawn.tolist())]
        digits = 1 if self.size >= 1 else 3
        lowest, highest = np.full(total, 65_536), np.zeros(total, dtype=np.int64)
        np.minimum.at(lowest, self.cell_of_town, self.country)
        np.maximum.at(highest, self.cell_of_town, self.country)
        country = np.where(lowest == highest, highest, 0)[drawn]
        return {
            "places": {
                "longitude": _rounded(self.longitude[chief], digits),
                "latitude": _rounded(self.latitude[chief], digits),
                "towns": towns[drawn].tolist(),
                "agreements": records[drawn].tolist(),
                "name": [name for name, _reference in names],
                "reference": references,
                "country": [country_of_number(int(number)) if number else "" for number in country],
                "far": np.flatnonzero(self.keys[drawn] < 0).tolist(),
            },
            "arcs": {
                "from": position[low].tolist(),
                "to": position[high].tolist(),
                "agreements": numbers.tolist(),
                "reference": self._references(examples, numbers),
            },
            "left_out": left_out,
        }

    def _together(self, cells: np.ndarray) -> dict[int, str]:
        """References of the towns in cells that will not be divided any further, by cell, those with most records
        first."""
        of = np.flatnonzero(np.isin(self.cell_of_town, cells))
        of = of[np.lexsort((self.towns[of], -self.numbers[of]))]
        known = dict(_columns_of(Town, "id, reference", self.towns[of]))
        found: dict[int, list[str]] = {}
        for cell, pk in zip(self.cell_of_town[of].tolist(), self.towns[of].tolist(), strict=True):
            found.setdefault(cell, []).append(known.get(pk, ""))
        return {cell: ",".join(references[:MOST_TOGETHER]) for cell, references in found.items()}

    def _arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
        """Both cells of each arc, a record of it, its number of records, the strongest first; and how many are left
        out."""
        first, second = self.pairs
        a, b = self.cell[first], self.cell[second]
        kept = (a != b) & ((self.keys[a] >= 0) | (self.keys[b] >= 0)) if len(self.keys) else np.empty(0, dtype=bool)
        low, high, record = _sorted(a[kept], b[kept], self.record[first[kept]])
        total = max(len(self.keys), 1)
        keys, examples, numbers = _numbered(low * total + high, record)
        strongest = np.argsort(-numbers, kind="stable")[:MOST_ARCS]
        left_out = len(keys) - len(strongest)
        keys, examples, numbers = keys[strongest], examples[strongest], numbers[strongest]
        return keys // total, keys % total, examples, numbers, left_out

    @staticmethod
    def _references(examples: np.ndarray, numbers: np.ndarray) -> list[str]:
        """The reference of each arc's only agreement; blank where it has more. Empty where there are too many arcs."""
        if len(numbers) > _MAX_REFERENCED_ARCS:
            return []
        known = dict(_columns_of(Agreement, "id, reference", examples[numbers == 1]))
        return [known.get(int(pk), "") if number == 1 else "" for pk, number in zip(examples, numbers, strict=True)]


def _distinct(values: np.ndarray) -> int:
    """Number of different values in a sorted array."""
    return int(np.count_nonzero(np.diff(values))) + 1 if len(values) else 0


def _sorted(a: np.ndarray, b: np.ndarray, record: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs with their smaller end first."""
    return np.minimum(a, b), np.maximum(a, b), record


def _numbered(keys: np.ndarray, record: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each key, one of its records, and how many records have it; a record counts once for a key."""
    if not len(keys):
        return keys, record, keys
    # Both in one number: to sort that takes a fourth of the time. A key needs at most 31 bits.
    both = np.sort((keys << 32) | record)
    both = both[np.append(True, both[1:] != both[:-1])]
    keys, record = both >> 32, both & 0xFFFFFFFF
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[starts], record[starts], np.diff(np.append(starts, len(keys)))


def _columns_of(model: type[Model], names: str, numbers: np.ndarray) -> list[tuple]:
    """Columns of the records with some primary keys, given as one array: a thousand parameters take Django longer to
    put together than the database to answer."""
    with connection.cursor() as cursor:
        # What is put in are names of tables and columns of ours.
        cursor.execute(f"SELECT {names} FROM {model._meta.db_table} WHERE id = ANY(%s)", [numbers.tolist()])  # noqa: S608
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _rounded(values: np.ndarray, digits: int) -> list[float]:
    """Numbers short enough to send."""
    return [round(float(value), digits) for value in values]
