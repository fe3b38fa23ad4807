"""Getting in: by address and password, a second step, a provider; what throttles; one's own data and its end."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
import pytest
import requests
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone
from pghistory.models import Context

from coopdir.management.commands import prepare_demo
from partnerships import permissions, workflow
from partnerships.models import FormDraft, Mandate, MandateEvent, Preference, Submission
from tests import factories
from tests.accounts import PASSWORD, SECRET, code, link_in_last_mail, log_in, person, signed_in, with_app

pytestmark = pytest.mark.django_db

LOGIN = "/en/account/login/"


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
    assert mail.outbox[-1].to == [vera.email]
    form = client.get(link_in_last_mail(), follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another long phrase", "password2": "another long phrase"})
    assert not log_in(client, vera)
    assert log_in(client, vera, "another long phrase")
    assert "another long phrase" not in "".join(message.body for message in mail.outbox)


def test_strangers_get_no_mail_and_learn_nothing(client: Client, vera: User) -> None:
    answers = [
        client.post("/en/account/password/reset/", {"email": email}) for email in (vera.email, "nobody@example.org")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/en/account/password/reset/sent/")
    }
    assert [message.to for message in mail.outbox] == [[vera.email]]


def test_a_password_is_changed_with_the_old_one_and_is_strong(client: Client, vera: User) -> None:
    log_in(client, vera)
    for old, new, changed in (("wrong", "another long phrase", False), (PASSWORD, "12345678901234", False)):
        client.post("/en/account/password/change/", {"oldpassword": old, "password1": new, "password2": new})
        assert User.objects.get(pk=vera.pk).check_password(new) is changed
    new = "another long phrase"
    client.post("/en/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert User.objects.get(pk=vera.pk).check_password(new)
    assert mail.outbox[-1].to == [vera.email]  # who did not do it hears of it


def test_another_address_takes_over_once_it_is_confirmed(client: Client, vera: User) -> None:
    log_in(client, vera)
    client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    client.post("/en/account/email/", {"email": "new@example.org", "action_add": ""})
    assert User.objects.get(pk=vera.pk).email == "vera@example.org"
    assert mail.outbox[-1].to == ["new@example.org"]
    client.post(link_in_last_mail())
    assert User.objects.get(pk=vera.pk).email == "new@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.org", True)]


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
        assert client.post(path).headers.get("Location", "").endswith("/account/steps/") is led
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
    with oidc_provider_mock.run_server_in_thread() as server:
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


def test_a_provider_does_not_spare_the_second_step(client: Client, provider: str, vera: User) -> None:
    with_app(vera)
    by_provider(client, provider, "42", email=vera.email, email_verified=True)
    assert signed_in(client) is None
    client.post("/en/account/steps/login/", {"code": code(SECRET)})
    assert signed_in(client) == vera


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
    message = mail.outbox[-1]
    assert message.subject.startswith("CoopDir: ")
    assert f"/{language}/account/password/reset/key/" in message.body
    assert "example.com" not in message.body
