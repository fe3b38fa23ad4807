"""The public pages: each answers in both languages, says what it should, and asks no more queries of more data."""

import datetime
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from core.templatetags import coopdir
from networks import models as n
from partnerships import models as p
from partnerships.insights.summaries import ActorSummary, CountrySummary, TerritorySummary, entry_of
from tests import factories as f

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "fr")


@pytest.fixture
def world() -> dict[str, str]:
    """One record of each kind, joined to the others; gives the address of every page, without its language."""
    return populate()


def populate() -> dict[str, str]:
    """Make records that join all kinds, around Burgundy and Mali."""
    region = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    old = f.territory("FR-D", name="Bourgogne", successor=region, dissolved_on="2015-12-31")
    department = f.territory("FR-21", name="Côte-d’Or", level="department", insee="21")
    for parent, dates in ((region, {"since": "2016-01-01"}), (old, {"until": "2015-12-31"})):
        p.TerritoryParent.objects.get_or_create(territory=department, parent=parent, defaults=dates)
    cite = f.source(licence="CC0-1.0", url="https://example.org/source")
    town = f.town(
        territory=department, latitude=47.3, longitude=-5.1, population=9000, website="https://www.example.org/"
    )
    f.make(p.TownName, town=town, language="de")
    f.make(p.TownSource, town=town, source=cite)
    other, third = f.town(code="ML"), f.town(code="DE", territory=f.territory("DE-SL", country=f.country("DE")))
    organisation = f.organisation(country=f.country("ML"), seat=other)
    record = f.agreement(town, other, third, organisation, signed="1986-05-24", verified_on="2020-01-01", cite=cite)
    theme = p.Theme.objects.get_or_create(
        code="water", defaults={"name_en": "water", "name_fr": "eau", "crs": "14030", "sdgs": "6"}
    )[0]
    p.AgreementTheme.objects.create(agreement=record, theme=theme)
    f.make(p.Suspension, party=record.parties.get(town=other), since="2023-09", source=cite)
    f.make(p.Renewal, agreement=record, valid_until="2030")
    f.make(p.FundingContribution, agreement=record, year=1999, amount=1200, currency="EUR")
    f.make(p.Document, agreement=record, language="fr")
    f.make(p.Claim, agreement=record, town=town, country=f.country("ML"), figure="projects", source=cite)
    f.make(p.StateRelation, country=f.country("ML"), counterpart=f.text(), source=cite)
    network, parent = f.network(country=f.country("ML"), seat_town=other), f.network()
    f.make(n.NetworkLink, network=network, kind="merged-into", other=parent)
    f.make(n.NetworkName, network=network)
    f.make(n.NetworkClaim, network=network, source=cite)
    f.make(n.Milestone, network=network, title_en=f.text())
    body, gone = f.support_body(services=["training"]), f.support_body()
    gone.successor = body
    gone.save()
    f.make(n.ServedTerritory, support_body=body, territory=region)
    f.make(n.NetworkClaim, network=None, support_body=body, source=cite)
    f.make(n.WebLink, support_body=body, network=network)
    for member in ({"town": town}, {"town": None, "organisation": organisation}, {"town": None, "support_body": body}):
        f.make(n.Membership, network=network, **member)
    f.make(n.Membership, network=parent, town=None, member_network=network)
    return {
        "home": "/",
        "about": "/about/",
        "agreements": "/agreements/",
        "agreement": f"/agreements/{record.address}/",
        "countries": "/countries/",
        "country": "/countries/ml/",
        "territory": "/territories/FR-BFC/",
        "department": "/territories/FR-21/",
        "towns": "/towns/",
        "town": f"/towns/{town.address}/",
        "organisations": "/organisations/",
        "organisation": f"/organisations/{organisation.address}/",
        "networks": "/networks/",
        "network": f"/networks/{network.address}/",
        "support_bodies": "/support-bodies/",
        "support_body": f"/support-bodies/{body.address}/",
        "milestones": "/milestones/",
        "links": "/links/",
    }


def get(client: Client, path: str, language: str = "en") -> str:
    """The HTML of a page that must be there."""
    response = client.get(f"/{language}{path}")
    assert response.status_code == 200, response.headers.get("Location", path)
    return response.content.decode()


# Every page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_and_is_well_made(client: Client, world: dict[str, str], language: str) -> None:
    for path in world.values():
        html = get(client, path, language)
        assert f'<html lang="{language}" dir="ltr">' in html
        assert len(re.findall(r"<h1[ >]", html)) == 1, path
        assert re.search(r"<title>\s*\S", html), path
        for needed in ('class="skip"', "<main", "<header", "<footer", "<nav"):
            assert needed in html, (path, needed)
        code = r'\sstyle="|<style|\son\w+="|<script(?![^>]*\ssrc=)(?! type="application/ld\+json">)'  # which is data
        assert not re.search(code, html), f"inline code in {path}"
        assert "{{" not in html
        assert "None" not in re.sub(r"<[^>]+>", "", html), f"None is shown in {path}"


@pytest.mark.long
def test_every_page_leads_to_itself_in_the_other_language(client: Client, world: dict[str, str]) -> None:
    for path in world.values():
        html = get(client, f"{path}?page=1&q=a")
        assert f'href="/fr{path}?page=1&amp;q=a"' in html, path
        assert f'hreflang="fr" href="http://localhost:8000/fr{path}"' in html, path
        assert f'rel="canonical" href="http://localhost:8000/en{path}"' in html, path


def test_the_french_pages_are_french(client: Client, world: dict[str, str]) -> None:
    assert "Avec quels pays" in get(client, world["country"], "fr")
    assert "24 mai 1986" in get(client, world["agreement"], "fr")
    assert "Allemagne" in get(client, world["town"], "fr")


def test_the_bare_address_leads_to_the_language_of_the_visitor(client: Client) -> None:
    for accepted, language in (("fr-FR,fr;q=0.9", "fr"), ("de", "en"), ("en-GB", "en")):
        response = client.get("/", headers={"accept-language": accepted})
        assert (response.status_code, response.headers["Location"]) == (302, f"/{language}/")
        assert "Accept-Language" in response.headers["Vary"]


def test_the_page_where_one_is_is_marked_in_the_navigation(client: Client, world: dict[str, str]) -> None:
    assert 'href="/en/countries/" aria-current="page"' in get(client, world["countries"])
    assert 'href="/en/countries/" aria-current="true"' in get(client, world["country"])
    assert 'href="/en/towns/" aria-current' not in get(client, world["country"])


@pytest.mark.long
@pytest.mark.django_db(transaction=True)  # the index of the lists takes changes in when they are committed
def test_more_data_ask_for_no_more_queries(client: Client, world: dict[str, str]) -> None:
    def count() -> dict[str, int]:
        numbers = {}
        for name, path in world.items():
            with CaptureQueriesContext(connection) as queries:
                get(client, path)
            numbers[name] = len(queries)
        return numbers

    def grow() -> None:
        populate()
        record = f.agreement(town, f.town(code="IT"), f.town(code="ML"), signed="1990")
        f.make(p.AgreementTheme, agreement=record)
        f.make(p.TownName, town=town)
        f.make(n.Membership, network=network, town=f.town(code="ML"))
        f.make(n.Membership, town=town)

    town = p.Town.objects.get(reference=re.search(r"/towns/(T\d+)", world["town"])[1])
    network = n.Network.objects.get(reference=re.search(r"/networks/(N\d+)", world["network"])[1])
    for _ in range(6):
        grow()  # so that no part of a page is empty and spares its queries
    count()  # takes the changes into the index of the lists, and fills what is read once
    before = count()
    for _ in range(4):
        grow()
    count()
    after = count()
    assert after == before
    assert max(before.values()) <= 25, before


# Agreements


def test_an_agreement_tells_all_that_is_known(client: Client, world: dict[str, str]) -> None:
    html = get(client, world["agreement"])
    for said in (
        "24 May 1986",
        "Suspended by the State",
        "since September 2023",
        "not verified since 1 January 2020",
        "14030",
        "SDG 6",
        "1,200",
        "EUR",
        "Licence: CC0 1.0",
        "Not confirmed by a second source.",
        "The part of a party is suspended; at least two others go on.",
        "No source tells what the papers say.",
        "First entered",
    ):
        assert said in html, said


def test_dates_are_no_more_precise_than_known(client: Client) -> None:
    record = f.agreement(signed="1986", valid_until="1990-05")
    html = get(client, f"/agreements/{record.address}/")
    assert "May 1990" in html
    assert "January 1986" not in html
    assert "1 May 1990" not in html


def test_expired_is_worked_out_and_explained(client: Client) -> None:
    record = f.agreement(signed="1986", valid_until="1990", formal_status="signed")
    html = get(client, f"/agreements/{record.address}/")
    assert "expired" in html
    assert "worked out from the dates" in html


def test_the_history_names_the_import(client: Client) -> None:
    import pghistory

    from core.imports.models import ImportBatch

    batch = ImportBatch.objects.create(source_title="A file", source_licence="CC0-1.0")
    batch.refresh_from_db()
    with pghistory.context(batch=batch.reference):
        record = f.agreement()
    assert entry_of(record).batch == batch
    assert f"by import {batch.reference}: A file" in get(client, f"/agreements/{record.address}/")


def test_the_list_has_chips_totals_pages_and_an_empty_state(client: Client) -> None:
    for _ in range(60):
        f.agreement(f.town(code="FR"), f.town(code="ML"))
    html = get(client, "/agreements/?country=FR&partner=ML")
    assert "60 agreements" in html
    assert 'href="?country=FR"' in html
    assert "country=FR&amp;partner=ML&amp;page=2" in html
    assert "How we count" in html
    f.country("BF")
    html = get(client, "/agreements/?country=FR&partner=BF")
    assert "No agreement fits this question" in html
    assert "past=1" in html
    html = get(client, "/agreements/?country=ZZ")
    assert "so the list is empty" in html
    assert "60 agreements" not in html


# Places


def test_a_country_tells_who_cooperates_with_it(client: Client, world: dict[str, str]) -> None:
    html = get(client, world["country"])
    assert "Bourgogne-Franche-Comté" in html
    assert "1980s" in html
    assert "?country=ML&amp;partner=FR" in html
    assert "?country=ML&amp;theme=water" in html
    assert "Relations between States" in html


def test_a_country_counts_an_agreement_once(db: None) -> None:
    mali = f.country("ML")
    f.agreement(f.town(code="ML"), f.town(code="ML"), f.town(code="FR"), f.town(code="FR"), signed="1986")
    f.agreement(f.town(code="ML"), f.town(code="DE"), signed="2004-05")
    f.agreement(f.town(code="ML"), f.town(code="ML"))  # within one country
    f.agreement(f.town(code="ML"), f.town(code="IT"), ended="1999")
    left = f.agreement(f.town(code="FR"), f.town(code="IT"))
    f.party(left, f.town(code="ML"), left="1999")
    summary = CountrySummary(mali)
    assert summary.total == 2
    assert [(tally.record.pk, tally.number) for tally in summary.partner_countries] == [("FR", 1), ("DE", 1)]
    assert [(tally.record, tally.number) for tally in summary.decades] == [("1980", 1), ("1990", 0), ("2000", 1)]
    assert summary.undated == 0
    assert summary.town_total == 3
    assert [record.signed for record in summary.newest] == ["2004-05", "1986"]


def test_a_region_gathers_its_departments_of_today(world: dict[str, str]) -> None:
    summary = CountrySummary(f.country("ML"))
    assert "FR-BFC" in [tally.record.pk for tally in summary.partner_regions]
    territory = TerritorySummary(p.Territory.objects.get(pk="FR-BFC"))
    assert [sorted(country.pk for country in found.countries) for found in territory.towns] == [["DE", "ML"]]
    assert [(tally.record.pk, tally.number) for tally in territory.partner_countries] == [("DE", 1), ("ML", 1)]


def test_a_town_shows_what_has_ended_too_with_the_later_date_of_joining(db: None) -> None:
    town, late = f.town(), f.town("Bous", code="DE")
    record = f.agreement(town, f.town(code="ML"), signed="1986-05-24", ended="2001")
    f.party(record, late, joined="1989")
    summary = ActorSummary(town)
    since = {str(country): partners[0].since for country, partners in summary.partners}
    assert since == {"Germany": "1989", "Mali": "1986-05-24"}


def test_a_territory_tells_of_its_parents_and_its_successor(client: Client, world: dict[str, str]) -> None:
    html = get(client, world["department"])
    assert "since 1 January 2016" in html
    assert "until 31 December 2015" in html
    assert "no longer exists" in get(client, "/territories/FR-D/")


def test_a_code_has_one_spelling(client: Client, world: dict[str, str]) -> None:
    for wrong, right in (("/countries/ML/", "/countries/ml/"), ("/territories/fr-bfc/", "/territories/FR-BFC/")):
        response = client.get(f"/en{wrong}")
        assert (response.status_code, response.headers["Location"]) == (301, f"/en{right}")
    for nowhere in ("/countries/zz/", "/territories/FR-0/", "/countries/%00/", "/countries/é/"):
        assert client.get(f"/en{nowhere}").status_code == 404


# Networks


def test_lineage_is_told_from_both_ends(client: Client, world: dict[str, str]) -> None:
    link = n.NetworkLink.objects.get()
    assert "Merged into" in get(client, f"/networks/{link.network.address}/")
    assert "Took in:" in get(client, f"/networks/{link.other.address}/")


def test_a_succession_that_nobody_confirms_says_so(client: Client, world: dict[str, str]) -> None:
    gone = n.SupportBody.objects.get(successor__isnull=False)
    assert "plausible but unconfirmed" in get(client, f"/support-bodies/{gone.address}/")
    assert "plausible but unconfirmed" in get(client, world["support_body"])


# Addresses that lead elsewhere, and errors


def test_a_wrong_slug_leads_to_the_right_one(client: Client, world: dict[str, str]) -> None:
    reference = re.search(r"/towns/(T\d+)", world["town"])[1]
    response = client.get(f"/fr/towns/{reference.lower()}-wrong/?q=1")
    assert (response.status_code, response.headers["Location"]) == (301, f"/fr{world['town']}?q=1")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is no page at this address"), ("fr", "Il n’y a pas de page à cette adresse")]
)
def test_what_is_not_there_is_told_in_the_sites_look(client: Client, language: str, words: str) -> None:
    for path in ("/agreements/A999999/", "/nowhere/"):
        response = client.get(f"/{language}{path}")
        assert response.status_code == 404
        assert words in response.content.decode()
        assert "site-nav" in response.content.decode()
        assert f'action="/{language}/search/"' in response.content.decode()


def test_a_withdrawn_record_says_that_it_is_gone(client: Client) -> None:
    town = f.town(**f.WITHDRAWN)
    response = client.get(f"/en/towns/{town.address}/")
    assert response.status_code == 410
    assert "This record was withdrawn" in response.content.decode()


def test_errors_and_refusals_have_pages_of_their_own(rf: RequestFactory) -> None:
    from django.core.exceptions import PermissionDenied
    from django.views.csrf import csrf_failure
    from django.views.defaults import permission_denied, server_error

    request: HttpRequest = rf.get("/fr/x/")
    with translation.override("fr"):
        pages: list[tuple[Callable[[], HttpResponse], str, int]] = [
            (lambda: permission_denied(request, PermissionDenied()), "Cette page ne vous est pas ouverte", 403),
            (lambda: csrf_failure(request), "Le formulaire n’a pas été accepté", 403),
            (lambda: server_error(request), "Quelque chose n’a pas fonctionné", 500),
        ]
        for answer, words, status in pages:
            response = answer()
            assert response.status_code == status
            assert words in response.content.decode()
            assert "site-nav" in response.content.decode()


@override_settings(DEBUG=False)
def test_every_url_has_a_name_that_templates_can_use() -> None:
    with translation.override("en"):
        for name in ("home", "about", "agreements", "countries", "towns", "organisations", "networks"):
            assert reverse(name).startswith("/en/")


# Words


def test_dates_in_words() -> None:
    with translation.override("fr"):
        assert coopdir.partial_date("2016-01-01") == "1er janvier 2016"
        assert coopdir.partial_date("2016-01-11") == "11 janvier 2016"
        assert coopdir.partial_date("2016-01") == "janvier 2016"
        assert coopdir.period("2016-01-01", None) == "depuis le 1er janvier 2016"
        assert coopdir.period(None, "2015") == "jusqu’à 2015"
        assert coopdir.day(datetime.date(2020, 3, 1)) == "1er mars 2020"
    with translation.override("en"):
        assert coopdir.period("1986", "2001-05") == "1986 – May 2001"
        assert coopdir.period(None, None) == ""
        assert coopdir.coordinate(-7.55988, "longitude") == "7.5599° W"


def test_what_was_verified_long_ago_is_stale() -> None:
    today = datetime.date.today()
    assert not coopdir.is_stale(today - datetime.timedelta(days=729))
    assert coopdir.is_stale(today - datetime.timedelta(days=731))


def test_the_french_catalogue_is_complete() -> None:
    catalogue = Path(settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po")
    with catalogue.open("rb") as file:
        messages = [message for message in read_po(file, locale="fr") if message.id]
    missing = [
        message.id
        for message in messages
        if message.fuzzy or not (all(message.string) if message.pluralizable else message.string)
    ]
    assert not missing
    assert len(messages) > 500


def test_no_word_is_counted_in_one_place_and_named_in_another() -> None:
    """Before 3.11.4 Python's ``gettext`` finds no message that has a plural; a context tells the two apart."""
    with (settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        counted = {message.id[0] for message in read_po(file) if message.pluralizable and not message.context}
    named = re.compile(
        r"""(?:\b_|gettext_lazy|gettext_noop|\bgettext)\(\s*"([^"]*)"\s*\)|\{% translate "([^"]*)" *(?:as|%)"""
    )
    texts = [path.read_text() for top in ("core", "coopdir", "networks", "partnerships", "templates")
             for path in (settings.BASE_DIR / top).rglob("*") if path.suffix in (".py", ".html", ".txt")]  # fmt: skip
    assert counted & {text for source in texts for pair in named.findall(source) for text in pair} == set()


def test_french_signs_keep_their_spaces() -> None:
    with (settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        told = [
            text
            for message in read_po(file)
            for text in ([message.string] if isinstance(message.string, str) else message.string)
        ]
    assert len(told) > 2000
    assert [text for text in told if re.search(r"« | »| [:;?!](\s|$)", text)] == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="xgettext (Debian: gettext) is not installed")
def test_every_string_is_in_the_french_catalogue(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    left_out = shutil.ignore_patterns(".venv", "node_modules", "var", ".git", "dist", ".stamps", "tests")
    shutil.copytree(settings.BASE_DIR, copy, ignore=left_out)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "fr", "--add-location=file", "--verbosity=0"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "coopdir.settings", "DEBUG": "1", "PYTHONPATH": str(copy)}
    subprocess.run(command, cwd=copy, env=environment, check=True)
    catalogues = []
    for root in (settings.BASE_DIR, copy):
        with (root / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
            catalogues.append({(message.context, str(message.id)) for message in read_po(file, locale="fr")})
    assert catalogues[1] - catalogues[0] == set(), "run manage.py makemessages -l fr --add-location=file"


def test_a_moment_is_told_by_the_day_that_it_is_here() -> None:
    late = datetime.datetime(2026, 11, 28, 23, 16, tzinfo=datetime.UTC)  # after midnight in Paris
    assert coopdir.day(late) == "29 November 2026"
    assert coopdir.day(late.date()) == "28 November 2026"
