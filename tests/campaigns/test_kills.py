"""Imports by processes of their own that are killed at any moment: the directory is untouched or whole.

They work in the database of the test, which is committed and emptied afterwards.
"""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.test import override_settings

from core.imports import apply, batches, jobs
from core.imports.models import ImportBatch, ImportName, ImportRow, ImportStatus
from core.imports.undo import undo_import
from partnerships.models import Agreement, Town
from tests.campaigns import share
from tests.campaigns.commands import Command, serve
from tests.factories import agreement, country, town, user
from tests.importing import table

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

KILLS = share(whole=500, small=26)
"""Kills of a command; of a worker half as many at each of its two steps."""
SOURCE = {"source_title": "A register", "source_licence": "CC0-1.0"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Path:
    """Where the commands and the tests keep files; the commands work in the test's database."""
    found = tmp_path_factory.mktemp("kills")
    told = connection.settings_dict
    owner = ":".join(quote(told[name], safe="") for name in ("USER", "PASSWORD") if told[name])
    place = f"{quote(told['HOST'], safe='')}:{told['PORT']}" if told["PORT"] else quote(told["HOST"], safe="")
    serve(
        {
            "DJANGO_SETTINGS_MODULE": "coopdir.settings",
            "DATABASE_URL": f"postgres://{owner}@{place}/{told['NAME']}",
            "COOPDIR_DATA": str(found),
            "SECRET_KEY": settings.SECRET_KEY,
            "DEBUG": "0",
            "HTTPS": "off",
            "ALLOWED_HOSTS": "localhost",
        }
    )
    return found


@pytest.fixture
def site(folder: Path) -> Iterator[Callable[..., Command]]:
    """Starts `manage.py` in a process of its own; both see the same uploads."""
    started: list[Command] = []

    def start(*arguments: str) -> Command:
        started.append(Command(folder / f"{len(started)}.log", *arguments))
        return started[-1]

    with override_settings(
        TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}},
        STORAGES=settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}},
        MEDIA_ROOT=folder / "uploads",
    ):
        yield start
        for process in started:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def rows() -> list[dict[str, str]]:
    """Rows that make agreements and towns, change agreements, repeat rows, and some that are refused."""
    for code in ("FR", "DE"):
        country(code)
    generator = random.Random(5)
    french, german = ([town(f"{name} {number}", code) for number in range(80)] for name, code in PLACES)
    found = []
    for number in range(1500):
        first, second = generator.choice(french), generator.choice(german)
        if number % 10 == 0 and not Agreement.objects.filter(party_key=f"t{first.pk},t{second.pk}").exists():
            agreement(first, second, kind="project", signed="1986")
        found.append(row(first.name, second.name if number % 7 else f"Neustadt {number}", activity="active"))
    found += [row("Alpha 1", "Gamma 1", signed="soon"), row("Alpha 1", ""), found[3]]
    return found


PLACES = (("Alpha", "FR"), ("Gamma", "DE"))


def row(first: str, second: str, **cells: str) -> dict[str, str]:
    """A row of an agreement between a French and a German town."""
    parties = {"party_1": first, "country_1": "FR", "party_2": second, "country_2": "DE"}
    return {"kind": "project", "signed": "1986"} | parties | cells


def state() -> Counter[tuple[Any, ...]]:
    """What the directory says, whatever the keys and references."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT agreement.kind, agreement.signed, agreement.activity,
                (SELECT array_agg(town.name ORDER BY town.name) FROM partnerships_party AS party
                    JOIN partnerships_town AS town ON town.id = party.town_id WHERE agreement_id = agreement.id),
                (SELECT array_agg(source.title ORDER BY source.title) FROM partnerships_agreementsource AS cited
                    JOIN partnerships_source AS source ON source.id = cited.source_id
                    WHERE agreement_id = agreement.id)
            FROM partnerships_agreement AS agreement
            UNION ALL SELECT 'town', name, '', NULL, NULL FROM partnerships_town
            UNION ALL SELECT 'source', title, '', NULL, NULL FROM partnerships_source
            UNION ALL SELECT 'name', name, '', NULL, NULL FROM partnerships_townname
            """
        )
        return Counter(tuple(tuple(v) if isinstance(v, list) else v for v in found) for found in cursor.fetchall())


def wait_for(what: Callable[[], bool], process: Command) -> bool:
    """Wait until something is so, or the process has ended; gives whether it is."""
    tick = Event()
    while not (found := what()) and process.poll() is None:
        tick.wait(0.005)
    return found


def is_importing() -> bool:
    """Whether an import is at work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND (classid::bigint << 32) | objid::bigint = %s)",
            [apply.LOCK],
        )
        return cursor.fetchone()[0]


def wait_for_the_server() -> None:
    """A killed process is missed by the server only when it wants to answer: wait for what it still does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        while cursor.fetchone()[0] > 1:
            Event().wait(0.005)
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")


def killed_after(process: Command, seconds: float) -> bool:
    """Kill a process in a while; False if it was done before."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    wait_for_the_server()
    return process.poll() == -signal.SIGKILL


def command(site: Callable[..., Command], path: Path, title: str = "A register") -> Command:
    """Start the import of a file."""
    told = ["--source-title", title, "--source-licence", "CC0", "--create-towns"]
    return site("import_csv", "agreements", str(path), *told)


def test_a_killed_import_leaves_nothing_or_the_whole(
    site: Callable[..., Command], rows: list[dict[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(table(*rows))
    untouched = state()

    def duration(process: Command) -> float:
        """Seconds from the moment the import holds its lock."""
        assert wait_for(is_importing, process)
        began = time.monotonic()
        assert process.wait() == 0, process.told()
        return time.monotonic() - began

    seconds = duration(command(site, path))
    whole = state()
    assert whole != untouched
    counts = ImportBatch.objects.get().counts
    assert min(counts[outcome] for outcome in ("created", "updated", "duplicate", "refused")) > 0
    undo_import(ImportBatch.objects.get())
    assert state() == untouched

    generator = random.Random(11)
    ends: Counter[str] = Counter()
    for attempt in range(KILLS):
        known = set(ImportBatch.objects.values_list("pk", flat=True))
        process = command(site, path)
        assert wait_for(is_importing, process)
        # From the first moment to the last; a third of them around the commit.
        share = generator.uniform(0.8, 1.05) if attempt % 3 == 0 else generator.random()
        killed = killed_after(process, share * seconds)
        made = ImportBatch.objects.exclude(pk__in=known).first()
        if made is None:
            assert killed, process.told()
            assert state() == untouched
            assert not ImportRow.objects.exclude(batch__in=known).exists()
            assert not ImportName.objects.exclude(batch__in=known).exists()
            ends["untouched"] += 1
        else:
            assert (made.status, made.counts) == (ImportStatus.APPLIED, counts)
            assert state() == whole
            assert made.rows.count() == sum(counts.values())
            undo_import(made)
            assert state() == untouched
            ends["whole"] += 1
        if not killed or (made and share < 0.8):
            seconds *= 0.8  # it took longer when the machine was busier
        elif not made and share > 0.95:
            seconds *= 1.2
    print(f"import_csv: {KILLS} kills, {dict(ends)}; half written: 0")
    assert ends["untouched"] >= KILLS / 4, ends
    assert ends["whole"], ends
    process = command(site, path)  # and it can be begun again
    assert process.wait() == 0
    assert state() == whole


def test_two_processes_at_once_are_as_one_after_the_other(
    site: Callable[..., Command], rows: list[dict[str, str]], tmp_path: Path
) -> None:
    files = [tmp_path / f"{name}.csv" for name in ("first", "second")]
    for path, part in zip(files, (rows[:1000], rows[500:]), strict=True):
        path.write_bytes(table(*part))
    untouched = state()

    def taken_back() -> None:
        for batch in ImportBatch.objects.filter(status=ImportStatus.APPLIED).order_by("-applied_at", "-pk"):
            undo_import(batch)
        assert state() == untouched

    in_turn = []
    for order in (files, files[::-1]):
        for path in order:
            assert command(site, path, path.stem).wait() == 0
        in_turn.append(state())
        taken_back()
    for _ in range(3):
        together = [command(site, path, path.stem) for path in files]
        assert [process.wait() for process in together] == [0, 0]
        assert state() in in_turn
        taken_back()


def test_a_command_leaves_what_lists_count_ready(site: Callable[..., Command], tmp_path: Path) -> None:
    for name, code in PLACES:
        country(code), town(f"{name} 1", code)
    path = tmp_path / "file.csv"
    path.write_bytes(table(*(row("Alpha 1", "Gamma 1", signed=f"1986-05-{day:02}") for day in range(1, 32))))
    assert command(site, path).wait() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM coopdir_index")
        assert cursor.fetchone()[0] == 0  # so few are taken in by whoever asks next
    months = [f"{year}-{month:02}" for year in range(1950, 2020) for month in range(1, 13)]
    kinds = ("twinning", "project", "friendship", "one-off")
    path.write_bytes(table(*(row("Alpha 1", "Gamma 1", signed=date, kind=kind) for date in months for kind in kinds)))
    assert command(site, path).wait() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(subject) FROM coopdir_index")
        assert cursor.fetchone()[0] == ["agreements"]


@pytest.mark.parametrize("step", ["plan", "apply"])
def test_a_killed_worker_leaves_a_batch_that_says_so_and_goes_on(
    site: Callable[..., Command], rows: list[dict[str, str]], step: str
) -> None:
    by = user(is_superuser=True)

    def received() -> ImportBatch:
        file = ContentFile(table(*rows), "twinnings.csv")
        batch = batches.receive(file, resource="agreements", source=SOURCE, by=by, options={"create": True})
        return planned(batch) if step == "apply" else batch

    def worker() -> Command:
        return site("db_worker", "--batch", "--no-startup-delay", "--no-reload")

    def planned(batch: ImportBatch) -> ImportBatch:
        jobs.enqueue_step(batch, "plan", by=by)
        process = worker()
        assert process.wait() == 0, process.told()
        batch.refresh_from_db()
        assert batch.status == ImportStatus.PLANNED, batch.message
        return batch

    done = {"plan": ImportStatus.PLANNED, "apply": ImportStatus.APPLIED}[step]
    untouched = state()
    batch = received()
    jobs.enqueue_step(batch, step, by=by)
    process = worker()
    assert wait_for(lambda: jobs._is_held(batch), process)
    began = time.monotonic()
    assert wait_for(lambda: not jobs._is_held(batch), process)
    seconds = time.monotonic() - began
    assert process.wait() == 0
    assert jobs.batch_state(batch).status == done, batch.message
    whole, counts = state(), batch.counts
    if step == "apply":
        assert whole != untouched
        undo_import(batch)
    assert state() == untouched

    generator = random.Random(7)
    ends: Counter[str] = Counter()
    for attempt in range(KILLS // 2):
        batch = received()
        jobs.enqueue_step(batch, step, by=by)
        process = worker()
        assert wait_for(lambda batch=batch: jobs._is_held(batch), process)
        share = generator.uniform(0.8, 1.05) if attempt % 3 == 0 else generator.random()
        if not killed_after(process, share * seconds):
            seconds *= 0.9
        found = jobs.batch_state(batch)
        if found.interrupted:
            assert state() == untouched
            if step == "plan":
                assert not batch.rows.exists()
            ends["interrupted"] += 1
            jobs.enqueue_step(batch, step, by=by)
            process = worker()
            assert process.wait() == 0, process.told()
        else:
            ends["done"] += 1
        assert jobs.batch_state(batch).status == done, (batch.message, found)
        assert batch.counts == counts
        assert state() == (whole if step == "apply" else untouched)
        if step == "apply":
            undo_import(batch)
            assert state() == untouched
    print(f"worker, {step}: {KILLS // 2} kills, {dict(ends)}; half written: 0")
    assert ends["interrupted"] >= KILLS / 8, ends
    assert Town.objects.filter(name__startswith="Neustadt").count() == 0
