"""Lists and records under their address with another suffix: the same, whole, and nothing that is not public."""

import csv
import datetime
import io
import json
import re
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.imports.registry import resources
from core.lists import formats
from core.lists.csv_sql import Written, guarded
from core.lists.formula_guard import guard
from core.lists.json_records import literal
from networks import models as n
from partnerships import models as p
from partnerships.querysets import agreements
from tests import factories as f
from tests.importing import load_file, outcomes

LISTS = {
    "agreements": "agreements",
    "towns": "towns",
    "organisations": "organisations",
    "countries": "countries",
    "territories": "territories",
    "networks": "networks",
    "memberships": "memberships",
    "support_bodies": "support_bodies",
    "milestones": "milestones",
    "links": "web_links",
}
"""The lists by the names of their addresses, and their layouts."""


def body(response: Any) -> bytes:
    """The content of an answer."""
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content) if response.streaming else response.content


def taken(client: Client, name: str, form: str, query: str = "", **arguments: str) -> bytes:
    """The bytes of a file."""
    return body(client.get(f"{reverse(f'{name}_file', kwargs=arguments | {'form': form})}?{query}"))


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """Something in every list, with all that can be known of it."""
    source = f.source("A book", publisher="A house", date="2006")
    bfc = f.territory("FR-BFC", name="Bourgogne-Franche-Comté", latitude=47.2, longitude=5.0)
    f.make(p.TerritoryParent, territory=f.territory("FR-21", level="department"), parent=bfc)
    zone = f.make(p.CooperationZone, code="sahel")
    f.make(p.ZoneCountry, zone=zone, country=f.country("ML"), source=source)
    quetigny = f.town("Quetigny", territory=bfc, latitude=47.3, longitude=5.1, population=9464, insee="21515")
    f.make(p.TownName, town=quetigny, name="=Quetigny")
    f.make(p.TownSource, town=quetigny, source=source)
    koulikoro = f.town("Koulikoro", "ML", latitude=12.86, longitude=-7.56)
    bous = f.town("Bous", "DE", latitude=49.27, longitude=6.8)
    seat = f.organisation("Cités", acronym="C", seat=quetigny, territory=bfc, country=f.country("FR"))
    agreement = f.agreement(
        quetigny, koulikoro, bous, signed="1986-05-24", kind="twinning", description_en="Water", cite=source,
        mailbox="office@example.org", formal_status="signed", valid_until="2001",
    )  # fmt: skip
    f.make(p.AgreementTheme, agreement=agreement, theme=f.make(p.Theme, code="water"))
    eu = f.make(p.FundingSource, code="eu")
    f.make(p.FundingContribution, agreement=agreement, funding=eu, year=2020, amount=12.5, currency="EUR")
    f.make(p.Renewal, agreement=agreement, renewed="1996", valid_until="1999")
    f.make(p.Document, agreement=agreement, title="Charter", url="https://example.org/charter")
    network = f.network("UCLG", seat_town=koulikoro, founded="2004")
    f.make(n.NetworkName, network=network, name="CGLU")
    f.make(n.Membership, network=network, town=quetigny, since="1990", source=source)
    body = f.support_body("RESACOOP", services=["training"])
    f.make(n.ServedTerritory, support_body=body, territory=bfc)
    milestone = f.make(n.Milestone, network=network, source=source)
    link = f.make(n.WebLink, network=network, support_body=body, source=source)
    return {
        "agreements": agreement, "towns": quetigny, "organisations": seat, "countries": f.country("ML"),
        "territories": bfc, "networks": network, "support_bodies": body, "milestones": milestone, "links": link,
    }  # fmt: skip


def key(record: Any) -> str:
    """The public id of a record."""
    return getattr(record, "reference", None) or record.pk


@pytest.mark.parametrize("name", LISTS)
def test_json_lines_and_json_hold_the_same_records(client: Client, world: dict[str, Any], name: str) -> None:
    whole = json.loads(taken(client, name, "json"))
    lines = [json.loads(line) for line in taken(client, name, "ndjson").splitlines()]
    assert whole["records"] == lines
    assert whole["total"] == len(lines) > 0
    assert whole["licence"]["url"] == formats.LICENCE_URL
    assert datetime.datetime.fromisoformat(whole["version"]) <= datetime.datetime.fromisoformat(whole["made"])
    if name != "memberships":
        assert key(world[name]) in [line.get("reference", line.get("code")) for line in lines]


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_the_next_day_a_file_of_what_is_current_is_another(
    client: Client, world: dict[str, Any], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag, today = client.get(f"/agreements.{form}")["ETag"], timezone.localdate()
    for days, status in ((0, 304), (1, 200)):
        monkeypatch.setattr(timezone, "localdate", lambda days=days: today + datetime.timedelta(days))
        assert client.get(f"/agreements.{form}", headers={"If-None-Match": etag}).status_code == status


def test_an_agreement_is_told_whole(client: Client, world: dict[str, Any]) -> None:
    (record,) = json.loads(taken(client, "agreements", "json"))["records"]
    agreement = world["agreements"]
    assert record | {"parties": [], "sources": [], "entered": ""} == {
        "reference": agreement.reference,
        "id": f"http://localhost:8000/id/{agreement.reference}",
        "kind": "twinning",
        "parties": [],
        "signed": "1986-05-24",
        "valid_until": "2001",
        "tacit_renewal": False,
        "ended": None,
        "formal_status": "signed",
        "current_status": "expired",
        "activity": "unknown",
        "suspension": "none",
        "themes": ["water"],
        "funding": [{"funding": "eu", "year": 2020, "amount": 12.50, "currency": "EUR"}],
        "renewals": [{"renewed": "1996", "valid_until": "1999"}],
        "description_en": "Water",
        "description_fr": "",
        "mailbox": "office@example.org",
        "documents": [{"title": "Charter", "url": "https://example.org/charter", "language": "", "date": None}],
        "sources": [],
        "verified_on": None,
        "entered": "",
    }
    assert [party["name"] for party in record["parties"]] == ["Quetigny", "Koulikoro", "Bous"]
    assert record["parties"][0]["actor"] == world["towns"].reference
    assert record["sources"][0]["publisher"] == "A house"


def test_labels_are_added_and_codes_stay(client: Client, world: dict[str, Any]) -> None:
    (plain,), (french,) = (json.loads(taken(client, "agreements", "json", q))["records"] for q in ("", "lang=fr"))
    assert french.pop("labels")["kind"] == "jumelage"
    assert plain == french


@pytest.mark.parametrize("form", ["ended", "suspended", "left", "renewed", "plain", "over"])
def test_what_is_derived_is_what_the_queryset_derives(client: Client, db: None, form: str) -> None:
    today = timezone.localdate()
    agreement = f.agreement(formal_status="in-force", valid_until=str(today.year - 1) if form != "plain" else None)
    party, other = agreement.parties.all()
    match form:
        case "suspended":
            f.make(p.Suspension, party=party, since=str(today.year - 1))
        case "left":
            p.Party.objects.filter(pk=party.pk).update(left=str(today.year - 1))
            f.make(p.Suspension, party=other)
        case "renewed":
            f.make(p.Renewal, agreement=agreement, renewed=str(today.year - 1), valid_until=str(today.year))
            f.make(p.Suspension, party=other, since="2001", until=str(today.year))
        case "over":
            f.make(p.Suspension, party=other, since="2001", until=(today - datetime.timedelta(1)).isoformat())
    expected = agreements().with_statuses().get()
    (record,) = json.loads(taken(client, "agreements", "json", "domestic=1&past=1"))["records"]
    assert (record["current_status"], record["suspension"]) == (expected.current_status, expected.suspension)


def test_lines_join_every_two_parties(client: Client, world: dict[str, Any]) -> None:
    collection = json.loads(taken(client, "agreements", "geojson"))
    assert collection["type"] == "FeatureCollection"
    (feature,) = collection["features"]
    assert feature["id"] == world["agreements"].reference == feature["properties"]["reference"]
    assert feature["geometry"] == {
        "type": "MultiLineString",
        "coordinates": [
            [[5.1, 47.3], [-7.56, 12.86]],
            [[5.1, 47.3], [6.8, 49.27]],
            [[-7.56, 12.86], [6.8, 49.27]],
        ],
    }


def test_lines_lead_to_no_party_that_has_left(client: Client, world: dict[str, Any]) -> None:
    world["agreements"].parties.filter(position=2).update(left="2001")
    (feature,) = json.loads(taken(client, "agreements", "geojson"))["features"]
    assert feature["geometry"]["coordinates"] == [[[5.1, 47.3], [6.8, 49.27]]]


def test_a_line_is_cut_at_the_180th_meridian(client: Client, db: None) -> None:
    f.agreement(f.town(latitude=10, longitude=170), f.town(code="DE", latitude=30, longitude=-160))
    (feature,) = json.loads(taken(client, "agreements", "geojson"))["features"]
    (west, east) = feature["geometry"]["coordinates"]
    assert west[0] == [170, 10]
    assert west[1][0] == 180
    assert west[1][1] == pytest.approx(10 + 20 / 3)
    assert east == [[-180, west[1][1]], [-160, 30]]


def test_without_coordinates_there_is_no_geometry(client: Client, db: None) -> None:
    f.agreement(f.town(latitude=10, longitude=170), f.town(code="DE"))
    assert json.loads(taken(client, "agreements", "geojson"))["features"][0]["geometry"] is None
    points = [one["geometry"] for one in json.loads(taken(client, "towns", "geojson"))["features"]]
    assert {"type": "Point", "coordinates": [170, 10]} in points
    assert None in points


@pytest.mark.parametrize("name", LISTS)
def test_postgresql_writes_the_cells_that_the_widgets_write(world: dict[str, Any], name: str) -> None:
    resource = resources()[LISTS[name]](**({"parties": 3} if name == "agreements" else {}))
    records = resource.existing().order_by("pk")
    keys = list(records.values_list("pk", flat=True))
    found = list(csv.reader(io.StringIO(b"".join(Written.of(resource).stream(keys)).decode(), newline="")))
    shown = resource.filter_export(records)
    resource.before_export(shown)
    expected = [
        [cell and guard(cell) for cell in resource.export_resource(one)] for one in resource.iter_queryset(shown)
    ]
    assert found == expected
    assert found


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.text("'=+-@\t\r\n＝1. aE(\u00a0")
)
def test_postgresql_guards_as_we_do(django_db_blocker: Any, django_db_setup: None, text: str) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {guarded('cell')} FROM (SELECT {literal(text)}::text AS cell) AS one")
        assert cursor.fetchone()[0] == guard(text)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_spreadsheet_comes_in_again_unchanged(client: Client, world: dict[str, Any], name: str, form: str) -> None:
    imported = load_file(LISTS[name], taken(client, name, form), file_name=f"list.{form}")
    assert set(outcomes(imported)) == {"unchanged"}


def test_a_spreadsheet_says_where_it_is_from(client: Client, world: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(taken(client, "towns", "xlsx", "country=FR")))
    assert book.sheetnames == ["data", "about"]
    told = dict(book["about"].values)
    assert told["licence_url"] == formats.LICENCE_URL
    assert told["address"] == "http://localhost:8000/towns.xlsx?country=FR"
    headers, *rows = book["data"].values
    (row,) = (dict(zip(headers, row, strict=True)) for row in rows if row[1] == "Quetigny")
    assert (row["population"], row["latitude"], row["insee"]) == (9464, 47.3, "21515")


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_what_is_too_long_for_a_spreadsheet_is_refused_with_a_way_out(
    client: Client, world: dict[str, Any], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats.FILE_FORMATS, form, formats.FileFormat(formats.FILE_FORMATS[form].media_type, 2))
    response = client.get(f"/towns.{form}?sort=name")
    assert response.status_code == 400
    assert f"{settings.SITE_URL}/towns.csv?sort=name" in response.content.decode()


RECORDS = ["agreement", "town", "organisation", "country", "territory", "network", "supportbody"]
PLURALS = dict(
    zip(RECORDS, ["agreements", "towns", "organisations", "countries", "territories", "networks", "support_bodies"],
        strict=True)
)  # fmt: skip


def arguments(record: Any) -> dict[str, str]:
    """What the address of a record's file needs."""
    return {"address": record.address} if hasattr(record, "address") else {"code": record.pk.lower()}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_had_in_every_form(client: Client, world: dict[str, Any], name: str) -> None:
    record = world[PLURALS[name]]
    told = json.loads(taken(client, name, "json", **arguments(record)))["records"]
    whole = json.loads(taken(client, PLURALS[name], "json", "past=1" * (name == "territory")))["records"]
    assert told == [one for one in whole if key(record) in (one.get("reference"), one.get("code"))]
    (row,) = csv.DictReader(io.StringIO(taken(client, name, "csv", **arguments(record)).decode(), newline=""))
    assert key(record) in row.values()
    assert openpyxl.load_workbook(io.BytesIO(taken(client, name, "xlsx", **arguments(record))))["data"].max_row == 2
    if name != "country":
        feature = json.loads(taken(client, name, "geojson", **arguments(record)))["features"][0]
        assert feature["geometry"] or name == "supportbody"


def test_a_country_has_no_place_on_a_map(client: Client, world: dict[str, Any]) -> None:
    assert client.get("/countries/ml.geojson").status_code == 404
    assert client.get("/countries.geojson").status_code == 404


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_record_that_is_not_public(client: Client, db: None, form: str) -> None:
    survivor, draft = f.town("Survivor"), f.town(publication="draft")
    merged, withdrawn = f.town(**f.WITHDRAWN, merged_into=survivor), f.town(**f.WITHDRAWN)
    for unknown in (f.town(publication="withdrawn", merged_into=survivor), f.town(publication="withdrawn")):
        assert client.get(f"/towns/{unknown.address}.{form}").status_code == 404
    assert client.get(f"/towns/{draft.address}.{form}").status_code == 404
    assert client.get(f"/towns/T999999.{form}").status_code == 404
    assert client.get(f"/towns/{withdrawn.address}.{form}").status_code == 410
    response = client.get(f"/towns/{merged.reference}.{form}")
    assert (response.status_code, response["Location"]) == (301, f"/towns/{survivor.address}.{form}")


def test_nothing_private_is_in_any_file(client: Client, world: dict[str, Any]) -> None:
    secret = "Zyxwv"
    agreement = world["agreements"]
    f.make(p.Contact, agreement=agreement, name=secret, email=f"{secret}@example.org", phone=secret, public=True)
    person = f.user(secret, first_name=secret, last_name=secret, email=f"{secret}@example.org")
    f.make(p.Submission, agreement=agreement, author=person, author_name=secret, text=secret)
    f.make(p.Mandate, user=person)
    f.agreement(f.town(secret, publication="draft"), f.town(code="DE"), publication="draft", description_en=secret)
    f.town(secret, publication="submitted")
    f.organisation(secret, publication="withdrawn")
    hidden = f.network(secret, publication="draft")
    f.support_body(secret, publication="draft")
    f.make(n.Membership, network=hidden, town=world["towns"])
    f.make(n.Membership, network=world["networks"], town=f.town(secret, "DE", publication="draft"))
    f.make(n.Milestone, network=hidden)
    for name in LISTS:
        for form in ("csv", "json", "geojson"):
            response = client.get(reverse(f"{name}_file", args=[form]))
            if response.status_code == 200:
                text = body(response).decode()
                assert secret not in text, (name, form)
                assert hidden.reference not in re.findall(r"N\d+", text), (name, form)


def test_who_has_the_newest_is_told_so(client: Client, world: dict[str, Any]) -> None:
    # A transaction that ends at the moment of asking, of any database of the server, makes another mark.
    for _try in range(5):
        etag = client.get("/agreements.json")["ETag"]
        if (status := client.get("/agreements.json", headers={"If-None-Match": etag}).status_code) == 304:
            break
    assert status == 304
    assert client.get("/agreements.json?lang=fr", headers={"If-None-Match": etag}).status_code == 200
    f.make(p.TownName, town=world["towns"], name="Another")
    assert client.get("/agreements.json", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", ["/agreements.json?contry=FR", "/agreements.geojson?since=x", "/towns.ndjson?lang=xx"])
def test_what_is_wrong_is_a_problem_in_words(client: Client, db: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert (told["status"], told["title"]) == (400, "Bad Request")
    assert path.rpartition("?")[2].partition("=")[0] in told["detail"]


@pytest.mark.parametrize("name", ["agreements", "towns", "countries", "milestones", "links", "agreement", "country"])
def test_pages_lead_to_their_files(client: Client, world: dict[str, Any], name: str) -> None:
    record = {"agreement": world["agreements"], "country": world["countries"]}.get(name)
    page = client.get(reverse(name, kwargs=arguments(record) if record else {}))
    html = page.content.decode()
    heads = dict(re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)"', html))
    announced = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', page["Link"])
    assert {kind for _address, kind in announced} == set(heads)
    for address in heads.values():
        assert f'<a href="{address}">' in html
        assert resolve(address.partition("?")[0]).url_name == f"{name}_file"
        assert client.get(address.replace("&amp;", "&")).status_code == 200


def test_the_question_goes_along(client: Client, world: dict[str, Any]) -> None:
    page = client.get("/en/agreements/?country=FR&page=1&view=table")
    assert '<a href="/agreements.json?country=FR">' in page.content.decode()
    assert "<http://testserver/agreements.csv?country=FR&page=1&view=table>" in page["Link"]
    assert client.get("/agreements.csv?country=FR&page=1&view=table").status_code == 200
