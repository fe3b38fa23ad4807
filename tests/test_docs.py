"""What the site can do is written down, and what is written is true.

A setting, a command or a parameter without a word about it fails here, and so does a path, a target of make or a word
that is named and not there.
"""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import django_filters
import pytest
from django.apps import apps
from django.conf import LazySettings, settings
from django.core.management import get_commands
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import Resolver404, resolve
from PIL import Image

from coopdir.environment import VARIABLES
from coopdir.opendata.dumps import build
from core.imports.management.commands.describe_layouts import data_dictionary
from tests.test_names import FILE_NAME, has, homes, names_in_use

ROOT = settings.BASE_DIR
README = ROOT / "README.md"
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
FLOORS = ("coopdir", "networks", "partnerships", "core")
FOLDERS = (*FLOORS, "templates", "static", "fixtures", "tests", "docs", "deploy", "benchmarks", "tools", "locale")
MADE = {"static/dist", "locale/de"}
"""Folders that are named and not in the repository: what a build makes, what a recipe has somebody make."""
MADE_UP = {"/en/funding/"}
"""Addresses of pages that a recipe has somebody make."""
OF_TESTS = {"DOMAIN_WORDS", "DOORS"}
"""Names that are defined by tests."""
SALTS = {"partnerships.editing.typed_by"}
"""Names of secrets that look like modules."""
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def documentation() -> str:
    """All that is written for people."""
    return "\n".join(path.read_text() for path in DOCUMENTS)


@cache
def files() -> frozenset[str]:
    """Every file of the repository, by its path."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return frozenset(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines())


def code(text: str) -> Iterator[str]:
    """What a document has to be typed or looked up as it stands: within backticks, or indented lines."""
    yield from re.findall(r"`([^`\n]+)`", text)
    yield from re.findall(r"^    (\S.*)$", text, re.MULTILINE)


def table(text: str, heading: str) -> dict[str, str]:
    """The rows of the first table below a heading: what stands in backticks in its first cell → its second cell."""
    _, found, section = f"\n{text}".partition(f"\n{heading}\n")
    assert found, f"There is no heading “{heading}”"
    section = re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| `([A-Za-z_]+)[^`|]*` \| (.+?) \|$", section, re.MULTILINE))


def test_every_setting_is_explained_as_the_settings_do() -> None:
    assert table((ROOT / "docs/settings.md").read_text(), "# Settings") == VARIABLES


def test_nothing_else_is_read_from_the_environment() -> None:
    sources = [(ROOT / "coopdir" / name).read_text() for name in ("settings.py", "environment.py")]
    assert [source.count("os.environ") for source in sources] == [0, 1], "env() knows the documented variables"
    assert set(re.findall(r'env(?:_bool|_list|_number)?\("(\w+)"', sources[0])) == set(VARIABLES)


def test_every_command_is_explained() -> None:
    ours = {
        app.name for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT) and ".venv" not in app.path
    }
    commands = {name for name, app in get_commands().items() if app in ours}
    assert set(table((ROOT / "docs/commands.md").read_text(), "# Commands")) == commands


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
    assert (ROOT / "docs/layouts.md").read_text().strip() == data_dictionary(), "run manage.py describe_layouts again"


# What is named is there


@pytest.mark.parametrize("name", NAMES)
def test_every_path_that_is_named_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    there = files()
    folders = {str(parent) for path in there for parent in Path(path).parents} | MADE
    named = re.findall(rf"(?<![\w/.@-])((?:{'|'.join(FOLDERS)})/[\w./*@-]*)", text)
    missing = {
        path
        for path in (path.rstrip(".").rstrip("/") for path in named)
        if not (path in there or path in folders or ("*" in path and any(ROOT.glob(path))))
    }
    assert missing == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_exists(name: str) -> None:
    """Also where its folder is understood: `accounts/transactions.py`."""
    named = {
        word
        for word in code((ROOT / name).read_text())
        if re.fullmatch(r"[\w.][\w./-]*\.(py|toml|mjs|html|in|yaml)", word)
    }
    there = files()
    assert {word for word in named if not any(f"/{path}".endswith(f"/{word}") for path in there)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_module_that_is_named_exists(name: str) -> None:
    for word in code((ROOT / name).read_text()):
        if word in SALTS or not re.fullmatch(rf"({'|'.join(FLOORS[1:])})(\.\w+)+", word):
            continue
        module, attributes = word, []
        while not any((ROOT / module.replace(".", "/")).with_suffix(end).exists() for end in ("", ".py")):
            module, _dot, attribute = module.rpartition(".")
            attributes.insert(0, attribute)
        found = import_module(module)
        for attribute in attributes:
            found = getattr(found, attribute)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_is_named_exists(name: str) -> None:
    named = {word for line in code((ROOT / name).read_text()) for word in re.findall(r"\bmanage\.py ([a-z]\w*)", line)}
    assert named - set(get_commands()) == set()


@cache
def variables() -> frozenset[str]:
    """What is read from the environment: by the site, the Makefile, tests and tools."""
    found = set(VARIABLES) | set(re.findall(r"\b[A-Z][A-Z_]+\b", (ROOT / "Makefile").read_text()))
    for path in files():
        if re.fullmatch(r"(tests|tools|benchmarks|deploy|core)/.*|\.ci/run", path) and (ROOT / path).is_file():
            text = (ROOT / path).read_text(errors="ignore")
            read = re.findall(r"""environ(?:\.get\(|\[)["']([A-Z_]+)["']|\$\{?([A-Z_]+)""", text)
            found.update(word for pair in read for word in pair)
    return frozenset(found)


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_that_is_set_is_read_somewhere(name: str) -> None:
    lines = [re.sub(r"--[\w-]+ \S+", "", line) for line in code((ROOT / name).read_text())]  # what options mean
    named = {word for line in lines for word in re.findall(r"(?<![\w$-])([A-Z][A-Z_]+)=", line)}
    assert named - variables() == set()


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_address_that_is_named_is_there(name: str) -> None:
    for line in code((ROOT / name).read_text()):
        for address in re.findall(r"^(?:[A-Z]+ )?(/[\w/.-]*)(?:\?\S*)?$", line):
            if address not in MADE_UP:
                try:
                    resolve(address)
                except Resolver404:
                    resolve(f"/en{address}")


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_function_and_class_that_is_named_exists(name: str) -> None:
    named = {
        word
        for line in code((ROOT / name).read_text())
        for pair in re.findall(r"^(?:\w+\.)*(\w+)\(.*\)$|^([A-Z]\w*[a-z]\w*|[A-Z]+_[A-Z_]+)$", line)
        for word in pair
        if word
    }
    assert named - names_in_use() - variables() - set(dir(settings)) - OF_TESTS == set()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_module_or_class_is_said_to_have_is_there(name: str) -> None:
    """Also where its package is understood: `workflow.save`."""
    pairs = [
        (match[1], match[2])
        for word in code((ROOT / name).read_text())
        if (match := re.fullmatch(r"(\w+)\.(\w+)(?:\(.*\))?", word))
        and match[1] not in FLOORS
        and not FILE_NAME.fullmatch(word)
    ]
    known = homes()
    assert [pair for pair in pairs if pair[0] in known and not any(has(one, pair[1]) for one in known[pair[0]])] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    document = ROOT / name
    for target in re.findall(r"\]\(([^)]+)\)", document.read_text()):
        if target.startswith("https://"):
            continue
        path, _hash, part = target.partition("#")
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), target
        if part:
            headings = re.findall(r"^#+ (.+)$", found.read_text(), re.MULTILINE)
            assert part in [re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings], target


def targets() -> dict[str, str]:
    """The targets of the Makefile that it tells of, and what it says of them."""
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_target_of_make_is_explained_and_every_one_that_is_named_exists() -> None:
    text = [line for path in DOCUMENTS for line in code(path.read_text())]
    told = (ROOT / ".ci/run").read_text().splitlines() + text
    for path in files():
        if Path(path).suffix in {".py", ".html", ".mjs", ".in", ".toml"} and not path.startswith("tests/corpus"):
            told += re.findall(r"`(make [^`]+)`", (ROOT / path).read_text())
    named = {
        word
        for line in told
        for word in re.findall(r"^(?:[A-Z_]+=\S* )*make (?:-C \S+ |[A-Z_]+=\S+ )*([a-z][a-z-]*)", line.strip())
    }
    known = set(targets())
    assert known == set(re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())
    assert named - known == set(), "named, and not in the Makefile"
    in_documents = {word for line in text for word in re.findall(r"make (?:\S+[=/]\S+ |-C )*([a-z][a-z-]*)", line)}
    assert known - in_documents - {"help"} == set(), "in the Makefile, and in no document"


def test_the_map_names_modules_that_are_there_and_every_folder() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = text.partition("\n## The map\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| (.+) \|$", section, re.MULTILINE)
    of_code = {}
    for where, what in rows:
        folder = re.fullmatch(r"`([\w/]+/)`", where)
        if folder and folder[1].partition("/")[0] in FLOORS:
            of_code[folder[1]] = [word for word in re.findall(r"`(\w+)`", what) if word.islower()]
    missing = [
        f"{folder}{word}"
        for folder, words in of_code.items()
        for word in words
        if not any((ROOT / folder / f"{word}{end}").exists() for end in ("", ".py")) and word != "coopdir_change"
    ]
    assert missing == []
    left_out = ("migrations", "management", "templatetags", "formats", "embedded", "postgres")
    folders = {
        f"{Path(path).parent}/"
        for path in files()
        if path.endswith("/__init__.py") and path.partition("/")[0] in FLOORS and not set(path.split("/")) & {*left_out}
    }
    assert folders - set(of_code) == set(), "give it a line in the map"


def test_the_readme_has_a_map_of_ten_lines() -> None:
    section = README.read_text().partition("\n## The map in ten lines\n")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| `", section, re.MULTILINE)) <= 10
    named = {folder for folder in FOLDERS if f"`{folder}/" in section}
    assert named == set(FOLDERS)


def test_every_document_is_in_the_index() -> None:
    linked = set(re.findall(r"\]\(([^)#]+)", (ROOT / "docs/index.md").read_text()))
    there = {path.removeprefix("docs/") for path in files() if path.startswith("docs/") and path.count("/") == 1}
    assert there - linked == {"index.md"}
    assert {f"../{path}" for path in files() if re.fullmatch(r"[A-Z]+\.md", path)} - linked == {"../README.md"}


# Words, pictures, versions

WORDS = (
    "town",
    "country",
    "territory",
    "cooperation zone",
    "gazetteer",
    "agreement",
    "party",
    "organisation",
    "formal status",
    "activity",
    "suspension",
    "State relations",
    "claim",
    "publication",
    "theme",
    "funding source",
    "network",
    "support body",
    "mandate",
    "batch",
    "reference",
)
"""What the directory speaks of."""


def test_the_glossary_explains_every_word_in_both_languages() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
    words = {word.strip(): (meaning.strip(), french.strip()) for word, meaning, french in rows}
    assert set(WORDS) - set(words) == set()
    catalogue = (ROOT / "locale/fr/LC_MESSAGES/django.po").read_text().casefold()
    assert [word for word in WORDS if not words[word][1]] == []
    for word, (meaning, french) in list(words.items())[2:]:
        assert meaning.endswith("."), word
        assert french.casefold() in catalogue, f"{word}: the site says it otherwise in French"


def test_pictures_are_taken_by_a_line_of_the_tool_and_stay_small() -> None:
    source = (ROOT / "tools/screenshots.py").read_text()
    taken = re.findall(r'^    Picture\("([\w-]+)", "(.+?)"', source, re.MULTILINE)
    folder = ROOT / "docs/screenshots"
    shown = {path.stem for path in folder.iterdir()}
    assert shown == {name for name, _address in taken}
    assert set(re.findall(r"docs/screenshots/([\w-]+)\.webp", README.read_text())) == shown
    assert len(re.findall(r"!\[[^\]]+\]", README.read_text())) >= 5
    most = int(re.search(r"^MOST_BYTES = ([\d_]+)$", source, re.MULTILINE)[1])
    assert sum(path.stat().st_size for path in folder.iterdir()) <= most
    widths = {Image.open(path).width for path in folder.iterdir()}
    assert widths == {360, 1280}


def test_the_newest_version_of_the_changelog_is_that_of_the_project() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[(.+?)\](.*)$", text, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == VERSION == settings.VERSION
    for version, day in headings[1:]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), version
        assert re.fullmatch(r" - \d{4}-\d\d-\d\d", day), version
    parts = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Upgrade notes"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= parts


def test_the_changelog_says_of_every_migration_what_it_locks() -> None:
    rows = re.findall(r"^\| (\w+) (\d{4}_\w+) \| .+ \| .+ \|$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    ours = {
        (label, name)
        for label, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations
        if Path(apps.get_app_config(label).path).is_relative_to(ROOT)
        and ".venv" not in apps.get_app_config(label).path
        and not name.startswith("0001_")
    }
    assert set(rows) == ours


@pytest.mark.django_db
def test_the_version_is_told_where_one_looks_for_it(client: Client, settings: LazySettings, tmp_path: Path) -> None:
    settings.DUMPS_ROOT = tmp_path
    settings.VERSION = "12.34.56"  # that it is read, not written there once more
    for language in ("en", "fr"):
        assert "CoopDir 12.34.56" in client.get(f"/{language}/about/").text
    assert client.get("/api/v1/").json()["software_version"] == "12.34.56"
    dump, _new = build.publish_dump()
    assert client.get("/data/latest/manifest.json", follow=True).json()["software_version"] == "12.34.56"
    assert "CoopDir 12.34.56" in (dump.folder / "README.md").read_text()
    assert f"  version: {VERSION}\n" in (ROOT / "docs/openapi.yaml").read_text()
