"""Lists as table, map, figures and download: the same question and the same result in every form."""

import re
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from networks.models import Membership, Network, ServedTerritory
from partnerships.agreements.cards import card_of, read_cards
from partnerships.models import AgreementTheme, TerritoryParent, Theme
from partnerships.querysets import agreements
from tests import factories as f

pytestmark = pytest.mark.django_db
VIEWS = ("list", "table", "map", "figures", "download")
LISTS = ("agreements", "towns", "organisations", "networks", "support-bodies")


@pytest.fixture
def world() -> None:
    """Agreements that differ in what figures draw, and something in the other lists."""
    towns = [f.town("Quetigny"), f.town("Koulikoro", code="ML"), f.town("Bous", code="DE"), f.town("Trino", code="IT")]
    f.agreement(towns[0], towns[1], towns[2], kind="twinning", signed="1986")
    f.agreement(towns[0], towns[3], kind="friendship", signed="2004-05")
    f.agreement(towns[2], towns[3], kind="twinning", signed="2001")
    f.agreement(towns[1], towns[3], kind="cooperation")
    f.network(founded="2004")
    f.support_body()
    f.organisation()


def context(client: Client, query: str, name: str = "agreements") -> dict:
    response = client.get(f"/en/{name}/?{query}")
    assert response.status_code == 200
    return response.context


@pytest.mark.parametrize("question", ["", "country=FR", "country=FR&partner=IT&sort=signed", "q=trino&kind=twinning"])
def test_every_view_tells_of_the_same_records(client: Client, world: None, question: str) -> None:
    usual = context(client, question)
    for view in VIEWS:
        shown = context(client, f"{question}&view={view}")
        assert shown["total"] == usual["total"]
        assert shown["facets"] == usual["facets"]
        assert [(chip.label, chip.value) for chip in shown["chips"]] == [
            (chip.label, chip.value) for chip in usual["chips"]
        ]
        assert shown["question"] == usual["querystring"]
        assert not shown["warnings"]


@pytest.mark.parametrize("view", VIEWS[1:])
def test_links_within_the_list_keep_the_view(client: Client, world: None, view: str) -> None:
    shown = context(client, f"country=FR&kind=twinning&view={view}")
    queries = [chip.remove for chip in shown["chips"]] + [sort.querystring for sort in shown["sorts"]]
    assert len(queries) > 3
    for query in [*queries, shown["querystring"], shown["reset"]]:
        assert parse_qs(query)["view"] == [view]
    page = client.get(f"/en/agreements/?country=FR&view={view}").content.decode()
    assert f'<input type="hidden" name="view" value="{view}">' in page


def test_the_switch_leads_to_each_view(client: Client, world: None) -> None:
    shown = context(client, "country=FR&view=table&page=1")
    assert {option.name: option.querystring for option in shown["views"]} == {
        "list": "country=FR",
        **{view: f"country=FR&view={view}" for view in VIEWS[1:]},
    }
    assert [option.name for option in shown["views"] if option.active] == ["table"]


@pytest.mark.parametrize(("name", "view"), [("agreements", "pie"), ("towns", "map"), ("networks", "figures")])
def test_an_unknown_view_is_named_and_the_list_shown(client: Client, world: None, name: str, view: str) -> None:
    shown = context(client, f"view={view}", name)
    assert [view in warning for warning in shown["warnings"]] == [True]
    assert shown["view_name"] == "list"
    assert "view" not in shown["querystring"]
    assert shown["total"]


@pytest.mark.parametrize("name", LISTS)
def test_tables_have_a_caption_and_say_their_order(client: Client, world: None, name: str) -> None:
    page = client.get(f"/en/{name}/?view=table&sort=-name").content.decode()
    assert "<caption" in page
    assert page.count('aria-sort="') == 1
    assert 'aria-sort="descending"' in page
    rows = page[page.index("<tbody>") :].count("<th ")
    assert rows == context(client, "view=table", name)["total"]


def test_a_column_turns_its_order(client: Client, world: None) -> None:
    def link(query: str) -> str:
        page = client.get(f"/en/agreements/?view=table&{query}").content.decode()
        return re.search(r'id="column-signed" href="\?([^"]*)"', page)[1].replace("&amp;", "&")

    assert parse_qs(link("country=FR")) == {"country": ["FR"], "view": ["table"], "sort": ["-signed"]}
    assert parse_qs(link("sort=-signed"))["sort"] == ["signed"]
    assert parse_qs(link("sort=signed"))["sort"] == ["-signed"]
    first = context(client, "view=table&sort=signed")["page_obj"][0]
    assert first.signed == "1986"


@pytest.mark.parametrize(
    "question", ["", "country=FR", "kind=twinning", "kind=twinning,friendship&country=FR", "past=1"]
)
def test_every_bar_is_the_list_that_it_leads_to(client: Client, world: None, question: str) -> None:
    figures = context(client, f"{question}&view=figures")["figures"]
    assert figures
    for figure in figures:
        for item in figure.items:
            shown = context(client, item.address.removeprefix("?"))
            assert shown["total"] == item.number, (figure.name, item)
            assert shown["view_name"] == "list"


def test_figures_show_what_the_list_holds(client: Client, world: None) -> None:
    figures = {figure.name: figure for figure in context(client, "kind=twinning,friendship&view=figures")["figures"]}
    assert [(item.label, item.number) for item in figures["kind"].items] == [
        ("twinning", 2),
        ("friendship agreement", 1),
    ]
    figures = {figure.name: figure for figure in context(client, "country=FR&view=figures")["figures"]}
    assert "country" not in figures
    assert [item.number for item in figures["decade"].items] == [1, 0, 1]
    figures = {figure.name: figure for figure in context(client, "view=figures")["figures"]}
    assert figures["decade"].undated == 1
    assert "partner" not in figures  # the same as the countries


def test_a_figure_says_that_there_are_more_unless_it_shows_chosen_ones(client: Client) -> None:
    agreement, codes = f.agreement(), [f"theme-{number:02}" for number in range(14)]
    for code in codes:
        f.make(AgreementTheme, agreement=agreement, theme=f.make(Theme, code=code))

    def drawn(question: str) -> tuple[int, bool]:
        figures = context(client, f"{question}&view=figures")["figures"]
        return next((len(figure.items), figure.more) for figure in figures if figure.name == "theme")

    assert drawn("") == (12, True)
    assert drawn(f"theme={codes[0]},{codes[13]}") == (2, False)


def test_records_are_read_for_the_views_that_show_them(client: Client, world: None) -> None:
    def statements(view: str) -> list[str]:
        client.get(f"/en/agreements/?view={view}")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/en/agreements/?view={view}")
        return [query["sql"] for query in captured if '"partnerships_agreement"."reference"' in query["sql"]]

    assert statements("table")
    assert not statements("figures")
    assert not statements("download")


@pytest.mark.parametrize("name", LISTS)
def test_every_list_offers_its_data(client: Client, world: None, name: str) -> None:
    page = client.get(f"/en/{name}/?q=&view=download").content.decode()
    assert f'href="/{name}.csv"' in page
    assert f'href="/{name}.csv?delimiter=%3B&amp;bom=1"' in page
    assert client.get(f"/{name}.csv?delimiter=%3B&bom=1&lang=en").status_code == 200


def test_the_files_take_the_question_along(client: Client, world: None) -> None:
    page = client.get("/fr/agreements/?country=FR&kind=twinning&view=table").content.decode()
    assert 'href="/agreements.csv?country=FR&amp;kind=twinning"' in page


def test_what_lists_show_is_escaped(client: Client) -> None:
    name = 'Saint-<b>Ouen</b> & "Cie"'
    f.agreement(f.town(name), f.town("Koulikoro", code="ML"), signed="1986", activity="active")
    for view in ("list", "table"):
        page = client.get(f"/en/agreements/?view={view}").content.decode()
        assert "Saint-&lt;b&gt;Ouen&lt;/b&gt; &amp; &quot;Cie&quot;" in page
        assert "<b>" not in page
        assert '<li class="status status-active">active</li>' in page


def test_a_card_is_the_same_read_alone_and_made_of_a_record(world: None) -> None:
    water = f.make(Theme, code="water", name_en="Water")
    body = f.organisation("United Towns", country=None)
    whole = f.agreement(f.town("Ségou", code="ML"), body, activity="dormant", formal_status="signed", signed="2001-05")
    AgreementTheme.objects.create(agreement=whole, theme=water)
    records = agreements().with_parties().with_statuses().with_domestic().in_bulk()
    assert len(records) == 5
    derived = {key: (one.current_status, one.suspension, one.domestic) for key, one in records.items()}
    assert read_cards(list(records), derived.__getitem__) == [card_of(record) for record in records.values()]


def test_agreements_are_put_in_order_by_kind_and_status(client: Client) -> None:
    for kind, status in (("friendship", "signed"), ("emergency", "unknown"), ("twinning", "in-force")):
        f.agreement(kind=kind, formal_status=status)
    f.agreement(kind="twinning", formal_status="signed", valid_until="2001", tacit_renewal=False)

    def order(sort: str) -> list[tuple[str, str]]:
        return [(one.kind, one.current_status) for one in context(client, f"view=table&sort={sort}")["page_obj"]]

    assert [kind for kind, _status in order("kind")] == ["twinning", "twinning", "friendship", "emergency"]
    assert order("-kind") == order("kind")[::-1]
    assert [status for _kind, status in order("status")] == ["signed", "in-force", "expired", "unknown"]
    assert order("-status") == order("status")[::-1]


@pytest.fixture
def placed() -> None:
    """Towns, organisations and support bodies in and around Burgundy."""
    region, other = f.territory("FR-BFC", name="Bourgogne-Franche-Comté"), f.territory("FR-GES", name="Grand Est")
    department = f.territory("FR-21", name="Côte-d’Or", level="department")
    f.make(TerritoryParent, territory=department, parent=region)
    dijon = f.town("Dijon", territory=department, population=160_000)
    f.make(Membership, network=f.network("UCLG"), town=dijon)
    f.make(Membership, network=f.network("IULA"), town=dijon, until="2004")
    f.town("Koulikoro", code="ML")
    f.town("Metz", territory=other)
    f.town("The department", governs=department)
    f.organisation(territory=region, country=f.country())
    f.organisation(country=f.country("ML"))
    for place, columns in ((region, {}), (region, {"dissolved": "2015"}), (other, {})):
        f.make(ServedTerritory, support_body=f.support_body(**columns), territory=place)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("towns", ""),
        ("towns", "country=FR&size=5000"),
        ("towns", "territory=FR-21&network={N}"),
        ("organisations", "country=ML"),
        ("support-bodies", ""),
        ("support-bodies", "past=1"),
    ],
)
def test_choices_say_what_they_would_give(client: Client, placed: None, name: str, question: str) -> None:
    question = question.replace("{N}", Network.objects.get(acronym="UCLG").reference)
    facets = context(client, question, name)["facets"]
    assert facets
    asked = parse_qs(question)
    for facet in facets.values():
        others = "&".join(f"{key}={value[0]}" for key, value in asked.items() if key != facet.name)
        assert facet.choices or facet.name == "territory"
        for choice in facet.choices:
            assert choice.label != choice.value
            assert choice.count == context(client, f"{others}&{facet.name}={choice.value}", name)["total"], choice


def test_long_choices_are_shown_in_part_and_whole(client: Client) -> None:
    for number in range(12):
        f.town(territory=f.territory(f"FR-{number:02}", name=f"Department {number:02}"))
    usual = context(client, "territory=FR-11", "towns")["facets"]["territory"]
    assert (len(usual.choices), usual.more, usual.whole) == (9, True, False)
    whole = context(client, "more=territory", "towns")["facets"]["territory"]
    assert (len(whole.choices), whole.more, whole.whole) == (12, False, True)


@pytest.mark.parametrize(
    ("name", "question", "facet", "label"),
    [("towns", "country=ML", "country", "Mali"), ("support-bodies", "territory=FR-21", "territory", "Côte-d’Or")],
)
def test_a_choice_without_any_record_is_named(client: Client, name: str, question: str, facet: str, label: str) -> None:
    f.country("ML")
    f.territory("FR-21", name="Côte-d’Or")
    (choice,) = context(client, question, name)["facets"][facet].choices
    assert (choice.label, choice.count, choice.chosen) == (label, 0, True)


def test_what_has_no_acronym_is_found_by_its_name(client: Client) -> None:
    for acronym, name in (("", "Bretagne Solidaire"), ("AB2C", "Zone"), ("ÉCHO", "Écho"), ("", "Karib")):
        f.support_body(name, acronym=acronym)
    assert [str(body) for body in context(client, "", "support-bodies")["page_obj"]] == [
        "AB2C",
        "Bretagne Solidaire",
        "ÉCHO",
        "Karib",
    ]


@pytest.mark.django_db(transaction=True)  # a page is kept only where nothing can be taken back any more
def test_a_kept_page_goes_with_the_name_of_a_network(client: Client) -> None:
    member = f.town("Dijon")
    f.agreement(member, f.town("Mainz", "DE"))
    network = f.network("OLDNAME")
    f.make(Membership, network=network, town=member)
    url = "/en/agreements/"
    pages = [client.get(url).content.decode() for _ in range(3)]
    assert all("OLDNAME" in page for page in pages)
    Network.objects.filter(pk=network.pk).update(acronym="NEWNAME")
    renamed = client.get(url).content.decode()
    assert "NEWNAME" in renamed
    assert "OLDNAME" not in renamed
