"""The list of agreements in a real browser: filters, views, history, focus, with and without JavaScript.

Every test fails on a request to another host and on any error in the console.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from core.facets.live_index import forget_all
from partnerships import models as p
from tests import factories as f
from tests.browser.axe import barriers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]


@pytest.fixture
def open_list(browser: Browser, live_server: LiveServer) -> Iterator[Opened]:
    """Opens an address of the site; at the end nothing must have gone wrong in any page."""
    forget_all()
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(path: str, *, width: int = 1280, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((live_server.url, "data:", "blob:")) else faults.append(request.url)
            ),
        )
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def world() -> None:
    """Three agreements, and more countries than a facet shows at once."""
    quetigny, koulikoro, bous = f.town("Quetigny"), f.town("Koulikoro", code="ML"), f.town("Bous", code="DE")
    f.agreement(quetigny, koulikoro, bous, kind="twinning", signed="1986-05-24")
    f.agreement(f.town("Saintes"), f.town("Trino", code="IT"), kind="friendship", signed="1991")
    f.agreement(quetigny, f.town("Antsirabe", code="MG"), kind="cooperation", signed="2003-02")


def many_countries() -> int:
    """An agreement with each country that tests know, and with some made up; how many countries these are."""
    for code in f.COUNTRIES:
        if code != "FR":
            f.agreement(f.town(), f.town(code=code))
    for letter, name in zip("ABCD", ("Åland", "Bénin", "Comores", "Dominique"), strict=True):
        country = f.make(p.Country, code=f"X{letter}", alpha3=f"XX{letter}", name_en=name, name_fr=name)
        f.agreement(f.town(), f.make(p.Town, name=f"Town of {name}", country=country))
    return p.Town.objects.values("country").distinct().count()


def total(page: Page, words: str) -> None:
    """The list's total, in words."""
    expect(page.locator("#total")).to_have_text(words)


def chips(page: Page) -> list[str]:
    """What is active, in words."""
    return [" ".join(text.split()) for text in page.locator(".chips li:not(.all)").all_inner_texts()]


def chosen(page: Page) -> list[str]:
    """The boxes that are ticked, as parameter and value."""
    return page.evaluate(
        "[...document.querySelectorAll('#question [type=checkbox]:checked')].map(({name, value}) => `${name}=${value}`)"
    )


def query(page: Page) -> str:
    """The question in the address."""
    return page.url.partition("?")[2]


def test_filters_are_combined_and_let_go_of(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/")
    total(page, "3 agreements")
    page.get_by_role("checkbox", name="France").first.check()
    page.wait_for_url("**?country=FR")
    total(page, "3 agreements")
    page.locator("#partner-MG").check()
    total(page, "1 agreement")
    assert query(page) == "country=FR&partner=MG"
    assert chips(page) == ["Remove: Country: France", "Remove: Partner country: Madagascar"]
    expect(page.locator("#announcement")).to_have_text("1 agreement")
    expect(page.locator("#kind-cooperation + span + .count")).to_have_text("1")
    page.get_by_role("link", name="Remove: Partner country: Madagascar").click()
    total(page, "3 agreements")
    assert query(page) == "country=FR"
    assert chosen(page) == ["country=FR"]


@pytest.mark.long
def test_going_back_and_forward_restores_all(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/")
    page.locator("#kind-friendship").check()
    total(page, "1 agreement")
    page.locator("#kind-twinning").check()
    total(page, "2 agreements")
    page.get_by_role("link", name="Table").click()
    expect(page.locator("table.register")).to_be_visible()
    page.go_back()
    expect(page.locator("table.register")).to_have_count(0)
    total(page, "2 agreements")
    page.go_back()
    total(page, "1 agreement")
    assert query(page) == "kind=friendship"
    assert chosen(page) == ["kind=friendship"]
    assert chips(page) == ["Remove: Kind: friendship agreement"]
    expect(page.get_by_role("link", name="Saintes France – Trino Italy")).to_be_visible()
    page.go_back()
    total(page, "3 agreements")
    assert chosen(page) == chips(page) == []
    page.go_forward()
    total(page, "1 agreement")
    assert chosen(page) == ["kind=friendship"]
    page.locator("#kind-cooperation").check()
    total(page, "2 agreements")


def test_an_address_alone_shows_what_it_asks_for(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/?country=FR&kind=twinning&view=table&sort=signed")
    total(page, "1 agreement")
    assert chips(page) == ["Remove: Country: France", "Remove: Kind: twinning"]
    assert chosen(page) == ["country=FR", "kind=twinning"]
    expect(page.locator('th[aria-sort="ascending"]')).to_have_text("Signed")
    page.locator("#kind-friendship").check()
    total(page, "2 agreements")
    assert set(query(page).split("&")) == {
        "country=FR",
        "kind=friendship",
        "kind=twinning",
        "view=table",
        "sort=signed",
    }
    expect(page.locator("table.register")).to_be_visible()


def test_the_focus_stays_on_what_was_used(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/")
    page.locator("#kind-friendship").focus()
    page.keyboard.press("Space")
    total(page, "1 agreement")
    expect(page.locator("#kind-friendship")).to_be_focused()
    page.locator("#view-table").focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.register")).to_be_visible()
    expect(page.locator("#view-table")).to_be_focused()
    page.locator("#column-signed").focus()
    page.keyboard.press("Enter")
    expect(page.locator('th[aria-sort="descending"]')).to_have_count(1)
    expect(page.locator("#column-signed")).to_be_focused()
    page.locator(".chips a").focus()
    page.keyboard.press("Enter")
    total(page, "3 agreements")
    expect(page.locator("#total")).to_be_focused()


@pytest.mark.long
def test_a_table_is_put_in_order_by_its_heads(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/?view=table")
    first = page.locator("table.register tbody th").first
    page.get_by_role("link", name="Signed").click()
    expect(page.locator('th[aria-sort="descending"]')).to_have_text("Signed")
    expect(first).to_have_text("Quetigny – Antsirabe")
    page.get_by_role("link", name="Signed").click()
    expect(page.locator('th[aria-sort="ascending"]')).to_have_text("Signed")
    expect(first).to_have_text("Quetigny – Koulikoro – Bous")
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Koulikoro")
    page.go_back()
    assert set(query(page).split("&")) == {"sort=signed", "view=table"}


@pytest.mark.long
def test_a_long_facet_shows_all_and_is_searched(open_list: Opened) -> None:
    number = many_countries()
    page = open_list("/en/agreements/")
    facet = page.locator("#facet-country")
    expect(facet.locator("fieldset label")).to_have_count(8)
    facet.get_by_role("link", name="All of “Country”").click()
    expect(facet.locator("fieldset label")).to_have_count(number)
    box = facet.get_by_label("Search among these")
    expect(box).to_be_focused()
    box.press_sequentially("benin")
    expect(facet.locator("fieldset label:visible")).to_have_count(1)
    expect(facet.get_by_role("status")).to_have_text("")
    box.fill("zzz")
    expect(facet.get_by_role("status")).to_have_text("No value fits")
    box.press("Enter")
    box.fill("ital")
    facet.get_by_role("checkbox", name="Italy").check()
    total(page, "1 agreement")
    assert query(page) == "country=IT&more=country"
    expect(facet.locator("fieldset label")).to_have_count(number)
    expect(facet.get_by_label("Search among these")).to_have_count(1)


@pytest.mark.long
def test_every_value_of_a_closed_list_is_searched(open_list: Opened, world: None) -> None:
    page = open_list("/en/towns/")
    total(page, "6 towns")
    page.get_by_text("Partner country", exact=True).first.click()
    facet = page.locator("#choices-partner")
    facet.get_by_label("Search among these").press_sequentially("mad")
    expect(facet.locator("fieldset label:visible")).to_have_count(1)
    facet.get_by_role("checkbox", name="Madagascar").check()
    total(page, "1 town")
    assert query(page) == "partner=MG"
    expect(facet.get_by_role("checkbox", name="Madagascar")).to_be_focused()


@pytest.mark.long
def test_views_show_the_same_result(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/?country=FR")
    page.get_by_role("link", name="Figures").click()
    expect(page.locator(".figures svg.drawing")).to_be_visible()
    total(page, "3 agreements")
    page.locator("#figure-kind").get_by_role("link", name="twinning").click()
    total(page, "1 agreement")
    assert query(page) == "country=FR&kind=twinning"
    page.locator("main").get_by_role("link", name="Map", exact=True).click()
    expect(page.locator("figure.map")).to_be_visible()
    expect(page.locator(".map-status")).to_contain_text("1 agreement")
    page.locator("#kind-friendship").check()
    total(page, "2 agreements")
    expect(page.locator(".map-status")).to_contain_text("2 agreements")
    page.go_back()
    total(page, "1 agreement")
    expect(page.locator(".map-status")).to_contain_text("1 agreement")
    page.get_by_role("link", name="Download").click()
    with page.expect_download() as download:
        page.locator("main").get_by_role("link", name="CSV", exact=True).click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 2
    assert "Koulikoro" in lines[1]


@pytest.mark.long
@pytest.mark.parametrize("view", ["list", "table", "map", "figures", "download"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_views_fit_a_telephone_and_have_no_barriers(open_list: Opened, world: None, view: str, language: str) -> None:
    scheme = {"en": "light", "fr": "dark"}[language]
    page = open_list(f"/{language}/agreements/?country=FR&more=country&view={view}", width=360, color_scheme=scheme)
    expect(page.locator("#total")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if view == "table":
        assert page.evaluate("document.querySelector('.register-wrap').scrollWidth") > 360
    assert barriers(page, [scheme]) == []


@pytest.mark.long
def test_the_language_switch_keeps_the_question(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/?country=FR&view=table")
    page.locator("#kind-friendship").check()
    total(page, "1 agreement")
    page.get_by_role("link", name="Français").click()
    total(page, "1 accord")
    assert set(query(page).split("&")) == {"country=FR", "kind=friendship", "view=table"}
    assert chosen(page) == ["country=FR", "kind=friendship"]
    expect(page.locator("table.register")).to_be_visible()


def test_the_form_works_without_javascript(open_list: Opened, world: None) -> None:
    page = open_list("/en/agreements/?view=table", java_script_enabled=False)
    page.locator("#kind-friendship").check()
    page.get_by_role("button", name="Show the results").click()
    total(page, "1 agreement")
    expect(page.locator("table.register")).to_be_visible()
    page.get_by_role("link", name="Remove: Kind: friendship agreement").click()
    total(page, "3 agreements")
    page.get_by_role("link", name="Parties").click()
    expect(page.locator('th[aria-sort="ascending"]')).to_have_text("Parties")
    page.locator("main").get_by_role("link", name="Map", exact=True).click()
    expect(page.get_by_text("The map is drawn by JavaScript")).to_be_visible()
    page.get_by_role("link", name="Figures").click()
    page.locator("#figure-kind").get_by_role("link", name="friendship agreement").click()
    total(page, "1 agreement")
    page.go_back()
    expect(page.locator("#figure-kind")).to_be_visible()


@pytest.mark.long
def test_a_long_facet_shows_all_without_javascript(open_list: Opened) -> None:
    number = many_countries()
    page = open_list("/en/agreements/", java_script_enabled=False)
    page.get_by_role("link", name="All of “Country”").click()
    expect(page.locator("#facet-country fieldset label")).to_have_count(number)
    page.locator("#country-IT").check()
    page.get_by_role("button", name="Show the results").click()
    total(page, "1 agreement")
    expect(page.locator("#facet-country fieldset label")).to_have_count(number)
