"""Mail while the mail server is away, refuses, hangs and hangs up, and while workers are killed: no page notices, every
mail arrives once, and what is given up is told as such."""

import datetime
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.utils import timezone

from core import spam
from partnerships.mail import outbox
from partnerships.models import OutgoingMail
from tests import factories as f
from tests.accounts import person
from tests.campaigns import share
from tests.smtp import MailServer
from tests.test_deploy import environment

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

MAILS = share(whole=400, small=24)
ROUND = 8
"""Mails that are written while one worker lives."""
MOODS = ("", "", "busy", "later", "drop", "hang")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server, which anything would reach that sends mail past the outbox; this process sends nothing itself."""
    monkeypatch.setattr(outbox, "send_due", lambda: 0)
    monkeypatch.setattr(spam, "FASTEST", datetime.timedelta(seconds=-1))
    server = MailServer()
    with override_settings(**server.settings):
        yield server
    server.stop()


@pytest.fixture
def worker(server: MailServer, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen]]:
    """Starts the background worker as a process of its own."""
    told = environment(tmp_path) | {
        "DJANGO_SETTINGS_MODULE": "tests.campaigns.mail_settings",
        "MAIL_PORT": str(server.port),
    }
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "manage.py", "db_worker", "--skip-checks", "--no-startup-delay", "--no-reload"]
        with (tmp_path / "worker.log").open("a") as log:
            process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=told, stdout=log, stderr=log)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait(seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
    """Wait until something is so, for some seconds at most; gives whether it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if until():
            return True
        time.sleep(0.05)
    return False


def test_every_mail_arrives_once_whatever_the_mail_server_does(
    server: MailServer, worker: Callable[[], subprocess.Popen]
) -> None:
    chance = random.Random(15)
    dijon = f.town("Dijon", territory=f.territory("FR-BFC"))
    officer = f.officer("officer", f.territory("FR-BFC"))
    slowest, written, kills, refused = 0.0, 0, 0, 0

    def page(number: int) -> None:
        """Somebody does what is told by mail; every fifth address does not exist, or does not want it."""
        nonlocal slowest, refused
        name = chance.choice(("nobody", "spam")) if number % 5 == 0 else "reader"
        refused += name != "reader"
        user: User = person(f"{name}+{number}")
        browser = Client(REMOTE_ADDR=f"192.0.{number // 250}.{number % 250}")
        began = time.monotonic()
        if number % 3:
            answer = browser.post("/en/account/password/reset/", {"email": user.email})
        else:
            browser.force_login(officer)
            record = f.agreement(dijon, f.town(code="DE"))
            fields = {"party": record.parties.last().pk, "email": user.email, "language": "en"}
            answer = browser.post(f"/en/my/agreements/{record.reference}/confirm/", fields)
        slowest = max(slowest, time.monotonic() - began)
        assert answer.status_code == 302

    Client().get("/en/account/password/reset/")  # what is read once for each process is read
    with override_settings(ACCOUNT_RATE_LIMITS=settings.ACCOUNT_RATE_LIMITS | {"ask_partner": "9999/h/user"}):
        while written < MAILS:
            process = worker()
            away = chance.random() < 0.3
            if not away:
                server.mood = lambda: chance.choice(MOODS)
                server.start()
            for _each in range(ROUND):
                written += 1
                page(written)
            taken = sum(server.taken.values())
            # Killed wherever it stands, as a rule in the middle of a mail.
            wait(10 if not away else 2, until=lambda before=taken: sum(server.taken.values()) > before + 1)
            wait(chance.random())
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
            process.wait()
            server.stop()
            outbox.waiting().update(next_try=timezone.now())  # as if the pauses and the leases were over

    server.mood = str
    server.start()
    worker()
    assert wait(60, until=lambda: not outbox.waiting().exists()), "mails are left"

    rows = {str(one.message_id): one for one in OutgoingMail.objects.all()}
    taken = {key.strip("<>").partition("@")[0]: times for key, times in server.taken.items()}
    twice = {key for key, times in taken.items() if times > 1}
    states = [one.state for one in rows.values()]
    print(
        f"\n{written} pages wrote {len(rows)} mails; {states.count('sent')} arrived, {len(twice)} of them twice after"
        f" {kills} kills, {states.count('given_up')} were given up; the slowest page took {slowest:.2f} s"
    )
    assert len(rows) == written
    assert set(taken) == {key for key, one in rows.items() if one.state == "sent"}
    assert len(twice) <= kills, "only a mail that a killed worker had just handed over comes again"
    assert all(times <= 1 + kills for times in taken.values())
    assert states.count("given_up") == refused
    for one in rows.values():
        assert (one.state == "given_up") == one.to.startswith(("nobody", "spam"))
        assert bool(one.last_error) == (one.state == "given_up")
        assert one.body == ""
