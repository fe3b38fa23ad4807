"""Mail: plain text in the recipient's language, a row of the outbox until the mail server has taken it."""

import datetime
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from core.addresses import absolute
from partnerships.mail import outbox, send
from partnerships.models import OutgoingMail
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture(scope="module")
def _server() -> Iterator[MailServer]:
    server = MailServer().start()
    yield server
    server.stop()


@pytest.fixture
def server(_server: MailServer, settings) -> MailServer:
    """A mail server that listens, and sends what the outbox holds."""
    for name, value in _server.settings.items():
        setattr(settings, name, value)
    _server.taken.clear()
    _server.recipients.clear()
    _server.relays = True
    return _server


@pytest.fixture
def nobody_listens(settings) -> None:
    """No mail server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


def write(to: str = "ada@example.org") -> OutgoingMail:
    """A mail that waits."""
    return send.send_templated_mail("test", to, "en")


def sent(one: OutgoingMail) -> OutgoingMail:
    """The same mail after the outbox was looked at."""
    outbox.send_due()
    one.refresh_from_db()
    return one


def test_a_mail_is_sent_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        write()
        assert mail.outbox == []
    (message,) = mail.outbox
    assert message.subject == "A test mail from CoopDir"
    assert message.to == ["ada@example.org"]
    assert message.body.startswith("Mail from the directory arrives")
    assert "http://localhost:8000" in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_what_is_rolled_back_sends_nothing():
    try:
        with transaction.atomic():
            write()
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert outbox.send_due() == 0
    assert mail.outbox == []
    assert not OutgoingMail.objects.exists()


def test_without_an_address_nothing_is_sent():
    assert send.send_templated_mail("test", "", "en") is None
    assert not OutgoingMail.objects.exists()


def test_links_are_whole():
    assert absolute("/en/my/") == "http://localhost:8000/en/my/"


def test_what_is_delivered_keeps_no_text(server: MailServer):
    one = sent(
        send.send_templated_mail("test", "ada@example.org", "en", headers={"List-Unsubscribe": "<http://secret/>"})
    )
    assert (one.state, one.body, one.headers, one.tries) == ("sent", "", {}, 1)
    assert server.recipients == ["ada@example.org"]
    assert list(server.taken) == [f"<{one.message_id}@localhost>"]
    assert outbox.send_due() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.update(body="a link")


@pytest.mark.parametrize("to", ["nobody@example.org", "spam@example.org"])
def test_what_is_refused_for_good_is_given_up_and_keeps_no_text(server: MailServer, to: str):
    one = sent(write(to))
    assert (one.state, one.body) == ("given_up", "")
    assert "55" in one.last_error
    assert not server.taken


@pytest.mark.parametrize("to", ["busy@example.org", "later@example.org", "drop@example.org", "hang@example.org"])
def test_what_is_refused_for_now_waits_and_longer_each_time(server: MailServer, to: str):
    one = write(to)
    for wait in outbox.WAITS[:2]:
        outbox.try_again(OutgoingMail.objects.all())
        before = timezone.now()
        sent(one)
        assert (one.state, one.body == "") == ("waiting", False)
        assert wait <= one.next_try - before < wait + MINUTE
        assert one.last_error
    assert outbox.send_due() == 0, "it is not due yet"


def test_one_that_fails_keeps_no_other_back(server: MailServer):
    for to in ("drop@example.org", "nobody@example.org", "ada@example.org"):
        write(to)
    assert outbox.send_due() == 1
    assert server.recipients == ["ada@example.org"]


def test_what_the_server_does_not_allow_us_can_be_mended(server: MailServer):
    server.relays = False
    one = sent(write())
    assert one.state == "waiting"
    assert "relay access denied" in one.last_error
    server.relays = True
    outbox.try_again(OutgoingMail.objects.all())
    assert sent(one).state == "sent"


def test_a_server_that_is_away_costs_no_tries(nobody_listens: None, caplog):
    one = sent(write())
    assert (one.state, one.tries) == ("waiting", 0)
    assert "Connection refused" in one.last_error
    assert one.next_try <= timezone.now() + MINUTE
    assert "cannot be reached" in caplog.text


@pytest.mark.parametrize("age", [datetime.timedelta(days=2), datetime.timedelta(days=3)])
@pytest.mark.parametrize("why", ["away", "busy"])
def test_after_three_days_it_is_given_up(request: pytest.FixtureRequest, why: str, age: datetime.timedelta):
    request.getfixturevalue("server" if why == "busy" else "nobody_listens")
    one = write("busy@example.org")
    OutgoingMail.objects.update(created_at=timezone.now() - age)
    assert sent(one).state == ("given_up" if age == outbox.GIVEN_UP_AFTER else "waiting")


def test_what_another_process_sends_is_left_to_it_until_it_seems_dead(server: MailServer):
    one = write()
    assert outbox._claim() == one
    assert outbox.send_due() == 0
    OutgoingMail.objects.update(next_try=timezone.now())  # the lease is over
    assert outbox.send_due() == 1


def test_who_lost_a_mail_to_another_process_does_not_end_it():
    write()
    late = outbox._claim()
    OutgoingMail.objects.update(next_try=timezone.now())
    outbox._claim()
    outbox._end(late, "given_up", "too late")
    assert OutgoingMail.objects.get().state == "waiting"


def test_the_oldest_that_waits():
    assert outbox.oldest_waiting() is None
    one = write()
    assert outbox.oldest_waiting() == one.created_at
    outbox.send_due()
    assert outbox.oldest_waiting() is None


def test_mail_to_somebody_is_forgotten_however_the_address_is_written():
    for to in ("Ada@Example.org", "ada@example.org", "ada@example.org.uk"):
        write(to)
    assert outbox.erase_mails_to(["ADA@example.org", ""]) == 2
    assert OutgoingMail.objects.get().to == "ada@example.org.uk"


def test_what_ended_long_ago_is_purged():
    write()
    outbox.send_due()
    waits = write()
    for days, left in ((29, 2), (30, 1)):
        OutgoingMail.objects.exclude(pk=waits.pk).update(ended_at=timezone.now() - datetime.timedelta(days=days))
        call_command("purge_contacts")
        assert OutgoingMail.objects.count() == left


def test_administrators_see_it_without_its_text_and_have_it_tried_again(administrator_client: Client):
    one = write()
    OutgoingMail.objects.update(body="very-secret", next_try=timezone.now() + MINUTE, last_error="server away")
    address = "/en/admin/partnerships/outgoingmail/"
    for page in (administrator_client.get(address), administrator_client.get(f"{address}{one.pk}/change/")):
        assert "server away" in page.content.decode()
        assert "very-secret" not in page.content.decode()
    answer = administrator_client.post(address, {"action": "try_again", "_selected_action": one.pk}, follow=True)
    assert "1 mail will be sent now" in answer.content.decode()
    assert outbox.send_due() == 1
    answer = administrator_client.post(address, {"action": "try_again", "_selected_action": one.pk}, follow=True)
    assert "have no text any more" in answer.content.decode()


def test_an_officer_does_not_see_it(officer_client: Client):
    assert officer_client.get("/en/admin/partnerships/outgoingmail/").status_code == 302


# The page of the test mail


def test_an_administrator_sees_whether_mail_goes_out(administrator_client: Client, server: MailServer) -> None:
    answer = administrator_client.post("/en/my/test-mail/", {"to": "ada@example.org"})
    page = administrator_client.get(answer["Location"])
    assert "waits for the background worker" in page.content.decode()
    assert page["Refresh"]
    assert server.recipients == [], "no page waits for a mail server"
    outbox.send_due()
    page = administrator_client.get(answer["Location"])
    assert "took the mail to ada@example.org" in page.content.decode()
    assert "Refresh" not in page
    assert server.recipients == ["ada@example.org"]


def test_what_the_mail_server_says_is_shown(administrator_client: Client, nobody_listens: None) -> None:
    answer = administrator_client.post("/en/my/test-mail/", {"to": "ada@example.org"})
    outbox.send_due()
    page = administrator_client.get(answer["Location"])
    assert "ConnectionRefusedError" in page.content.decode()
    assert "took the mail" not in page.content.decode()


def test_a_wrong_address_is_told(administrator_client: Client) -> None:
    assert "valid email address" in administrator_client.post("/en/my/test-mail/", {"to": "ada"}).content.decode()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("which", ["x", "0", "9" * 30, "another"])
def test_no_other_mail_is_shown_there(administrator_client: Client, which: str) -> None:
    other = write()
    OutgoingMail.objects.update(kind="invitation")
    page = administrator_client.get("/en/my/test-mail/", {"mail": other.pk if which == "another" else which})
    assert page.status_code == 200
    assert "ada@example.org" not in page.content.decode()
