"""How the types are checked: mypy's settings, and what they leave out. `make lint` runs it."""

import re
import tokenize
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_IGNORED = 40


@pytest.fixture(scope="module")
def mypy() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]


def named(override: dict[str, Any]) -> list[str]:
    """The modules of an override."""
    return [override["module"]] if isinstance(override["module"], str) else override["module"]


def sources(mypy: dict[str, Any]) -> list[Path]:
    """The modules that mypy reads."""
    paths = [ROOT / name for name in mypy["files"]]
    found = [path for top in paths for path in (top.rglob("*.py") if top.is_dir() else [top])]
    return [path for path in found if "migrations" not in path.parts]


def test_nothing_is_left_out_but_migrations_and_tests(mypy: dict[str, Any]) -> None:
    folders = [one for one in ROOT.iterdir() if one.is_dir() and not one.name.startswith(".")]
    of_code = {one.name for one in folders if one.name != "node_modules" and next(one.rglob("*.py"), None)}
    assert of_code - {"tests", "var"} <= {*mypy["files"]}
    assert mypy["exclude"] == ["/migrations/"]
    assert "ignore_errors" not in (ROOT / "pyproject.toml").read_text()
    assert not any("# mypy: " in path.read_text() for path in sources(mypy))


def test_core_is_read_strictly_and_the_rest_by_these_rules(mypy: dict[str, Any]) -> None:
    rules = ("disallow_untyped_defs", "check_untyped_defs", "warn_return_any", "no_implicit_optional")
    assert all(mypy[rule] for rule in rules)
    (strict,) = (one for one in mypy["overrides"] if "core.*" in named(one))
    assert strict == {
        "module": "core.*",
        "disallow_any_generics": True,
        "disallow_subclassing_any": True,
        "disallow_untyped_calls": True,
        "disallow_incomplete_defs": True,
        "disallow_untyped_decorators": True,
        "extra_checks": True,
        "implicit_reexport": False,
        "strict_equality": True,
    }


def test_no_fault_is_passed_over(mypy: dict[str, Any]) -> None:
    assert not any("disable_error_code" in one for one in (mypy, *mypy["overrides"]))


def test_every_line_that_is_ignored_says_which_fault_and_why(mypy: dict[str, Any]) -> None:
    ignored = []
    for path in sources(mypy):
        with path.open("rb") as file:
            comments = [one for one in tokenize.tokenize(file.readline) if one.type == tokenize.COMMENT]
        ignored += [(path, one.start[0], one.string) for one in comments if "type: ignore" in one.string]
    unsaid = [one for one in ignored if not re.fullmatch(r"# type: ignore\[[a-z, -]+\]  # \S.{3,}", one[2])]
    assert unsaid == []
    assert len(ignored) <= MOST_IGNORED
