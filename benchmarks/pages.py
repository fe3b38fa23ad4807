"""Pages that count over all agreements: country, territory, statistics, list of towns; and the list as a file."""

import time
from statistics import median
from typing import Any

from django.test import Client
from django.urls import reverse

from .facets import start_again, write_elsewhere
from .tables import print_table

LIMIT, TOWNS = 200, 100
"""The limits, in milliseconds."""
TIMES = 5


def run() -> None:
    """Ask for each page after a write by another connection, and again."""
    client = Client()

    def visit(address: str) -> float:
        started = time.perf_counter()
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return (time.perf_counter() - started) * 1000

    def after_a_write(address: str) -> float:
        write_elsewhere()
        return visit(address)

    pages = [
        ("Statistics, coverage of France", reverse("statistics"), LIMIT),
        ("France", reverse("country", args=["fr"]), LIMIT),
        ("Germany", reverse("country", args=["de"]), LIMIT),
        ("Bourgogne-Franche-Comté", reverse("territory", args=["FR-BFC"]), LIMIT),
        ("France and Germany", reverse("country_pair", args=["de", "fr"]), LIMIT),
        ("Towns that take part", f"{reverse('towns')}?counted=1", TOWNS),
    ]
    rows = []
    for name, address, limit in pages:
        visit(address)  # templates
        again, written = (median(ask(address) for _time in range(TIMES)) for ask in (visit, after_a_write))
        rows.append([name, f"{again:.0f}", f"{written:.0f}", limit, f"{again / limit:.2f}"])
    print_table("Pages, milliseconds in this process", ["", "asked", "after a write", "limit", "× the limit"], rows)

    start_again()
    visit(reverse("agreements"))
    started = time.perf_counter()
    answer: Any = client.get(reverse("agreements_file", args=["csv"]))
    content = answer.streaming_content
    first = len(next(content)) and time.perf_counter() - started
    lines = sum(piece.count(b"\n") for piece in content)
    seconds = time.perf_counter() - started
    print(
        f"\nAll agreements as CSV: {lines:,} rows in {seconds:.1f} s, {lines / seconds:,.0f} a second;"
        f" the first bytes after {first * 1000:.0f} ms."
    )
