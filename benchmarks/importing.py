"""The import of agreements: our pipeline, the limit (COPY and INSERT … SELECT by hand), and the documented way.

All three read the same rows, between towns that are there already, and write the same records with their history; each
is rolled back before the next one starts. Ours also reads and checks every cell, looks for duplicates and says what
became of every row.
"""

import csv
import io
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tablib
from django.core.management import call_command
from django.db import connection, transaction
from import_export import fields, resources, widgets

from coopdir.database import copy_rows
from partnerships.models import Agreement, AgreementSource, Party, Source, Town

from .tables import print_table

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


def run(number: int, sample: int) -> None:
    """Import the same rows in three ways and print rows a second."""
    data = rows(number)
    results = []
    for name, way, lines in (
        ("import_csv", ours, data),
        ("COPY and INSERT … SELECT by hand (the limit)", by_hand, data),
        (f"django-import-export as documented, {sample} rows", documented, data[:sample]),
    ):
        seconds, written = measured(way, lines)
        assert written == len(lines), (name, written, len(lines))
        results.append((name, seconds, len(lines) / seconds))
    limit = results[1][2]
    print_table(
        f"Import of {number:,} agreements between known towns into a directory of {Agreement.objects.count():,}",
        ["", "seconds", "rows a second", "share of the limit"],
        [[name, f"{seconds:.1f}", f"{speed:,.0f}", f"{speed / limit:.1%}"] for name, seconds, speed in results],
    )


def measured(way: Callable[[list[list[str]]], None], lines: list[list[str]]) -> tuple[float, int]:
    """Seconds with all checks that a commit would make, and agreements written; undoes them."""
    before = Agreement.objects.count()
    with transaction.atomic():
        started = time.perf_counter()
        way(lines)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - started
        written = Agreement.objects.count() - before
        transaction.set_rollback(True)
    return seconds, written


def ours(lines: list[list[str]]) -> None:
    """The command, from a file on disk."""
    text = io.StringIO()
    csv.writer(text).writerows([HEADERS, *lines])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agreements.csv"
        path.write_text(text.getvalue())
        call_command(
            "import_csv",
            "agreements",
            str(path),
            source_title="Benchmark",
            source_licence="CC0-1.0",
            stdout=io.StringIO(),
        )


def by_hand(lines: list[list[str]]) -> None:
    """What a database expert writes for this one file, once."""
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
    """Agreements as django-import-export's documentation goes about it: a widget for each key, a hook for the rest."""

    kind = fields.Field("kind", "kind")
    signed = fields.Field("signed", "signed")
    town = widgets.ForeignKeyWidget(Town, "geonames")

    class Meta:
        model = Agreement
        fields = ("id", "kind", "signed")

    def after_save_instance(self, instance: Agreement, row: dict[str, Any], **kwargs: Any) -> None:
        """Write the parties and the source of the row that was just saved."""
        for position in (1, 2):
            town = self.town.clean(row[f"code_{position}"].partition(":")[2])
            Party.objects.create(agreement=instance, position=position, town=town)
        AgreementSource.objects.create(agreement=instance, source=Source.objects.get_or_create(title="Benchmark")[0])


def documented(lines: list[list[str]]) -> None:
    """Row by row."""
    AgreementResource().import_data(tablib.Dataset(*lines, headers=HEADERS), raise_errors=True)
