"""Who sends slowly hinders nobody: the site behind a real nginx, set up by `deploy/nginx.conf`."""

import shutil
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.campaigns import share
from tests.campaigns.sites import gunicorn
from tests.campaigns.test_proxy import Web, nginx
from tests.test_deploy import HOST

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed: apt install nginx-light"),
]

ADDRESSES, EACH = share(whole=16, small=6), 20
"""Addresses of the net that send slowly, and how many connections each has; nginx lets an address have thirty."""
ROUNDS = share(whole=60, small=5)
LONGEST = 10
"""Seconds that a page may take meanwhile; a thread that waits for a body would wait for all of the campaign."""
GIVEN_UP = 15
"""Seconds without a byte after which nginx gives a sender up (`client_body_timeout`)."""
HEAD = f"POST /en/account/login/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BODY = 1_000
PAGES = ("/healthz", "/en/", "/en/agreements/", "/agreements.csv")


def slow_senders(stack: ExitStack, port: int) -> list[socket.socket]:
    """Connections from other addresses of this machine: half of them in the body, half still in the head."""
    found = []
    for number in range(ADDRESSES * EACH):
        address = (f"127.0.0.{2 + number // EACH}", 0)
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30, address))
        more = f"Content-Length: {BODY}\r\n\r\na" if number % 2 else "X-Odd: "
        connection.sendall((HEAD + more).encode())
        found.append(connection)
    return found


def waited(web: Web) -> float:
    """Seconds that the slowest page took; all are answered."""
    slowest = 0.0
    for page in PAGES:
        began = time.monotonic()
        assert web.get(page)[0] == 200, page
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def answered(connection: socket.socket) -> int:
    """The status of what a sender is told; 0 where the connection is only closed."""
    connection.settimeout(2 * GIVEN_UP)
    with suppress(ConnectionError):
        told = connection.recv(1_000)
        return int(told[9:12]) if told else 0
    return 0


def test_reading_goes_on_while_many_send_slowly(tmp_path: Path) -> None:
    with (
        gunicorn(tmp_path, MFA_REQUIRED_ROLES="") as (path, process),
        nginx(tmp_path, path) as web,
        ExitStack() as held,
    ):
        alone = max(waited(web) for _ in range(3))
        senders = slow_senders(held, web.port)
        slowest = 0.0
        for _ in range(ROUNDS):
            for sender in senders:
                with suppress(ConnectionError):  # who does not come to the end of the head is given up already
                    sender.sendall(b"a")
            slowest = max(slowest, waited(web))
        # Who comes to an end after all is answered as anybody else: here, that the form is none of ours.
        senders[1].sendall(b"a" * (BODY - 1 - ROUNDS))
        assert answered(senders[1]) == 403
        # The others send nothing more.
        began = time.monotonic()
        statuses = {answered(sender) for sender in senders if sender is not senders[1]}
        print(
            f"\n{len(senders)} slow senders: pages took {slowest:.1f} s at most, alone {alone:.1f} s;"
            f" given up {time.monotonic() - began:.0f} s after their last byte: {sorted(statuses)}"
        )
        assert slowest < LONGEST
        assert statuses <= {0, 408}
        assert process.poll() is None
