"""Following: feeds that readers read, a site map of all that is public, robots.txt, citations."""

import re
import urllib.robotparser
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from coopdir.opendata.linked_data import sitemap
from partnerships.editing import workflow
from partnerships.models import Agreement, Theme
from tests import factories
from tests.editing import time_passes
from tests.importing import load

pytestmark = pytest.mark.django_db

SPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def feed(client: Client, name: str, **question: Any) -> Any:
    """A feed, as a reader reads it."""
    answer = client.get(reverse(name), question)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def titles(client: Client, name: str, **question: Any) -> list[str]:
    return [entry.title for entry in feed(client, name, **question).entries]


@pytest.fixture
def dijon_mainz() -> Agreement:
    dijon = factories.town("Dijon", territory=factories.territory("FR-BFC"))
    return factories.agreement(dijon, factories.town("Mainz", "DE"), signed="1958-05")


def test_new_agreements_come_first(client: Client, dijon_mainz: Agreement) -> None:
    time_passes()
    factories.agreement(factories.town("Cortona", "IT"), factories.town("Kayes", "ML"))
    time_passes()
    factories.agreement(publication="draft")
    assert titles(client, "agreements_feed") == ["Cortona – Kayes", "Dijon – Mainz"]
    assert titles(client, "agreements_feed", country="DE") == ["Dijon – Mainz"]
    assert titles(client, "agreements_feed", country=factories.country("BF").pk) == []
    found = feed(client, "agreements_feed", country="DE")
    (entry,) = found.entries
    assert entry.id == f"{settings.SITE_URL}/id/{dijon_mainz.reference}"
    assert entry.link == f"{settings.SITE_URL}{reverse('agreement', args=[dijon_mainz.address])}"
    assert entry.summary == "Twinning. France – Germany. May 1958"
    assert "CC BY 4.0" in found.feed.rights
    assert found.feed.title == "CoopDir · New agreements · Country: Germany"
    assert found.feed.link.endswith("/en/agreements/?country=DE")


def test_a_feed_speaks_the_language_that_is_asked_for(client: Client, dijon_mainz: Agreement) -> None:
    (entry,) = feed(client, "agreements_feed", lang="fr").entries
    assert entry.summary == "Jumelage. France – Allemagne. mai 1958"
    assert "/fr/agreements/" in entry.link


def test_a_draft_is_new_when_it_is_published(client: Client, officer: User, dijon_mainz: Agreement) -> None:
    draft = factories.agreement(factories.town("Besançon"), factories.town("Freiburg", "DE"), publication="draft")
    draft.parties.all()[0].town.__class__.objects.filter(name="Besançon").update(territory="FR-BFC")
    time_passes()
    factories.agreement(factories.town("Cortona", "IT"), factories.town("Kayes", "ML"))
    time_passes()
    workflow.publish(by=officer, agreement=draft)
    assert titles(client, "agreements_feed") == ["Besançon – Freiburg", "Cortona – Kayes", "Dijon – Mainz"]


def test_changes_are_followed_by_filter_and_kind(client: Client, officer: User, dijon_mainz: Agreement) -> None:
    time_passes()
    workflow.verify(by=officer, agreements=[dijon_mainz])
    time_passes()
    workflow.withdraw(by=officer, agreement=dijon_mainz, reason="Never existed")
    found = feed(client, "changes_feed", country="FR")
    assert [entry.title for entry in found.entries] == [
        "Dijon – Mainz: withdrawn",
        "Dijon – Mainz: verified",
        "Dijon – Mainz: published",
    ]
    assert "Never existed" in found.entries[0].summary
    assert officer.username not in found.entries[0].summary.replace("an officer of", "")
    assert len({entry.id for entry in found.entries}) == 3
    assert [entry.id for entry in feed(client, "changes_feed").entries] == [entry.id for entry in found.entries]
    assert titles(client, "changes_feed", what="verified") == ["Dijon – Mainz: verified"]
    assert titles(client, "changes_feed", country=factories.country("ML").pk) == []


def test_the_entry_of_an_import_leads_to_all_that_it_wrote(client: Client) -> None:
    for name in ("Dole", "Arbois"):
        factories.town(name)
    time_passes()
    row = {"kind": "twinning", "party_1": "Dole", "country_1": "FR", "party_2": "Arbois", "country_2": "FR"}
    batch = load("agreements", row | {"activity": "ended"}).batch
    (entry,) = feed(client, "changes_feed").entries
    assert batch.reference in entry.link
    assert client.get(entry.link.removeprefix(settings.SITE_URL)).context["total"] == 1


@pytest.mark.parametrize("name", ["agreements_feed", "changes_feed"])
def test_who_has_it_already_is_told_so(client: Client, dijon_mainz: Agreement, name: str) -> None:
    first = client.get(reverse(name))
    again = client.get(reverse(name), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    time_passes()
    Agreement.objects.filter(pk=dijon_mainz.pk).update(signed="1959")
    assert client.get(reverse(name), headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("name", ["agreements_feed", "changes_feed"])
@pytest.mark.parametrize("query", ["country=XX", "contry=FR", "lang=de", "what=broken&since=x"])
def test_a_wrong_question_is_refused_in_words(client: Client, name: str, query: str) -> None:
    answer = client.get(f"{reverse(name)}?{query}")
    assert answer.status_code == 400
    assert answer.content.decode().strip()


def test_pages_name_their_feed(client: Client, dijon_mainz: Agreement) -> None:
    for name, question in (("agreements", "?country=FR"), ("changes", "?what=ended"), ("home", "")):
        page = client.get(reverse(name) + question).content.decode()
        (address,) = re.findall(r'<link rel="alternate" type="application/atom\+xml"[^>]* href="([^"]+)"', page)
        assert client.get(address.replace("&amp;", "&")).status_code == 200
        assert question.lstrip("?") in address


# The site map


def addresses(client: Client) -> dict[str, dict[str, str]]:
    """Every address of the site map, with those of the same page by language."""
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    found = {}
    for part in index.iterfind("s:sitemap/s:loc", SPACES):
        answer = client.get(part.text.removeprefix(settings.SITE_URL))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        for entry in ElementTree.fromstring(content).iterfind("s:url", SPACES):
            others = {link.get("hreflang"): link.get("href") for link in entry.iterfind("x:link", SPACES)}
            found[entry.find("s:loc", SPACES).text] = others
    return found


@pytest.mark.long
def test_the_site_map_leads_to_every_public_page_in_both_languages(client: Client, dijon_mainz: Agreement) -> None:
    draft = factories.agreement(publication="draft")
    records = [
        dijon_mainz,
        *(party.actor for party in dijon_mainz.parties.all()),
        factories.organisation("Hôpital"),
        factories.network("AIMF"),
        factories.support_body("BFC"),
    ]
    found = addresses(client)
    for address, others in found.items():
        assert set(others) == {"en", "fr"}
        assert address in others.values()
        assert set(others.values()) <= set(found)
        answer = client.get(address.removeprefix(settings.SITE_URL))
        assert answer.status_code == 200, address  # neither a redirect nor an error
    for record in records:
        path = reverse(record._meta.model_name, args=[record.address])
        assert settings.SITE_URL + path in found
    assert draft.reference not in " ".join(found)


def test_the_site_map_costs_the_same_for_any_part(
    client: Client, dijon_mainz: Agreement, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(3):
        factories.agreement()
    with django_assert_num_queries(1):
        content = b"".join(client.get(reverse("sitemap_part", args=["agreements", 0])).streaming_content)
    assert content.count(b"<url>") == 2 * Agreement.objects.filter(pk__lte=5000).count()
    assert client.get(reverse("sitemap_part", args=["mandates", 0])).status_code == 404


def part(client: Client, name: str) -> str:
    """The first part of the site map of some records."""
    return b"".join(client.get(reverse("sitemap_part", args=[name, 0])).streaming_content).decode()


def test_the_last_record_of_a_part_of_the_site_map_is_in_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    last, next_one = factories.town(), factories.town()
    monkeypatch.setattr(sitemap, "KEYS_PER_SITEMAP", last.pk)
    assert f"/{last.address}/" in part(client, "towns")
    assert f"/{next_one.address}/" not in part(client, "towns")


def test_the_site_map_names_agreements_by_their_parties_in_their_order(client: Client, dijon_mainz: Agreement) -> None:
    dijon_mainz.parties.filter(position=1).update(position=3)
    address = Agreement.objects.get(pk=dijon_mainz.pk).address
    assert address == f"{dijon_mainz.reference}-mainz-dijon"
    assert f"/{address}/" in part(client, "agreements")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/en/agreements/", True),
        ("/en/agreements/?page=2", True),
        ("/en/agreements/?country=FR", False),
        ("/en/agreements/?page=2&country=FR", False),
        ("/agreements.csv?country=FR", False),
        ("/fr/my/", False),
        ("/en/agreements/A1-dijon-mainz/history/", False),
        ("/en/agreements/A1-dijon-mainz/", True),
        ("/sitemap.xml", True),
    ],
)
def test_robots_keep_to_plain_addresses(client: Client, path: str, allowed: bool) -> None:
    text = client.get("/robots.txt").content.decode()
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in text
    rules = [
        (line.split(": ")[0], line.split(": ")[1]) for line in text.splitlines() if line.startswith(("Allow", "Dis"))
    ]
    matching = [rule for rule in rules if re.match(re.escape(rule[1]).replace(r"\*", ".*"), path)]
    # RFC 9309, 2.2.2: the longest rule counts, and of equal ones the one that allows.
    best = max(matching, key=lambda rule: (len(rule[1]), rule[0] == "Allow"), default=("Allow", ""))
    assert (best[0] == "Allow") == allowed
    assert urllib.robotparser.RobotFileParser(settings.SITE_URL).parse(text.splitlines()) is None


# Citations


@pytest.mark.parametrize("name", ["agreement", "town", "country", "agreements", "towns", "networks", "statistics"])
def test_pages_say_how_to_cite_them(client: Client, dijon_mainz: Agreement, name: str) -> None:
    arguments = {"agreement": dijon_mainz.address, "town": dijon_mainz.parties.first().town.address, "country": "fr"}
    path = reverse(name, args=[arguments[name]] if name in arguments else None)
    page = client.get(f"{path}?country=FR" if name == "agreements" else path).content.decode()
    assert "Cite this page" in page
    assert "@misc{coopdir-" in page
    assert "CC BY 4.0" in page
    address = f"{settings.SITE_URL}{path}" + "?country=FR" * (name == "agreements")
    assert f"url = {{{address}}}" in page
    assert re.search(r"Data version \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", page)


def test_a_name_cannot_end_the_citation(client: Client) -> None:
    town = factories.town("A & B}, note = {\\x <script>")
    page = client.get(reverse("town", args=[town.address])).content.decode()
    assert "<script>" not in page.replace('<script type="', "")
    assert r"A \&amp; B\}, note = \{\textbackslash x &lt;script&gt;" in page


@pytest.mark.parametrize("name", ["search", "account_login"])
def test_what_is_no_data_is_not_cited(client: Client, name: str) -> None:
    page = client.get(reverse(name)).content.decode()
    assert "Cite this page" not in page
    assert "ld+json" not in page


def test_themes_of_a_feed_are_its_categories(client: Client, dijon_mainz: Agreement) -> None:
    dijon_mainz.themes.add(factories.make(Theme, code="water"), through_defaults={})
    (entry,) = feed(client, "agreements_feed", theme="water").entries
    assert [tag.term for tag in entry.tags] == ["water"]
