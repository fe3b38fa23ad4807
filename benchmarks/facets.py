"""The faceted list of agreements: beside Datasette, under load; and beside its limits, in this process."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partnerships.agreements.facets import INDEX, AgreementFacets
from partnerships.agreements.filters import AgreementFilter
from partnerships.choices import Activity, FormalStatus, Kind
from partnerships.labels import LIVE_LABELS
from partnerships.models import (
    Agreement,
    AgreementTheme,
    FundingContribution,
    Party,
    Renewal,
    Suspension,
)
from partnerships.querysets import agreements
from partnerships.views import AgreementList

from . import datasette
from .listing import questions, timed
from .load import VISITORS, Pace, ask, get, serving
from .tables import print_table

SECONDS = 10
"""Seconds that each server is under load."""
ROUNDS = 2
"""Number of rounds, the servers in turn: both see the machine at its best and at its worst."""
COUNTRIES = 12
"""The countries that visitors ask for: those with most agreements, so that there is something to count."""
TIMES = 7
OVER = (Activity.ENDED, FormalStatus.TERMINATED)

FIRST, AGAIN, WAIT, GROWTH, FASTER = 25, 10, 300, 3, 10
"""The limits: milliseconds of a page asked for the first time, asked again, after a write or a restart; how much it may
grow with ten times the agreements; how many times Datasette's pace it should have."""


def run(number: int, *, large: bool = False) -> None:
    """Print both tables; `large` takes the same with ten times the agreements, which stay."""
    under_load()
    total = Agreement.objects.count()
    small = in_process(number)
    rows = [
        [name, f"{value:.1f}", limit or "", f"{value / limit:.2f}" if limit else ""] for name, value, limit in small
    ]
    print_table(f"Facets of {total:,} agreements, milliseconds in this process", ["", "", "limit", "× the limit"], rows)
    if large:
        seconds = grow()
        rows = [
            [name, f"{before:.1f}", f"{after:.1f}", f"{after / before:.1f}"]
            for (name, before, _limit), (_name, after, _same) in zip(small, in_process(number), strict=True)
        ]
        print_table(
            f"The same with {Agreement.objects.count():,} agreements (index built in {seconds:.1f} s); the first line "
            f"may grow {GROWTH} times",
            ["", f"{total:,}", f"{Agreement.objects.count():,}", "× as long"],
            rows,
        )


# Beside Datasette

Asked = list[dict[str, str]]


def narrow_questions() -> Asked:
    """Questions about the countries with most agreements, all different, in a mixed order that is always the same."""
    with INDEX.reading() as index:
        sizes = {code: len(index.records("country", [code])) for code in index.dimensions["country"]}
    largest = sorted(sizes, key=lambda code: (-sizes[code], code))[:COUNTRIES]
    found = [
        {name: value for name, value in (("country", country), ("kind", kind), ("activity", activity)) if value}
        for country, kind, activity in product(largest, ["", *Kind.values], ["", *Activity.values])
        if activity not in OVER  # asked for by name, it brings in what the usual list leaves out
    ]
    random.Random(1).shuffle(found)
    return found


def whole_country() -> Asked:
    """Every page of the agreements of France, a fifth of all: to count them is the same work each time."""
    with INDEX.reading() as index:
        total = len(facets_of("country=FR", index).records)
    return [{"country": "FR", "page": str(page)} for page in range(1, total // AgreementList.paginate_by + 1)]


def under_load() -> None:
    """Ask both servers the same questions, compare their counts, print their paces."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        environment = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "BENCHMARK_DATABASE": cursor.fetchone()[0]}
    site = ["gunicorn", "coopdir.wsgi", "--bind", "127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    page = reverse("agreements")
    narrow, whole = narrow_questions(), whole_country()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "directory.db"
        datasette.write(path)

        def theirs(asked: Asked, shape: Callable[..., str]) -> Pace:
            return ask(their_port, (shape(path, question) for question in asked), SECONDS)

        def ours(asked: Asked) -> Pace:
            return ask(our_port, (f"{page}?{urlencode(question)}" for question in asked), SECONDS)

        with (
            serving([*site, "--log-level", "error"], page, environment) as our_port,
            datasette.served(path) as their_port,
        ):
            compare(their_port, path, narrow[:5])
            for _turn in range(2):  # every process has its index and templates before it is measured
                ours([{"country": code} for code in ("DE", "IT", "ES", "ML", "SN", "GB", "PL", "MA")])
            paces = []
            for turn in range(ROUNDS):
                # No page comes twice: of ours none is kept from the first round for the second.
                some, every = narrow[turn::ROUNDS], whole[turn::ROUNDS]
                paces.append(
                    [
                        theirs(every, datasette.mixed),
                        theirs(every, datasette.plain),
                        ours(every),
                        ours(every[:20] * 500),
                        theirs(some, datasette.mixed),
                        theirs(some, datasette.plain),
                        ours(some),
                    ]
                )
    country, by_kind = "France, a fifth of all", "a country, a kind, an activity"
    arrays, flat = "Datasette, five facets, two of them arrays", "Datasette, five facets of its quickest shape"
    first, again = "CoopDir, fourteen facets, each page for the first time", "CoopDir, pages asked for before"
    names = [
        *((country, name) for name in (arrays, flat, first, again)),
        *((by_kind, name) for name in (arrays, flat, first)),
    ]
    bases = [0, 0, 0, 0, 4, 4, 4]  # the line of the first shape for each kind of question; the next is the second
    rates, waits = (
        [median(getattr(pace, figure) for pace in found) for found in zip(*paces, strict=True)]
        for figure in ("rate", "median")
    )
    print_table(
        f"Lists with facets, {VISITORS} visitors, servers on this machine (goal: {FASTER} times Datasette's requests)",
        ["", "", "requests a second", "median ms", "× arrays", "× quickest shape"],
        [
            [asked, name, f"{rate:.1f}", f"{wait:.1f}", *(f"{rate / rates[base + shape]:.1f}" for shape in (0, 1))]
            for (asked, name), rate, wait, base in zip(names, rates, waits, bases, strict=True)
        ],
    )


def compare(port: int, path: Path, asked: Asked) -> None:
    """Compare the counts of both: the total, and the choices of the filters that are not chosen from."""
    for question, shape in product(asked, (datasette.plain, datasette.mixed)):
        total, theirs = datasette.counts(get(HTTPConnection("127.0.0.1", port), shape(path, question, ".json")))
        with INDEX.reading() as index:
            facets = facets_of(urlencode(question), index)
            assert len(facets.records) == total, (question, len(facets.records), total)
            for name, counted in theirs.items():
                name = {"themes": "theme", "countries": "country"}.get(name, name)
                if name not in question:
                    # What is over and not listed is counted by us where choosing it would bring it in.
                    ours = {value: count for value, count in facets.counts(name).items() if value not in OVER}
                    assert ours == counted, (question, name, ours, counted)


# In this process


def in_process(number: int) -> list[tuple[str, float, int | None]]:
    """Benchmark of the list in this process: name, milliseconds and limit (if there is one) of each measurement."""
    client = Client()
    page = reverse("agreements")
    warm, *asked = dict.fromkeys(["q=warm+up", *questions(number)])
    client.get(f"{page}?{warm}")  # templates, translations, the index

    def visit(question: str) -> None:
        answer = client.get(f"{page}?{question}")
        assert answer.status_code == 200, (question, answer.status_code)

    def all_facets(question: str) -> None:
        with INDEX.reading() as index:
            facets = facets_of(question, index)
            for name in facets.names:
                facets.facet(name, AgreementList.shown)

    AgreementList.kept.clear()
    first = [timed(visit, question) for question in asked]
    again = [timed(visit, question) for question in asked]
    words = [first[place] for place, question in enumerate(asked) if QueryDict(question).get("q")]
    largest = repeated(lambda: visit("country=FR"), before=AgreementList.kept.clear)
    counting = repeated(lambda: all_facets("country=FR"))
    written = repeated(lambda: visit("country=FR"), before=write_elsewhere)
    restarted = repeated(lambda: visit("country=FR"), before=start_again)
    return [
        (name, seconds * 1000, limit)
        for name, seconds, limit in (
            (f"a page for the first time, median of {len(asked)} questions", median(first), FIRST),
            ("… 95th percentile", quantiles(first, n=20)[-1], None),
            (f"… of the {len(words)} that search for a word, slowest", max(words, default=0), None),
            ("… of all agreements of France", largest, FIRST),
            ("a page asked for again, median", median(again), AGAIN),
            ("the fourteen facets alone, France", counting, None),
            ("the first page after a write elsewhere", written, WAIT),
            ("the first page of a new process", restarted, WAIT),
        )
    ]


def facets_of(question: str, index: Any) -> AgreementFacets:
    """A question put to the index, as the page does it."""
    asked = AgreementFilter(QueryDict(question), agreements().published())
    assert asked.form.is_valid(), (question, asked.form.errors)
    return AgreementFacets(asked, index)


def repeated(function: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Median of the seconds that a call takes; what comes `before` each is not counted."""

    def times() -> Iterator[float]:
        for _time in range(TIMES):
            before()
            yield timed(lambda _nothing: function(), None)

    return median(times())


def write_elsewhere() -> None:
    """Change one agreement by a connection of another thread, as another process would."""

    def write() -> None:
        changed = Agreement.objects.order_by("?").values_list("pk", flat=True)[:1]
        Agreement.objects.filter(pk__in=list(changed)).update(verified_on=timezone.localdate())
        connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(write).result()


def start_again() -> None:
    """Clear the index, the names and the kept pages, as in a new process."""
    INDEX.forget()
    LIVE_LABELS.forget()
    AgreementList.kept.clear()


# Ten times as many

COPIED = {
    Agreement: {"id": "id + {step} * n", "reference": "'A' || (id + {step} * n)", "party_key": "party_key || '/' || n"},
    Party: {"id": "id + {step} * n", "agreement_id": "agreement_id + {step} * n"},
    AgreementTheme: {"agreement_id": "agreement_id + {step} * n"},
    FundingContribution: {"agreement_id": "agreement_id + {step} * n"},
    Renewal: {"agreement_id": "agreement_id + {step} * n"},
    Suspension: {"party_id": "party_id + {step} * n"},
}
"""Tables of which each row is copied, and what differs in the copies; keys that are not told are given out anew."""
COPIES = 9


def grow() -> float:
    """Copy every agreement nine times, past all triggers; seconds that building the index takes then."""
    step = max(Agreement.objects.latest("pk").pk, Party.objects.latest("pk").pk) + 1
    with connection.cursor() as cursor:
        for model, changed in COPIED.items():
            table = model._meta.db_table
            columns = [
                str(field.column)
                for field in model._meta.local_concrete_fields
                if not field.generated and (not field.primary_key or field.column in changed)
            ]
            values = ", ".join(changed.get(column, f'"{column}"').format(step=step) for column in columns)
            named = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                f"INSERT INTO {table} ({named}) SELECT {values} FROM {table}, generate_series(1, %s) AS n",
                [COPIES],
            )
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"ANALYZE {table}")
        cursor.execute("DELETE FROM coopdir_index")
    start_again()
    started = time.perf_counter()
    with INDEX.reading():
        return time.perf_counter() - started
