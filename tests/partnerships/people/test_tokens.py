"""Tokens of the API: who makes one, and what ends them."""

import io
from typing import Any

import pytest
from allauth.account import app_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from partnerships.models import ApiToken, Mandate
from partnerships.people import invitations, tokens
from tests import factories as f
from tests.accounts import PASSWORD, SECRET, code, link_in_last_mail, log_in, person, with_app
from tests.forms import send, the_form

PAGE = "/en/my/tokens/"
NEW = "another long phrase"


@pytest.fixture
def owner(db: None) -> User:
    """An officer of two regions, who logs in by a password."""
    user = person()
    for territory in ("FR-BFC", "FR-BRE"):
        f.make(Mandate, user=user, territory=f.territory(territory), role="officer")
    return user


def token_of(user: User, territory: str = "FR-BFC") -> str:
    """The secret of a new token for one of the mandates."""
    return tokens.create_token(by=user, mandate=user.mandates.get(territory=territory), name=territory)[1]


def ends(why: str) -> bool:
    """Whether all tokens have ended, for this reason, on a day."""
    return set(ApiToken.objects.values_list("ended_by", "revoked_at__date")) == {(why, timezone.now().date())}


def ask(client: Client, user: User) -> Any:
    """The answer to the form that makes a token."""
    return client.post(PAGE, {"name": "Our website", "mandate": user.mandates.first().pk})


# Making one


def later(client: Client, seconds: float) -> None:
    """Let time pass since the browser has shown who it is."""
    session = client.session
    session["account_authentication_methods"] = [
        record | {"at": record["at"] - seconds} for record in session["account_authentication_methods"]
    ]
    session.save()


def test_after_a_while_the_password_is_asked_for_and_the_token_made_then(client: Client, owner: User) -> None:
    log_in(client, owner)
    later(client, app_settings.REAUTHENTICATION_TIMEOUT + 1)
    answer = ask(client, owner)
    assert answer["Location"].startswith("/en/account/reauthenticate/")
    assert not ApiToken.objects.exists()
    assert client.post(answer["Location"], {"password": "wrong"}).status_code == 200
    assert not ApiToken.objects.exists()
    page = client.post(answer["Location"], {"password": PASSWORD, "next": PAGE})
    assert tokens.find_token(page.context["secret"]).user == owner


def test_who_has_just_logged_in_is_not_asked(client: Client, owner: User) -> None:
    log_in(client, owner)
    later(client, app_settings.REAUTHENTICATION_TIMEOUT - 30)
    assert ask(client, owner).status_code == 200
    assert ApiToken.objects.count() == 1


def test_who_has_a_second_factor_shows_it(client: Client, owner: User) -> None:
    log_in(client, owner)  # before it was set up, so by the password alone
    with_app(owner)
    answer = ask(client, owner)
    assert answer["Location"].startswith("/en/account/steps/reauthenticate/")
    by_password = client.post(f"/en/account/reauthenticate/?next={PAGE}", {"password": PASSWORD})
    assert by_password["Location"].startswith("/en/account/steps/reauthenticate/")
    assert not ApiToken.objects.exists()
    client.post(answer["Location"], {"code": code(SECRET), "next": PAGE})
    assert ApiToken.objects.count() == 1


def test_who_has_nothing_to_show_here_logs_in_anew(client: Client, owner: User) -> None:
    owner.set_unusable_password()
    owner.save()
    client.force_login(owner)
    assert ask(client, owner)["Location"] == f"/en/account/login/?next={PAGE}"
    assert not ApiToken.objects.exists()
    assert client.get(PAGE).status_code == 302


@pytest.mark.parametrize(("language", "words"), [("en", "A new token: Our site"), ("fr", "Nouveau jeton")])
def test_its_owner_hears_of_it(owner: User, language: str, words: str, django_capture_on_commit_callbacks: Any) -> None:
    invitations.prefer(by=owner, first_name="V", last_name="D", language=language, digest=True)
    with django_capture_on_commit_callbacks(execute=True):
        _token, secret = tokens.create_token(by=owner, mandate=owner.mandates.first(), name="Our site")
    message = mail.outbox[-1]
    assert message.to == [owner.email]
    assert words in message.subject
    assert secret not in message.body
    assert f"/{language}/account/password/change/" in message.body


# What ends them


def test_a_new_password_ends_all_tokens(client: Client, owner: User) -> None:
    secrets = [token_of(owner), token_of(owner, "FR-BRE")]
    other = person("other")
    f.make(Mandate, user=other, territory=f.territory("FR-BFC"))
    kept = token_of(other)
    log_in(client, owner)
    client.post("/en/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert [tokens.find_token(secret) for secret in secrets] == [None, None]
    assert tokens.find_token(kept)
    assert "the password was changed" in client.get(PAGE).text


def by_mail(client: Client, owner: User) -> None:
    client.post("/en/account/password/reset/", {"email": owner.email})
    form = client.get(link_in_last_mail(), follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": NEW, "password2": NEW})


def by_command(client: Client, owner: User) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("getpass.getpass", lambda prompt="": NEW)
        call_command("changepassword", owner.username, stdout=io.StringIO())


def by_administrator(client: Client, owner: User) -> None:
    client.force_login(f.user("root", is_staff=True, is_superuser=True))
    client.post(
        f"/en/admin/auth/user/{owner.pk}/password/",
        {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": ""},
    )


@pytest.mark.parametrize("way", [by_mail, by_command, by_administrator])
def test_whichever_way_it_came(client: Client, owner: User, way: Any) -> None:
    token_of(owner)
    way(client, owner)
    assert User.objects.get(pk=owner.pk).check_password(NEW)
    assert ends("password")


def test_a_password_that_is_only_hashed_anew_ends_none(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = token_of(owner)
    monkeypatch.setattr(MD5PasswordHasher, "must_update", lambda hasher, encoded: True)
    before = User.objects.get(pk=owner.pk).password
    assert log_in(client, owner)
    assert User.objects.get(pk=owner.pk).password != before
    assert tokens.find_token(secret)


def test_a_mandate_takes_its_tokens_along_and_leaves_the_others(administrator: User, owner: User) -> None:
    lost, kept = token_of(owner), token_of(owner, "FR-BRE")
    invitations.end_mandate(by=administrator, mandate=owner.mandates.get(territory="FR-BFC"))
    assert tokens.find_token(lost) is None
    assert tokens.find_token(kept).mandate.territory_id == "FR-BRE"
    assert ApiToken.objects.get(mandate__territory="FR-BFC").ended_by == "mandate"


def test_a_mandate_that_comes_back_brings_no_tokens(administrator: User, owner: User) -> None:
    """It had run out by itself, and is given again by an invitation, or by hand."""
    secret, mandate = token_of(owner), owner.mandates.get(territory="FR-BFC")
    Mandate.objects.filter(pk=mandate.pk).update(until="2001-01-01")
    assert tokens.find_token(secret) is None
    invitation = invitations.invite(by=administrator, email=owner.email, territory=mandate.territory, role="officer")
    invitations.accept(invitation=invitation)
    assert owner.mandates.get(territory="FR-BFC").until is None
    assert tokens.find_token(secret) is None
    assert ApiToken.objects.get().ended_by == "mandate"


@pytest.mark.parametrize(
    ("changed", "ended"),
    [({"role": "contributor"}, True), ({"territory": "FR-ARA"}, True), ({"until": "2001-01-01"}, True),
     ({"until": "2100-01-01"}, False), ({}, False)],
)  # fmt: skip
def test_a_mandate_that_is_changed_by_hand(
    administrator_client: Client, owner: User, changed: dict[str, str], ended: bool
) -> None:
    f.territory("FR-ARA")
    token_of(owner, "FR-BRE")
    secret, mandate = token_of(owner), owner.mandates.get(territory="FR-BFC")
    url = f"/en/admin/partnerships/mandate/{mandate.pk}/change/"
    form = the_form(administrator_client.get(url).text, "territory")
    answer = send(administrator_client, url, form, **changed)
    assert answer.status_code == 302, answer.text
    assert (tokens.find_token(secret) is None) is ended
    assert ApiToken.objects.get(mandate=mandate).ended_by == ("mandate" if ended else "")
    assert ApiToken.objects.get(name="FR-BRE").ended_by == ""


def test_an_account_that_is_shut_opens_again_without_them(administrator_client: Client, owner: User) -> None:
    secret = token_of(owner)
    url = f"/en/admin/auth/user/{owner.pk}/change/"
    form = the_form(administrator_client.get(url).text, "is_active")
    answer = send(administrator_client, url, [field for field in form if field[0] != "is_active"])
    assert answer.status_code == 302, answer.text
    assert tokens.find_token(secret) is None
    User.objects.update(is_active=True)
    assert tokens.find_token(secret) is None
    assert ends("account")


def test_a_closed_account_leaves_none(owner: User) -> None:
    secret = token_of(owner)
    invitations.close_account(by=owner, account=owner)
    assert tokens.find_token(secret) is None
    assert not ApiToken.objects.exists()


def test_the_clock_moves(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = token_of(owner)
    day = timezone.localdate()
    for days, good in ((365, True), (366, False)):
        monkeypatch.setattr(timezone, "localdate", lambda days=days: day + timezone.timedelta(days=days))
        assert (tokens.find_token(secret) is not None) is good
