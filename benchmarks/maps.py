"""The map's data: the world, parts of it and filtered, worked out for the first time and asked again."""

from statistics import median

from django.test import Client
from django.urls import reverse

from coopdir import atlas

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


def run() -> None:
    """Ask each question several times, with and without what the process has kept; and weigh the answers."""
    client = Client(headers={"Accept-Encoding": "gzip"})
    address = reverse("map_data")
    client.get(address)

    def ask(question: str) -> int:
        answer = client.get(f"{address}?{question}")
        assert answer.status_code == 200, (question, answer.content)
        return len(answer.content)

    rows = []
    for name, question in ASKED.items():
        first, again = [], []
        for _time in range(TIMES):
            atlas._kept.cache_clear()
            first.append(timed(ask, question))
            again.append(timed(ask, question))
        size = f"{ask(question) / 1000:.1f}"
        rows.append([name, size, *(f"{median(times) * 1000:.1f}" for times in (first, again))])
    print_table(
        "Data of the map, medians in this process",
        ["", "KB, packed", "ms the first time", "ms asked again"],
        rows,
    )
