"""Records of every kind in every state that publication and merges know, everybody who may ask for them, and what they
send: for tests of who learns of what."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import shares
from networks.models import Network, SupportBody
from partnerships.editing import merge, record_commands, snapshot
from partnerships.mail.signed_links import CONFIRMATION
from partnerships.models import (
    Agreement,
    Attachment,
    Confirmation,
    Organisation,
    PublicRecord,
    Submission,
    Suspension,
    Town,
)
from partnerships.people import tokens
from tests import factories
from tests.editing import time_passes
from tests.forms import the_form
from tests.places import AGREEMENT
from tests.test_doors import ROLES

STATES = ("published", "draft", "submitted", "back", "never", "withdrawn", "merged", "lost", "astray")
"""Public; a draft; handed in; a draft again after it was public and withdrawn; withdrawn before it ever was public, and
after; merged into a public record after it was public itself, and without ever having been; merged into a record that
is a draft again."""
SECRET = "Zyxwvut"
"""What is written while a record is a draft again."""
NEVER_PUBLIC = {"draft", "submitted", "never", "lost"}
TOKENS = ("token of contributor", "token of officer", "token of elsewhere")
"""Programs of three of the people (`ROLES`)."""
OF_EACH_REQUEST = re.compile(r'nonce[-=]"?[\w+/=-]+|value="[\w.:-]{20,}"|name="draft" value="\d*"|such as [A-Z]\d+')
"""What no two answers have in common: keys of scripts and of forms, and numbers of forms that are kept; and the example
of a reference in words of what is wrong, which a record may have by chance."""
LEFT_OUT = {"Content-Length", "ETag", "Expires", "RateLimit-Remaining", "RateLimit-Reset", "Vary"}
"""Of which some depend on the length of the answer, by a reference's own: what is short is not packed."""


class Nobody:
    """A reference that no record has, wherever a record of a kind is asked for."""

    pk = part = document = submission = suspension = 0
    confirmation = "1.unsigned"

    def __init__(self, record: Any) -> None:
        self.reference = f"{record.reference[0]}99999999"
        self.theirs, self.moment = record.theirs, record.moment
        self.address = record.address.replace(record.reference, self.reference)


@dataclass(frozen=True)
class Told:
    """What is told by an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def tells(self, secret: str, path: str) -> bool:
        """Whether a text stands in it, or in the address that it leads to; not where the path that was asked has it."""
        led = self.headers.get("Location", "").lower()
        return secret in self.body.decode(errors="replace") or (secret.lower() in led and secret.lower() not in path)

    def but_for(self, asked: Any) -> tuple[int, dict[str, str], str]:
        """The same, without what every request has of its own, and without the name that was asked for."""

        numbers = {"submissions": "submission", "documents": "document", "confirm": "confirmation"}
        names = [f"{part}/{getattr(asked, name, 0)}" for part, name in numbers.items()]
        names += [asked.address, asked.reference]
        spelt = {re.escape(way) for name in names if name for way in (name, name.lower(), quote(name))}
        own = re.compile(
            rf"(?:(?<![A-Za-z0-9])|(?<=%3D))({'|'.join(sorted(spelt, key=len, reverse=True))})(?![A-Za-z0-9])"
        )

        def plain(text: str) -> str:
            return own.sub("…", OF_EACH_REQUEST.sub("…", text))

        headers = {name: plain(value) for name, value in self.headers.items() if name not in LEFT_OUT}
        return self.status, headers, plain(self.body.decode(errors="replace"))


class World:
    """A record of a kind in each state, in Bourgogne-Franche-Comté, and everybody who may ask for them."""

    def __init__(self, kind: type[PublicRecord]) -> None:
        self.here, there = factories.territory("FR-BFC"), factories.territory("FR-BRE")
        people = {
            "contributor": factories.officer("contributor", self.here, role="contributor"),
            "officer": factories.officer("officer", self.here),
            "coordinator": factories.officer("coordinator", self.here, role="coordinator"),
            "elsewhere": factories.officer("elsewhere", there),
            "administrator": factories.user("administrator", is_staff=True, is_superuser=True),
        }
        self.administrator = people["administrator"]
        self.visitors = {"anonymous": Client()}
        for name in ROLES[1:]:
            self.visitors[name] = Client()
            self.visitors[name].force_login(people[name])
        for name in TOKENS:
            owner = people[name.rpartition(" ")[2]]
            _token, secret = tokens.create_token(by=owner, mandate=owner.mandates.get(), name="A program")
            self.visitors[name] = Client(headers={"Authorization": f"Bearer {secret}"})
        makes: dict[type, Callable[..., Any]] = {
            Agreement: self._agreement,
            Town: lambda **more: factories.town("Dijon", territory=self.here, **more),
            Organisation: lambda **more: factories.organisation("Les amis", territory=self.here, **more),
            Network: factories.network,
            SupportBody: self._support_body,
        }
        self.kind, self.make = kind, makes[kind]
        self.unknown: dict[tuple[str, ...], tuple[int, dict[str, str], str]] = {}
        town = factories.town(territory=there)
        theirs = factories.agreement(town, factories.town(code="DE")) if kind is Agreement else town
        secret = {"publication": "draft"}
        self.records = {state: self.make(**secret if state in NEVER_PUBLIC else {}) for state in STATES}
        time_passes()
        with connection.cursor() as cursor:
            cursor.execute("SELECT now() - interval '30 seconds'")
            moment = quote(cursor.fetchone()[0].isoformat())
        changed = "description_en" if kind is Agreement else "website"
        kind.objects.filter(pk__in=[record.pk for record in self.records.values()]).update(
            **{changed: "https://a.org/"}
        )
        for state, record in self.records.items():
            self._bring(record, state)
            record.refresh_from_db()
            record.moment, record.theirs, record.own = moment, theirs.reference, self.make().reference
            if kind is Agreement:
                self._furnish(record)
        self.sent = {state: self._bodies(record) for state, record in self.records.items()}

    def _agreement(self, **more: Any) -> Agreement:
        return factories.agreement(factories.town("Dijon", territory=self.here), factories.town("Mainz", "DE"), **more)

    def _support_body(self, **more: Any) -> SupportBody:
        body = factories.support_body(**more)
        body.territories.add(self.here)
        return body

    def _bring(self, record: Any, state: str) -> None:
        """Bring a record into a state: as the site does it, where it does."""
        kind = type(record)
        rows = kind.objects.filter(pk=record.pk)
        match state:
            case "submitted":
                rows.update(publication="submitted")
            case "never" | "withdrawn" | "back":
                rows.update(publication="withdrawn")
                if state == "back":
                    rows.update(publication="draft")
                    if kind is Agreement:
                        factories.party(record, factories.town(SECRET))
                    else:
                        rows.update(**{"name_en" if kind is Network else "name": SECRET})
            case "merged" | "astray" | "lost":
                winner = self.make()
                if kind in (Agreement, Town) and state != "lost":
                    merge.merge_records(by=self.administrator, loser=record, winner=winner)
                else:
                    rows.update(publication="withdrawn", merged_into=winner)
                if state == "astray":
                    self._bring(winner, "back")

    @staticmethod
    def _furnish(record: Any) -> None:
        """What belongs to an agreement and has addresses of its own, or is named by what is sent."""
        owner = record if record.parties.exists() else record.merged_into  # which takes all with a merge
        record.document = factories.make(Attachment, agreement=owner, file=ContentFile(b"%PDF-", "a.pdf")).pk
        told = {"agreement": owner, "subject": record.reference, "subject_kind": "agreement"}
        record.submission = factories.make(Submission, territories=["FR-BFC"], kind="new", **told).pk
        parties = list(owner.parties.all())
        record.part = parties[0].pk
        expires = timezone.now() + timedelta(days=30)
        record.confirmation = CONFIRMATION.key(factories.make(Confirmation, party=parties[0], expires_at=expires).pk)
        record.suspension = factories.make(Suspension, party=parties[-1], since="2001").pk

    def _form(self, url: str, *fields: str) -> dict[str, list[str]]:
        """What the form of a page sends, if there is a page."""
        page = self.visitors["administrator"].get(url)
        sent: dict[str, list[str]] = {}
        for name, value in the_form(page.text, *fields) if page.status_code == 200 else ():
            sent.setdefault(name, []).append(value)
        return sent

    def _bodies(self, record: Any) -> dict[str, Any]:
        """What somebody who knows the record would send to each place; where it is in no state for it, what they would
        of another one."""
        kind = type(record)._meta.model_name
        propose = self._form(reverse("propose", args=["list", "agreements"]), "text")
        sent: dict[str, Any] = {"propose": propose | {"text": "It is spelt otherwise."}}
        if kind in ("agreement", "town"):
            sent |= {"merge": {"with": record.own}, "merge with": {"with": record.reference}}
        if isinstance(record, Agreement):
            base = snapshot.content_fingerprint(snapshot.read_content(record))
            edit = self._form(AGREEMENT["edit"](record), "base", "typed_by") or self._form(
                reverse("agreement_edit", args=[record.own]), "base", "typed_by"
            )
            confirm = self._form(reverse("confirm", args=[record.confirmation]), "version")
            sent |= {
                "content": {"If-Match": f'"{base}"', "body": {"description_en": "Water"}},
                "verifications": {"agreements": [record.reference]},
                "submission": {"text": "Is it so?"},
                "edit": edit | {"do": "save", "description_en": "Water"},
                "copy": edit | {"do": "save"},
                "keep": edit | {"agreement": record.reference},
                "ask": {"party": record.part, "email": "", "language": "en"},
                "restore": {"base": base, "reason": "It was right"},
                "verify": {"on": timezone.localdate().isoformat()},
                "end": {"ended": "2020", "reason": ""},
                "confirm": confirm | {"answer": "yes"},
                "suspend": {"party": record.part, "suspended_by": "state", "since": "2001"},
                "resume": {"suspension": record.suspension, "until": "2002"},
                "withdraw": {"reason": "Entered twice"},
            }
        elif kind != "network":
            edit = self._form(reverse(f"{kind}_edit", args=[record.own]), "base", "website")
            base = record_commands.record_fingerprint(record)
            sent |= {
                "edit": edit | {"website": "https://example.net/", "base": base},
                "restore": {"base": base, "reason": "It was right"},
            }
        return sent

    def ask(self, visitor: str, method: str, url: str, sent: Any = None) -> Told:
        """An answer; what the request wrote is undone."""
        shares.reset_shares()
        kind, headers = "application/x-www-form-urlencoded", {}
        told = urlencode(sent or {}, doseq=True)
        if url.startswith("/api/"):
            kind = "application/json"
            body = sent or {}
            if "If-Match" in body:
                body, headers = body["body"], {"If-Match": body["If-Match"]}
            told = json.dumps(body)
        if method in ("GET", "HEAD", "OPTIONS"):
            told = ""
        browser = self.visitors[visitor]
        cookies = browser.cookies.copy()
        with transaction.atomic():
            answer = browser.generic(method, url, told, content_type=kind, headers=headers)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        browser.cookies = cookies
        return Told(answer.status_code, dict(answer.headers), body)
