"""What others show on their own pages: frames that these pages alone allow, and a few kilobytes of plain HTML."""

import re
import subprocess
import sys
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from coopdir.opendata import embeds
from partnerships.models import Agreement
from tests import factories
from tests.test_doors import DOORS

pytestmark = pytest.mark.django_db

FRAMES = ("embed_list", "embed_map")


@pytest.fixture
def agreement() -> Agreement:
    dijon = factories.town("Dijon", territory=factories.territory("FR-BFC"))
    return factories.agreement(dijon, factories.town("Mainz", "DE"), signed="1958")


def ancestors(answer: Any) -> str:
    """Whom the policy of an answer lets frame it."""
    return re.search(r"frame-ancestors ([^;]+)", answer["Content-Security-Policy"])[1]


@pytest.mark.parametrize("name", FRAMES)
def test_pages_for_frames_may_be_framed(client: Client, agreement: Agreement, name: str) -> None:
    answer = client.get(reverse(name))
    assert ancestors(answer) == "*"
    assert not answer.has_header("X-Frame-Options")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert not answer.cookies
    assert "<form" not in answer.content.decode()
    assert '<base target="_blank">' in answer.content.decode()


@pytest.mark.long
def test_no_other_page_may_be_framed(client: Client, agreement: Agreement) -> None:
    for name in DOORS:
        if name in FRAMES:
            continue
        try:
            address = reverse(name)
        except Exception:
            continue
        answer = client.get(address)
        assert answer["X-Frame-Options"] == "DENY", name
        assert ancestors(answer) == "'none'", name


def test_the_origins_are_a_setting() -> None:
    code = "from coopdir import settings; print(settings.EMBED_ORIGINS)"
    for given, expected in (("", "['*']"), ("none", "[\"'none'\"]"), ("https://a.example,https://b.example",
                            "['https://a.example', 'https://b.example']")):  # fmt: skip
        told = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=settings.BASE_DIR,
            env={"DEBUG": "1", "EMBED_ORIGINS": given, "PATH": "", "COOPDIR_DATA": str(settings.DATA_DIR)},
        )  # fmt: skip
        assert told.stdout.strip() == expected


def test_a_list_for_a_frame_is_that_of_its_question(client: Client, agreement: Agreement) -> None:
    factories.agreement(factories.town("Cortona", "IT"), factories.town("Kayes", "ML"))
    page = client.get(reverse("embed_list"), {"country": "DE"}).content.decode()
    assert "Dijon" in page
    assert "Cortona" not in page
    assert f'href="{settings.SITE_URL}{reverse("agreements")}?country=DE"' in page
    assert "1 agreement in CoopDir" in page
    assert "Country: Germany" in page


def test_a_map_for_a_frame_draws_its_question(client: Client, agreement: Agreement) -> None:
    page = client.get("/fr/embed/map/", {"country": "DE"}).content.decode()
    assert 'data-query="country=DE"' in page
    assert '<html lang="fr"' in page


@pytest.mark.parametrize("name", [*FRAMES, "embed_snippet"])
def test_a_wrong_question_is_said(client: Client, name: str) -> None:
    answer = client.get(reverse(name), {"country": "XX"})
    assert answer.status_code == 400
    assert "XX" in answer.content.decode()


@pytest.mark.long
def test_a_snippet_is_small_and_plain(client: Client, agreement: Agreement) -> None:
    for number in range(80):
        factories.agreement(factories.town(f"Saint-Étienne-<{number}>&"), factories.town(f"Straße {number}", "DE"))
    answer = client.get("/fr/embed/snippet/", {"country": "DE"}, headers={"Origin": "https://example.org"})
    content = answer.content.decode()
    assert 3_500 < len(answer.content) <= 5_000
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|<link", content)
    assert "Saint-Étienne-&lt;" in content
    assert answer["Access-Control-Allow-Origin"] == "*"
    addresses = [unescape(one) for one in re.findall(r'href="([^"]+)"', content)]
    assert len(addresses) > 15
    for address in addresses:
        assert address.startswith(settings.SITE_URL)
        assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200
    assert client.get(reverse("embed_snippet"), {"q": "nothing like it"}).status_code == 200


def test_a_snippet_has_five_kilobytes_whatever_its_letters(client: Client) -> None:
    for _number in range(12):
        factories.agreement(*(factories.town("É" * 150, code) for code in ("FR", "DE")))
    content = client.get("/fr/embed/snippet/").content
    assert 3_500 < len(content) <= 5_000
    assert 1 < content.count(b"<li>") < 12


@pytest.fixture
def pages(agreement: Agreement) -> dict[str, str]:
    """Pages that offer their content, by address, and the question that it is."""
    town = agreement.parties.first().town
    return {
        f"{reverse('agreements')}?country=FR&sort=signed": "sort=signed&country=FR",
        reverse("map"): "",
        reverse("town", args=[town.address]): f"town={town.reference}&past=1&domestic=1",
        reverse("country", args=["de"]): "country=DE",
        reverse("territory", args=["FR-BFC"]): "territory=FR-BFC",
    }


def test_pages_give_the_html_for_what_they_show(client: Client, pages: dict[str, str]) -> None:
    for address, question in pages.items():
        page = client.get(address).content.decode()
        assert "Show this on your own site" in page
        codes = [unescape(code) for code in re.findall(r"<pre[^>]*>(&lt;iframe.*?)</pre>", page, re.DOTALL)]
        assert len(codes) == 2
        for code, name in zip(codes, ("embed_map", "embed_list"), strict=True):
            source = urlsplit(unescape(re.search(r'src="([^"]+)"', code)[1]))
            assert f"{source.scheme}://{source.netloc}" == settings.SITE_URL
            assert (source.path, source.query) == (reverse(name), question)
            assert client.get(f"{source.path}?{source.query}").status_code == 200
            assert re.search(r'title="[^"]+"', code)  # which who cannot see a frame hears of


def test_a_name_cannot_leave_its_attribute() -> None:
    assert '" onload' not in embeds.code("embed_map", 'q="><script>', '" onload="x', 1)
    assert "<script" not in embeds.code("embed_map", 'q="><script>', '"><script>', 1)
