"""Who may know whom: the contracts of imports, and what slips past them: names in strings."""

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from importlinter.application import use_cases
from importlinter.configuration import configure

from partnerships.places.party_refs import PartyKind

DOMAIN = ("partnerships", "networks")
FLOORS = ("coopdir", *DOMAIN, "core")


def tables(*labels: str) -> set[str]:
    """The tables of some apps."""
    return {model._meta.db_table for label in labels for model in apps.get_app_config(label).get_models()}


def relations(*labels: str, to: str) -> set[str]:
    """The names by which records of an app reach records of the other ones: related names and query names."""
    return {
        name
        for model in apps.get_app_config(to).get_models()
        for field in model._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and field.related_model._meta.app_label in labels
        for name in (field.name, field.get_accessor_name())
        if name and not name.endswith("+")
    }


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module but its docstrings, by line."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def attributes(path: Path) -> Iterator[tuple[int, str]]:
    """Every attribute and keyword that a module uses, by line: `town.memberships`, `filter(memberships__network=…)`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg


def modules(*folders: str) -> list[Path]:
    """The Python files of packages and modules, migrations apart: they name tables by nature."""
    paths: list[Path] = []
    for folder in folders:
        place = settings.BASE_DIR / folder
        paths += sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    return [path for path in paths if "migrations" not in path.parts and "tests" not in path.parts]


def relative(path: Path) -> str:
    """For messages and names of cases."""
    return str(path.relative_to(settings.BASE_DIR))


# What a layer must not name. The words stand at the start of an ORM path ("memberships__network"), for a table
# ("networks_network"), for a model ("networks.Network") or for a module ("networks.models").
GROUND = modules("core")
DOMAIN_WORDS = {
    "core/addresses.py": "codes of countries and territories are ISO's, and stand in addresses",
    "core/admin/site.py": "the headings of the administration's first page",
    "core/caching.py": "the addresses that a proxy may share",
    "core/errors.py": "what somebody without a mandate is told",
    "core/storage.py": "cards for social networks are no network",
    "core/templatetags/charts.py": "the chart of agreements by decade, which pages of both apps show",
    "core/templatetags/coopdir.py": "the addresses of records; names of countries are CLDR's",
}
"""The modules of the ground with words of the domain, and what for. The list may only become shorter."""
# They may know both apps.
PAGES = {"views.py", "urls.py", "forms.py", "admin.py", "api.py", "public_views.py"}
LOWER = dict.fromkeys(GROUND, DOMAIN) | {
    path: ("networks",) for path in modules("partnerships") if path.name not in PAGES
}


def test_contracts_of_imports() -> None:
    configure()
    assert use_cases.lint_imports(config_filename=str(settings.BASE_DIR / "pyproject.toml"), no_logo=True)


def test_every_package_has_an_exhaustive_contract() -> None:
    told = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(told["root_packages"]) == {*FLOORS}
    exhaustive = {package for one in told["contracts"] if one.get("exhaustive") for package in one["containers"]}
    for path in modules(*FLOORS):
        folder = path.parent
        parts = [each for each in folder.iterdir() if (each / "__init__.py").exists() and each.name != "migrations"]
        parts += [each for each in folder.glob("*.py") if each.name != "__init__.py"]
        if len(parts) > 1:
            assert ".".join(folder.relative_to(settings.BASE_DIR).parts) in exhaustive
    layers = [layer for one in told["contracts"] for layer in one.get("layers", ())]
    assert [layer for layer in layers if "(" in layer] == [], "a module in brackets may be missing"


def test_no_module_imports_another_in_a_circle() -> None:
    graph = grimp.build_graph(*FLOORS)
    order = TopologicalSorter({name: graph.find_modules_directly_imported_by(name) for name in graph.modules})
    try:
        order.prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("path", modules(*FLOORS), ids=relative)
def test_no_module_of_ours_is_imported_inside_a_function(path: Path) -> None:
    """That is how circles are dodged; Django itself asks apps to import models and signals in ``ready`` only."""
    inside = [
        (node.lineno, ast.unparse(node))
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and not (path.name == "apps.py" and function.name == "ready")
        for node in ast.walk(function)
        if (isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] in FLOORS))
        or (isinstance(node, ast.Import) and node.names[0].name.split(".")[0] in FLOORS)
    ]
    assert inside == []


@pytest.mark.parametrize("path", LOWER, ids=relative)
def test_no_string_names_a_higher_layer(path: Path) -> None:
    higher = LOWER[path]
    named = re.compile(rf"\b(?:{'|'.join(higher)})\.[A-Za-z]|\b(?:{'|'.join(sorted(tables(*higher)))})\b")
    assert [(line, text) for line, text in strings(path) if named.search(text)] == []


@pytest.mark.parametrize("path", [path for path, higher in LOWER.items() if higher == ("networks",)], ids=relative)
def test_no_orm_path_of_partnerships_leads_into_networks(path: Path) -> None:
    names = relations("networks", to="partnerships")
    assert "memberships" in names
    found = [(line, word) for line, word in [*strings(path), *attributes(path)] if word.split("__")[0] in names]
    assert found == []


# The administration shows what the history names; ``core.apps`` asks for an app of the ground.
BY_NAME = {"core/admin/record_history.py", "core/apps.py"}


@pytest.mark.parametrize("path", [path for path in GROUND if relative(path) not in BY_NAME], ids=relative)
def test_the_ground_does_not_ask_for_models_by_name(path: Path) -> None:
    assert [line for line, name in attributes(path) if name in {"get_model", "get_app_config"}] == []


def domain_words(path: Path) -> list[tuple[int, str]]:
    """Where a module names what the directory is about, by line."""
    word = re.compile(
        r"(?<![a-z])(agreement|town|part(y|ies)\b|countr|network|territor|membership|organisation|mandate|twinning)",
        re.I,
    )
    return [(line, text) for line, text in [*strings(path), *attributes(path)] if word.search(text)]


# The command line is an entrance: its options are words of the people who use them.
@pytest.mark.parametrize("path", [path for path in GROUND if "management" not in path.parts], ids=relative)
def test_the_ground_knows_no_domain_word(path: Path) -> None:
    found = domain_words(path)
    if relative(path) in DOMAIN_WORDS:
        assert found, "no exception is needed any more"
    else:
        assert found == []


LETTERED = {
    ("partnerships/editing/form_parts.py", "f'n{self.number}'"): "a source that is new",
    ("coopdir/import_wizard/names.py", "f'n{pk}'"): "a field of the page of names",
}
"""Texts that begin with the letter of a kind of party and are no reference of one."""


def lettered(path: Path) -> Iterator[str]:
    """What of a module writes a reference of a party by hand, or takes it apart by its letter."""
    letters = {kind.value for kind in PartyKind} | {"p", "a"}
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), ast.FormattedValue(), *_]) if text in letters:
                yield ast.unparse(node)
            case ast.Compare(
                left=ast.Subscript(slice=ast.Constant(value=0)), comparators=[ast.Constant(value=str(text))]
            ):
                if text and letters.issuperset(text):
                    yield ast.unparse(node)
            case ast.Call(func=ast.Attribute(attr="startswith" | "removeprefix"), args=[argument]):
                texts = {one.value for one in ast.walk(argument) if isinstance(one, ast.Constant)}
                if texts and texts <= letters:
                    yield ast.unparse(node)


def test_the_reference_of_a_party_has_one_spelling_and_one_reader() -> None:
    found = {(relative(path), text) for path in modules(*FLOORS) for text in lettered(path)}
    assert found == set(LETTERED)


@pytest.mark.parametrize(
    "code",
    ['key[0] == "t"', 'key[0] not in "to"', 'f"t{town.pk}"', 'key.startswith(("t", "o"))', 'key.removeprefix("g")'],
)
def test_a_reference_that_is_taken_apart_is_seen(tmp_path: Path, code: str) -> None:
    (tmp_path / "module.py").write_text(code)
    assert len(list(lettered(tmp_path / "module.py"))) == 1


LONGEST_MODULE, LONGEST_CLASS = 450, 250
"""Lines of the longest module and class that are still read as one thing."""
LONG = {
    "partnerships/places/gazetteer.py": "installed packages and loaded files, which are not apart yet",
    "partnerships/places/matching.py": "its class",
    "partnerships/places/matching.py: TownMatcher": "candidates and the choice among them, which share caches",
}
"""Modules and classes that are longer, and why. The list may only become shorter."""


def too_long(path: Path) -> Iterator[str]:
    """The module, and each of its classes, if it is longer than it may be."""
    text = path.read_text()
    if text.count("\n") > LONGEST_MODULE:
        yield relative(path)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_CLASS:
            yield f"{relative(path)}: {node.name}"


def test_no_module_and_no_class_is_too_long() -> None:
    assert {name for path in modules(*FLOORS) for name in too_long(path)} == set(LONG)


def test_the_driver_has_one_home() -> None:
    for path in modules("core", "coopdir", *DOMAIN):
        if not relative(path).startswith("core/database/"):
            assert not re.search(r"\b(psycopg2|copy_expert|copy_from)\b", path.read_text()), path


def test_every_command_is_defined_once() -> None:
    """Of two commands of one name, Django runs that of the app that is named first, without a word."""
    folders = [Path(app.path) for app in apps.get_app_configs() if settings.BASE_DIR in Path(app.path).parents]
    ours = [path for path in folders if ".venv" not in path.parts]
    names = [path.stem for folder in ours for path in folder.glob("management/commands/[a-z]*.py")]
    assert len(names) > 10
    assert sorted(names) == sorted(set(names))
    assert get_commands()["db_worker"] == "partnerships"  # and not the library's
