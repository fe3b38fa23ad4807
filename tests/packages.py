"""Packages of `requirements-ci.in`: without them some tests are skipped, with the remedy; they fail
where `PACKAGES=all` is set, as `make test` does."""

import os
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

OF_CI = ("datasette", "oidc_provider_mock", "okfn_iati", "playwright", "pyshacl", "schemathesis", "uv")
"""Their names as modules."""
WHOLE = re.compile(rf"^(?:from|import) ({'|'.join(OF_CI)})\b", re.MULTILINE)


def missing(name: str) -> bool:
    """Whether the tests that need a package are to be skipped."""
    return os.environ.get("PACKAGES") != "all" and find_spec(name.partition(".")[0]) is None


def skip(name: str) -> NoReturn:
    """Skip the test, or the module that is being collected."""
    pytest.skip(f"{name} is not installed: make setup-ci", allow_module_level=True)


def needed(name: str) -> ModuleType:
    """A package that one test of a module needs; the test is skipped without it."""
    if missing(name):
        skip(name)
    return import_module(name)


class ModuleOfMissing(pytest.Module):
    """A module of tests that is skipped, since it imports a package that is not there."""

    def collect(self) -> Any:
        """Skip."""
        skip(self.missing)


def module_of_missing(path: Path, parent: pytest.Collector) -> ModuleOfMissing | None:
    """What stands for a module whose first lines import a package that is missing."""
    for name in dict.fromkeys(WHOLE.findall(path.read_text())):
        if missing(name):
            module = ModuleOfMissing.from_parent(parent, path=path)
            module.missing = name
            return module
    return None
