"""The form of an agreement in a real browser: by keyboard alone, without JavaScript, narrow, in light and dark, and
what is typed comes back."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from partnerships.models import Agreement, FormDraft, GazetteerPlace, Town
from tests import factories as f
from tests.browser.axe import barriers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/en/my/agreements/new/"


@pytest.fixture
def officer(db: None) -> User:
    """An officer of a region with one town in the directory; the partner is in the gazetteer only."""
    here = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    f.town("Dijon", territory=here, population=160_000)
    f.make(GazetteerPlace, name="Mainz", country=f.country("DE"), population=217_000)
    f.make(GazetteerPlace, name="Mainz", country=f.country("GB"), population=900)
    f.make(f.p.Theme, code="culture", name_en="culture", name_fr="culture")
    f.make(f.p.FundingSource, code="eu", name_en="European Union", name_fr="Union européenne")
    return f.officer("officer", here)


@pytest.fixture
def session(officer: User) -> str:
    """The officer's session, as a browser carries it."""
    client = Client()
    client.force_login(officer)
    return client.cookies["sessionid"].value


def context(browser: Browser, live_server: LiveServer, session: str, **options: object) -> BrowserContext:
    """A browser in which the officer is signed in."""
    opened = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options)
    opened.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return opened


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, session: str) -> Iterator[Page]:
    opened = context(browser, live_server, session)
    yield opened.new_page()
    opened.close()


def tab_to(page: Page, selector: str, most: int = 90) -> None:
    """Press Tab until what is meant has the focus."""
    for _stop in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way by keyboard to {selector}")


def test_an_agreement_by_keyboard_alone(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + NEW)
    tab_to(page, "#id_parties-0-text")
    page.keyboard.type("dij")
    expect(page.locator("#parties-0-options [role=option]").first).to_contain_text("Dijon")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#parties-0-row .chosen")).to_contain_text("Dijon")
    second = page.locator("#id_parties-1-text")
    expect(second).to_be_focused()  # the next one is to be filled in
    page.keyboard.type("Mainz")
    options = page.locator("#parties-1-options [role=option]")
    expect(options).to_have_count(3)
    expect(options.nth(0)).to_contain_text("Germany · 217,000 inhabitants")
    expect(options.nth(1)).to_contain_text("United Kingdom · 900 inhabitants")
    page.keyboard.press("ArrowDown")
    expect(second).to_have_attribute("aria-activedescendant", options.nth(0).get_attribute("id"))
    page.keyboard.press("Enter")
    expect(page.locator("#parties-1-row .chosen")).to_contain_text("new in the directory")
    expect(page.get_by_role("button", name="Add a party")).to_be_focused()
    tab_to(page, "#id_signed")
    page.keyboard.type("1958")
    tab_to(page, "#id_sources-0-text")
    page.keyboard.type("Deliberation")
    tab_to(page, "button[value=publish]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dijon – Mainz")
    assert Town.objects.get(name="Mainz").publication == "published"


def test_faults_lead_to_their_fields(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + NEW)
    page.get_by_label("Signed").fill("31/02/1990")
    page.get_by_role("button", name="Publish").click()
    summary = page.locator("#problems")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Signed").click()
    field = page.get_by_label("Signed")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("does not exist in the calendar")


@pytest.mark.long
def test_existing_agreements_appear_at_once(page: Page, live_server: LiveServer, officer: User) -> None:
    f.agreement(Town.objects.get(name="Dijon"), f.town("Koulikoro", "ML"), signed="1986")
    page.goto(live_server.url + NEW)
    for row, name in enumerate(("Dijon", "Koulikoro")):
        page.locator(f"#id_parties-{row}-text").press_sequentially(name)
        page.locator(f"#parties-{row}-options [role=option]").first.click()
        expect(page.locator(f"#parties-{row}-row .chosen")).to_be_visible()
    expect(page.locator(".existing")).to_contain_text("twinning since 1986")
    expect(page.get_by_role("link", name="add a party to it instead?")).to_be_visible()


@pytest.mark.long
def test_what_is_typed_is_kept_by_itself(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + NEW)
    page.get_by_label("In English").fill("Together since the war")
    expect(page.locator("#kept")).to_contain_text("What you typed is kept")
    page.goto(live_server.url + NEW)
    page.get_by_role("link", name="no party yet").click()
    expect(page.get_by_label("In English")).to_have_value("Together since the war")
    assert FormDraft.objects.count() == 1


@pytest.mark.long
def test_what_is_sent_waits_for_what_is_just_being_kept(page: Page, live_server: LiveServer) -> None:
    Town.objects.create(name="Koulikoro", country=f.country("ML"))
    page.goto(live_server.url + NEW)
    for row, name in enumerate(("Dijon", "Koulikoro")):
        page.locator(f"#id_parties-{row}-text").press_sequentially(name)
        page.locator(f"#parties-{row}-options [role=option]").first.click()
        expect(page.locator(f"#parties-{row}-row .chosen")).to_be_visible()
    held: list[Route] = []
    page.route("**/my/forms/", lambda route: held.append(route))
    with page.expect_request("**/my/forms/"):
        page.get_by_label("Title").first.fill("Deliberation")
    page.get_by_role("button", name="Publish").click()
    assert not Agreement.objects.exists()
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dijon – Koulikoro")
    assert not FormDraft.objects.exists()


def test_a_lost_session_loses_no_text(page: Page, live_server: LiveServer, officer: User) -> None:
    page.goto(live_server.url + NEW)
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("In English").fill("An hour of typing")
    expect(page.locator("#kept")).to_contain_text("You are logged out. What you typed is kept")
    page.locator("#kept a").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "next=" + NEW in page.url
    # Who logs in finds it again: the login itself is tested elsewhere.
    kept = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    client = Client()
    client.cookies["sessionid"] = kept
    client.force_login(officer)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(live_server.url + NEW)
    expect(page.get_by_label("In English")).to_have_value("An hour of typing")
    expect(page.get_by_text("You were logged out meanwhile")).to_be_visible()


@pytest.mark.long
def test_two_officers_at_once(browser: Browser, page: Page, live_server: LiveServer) -> None:
    agreement = f.agreement(Town.objects.get(name="Dijon"), f.town("Koulikoro", "ML"), signed="1958")
    address = f"{live_server.url}/en/my/agreements/{agreement.reference}/edit/"
    client = Client()
    client.force_login(f.officer("colleague", f.territory("FR-BFC")))
    other = context(browser, live_server, client.cookies["sessionid"].value)
    second = other.new_page()
    page.goto(address)
    second.goto(address)
    second.get_by_label("Signed").fill("1960")
    second.get_by_role("button", name="Publish the change").click()
    expect(second.get_by_text("The change is published.")).to_be_visible()
    page.get_by_label("Signed").fill("1959")
    page.get_by_role("button", name="Publish the change").click()
    expect(page.locator("#conflict")).to_be_focused()
    expect(page.locator("#conflict")).to_contain_text("colleague changed this agreement")
    page.get_by_label("Yours: 1959").check()
    page.get_by_role("button", name="Save both, as chosen").click()
    expect(page.get_by_text("The change is published.")).to_be_visible()
    agreement.refresh_from_db()
    assert agreement.signed == "1959"
    other.close()


def test_the_whole_way_without_javascript_on_a_telephone(
    browser: Browser, live_server: LiveServer, session: str
) -> None:
    there = f.agreement(Town.objects.get(name="Dijon"), f.town("Koulikoro", "ML"), signed="1986")
    opened = context(browser, live_server, session, java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = opened.new_page()
    page.goto(live_server.url + NEW)
    page.locator("#id_parties-0-text").fill("Dijon")
    page.locator("#id_parties-1-text").fill("Koulikoro")
    page.locator("#id_parties-1-text").press("Enter")  # the form's first button looks both up
    page.get_by_role("radio", name="Dijon Bourgogne").check()
    page.get_by_role("radio", name="Koulikoro Mali").check()
    page.get_by_role("button", name="Take the one chosen").first.click()
    expect(page.locator(".existing")).to_contain_text("twinning since 1986")
    page.get_by_role("button", name="Add a party").click()
    page.locator("#id_parties-2-text").fill("Nulle Part")
    page.locator("button[value=find-parties-2]").click()
    page.get_by_role("button", name="Take the one chosen").click()  # to enter it as new is chosen already
    page.get_by_label("What it is").select_option("village")
    page.get_by_label("Country").select_option("ML")
    page.get_by_label("Title").first.fill("Deliberation")
    page.get_by_label("European Union").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dijon – Koulikoro – Nulle Part")
    assert Agreement.objects.exclude(pk=there.pk).get().contributions.get().funding_id == "eu"
    opened.close()


@pytest.mark.long
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_barriers_and_no_sideways_scrolling(
    browser: Browser, live_server: LiveServer, session: str, language: str
) -> None:
    dijon = Town.objects.get(name="Dijon")
    agreement = f.agreement(dijon, f.town("Koulikoro", "ML"), signed="1986")
    f.make(f.p.Contact, agreement=agreement, email="a@example.org")
    f.make(f.p.Document, agreement=agreement)
    opened = context(browser, live_server, session)
    page = opened.new_page()
    faults: list[tuple[str, str, str, str]] = []

    def look(name: str) -> None:
        page.evaluate("document.querySelectorAll('main details').forEach(details => (details.open = true))")
        faults.extend((name, *barrier[1:]) for barrier in barriers(page))
        page.set_viewport_size({"width": 360, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, (name, wide)
        page.set_viewport_size({"width": 1280, "height": 900})

    root = f"{live_server.url}/{language}/my/agreements"
    page.goto(f"{root}/new/")
    look("new")
    page.locator("#id_parties-0-text").press_sequentially("Mai")
    expect(page.locator("#parties-0-options [role=option]").first).to_be_visible()
    look("suggestions")
    page.locator("#id_parties-0-text").press("Escape")
    page.locator("#id_parties-0-text").press("Enter")
    expect(page.locator("#parties-0-row .candidates")).to_be_visible()
    look("candidates")
    page.goto(f"{root}/{agreement.reference}/edit/")
    page.locator("button[value=add-renewals]").click()
    page.locator("#id_renewals-0-renewed").fill("never")
    page.locator("button[value=save]").click()
    expect(page.locator("#problems")).to_be_visible()
    look("edit with faults")
    Agreement.objects.filter(pk=agreement.pk).update(signed="1987")
    page.locator("#id_renewals-0-renewed").fill("1996")
    page.locator("button[value=save]").click()
    expect(page.locator("#conflict")).to_be_visible()
    look("conflict")
    page.goto(f"{live_server.url}/{language}/agreements/{agreement.address}/")
    look("agreement")
    opened.close()
    assert not faults, "\n".join(map(str, faults))
