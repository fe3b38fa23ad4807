"""The whole path of an agreement in a real browser, with JavaScript and without: an officer is invited and enters it, a
coordinator decides, it is found everywhere, verified, restored, merged and made two again. Who has no mandate there is
refused at every door of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from partnerships.editing import merge as merging
from partnerships.editing import snapshot, workflow
from partnerships.models import Agreement, FormDraft, Merge, Submission, Town
from tests import factories as f
from tests.accounts import PASSWORD, code, link_in_last_mail
from tests.browser.conftest import Opener
from tests.editing import public_state

REFUSED = "This is not open to you"

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def coordinator() -> Iterator[User]:
    """Who invites and decides in a region that has one town in the directory."""
    cache.clear()
    here = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    f.town("Dijon", territory=here, population=160_000)
    f.country("DE")
    user = f.officer("coordinator", here, role="coordinator")
    user.email = "coordinator@example.org"
    user.save()
    yield user
    cache.clear()


@dataclass
class Desk:
    """A page of somebody at work: what people do on it."""

    page: Page
    root: str
    scripted: bool

    def go(self, path: str) -> None:
        self.page.goto(f"{self.root}/en/{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def invite(self, email: str, role: str) -> None:
        self.go("my/")
        self.follow("Invite and appoint officers")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Territory").select_option(label="Bourgogne-Franche-Comté")
        self.page.get_by_label("Role").select_option(role)
        self.press("Send the invitation")
        expect(self.page.get_by_role("status")).to_contain_text(email)

    def accept(self, first_name: str, last_name: str) -> None:
        self.page.goto(self.root + link_in_last_mail())
        self.page.get_by_label("First name").fill(first_name)
        self.page.get_by_label("Last name").fill(last_name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Accept")
        self.page.wait_for_url("**/en/my/")

    def set_up_an_app(self) -> None:
        self.go("account/steps/app/activate/")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Continue")
        self.page.locator("#id_code").fill(code(self.page.locator("#authenticator_secret").inner_text()))
        self.press("Use this app")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Recovery codes")

    def name_parties(self, *names: str) -> None:
        """By the suggestions under the box; without JavaScript, by the search of the form itself."""
        for row, name in enumerate(names):
            box = self.page.locator(f"#id_parties-{row}-text")
            if self.scripted:
                box.press_sequentially(name)
                self.page.locator(f"#parties-{row}-options [role=option]").first.click()
                expect(self.page.locator(f"#parties-{row}-options")).to_have_count(0)
            else:
                box.fill(name)
        if not self.scripted:
            self.page.locator("#id_parties-0-text").press("Enter")
            for row in range(len(names)):
                self.page.locator(f"#parties-{row}-row").get_by_role("radio").first.check()
            self.page.get_by_role("button", name="Take the one chosen").first.click()

    def tries(self, path: str, token: str, **fields: str) -> tuple[int, int]:
        """The answers to opening a page and to sending a form to it, as this person, past what the pages offer."""
        asks, address = self.page.request, f"{self.root}/en/{path}"
        shown = asks.get(address, max_redirects=0)
        sent = asks.post(address, form={"csrfmiddlewaretoken": token, **fields}, max_redirects=0)
        for answer in (shown, sent):
            assert answer.status != 403 or REFUSED in answer.text()  # for who it is, not for how it was sent
        return shown.status, sent.status

    def is_about(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_invitation_to_a_merge_undone(
    opens: Opener, live_server: LiveServer, coordinator: User, scripted: bool
) -> None:
    newcomer, chief, reader = (
        Desk(opens(user, java_script_enabled=scripted), live_server.url, scripted) for user in (None, coordinator, None)
    )

    # An invitation, a password, a second step
    chief.invite("vera@example.org", role="contributor")
    newcomer.accept("Vera", "Dupont")
    newcomer.set_up_an_app()

    # An agreement with a town that nobody knows yet
    newcomer.go("my/")
    newcomer.follow("New agreement")
    newcomer.name_parties("Dijon", "Mainz")
    newcomer.page.get_by_label("What it is").select_option("municipality")
    newcomer.page.get_by_label("Country").select_option("DE")
    newcomer.page.get_by_label("Signed").fill("24/05/1958")
    newcomer.page.get_by_label("Title").first.fill("Deliberation of 1958")
    newcomer.page.get_by_label("Message to those who decide").fill("The oldest of ours")
    newcomer.press("Submit")
    newcomer.is_about("Dijon – Mainz")
    newcomer.sees("Submitted: it waits for a decision, and is not public yet.")
    assert Town.objects.get(name="Mainz").publication == "draft"
    assert not FormDraft.objects.exists()
    reader.go("agreements/")
    reader.sees("No agreement fits this question")

    # A coordinator looks at it, asks, and publishes it
    chief.go("my/")
    chief.follow("Dijon – Mainz")
    chief.sees("The oldest of ours")
    expect(chief.page.get_by_role("row", name="Signed 24 May 1958")).to_be_visible()
    chief.page.get_by_label("Add a comment").fill("Is the charter in the archive?")
    chief.press("Comment")
    assert mail.outbox[-1].to == ["vera@example.org"]
    chief.press("Publish")
    chief.sees("Accepted. The author is told.")
    assert mail.outbox[-1].to == ["vera@example.org"]

    # A second one of the same parties is doubted until its reason is stated
    newcomer.go("my/agreements/new/")
    newcomer.name_parties("Dijon", "Mainz")
    expect(newcomer.page.locator(".existing")).to_contain_text("twinning since 1958")
    newcomer.page.get_by_label("Kind", exact=True).select_option("friendship")
    newcomer.page.get_by_label("Title").first.fill("Newspaper")
    newcomer.press("Submit")
    newcomer.sees("Is it this one?")
    assert Submission.objects.count() == 1
    newcomer.page.get_by_label("What is different").fill("This one is of the two schools")
    newcomer.press("Submit")
    newcomer.sees("Submitted: it waits for a decision")
    chief.go("my/submissions/")
    chief.follow("Dijon – Mainz")
    chief.sees("This one is of the two schools")
    chief.sees("These parties have an agreement already.")
    chief.page.get_by_label("Reason").fill("Of the two schools")
    chief.press("Publish")
    chief.sees("Accepted. The author is told.")
    twinning, friendship = Agreement.objects.order_by("pk")

    # Everybody finds them
    reader.go("agreements/?kind=friendship")
    reader.sees("1 agreement")
    for counted in ("twinning 1", "friendship agreement 1", "Germany 1"):
        expect(reader.page.get_by_role("checkbox", name=counted).first).to_have_count(1)
    reader.go("map/")
    expect(reader.page.get_by_role("row", name="Germany 2 France 2")).to_be_visible()
    reader.go("changes/?what=published")
    expect(reader.page.get_by_role("link", name="Dijon – Mainz")).to_have_count(2)

    # What is published is changed by way of the coordinator, too
    newcomer.go(f"my/agreements/{twinning.reference}/edit/")
    newcomer.page.get_by_label("Signed").fill("1959")
    newcomer.press("Submit the change")
    chief.go("my/")
    chief.follow("Dijon – Mainz")
    expect(chief.page.get_by_role("row", name="Signed 24 May 1958 1959")).to_be_visible()
    chief.press("Make the change")
    reader.go("changes/?what=changed")
    expect(reader.page.get_by_role("link", name="Dijon – Mainz")).to_have_count(1)

    # It is verified, and an earlier version comes back
    chief.go("my/")
    chief.page.get_by_role("button", name="Still true: Dijon – Mainz").first.click()
    chief.sees("1 agreement is verified.")
    assert Agreement.objects.filter(verified_on=timezone.localdate()).count() == 1
    chief.go(f"agreements/{twinning.reference}/history/")
    chief.page.get_by_role("link", name="Return to this version …").last.click()
    expect(chief.page.get_by_role("row", name="Signed 1959 24 May 1958")).to_be_visible()
    chief.press("Return to this version")
    chief.sees("The earlier version is back.")
    twinning.refresh_from_db()
    assert twinning.signed == "1958-05-24"

    # The two become one, and two again
    chief.go(f"my/agreements/{friendship.reference}/merge/")
    chief.follow("Dijon – Mainz")
    chief.press(f"Merge {friendship.reference} into {twinning.reference}")
    chief.sees(f"{friendship.reference} is merged into {twinning.reference}.")
    reader.go(f"agreements/{friendship.reference}/")
    expect(reader.page).to_have_url(f"{live_server.url}/en/agreements/{twinning.address}/")
    reader.go("agreements/")
    reader.sees("1 agreement")
    chief.go("my/")
    chief.follow("Merges")
    chief.page.get_by_role("button", name="Undo").click()
    chief.sees("are two again.")
    reader.go(f"agreements/{friendship.reference}/")
    expect(reader.page).to_have_url(f"{live_server.url}/en/agreements/{friendship.address}/")
    assert Merge.objects.get().undone_at


def test_an_officer_of_another_region_is_refused_at_every_door(
    opens: Opener, live_server: LiveServer, coordinator: User
) -> None:
    dijon, mainz = Town.objects.get(name="Dijon"), f.town("Mainz", "DE")
    public, twin = f.agreement(dijon, mainz), f.agreement(dijon, mainz, kind="friendship")
    contributor = f.officer("contributor", f.territory("FR-BFC"), role="contributor")
    draft, waiting = (
        workflow.save(by=contributor, content=snapshot.read_content(public) | {"kind": kind})
        for kind in ("project", "memorandum")
    )
    submission = workflow.submit(by=contributor, agreement=waiting, reason="Another one")
    merge = merging.merge_records(by=coordinator, loser=twin, winner=public)
    elsewhere = Desk(opens(f.officer("elsewhere", f.territory("FR-BRE"), role="coordinator")), live_server.url, True)
    elsewhere.go(f"agreements/{public.address}/")
    elsewhere.is_about("Dijon – Mainz")
    expect(elsewhere.page.get_by_role("link", name="Edit")).to_have_count(0)
    expect(elsewhere.page.get_by_text("Outcome")).to_have_count(0)

    elsewhere.go("my/agreements/new/")
    token = elsewhere.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    before = public_state()
    for status, record, doors in (
        (403, public, ("edit", "verify", "end", "suspend", "withdraw", "restore", "merge", "confirm")),
        (404, draft, ("edit", "verify", "end", "suspend", "withdraw", "restore", "merge", "confirm")),
    ):
        for door in doors:
            path = f"my/agreements/{record.reference}/{door}/"
            assert elsewhere.tries(path, token) == (status, status), path
    assert elsewhere.tries(f"my/submissions/{submission.pk}/", token, action="approve") == (404, 404)
    assert elsewhere.tries(f"my/merges/{merge.pk}/undo/", token) == (405, 403)
    assert elsewhere.tries(f"agreements/{waiting.address}/", token)[0] == 404
    assert elsewhere.tries(f"agreements/{waiting.address}/history/", token)[0] == 404
    assert elsewhere.tries("my/verify/", token, one=public.reference) == (200, 403)
    # Nor is an agreement of others entered: the form comes back.
    parties = {"parties-0-actor": f"t{dijon.pk}", "parties-1-actor": f"t{mainz.pk}", "sources-0-text": "x"}
    assert elsewhere.tries("my/agreements/new/", token, do="publish", **parties)[1] == 200
    assert public_state() == before
    elsewhere.go(f"my/agreements/{public.reference}/edit/")
    elsewhere.is_about(REFUSED)
