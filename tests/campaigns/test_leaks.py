"""What nobody published is nowhere to be read: a random mark in each text of it, looked for in all that others can get.

The marks are put by introspection of the models, so that a new model or field is covered by itself. Others are a
visitor, and people and a program of another region.
"""

import gzip
import html
import io
import itertools
import random
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pghistory
import pytest
from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.db import Error, models, transaction
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse
from django.utils import timezone

from coopdir.opendata.dumps import build
from core import shares
from core.dates import PartialDateField
from core.fields import ReferenceField
from core.imports.models import ImportBatch
from core.lists.formats import FILE_FORMATS
from networks.models import Network, SupportBody
from partnerships import permissions
from partnerships.models import Agreement, Contact, Organisation, Party, PublicRecord, Source, Town
from partnerships.people import tokens
from tests import factories
from tests.campaigns import share
from tests.places import PLACES
from tests.test_doors import named

pytestmark = [pytest.mark.long, pytest.mark.django_db]

PAGES = share(whole=5_000, small=90)
"""How many addresses each visitor opens by following links."""
OF_A_KIND = share(whole=10, small=2)
"""How many of them of one kind: a name, and the parameters after it."""
ASKED = share(whole=10_000, small=40)
"""For how many addresses of hidden records each visitor asks."""
PROBES = share(whole=20, small=1)
"""How many marks each visitor searches for at each address that searches."""
MARK = re.compile(r"zq[a-z]{14}")
STATES = ("draft", "submitted", "never", "lost", "deleted")
"""A draft; handed in; withdrawn, or merged into a public record, without ever having been public; deleted."""
RECORDS: tuple[type[PublicRecord], ...] = (Agreement, Town, Organisation, Network, SupportBody)
p, n = factories.p, factories.n
PUBLIC = {
    p.Country, p.CooperationZone, p.ZoneCountry, p.StateRelation, p.Territory, p.TerritoryParent, p.GazetteerPlace,
    p.GazetteerName, p.Theme, p.FundingSource, p.Mandate, n.Milestone, n.WebLink,
}  # fmt: skip
"""What is public wherever it stands alone, and mandates, which have no texts."""
CODES = {
    "Agreement.party_key", "Claim.value", "Confirmation.fingerprint", "Town.insee", "Town.wikidata", "Town.siren",
}  # fmt: skip
"""Texts of a form of their own, which no mark has."""
SEARCHES = ("search", "suggest", "party_suggestions", "source_suggestions", "agreements", "towns", "organisations",
            "networks", "support_bodies", "api_agreements", "api_towns", "api_organisations", "import_verdicts",
            "changes")  # fmt: skip


class Marks:
    """Random texts, and what each of them was written into."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.put: dict[str, str] = {}
        self.left_out: set[str] = set()
        self.made: set[type[models.Model]] = set()

    def new(self, told: str) -> str:
        """A mark; a search for its first letters finds it without telling it."""
        mark = "zq" + "".join(self._random.choices("abcdefghijklmnoprstuvwxyz", k=14))
        self.put[mark] = told
        return mark

    def value(self, field: models.Field, told: str) -> Any:
        """What a field holds with a mark in it; None where it is no text."""
        if isinstance(field, ArrayField):
            return None if (inner := self.value(field.base_field, told)) is None else [inner]
        if isinstance(field, models.JSONField):
            return {"text": [self.new(told)], "territories": ["FR-BFC"]}
        if isinstance(field, models.FileField):
            return ContentFile(f"%PDF- {self.new(f'{told}, content')}".encode(), f"{self.new(told)}.pdf")
        if field.choices or isinstance(field, ReferenceField | PartialDateField | models.GeneratedField):
            return None
        if isinstance(field, models.EmailField):
            return f"{self.new(told)}@example.org"
        if isinstance(field, models.URLField):
            return f"https://example.org/{self.new(told)}"
        is_text = isinstance(field, models.CharField | models.TextField) and (field.max_length or 99) >= 16
        return self.new(told) if is_text and not field.primary_key else None

    def make(self, model: type[models.Model], state: str, /, **columns: Any) -> Any:
        """A row with a mark in every text that is not given; where the database wants a form of its own, without."""
        texts = {}
        for field in model._meta.local_concrete_fields:
            told = f"{model.__name__}.{field.name} of {state}"
            if field.name not in columns and (value := self.value(field, told)) is not None:
                texts[field.name] = value
        if not self._works(model, columns):  # it belongs to one thing, and by default to another
            others = [field.name for field in model._meta.local_fields if field.null and field.is_relation]
            columns = dict.fromkeys(others) | columns
        if not self._works(model, texts | columns):
            good = {name: value for name, value in texts.items() if self._works(model, {name: value} | columns)}
            self.left_out |= {f"{model.__name__}.{name}" for name in texts.keys() - good.keys()}
            texts = good
        self.made.add(model)
        return factories.make(model, **texts | columns)

    @staticmethod
    def _works(model: type[models.Model], columns: dict[str, Any]) -> bool:
        """Whether the database takes such a row."""
        try:
            with transaction.atomic():
                factories.make(model, **columns)
                transaction.set_rollback(True)
        except (Error, ValueError):
            return False
        return True


def references_to(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """What belongs to records of a model: its own model, and the name of the column."""
    for other in factories.DEFAULTS:
        for field in other._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is model and other not in RECORDS:
                yield other, field.name


class Hidden:
    """All that nobody published: in Bourgogne-Franche-Comté, by an officer there."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.region = factories.territory("FR-BFC")
        told = {name: marks.new(f"User.{name}") for name in ("username", "first_name", "last_name")}
        self.by = User.objects.create_user(**told, email=f"{marks.new('User.email')}@example.org")
        factories.make(factories.p.Mandate, user=self.by, territory=self.region)
        self.records: list[PublicRecord] = []
        self.elsewhere = factories.territory("FR-BRE")
        stays = {model: factories.agreement() if model is Agreement else factories.make(model) for model in RECORDS}
        record = factories.agreement(factories.town(territory=self.region), factories.town(code="DE"))
        written = [(state, self._write(model, state)) for model, state in itertools.product(RECORDS, STATES)]
        self._belongings(record)
        for model in factories.DEFAULTS.keys() - PUBLIC - marks.made:
            columns: dict[str, Any] = {"status": "planned"} if model is ImportBatch else {}
            if "user" in {field.name for field in model._meta.local_fields}:
                columns["user"] = self.by
            marks.make(model, "nobody's", **columns)
        # Last: who wrote, and why, stays with all that one transaction writes afterwards, and nothing public may.
        for state, one in written:
            with pghistory.context(user=self.by.pk, reason=marks.new(f"why a {type(one).__name__} became {state}")):
                self._hide(one, state, stays[type(one)])

    def _write(self, model: type[PublicRecord], state: str) -> PublicRecord:
        where = {"territory": self.region} if model in (Town, Organisation) else {}
        record = self.marks.make(model, state, publication="draft", **where)
        if model is Agreement:
            for actor in (factories.town(territory=self.region), factories.organisation()):
                factories.party(record, actor, position=record.parties.count() + 1)
        if model is SupportBody:
            record.territories.add(self.region)
        for child, column in references_to(model) if state != "deleted" else ():
            self._belonging(child, state, **{column: record})
        return record

    def _hide(self, record: PublicRecord, state: str, stays: PublicRecord) -> None:
        rows = type(record).objects.filter(pk=record.pk)
        if state == "deleted":
            Party.objects.filter(agreement=record.pk if isinstance(record, Agreement) else None).delete()
            rows.delete()
            return
        if state == "submitted":
            rows.update(publication="submitted")
        elif state != "draft":
            rows.update(publication="withdrawn", merged_into=stays if state == "lost" else None)
        self.records.append(record)

    def _belonging(self, model: type[models.Model], state: str, /, **columns: Any) -> Any:
        """A row that belongs to something hidden; what it cites is cited by nothing else."""
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Source and field.name not in columns:
                columns[field.name] = self.marks.make(Source, state)
        if model is Contact:
            columns["public"] = False
        return self.marks.make(model, state, **columns)

    def _belongings(self, record: Agreement) -> None:
        """What is private of an agreement that is public."""
        told: dict[str, Any] = {
            "subject_kind": "agreement",
            "subject": record.reference,
            "territories": [self.region.pk],
        }
        for state in ("open", "rejected"):
            told["decided_at"] = None if state == "open" else timezone.now()
            submission = self._belonging(factories.p.Submission, state, agreement=record, state=state, **told)
            self._belonging(factories.p.Comment, state, submission=submission)
        self._belonging(Contact, "a public agreement", agreement=record)
        self._belonging(factories.p.FormDraft, "a public agreement", agreement=record, user=self.by)
        self._belonging(factories.p.Confirmation, "a public agreement", party=record.parties.last())


class Visitor:
    """Somebody who may see nothing of it, and what they read all the same."""

    def __init__(self, name: str, client: Client, marks: Marks) -> None:
        self.name, self.client, self.marks = name, client, marks
        self.opened: Counter[Any] = Counter()
        self.leaks: dict[str, str] = {}
        self.faults: list[str] = []
        client.raise_request_exception = False

    def open(self, url: str) -> str:
        """The text of an answer, unpacked; what it tells of the hidden is kept."""
        shares.reset_shares()
        with transaction.atomic():
            answer = self.client.get(url)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        if answer.status_code >= 500 and answer.status_code != 503:
            self.faults.append(f"{self.name}: {answer.status_code} {url}")
        self.opened["pages"] += 1
        text = " ".join([*unpacked(body), *answer.headers.values()])
        for mark in MARK.findall(text.lower()):
            if mark in self.marks.put and mark not in url:  # what is asked for is said again
                self.leaks.setdefault(mark, f"{self.name}: {url} tells {self.marks.put[mark]}")
        return text

    def crawl(self, begin: list[str]) -> None:
        """Open all that is linked, some of each kind."""
        waiting, seen = deque(random.sample(begin, len(begin))), set(begin)
        while waiting and self.opened["pages"] < PAGES:
            url = waiting.popleft()
            text = self.open(url)
            for link in links_of(text, url):
                kind = kind_of(link)
                if kind is not None and link not in seen and self.opened[kind] < OF_A_KIND:
                    self.opened[kind] += 1
                    seen.add(link)
                    waiting.append(link)


def unpacked(body: bytes) -> Iterator[str]:
    """The texts of a file, of all files in it where it is an archive."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield name
                yield from unpacked(archive.read(name))
    elif body[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(body))
    else:
        yield body.decode(errors="replace")


def links_of(text: str, base: str) -> Iterator[str]:
    """The addresses of the site that a page, a feed or an answer of the API names."""
    for found in re.findall(r"""(?:href|src|action|data-[a-z-]+)="([^"#]+)|(https?://[^\s"'<>\\]+)""", text):
        parts = urlsplit(urldefrag(urljoin(f"http://testserver{base}", html.unescape(found[0] or found[1])))[0])
        if parts.scheme in ("http", "https") and parts.hostname in ("testserver", "localhost"):
            yield f"{parts.path}{'?' if parts.query else ''}{parts.query}"


def kind_of(url: str) -> Any:
    """What addresses of one kind have in common; None for files of the site's own design."""
    path, _mark, query = url.partition("?")
    try:
        name = resolve(path).view_name
    except Resolver404:
        return None
    return name, tuple(sorted({part.partition("=")[0] for part in query.split("&") if part}))


def beginnings() -> list[str]:
    """Every address that needs nothing, and the lists in each form."""
    found = ["/en/", "/fr/"]
    for name in named(get_resolver().url_patterns):
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    lists = [name for name in named(get_resolver().url_patterns) if name.endswith("s_file")]
    for name, form in itertools.product(lists, FILE_FORMATS):
        found.append(reverse(name, args=[form]))
    return list(dict.fromkeys(found))


@pytest.fixture
def hidden(settings: Any, tmp_path: Path) -> Hidden:
    """What nobody published, in a directory with something to read, of which there is a dump."""
    settings.DUMPS_ROOT = tmp_path
    shown = factories.agreement(factories.town("Dijon"), factories.town("Mainz", "DE"), signed="1958")
    for model in (Network, SupportBody, Organisation, factories.n.Milestone, factories.n.WebLink):
        factories.make(model)
    factories.make(factories.n.Membership, town=shown.parties.first().town)
    found = Hidden(Marks(seed := random.SystemRandom().randrange(10**6)))
    print(f"\nSeed {seed}: {len(found.marks.put)} marks")
    build.publish_dump()
    return found


@pytest.fixture
def visitors(hidden: Hidden) -> list[Visitor]:
    """A visitor, and people and a program of another region."""
    there = hidden.elsewhere
    found = [Visitor("visitor", Client(), hidden.marks)]
    for role in ("contributor", "officer", "coordinator"):
        client = Client()
        client.force_login(user := factories.officer(f"{role} elsewhere", there, role=role))
        found.append(Visitor(f"{role} elsewhere", client, hidden.marks))
    _token, secret = tokens.create_token(by=user, mandate=user.mandates.get(), name="A program")
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    return [*found, Visitor("program elsewhere", program, hidden.marks)]


def ask_for_it(visitor: Visitor, records: Iterable[Any], most: int = ASKED) -> None:
    """Ask for hidden records by their references, at so many of the addresses that there are."""
    asked = []
    for record in records:
        for place in PLACES[type(record)].values():
            with suppress(AttributeError):  # what is made for the table of doors alone
                asked.append(place(record))
    for url in random.sample(asked, min(most, len(asked))):
        visitor.open(url)


def search_for_it(visitor: Visitor, marks: Marks) -> None:
    """Search for the first letters of marks: only what is found tells the others."""
    for name in SEARCHES:
        for mark in random.sample(sorted(marks.put), min(PROBES, len(marks.put))):
            visitor.open(f"{reverse(name)}?q={mark[:10]}")


def test_nothing_hidden_is_read(hidden: Hidden, visitors: list[Visitor], settings: Any) -> None:
    assert hidden.marks.left_out <= CODES, hidden.marks.left_out - CODES
    assert not factories.DEFAULTS.keys() - PUBLIC - hidden.marks.made
    for visitor in visitors:
        visitor.crawl(beginnings())
        ask_for_it(visitor, hidden.records)
        search_for_it(visitor, hidden.marks)
        told = f"{len(visitor.leaks)} leaks, {len(visitor.faults)} faults"
        print(f"{visitor.name}: {visitor.opened['pages']} answers, {told}")
    for file in (path for path in settings.DUMPS_ROOT.rglob("*") if path.is_file()):
        told = MARK.findall(" ".join(unpacked(file.read_bytes())).lower())
        assert not hidden.marks.put.keys() & set(told), file
    found = [told for visitor in visitors for told in (*visitor.leaks.values(), *visitor.faults)]
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize(
    ("place", "name"), [(permissions, "may_see"), (Agreement, "known_to_all"), (Town, "known_to_all")]
)
def test_a_leak_is_found(
    hidden: Hidden, visitors: list[Visitor], monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    monkeypatch.setattr(place, name, (lambda user, record: True) if place is permissions else True)
    kind = Agreement if place is permissions else place
    ask_for_it(officer := visitors[2], [record for record in hidden.records if isinstance(record, kind)], 10 * ASKED)
    assert officer.leaks
