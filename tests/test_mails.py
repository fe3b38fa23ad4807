"""Mail: plain text in the recipient's language, sent once what it tells of is there to be seen."""

import pytest
from django.core import mail
from django.db import transaction

from partnerships import mails

pytestmark = pytest.mark.django_db


def test_a_mail_is_sent_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        mails.send("test", "ada@example.org", "en")
        assert mail.outbox == []
    (message,) = mail.outbox
    assert message.subject == "A test mail from CoopDir"
    assert message.to == ["ada@example.org"]
    assert message.body.startswith("Mail from the directory arrives")
    assert "http://localhost:8000" in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_what_is_rolled_back_sends_nothing(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        try:
            with transaction.atomic():
                mails.send("test", "ada@example.org", "en")
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    assert callbacks == []


def test_without_an_address_nothing_is_sent(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        mails.send("test", "", "en")
    assert callbacks == []


def test_a_mail_server_that_fails_is_logged_and_spares_the_reader(settings, caplog, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    with django_capture_on_commit_callbacks(execute=True):
        mails.send("test", "ada@example.org", "en")
    assert "could not be sent" in caplog.text


def test_links_are_whole():
    assert mails.link("/en/my/") == "http://localhost:8000/en/my/"
