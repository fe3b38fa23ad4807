"""Accounts in a real browser: from an invitation to a login in two steps, keys, and nobody kept out."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from partnerships.mail.signed_links import INVITATION
from partnerships.models import Invitation, Mandate
from partnerships.people import invitations
from tests import factories
from tests.accounts import PASSWORD, code, person, with_app
from tests.browser.axe import NARROW_AND_WIDE, barriers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def administrator() -> User:
    """Who invites."""
    return person("administrator", is_staff=True, is_superuser=True)


@pytest.fixture
def vera() -> User:
    """An officer with a password."""
    user = person("vera")
    factories.make(Mandate, user=user, territory=factories.territory("FR-BFC"), role="officer")
    return user


def log_in(page: Page, server: LiveServer, email: str, language: str = "en") -> None:
    page.goto(f"{server.url}/{language}/account/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#submit").click()


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.long)])
def test_from_the_invitation_to_a_login_in_two_steps(
    browser: Browser, live_server: LiveServer, administrator: User, javascript: bool
) -> None:
    factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    log_in(page, live_server, administrator.email)
    page.goto(f"{live_server.url}/en/my/people/")
    page.get_by_label("E-mail address").fill("new@example.org")
    page.get_by_label("Territory").select_option(label="Bourgogne-Franche-Comté")
    page.get_by_label("Role").select_option("officer")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status")).to_contain_text("new@example.org")
    page.get_by_role("button", name="Log out").click()

    page.goto(f"{live_server.url}/en/account/invitation/{INVITATION.key(Invitation.objects.get().pk)}/")
    page.get_by_label("First name").fill("Vera")
    page.get_by_label("Last name").fill("Dupont")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/en/my/")

    page.goto(f"{live_server.url}/en/account/")
    page.get_by_role("link", name="Set one up").click()
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = page.locator("#authenticator_secret").inner_text()
    page.locator("#id_code").fill(code(secret))
    page.get_by_role("button", name="Use this app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)

    page.get_by_role("button", name="Log out").click()
    log_in(page, live_server, "new@example.org")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    page.goto(f"{live_server.url}/en/my/")  # the password alone opens nothing
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    page.locator("#id_code").fill(code(secret, 1))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/en/my/")
    context.close()


@pytest.mark.long
def test_a_passkey_is_added_and_opens_without_a_password(browser: Browser, live_server: LiveServer, vera: User) -> None:
    """With the browser's own pretended key; the page's policy allows no script but the site's files."""
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    keys = context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    verified = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options | verified})

    log_in(page, live_server, vera.email)
    page.goto(f"{live_server.url}/en/account/steps/keys/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name of the key").fill("Laptop")
    page.locator("#id_passwordless").check()
    page.get_by_role("button", name="Add this key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.goto(f"{live_server.url}/en/account/steps/keys/")
    expect(page.get_by_role("heading", name="Laptop")).to_be_visible()

    # As the second step …
    page.get_by_role("button", name="Log out").click()
    log_in(page, live_server, vera.email)
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url("**/en/my/")
    # … and as the only one.
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{live_server.url}/en/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/en/my/")
    assert not faults
    context.close()


@pytest.mark.long
@pytest.mark.parametrize(("width", "language"), NARROW_AND_WIDE)
def test_axe_finds_nothing(
    browser: Browser, live_server: LiveServer, administrator: User, vera: User, width: int, language: str
) -> None:
    invitation = invitations.invite(by=administrator, email="new@example.org", territory=factories.territory("FR-BFC"))
    with_app(person("careful"))
    context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    faults: list[tuple[str, ...]] = []

    def look() -> None:
        faults.extend(barriers(page))

    def look_at(*paths: str) -> None:
        for path in paths:
            page.goto(f"{live_server.url}/{language}/{path}")
            look()

    look_at(
        "account/login/", "account/password/reset/", "account/signup/", "account/email/sent/", "account/oidc/error/"
    )
    look_at("account/password/reset/key/1-wrong/", f"account/invitation/{INVITATION.key(invitation.pk)}/")
    page.locator("#submit").click()  # with its errors
    log_in(page, live_server, "careful@example.org", language)
    look()
    context.clear_cookies()
    log_in(page, live_server, administrator.email, language)
    look_at("account/", "account/email/", "account/password/change/", "account/steps/", "account/logout/")
    look_at("account/data/", "account/delete/", "account/steps/keys/", "account/steps/app/activate/")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#submit").click()
    look()
    look_at("account/steps/keys/add/", "account/delete/", "my/people/", f"my/people/{vera.pk}/leave/")
    context.close()
    assert not faults, "\n".join(map(str, faults))
