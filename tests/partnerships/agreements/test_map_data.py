"""The map's data: against counting by hand on random agreements, every parameter, and what browsers keep."""

import gzip
import json
from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdir import map
from networks.models import Membership
from partnerships.agreements import map_data
from partnerships.agreements.facets import INDEX
from partnerships.agreements.filters import AgreementFilter
from partnerships.models import Agreement, Country, GazetteerPlace, Party, Town
from partnerships.querysets import agreements
from tests import factories as f
from tests.partnerships.test_counting import AGREEMENTS, World
from tests.properties import examples

pytestmark = pytest.mark.django_db

POINTS = [
    (47.31, 5.10),
    (47.32, 5.04),  # beside the first
    (47.32, 5.04),  # at the same point
    (None, None),
    (48.11, -1.68),
    (47.8, 3.57),
    (48.11, -1.68),
    (50.94, 6.96),
    (51.05, 13.74),
    (12.86, -7.56),
    (-17.5, -179.9),  # at the edges of the world
    (-17.5, 179.9),
]
"""Where the towns of `World` lie, one after the other."""


@pytest.fixture(autouse=True)
def _no_index() -> None:
    INDEX.forget()
    map._kept.cache_clear()


@pytest.fixture
def world() -> World:
    world = World()
    for actor, (latitude, longitude) in zip(world.actors, POINTS, strict=False):
        Town.objects.filter(pk=actor.pk).update(latitude=latitude, longitude=longitude)
    return world


def ask(client: Client, query: str = "", status: int = 200, **headers: str) -> dict[str, Any]:
    """The answer to a question."""
    answer = client.get(f"/map.json?{query}", headers=headers)
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def drawn(data: dict[str, Any]) -> tuple[dict[str, int], dict[str, tuple[int, int]], dict[frozenset[str], int]]:
    """Countries with agreements; places by the reference of their first town: towns and agreements; and arcs."""
    countries = dict(zip(data["countries"]["code"], data["countries"]["agreements"], strict=True))
    places, arcs = data["places"], data["arcs"]
    references = [reference.partition(",")[0] for reference in places["reference"]]
    return (
        {code: number for code, number in countries.items() if number},
        dict(zip(references, zip(places["towns"], places["agreements"], strict=True), strict=True)),
        {
            frozenset((references[start], references[end])): number
            for start, end, number in zip(arcs["from"], arcs["to"], arcs["agreements"], strict=True)
        },
    )


def by_hand(query: str, size: float) -> tuple[Any, ...]:
    """The same as `drawn`, and the agreements with a party that has no point: SQL a row each, counted in Python."""
    asked = AgreementFilter(QueryDict(query), agreements().published())
    found = list(asked.qs.values_list("pk", flat=True))
    left = "" if asked.form.cleaned_data["past"] else "AND (p.left IS NULL OR p.left > '2026-11-24')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.agreement_id, t.id, t.reference, t.latitude, t.longitude, coalesce(t.country_id, o.country_id)
            FROM partnerships_party p LEFT JOIN partnerships_town t ON t.id = p.town_id
            LEFT JOIN partnerships_organisation o ON o.id = p.organisation_id
            WHERE p.agreement_id = ANY(%s) {left}""",
            [found],
        )
        rows = cursor.fetchall()
    countries, cells, missing = defaultdict(set), defaultdict(set), set()
    towns: dict[tuple[int, int], Counter[tuple[int, str]]] = defaultdict(Counter)
    for agreement, town, reference, latitude, longitude, country in rows:
        if country:
            countries[country].add(agreement)
        if latitude is None:
            missing.add(agreement)
            continue
        cell = (int((latitude + 90) // size), int((longitude + 180) // size))
        cells[agreement].add(cell)
        towns[cell][-town, reference] += 1
    name = {cell: max((number, key) for key, number in found.items())[1][1] for cell, found in towns.items()}
    number = Counter(cell for found in cells.values() for cell in found)
    pairs = Counter(frozenset((name[a], name[b])) for found in cells.values() for a, b in combinations(found, 2))
    return (
        {code: len(found) for code, found in countries.items()},
        {name[cell]: (len(found), number[cell]) for cell, found in towns.items()},
        dict(pairs),
        len(missing),
    )


QUERIES = st.sampled_from(
    ["", "past=1", "domestic=1", "past=1&domestic=1", "country=FR", "country=ML&partner=FR", "level=region",
     "territory=FR-BFC&domestic=1", "zone=sahel&past=1"]
)  # fmt: skip


@settings(max_examples=examples(8))
@given(made=AGREEMENTS, query=QUERIES, band=st.sampled_from(list(map_data.BANDS)))
def test_the_map_equals_counting_by_hand(
    world: World, client: Client, made: list[dict[str, Any]], query: str, band: str
) -> None:
    """The map draws what is counted by hand; nothing stays of the agreements made."""
    with transaction.atomic():
        world.fill([dict(columns) for columns in made])
        data = ask(client, f"{query}&band={band}")
        assert (*drawn(data), data["missing"]) == by_hand(query, map_data.BANDS[band])
        assert data["total"] == AgreementFilter(QueryDict(query), agreements().published()).qs.count()
        transaction.set_rollback(True)
    INDEX.forget()


@pytest.fixture
def three() -> Agreement:
    """The agreement of the three towns."""
    return f.agreement(
        f.town("Quetigny", latitude=47.3, longitude=5.1),
        f.town("Koulikoro", "ML", latitude=12.9, longitude=-7.6),
        f.town("Bous", "DE", latitude=49.3, longitude=6.8),
    )


def test_three_parties_draw_three_arcs(client: Client, three: Agreement) -> None:
    countries, places, arcs = drawn(ask(client, "band=place"))
    assert countries == {"FR": 1, "ML": 1, "DE": 1}
    assert list(places.values()) == [(1, 1)] * 3
    assert list(arcs.values()) == [1] * 3
    assert ask(client, "band=place")["arcs"]["reference"] == [three.reference] * 3
    Party.objects.filter(agreement=three, position=3).update(left="1999")
    assert len(drawn(ask(client, "band=place"))[2]) == 1
    assert len(drawn(ask(client, "band=place&past=1"))[2]) == 3
    # The agreement's own map shows who left too.
    assert len(drawn(ask(client, f"band=place&agreement={three.reference}"))[2]) == 3


def test_what_changes_is_drawn_at_once(client: Client, three: Agreement) -> None:
    ask(client)
    Town.objects.filter(name="Bous").update(name="Bous an der Saar", latitude=None, longitude=None)
    data = ask(client)
    assert (data["missing"], len(data["places"]["name"])) == (1, 2)
    Town.objects.filter(name="Koulikoro").update(name="Koulikouro")
    assert "Koulikouro" in ask(client)["places"]["name"]
    Agreement.objects.filter(pk=three.pk).update(publication="draft")
    assert ask(client)["places"]["name"] == []


def test_an_index_of_another_version_is_built_anew(client: Client, three: Agreement) -> None:
    INDEX.store()
    assert ask(client)["total"] == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE coopdir_index SET payload = %s", [b"[{},{}]\n"])
    INDEX.forget()
    assert ask(client)["total"] == 1


def test_towns_at_one_point_are_named_together(client: Client) -> None:
    first, second = (f.town(latitude=45.001, longitude=5.001) for _number in range(2))
    f.agreement(first, f.town(code="DE"))
    f.agreement(second, f.town(code="DE"))
    assert ask(client, "band=town")["places"]["reference"] == [first.reference]
    assert ask(client, "band=place")["places"]["reference"] == [f"{first.reference},{second.reference}"]


def test_no_number_stands_for_a_missing_point_but_in_coordinates(client: Client) -> None:
    town = f.town("A", pk=int(map_data.NOWHERE), latitude=45, longitude=5)
    f.agreement(town, f.town("B", "DE", latitude=50, longitude=8), pk=int(map_data.NOWHERE))
    data = ask(client)
    assert (sorted(data["places"]["name"]), data["missing"]) == (["A", "B"], 0)


def test_a_region_lies_where_its_territory_does(client: Client) -> None:
    place = f.territory("FR-BFC", latitude=47.2, longitude=4.9)
    f.agreement(f.town("Region", governs=place, level="region"), f.town("Mainz", "DE", latitude=50, longitude=8.3))
    assert drawn(ask(client))[2]


def test_a_box_keeps_what_is_in_it_and_where_its_arcs_lead(client: Client, three: Agreement) -> None:
    f.agreement(f.town("A", latitude=40, longitude=-3), f.town("B", "GB", latitude=52, longitude=0))
    data = ask(client, "band=place&bbox=5,47,7,50")
    assert "countries" not in data
    far = set(data["places"]["far"])
    names = data["places"]["name"]
    assert {names[index] for index in range(len(names)) if index not in far} == {"Quetigny", "Bous"}
    assert {names[index] for index in far} == {"Koulikoro"}
    assert len(data["arcs"]["from"]) == 3
    assert ask(client, "band=place&bbox=-180,-90,-170,-80")["places"]["name"] == []


def test_a_box_may_cross_the_edge_of_the_world(client: Client, three: Agreement) -> None:
    f.agreement(f.town("East", latitude=0, longitude=179), f.town("West", "GB", latitude=0, longitude=-179))
    names = ask(client, "band=place&bbox=170,-10,-170,10")["places"]["name"]
    assert sorted(names) == ["East", "West"]


def test_members_of_a_network(client: Client) -> None:
    network = f.network("CITIES")
    for town in (f.town("A", latitude=1, longitude=1), f.town("B", "ML", latitude=2, longitude=50), f.town("C")):
        Membership.objects.create(network=network, town=town)
    gone = f.town("D", latitude=3, longitude=3)
    Membership.objects.create(network=network, town=gone, until="1999")
    data = ask(client, f"members={network.reference}")
    assert sorted(data["places"]["name"]) == ["A", "B"]
    assert (data["total"], data["missing"], data["arcs"]["from"]) == (3, 1, [])


@pytest.mark.parametrize(
    "query",
    [
        "band=continental", "band=", "band=%00", "lang=xx", "lang=", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,50,1,40",
        "bbox=0,0,0,91", "bbox=-181,0,0,1", "bbox=nan,0,1,1", "bbox=1e5,0,1,1", "bbox=0,0,1,1,1", "bbox=٣,0,5,1",
        "agreement=A999", "agreement=x", "agreement=A1%00", "agreement=A99999999999999999999", "members=N999",
        "members=A", "country=ZZ", "kind=%00", "since=yesterday", "theme=nothing", "town=T999", "sort=x&country=ZZ",
    ],
)  # fmt: skip
def test_wrong_values_are_refused_in_words(client: Client, three: Agreement, query: str) -> None:
    errors = ask(client, query, 400)["errors"]
    assert errors
    assert all(error.endswith(".") and len(error) > 20 for error in errors)


def test_refusals_are_in_the_language_asked_for(client: Client, three: Agreement) -> None:
    assert ask(client, "country=ZZ&lang=fr", 400) != ask(client, "country=ZZ&lang=en", 400)
    assert ask(client, "lang=fr")["countries"]["name"] != ask(client, "lang=en")["countries"]["name"]


def test_overseas_france_shows_what_france_does(client: Client) -> None:
    for code, alpha3 in (("NC", "NCL"), ("PF", "PYF")):
        f.make(Country, code=code, alpha3=alpha3)
    f.agreement(f.town("Nouméa", latitude=-22.3, longitude=166.4), f.town(code="DE", latitude=50, longitude=8))
    shown = ask(client)["countries"]
    numbers = dict(zip(shown["shape"], zip(shown["code"], shown["agreements"], strict=True), strict=True))
    assert numbers["NCL"] == numbers["PYF"] == numbers["FRA"] == ("FR", 1)
    f.agreement(
        f.town(code="DE", latitude=50, longitude=8),
        f.town(country=Country.objects.get(code="NC"), latitude=-22, longitude=166),
    )
    shown = ask(client)["countries"]
    assert ("NC", "NCL", 1) in zip(shown["code"], shown["shape"], shown["agreements"], strict=True)


def test_parameters_of_others_do_no_harm(client: Client, three: Agreement) -> None:
    assert ask(client, "utm_source=x&page=7&sort=-signed")["total"] == 1


def test_a_browser_asks_again_and_is_told_that_nothing_changed(client: Client, three: Agreement) -> None:
    first = client.get("/map.json?band=world")
    assert first["Cache-Control"] == "no-cache"
    again = client.get("/map.json?band=world", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    INDEX.forget()  # as another process, or after a restart
    assert client.get("/map.json?band=world", headers={"If-None-Match": first["ETag"]}).status_code == 304
    Town.objects.filter(name="Koulikoro").update(latitude=12.7)
    assert client.get("/map.json?band=world", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_an_index_that_begins_again_has_a_new_number(three: Agreement) -> None:
    with INDEX.reading():
        first = INDEX._version
    INDEX.forget()
    with INDEX.reading():
        assert INDEX._version > first


def test_packed_and_plain_are_the_same(client: Client, three: Agreement) -> None:
    packed = client.get("/map.json", headers={"Accept-Encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content) == client.get("/map.json").content


def test_a_visitor_gets_no_cookie_and_changes_nothing(client: Client, three: Agreement) -> None:
    answer = client.get("/map.json")
    assert not answer.cookies
    assert client.post("/map.json").status_code == 405
    assert client.head("/map.json").content == b""


def test_the_page_has_the_same_as_a_table(client: Client, three: Agreement) -> None:
    f.agreement(f.town("Saintes"), f.town("Trino", "IT"))
    page = client.get("/en/map/").content.decode()
    assert "2 agreements" in page
    assert "1 agreement has a party without known coordinates" in page
    assert "?country=FR&amp;partner=ML" in page
    for query in ("country=ML", "country=ZZ", "country=GB", "page=9", "past=1&domestic=1"):
        for language in ("en", "fr"):
            assert client.get(f"/{language}/map/?{query}").status_code == 200


@pytest.mark.long
def test_the_world_stays_small(client: Client) -> None:
    """20,000 agreements between places all over the world."""
    for code in f.COUNTRIES:
        f.country(code)
    GazetteerPlace.objects.bulk_create(
        GazetteerPlace(
            name=f"Place {number}",
            country_id=list(f.COUNTRIES)[number % len(f.COUNTRIES)],
            geonames=number,
            population=1000 + number,
            latitude=(number * 37 % 1400) / 10 - 60,
            longitude=(number * 61 % 3600) / 10 - 180,
        )
        for number in range(1, 12_000)
    )
    call_command("seed_synthetic", agreements=20_000, seed=1, verbosity=0)
    for band in map_data.BANDS:
        answer = client.get(f"/map.json?band={band}", headers={"Accept-Encoding": "gzip"})
        assert len(answer.content) <= 150_000, band
