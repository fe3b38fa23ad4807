"""In a real browser: a long list as a spreadsheet, from the page that waits to the file, without scripts too."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from core.addresses import absolute
from core.lists import export_jobs, exports, formats
from tests import factories as f
from tests.browser.axe import barriers
from tests.browser.conftest import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def work(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Callable:
    """Three towns, which are many for a spreadsheet; and what the worker does."""
    monkeypatch.setitem(
        formats.FILE_FORMATS, "xlsx", formats.FileFormat(formats.FILE_FORMATS["xlsx"].media_type, 10, at_once=2)
    )
    monkeypatch.setattr(exports, "POLL_SECONDS", 1)
    settings.DATA_DIR = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    for name in ("Dijon", "Dole", "Dax"):
        f.town(name)
    order = export_jobs.ExportRequest("partnerships.views.TownsFile", absolute("/towns.xlsx"))
    return lambda: export_jobs.make.func(order.view, order.address)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_file_comes_to_the_page_that_waits_for_it(
    opens: Opener, live_server: LiveServer, work: Callable, scripts: bool
) -> None:
    page = opens(java_script_enabled=scripts)
    page.goto(f"{live_server.url}/en/towns/?view=download")
    page.get_by_role("main").get_by_role("link", name="Excel", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your file is being made")
    expect(page.get_by_role("progressbar")).to_be_visible()
    with page.expect_download() as coming:
        work()
    book = openpyxl.load_workbook(io.BytesIO(coming.value.path().read_bytes()))
    assert [row[1] for row in book["data"].values] == ["name", "Dax", "Dijon", "Dole"]
    expect(page.get_by_role("heading", level=1)).to_have_text("Your file is ready")


def test_the_page_stands_still_when_told_so(opens: Opener, live_server: LiveServer, work: Callable) -> None:
    page = opens(viewport={"width": 360, "height": 780}, locale="fr")
    page.goto(f"{live_server.url}/towns.xlsx")
    page.get_by_role("link", name="Ne plus recharger").click()
    expect(page.get_by_role("link", name="Regarder de nouveau")).to_be_visible()
    order = export_jobs.ExportRequest("partnerships.views.TownsFile", absolute("/towns.xlsx"))
    with export_jobs._held(order):
        cache.set(order.key, {"done": 1})
        page.get_by_role("link", name="Regarder de nouveau").click()
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
        expect(page.get_by_text("1 fiches sur 3 sont écrites.")).to_be_visible()
        assert barriers(page) == []
    work()
    page.get_by_role("link", name="Regarder de nouveau").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre fichier est prêt")
    assert barriers(page) == []
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your file is ready")
