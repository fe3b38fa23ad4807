"""To Wikidata and from it: what it lacks as commands, what it knows as a file that imports read."""

import json
import shlex
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rdflib import Graph

from coopdir.management.commands.fetch_wikidata import import_command
from coopdir.opendata.exchange import wikidata
from coopdir.opendata.exchange.quickstatements import time
from core.imports.registry import resources
from partnerships.imports.header_aliases import FETCHED_HEADERS, FETCHED_OPTIONS
from partnerships.models import Agreement, Party, Town
from tests import factories

pytestmark = pytest.mark.django_db


# What Wikidata lacks


def lines(client: Client, **question: Any) -> list[list[str]]:
    answer = client.get(reverse("quickstatements"), question)
    assert answer.status_code == 200
    return [line.split("\t") for line in answer.getvalue().decode().splitlines()]


def pairs(client: Client, **question: Any) -> set[tuple[str, str]]:
    return {(line[0], line[2]) for line in lines(client, **question)}


def item(number: int, code: str = "FR", **columns: Any) -> Town:
    return factories.town(code=code, wikidata=f"Q{number}", **columns)


def test_a_pair_is_told_on_both_sides_with_its_date_and_source(client: Client) -> None:
    source = factories.source(url='https://example.org/a"b')
    agreement = factories.agreement(item(1), item(2, "DE"), signed="1958-05", cite=source)
    today = timezone.localdate().isoformat()
    rest = ["P580", "+1958-05-00T00:00:00Z/10", "S854", '"https://example.org/a%22b"', "S813", time(today)]
    assert lines(client) == [["Q1", "P190", "Q2", *rest], ["Q2", "P190", "Q1", *rest]]
    Agreement.objects.filter(pk=agreement.pk).update(ended="1999", signed=None)
    assert lines(client) == []  # as the list, which leaves out what is over
    assert "P582\t+1999-00-00T00:00:00Z/9" in "\t".join(lines(client, past="1")[0])


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ("1958", "+1958-00-00T00:00:00Z/9"),
        ("1958-05", "+1958-05-00T00:00:00Z/10"),
        ("1958-05-24", "+1958-05-24T00:00:00Z/11"),
    ],
)
def test_a_date_is_no_more_precise_than_it_is_known(date: str, written: str) -> None:
    assert time(date) == written


@pytest.mark.parametrize(
    "origin",
    [
        {"url": "https://www.wikidata.org/wiki/Property:P190"},
        {"publisher": "Wikidata"},
        {"title": "Wikidata: twinned towns of France"},
    ],
)
def test_what_came_from_wikidata_is_no_news_to_it(client: Client, origin: dict[str, str]) -> None:
    one, other = item(1), item(2, "DE")
    factories.agreement(one, other, cite=factories.source(**origin))
    factories.agreement(one, other, item(3, "ML"), kind="cooperation")
    assert pairs(client) == {("Q1", "Q3"), ("Q3", "Q1"), ("Q2", "Q3"), ("Q3", "Q2")}


@pytest.mark.parametrize("kind", ["project", "memorandum", "informal", "one-off", "emergency"])
def test_what_p190_does_not_mean_is_left_out(client: Client, kind: str) -> None:
    factories.agreement(item(1), item(2, "DE"), kind=kind)
    factories.agreement(item(3), item(4, "DE"), formal_status="draft")
    factories.agreement(item(5), factories.town(code="DE"))
    factories.agreement(item(7), item(8, "DE"), publication="draft")
    assert lines(client) == []


def test_a_pair_is_told_once(client: Client) -> None:
    one, other = item(1), item(2, "DE")
    factories.agreement(one, other, kind="twinning")
    factories.agreement(one, other, kind="friendship")
    assert len(lines(client)) == 2


def test_who_joined_later_is_twinned_since_then(client: Client) -> None:
    agreement = factories.agreement(item(1), item(2, "DE"), item(3, "ML"), signed="1986")
    Party.objects.filter(agreement=agreement, town__wikidata="Q3").update(joined="1989")
    since = {(line[0], line[2]): line[4][1:5] for line in lines(client)}
    assert (since["Q1", "Q2"], since["Q1", "Q3"], since["Q3", "Q2"]) == ("1986", "1989", "1989")


def test_the_filters_of_the_list_hold(client: Client) -> None:
    factories.agreement(item(1), item(2, "DE"))
    factories.agreement(item(3), item(4, "ML"))
    assert pairs(client, country="ML") == {("Q3", "Q4"), ("Q4", "Q3")}
    assert client.get(reverse("quickstatements"), {"contry": "ML"}).status_code == 400


# What Wikidata knows

ENTITIES = """
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix p: <http://www.wikidata.org/prop/> . @prefix ps: <http://www.wikidata.org/prop/statement/> .
@prefix pqv: <http://www.wikidata.org/prop/qualifier/value/> . @prefix pq: <http://www.wikidata.org/prop/qualifier/> .
@prefix psv: <http://www.wikidata.org/prop/statement/value/> . @prefix wikibase: <http://wikiba.se/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

wd:Q142 wdt:P297 "FR" ; rdfs:label "France" . wd:Q183 wdt:P297 "DE" ; rdfs:label "Germany" .
wd:Q7003 wdt:P17 wd:Q142 ; rdfs:label "Dijon" ; wdt:P1082 159346 ; p:P625 [ psv:P625 [
    wikibase:geoLatitude 47.32 ; wikibase:geoLongitude 5.04 ] ] ;
  p:P190 [ ps:P190 wd:Q1720 ; wikibase:rank wikibase:NormalRank ; pqv:P580 [
    wikibase:timeValue "1958-01-01T00:00:00Z"^^xsd:dateTime ; wikibase:timePrecision 9 ] ] ,
    [ ps:P190 wd:Q2 ; wikibase:rank wikibase:DeprecatedRank ] ,
    [ ps:P190 wd:Q2 ; wikibase:rank wikibase:NormalRank ; pq:P582 "1999" ] .
wd:Q1720 wdt:P17 wd:Q183 ; rdfs:label "Mainz" ; wdt:P1082 220552 , 217123 .
wd:Q2 wdt:P17 wd:Q183 ; rdfs:label "Elsewhere" .
"""
PREFIXES = "\n".join(
    line.strip().removesuffix(" .").replace("@prefix", "PREFIX")
    for prefix in ENTITIES.split(" .")
    if "@prefix" in (line := prefix + " .")
)
LABELS = " ".join(
    f"OPTIONAL {{ ?{name} <http://www.w3.org/2000/01/rdf-schema#label> ?{name}Label }}"
    for name in ("origin", "originCountry", "sister", "sisterCountry")
)


class Service(BaseHTTPRequestHandler):
    """A SPARQL endpoint over a few entities as Wikidata has them; of its own label service, what labels are."""

    graph = Graph().parse(data=ENTITIES, format="turtle")
    answer: tuple[int, bytes] | None = None
    """What it says instead, if anything."""

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert self.headers["Accept"] == "application/sparql-results+json"
        assert "CoopDir" in self.headers["User-Agent"]
        if self.answer:
            status, content = self.answer
        else:
            before, _found, after = form["query"][0].partition("SERVICE wikibase:label {")
            query = PREFIXES + before + LABELS + after.partition("}")[2]
            status, content = 200, self.graph.query(query).serialize(format="json")
        self.send_response(status)
        self.send_header("Content-Type", "application/sparql-results+json")
        if status == 429:
            self.send_header("Retry-After", "60")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Service]]:
    class Own(Service):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.WIKIDATA_SPARQL = f"http://127.0.0.1:{server.server_port}/sparql"
    yield Own
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_fetched_comes_in(service: type[Service], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factories.country("FR"), factories.country("DE")
    path = tmp_path / "france.tsv"
    call_command("fetch_wikidata", "France", output=path)
    told = capsys.readouterr().out
    assert "1 pairs, CC0" in told
    assert import_command(path) in told
    head, row = [line.split("\t") for line in path.read_text().splitlines()]
    assert dict(zip(head, row, strict=True)) | {"destinationpopulation": ""} == {
        "origincityLabel": "Dijon",
        "origincountry": "France",
        "originlat": "47.32",
        "originlong": "5.04",
        "originpopulation": "159346",
        "sistercityLabel": "Mainz",
        "destinationlat": "",
        "destinationlong": "",
        "destinationpopulation": "",
        "destination_countryLabel": "Germany",
        "origincode": "wikidata:Q7003",
        "destinationcode": "wikidata:Q1720",
        "since": "1958",
    }
    _manage, *words = shlex.split(import_command(path).replace("\\\n", ""))
    call_command(*words)
    agreement = Agreement.objects.get()
    assert (agreement.signed, agreement.kind) == ("1958", "twinning")
    assert {party.town.wikidata for party in agreement.parties.all()} == {"Q7003", "Q1720"}
    assert [path.name for path in tmp_path.iterdir()] == ["france.tsv"]


@pytest.mark.parametrize(("precision", "since"), [(7, ""), (8, ""), (9, "1958"), (10, "1958-01"), (11, "1958-01-01")])
def test_a_date_is_told_as_far_as_it_is_known(
    service: type[Service], tmp_path: Path, precision: int, since: str
) -> None:
    known = ENTITIES.replace("timePrecision 9", f"timePrecision {precision}")
    service.graph = Graph().parse(data=known, format="turtle")
    call_command("fetch_wikidata", "FR", output=tmp_path / "a.tsv")
    _head, row = (tmp_path / "a.tsv").read_text().splitlines()
    assert row.split("\t")[-1] == since


def test_a_profile_of_imports_reads_the_file() -> None:
    assert list(wikidata.WIKIDATA_COLUMNS) == FETCHED_HEADERS
    assert set(FETCHED_OPTIONS["mapping"].values()) == set(FETCHED_HEADERS)
    profiles = {name: headers for name, headers, _options in resources()["agreements"].profiles}
    assert list(wikidata.WIKIDATA_COLUMNS) in profiles.values()


def test_pages_are_asked_for_until_there_is_no_more(
    service: type[Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wikidata, "PAGE", 1)
    call_command("fetch_wikidata", "FR", output=tmp_path / "a.tsv")
    assert len((tmp_path / "a.tsv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((429, b""), "429 Too Many Requests. Try again in 60 seconds."),
        ((500, b"timeout"), "500 Internal Server Error"),
        ((200, b"<html>Log in to this network</html>"), "something else than SPARQL results"),
        ((200, json.dumps({"results": {"bindings": []}}).encode()), "knows no twinned towns of FR"),
    ],
)
def test_what_goes_wrong_is_said(service: type[Service], tmp_path: Path, answer: Any, said: str) -> None:
    service.answer = answer
    (tmp_path / "a.tsv").write_text("as it was")
    with pytest.raises(CommandError, match="Nothing was written") as error:
        call_command("fetch_wikidata", "FR", output=tmp_path / "a.tsv")
    assert said in str(error.value)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as it was"]


def test_a_machine_without_a_network_is_told_so(settings: Any, tmp_path: Path) -> None:
    settings.WIKIDATA_SPARQL = "http://127.0.0.1:9/sparql"
    with pytest.raises(CommandError, match=r"cannot be reached .* Is this machine online"):
        call_command("fetch_wikidata", "FR", output=tmp_path / "a.tsv")
    with pytest.raises(CommandError, match="“Atlantis” is no country"):
        call_command("fetch_wikidata", "Atlantis")
