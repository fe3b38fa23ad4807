"""Every page in a real browser: without errors, wide and narrow, light and dark, with and without JavaScript."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests import factories as f
from tests.browser.axe import barriers
from tests.coopdir.test_pages import populate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1280, "light", "en"), (360, "dark", "fr"), pytest.param(360, "light", "en", marks=pytest.mark.long)],
)
def test_pages_have_no_errors_no_overflow_and_no_barriers(
    browser: Browser, live_server: LiveServer, width: int, scheme: str, language: str
) -> None:
    world = populate() | {"empty": "/agreements/?q=zzzzzz", "wrong": "/agreements/?country=ZZ", "404": "/nowhere/"}
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    # The 404 page's own status is told in the console too.
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" and "404" not in told.text else 0)
    for path in world.values():
        page.goto(f"{live_server.url}/{language}{path}")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            faults.append(f"{overflow} pixels too wide")
        if width < 1280:  # wide ones: see test_access
            faults += map(str, barriers(page, [scheme]))
        assert not faults, (path, faults)
    context.close()


def test_the_list_is_filtered_without_javascript(browser: Browser, live_server: LiveServer) -> None:
    f.agreement(f.town("Quetigny"), f.town("Koulikoro", code="ML"), kind="twinning")
    f.agreement(f.town("Saintes"), f.town("Trino", code="IT"), kind="friendship")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{live_server.url}/en/agreements/")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("friendship agreement").check()
    page.get_by_role("button", name="Show the results").click()
    page.get_by_role("heading", name="1 agreement", exact=True).wait_for()
    assert page.get_by_role("link", name="Saintes France – Trino Italy").is_visible()
    page.get_by_role("link", name="Remove: Kind: friendship agreement").click()
    page.get_by_role("heading", name="2 agreements").wait_for()
    page.get_by_role("link", name="Français").click()
    page.get_by_role("heading", name="2 accords").wait_for()
    context.close()


def test_the_keyboard_reaches_the_content_first(browser: Browser, live_server: LiveServer) -> None:
    page = browser.new_page()
    page.goto(f"{live_server.url}/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()
