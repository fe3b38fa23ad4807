"""The embedded PostgreSQL survives what happens to a server on somebody's own machine."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured

from core.database import connection as database
from core.database import embedded_server

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with a running server; its path holds what breaks careless quoting."""
    data_dir = tmp_path_factory.mktemp('it\'s "here", é $HOME')
    embedded_server.start_server(data_dir)
    yield data_dir
    embedded_server.stop_server(data_dir)
    data = (data_dir / "postgres").resolve()
    if embedded_server._outside(data):
        shutil.rmtree(data.parent)


def ask(data_dir, sql="SELECT 1"):
    """One value from the server of a folder, by the address that Django would use."""
    wanted = database.configuration("", data_dir)
    connection = psycopg2.connect(host=wanted["HOST"], port=wanted["PORT"], user=wanted["USER"], dbname=wanted["NAME"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def postmaster(data_dir):
    """The server's process."""
    return psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().split("\n")[0]))


def test_it_listens_on_its_socket_only(folder):
    assert ask(folder, "SHOW listen_addresses") == ""
    assert not [c for c in postmaster(folder).net_connections("inet") if c.status == psutil.CONN_LISTEN]


def test_text_does_not_depend_on_the_machine(folder):
    assert ask(folder, "SHOW server_encoding") == "UTF8"
    assert ask(folder, "SELECT lower('ÉÀŒ')") == "éàœ"
    assert ask(folder, "SELECT 'Z' < 'a'")


def test_it_loses_nothing_that_was_committed(folder):
    assert ask(folder, "SHOW fsync") == ask(folder, "SHOW synchronous_commit") == "on"


def test_processes_that_start_it_together_share_one_server(folder):
    embedded_server.stop_server(folder)
    command = [
        *(sys.executable, "-c"),
        "import sys, pathlib; from core.database.embedded_server import start_server;"
        " start_server(pathlib.Path(sys.argv[1]))",
        str(folder),
    ]
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: subprocess.run(command, cwd=REPOSITORY, check=False), range(3)))
    assert [result.returncode for result in results] == [0, 0, 0]
    assert ask(folder) == 1


def test_a_killed_server_starts_again(folder):
    process = postmaster(folder)
    process.kill()
    process.wait()
    embedded_server.start_server(folder)
    assert ask(folder) == 1


def test_a_pid_that_belongs_to_another_process_by_now_is_no_obstacle(folder):
    process = postmaster(folder)
    pid_file = folder / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    process.kill()
    process.wait()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    embedded_server.start_server(folder)
    assert ask(folder) == 1


def test_data_of_another_major_version_are_left_alone(folder):
    embedded_server.stop_server(folder)
    version = folder / "postgres" / "PG_VERSION"
    before = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(ImproperlyConfigured, match="made by PostgreSQL 14"):
            embedded_server.start_server(folder)
        assert version.read_text() == "14\n"
    finally:
        version.write_text(before)
    embedded_server.start_server(folder)


def test_an_old_server_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(database, "_server_major", lambda alias: 14)
    (error,) = database.check_server_version(["default"])
    assert "PostgreSQL 14" in error.msg
