"""Names and docstrings: one public name, one thing; a docstring says first what the thing is."""

import ast
import builtins
import inspect
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.test_architecture import FLOORS, modules, relative

# Names that Django and its like look up, or that everybody gives to one thing in each module that has it.
CONVENTIONS = {"Command", "DatabaseWrapper", "logger", "register", "urlpatterns"}

EXCEPTIONS: dict[str, str] = {}
"""Public names that two modules define, and why."""


NICKNAMES = {
    ("gettext", "_"): "Django's own custom",
    ("gettext_lazy", "_"): "the same",
    ("numpy", "np"): "everybody's",
    ("format", "format_date"): "Python has a `format`",
    ("consume", "_consume"): "`core.throttles` has its own",
}
"""Names that are imported under another one, and why."""


FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def defined(tree: ast.AST) -> Iterator[str]:
    """The names that a module defines: at its top, and within its `if`, `try`, `with` and loops."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTIONS | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            yield from defined(node)


def test_a_public_name_is_one_thing() -> None:
    homes = defaultdict(set)
    for path in modules(*FLOORS):
        for name in defined(ast.parse(path.read_text())):
            if len(name) > 3 and not name.startswith("_") and name not in CONVENTIONS:
                homes[name].add(relative(path))
    doubled = {name: sorted(paths) for name, paths in homes.items() if len(paths) > 1}
    assert {name: paths for name, paths in doubled.items() if name not in EXCEPTIONS} == {}
    assert set(EXCEPTIONS) <= set(doubled), "no exception is needed any more"
    assert len(EXCEPTIONS) <= 10


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Every name that means something of its own somewhere in a module, imports under their own name included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, FUNCTIONS | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (one.name for one in node.names)


@pytest.mark.parametrize("path", modules(*FLOORS), ids=relative)
def test_what_is_imported_keeps_its_name(path: Path) -> None:
    """Where a module's own name means something else in the file, its package goes before it: `editing_views`."""
    tree = ast.parse(path.read_text())
    taken = Counter(bound_names(tree)) + Counter(FLOORS)
    found = []
    for node in ast.walk(tree):
        for one in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            if one.asname in (None, one.name) or (one.name, one.asname) in NICKNAMES:
                continue
            package = (getattr(node, "module", None) or path.parent.name).rpartition(".")[2]
            if one.asname != f"{package}_{one.name}" or taken[one.name] == 1:
                found.append((node.lineno, f"{one.name} as {one.asname}"))
    assert found == []


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts that explain: of modules, classes and functions, and those after an assignment; by line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, cleandoc(node.value.value)


@pytest.mark.parametrize("path", modules(*FLOORS, "benchmarks", "tools"), ids=relative)
def test_a_docstring_says_first_what_the_thing_is(path: Path) -> None:
    begins = re.compile(r"(What|Who|Whose|How|Where|Whether|When|Which|Why)\b|[a-zà-ÿ]")
    assert [(line, text) for line, text in docstrings(ast.parse(path.read_text())) if begins.match(text)] == []


# What docstrings name

NOT_NAMES = {
    "Char": "a production of XML",
    "SCRIPT_NAME": "a variable of WSGI",
    "AddTrigger": "of pghistory's migrations",
    "SessionMiddleware": "Django's",
    "allauth.core.ratelimit": "a module that is imported by its parts",
    "metadata.action": "a key of the history's context",
    "pgh_context.metadata.batch": "the same, as the database has it",
}
"""Words in docstrings that look like names of ours, and what they are."""
FILE_NAME = re.compile(r".+\.(atom|csv|dump|geojson|html|json|md|mjs|ndjson|pbf|po|py|toml|tsv|xml|yaml|zip)")


@cache
def names_in_use() -> frozenset[str]:
    """Every identifier of the code, however it is used; headers and variables are strings that are one word."""
    names: set[str] = set()
    for path in modules(*FLOORS, "benchmarks", "tools"):
        for node in ast.walk(ast.parse(path.read_text())):
            names.update(
                value for _field, value in ast.iter_fields(node) if isinstance(value, str) and value.isidentifier()
            )
    return frozenset(names)


@cache
def homes() -> dict[str, list[object]]:
    """What a word before a dot can be: the modules and classes of the floors, by their own name."""
    found: dict[str, list[object]] = defaultdict(list)
    for path in modules(*FLOORS):
        if "management" in path.parts or path.stem in {"__init__", "__main__", "child", "urls", "page_urls", "wsgi"}:
            continue
        module = import_module(".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts))
        found[path.stem].append(module)
        for name, item in vars(module).items():
            if isinstance(item, type) and item.__module__ == module.__name__:
                found[name].append(item)
    return dict(found)


def has(thing: Any, name: str) -> bool:
    """True if a module or class has something of that name: also a field without a default, or one set by hand."""
    if hasattr(thing, name):
        return True
    if isinstance(thing, type):
        fields = {one for kind in thing.__mro__ for one in inspect.get_annotations(kind)}
        model = {field.name for field in thing._meta.get_fields()} if hasattr(thing, "_meta") else set()
        return name in fields | model | set(getattr(thing, "base_fields", ())) or f"self.{name}" in inspect.getsource(
            thing
        )
    return False


def is_there(word: str, tree: ast.Module) -> bool:
    """True if a dotted word in a docstring names something: of ours, or of what the module itself imports or uses."""
    first, *rest = word.split(".")
    if first in FLOORS:
        try:
            return pkgutil.resolve_name(word) is not None
        except (ImportError, AttributeError):
            return False
    if first in homes():
        return any(has(thing, rest[0]) for thing in homes()[first])
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return (
        (first == "settings" and hasattr(settings, rest[0]))
        or hasattr(builtins, first)
        or any(
            isinstance(node, ast.Import) and first in [one.asname or one.name for one in node.names]
            for node in ast.walk(tree)
        )
        or (first in set(bound_names(tree)) and rest[-1] in attributes)
    )


@pytest.mark.parametrize("path", modules(*FLOORS, "benchmarks", "tools"), ids=relative)
def test_what_docstrings_name_is_there(path: Path) -> None:
    tree = ast.parse(path.read_text())
    own = set(bound_names(tree))
    missing = []
    for line, text in docstrings(tree):
        for word, call in re.findall(r"(?<!`)`{1,2}([A-Za-z_]\w*(?:\.\w+)*)(\(\))?`{1,2}(?!`)", text):
            if word in NOT_NAMES:
                continue
            if "." in word:
                there = FILE_NAME.fullmatch(word) or is_there(word, tree)
            elif call or re.fullmatch(r"[A-Z]\w*[a-z]\w*|[A-Z]+_[A-Z_]+", word):
                there = word in own or word in names_in_use() or hasattr(settings, word)
            else:
                continue
            if not there:
                missing.append((line, word))
    assert missing == []


def test_modules_are_found() -> None:
    assert len(modules(*FLOORS)) > 200
    assert settings.BASE_DIR / "core/text.py" in modules("core")
