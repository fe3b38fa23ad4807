"""Whom to tell of a weakness: RFC 9116."""

import datetime
import re

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

pytestmark = pytest.mark.django_db

ADDRESS = "/.well-known/security.txt"


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("security@example.org", "mailto:security@example.org"),
        ("https://example.org/report", "https://example.org/report"),
    ],
)
def test_whom_to_tell(client: Client, settings: LazySettings, contact: str, told: str) -> None:
    settings.SECURITY_CONTACT, settings.SITE_URL = contact, "https://coopdir.example.org"
    answer = client.get(ADDRESS)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(re.findall(r"^([A-Za-z-]+): (.+)$", answer.text, re.MULTILINE))
    assert fields["Contact"] == told
    assert fields["Canonical"] == f"https://coopdir.example.org{ADDRESS}"
    assert fields["Preferred-Languages"] == "en, fr"
    assert len(answer.text.splitlines()) == len(fields)


def test_it_never_runs_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for days in (0, 400):
        day = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC) + datetime.timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda day=day: day)
        expires = re.search(r"^Expires: (\S+)$", client.get(ADDRESS).text, re.MULTILINE)
        assert expires
        left = datetime.datetime.fromisoformat(expires[1]) - day
        assert datetime.timedelta(days=170) < left < datetime.timedelta(days=365)
