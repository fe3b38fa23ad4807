"""Suggestions in the form of an agreement: what the server needs for the names that people type, beside the limits."""

import random
from collections.abc import Iterable
from statistics import median, quantiles

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.text import normalise
from partnerships.models import GazetteerName, GazetteerPlace, Town

from .listing import timed
from .tables import print_table

LIMITS = {"begin with the text": 20, "only resemble it": 60}
"""Milliseconds that the 95th percentile may take, by what names do."""


def run(number: int) -> None:
    """Type the beginnings of names of every length, then names with a letter that is wrong, as an officer."""
    officer = User.objects.create_superuser("benchmark")
    client = Client()
    client.force_login(officer)
    address = reverse("party_suggestions")

    def ask(text: str) -> None:
        answer = client.get(address, {"q": text})
        assert answer.status_code == 200, (text, answer.status_code)

    ask("warm up")
    names = _names(number)
    asked = {
        "begin with the text": [name[:length] for name in names for length in {2, 3, 4, 6, len(name)}],
        "only resemble it": [wrong for name in names if (wrong := _misspelt(name))],
    }
    rows = []
    for what, texts in asked.items():
        times = [timed(ask, text) * 1000 for text in texts]
        high = quantiles(times, n=20)[-1]
        rows.append(
            [
                f"names that {what}",
                len(texts),
                f"{median(times):.1f}",
                f"{high:.1f}",
                f"{max(times):.1f}",
                LIMITS[what],
                "yes" if high <= LIMITS[what] else "NO",
            ]
        )
    print_table(
        f"Suggestions out of {_all_names():,} names, milliseconds for the whole answer in this process",
        ["", "texts", "median", "95th percentile", "slowest", "limit", "kept"],
        rows,
    )


def _all_names() -> int:
    return GazetteerPlace.objects.count() + GazetteerName.objects.count() + Town.objects.count()


def _names(number: int) -> list[str]:
    """Names that people look for: large places more often than small ones, own names and others; the same every run."""
    generator = random.Random(1)
    large = list(GazetteerPlace.objects.filter(population__gte=20_000).order_by("pk").values_list("name", flat=True))
    small = list(GazetteerPlace.objects.filter(country="FR").order_by("pk").values_list("name", flat=True))
    others = list(GazetteerName.objects.filter(pk__lt=200_000).order_by("pk").values_list("name", flat=True))
    chosen: Iterable[str] = (
        *generator.sample(large, number),
        *generator.sample(small, number // 2),
        *generator.sample(others, number // 2),
    )
    return [name for name in chosen if len(name) > 3]


def _misspelt(name: str) -> str:
    """The name with two letters swapped, anywhere, and its last one doubled; empty where it is too short."""
    wanted = normalise(name)
    if len(wanted) < 8 or not wanted.isascii():
        return ""
    place = random.Random(name).randrange(len(wanted) - 2)
    return wanted[:place] + wanted[place + 1] + wanted[place] + wanted[place + 2 :] + wanted[-1]
