"""Tables as an SQLite file, and as a GeoPackage: an SQLite file as OGC 12-128r18 (GeoPackage 1.3.1) wants it.

Both are written while rows come, a few thousand at a time. Section numbers are those of the standard.
"""

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from itertools import combinations, islice
from pathlib import Path
from typing import Any

from .tables import DumpTable, value_of

_CHUNK_SIZE = 2_000
SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "string": "TEXT", "date": "TEXT"}
_PARTIES_TABLE = "parties"
"""A table that the files have besides the layouts': a row for each party of an agreement."""
PARTY_COLUMNS = {
    "agreement": "TEXT",
    "position": "INTEGER",
    "reference": "TEXT",
    "name": "TEXT",
    "type": "TEXT",
    "level": "TEXT",
    "country": "TEXT",
    "territory": "TEXT",
    "latitude": "REAL",
    "longitude": "REAL",
    "population": "INTEGER",
    "role": "TEXT",
    "joined": "TEXT",
    "left": "TEXT",
}
_PARTY_COLUMNS = (
    "code",
    "party",
    "type",
    "level",
    "country",
    "territory",
    "lat",
    "lon",
    "population",
    "role",
    "joined",
    "left",
)

LonLat = tuple[float, float]
"""Longitude and latitude."""


class SqliteFile:
    """An SQLite file with a table for each of a dump's, values in their types, and one of parties."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = OFF")  # the file is thrown away if anything fails
        self.connection.execute("PRAGMA synchronous = OFF")
        self.begin()
        self.connection.execute("BEGIN")
        self._create(_PARTIES_TABLE, PARTY_COLUMNS)

    def begin(self) -> None:
        """Hook: write what the file has before its tables."""

    def _create(self, name: str, columns: dict[str, str]) -> None:
        written = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        self.connection.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY NOT NULL, {written})')

    def _insert(self, name: str, columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
        names = list(columns)
        marks = ", ".join("?" * len(names))
        named = ", ".join(f'"{column}"' for column in names)
        self.connection.executemany(f'INSERT INTO "{name}" ({named}) VALUES ({marks})', rows)  # noqa: S608

    def add_table(self, table: DumpTable) -> None:
        """Make a table."""
        self._create(table.name, {name: SQL_TYPES[kind] for name, kind in table.types.items()})

    def add_rows(self, table: DumpTable, rows: list[list[str]]) -> None:
        """Write some rows of a table; those of agreements bring their parties."""
        kinds = list(table.types.values())
        values = [[_stored(value_of(kind, cell)) for kind, cell in zip(kinds, row, strict=True)] for row in rows]
        self._insert(table.name, table.types, values)
        if table.name == "agreements":
            self._insert(_PARTIES_TABLE, PARTY_COLUMNS, (party for row in rows for party in _party_rows(table, row)))

    def close(self) -> None:
        """Finish the file."""
        self.connection.execute("CREATE INDEX parties_agreement ON parties (agreement)")
        self.connection.execute("CREATE INDEX parties_reference ON parties (reference)")
        self.finish()
        self.connection.execute("COMMIT")
        self.connection.execute("VACUUM")
        self.connection.close()

    def finish(self) -> None:
        """Hook: write what the file has after its tables."""


def _stored(value: object) -> Any:
    return int(value) if isinstance(value, bool) else value


def _party_rows(table: DumpTable, row: list[str]) -> list[list[Any]]:
    """The parties of a row of agreements."""
    place = {name: number for number, name in enumerate(table.columns)}
    found = []
    for number in range(1, len(table.columns)):
        if f"party_{number}" not in place:
            break
        cells = [row[place[f"{part}_{number}"]] for part in _PARTY_COLUMNS]
        if cells[1]:
            values = [
                value_of(table.types[f"{part}_{number}"], cell)
                for part, cell in zip(_PARTY_COLUMNS, cells, strict=True)
            ]
            found.append([row[place["reference"]], number, *values])
    return found


WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
# 1.1.2 Spatial Reference Systems, 1.1.3 Contents, 2.1.5 Geometry Columns: tables as the standard defines them.
DEFINITIONS = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT
);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE,
  max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
"""
# 1.1.2.1.2, requirement 11: these three systems are always there.
SYSTEMS = [
    ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", "undefined cartesian coordinate reference system"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
    ("WGS 84 geodetic", 4326, "EPSG", 4326, WGS84, "longitude/latitude coordinates in decimal degrees"),
]
FEATURES = {"towns": "POINT", "agreements": "MULTILINESTRING"}
"""The tables with a geometry: towns where they are, agreements as lines between their parties."""


class GeoPackage(SqliteFile):
    """The SQLite file with geometries, as geographical information systems open it."""

    def __init__(self, path: Path, changed: str) -> None:
        """`changed` is when the data last changed, as the standard writes it."""
        self.changed = changed
        self.boxes: dict[str, list[float]] = {}
        self.names: list[str] = []
        super().__init__(path)

    def begin(self) -> None:
        self.connection.execute(f"PRAGMA application_id = {0x47504B47}")  # 1.1.1.1.1, requirement 2: “GPKG”
        self.connection.execute("PRAGMA user_version = 10301")  # and the version, 1.3.1
        self.connection.executescript(DEFINITIONS)
        self.connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", SYSTEMS)

    def _create(self, name: str, columns: dict[str, str]) -> None:
        geometry = {"geom": FEATURES[name]} if name in FEATURES else {}
        super()._create(name, geometry | columns)
        self.names.append(name)

    def add_rows(self, table: DumpTable, rows: list[list[str]]) -> None:
        super().add_rows(table, rows)
        if table.name not in FEATURES:
            return
        last = self.connection.execute(f'SELECT max(fid) FROM "{table.name}"').fetchone()[0]  # noqa: S608
        blobs = []
        for fid, row in enumerate(rows, last - len(rows) + 1):
            lines = _geometry(table, row)
            if lines:
                self._widen(table.name, [point for line in lines for point in line])
                blobs.append((blob(table.name, lines), fid))
        self.connection.executemany(f'UPDATE "{table.name}" SET geom = ? WHERE fid = ?', blobs)  # noqa: S608

    def _widen(self, name: str, points: Sequence[LonLat]) -> None:
        xs, ys = zip(*points, strict=True)
        west, south, east, north = self.boxes.get(name, [180.0, 90.0, -180.0, -90.0])
        self.boxes[name] = [min(west, *xs), min(south, *ys), max(east, *xs), max(north, *ys)]

    def finish(self) -> None:
        contents = "INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        for name in self.names:
            kind, system = ("features", 4326) if name in FEATURES else ("attributes", None)
            box = self.boxes.get(name, [None] * 4)
            self.connection.execute(contents, [name, kind, name, "", self.changed, *box, system])
        for name, kind in FEATURES.items():
            self.connection.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)", [name, kind])


def _geometry(table: DumpTable, row: list[str]) -> list[list[LonLat]]:
    """Geometry of a row: the point of a town, or a line for each pair of an agreement's parties; as lists of points."""
    if table.name == "towns":
        cells = dict(zip(table.columns, row, strict=True))
        return [[(float(cells["longitude"]), float(cells["latitude"]))]] if cells["latitude"] else []
    names = list(PARTY_COLUMNS)
    at = names.index("longitude"), names.index("latitude")
    points = [tuple(party[place] for place in at) for party in _party_rows(table, row) if party[at[0]] is not None]
    return [list(pair) for pair in combinations(points, 2)]


def blob(name: str, lines: list[list[LonLat]]) -> bytes:
    """A geometry as 2.1.3 has it: a header with its extent, then well-known binary, all little-endian."""
    points = [point for line in lines for point in line]
    if FEATURES[name] == "POINT":
        return _header(points, 0) + struct.pack("<BI2d", 1, 1, *points[0])
    content = struct.pack("<BII", 1, 5, len(lines))  # a MultiLineString
    for line in lines:
        content += struct.pack("<BII", 1, 2, len(line)) + b"".join(struct.pack("<2d", *point) for point in line)
    return _header(points, 1) + content


def _header(points: list[LonLat], envelope: int) -> bytes:
    """Magic, version 0, flags (little-endian; `envelope` 1: minx, maxx, miny, maxy; points need none), the system."""
    flags = envelope << 1 | 1
    header = struct.pack("<2sBBi", b"GP", 0, flags, 4326)
    if envelope:
        xs, ys = zip(*points, strict=True)
        header += struct.pack("<4d", min(xs), max(xs), min(ys), max(ys))
    return header


def row_chunks(rows: Iterable[list[str]]) -> Iterable[list[list[str]]]:
    """Rows, some thousand at a time."""
    rows = iter(rows)
    while chunk := list(islice(rows, _CHUNK_SIZE)):
        yield chunk
