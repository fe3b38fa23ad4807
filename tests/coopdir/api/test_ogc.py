"""OGC API – Features, Part 1: Core (OGC 17-069r4). Requirements are cited by their names in the standard.

These tests are written from the text of the standard; they are no certification.
"""

import datetime
import json
import shutil
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdir.api import ogc
from core import shares
from partnerships import models as p
from partnerships.agreements.map_data import Box
from tests import factories as f
from tests.properties import examples

ITEMS = "/ogc/collections/{}/items"


@pytest.fixture(autouse=True)
def _nobody_has_called(db: None) -> None:
    shares.reset_shares()


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """Three agreements whose lines are easily told apart, and towns without coordinates."""
    dijon = f.town("Dijon", latitude=47.3167, longitude=5.0167)
    mainz = f.town("Mainz", "DE", latitude=50.0, longitude=8.27)
    bamako = f.town("Bamako", "ML", latitude=12.65, longitude=-8.0)
    nowhere = f.town("Nowhere", "ML")
    return {
        "dijon": dijon, "mainz": mainz, "bamako": bamako, "nowhere": nowhere,
        "short": f.agreement(dijon, mainz, signed="1958", kind="twinning"),
        "long": f.agreement(dijon, bamako, signed="1990-05", kind="cooperation", ended="2001", activity="ended"),
        "lost": f.agreement(mainz, nowhere),
    }  # fmt: skip


def got(client: Client, address: str, status: int = 200) -> Any:
    """The JSON of an answer."""
    parts = urlsplit(address)
    response = client.get(f"{parts.path}?{parts.query}")
    assert response.status_code == status, response.content
    return response.json()


def ids(client: Client, name: str, query: str = "") -> set[str]:
    """The features of a question."""
    return {feature["id"] for feature in got(client, f"{ITEMS.format(name)}?{query}")["features"]}


def links(content: dict[str, Any], rel: str) -> list[dict[str, str]]:
    """The links of a relation."""
    return [link for link in content["links"] if link["rel"] == rel]


def test_landing_page(client: Client, world: dict[str, Any]) -> None:
    """/req/core/root-success: links to the description, the conformance and the data."""
    content = got(client, "/ogc/")
    for rel in ("service-desc", "conformance", "data", "self"):
        (link,) = links(content, rel)
        assert client.get(urlsplit(link["href"]).path).status_code == 200
    (description,) = links(content, "service-desc")
    assert client.get(urlsplit(description["href"]).path)["Content-Type"] == description["type"]


def test_conformance(client: Client) -> None:
    """/req/core/conformance-success."""
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in got(client, "/ogc/conformance")["conformsTo"]
    )


def test_the_description_is_openapi_3_0(client: Client) -> None:
    """/req/oas30/oas-definition-2: every path that the standard names is there."""
    content = got(client, "/ogc/api")
    assert content["openapi"].startswith("3.0")
    for path in (
        "/",
        "/conformance",
        "/collections",
        "/collections/towns/items",
        "/collections/towns/items/{featureId}",
    ):
        assert path in content["paths"]
    names = {one["name"] for one in content["paths"]["/collections/agreements/items"]["get"]["parameters"]}
    assert names >= {"bbox", "datetime", "limit", "country", "kind"}


def test_collections(client: Client, world: dict[str, Any]) -> None:
    """/req/core/fc-md-success, fc-md-items, fc-md-items-links, fc-md-extent, sfc-md-success."""
    content = got(client, "/ogc/collections")
    assert [one["id"] for one in content["collections"]] == ["towns", "agreements"]
    for one in content["collections"]:
        assert got(client, links(one, "self")[0]["href"]) == one
        (items,) = links(one, "items")
        assert items["type"] == "application/geo+json"
        assert got(client, items["href"])["numberMatched"] > 0
        assert len(one["extent"]["spatial"]["bbox"][0]) == 4
        assert len(one["extent"]["temporal"]["interval"][0]) == 2


@pytest.mark.parametrize("path", ["collections/rivers", "collections/rivers/items", "collections/towns/items/T999"])
def test_what_there_is_not(client: Client, world: dict[str, Any], path: str) -> None:
    """/req/core/fc-op, f-op."""
    assert got(client, f"/ogc/{path}", 404)["title"] == "Not Found"


def test_items(client: Client, world: dict[str, Any]) -> None:
    """/req/core/fc-response, fc-links, fc-timeStamp, fc-numberMatched, fc-numberReturned; geojson/content."""
    response = client.get(ITEMS.format("agreements"))
    assert response["Content-Type"] == "application/geo+json"
    content = response.json()
    assert content["type"] == "FeatureCollection"
    assert content["numberMatched"] == content["numberReturned"] == len(content["features"]) == 2
    assert datetime.datetime.fromisoformat(content["timeStamp"]).utcoffset() == datetime.timedelta(0)
    assert links(content, "self")
    assert not links(content, "next")
    (short, lost) = content["features"]
    assert short["geometry"] == {"type": "MultiLineString", "coordinates": [[[5.0167, 47.3167], [8.27, 50.0]]]}
    assert lost["geometry"] is None
    assert short["properties"]["kind"] == "twinning"


def test_pages(client: Client, world: dict[str, Any]) -> None:
    """/req/core/fc-limit-definition, fc-limit-response-1, fc-links (next)."""
    address, seen = f"{ITEMS.format('towns')}?limit=3", []
    while address:
        content = got(client, address)
        assert content["numberReturned"] <= 3
        assert content["numberMatched"] == 4
        seen += [feature["id"] for feature in content["features"]]
        address = next((link["href"] for link in links(content, "next")), "")
    assert seen == [world[name].reference for name in ("dijon", "mainz", "bamako", "nowhere")]
    assert got(client, f"{ITEMS.format('towns')}?limit=1000000")["numberReturned"] == 4
    assert not links(got(client, f"{ITEMS.format('towns')}?limit=4"), "next")


def test_a_feature(client: Client, world: dict[str, Any]) -> None:
    """/req/core/f-success, f-links."""
    code = world["dijon"].reference
    feature = got(client, f"{ITEMS.format('towns')}/{code}")
    assert feature["id"] == code
    assert feature["geometry"] == {"type": "Point", "coordinates": [5.0167, 47.3167]}
    assert {link["rel"] for link in feature["links"]} >= {"self", "collection"}


@pytest.mark.parametrize(
    ("box", "towns", "agreements"),
    [
        ("5.0167,47.3167,5.0167,47.3167", {"dijon"}, {"short", "long"}),
        ("5,47,9,51", {"dijon", "mainz"}, {"short", "long"}),
        ("-10,10,-7,15", {"bamako"}, {"long"}),
        ("6,48,7,49", set(), {"short"}),  # a line crosses it, both ends lie outside
        ("-3,20,3,44", set(), {"long"}),
        ("6,20,7,21", set(), set()),
        ("-180,-90,180,90", {"dijon", "mainz", "bamako"}, {"short", "long"}),
        ("5,47,0,9,51,100", {"dijon", "mainz"}, {"short", "long"}),
        ("170,-90,-170,90", set(), set()),
        ("8,-90,-170,90", {"mainz"}, {"short"}),
    ],
)
def test_bbox(client: Client, world: dict[str, Any], box: str, towns: set[str], agreements: set[str]) -> None:
    """/req/core/fc-bbox-definition, fc-bbox-response: only what intersects; a box may span the antimeridian."""
    assert ids(client, "towns", f"bbox={box}") == {world[name].reference for name in towns}
    assert ids(client, "agreements", f"bbox={box}&past=1") == {world[name].reference for name in agreements}


@pytest.mark.parametrize("box", ["175,-20,180,20", "-180,-20,-175,20", "175,-20,-175,20"])
def test_bbox_of_a_line_over_the_180th_meridian(client: Client, db: None, box: str) -> None:
    agreement = f.agreement(f.town(latitude=0, longitude=170), f.town(code="DE", latitude=0, longitude=-170))
    assert ids(client, "agreements", f"bbox={box}") == {agreement.reference}
    assert ids(client, "agreements", "bbox=-100,-20,100,20") == set()


def test_a_bbox_over_the_180th_meridian_holds_towns_on_both_sides(client: Client, db: None) -> None:
    places = {f.town(latitude=0, longitude=longitude).reference: longitude for longitude in (160, 175, -175, -160)}
    found = ids(client, "towns", "bbox=170,-20,-170,20")
    assert {places[code] for code in found} == {175, -175}


NUMBERS = st.integers(-180, 180).map(float)


@settings(max_examples=examples(60))
@given(NUMBERS, st.integers(-90, 90).map(float), NUMBERS, st.integers(-90, 90).map(float), NUMBERS, NUMBERS)
def test_a_line_meets_a_box_where_one_of_its_points_lies_in_it(
    x1: float, y1: float, x2: float, y2: float, west: float, east: float
) -> None:
    import numpy as np

    west, east = sorted((west, east))
    box = Box(west, -30.5, east, 40.5)
    met = ogc._met(*(np.array([one]) for one in (x1, y1, x2, y2)), *(box.west, box.south, box.east, box.north))[0]
    along = np.linspace(0, 1, 20_001)
    points = box.holds(x1 + (x2 - x1) * along, y1 + (y2 - y1) * along)
    if points.any():
        assert met
    elif met:  # it touches a side, or passes between two of the points
        wide = Box(west - 0.05, box.south - 0.05, east + 0.05, box.north + 0.05)
        assert wide.holds(x1 + (x2 - x1) * along, y1 + (y2 - y1) * along).any()


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("1957-01-01/1957-12-31", {"lost"}),
        ("1958-06-01T00:00:00Z", {"short", "lost"}),
        ("1990-05-31/..", {"short", "long", "lost"}),
        ("../1990-04-01", {"short", "lost"}),
        ("/1990-04-01", {"short", "lost"}),
        ("2001-12-31/2010-01-01", {"short", "long", "lost"}),
        ("2002-01-01/2010-01-01", {"short", "lost"}),
        ("0001-01-01/9999-12-31", {"short", "long", "lost"}),
        ("9999-12-31", {"short", "lost"}),
        ("../0001-01-01", {"lost"}),
    ],
)
def test_datetime(client: Client, world: dict[str, Any], period: str, found: set[str]) -> None:
    """/req/core/fc-time-definition, fc-time-response: what intersects; what is not known is no hindrance."""
    assert ids(client, "agreements", f"datetime={period}&past=1") == {world[name].reference for name in found}
    assert len(ids(client, "towns", f"datetime={period}")) == 4  # towns have no time


def test_filters_are_those_of_the_list(client: Client, world: dict[str, Any]) -> None:
    """/rec/core/fc-filters."""
    assert ids(client, "agreements", "kind=twinning") == {world["short"].reference, world["lost"].reference}
    assert ids(client, "agreements", "country=FR&past=1") == {world["short"].reference, world["long"].reference}
    assert ids(client, "towns", "country=ML&located=1") == {world["bamako"].reference}


@pytest.mark.parametrize(
    "query",
    ["contry=FR", "bbox=1,2,3", "bbox=5,60,8,50", "bbox=a,b,c,d", "bbox=1,2,3,999", "datetime=soon", "datetime=../..",
     "datetime=2001-01-01/2000-01-01", "datetime=1/2/3", "limit=0", "limit=x", "after=x", "f=html", "country=XX",
     "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/2154", "datetime="],
)  # fmt: skip
def test_what_is_wrong(client: Client, world: dict[str, Any], query: str) -> None:
    """/req/core/query-param-unknown, query-param-invalid."""
    told = got(client, f"{ITEMS.format('agreements')}?{query}", 400)
    assert told["errors"][0]["parameter"] == query.partition("=")[0]
    assert client.get("/ogc/?x=1").status_code == 400


def test_nothing_unpublished(client: Client, world: dict[str, Any]) -> None:
    draft = f.agreement(publication="draft")
    town = f.town(publication="draft", latitude=1, longitude=1)
    assert draft.reference not in ids(client, "agreements", "past=1&domestic=1")
    assert town.reference not in ids(client, "towns")
    got(client, f"{ITEMS.format('agreements')}/{draft.reference}", 404)
    got(client, f"{ITEMS.format('towns')}/{town.reference}", 404)


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL is missing: Debian has ogrinfo in gdal-bin")
@pytest.mark.django_db(transaction=True)
def test_gdal_reads_it(live_server: Any, world: dict[str, Any]) -> None:
    """A real client: GDAL's driver OAPIF, which QGIS uses too."""

    source = f"OAPIF:{live_server.url}/ogc/"

    def run(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        return done.stdout

    def features(layer: str, *options: str) -> list[dict[str, Any]]:
        return json.loads(run("ogr2ogr", "-f", "GeoJSON", *options, "/vsistdout/", source, layer))["features"]

    listed = run("ogrinfo", "-ro", "-so", "-oo", "PAGE_SIZE=3", source, "towns")
    assert "Feature Count: 4" in listed
    assert "name: String" in listed
    found = {one["properties"]["name"]: one["geometry"] for one in features("towns", "-oo", "PAGE_SIZE=3")}
    assert found["Dijon"] == {"type": "Point", "coordinates": [5.0167, 47.3167]}
    assert set(found) == {"Dijon", "Mainz", "Bamako", "Nowhere"}
    lines = [one["geometry"]["type"] for one in features("agreements") if one["geometry"]]
    assert lines == ["MultiLineString"]
    inside = features("towns", "-spat", "-10", "10", "-7", "15")
    assert [one["properties"]["name"] for one in inside] == ["Bamako"]


def test_owners_are_not_told(client: Client, world: dict[str, Any]) -> None:
    f.make(p.Contact, agreement=world["short"], name="Zyxwv", public=True)
    assert "Zyxwv" not in json.dumps(got(client, ITEMS.format("agreements")))
