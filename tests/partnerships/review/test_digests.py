"""Digests: once a week at most, only with something to tell, in the officer's language, ended by a link."""

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from partnerships.editing import workflow
from partnerships.mail import outbox
from partnerships.mail.signed_links import DIGEST, PROPOSAL
from partnerships.models import Agreement, OutgoingMail, Preference, Submission
from partnerships.review import digests
from tests import factories as f

pytestmark = pytest.mark.django_db

WEEK = datetime.timedelta(days=7)


@pytest.fixture(autouse=True)
def _address(officer: User) -> None:
    """The officer can be written to."""
    User.objects.filter(pk=officer.pk).update(email="officer@example.org", first_name="Ada")
    officer.refresh_from_db()


@pytest.fixture
def due() -> Agreement:
    """Something to verify."""
    return f.agreement(f.town("Dijon", territory=f.territory("FR-BFC")), f.town("Mainz", "DE"))


@pytest.fixture
def send(django_capture_on_commit_callbacks):
    def sending(**options) -> list:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            call_command("send_digests", **options)
        return list(mail.outbox)

    return sending


def test_a_digest_tells_all_four(due: Agreement, send) -> None:
    soon = timezone.localdate() + datetime.timedelta(days=60)
    f.agreement(f.town("Dole", territory=f.territory("FR-BFC")), f.town(code="DE"), valid_until=soon.isoformat())
    f.make(Submission, territories=["FR-BFC"], subject_title="A proposal")
    colleague = f.officer("colleague", f.territory("FR-BFC"))
    workflow.verify(by=colleague, agreements=[due])
    (message,) = send()
    assert message.to == ["officer@example.org"]
    assert message.body.startswith("Good day Ada")
    for told in (
        "A proposal",
        "1 agreement to verify",
        "Dole",
        "1 agreement runs out",
        "1 agreement was changed",
        "Dijon",
    ):
        assert told in message.body, message.body
    assert "&" not in message.body
    assert not re.search(r"\n{4}", message.body)


def test_who_has_nothing_to_do_gets_nothing(send) -> None:
    f.agreement(f.town("Rennes", territory=f.territory("FR-BRE")), f.town(code="DE"))
    assert send() == []
    assert Preference.objects.get().digest_at is None


def test_once_a_week_at_most(due: Agreement, send) -> None:
    assert len(send()) == 1
    assert send() == []
    Preference.objects.update(digest_at=timezone.now() - WEEK + datetime.timedelta(days=1))
    assert send() == []
    Preference.objects.update(digest_at=timezone.now() - WEEK)
    assert len(send()) == 1


def test_a_job_that_runs_some_minutes_earlier_than_last_week_sends_them(officer: User, due: Agreement, send) -> None:
    Preference.objects.create(user=officer, digest_at=timezone.now() - WEEK + datetime.timedelta(minutes=20))
    assert len(send()) == 1


def test_an_administrator_whose_mandate_is_over_gets_none(officer: User, due: Agreement, send) -> None:
    User.objects.update(is_superuser=True)
    officer.mandates.update(until=timezone.localdate() - datetime.timedelta(days=1))
    assert send() == []


@pytest.mark.parametrize("told", [False, True])
def test_what_changed_since_the_last_one_is_told(
    officer: User, due: Agreement, told: bool, django_capture_on_commit_callbacks
) -> None:
    changed = f.agreement(f.town("Dole", territory=f.territory("FR-BFC")), f.town(code="DE"))
    workflow.verify(by=f.officer("colleague", f.territory("FR-BFC")), agreements=[changed])
    after = timezone.now() + datetime.timedelta(hours=-1 if told else 1)
    Preference.objects.create(user=officer, digest_at=after)
    with django_capture_on_commit_callbacks(execute=True):
        assert digests.send_digest(to=officer, now=after + 2 * WEEK)
    (message,) = mail.outbox
    assert "1 agreement to verify" in message.body
    assert ("1 agreement was changed" in message.body) is told


def test_in_the_officers_language(officer: User, due: Agreement, send) -> None:
    Preference.objects.create(user=officer, language="fr")
    (message,) = send()
    assert "/fr/my/" in message.body
    assert "/fr/digest/stop/" in message.body


def test_one_officer_by_name(due: Agreement, send) -> None:
    other = f.officer("other", f.territory("FR-BFC"))
    User.objects.filter(pk=other.pk).update(email="other@example.org")
    assert [message.to for message in send(user="other")] == [["other@example.org"]]


def test_it_is_told_only_once_it_is_delivered(due: Agreement, settings, send) -> None:
    settings.EMAIL_BACKEND, backend = "django.core.mail.backends.smtp.EmailBackend", settings.EMAIL_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    send()
    assert Preference.objects.get().digest_at is None
    send()
    waits = OutgoingMail.objects.get()  # one that waits is enough
    settings.EMAIL_BACKEND = backend
    outbox.try_again(OutgoingMail.objects.all())
    assert outbox.send_due() == 1
    assert Preference.objects.get().digest_at == waits.created_at


def test_one_that_was_given_up_is_written_anew(due: Agreement, send, settings) -> None:
    send()
    OutgoingMail.objects.update(state="given_up")
    Preference.objects.update(digest_at=None)
    assert len(send()) == 1


@pytest.mark.parametrize("why", ["digest", "mandate", "inactive", "address"])
def test_who_gets_none(officer: User, due: Agreement, send, why: str) -> None:
    match why:
        case "digest":
            Preference.objects.create(user=officer, digest=False)
        case "mandate":
            officer.mandates.update(until=timezone.localdate() - datetime.timedelta(days=1))
        case "inactive":
            User.objects.update(is_active=False)
        case "address":
            User.objects.update(email="")
    assert send() == []


def test_one_click_ends_them_without_login_and_without_a_token(officer: User, due: Agreement, send) -> None:
    (message,) = send()
    address = message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in message.body
    client = Client(enforce_csrf_checks=True)
    assert client.get(address).status_code == 200
    assert Preference.objects.get(user=officer).digest, "who follows links does not end anything"
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Preference.objects.get(user=officer).digest
    Preference.objects.update(digest_at=None)
    assert send() == []


def test_a_key_ends_ones_own_only(officer: User, client: Client) -> None:
    for key in (str(officer.pk), PROPOSAL.key(officer.pk), DIGEST.key(officer.pk + 100)):
        assert client.post(f"/en/digest/stop/{key}/").status_code == 404
    assert not Preference.objects.filter(digest=False).exists()


def test_what_was_told_is_not_told_again(officer: User, due: Agreement) -> None:
    colleague = f.officer("colleague", f.territory("FR-BFC"))
    workflow.verify(by=colleague, agreements=[due])
    assert digests.lists_of(officer, timezone.now() - WEEK)["changed"].number == 1
    assert digests.lists_of(officer, timezone.now())["changed"].number == 0
