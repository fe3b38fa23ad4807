"""One locked row, and many who want to write it: reading goes on, and everybody is told something."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from core.database.contention import lock_rows
from tests import factories as f
from tests.campaigns import share
from tests.campaigns.sites import gunicorn
from tests.test_deploy import HOST, PROXIED, ask

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

ROUNDS = share(whole=10, small=1)
SAVES = 20


def timed(path: Path, method: str, url: str, *more: object) -> tuple[float, HTTPResponse, str]:
    began = time.monotonic()
    answer = ask(path, method, url, *more)
    text = answer.read().decode()
    return time.monotonic() - began, answer, text


def test_reading_goes_on_while_saves_wait(tmp_path: Path, administrator: User) -> None:
    record = f.agreement(f.town("Dijon"), f.town("Mainz", "DE"))
    browser = Client()
    browser.force_login(administrator)
    url, token = f"/en/my/agreements/{record.reference}/verify/", "a" * 32
    sent = urlencode({"csrfmiddlewaretoken": token, "on": "2026-01-01"})
    headers = PROXIED | {
        "Cookie": f"sessionid={browser.cookies['sessionid'].value}; csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(sent)),
        "Referer": f"https://{HOST}{url}",
    }
    slowest, saved = 0.0, Counter[int]()
    with gunicorn(tmp_path, MFA_REQUIRED_ROLES="") as (path, _process), ThreadPoolExecutor(SAVES) as pool:
        for page in ("/en/agreements/", f"/en/agreements/{record.address}/"):
            for _ in range(6):  # each process has looked at it once
                assert ask(path, "GET", page).status == 200
        for _ in range(ROUNDS):
            with transaction.atomic():
                lock_rows(type(record), [record.pk])
                saves = [pool.submit(timed, path, "POST", url, sent, headers) for _ in range(SAVES)]
                while not all(save.done() for save in saves):
                    for page in ("/healthz", "/en/agreements/", f"/en/agreements/{record.address}/"):
                        seconds, answer, _text = timed(path, "GET", page)
                        assert answer.status == 200
                        slowest = max(slowest, seconds)
            for _seconds, answer, text in (save.result() for save in saves):
                saved[answer.status] += 1
                assert (answer.status, bool(answer.getheader("Retry-After"))) == (503, True), text
                assert "Nothing was stored." in text
            again = [pool.submit(timed, path, "POST", url, sent, headers) for _ in range(4)]
            assert {save.result()[1].status for save in again} == {302}
    print(f"\n{ROUNDS} rounds of {SAVES} saves: {dict(saved)}; the slowest page took {slowest:.2f} s meanwhile")
    assert slowest < 3  # nobody has waited behind a save
    record.refresh_from_db()
    assert record.verified_on is not None
