"""What no browser sends, byte by byte: to the site as its units start it, and through the real nginx that stands before
it. Broken requests are refused, and the site answers afterwards.

The campaign prints its seed and counts by status; ``RAW_SEED`` makes the same requests again.
"""

import os
import random
import re
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from subprocess import Popen

import pytest

from tests.campaigns import share
from tests.campaigns.sites import gunicorn
from tests.campaigns.test_proxy import nginx
from tests.test_deploy import HOST, ask

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

REQUESTS = share(whole=5_000, small=300)
SEED = os.environ.get("RAW_SEED") or str(random.SystemRandom().randrange(10**6))
PROPER = (501, 505)
"""What RFC 9110 has for transfer codings and versions that a server does not know."""
TOGETHER = 8
"""Requests at the same time."""
WAITED = 3
"""Seconds without a word after which a connection is given up: what is not whole is waited for by nginx."""
ADDRESSES = 200
"""Addresses of this machine that ask: the web server slows down who asks too fast."""

LINES = (
    b"GET / HTTP/1.1",
    b"GET /en/agreements/ HTTP/1.1",
    b"POST /en/account/login/ HTTP/1.1",
    b"GET  / HTTP/1.1",
    b"GET /",
    b"GET / HTTP/9.9",
    b"GET / HTTP/1.0",
    b"GET http://x/ HTTP/1.1",
    b"GET * HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"\x16\x03\x01",
    b"CONNECT x:1 HTTP/1.1",
    b"GET /\x00 HTTP/1.1",
    b"GET /\xff\xfe HTTP/1.1",
    b"GET /%00%zz%FF HTTP/1.1",
    b"get / http/1.1",
    b"GET /" + b"a" * 5_000 + b" HTTP/1.1",
    b"GET /" + b"a" * 50_000 + b" HTTP/1.1",
    b"PRI * HTTP/2.0",
    b"G\xc3\x89T / HTTP/1.1",
    b"POST /api/v1/agreements HTTP/1.1",
    b"POST /en/propose/town/T1/ HTTP/1.1",
    b"HEAD /agreements.csv HTTP/1.1",
    b"",
    b"GET /ogc/collections/towns/items?bbox=" + b"1," * 1_500 + b" HTTP/1.1",
    b"GET //example.org/ HTTP/1.1",
    b"GET /..//../ HTTP/1.1",
)
FIELDS = (
    b"Host: " + HOST.encode(),
    b"Host: a",
    b"Host:",
    b"Host: a\r\nHost: b",
    b"X-Forwarded-Proto: https",
    b"X: " + b"a" * 9_000,
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: +5",
    b"Content-Length: 5, 6",
    b"Content-Length: " + b"9" * 30,
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: chunked, identity",
    b"Expect: 100-continue",
    b"Expect: nothing",
    b"Connection: close",
    b"Connection: upgrade\r\nUpgrade: websocket",
    b": x",
    b"X\x00: y",
    b"X Y: z",
    b" folded",
    b"X: \xff\xfe",
    b'Cookie: sessionid="\\000aaaaaaaa"',
    b"Content-Type: multipart/form-data; boundary=\xff",
    b"Script_Name: /x",
    b"Content-Type: application/json",
    b"Content-Type: application/x-www-form-urlencoded; charset=hex",
    b"Proxy: http://x",
    b"X_Forwarded_For: 1",
    b"\r\n".join(b"X-%d: 1" % number for number in range(150)),
    b"Content-Encoding: gzip",
)
BODIES = (
    b"",
    b"a=b&c",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\nhello",
    b"ffffffffffffffffff\r\n",
    b"{",
    b"\x00" * 100,
    b"GET / HTTP/1.1\r\n\r\n",
)
ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r")


def request(number: int) -> bytes:
    """The request with a number."""
    luck = random.Random(f"{SEED}:{number}")
    if luck.random() < 0.1:
        return luck.randbytes(luck.choice((1, 30, 9_000)))
    end = luck.choice(ENDS)
    head = [luck.choice(LINES), *luck.sample(FIELDS, luck.choice((0, 1, 2, 4)))]
    if luck.random() < 0.7:
        head += [FIELDS[0], b"X-Forwarded-Proto: https"]
    return end.join(head) + end * 2 + luck.choice(BODIES)


def answer(connection: socket.socket, sent: bytes, *, last: bool) -> bytes:
    """What is answered; empty where it only hangs up, or says nothing. `last` tells that nothing more will be sent."""
    told = b""
    with connection:
        connection.settimeout(WAITED)
        with suppress(OSError):
            connection.sendall(sent)
            if last:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(60_000):
                told += part
    return told


def statuses_of(told: bytes) -> list[int]:
    """The statuses of all answers on a connection; 0 without any."""
    return [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", told, re.MULTILINE)] or [0]


def campaign(ask_raw: Callable[[int, bytes], bytes], way: str) -> None:
    """Send everything; nothing is answered with a fault of the site."""
    with ThreadPoolExecutor(TOGETHER) as together:
        answers = list(together.map(lambda number: statuses_of(ask_raw(number, request(number))), range(REQUESTS)))
    counts = Counter(status for statuses in answers for status in statuses)
    print(f"\n{way}, seed {SEED}: " + ", ".join(f"{status}: {count}" for status, count in sorted(counts.items())))
    wrong = [
        f"RAW_SEED={SEED} number {number}: {status} to {request(number)[:600]!r}"
        for number, statuses in enumerate(answers)
        for status in statuses
        if status >= 500 and status not in PROPER
    ]
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:20])
    assert counts[400] > REQUESTS / 3  # most are told what is wrong


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, Popen]]:
    """The running site: its socket and its process."""
    with gunicorn(tmp_path, MFA_REQUIRED_ROLES="") as found:
        yield found


def test_broken_requests_are_refused(site: tuple[Path, Popen]) -> None:
    path, process = site

    def ask_raw(number: int, sent: bytes) -> bytes:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(str(path))
        return answer(connection, sent, last=True)

    campaign(ask_raw, "gunicorn")
    assert process.poll() is None
    assert ask(path, "GET", "/readyz").status == 200


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed: apt install nginx-light")
def test_broken_requests_are_refused_by_the_web_server(site: tuple[Path, Popen], tmp_path: Path) -> None:
    path, process = site
    with nginx(tmp_path, path) as web:

        def ask_raw(number: int, sent: bytes) -> bytes:
            source = (f"127.0.1.{1 + number % ADDRESSES}", 0)
            connection = socket.create_connection(("127.0.0.1", web.port), 30, source)
            return answer(connection, sent, last=False)  # who sends nothing more has gone, for nginx

        campaign(ask_raw, "nginx")
        assert process.poll() is None
        assert web.get("/en/")[0] == 200
