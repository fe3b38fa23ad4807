"""Getting in: by address and password, a second step, a provider; what throttles; one's own data and its end."""

import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import timezone
from pghistory.models import Context

from coopdir.accounts.forms import NameForm
from coopdir.management.commands import prepare_demo
from partnerships import permissions
from partnerships.editing import workflow
from partnerships.mail import outbox
from partnerships.models import FormDraft, Mandate, MandateEvent, OutgoingMail, Preference, Submission
from partnerships.people import invitations
from tests import factories
from tests.accounts import PASSWORD, SECRET, code, link_in_last_mail, log_in, mails, person, signed_in, with_app
from tests.packages import needed

pytestmark = pytest.mark.django_db

LOGIN = "/en/account/login/"
NEW = "a horse of another colour"


@pytest.fixture
def vera() -> User:
    """An officer with a password."""
    user = person()
    factories.make(Mandate, user=user, territory=factories.territory("FR-BFC"), role="officer")
    return user


# By address and password


def test_address_and_password_lead_to_ones_territory(client: Client, vera: User) -> None:
    assert log_in(client, vera) == "/en/my/"
    assert signed_in(client) == vera


def test_who_has_no_mandate_is_led_to_the_account(client: Client) -> None:
    assert log_in(client, person()) == "/en/account/"


def test_one_gets_where_one_was_going_but_not_to_another_site(client: Client, vera: User) -> None:
    for wanted, led in (("/en/towns/", "/en/towns/"), ("https://evil.example/", "/en/my/")):
        answer = client.post(f"{LOGIN}?next={wanted}", {"login": vera.email, "password": PASSWORD, "next": wanted})
        assert answer["Location"] == led
        client.logout()


@pytest.mark.parametrize(
    ("login", "password"),
    [("vera@example.org", "wrong"), ("vera", PASSWORD), ("nobody@example.org", PASSWORD)],
)
def test_nothing_else_opens(client: Client, vera: User, login: str, password: str) -> None:
    answer = client.post(LOGIN, {"login": login, "password": password})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert signed_in(client) is None


def test_a_closed_account_does_not_open(client: Client, vera: User) -> None:
    User.objects.filter(pk=vera.pk).update(is_active=False)
    log_in(client, vera)
    assert signed_in(client) is None


def test_an_address_is_confirmed_before_its_account_opens(client: Client) -> None:
    user = person(verified=False)
    assert log_in(client, user) == "/en/account/email/sent/"
    assert signed_in(client) is None
    link = link_in_last_mail()
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get(user=user).verified  # mail programs follow links by themselves
    client.post(link)
    assert EmailAddress.objects.get(user=user).verified
    assert log_in(Client(), user) == "/en/account/"


def test_nobody_signs_up(client: Client) -> None:
    fields = {"email": "new@example.org", "password1": PASSWORD}
    for answer in (client.get("/en/account/signup/"), client.post("/en/account/signup/", fields)):
        assert "Accounts are made by invitation" in answer.text
    assert not User.objects.exists()


def test_logging_out_needs_a_click(client: Client, vera: User) -> None:
    client.force_login(vera)
    assert client.get("/en/account/logout/").status_code == 200
    assert signed_in(client) == vera
    client.post("/en/account/logout/")
    assert signed_in(client) is None


def test_every_page_says_how_to_get_in_and_out(client: Client, vera: User) -> None:
    assert 'href="/en/account/login/"' in client.get("/en/towns/").text
    client.force_login(vera)
    page = client.get("/en/towns/").text
    assert 'href="/en/account/login/"' not in page
    for address in ("/en/my/", "/en/account/", "/en/account/logout/"):
        assert f'"{address}"' in page


def test_the_administration_has_the_same_door(client: Client, administrator: User, vera: User) -> None:
    answer = client.get("/en/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/en/account/login/?next=%2Fen%2Fadmin%2F"
    assert client.post("/en/admin/login/", {"username": "administrator", "password": "x"}).status_code == 302
    client.force_login(vera)
    assert client.get("/en/admin/login/").status_code == 403


def test_the_administration_shows_no_secret_and_can_take_a_lost_telephone_away(
    administrator_client: Client, vera: User
) -> None:
    with_app(vera)
    factor = Authenticator.objects.get()
    page = administrator_client.get(f"/en/admin/mfa/authenticator/{factor.pk}/change/")
    assert page.status_code == 200
    assert SECRET not in page.text
    administrator_client.post(f"/en/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()


def test_the_administration_does_not_delete_accounts(administrator_client: Client, vera: User) -> None:
    assert administrator_client.post(f"/en/admin/auth/user/{vera.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=vera.pk).exists()


# Password and address


def test_a_forgotten_password_is_replaced_by_a_link(client: Client, vera: User) -> None:
    client.post("/en/account/password/reset/", {"email": vera.email})
    assert mails()[-1].to == [vera.email]
    form = client.get(link_in_last_mail(), follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another long phrase", "password2": "another long phrase"})
    assert not log_in(client, vera)
    assert log_in(client, vera, "another long phrase")
    assert "another long phrase" not in "".join(message.body for message in mails())


def test_strangers_get_no_mail_and_learn_nothing(client: Client, vera: User) -> None:
    answers = [
        client.post("/en/account/password/reset/", {"email": email}) for email in (vera.email, "nobody@example.org")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/en/account/password/reset/sent/")
    }
    assert [message.to for message in mails()] == [[vera.email]]


def test_a_password_is_changed_with_the_old_one_and_is_strong(client: Client, vera: User) -> None:
    log_in(client, vera)
    for old, new, changed in (("wrong", "another long phrase", False), (PASSWORD, "12345678901234", False)):
        client.post("/en/account/password/change/", {"oldpassword": old, "password1": new, "password2": new})
        assert User.objects.get(pk=vera.pk).check_password(new) is changed
    new = "another long phrase"
    client.post("/en/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert User.objects.get(pk=vera.pk).check_password(new)
    assert mails()[-1].to == [vera.email]  # who did not do it hears of it


def test_another_address_takes_over_once_it_is_confirmed(client: Client, vera: User) -> None:
    log_in(client, vera)
    client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    client.post("/en/account/email/", {"email": "new@example.org", "action_add": ""})
    assert User.objects.get(pk=vera.pk).email == "vera@example.org"
    assert mails()[-1].to == ["new@example.org"]
    client.post(link_in_last_mail())
    assert User.objects.get(pk=vera.pk).email == "new@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.org", True)]


@pytest.mark.parametrize("host", ["testserver", "localhost", "127.0.0.1"])
def test_links_in_mails_are_the_sites_whatever_the_request_says(
    client: Client, vera: User, settings: Any, host: str
) -> None:
    settings.SITE_URL = "https://coopdir.example.org"
    asked = client.post("/en/account/password/reset/", {"email": vera.email}, headers={"host": host})
    assert asked.status_code == 302
    log_in(client, vera)
    client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    client.post("/en/account/email/", {"email": "new@example.org", "action_add": ""}, headers={"host": host})
    assert [message.to for message in mails()] == [["vera@example.org"], ["new@example.org"]]
    for message, page in zip(mails(), ("password/reset/key", "email/confirm"), strict=True):
        assert f"https://coopdir.example.org/en/account/{page}/" in message.body
        assert set(re.findall(r"https?://[^/\s]+", message.body)) == {"https://coopdir.example.org"}


def test_a_mail_server_that_is_away_stops_no_page(client: Client, vera: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert client.post("/en/account/password/reset/", {"email": vera.email}).status_code == 302
    assert mails() == []
    assert OutgoingMail.objects.get().kind == "password_reset_key"


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("J. P. Müller-D’Arc", True),
        ("Ada (IRCOD)", True),
        ("buy www.example.org", False),
        ("https://example", False),
        ("a@example", False),
    ],
)
def test_names_hold_no_addresses(name: str, fine: bool) -> None:
    form = NameForm({"first_name": name, "last_name": "Dupont"})
    assert form.is_valid() is fine
    assert fine or name.split()[-1] in form.errors["first_name"][0]


def test_mails_to_who_leaves_are_erased(client: Client, vera: User) -> None:
    client.post("/en/account/password/reset/", {"email": vera.email})
    mails()
    client.post("/en/account/password/reset/", {"email": vera.email})
    OutgoingMail.objects.create(kind="test", to="Vera@Example.org")
    OutgoingMail.objects.create(kind="test", to="other@example.org")
    invitations.close_account(by=vera, account=vera)
    assert [one.to for one in OutgoingMail.objects.all()] == ["other@example.org"]


CHANGES = {
    "password": ("/en/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}),
    "reset": ("", {"password1": NEW, "password2": NEW}),
    "address": ("", {}),
    "app": ("/en/account/steps/app/activate/", {}),
    "no app": ("/en/account/steps/app/deactivate/", {}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_and_the_mail_that_tells_of_it_are_one(
    client: Client, vera: User, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def state() -> tuple[object, ...]:
        addresses, steps = EmailAddress.objects.values_list("email"), Authenticator.objects.values_list("type")
        return User.objects.get(pk=vera.pk).password, set(addresses), set(steps)

    path, fields = CHANGES[what]
    if what == "reset":
        client.post("/en/account/password/reset/", {"email": vera.email})
        path = client.get(link_in_last_mail()).headers["Location"]
    else:
        log_in(client, vera)
        client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    if what == "address":
        client.post("/en/account/email/", {"email": "new@example.org", "action_add": ""})
        path = link_in_last_mail()
    if what == "app":
        fields = {"code": code(client.get(path).context["form"].secret)}
    if what == "no app":
        with_app(vera)
    OutgoingMail.objects.all().delete()

    def failing(*args: object, **options: object) -> None:
        OutgoingMail.objects.create(kind="test", to=vera.email)
        raise RuntimeError

    before, client.raise_request_exception = state(), False
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "queue", failing)
        assert client.post(path, fields).status_code == 500
    assert (state(), OutgoingMail.objects.count()) == (before, 0)
    assert client.post(path, fields).status_code == 302
    assert state() != before
    assert OutgoingMail.objects.exists()


# The second step


def test_an_app_is_set_up_with_its_code_and_asked_for_from_then_on(client: Client, vera: User) -> None:
    log_in(client, vera)
    assert client.get("/en/account/steps/app/activate/").status_code == 302  # the password, once more
    client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/en/account/steps/app/activate/").context["form"].secret
    client.post("/en/account/steps/app/activate/", {"code": "000000"})
    assert not Authenticator.objects.exists()
    secret = client.session["mfa.totp.secret"]
    client.post("/en/account/steps/app/activate/", {"code": code(secret)})
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    client.post("/en/account/logout/")

    assert log_in(client, vera) == "/en/account/steps/login/"
    assert signed_in(client) is None
    client.post("/en/account/steps/login/", {"code": "000000"})
    assert signed_in(client) is None
    client.post("/en/account/steps/login/", {"code": code(secret, 1)})
    assert signed_in(client) == vera


def test_a_recovery_code_opens_once(client: Client, vera: User) -> None:
    with_app(vera)
    spare = RecoveryCodes.activate(vera).get_unused_codes()[0]
    for expected in (vera, None):
        log_in(client, vera)
        client.post("/en/account/steps/login/", {"code": spare})
        assert signed_in(client) == expected
        client.logout()


ROLES = ("contributor", "officer", "coordinator", "administrator")
GUARDED = ("/en/my/", "/fr/my/people/", "/en/imports/", "/en/admin/", "/en/admin/auth/user/")


def somebody(role: str) -> User:
    """Somebody of a role."""
    if role == "administrator":
        return person(role, is_staff=True, is_superuser=True)
    user = person(role)
    factories.make(Mandate, user=user, territory=factories.territory("FR-BFC"), role=role)
    return user


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("required", ROLES)
def test_a_role_may_have_to_show_a_second_step(
    client: Client, settings: LazySettings, role: str, required: str
) -> None:
    settings.MFA_REQUIRED_ROLES = {required}
    user = somebody(role)
    client.force_login(user)
    for path in GUARDED:
        led = client.get(path).headers.get("Location", "") == "/en/account/steps/".replace("/en/", f"/{path[1:3]}/")
        assert led is (role == required), path
        posted = client.post(path)  # of a page that is only read, nobody learns more than that
        assert posted.status_code == 405 or posted.headers.get("Location", "").endswith("/account/steps/") is led
    for path in ("/en/", "/en/towns/", "/en/account/", "/en/account/steps/", "/en/account/logout/"):
        assert client.get(path).status_code == 200
    with_app(user)
    assert client.get("/en/my/").headers.get("Location", "") == ""


def test_recovery_codes_alone_are_no_second_step(client: Client, settings: LazySettings) -> None:
    settings.MFA_REQUIRED_ROLES = {"officer"}
    user = somebody("officer")
    RecoveryCodes.activate(user)
    client.force_login(user)
    assert client.get("/en/my/").headers.get("Location") == "/en/account/steps/"


# The demo


@pytest.mark.parametrize("name", ["admin", "contributor-bfc", "officer-bfc", "officer-ara", "coordinator-bfc"])
def test_the_demo_has_an_account_of_every_role(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for territory in ("FR-BFC", "FR-ARA"):
        factories.territory(territory)
    monkeypatch.setattr(prepare_demo.Command, "accounts_file", tmp_path / "accounts.txt")
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    for _run in range(2):  # safe to repeat
        told = prepare_demo.Command()._accounts()
    address = f"{name}@coopdir.example"
    assert address in told
    user = User.objects.get(email=address)
    assert log_in(client, user) == "/en/my/"
    roles = permissions.roles_of(user)
    assert roles == {"administrator" if name == "admin" else name.split("-")[0]}


# Throttling


def test_guessing_a_password_is_stopped(client: Client, vera: User) -> None:
    for _try in range(5):
        assert not log_in(client, vera, "wrong")
    assert not log_in(client, vera)  # the right one, too late
    assert "Too many failed login attempts" in client.post(LOGIN, {"login": vera.email, "password": PASSWORD}).text
    other = person("other")
    assert log_in(Client(), other)


@pytest.mark.parametrize(("proxies", "last"), [(0, 429), (1, 200)])
def test_an_address_that_tries_too_often_is_turned_away(
    client: Client, settings: LazySettings, proxies: int, last: int
) -> None:
    """A header that anybody can send does not make another visitor, but where a proxy of ours adds to it."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(31):
        answer = client.post(
            LOGIN, {"login": f"x{number}@example.org", "password": ""}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
        )
    assert answer.status_code == last
    assert ("Too often" in answer.text) is (last == 429)


@pytest.mark.parametrize(("proxies", "address"), [(0, "198.51.100.7"), (1, "192.0.2.3"), (2, "192.0.2.2")])
def test_the_visitors_address_is_what_trusted_proxies_say(
    rf: RequestFactory, settings: LazySettings, proxies: int, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="198.51.100.7", headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2, 192.0.2.3"})
    assert get_adapter(request).get_client_ip(request) == address


# A provider of OpenID Connect


@pytest.fixture
def provider(settings: LazySettings) -> Iterator[str]:
    """A provider, and the site connected with it: its address."""
    with needed("oidc_provider_mock").run_server_in_thread() as server:
        url = f"http://localhost:{server.server_port}"
        settings.OIDC_SERVER = url
        app = {"provider_id": "oidc", "name": "Town hall", "client_id": "coopdir", "secret": "s"}
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{**app, "settings": {"server_url": url}}]}
        }
        yield url


def by_provider(client: Client, provider: str, subject: str, start: str = "/en/account/oidc/login/", **claims) -> str:
    """Log in at the provider as somebody of whom it says this; the page that it ends on."""
    requests.put(f"{provider}/users/{subject}", json=claims, timeout=5).raise_for_status()
    asked = client.post(start)["Location"]
    assert parse_qs(urlsplit(asked).query)["redirect_uri"] == ["http://testserver/account/oidc/callback/"]
    answered = requests.post(asked, data={"sub": subject}, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(answered)
    return client.get(f"{parts.path}?{parts.query}", follow=True).text


def test_a_provider_opens_the_account_of_a_confirmed_address(client: Client, provider: str, vera: User) -> None:
    assert "Log in with Town hall" in client.get(LOGIN).text
    by_provider(client, provider, "42", email="Vera@example.org", email_verified=True)
    assert signed_in(client) == vera
    client.logout()
    # Connected by its own number from then on, whatever address it tells.
    by_provider(client, provider, "42", email="married@example.org", email_verified=True)
    assert signed_in(client) == vera
    assert User.objects.get(pk=vera.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("email", "by_them", "by_us"),
    [
        ("vera@example.org", False, True),
        ("vera@example.org", True, False),
        ("vera@example.org", "false", True),
        ("stranger@example.org", True, True),
    ],
)
def test_a_provider_opens_and_makes_no_other_account(
    client: Client, provider: str, email: str, by_them: object, by_us: bool
) -> None:
    person(verified=by_us)
    page = by_provider(client, provider, "42", email=email, email_verified=by_them)
    assert signed_in(client) is None
    assert "Accounts are made by invitation" in page
    assert User.objects.count() == 1
    assert not User.objects.get().socialaccount_set.exists()


def test_what_a_provider_tells_is_kept_as_text(client: Client, provider: str, vera: User) -> None:
    told = {"email": vera.email, "email_verified": True, "name": "Ve\x00r\x07a", "groups": ["x\x00" * 600]}
    by_provider(client, provider, "42", **told)
    assert signed_in(client) == vera
    kept = vera.socialaccount_set.get().extra_data
    kept = kept.get("userinfo", kept)
    assert (kept["name"], len(kept["groups"][0])) == ("Vera", 500)


@pytest.mark.parametrize(("subject", "email"), [("4\x07", "vera@example.org"), ("4", "ve\x00ra@example.org")])
def test_a_provider_that_names_somebody_by_no_text_opens_nothing(
    client: Client, provider: str, vera: User, subject: str, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenIDConnectProvider, "extract_uid", lambda self, data: subject)
    by_provider(client, provider, "42", email=email, email_verified=True)
    assert signed_in(client) is None
    assert not vera.socialaccount_set.exists()


def test_a_provider_does_not_spare_the_second_step(client: Client, provider: str, vera: User) -> None:
    with_app(vera)
    by_provider(client, provider, "42", email=vera.email, email_verified=True)
    assert signed_in(client) is None
    client.post("/en/account/steps/login/", {"code": code(SECRET)})
    assert signed_in(client) == vera


def called_back(client: Client, provider: str, subject: str, **claims: object) -> str:
    """Where the provider sends the browser back to, once somebody has shown who they are."""
    requests.put(f"{provider}/users/{subject}", json=claims, timeout=5).raise_for_status()
    asked = client.post("/en/account/oidc/login/")["Location"]
    answered = requests.post(asked, data={"sub": subject}, allow_redirects=False, timeout=5).headers["Location"]
    return "{0.path}?{0.query}".format(urlsplit(answered))


def test_what_a_provider_sends_back_opens_once_and_in_one_browser(client: Client, provider: str, vera: User) -> None:
    """Who gets hold of the address, or sends their own to somebody else, opens nothing by it."""
    back = called_back(client, provider, "42", email=vera.email, email_verified=True)
    stranger = Client()
    stranger.get(back, follow=True)
    assert signed_in(stranger) is None
    other = Client()
    other.post("/en/account/oidc/login/")  # has a state of its own
    other.get(back, follow=True)
    assert signed_in(other) is None
    client.get(back, follow=True)
    assert signed_in(client) == vera
    client.logout()
    client.get(back, follow=True)
    assert signed_in(client) is None


def test_what_was_not_asked_for_opens_nothing(client: Client, provider: str, vera: User) -> None:
    back = called_back(client, provider, "42", email=vera.email, email_verified=True)
    for forged in (
        re.sub(r"state=[^&]+", "state=x", back),
        re.sub(r"&?state=[^&]+", "", back),
        re.sub(r"code=[^&]+", "code=x", back),
    ):
        assert client.get(forged, follow=True).status_code in (200, 401, 403)
        assert signed_in(client) is None


def test_another_number_with_ones_address_once_it_is_connected(client: Client, provider: str, vera: User) -> None:
    """A provider's number is what is connected; somebody else's, whatever they say, does not change that."""
    by_provider(client, provider, "42", email=vera.email, email_verified=True)
    client.logout()
    otto = person("otto")
    by_provider(client, provider, "42", email=otto.email, email_verified=True)
    assert signed_in(client) == vera
    client.logout()
    log_in(client, otto)
    client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    by_provider(client, provider, "42", start="/en/account/oidc/login/?process=connect")
    assert set(vera.socialaccount_set.values_list("uid", flat=True)) == {"42"}
    assert not otto.socialaccount_set.exists()


def test_a_provider_does_not_open_what_is_closed(client: Client, provider: str, vera: User) -> None:
    User.objects.update(is_active=False)
    by_provider(client, provider, "42", email=vera.email, email_verified=True)
    assert signed_in(client) is None


def test_without_a_provider_there_is_no_way_to_one(client: Client) -> None:
    assert "Log in with a passkey" in (page := client.get(LOGIN).text)
    assert "/oidc/" not in page


# One's own account


def test_name_language_and_digest_are_ones_own(client: Client, vera: User) -> None:
    client.force_login(vera)
    assert client.get("/en/account/").context["form"]["digest"].value() is True
    client.post("/en/account/", {"first_name": "Vera", "last_name": "Dupont", "language": "fr"})
    assert User.objects.get(pk=vera.pk).get_full_name() == "Vera Dupont"
    assert Preference.objects.values_list("user", "language", "digest").get() == (vera.pk, "fr", False)


@pytest.fixture
def busy(vera: User) -> User:
    """Somebody who has left traces everywhere."""
    User.objects.filter(pk=vera.pk).update(first_name="Vera", last_name="Dupont")
    vera.refresh_from_db()
    territory = factories.territory("FR-BFC")
    agreement = factories.agreement(factories.town(territory=territory), factories.town(code="DE"))
    workflow.verify(by=vera, agreements=[agreement])
    factories.make(FormDraft, user=vera, data={"description": ["half a sentence"]})
    factories.make(
        Submission,
        kind="change",
        subject_kind="agreement",
        subject=agreement.reference,
        author=vera,
        author_name="Vera Dupont",
        author_email=vera.email,
    )
    return vera


def test_ones_data_are_taken_away_as_one_file(client: Client, busy: User) -> None:
    person("other")
    client.force_login(busy)
    answer = client.get("/en/account/data.json")
    assert "attachment" in answer["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["account"]["email"] == busy.email
    assert data["form_drafts"][0]["data"] == {"description": ["half a sentence"]}
    assert [mandate["territory"] for mandate in data["mandates"]] == ["FR-BFC"]
    assert "verify" in {action.get("action") for action in data["actions"]}
    assert len(data["submissions"]) == 1
    assert "password" not in answer.text
    assert "other" not in answer.text


def test_secrets_stay_where_they_are(client: Client, busy: User) -> None:
    with_app(busy)
    client.force_login(busy)
    answer = client.get("/en/account/data.json")
    assert '"totp"' in answer.text
    assert SECRET not in answer.text


def traces(user: User) -> list[dict]:
    """What the history's contexts say of somebody."""
    return list(Context.objects.filter(metadata__user=user.pk).values_list("metadata", flat=True))


def test_ones_account_is_deleted_with_the_password_and_forgotten(client: Client, busy: User) -> None:
    number, name = busy.pk, "Vera Dupont"
    assert traces(busy)
    log_in(client, busy)
    client.post("/en/account/delete/")
    assert User.objects.filter(pk=number).exists()  # not without the password
    client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    client.post("/en/account/delete/")
    assert not User.objects.filter(pk=number).exists()
    assert not traces(User(pk=number))
    assert name not in str(list(Context.objects.values_list("metadata", flat=True)))
    assert not MandateEvent.objects.filter(user_id=number).exists()
    assert Submission.objects.values_list("author", "author_name", "author_email").get() == (None, "", "")
    assert Context.objects.filter(metadata__action="verify").exists()  # what was done stays
    assert signed_in(client) is None


def test_who_logs_in_elsewhere_does_so_again_before_the_account_is_deleted(client: Client) -> None:
    user = factories.user("by-provider")
    client.force_login(user)
    User.objects.update(last_login=timezone.now() - datetime.timedelta(minutes=10))
    answer = client.post("/en/account/delete/")
    assert answer.headers["Location"] == "/en/account/login/?next=/en/account/delete/"
    assert signed_in(client) is None
    client.force_login(user)
    assert client.post("/en/account/delete/").status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()


def test_the_last_administrator_stays(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    client.post("/en/account/delete/")
    assert User.objects.filter(pk=administrator.pk).exists()
    factories.user("second", is_superuser=True)
    client.post("/en/account/delete/")
    assert not User.objects.filter(pk=administrator.pk).exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_mails_speak_the_readers_language(client: Client, vera: User, language: str) -> None:
    client.post(f"/{language}/account/password/reset/", {"email": vera.email})
    message = mails()[-1]
    assert message.subject.startswith("CoopDir: ")
    assert f"/{language}/account/password/reset/key/" in message.body
    assert "example.com" not in message.body
