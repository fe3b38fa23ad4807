"""Lists as files: the same records in the same order as the list, in a form that comes in again unchanged."""

import csv
import datetime
import io
import re

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core.database.copy import copied_out
from core.lists import csv_sql, json_records
from core.lists.formula_guard import guard, unguard
from partnerships.models import Agreement, Town
from partnerships.views import AgreementsFile
from tests import factories as f
from tests.importing import load, load_file, outcomes

RESOURCES = {
    "agreements": "agreements",
    "towns": "towns",
    "organisations": "organisations",
    "networks": "networks",
    "support_bodies": "support_bodies",
}
TEXTS = st.text() | st.lists(st.sampled_from("'=+-@\t\r\n＝1. a(")).map("".join)


def content(client: Client, name: str, query: str = "") -> bytes:
    """The bytes of a file."""
    response = client.get(f"{reverse(f'{name}_file', args=['csv'])}?{query}")
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def lines(client: Client, name: str, query: str = "") -> list[dict[str, str]]:
    """The rows of a file."""
    return list(csv.DictReader(io.StringIO(content(client, name, query).decode(), newline="")))


def listed(client: Client, name: str, query: str = "") -> list[str]:
    """The references of a list on all its pages."""
    found, page = [], 1
    while True:
        context = client.get(f"{reverse(name)}?{query}&page={page}").context
        found += [record.reference for record in context["page_obj"]]
        if not context["page_obj"].has_next():
            return found
        page += 1


@pytest.fixture
def world(db: None) -> None:
    """Something in every list, names and languages that need care included."""
    f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    quetigny = f.town("Quetigny", territory_id="FR-BFC", population=9464, latitude=47.3, longitude=-5.25)
    koulikoro = f.town("Koulikoro", code="ML")
    bous = f.town("Bous", code="DE")
    hospital = f.organisation("Hôpital; “Saint-Jean”, 1er", country=f.country("FR"))
    f.agreement(quetigny, koulikoro, bous, signed="1986-05", kind="twinning", description_en="Water,\r\nand more")
    f.agreement(bous, hospital, signed="2001", kind="cooperation")
    f.agreement(koulikoro, bous, kind="friendship", description_en="=1+1", description_fr="'-x")
    f.agreement(quetigny, f.town("Dijon"), kind="twinning")
    f.network(acronym="@net", founded="2004")
    f.network(acronym="AIMF")
    f.support_body(name="-Bureau", founded="1990")
    f.support_body()


@given(TEXTS)
def test_what_the_guard_adds_is_taken_away_again(text: str) -> None:
    assert unguard(guard(text)) == text


@given(TEXTS)
def test_no_guarded_cell_is_a_formula(text: str) -> None:
    cell = guard(text)
    assert cell[:1] not in tuple("=+-@\t\r\n＝＋－＠") or re.fullmatch(
        r"[-+]?[\d.,e+() \u00a0\u202f-]+", cell, re.I | re.A
    )


@pytest.mark.parametrize(
    "text", ["-5", "+33 3 80 48 28 28", "-5.25", "-1e-05", "", "Côte-d'Or", "'s-Hertogenbosch", "l'=x"]
)
def test_what_is_no_formula_stays(text: str) -> None:
    assert guard(text) == unguard(text) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+1(A1)", "'+1(A1)"),
        ("'=x", "''=x"),
        ("\t=x", "'\t=x"),
    ],
)
def test_what_could_run_is_marked_as_text(text: str, cell: str) -> None:
    assert guard(text) == cell
    assert unguard(cell) == text


def test_a_file_names_no_town_of_a_seat_that_is_not_published(client: Client, db: None) -> None:
    public, draft = f.town(), f.town(publication="draft")
    for name, town in (("A", public), ("B", draft)):
        f.organisation(name, seat=town)
    assert [line["seat"] for line in lines(client, "organisations", "sort=name")] == [public.reference, ""]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("agreements", ""),
        ("agreements", "sort=signed"),
        ("agreements", "sort=-name&country=DE&domestic=1"),
        ("agreements", "country=FR&partner=ML"),
        ("agreements", "kind=twinning&domestic=1&page=7&view=table&more=country"),
        ("agreements", "q=nowhere"),
        ("towns", "sort=-population"),
        ("towns", "country=FR,ML"),
        ("organisations", ""),
        ("networks", "sort=-founded"),
        ("support_bodies", "sort=founded"),
    ],
)
def test_a_file_is_the_list(client: Client, world: None, name: str, query: str) -> None:
    assert [row["reference"] for row in lines(client, name, query)] == listed(client, name, query)


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("form", ["", "delimiter=%3B&bom=1"])
def test_a_file_comes_in_again_unchanged(client: Client, world: None, name: str, form: str) -> None:
    imported = load_file(RESOURCES[name], content(client, name, form + "&domestic=1" * (name == "agreements")))
    assert imported.rows
    assert set(outcomes(imported)) == {"unchanged"}


def test_a_formula_comes_in_as_the_text_that_it_was(client: Client, world: None) -> None:
    rows = {row["description"]: row["description_fr"] for row in lines(client, "agreements")}
    assert rows["'=1+1"] == "''-x"
    assert Agreement.objects.get(kind="friendship").description_en == "=1+1"
    load("towns", {"name": "'=Town", "country": "FR"})
    assert Town.objects.filter(name="=Town").exists()


def test_an_agreement_has_the_columns_of_all_its_parties(client: Client, world: None) -> None:
    (row,) = lines(client, "agreements", "kind=twinning&since=1986&until=1986")
    assert [row[f"party_{number}"] for number in (1, 2, 3)] == ["Quetigny", "Koulikoro", "Bous"]
    assert row["lon_1"] == "-5.25"
    assert row["description"] == "Water,\r\nand more"
    assert "party_4" not in row
    assert "party_3" not in lines(client, "agreements", "kind=cooperation")[0]


def test_nothing_unpublished_is_sent(client: Client, world: None) -> None:
    for kind in ("draft", "submitted"):
        f.agreement(publication=kind)
        f.town(publication=kind)
        f.network(publication=kind)
        f.support_body(publication=kind)
        f.organisation(publication=kind)
    for name in RESOURCES:
        assert [row["reference"] for row in lines(client, name)] == listed(client, name)


def test_headers_of_the_answer(client: Client, world: None) -> None:
    response = client.get(reverse("agreements_file", args=["csv"]))
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert re.fullmatch(
        r'attachment; filename="coopdir-agreements-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"]
    )
    licence, *others = response["Link"].split(", ")
    assert licence == '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'
    assert '<http://testserver/agreements.geojson>; rel="alternate"; type="application/geo+json"' in others
    assert datetime.datetime.fromisoformat(response["Data-Version"]).tzinfo
    assert response["X-Robots-Tag"] == "noindex"
    assert client.head(reverse("agreements_file", args=["csv"])).status_code == 200


def test_a_spreadsheet_in_french_gets_semicolons_and_a_byte_order_mark(client: Client, world: None) -> None:
    plain, french = content(client, "towns"), content(client, "towns", "delimiter=;&bom=1")
    assert plain.startswith(b"reference,name,")
    assert french.startswith("\ufeffreference;name;".encode())
    rows = list(csv.reader(io.StringIO(french.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == list(csv.reader(io.StringIO(plain.decode(), newline="")))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("country=XX", "XX"),
        ("sort=colour", "colour"),
        ("since=yesterday", "yesterday"),
        ("contry=FR", "contry"),
        ("delimiter=x", "delimiter"),
        ("bom=2", "bom"),
        ("lang=de", "lang"),
        ("country=XX&lang=fr", "pays"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, world: None, query: str, said: str) -> None:
    response = client.get(f"{reverse('agreements_file', args=['csv'])}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert said in response.content.decode()


def test_the_number_of_queries_grows_by_chunks_only(world: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def queries() -> tuple[int, int]:
        copies: list[str] = []
        monkeypatch.setattr(csv_sql, "copied_out", lambda *asked: copies.append(asked[1]) or copied_out(*asked))
        with CaptureQueriesContext(connection) as captured:
            response = AgreementsFile.as_view()(RequestFactory().get("/agreements.csv"), form="csv")
            b"".join(response.streaming_content)
        return len(captured), len(copies)

    queries()
    few = queries()
    for _number in range(9):
        f.agreement()
    queries()
    assert queries() == few == (few[0], 1)
    monkeypatch.setattr(json_records, "FIRST_CHUNK_SIZE", 6)
    assert queries() == (few[0], 2)


def test_coordinates_are_written_as_python_does(client: Client, db: None) -> None:
    """PostgreSQL writes the cells of agreements."""
    points = [47.0, -5.0, 1e-05, -89.123456789012345, 0.1 + 0.2, 12.5]
    f.agreement(*[f.town(code="FR" if place else "DE", latitude=at, longitude=at) for place, at in enumerate(points)])
    (row,) = lines(client, "agreements")
    assert [row[f"lat_{place}"] for place in range(1, 7)] == [repr(at) for at in points]
