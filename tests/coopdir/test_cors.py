"""Scripts of other sites (CORS): what is open they may read, and nothing else; they never come as somebody."""

from itertools import product

import pytest
from django.conf import settings
from django.test import Client

from tests import factories

ORIGIN = {"Origin": "https://example.org"}
LANGUAGES = [code for code, _name in settings.LANGUAGES]
OPEN = [
    "/agreements.json",
    "/agreements.csv",
    "/agreements.atom",
    "/changes.atom",
    "/map.json",
    "/api/v1/",
    "/api/v1/countries",
    "/api/v1/nothing",
    "/api/v1/agreements/A1/content",
    "/ogc/",
    "/data/",
    "/data/catalogue.ttl",
    "/data/catalogue.jsonld",
    "/data/latest/manifest.json",
    "/id/A1",
    *(f"/{language}/embed/snippet/" for language in LANGUAGES),
]
PAGES = ("", "agreements/", "agreements/A1.csv", "x.json", "data/", "embed/map/", "my/", "account/login/", "my/tokens/")
CLOSED = [
    "/healthz",
    "/admin/",
    "/documents/1/",
    "/account/oidc/callback/",
    "/card/en/home.png",
    "/apis/",
    *(f"/{language}/{page}" for language, page in product(LANGUAGES, PAGES)),
]


@pytest.mark.parametrize("path", OPEN)
def test_they_may_read_what_is_open(client: Client, db: None, path: str) -> None:
    factories.agreement()
    response = client.get(path, headers=ORIGIN)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    assert "Retry-After" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize("path", OPEN)
def test_they_are_told_what_they_may_ask(client: Client, db: None, path: str) -> None:
    preflight = client.options(path, headers=ORIGIN | {"Access-Control-Request-Method": "PATCH"})
    assert (preflight.status_code, preflight.content) == (200, b"")
    assert preflight["Access-Control-Allow-Origin"] == "*"
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert preflight["Access-Control-Allow-Headers"] == "accept, accept-language, if-none-match"
    assert preflight["Access-Control-Max-Age"] == "86400"
    assert "Access-Control-Allow-Credentials" not in preflight


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("signed_in", [False, True])
def test_they_may_not_read_pages(client: Client, officer_client: Client, path: str, signed_in: bool) -> None:
    browser = officer_client if signed_in else client
    for response in (
        browser.get(path, headers=ORIGIN),
        browser.options(path, headers=ORIGIN | {"Access-Control-Request-Method": "GET"}),
    ):
        assert [name for name in response.headers if name.lower().startswith("access-control-")] == []
