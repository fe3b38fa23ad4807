"""What is backed up comes back as it was, into an empty place only; what is damaged is named."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings, settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from core import backups
from core.database import postgres_clients
from partnerships.models import Agreement, Attachment, Town
from tests import factories
from tests.databases import empty_database

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7 the agreement as it was signed"


@pytest.fixture(autouse=True)
def _last_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test tells the site of a backup."""
    monkeypatch.setattr(backups, "LAST_BACKUP_PATH", tmp_path / "last-backup")


@pytest.fixture
def uploads(settings: LazySettings, tmp_path: Path) -> Path:
    """A folder of documents on a disk."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "core.storage.WholeFileStorage"},
    }
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture
def attachment(uploads: Path) -> Attachment:
    """A document of an agreement, in a directory that has been worked in."""
    agreement = factories.agreement(factories.town("Tombouctou", "ML"), factories.town("Saintes"))
    Agreement.objects.update(verified_on="2026-01-02")
    Session.objects.create(session_key="stolen", session_data="x", expire_date="2100-01-01T00:00:00Z")
    found, _other = (
        factories.make(
            Attachment, agreement=agreement, file=ContentFile(content, name), sha256=sha256(content).hexdigest()
        )
        for name, content in (("a.pdf", PDF), ("b.pdf", b"%PDF-"))
    )
    default_storage.save("given-up.pdf", ContentFile(b"no row names it"))
    return found


@pytest.fixture
def backup(attachment: Attachment, tmp_path: Path) -> Path:
    """A backup of it."""
    call_command("back_up", tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def empty_place(backup: Path, settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    """Another database without tables, and a folder of documents that is not there yet: where they are."""
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with empty_database():
        yield settings.MEDIA_ROOT


def everything() -> dict[str, Any]:
    """Rows of some tables, in the order of their keys."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in (Town, Agreement, Attachment)}


def test_it_comes_back_as_it_was(attachment, backup, settings, tmp_path, capsys) -> None:
    before = everything()
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with empty_database():
        call_command("restore_backup", backup)
        assert everything() == before
        assert Session.objects.count() == 0
        assert (tmp_path / "elsewhere" / attachment.file.name).read_bytes() == PDF
        assert not (tmp_path / "elsewhere" / "given-up.pdf").exists()
        # The site works on: numbers go on where they stood, triggers write history and keep keys.
        agreement = factories.agreement()
        agreement.refresh_from_db()
        assert agreement.reference not in {row["reference"] for row in before["Agreement"]}
        assert agreement.party_key
        call_command("migrate", check_unapplied=True, verbosity=0)
        call_command("pgtrigger", "ls")
    said = capsys.readouterr().out
    assert "All is as it was." in said
    assert "documents: 2." in said
    assert "OUTDATED" not in said


def test_nobody_else_may_read_it(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0


def test_one_that_fails_leaves_nothing(attachment: Attachment, tmp_path: Path, monkeypatch) -> None:
    def full(*args: object) -> None:
        assert not (tmp_path / "backup").exists()  # it does not look complete either
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(backups, "_copy_out", full)
        with pytest.raises(CommandError, match="No space left on device"):
            call_command("back_up", tmp_path / "backup")
    assert list(tmp_path.glob("backup*")) == []
    assert backups.last_made_at() is None
    left = tmp_path / "backup.part"
    left.mkdir()  # as a killed one leaves it
    (left / "database.dump").touch()
    call_command("back_up", tmp_path / "backup")
    assert not left.exists()
    assert backups.last_made_at() is not None


def test_two_do_not_write_into_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "backup.part").mkdir()
    with backups._locked(tmp_path / "backup.part"), pytest.raises(CommandError, match="is being written by another"):
        call_command("back_up", tmp_path / "backup")


def test_old_ones_go_and_the_last_stays(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    def make(name: str, days: int) -> None:
        (tmp_path / name).mkdir()
        made = (timezone.now() - timedelta(days=days)).isoformat()
        (tmp_path / name / "manifest.json").write_text(json.dumps({"format": backups.BACKUP_FORMAT, "made_at": made}))

    for name, days in (("a", 90), ("b", 31), ("c", 29)):
        make(name, days)
    for name in ("killed.part", "under-way.part", "nothing of ours"):
        (tmp_path / name).mkdir()
    damaged = ("[]", "{", '"x"', json.dumps({"format": backups.BACKUP_FORMAT}))
    damaged += tuple(
        json.dumps({"format": backups.BACKUP_FORMAT, "made_at": made}) for made in (None, "x", "2020-01-01")
    )
    for number, manifest in enumerate(damaged):
        (tmp_path / f"damaged {number}").mkdir()
        (tmp_path / f"damaged {number}" / "manifest.json").write_text(manifest)
    with backups._locked(tmp_path / "under-way.part"):
        call_command("prune_backups", tmp_path)
    for path in tmp_path.glob("damaged *"):  # nobody knows how old it is: it is left to people
        shutil.rmtree(path)
    assert {path.name for path in tmp_path.iterdir()} == {"c", "under-way.part", "nothing of ours"}
    assert "killed.part" in capsys.readouterr().out
    make("d", 0)
    call_command("prune_backups", tmp_path, days=10)
    make("e", 400)
    call_command("prune_backups", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"d", "nothing of ours"}
    (tmp_path / "d" / "manifest.json").write_text(
        json.dumps({"format": backups.BACKUP_FORMAT, "made_at": "2020-01-01T00:00:00+00:00"})
    )
    call_command("prune_backups", tmp_path)
    assert (tmp_path / "d").exists()  # none came about for years


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is there already"):
        call_command("back_up", tmp_path)


def test_a_document_that_is_gone_or_has_changed_is_named(attachment, uploads, tmp_path, capsys) -> None:
    gone = Attachment.objects.last()
    (uploads / attachment.file.name).write_bytes(PDF[:-1])
    (uploads / gone.file.name).unlink()
    with pytest.raises(CommandError, match=r"The backup is complete. Documents not as they should be: 2\."):
        call_command("back_up", tmp_path / "backup")
    said = capsys.readouterr().out
    assert f"{attachment.file.name}: this document is not the one that was uploaded" in said
    assert f"{gone.file.name}: the database names this document, but it is not there" in said
    assert "documents: 1." in said


def cut_dump(backup: Path) -> None:
    dump = backup / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-100])


def spoil_dump(backup: Path) -> None:
    dump = backup / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-100] + b"x" * 100)


def remove_dump(backup: Path) -> None:
    (backup / "database.dump").unlink()


def remove_manifest(backup: Path) -> None:
    (backup / "manifest.json").unlink()


def cut_manifest(backup: Path) -> None:
    (backup / "manifest.json").write_text((backup / "manifest.json").read_text()[:-2])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut_dump, r"database\.dump is cut short"),
        (spoil_dump, r"database\.dump is damaged"),
        (remove_dump, r"database\.dump is missing"),
        (remove_manifest, "this is no complete backup"),
        (cut_manifest, r"manifest\.json is damaged"),
    ],
)
def test_without_a_whole_dump_nothing_is_restored(
    backup: Path, empty_place: Path, damage: Callable[[Path], None], told: str
) -> None:
    damage(backup)
    with pytest.raises(CommandError, match=told):
        call_command("restore_backup", backup)
    assert connection.introspection.table_names() == []
    assert not empty_place.exists()


def test_a_dump_that_cannot_be_read_leaves_nothing_half_done(backup: Path, empty_place: Path) -> None:
    """The manifest agrees with it: what fails is the restoring itself."""
    cut_dump(backup)
    manifest = json.loads((backup / "manifest.json").read_text())
    content = (backup / "database.dump").read_bytes()
    manifest["dump"] = {"size": len(content), "sha256": sha256(content).hexdigest()}
    (backup / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CommandError, match="pg_restore failed"):
        call_command("restore_backup", backup)
    assert connection.introspection.table_names() == []


def test_a_script_that_fails_leaves_nothing_half_done(backup: Path, empty_place: Path, monkeypatch) -> None:
    known = postgres_clients._known_to_all

    def broken(script: Iterator[bytes]) -> Iterator[bytes]:
        yield from known(script)  # the server may be older than the program that wrote the backup
        yield b"SELECT nothing_of_the_kind();\n"

    monkeypatch.setattr(postgres_clients, "_known_to_all", broken)
    with pytest.raises(CommandError, match=r"psql failed:(.|\n)*nothing_of_the_kind"):
        call_command("restore_backup", backup)
    assert connection.introspection.table_names() == []


def test_rows_that_look_like_settings_stay() -> None:
    line = postgres_clients.NEWER_SETTINGS[0]
    rows = [b"COPY public.x (y) FROM stdin;\n", line, b"\\.\n"]
    assert list(postgres_clients._known_to_all([line, *rows, line, b"SELECT 1;\n"])) == [*rows, b"SELECT 1;\n"]


OLDER = [path for path in sorted(Path("/usr/lib/postgresql").glob("1[567]/bin")) if (path / "initdb").exists()]


@pytest.fixture
def older_server(tmp_path: Path) -> Iterator[str]:
    """A server of the system's PostgreSQL, older than the embedded one: where its socket lies."""
    if not OLDER:
        pytest.skip("no PostgreSQL 15 to 17 is installed (Debian: postgresql)")
    place = Path(mkdtemp(prefix="coopdir-older."))  # where another system user gets at it
    as_server = []
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        as_server = ["runuser", "-u", "postgres", "--"]
        shutil.chown(place, "postgres")
    place.chmod(0o755)
    options = f"-c listen_addresses='' -c unix_socket_directories='{place}' -c fsync=off"
    control = [*as_server, OLDER[0] / "pg_ctl", "-D", place / "data", "-w"]
    run = partial(subprocess.run, check=True, cwd="/", stdout=subprocess.DEVNULL)
    initdb = [OLDER[0] / "initdb", "-D", place / "data", "-U", "coopdir", "--auth=trust", "--encoding=UTF8"]
    run([*as_server, *initdb, "--locale=C.UTF-8"])
    run([*control, "-l", place / "log", "-o", options, "start"])
    yield str(place)
    run([*control, "-m", "immediate", "stop"])
    shutil.rmtree(place)


@pytest.mark.long
def test_it_comes_back_on_an_older_server(backup: Path, older_server: str, tmp_path: Path) -> None:
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "coopdir.settings",
        "DEBUG": "1",
        "COOPDIR_DATA": str(tmp_path / "there"),
        "DATABASE_URL": f"postgres://coopdir@{quote(older_server, safe='')}/postgres",
    }
    command = [sys.executable, "manage.py", "restore_backup", backup]
    result = subprocess.run(command, cwd=settings.BASE_DIR, env=variables, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "All is as it was." in result.stdout


def test_damaged_documents_come_back_and_are_named(
    attachment: Attachment, backup: Path, empty_place: Path, capsys: pytest.CaptureFixture
) -> None:
    names = sorted(path.relative_to(backup / "documents") for path in (backup / "documents").rglob("*.pdf"))
    damaged, missing = (backup / "documents" / name for name in names)
    damaged.write_bytes(damaged.read_bytes() + b"!")
    missing.unlink()
    with pytest.raises(CommandError, match=r"Not everything is as it should be: 2\."):
        call_command("restore_backup", backup)
    said = capsys.readouterr().out
    assert f"{names[0]}: this document is damaged in the backup" in said
    assert f"{names[1]}: this document is missing in the backup" in said
    assert Agreement.objects.count() == 1


def test_every_table_is_compared(backup: Path, empty_place: Path, capsys: pytest.CaptureFixture) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    rows, checksum = manifest["tables"]["public.partnerships_agreement"]
    manifest["tables"]["public.partnerships_agreement"] = [rows, f"{int(checksum) + 1}"]
    manifest["tables"]["public.partnerships_town"][0] += 1
    del manifest["tables"]["public.auth_user"]
    manifest["tables"]["public.lost"] = [1, "1"]
    manifest["sequences"]["public.coopdir_reference_a"] = 10**9
    (backup / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CommandError, match=r"Not everything is as it should be: 5\."):
        call_command("restore_backup", backup)
    said = capsys.readouterr().out
    assert "public.partnerships_agreement: as many rows, but not the same ones" in said
    assert "public.partnerships_town: 2 rows instead of 3" in said
    assert "public.auth_user: the backup has no such table" in said
    assert "public.lost: the table is missing" in said
    assert "public.coopdir_reference_a: the sequence stands at" in said


def test_a_database_that_is_not_empty_is_refused(backup: Path, uploads: Path, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with pytest.raises(CommandError, match=r"The database “\w+” is not empty: it has \d+ tables"):
        call_command("restore_backup", backup)
    assert Agreement.objects.count() == 1


def test_a_folder_of_documents_that_is_not_empty_is_refused(backup: Path, empty_place: Path) -> None:
    empty_place.mkdir()
    (empty_place / "somebody's.pdf").touch()
    with pytest.raises(CommandError, match=r"The folder of documents, .*, is not empty"):
        call_command("restore_backup", backup)
    assert connection.introspection.table_names() == []
