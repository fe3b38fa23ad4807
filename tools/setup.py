"""Make everything a clone needs before Django can run: packages, Node's packages, the asset bundle,
translations.

Runs on the machine's own Python, hence only the standard library. A step is skipped when what it was made
from has not changed, which a hash in `.stamps/` tells; so a second run takes no time and a change of one lock
file repeats one step.

Usage: python3 tools/setup.py [--dev | --ci]
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMPS = ROOT / ".stamps"
NODE_MAJOR = 20
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-ci.txt")
"""Lock files of Python packages, each of which holds all of the one before: what the site needs, what tests and checks
need, what the whole suite needs."""


def digest(paths: Iterable[Path], *words: str) -> str:
    """A hash of files, with their names, and of words."""
    result = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        result.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return result.hexdigest()


def step(name: str, said: str, key: str, outputs: Iterable[Path], make: Callable[[], None]) -> None:
    """Do a step unless its stamp says that it was done for the same inputs and its outputs are there."""
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == key and all(output.exists() for output in outputs):
        return
    print(f"→ {said} …", flush=True)
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(key)
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)


def run(*command: object, path: str | None = None) -> None:
    """Run a command in the clone; stop with its own message when it fails."""
    environment = os.environ | ({"PATH": path} if path else {})
    if subprocess.run([str(part) for part in command], cwd=ROOT, env=environment).returncode:
        sys.exit(f"setup stopped: {' '.join(str(part) for part in command)} failed (see above)")


def own_venv() -> bool:
    """True if somebody has made a virtual environment here, with this Python and pip: it is kept as it is."""
    pip = VENV / "bin" / "pip"
    if not (pip.exists() and VENV_PYTHON.exists() and str(VENV) in pip.read_text().splitlines()[0]):
        return False
    command = [str(VENV_PYTHON), "-c", "import sys; print(sys.version)"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() == sys.version


def stop_database() -> None:
    """Stop the embedded database of this clone: its programs lie in the virtual environment that is to go, and a server
    whose files are gone refuses every new connection."""
    if VENV_PYTHON.exists():
        data = os.environ.get("COOPDIR_DATA") or str(ROOT / "var")
        command = [str(VENV_PYTHON), "-m", "core.database.embedded_server", "stop", data]
        subprocess.run(command, cwd=ROOT, capture_output=True)


def make_venv() -> None:
    """A fresh virtual environment; what was installed into the one before is to be installed again."""
    stop_database()
    shutil.rmtree(VENV, ignore_errors=True)
    for stamp in (*LOCKS, "node"):
        (STAMPS / stamp).unlink(missing_ok=True)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode:
        sys.exit("setup stopped: this Python makes no virtual environments (on Debian: apt install python3-venv)")


def install(lock: str) -> None:
    """Install the packages of a lock file, every one checked against its hash."""
    pip = (VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "-r", lock)


def wanted(arguments: list[str]) -> str:
    """The lock file that somebody asks for."""
    return LOCKS[2] if "--ci" in arguments else LOCKS[1] if "--dev" in arguments else LOCKS[0]


def install_python_packages(lock: str) -> None:
    """The packages of a lock file, unless they are there by a larger one that was installed before."""
    keys = {name: digest([ROOT / name], sys.version) for name in LOCKS}

    def install_all() -> None:
        install(lock)
        for smaller in LOCKS[: LOCKS.index(lock)]:
            (STAMPS / smaller).write_text(keys[smaller])

    step(lock, f"installing Python packages ({lock})", keys[lock], [VENV_PYTHON], install_all)


def node_path() -> str:
    """A PATH with `node` (20 or later) and `npm` on it: the machine's own, or those of a PyPI package."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        told = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        if told.startswith("v") and int(told[1:].split(".")[0]) >= NODE_MAJOR:
            return os.environ["PATH"]
    key = digest([ROOT / "requirements-node.txt"], sys.version)
    outputs = [VENV / "bin" / "node", VENV / "bin" / "npm"]
    step(
        "node",
        "installing Node.js (none of version 20 or later found)",
        key,
        outputs,
        lambda: install("requirements-node.txt"),
    )
    return f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"


def install_npm_packages(dev: bool, path: str) -> None:
    """The npm packages that the site is built from; with `dev` those of tests and checks too (another 130 MB).

    `npm ci` empties its folder first, so an installation without the packages of checks removes them, and their stamp
    goes with them.
    """
    key = digest([ROOT / "package-lock.json", ROOT / "package.json"])
    name, other = ("npm-dev", "npm") if dev else ("npm", "npm-dev")

    def install_them() -> None:
        (STAMPS / other).unlink(missing_ok=True)
        chosen = "--include=dev" if dev else "--omit=dev"
        run("npm", "ci", chosen, "--no-progress", "--loglevel=error", path=path)
        if dev:
            (STAMPS / other).write_text(key)

    said = "installing npm packages" + (", with those of tests and checks" if dev else "")
    step(name, said, key, [ROOT / "node_modules"], install_them)


def main() -> None:
    """All steps in order."""
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"CoopDir needs Python 3.11 or later, not {sys.version.split()[0]}. Name one: PYTHON=python3.12")
    STAMPS.mkdir(exist_ok=True)
    # The venv's scripts name their folder: a clone that has moved needs a new one.
    key = f"{sys.version} {VENV}"
    if not (STAMPS / "venv").exists() and own_venv():
        (STAMPS / "venv").write_text(key)
    step("venv", "making a virtual environment", key, [VENV_PYTHON], make_venv)
    packages = wanted(sys.argv[1:])
    install_python_packages(packages)

    path = node_path()
    install_npm_packages(packages != LOCKS[0], path)
    sources = [
        ROOT / "package-lock.json",
        ROOT / "static" / "build.mjs",
        *(p for p in (ROOT / "static" / "src").rglob("*") if p.is_file()),
    ]
    bundle = [ROOT / "static" / "dist" / "site.css", ROOT / "static" / "dist" / "site.js"]
    step(
        "assets",
        "bundling CSS and JavaScript",
        digest(sources),
        bundle,
        lambda: run("node", "static/build.mjs", path=path),
    )

    catalogues = list((ROOT / "locale").rglob("django.po"))
    compiled = [path.with_suffix(".mo") for path in catalogues]
    # Babel's compiler, because gettext's msgfmt may be missing.
    babel = (VENV_PYTHON, "-m", "babel.messages.frontend", "compile")

    def compile_all() -> None:
        if catalogues:
            run(*babel, "--domain", "django", "--directory", "locale")

    step("translations", "compiling translations", digest(catalogues), compiled, compile_all)


if __name__ == "__main__":
    main()
