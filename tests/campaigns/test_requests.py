"""Thousands of requests that nobody means, over every route: each is answered, in words, and within ten seconds.

What each of them wrote is undone, so that the next one finds the same records. The campaign prints its seed, counts by
status, and how to make a request that found something again: ``REQUESTS_SEED`` and ``REQUESTS_ONLY`` (its number).
"""

import io
import logging
import os
import random
import sys
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from coopdir.wsgi import LenientRequest
from core import shares, work
from core.imports.models import ImportBatch, ImportProfile
from core.lists.formats import FILE_FORMATS
from partnerships import models as p
from partnerships.editing import uploads
from partnerships.mail.signed_links import CONFIRMATION, DIGEST, INVITATION, PROPOSAL
from partnerships.people import tokens
from tests import factories as f
from tests.campaigns import share
from tests.core.lists.test_files import world as everything
from tests.forms import forms_of
from tests.fuzzing import Made, Maker
from tests.importing import load_file, table

pytestmark = [pytest.mark.long, pytest.mark.django_db]

world = everything  # a fixture

REQUESTS = share(whole=20_000, small=3_000)
SEED = os.environ.get("REQUESTS_SEED") or str(random.SystemRandom().randrange(10**6))
LONGEST = 10
"""Seconds of work (`core.work`) that an answer may take."""
FOUND = 25
"""Failures after which it is not worth going on."""


@pytest.fixture
def people(world: dict[str, Any], administrator: User) -> dict[str, User | None]:
    """Who asks."""
    here = world["territories"]
    roles = ("contributor", "officer", "coordinator")
    return {"anonymous": None, "administrator": administrator} | {
        role: f.officer(role, here, role=role) for role in roles
    }


def docx() -> bytes:
    """The least that is a DOCX file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", f"<Types>{uploads.DOCX}.main+xml</Types>")
        parts.writestr("word/document.xml", "<w:document/>")
    return file.getvalue()


@pytest.fixture
def files(world: dict[str, Any]) -> dict[str, bytes]:
    """Files that are sent."""
    browser = Client()
    names = ("towns.xlsx", "towns.ods", "agreements.csv")
    taken = {name: b"".join(browser.get(f"/{name}").streaming_content) for name in names}
    return taken | {"a.pdf": b"%PDF-1.4", "a.docx": docx(), "\u202e.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "a": b"\0"}


@pytest.fixture
def known(world: dict[str, Any], people: dict[str, User | None]) -> dict[str, list[str]]:
    """Right values of the parts of addresses, and of parameters, by their names."""
    officer, contributor = people["officer"], people["contributor"]
    draft = f.make(p.Agreement)
    withdrawn = f.agreement(publication="withdrawn")
    merged = f.town(publication="withdrawn", merged_into=world["towns"])
    agreement = world["agreements"]
    submission = f.make(p.Submission, territories=[world["territories"].pk], author=contributor)
    batch = load_file("towns", table({"name": "Dole", "country": "FR"}), user=officer).batch
    waiting = ImportBatch.objects.create(
        resource="towns", file_name="towns.csv", file=ContentFile(b"name,country\nDole,FR\n", "towns.csv"),
        source_licence="CC0-1.0", headers=["name", "country"], status="uploaded", user=officer,
    )  # fmt: skip
    attached = f.make(p.Attachment, agreement=agreement, file=ContentFile(b"%PDF-", "a.pdf"))
    confirmation = f.make(p.Confirmation, party=agreement.parties.last(), expires_at=timezone.now())
    invitation = f.make(p.Invitation, territory=world["territories"], invited_by=officer)
    numbered = [
        agreement, draft, world["towns"], submission, attached, officer, invitation, f.make(p.FormDraft, user=officer),
        f.make(p.ApiToken, user=officer), f.make(p.Mandate, territory=world["territories"]), world["milestones"],
        f.make(p.Merge, loser=merged.reference, winner=world["towns"].reference,
               moved={"steps": [], "also": [], "territories": [["FR-BFC"], ["FR-BFC"]]}),
        f.make(ImportProfile, user=officer), people["administrator"],
    ]  # fmt: skip
    records = [*(record for record in world.values() if hasattr(record, "reference")), draft, withdrawn, merged]
    references = [record.reference for record in (*records, batch, waiting)]
    keys = [PROPOSAL.key(submission.pk), CONFIRMATION.key(confirmation.pk), DIGEST.key(officer.pk)]
    return {
        "address": [record.address for record in records if hasattr(record, "address")],
        "reference": [*references, "agreements", "FR"],
        "code": [*references, "fr", "ml", "de", "FR-BFC", "FR-21", "home", "map"],
        "first": ["fr", "ml", "de"],
        "second": ["fr", "ml", "de"],
        "pk": [str(record.pk) for record in numbered],
        "object_id": [str(record.pk) for record in numbered],
        "content_type_id": ["1", "7"],
        "key": [*keys, INVITATION.key(invitation.pk), "1.unsigned"],
        "uidb36": ["1", "zz"],
        "kind": ["agreement", "town", "organisation", "network", "list", "country", "territory", "supportbody"],
        "form": [*FILE_FORMATS, "ttl", "jsonld"],
        "name": ["towns", "agreements", "memberships", "a.csv", "csv.zip"],
        "section": ["agreements", "towns", "networks"],
        "number": ["0", "1"],
        "version": ["latest"],
        "language": ["en", "fr"],
        "path": ["v1/", "v2/", "v1/towns/x"],
        "url": ["x", "partnerships/"],
        "app_label": ["partnerships", "networks", "auth"],
        "at": [timezone.now().isoformat(), agreement.created_at.isoformat()],
        "changed_since": ["2020-01-01"],
        "with": references,
        "country": ["FR", "ML", "DE"],
        "territory": ["FR-BFC", "FR-21"],
        "sort": ["-signed", "name", "-name"],
        "view": ["list", "table", "map", "figures", "download"],
        "format": list(FILE_FORMATS),
        "fields": ["reference", "parties"],
        "expand": ["parties", "sources"],
        "bbox": ["-5,42,8,51"],
        "datetime": ["1986-05-24/2026-11-24"],
    }


class Site:
    """The site, asked as several people; everybody's cookies are as they were before each request."""

    def __init__(self, people: dict[str, User | None]) -> None:
        self.clients: dict[str, Client] = {}
        self.cookies: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}
        self.raised: list[BaseException] = []
        self.shown: dict[str, list[list[tuple[str, str]]]] = {}
        for name, user in people.items():
            client = Client(raise_request_exception=False)
            if user is not None:
                client.force_login(user)
                if mandate := user.mandates.first():
                    self.tokens[f"{name} by token"] = tokens.create_token(by=user, mandate=mandate, name="campaign")[1]
            self.clients[name] = client
            self.cookies[name] = {key: morsel.value for key, morsel in client.cookies.items()}
        got_request_exception.connect(self._noted)

    def _noted(self, **kwargs: Any) -> None:
        self.raised.append(sys.exc_info()[1])

    def close(self) -> None:
        """Ask no more."""
        got_request_exception.disconnect(self._noted)

    @property
    def names(self) -> list[str]:
        """Who can ask: people, and programs of theirs."""
        return sorted([*self.clients, *self.tokens])

    def forms(self, path: str) -> list[list[tuple[str, str]]]:
        """The forms of a page, as the administrator is shown them; none, where there is no such page."""
        if path not in self.shown:
            response, content = self.ask(Made("administrator", "GET", path))
            is_page = response.status_code == 200 and response["Content-Type"].startswith("text/html")
            self.shown[path] = forms_of(content.decode()) if is_page else []
        return self.shown[path]

    def ask(self, made: Made) -> tuple[HttpResponseBase, bytes]:
        """The answer to a request, read to its end; what it wrote is undone."""
        client = self.clients[made.who.removesuffix(" by token")]
        client.cookies.clear()
        headers = dict(made.headers)
        if made.who in self.tokens:
            headers.setdefault("Authorization", f"Bearer {self.tokens[made.who]}")
        else:
            client.cookies.load(self.cookies[made.who])
        if "Cookie" in headers:
            client.cookies.clear()
        with transaction.atomic():
            response = client.generic(
                made.method, "/", made.body, made.content_type, headers=headers, PATH_INFO=path_info(made.path),
                QUERY_STRING=made.query,
            )  # fmt: skip
            content = b"".join(response) if response.streaming else response.content
            transaction.set_rollback(True)
        return response, content


def path_info(path: str) -> str:
    """A path as WSGI has it: bytes as letters of Latin-1."""
    return unquote_to_bytes(path).decode("latin-1")


@pytest.fixture
def site(people: dict[str, User | None], known: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Site]:
    """The site; nobody's share is ever used up, and nothing is tried too often."""
    shares.reset_shares()
    logging.disable(logging.CRITICAL)  # what goes wrong is told at the end
    monkeypatch.setattr(shares, "ANYBODY", 10**9)
    monkeypatch.setattr(shares, "BY_TOKEN", 10**9)
    monkeypatch.setattr("django.test.client.WSGIRequest", LenientRequest)  # as the server makes them
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(settings.ACCOUNT_RATE_LIMITS, "1000000000/d/ip")
    found = Site(people)
    yield found
    found.close()
    logging.disable(logging.NOTSET)


def fault(response: HttpResponseBase, content: bytes, took: float) -> str:
    """What is wrong with an answer, if anything."""
    if response.status_code >= 500 and not (response.status_code == 503 and "Retry-After" in response):
        return f"status {response.status_code}"
    if took > LONGEST:
        return f"{took:.1f} s"
    silent = response.request["REQUEST_METHOD"] == "HEAD" or response.status_code == 412  # which programs cause alone
    if response.status_code >= 400 and not content and not silent:
        return f"status {response.status_code} without a word"
    path = response.request["PATH_INFO"]
    if response.status_code >= 400 and path.startswith(("/api/", "/ogc/")) and content:
        kind = response.get("Content-Type", "")
        return "" if kind == "application/problem+json" else f"status {response.status_code} as {kind}"
    return ""


def test_every_request_is_answered(site: Site, known: dict[str, list[str]], files: dict[str, bytes]) -> None:
    maker = Maker(SEED, known, site.names, site.forms, files)
    only = os.environ.get("REQUESTS_ONLY")
    statuses: Counter[int] = Counter()
    failures: dict[str, str] = {}
    slowest = (0.0, "")
    begun = work.done()
    for number in range(REQUESTS) if only is None else [int(only)]:
        made = maker.request(number)
        site.raised.clear()
        began = work.done()
        try:
            response, content = site.ask(made)
        except Exception as error:  # in the middle of an answer
            site.raised.append(error)
            wrong = "fails while it is answered"
        else:
            took = work.done() - began
            statuses[response.status_code] += 1
            slowest = max(slowest, (took, str(made)))
            wrong = fault(response, content, took)
        if wrong:
            fault_of = " ".join([wrong, *map(raised_where, site.raised[-1:])])
            if fault_of not in failures:  # each is told once
                failures[fault_of] = f"REQUESTS_SEED={SEED} REQUESTS_ONLY={number}\n{made}"
                print(f"\n{fault_of} {site.raised[-1:]!r:.400}\n{failures[fault_of]}", flush=True)
        if len(failures) >= FOUND:
            break
    print(
        f"\nseed {SEED}: {statuses.total()} requests over {len(maker.routes)} routes, {len(site.shown)} pages read\n"
        + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        + f"\n{work.done() - begun:.0f} s of work; slowest: {slowest[0]:.1f} s, {slowest[1]}"
    )
    assert not failures, "\n".join(f"{wrong}\n{told}" for wrong, told in failures.items())


def raised_where(error: BaseException) -> str:
    """The kind of an error and the line that raised it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {frame.filename}:{frame.lineno}"
