"""In a real browser: data within pages run into no policy, frames work on other sites and only those meant for it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from coopdir.opendata.dumps import build
from core.facets.live_index import forget_all
from partnerships.models import Agreement
from tests import factories as f
from tests.browser.axe import barriers

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agreement() -> Agreement:
    with connection.cursor() as cursor:  # the test before has emptied the tables behind the triggers' back
        cursor.execute("DELETE FROM coopdir_index")
    forget_all()
    quetigny = f.town("Quetigny", latitude=47.31, longitude=5.11, wikidata="Q1000")
    return f.agreement(quetigny, f.town("Koulikoro", "ML", latitude=12.86, longitude=-7.56))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    yield context.new_page()
    context.close()


def test_data_within_a_page_run_into_no_policy(page: Page, live_server: LiveServer, agreement: Agreement) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{live_server.url}/en/agreements/{agreement.address}/")
    assert page.locator('script[type="application/ld+json"]').count() == 1
    name = page.evaluate("JSON.parse(document.querySelector('[type=\"application/ld+json\"]').text).mainEntity.name")
    assert name == "Quetigny – Koulikoro"
    assert told == []


class Town(BaseHTTPRequestHandler):
    """A site that shows in a frame what its address asks for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        frame = f'<title>Town</title><iframe src="{unquote(self.path[2:])}" width="900" height="700"></iframe>'
        self.wfile.write(frame.encode())

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of another site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Town)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def show(page: Page, elsewhere: str, address: str) -> None:
    """Open another site's page with an address in a frame."""
    page.goto(f"{elsewhere}/?{quote(address)}")


def test_another_site_shows_a_list(page: Page, live_server: LiveServer, agreement: Agreement, elsewhere: str) -> None:
    show(page, elsewhere, f"{live_server.url}/en/embed/list/?country=ML")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Country: Mali")
    with page.expect_popup() as opened:  # beside the other site, not in its frame
        frame.get_by_role("link", name="Quetigny").click()
    assert opened.value.url.endswith(f"/en/agreements/{agreement.address}/")
    assert page.url.startswith(elsewhere)


def test_another_site_shows_a_map(page: Page, live_server: LiveServer, agreement: Agreement, elsewhere: str) -> None:
    show(page, elsewhere, f"{live_server.url}/fr/embed/map/?country=ML")
    frame = page.frame_locator("iframe")
    frame.locator("figure.map[data-ready]").wait_for()
    frame.locator(".map-view").press("n")
    with page.expect_popup() as opened:
        frame.locator(".map-view").press("Enter")
    assert "/fr/" in opened.value.url


def test_another_site_shows_no_other_page(
    page: Page, live_server: LiveServer, agreement: Agreement, elsewhere: str
) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    show(page, elsewhere, f"{live_server.url}/en/agreements/{agreement.address}/")
    expect(page.frame_locator("iframe").get_by_text("Quetigny")).to_have_count(0)
    assert any("frame-ancestors" in text for text in refused)


@pytest.mark.parametrize("path", ["/data/", "/embed/list/", "/embed/map/", "/agreements/"])
@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("fr", 360, "dark")])
def test_nobody_is_kept_out(
    browser: Browser, live_server: LiveServer, agreement: Agreement, path: str, language: str, width: int, scheme: str,
    settings: object, tmp_path: object,
) -> None:  # fmt: skip
    settings.DUMPS_ROOT = tmp_path
    build.publish_dump()
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/{language}{path}")
    for summary in page.locator(".offers summary").all():
        summary.click()
    assert barriers(page) == []
    context.close()
