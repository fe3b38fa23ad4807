"""The list of agreements: a question asked for the first time, asked again, and the limit: its SQL alone."""

import random
import time
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from partnerships.choices import Kind
from partnerships.models import Theme, Town
from partnerships.views import AgreementList

from .tables import print_table


def questions(number: int) -> list[str]:
    """Query strings such as people make, all different, the same in every run."""
    generator = random.Random(1)
    countries = list(
        Town.objects.values_list("country", flat=True).distinct().order_by("country")  # those that have towns
    )
    themes = list(Theme.objects.order_by("code").values_list("code", flat=True))
    words = ["", "paris", "saint", "bamako", "koln", "villa", "timbuktou"]

    def one() -> Iterator[tuple[str, Any]]:
        yield "country", "FR" if generator.random() < 0.3 else generator.choice(countries)
        if generator.random() < 0.5:
            yield "partner", generator.choice(countries)
        if generator.random() < 0.3:
            yield "kind", generator.choice(Kind.values)
        if themes and generator.random() < 0.3:
            yield "theme", generator.choice(themes)
        if generator.random() < 0.3:
            yield "since", generator.randint(1950, 2010)
        if generator.random() < 0.2:
            yield "q", generator.choice(words)
        if generator.random() < 0.2:
            yield "sort", "signed"

    found = {""}
    while len(found) < number:
        found.add(urlencode(list(one())))
    return sorted(found)


def run(number: int) -> None:
    """Ask every question twice as a visitor, then run the SQL of each page by itself."""
    client = Client()
    address = reverse("agreements")
    client.get(address, {"q": "warm up"})  # templates, translations, connection
    asked = questions(number)

    def ask(question: str) -> None:
        answer = client.get(f"{address}?{question}")
        assert answer.status_code == 200, (question, answer.status_code)

    first = [timed(ask, question) for question in asked]
    again = [timed(ask, question) for question in asked]
    limit, counts = [], []
    for question in asked:
        AgreementList.kept.clear()  # a page that is kept has next to no SQL
        statements = recorded(ask, question)
        counts.append(len(statements))
        limit.append(timed(replay, statements))
    rows = [("asked for the first time", first), ("asked again", again), ("its SQL alone (the limit)", limit)]
    print_table(
        f"List of agreements, {number} questions, milliseconds in this process ({median(counts):.0f} queries a page)",
        ["", "median", "95th percentile", "slowest", "× the limit"],
        [
            [name, *(f"{value * 1000:.1f}" for value in (median(times), quantiles(times, n=20)[-1], max(times))),
             f"{median(times) / median(limit):.1f}"]
            for name, times in rows
        ],
    )  # fmt: skip


def timed(function: Callable[[Any], object], argument: object) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    function(argument)
    return time.perf_counter() - started


def recorded(function: Callable[[str], None], question: str) -> list[tuple[str, Any]]:
    """The statements that a call sends to the database."""
    statements: list[tuple[str, Any]] = []

    def record(execute: Callable, sql: str, params: object, many: bool, context: dict) -> Any:
        if not many:
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        function(question)
    return statements


def replay(statements: list[tuple[str, Any]]) -> None:
    """Run statements by the bare driver and fetch all of their rows, in a transaction: some are SET LOCAL."""
    with transaction.atomic(), connection.connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()
