"""Backup and restore: the database and the documents in one folder, and from there into an empty place, compared.

A backup is a folder with three things: `database.dump` (of PostgreSQL's own pg_dump), `documents/` (the uploaded files
under their own names) and `manifest.json` (what was in them: rows and a checksum of every table, where the sequences
stood, the SHA-256 of the dump and of every document). The manifest is written last and the folder gets its name after
that, so a backup that was interrupted does not look like one.

**Why the two belong together.** Everything about the database is read in one snapshot: the dump, the counts and the
checksums tell of the same moment, whoever writes meanwhile. The documents are copied after it, and only those that a
row of the snapshot names. A file is stored before its row is committed and never changed afterwards, so each of them is
there already, as that row means it; had they been copied first, a row could name a file that came in between. The other
way round one thing can happen: a document is removed, with its row, between the snapshot and the copy. It is then named
as missing, and the backup is good without it. Files that no row names (an upload that was given up) stay behind.

**What is left out.** Tables whose rows mean nothing elsewhere or soon: see `PASSING`.
"""

import datetime
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import FileField
from django.utils import timezone
from django.utils._os import safe_join

from .database import postgres_clients

BACKUP_FORMAT = 1
_DUMP, _DOCUMENTS, _MANIFEST = "database.dump", "documents", "manifest.json"
_PARTIAL_SUFFIX = ".part"
"""Suffix of a backup's name while it is being written."""
LAST_BACKUP_PATH = settings.DATA_DIR / "last-backup"
"""File that holds the time of the last backup."""

PASSING = (
    # Numbers of transactions, which another server counts anew; the index is built again at the first question.
    "coopdir_index",
    "coopdir_change",
    "coopdir_cache",
    # Who holds a backup should not hold the sessions of others, and who has logged out stays so.
    "django_session",
)
"""Tables that come back empty."""

_TABLES_SQL = """
    SELECT format('%I.%I', nspname, relname), relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname <> 'information_schema' AND nspname !~ '^pg_' ORDER BY 1
"""
SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, 0) FROM pg_sequences ORDER BY 1"
# Whatever the order of the rows: the sum of the first 64 bits of each row's SHA-256.
CHECKSUM = """
    SELECT count(*), coalesce(sum(
        ('x' || left(encode(sha256(convert_to(coopdir_row::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint
    ), 0)::text FROM {} AS coopdir_row
"""
# A row's text must not depend on how a server or a role is set.
AS_TEXT = """
    SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';
    SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'
"""


class BackupError(Exception):
    """Refusal of a backup or restore: nothing was done; the message gives the reason and the remedy."""


@dataclass
class Report:
    """Report of a backup or restore: the numbers written or found, and the faults in words."""

    tables: int = 0
    rows: int = 0
    documents: int = 0
    faults: list[str] = field(default_factory=list)


def back_up(folder: Path) -> Report:
    """Write a backup. In: a folder that does not exist yet.

    Errors: `BackupError` for a folder that is there, `ClientError` where pg_dump is missing or fails.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already. Name a folder that does not exist yet.")
    part = folder.with_name(f"{folder.name}{_PARTIAL_SUFFIX}")
    if part.is_dir() and not _is_being_written(part):
        shutil.rmtree(part)  # by a run that was killed
    try:
        part.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise BackupError(f"{part} is being written by another run. Wait for it, or name another folder.") from None
    with _locked(part):
        try:
            report = _write(part)
            part.rename(folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    LAST_BACKUP_PATH.write_text(timezone.now().isoformat())
    return report


def last_made_at() -> datetime.datetime | None:
    """Time of the site's last complete backup; None if there was none."""
    try:
        return datetime.datetime.fromisoformat(LAST_BACKUP_PATH.read_text())
    except (OSError, ValueError):
        return None


def _write(part: Path) -> Report:
    """Write a backup into an empty folder."""
    report = Report()
    with _snapshot() as (cursor, snapshot):
        manifest: dict[str, Any] = {
            "format": BACKUP_FORMAT,
            "made_at": timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds"),
            "sequences": _sequences(cursor),  # before the dump, which sees them as they are by then
            "tables": _tables(cursor),
        }
        left_out = [f"--exclude-table-data=*.{table}" for table in PASSING]
        postgres_clients.run_client(
            *("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"),
            *(*left_out, f"--file={part / _DUMP}"),
        )
        named = _named_documents()
    (part / _DUMP).chmod(0o600)
    manifest["dump"] = _known(part / _DUMP)
    manifest["documents"] = {}
    for name, sha256 in sorted(named.items()):
        copied = _copy_out(name, part / _DOCUMENTS)
        if copied is None:
            report.faults.append(f"{name}: the database names this document, but it is not there")
            continue
        manifest["documents"][name] = copied
        if sha256 and copied["sha256"] != sha256:
            report.faults.append(f"{name}: this document is not the one that was uploaded; its content has changed")
    manifest["faults"] = report.faults
    report.documents = len(manifest["documents"])
    report.tables = len(manifest["tables"])
    report.rows = sum(rows for rows, _checksum in manifest["tables"].values())
    (part / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    (part / _MANIFEST).chmod(0o600)
    return report


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Context manager: an exclusive lock on the folder while it is written; it ends with the process, however that
    ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _is_being_written(folder: Path) -> bool:
    try:
        with _locked(folder):
            return False
    except BlockingIOError:
        return True


def prune(root: Path, *, days: int) -> list[Path]:
    """Remove the backups in a folder that are older than some days, and what interrupted runs left; gives what went.

    The newest complete one stays, however old: a site whose backups fail must not end up without any.
    """
    complete = sorted((made, path) for path in root.iterdir() if (made := _made_at(path)) is not None)
    limit = timezone.now() - datetime.timedelta(days=days)
    old = [path for made, path in complete[:-1] if made < limit]
    left = [path for path in root.glob(f"*{_PARTIAL_SUFFIX}") if path.is_dir() and not _is_being_written(path)]
    for path in (*old, *left):
        shutil.rmtree(path)
    return [*old, *left]


def _made_at(folder: Path) -> datetime.datetime | None:
    """Time at which a complete backup was made, as its manifest says; None for anything else."""
    try:
        made = datetime.datetime.fromisoformat(_manifest(folder)["made_at"])
    except (BackupError, NotADirectoryError, KeyError, TypeError, ValueError):
        return None
    return made if made.tzinfo else None


def restore_backup(folder: Path) -> Report:
    """Bring a backup back, into a database without tables and a storage without files, and compare what is there then
    with what the backup says.

    A damaged dump is refused before anything is written; a damaged document is brought back as it is, and named.
    Errors: `BackupError`, `ClientError`.
    """
    manifest = _manifest(folder)
    _refuse_damaged_dump(folder / _DUMP, manifest["dump"])
    _refuse_taken_place()
    # An extension that is there already stays as it is with its comment: it may be another's.
    postgres_clients.restore_dump(folder / _DUMP, leave_out=[" COMMENT - EXTENSION "])
    report = Report(documents=len(manifest["documents"]), faults=list(manifest["faults"]))
    for name, known in manifest["documents"].items():
        if fault := _copy_in(name, folder / _DOCUMENTS, known["sha256"]):
            report.faults.append(f"{name}: {fault}")
    with _snapshot() as (cursor, _snapshot_name):
        tables, sequences = _tables(cursor), _sequences(cursor)
    report.tables, report.rows = len(tables), sum(rows for rows, _checksum in tables.values())
    report.faults += _differences(manifest["tables"], tables)
    report.faults += [
        f"{name}: the sequence stands at {sequences.get(name)}, before {value}"
        for name, value in manifest["sequences"].items()
        if sequences.get(name, -1) < value  # a number that was given must not be given again
    ]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return report


@contextmanager
def _snapshot() -> Iterator[tuple[CursorWrapper, str]]:
    """Context manager: a snapshot of the database, and the name under which other connections see the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(AS_TEXT)
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor, cursor.fetchone()[0]


def _tables(cursor: CursorWrapper) -> dict[str, list[Any]]:
    """Rows and checksum of every table; tables whose rows are left out of backups count as empty."""
    cursor.execute(_TABLES_SQL)
    found: dict[str, list[Any]] = {}
    for name, bare in cursor.fetchall():
        if bare in PASSING:
            found[name] = [0, "0"]
            continue
        cursor.execute(CHECKSUM.format(name))
        found[name] = list(cursor.fetchone())
    return found


def _sequences(cursor: CursorWrapper) -> dict[str, int]:
    cursor.execute(SEQUENCES)
    return dict(cursor.fetchall())


def _differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Differences between the tables of the backup and those of the database, in words."""
    said = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            said.append(f"{name}: the table is missing")
        elif name not in before:
            said.append(f"{name}: the backup has no such table")
        elif before[name][0] != after[name][0]:
            said.append(f"{name}: {after[name][0]} rows instead of {before[name][0]}")
        elif before[name] != after[name]:
            said.append(f"{name}: as many rows, but not the same ones")
    return said


def _named_documents() -> dict[str, str]:
    """Documents that rows name, with their SHA-256 where the model keeps it in a field `sha256`."""
    found: dict[str, str] = {}
    for model in apps.get_models():
        names = {f.name for f in model._meta.concrete_fields}
        for column in (f.name for f in model._meta.concrete_fields if isinstance(f, FileField)):
            for values in model._base_manager.exclude(**{column: ""}).values(*({column, "sha256"} & names)):
                if values[column]:
                    found[values[column]] = values.get("sha256") or ""
    return found


def _copy(source: IO[bytes] | File[bytes], target: IO[bytes] | None = None) -> dict[str, Any]:
    """Read a file to its end, into another where one is named: its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def _known(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return _copy(file)


def _copy_out(name: str, folder: Path) -> dict[str, Any] | None:
    """Copy a document into the backup; None where it is not there."""
    target = Path(safe_join(str(folder), name))
    try:
        with default_storage.open(name, "rb") as source:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                return _copy(source, file)
    except FileNotFoundError:
        return None


def _copy_in(name: str, folder: Path, sha256: str) -> str:
    """Bring a document back and read it where it is now; says what is wrong with it."""
    try:
        with Path(safe_join(str(folder), name)).open("rb") as source:
            if default_storage.save(name, File(source)) != name:
                return "the storage gives this document another name"
    except FileNotFoundError:
        return "this document is missing in the backup"
    with default_storage.open(name, "rb") as stored:
        return "" if _copy(stored)["sha256"] == sha256 else "this document is damaged in the backup"


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
    except FileNotFoundError:
        raise BackupError(f"{folder} holds no {_MANIFEST}: this is no complete backup.") from None
    except ValueError:
        raise BackupError(f"{folder / _MANIFEST} is damaged: it cannot be read.") from None
    if not isinstance(manifest, dict):
        raise BackupError(f"{folder / _MANIFEST} is damaged: it is no object.")
    if manifest.get("format") != BACKUP_FORMAT:
        raise BackupError(
            f"{folder} was written in format {manifest.get('format')}; this version reads format {BACKUP_FORMAT}."
        )
    return manifest


def _refuse_damaged_dump(path: Path, known: dict[str, Any]) -> None:
    if not path.exists():
        raise BackupError(f"{path} is missing.")
    size = path.stat().st_size
    if size < known["size"]:
        raise BackupError(f"{path} is cut short: {size} bytes of {known['size']}. Nothing was restored.")
    if _known(path) != known:
        raise BackupError(f"{path} is damaged: its SHA-256 is not the one of the manifest. Nothing was restored.")


def _refuse_taken_place() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES_SQL)
        tables = cursor.fetchall()
    name = connection.settings_dict["NAME"]
    if tables:
        raise BackupError(f"The database “{name}” is not empty: it has {len(tables)} tables. Restore into a new one.")
    try:
        folders, files = default_storage.listdir("")
    except FileNotFoundError:
        return
    if folders or files:
        place = settings.MEDIA_ROOT
        raise BackupError(
            f"The folder of documents, {place}, is not empty. Move it away, or name another COOPDIR_DATA."
        )
