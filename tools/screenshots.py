"""Take the pictures of `docs/screenshots/` from a demo that runs and is filled: `make screenshots`.

`COOPDIR_URL` is its address (default: that of `make demo`, on `PORT`). The picture of the form is taken by an officer
of the demo, whose password is `DEMO_PASSWORD`, or stands in `demo-accounts.txt` of the demo's data. Chromium must be
installed. A directory with hardly any agreements makes pictures of empty pages, so the tool stops at fewer than a
thousand; `--fewest NUMBER` says otherwise.
"""

import argparse
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
OFFICER = "officer-bfc@coopdir.example"
QUALITY = 78
MOST_BYTES = 600_000
"""Of all pictures together: every clone carries them."""
FEWEST_AGREEMENTS = 1_000
"""Below them pages are nearly empty. A fresh demo has a handful; CONTRIBUTING.md says how to fill it."""


def _settled(page: Page) -> None:
    """Wait for nothing."""


def _map_is_drawn(page: Page) -> None:
    """Wait until the map of the page is drawn."""
    page.wait_for_selector("figure.map[data-ready]")


def _filters_are_open(page: Page) -> None:
    """Open the filters, which a telephone folds away."""
    page.get_by_text("Filtres", exact=True).click()


def _form_is_begun(page: Page) -> None:
    """Type what makes the form offer towns. The site would keep what is typed, and show it in the next picture."""
    page.route("**/my/forms/**", lambda route: route.abort())
    box = page.get_by_role("combobox").first
    box.scroll_into_view_if_needed()
    box.fill("Koulikoro")
    page.get_by_role("option").first.wait_for()


@dataclass(frozen=True)
class Picture:
    """A page as it is taken."""

    name: str
    address: str
    width: int = 1280
    height: int = 860
    officer: bool = False
    ready: Callable[[Page], None] = _settled


PICTURES = (
    Picture("home", "/en/", ready=_map_is_drawn),
    Picture("agreements", "/en/agreements/?country=FR&partner=DE&sort=signed"),
    Picture("map", "/en/agreements/?country=FR&view=map", ready=_map_is_drawn),
    Picture("country", "/en/countries/ml/", height=1000, ready=_map_is_drawn),
    Picture("agreement-form", "/en/my/agreements/new/", officer=True, ready=_form_is_begun),
    Picture("telephone", "/fr/agreements/?country=ML", width=360, height=740, ready=_filters_are_open),
)


def password() -> str:
    """That of the demo's officer; stops where nobody knows it."""
    accounts = Path(os.environ.get("COOPDIR_DATA") or ROOT / "var") / "demo-accounts.txt"
    told = accounts.read_text() if accounts.exists() else ""
    found = re.search(rf"^{OFFICER.partition('@')[0]} (\S+)$", told, re.MULTILINE)
    if given := os.environ.get("DEMO_PASSWORD") or (found and found[1]):
        return given
    sys.exit(f"screenshots: the password of {OFFICER} is not known. Name it: DEMO_PASSWORD=…")


def log_in(page: Page, site: str) -> None:
    """Log the officer in."""
    page.goto(f"{site}/en/account/login/")
    page.locator("input[type=email]").fill(OFFICER)
    page.locator("input[type=password]").fill(password())
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)


def take(page: Page, site: str, picture: Picture) -> int:
    """Take one picture; how many bytes it has."""
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    answer = page.goto(f"{site}{picture.address}", wait_until="networkidle")
    if answer is None or not answer.ok:
        sys.exit(f"screenshots: {picture.address} answers {answer and answer.status}")
    picture.ready(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    shown = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    path = FOLDER / f"{picture.name}.webp"
    shown.save(path, quality=QUALITY, method=6)
    return path.stat().st_size


def require_agreements(site: str, fewest: int) -> None:
    """Stop unless the site publishes that many agreements."""
    try:
        with urlopen(f"{site}/api/v1/agreements?limit=1", timeout=60) as answer:  # noqa: S310 (of the caller)
            number = json.load(answer)["total"]
    except OSError as error:
        sys.exit(f"screenshots: {site} does not answer: {error}")
    if number < fewest:
        sys.exit(
            f"screenshots: {site} has {number:,} agreements, fewer than {fewest:,}. Fill it as CONTRIBUTING.md says "
            "(fetch_wikidata, import_csv), or say --fewest NUMBER."
        )


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fewest", type=int, default=FEWEST_AGREEMENTS, help="agreements that the site must have")
    fewest = parser.parse_args().fewest
    site = os.environ.get("COOPDIR_URL", f"http://localhost:{os.environ.get('PORT', 8000)}").rstrip("/")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or sys.exit("Chromium is not installed")
    require_agreements(site, fewest)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        pages = {}
        for officer in (False, True):
            pages[officer] = browser.new_context(reduced_motion="reduce", color_scheme="light").new_page()
        log_in(pages[True], site)
        sizes = {picture.name: take(pages[picture.officer], site, picture) for picture in PICTURES}
        browser.close()
    print("\n".join(f"{size / 1000:6.0f} kB  docs/screenshots/{name}.webp" for name, size in sizes.items()))
    if sum(sizes.values()) > MOST_BYTES:
        sys.exit(f"screenshots: {sum(sizes.values()):,} bytes together, more than {MOST_BYTES:,}")


if __name__ == "__main__":
    main()
