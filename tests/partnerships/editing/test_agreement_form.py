"""The form of an agreement, as a browser without JavaScript uses it: what is entered, refused, kept and handed out."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partnerships import permissions
from partnerships.agreements import duplicates
from partnerships.choices import Action, Publication, SubmissionState
from partnerships.editing import actions, commands, snapshot, workflow
from partnerships.models import (
    Agreement,
    Attachment,
    Contact,
    Document,
    FormDraft,
    GazetteerPlace,
    Organisation,
    Source,
    Submission,
    Territory,
    Town,
)
from partnerships.places.party_refs import PartyRef
from tests import factories as f
from tests.editing import time_passes

pytestmark = pytest.mark.django_db

NEW = "/en/my/agreements/new/"


@pytest.fixture
def bfc() -> Territory:
    return f.territory("FR-BFC", name="Bourgogne-Franche-Comté")


@pytest.fixture
def dijon(bfc: Territory) -> Town:
    return f.town("Dijon", territory=bfc)


@pytest.fixture
def mainz() -> Town:
    return f.town("Mainz", "DE")


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def contributor(bfc: Territory) -> User:
    return f.officer("contributor", bfc, role="contributor")


def fields(*actors: Town | Organisation, **more: Any) -> dict[str, Any]:
    """A form that can be published as it stands."""
    chosen = {f"parties-{number}-actor": str(PartyRef.of(actor)) for number, actor in enumerate(actors)}
    given = {"kind": "twinning", "signed": "24/05/1958", "sources-0-text": "Deliberation of 1958", **chosen}
    return given | {name.replace("__", "-"): value for name, value in more.items()}


def edit(agreement: Agreement) -> str:
    return f"/en/my/agreements/{agreement.reference}/edit/"


def typed(page: HttpResponse) -> dict[str, Any]:
    """What a browser would send back of the page's form, but for its buttons."""
    html = page.content.decode()
    html = html[html.index('id="agreement-form"') :]
    html = html[: html.index("</form>")]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = attributes.get("type", "text")
        if "name" not in attributes or kind == "file" or (kind in ("radio", "checkbox") and " checked" not in tag):
            continue
        found.setdefault(attributes["name"], []).append(attributes.get("value", "on" if kind == "checkbox" else ""))
    for name, text in re.findall(r'<textarea[^>]* ?name="([^"]+)"[^>]*>\s*(.*?)</textarea>', html, re.S):
        found[name] = [text]
    for select in re.findall(r"<select.*?</select>", html, re.S):
        name = re.search(r'name="([^"]+)"', select)[1]
        found[name] = re.findall(r'value="([^"]*)" selected', select)
    return found


def press(client: Client, page: HttpResponse, do: str, url: str = "", **more: Any) -> HttpResponse:
    """Press a button of a page's form."""
    data = typed(page) | {name.replace("__", "-"): value for name, value in more.items()}
    return client.post(url or page.wsgi_request.path, data | {"do": do})


def faults(page: HttpResponse) -> str:
    """The summary of faults above the form."""
    html = page.content.decode()
    found = re.search(r'id="problems".*?</ul>', html, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[0])) if found else ""


# Entering


def test_an_officer_publishes_in_one_go(officer_client: Client, dijon: Town, mainz: Town) -> None:
    answer = officer_client.post(NEW, fields(dijon, mainz, do="publish"))
    agreement = Agreement.objects.get()
    assert answer["Location"] == f"/en/agreements/{agreement.address}/"
    assert agreement.publication == Publication.PUBLISHED
    assert agreement.signed == "1958-05-24"
    assert [party.actor for party in agreement.parties.all()] == [dijon, mainz]
    assert agreement.sources.get().title == "Deliberation of 1958"
    page = officer_client.get(answer["Location"])
    assert "Published: everybody can see it now." in page.content.decode()


def test_everything_that_can_be_said_is_kept(officer_client: Client, dijon: Town, mainz: Town) -> None:
    theme, funding = f.make(f.p.Theme), f.make(f.p.FundingSource)
    known = f.source("Known")
    dijon.sources.add(known)  # and so it is public
    officer_client.post(
        NEW,
        fields(
            dijon,
            mainz,
            do="save",
            valid_until="2030",
            tacit_renewal="on",
            formal_status="in-force",
            activity="active",
            description_en="Together",
            description_fr="Ensemble",
            mailbox="twinning@example.org",
            themes=[theme.code],
            parties__0__role="lead",
            parties__1__joined="05/1959",
            renewals__0__renewed="1998",
            renewals__0__valid_until="2008",
            funding__0__source=funding.code,
            funding__0__on="on",
            funding__0__year="2020",
            funding__0__amount="12 000,50",
            sources__1__source=str(known.pk),
        ),
    )
    agreement = Agreement.objects.get()
    assert agreement.publication == Publication.DRAFT
    stored = snapshot.read_content(agreement)
    assert stored == {
        "kind": "twinning",
        "signed": "1958-05-24",
        "valid_until": "2030",
        "tacit_renewal": True,
        "ended": None,
        "formal_status": "in-force",
        "activity": "active",
        "description_en": "Together",
        "description_fr": "Ensemble",
        "mailbox": "twinning@example.org",
        "parties": [
            {"actor": f"t{dijon.pk}", "role": "lead", "joined": None, "left": None},
            {"actor": f"t{mainz.pk}", "role": "partner", "joined": "1959-05", "left": None},
        ],
        "themes": [theme.code],
        "funding": [{"funding": funding.code, "year": 2020, "amount": "12000.50", "currency": "EUR"}],
        "renewals": [{"renewed": "1998", "valid_until": "2008"}],
        "sources": sorted([known.pk, Source.objects.get(title="Deliberation of 1958").pk]),
    }
    # Opened and sent again as it is, it says the same.
    page = officer_client.get(edit(agreement))
    assert press(officer_client, page, "save").status_code == 302
    assert snapshot.read_content(agreement) == stored


WRONG = {
    "one party": ({"parties-1-actor": ""}, "An agreement has at least two parties."),
    "no source": ({"sources-0-text": ""}, "at least one source is needed"),
    "no such date": ({"signed": "31/02/1990"}, "does not exist in the calendar"),
    "no date": ({"signed": "long ago"}, "is not a date"),
    "signed tomorrow": ({"signed": "2100"}, "The signature lies in the future"),
    "ended before": ({"ended": "1950"}, "The end lies before the signature"),
    "left before joining": ({"parties-1-joined": "1990", "parties-1-left": "1980"}, "This party left before"),
    "renewed when": ({"renewals-0-valid_until": "1990"}, "When was it renewed?"),
    "source without title": ({"sources-0-text": "", "sources-0-url": "example.org"}, "A source has a title."),
    "mailbox": ({"mailbox": "nobody"}, "valid email address"),
    "unknown name": ({"parties-1-actor": "", "parties-1-text": "Xyzzyx"}, "Nothing of this name is known"),
    "new without country": (
        {"parties-1-actor": "new", "parties-1-text": "Ville", "parties-1-level": "village"},
        "Say in which country it lies.",
    ),
    "new without kind": ({"parties-1-actor": "new", "parties-1-text": "Ville"}, "Say what it is."),
    "link without address": ({"link-title": "Charter"}, "Where does the document lie?"),
    "contact with a long address": (
        {"contact-name": "A", "contact-purpose": "B", "contact-email": "a@" + ".".join(["b" * 62] * 4) + ".fr"},
        "256 characters are too many: shorten it to 254.",
    ),
    "contact without purpose": ({"contact-name": "A", "contact-email": "a@example.org"}, "Say what the contact"),
    "contact for ever": (
        {"contact-name": "A", "contact-phone": "1", "contact-purpose": "x", "contact-purge_on": "2199-01-01"},
        "three years at most",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(
    officer_client: Client, dijon: Town, mainz: Town, changed: dict[str, str], told: str
) -> None:
    page = officer_client.post(NEW, fields(dijon, mainz, do="publish", description_en="Much typed") | changed)
    assert page.status_code == 200
    assert told in faults(page)
    assert not Agreement.objects.exists()
    assert not Contact.objects.exists()
    sent_back = typed(page)
    assert sent_back["description_en"] == ["Much typed"]
    for name, value in changed.items():
        if value and name not in ("parties-1-actor",):
            assert sent_back[name] == [value]
    for anchor in re.findall(r'href="#(id_[^"]+)"', page.content.decode()):
        assert f'id="{anchor}"' in page.content.decode()


def test_all_faults_are_told_at_once(officer_client: Client, dijon: Town) -> None:
    sent = {"parties-0-actor": f"t{dijon.pk}", "signed": "never", "parties-1-joined": "1990", "parties-1-left": "1980"}
    told = faults(officer_client.post(NEW, sent | {"do": "publish", "parties-1-text": "Xyzzyx"}))
    for message in ("is not a date", "at least one source", "left before it joined", "Nothing of this name"):
        assert message in told
    assert "twice" not in told


@pytest.mark.parametrize("missing", ["one party", "no source"])
def test_a_draft_may_lack_what_publishing_needs(officer_client: Client, dijon: Town, mainz: Town, missing: str) -> None:
    changed, _told = WRONG[missing]
    assert officer_client.post(NEW, fields(dijon, mainz, do="save") | changed).status_code == 302
    assert Agreement.objects.get().publication == Publication.DRAFT


# Who is meant


def test_find_offers_candidates_and_the_choice_stays(officer_client: Client, dijon: Town) -> None:
    place = f.make(GazetteerPlace, name="Koulikoro", country=f.country("ML"), population=64128)
    page = officer_client.get(NEW)
    page = press(officer_client, page, "find-parties-0", parties__0__text="Koulikoro")
    html = page.content.decode()
    assert "Which one is meant?" in html
    assert f'value="g{place.pk}"' in html
    assert "Mali · 64,128 inhabitants" in html
    page = press(officer_client, page, "find-parties-0", parties__0__actor=f"g{place.pk}")
    assert typed(page)["parties-0-actor"] == [f"g{place.pk}"]
    assert "new in the directory" in page.content.decode()
    page = press(officer_client, page, "clear-parties-0")
    assert typed(page)["parties-0-text"] == ["Koulikoro"]


def test_a_place_becomes_a_town_with_its_names_and_source(officer_client: Client, dijon: Town) -> None:
    place = f.make(GazetteerPlace, name="Koulikoro", country=f.country("ML"), geonames=7)
    f.make(f.p.GazetteerName, place=place, name="Kulikoro")
    sent = fields(dijon, parties__1__actor=f"g{place.pk}")
    officer_client.post(NEW, sent | {"do": "save"})
    town = Town.objects.get(geonames=7)
    assert town.publication == Publication.DRAFT
    assert town.names.get().name == "Kulikoro"
    assert town.sources.get().title == "GeoNames"
    assert Client().get(f"/en/towns/{town.address}/").status_code == 404
    # A second agreement with the same place takes the same town, and publishing brings it out.
    officer_client.post(NEW, sent | {"do": "publish", "kind": "friendship"})
    town.refresh_from_db()
    assert town.publication == Publication.PUBLISHED
    assert Town.objects.filter(geonames=7).count() == 1


def test_what_nobody_knows_is_entered_in_place(officer_client: Client, dijon: Town, bfc: Territory) -> None:
    f.country("ML")
    officer_client.post(
        NEW,
        fields(
            dijon,
            parties__1__actor="new",
            parties__1__text="Petit Village",
            parties__1__level="village",
            parties__1__country="ML",
            parties__2__actor="new",
            parties__2__text="Amis de Dijon",
            parties__2__level="o:association",
            parties__2__country="FR",
            parties__2__territory="FR-BFC",
            do="publish",
        ),
    )
    agreement = Agreement.objects.get()
    village, friends = [party.actor for party in agreement.parties.all()][1:]
    assert (village.name, village.level, village.country_id) == ("Petit Village", "village", "ML")
    assert (friends.name, friends.kind, friends.territory_id) == ("Amis de Dijon", "association", "FR-BFC")
    assert village.sources.get() == friends.sources.get() == agreement.sources.get()
    assert {village.publication, friends.publication} == {Publication.PUBLISHED}


def test_the_authority_of_a_territory_is_made_once(officer_client: Client, bfc: Territory, mainz: Town) -> None:
    officer_client.post(NEW, fields(mainz, parties__1__actor="rFR-BFC", do="publish"))
    officer_client.post(
        NEW, fields(mainz, parties__1__actor="rFR-BFC", do="publish", kind="project", reason="a project")
    )
    assert Agreement.objects.filter(publication="published").count() == 2
    assert Town.objects.get(governs="FR-BFC").level == "region"


def test_a_refused_agreement_leaves_no_town_behind(officer_client: Client) -> None:
    first, second = (f.make(GazetteerPlace, name=name, country=f.country("ML")) for name in ("Ségou", "Mopti"))
    sent = {"parties-0-actor": f"g{first.pk}", "parties-1-actor": f"g{second.pk}", "sources-0-text": "Press"}
    page = officer_client.post(NEW, sent | {"do": "save"})
    assert "At least one of the parties must lie in your territory." in faults(page)
    assert not Town.objects.exists()
    assert not Source.objects.exists()


def test_a_source_of_a_known_title_at_another_address_is_another(officer: User, dijon: Town) -> None:
    there = f.source("Deliberation", url="https://a.example/")
    parties = [{"actor": str(PartyRef.of(dijon)), "role": "partner", "joined": None, "left": None}]
    new = {f"n{number}": commands.NewSource("Deliberation", url=there.url * number) for number in range(2)}
    entry = commands.EnteredContent(content=snapshot.empty() | {"parties": parties, "sources": list(new)}, sources=new)
    agreement = commands.enter(by=officer, entry=entry, then=Action.SAVE)
    assert {(source.url, source == there) for source in agreement.sources.all()} == {("", False), (there.url, True)}


def test_another_ones_draft_town_is_not_named(officer_client: Client, dijon: Town) -> None:
    hidden = f.town("Secret Village", "ML", publication="draft")
    page = officer_client.post(NEW, fields(dijon, hidden, do="look"))
    assert "Secret Village" not in page.content.decode()


def test_suggestions_tell_namesakes_apart(officer_client: Client, dijon: Town) -> None:
    f.make(GazetteerPlace, name="Dijon", country=f.country("GB"), population=900)
    page = officer_client.get(reverse("party_suggestions"), {"q": "dij"}).content.decode()
    assert page.index("Bourgogne-Franche-Comté · France") < page.index("United Kingdom · 900 inhabitants")
    assert f'data-key="t{dijon.pk}"' in page
    assert 'data-key="new"' in page


# Rows


def test_rows_come_and_go_and_the_rest_stays(officer_client: Client, dijon: Town, mainz: Town) -> None:
    page = officer_client.post(NEW, fields(dijon, mainz, description_en="Text", do="add-parties"))
    assert typed(page)["parties-2-text"] == [""]
    page = press(officer_client, page, "add-renewals")
    page = press(officer_client, page, "add-sources", renewals__0__renewed="1999")
    page = press(officer_client, page, "remove-parties-0")
    left = typed(page)
    assert "parties-0-actor" not in left
    assert left["parties-1-actor"] == [f"t{mainz.pk}"]
    assert left["renewals-0-renewed"] == ["1999"]
    assert left["description_en"] == ["Text"]
    assert left["sources-0-text"] == ["Deliberation of 1958"]
    assert not faults(page)


# Existing agreements


def test_existing_agreements_appear_once_the_parties_are_chosen(
    officer_client: Client, dijon: Town, mainz: Town
) -> None:
    there = f.agreement(dijon, mainz, signed="1986")
    page = officer_client.post(NEW, fields(dijon, mainz, do="look")).content.decode()
    assert "Already here" in page
    assert "twinning since 1986" in page
    assert edit(there) in page
    assert "Already here" not in officer_client.post(NEW, fields(dijon, do="look")).content.decode()


def test_existing_agreements_with_most_of_the_parties_come_first(dijon: Town, mainz: Town) -> None:
    lyon = f.town("Lyon")
    two, three, _others = f.agreement(dijon, mainz), f.agreement(lyon, mainz, dijon), f.agreement(dijon, f.town())
    asked = [PartyRef.of(town) for town in (dijon, mainz, lyon)]
    assert [(one, one.shared) for one in duplicates.between(asked)] == [(three, 3), (two, 2)]


def test_a_likely_duplicate_needs_a_reason(officer_client: Client, dijon: Town, mainz: Town) -> None:
    f.agreement(dijon, mainz, signed="1986")
    page = officer_client.post(NEW, fields(dijon, mainz, do="publish"))
    assert "Is it this one?" in page.content.decode()
    assert Agreement.objects.count() == 1
    assert press(officer_client, page, "publish", reason="Of the two schools").status_code == 302
    assert Agreement.objects.filter(publication="published").count() == 2


# Rights


def test_a_contributor_submits_and_does_not_publish(contributor: User, dijon: Town, mainz: Town) -> None:
    client = browser_of(contributor)
    page = client.get(NEW).content.decode()
    assert 'value="submit"' in page
    assert 'value="publish"' not in page
    refused = client.post(NEW, fields(dijon, mainz, do="publish"))
    assert "You may not publish" in faults(refused)
    assert not Agreement.objects.exists()
    assert client.post(NEW, fields(dijon, mainz, do="submit", note="Please look")).status_code == 302
    assert Agreement.objects.get().publication == Publication.SUBMITTED
    assert Submission.objects.get().text == "Please look"


def test_a_contributor_submits_a_change_of_what_is_published(contributor: User, dijon: Town, mainz: Town) -> None:
    agreement, client = f.agreement(dijon, mainz, signed="1958"), browser_of(contributor)
    page = client.get(edit(agreement))
    assert press(client, page, "submit", signed="1959").status_code == 302
    agreement.refresh_from_db()
    assert agreement.signed == "1958"
    submission = Submission.objects.get()
    assert submission.content["signed"] == "1959"
    # It is what is shown to its author, and replaced by the next.
    page = client.get(edit(agreement))
    assert typed(page)["signed"] == ["1959"]
    press(client, page, "submit", signed="1960")
    submission.refresh_from_db()
    assert submission.state == SubmissionState.WITHDRAWN
    # Saving at once is refused.
    refused = press(client, client.get(edit(agreement)), "save")
    assert "You may not publish" in faults(refused)
    agreement.refresh_from_db()
    assert agreement.signed == "1958"


def test_a_change_is_not_handed_in_over_that_of_somebody_else(
    officer: User, contributor: User, dijon: Town, mainz: Town
) -> None:
    agreement, client = f.agreement(dijon, mainz, signed="1958"), browser_of(contributor)
    page = client.get(edit(agreement))
    time_passes()
    workflow.save(by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"signed": "1960"})
    told = press(client, page, "submit", signed="1959")
    assert "Theirs, stored now" in told.content.decode()
    assert not Submission.objects.exists()


def test_an_officer_of_elsewhere_is_refused(dijon: Town, mainz: Town) -> None:
    client = browser_of(f.officer("elsewhere", f.territory("FR-BRE")))
    published, draft = f.agreement(dijon, mainz), f.agreement(dijon, mainz, signed="1990", publication="draft")
    assert client.get(edit(published)).status_code == 403
    assert client.post(edit(published), {"do": "save"}).status_code == 403
    assert client.get(edit(draft)).status_code == 404
    assert client.get(f"/en/agreements/{draft.address}/").status_code == 404
    page = client.post(NEW, fields(dijon, mainz, do="save"))
    assert "At least one of the parties must lie in your territory." in faults(page)


def test_a_draft_is_shown_to_those_who_may_write_it(officer_client: Client, dijon: Town, mainz: Town) -> None:
    draft = f.agreement(dijon, mainz, publication="draft")
    page = officer_client.get(f"/en/agreements/{draft.address}/").content.decode()
    assert "A draft: only those who may write it see it." in page
    assert edit(draft) in page
    assert Client().get(f"/en/agreements/{draft.address}/").status_code == 404


def test_a_withdrawn_agreement_is_not_edited(officer_client: Client, dijon: Town, mainz: Town) -> None:
    assert officer_client.get(edit(f.agreement(dijon, mainz))).status_code == 200
    gone = f.agreement(dijon, mainz, signed="1990", publication="withdrawn")
    assert officer_client.get(edit(gone)).status_code == 404


def test_a_user_without_mandate_is_refused(db: None) -> None:
    assert browser_of(f.user("nobody")).get(NEW).status_code == 403


# Nothing is lost


def test_what_is_typed_is_kept_and_offered_again(officer: User, officer_client: Client, dijon: Town) -> None:
    keep = reverse("form_keep")
    sent = fields(dijon, description_en="Half a sent", agreement="", draft="", path=NEW)
    told = officer_client.post(keep, sent).json()
    again = officer_client.post(keep, sent | {"draft": told["draft"], "description_en": "Half a sentence"}).json()
    assert again["draft"] == told["draft"]
    assert not Agreement.objects.exists()
    page = officer_client.get(NEW)
    assert "Begun and not sent" in page.content.decode()
    page = officer_client.get(NEW, {"draft": told["draft"]})
    assert typed(page)["description_en"] == ["Half a sentence"]
    assert press(officer_client, page, "save").status_code == 302
    assert not FormDraft.objects.exists()


def test_the_form_of_an_agreement_comes_back_until_it_is_sent_or_forgotten(
    officer_client: Client, dijon: Town, mainz: Town
) -> None:
    agreement = f.agreement(dijon, mainz, signed="1958")
    page = officer_client.get(edit(agreement))
    officer_client.post(reverse("form_keep"), typed(page) | {"signed": "1959"})
    page = officer_client.get(edit(agreement))
    assert typed(page)["signed"] == ["1959"]
    assert "did not send yet" in page.content.decode()
    discard = reverse("form_discard", args=[FormDraft.objects.get().pk])
    assert officer_client.post(discard)["Location"] == edit(agreement)
    assert typed(officer_client.get(edit(agreement)))["signed"] == ["1958"]


def test_anothers_form_is_nobodys_business(officer_client: Client) -> None:
    other = f.make(FormDraft, user=f.user("other"), data={"description_en": ["secret"]})
    assert officer_client.get(NEW, {"draft": other.pk}).status_code == 404
    officer_client.post(reverse("form_keep"), {"draft": other.pk, "description_en": "mine"})
    other.refresh_from_db()
    assert other.data == {"description_en": ["secret"]}


@pytest.mark.parametrize("by_itself", [False, True])
def test_what_is_sent_after_the_session_ended_comes_back(officer: User, dijon: Town, by_itself: bool) -> None:
    client = browser_of(officer)
    sent = typed(client.get(NEW)) | fields(dijon, description_en="Typed for an hour")
    client.logout()
    if by_itself:
        answer = client.post(reverse("form_keep"), sent | {"path": NEW})
        assert answer.status_code == 403
        assert "What you typed is kept" in answer.json()["said"]
    else:
        answer = client.post(NEW, sent | {"do": "save"})
        assert answer["Location"] == f"/en/account/login/?next={NEW}"
        by_htmx = client.post(NEW, sent | {"do": "look"}, headers={"HX-Request": "true"})
        assert by_htmx["HX-Redirect"] == answer["Location"]
    client.force_login(officer)
    page = client.get(NEW)
    assert "You were logged out meanwhile" in page.content.decode()
    assert typed(page)["description_en"] == ["Typed for an hour"]
    assert FormDraft.objects.get().user == officer


def test_what_somebody_else_typed_does_not_come_back(officer: User, contributor: User, dijon: Town) -> None:
    client = browser_of(officer)
    sent = typed(client.get(NEW)) | fields(dijon, description_en="Mine")
    client.logout()
    client.post(NEW, sent)
    client.force_login(contributor)
    assert typed(client.get(NEW))["description_en"] == [""]


def test_strangers_fill_no_session(db: None) -> None:
    client = Client()
    client.post(NEW, {"typed_by": "1:forged", "description_en": "x" * 1000})
    client.post(NEW, {"description_en": "x" * 1000})
    assert not client.session.get("kept_form")


def test_of_too_many_begun_forms_the_oldest_gives_way(officer: User) -> None:
    forms = [f.make(FormDraft, user=officer) for _number in range(commands.KEPT_FORMS)]
    oldest, newest = forms[7], forms[0]
    for form, days in ((oldest, -1), (newest, 1)):
        FormDraft.objects.filter(pk=form.pk).update(saved_at=timezone.now() + datetime.timedelta(days=days))
    commands.keep_form_draft(by=officer, data={}, agreement=None)
    assert FormDraft.objects.filter(user=officer).count() == commands.KEPT_FORMS
    left = FormDraft.objects.filter(pk__in=[oldest.pk, newest.pk])
    assert [form.pk for form in left] == [newest.pk]


# Two at once


@pytest.fixture
def two_at_once(officer_client: Client, dijon: Town, mainz: Town, bfc: Territory) -> Callable[..., tuple[Any, Any]]:
    """Opens a form, lets a colleague save theirs, and sends mine: the agreement, and the page that tells of it."""

    def open_both(theirs: dict[str, Any], mine: dict[str, Any]) -> tuple[Agreement, Any]:
        agreement = f.agreement(dijon, mainz, signed="1958")
        page = officer_client.get(edit(agreement))
        time_passes()
        other = browser_of(f.officer("colleague", bfc))
        press(other, other.get(edit(agreement)), "save", **theirs)
        return agreement, press(officer_client, page, "save", **mine)

    return open_both


@pytest.mark.parametrize("choice", ["mine", "theirs", "take"])
def test_what_both_changed_is_chosen(two_at_once: Callable[..., Any], officer_client: Client, choice: str) -> None:
    agreement, page = two_at_once(
        {"signed": "1960", "description_en": "Theirs"}, {"signed": "1959", "mailbox": "us@example.org"}
    )
    agreement.refresh_from_db()
    assert agreement.signed == "1960"
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))
    assert "colleague changed this agreement on" in told
    assert "Signed (before: 1958) Theirs, stored now: 1960 Yours: 1959" in told
    if choice == "take":
        page = press(officer_client, page, "take")
        assert typed(page)["signed"] == ["1960"]
        answer = press(officer_client, page, "save")
    else:
        page = press(officer_client, page, "settle")  # without a choice
        assert "Choose one of the two" in page.content.decode()
        answer = press(officer_client, page, "settle", **{"choose-signed": choice})
    assert answer.status_code == 302
    agreement.refresh_from_db()
    assert agreement.signed == {"mine": "1959", "theirs": "1960", "take": "1960"}[choice]
    assert agreement.description_en == "Theirs"  # what they changed elsewhere stays in any case
    assert agreement.mailbox == ("" if choice == "take" else "us@example.org")


def test_what_each_changed_elsewhere_stays(
    two_at_once: Callable[..., Any], officer_client: Client, mainz: Town
) -> None:
    lyon = f.town("Lyon")
    for code in ("water", "health"):
        f.make(f.p.Theme, code=code)
    agreement, page = two_at_once(
        {"themes": ["water"], "parties-2-actor": f"t{lyon.pk}", "parties-2-role": "partner"},
        {"themes": ["health"], "parties-1-joined": "1961"},
    )
    assert "Both of you changed" not in page.content.decode()
    answer = press(officer_client, page, "settle")
    assert answer.status_code == 302
    now = snapshot.read_content(agreement)
    assert now["themes"] == ["health", "water"]
    assert [(party["actor"], party["joined"]) for party in now["parties"]][1:] == [
        (f"t{mainz.pk}", "1961"),
        (f"t{lyon.pk}", None),
    ]


def test_two_fields_of_one_party_are_two_places(
    two_at_once: Callable[..., Any], officer_client: Client, mainz: Town
) -> None:
    agreement, page = two_at_once({"parties-1-joined": "1990"}, {"parties-1-left": "2001"})
    assert "Both of you changed" not in page.content.decode()
    assert press(officer_client, page, "settle").status_code == 302
    party = agreement.parties.get(town=mainz)
    assert (party.joined, party.left) == ("1990", "2001")


def test_two_fields_of_one_party_that_contradict_each_other_are_refused_in_words(
    two_at_once: Callable[..., Any], officer_client: Client, mainz: Town
) -> None:
    agreement, page = two_at_once({"parties-1-joined": "2005"}, {"parties-1-left": "2001"})
    page = press(officer_client, page, "settle")
    assert page.status_code == 200
    assert (agreement.parties.get(town=mainz).joined, agreement.parties.get(town=mainz).left) == ("2005", None)


def test_a_conflict_says_that_files_are_to_be_chosen_again(
    two_at_once: Callable[..., Any], officer_client: Client
) -> None:
    pdf = SimpleUploadedFile("letter.pdf", b"%PDF-1.4 x")
    _agreement, page = two_at_once({"signed": "1960"}, {"signed": "1959", "upload-file": pdf})
    assert "choose yours again" in page.content.decode()
    page = press(officer_client, page, "settle")
    assert "choose yours again" not in page.content.decode()


def test_the_button_of_the_form_heeds_what_was_chosen(two_at_once: Callable[..., Any], officer_client: Client) -> None:
    agreement, page = two_at_once({"signed": "1960"}, {"signed": "1959"})
    page = press(officer_client, page, "save")
    assert "Choose one of the two" in page.content.decode()
    assert press(officer_client, page, "save", **{"choose-signed": "mine"}).status_code == 302
    agreement.refresh_from_db()
    assert agreement.signed == "1959"


@pytest.mark.parametrize("merged", [False, True])
def test_what_was_typed_on_an_agreement_withdrawn_meanwhile_is_kept(
    officer: User, officer_client: Client, dijon: Town, mainz: Town, merged: bool
) -> None:
    agreement = f.agreement(dijon, mainz, signed="1958")
    page = officer_client.get(edit(agreement))
    if merged:
        agreement.merged_into = f.agreement(dijon, f.town("Lyon"))
        agreement.publication = "withdrawn"
        agreement.save()
    else:
        workflow.withdraw(by=officer, agreement=agreement, reason="Entered twice")
    answer = press(officer_client, page, "save", signed="1959")
    told = officer_client.get(answer.url).content.decode()
    assert "withdrawn meanwhile" in told
    assert ("find it here again" in told) is not merged
    if not merged:
        workflow.reinstate(by=officer, agreement=agreement)
        assert typed(officer_client.get(edit(agreement)))["signed"] == ["1959"]


def test_where_history_does_not_tell_how_it_began_all_that_differs_is_chosen(
    officer_client: Client, dijon: Town, mainz: Town
) -> None:
    agreement = f.agreement(dijon, mainz, signed="1958", description_en="Stored")
    page = press(officer_client, officer_client.get(edit(agreement)), "save", base="0" * 64, signed="1959")
    page = press(officer_client, page, "settle", base="0" * 64)
    assert "Choose one of the two" in page.content.decode()
    answer = press(officer_client, page, "settle", base="0" * 64, **{"choose-signed": "mine"})
    assert answer.status_code == 302
    agreement.refresh_from_db()
    assert (agreement.signed, agreement.description_en) == ("1959", "Stored")


def test_a_third_change_is_no_more_overwritten(two_at_once: Callable[..., Any], officer_client: Client) -> None:
    agreement, page = two_at_once({"signed": "1960"}, {"signed": "1959"})
    Agreement.objects.filter(pk=agreement.pk).update(signed="1961")
    page = press(officer_client, page, "settle", **{"choose-signed": "mine"})
    assert "Somebody else was faster" in page.content.decode()
    agreement.refresh_from_db()
    assert agreement.signed == "1961"
    assert press(officer_client, page, "settle", **{"choose-signed": "mine"}).status_code == 302


# Copies


def test_a_copy_begins_without_dates_and_sources(officer_client: Client, dijon: Town, mainz: Town) -> None:
    agreement = f.agreement(dijon, mainz, signed="1958", description_en="Together")
    sent = typed(officer_client.get(NEW, {"copy": agreement.reference}))
    assert sent["parties-1-actor"] == [f"t{mainz.pk}"]
    assert sent["description_en"] == ["Together"]
    assert sent["signed"] == [""]
    assert sent["sources-0-text"] == [""]
    hidden = f.agreement(f.town(), f.town(), publication="draft")
    assert officer_client.get(NEW, {"copy": hidden.reference}).status_code == 404


# Documents


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr({"types": "[Content_Types].xml", "main": "word/document.xml"}.get(name, name), text)
    return file.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILES = {
    "pdf": (b"%PDF-1.7\n...", "application/pdf", ".pdf"),
    "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image/png", ".png"),
    "jpeg": (b"\xff\xd8\xff\xe0" + b"\0" * 40, "image/jpeg", ".jpg"),
    "tiff": (b"II*\0" + b"\0" * 40, "image/tiff", ".tif"),
    "webp": (b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 40, "image/webp", ".webp"),
    "odt": (
        zipped(mimetype="application/vnd.oasis.opendocument.text"),
        "application/vnd.oasis.opendocument.text",
        ".odt",
    ),
    "docx": (zipped(types=f'ContentType="{WORD}.main+xml"', main="<w/>"), WORD, ".docx"),
}
NOT_TAKEN = {
    "html": b"<html><script>alert(1)</script>",
    "program": b"MZ\x90\0" + b"\0" * 100,
    "zip": zipped(anything="x"),
    "macros": zipped(types="application/vnd.ms-word.document.macroEnabled.main+xml", main="<w/>"),
    "spreadsheet": zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "broken zip": b"PK\x03\x04" + b"\0" * 100,
    "empty": b"",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


@pytest.mark.parametrize(("data", "media_type", "ending"), FILES.values(), ids=FILES)
def test_documents_are_taken_by_their_content(
    officer_client: Client, dijon: Town, mainz: Town, data: bytes, media_type: str, ending: str
) -> None:
    file = SimpleUploadedFile("../Charte été.exe", data, "text/html")
    answer = officer_client.post(NEW, fields(dijon, mainz, do="publish", upload__file=file, upload__title="Charter"))
    assert answer.status_code == 302
    attachment = Attachment.objects.get()
    assert (attachment.media_type, attachment.name) == (media_type, f"Charte été{ending}")
    assert re.fullmatch(rf"attachments/\d{{4}}/[0-9a-f]{{32}}\{ending}", attachment.file.name)
    handed_out = Client().get(reverse("attachment", args=[attachment.pk]))
    assert b"".join(handed_out.streaming_content) == data
    assert handed_out["Content-Type"] == media_type
    assert handed_out["X-Content-Type-Options"] == "nosniff"
    assert handed_out["Content-Disposition"].startswith("attachment; filename")
    page = Client().get(answer["Location"]).content.decode()
    assert "Charter" in page


@pytest.mark.parametrize("data", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_other_files_are_refused_whatever_their_name(
    officer_client: Client, dijon: Town, mainz: Town, data: bytes
) -> None:
    file = SimpleUploadedFile("charter.pdf", data, "application/pdf")
    page = officer_client.post(NEW, fields(dijon, mainz, do="publish", upload__file=file))
    assert "File" in faults(page)
    assert not Attachment.objects.exists()
    assert not Agreement.objects.exists()


def test_a_large_file_is_refused(officer_client: Client, dijon: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partnerships.editing.uploads.MAX_UPLOAD_BYTES", 50)
    for size, status in ((51, 200), (50, 302)):
        file = SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * (size - 5))
        answer = officer_client.post(NEW, fields(dijon, do="save", upload__file=file))
        assert answer.status_code == status


def test_documents_of_a_draft_are_for_those_who_write_it(officer_client: Client, dijon: Town, mainz: Town) -> None:
    file = SimpleUploadedFile("a.pdf", FILES["pdf"][0])
    officer_client.post(NEW, fields(dijon, mainz, do="save", upload__file=file))
    address = reverse("attachment", args=[Attachment.objects.get().pk])
    assert Client().get(address).status_code == 404
    assert browser_of(f.officer("elsewhere", f.territory("FR-BRE"))).get(address).status_code == 404
    assert officer_client.get(address).status_code == 200


def test_documents_are_added_and_removed_while_the_rest_is_typed(
    officer_client: Client, dijon: Town, mainz: Town
) -> None:
    agreement = f.agreement(dijon, mainz, signed="1958")
    page = officer_client.get(edit(agreement))
    file = SimpleUploadedFile("a.pdf", FILES["pdf"][0])
    page = press(
        officer_client, page, "add-extras", signed="1959", upload__file=file, link__url="https://example.org/charter"
    )
    attachment, document = Attachment.objects.get(), Document.objects.get()
    assert typed(page)["signed"] == ["1959"]
    assert not typed(page)["link-url"][0]
    stored = attachment.file.name
    assert attachment.file.storage.exists(stored)
    agreement.refresh_from_db()
    assert agreement.signed == "1958"
    page = press(officer_client, page, f"unlink-{document.pk}")
    page = press(officer_client, page, f"detach-{attachment.pk}")
    assert typed(page)["signed"] == ["1959"]
    assert not Attachment.objects.exists()
    assert not Document.objects.exists()


def test_a_document_that_is_taken_away_is_erased(
    officer: User, dijon: Town, mainz: Town, django_capture_on_commit_callbacks
) -> None:
    attachment = commands.attach(
        by=officer, agreement=f.agreement(dijon, mainz), file=SimpleUploadedFile("a.pdf", FILES["pdf"][0])
    )
    storage, name = attachment.file.storage, attachment.file.name
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        commands.detach(by=officer, attachment=attachment)
    assert not storage.exists(name)


def test_a_contributor_adds_no_documents_to_what_is_published(contributor: User, dijon: Town, mainz: Town) -> None:
    client, published = browser_of(contributor), f.agreement(dijon, mainz)
    draft = f.agreement(dijon, mainz, signed="1990", publication="draft")
    for agreement, number in ((published, 0), (draft, 1)):
        page = client.get(edit(agreement))
        file = SimpleUploadedFile("a.pdf", FILES["pdf"][0])
        press(client, page, "add-extras", upload__file=file)
        assert agreement.attachments.count() == number


# Contact persons


def test_contacts_are_private_unless_they_agree(officer_client: Client, dijon: Town, mainz: Town) -> None:
    agreement = f.agreement(dijon, mainz)
    page = officer_client.get(edit(agreement))
    for name, public in (("Ms Private", ""), ("Mr Public", "on")):
        page = press(
            officer_client,
            page,
            "add-extras",
            contact__name=name,
            contact__email="x@example.org",
            contact__purpose="Twinning",
            **({"contact__public": public} if public else {}),
        )
    address = f"/en/agreements/{agreement.address}/"
    seen = Client().get(address).content.decode()
    assert "Mr Public" in seen
    assert "Ms Private" not in seen
    assert "Ms Private" in officer_client.get(address).content.decode()
    kept = Contact.objects.get(name="Ms Private")
    today = datetime.date.today()
    assert today < kept.purge_on <= today.replace(year=today.year + 3)
    press(officer_client, page, f"forget-{kept.pk}")
    assert not Contact.objects.filter(pk=kept.pk).exists()


def test_a_contact_due_to_be_erased_is_seen_by_nobody(officer: User, dijon: Town, mainz: Town) -> None:
    agreement = f.agreement(dijon, mainz)
    f.make(Contact, agreement=agreement, purge_on=datetime.date.today())
    shown = f.make(Contact, agreement=agreement)
    assert list(permissions.contacts_seen_by(officer, agreement)) == [shown]


@pytest.mark.parametrize(
    ("today", "last"), [("2026-05-24", "2029-05-24"), ("2028-02-28", "2031-02-28"), ("2028-02-29", "2031-02-28")]
)
def test_a_contact_is_kept_for_three_years_from_any_day(today: str, last: str) -> None:
    assert commands.last_purge_day(datetime.date.fromisoformat(today)) == datetime.date.fromisoformat(last)


@pytest.mark.parametrize(("later", "taken"), [(0, True), (1, False)])
def test_a_contact_is_kept_until_the_last_day_at_most(
    officer: User, dijon: Town, mainz: Town, later: int, taken: bool
) -> None:
    agreement = f.agreement(dijon, mainz)
    last = commands.last_purge_day() + datetime.timedelta(days=later)
    given = {"name": "A", "email": "a@example.org", "purpose": "Twinning", "purge_on": last}
    if taken:
        commands.add_contact(by=officer, agreement=agreement, **given)
    else:
        with pytest.raises(actions.ActionRefused):
            commands.add_contact(by=officer, agreement=agreement, **given)
    assert agreement.contacts.exists() is taken


def test_a_contributor_makes_no_contact_of_what_is_published_public(
    contributor: User, dijon: Town, mainz: Town
) -> None:
    published = f.agreement(dijon, mainz)
    draft = f.agreement(dijon, mainz, signed="1990", publication="draft")
    given = {"name": "A", "email": "a@example.org", "purpose": "Twinning", "purge_on": commands.last_purge_day()}
    with pytest.raises(PermissionDenied):
        commands.add_contact(by=contributor, agreement=published, public=True, **given)
    commands.add_contact(by=contributor, agreement=published, **given)
    commands.add_contact(by=contributor, agreement=draft, public=True, **given)
    assert [contact.public for contact in Contact.objects.order_by("pk")] == [False, True]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_form_speaks_both_languages(officer_client: Client, dijon: Town, mainz: Town, language: str) -> None:
    agreement = f.agreement(dijon, mainz)
    for path in (NEW, edit(agreement)):
        assert officer_client.get(path.replace("/en/", f"/{language}/")).status_code == 200
