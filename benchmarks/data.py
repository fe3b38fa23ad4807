"""The API, the OGC API and the files: what a page takes, first and deep; files beside one COPY of the same query."""

import resource
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client

from core import shares
from core.database.copy import copied_out
from core.lists.csv_sql import Written
from core.lists.json_records import PLAIN, Shape
from partnerships.agreements.json_records import AGREEMENTS
from partnerships.imports.layouts import AgreementResource
from partnerships.querysets import agreements

from .tables import print_table

PAGE = 20
"""The limit of a page of a hundred agreements with their parties, in milliseconds."""
FIRST = 100
"""The limit of the first bytes of a file, in milliseconds."""
TIMES = 15


def run() -> None:
    """Measure pages, then files."""
    shares.ANYBODY = 10**9
    shares.reset_shares()
    client = Client()

    def visit(address: str) -> float:
        started = time.perf_counter()
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return (time.perf_counter() - started) * 1000

    keys = list(agreements().published().order_by("pk").values_list("pk", flat=True))
    deep = keys[len(keys) * 9 // 10]
    pages = [
        ("100 agreements with parties", "/api/v1/agreements?expand=parties", PAGE),
        ("… nine tenths deep", f"/api/v1/agreements?expand=parties&after={deep}", PAGE),
        ("… of France with Germany", "/api/v1/agreements?expand=parties&country=FR&partner=DE", PAGE),
        ("… whole, with sources and labels", "/api/v1/agreements?expand=parties,sources,funding&lang=fr", None),
        ("100 parties", "/api/v1/parties", None),
        ("100 towns", "/api/v1/towns?country=FR", None),
        ("what has changed in a day", "/api/v1/agreements?changed_since=2026-11-24", None),
        ("OGC: 100 lines over Burgundy", "/ogc/collections/agreements/items?bbox=3,46,7,48", None),
        ("OGC: 1,000 lines", "/ogc/collections/agreements/items?limit=1000", None),
    ]
    rows = []
    for name, address, limit in pages:
        visit(address)
        took = median(visit(address) for _time in range(TIMES))
        rows.append([name, f"{took:.1f}", limit or "", f"{took / limit:.2f}" if limit else ""])
    print_table("API, milliseconds in this process, all middleware included", ["", "ms", "limit", "× the limit"], rows)
    files(client, keys)


def files(client: Client, keys: list[int]) -> None:
    """Files beside what the database alone takes."""
    parties = 3
    table = Written.of(AgreementResource(parties=parties)).statement(keys)
    whole = AGREEMENTS.statement(keys, Shape("", expand=AGREEMENTS.expandable))
    rows = []
    for form, query, options in (("csv", table, "FORMAT csv"), ("ndjson", whole, PLAIN)):
        alone = median(timed(partial(copy, query, options)) for _time in range(3))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took, first = [], []
        for _time in range(3):
            started = time.perf_counter()
            answer: Any = client.get(f"/agreements.{form}?past=1&domestic=1")
            content = answer.streaming_content
            while not next(content).count(b"\n") > 1:  # headers are no record
                pass
            first.append((time.perf_counter() - started) * 1000)
            for _part in content:
                pass
            took.append(time.perf_counter() - started)
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        seconds = median(took)
        rows.append(
            [
                form,
                f"{seconds:.1f}",
                f"{alone:.1f}",
                f"{seconds / alone:.2f}",
                f"{median(first):.0f}",
                FIRST,
                f"{more:.0f}",
            ]
        )
    titles = [f"{len(keys):,} agreements", "s", "one COPY, s", "× (at most 1.5)", "first bytes, ms", "limit", "MB more"]
    print_table("Files", titles, rows)


def copy(query: str, options: str) -> None:
    """Run one COPY of a query and drop its output: the time that the database alone takes."""
    with connection.cursor() as cursor:
        copied_out(cursor, query, options)


def timed(call: Callable[[], None]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
