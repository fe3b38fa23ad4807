"""What people without an account say: proposals about any record, guarded against machines, and partners' answers."""

import datetime
import re
from collections.abc import Iterator

import pghistory
import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import spam
from core.imports.models import ImportBatch
from networks.models import ServedTerritory
from partnerships.editing import actions, decisions, snapshot, workflow
from partnerships.mail import notifications, outbox
from partnerships.mail.signed_links import CONFIRMATION, DIGEST, PROPOSAL
from partnerships.models import Agreement, Confirmation, OutgoingMail, Submission
from partnerships.people import retention
from partnerships.review import proposals, public_views
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms may be sent at once."""
    monkeypatch.setattr(spam, "FASTEST", datetime.timedelta(seconds=-1))


@pytest.fixture
def agreement() -> Agreement:
    """Dijon and Mainz, whose website is known."""
    mainz = f.town("Mainz", "DE", website="https://www.mainz.example/welcome")
    return f.agreement(f.town("Dijon", territory=f.territory("FR-BFC")), mainz, signed="1958")


@pytest.fixture
def told(officer: User) -> User:
    """The officer, with an address."""
    officer.email = "officer@example.org"
    officer.save()
    return officer


def stamp_of(client: Client, path: str) -> str:
    return re.search(r'name="stamp" value="([^"]+)"', client.get(path).content.decode())[1]


def propose(client: Client, path: str, **fields):
    return client.post(path, {"text": "The year is 1957", "stamp": stamp_of(client, path), **fields})


# Proposals


RECORDS = {
    "agreement": lambda: f.agreement(f.town(territory=f.territory("FR-BFC")), f.town(code="DE")),
    "town": lambda: f.town(territory=f.territory("FR-BFC")),
    "organisation": lambda: f.organisation(territory=f.territory("FR-BFC")),
    "territory": lambda: f.territory("FR-BFC"),
    "supportbody": lambda: (
        f.make(ServedTerritory, support_body=f.support_body(), territory=f.territory("FR-BFC")).support_body
    ),
    "country": lambda: f.country("ML"),
    "network": lambda: f.network(),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_every_record_can_be_spoken_of(client: Client, quick: None, kind: str) -> None:
    record = RECORDS[kind]()
    reference = getattr(record, "reference", record.pk)
    path = f"/en/propose/{kind}/{reference}/"
    page = client.get(client.get(f"/en/propose/{kind}/{reference.lower()}/").context["address"], follow=True)
    assert f'href="{path}"' in page.content.decode(), "the record’s page leads to the form"
    response = propose(client, path)
    assert response.status_code == 302
    submission = Submission.objects.get()
    assert (submission.kind, submission.subject_kind, submission.subject) == ("proposal", kind, reference)
    assert submission.territories == ([] if kind in ("country", "network") else ["FR-BFC"])
    status = client.get(response["Location"])
    assert "The year is 1957" in status.content.decode()


@pytest.mark.parametrize("name", public_views.LIST_TITLES)
def test_every_list_can_be_spoken_of_to_administrators(
    client: Client, officer_client: Client, administrator_client: Client, quick: None, name: str
) -> None:
    f.agreement()
    page = client.get(reverse(name)).content.decode()
    path = re.search(r'href="(/en/propose/[^"]+)"', page)[1]
    assert path == f"/en/propose/list/{name}/"
    response = propose(client, path)
    submission = Submission.objects.get()
    assert (submission.subject_kind, submission.subject, submission.territories) == ("list", name, [])
    assert submission.text == f"The year is 1957\n\n{reverse(name)}"
    assert f'href="{reverse(name)}"' in client.get(response["Location"]).content.decode()
    desk = reverse("submission", args=[submission.pk])
    assert f'href="{reverse(name)}"' in administrator_client.get(desk).content.decode()
    assert officer_client.get(desk).status_code == 404


def test_a_list_is_spoken_of_with_its_filters(client: Client, quick: None) -> None:
    f.town("Koulikoro", "ML")
    page = client.get("/en/towns/?country=ML").content.decode()
    (path,) = re.findall(r'href="(/en/propose/[^"]+)"', page)
    propose(client, path)
    assert Submission.objects.get().text.endswith("\n\n/en/towns/?country=ML")


@pytest.mark.parametrize(
    "path",
    [
        "list/my",
        "list/healthz",
        "agreement/A999999",
        "agreement/T1",
        "milestone/1",
        "town/%00",
        "country/ZZ",
        "submission/1",
    ],
)
def test_what_is_not_there_cannot_be_spoken_of(client: Client, path: str) -> None:
    assert client.get(f"/en/propose/{path}/").status_code == 404
    assert client.post(f"/en/propose/{path}/", {"text": "x"}).status_code == 404


def test_two_countries_can_be_spoken_of(client: Client) -> None:
    f.agreement(f.town(), f.town(code="ML"))
    assert 'href="/en/propose/country/FR/"' in client.get("/en/countries/fr/ml/").content.decode()


def test_a_draft_is_not_there(officer_client: Client) -> None:
    draft = f.make(Agreement)
    f.party(draft, f.town(territory=f.territory("FR-BFC")))
    assert officer_client.get(f"/en/propose/agreement/{draft.reference}/").status_code == 404
    page = officer_client.get(f"/en/agreements/{draft.address}/").content.decode()
    for absent in ("/propose/", ".csv", 'id="take"'):
        assert absent not in page


def test_the_officers_concerned_are_told_and_the_proposer_too(
    client: Client, quick: None, agreement: Agreement, told: User, django_capture_on_commit_callbacks
) -> None:
    elsewhere = f.officer("elsewhere", f.territory("FR-BRE"))
    elsewhere.email = "elsewhere@example.org"
    elsewhere.save()
    with django_capture_on_commit_callbacks(execute=True):
        response = propose(client, f"/fr/propose/agreement/{agreement.reference}/", email="ada@example.org")
    assert sorted(message.to[0] for message in mail.outbox) == ["ada@example.org", "officer@example.org"]
    (own,) = [message for message in mail.outbox if message.to == ["ada@example.org"]]
    assert response["Location"] in own.body
    assert response["Location"].startswith("/fr/")
    assert "1957" not in own.subject + own.body, "nobody sends others a text of their choice by way of the site"


def test_mails_to_visitors_quote_nobody(
    client: Client, officer_client: Client, quick: None, agreement: Agreement, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        propose(client, f"/en/propose/agreement/{agreement.reference}/", name="BUY", email="ada@example.org")
        address = f"/en/my/submissions/{Submission.objects.get().pk}/"
        officer_client.post(address, {"action": "comment", "text": "CHEAP"})
        officer_client.post(address, {"action": "reject", "reason": "PILLS"})
    told = [message for message in mail.outbox if message.to == ["ada@example.org"]]
    assert len(told) == 3
    for message in told:
        text = message.subject + message.body
        assert "Dijon – Mainz" in text
        assert "/en/proposals/" in text
        for word in ("BUY", "CHEAP", "PILLS", "1957"):
            assert word not in text


def test_an_address_that_is_given_often_is_written_to_three_times_a_day(client: Client, agreement: Agreement) -> None:
    for _each in range(5):
        proposals.propose(subject=proposals.subject_of(agreement), text="x", email="ada@example.org")
    assert OutgoingMail.objects.filter(to="ada@example.org").count() == notifications.RECEIVED_A_DAY
    OutgoingMail.objects.update(created_at=timezone.now() - datetime.timedelta(days=1))
    proposals.propose(subject=proposals.subject_of(agreement), text="x", email="Ada@example.org")
    assert OutgoingMail.objects.filter(to__iexact="ada@example.org").count() == notifications.RECEIVED_A_DAY + 1


def test_an_officer_answers_and_accepts(
    client: Client, officer_client: Client, quick: None, agreement: Agreement, django_capture_on_commit_callbacks
) -> None:
    status = propose(client, f"/en/propose/agreement/{agreement.reference}/", email="ada@example.org")["Location"]
    submission = Submission.objects.get()
    queue = officer_client.get("/en/my/submissions/").content.decode()
    assert "Dijon – Mainz" in queue
    with django_capture_on_commit_callbacks(execute=True):
        officer_client.post(f"/en/my/submissions/{submission.pk}/", {"action": "comment", "text": "Who says so?"})
        client.post(status, {"text": "The charter", "stamp": stamp_of(client, status)})
        officer_client.post(f"/en/my/submissions/{submission.pk}/", {"action": "approve", "reason": "Mended, thanks"})
    told = [message.subject.split(":")[0] for message in mail.outbox if message.to == ["ada@example.org"]]
    assert told == ["Thank you for what you told us of", "A word about", "Accepted"]
    page = client.get(status).content.decode()
    for word in ("Who says so?", "The charter", "Mended, thanks", "Accepted"):
        assert word in page
    assert "officer" not in re.sub(r"<header.*?</header>", "", page, flags=re.S).split("<main")[1], "no names outside"


def test_an_officer_of_another_region_sees_nothing_of_it(client: Client, quick: None, agreement: Agreement) -> None:
    propose(client, f"/en/propose/agreement/{agreement.reference}/")
    pk = Submission.objects.get().pk
    stranger = Client()
    stranger.force_login(f.officer("elsewhere", f.territory("FR-BRE"), role="coordinator"))
    assert stranger.get(f"/en/my/submissions/{pk}/").status_code == 404
    assert stranger.post(f"/en/my/submissions/{pk}/", {"action": "approve"}).status_code == 404
    assert "Dijon" not in stranger.get("/en/my/submissions/").content.decode()
    assert Submission.objects.get().state == "open"


def test_what_concerns_no_territory_is_for_administrators(
    client: Client, officer_client: Client, administrator_client: Client, quick: None
) -> None:
    propose(client, f"/en/propose/country/{f.country('ML').pk}/")
    pk = Submission.objects.get().pk
    assert officer_client.get(f"/en/my/submissions/{pk}/").status_code == 404
    assert administrator_client.get(f"/en/my/submissions/{pk}/").status_code == 200


def test_keys_are_not_guessed_and_open_one_kind_of_page(client: Client, quick: None, agreement: Agreement) -> None:
    propose(client, f"/en/propose/agreement/{agreement.reference}/")
    pk = Submission.objects.get().pk
    for key in (str(pk), f"{pk}.x", DIGEST.key(pk), CONFIRMATION.key(pk), PROPOSAL.key(pk + 1)):
        assert client.get(f"/en/proposals/{key}/").status_code == 404
    assert client.get(f"/en/proposals/{PROPOSAL.key(pk)}/").status_code == 200


def test_an_officers_submission_has_no_open_page(client: Client, officer: User, agreement: Agreement) -> None:
    noted = proposals.note(by=officer, agreement=agreement)
    assert client.get(f"/en/proposals/{PROPOSAL.key(noted.pk)}/").status_code == 404


def test_who_proposed_something_adds_no_word_once_it_is_decided_on(
    client: Client, officer: User, quick: None, agreement: Agreement
) -> None:
    status = propose(client, f"/en/propose/agreement/{agreement.reference}/")["Location"]
    submission, stamp = Submission.objects.get(), stamp_of(client, status)
    client.post(status, {"text": "The charter", "stamp": stamp})
    decisions.approve(by=officer, submission=submission, reason="Mended, thanks")
    client.post(status, {"text": "And more", "stamp": stamp})
    with pytest.raises(actions.ActionRefused):
        proposals.reply(submission=Submission.objects.get(), text="And more")
    assert [comment.text for comment in submission.comments.all()] == ["The charter"]


# The guard


def test_too_fast_is_refused_with_a_word_and_passes_later(
    client: Client, agreement: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/en/propose/agreement/{agreement.reference}/"
    response = propose(client, path)
    page = response.content.decode()
    assert response.status_code == 200
    assert "faster than people write" in page
    assert "The year is 1957" in page, "what was typed stays"
    monkeypatch.setattr(spam, "FASTEST", datetime.timedelta(seconds=-1))
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)[1]
    assert client.post(path, {"text": "The year is 1957", "stamp": stamp}).status_code == 302


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"website": "https://spam.example"}, "for machines"),
        ({"stamp": "forged"}, "open for long"),
        ({"text": " "}, ""),
    ],
)
def test_machines_are_refused(client: Client, quick: None, agreement: Agreement, fields: dict, word: str) -> None:
    response = propose(client, f"/en/propose/agreement/{agreement.reference}/", **fields)
    assert response.status_code == 200
    assert word in response.content.decode()
    assert not Submission.objects.exists()


def test_an_old_form_is_refused_once(
    client: Client, quick: None, agreement: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/en/propose/agreement/{agreement.reference}/"
    with monkeypatch.context() as past:
        past.setattr("time.time", lambda: timezone.now().timestamp() - 86_400)
        stamp = stamp_of(client, path)
    page = client.post(path, {"text": "The year is 1957", "stamp": stamp}).content.decode()
    assert "open for long" in page
    fresh = re.search(r'name="stamp" value="([^"]+)"', page)[1]
    assert client.post(path, {"text": "The year is 1957", "stamp": fresh}).status_code == 302


def test_one_address_sends_only_so_many(client: Client, quick: None, agreement: Agreement) -> None:
    path = f"/en/propose/agreement/{agreement.reference}/"
    answers = [propose(client, path).status_code for _time in range(6)]
    assert answers == [302] * 5 + [429]
    assert client.post(path, {"text": "x", "stamp": stamp_of(client, path)}, REMOTE_ADDR="10.1.1.1").status_code == 302


# Confirmations


def ask(officer: User, agreement: Agreement, **more) -> Confirmation:
    return proposals.ask(by=officer, party=agreement.parties.last(), **more)


def link_to(confirmation: Confirmation) -> str:
    return f"/en/confirm/{CONFIRMATION.key(confirmation.pk)}/"


def answer(client: Client, path: str, **fields):
    page = client.get(path).content.decode()
    hidden = dict(re.findall(r'name="(stamp|version)" value="([^"]+)"', page))
    return client.post(path, hidden | fields)


def test_an_officer_asks_and_the_partner_gets_the_link(
    officer_client: Client, officer: User, agreement: Agreement, client: Client, django_capture_on_commit_callbacks
) -> None:
    path = f"/en/my/agreements/{agreement.reference}/confirm/"
    party = agreement.parties.last()
    with django_capture_on_commit_callbacks(execute=True):
        fields = {"party": party.pk, "email": "mayor@example.org", "language": "fr"}
        assert officer_client.post(path, fields).status_code == 302
    (message,) = mail.outbox
    assert message.to == ["mayor@example.org"]
    link = re.search(r"http://localhost:8000(/fr/confirm/\S+)", message.body)[1]
    assert client.get(link).status_code == 200
    again = officer_client.get(path)
    assert link in again.content.decode(), "to hand on, since the address is not known as theirs"
    assert again.context["form"].fields["party"].initial == party, "it is the others who are asked"


@pytest.mark.parametrize(("role", "territory", "status"), [
    ("officer", "FR-BFC", 302),
    ("coordinator", "FR-BFC", 302),
    ("contributor", "FR-BFC", 403),
    ("officer", "FR-BRE", 403),
])  # fmt: skip
def test_who_may_ask(agreement: Agreement, role: str, territory: str, status: int) -> None:
    client = Client()
    client.force_login(f.officer("somebody", f.territory(territory), role=role))
    fields = {"party": agreement.parties.last().pk, "language": "en"}
    answered = client.post(f"/en/my/agreements/{agreement.reference}/confirm/", fields).status_code
    assert answered == status
    assert Confirmation.objects.exists() == (status == 302)


def test_a_link_that_is_mailed_to_the_partner_is_shown_to_nobody_else(
    officer_client: Client, agreement: Agreement
) -> None:
    path = f"/en/my/agreements/{agreement.reference}/confirm/"
    fields = {"party": agreement.parties.last().pk, "email": "mayor@mainz.example", "language": "en"}
    page = officer_client.post(path, fields, follow=True).content.decode()
    assert "will be the partner&#x27;s own" in page
    assert "can be answered until" in page
    assert not re.search(r"/confirm/\w", page)
    officer_client.post(path, fields | {"email": ""})
    assert re.search(r"/en/confirm/\w", officer_client.get(path).content.decode())


@pytest.mark.parametrize(("email", "theirs"), [
    ("mayor@mainz.example", True),
    ("mayor@Stadt.Mainz.Example", True),
    ("mayor@notmainz.example", False),
    ("mayor@example", False),
    ("mayor@mainz.example.org", False),
    ("", False),
])  # fmt: skip
def test_an_address_at_the_website_is_the_partys_own(
    officer: User, agreement: Agreement, email: str, theirs: bool
) -> None:
    assert proposals.belongs(email, agreement.parties.last(), officer) is theirs


@pytest.mark.parametrize("website", ["", "https://example/", "https://", "https://www.mainz.example.org"])
def test_without_a_website_of_their_own_no_address_is_theirs(officer: User, website: str) -> None:
    party = f.agreement(f.town(), f.town("Mainz", "DE", website=website)).parties.last()
    assert not proposals.belongs("mayor@mainz.example", party, officer)


@pytest.mark.parametrize("who", ["asker", "other", "asker after other", "other after asker"])
def test_a_website_that_the_asker_has_entered_proves_nothing(officer: User, agreement: Agreement, who: str) -> None:
    party, other = agreement.parties.last(), f.user("other")
    websites = {"asker": "https://fake.example", "other": "https://true.example"}
    for one in reversed(who.split(" after ")):
        with pghistory.context(user={"asker": officer, "other": other}[one].pk):
            party.town.website = websites[one]
            party.town.save()
    with pghistory.context(user=other.pk):  # who only changes something else has not looked at it
        party.town.population = 7
        party.town.save()
    mine = who.startswith("asker")
    assert proposals.belongs(f"mayor@{'fake' if mine else 'true'}.example", party, officer) is not mine


def test_a_website_that_the_asker_has_set_back_proves_nothing(officer: User, agreement: Agreement) -> None:
    party = agreement.parties.last()
    for website in ("https://fake.example", party.town.website):
        with pghistory.context(user=officer.pk):
            party.town.website = website
            party.town.save()
    assert not proposals.belongs("mayor@mainz.example", party, officer)


def test_an_address_of_who_may_change_the_agreement_is_not_the_partners(officer: User, agreement: Agreement) -> None:
    party = agreement.parties.last()
    colleague = f.user("colleague", email="colleague@mainz.example")
    assert proposals.belongs(colleague.email, party, officer)
    f.make(f.p.Mandate, user=colleague, territory=f.territory("FR-BFC"), role="officer")
    assert not proposals.belongs(colleague.email, party, officer)


def test_mail_to_the_askers_own_house_proves_nothing(officer: User, agreement: Agreement) -> None:
    party = agreement.parties.last()
    for own, theirs in (("me@mainz.example", False), ("me@post.mainz.example", False), ("me@region.example", True)):
        officer.email = own
        officer.save()
        assert proposals.belongs("me+mayor@mainz.example", party, officer) is theirs


@pytest.mark.parametrize(
    ("who", "theirs"),
    [("officer", False), ("colleague", False), ("elsewhere", True), ("administrator", True), (None, True)],
)
@pytest.mark.parametrize("by_file", [False, True])
def test_a_website_that_was_entered_beside_the_asker_proves_nothing(
    officer: User, agreement: Agreement, administrator: User, who: str | None, theirs: bool, by_file: bool
) -> None:
    f.officer("colleague", f.territory("FR-BFC"), role="contributor")
    f.officer("elsewhere", f.territory("FR-BRE"))
    people = {user.username: user for user in User.objects.all()} | {"administrator": administrator, "officer": officer}
    setter = people[who] if who else None
    said = {"batch": f.make(ImportBatch, user=setter).reference} if by_file else {"user": setter and setter.pk}
    party = agreement.parties.last()
    with pghistory.context(**said):
        party.town.website = "https://new.example"
        party.town.save()
    assert proposals.belongs("mayor@new.example", party, officer) is theirs


def test_a_party_that_became_another_meanwhile_has_not_confirmed(
    client: Client, officer: User, agreement: Agreement, quick: None
) -> None:
    asked = ask(officer, agreement, email="mayor@mainz.example")
    assert asked.route == "partner"
    agreement.parties.filter(pk=asked.party_id).update(town=f.town("Ulm", "DE", website="https://ulm.example"))
    answer(client, link_to(asked), answer="yes")
    asked.refresh_from_db()
    assert (asked.answer, asked.route) == ("yes", "officer")


def test_a_party_of_another_agreement_is_refused(officer_client: Client, agreement: Agreement) -> None:
    fields = {"party": f.agreement().parties.first().pk, "language": "en"}
    path = f"/en/my/agreements/{agreement.reference}/confirm/"
    assert officer_client.post(path, fields).status_code == 200
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(("email", "action", "marks"), [
    ("mayor@mainz.example", "confirm", ("Confirmed by both sides", "Confirmé par les deux côtés")),
    (
        "mayor@example.org",
        "confirm-through-officer",
        ("Confirmed through the officer who asked", "Confirmé par l’intermédiaire du référent"),
    ),
    (
        "",
        "confirm-through-officer",
        ("Confirmed through the officer who asked", "Confirmé par l’intermédiaire du référent"),
    ),
])  # fmt: skip
def test_the_mark_says_whose_word_it_is(
    client: Client, officer: User, agreement: Agreement, quick: None, email: str, action: str, marks: tuple[str, str]
) -> None:
    answer(client, link_to(ask(officer, agreement, email=email)), answer="yes")
    for language, mark in zip(("en", "fr"), marks, strict=True):
        page = client.get(f"/{language}/agreements/{agreement.address}/").content.decode()
        assert mark in page
        assert ("both sides" in page or "deux côtés" in page) == (action == "confirm")
    assert agreement.events.order_by("-pgh_id").first().pgh_context.metadata["action"] == action
    history = client.get(f"/en/agreements/{agreement.address}/history/").content.decode()
    assert ("an officer gave the link" in history) == (action != "confirm")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("email", "own"), [("mayor@mainz.example", True), ("mayor@example.org", False), ("", False)])
def test_who_is_asked_is_told_what_a_yes_will_count_for(
    client: Client,
    officer: User,
    agreement: Agreement,
    django_capture_on_commit_callbacks,
    email: str,
    own: bool,
    language: str,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask(officer, agreement, email=email, language=language)
    path = link_to(asked).replace("/en/", f"/{language}/")
    words = {"en": ("confirmed by both sides", "confirmed through"), "fr": ("par les deux côtés", "l’intermédiaire du")}
    texts = [client.get(path).text, *(message.body for message in mail.outbox)]
    assert len(texts) == (2 if email else 1)
    for text in texts:
        assert [word in text for word in words[language]] == [own, not own]
    agreement.parties.filter(pk=asked.party_id).update(town=f.town("Ulm", "DE", website="https://ulm.example"))
    assert [word in client.get(path).text for word in words[language]] == [False, True]


@pytest.mark.parametrize("fields", [{"answer": "no"}, {"answer": "correction", "text": "Since 1961."}])
@pytest.mark.parametrize("email", ["mayor@mainz.example", ""])
def test_the_queue_says_whose_word_it_is(
    client: Client,
    officer: User,
    officer_client: Client,
    agreement: Agreement,
    quick: None,
    email: str,
    fields: dict[str, str],
) -> None:
    asked = ask(officer, agreement, email=email)
    answer(client, link_to(asked), **fields)
    (submission,) = agreement.submissions.all()
    queue, page = (
        officer_client.get(path).text for path in ("/en/my/submissions/", f"/en/my/submissions/{submission.pk}/")
    )
    own = f"<span>{asked.party}</span>" in queue and f"From {asked.party}," in page
    handed_on = f"a link that the officer who asked handed on (to: {asked.party})"
    assert (own, handed_on in queue and f"From {handed_on}," in page) == (bool(email), not email)
    thanks = client.get(link_to(asked)).text
    told = f"{asked.party} answered on", f"for {asked.party}, through the officer who asked"
    assert [word in thanks for word in told] == [bool(email), not email]


def test_a_partners_own_word_weighs_more_than_a_later_one_through_an_officer(
    client: Client, officer: User, agreement: Agreement, quick: None
) -> None:
    for email in ("mayor@mainz.example", ""):
        answer(client, link_to(ask(officer, agreement, email=email)), answer="yes")
    mark = proposals.marks_of([agreement.pk])[agreement.pk]
    assert (mark.by_partner, mark.current) == (True, True)
    workflow.save(by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"signed": "1960"})
    answer(client, link_to(ask(officer, agreement)), answer="yes")
    mark = proposals.marks_of([agreement.pk])[agreement.pk]
    assert (mark.by_partner, mark.current) == (False, True), "an earlier version is not what is told now"


def test_yes_marks_the_agreement(client: Client, officer: User, agreement: Agreement, quick: None) -> None:
    asked = ask(officer, agreement, email="mayor@mainz.example")
    assert answer(client, link_to(asked), answer="yes").status_code == 302
    asked.refresh_from_db()
    agreement.refresh_from_db()
    assert (asked.answer, asked.email) == ("yes", "")
    assert agreement.verified_on == timezone.localdate()
    event = agreement.events.order_by("-pgh_id").first()
    assert event.pgh_context.metadata["action"] == "confirm"
    assert event.pgh_context.metadata["role"] == "partner"
    page = client.get(f"/en/agreements/{agreement.address}/").content.decode()
    assert "Confirmed by both sides" in page
    assert "Thank you" in client.get(link_to(asked)).content.decode()
    workflow.end(by=officer, agreement=agreement, ended="2020")
    page = client.get(f"/en/agreements/{agreement.address}/").content.decode()
    assert "changed since" in page


@pytest.mark.parametrize(
    ("email", "mark"), [("mayor@mainz.example", "by both sides"), ("", "through the officer who asked")]
)
def test_a_list_marks_what_is_confirmed_as_it_is(
    client: Client, officer: User, agreement: Agreement, quick: None, email: str, mark: str
) -> None:
    def listed() -> bool:
        as_list, as_table = (client.get(f"/en/agreements/{query}").content.decode() for query in ("", "?view=table"))
        assert (f"confirmed {mark}" in as_list) == (mark in as_table)
        return f"confirmed {mark}" in as_list

    asked = ask(officer, agreement, email=email)
    assert not listed()
    answer(client, link_to(asked), answer="yes")
    assert listed()
    workflow.save(by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"signed": "1960"})
    assert not listed()


def test_a_confirmation_is_in_the_history_even_on_the_day_of_a_verification(
    client: Client, officer: User, agreement: Agreement, quick: None
) -> None:
    workflow.verify(by=officer, agreements=[agreement])
    answer(client, link_to(ask(officer, agreement)), answer="yes")
    assert agreement.events.order_by("-pgh_id").first().pgh_context.metadata["action"] == "confirm-through-officer"


def test_without_an_answer_there_is_no_mark(client: Client, officer: User, agreement: Agreement) -> None:
    ask(officer, agreement)
    assert "Confirmed by both sides" not in client.get(f"/en/agreements/{agreement.address}/").content.decode()


@pytest.mark.parametrize("said", ["no", "correction"])
def test_no_and_a_correction_wait_in_the_queue(
    client: Client, officer_client: Client, officer: User, agreement: Agreement, quick: None, said: str
) -> None:
    asked = ask(officer, agreement, email="mayor@mainz.example")
    response = answer(client, link_to(asked), answer=said, text="Since 1957")
    submission = Submission.objects.get()
    assert (submission.kind, submission.text, submission.agreement) == ("correction", "Since 1957", agreement)
    assert submission.author_name == "Mainz"
    assert client.get(response["Location"]).status_code == 200
    assert officer_client.get(f"/en/my/submissions/{submission.pk}/").status_code == 200
    asked.refresh_from_db()
    agreement.refresh_from_db()
    assert (asked.answer, asked.email) == (said, "")
    assert agreement.verified_on is None


def test_a_correction_says_what(client: Client, officer: User, agreement: Agreement, quick: None) -> None:
    asked = ask(officer, agreement)
    assert "what is to be corrected" in answer(client, link_to(asked), answer="correction").content.decode()
    asked.refresh_from_db()
    assert asked.answer == ""


def test_what_was_changed_meanwhile_is_asked_about_anew(
    client: Client, officer: User, agreement: Agreement, quick: None
) -> None:
    asked = ask(officer, agreement)
    path = link_to(asked)
    hidden = dict(re.findall(r'name="(stamp|version)" value="([^"]+)"', client.get(path).content.decode()))
    workflow.save(by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"signed": "1960"})
    page = client.post(path, hidden | {"answer": "yes"}).content.decode()
    assert "changed while you were reading" in page
    assert "1960" in page
    asked.refresh_from_db()
    assert asked.answer == ""
    assert "changed after you were asked" in client.get(path).content.decode()
    assert answer(client, path, answer="yes").status_code == 302
    asked.refresh_from_db()
    assert asked.fingerprint == snapshot.content_fingerprint(snapshot.read_content(agreement))


def test_an_expired_link_answers_nothing(client: Client, officer: User, agreement: Agreement, quick: None) -> None:
    asked = ask(officer, agreement)
    path = link_to(asked)
    hidden = dict(re.findall(r'name="(stamp|version)" value="([^"]+)"', client.get(path).content.decode()))
    Confirmation.objects.update(expires_at=timezone.now())
    assert client.get(path).status_code == 410
    assert client.post(path, hidden | {"answer": "yes"}).status_code == 410
    agreement.refresh_from_db()
    assert agreement.verified_on is None


def test_a_question_about_what_is_withdrawn_is_answered_by_nobody(
    client: Client, officer: User, agreement: Agreement, quick: None
) -> None:
    asked = ask(officer, agreement)
    path = link_to(asked)
    hidden = dict(re.findall(r'name="(stamp|version)" value="([^"]+)"', client.get(path).content.decode()))
    workflow.withdraw(by=officer, agreement=agreement, reason="Never existed")
    assert client.get(path).status_code == 410
    assert client.post(path, hidden | {"answer": "yes"}).status_code == 410
    asked.refresh_from_db()
    assert asked.answer == ""


def test_the_mail_that_a_question_was_sent_by_is_erased_with_its_answer(
    client: Client, officer: User, agreement: Agreement, quick: None
) -> None:
    asked = ask(officer, agreement, email="mayor@mainz.example")
    assert OutgoingMail.objects.get().to == "mayor@mainz.example"
    answer(client, link_to(asked), answer="yes")
    assert not OutgoingMail.objects.exists()


def test_who_is_asked_again_at_once_gets_the_link_that_works(officer: User, agreement: Agreement) -> None:
    for _time in range(2):
        last = ask(officer, agreement, email="mayor@mainz.example")
    assert OutgoingMail.objects.get().confirmation == last


def test_a_question_to_one_party_leaves_that_to_another_open(
    client: Client, officer: User, agreement: Agreement
) -> None:
    first = proposals.ask(by=officer, party=agreement.parties.first())
    second = ask(officer, agreement)
    assert [client.get(link_to(asked)).status_code for asked in (first, second)] == [200, 200]


def test_a_new_question_ends_the_earlier_one(client: Client, officer: User, agreement: Agreement) -> None:
    first = ask(officer, agreement, email="mayor@example.org")
    second = ask(officer, agreement)
    assert client.get(link_to(first)).status_code == 410
    assert client.get(link_to(second)).status_code == 200
    first.refresh_from_db()
    assert first.email == ""


def test_an_answer_is_given_once(client: Client, officer: User, agreement: Agreement, quick: None) -> None:
    asked = ask(officer, agreement)
    answer(client, link_to(asked), answer="yes")
    client.post(link_to(asked), {"answer": "no"})
    asked.refresh_from_db()
    assert asked.answer == "yes"


def test_keys_of_others_open_nothing(client: Client, officer: User, agreement: Agreement) -> None:
    asked = ask(officer, agreement)
    for key in (str(asked.pk), PROPOSAL.key(asked.pk), CONFIRMATION.key(asked.pk + 1)):
        assert client.get(f"/en/confirm/{key}/").status_code == 404


# What has served is erased


@pytest.fixture
def personal(officer: User, agreement: Agreement) -> dict:
    """Personal data that have served, and their twins that have not."""
    now, day = timezone.now(), datetime.timedelta(days=1)
    today = timezone.localdate()
    forms = [f.make(f.p.FormDraft, user=officer) for _each in range(2)]
    for form, age in zip(forms, (retention.KEPT_UNSENT + day, retention.KEPT_UNSENT - day), strict=True):
        f.p.FormDraft.objects.filter(pk=form.pk).update(saved_at=now - age)
    old = {"author_name": "Ada", "author_email": "ada@example.org", "state": "approved"}
    ended = {"to": "ada@example.org", "state": "sent", "next_try": None}
    return {
        "due": [
            f.make(f.p.Contact, agreement=agreement, purge_on=today),
            f.make(Confirmation, party=agreement.parties.last(), email="a@example.org", expires_at=now - day),
            f.make(Submission, **old, decided_at=now - retention.KEPT_AFTER_DECISION - day),
            f.make(f.p.Invitation, expires_at=now - day),
            forms[0],
            f.make(OutgoingMail, **ended, ended_at=now - outbox.MAIL_RETENTION),
        ],
        "kept": [
            f.make(f.p.Contact, agreement=agreement, purge_on=today + day),
            f.make(Confirmation, party=agreement.parties.last(), email="a@example.org", expires_at=now + day),
            f.make(Submission, **old, decided_at=now - retention.KEPT_AFTER_DECISION + day),
            f.make(f.p.Invitation, expires_at=now + day),
            forms[1],
            f.make(OutgoingMail, **ended, ended_at=now - outbox.MAIL_RETENTION + day),
            f.make(OutgoingMail, to="ada@example.org", created_at=now - outbox.MAIL_RETENTION - day),
            f.make(Submission, **{**old, "author": officer}, decided_at=now - retention.KEPT_AFTER_DECISION - day),
        ],
    }


def state(rows: list) -> list:
    """The rows as they are stored now."""
    return [type(row).objects.filter(pk=row.pk).values().first() for row in rows]


def test_purging_erases_what_has_served_and_nothing_else(personal: dict, capsys) -> None:
    kept = state(personal["kept"])
    call_command("purge_contacts")
    contact, asked, proposal, invitation, form, sent = state(personal["due"])
    assert (contact, invitation, form, sent) == (None, None, None, None)
    assert asked["email"] == ""
    assert (proposal["author_name"], proposal["author_email"]) == ("", "")
    assert state(personal["kept"]) == kept
    assert re.findall(r"erased (\d)", capsys.readouterr().out) == ["1"] * 6


def test_a_dry_run_erases_nothing(personal: dict, capsys) -> None:
    before = state(personal["due"])
    call_command("purge_contacts", "--dry-run")
    assert state(personal["due"]) == before
    assert re.findall(r"would erase (\d)", capsys.readouterr().out) == ["1"] * 6
