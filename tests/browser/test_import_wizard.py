"""A file goes its way through the pages of imports in a real browser: with JavaScript and without, and without
barriers."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from core.imports import batches, jobs, profiles
from core.imports.models import ImportBatch, MatchVerdict
from partnerships.models import Agreement, Town
from tests import factories as f
from tests.browser.axe import NARROW_AND_WIDE, barriers
from tests.browser.conftest import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEADERS = (
    "origincityLabel",
    "origincountry",
    "originlat",
    "originlong",
    "sistercityLabel",
    "destination_countryLabel",
    "destinationlat",
    "destinationlong",
    "dist",
)
ROWS = (
    ("Beaune", "France", "47.02", "4.84", "Bensheim", "Germany", "49.68", "8.62", "350"),
    ("Bensheim", "Germany", "49.68", "8.62", "Beaune", "France", "47.02", "4.84", "350"),
    ("Neustadt", "Germany", "", "", "Mâcon", "France", "46.3", "4.83", "500"),
    ("Dijon", "France", "", "", "Nowhere", "Utopia", "", "", "1"),
)


@pytest.fixture
def administrator() -> User:
    """Who may everything."""
    return f.user("administrator", is_staff=True, is_superuser=True)


@pytest.fixture
def towns() -> dict[str, Town]:
    """The towns of the file, two of them by one name."""
    here = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    f.country("ML")
    return {
        "Beaune": f.town("Beaune", territory=here, latitude=47.02, longitude=4.84),
        "Mâcon": f.town("Mâcon", territory=here, latitude=46.3, longitude=4.83),
        "Dijon": f.town("Dijon", territory=here),
        "Bensheim": f.town("Bensheim", "DE", latitude=49.68, longitude=8.62),
        "north": f.town("Neustadt", "DE", latitude=54.1, longitude=10.8, population=15_000),
        "south": f.town("Neustadt", "DE", latitude=49.35, longitude=8.14, population=53_000),
    }


def content() -> bytes:
    """A file of the kind that Wikidata's query service gives."""
    return "\n".join("\t".join(row) for row in (HEADERS, *ROWS)).encode()


@pytest.mark.long
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_file_goes_the_whole_way(
    opens: Opener,
    live_server: LiveServer,
    administrator: User,
    towns: dict[str, Town],
    tmp_path: Path,
    javascript: bool,
) -> None:
    file = tmp_path / "twinnings.tsv"
    file.write_bytes(content())
    page = opens(administrator, java_script_enabled=javascript)
    page.goto(f"{live_server.url}/en/imports/")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("What the rows are").select_option("agreements")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Title of the source").fill("Wikidata")
    page.get_by_label("Licence").select_option("CC0-1.0")
    page.get_by_role("button", name="Read its headers").click()

    expect(page.get_by_role("heading", name="What the headers mean")).to_be_visible()
    expect(page.get_by_label("sistercityLabel")).to_have_value("party_2")
    page.locator("#constant-1").select_option("twinning")
    if javascript:
        page.get_by_text("Several values in one cell").first.click()
        form = page.locator("#form-0")
        form.press_sequentially("{party_1}u{kind}")
        expect(page.locator("#example-0")).to_contain_text("party_1 Bea · kind ne")
        form.fill("")
    page.get_by_role("button", name="Check").click()
    page.get_by_label("“Utopia”").fill("ML")
    page.get_by_role("button", name="Show what becomes of every row").click()

    expect(page.get_by_role("heading", name="What becomes of every row")).to_be_visible()
    expect(page.get_by_role("link", name="repeats line 2")).to_be_visible()
    expect(page.locator("#line-4")).to_contain_text("needs a decision")
    page.get_by_role("link", name="Answer 2 questions about names").click()

    neustadt = page.get_by_role("group", name="Neustadt")
    if javascript:
        expect(neustadt.locator("canvas").first).to_be_visible()
    neustadt.get_by_role("radio", name="Neustadt").nth(0).focus()
    page.keyboard.press("Space")
    page.get_by_label("Names that nothing was answered to").select_option("skip")
    page.get_by_role("button", name="Remember these answers").click()
    expect(page.get_by_text("2 names are answered.")).to_be_visible()
    page.get_by_role("button", name="Plan again with the answers").click()

    page.get_by_role("link", name="Go on to apply it").click()
    page.get_by_label("Only the good rows: 2 rows are written").check()
    page.get_by_role("button", name="Write 2 rows").click()
    expect(page.get_by_role("heading", name="The file is imported")).to_be_visible()
    page.get_by_role("link", name="See its agreements in the list").click()
    page.wait_for_url("**/agreements/?batch=*")
    expect(page.get_by_role("heading", name="2 agreements")).to_be_visible()
    expect(page.get_by_role("link", name="Neustadt Germany – Mâcon France")).to_be_visible()
    assert Agreement.objects.count() == 2
    assert MatchVerdict.objects.count() == 2

    page.go_back()
    page.get_by_role("link", name="Undo the import").click()
    expect(page.get_by_text("The 2 records that the file made go")).to_be_visible()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("heading", name="The import was undone")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert not Agreement.objects.exists()


def received(by: User, text: bytes, resource: str = "agreements", **options: object) -> ImportBatch:
    """A batch that came in by the form; planned, if options are given."""
    source = {"source_title": "Wikidata", "source_licence": "CC0-1.0"}
    batch = batches.receive(SimpleUploadedFile("a.tsv", text), resource=resource, source=source, by=by)
    if options:
        told, _reasons = profiles.suggested(batch, by)
        batches.settle(batch, told | options)
        profiles.save_profile(batch, resource, by)
        jobs.enqueue_step(batch, "plan", by=by)
        batch.refresh_from_db()
        assert batch.status == "planned", batch.message
    return batch


@pytest.fixture
def pages(administrator: User, towns: dict[str, Town]) -> Iterator[list[str]]:
    """Every kind of page of imports, in every state."""
    with ExitStack() as stack:
        stack.enter_context(translation.override("en"))
        fresh = received(administrator, content())
        planned = received(administrator, content(), constants={"kind": "twinning"})
        done = received(
            administrator, b"name,country,population\nDole,FR,1\nMetz,FR,2\n?,XX,x\n", "towns", explicit=True
        )
        jobs.enqueue_step(done, "apply", by=administrator)
        town = Town.objects.get(name="Dole")
        town.population = 5
        town.save()
        jobs.enqueue_step(done, "undo", by=administrator)
        name = planned.names.filter(question=True).first()
        batches.decide([name], "skip", by=administrator, scope=None)
        working = [received(administrator, b"name,country\nToul,FR\n", "towns") for _state in range(3)]
        for batch, phase in zip(working, ("waiting", "reading", "reading"), strict=True):
            ImportBatch.objects.filter(pk=batch.pk).update(status="planning")
            aside = stack.enter_context(jobs._Aside(batch))
            aside.tell(phase, 50, 200)
        aside.hold()
        own = [f"{planned.reference}/{part}" for part in ("", "map/", "names/", "apply/", "?outcome=question")]
        own += [f"{done.reference}/{part}" for part in ("", "result/", "undo/", "?outcome=refused")]
        own += [f"{fresh.reference}/map/", *(f"{batch.reference}/progress/" for batch in working)]
        yield [
            "",
            "new/?resource=towns",
            "?q=zzz",
            "profiles/",
            "verdicts/",
            "verdicts/?show=all",
            *own,
        ]


@pytest.mark.long
@pytest.mark.parametrize(("width", "language"), NARROW_AND_WIDE)
def test_the_pages_have_no_barriers_and_fit(
    opens: Opener, live_server: LiveServer, administrator: User, pages: list[str], width: int, language: str
) -> None:
    page = opens(administrator, viewport={"width": width, "height": 900})
    faults: list[tuple[object, ...]] = []
    for path in pages:
        answer = page.goto(f"{live_server.url}/{language}/imports/{path}")
        assert answer.status == 200, path
        assert page.url.endswith(path), path
        unfold(page)
        faults += barriers(page)
    assert not faults, "\n".join(map(str, faults))


def unfold(page: Page) -> None:
    """Open all that can be unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
