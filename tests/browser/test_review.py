"""The desk, the queue and the pages for people without an account in a real browser: with and without JavaScript, wide
and narrow, light and dark, and without barriers."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from core import spam
from partnerships.editing import decisions, snapshot, workflow
from partnerships.mail.signed_links import CONFIRMATION, DIGEST, PROPOSAL
from partnerships.models import Agreement, Submission
from partnerships.review import proposals
from tests import factories as f
from tests.browser.axe import NARROW_AND_WIDE, barriers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG_AGO = timezone.localdate() - datetime.timedelta(days=1000)


@pytest.fixture(autouse=True)
def _limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forms may be sent as fast as a test fills them, and as often as there are tests."""
    monkeypatch.setattr(spam, "FASTEST", datetime.timedelta(seconds=-1))
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def territory() -> dict[str, Agreement]:
    """A territory with something of everything."""
    here = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    made = {
        name: f.agreement(f.town(name, territory=here), f.town(f"{name}-Partner", code), **columns)
        for name, code, columns in (
            ("Dijon", "DE", {"signed": "1958", "verified_on": LONG_AGO}),
            ("Dole", "ML", {"verified_on": LONG_AGO}),
            ("Nevers", "IT", {"valid_until": (timezone.localdate() + datetime.timedelta(days=60)).isoformat()}),
        )
    }
    f.agreement(*[party.actor for party in made["Dijon"].parties.all()], kind="friendship")
    return made


@pytest.fixture
def coordinator(territory: dict[str, Agreement]) -> User:
    """Who has all of the desk."""
    user = f.officer("coordinator", f.territory("FR-BFC"), role="coordinator")
    user.email = "coordinator@example.org"
    user.save()
    return user


@pytest.fixture
def change(territory: dict[str, Agreement], coordinator: User) -> Submission:
    """A change that waits for a decision."""
    author = f.officer("contributor", f.territory("FR-BFC"), role="contributor")
    base = snapshot.read_content(territory["Dijon"])
    return workflow.submit_change(
        by=author, agreement=territory["Dijon"], base=base, content=base | {"signed": "1957"}, note="The charter"
    )


def signed_in(context: BrowserContext, server: LiveServer, user: User) -> Page:
    """A page of somebody who has logged in."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])
    return context.new_page()


def pages(territory: dict[str, Agreement], coordinator: User, change: Submission) -> list[str]:
    """Every kind of page of this part."""
    agreement = territory["Dole"]
    proposal = proposals.propose(subject=proposals.subject_of(agreement), text="It ended in 2019", name="Ada")
    decisions.comment(by=coordinator, submission=proposal, text="Who says so?")
    asked = proposals.ask(by=coordinator, party=agreement.parties.last())
    expired = proposals.ask(by=coordinator, party=agreement.parties.first())
    type(expired).objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    desk = ["", "drafts/", "expiring/", "duplicates/", "changes/", "verify/", "verify/?show=all&marked=all"]
    desk += ["verify/?q=zzz", "verify/file/", "submissions/", "submissions/?show=decided", "test-mail/"]
    desk += [f"submissions/{change.pk}/", f"submissions/{proposal.pk}/", f"agreements/{agreement.reference}/confirm/"]
    return [
        *(f"/my/{path}" for path in desk),
        f"/propose/agreement/{agreement.reference}/",
        f"/proposals/{PROPOSAL.key(proposal.pk)}/",
        f"/confirm/{CONFIRMATION.key(asked.pk)}/",
        f"/confirm/{CONFIRMATION.key(expired.pk)}/",
        f"/digest/stop/{DIGEST.key(coordinator.pk)}/",
        f"/agreements/{agreement.address}/",
    ]


@pytest.mark.long
@pytest.mark.parametrize(("width", "language"), NARROW_AND_WIDE)
def test_the_pages_have_no_barriers_and_fit(
    browser: Browser,
    live_server: LiveServer,
    territory: dict[str, Agreement],
    coordinator: User,
    change: Submission,
    width: int,
    language: str,
) -> None:
    User.objects.filter(pk=coordinator.pk).update(is_superuser=True)
    paths = pages(territory, coordinator, change)
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = signed_in(context, live_server, coordinator)
    faults: list[tuple[str, ...]] = []
    page.on("pageerror", lambda error: faults.append((page.url, str(error))))
    for path in paths:
        answer = page.goto(f"{live_server.url}/{language}{path}")
        assert answer.status in (200, 410), path
        faults += barriers(page)
    context.close()
    assert not faults, "\n".join(map(str, faults))


@pytest.fixture(
    params=[pytest.param(True, marks=pytest.mark.long), False], ids=["with JavaScript", "without JavaScript"]
)
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser, with JavaScript and without."""
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 1000, "height": 800})
    yield context
    context.close()


@pytest.mark.long
def test_a_territory_is_verified_by_clicks(
    context: BrowserContext, live_server: LiveServer, territory: dict[str, Agreement], coordinator: User
) -> None:
    page = signed_in(context, live_server, coordinator)
    page.goto(f"{live_server.url}/en/my/")
    page.get_by_role("button", name="Still true: Dole – Dole-Partner").click()
    page.wait_for_url("**/en/my/")
    expect(page.get_by_text("1 agreement is verified.")).to_be_visible()
    page.get_by_role("link", name="Verify many at once").click()
    page.get_by_role("link", name="Mark all on this page").click()
    page.get_by_role("button", name="They are still true today").click()
    expect(page.get_by_text("3 agreements are verified.")).to_be_visible()
    assert Agreement.objects.filter(verified_on=timezone.localdate()).count() == 4


@pytest.mark.long
def test_the_keyboard_marks_and_verifies(
    browser: Browser, live_server: LiveServer, territory: dict[str, Agreement], coordinator: User
) -> None:
    context = browser.new_context()
    page = signed_in(context, live_server, coordinator)
    page.goto(f"{live_server.url}/en/my/verify/")
    page.get_by_label("Dole – Dole-Partner", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="They are still true today").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 agreement is verified.")).to_be_visible()
    territory["Dole"].refresh_from_db()
    assert territory["Dole"].verified_on == timezone.localdate()
    context.close()


@pytest.mark.long
def test_a_file_is_planned_and_applied(
    context: BrowserContext,
    live_server: LiveServer,
    territory: dict[str, Agreement],
    coordinator: User,
    tmp_path: Path,
) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_text(f"reference,date,verdict\n{territory['Dole'].reference},,true\nA99999,,true\n")
    page = signed_in(context, live_server, coordinator)
    page.goto(f"{live_server.url}/en/my/verify/file/")
    page.get_by_label("File, CSV or XLSX").set_input_files(file)
    page.get_by_role("button", name="Show what becomes of it").click()
    expect(page.get_by_text("No agreement has this reference")).to_be_visible()
    page.get_by_role("button", name="Apply 1 row").click()
    expect(page.get_by_text("Done: 1 row is applied.")).to_be_visible()


def test_a_change_is_reviewed_and_made(
    context: BrowserContext,
    live_server: LiveServer,
    territory: dict[str, Agreement],
    coordinator: User,
    change: Submission,
) -> None:
    page = signed_in(context, live_server, coordinator)
    page.goto(f"{live_server.url}/en/my/")
    page.get_by_role("link", name="Dijon – Dijon-Partner").first.click()
    expect(page.get_by_role("cell", name="1957")).to_be_visible()
    page.get_by_role("button", name="Make the change").click()
    expect(page.get_by_text("Accepted. The author is told.")).to_be_visible()
    territory["Dijon"].refresh_from_db()
    assert territory["Dijon"].signed == "1957"


def test_a_reader_proposes_and_an_officer_answers(
    context: BrowserContext,
    browser: Browser,
    live_server: LiveServer,
    territory: dict[str, Agreement],
    coordinator: User,
) -> None:
    page = context.new_page()
    page.goto(f"{live_server.url}/en/agreements/{territory['Dole'].address}/")
    page.get_by_role("link", name="Something wrong or missing?").click()
    page.get_by_label("What is wrong or missing?").fill("It ended in 2019")
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you: it is received")).to_be_visible()
    status = page.url
    assert sorted(message.to[0] for message in mail.outbox) == ["ada@example.org", "coordinator@example.org"]

    officers = browser.new_context()
    desk = signed_in(officers, live_server, coordinator)
    desk.goto(f"{live_server.url}/en/my/submissions/")
    desk.get_by_role("link", name="Dole – Dole-Partner").click()
    desk.get_by_label("Answer to them").fill("Quite right, it has ended")
    desk.get_by_role("button", name="It is dealt with").click()
    expect(desk.get_by_text("Accepted. The author is told.")).to_be_visible()
    officers.close()

    page.goto(status)
    expect(page.get_by_text("Quite right, it has ended")).to_be_visible()


def test_the_trap_is_for_machines_only(
    browser: Browser, live_server: LiveServer, territory: dict[str, Agreement]
) -> None:
    page = browser.new_page()
    page.goto(f"{live_server.url}/en/propose/agreement/{territory['Dole'].reference}/")
    trap = page.locator('input[name="website"]')
    assert trap.evaluate("field => field.closest('.trap').getBoundingClientRect().width") <= 1
    page.get_by_label("What is wrong or missing?").focus()
    for _stop in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") != "website"
    page.close()


def test_a_partner_confirms(
    context: BrowserContext, live_server: LiveServer, territory: dict[str, Agreement], coordinator: User
) -> None:
    officer = signed_in(context, live_server, coordinator)
    officer.goto(f"{live_server.url}/en/agreements/{territory['Dole'].address}/")
    officer.get_by_role("link", name="Ask the partner").click()
    officer.get_by_role("button", name="Ask", exact=True).click()
    link = officer.get_by_label("The link, to hand on").input_value()
    context.clear_cookies()
    page = context.new_page()
    page.goto(live_server.url + link.removeprefix(settings.SITE_URL))
    page.get_by_label("Yes, it is so").check()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.goto(f"{live_server.url}/en/agreements/{territory['Dole'].address}/")
    expect(page.get_by_text("Confirmed through the officer who asked, on")).to_be_visible()
