"""The dearest anonymous requests of each kind: processor seconds before the first byte and in all, beside the limit.

Counted is the work of this process and of its PostgreSQL together, so the server must run on this machine. Each address
is asked twice, the second time with nothing kept of the first: what a process does once in its life (templates, fonts)
is no part of it. The lesser of both counts, since other work on the machine makes neither less.
"""

import gc
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import _lru_cache_wrapper
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

import psutil
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from pghistory import context

from coopdir import history_steps
from coopdir.api.endpoints import ENDPOINTS
from coopdir.opendata.dumps.build import published_dumps
from core import shares
from core.imports.registry import resources
from networks.models import Network, SupportBody
from partnerships.models import Agreement, Country, Organisation, Territory, Theme, Town
from partnerships.querysets import agreements
from partnerships.views import AgreementList

from .tables import print_table

LIMIT = 1.0
"""Processor seconds before the first byte."""
HEAD = 20
"""Bytes that gzip writes before there is anything to pack."""
LONG = 5
"""Processor seconds after which an answer is not asked for a second time."""
WRITTEN = 10_000
"""Agreements that are written at once, and one by one, before the changes are asked for."""
FILES = {
    "agreements": ("csv", "xlsx", "ods", "json", "ndjson", "geojson"),
    "towns": ("csv", "xlsx", "ods", "json", "geojson"),
    "organisations": ("csv", "ods", "json"),
    "memberships": ("csv", "ods", "json"),
    "territories": ("csv", "ods", "json", "geojson"),
    "networks": ("csv", "ods", "json"),
}
OURS = ("coopdir", "core", "partnerships", "networks")
ALL = "past=1&domestic=1"
WORDS = {
    "one letter": "s",
    "eight letters": "a b c d e f g h",
    "common beginnings": "sa ma ba la",
    "a common part": "ville",
    "eight common parts": "ain ier our ent lan mar ber ill",
    "typos": "sainnt marrtin montrreal bambberg villlefranche koullikorro tombouktuo luxembuorg",
    "no word there is": "qzxwvk jqzzxw wqkxzj zzqqxx xkqzwj qxzjwk vvqzkx kzxqwj",
    "one long word": "villefranchesursaone" * 9,
}
"""Searches that make the index, the trigrams and the typos work."""


@dataclass
class Work:
    """Cost of an answer: processor seconds before the first byte and in all, seconds by the clock, megabytes sent."""

    address: str
    status: int
    first: float
    whole: float
    clock: float
    megabytes: float


def run(*, writing: bool) -> None:
    """Ask for everything and print the dearest of each kind; `writing` measures the changes after bulk writes too."""
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = None  # one process of the database does everything
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")  # all of its work is then one process's
    hashers = [f"{PBKDF2PasswordHasher.__module__}.{PBKDF2PasswordHasher.__qualname__}"]
    tasks = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    with override_settings(PASSWORD_HASHERS=hashers, TASKS=tasks), patch.object(shares, "ANYBODY", 10**9):
        measure(f"{Agreement.objects.count():,} agreements", kinds())
        if writing:
            write_at_once()
            write_one_by_one()
            measure(f"after {WRITTEN:,} agreements were written at once, and as many one by one", after_writing())


def measure(title: str, asked: dict[str, Iterable[str]]) -> None:
    """Ask, and print a line for each kind: its dearest address."""
    client = Client(headers={"host": "localhost", "accept-encoding": "gzip"})
    rows = []
    for kind, addresses in asked.items():
        works = [dearest(client, address) for address in addresses]
        if not works:
            continue
        if found := [work for work in works if work.status >= 500]:
            raise RuntimeError(f"{found[0].address} answered {found[0].status}")
        work = max(works, key=lambda work: (work.first, work.whole))
        longest = max(works, key=lambda work: work.whole)
        rows.append(
            [
                kind,
                len(works),
                f"{work.first:.2f}",
                LIMIT,
                "yes" if work.first <= LIMIT else "NO",
                f"{longest.whole:.2f}",
                f"{longest.megabytes:.1f}",
                f"{work.status} {work.address[:90]}",
            ]
        )
        for work in works:
            said = f"{work.first:7.2f} {work.whole:7.2f} {work.clock:7.2f} {work.megabytes:6.1f} {work.status}"
            print(said, work.address[:120], file=sys.stderr, flush=True)
    titles = ["", "asked", "first byte, s", "limit", "kept", "in all, s", "MB", "the dearest"]
    print_table(f"Processor seconds of anonymous requests, {title}", titles, rows)


def dearest(client: Client, address: str) -> Work:
    """Cost of an address without caches: asked twice, the cheaper of both answers; once where the first one is long."""
    first = ask(client, address)
    if first.whole > LONG:
        return first
    second = ask(client, address)
    return min(first, second, key=lambda work: work.first)


def ask(client: Client, address: str) -> Work:
    """Ask once."""
    forget()
    gc.collect()
    connection.ensure_connection()
    database = psutil.Process(connection.connection.info.backend_pid)

    def work() -> float:
        times = database.cpu_times()
        return time.process_time() + times.user + times.system

    method, _blank, path = address.rpartition(" ")
    begun, clock = work(), time.perf_counter()
    answer: Any
    if method == "POST":
        answer = client.post(path, {"login": "nobody@example.org", "password": "wrong-password-2026"})
    else:
        answer = client.get(path)
    pieces = iter(answer.streaming_content) if answer.streaming else iter([answer.content])
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > HEAD:
            break
    first = work() - begun
    size += sum(map(len, pieces))
    answer.close()
    return Work(address, answer.status_code, first, work() - begun, time.perf_counter() - clock, size / 1e6)


def forget() -> None:
    """Clear the process's caches: kept pages, `lru_cache`s, steps and shares."""
    AgreementList.kept.clear()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in OURS:
            for value in list(vars(module).values()):
                if isinstance(value, _lru_cache_wrapper) and (value.cache_parameters()["maxsize"] or 0) > 1:
                    value.cache_clear()
    history_steps.clear_cache()
    shares.reset_shares()


def _most(records: QuerySet, of: str, number: int = 1) -> list:
    return list(records.annotate(most=Count(of)).order_by("-most", "pk")[:number])


def kinds() -> dict[str, Iterable[str]]:
    """The addresses to be asked for, by kind."""
    town, *_ = _most(Town.objects.filter(publication="published"), "parties")
    agreement, *_ = _most(Agreement.objects.filter(publication="published"), "parties")
    organisation = _most(Organisation.objects.filter(publication="published"), "parties")
    network = _most(Network.objects.filter(publication="published"), "memberships")
    body = list(SupportBody.objects.filter(publication="published")[:1])
    territories = [*_most(Territory.objects.all(), "towns"), *Territory.objects.filter(pk__startswith="FR-")[:2]]
    countries = _most(Country.objects.all(), "towns", 3)
    themes = list(Theme.objects.values_list("code", flat=True)[:100])
    codes = list(Country.objects.values_list("code", flat=True)[:100])
    last = Agreement.objects.order_by("-pk").values_list("pk", flat=True)[0]
    deep = last * 9 // 10
    page = {name: reverse(name) for name in ("agreements", "towns", "organisations", "countries", "networks")}
    page |= {name: reverse(name) for name in ("support_bodies", "milestones", "links", "map", "changes", "search")}
    page |= {name: reverse(name) for name in ("statistics", "suggest", "embed_list", "embed_map", "embed_snippet")}
    records = [("agreement", agreement), ("town", town)]
    records += [("organisation", one) for one in organisation]
    records += [("network", one) for one in network] + [("supportbody", one) for one in body]
    pages = [reverse(name, args=[one.address]) for name, one in records]
    pages += [reverse("country", args=[one.pk.lower()]) for one in countries]
    pages += [reverse("territory", args=[one.pk]) for one in territories]
    pages += [reverse("country_pair", args=["de", "fr"])]
    names = ("home", "about", "accessibility", "data", "api_reference", "layouts", "map")
    pages += [reverse(name) for name in names]
    pages += [f"/fr{path.removeprefix('/en')}" for path in pages]
    searches = [quote(text) for text in WORDS.values()]
    many = urlencode({"country": ",".join(codes), "theme": ",".join(themes)})
    histories = [reverse(f"{name}_history", args=[one.address]) for name, one in records]
    histories += [reverse("country_history", args=["fr"])]
    histories += [reverse("territory_history", args=[one.pk]) for one in territories]
    cards = [f"/card/fr/{name}.png" for name in ("home", "agreements", "map")]
    cards += [f"/card/fr/{one.reference}.png" for _name, one in records]
    cards += [f"/card/fr/{one.pk}.png" for one in (*countries, *territories)]
    api = {
        f"API, {name}": [
            f"/api/v1/{name}?limit=500",
            f"/api/v1/{name}?limit=500&expand={','.join(endpoint.kind.expandable)}&lang=fr",
            *([f"/api/v1/{name}?limit=500&after={deep}"] if name in ("agreements", "parties", "towns") else []),
            *([f"/api/v1/{name}?limit=500&changed_since=1990-01-01"] if endpoint.changed else []),
            *([f"/api/v1/{name}?limit=500&q={text}" for text in searches] if "q" in endpoint.filters else []),
        ]
        for name, endpoint in ENDPOINTS.items()
    }
    return {
        "page": pages,
        "list": [
            *(page[name] for name in ("agreements", "towns", "organisations", "countries", "networks")),
            *(page[name] for name in ("support_bodies", "milestones", "links")),
            f"{page['agreements']}?{ALL}&view=figures&more=country&more=theme&more=territory&more=network",
            f"{page['agreements']}?{ALL}&view=table&page=1000000",
            f"{page['agreements']}?page={'9' * 20}",
            f"{page['agreements']}?{ALL}&sort=signed&page=100",
            f"{page['towns']}?counted=1&page=1000000",
        ],
        "narrow list": [
            *(f"{page[name]}?q={text}" for name in ("agreements", "towns", "organisations") for text in searches),
            f"{page['agreements']}?{many}",
            f"{page['agreements']}?country=FR&partner=DE&since=1990&q=ville&sort=signed",
            f"{page['towns']}?counted=1&q={searches[4]}",
        ],
        "search": [f"{page['search']}?q={text}" for text in searches],
        "suggest": [f"{page['suggest']}?q={text}" for text in searches],
        "statistics": [page["statistics"], f"{page['statistics']}?country=DE"],
        "map page": [page["map"], f"{page['map']}?{ALL}"],
        "map data": [
            *(f"/map.json?{ALL}&band={band}" for band in ("world", "place")),
            f"/map.json?{ALL}&band=place&bbox=-180,-90,180,90",
            *(f"/map.json?q={text}" for text in searches[3:6]),
            *(f"/map.json?members={one.reference}" for one in network),
        ],
        "changes": [
            page["changes"],
            f"{page['changes']}?page={'9' * 20}",
            f"{page['changes']}?before={'9' * 20}",
            f"{page['changes']}?before=1",
            f"{page['changes']}?what=withdrawn",
            f"{page['changes']}?what=merged&country=IS",
            *(f"{page['changes']}?q={text}" for text in searches[4:7]),
        ],
        "history": histories,
        **{
            f"{form} of {name}": [f"/{name}.{form}?{ALL if name == 'agreements' else ''}"]
            for name, forms in FILES.items()
            for form in forms
        },
        "record files": [
            f"/{kind}s/{one.address}.{form}"
            for kind, one in records
            if kind in ("agreement", "town", "organisation", "network")
            for form in ("csv", "xlsx", "json")
        ]
        + [f"/{kind}s/{one.address}.geojson" for kind, one in records[:2]]
        + [f"/support-bodies/{one.address}.json" for one in body]
        + [f"/countries/{one.pk.lower()}.{form}" for one in countries for form in ("csv", "json")]
        + [f"/territories/{one.pk}.{form}" for one in territories for form in ("csv", "json", "geojson")],
        **api,
        "OGC": [
            "/ogc/collections/towns/items?limit=5000",
            "/ogc/collections/agreements/items?limit=5000",
            "/ogc/collections/agreements/items?limit=10",
            "/ogc/collections/towns/items?limit=10",
            f"/ogc/collections/agreements/items?limit=5000&bbox=-180,-90,180,90&datetime=1990-01-01/2000-01-01&{ALL}",
            f"/ogc/collections/agreements/items?limit=5000&lang=fr&after={deep}",
            *(f"/ogc/collections/towns/items?limit=5000&q={text}" for text in searches[3:6]),
            "/ogc/",
            "/ogc/api",
            "/ogc/collections",
        ],
        "QuickStatements": [f"/agreements.quickstatements?{ALL}", "/agreements.quickstatements?country=FR"],
        "IATI": [f"/agreements.iati.xml?{ALL}", f"/agreements.iati.xml?{ALL}&inexact=1"],
        "feeds": [
            "/agreements.atom",
            "/changes.atom",
            "/changes.atom?what=withdrawn",
            "/agreements.atom?country=IS&partner=NZ",
            *(f"/{name}.atom?q={text}" for name in ("agreements", "changes") for text in searches[3:7]),
        ],
        "sitemap": ["/sitemap.xml", "/sitemap-pages.xml", "/sitemap-agreements-0.xml", "/sitemap-towns-0.xml"],
        "robots": ["/robots.txt"],
        "dumps": [
            *(f"/data/{dump.version}/{file.name}" for dump in published_dumps()[:1] for file in dump.files),
            "/data/latest/manifest.json",
            "/data/catalogue.ttl",
            "/data/catalogue.jsonld",
        ],
        "layouts": [
            *(reverse("layout", args=[name]) for name in resources()),
            *(f"/data/layouts/{name}{form}" for name in resources() for form in (".csv", ".json", "/columns.csv")),
        ],
        "cards": cards,
        "embeds": [
            *(page[name] for name in ("embed_list", "embed_map", "embed_snippet")),
            *(f"{page[name]}?q={text}" for name in ("embed_list", "embed_snippet") for text in searches[4:6]),
        ],
        "linked data": [
            *(f"/id/{one.reference}{form}" for _name, one in records for form in (".ttl", "")),
            *(f"/id/{one.pk}{form}" for one in (*countries, *territories) for form in (".ttl", "")),
        ],
        "machines": ["/healthz", "/readyz", "/api/v1/", "/api/v1/openapi.json", "/api/v1/openapi.yaml"],
        "forms": [
            reverse("propose", args=["agreement", agreement.reference]),
            reverse("account_login"),
            f"POST {reverse('account_login')}",
        ],
    }


def after_writing() -> dict[str, Iterable[str]]:
    """Addresses that a bulk write could make expensive, by kind."""
    changes, listed = reverse("changes"), reverse("agreements")
    return {
        "changes": [changes, f"{changes}?what=withdrawn", f"{changes}?country=IS&what=ended", f"{changes}?q=ville"],
        "feeds": ["/changes.atom", "/changes.atom?what=merged", "/agreements.atom", "/agreements.atom?country=IS"],
        "list": [listed],
        "API": ["/api/v1/agreements?changed_since=2020-01-01&limit=500", "/api/v1/agreements?limit=500"],
        "CSV": ["/agreements.csv"],
    }


def write_at_once() -> None:
    """Write one step of the history that concerns very many agreements, without a file; unknown to the site yet."""
    keys = list(agreements().published().order_by("pk").values_list("pk", flat=True)[:WRITTEN])
    with context(user=None), transaction.atomic():
        Agreement.objects.filter(pk__in=keys).update(verified_on=timezone.localdate() - timedelta(days=1))


def write_one_by_one() -> None:
    """Write as many steps of the history, each of one agreement."""
    keys = list(agreements().published().order_by("-pk").values_list("pk", flat=True)[:WRITTEN])
    for key in keys:
        with context(user=None), transaction.atomic():
            Agreement.objects.filter(pk=key).update(verified_on=timezone.localdate())
