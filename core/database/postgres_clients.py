"""PostgreSQL's own programs (`pg_dump`, `pg_restore`, `psql`), run against the site's database.

The embedded server has its own. For another server they are taken from PATH, to write a dump: they must be of the
server's version at least. A dump is restored by the newest ones there are, of PATH or of the package, and into a server
of any version that the site runs on, an older one than the dump's too.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.postgresql.client import DatabaseClient

from .embedded_server import packaged

NEWER_SETTINGS = (b"SET transaction_timeout = 0;\n",)
"""Lines of a script that servers below 17 do not know, and that mean nothing to them: they stop nobody there."""


class ClientError(Exception):
    """Error of one of PostgreSQL's own programs: it is missing or has failed; the message is its output."""


Command = list[str | Path]


def run_client(program: str, *arguments: object) -> str:
    """Run a program to its end. In: its arguments. Out: what it prints. Errors: `ClientError`."""
    return _output(_program(program), *arguments)


def restore_dump(dump: Path, *, leave_out: Iterable[str] = ()) -> None:
    """Restore a dump in PostgreSQL's custom format: all of it or nothing.

    `leave_out` are parts of lines of its list (``pg_restore --list``) that are not restored. `pg_restore` makes a
    script of it, of which `psql` gets what the server knows. Errors: `ClientError`.
    """
    folder = _newest()
    listed = _output(folder / "pg_restore", "--list", dump)
    with tempfile.TemporaryDirectory() as aside:
        wanted = Path(aside) / "list"
        wanted.write_text(
            "".join(line for line in listed.splitlines(True) if not any(part in line for part in leave_out))
        )
        command: Command = [folder / "pg_restore", "--no-owner", "--no-privileges"]
        command += [f"--use-list={wanted}", "--file=-", dump]
        loading: Command = [folder / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
        with (Path(aside) / "said").open("w+b") as said, (Path(aside) / "told").open("w+b") as told:
            source = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said)
            target = subprocess.Popen(
                loading, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=told, env=_environment()
            )
            if source.stdout is None or target.stdin is None:
                raise RuntimeError("The two programs are joined by no pipe.")
            try:
                target.stdin.writelines(_known_to_all(source.stdout))
            except BrokenPipeError:
                source.kill()  # nobody reads it any more: psql says why
            if source.wait() > 0:
                target.kill()  # before it comes to the end of what it reads, and commits
                target.wait()
                raise ClientError(f"pg_restore failed:\n{_said(said)}")
            try:
                target.stdin.close()
            except BrokenPipeError:
                pass
            if target.wait():
                raise ClientError(f"psql failed:\n{_said(told)}")


def _known_to_all(script: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a script without settings that an older server refuses; rows stay as they are."""
    in_rows = False
    for line in script:
        if in_rows:
            in_rows = line != b"\\.\n"
        elif line in NEWER_SETTINGS:
            continue
        else:
            in_rows = line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n")
        yield line


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _output(program: Path, *arguments: object) -> str:
    command = [str(program), *(str(argument) for argument in arguments)]
    result = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if result.returncode:
        raise ClientError(f"{program.name} failed:\n{result.stderr or result.stdout}")
    return result.stdout


def _program(name: str) -> Path:
    """The path of a program of the server's own version, or of PATH."""
    if connections["default"].settings_dict["ENGINE"] == "core.database.embedded":
        return _packaged() / name
    found = shutil.which(name)
    if found is None:
        raise ClientError(f"{name} is not on PATH: install PostgreSQL's client programs, of the server's version.")
    return Path(found)


def _packaged() -> Path:
    return packaged() / "pginstall" / "bin"


def _newest() -> Path:
    """The folder of the newest programs: those of PATH, or of the package."""
    folders = []
    if found := shutil.which("pg_restore"):
        folders.append(Path(found).parent)
    try:
        folders.append(_packaged())
    except ImproperlyConfigured:
        pass
    if not folders:
        raise ClientError("pg_restore is not on PATH: install PostgreSQL's client programs, of the dump's version.")
    return max(folders, key=_major)


def _major(folder: Path) -> int:
    """The version of the programs of a folder, such as 18 of “pg_restore (PostgreSQL) 18.6”."""
    found = re.search(r"\) ([0-9]+)", _output(folder / "pg_restore", "--version"))
    return int(found[1]) if found else 0


def _environment() -> dict[str, str]:
    """Variables that say which server and database are meant, as Django would tell psql."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connections["default"].settings_dict, [])
    where = {"-U": "PGUSER", "-h": "PGHOST", "-p": "PGPORT"}
    switches = arguments[1:-1]
    named = {where[switch]: value for switch, value in zip(switches[::2], switches[1::2], strict=True)}
    return os.environ | {"PGDATABASE": arguments[-1]} | named | (environment or {})
