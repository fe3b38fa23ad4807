"""Datasette as a rival: the same rows in two shapes.

``agreements`` has a row for each agreement, its countries and themes as JSON arrays, whose values Datasette counts, and
a table of its countries to filter through. ``by_country`` is the shape that Datasette counts quickest: a row for each
agreement and country, only columns with one value, and an index that covers the filters with each facet.

Datasette counts five facets where our page counts fourteen filters, and puts nothing of the selection aside.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.db.models import Case, CharField, When

from partnerships.models import AgreementTheme
from partnerships.party_conditions import PARTY_COUNTRY
from partnerships.querysets import DECADE, agreements, parties

from .load import serving

PLAIN = ["kind", "decade", "formal_status", "activity", "verified"]
"""The facets of ``by_country``."""
MIXED = ["kind", "decade", "activity", "countries", "themes"]
"""The facets of ``agreements``: those that readers ask for most, two of them arrays."""
PER_PAGE = 50
TABLES = """
    CREATE TABLE agreements (
        id integer PRIMARY KEY, reference text, parties text, kind text, signed text, decade text,
        formal_status text, activity text, suspension text, verified text, countries text, themes text
    );
    CREATE TABLE countries (agreement integer REFERENCES agreements (id), country text);
    CREATE TABLE by_country (
        id integer PRIMARY KEY, reference text, parties text, kind text, signed text, decade text,
        formal_status text, activity text, suspension text, verified text, country text
    );
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
    themes = defaultdict(list)
    for agreement, theme in AgreementTheme.objects.values_list("agreement", "theme"):
        themes[agreement].append(theme)
    with sqlite3.connect(path) as file:
        file.executescript(TABLES)
        for pk, reference, *others in records.order_by("pk").values_list("pk", *columns):
            row = [reference, " – ".join(names[pk]), *others]
            known = sorted(filter(None, countries[pk]))
            arrays = [json.dumps(known), json.dumps(sorted(themes[pk]))]
            file.execute(f"INSERT INTO agreements VALUES (?{', ?' * 11})", [pk, *row, *arrays])
            file.executemany("INSERT INTO countries VALUES (?, ?)", [(pk, country) for country in known])
            file.executemany(
                f"INSERT INTO by_country VALUES (NULL{', ?' * 10})", [(*row, country) for country in known]
            )
        file.execute("CREATE INDEX of_country ON countries (country, agreement)")
        for column in ("kind", "decade", "activity"):
            file.execute(f"CREATE INDEX agreement_{column} ON agreements ({column})")
        file.execute("CREATE INDEX by_country_alone ON by_country (country)")
        for facet in PLAIN:
            others = ", ".join(other for other in ("kind", "activity") if other != facet)
            file.execute(f"CREATE INDEX by_country_{facet} ON by_country (country, {facet}, {others})")
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


def plain(path: Path, question: dict[str, str], form: str = "") -> str:
    """The page of a question with its facets from ``by_country``; `form` is ``.json`` for the same as data."""
    facets = [("_facet", facet) for facet in PLAIN]
    return f"/{path.stem}/by_country{form}?" + urlencode([*_filters(question), *facets, ("_size", PER_PAGE)])


def mixed(path: Path, question: dict[str, str], form: str = "") -> str:
    """The page of a question with its facets from ``agreements``."""
    facets = [("_facet_array" if facet in ("countries", "themes") else "_facet", facet) for facet in MIXED]
    filters = [
        # Not ``_through``: together with other filters it finds nothing in this version.
        ("_where", f"id IN (SELECT agreement FROM countries WHERE country = '{value}')")
        if name == "country"
        else (name, value)
        for name, value in _filters(question)
    ]
    return f"/{path.stem}/agreements{form}?" + urlencode([*filters, *facets, ("_size", PER_PAGE)])


def _filters(question: dict[str, str]) -> list[tuple[str, str]]:
    """The question without its page: Datasette always shows the first, which is the quickest."""
    return [(name, value) for name, value in question.items() if name != "page"]


def counts(body: bytes) -> tuple[int, dict[str, dict[str, int]]]:
    """The total and the facets of an answer in JSON."""
    answer = json.loads(body)
    facets = {
        name: {str(choice["value"]): choice["count"] for choice in facet["results"]}
        for name, facet in answer["facet_results"].items()
    }
    return answer["filtered_table_rows_count"], facets
