"""A real browser for tests: the machine's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from tests.packages import needed

if TYPE_CHECKING:  # the modules beside this one are skipped where Playwright is not installed
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, or a skipped test where there is none."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    driver = needed("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, driver.sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, in which Django would refuse to use the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        # Root has no sandbox in containers, and a test machine no graphics card.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


Opener = Callable[..., "Page"]


@pytest.fixture
def opens(browser: Browser, live_server: LiveServer) -> Iterator[Opener]:
    """Opens a page in a browser of its own, for `user` if one is named, with the options of a context.

    The test fails on a request to another host and on an error in the console; that a page which was asked for is
    refused is told in the console, too, and is no error.
    """
    contexts: list[BrowserContext] = []
    faults: list[tuple[str, str]] = []

    def told(page: Page, message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
        if message.type in ("error", "warning") and not refused:
            faults.append((page.url, message.text))

    def open_page(user: User | None = None, **options: object) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.on(
            "request",
            lambda asked: asked.url.startswith((live_server.url, "data:", "blob:")) or faults.append((asked.url, "")),
        )
        context.on("weberror", lambda error: faults.append((error.page.url, str(error.error))))
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: told(page, message))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults
