"""What keeps people out of a page: what axe-core finds, and what runs off the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = (settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""All that can differ between light and dark."""
NARROW_AND_WIDE = [(360, "fr"), (1280, "en")]
"""Widths and languages to look at pages in: each time with the least room and the longest words."""
# Handing over what was found good as well, every element of it, takes four times as long as looking.
RUN = """async rules => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    return found.violations.flatMap(
        violation => violation.nodes.slice(0, 2).map(node => [violation.id, node.html.slice(0, 160)])
    );
}"""


def barriers(page: Page, schemes: Sequence[str] = ("light", "dark")) -> list[tuple[str, str, str, str]]:
    """The barriers of the page as it is: its address, the scheme, the rule, the element.

    The first scheme is looked at by all rules, the other by those of colours. A page wider than the screen is one too.
    """
    found: list[tuple[str, str, str, str]] = []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        found.append((page.url, schemes[0], "too wide", f"{overflow} pixels"))
    page.evaluate(AXE)
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        rules = {"type": "tag", "values": RULES} if scheme == schemes[0] else {"type": "rule", "values": OF_COLOURS}
        found += [(page.url, scheme, rule, element) for rule, element in page.evaluate(RUN, rules)]
    return found
