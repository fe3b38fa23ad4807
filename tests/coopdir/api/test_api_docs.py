"""docs/data.md tells of every address and parameter of the API, and its examples work as they stand."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from coopdir.api import ogc, schema, urls
from coopdir.api.views import RecordApiView, RecordsView
from core import shares
from partnerships.people import tokens
from tests import factories as f
from tests.coopdir.opendata.test_data_docs import directory as small_directory

directory = small_directory  # a fixture

DOCUMENT = (settings.BASE_DIR / "docs/data.md").read_text()
FILTERS = (settings.BASE_DIR / "docs/filters.md").read_text()
READ = re.findall(r"^ {4}GET (/(?:api|ogc)/\S*)$", DOCUMENT, re.MULTILINE)
WRITTEN = re.findall(r"^ {4}(POST|PATCH) (\S+) (\{.*\})$", DOCUMENT, re.MULTILINE)


@pytest.fixture
def token(directory: None) -> str:
    """An officer's token for where the examples are."""
    shares.reset_shares()
    with connection.cursor() as cursor:
        cursor.execute("SELECT coopdir_new_reference('A')")  # A1 was given by hand
    officer = f.officer("officer", f.territory("FR-BFC"))
    return tokens.create_token(by=officer, mandate=officer.mandates.get(), name="examples")[1]


@pytest.mark.parametrize("address", READ)
def test_what_is_read(client: Client, token: str, address: str) -> None:
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), WRITTEN)
def test_what_is_written(client: Client, token: str, method: str, path: str, body: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    if method == "PATCH":
        headers["If-Match"] = client.get(path, headers=headers)["ETag"]
    sent = json.loads(body)
    if "on" in sent:
        sent["on"] = min(sent["on"], timezone.localdate().isoformat())
    response = client.generic(method, path, json.dumps(sent), "application/json", headers=headers)
    assert response.status_code in (200, 201), response.content


def test_every_address_has_an_example_or_a_word() -> None:
    shown = {resolve(address.partition("?")[0]).url_name for address in READ}
    shown |= {resolve(path).url_name for _method, path, _body in WRITTEN}
    told = {resolve(path).url_name for path in re.findall(r"`(/api/v1/[\w/-]+)`", DOCUMENT)}
    assert {pattern.name for pattern in urls.urlpatterns} - {"api_nothing"} <= shown | told


def parameters() -> dict[str, set[str]]:
    """The parameters of every address."""
    found: dict[str, set[str]] = {}
    for path, operations in schema.openapi_document()["paths"].items():
        for operation in operations.values():
            found.setdefault(path, set()).update(one["name"] for one in operation.get("parameters", []))
    return found | {"/ogc/": set(ogc.OWN)}


@pytest.mark.parametrize(("path", "names"), parameters().items())
def test_every_parameter_is_explained(path: str, names: set[str]) -> None:
    text = DOCUMENT + FILTERS
    assert {name for name in names if f"`{name}`" not in text and name != "code"} == set()


@pytest.mark.parametrize("name", sorted(RecordsView.own | RecordApiView.own))
def test_every_parameter_of_pages_is_in_an_example(name: str) -> None:
    assert any(re.search(rf"[?&]{name}=", address) for address in READ)


def test_every_member_to_write_is_in_an_example() -> None:
    sent: set[str] = set()
    for _method, _path, body in WRITTEN:
        sent |= set(json.loads(body))
    told = {"then", "reason", "note", "on", "agreements", "parties", "sources", "themes", "funding", "renewals"}
    assert told <= sent


def test_commands_of_a_call_are_told() -> None:
    known: Any = schema.schemas()["AgreementToWrite"]["properties"]
    for name in ("then", "reason", "note"):
        assert name in known
        assert f"`{name}`" in DOCUMENT
