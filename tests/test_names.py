"""Names and docstrings: one public name, one thing; a docstring says first what the thing is."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

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


def defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines at its top."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


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
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
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


@pytest.mark.parametrize("path", modules(*FLOORS, "benchmarks", "tools"), ids=relative)
def test_a_docstring_says_first_what_the_thing_is(path: Path) -> None:
    begins = re.compile(r"(What|Who|Whose|How|Where|Whether|When|Which|Why)\b")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = [
        ast.get_docstring(node) or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, documented)
    ]
    assert [text for text in texts if begins.match(text)] == []


def test_modules_are_found() -> None:
    assert len(modules(*FLOORS)) > 200
    assert settings.BASE_DIR / "core/text.py" in modules("core")
