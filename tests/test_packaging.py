"""What is installed, by whom and with what: locks, the set-up, what a commit is checked with, how files are written."""

import itertools
import re
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import editorconfig
import pytest
from django.conf import settings

from tests import packages
from tests.test_docs import files
from tools import setup

ROOT = settings.BASE_DIR
INPUTS = ("requirements", "requirements-dev", "requirements-ci")


def asked(name: str) -> set[str]:
    """The packages that a list asks for by name."""
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    return {found[0].lower() for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line)) and line[0] != "-"}


def locked(name: str) -> dict[str, set[str]]:
    """The packages of a lock, each with its versions (a version may hold for some Pythons only)."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / f"{name}.txt").read_text(), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize(("smaller", "larger"), list(itertools.pairwise(INPUTS)))
def test_a_larger_lock_holds_all_of_the_smaller_one(smaller: str, larger: str) -> None:
    assert {package: locked(larger).get(package) for package in locked(smaller)} == locked(smaller)
    assert f"-r {smaller}.in\n-c {smaller}.txt\n" in (ROOT / f"{larger}.in").read_text()
    assert asked(smaller) & asked(larger) == set()


@pytest.mark.parametrize("name", [*INPUTS, "requirements-node"])
def test_a_lock_has_every_package_with_hashes_and_no_index(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text()
    assert {re.sub(r"\[.*", "", package) for package in asked(name)} <= set(locked(name))
    assert "://" not in text
    assert re.findall(r"^--(?!hash)", text, re.MULTILINE) == []
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_setup_knows_the_locks_from_small_to_large() -> None:
    assert tuple(f"{name}.txt" for name in INPUTS) == setup.LOCKS
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"for name in (.+?);", makefile) == [" ".join([*INPUTS, "requirements-node"])]


@pytest.mark.parametrize(
    ("arguments", "lock"), [([], "requirements.txt"), (["--dev"], INPUTS[1] + ".txt"), (["--ci"], INPUTS[2] + ".txt")]
)
def test_what_is_installed_by_a_larger_lock_is_not_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], lock: str
) -> None:
    installed: list[str] = []
    monkeypatch.setattr(setup, "STAMPS", tmp_path)
    monkeypatch.setattr(setup, "install", installed.append)
    monkeypatch.setattr(setup, "VENV_PYTHON", ROOT / "manage.py")
    assert setup.wanted(arguments) == lock
    setup.install_python_packages(lock)
    assert installed == [lock]
    for smaller in setup.LOCKS[: setup.LOCKS.index(lock) + 1]:
        setup.install_python_packages(smaller)
    assert installed == [lock]


def test_the_pythons_that_are_named_are_those_that_are_asked_for() -> None:
    lowest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert lowest == "3.11"
    for name in ("README.md", "CONTRIBUTING.md"):
        assert f"Python {lowest}, 3.12 or 3.13" in (ROOT / name).read_text()


# Tests that need packages of the whole suite


def test_the_packages_that_only_the_suite_needs_are_those_of_its_list() -> None:
    assert {name.replace("_", "-") for name in packages.OF_CI} == asked("requirements-ci")


def test_the_suite_skips_nothing_for_want_of_a_package() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in ("test", "test-long"):
        recipe = re.search(rf"^{target}: setup-ci.*?\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
        assert "PACKAGES=all" in recipe
    assert "\nexport PACKAGES=all" in (ROOT / ".ci/run").read_text()


def test_a_missing_package_skips_what_needs_it_and_fails_the_whole_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    module = tmp_path / "test_it.py"
    module.write_text("import pytest\nfrom playwright.sync_api import Page\n")
    monkeypatch.setenv("PACKAGES", "")
    with pytest.raises(pytest.skip.Exception, match="pyshacl is not installed: make setup-ci"):
        packages.needed("pyshacl")
    stands_in = packages.module_of_missing(module, request.node.getparent(pytest.Package))
    with pytest.raises(pytest.skip.Exception, match="playwright"):
        stands_in.collect()
    monkeypatch.setenv("PACKAGES", "all")
    assert packages.module_of_missing(module, request.node) is None
    monkeypatch.setattr(packages, "import_module", lambda name: SimpleNamespace(name=name))
    assert packages.needed("pyshacl").name == "pyshacl"


# What a commit is checked with, and how files are written


def test_a_commit_is_checked_by_the_projects_own_packages() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    assert "://" not in text
    programs = set(re.findall(r"entry: \.venv/bin/(\S+)", text))
    assert len(re.findall(r"entry:", text)) == len(re.findall(r"language: system", text)) == 6
    recipe = re.search(r"^lint: .*?\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    assert [program for program in programs if program not in recipe] == []
    assert programs == {"ruff", "djlint", "lint-imports", "mypy"}
    assert [said for said in (text, recipe) if "run --silent lint" not in said] == []


def test_files_are_written_as_editors_are_told() -> None:
    faults = []
    for name in sorted(files()):
        path = ROOT / name
        told = editorconfig.get_properties(str(path))
        if not path.is_file() or path.is_symlink() or told.get("charset") != "utf-8":
            continue
        text = path.read_bytes().decode()
        if told["end_of_line"] == "lf" and "\r" in text:
            faults.append((name, "line ends"))
        if told.get("insert_final_newline") == "true" and text and not text.endswith("\n"):
            faults.append((name, "no line end at the end"))
        lines = text.split("\n")
        if told.get("trim_trailing_whitespace") == "true" and any(line != line.rstrip(" \t") for line in lines):
            faults.append((name, "space at the end of a line"))
        if told["indent_style"] == "space" and any(line.startswith("\t") for line in lines):
            faults.append((name, "tabs"))
    assert faults == []


def test_the_database_is_stopped_before_its_programs_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()

    def run(command: list[str], **_more: object) -> subprocess.CompletedProcess[str]:
        done.append(" ".join(command[1:3]) + f" {python.exists()}")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(setup, "VENV", tmp_path / "venv")
    monkeypatch.setattr(setup, "VENV_PYTHON", python)
    monkeypatch.setattr(setup, "STAMPS", tmp_path)
    monkeypatch.setattr(setup.subprocess, "run", run)
    setup.make_venv()
    assert done == ["-m core.database.embedded_server True", "-m venv False"]
