"""Canonical addresses have the site's own name, by whatever host it is asked; only what leads on keeps that host."""

import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client

from core.lists.formats import FILE_FORMATS
from partnerships.models import Agreement
from tests import factories

pytestmark = pytest.mark.django_db

OTHER = "other.example"


@pytest.fixture
def visitor(settings: Any) -> Client:
    """Somebody who comes by another of the site's names."""
    settings.ALLOWED_HOSTS = [OTHER]
    return Client(headers={"host": OTHER})


@pytest.fixture
def agreement() -> Agreement:
    source = factories.source(url="https://example.org/")
    return factories.agreement(factories.town("Dole"), factories.town("Mainz", "DE"), cite=source, signed="1986-05-24")


def text_of(answer: Any) -> str:
    """What an answer says; the parts of a ZIP file one after the other."""
    content = answer.getvalue()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(map(archive.read, archive.namelist()))
    return content.decode(errors="replace")


PATHS = (
    *(f"/agreements.{form}" for form in FILE_FORMATS),
    *(f"/agreements/{{}}.{form}" for form in ("csv", "json", "geojson", "xlsx")),
    "/agreements.atom", "/changes.atom", "/agreements.iati.xml", "/agreements.quickstatements", "/sitemap.xml",
    "/robots.txt", "/data/catalogue.ttl", "/id/{}.ttl", "/api/v1/agreements", "/api/v1/agreements/{}",
    "/.well-known/security.txt", "/en/", "/en/agreements/", "/fr/agreements/{}/", "/en/agreements/{}/history/",
    "/en/data/", "/en/embed/snippet/", "/en/embed/list/",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_what_names_a_thing_has_the_sites_own_name(visitor: Client, agreement: Agreement, path: str) -> None:
    code = agreement.reference if re.match("/(id|api)/", path) else agreement.address
    answer = visitor.get(path.format(code), follow=True)
    assert answer.status_code == 200
    assert OTHER not in text_of(answer)


def test_what_leads_on_keeps_the_host(visitor: Client, agreement: Agreement) -> None:
    factories.agreement()
    told = visitor.get("/api/v1/agreements?limit=1").json()
    assert told["next"].startswith(f"http://{OTHER}/api/v1/agreements?")
    (record,) = told["records"]
    assert [text for text in map(str, record.values()) if "://" in text and "localhost:8000" not in text] == []
    assert OTHER in visitor.get("/en/agreements/").headers["Link"]
