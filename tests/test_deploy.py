"""The files in `deploy/` do what `docs/deploy.md` says of them."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.conf import LazySettings, settings
from django.contrib.staticfiles.finders import get_finder
from django.core.management import CommandError, call_command
from django.db import connection

from coopdir.environment import VARIABLES
from core.unavailable import MAX_WRITERS
from tests.accounts import PASSWORD, person

DEPLOY = settings.BASE_DIR / "deploy"
CURRENT = "/srv/coopdir/current"
HOST = "coopdir.example.org"
PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
"""What the web server says of a visitor."""


def environment(tmp_path: Path) -> dict[str, str]:
    """What the example of the settings says, with a key, a database and a folder of its own."""
    lines = [line for line in (DEPLOY / "coopdir.env").read_text().splitlines() if not line.startswith("#")]
    wanted = connection.settings_dict
    return (
        {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        | dict(line.split("=", 1) for line in lines)
        | {
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(
                **{name: quote(str(wanted[name]), safe="") for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
            ),
            "COOPDIR_DATA": str(tmp_path),
        }
    )


def unit(name: str) -> dict[str, str]:
    """The entries of a unit, without its sections; of an entry that is there twice the last."""
    text = (DEPLOY / name).read_text().replace("\\\n", " ")
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command as the wrapper calls it."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=variables, capture_output=True, text=True, check=False)


def test_every_file_is_spoken_of() -> None:
    text = (settings.BASE_DIR / "docs" / "deploy.md").read_text()
    assert [path.name for path in DEPLOY.iterdir() if f"deploy/{path.name}" not in text] == []


def test_the_example_sets_what_there_is_to_set() -> None:
    names = re.findall(r"^([A-Z_]+)=", (DEPLOY / "coopdir.env").read_text(), re.MULTILINE)
    assert set(names) <= set(VARIABLES)


def test_threads_are_left_for_reading() -> None:
    for text in (unit("coopdir.service")["ExecStart"], (settings.BASE_DIR / "Makefile").read_text()):
        assert int(re.search(r"--threads (\d+)", text)[1]) >= MAX_WRITERS + 2


def test_the_table_of_units_tells_what_they_are() -> None:
    text = (settings.BASE_DIR / "docs" / "deploy.md").read_text()
    rows = dict(found := re.findall(r"^\| (`deploy/.+`) \| (.+) \|$", text, re.MULTILINE))
    assert len(rows) == len(found)
    workers, threads = re.search(r"--workers (\d+) --threads (\d+)", unit("coopdir.service")["ExecStart"]).groups()
    assert f"{workers} workers of {threads} threads, of which {MAX_WRITERS} " in rows["`deploy/coopdir.service`"]
    assert f"(`MAX_WRITERS` of `core/unavailable.py`: {MAX_WRITERS})" in text


def test_every_service_runs_as_the_site_with_its_settings() -> None:
    services = list(DEPLOY.glob("*.service"))
    assert services
    for path in services:
        entries = unit(path.name)
        assert (entries["User"], entries["EnvironmentFile"], entries["WorkingDirectory"]) == (
            "coopdir",
            "/etc/coopdir.env",
            CURRENT,
        ), path


@pytest.mark.django_db
def test_django_has_nothing_to_say_against_it(tmp_path: Path) -> None:
    result = manage("check", "--deploy", "--fail-level=WARNING", **environment(tmp_path))
    assert result.returncode == 0, result.stderr


def test_who_goes_back_a_release_gets_its_files(tmp_path: Path, settings: LazySettings) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    for folder, content, moment in ((old, "old", 1_000_000_000), (new, "new", 1_100_000_000)):
        folder.mkdir()
        (folder / "site.css").write_text(content)
        os.utime(folder / "site.css", (moment, moment))
    settings.STATIC_ROOT = tmp_path / "collected"
    storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": storage}}
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    for release in (old, new, old):
        settings.STATICFILES_DIRS = [release]
        get_finder.cache_clear()
        call_command("collectstatic", interactive=False, verbosity=0)
        named = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"]["site.css"]
        assert (settings.STATIC_ROOT / named).read_text() == release.name
    assert len(list(settings.STATIC_ROOT.glob("site.*.css"))) == 2  # pages of the other release go on


@pytest.fixture
def served(tmp_path: Path, transactional_db: None) -> Iterator[tuple[Path, subprocess.Popen]]:
    """The site as the unit starts it, when it has said that it is ready: its socket, and its process."""
    variables = environment(tmp_path)
    assert manage("collectstatic", "--no-input", **variables).returncode == 0
    path, notify = tmp_path / "site.sock", tmp_path / "notify.sock"
    command = shlex.split(unit("coopdir.service")["ExecStart"].replace(f"{CURRENT}/.venv/bin/python", sys.executable))
    with (
        socket.socket(socket.AF_UNIX) as listening,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified,
        (tmp_path / "log").open("w") as log,
    ):
        listening.bind(str(path))
        listening.listen()
        notified.bind(str(notify))
        notified.settimeout(60)
        # As systemd hands a socket over: descriptor 3, and the number of the process that is meant.
        handed_over = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"
        process = subprocess.Popen(
            [sys.executable, "-c", f"import os; os.dup2({listening.fileno()}, 3); {handed_over}", *command],
            cwd=settings.BASE_DIR,
            env=variables | {"LISTEN_FDS": "1", "NOTIFY_SOCKET": str(notify)},
            pass_fds=[listening.fileno()],
            stderr=log,
        )
        try:
            assert b"READY=1" in notified.recv(1000)
            yield path, process
        finally:
            process.kill()
            process.wait()


def connect(path: Path) -> HTTPConnection:
    """A connection to the site, as the web server opens one."""
    found = HTTPConnection(HOST, timeout=60)
    found.sock = socket.socket(socket.AF_UNIX)
    found.sock.settimeout(60)
    found.sock.connect(str(path))
    return found


def ask(path: Path, method: str, url: str, body: str | None = None, headers: dict[str, str] = PROXIED) -> HTTPResponse:
    """One request and its answer."""
    speaking = connect(path)
    speaking.request(method, url, body, headers)
    return speaking.getresponse()


@pytest.mark.long
def test_it_starts_serves_logs_in_and_stops_gracefully(
    served: tuple[Path, subprocess.Popen], settings: LazySettings
) -> None:
    path, process = served
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # as the site itself hashes
    officer = person("officer")

    answer = ask(path, "GET", "/readyz")
    assert answer.status == 200, answer.read()
    assert ask(path, "GET", "/en/", headers={}).getheader("Location") == f"https://{HOST}/en/"

    form = ask(path, "GET", "/en/account/login/")
    page = form.read().decode()
    assert "max-age=31536000" in form.getheader("Strict-Transport-Security")
    cookies = SimpleCookie(form.getheader("Set-Cookie"))
    assert all(cookie["secure"] for cookie in cookies.values())
    style = re.search(r'href="(/static/dist/site[^"]+\.css)"', page)[1]
    assert "immutable" in ask(path, "GET", style).getheader("Cache-Control")

    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    typed = urlencode({"csrfmiddlewaretoken": token, "login": officer.email, "password": PASSWORD})
    headers = PROXIED | {
        "Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(typed)),
        "Referer": f"https://{HOST}/en/account/login/",
    }
    answer = ask(path, "POST", "/en/account/login/", typed, headers)
    assert (answer.status, answer.getheader("Location")) == (302, "/en/account/"), answer.read()
    assert "Secure" in answer.getheader("Set-Cookie")

    # A visitor whose form is half sent when the site is told to stop is still answered.
    slow = connect(path)
    slow.putrequest("POST", "/en/account/login/")
    for name, value in (headers | {"Expect": "100-continue"}).items():
        slow.putheader(name, value)
    slow.endheaders()
    assert slow.sock.recv(100).startswith(b"HTTP/1.1 100 Continue")
    process.send_signal(signal.SIGTERM)
    slow.send(typed.encode())
    assert slow.getresponse().status == 302
    assert process.wait(timeout=60) == 0


SAVE = """
import os
from pathlib import Path
os.umask(0o022)
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
small = ContentFile(b"x")
large = TemporaryUploadedFile("large.pdf", "application/pdf", 1, None)
for name, file in (("documents/small.pdf", small), ("documents/large.pdf", large)):
    path = Path(default_storage.path(default_storage.save(name, file)))
    print(oct(path.stat().st_mode & 0o777), oct(path.parent.stat().st_mode & 0o777))
"""


def test_no_other_user_of_the_machine_reads_what_was_uploaded(tmp_path: Path) -> None:
    variables = environment(tmp_path) | {"DJANGO_SETTINGS_MODULE": "coopdir.settings"}
    told = subprocess.run(
        [sys.executable, "-c", SAVE], cwd=settings.BASE_DIR, env=variables, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["0o600", "0o700"] * 2


def test_the_web_server_hands_out_no_files_but_those_of_the_certificate() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert re.findall(r"\b(?:root|alias)\s+(\S+);", text) == ["/var/www/html"]


@pytest.mark.django_db
def test_a_unit_that_failed_is_told(mailoutbox: list, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="Nobody to tell: set ALERT_EMAIL"):
        call_command("report_failure", "coopdir-backup.service")
    settings.ALERT_EMAIL = ["night@coopdir.example"]
    call_command("report_failure", "coopdir-backup.service")
    settings.ALERT_EMAIL = []
    person("boss", is_superuser=True), person("officer")
    call_command("report_failure", "coopdir-backup.service")
    assert [mail.to for mail in mailoutbox] == [["night@coopdir.example"], ["boss@example.org"]]
    assert "journalctl -u coopdir-backup.service" in mailoutbox[0].body


def test_every_service_but_that_one_tells_when_it_has_failed() -> None:
    for path in DEPLOY.glob("*.service"):
        told = unit(path.name).get("OnFailure")
        assert told == (None if path.name == "coopdir-failed@.service" else "coopdir-failed@%n.service"), path
    for name in ("coopdir.service", "coopdir-worker.service"):
        assert unit(name)["StartLimitIntervalSec"] == "0"
    assert unit("coopdir-worker.service")["Restart"] == "always"
