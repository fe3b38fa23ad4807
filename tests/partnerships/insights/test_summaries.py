"""What the pages make of the agreements, on data small enough to count by hand; every figure leads to its list."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from networks import models as n
from networks.summaries import helped_by, supporting_country
from partnerships import models as p
from partnerships.insights.recommendations import AgreementNeighbours, Neighbourhood, TriangleCandidate
from partnerships.insights.summaries import CountrySummary, Overview, TerritorySummary
from partnerships.querysets import agreements
from tests import factories as f

pytestmark = pytest.mark.django_db


def on(agreement: p.Agreement, *codes: str) -> None:
    """Put an agreement on themes."""
    for code in codes:
        theme = p.Theme.objects.get_or_create(code=code, defaults={"name_en": code, "name_fr": code})[0]
        p.AgreementTheme.objects.create(agreement=agreement, theme=theme)


@pytest.fixture
def burgundy() -> dict[str, Any]:
    """Three towns and the department of the Côte-d'Or in Burgundy, one in Brittany, and their partners:

    Quetigny – Koulikoro (1986, water), Dijon – Mainz (1958), Dijon – Bamako (water), Chenôve – Limburg (1988), the
    department – Koulikoro; Rennes – Bandiagara. Bous is a partner of Koulikoro, so is Saintes, which left.
    """
    region = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    department = f.territory("FR-21", name="Côte-d’Or", level="department")
    p.TerritoryParent.objects.create(territory=department, parent=region)
    brittany = f.territory("FR-BRE", name="Bretagne")
    here = {
        "quetigny": f.town("Quetigny", territory=department, latitude=47.31, longitude=5.11),
        "dijon": f.town("Dijon", territory=department, latitude=47.32, longitude=5.04),
        "chenove": f.town("Chenôve", territory=department, latitude=47.29, longitude=5.00),
        "department": f.town("Côte-d’Or", level="department", governs=department),
        "rennes": f.town("Rennes", territory=brittany, latitude=48.11, longitude=-1.68),
        "koulikoro": f.town("Koulikoro", "ML"),
        "bamako": f.town("Bamako", "ML"),
        "bandiagara": f.town("Bandiagara", "ML"),
        "mainz": f.town("Mainz", "DE", territory=f.territory("DE-RP", name="Rheinland-Pfalz")),
        "limburg": f.town("Limburg", "DE"),
        "bous": f.town("Bous", "DE"),
    }
    signed = {
        ("quetigny", "koulikoro"): {"signed": "1986-05-24", "verified_on": "2020-01-01"},
        ("dijon", "mainz"): {"signed": "1958"},
        ("dijon", "bamako"): {},
        ("chenove", "limburg"): {"signed": "1988", "kind": "friendship"},
        ("department", "koulikoro"): {},
        ("rennes", "bandiagara"): {},
        ("bous", "koulikoro"): {},
    }
    for (one, other), columns in signed.items():
        here[f"{one}-{other}"] = f.agreement(here[one], here[other], **columns)
    on(here["quetigny-koulikoro"], "water", "health")
    on(here["dijon-bamako"], "water")
    f.agreement(here["dijon"], here["quetigny"])  # within one country
    f.agreement(here["chenove"], here["bandiagara"], ended="1999")
    suspended = here["quetigny-koulikoro"].parties.get(town=here["koulikoro"])
    f.make(p.Suspension, party=suspended, since="2023-09", source=f.source())
    return here | {"region": region, "territory": department}


def triangles(town: p.Town) -> list[TriangleCandidate]:
    """The partners of partners of a town."""
    return Neighbourhood(town).triangles


def numbers(tallies: list[Any]) -> dict[str, int]:
    """Tallies as a dictionary."""
    return {str(getattr(tally, "record", "") or tally.label): tally.number for tally in tallies}


def test_a_country(burgundy: dict[str, Any]) -> None:
    france = CountrySummary(f.country("FR"))
    assert france.total == 6
    assert numbers(france.partner_countries) == {"Mali": 4, "Germany": 2}
    assert france.partner_countries[0].page == "/en/countries/fr/ml/"
    assert numbers(france.regions) == {"Bourgogne-Franche-Comté": 5, "Bretagne": 1}
    assert numbers(france.partner_regions) == {"Rheinland-Pfalz": 1}
    assert numbers(france.themes) == {"water": 2, "health": 1}
    assert numbers(france.decades) == {"1950": 1, "1960": 0, "1970": 0, "1980": 2}
    assert france.undated == 3
    assert france.suspended == 1
    assert numbers(france.freshness) == {
        "verified in the last 24 months": 0,
        "not verified for 24 months": 1,
        "never verified": 5,
    }
    assert numbers(france.towns) == {"Dijon": 2, "Chenôve": 1, "Côte-d’Or": 1, "Quetigny": 1, "Rennes": 1}
    assert france.town_total == 5
    assert [str(record.signed) for record in france.newest] == ["1988", "1986-05-24", "1958"]
    assert france.oldest == []  # they stand among the newest
    assert len(france.sources) == 6


def test_the_oldest_stand_apart(db: None) -> None:
    for year in range(1950, 1960):
        f.agreement(signed=str(year))
    germany = CountrySummary(f.country("DE"))
    assert [record.signed for record in germany.newest] == ["1959", "1958", "1957", "1956", "1955", "1954"]
    assert [record.signed for record in germany.oldest] == ["1950", "1951", "1952"]


def test_organisations_active_in_a_country_need_not_lie_there(burgundy: dict[str, Any]) -> None:
    seated = f.organisation("Seated", country=f.country("ML"))
    active = f.organisation("Active")
    f.organisation("Elsewhere", country=f.country("DE"))
    f.agreement(burgundy["bamako"], active)
    assert list(CountrySummary(f.country("ML")).organisations) == [active, seated]


def test_who_else_of_a_territory_works_there(burgundy: dict[str, Any]) -> None:
    here = TerritorySummary(burgundy["region"])
    assert here.total == 5
    assert numbers(here.partner_countries) == {"Mali": 3, "Germany": 2}
    assert [(str(entry.town), [str(c) for c in entry.countries], entry.number) for entry in here.towns] == [
        ("Chenôve", ["Germany"], 1),
        ("Côte-d’Or", ["Mali"], 1),
        ("Dijon", ["Germany", "Mali"], 2),
        ("Quetigny", ["Mali"], 1),
    ]
    together = {str(group.record): [str(town) for town in group.towns] for group in here.in_same_country}
    assert together == {"Mali": ["Dijon", "Côte-d’Or", "Quetigny"], "Germany": ["Dijon", "Chenôve"]}
    themes = {str(group.record): [str(town) for town in group.towns] for group in here.on_same_theme}
    assert themes == {"water": ["Dijon", "Quetigny"]}


def test_a_long_group_names_the_busiest_and_counts_the_others(db: None) -> None:
    department = f.territory("FR-21", level="department")
    for _ in range(9):
        f.agreement(f.town(territory=department), f.town(code="ML"))
    (group,) = TerritorySummary(department).in_same_country
    assert (len(group.towns), group.number, group.others) == (6, 9, 3)


def test_a_triangle_that_is_open(burgundy: dict[str, Any]) -> None:
    """Quetigny finds Bous by way of Koulikoro. That the department shares it, or Dijon works with Quetigny, is none."""
    (found,) = triangles(burgundy["quetigny"])
    assert (found.town, found.shared, found.themes) == (burgundy["bous"], [burgundy["koulikoro"]], 0)
    assert {str(found.town) for found in triangles(burgundy["bous"])} == {"Quetigny", "Côte-d’Or"}


def test_a_triangle_that_is_closed_or_over_is_none(burgundy: dict[str, Any]) -> None:
    f.agreement(burgundy["quetigny"], burgundy["koulikoro"], burgundy["bous"])
    assert triangles(burgundy["quetigny"]) == []
    left = f.agreement(burgundy["bamako"], f.town("Torino", "IT"), f.town(code="BF"))
    left.parties.filter(town=burgundy["bamako"]).update(left="1999")
    f.agreement(burgundy["bamako"], f.town("Roma", "IT"), ended="1999")
    f.agreement(burgundy["bamako"], f.town("Napoli", "IT", publication="withdrawn"))
    assert triangles(burgundy["dijon"]) == []


def test_triangles_with_most_partners_in_common_come_first_then_those_on_the_same_themes(db: None) -> None:
    town, one, other = f.town(), f.town(code="ML"), f.town(code="ML")
    on(f.agreement(town, one), "water")
    f.agreement(town, other)
    f.agreement(one, f.town("Alba", "IT"))
    on(f.agreement(one, f.town("Zagarolo", "IT")), "water", "health")
    both = f.town("Zürich", "DE")
    f.agreement(one, both)
    f.agreement(other, both)
    assert [(str(found.town), len(found.shared), found.themes) for found in triangles(town)] == [
        ("Zürich", 2, 0),
        ("Zagarolo", 1, 1),
        ("Alba", 1, 0),
    ]


def test_neighbours_of_the_same_territory_come_first_then_the_nearest(burgundy: dict[str, Any]) -> None:
    far, near = f.town("Far", latitude=43.3, longitude=5.4), f.town("Near", latitude=47.0, longitude=4.8)
    department_point = {"latitude": 47.31, "longitude": 5.11, "coordinates_precision": "territory"}
    for town in (far, near, f.town("Somewhere", **department_point)):
        f.agreement(town, burgundy["bamako"])
    (mali,) = Neighbourhood(burgundy["quetigny"]).by_country
    assert str(mali.country) == "Mali"
    assert [(str(one.town), one.distance) for one in mali.towns] == [
        ("Dijon", 5),
        ("Côte-d’Or", None),
        ("Near", 42),
        ("Far", 446),
        ("Rennes", 516),
    ]


def test_what_is_near_an_agreement(burgundy: dict[str, Any]) -> None:
    record = agreements().with_parties().get(pk=burgundy["dijon-bamako"].pk)
    near = AgreementNeighbours(record)
    assert [(str(other.town), other.number) for other in near.elsewhere] == [("Dijon", 2)]
    assert near.on_theme == [burgundy["quetigny-koulikoro"]]
    assert near.on_theme_total == 2
    assert near.on_theme_address == "/en/agreements/?theme=water"
    without = agreements().with_parties().get(pk=burgundy["rennes-bandiagara"].pk)
    assert AgreementNeighbours(without).on_theme == []


def test_what_a_support_body_could_help(burgundy: dict[str, Any]) -> None:
    body, idle, gone = f.support_body("BFC"), f.support_body(), f.support_body(dissolved="2001")
    for one in (body, gone):
        n.ServedTerritory.objects.create(support_body=one, territory=burgundy["region"])
    n.ServedTerritory.objects.create(support_body=body, territory=f.territory("FR-BRE"), until="2015")
    helped = helped_by(body)
    assert (helped.total, helped.address) == (5, "/en/agreements/?territory=FR-BFC")
    assert [str(record.signed) for record in helped.newest] == ["1988", "1986-05-24", "1958"]
    succeeded = f.support_body(successor=body, succession="confirmed")  # nobody says when
    n.ServedTerritory.objects.create(support_body=succeeded, territory=burgundy["region"])
    assert helped_by(succeeded) is None
    assert helped_by(idle) is None
    assert helped_by(gone) is None
    assert list(supporting_country(f.country("FR"))) == [body]


def test_the_whole(burgundy: dict[str, Any]) -> None:
    everything = Overview()
    assert (everything.total, everything.town_total, everything.country_total) == (7, 11, 3)
    assert everything.newest[0] == burgundy["bous-koulikoro"]
    assert numbers(everything.top_countries) == {"Mali": 5, "France": 6, "Germany": 3}


# Figures and the lists behind them

LINKED = (
    re.compile(r'<a[^>]*href="(/en/[a-z-]+/\?[^"]*)"[^>]*>\s*([\d,]+)\s*</a>'),  # the number is the link
    re.compile(
        r'<a href="(/en/[a-z-]+/\?[^"]*)">[^<]*</a>\s*<span class="figure[^>]*>([\d,]+)<'
    ),  # it stands behind it
    re.compile(r'<a href="(/en/[a-z-]+/\?[^"]*)">\s*(?:All )?([\d,]+) [^<]*</a>'),  # it is part of a sentence
)
TOTAL = re.compile(r'id="total"[^>]*>\s*(?:<[^>]*>\s*)*([\d,]+)')


@pytest.mark.long
def test_every_figure_leads_to_a_list_with_the_same_total(client: Client, burgundy: dict[str, Any]) -> None:
    body = f.support_body("BFC")
    n.ServedTerritory.objects.create(support_body=body, territory=burgundy["region"])
    pages = {
        "/en/": 4,
        "/en/countries/fr/": 20,
        "/en/countries/ml/": 10,
        "/en/territories/FR-BFC/": 10,
        "/en/territories/FR-21/": 9,
        f"/en/towns/{burgundy['dijon'].address}/": 1,
        f"/en/agreements/{burgundy['dijon-bamako'].address}/": 1,
        f"/en/support-bodies/{body.address}/": 1,
        "/en/search/?q=Dijon": 1,
    }
    for page, least in pages.items():
        content = client.get(page).content.decode()
        figures = {(html.unescape(address), number) for form in LINKED for address, number in form.findall(content)}
        assert len(figures) >= least, (page, sorted(figures))
        for address, number in figures:
            found = TOTAL.search(client.get(address).content.decode())
            assert (found[1] if found else "0") == number, f"{page} says {number}, {address} {found and found[1]}"


# The search of everything


def test_suggestions_are_a_fragment(client: Client, burgundy: dict[str, Any]) -> None:
    answer = client.get("/en/suggest/", {"q": "quet"})
    content = answer.content.decode()
    assert "<html" not in content
    assert content.count('role="option"') == 1
    assert burgundy["quetigny"].address in content
    assert client.get("/fr/suggest/", {"q": "allem"}).content.decode().count("/fr/countries/de/") == 1
    assert 'role="option"' not in client.get("/en/suggest/", {"q": " "}).content.decode()


@pytest.mark.parametrize("text", ["", " ", "\0", "x" * 5000, "%", "<script>", "quetigny\n\rkoulikoro", "é" * 300])
def test_any_text_can_be_searched(client: Client, text: str) -> None:
    for path in ("/en/suggest/", "/en/search/"):
        answer = client.get(path, {"q": text})
        assert answer.status_code == 200
        assert "<script>" not in answer.content.decode()


def test_results_stand_by_kind_and_lead_to_the_agreements(client: Client, burgundy: dict[str, Any]) -> None:
    content = client.get("/en/search/", {"q": "Quetigny Koulikoro"}).content.decode()
    assert ">Agreements</h2>" in content
    assert "1 agreement mentions “Quetigny Koulikoro”" in " ".join(content.split())
    content = client.get("/en/search/", {"q": "Germany"}).content.decode()
    assert ">Countries</h2>" in content
    content = client.get("/en/search/", {"q": "xyzzyx"}).content.decode()
    assert "Nothing was found for “xyzzyx”" in content
