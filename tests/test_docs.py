"""What the site can do is written down: a setting, a command or a parameter without a word about it fails here."""

import re
from importlib import import_module
from pathlib import Path

import django_filters
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from coopdir.settings import VARIABLES
from core.imports.management.commands.describe_layouts import document

ROOT = settings.BASE_DIR
README = ROOT / "README.md"


def documentation() -> str:
    """All that is written for people."""
    return "\n".join(path.read_text() for path in [README, *sorted((ROOT / "docs").glob("*.md"))])


def table(text: str, heading: str) -> dict[str, str]:
    """The rows of the first table below a heading: what stands in backticks in its first cell → its second cell."""
    _, found, section = text.partition(f"\n{heading}\n")
    assert found, f"README.md has no heading “{heading}”"
    section = re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| `([A-Za-z_]+)[^`|]*` \| (.+?) \|$", section, re.MULTILINE))


def test_readme_explains_every_setting_as_the_settings_do() -> None:
    assert table(README.read_text(), "## Settings") == VARIABLES


def test_nothing_else_is_read_from_the_environment() -> None:
    source = (ROOT / "coopdir/settings.py").read_text()
    assert source.count("os.environ") == 1, "settings are read by _env(), which knows the documented ones"
    assert set(re.findall(r'_env(?:_bool|_list|_number)?\("(\w+)"', source)) == set(VARIABLES)


def test_readme_explains_every_command() -> None:
    ours = {
        app.name for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT) and ".venv" not in app.path
    }
    commands = {name for name, app in get_commands().items() if app in ours}
    assert set(table(README.read_text(), "## Commands")) == commands


@pytest.mark.parametrize("name", ["partnerships.agreements.filters", "partnerships.places.filters", "networks.filters"])
def test_every_filter_parameter_is_explained(name: str) -> None:
    module = import_module(name)
    filtersets = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, django_filters.FilterSet) and item.__module__ == module.__name__
    ]
    parameters = {name for filterset in filtersets for name in filterset.base_filters}
    assert parameters
    text = documentation()
    assert {name for name in parameters if f"`{name}`" not in text} == set()


def test_the_layouts_are_described_as_they_are() -> None:
    assert (ROOT / "docs/layouts.md").read_text().strip() == document(), "run manage.py describe_layouts again"
