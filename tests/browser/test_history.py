"""The pages of what became of records – time lines, changes, actions, merges – in a real browser: without barriers,
wide and narrow, light and dark, in both languages."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from partnerships.choices import SuspendedBy
from partnerships.editing import merge, snapshot, suspensions, workflow
from partnerships.models import Agreement
from tests import factories as f
from tests.browser.axe import NARROW_AND_WIDE, barriers
from tests.browser.conftest import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ACTIONS = ("suspend", "resume", "withdraw")


@pytest.fixture
def administrator() -> User:
    """Who may open all of them."""
    return f.user("administrator", first_name="Ada", last_name="Lovelace", is_staff=True, is_superuser=True)


def paths(by: User) -> list[str]:
    """Every kind of these pages, of an agreement that much happened to."""
    here = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    dijon, mainz = f.town("Dijon", territory=here), f.town("Mainz", "DE")
    agreement, twin = f.agreement(dijon, mainz, signed="1958"), f.agreement(dijon, mainz, kind="friendship")
    entered = Agreement.pgh_event_model.objects.filter(pgh_obj=agreement).latest("pgh_id").pgh_created_at
    told = snapshot.read_content(agreement) | {
        "description_en": "Schools, choirs and wine.\n" * 20,
        "signed": "1958-05-24",
    }
    workflow.save(by=by, agreement=agreement, content=told, reason="The charter of 1958")
    suspensions.suspend(
        by=by, party=agreement.parties.last(), suspended_by=SuspendedBy.PARTY, since="2023", act="2023-12"
    )
    workflow.verify(by=by, agreements=[agreement])
    merge.merge_records(by=by, loser=twin, winner=agreement)
    gone, other = f.agreement(dijon, f.town("Koulikoro", "ML")), f.agreement(dijon, mainz, kind="project")
    workflow.withdraw(by=by, agreement=gone, reason="Entered by mistake")
    own, place = f"/my/agreements/{agreement.reference}", f"/my/towns/{dijon.reference}/merge/"
    quetigny = f.town("Quetigny", territory=here)
    body = f.support_body(services=["training"])
    return [
        *(f"/agreements/{one.address}/history/" for one in (agreement, twin)),
        f"/towns/{dijon.address}/history/",
        f"/agreements/{gone.address}/",
        "/changes/",
        "/changes/?what=ended",
        "/changes/?since=never",
        *(f"{own}/{action}/" for action in ACTIONS),
        f"{own}/restore/?{urlencode({'at': entered.isoformat()})}",
        f"{own}/merge/",
        f"{own}/merge/?with={other.reference}",
        f"{place}?with={quetigny.reference}",
        "/my/merges/",
        "/my/countries/ml/suspend/",
        f"/my/support-bodies/{body.reference}/edit/",
    ]


@pytest.mark.long
@pytest.mark.parametrize(("width", "language"), NARROW_AND_WIDE)
def test_no_barriers_and_no_sideways_scrolling(
    opens: Opener, live_server: LiveServer, administrator: User, width: int, language: str
) -> None:
    page = opens(administrator, viewport={"width": width, "height": 900})
    faults: list[tuple[str, ...]] = []
    for path in paths(administrator):
        answer = page.goto(f"{live_server.url}/{language}{path}")
        assert answer.status in (200, 410), path
        page.evaluate("document.querySelectorAll('main details').forEach(details => (details.open = true))")
        faults += barriers(page)
    # What a form says where something is wrong, and what it would do
    page.goto(f"{live_server.url}/{language}/my/countries/ml/suspend/")
    page.locator("[name=suspend-since]").fill("never")
    with page.expect_navigation():
        page.locator("[name=suspend-since]").press("Enter")
    faults += barriers(page)
    page.locator("[name=suspend-since]").fill("2023-08")
    with page.expect_navigation():
        page.locator("[name=suspend-since]").press("Enter")
    faults += barriers(page)
    assert not faults, "\n".join(map(str, faults))
