"""Scripts and stylesheets: what is linted, which scripts have their types checked, how long their modules are."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tools import setup

ROOT = settings.BASE_DIR
SOURCES = sorted(path for path in (ROOT / "static" / "src").rglob("*") if path.is_file())
SCRIPTS = [path for path in SOURCES if path.suffix == ".js"]
BUILD = ROOT / "static" / "build.mjs"
MODULE_LINES = 450
CLASS_LINES = 250


def names(paths: list[Path]) -> list[str]:
    """For messages."""
    return [str(path.relative_to(ROOT)) for path in paths]


def told(program: str, *arguments: str) -> str:
    """What a program of `node_modules` says."""
    path = ROOT / "node_modules" / ".bin" / program
    assert path.exists(), f"{program} is not there: make setup-dev"
    # Node may be the one that the set-up has put beside Python.
    environment = os.environ | {"PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run([path, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True).stdout


def test_every_script_and_stylesheet_is_linted() -> None:
    assert SOURCES
    command = json.loads((ROOT / "package.json").read_text())["scripts"]["lint"]
    biome, *tsc = command.split(" && ")
    assert biome.split() == ["biome", "check", "--error-on-warnings", "static"]
    assert tsc == ["tsc", "tsc -p tsconfig.build.json"]
    processed = set(
        re.findall(r"^  - (static/\S+)$", told("biome", "check", "--verbose", "--colors=off", "static"), re.M)
    )
    assert processed == {*names(SOURCES), "static/build.mjs"}


def test_every_script_has_its_types_checked() -> None:
    assert checked() == set(map(str, SCRIPTS))
    assert checked("-p", "tsconfig.build.json") - {str(ROOT / "typings" / "subset-font.d.ts")} == {str(BUILD)}
    assert names([path for path in (*SCRIPTS, BUILD) if not path.read_text().startswith("// @ts-check\n")]) == []
    assert json.loads(re.sub(r"//.*", "", (ROOT / "tsconfig.json").read_text()))["compilerOptions"]["strict"] is True


def checked(*options: str) -> set[str]:
    """The files of ours that tsc reads."""
    return {line for line in told("tsc", *options, "--listFilesOnly").splitlines() if "/node_modules/" not in line}


def test_no_script_hides_from_the_checks() -> None:
    hiding = re.compile(r"@ts-(?:nocheck|ignore|expect-error)|biome-ignore-all|\{[^{}\n]*\bany\b[^{}\n]*\}")
    found = {path.name: hiding.findall(path.read_text()) for path in (*SCRIPTS, BUILD)}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_what_is_not_linted_says_why() -> None:
    lines = (ROOT / "biome.jsonc").read_text().splitlines()
    off = [index for index, line in enumerate(lines) if '"off"' in line]
    assert [lines[index] for index in off if not lines[index - 1].lstrip().startswith("//")] == []
    assert '"maxAllowedComplexity": 15' in "\n".join(lines)
    ignored = re.findall(r"biome-ignore (\S+?):(.*)", "\n".join(path.read_text() for path in SOURCES))
    assert [rule for rule, why in ignored if len(why.split()) < 4] == []


@pytest.mark.parametrize("path", [*SCRIPTS, BUILD], ids=lambda path: path.name)
def test_no_module_and_no_class_is_too_long(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MODULE_LINES
    classes = re.findall(r"^(?:export )?class .*?^\}", text, re.MULTILINE | re.DOTALL)
    assert [one.splitlines()[0] for one in classes if len(one.splitlines()) > CLASS_LINES] == []


def test_the_check_of_scripts_is_part_of_the_lint() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipe = re.search(r"^lint: setup-dev .*?\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    assert "\t@$(NPM) run --silent lint\n" in recipe
    assert 'NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm\n' in makefile


@pytest.mark.parametrize("program", ["@biomejs/biome", "typescript", "esbuild"])
def test_the_lock_has_the_programs_of_every_system(program: str) -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    offered = locked[f"node_modules/{program}"]["optionalDependencies"]
    assert {name: locked.get(f"node_modules/{name}", {}).get("version") for name in offered} == offered
    for system in ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"):
        assert any(name.endswith(system) for name in offered)


def test_packages_of_checks_come_with_the_set_up_for_developers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []
    monkeypatch.setattr(setup, "STAMPS", tmp_path)
    monkeypatch.setattr(setup, "run", lambda *command, path: installed.append(command[2]))
    for dev in (False, False, True, False, True):
        setup.install_npm_packages(dev, "")
    assert installed == ["--omit=dev", "--include=dev"]
    # A new lock, for the site alone: the packages of checks are gone.
    for stamp in tmp_path.iterdir():
        stamp.write_text("an older lock")
    for dev in (False, True):
        setup.install_npm_packages(dev, "")
    assert installed[2:] == ["--omit=dev", "--include=dev"]
