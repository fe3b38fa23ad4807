"""What is shown where an address is shared: Open Graph's words on every public page, and a card of each record."""

import io
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops

from coopdir.opendata.linked_data.sitemap import STATIC_PAGES
from coopdir.opendata.social_cards import views
from coopdir.opendata.social_cards.draw import SANS, SERIF, TextStyle
from partnerships.models import Agreement
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(views, "_root", lambda: tmp_path / "cards")
    return tmp_path / "cards"


@pytest.fixture
def agreement() -> Agreement:
    dijon = factories.town("Dijon", territory=factories.territory("FR-BFC"), latitude=47.3, longitude=5.04)
    return factories.agreement(dijon, factories.town("Koulikoro", "ML", latitude=12.86, longitude=-7.56))


def picture(client: Client, code: str, language: str = "en") -> Image.Image:
    answer = client.get(reverse("card", args=[language, code]))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert len(answer.content) < 300_000
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (1200, 630)
    return image.convert("RGB")


def differ(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None


def tags(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)"', page)}


@pytest.mark.long
def test_every_public_page_says_how_it_is_shown(client: Client, agreement: Agreement) -> None:
    paths = [reverse(name) for name in STATIC_PAGES]
    paths += [reverse("agreement", args=[agreement.address]), reverse("country", args=["ml"])]
    paths += [path.replace("/en/", "/fr/", 1) for path in paths]
    for path in paths:
        page = client.get(path).content.decode()
        told = tags(page)
        assert told["og:url"] == settings.SITE_URL + path
        assert f"<title>{told['og:title']} · CoopDir</title>" in unescape(page)
        assert told["og:description"]
        assert told["og:locale"] == {"en": "en_GB", "fr": "fr_FR"}[path[1:3]]
        image = told["og:image"].removeprefix(settings.SITE_URL)
        assert client.head(image)["Content-Type"] == "image/png"
        assert f"/card/{path[1:3]}/" in image
    assert tags(client.get(reverse("account_login")).content.decode()) == {}


def test_each_record_has_a_card_of_its_own(client: Client, agreement: Agreement) -> None:
    records = [
        agreement,
        agreement.parties.first().town,
        factories.organisation("Hôpital"),
        factories.network("AIMF"),
        factories.support_body("BFC"),
    ]
    cards = [picture(client, code) for code in ("home", "FR", "ML", "FR-BFC", *(one.reference for one in records))]
    assert all(differ(one, other) for place, one in enumerate(cards) for other in cards[:place])
    germany = factories.country("DE").pk
    assert differ(picture(client, germany, "en"), picture(client, germany, "fr"))


def test_an_agreement_shows_its_arc(client: Client, agreement: Agreement) -> None:
    teal, ochre = (11, 90, 92), (201, 138, 27)
    right = picture(client, agreement.reference).crop((760, 30, 1200, 630))
    colours = {colour for _number, colour in right.getcolors(1 << 20)}

    def near(wanted: tuple[int, int, int]) -> bool:
        return any(sum(abs(a - b) for a, b in zip(wanted, one, strict=True)) < 60 for one in colours)

    assert near(teal)
    assert near(ochre)
    factories.town(reference="T900", latitude=1, longitude=1)
    plain = picture(client, "T900").crop((760, 30, 1200, 630))
    colours = {colour for _number, colour in plain.getcolors(1 << 20)}
    assert not near(teal)


def test_an_agreement_is_drawn_with_those_who_have_left_it(client: Client, agreement: Agreement) -> None:
    before = picture(client, agreement.reference)
    agreement.parties.filter(position=2).update(left="2001")
    assert not differ(before, picture(client, agreement.reference))


@pytest.mark.parametrize(
    "name",
    ["x" * 200, "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson " * 4, "Тимбукту Łódź Θεσσαλονίκη 東京 عمان", "-", "A"],
)
def test_any_name_can_be_written(client: Client, name: str) -> None:
    town = factories.town(name.strip())
    assert differ(picture(client, town.reference), picture(client, factories.town("B").reference))


@pytest.mark.parametrize("text", ["", "one", "one two three four", "x" * 100, "a-b-c " * 30, "  spaced   out  "])
def test_lines_hold_all_of_a_text_and_no_more_than_their_width(text: str) -> None:
    for letters in (TextStyle(SERIF, 60, 600), TextStyle(SANS, 20)):
        lines = letters.wrapped(text, 300)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(letters.width(line) <= 300 for line in lines)


def test_a_card_is_drawn_once_for_a_state_of_the_data(
    client: Client, agreement: Agreement, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(views, "drawn", lambda what: drawn.append(what.title) or b"\x89PNG")
    address = reverse("card", args=["en", agreement.reference])
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert drawn == ["Dijon – Koulikoro"]
    factories.town("Dole")  # within the same moment, by the clock of a test
    client.get(address)
    assert len(drawn) == 2
    assert len(list(kept.glob("*"))) == 1  # of the last state alone
    monkeypatch.setattr(views, "MAX_CARDS", 1)
    client.get(reverse("card", args=["fr", agreement.reference]))
    assert len(list(kept.rglob("*.png"))) == 1


@pytest.mark.parametrize("code", ["A999", "XX", "nothing", "..", "A1%2f..%2fb"])
def test_nothing_has_no_card(client: Client, code: str) -> None:
    for language in ("en", "de"):
        assert client.get(f"/card/{language}/{code}.png").status_code == 404


def test_what_is_not_public_has_no_card(officer_client: Client, settings: Any) -> None:
    draft = factories.agreement(publication="draft")
    assert officer_client.get(reverse("card", args=["en", draft.reference])).status_code == 404
