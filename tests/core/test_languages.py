"""A language more in the settings: its pages are treated as those of the others, before any view sees them."""

from importlib.util import find_spec, module_from_spec
from typing import Any

import pytest
from django.conf import LazySettings


def defined_anew(module: str) -> dict[str, Any]:
    """What a module defines when it is read once more, apart from the one that the site has."""
    spec = find_spec(module)
    anew = module_from_spec(spec)
    spec.loader.exec_module(anew)
    return vars(anew)


@pytest.mark.parametrize(
    ("module", "pattern"),
    [
        ("core.shares", "METERED_PATHS"),
        ("core.caching", "CACHED_PATHS"),
        ("core.caching", "PERSONAL"),
        ("core.errors", "PROGRAMS"),
    ],
)
def test_paths_of_a_new_language_are_those_of_the_others(settings: LazySettings, module: str, pattern: str) -> None:
    pages = ("/{}/", "/{}/agreements/", "/{}/agreements/A1.csv", "/{}/account/", "/{}/my/", "/{}/x.json")

    def matched(language: str) -> list[bool]:
        paths = defined_anew(module)[pattern]
        return [paths.match(page.format(language)) is not None for page in pages]

    assert matched("en") == matched("fr") != matched("de"), "what is no language is no page"
    settings.LANGUAGES = [*settings.LANGUAGES, ("de", "German")]
    assert matched("de") == matched("en")
