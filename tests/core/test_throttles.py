"""How often something may be tried: by address, by account, and for the whole site in a day."""

import re
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from core import shares, spam, throttles
from partnerships.mail.signed_links import CONFIRMATION, INVITATION
from tests import factories as f
from tests.accounts import PASSWORD, SECRET, code, link_in_last_mail, log_in, mails, person, signed_in, with_app

LOGIN = "/en/account/login/"
DAY = 24 * 3600
HERE, ALSO_HERE, THERE = "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"
"""Two addresses of one connection, and one of another."""


@pytest.fixture(autouse=True)
def _nothing_is_counted_yet(db: None) -> None:
    cache.clear()


@pytest.fixture
def rates(settings: LazySettings) -> Callable[..., None]:
    """Sets rates."""

    def set_to(**rates: str) -> None:
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | rates

    return set_to


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the clock that tries are counted by go on."""

    def go_on(seconds: float) -> None:
        clock = SimpleNamespace(time=lambda: time.time() + seconds, monotonic=time.monotonic, sleep=time.sleep)
        monkeypatch.setattr(ratelimit, "time", clock)

    return go_on


# By address


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (HERE, ALSO_HERE, True),
        (HERE, THERE, False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_one_connection_counts_as_one_visitor(rf: RequestFactory, one: str, other: str, same: bool) -> None:
    keys = {throttles.address_key(rf.get("/", REMOTE_ADDR=address)) for address in (one, other)}
    assert (len(keys) == 1) is same


def test_the_api_counts_so(client: Client, rf: RequestFactory) -> None:
    shares.reset_shares()
    shares.share_of(throttles.address_key(rf.get("/", REMOTE_ADDR=HERE)), shares.ANYBODY)
    answers = [client.get("/api/v1/", REMOTE_ADDR=address).status_code for address in (HERE, ALSO_HERE, THERE)]
    assert answers == [429, 429, 200]


def propose(address: str, whole: bool = False) -> Any:
    """Propose something from an address; the status of the answer, or the whole of it."""
    client, path = Client(REMOTE_ADDR=address), "/en/propose/list/agreements/"
    stamp = re.search(r'name="stamp" value="([^"]+)"', client.get(path).text)
    assert stamp
    answer = client.post(path, {"text": "The year is 1957", "stamp": stamp[1]})
    return answer if whole else answer.status_code


def test_forms_count_so_and_the_site_has_a_limit_of_a_day(
    monkeypatch: pytest.MonkeyPatch, rates: Callable[..., None], later: Callable[[float], None]
) -> None:
    monkeypatch.setattr(spam, "FASTEST", spam.datetime.timedelta())
    rates(propose="2/m/ip", site_day="4/d/key")
    assert [propose(address) for address in (HERE, ALSO_HERE, ALSO_HERE, THERE)] == [302, 302, 429, 302]
    assert [propose(f"192.0.2.{number}") for number in (1, 2, 3)] == [302, 429, 429]
    later(DAY + 1)
    assert propose("192.0.2.3") == 302


def reset(email: str, address: str = "192.0.2.1") -> str:
    """Ask for a new password; what is said, empty if it is sent."""
    answer = Client(REMOTE_ADDR=address).post("/en/account/password/reset/", {"email": email})
    return "" if answer.status_code == 302 else " ".join(answer.context["form"].errors["email"])


def test_so_many_passwords_are_reset_in_a_day(rates: Callable[..., None], later: Callable[[float], None]) -> None:
    rates(site_day="2/d/key", reset_password="1/d/key")
    people = [person(name) for name in ("one", "two", "three")]
    assert [reset(f"nobody{number}@example.org") for number in range(3)] == [""] * 3  # strangers use nothing up
    assert reset(people[0].email) == ""
    assert "Too often" in Client().post("/en/account/password/reset/", {"email": people[0].email}).text  # nothing sent
    assert reset(people[1].email) == ""
    assert len(mails()) == 2
    refused = reset(people[2].email)
    assert "as it sends in a day" in refused
    assert reset("nobody@example.org") == refused  # and hears the same
    assert len(mails()) == 2
    later(DAY + 1)
    assert reset(people[2].email) == ""


# When to come back

FORMS = {
    "accept_invitation": "/en/account/invitation/{invitation}/",
    "ask_partner": "/en/my/agreements/{reference}/confirm/",
    "change_password": "/en/account/password/change/",
    "invite": "/en/my/people/",
    "login": LOGIN,
    "manage_email": "/en/account/email/",
    "propose": "/en/propose/list/agreements/",
    "propose ": "/en/confirm/{confirmation}/",
    "reauthenticate": "/en/account/reauthenticate/",
    "reset_password": "/en/account/password/reset/",
}
"""Forms that are answered with 429, by the action that is counted."""
SIGNED_IN = {"ask_partner", "change_password", "invite", "manage_email", "reauthenticate"}


@pytest.mark.parametrize("action", FORMS)
def test_who_is_turned_away_hears_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch, rates: Callable[..., None], administrator: User, action: str
) -> None:
    monkeypatch.setattr(spam, "FASTEST", spam.datetime.timedelta())
    client, agreement = Client(), f.agreement()
    asked = f.make(f.p.Confirmation, party=agreement.parties.last(), expires_at=timezone.now() + timezone.timedelta(1))
    invited = f.make(f.p.Invitation, invited_by=administrator, expires_at=timezone.now() + timezone.timedelta(1))
    keys = {"invitation": INVITATION.key(invited.pk), "confirmation": CONFIRMATION.key(asked.pk)}
    path = FORMS[action].format(reference=agreement.reference, **keys)
    if action in SIGNED_IN:
        administrator.set_password(PASSWORD)
        administrator.save()
        client.force_login(administrator)
    hidden = dict(re.findall(r'name="(stamp|version)" value="([^"]+)"', client.get(path).text))
    fields = hidden | {"text": "1957", "answer": "correction", "email": "x@example.org", "login": "x@example.org"}
    fields |= {"password": "x", "party": "x"}
    rates(**{action.strip(): f"0/d/{'user' if action in SIGNED_IN else 'ip'}"})
    answer = client.post(path, fields)
    assert (answer.status_code, answer.get("Retry-After")) == (429, "60")  # of a limit that lets nobody in


@pytest.mark.parametrize(("rate", "most"), [("1/m/ip", 60), ("1/m/ip,1/h/ip", 3600), ("9/m/ip", DAY)])
def test_the_time_is_that_of_the_limit(
    monkeypatch: pytest.MonkeyPatch, rates: Callable[..., None], rate: str, most: int
) -> None:
    monkeypatch.setattr(spam, "FASTEST", spam.datetime.timedelta())
    rates(propose=rate, site_day="1/d/key")
    answers = [propose(HERE, whole=True) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 429]
    assert most - 30 < int(answers[1]["Retry-After"]) <= most
    assert "Retry-After" not in answers[0]


def test_the_time_of_a_limit_of_accounts_is_that_of_who_is_signed_in(
    rates: Callable[..., None], administrator: User
) -> None:
    client, agreement = Client(), f.agreement()
    client.force_login(administrator)
    rates(ask_partner="1/h/user")
    path = FORMS["ask_partner"].format(reference=agreement.reference)
    answers = [client.post(path, {"party": "x"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 3570 < int(answers[1]["Retry-After"]) <= 3600


# Passwords


def attempt(user: User, address: str, password: str = "wrong", host: str = "testserver") -> str:
    """Try to log in; the words of the refusal, empty if it led on."""
    answer = Client(REMOTE_ADDR=address, HTTP_HOST=host).post(LOGIN, {"login": user.email, "password": password})
    return "" if answer.status_code == 302 else " ".join(answer.context["form"].non_field_errors())


def test_wrong_passwords_keep_out_who_typed_them_and_not_the_owner() -> None:
    user = person()
    for _time in range(5):
        assert "not correct" in attempt(user, HERE)
    assert "Too many" in attempt(user, HERE, PASSWORD)
    assert "Too many" in attempt(user, ALSO_HERE, PASSWORD)
    assert attempt(user, THERE, PASSWORD) == ""


def test_an_account_has_a_limit_of_a_day_over_all_addresses(
    rates: Callable[..., None], later: Callable[[float], None]
) -> None:
    rates(login_failed_day="7/d/key")
    user, other = person(), person("other")
    for number in range(7):
        assert "not correct" in attempt(user, f"192.0.2.{number // 3}")
        assert attempt(other, "198.51.100.1", PASSWORD) == ""  # a right one uses nothing up
    refused = attempt(user, "203.0.113.1", PASSWORD)
    assert "for this account today" in refused
    assert "by mail" in refused
    assert attempt(other, "203.0.113.1", PASSWORD) == ""
    later(DAY + 1)
    assert attempt(user, "203.0.113.1", PASSWORD) == ""


def test_all_names_of_the_site_count_as_one(rates: Callable[..., None]) -> None:
    rates(login_failed_day="7/d/key")
    user = person()
    hosts = ["testserver", "testserver:1", "testserver:2", "localhost", "localhost."]
    assert all("not correct" in attempt(user, HERE, host=host) for host in hosts)
    assert "Too many failed" in attempt(user, HERE, PASSWORD, host="testserver:3")
    for number in range(2):
        attempt(user, f"192.0.2.{number}", host=f"testserver:{number}")
    assert "for this account today" in attempt(user, "203.0.113.1", PASSWORD, host="127.0.0.1")


def test_a_new_password_opens_it_at_once(rates: Callable[..., None]) -> None:
    rates(login_failed_day="3/d/key")
    user = person()
    for number in range(3):
        attempt(user, f"192.0.2.{number}")
    assert attempt(user, "203.0.113.1", PASSWORD)
    reset(user.email)
    client, new = Client(REMOTE_ADDR="203.0.113.1"), "another long phrase"
    form = client.get(link_in_last_mail(), follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": new, "password2": new})
    assert attempt(user, "203.0.113.2", new) == ""


# Codes of the second step


def try_code(user: User, typed: str, address: str = "192.0.2.1") -> str:
    """Log in anew and type a code; the words of the refusal, empty if it opened."""
    client = Client(REMOTE_ADDR=address)
    assert log_in(client, user)
    answer = client.post("/en/account/steps/login/", {"code": typed})
    assert (signed_in(client) is not None) is (answer.status_code == 302)
    return "" if answer.status_code == 302 else " ".join(answer.context["form"].errors["code"])


def test_guessing_codes_is_stopped_over_several_logins_and_addresses() -> None:
    user = with_app(person())
    for number in range(5):
        assert "Incorrect code" in try_code(user, "000000", f"192.0.2.{number}")
    assert "Too many" in try_code(user, code(SECRET), "203.0.113.1")


@pytest.mark.parametrize("way", ["app", "recovery code"])
def test_codes_have_a_limit_of_a_day(
    rates: Callable[..., None], later: Callable[[float], None], way: str, django_capture_on_commit_callbacks: Any
) -> None:
    rates(code_failed_day="3/d/key")
    user, other = with_app(person()), with_app(person("other"))
    spare: list[Any] = RecoveryCodes.activate(user).get_unused_codes()

    def right() -> str:
        return code(SECRET) if way == "app" else spare[0]

    for number in range(3):
        assert "Incorrect code" in try_code(user, "000000", f"192.0.2.{number}")
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            assert "for this account today" in try_code(user, right(), "203.0.113.1")
    told = [(message.to, message.subject) for message in mails()]
    assert told == [([user.email], "Wrong codes for your account")]  # once
    assert try_code(other, code(SECRET), "203.0.113.1") == ""
    later(DAY + 1)
    assert try_code(user, right(), "203.0.113.1") == ""


def test_right_codes_use_nothing_up(rates: Callable[..., None]) -> None:
    rates(code_failed_day="1/d/key")
    user = with_app(person())
    spare = RecoveryCodes.activate(user).get_unused_codes()
    assert [try_code(user, one) for one in spare[:3]] == ["", "", ""]


def test_showing_it_again_is_limited_too(client: Client, rates: Callable[..., None]) -> None:
    rates(code_failed_day="2/d/key")
    user = with_app(person())
    client.force_login(user)
    path = "/en/account/steps/reauthenticate/"
    for _time in range(2):
        client.post(path, {"code": "000000"})
    assert "for this account today" in client.post(path, {"code": code(SECRET)}).text
