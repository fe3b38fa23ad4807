"""The rule book: one content has one answer, by the form, by the workflow, by the API, by a file and by the
administration."""

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from coopdir.api.agreement_schema import serialize_agreement
from core import shares
from core.dates import PartialDate
from core.imports.cells import DateCell
from core.imports.typed_values import DateText
from partnerships.agreements.fields import CONTENT_FIELDS
from partnerships.editing import actions, merge, rules, snapshot, suspensions, workflow
from partnerships.editing.action_forms import DateField
from partnerships.editing.rules import Identity, Likeness
from partnerships.editing.typed_fields import TypedFields
from partnerships.models import Agreement, FundingContribution, FundingSource, Party, Renewal, Town
from partnerships.people import tokens
from partnerships.places.party_refs import PartyRef
from partnerships.review import bulk_verify
from tests import factories as f
from tests.forms import the_form
from tests.importing import load

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
TOMORROW = TODAY + datetime.timedelta(days=1)
THIS_YEAR = str(TODAY.year)

Told = set[tuple[str, str]]
"""Fields and messages of what is refused; empty where it is taken."""


class World:
    """An officer and an administrator, two towns, and what contents are made of."""

    def __init__(self) -> None:
        here = f.territory("FR-BFC")
        self.officer = f.officer("officer", here)
        self.administrator = f.user("root", is_superuser=True, is_staff=True)
        self.towns = [f.town("Dijon", territory=here), f.town("Mainz", "DE")]
        self.source = f.agreement().sources.get()  # which everybody may cite
        f.make(FundingSource, code="own")
        shares.reset_shares()

    def content(self, *, parties: Any = ({}, {}), funding: Any = (), renewals: Any = (), **columns: Any) -> Any:
        """A content that could be published, with what is to be tried. A party may be `twin`: the first one again."""
        both = [
            {"actor": str(PartyRef.of(self.towns[0 if dates.get("twin") else number])), "role": "partner"}
            | {name: dates.get(name) for name in ("joined", "left")}
            for number, dates in enumerate(parties)
        ]
        money = [{"funding": "own", "year": None, "amount": None, "currency": ""} | row for row in funding]
        again = [{"valid_until": None} | row for row in renewals]
        lists = {"parties": both, "funding": money, "renewals": again, "sources": [self.source.pk]}
        return snapshot.empty() | lists | columns


@pytest.fixture
def world() -> World:
    return World()


# The doors


def by_form(world: World, content: Any, agreement: Agreement | None = None) -> Told:
    """Publish a content by the form."""
    client = Client()
    client.force_login(world.officer)
    url = f"/en/my/agreements/{agreement.reference}/edit/" if agreement else "/en/my/agreements/new/"
    sent = {name: values for name, values in TypedFields.of(content).lists() if values != [None]}
    page = client.post(url, sent | {"do": "save" if agreement else "publish"})
    if page.status_code == 302:
        return set()
    form = page.context["form"]
    found = {(name, message) for name, messages in form.of_list.items() for message in messages}
    for _title, part in form.parts:
        for name, messages in part.errors.items():
            place = f"{part.prefix}-{name}" if part.prefix else name
            found |= {(place.replace("-text", "-actor"), message) for message in messages}
    return found | {("", message) for message in form.general}


def by_workflow(world: World, content: Any, agreement: Agreement | None = None) -> Told:
    """Publish a content by the function of actions and commands, which tells no field."""
    try:
        saved = workflow.save(by=world.officer, content=content, agreement=agreement)
        if agreement is None:
            workflow.publish(by=world.officer, agreement=saved)
    except actions.ActionRefused as refused:
        return {("*", message) for message in refused.messages}
    return set()


def by_api(world: World, content: Any, agreement: Agreement | None = None) -> Told:
    """Publish a content by the API."""
    secret = tokens.create_token(by=world.officer, mandate=world.officer.mandates.get(), name="x")[1]
    told, headers = serialize_agreement(content), {"Authorization": f"Bearer {secret}"}
    method, path = "POST", "/api/v1/agreements"
    if agreement is None:
        told["then"] = "publish"
    else:
        method, path = "PATCH", f"{path}/{agreement.reference}/content"
        headers["If-Match"] = f'"{snapshot.content_fingerprint(snapshot.read_content(agreement))}"'
    answer = Client().generic(method, path, json.dumps(told), content_type="application/json", headers=headers)
    if answer.status_code in (200, 201):
        return set()
    assert answer.status_code == 422, answer.content
    return {(one["pointer"][1:].replace("/", "-"), one["detail"]) for one in answer.json()["errors"]}


def by_file(world: World, content: Any, agreement: Agreement | None = None) -> Told:
    """Publish a content by files: a row for the agreement, then one for each renewal and each sum of money."""
    columns = ("kind", "signed", "valid_until", "ended", "formal_status", "activity", "description_fr")
    cells = {name: content[name] or "" for name in columns} | {"description": content["description_en"]}
    if agreement:
        cells["reference"] = agreement.reference
    for number, party in enumerate(content["parties"], 1):
        town = Town.objects.get(pk=party["actor"][1:])
        cells |= {f"party_{number}": town.name, f"country_{number}": town.country_id}
        cells |= {f"{part}_{number}": party[part] or "" for part in ("joined", "left")}
    cells.setdefault("party_1", "")
    cells.setdefault("party_2", "")
    options = {"user": world.administrator, "clear_blanks": True}
    imported = load("agreements", cells, **options)
    found = {(_field_of(fault.column), fault.reason) for row in imported.refused for fault in row.faults}
    if found:
        return found
    reference = (imported.rows[0].record or agreement).reference
    for layout, part in (("renewals", "renewals"), ("contributions", "funding")):
        for number, entry in enumerate(content[part]):
            row = {"agreement": reference} | {name: "" if one is None else one for name, one in entry.items()}
            for told in load(layout, row, **options).refused:
                found |= {(f"{part}-{number}-{fault.column}", fault.reason) for fault in told.faults}
    return found


def _field_of(column: str) -> str:
    """The field of a content that a column of a file is about."""
    part, _sep, number = column.rpartition("_")
    if number.isdigit():
        return f"parties-{int(number) - 1}-{'actor' if part == 'party' else part}"
    return {"description": "description_en"}.get(column, column)


def by_administration(world: World, content: Any, agreement: Agreement | None = None) -> Told:
    """Publish a content by the pages of the administration, whose messages are those of constraints, too."""
    client = Client()
    client.force_login(world.administrator)
    page = ("change", [agreement.pk]) if agreement else ("add", [])
    url = reverse(f"admin:partnerships_agreement_{page[0]}", args=page[1])
    sent = dict(the_form(client.get(url).text, "kind")) | {"publication": "published"}
    sent |= {name: own.value.typed(content[name]) for name, own in CONTENT_FIELDS.items() if content[name]}
    rows: dict[str, list[dict[str, Any]]] = {
        "parties": [
            {"town": party["actor"][1:], "role": party["role"], "joined": party["joined"], "left": party["left"]}
            for party in content["parties"]
        ],
        "contributions": content["funding"],
        "renewals": content["renewals"],
        "agreementsource_set": [{"source": key} for key in content["sources"]],
    }
    for prefix, wanted in rows.items():
        sent[f"{prefix}-TOTAL_FORMS"] = str(max(len(wanted), int(sent[f"{prefix}-TOTAL_FORMS"])))
        for number, row in enumerate(wanted):
            sent |= {f"{prefix}-{number}-{name}": "" if value is None else value for name, value in row.items()}
    answer = client.post(url, sent)
    return {("*", str(message)) for message in answer.context["errors"]} if answer.status_code == 200 else set()


Door = Callable[..., Told]
DOORS: dict[str, Door] = {
    "form": by_form,
    "workflow": by_workflow,
    "api": by_api,
    "file": by_file,
    "administration": by_administration,
}


def _agrees(door: str, found: Told, wanted: dict[str, str]) -> None:
    """Check that a door told what was wanted, each message at its field."""
    if door == "administration":
        assert bool(found) is bool(wanted), found
    elif door == "workflow":
        assert {message for _field, message in found} == set(wanted.values())
    elif door == "file" and "parties" in wanted:  # the first of the columns that lack
        assert {message for _field, message in found} == set(wanted.values())
        assert all(field.startswith("parties-") for field, _message in found)
    else:
        assert found == set(wanted.items())


# One content, one answer

IN_WORDS = "24 May 1986"
END_BEFORE = "The end lies before the signature (%s): correct one of the two."
TERM_BEFORE = "The term ends before the signature (%s): correct one of the two."
NOT_SIGNED = "The signature lies in the future (%s): until then the agreement can only be a draft."
NOT_ENDED = "The end lies in the future (%s): enter it as the date until which the agreement is valid."
ACTIVE = "It ended (%s) and is “active” all the same: say “ended”, or remove the date of the end."
DRAFT = "It was signed (%s) and its papers are a “draft” all the same: correct one of the two."
LEFT_BEFORE = "This party left before it joined (%s): correct one of the two."
NEVER_IN = "This party left before the signature (%s): correct one of the two."
JOINED_AFTER = "This party joined after the end (%s): correct one of the two."
NOT_JOINED = "This party joins in the future (%s): until then the agreement can only be a draft."
NOT_LEFT = "This party leaves in the future (%s): enter it once it has left."
TWICE = "This party is there twice: correct one of the two."
TWO = "An agreement has at least two parties."
RENEWED_BEFORE = "The renewal (%s) lies before the signature (%s): correct one of the two."
RENEWED_AFTER = "The renewal (%s) lies after the end (%s): correct one of the two."
RENEWED_UNTIL = "The term ends before the renewal (%s): correct one of the two."
NOT_RENEWED = "The renewal lies in the future (%s): enter it once it was made."
YEAR = "The year lies between 1900 and 2100."
AMOUNT = "An amount is not negative, and has at most twelve digits and two decimals: write it as in 12500.00."
PAIRED = "An amount has a currency, and a currency an amount."
TOO_LONG = "%s characters are too many: shorten it to %s."
CURRENCY = "A currency is written by its ISO 4217 code, such as EUR."


def _in_words(day: datetime.date) -> str:
    with translation.override("en"):
        return PartialDate(day.isoformat()).localised()


def joined(since: str | None, until: str | None = None) -> dict[str, Any]:
    """The dates of a party."""
    return {"joined": since, "left": until}


def money(amount: str, currency: str = "EUR", **more: Any) -> list[dict[str, Any]]:
    """A sum of money."""
    return [{"amount": amount, "currency": currency, **more}]


CONTENTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    # What is said, and what is told of it by field; nothing where it is taken.
    "nothing is known": ({}, {}),
    "signed": ({"signed": "1986"}, {}),
    "ended in the year of the signature": ({"signed": "1986-05", "ended": "1986"}, {}),
    "ended in the month of the signature": ({"signed": "1986-05-24", "ended": "1986-05"}, {}),
    "the signature is known to the year": ({"signed": "1986", "ended": "1986-01-01"}, {}),
    "ended a month before": ({"signed": "1986-05", "ended": "1986-04"}, {"ended": END_BEFORE % "May 1986"}),
    "ended a year before": ({"signed": "1986", "ended": "1985"}, {"ended": END_BEFORE % "1986"}),
    "ended a day before": ({"signed": "1986-05-24", "ended": "1986-05-23"}, {"ended": END_BEFORE % IN_WORDS}),
    "ended, never signed": ({"ended": "1990"}, {}),
    "a term in the year of the signature": ({"signed": "1986-05-24", "valid_until": "1986"}, {}),
    "a term before": ({"signed": "1986", "valid_until": "1985-12"}, {"valid_until": TERM_BEFORE % "1986"}),
    "a term to come": ({"signed": "1986", "valid_until": "2999"}, {}),
    "ended after its term": ({"signed": "1986", "valid_until": "1990", "ended": "1995"}, {}),
    "ended before its term": ({"signed": "1986", "valid_until": "1995", "ended": "1990"}, {}),
    "term and end before": (
        {"signed": "1986", "valid_until": "1980", "ended": "1981"},
        {"ended": END_BEFORE % "1986", "valid_until": TERM_BEFORE % "1986"},
    ),
    "signed in the future": ({"signed": "2999"}, {"signed": NOT_SIGNED % "2999"}),
    "signed tomorrow": ({"signed": TOMORROW.isoformat()}, {"signed": NOT_SIGNED % _in_words(TOMORROW)}),
    "signed today": ({"signed": TODAY.isoformat()}, {}),
    "signed this year": ({"signed": THIS_YEAR}, {}),
    "signed this month": ({"signed": TODAY.isoformat()[:7]}, {}),
    "to end": ({"ended": "2999-01"}, {"ended": NOT_ENDED % "January 2999"}),
    "to end tomorrow": ({"ended": TOMORROW.isoformat()}, {"ended": NOT_ENDED % _in_words(TOMORROW)}),
    "to end, and active": ({"ended": "2999", "activity": "active"}, {"ended": NOT_ENDED % "2999"}),
    "ended today": ({"ended": TODAY.isoformat(), "activity": "ended"}, {}),
    "ended this year": ({"ended": THIS_YEAR}, {}),
    "ended and active": ({"ended": "1990", "activity": "active"}, {"activity": ACTIVE % "1990"}),
    "ended this year and active": ({"ended": THIS_YEAR, "activity": "active"}, {"activity": ACTIVE % THIS_YEAR}),
    "ended and dormant": ({"ended": "1990", "activity": "dormant"}, {}),
    "ended, in a year": ({"ended": "1990", "activity": "ended"}, {}),
    "ended, nobody knows when": ({"activity": "ended"}, {}),
    "active": ({"signed": "1986", "activity": "active"}, {}),
    "active, its term over": ({"signed": "1986", "valid_until": "1990", "activity": "active"}, {}),
    "ended, its papers in force": ({"ended": "1990", "formal_status": "in-force"}, {}),
    "ended, once renewed": ({"ended": "1990", "formal_status": "renewed"}, {}),
    "ended and terminated": ({"ended": "1990", "formal_status": "terminated"}, {}),
    "terminated, and they go on": ({"formal_status": "terminated", "activity": "active"}, {}),
    "a draft": ({"formal_status": "draft", "activity": "active"}, {}),
    "a draft that was given up": ({"formal_status": "draft", "ended": "1990"}, {}),
    "a signed draft": ({"signed": "1986", "formal_status": "draft"}, {"formal_status": DRAFT % "1986"}),
    "a draft to be signed this year": ({"signed": THIS_YEAR, "formal_status": "draft"}, {}),
    "a draft to be signed": ({"signed": "2999", "formal_status": "draft"}, {"signed": NOT_SIGNED % "2999"}),
    "a party joined and left": ({"parties": [{}, joined("1990", "1995")]}, {}),
    "a party left in the year in which it joined": ({"parties": [{}, joined("1990-05", "1990")]}, {}),
    "a party left before it joined": (
        {"parties": [{}, joined("1990", "1980")]},
        {"parties-1-left": LEFT_BEFORE % "1990"},
    ),
    "the first party left before it joined": (
        {"parties": [joined("1990-02", "1990-01"), {}]},
        {"parties-0-left": LEFT_BEFORE % "February 1990"},
    ),
    "a party joined before the signature": ({"signed": "1986", "parties": [{}, joined("1980")]}, {}),
    "a party left at the signature": ({"signed": "1986-05-24", "parties": [{}, joined(None, "1986")]}, {}),
    "a party left before the signature": (
        {"signed": "1986", "parties": [{}, joined(None, "1980")]},
        {"parties-1-left": NEVER_IN % "1986"},
    ),
    "a party joined in the year of the end": ({"ended": "1990", "parties": [joined("1990-12"), {}]}, {}),
    "a party joined after the end": (
        {"ended": "1990", "parties": [joined("1991"), {}]},
        {"parties-0-joined": JOINED_AFTER % "1990"},
    ),
    "a party joined this year": ({"parties": [{}, joined(THIS_YEAR)]}, {}),
    "a party to join": ({"parties": [{}, joined("2999")]}, {"parties-1-joined": NOT_JOINED % "2999"}),
    "a party left today": ({"parties": [joined(None, TODAY.isoformat()), {}]}, {}),
    "a party to leave": ({"parties": [joined("1990", "2999-05"), {}]}, {"parties-0-left": NOT_LEFT % "May 2999"}),
    "a party twice": ({"parties": [{}, {}, {"twin": True}]}, {"parties-2-actor": TWICE}),
    "one party": ({"parties": [{}]}, {"parties": TWO}),
    "renewed": ({"signed": "1986", "renewals": [{"renewed": "1996", "valid_until": "2006"}]}, {}),
    "renewed in the year of the signature": ({"signed": "1986-05", "renewals": [{"renewed": "1986"}]}, {}),
    "renewed before the signature": (
        {"signed": "1986", "renewals": [{"renewed": "1980"}]},
        {"renewals-0-renewed": RENEWED_BEFORE % ("1980", "1986")},
    ),
    "the second renewal before the signature": (
        {"signed": "1986-05", "renewals": [{"renewed": "1996"}, {"renewed": "1986-04"}]},
        {"renewals-1-renewed": RENEWED_BEFORE % ("April 1986", "May 1986")},
    ),
    "renewed in the year of the end": ({"ended": "1990", "renewals": [{"renewed": "1990-12"}]}, {}),
    "renewed after the end": (
        {"ended": "1990", "renewals": [{"renewed": "1991"}]},
        {"renewals-0-renewed": RENEWED_AFTER % ("1991", "1990")},
    ),
    "renewed for the past": (
        {"renewals": [{"renewed": "1996", "valid_until": "1995"}]},
        {"renewals-0-valid_until": RENEWED_UNTIL % "1996"},
    ),
    "renewed for the same year": ({"renewals": [{"renewed": "1996-05", "valid_until": "1996"}]}, {}),
    "to be renewed": ({"renewals": [{"renewed": "2999"}]}, {"renewals-0-renewed": NOT_RENEWED % "2999"}),
    "renewed today": ({"renewals": [{"renewed": TODAY.isoformat()}]}, {}),
    "money": ({"funding": money("12500.50", year=2020)}, {}),
    "no money": ({"funding": money("0", year=2020)}, {}),
    "money of no year": ({"funding": money("1")}, {}),
    "a year of no money": ({"funding": [{"year": 2020}]}, {}),
    "money of two years": ({"funding": [{"year": 2020}, {"year": 2021}]}, {}),
    "money of 1899": ({"funding": [{"year": 1899}]}, {"funding-0-year": YEAR}),
    "money of 1900": ({"funding": [{"year": 1900}]}, {}),
    "money of 2100": ({"funding": [{"year": 2100}]}, {}),
    "money of 2101": ({"funding": [{"year": 2020}, {"year": 2101}]}, {"funding-1-year": YEAR}),
    "a debt": ({"funding": money("-5")}, {"funding-0-amount": AMOUNT}),
    "a third of a cent": ({"funding": money("1.333")}, {"funding-0-amount": AMOUNT}),
    "twelve digits": ({"funding": money("999999999999.99")}, {}),
    "thirteen digits": ({"funding": money("1000000000000")}, {"funding-0-amount": AMOUNT}),
    "much": ({"funding": money("much")}, {"funding-0-amount": AMOUNT}),
    "a power of ten": ({"funding": money("1e3")}, {"funding-0-amount": AMOUNT}),
    "Arabic digits": ({"funding": money("١٢")}, {"funding-0-amount": AMOUNT}),
    "thousands or three decimals": ({"funding": money("12,000")}, {"funding-0-amount": AMOUNT}),
    "a sum in words": ({"funding": money("12 mille")}, {"funding-0-amount": AMOUNT}),
    "a long text": ({"description_en": "x" * 20_000, "description_fr": "é" * 20_000}, {}),
    "too long a text": ({"description_en": "x" * 20_001}, {"description_en": TOO_LONG % (20_001, 20_000)}),
    "too long a text in French": ({"description_fr": "é" * 20_002}, {"description_fr": TOO_LONG % (20_002, 20_000)}),
    "a currency of no amount": ({"funding": [{"currency": "EUR"}]}, {"funding-0-currency": PAIRED}),
    "a currency by its name": ({"funding": money("5", "EURO")}, {"funding-0-currency": CURRENCY}),
    "a currency by its sign": ({"funding": money("5", "€")}, {"funding-0-currency": CURRENCY}),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("said", "wanted"), CONTENTS.values(), ids=CONTENTS)
def test_a_content_has_one_answer_through_every_door(
    world: World, door: str, said: dict[str, Any], wanted: dict[str, str]
) -> None:
    _agrees(door, DOORS[door](world, world.content(**said)), wanted)
    if not wanted:
        assert Agreement.objects.latest("pk").publication == "published"


def test_the_table_is_long_and_says_both() -> None:
    refused = [wanted for _said, wanted in CONTENTS.values() if wanted]
    assert len(CONTENTS) >= 60
    assert len(refused) >= 25
    assert len(CONTENTS) - len(refused) >= 25


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str]]] = {
    # What is stored, what is changed, what is told.
    "an end before what is stored": ({"signed": "1986"}, {"ended": "1985"}, {"ended": END_BEFORE % "1986"}),
    "an end of what is active": (
        {"signed": "1986", "activity": "active"},
        {"ended": "1990"},
        {"activity": ACTIVE % "1990"},
    ),
    "active after its end": ({"ended": "1990"}, {"activity": "active"}, {"activity": ACTIVE % "1990"}),
    "ended and no longer active": ({"activity": "active"}, {"ended": "1990", "activity": "ended"}, {}),
    "a signature to come": ({}, {"signed": "2999"}, {"signed": NOT_SIGNED % "2999"}),
    "a draft of what was signed": ({"signed": "1986"}, {"formal_status": "draft"}, {"formal_status": DRAFT % "1986"}),
    "an end before a renewal": (
        {"renewals": [{"renewed": "1996"}]},
        {"ended": "1990"},
        {"renewals-0-renewed": RENEWED_AFTER % ("1996", "1990")},
    ),
    "a party that left before the signature": (
        {"signed": "1986"},
        {"parties": [{}, joined(None, "1980")]},
        {"parties-1-left": NEVER_IN % "1986"},
    ),
    "an end before a party joined": (
        {"parties": [{}, joined("1995")]},
        {"ended": "1990"},
        {"parties-1-joined": JOINED_AFTER % "1990"},
    ),
    "a term": ({"signed": "1986"}, {"valid_until": "1990"}, {}),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("stored", "changed", "wanted"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_judged_with_what_is_stored(
    world: World, door: str, stored: dict[str, Any], changed: dict[str, Any], wanted: dict[str, str]
) -> None:
    agreement = _published(world, **stored)
    before = snapshot.read_content(agreement)
    content = world.content(**stored | changed)
    found = DOORS[door](world, content, agreement)
    if door == "file":  # a renewal has no column there, so the end is named, which has
        wanted = {"ended" if field.startswith("renewals") else field: message for field, message in wanted.items()}
    _agrees(door, found, wanted)
    assert (snapshot.read_content(agreement) == before) is bool(wanted)


def _published(world: World, **said: Any) -> Agreement:
    agreement = workflow.save(by=world.officer, content=world.content(**said))
    return workflow.publish(by=world.officer, agreement=agreement)


def test_the_administration_judges_a_row_with_its_agreement(world: World) -> None:
    agreement = _published(world, signed="1986", ended="1990")
    party = agreement.parties.last()
    client = Client()
    client.force_login(world.administrator)
    rows: list[tuple[type[Model], dict[str, Any], str]] = [
        (Renewal, {"renewed": "1991"}, RENEWED_AFTER % ("1991", "1990")),
        (FundingContribution, {"funding": "own", "year": "2101"}, YEAR),
    ]
    for model, values, told in rows:
        url = reverse(f"admin:partnerships_{model._meta.model_name}_add")
        sent = dict(the_form(client.get(url).text, "agreement")) | values | {"agreement": agreement.pk}
        assert told in str([*client.post(url, sent).context["errors"]])
        assert not model.objects.exists()
    url = reverse("admin:partnerships_party_change", args=[party.pk])
    sent = dict(the_form(client.get(url).text, "joined", "left"))
    assert JOINED_AFTER % "1990" in str([*client.post(url, sent | {"joined": "1991"}).context["errors"]])
    assert client.post(url, sent | {"joined": "1989"}).status_code == 302


@pytest.mark.parametrize("door", sorted(DOORS.keys() - {"file"}))  # files hold no addresses of mail
@pytest.mark.parametrize(("length", "told"), [(254, {}), (255, {"mailbox": TOO_LONG % (255, 254)})])
def test_a_mailbox_is_as_long_through_every_door(world: World, door: str, length: int, told: dict[str, str]) -> None:
    address = "office@" + ".".join(["a" * 60] * 4)
    content = world.content(mailbox=address + "b" * (length - len(address) - 3) + ".fr")
    assert len(content["mailbox"]) == length
    _agrees(door, DOORS[door](world, content), told)


# Where doors differ, and why


@pytest.mark.parametrize("door", ["form", "workflow", "api"])
@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"sources": []}, {"sources": "Say how this is known: at least one source is needed."}),
        (
            {"renewals": [{"renewed": "1996"}, {"renewed": "1996"}]},
            {"renewals-1-renewed": "This renewal is there twice."},
        ),
        (
            {"funding": [{"year": 2020}, {"year": 2020}]},
            {"funding-1-year": "This funding source is there twice for the year: keep one of the two."},
        ),
    ],
)
def test_what_a_file_cannot_say(world: World, door: str, said: dict[str, Any], wanted: dict[str, str]) -> None:
    """A file has a source always, and a row that repeats another is a duplicate, not a fault."""
    _agrees(door, DOORS[door](world, world.content(**said)), wanted)


def test_only_the_form_reads_euros_where_no_currency_is_written(world: World) -> None:
    """Its empty field shows EUR; in a file or a program nobody sees that."""
    content = world.content(funding=money("5", ""))
    for door in ("workflow", "api", "file"):
        field = "amount" if door == "file" else "currency"  # the column that the file fills
        _agrees(door, DOORS[door](world, content), {f"funding-0-{field}": PAIRED})
        Agreement.objects.filter(parties__town=world.towns[0]).update(publication="withdrawn")
    assert by_form(world, content) == set()
    assert Agreement.objects.latest("pk").contributions.get().currency == "EUR"


@pytest.mark.parametrize(("written", "stored"), [("12 000,50", "12000.50"), ("12\u202f000", "12000"), ("+5", "5")])
@pytest.mark.parametrize("door", DOORS)
def test_only_people_write_amounts_as_they_like(world: World, door: str, written: str, stored: str) -> None:
    """What a program sends, and what a content holds, is the number as the schema says."""
    content = world.content(funding=money(written))
    if door in ("api", "workflow"):
        _agrees(door, DOORS[door](world, content), {"funding-0-amount": AMOUNT})
        return
    assert DOORS[door](world, content) == set()
    assert Agreement.objects.latest("pk").contributions.get().amount == Decimal(stored)


@pytest.mark.parametrize("said", [{"signed": "2999"}, {"sources": []}, {"renewals": [{"renewed": "2999"}]}])
def test_a_draft_may_be_of_the_future_or_incomplete(world: World, said: dict[str, Any]) -> None:
    assert workflow.save(by=world.officer, content=world.content(**said)).publication == "draft"
    assert rules.faults(world.content(**said), publishing=True)


@pytest.mark.parametrize(
    "said", [said for said, wanted in CONTENTS.values() if wanted.keys() & {"ended", "activity", "formal_status"}]
)
def test_what_is_impossible_is_no_draft_either(world: World, said: dict[str, Any]) -> None:
    with pytest.raises(actions.ActionRefused):
        workflow.save(by=world.officer, content=world.content(**said))


def test_a_contradictory_row_does_not_stand_in_the_way_of_a_good_one(world: World) -> None:
    row = {"kind": "twinning", "signed": "1986", "party_1": "Dijon", "country_1": "FR", "party_2": "Mainz"}
    row |= {"country_2": "DE"}
    imported = load("agreements", row | {"ended": "1985"}, row | {"ended": "1990"}, user=world.administrator)
    assert [one.outcome for one in imported.rows] == ["refused", "created"]
    again = load("agreements", row | {"activity": "active"}, row | {"activity": "dormant"}, user=world.administrator)
    assert [one.outcome for one in again.rows] == ["refused", "updated"]


def test_a_file_verifies_nothing_in_the_future(world: World) -> None:
    row = {"kind": "twinning", "party_1": "Dijon", "country_1": "FR", "party_2": "Mainz", "country_2": "DE"}
    (told,) = load("agreements", row | {"verified_on": TOMORROW.isoformat()}).refused
    with pytest.raises(actions.ActionRefused) as refused:
        workflow.verify(by=world.officer, agreements=[_published(world)], on=TOMORROW)
    assert [(fault.column, fault.reason) for fault in told.faults] == [("verified_on", refused.value.messages[0])]


# The actions


@pytest.mark.parametrize(
    ("stored", "ended", "message"),
    [
        ({"signed": "1986", "activity": "active"}, "1990", ""),
        ({"signed": "1986"}, "1985", END_BEFORE % "1986"),
        ({"signed": "1986"}, "2999", NOT_ENDED % "2999"),
        ({"renewals": [{"renewed": "1996"}]}, "1990", RENEWED_AFTER % ("1996", "1990")),
        ({"parties": [{}, joined("1995")]}, "1990", JOINED_AFTER % "1990"),
    ],
)
def test_an_end_is_judged_by_action_and_by_a_file_of_verdicts(
    world: World, stored: dict[str, Any], ended: str, message: str
) -> None:
    agreement = _published(world, **stored)
    cells = {"reference": agreement.reference, "date": ended, "verdict": "ended"}
    (row,) = bulk_verify.plan_verdicts(by=world.officer, rows=[(2, cells)]).rows
    assert (row.outcome == "ended") is not message
    if message:
        assert [fault.remedy for fault in row.faults] == [message]
    if message:
        with pytest.raises(actions.ActionRefused) as refused:
            workflow.end(by=world.officer, agreement=agreement, ended=ended)
        assert refused.value.messages == [message]
    else:
        assert workflow.end(by=world.officer, agreement=agreement, ended=ended).activity == "ended"


def test_a_suspension_ends_after_it_begins_by_action_and_by_a_file(world: World) -> None:
    told = "The suspension ends before it begins (2023): correct one of the two."
    agreement = _published(world)
    party = Party.objects.filter(agreement=agreement).first()
    with pytest.raises(actions.ActionRefused, match=r"before it begins \(2023\)"):
        suspensions.suspend(by=world.officer, party=party, since="2023", until="2022")
    row = {"agreement": agreement.reference, "party": party.actor.reference, "suspended_by": "state"}
    (refused,) = load("suspensions", row | {"since": "2023", "until": "2022"}).refused
    assert [(fault.column, fault.reason) for fault in refused.faults] == [("until", told)]
    suspension = suspensions.suspend(by=world.officer, party=party, since="2023")
    with pytest.raises(actions.ActionRefused, match=r"before it begins \(2023\)"):
        suspensions.resume(by=world.officer, suspension=suspension, until="2022")
    assert suspensions.resume(by=world.officer, suspension=suspension, until="2023-05").until == "2023-05"


def test_a_merge_makes_no_contradiction(world: World) -> None:
    winner = f.agreement(*world.towns, ended="1990")
    loser = f.agreement(*world.towns, activity="active", kind="friendship")
    with pytest.raises(actions.ActionRefused, match="contradict each other") as refused:
        merge.merge_records(by=world.administrator, loser=loser, winner=winner)
    assert refused.value.messages[1:] == [ACTIVE % "1990"]
    Agreement.objects.filter(pk=loser.pk).update(activity="ended")
    merge.merge_records(by=world.administrator, loser=loser, winner=winner)
    winner.refresh_from_db()
    assert winner.activity == "ended"


def test_a_merge_is_not_refused_for_what_stood_there_before(world: World) -> None:
    winner = f.agreement(*world.towns, ended="1990", activity="active")
    loser = f.agreement(*world.towns, kind="friendship", description_en="Schools")
    assert merge.merge_records(by=world.administrator, loser=loser, winner=winner).loser == loser.reference


def test_an_earlier_version_that_contradicts_itself_is_not_restored(world: World) -> None:
    agreement = f.agreement(*world.towns, ended="1990", activity="active")
    with pytest.raises(actions.ActionRefused, match="all the same"):
        workflow.restore(by=world.officer, agreement=agreement, moment=timezone.now() + datetime.timedelta(minutes=1))


# Whether two are the same


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (("t1,t2", "twinning", "1986"), ("t1,t3", "twinning", "1986"), Likeness.OTHER),
        (("", "twinning", "1986"), ("", "twinning", "1986"), Likeness.OTHER),
        (("t1,t2", "twinning", "1986"), ("t1,t2", "project", "1986"), Likeness.BESIDE),
        (("t1,t2", "twinning", "1986"), ("t1,t2", "twinning", "1987"), Likeness.BESIDE),
        (("t1,t2", "twinning", "1986-05"), ("t1,t2", "twinning", "1986-06"), Likeness.BESIDE),
        (("t1,t2", "twinning", "1986"), ("t1,t2", "twinning", "1986-05"), Likeness.POSSIBLE),
        (("t1,t2", "twinning", None), ("t1,t2", "twinning", "1986-05"), Likeness.POSSIBLE),
        (("t1,t2", "twinning", None), ("t1,t2", "twinning", None), Likeness.SAME),
        (("t1,t2", "twinning", "1986"), ("t1,t2", "twinning", "1986"), Likeness.SAME),
    ],
)
def test_likeness(one: tuple[Any, ...], other: tuple[Any, ...], likeness: Likeness) -> None:
    assert rules.likeness(Identity(*one), Identity(*other)) is likeness
    assert rules.likeness(Identity(*other), Identity(*one)) is likeness


@pytest.mark.parametrize("reason", ["", "Another one"])
def test_the_same_agreement_again_is_refused_whatever_the_reason(world: World, reason: str) -> None:
    first = _published(world, signed="1986")
    told = f"These parties have an agreement of this kind and start already: {first.reference}."
    second = workflow.save(by=world.officer, content=world.content(signed="1986"))
    for act in (workflow.publish, workflow.submit):
        with pytest.raises(actions.Duplicate) as refused:
            act(by=world.officer, agreement=second, reason=reason)
        assert (refused.value.messages, refused.value.found, refused.value.same) == ([told], [first], True)
    second.delete()
    row = {"reference": "A900", "kind": "twinning", "signed": "1986", "party_1": "Dijon", "country_1": "FR"}
    row |= {"party_2": "Mainz", "country_2": "DE"}
    (refused,) = load("agreements", row, user=world.administrator).refused
    assert [(fault.column, fault.reason) for fault in refused.faults] == [("reference", told)]
    without = {name: cell for name, cell in row.items() if name != "reference"}
    assert [one.outcome for one in load("agreements", without).rows] == ["unchanged"]  # it is about that one


def test_the_form_asks_for_no_reason_that_would_not_help(world: World, officer_of: Callable[[User], Client]) -> None:
    _published(world, signed="1986")
    client = officer_of(world.officer)
    for signed, asked in (("1986", False), ("1990", True)):
        sent = dict(TypedFields.of(world.content(signed=signed)).lists()) | {"do": "publish"}
        html = client.post("/en/my/agreements/new/", sent).content.decode()
        assert "Is it this one?" in html
        assert ("What is different about this one?" in html) is asked


@pytest.fixture
def officer_of() -> Callable[[User], Client]:
    """Browsers of people."""

    def browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return browser


# Dates in words


@pytest.mark.parametrize(
    "written",
    [
        "1986", "05/1986", "24/05/1986", "24.05.1986", "24-5-1986", "1986-05-24", "1986/5/24", "mai 1986",
        "24 mai 1986", "1er mai 1986", "May 24, 1986", "24 May 1986", "24. Mai 1986", "24 de mayo de 1986",
        "September 24th, 1986", "3 sept. 1986", "24/05/1986 00:00:00", "03/04/1986",
        "05/24/1986", "31556", "jui 1986", "24/05/86", "1986-1990", "long ago", "31/02/1986", "30 février 1986",
    ],
)  # fmt: skip
def test_a_form_reads_a_date_as_a_file_does(db: None, written: str) -> None:
    """The day comes first; what can only be the other way round, or a spreadsheet's number, is told of."""
    answers = []
    for read in (DateText().clean, DateField().clean, DateCell().clean):
        try:
            answers.append(str(read(written)))
        except ValidationError as error:
            answers.append(" ".join(error.messages))
        except ValueError as error:
            answers.append(str(error))
    assert len(set(answers)) == 1, answers
    assert answers[0].startswith("1986") is (written not in REFUSED_DATES)


REFUSED_DATES = {
    "05/24/1986", "31556", "jui 1986", "24/05/86", "1986-1990", "long ago", "31/02/1986", "30 février 1986",
}  # fmt: skip


def test_a_date_in_words_is_stored_as_the_date(world: World) -> None:
    client = Client()
    client.force_login(world.officer)
    sent = dict(TypedFields.of(world.content()).lists()) | {"do": "publish", "signed": "24 mai 1986"}
    assert client.post("/en/my/agreements/new/", sent).status_code == 302
    assert Agreement.objects.latest("pk").signed == "1986-05-24"


def test_the_administration_reads_a_date_in_words(world: World) -> None:
    content = world.content(signed="24 mai 1986", parties=[{}, joined("mai 1990")])
    assert by_administration(world, content) == set()
    made = Agreement.objects.latest("pk")
    assert (made.signed, made.parties.get(position=2).joined) == ("1986-05-24", "1990-05")
    assert by_administration(world, world.content(kind="project", signed="1986-13"))


# The book itself


def test_a_rule_that_nobody_asks_is_noticed(world: World) -> None:
    """The table fails where a rule is taken out of the book: each code is told of by some content."""
    told = {breach.code for said, _wanted in CONTENTS.values() for breach in _breaches(world.content(**said))}
    assert {rule.code for rule in rules.RULES} - told == {"source", "verified-in-future", "suspension-order"}


def _breaches(content: Any) -> list[rules.Breach]:
    return rules.breaches(content, publishing=True)


def test_codes_are_different() -> None:
    codes = [rule.code for rule in rules.RULES]
    assert len(set(codes)) == len(codes)
