"""The import of agreements: our pipeline, the limit (COPY and INSERT … SELECT by hand), and the documented way.

All three read the same rows, between towns that are there already, and write the same records with their history; each
is rolled back before the next one starts. Ours also reads and checks every cell, looks for duplicates and says what
became of every row. Then the same file again, as the pages do it (planned, then applied), and taken back. What is
compared is the work of the processors, which depends less on what else the machine does than the clock. Memory is that
of a process of its own.
"""

import csv
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import tablib
from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.db import connection, transaction
from import_export import fields, resources, widgets

from core.database.copy import copy_rows
from core.imports import batches, jobs
from core.imports.models import ImportBatch
from core.imports.undo import undo_import
from partnerships.agreements.facets import INDEX
from partnerships.models import Agreement, AgreementSource, Party, Source, Town
from tests import factories

from .tables import print_table

MANAGE = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""Script that runs manage.py and then prints its peak memory (that of Linux; what a parent took counts not)."""

HEADERS = ["kind", "signed", *(f"{column}_{party}" for party in (1, 2) for column in ("party", "country", "code"))]


def rows(number: int) -> list[list[str]]:
    """Lines of a file, all different: pairs of towns known by GeoNames id."""
    generator = random.Random(2)
    towns = list(
        Town.objects.filter(geonames__isnull=False).order_by("id").values_list("name", "country_id", "geonames")
    )
    found: dict[tuple[Any, ...], list[str]] = {}
    while len(found) < number:
        pair = sorted(generator.sample(range(len(towns)), 2))
        date = f"{generator.randint(1950, 2020)}-{generator.randint(1, 12):02}"
        ends = [
            cell for end in pair for name, country, code in [towns[end]] for cell in (name, country, f"geonames:{code}")
        ]
        found[*pair, date] = ["one-off", date, *ends]
    return list(found.values())


def run(number: int, sample: int, *, big: bool = False) -> None:
    """Import the same rows in three ways and print rows a second; then what else our way is held to."""
    data = rows(number)
    with INDEX.reading():  # somebody has looked at a list, as on any site
        pass
    measured(ours, data[:100])  # what is read once in a process is read
    results = []
    for name, way, lines in (
        ("COPY and INSERT … SELECT by hand (the limit)", by_hand, data),
        ("import_csv", ours, data),
        ("as the pages do: plan, then plan again and apply", planned_and_applied, data),
        (f"django-import-export as documented, {sample} rows", documented, data[:sample]),
    ):
        took, written = measured(way, lines)
        assert written == len(lines), (name, written, len(lines))
        results.append((name, took, len(lines)))
    limit, ours_work, documented_work = (took.work / count for _name, took, count in (*results[:2], results[-1]))
    print_table(
        f"Import of {number:,} agreements between known towns into a directory of {Agreement.objects.count():,}",
        ["", "seconds", "of work", "rows a second of work", "× the work of the limit"],
        [
            [
                name,
                f"{took.clock:.1f}",
                f"{took.work:.1f}",
                f"{count / took.work:,.0f}",
                f"{took.work / count / limit:.2f}",
            ]
            for name, took, count in results
        ],
    )
    first, again, back = afterwards(data)
    print_table(
        "What it is held to",
        ["", "measured", "goal"],
        [
            ["import_csv, × the work of the limit", f"{ours_work / limit:.2f}", "at most 3"],
            ["× the rows of the documented way", f"{documented_work / ours_work:.0f}", "at least 30"],
            ["the unchanged file again, × the work of the first", f"{again.work / first.work:.2f}", "at most 0.5"],
            ["taken back, × the work of the first", f"{back.work / first.work:.2f}", "at most 1"],
            *memory(1_000_000 if big else number),
        ],
    )


class Took(NamedTuple):
    """Seconds by the clock, and those in which processors worked for us: here and in the database."""

    clock: float
    work: float


def measured(way: Callable[[list[list[str]]], None], lines: list[list[str]]) -> tuple[Took, int]:
    """Time a way of importing, all deferred constraints checked, and count the agreements written; rolls back."""
    before = Agreement.objects.count()
    with transaction.atomic():
        took = timed(way, lines)
        written = Agreement.objects.count() - before
        transaction.set_rollback(True)
    return took, written


def timed(way: Callable[..., Any], *given: object) -> Took:
    """Time a call, with all checks that a commit would make."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0])  # on this machine, as the embedded one is
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        clock, work = time.perf_counter(), time.process_time() + sum(server.cpu_times()[:2])
        way(*given)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return Took(time.perf_counter() - clock, time.process_time() + sum(server.cpu_times()[:2]) - work)


def afterwards(lines: list[list[str]]) -> tuple[Took, Took, Took]:
    """Time the import, a second import of the same file, and the undo of the first; rolls back."""
    before = Agreement.objects.count()
    with transaction.atomic():
        first = timed(ours, lines)
        batch = ImportBatch.objects.latest("pk")
        again = timed(ours, lines)
        assert ImportBatch.objects.latest("pk").counts["unchanged"] == len(lines)
        back = timed(undo_import, batch)
        assert Agreement.objects.count() == before
        transaction.set_rollback(True)
    return first, again, back


def memory(most: int) -> Iterator[list[str]]:
    """Lines of a table: the most memory of a process that imports few rows, and many."""
    few, many = (peak(rows(number)) for number in (10_000, most))
    yield [f"memory with {most:,} rows, MB", f"{many:.0f}", "at most 200"]
    yield [f"… more than with {10_000:,} rows, MB", f"{many - few:.0f}", "at most 20"]


def peak(lines: list[list[str]]) -> float:
    """Memory peak in megabytes of a separate process that imports the rows; they are removed afterwards."""
    with written(lines) as path:
        done = subprocess.run(
            [sys.executable, "-c", MANAGE, *command(path)],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
                "BENCHMARK_DATABASE": connection.settings_dict["NAME"],
            },
            capture_output=True,
            text=True,
            check=True,
        )
    undo_import(ImportBatch.objects.latest("pk"))
    return int(done.stdout.split()[-2]) / 1024


@contextmanager
def written(lines: list[list[str]]) -> Iterator[Path]:
    """The rows as a file on disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agreements.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([HEADERS, *lines])
        yield path


def command(path: Path) -> list[str]:
    """The command that imports a file."""
    return ["import_csv", "agreements", str(path), "--source-title", "Benchmark", "--source-licence", "CC0-1.0"]


def ours(lines: list[list[str]]) -> None:
    """The command, from a file on disk."""
    with written(lines) as path:
        call_command(*command(path), stdout=io.StringIO())


def planned_and_applied(lines: list[list[str]]) -> None:
    """Plan and apply an import as the background worker does it for the pages."""
    source = {"source_title": "Benchmark", "source_licence": "CC0-1.0"}
    by = factories.user(is_superuser=True)
    with written(lines) as path, path.open("rb") as file:
        batch = batches.receive(File(file, path.name), resource="agreements", source=source, by=by)
        jobs.plan_batch(batch)
        jobs.apply_batch(batch)


def by_hand(lines: list[list[str]]) -> None:
    """Import by COPY and INSERT … SELECT, as a database expert would write it once for this file."""
    source = Source.objects.create(title="Benchmark")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE raw (id bigint, kind text, signed text, a integer, b integer) ON COMMIT DROP"
        )
        copy_rows(
            cursor,
            "raw",
            ["kind", "signed", "a", "b"],
            ((line[0], line[1], line[4].partition(":")[2], line[7].partition(":")[2]) for line in lines),
        )
        cursor.execute("UPDATE raw SET id = nextval(pg_get_serial_sequence('partnerships_agreement', 'id'))")
        cursor.execute(
            """
            INSERT INTO partnerships_agreement (id, kind, signed, publication, formal_status, activity, tacit_renewal,
                description_en, description_fr, mailbox, party_key)
            SELECT id, kind, signed, 'published', 'unknown', 'unknown', false, '', '', '', '' FROM raw
            """
        )
        cursor.execute(
            """
            INSERT INTO partnerships_party (agreement_id, position, town_id, role)
            SELECT raw.id, position, town.id, 'partner'
            FROM raw CROSS JOIN LATERAL (VALUES (1, a), (2, b)) AS party (position, geonames)
            JOIN partnerships_town AS town USING (geonames) WHERE town.publication = 'published'
            """
        )
        cursor.execute(
            "INSERT INTO partnerships_agreementsource (agreement_id, source_id) SELECT id, %s FROM raw", [source.pk]
        )


class AgreementResource(resources.ModelResource):
    """The import as django-import-export's documentation describes it: a widget for each key, a hook for the rest."""

    kind = fields.Field("kind", "kind")
    signed = fields.Field("signed", "signed")
    town = widgets.ForeignKeyWidget(Town, "geonames")

    class Meta:
        model = Agreement
        fields = ("id", "kind", "signed")

    def after_save_instance(self, instance: Agreement, row: dict[str, Any], **kwargs: object) -> None:
        """Write the parties and the source of the row that was just saved."""
        for position in (1, 2):
            town = self.town.clean(row[f"code_{position}"].partition(":")[2])
            Party.objects.create(agreement=instance, position=position, town=town)
        AgreementSource.objects.create(agreement=instance, source=Source.objects.get_or_create(title="Benchmark")[0])


def documented(lines: list[list[str]]) -> None:
    """Row by row."""
    AgreementResource().import_data(tablib.Dataset(*lines, headers=HEADERS), raise_errors=True)
