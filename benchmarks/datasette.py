"""The same rows served by Datasette: a row for each agreement and country, in the shape whose facets it counts best.

Datasette has no filter over a table of links that its facets go along with at this size, so what holds for the
agreement stands in each of its rows. An index covers every filter with every facet. It counts five columns where our
page counts fourteen filters, and puts nothing of the selection aside.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.db.models import Case, CharField, When

from partnerships.querysets import DECADE, PARTY_COUNTRY, agreements, parties

from .load import serving

FACETS = ["kind", "decade", "formal_status", "activity", "verified"]
PER_PAGE = 50
TABLE = """
    CREATE TABLE agreements (
        id integer PRIMARY KEY, reference text, parties text, country text, kind text, signed text, decade text,
        formal_status text, activity text, suspension text, verified text
    )
"""


def write(path: Path) -> None:
    """Write the agreements that the usual list has, as the database tells them: the index of the list is not asked."""
    listed = agreements().published().current().international()
    involved = parties().present().filter(agreement__in=listed.values("pk"))
    names, countries = defaultdict(list), defaultdict(set)
    for agreement, country, *name in (
        involved.annotate(country=PARTY_COUNTRY)
        .order_by("agreement", "position")
        .values_list("agreement", "country", "town__name", "organisation__name")
    ):
        names[agreement].append(next(filter(None, name)))
        countries[agreement].add(country)
    # Without a date there is no decade: Datasette leaves out of a facet what is NULL.
    decade = Case(When(signed=None, then=None), default=DECADE, output_field=CharField())
    records = listed.with_statuses().with_freshness().annotate(decade=decade)
    columns = ["reference", "kind", "signed", "decade", "current_status", "activity", "suspension", "freshness"]
    rows = (
        (reference, " – ".join(names[pk]), country, *others)
        for pk, reference, *others in records.order_by("pk").values_list("pk", *columns)
        for country in sorted(filter(None, countries[pk]))
    )
    with sqlite3.connect(path) as file:
        file.execute(TABLE)
        file.executemany(f"INSERT INTO agreements VALUES (NULL{', ?' * 10})", rows)
        file.execute("CREATE INDEX by_country ON agreements (country)")
        for facet in FACETS:
            others = ", ".join(other for other in ("kind", "activity") if other != facet)
            file.execute(f"CREATE INDEX country_{facet} ON agreements (country, {facet}, {others})")
        file.execute("ANALYZE")
    file.close()


@contextmanager
def served(path: Path) -> Iterator[int]:
    """Datasette over the file, immutable, without suggestions and without giving up on a slow facet; its port."""
    settings = {"suggest_facets": "off", "facet_time_limit_ms": "60000", "sql_time_limit_ms": "60000"}
    words = ["datasette", "serve", "-i", str(path), "--port", "{port}"]
    for name, value in settings.items():
        words += ["--setting", name, value]
    with serving(words, "/-/versions.json") as port:
        yield port


def address(path: Path, question: dict[str, str], form: str = "") -> str:
    """The page of a question with its facets; `form` is ``.json`` for the same as data.

    Of a page by number it is the first one, which is the quickest.
    """
    filters = [(name, value) for name, value in question.items() if name != "page"]
    facets = [("_facet", facet) for facet in FACETS]
    return f"/{path.stem}/agreements{form}?" + urlencode([*filters, *facets, ("_size", PER_PAGE)])


def counts(body: bytes) -> tuple[int, dict[str, dict[str, int]]]:
    """The total and the facets of an answer in JSON."""
    answer = json.loads(body)
    facets = {
        name: {str(choice["value"]): choice["count"] for choice in facet["results"]}
        for name, facet in answer["facet_results"].items()
    }
    return answer["filtered_table_rows_count"], facets
