"""What tests of accounts share: people with a password, codes of an app, and mail that was sent."""

import base64
import hashlib
import hmac
import re
import struct
import time

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from partnerships.mail import outbox
from tests import factories

PASSWORD = "correct horse battery"


def person(name: str = "vera", *, password: str = PASSWORD, verified: bool = True, **columns: object) -> User:
    """Somebody who logs in by name@example.org and a password."""
    user = factories.user(name, email=f"{name}@example.org", **columns)
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def code(secret: str, steps: int = 0) -> str:
    """The code that an app shows, some steps of half a minute from now (RFC 6238)."""
    counter = int(time.time()) // 30 + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


SECRET = base64.b32encode(b"twenty bytes secret!").decode()


def with_app(user: User) -> User:
    """The same person, who has set up an app; its key is `SECRET`."""
    TOTP.activate(user, SECRET)
    return user


def log_in(client: Client, user: User, password: str = PASSWORD, **extra: str) -> str:
    """Log in by the form; the address that it leads to, empty where it comes back."""
    answer = client.post("/en/account/login/", {"login": user.email, "password": password}, **extra)
    return answer.headers.get("Location", "")


def signed_in(client: Client) -> User | None:
    """Who is signed in."""
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def mails() -> list[EmailMessage]:
    """The mails that were sent, those among them that wait for the worker until now."""
    outbox.send_due()
    return mail.outbox


def link_in_last_mail() -> str:
    """The path of the first link of the last mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", mails()[-1].body)
    assert found
    return found[1]
