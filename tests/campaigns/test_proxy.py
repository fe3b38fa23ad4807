"""The site behind a real nginx, set up by `deploy/nginx.conf`: who gets which page, and what while nobody answers."""

import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.test import Client, RequestFactory

from partnerships.editing import merge, workflow
from partnerships.models import Town
from tests import factories as f
from tests.campaigns import share
from tests.campaigns.sites import gunicorn
from tests.test_deploy import HOST, ask

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed: apt install nginx-light"),
]

ROUNDS = share(whole=20, small=2)
TOLD = "You have signed out of everything."


class Web:
    """A visitor's way to the site, through nginx."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, host: str = HOST, **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer."""
        speaking = HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        speaking.request("GET", path, headers={"Host": host} | named)
        answer = speaking.getresponse()
        content = answer.read()
        speaking.close()
        return answer.status, dict(answer.getheaders()), content.decode(errors="replace")


@contextmanager
def nginx(folder: Path, site: Path) -> Iterator[Web]:
    """A running nginx: the file of deploy/ without its certificate, on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"^server \{\n    listen 80;.*?^\}\n", "", text, count=1, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^ *(listen \[::\]|ssl_).*\n", "", text, flags=re.MULTILINE)
    for here, there in {
        "listen 443 ssl http2": f"listen 127.0.0.1:{port}",
        "X-Forwarded-Proto $scheme": "X-Forwarded-Proto https",
        "/run/coopdir.sock": str(site),
        "/var/cache/coopdir": str(folder / "kept"),
        f"server_name {HOST}": f"server_name {HOST} localhost",
    }.items():
        assert here in text
        text = text.replace(here, there)
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if folder.owner() == "root" else ""
    file = folder / "nginx.conf"
    file.write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}"
        f" http {{ access_log off; {places}\n{text}\n}}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(file), "-p", str(folder)])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                Event().wait(0.05)
        yield Web(port)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Web, Path, Callable[[], None]]]:
    """The whole: nginx, the site's socket, and how to stop the site."""
    with (
        gunicorn(tmp_path, "--workers", "1", ALLOWED_HOSTS=f"{HOST},localhost", MFA_REQUIRED_ROLES="") as (
            path,
            process,
        ),
        nginx(tmp_path, path) as web,
    ):

        def stop() -> None:
            process.kill()
            process.wait()
            path.unlink()

        yield web, path, stop


def test_whom_nginx_turns_away_hears_when_to_come_back(tmp_path: Path) -> None:
    with nginx(tmp_path, tmp_path / "nobody.sock") as web, ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _number: web.get("/en/"), range(300)))
    told = {(status, headers.get("Retry-After")) for status, headers, _text in answers}
    assert told == {(503, "60"), (429, "5")}


@contextmanager
def without_database() -> Iterator[None]:
    """Nobody is let in but this test, and nobody stays."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()
    with connection._nodb_cursor() as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s", [name, own]
            )
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def shares_left(web: Web) -> Iterator[int]:
    """How many seconds of work one address has left after each of many calls that name others."""
    for number in range(1_000):
        status, headers, _page = web.get("/api/v1/towns", X_Forwarded_For=f"203.0.113.{number % 250}")
        if status == 429:  # nginx, which counts calls
            Event().wait(0.2)
        else:
            yield int(headers["RateLimit-Remaining"])


def test_what_is_kept_and_for_whom(site: tuple[Web, Path, Callable[[], None]], administrator: User) -> None:
    web, socket_path, stop = site
    record = f.agreement(f.town("Dijon"), f.town("Mainz", "DE"))
    erased = f.organisation()
    merged, winner = f.town("Metz"), f.town("Metz-Ville")
    page, list_page = f"/en/agreements/{record.address}/", "/en/agreements/"

    # Nobody gets what was made for another.
    known = Client()
    known.force_login(administrator)
    told = CookieStorage(RequestFactory().get("/"))._encode([Message(20, TOLD)])
    cookies = {"logout": f"sessionid={known.cookies['sessionid'].value}", TOLD: f"messages={told}"}
    for number in range(ROUNDS):
        for url in (list_page, page, "/en/", "/fr/map/", "/en/account/login/"):
            for mark, cookie in cookies.items():
                question = f"{url}?page={number}-{len(mark)}"
                order = (cookie, "") if number % 2 else ("", cookie)
                shown = {brought: web.get(question, **({"Cookie": brought} if brought else {})) for brought in order}
                assert mark not in shown[""][2], question
                if "login" not in url:
                    assert mark in shown[cookie][2], question
                assert mark not in web.get(question)[2], question
    assert "no-store" in web.get(list_page, Cookie=cookies["logout"])[1]["Cache-Control"]
    assert "Set-Cookie" in web.get("/en/account/login/")[1]
    first, second = (web.get("/en/account/login/")[1]["Set-Cookie"] for _ in range(2))
    assert first != second
    for language, brought in (("fr", "fr-FR,fr;q=0.9"), ("en", "en"), ("fr", "fr")):
        assert web.get("/", Accept_Language=brought)[1]["Location"] == f"/{language}/"
    for host in (HOST, "localhost", HOST):
        assert f"<https://{host}/agreements.csv>" in web.get(list_page, host)[1]["Link"]
    assert web.get(list_page, Accept_Encoding="gzip")[1]["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in web.get(list_page, Accept_Encoding="identity")[1]

    # Who speaks through a proxy of their own is still counted as where they come from.
    left = shares_left(web)
    begun = next(left)
    assert any(now < begun for now in left)
    own = [
        ask(
            socket_path,
            "GET",
            "/api/v1/towns",
            None,
            {"X-Forwarded-Proto": "https", "X-Forwarded-For": f"203.0.113.{n}"},
        )
        for n in range(3)
    ]
    assert len({answer.getheader("RateLimit-Remaining") for answer in own}) == 1

    # What is withdrawn or erased is gone while the site lives.
    gone_page, merged_page = f"/en/organisations/{erased.address}/", f"/en/towns/{merged.address}/"
    assert [web.get(one)[0] for one in (page, gone_page, merged_page)] == [200] * 3
    merge.merge_records(by=administrator, loser=merged, winner=winner)
    workflow.withdraw(by=administrator, agreement=record, reason="There was none.")
    erased.delete()
    Event().wait(6)  # too old to be shown, and asked for by many at once: nobody is given what was there before
    for one, status in ((page, 410), (gone_page, 404), (merged_page, 301)):
        with ThreadPoolExecutor(12) as visitors:
            assert {found[0] for found in visitors.map(web.get, [one] * 36)} == {status}

    # Without a database.
    town = Town.objects.first()
    stays, new = f"/en/towns/{town.address}/", f"/fr/towns/{town.address}/"
    assert web.get(stays)[0] == 200
    Event().wait(6)  # older than it may be shown while the site lives
    with without_database():
        assert web.get(stays)[0] == 200
        assert web.get(page)[0] == 410
        status, headers, text = web.get(new)
        assert (status, headers["Retry-After"], headers["Content-Language"]) == (503, "30", "fr")
        assert "Indisponible pour un moment" in text
        assert web.get(stays, Cookie=cookies["logout"])[0] == 503
        assert web.get("/api/v1/towns")[1]["Content-Type"] == "application/problem+json"
        assert web.get("/healthz")[0] == 200
    assert web.get(new)[0] == 200
    assert "logout" in web.get(stays, Cookie=cookies["logout"])[2]
    Town.objects.filter(pk=town.pk).update(population=54321)
    Event().wait(6)
    assert "54,321" in web.get(stays)[2]

    # Without the site.
    stop()
    Event().wait(6)
    assert "54,321" in web.get(stays)[2]
    status, headers, text = web.get("/en/countries/")
    assert (status, headers["Retry-After"]) == (503, "60")
    assert "ne répond pas" in text
    assert web.get(stays, Cookie=cookies["logout"])[0] == 503
