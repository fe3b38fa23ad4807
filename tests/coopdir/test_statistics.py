"""The statistics and the pages with charts: every figure is what SQL counts, and the total of the list behind it."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coopdir.statistics import largest_pairs
from networks.models import Membership, NetworkLink
from partnerships.agreements.facets import INDEX, ask
from partnerships.models import (
    Agreement,
    AgreementTheme,
    Claim,
    CooperationZone,
    GazetteerPlace,
    TerritoryParent,
    Theme,
    ZoneCountry,
)
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_index() -> None:
    INDEX.forget()


@pytest.fixture
def world() -> None:
    """A small world that fills every part of the page."""
    for code in factories.COUNTRIES:
        factories.country(code)
    sahel = factories.make(CooperationZone, code="sahel")
    factories.make(ZoneCountry, zone=sahel, country=factories.country("ML"))
    water = factories.make(Theme, code="water")
    factories.make(Theme, code="health")
    factories.territory("FR-BFC")
    factories.territory("FR-21", level="department")
    TerritoryParent.objects.create(territory_id="FR-21", parent_id="FR-BFC")
    for number in range(4):
        factories.make(
            GazetteerPlace, insee=f"2100{number}", geonames=number, territory_id="FR-21", population=3000 * number
        )
    quetigny = factories.town("Quetigny", insee="21002", territory_id="FR-21", latitude=47.3, longitude=5.1)
    dijon = factories.town("Dijon", insee="21003", territory_id="FR-21")
    council = factories.town("Côte-d'Or", level="department", governs_id="FR-21", territory_id="FR-BFC")
    koulikoro, bous, lao = (factories.town(code=code) for code in ("ML", "DE", "BF"))
    three = factories.agreement(quetigny, koulikoro, bous, signed="1986-05-24", verified_on="2026-01-01")
    factories.agreement(dijon, bous, signed="2005", kind="cooperation", activity="active", formal_status="in-force")
    factories.agreement(council, lao, kind="friendship")
    factories.agreement(dijon, lao, activity="ended", signed="1950")
    factories.agreement(quetigny, dijon, signed="1960")
    factories.agreement(quetigny, factories.organisation(country_id="IT"), signed="2007", verified_on="2019-01-01")
    AgreementTheme.objects.create(agreement=three, theme=water)
    for figure, value in (("departments-share", 80), ("countries", 120)):
        factories.make(Claim, figure=figure, value=value, as_of="2006")


def page(client: Client, query: str = "", language: str = "en") -> Any:
    return client.get(f"/{language}/statistics/{query}")


COUNTED = """
    WITH counted AS (
        SELECT agreement.* FROM partnerships_agreement AS agreement
        WHERE publication = 'published' AND activity <> 'ended' AND formal_status <> 'terminated'
        AND (ended IS NULL OR ended > '2020')
        AND 1 < (
            SELECT count(DISTINCT coalesce(town.country_id, organisation.country_id, 'none'))
            FROM partnerships_party AS party LEFT JOIN partnerships_town AS town ON town.id = party.town_id
            LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
            WHERE party.agreement_id = agreement.id AND party."left" IS NULL
        )
    )
"""


def rows(select: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTED + select)
        return cursor.fetchall()


def test_figures_are_what_sql_counts(client: Client, world: None) -> None:
    context = page(client).context
    assert context["total"] == rows("SELECT count(*) FROM counted")[0][0] == 4
    assert context["undated"] == rows("SELECT count(*) FROM counted WHERE signed IS NULL")[0][0] == 1
    decades = rows("SELECT left(signed, 3) || '0', count(*) FROM counted WHERE signed IS NOT NULL GROUP BY 1")
    assert {item.tick: item.number for item in context["decades"] if item.number} == dict(decades)
    assert [item.tick for item in context["decades"]] == ["1980", "1990", "2000"]
    kinds = rows("SELECT count(*) FROM counted GROUP BY kind")
    assert sorted(item.number for item in context["kinds"]) == sorted(number for (number,) in kinds)
    levels = rows(
        "SELECT count(DISTINCT agreement_id) FROM counted JOIN partnerships_party AS party ON agreement_id = counted.id"
        " JOIN partnerships_town AS town ON town.id = town_id GROUP BY town.level"
    )
    assert sorted(item.number for item in context["levels"]) == sorted(number for (number,) in levels)
    assert [(item.number, item.address) for item in context["zones"]] == [(1, "/en/agreements/?zone=sahel")]
    assert [(item.number, item.address) for item in context["themes"]] == [(1, "/en/agreements/?theme=water")]
    assert {(pair.first.pk, pair.second.pk): pair.number for pair in context["pairs"]} == {
        ("DE", "FR"): 2,
        ("DE", "ML"): 1,
        ("FR", "ML"): 1,
        ("BF", "FR"): 1,
        ("FR", "IT"): 1,
    }
    assert context["partner_total"] == 4
    assert set(context["country_counts"]) == {"FR", "DE", "ML", "BF", "IT"}
    known = {figure.address.partition("?")[2]: figure.number for figure in context["completeness"]}
    assert known == {
        "since=1000": 3,
        "theme=health%2Cwater": 1,
        "verified=fresh": 1,
        "formal_status=unknown": 3,
        "activity=unknown": 3,
    }
    assert [(figure.number, figure.whole) for figure in context["town_completeness"]] == [(1, 6), (3, 6)]


class Links(HTMLParser):
    """The links of a page whose text is a number, with that number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int]] = []
        self.others: list[str] = []
        self._open = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open, self._text = dict(attrs)["href"] or "", ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            digits = re.sub(r"[\s,]", "", self._text)
            if digits.isdecimal():
                self.found.append((self._open, int(digits)))
            else:
                self.others.append(self._open)
            self._open = ""


def linked(content: str) -> Links:
    links = Links()
    links.feed(content)
    return links


@pytest.mark.long
@pytest.mark.parametrize("query", ["", "?country=ML", "?country=de&order=large"])
def test_every_figure_leads_to_a_list_with_that_total(client: Client, world: None, query: str) -> None:
    content = page(client, query).content.decode()
    links = linked(content)
    assert len(links.found) > 25
    for address, number in links.found:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if address == reverse("countries"):
            assert answer.context["overview"].country_total == number
        else:
            assert answer.context["errors"] == answer.context["warnings"] == [], address
            assert answer.context["total"] == number, address
    for address in set(links.others):
        if address.startswith("/"):
            assert client.get(address, follow=True).status_code == 200, address


def test_bars_lead_to_a_list_with_their_total(client: Client, world: None) -> None:
    context = page(client).context
    for name in ("decades", "kinds", "levels", "zones", "themes", "verification"):
        assert context[name], name
        for item in context[name]:
            assert client.get(item.address).context["total"] == item.number, item


def test_claims_stand_beside_the_shares(client: Client, world: None) -> None:
    factories.make(Claim, figure="regions-share")
    factories.territory("ML-2")  # Mali has a share of regions, too
    content = page(client).content.decode()
    assert "80% (2006)" in content
    for claim in Claim.objects.all():
        assert claim.statement in content
    answer = page(client, "?country=ML")
    assert [(line.share.whole, line.claims) for line in answer.context["coverage_lines"]] == [(1, [])]
    elsewhere = answer.content.decode()
    assert not any(claim.statement in elsewhere for claim in Claim.objects.all())


def test_territories_are_put_in_order(client: Client, world: None) -> None:
    factories.territory("FR-AAA", name="Aaa")
    names = [[line.coverage.territory.pk for line in page(client, f"?order={order}").context["by_region"]] for order in
             ("name", "agreements", "departments", "municipalities", "large", "nonsense")]  # fmt: skip
    assert names == [["FR-AAA", "FR-BFC"], *[["FR-BFC", "FR-AAA"]] * 4, ["FR-AAA", "FR-BFC"]]


def test_pairs_are_those_of_present_parties_and_of_as_many_those_first_by_code(client: Client) -> None:
    towns = {code: factories.town(code=code) for code in ("BF", "DE", "FR", "IT", "MG", "ML")}
    three = factories.agreement(towns["FR"], towns["ML"], towns["IT"])
    three.parties.filter(town=towns["IT"]).update(left="2001")
    factories.agreement(towns["FR"], towns["MG"])  # of France there are most
    factories.agreement(towns["DE"], towns["BF"])
    with INDEX.reading() as index:
        facets = ask(index)
        assert largest_pairs(index, facets, 9) == [("BF", "DE", 1), ("FR", "MG", 1), ("FR", "ML", 1)]
        assert largest_pairs(index, facets, 1) == [("BF", "DE", 1)]


def test_a_country_is_not_among_its_own_partners(client: Client, world: None) -> None:
    assert page(client).context["partner_total"] == 4
    factories.agreement(factories.town(), factories.town(), factories.town(code="ML"))
    assert page(client).context["partner_total"] == 4


def test_an_unknown_country_is_not_there(client: Client, world: None) -> None:
    assert page(client, "?country=ZZ").status_code == 404
    assert page(client, "?country=%00").status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
def test_empty_directory(client: Client, language: str) -> None:
    assert page(client, language=language).status_code == 200
    factories.country("FR")
    assert page(client, language=language).status_code == 200


def test_queries_do_not_grow(client: Client, world: None) -> None:
    page(client)

    def queries(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    for address in ("/en/statistics/", "/en/countries/de/fr/"):
        queries(address)
        before = queries(address)
        for _number in range(5):
            record = factories.agreement(factories.town(), factories.town(code="DE"), signed="1999")
            AgreementTheme.objects.create(agreement=record, theme=factories.make(Theme))
            factories.agreement(factories.town(code="GB"), factories.town(code="MG"), signed="1970")
        queries(address)  # the index takes in what changed
        assert queries(address) == before


def test_no_inline_style(client: Client, world: None) -> None:
    for address in ("/en/statistics/", "/en/countries/de/fr/", "/en/countries/fr/"):
        content = client.get(address).content.decode()
        assert ' style="' not in content  # the code that others copy into their pages has one, as text
        assert "<script>" not in content


# Two countries


def test_pair(client: Client, world: None) -> None:
    answer = client.get("/en/countries/de/fr/")
    pair = answer.context["pair"]
    assert pair.total == 2
    with INDEX.reading() as index:
        assert sorted(pair.records) == sorted(ask(index, country="FR", partner="DE").records)
    for address, number in linked(answer.content.decode()).found:
        assert client.get(address).context["total"] == number, address
    for item in [*pair.decades, *pair.themes, *pair.kinds]:
        assert client.get(item.address).context["total"] == item.number
    assert [agreement.signed for agreement in pair.newest] == ["2005", "1986-05-24"]
    assert pair.oldest == []
    assert [[str(tally.record) for tally in towns] for _country, towns in pair.sides][1] == ["Dijon", "Quetigny"]


def test_oldest_are_told_from_newest(client: Client, world: None) -> None:
    for year in range(1970, 1978):
        factories.agreement(factories.town(), factories.town(code="IT"), signed=str(year))
    pair = client.get("/en/countries/fr/it/").context["pair"]
    assert [agreement.signed for agreement in pair.newest] == ["2007", "1977", "1976", "1975", "1974", "1973"]
    assert [agreement.signed for agreement in pair.oldest] == ["1970", "1971", "1972"]


def test_networks_of_both(client: Client, world: None) -> None:
    network = factories.network("BOTH")
    for code in ("FR", "DE"):
        Membership.objects.create(network=network, town=factories.town(code=code))
    Membership.objects.create(network=factories.network("ONE"), town=factories.town(code="FR"))
    assert list(client.get("/en/countries/de/fr/").context["pair"].networks) == [network]


@pytest.mark.parametrize(
    ("asked", "status", "right"),
    [
        ("fr/de", 301, "/en/countries/de/fr/"),
        ("DE/FR", 301, "/en/countries/de/fr/"),
        ("fr/fr", 302, "/en/countries/fr/"),
        ("fr/zz", 404, None),
        ("fr/%C5%BF", 404, None),
        ("mg/ml", 200, None),
    ],
)
def test_address_of_a_pair(client: Client, world: None, asked: str, status: int, right: str | None) -> None:
    answer = client.get(f"/en/countries/{asked}/")
    assert answer.status_code == status
    assert answer.headers.get("Location") == right


# Networks


def test_lineage_on_the_page_of_a_network(client: Client) -> None:
    iula = factories.network("IULA", founded="1913", dissolved="2004")
    uclg = factories.network("UCLG", founded="2004-05-05")
    metropolis = factories.network("Metropolis", founded="1985-04")
    alone = factories.network("ALONE")
    NetworkLink.objects.create(network=iula, kind="merged-into", other=uclg, since="2004")
    NetworkLink.objects.create(network=metropolis, kind="section-of", other=uclg, since="2004")
    NetworkLink.objects.create(network=alone, kind="supports", other=uclg)
    for network in (iula, uclg, metropolis):
        chart = client.get(reverse("network", args=[network.address])).context["lineage"]
        assert [line.life.name for line in chart.lines] == ["IULA", "UCLG", "Metropolis"]
        assert {(curve.tie.source, curve.tie.merged) for curve in chart.curves} == {
            (iula.pk, True),
            (metropolis.pk, False),
        }
    assert client.get(reverse("network", args=[alone.address])).context["lineage"] is None


def test_members_over_time(client: Client) -> None:
    network = factories.network()
    for since, until in (("1987", None), ("1995", "2001"), (None, None), ("2013-05", None)):
        Membership.objects.create(network=network, town=factories.town(), since=since, until=until)
    items = client.get(reverse("network", args=[network.address])).context["members_over_time"]
    assert [(item.label, item.number) for item in items][:4] == [("1989", 1), ("1999", 2), ("2009", 1), ("2019", 2)]


def test_country_page_draws_its_decades(client: Client, world: None) -> None:
    content = client.get("/en/countries/fr/").content.decode()
    assert 'class="column"' in content
    for address, number in linked(content).found:
        if "decade=" in address:
            assert client.get(address).context["total"] == number


def test_ask_counts_what_the_list_counts(world: None) -> None:
    with INDEX.reading() as index:
        assert len(ask(index).records) == Agreement.objects.count() - 2
        with pytest.raises(ValueError, match="no question"):
            ask(index, country="nowhere")
