"""The map in a real browser: by mouse, by keyboard and by finger, wide and narrow."""

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from networks.models import Membership
from partnerships.agreements.facets import INDEX
from tests import factories as f
from tests.browser.axe import barriers

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

READY = "figure.map[data-ready]"


@pytest.fixture
def world() -> dict[str, Any]:
    """Agreements of Quetigny, and two towns of one cell of the world."""
    with connection.cursor() as cursor:  # the test before has emptied the tables behind the triggers' back
        cursor.execute("DELETE FROM coopdir_index")
    INDEX.forget()
    quetigny = f.town("Quetigny", latitude=47.31, longitude=5.11)
    koulikoro = f.town("Koulikoro", "ML", latitude=12.86, longitude=-7.56)
    bous = f.town("Bous", "DE", latitude=49.28, longitude=6.80)
    chenove = f.town("Chenôve", latitude=47.29, longitude=5.00)
    three = f.agreement(quetigny, koulikoro, bous)
    f.agreement(chenove, f.town("Limburg", "DE", latitude=50.38, longitude=8.06))
    f.agreement(f.town("Antsirabe", "MG", latitude=-19.87, longitude=47.03), f.town("Nowhere"))
    network = f.network("CITIES")
    Membership.objects.create(network=network, town=koulikoro)
    return {"quetigny": quetigny, "koulikoro": koulikoro, "three": three, "network": network}


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page that allows no error and no other host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.type in ("error", "warning") else None)
    page.on("request", lambda asked: None if asked.url.startswith(live_server.url) else faults.append(asked.url))
    yield page
    assert not faults
    context.close()


def show(page: Page, url: str) -> None:
    """Open a page and wait until its map is drawn."""
    page.goto(url)
    page.wait_for_selector(READY)


def spot(page: Page, name: str) -> tuple[float, float]:
    """Where a place is on the page: chosen by the keyboard, then found by the mouse above or below its tip."""
    page.locator(".map-view").focus()
    for _step in range(12):
        page.keyboard.press("n")
        if name in page.locator(".map-tip strong").inner_text():
            tip = page.locator(".map-tip").bounding_box()
            page.keyboard.press("Escape")
            lines = (tip["y"] + tip["height"] + 14, tip["y"] - 18)
            columns = sorted(range(0, int(tip["width"]), 3), key=lambda across: abs(across - tip["width"] / 2))
            return meet(page, name, [(tip["x"] + across, y) for across in columns for y in lines])
    raise AssertionError(f"{name} is not on the map")


def meet(page: Page, text: str, points: list[tuple[float, float]]) -> tuple[float, float]:
    """The first of some points where the mouse is told something that begins like a pattern."""
    tip = page.locator(".map-tip")
    for x, y in points:
        page.mouse.move(x, y)
        if tip.is_visible() and re.match(text, tip.inner_text()):
            page.mouse.move(1, 1)
            return x, y
    raise AssertionError(f"{text} is nowhere")


def grid(page: Page, step: int = 12) -> list[tuple[float, float]]:
    """Points all over the map, from its middle outwards."""
    box = page.locator(".map-view").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    points = [
        (box["x"] + across, box["y"] + down)
        for down in range(4, int(box["height"]) - 4, step)
        for across in range(4, int(box["width"]) - 60, step)
    ]
    return sorted(points, key=lambda point: math.dist(point, (x, y)))


def test_the_mouse_names_and_opens_a_place(page: Page, live_server: LiveServer, world: dict[str, Any]) -> None:
    show(page, f"{live_server.url}/en/map/")
    status = page.locator(".map-status")
    expect(status).to_contain_text("3 agreements: 6 places, 4 countries")
    expect(status).to_contain_text("1 agreement cannot be drawn, or only in part: no coordinates.")
    x, y = spot(page, "Koulikoro")
    expect(page.locator(".map-tip")).to_be_hidden()
    page.mouse.move(x, y)
    expect(page.locator(".map-tip")).to_have_text("Koulikoro, Mali1 agreement")
    expect(page.locator(".map-links")).to_have_class(re.compile("dimmed"))
    page.mouse.click(x, y)
    page.wait_for_url(f"**/en/towns/{world['koulikoro'].reference}-koulikoro/")


def test_a_cluster_opens_into_its_places(page: Page, live_server: LiveServer, world: dict[str, Any]) -> None:
    show(page, f"{live_server.url}/en/map/")
    status = page.locator(".map-status")
    page.locator(".map-view").focus()
    for _step in range(8):  # closer and closer to the first place, which gathers fewer and fewer
        page.keyboard.press("n")
        if "Enter opens it" in status.inner_text():
            break
        with page.expect_response(re.compile("map.json.*bbox")):
            page.keyboard.press("Enter")
        page.wait_for_timeout(100)
    expect(status).to_have_text(re.compile("(Quetigny|Chenôve), France. 1 agreement. Enter opens it."))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/en/towns/T\d+-(quetigny|chenove)/$"))


def test_the_keyboard_moves_and_lets_go(page: Page, live_server: LiveServer, world: dict[str, Any]) -> None:
    show(page, f"{live_server.url}/en/map/?country=ML")
    view, stage = page.locator(".map-view"), page.locator(".map-stage")
    view.focus()
    page.keyboard.press("ArrowLeft")
    expect(stage).to_have_css("transform", re.compile("matrix"))
    page.keyboard.press("+")
    page.keyboard.press("-")
    page.keyboard.press("0")
    page.keyboard.press("p")
    expect(page.locator(".map-status")).to_contain_text("Enter opens it")
    page.keyboard.press("Escape")
    expect(page.locator(".map-status")).to_contain_text("1 agreement: 3 places, 3 countries.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Come closer")).to_be_focused()


def test_buttons_wheel_and_drag(page: Page, live_server: LiveServer, world: dict[str, Any]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "map.json" in request.url else None)
    show(page, f"{live_server.url}/en/map/?country=FR,DE")
    for name in ("Come closer", "Come closer", "Come closer", "Move away", "Show everything"):
        page.get_by_role("button", name=name).click()
        page.wait_for_timeout(350)
    box = page.locator(".map-view").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -480)
    page.wait_for_timeout(400)
    page.mouse.down()
    page.mouse.move(x + 120, y + 60, steps=6)
    expect(page.locator(".map-view")).to_have_class(re.compile("map-dragging"))
    page.mouse.up()
    expect(page.locator(".map-view")).not_to_have_class(re.compile("map-dragging"))
    assert page.url.endswith("/en/map/?country=FR,DE")  # a drag opens nothing
    assert asked
    assert all("lang=en" in url for url in asked)


def test_an_arc_opens_its_agreement(page: Page, live_server: LiveServer, world: dict[str, Any]) -> None:
    show(page, f"{live_server.url}/en/towns/{world['quetigny'].reference}/")
    page.locator(".map-view").scroll_into_view_if_needed()
    x, y = meet(page, "Quetigny – Koulikoro|Koulikoro – Quetigny", grid(page))
    page.mouse.click(x, y)
    page.wait_for_url(f"**/en/agreements/{world['three'].address}/")


def test_a_country_opens_its_page(page: Page, live_server: LiveServer, world: dict[str, Any]) -> None:
    show(page, f"{live_server.url}/en/map/?country=ML")
    x, y = meet(page, "Mali", grid(page))
    page.mouse.click(x, y)
    page.wait_for_url("**/en/countries/ml/")


@pytest.mark.parametrize("kind", ["town", "agreement", "network", "country"])
def test_small_maps(page: Page, live_server: LiveServer, world: dict[str, Any], kind: str) -> None:
    path = {
        "town": f"towns/{world['quetigny'].reference}/",
        "agreement": f"agreements/{world['three'].reference}/",
        "network": f"networks/{world['network'].reference}/",
        "country": "countries/ml/",
    }[kind]
    show(page, f"{live_server.url}/fr/{path}")
    expect(page.locator(".map-status")).to_contain_text("1 membre" if kind == "network" else "1 accord")


def test_nothing_to_draw_leaves_no_frame(page: Page, live_server: LiveServer, world: dict[str, Any]) -> None:
    nowhere = f.town("Void")
    f.agreement(nowhere, f.town(code="IT"))
    page.goto(f"{live_server.url}/en/towns/{nowhere.reference}/")
    page.wait_for_load_state("networkidle")
    expect(page.locator("figure.map")).to_have_count(0)


def test_without_javascript_there_is_the_table(
    browser: Browser, live_server: LiveServer, world: dict[str, Any]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{live_server.url}/en/map/?country=ML")
    assert page.locator("figure.map").is_hidden()
    assert page.get_by_role("table").get_by_role("link", name="Mali").first.is_visible()
    context.close()


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "fr")])
def test_narrow_by_finger_and_without_barriers(
    browser: Browser, live_server: LiveServer, world: dict[str, Any], scheme: str, language: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, has_touch=True, color_scheme=scheme)
    page = context.new_page()
    show(page, f"{live_server.url}/{language}/map/?country=ML")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".map-view").scroll_into_view_if_needed()
    x, y = spot(page, "Koulikoro")
    page.touchscreen.tap(x, y)
    expect(page.locator(".map-tip")).to_contain_text("Koulikoro")  # the first touch names it
    assert barriers(page, [scheme]) == []
    page.touchscreen.tap(x, y)
    page.wait_for_url(re.compile(r"/towns/T\d+-koulikoro/$"))
    context.close()
