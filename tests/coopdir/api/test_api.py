"""Reading by the API: the records of the pages, page by page, and what a mirror needs to stay true."""

import datetime
import gzip
import json
from typing import Any
from urllib.parse import urlsplit

import brotli
import jsonschema
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coopdir.api import schema, views
from coopdir.api.endpoints import ENDPOINTS
from core import shares
from networks import models as n
from partnerships import models as p
from partnerships.querysets import agreements
from tests import factories as f
from tests.core.lists.test_files import world as everything

world = everything  # a fixture

ROOT = "/api/v1/"


def got(client: Client, address: str, status: int = 200, **headers: str) -> Any:
    """The JSON of an answer."""
    parts = urlsplit(address)
    response = client.get(f"{parts.path}?{parts.query}", headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def walked(client: Client, address: str) -> list[dict[str, Any]]:
    """The records of all pages."""
    found = []
    while address:
        page = got(client, address)
        found += page["records"]
        address = page["next"]
    return found


@pytest.fixture(autouse=True)
def _nobody_has_called(db: None) -> None:
    shares.reset_shares()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_record_is_as_its_schema_says(client: Client, world: dict[str, Any], name: str) -> None:
    document = schema.openapi_document()
    for query in ("", "expand=" + ",".join(ENDPOINTS[name].kind.expandable), "lang=fr"):
        page = got(client, f"{ROOT}{name}?{query}")
        assert page["total"] == len(page["records"]) > 0
        operation = document["paths"][f"{ROOT}{name}"]["get"]["responses"]["200"]["content"]["application/json"]
        jsonschema.validate(page, operation["schema"] | {"components": document["components"]})
        assert set(page["records"][0]) - {"labels"} == set(ENDPOINTS[name].kind.names)
        assert ("labels" in page["records"][0]) == (query == "lang=fr")


@pytest.mark.parametrize("name", [name for name, endpoint in ENDPOINTS.items() if endpoint.of_all])
def test_a_record_by_itself_is_the_one_of_the_list(client: Client, world: dict[str, Any], name: str) -> None:
    for record in got(client, f"{ROOT}{name}")["records"]:
        code = record.get("reference", record.get("code"))
        assert got(client, f"{ROOT}{name}/{code.lower()}") == record


@pytest.mark.parametrize("name", ["agreements", "parties", "towns", "countries"])
def test_pages_hold_everything_once_at_any_size(client: Client, world: dict[str, Any], name: str) -> None:
    for _number in range(5):
        f.agreement()
    whole = got(client, f"{ROOT}{name}")["records"]
    assert len(whole) >= 2
    for size in (1, 2, 3):
        assert walked(client, f"{ROOT}{name}?limit={size}") == whole


def test_what_comes_in_between_moves_no_page(client: Client, db: None) -> None:
    agreements = [f.agreement() for _number in range(4)]
    first = got(client, f"{ROOT}agreements?limit=2&fields=reference")
    p.Agreement.objects.filter(pk=agreements[0].pk).update(publication="withdrawn")
    added = f.agreement()
    rest = walked(client, first["next"])
    found = [record["reference"] for record in [*first["records"], *rest]]
    assert found == [agreement.reference for agreement in [*agreements, added]]


def test_a_page_costs_the_same_queries_at_any_size_and_depth(client: Client, db: None) -> None:
    def queries(address: str) -> int:
        got(client, address)
        with CaptureQueriesContext(connection) as captured:
            got(client, address)
        return len(captured)

    agreements = [f.agreement() for _number in range(9)]
    address = f"{ROOT}agreements?expand=parties,sources"
    small, deep = queries(f"{address}&limit=1"), queries(f"{address}&limit=1&after={agreements[6].pk}")
    assert queries(f"{address}&limit=8") == small
    assert deep <= small


def test_filters_are_those_of_the_list(client: Client, world: dict[str, Any]) -> None:
    other = f.agreement(kind="friendship")
    for query, expected in (
        ("", [world["agreements"], other]),
        ("country=ML", [world["agreements"]]),
        ("kind=friendship", [other]),
        ("country=FR&partner=ML,DE", [world["agreements"], other]),
        ("q=koulik", [world["agreements"]]),
        ("theme=water&since=1987", []),
    ):
        page = got(client, f"{ROOT}agreements?{query}&fields=reference")
        assert page["records"] == [{"reference": agreement.reference} for agreement in expected], query
        assert page["total"] == len(expected)


def test_what_is_derived_is_what_lists_derive(client: Client, db: None) -> None:
    day = timezone.localdate()
    terms = {f"{day:%Y}": "signed", f"{day:%Y-%m}": "signed", str(day): "signed", "2001": "expired"}
    expected = {
        f.agreement(formal_status="signed", valid_until=until).reference: (status, "none")
        for until, status in terms.items()
    }
    open_, over = (f.agreement(formal_status="renewed", valid_until="2001") for _number in range(2))
    for renewed, until in (("2001", "2002"), ("2003", None)):
        f.make(p.Renewal, agreement=open_, renewed=renewed, valid_until=until)
    f.make(p.Renewal, agreement=over, renewed="2001", valid_until="2002")
    expected |= {open_.reference: ("renewed", "none"), over.reference: ("expired", "none")}
    for parties, suspended, left, suspension in (
        (2, 1, [], "whole"),
        (3, 1, [], "partial"),
        (3, 2, [], "whole"),
        (3, 1, [3], "whole"),
        (3, 1, [1], "none"),
    ):
        agreement = f.agreement(*(f.town(code=code) for code in ("FR", "ML", "DE")[:parties]))
        for party in agreement.parties.filter(position__lte=suspended):
            f.make(p.Suspension, party=party)
        agreement.parties.filter(position__in=left).update(left="2001")
        expected[agreement.reference] = ("unknown", suspension)
    told = got(client, f"{ROOT}agreements")["records"]
    assert {one["reference"]: (one["current_status"], one["suspension"]) for one in told} == expected
    listed = agreements().with_statuses().values_list("reference", "current_status", "suspension")
    assert {reference: tuple(derived) for reference, *derived in listed} == expected


def test_parties_are_told_in_their_order(client: Client, db: None) -> None:
    agreement = f.agreement()
    agreement.parties.filter(position=1).update(position=3)
    second, first = (party.town.reference for party in agreement.parties.order_by("id"))
    for query in ("", "?expand=parties"):
        told = got(client, f"{ROOT}agreements/{agreement.reference}{query}")["parties"]
        assert [one["actor"] if query else one for one in told] == [first, second]


def test_expand_gives_members_whole(client: Client, world: dict[str, Any]) -> None:
    code = world["agreements"].reference
    plain = got(client, f"{ROOT}agreements/{code}")
    whole = got(client, f"{ROOT}agreements/{code}?expand=parties,sources")
    assert plain["parties"] == [party["actor"] for party in whole["parties"]]
    assert whole["sources"][0]["reference"] == plain["sources"][0]
    assert plain["funding"] == whole["funding"] == ["eu"]


@pytest.mark.parametrize(
    ("query", "parameter", "said"),
    [
        ("limit=0", "limit", "500"),
        ("limit=x", "limit", "500"),
        ("after=x", "after", "next"),
        ("fields=secret", "fields", "reference"),
        ("expand=kind", "expand", "parties"),
        ("lang=de", "lang", "en, fr"),
        ("contry=FR", "contry", "country"),
        ("country=XX", "country", "FR or ML"),
        ("sort=signed", "sort", "Known are"),
        ("page=2", "page", "after"),
        ("since=soon", "since", "1986"),
        ("changed_since=soon", "changed_since", "2026"),
        ("changed_since=9999-99-99", "changed_since", "2026"),
        ("q=%00", "q", ""),
        ("limit=1&limit=2", "limit", "more than once"),
        ("past=1&past=0", "past", "more than once"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_the_remedy(
    client: Client, db: None, query: str, parameter: str, said: str
) -> None:
    told = got(client, f"{ROOT}agreements?{query}", 400)
    (error,) = told["errors"]
    assert error["parameter"] == parameter
    assert said in error["detail"]
    assert client.get(f"{ROOT}agreements?{query}")["Content-Type"] == "application/problem+json"


def test_all_faults_are_told_at_once_in_the_language_asked_for(client: Client, db: None) -> None:
    told = got(client, f"{ROOT}agreements?country=XX&since=soon&lang=fr", 400)
    assert {error["parameter"] for error in told["errors"]} == {"country", "since"}
    assert "pays" in told["detail"]


def test_what_is_not_public(client: Client, db: None) -> None:
    survivor = f.town("Survivor")
    merged = f.town(**f.WITHDRAWN, merged_into=survivor)
    withdrawn, draft = f.town(**f.WITHDRAWN), f.town(publication="draft")
    never = [f.town(publication="withdrawn"), f.town(publication="withdrawn", merged_into=survivor)]
    response = client.get(f"{ROOT}towns/{merged.reference}")
    assert (response.status_code, response["Location"]) == (301, f"{ROOT}towns/{survivor.reference}")
    assert got(client, f"{ROOT}towns/{withdrawn.reference}", 410)["reference"] == withdrawn.reference
    for code in (draft.reference, *(town.reference for town in never), "T999999", "x" * 50, "T1\u00e9"):
        got(client, f"{ROOT}towns/{code}", 404)
    got(client, f"{ROOT}nothing", 404)
    assert [town["reference"] for town in got(client, f"{ROOT}towns")["records"]] == [survivor.reference]


def test_nothing_private_is_told(client: Client, world: dict[str, Any]) -> None:
    secret = "Zyxwv"
    agreement = world["agreements"]
    f.make(p.Contact, agreement=agreement, name=secret, email=f"{secret}@example.org", public=True)
    person = f.user(secret, first_name=secret, email=f"{secret}@example.org")
    f.make(p.Submission, agreement=agreement, author=person, author_name=secret)
    f.agreement(f.town(secret, publication="draft"), f.town(code="DE"), publication="draft", description_en=secret)
    hidden = f.network(secret, publication="draft")
    f.make(n.Membership, network=hidden, town=world["towns"])
    f.make(n.Membership, network=world["networks"], town=f.town(secret, "DE", publication="submitted"))
    for name, endpoint in ENDPOINTS.items():
        since = "changed_since=2000-01-01" if endpoint.changed else ""
        for query in ("", f"expand={','.join(endpoint.kind.expandable)}", since):
            page = got(client, f"{ROOT}{name}?{query}")
            text = json.dumps(page)
            assert secret not in text, (name, query)
            assert page.get("total", len(page["records"])) == len(page["records"]), (name, query)
            assert f'"{hidden.reference}"' not in text, (name, query)


def test_records_name_no_other_that_is_not_public(client: Client, db: None) -> None:
    expected: dict[str, list[str | None]] = {"seat": [], "successor": []}
    for publication in ("published", "draft"):
        seat = f.town(publication=publication)
        successor = f.support_body(publication=publication, founded="2001")
        f.organisation(seat=seat)
        f.network(seat_town=seat)
        f.support_body(seat_town=seat, successor=successor)
        for name, record in (("seat", seat), ("successor", successor)):
            expected[name].append(record.reference if publication == "published" else None)
    for name, member in (("organisations", "seat"), ("networks", "seat_town")):
        assert [one[member] for one in got(client, f"{ROOT}{name}")["records"]] == expected["seat"]
    bodies = [
        one for one in got(client, f"{ROOT}support-bodies")["records"] if one["reference"] != expected["successor"][0]
    ]
    assert [one["seat_town"] for one in bodies] == expected["seat"]
    assert [one["successor"] for one in bodies] == expected["successor"]


def test_a_body_lists_its_territories_by_when_it_began_to_serve_them(client: Client, db: None) -> None:
    body = f.support_body()
    for code, since in (("FR-NEW", "2016"), ("FR-OLD", None), ("FR-MID", "1990")):
        f.make(n.ServedTerritory, support_body=body, territory=f.territory(code), since=since)
    for query in ("", "?expand=territories"):
        told = got(client, f"{ROOT}support-bodies/{body.reference}{query}")["territories"]
        assert [one["code"] if query else one for one in told] == ["FR-OLD", "FR-MID", "FR-NEW"]


# Conditional requests


def test_who_has_the_newest_is_told_so(client: Client, world: dict[str, Any]) -> None:
    response = client.get(f"{ROOT}towns")
    etag = response["ETag"]
    unchanged = client.get(f"{ROOT}towns", headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert client.get(f"{ROOT}towns?limit=1", headers={"If-None-Match": etag}).status_code == 200
    f.make(p.TownName, town=world["towns"])
    assert client.get(f"{ROOT}towns", headers={"If-None-Match": etag}).status_code == 200


def test_the_next_day_an_answer_about_today_is_another(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    f.agreement()
    etag, today = client.get(f"{ROOT}agreements")["ETag"], timezone.localdate()
    for days, status in ((0, 304), (1, 200)):
        monkeypatch.setattr(timezone, "localdate", lambda days=days: today + datetime.timedelta(days))
        assert client.get(f"{ROOT}agreements", headers={"If-None-Match": etag}).status_code == status


@pytest.mark.django_db(transaction=True)
def test_the_mark_moves_when_a_transaction_ends_that_began_before_the_last_change(client: Client) -> None:
    town, other = f.town(), f.town()
    slow = connection.copy()
    try:
        with slow.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("UPDATE partnerships_town SET population = 1 WHERE id = %s", [town.pk])
        p.Town.objects.filter(pk=other.pk).update(population=2)
        page = client.get(f"{ROOT}towns?changed_since=2000-01-01")
        assert [record["population"] for record in page.json()["records"]] == [None, 2]
        with slow.cursor() as cursor:
            cursor.execute("COMMIT")
    finally:
        slow.close()
    again = client.get(f"{ROOT}towns?changed_since=2000-01-01", headers={"If-None-Match": page["ETag"]})
    assert [record["population"] for record in again.json()["records"]] == [1, 2]
    # The mirror does not miss it either.
    since = page.json()["next_changed_since"].replace("+", "%2B")
    changed = got(client, f"{ROOT}towns?changed_since={since}")["records"]
    assert town.reference in [record["reference"] for record in changed]


# Mirrors


@pytest.fixture
def before(db: None) -> datetime.datetime:
    """A moment after all that is there, of which everything that follows is later: history's times are those of
    transactions, and a test is one."""
    return datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)


def aged(*models: Any) -> None:
    """Let what has happened so far have happened long ago."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.columns WHERE column_name = 'pgh_created_at'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"UPDATE {table} SET pgh_created_at = '2000-01-01'")
    views.cached_touched_keys.cache_clear()  # history itself never changes


CHANGES: dict[str, Any] = {
    "its own row": lambda a: p.Agreement.objects.filter(pk=a.pk).update(description_en="x"),
    "a party": lambda a: p.Party.objects.filter(agreement=a, position=1).update(joined="2001"),
    "a party that leaves it": lambda a: a.parties.last().delete() if a.parties.count() > 2 else None,
    "a town's name": lambda a: p.Town.objects.filter(pk=a.parties.first().town_id).update(name="x"),
    "a theme": lambda a: f.make(p.AgreementTheme, agreement=a),
    "a theme that goes": lambda a: p.AgreementTheme.objects.filter(agreement=a).delete(),
    "money": lambda a: f.make(p.FundingContribution, agreement=a),
    "a renewal": lambda a: f.make(p.Renewal, agreement=a, renewed="2020"),
    "a suspension": lambda a: f.make(p.Suspension, party=a.parties.first()),
    "a document": lambda a: f.make(p.Document, agreement=a),
    "a source": lambda a: f.make(p.AgreementSource, agreement=a),
    "a source's title": lambda a: p.Source.objects.filter(agreements=a).update(title="x"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_mirror_is_told_of_every_change(
    client: Client, world: dict[str, Any], before: datetime.datetime, what: str
) -> None:
    f.agreement()
    aged()
    address = f"{ROOT}agreements?changed_since={before:%Y-%m-%d}"
    assert got(client, address)["records"] == []
    CHANGES[what](world["agreements"])
    assert [record["reference"] for record in got(client, address)["records"]] == [world["agreements"].reference]


def test_a_mirror_is_told_of_what_went(client: Client, before: datetime.datetime) -> None:
    gone, merged, kept, never, ended = [
        f.agreement(publication="draft" if one == 3 else "published") for one in range(5)
    ]
    aged()
    p.Agreement.objects.filter(pk=gone.pk).update(publication="withdrawn")
    p.Agreement.objects.filter(pk=merged.pk).update(publication="withdrawn", merged_into=kept)
    p.Agreement.objects.filter(pk=never.pk).update(publication="withdrawn")
    p.Agreement.objects.filter(pk=ended.pk).update(ended="2001")
    found = {one["reference"]: one for one in walked(client, f"{ROOT}agreements?changed_since=2001-01-01&limit=1")}
    assert found == {
        gone.reference: {"reference": gone.reference, "removed": True, "merged_into": None},
        merged.reference: {"reference": merged.reference, "removed": True, "merged_into": kept.reference},
        ended.reference: {"reference": ended.reference, "removed": True, "merged_into": None},
    }
    whole = walked(client, f"{ROOT}agreements?changed_since=2001-01-01&past=1")
    assert [one.get("ended") for one in whole if one["reference"] == ended.reference] == ["2001"]


def test_a_mirror_is_not_told_what_was_never_public(client: Client, before: datetime.datetime) -> None:
    merged, draft = f.agreement(), f.agreement(publication="draft")
    aged()
    p.Agreement.objects.filter(pk=merged.pk).update(publication="withdrawn", merged_into=draft)
    (told,) = got(client, f"{ROOT}agreements?changed_since=2001-01-01")["records"]
    assert told == {"reference": merged.reference, "removed": True, "merged_into": None}


def test_a_mirror_fetches_agreements_again_of_which_an_organisation_has_another_name(
    client: Client, before: datetime.datetime
) -> None:
    body = f.organisation()
    agreement = f.agreement(f.town(), body)
    f.agreement()
    aged()
    p.Organisation.objects.filter(pk=body.pk).update(name="x")
    (told,) = got(client, f"{ROOT}agreements?changed_since=2001-01-01")["records"]
    assert told["reference"] == agreement.reference


@pytest.mark.parametrize("moment", ["2001-01-01T00:00:00%2B16:23", "2001-01-01T00:00:00-23:34", "2001-01-01T00:00:00"])
def test_a_moment_may_be_said_in_any_zone(client: Client, before: datetime.datetime, moment: str) -> None:
    town = f.town()
    (told,) = got(client, f"{ROOT}towns?changed_since={moment}")["records"]
    assert told["reference"] == town.reference


def test_a_mirror_is_told_of_what_was_erased(client: Client, before: datetime.datetime) -> None:
    town = f.town()
    aged()
    reference = town.reference
    town.delete()
    (told,) = got(client, f"{ROOT}towns?changed_since=2001-01-01")["records"]
    assert told == {"reference": reference, "removed": True, "merged_into": None}


@pytest.mark.parametrize("name", [name for name, endpoint in ENDPOINTS.items() if endpoint.changed])
def test_every_kind_with_a_reference_can_be_mirrored(client: Client, world: dict[str, Any], name: str) -> None:
    whole = got(client, f"{ROOT}{name}")["records"]
    changed = got(client, f"{ROOT}{name}?changed_since=2001-01-01")
    assert changed["records"] == whole
    assert datetime.datetime.fromisoformat(changed["next_changed_since"]).tzinfo
    aged()
    assert got(client, f"{ROOT}{name}?changed_since=2001-01-01")["records"] == []


# Shares


def test_who_asks_for_too_much_work_is_told_when_to_come_back(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "ANYBODY", 2)
    shares.share_of("127.0.0.1", 0.5)
    first = client.get(f"{ROOT}countries")
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("2", "1")
    shares.share_of("127.0.0.1", 2)
    response = client.get(f"{ROOT}countries")
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= shares.WINDOW
    assert response.json()["status"] == 429
    assert "more than 2 seconds" in response.json()["detail"]
    assert client.get(f"{ROOT}countries", REMOTE_ADDR="192.0.2.7").status_code == 200


# The description


def test_the_description_is_the_one_that_is_committed(tmp_path: Any) -> None:
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"), validate=True, fail_on_warn=True)
    written = (tmp_path / "openapi.yaml").read_text()
    assert written == (settings.BASE_DIR / "docs/openapi.yaml").read_text(), (
        "write it again: manage.py spectacular --file docs/openapi.yaml"
    )


@pytest.mark.parametrize("address", [f"{ROOT}openapi.json", f"{ROOT}openapi.yaml", "/en/data/api/", "/fr/data/api/"])
def test_the_description_is_served(client: Client, db: None, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert b"changed_since" in response.content


def test_the_root_leads_to_every_list(client: Client, db: None) -> None:
    root = got(client, ROOT)
    assert set(root["lists"]) == set(ENDPOINTS)
    for address in root["lists"].values():
        got(client, address)
    assert client.get(urlsplit(root["openapi"]).path).status_code == 200
    assert client.get(urlsplit(root["documentation"]).path).status_code == 200


@pytest.mark.parametrize(
    ("taken", "coding"),
    [
        ("br", "br"),
        ("gzip, deflate, br;q=0.5", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br ; q=0.000", None),
        ("gzip", "gzip"),
        ("abr", None),
        ("", None),
    ],
)
def test_answers_are_packed_as_the_caller_takes_them(client: Client, taken: str, coding: str | None):
    f.agreement()
    address = f"{ROOT}agreements"
    plain = client.get(address).content
    response = client.get(address, headers={"Accept-Encoding": taken})
    assert response.get("Content-Encoding") == coding
    assert "Accept-Encoding" in response["Vary"]
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding](response.content)
    assert unpacked == plain
    assert response["Content-Length"] == str(len(response.content))


def test_pages_of_the_site_are_not_packed_twice(client: Client):
    response = client.get("/en/agreements/", headers={"Accept-Encoding": "br, gzip"})
    assert response["Content-Encoding"] == "gzip"
