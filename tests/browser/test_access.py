"""Nobody is kept out: axe-core finds nothing on any kind of page, and the pages can be worked by keyboard."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from core.facets.live_index import forget_all
from networks.views import NetworkList, SupportBodyList
from partnerships.views import AgreementList, OrganisationList, TownList
from tests import factories as f
from tests.browser.axe import barriers
from tests.coopdir.test_pages import populate

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTS = {
    "/agreements/": AgreementList,
    "/towns/": TownList,
    "/organisations/": OrganisationList,
    "/networks/": NetworkList,
    "/support-bodies/": SupportBodyList,
}
OTHERS = (
    "/countries/de/ml/",
    "/statistics/",
    "/map/",
    "/accessibility/",
    "/privacy/",
    "/search/",
    "/search/?q=x",
    "/search/?q=zzzzzz",
    "/agreements/?q=zzzzzz",
    "/agreements/?country=ZZ",
    "/agreements/?country=ML&kind=twinning&view=table&sort=signed",
    "/nowhere/",
)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """The test before has emptied the tables behind the triggers' back."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM coopdir_index")
    forget_all()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A wide page in English and light."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def paths() -> list[str]:
    """Every kind of public page, and every view of every list."""
    views = [f"{path}?view={view}" for path, listing in LISTS.items() for view in listing.view_names[1:]]
    return [*populate().values(), *views, *OTHERS]


def test_axe_finds_what_is_there(page: Page) -> None:
    page.set_content(
        """<html lang="en"><title>x</title><style>
        p { color: #222; background: #fff } @media (prefers-color-scheme: dark) { p { background: #444 } }
        </style><main><h1>x</h1><p>words</p><img src="data:,"></main>"""
    )
    assert [barrier[1:3] for barrier in barriers(page)] == [("light", "image-alt"), ("dark", "color-contrast")]


@pytest.mark.parametrize(("language", "schemes"), [("en", ["light", "dark"]), ("fr", ["dark"])])
def test_axe_finds_nothing(browser: Browser, live_server: LiveServer, language: str, schemes: list[str]) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    faults: list[tuple[str, str, str, str]] = []
    for path in paths():
        page.goto(f"{live_server.url}/{language}{path}")
        faults += barriers(page, schemes)
    context.close()
    assert not faults, "\n".join(map(str, faults))


def outline(page: Page) -> float:
    """How wide the ring around what has the focus is."""
    return page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")


def test_the_first_stop_skips_to_the_content(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/en/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox")).to_be_focused()


def test_the_focus_is_seen_and_goes_in_the_order_of_reading(page: Page, live_server: LiveServer) -> None:
    world = populate()
    for path in ("/", world["country"], world["town"], "/agreements/"):
        page.goto(f"{live_server.url}/en{path}")
        places: list[tuple[float, float]] = []
        for _stop in range(12):
            page.keyboard.press("Tab")
            assert outline(page) >= 2, page.evaluate("document.activeElement.outerHTML")
            box = page.evaluate(
                "(({top, left}) => [top + scrollY, left])(document.activeElement.getBoundingClientRect())"
            )
            places.append(tuple(box))
        stops = [top for top, _left in places[1:]]
        assert all(later >= earlier - 60 for earlier, later in pairwise(stops)), (path, places)


def test_the_search_proposes_by_keyboard(page: Page, live_server: LiveServer) -> None:
    quetigny = f.town("Quetigny")
    f.agreement(quetigny, f.town("Koulikoro", code="ML"))
    page.goto(f"{live_server.url}/en/")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("quet")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Quetigny")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#suggested")).to_contain_text("Suggestions: 1")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    expect(box).to_be_focused()
    box.press("ArrowDown")  # back into the box
    expect(options.first).to_have_attribute("aria-selected", "false")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("quet")
    box.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    page.wait_for_url(f"**/en/towns/{quetigny.address}/")


def test_enter_in_the_box_leads_to_all_results(page: Page, live_server: LiveServer) -> None:
    f.agreement(f.town("Quetigny"), f.town("Koulikoro", code="ML"))
    page.goto(f"{live_server.url}/en/")
    page.get_by_role("combobox").fill("koulikoro")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/search/?q=koulikoro")
    page.get_by_role("link", name="1 agreement mentions “koulikoro”").click()
    expect(page.get_by_role("heading", name="1 agreement", exact=True)).to_be_visible()


def test_the_search_works_without_javascript(browser: Browser, live_server: LiveServer) -> None:
    f.agreement(f.town("Quetigny"), f.town("Koulikoro", code="ML"))
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{live_server.url}/fr/")
    page.get_by_role("searchbox").fill("quetigni")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Quetigny").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Quetigny")
    context.close()
