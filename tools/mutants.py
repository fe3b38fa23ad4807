"""Mutation tests: each fault of `tests/mutants/*.toml` is put into a copy of the project, and a test has to fail.

Run by `make mutants` (``ARGS="permissions facets"`` for some subjects, ``ARGS="--survivors"`` for those that survived
the last run), with two copies at a time. A fault names a file, the text that it replaces, which occurs there once, and
the rule that it breaks. It is tried against the tests that are nearest to it, in the order in which they are named, and
what survives those against the whole suite but the browser's. Faults marked `equivalent` change nothing that can be
observed; they say why, and are only checked to be in place. Ends with 1 where a fault survives.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "tests" / "mutants"
SURVIVORS = ROOT / "var" / "mutants-survived.json"
AT_ONCE = int(os.environ.get("AT_ONCE", 2))
LONGEST = 600
"""Seconds: a program that a fault makes run for ever is told from the others by that."""
COPIED = (
    "coopdir",
    "core",
    "partnerships",
    "networks",
    "templates",
    "static",
    "fixtures",
    "tests",
    "tools",
    "docs",
    "deploy",
    "benchmarks",
    ".ci",
)
SHARED = (".venv", "node_modules")
PARALLEL = ("-n", str(AT_ONCE))
PYTEST = ("-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly")


@dataclass(frozen=True)
class Fault:
    """Mutation: a change of a line by which a rule no longer holds."""

    subject: str
    number: int
    rule: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    equivalent: str = ""

    def __str__(self) -> str:
        return f"{self.subject} {self.number}: {self.file}: {self.rule}"

    def changed(self, root: Path = ROOT) -> str:
        """The text of the file with the fault. Raises `ValueError` where the text to be replaced is not there once."""
        text = (root / self.file).read_text()
        if text.count(self.before) != 1 or self.before == self.after:
            raise ValueError(f"{self}: the text is there {text.count(self.before)} times")
        changed = text.replace(self.before, self.after)
        compile(changed, self.file, "exec")
        return changed


def faults(subjects: list[str]) -> Iterator[Fault]:
    """All faults of the lists, or those of some subjects."""
    for path in sorted(LISTS.glob("*.toml")):
        if subjects and path.stem not in subjects:
            continue
        found = tomllib.loads(path.read_text())
        for number, fault in enumerate(found["fault"], 1):
            nearest = dict.fromkeys([*fault.pop("tests", []), *found["tests"]])
            yield Fault(subject=path.stem, number=number, tests=tuple(nearest), **fault)


def copy_of_the_project(folder: Path) -> Path:
    """A folder in which the tests can run, with the database of the original."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy2(path, folder)
    shutil.copytree(ROOT / "locale", folder / "locale")
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".git").unlink(missing_ok=True)  # of a worktree, it leads back to the original
    for words in (("init", "--quiet"), ("add", "--all")):  # some tests ask git which files there are
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def is_seen(fault: Fault, folder: Path) -> str:
    """The test that fails with the fault, or nothing."""
    path = folder / fault.file
    sound = path.read_text()
    path.write_text(fault.changed(folder))
    try:
        rest = sorted(str(one.relative_to(ROOT)) for one in (ROOT / "tests").glob("test_*.py"))
        for tests in (fault.tests, [name for name in rest if name not in fault.tests]):
            if failed := _failing(folder, tests):
                return failed
        return ""
    finally:
        path.write_text(sound)


def _failing(folder: Path, tests: tuple[str, ...] | list[str], *more: str, longest: int | None = LONGEST) -> str:
    environment = os.environ | {"COOPDIR_DATA": str(ROOT / "var")}
    command = [str(ROOT / ".venv/bin/python"), *PYTEST, "-m", "not long and not browser", *more, *tests]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=longest, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no end after {LONGEST} s"
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0].split(" - ")[0] if lines else (done.stdout + done.stderr)[-300:]


def main() -> int:
    """Try the faults, print what became of each, keep the survivors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subjects", nargs="*")
    parser.add_argument("--survivors", action="store_true", help="only those that survived the last run")
    parser.add_argument("--check", action="store_true", help="only whether each fault can be put in its place")
    asked = parser.parse_args()
    listed = list(faults(asked.subjects))
    if asked.survivors:
        kept = set(json.loads(SURVIVORS.read_text()))
        listed = [fault for fault in listed if f"{fault.subject} {fault.rule}" in kept]
    for fault in listed:
        fault.changed()
    tried = [fault for fault in listed if not fault.equivalent]
    print(f"{len(listed)} faults, {len(listed) - len(tried)} of them equivalent", flush=True)
    if asked.check:
        return 0
    if failed := _failing(ROOT, sorted({name for fault in tried for name in fault.tests}), *PARALLEL, longest=None):
        print(f"The tests fail without any fault: {failed}")
        return 2
    survived = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        free: Queue[Path] = Queue()
        for number in range(AT_ONCE):
            (place := Path(folder) / str(number)).mkdir()
            free.put(copy_of_the_project(place))

        def tried_in_a_copy(fault: Fault) -> tuple[Fault, str, float]:
            place, begun = free.get(), time.monotonic()
            try:
                return fault, is_seen(fault, place), time.monotonic() - begun
            finally:
                free.put(place)

        for fault, failed, seconds in pool.map(tried_in_a_copy, tried):
            print(f"{'SURVIVED' if not failed else 'seen':9}{seconds:5.0f} s  {fault}  {failed}", flush=True)
            if not failed:
                survived.append(f"{fault.subject} {fault.rule}")
    SURVIVORS.write_text(json.dumps(survived))
    print(f"{len(tried) - len(survived)} seen, {len(survived)} survived")
    return bool(survived)


if __name__ == "__main__":
    sys.exit(main())
