"""The whole directory as files: made at once, published at once, kept for a while.

A dump is a folder in `settings.DUMPS_ROOT`, named by its number among them and the day of its data: a clock that is set
back does not change their order. It is written under a hidden name and then renamed: who looks sees all of it or
nothing. Its `manifest.json` says what it holds, and which state of the data it tells of. All files are written in one
pass over the database, within one snapshot of it, a few thousand rows at a time.
"""

import csv
import datetime
import fcntl
import gzip
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import override

from core.addresses import absolute
from core.history import data_state
from core.imports.management.commands.describe_layouts import data_dictionary
from core.lists.formats import LICENCE_NAME, LICENCE_URL, PUBLISHER
from core.lists.formula_guard import guard

from .geopackage import GeoPackage, SqliteFile, row_chunks
from .tables import DumpTable, dump_tables, value_of

MANIFEST_NAME = "manifest.json"
PACKAGE = "datapackage.json"
DICTIONARY = "data-dictionary.md"
SUMS = "SHA256SUMS"
TERMS = "LICENCE.txt"

MEDIA_TYPES = {
    ".csv.zip": "application/zip",
    ".ndjson.gz": "application/gzip",
    ".gpkg": "application/geopackage+sqlite3",
    ".sqlite": "application/vnd.sqlite3",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    SUMS: "text/plain; charset=utf-8",
}

_FORMAT_NAMES = {".csv.zip": "CSV (zip)", ".ndjson.gz": "NDJSON (gzip)", ".gpkg": "GeoPackage", ".sqlite": "SQLite"}
"""Display names of the data files, by the ending of their names."""

LICENCE_TEXT = f"""\
{{title}}
Version of the data: {{version}}

Published by {PUBLISHER}, {{site}}, under the Creative Commons Attribution 4.0 International licence
({LICENCE_NAME}): {LICENCE_URL}

You may copy, change and use these data for any purpose, also a commercial one, if you name {PUBLISHER} and the sources
of the records, say whether you changed anything, and link to the licence. Documents that records lead to lie with
their authors and are not covered.

Suggested credit: {PUBLISHER}, {{site}}, data of {{version}}, {LICENCE_NAME}.
"""
README = """\
# CoopDir, data of {version}

The tables of the open directory of decentralised cooperation as CSV files: UTF-8, commas, a header. `datapackage.json`
describes each of them (Data Package, Table Schema), `data-dictionary.md` does so for people.

They load into an empty directory in the order of `datapackage.json`:

    manage.py import_csv sources sources.csv --source-title … --source-licence CC-BY-4.0

A cell that a spreadsheet could run as a formula begins with an apostrophe; `import_csv` takes it away again.

Written by CoopDir {software}.
"""
TITLE = "CoopDir: partnerships between local authorities across borders"


class Busy(Exception):
    """Exception: another run is making a dump."""


@dataclass(frozen=True)
class File:
    """A file of a dump."""

    name: str
    bytes: int
    sha256: str

    @property
    def media_type(self) -> str:
        """Its IANA media type."""
        return next((kind for end, kind in MEDIA_TYPES.items() if self.name.endswith(end)), "application/octet-stream")

    @property
    def form(self) -> str:
        """Display name of the file's format, such as CSV."""
        return next((form for end, form in _FORMAT_NAMES.items() if self.name.endswith(end)), self.name)


@dataclass
class Dump:
    """A published dump, as its manifest tells."""

    version: str
    changed: datetime.datetime
    published: datetime.datetime
    rows: dict[str, int]
    files: list[File] = field(default_factory=list)
    state: str = ""
    """The mark of the data that it tells of (`data_state`); empty in dumps that were made before it was kept."""
    software_version: str = ""
    """The release that wrote it."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The dump in a folder. Raises `OSError` or `ValueError` where there is none."""
        told = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
        return cls(
            version=told["version"],
            changed=datetime.datetime.fromisoformat(told["changed"]),
            published=datetime.datetime.fromisoformat(told["published"]),
            rows=told["rows"],
            files=[File(**one) for one in told["files"]],
            state=told.get("state", ""),
            software_version=told.get("software_version", ""),
        )

    def write(self, folder: Path) -> None:
        """Keep what the dump holds beside it."""
        told = {
            "version": self.version,
            "changed": self.changed.isoformat(),
            "published": self.published.isoformat(),
            "state": self.state,
            "software_version": self.software_version,
            "licence": LICENCE_URL,
            "rows": self.rows,
            "files": [asdict(one) for one in self.files],
        }
        (folder / MANIFEST_NAME).write_text(json.dumps(told, indent=1), encoding="utf-8")

    @property
    def number(self) -> int:
        """Its place in the order of publication; 0 of those that were named by the clock."""
        number, dash, _day = self.version.partition("-")
        return int(number) if dash else 0

    @property
    def folder(self) -> Path:
        """Folder of the dump."""
        return settings.DUMPS_ROOT / self.version

    def file(self, name: str) -> File | None:
        """One of its files by name."""
        return next((one for one in self.files if one.name == name), None)

    @property
    def downloads(self) -> list[File]:
        """The files that hold the data, each the whole of them."""
        return [one for one in self.files if one.name.endswith(tuple(_FORMAT_NAMES))]


def published_dumps() -> list[Dump]:
    """The dumps that are there, the newest first."""
    found = []
    root: Path = settings.DUMPS_ROOT
    for folder in root.glob("[0-9]*") if root.is_dir() else ():
        try:
            found.append(Dump.read(folder))
        except (OSError, ValueError, KeyError):
            continue  # being taken away, or nothing of ours
    return sorted(found, key=lambda dump: (dump.number, dump.version), reverse=True)


def _next_name(known: list[Dump], changed: datetime.datetime) -> str:
    """The name of the next dump, such as 0013-20261128: of its folder, its files and in its addresses."""
    number = known[0].number + 1 if known else 1
    return f"{number:04d}-{changed.astimezone(datetime.UTC):%Y%m%d}"


@contextmanager
def snapshot() -> Iterator[None]:
    """Context manager: a snapshot of the database for the block; within a caller's transaction, as far as its isolation
    allows."""
    own = not connection.in_atomic_block
    with transaction.atomic():
        if own:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def publish_dump(*, keep: int | None = None, told: Callable[[str], None] = lambda text: None) -> tuple[Dump, bool]:
    """Publish the directory as it is; the dump, and whether it is new. `told` hears of progress.

    Raises `Busy` where another run is at it, `OSError` where there is no room.
    """
    root: Path = settings.DUMPS_ROOT
    root.mkdir(parents=True, exist_ok=True)
    with alone(root), snapshot():
        for left in root.glob(".*/"):  # by a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        state, changed = data_state()
        known = published_dumps()
        if known and known[0].state == state:
            return known[0], False
        version = _next_name(known, changed)
        aside = root / f".{version}"
        aside.mkdir()
        try:
            dump = _write(aside, version, state, changed, told)
            aside.rename(root / version)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        _drop_old(root, settings.DUMPS_KEPT if keep is None else keep)
    return dump, True


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Context manager: a lock that lets only one process make dumps; it ends with that process, however that ends."""
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another run is making a dump.") from None
        yield


def _drop_old(root: Path, keep: int) -> None:
    """Delete all but the newest dumps. An old one disappears at once, whoever is reading a file of it."""
    for old in published_dumps()[max(keep, 1) :]:
        aside = root / f".old-{old.version}"
        old.folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def _write(folder: Path, version: str, state: str, changed: datetime.datetime, told: Callable[[str], None]) -> Dump:
    stem = f"coopdir-{version}"
    stamp = changed.astimezone(datetime.UTC)
    parts = dump_tables()
    rows: dict[str, int] = {}
    texts = _texts(parts, version, stamp)
    with ExitStack() as stack:
        archive = stack.enter_context(
            zipfile.ZipFile(folder / f"{stem}.csv.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        )
        packed = stack.enter_context(open(folder / f"{stem}.ndjson.gz", "wb"))  # noqa: PTH123
        lines = stack.enter_context(gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0, compresslevel=6))
        sqlite = SqliteFile(folder / f"{stem}.sqlite")
        geopackage = GeoPackage(folder / f"{stem}.gpkg", stamp.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z")
        for table in parts:
            rows[table.name] = 0
            for file in (sqlite, geopackage):
                file.add_table(table)
            with archive.open(_entry(f"{table.name}.csv", stamp), "w", force_zip64=True) as entry:
                text = io.TextIOWrapper(entry, encoding="utf-8", newline="")
                writer = csv.writer(text, lineterminator="\r\n")
                writer.writerow(table.columns)
                for chunk in row_chunks(table.rows()):
                    writer.writerows([cell and guard(cell) for cell in row] for row in chunk)
                    lines.write("".join(_json_lines(table, chunk)).encode())
                    for file in (sqlite, geopackage):
                        file.add_rows(table, chunk)
                    rows[table.name] += len(chunk)
                text.flush()
                text.detach()
            told(f"{table.name}: {rows[table.name]}")
        for file in (sqlite, geopackage):
            file.close()
        for name, content in texts.items():
            archive.writestr(_entry(name, stamp), content, zipfile.ZIP_DEFLATED)
    for name, content in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    files = [_described(folder, path) for path in sorted(folder.rglob("*")) if path.is_file()]
    sums = "".join(f"{one.sha256}  {one.name}\n" for one in files)
    (folder / SUMS).write_text(sums, encoding="utf-8")
    files.append(_described(folder, folder / SUMS))
    dump = Dump(version, stamp, datetime.datetime.now(datetime.UTC), rows, files, state, settings.VERSION)
    dump.write(folder)
    return dump


def _entry(name: str, stamp: datetime.datetime) -> zipfile.ZipInfo:
    """A member of the archive, of the time of the data: the same data make the same file."""
    entry = zipfile.ZipInfo(name, date_time=max(stamp.timetuple()[:6], (1980, 1, 1, 0, 0, 0)))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _json_lines(table: DumpTable, rows: list[list[str]]) -> Iterator[str]:
    names, kinds = list(table.types), list(table.types.values())
    for row in rows:
        values = {
            name: value
            for name, kind, cell in zip(names, kinds, row, strict=True)
            if (value := value_of(kind, cell)) is not None
        }
        yield json.dumps({"table": table.name, **values}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _texts(parts: list[DumpTable], version: str, stamp: datetime.datetime) -> dict[str, str]:
    """Descriptive files of a dump (data package, readme, licence), by name."""
    said = {"version": version, "site": absolute("/"), "title": TITLE, "software": settings.VERSION}
    schemas = {table.name: table.schema() for table in parts}
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": "coopdir",
        "title": TITLE,
        "version": version,
        "created": stamp.isoformat(),
        "homepage": absolute("/"),
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE_URL, "title": LICENCE_NAME}],
        "contributors": [{"title": PUBLISHER, "role": "publisher", "path": absolute("/")}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "path": f"{name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": schema,
            }
            for name, schema in schemas.items()
        ],
    }
    with override("en"):
        dictionary = data_dictionary()
    return {
        PACKAGE: json.dumps(package, indent=1, ensure_ascii=False) + "\n",
        DICTIONARY: dictionary.strip() + "\n",
        TERMS: LICENCE_TEXT.format(**said),
        "README.md": README.format(**said),
        **{
            f"schemas/{name}.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
            for name, schema in schemas.items()
        },
    }


def _described(folder: Path, path: Path) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path.relative_to(folder).as_posix(), path.stat().st_size, digest)
