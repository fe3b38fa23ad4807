"""The map's data: the world, parts of it and filtered, worked out for the first time and asked again."""

from statistics import median

from django.test import Client
from django.urls import reverse

from coopdir import map

from .listing import timed
from .tables import print_table

ASKED = {
    "the world": "band=world",
    "the world on a telephone": "band=globe",
    "all agreements of France": "band=world&country=FR",
    "France and Germany": "band=world&country=FR&partner=DE",
    "western Europe, closer": "band=country&bbox=-10,36,20,60",
    "Burgundy, every town": "band=place&bbox=2,46,6,49",
}
TIMES = 7
LIMIT = 150
"""Kilobytes that the world may weigh, packed."""


def run() -> None:
    """Ask each question several times: new, kept by the process, kept by the browser; and weigh the answers."""
    client = Client(headers={"Accept-Encoding": "gzip"})
    address = reverse("map_data")
    client.get(address)

    def ask(question: str) -> int:
        answer = client.get(f"{address}?{question}")
        assert answer.status_code == 200, (question, answer.content)
        return len(answer.content)

    def ask_again(asked: tuple[str, str]) -> None:
        question, etag = asked
        answer = client.get(f"{address}?{question}", headers={"If-None-Match": etag})
        assert answer.status_code == 304, (question, answer.status_code)

    rows = []
    for name, question in ASKED.items():
        first, again, unchanged = [], [], []
        etag = client.get(f"{address}?{question}")["ETag"]
        for _time in range(TIMES):
            map._kept.cache_clear()
            first.append(timed(ask, question))
            again.append(timed(ask, question))
            unchanged.append(timed(ask_again, (question, etag)))
        size = ask(question) / 1000
        milliseconds = (f"{median(times) * 1000:.1f}" for times in (first, again, unchanged))
        rows.append([name, f"{size:.1f}", f"{size / LIMIT:.2f}", *milliseconds])
    print_table(
        f"Data of the map, medians in this process (limit: {LIMIT} KB)",
        ["", "KB, packed", "× the limit", "ms the first time", "ms asked again", "ms unchanged (304)"],
        rows,
    )
