"""ETags and conditional requests, the same at every address that has them."""

import pytest
from django.test import Client, RequestFactory

from core.etags import if_match
from tests import factories

ADDRESSES = {
    "/agreements.json": "W/",
    "/agreements.csv": "W/",
    "/api/v1/agreements": "W/",
    "/ogc/collections/towns/items": "W/",
    "/map.json": "W/",
    "/agreements.atom": "",
    "/card/en/home.png": "",
}
"""Addresses, and how their ETag begins: weak where one answer may travel in several forms."""
OTHERS = ('"another"', 'W/"another"', "another", "")


@pytest.mark.parametrize(("address", "begin"), ADDRESSES.items())
def test_who_has_the_answer_is_sent_no_other(client: Client, db: None, address: str, begin: str) -> None:
    factories.agreement()
    first = client.get(address)
    assert first.status_code == 200
    etag = first["ETag"]
    assert etag.startswith(f'{begin}"')
    strong = etag.removeprefix("W/")
    for given in (etag, strong, f"W/{strong}", f'"another", {etag}', "*"):
        for method in (client.get, client.head):
            again = method(address, headers={"If-None-Match": given})
            assert (again.status_code, again.content) == (304, b""), given
            assert again["ETag"] == etag
            assert again["Cache-Control"] == first["Cache-Control"] == "no-cache"
    for given in OTHERS:
        assert client.get(address, headers={"If-None-Match": given}).status_code == 200


@pytest.mark.parametrize(
    ("given", "etags"),
    [
        ("", []),
        ('"a"', ['"a"']),
        ('W/"a"', ['"a"']),
        ('"a", W/"b"', ['"a"', '"b"']),
        ("a", ['"a"']),
        ("W/a", ['"a"']),
        ("a,b c", ['"a"', '"b"', '"c"']),
        ('"a,b", c', ['"a,b"', '"c"']),
        ('c, W/"a", W/d', ['"c"', '"a"', '"d"']),
        ("*", ["*"]),
        ('"*"', ['"*"']),
        ('"', []),
    ],
)
def test_a_change_names_what_it_began_with(rf: RequestFactory, given: str, etags: list[str]) -> None:
    assert if_match(rf.patch("/", headers={"If-Match": given})) == etags
