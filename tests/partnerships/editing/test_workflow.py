"""How an agreement is written: every way through the workflow, by whoever tries, leaves what is published complete."""

import datetime
from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.dates import PartialDate
from partnerships import permissions
from partnerships.choices import Action
from partnerships.editing import actions, decisions, merge, rules, snapshot, suspensions, workflow
from partnerships.models import (
    Agreement,
    AgreementSource,
    FormDraft,
    FundingSource,
    Mandate,
    Party,
    Submission,
    Suspension,
    Theme,
    Town,
    TownName,
)
from partnerships.places.party_refs import PartyRef
from partnerships.review import proposals
from tests import factories
from tests.editing import contents, number_of_events, public_state, time_passes
from tests.properties import examples

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "FR-BFC", "FR-BRE"


class World:
    """People of every role, and places on both sides."""

    def __init__(self) -> None:
        here, elsewhere = factories.territory(HERE), factories.territory(ELSEWHERE)
        self.people = {
            "contributor": factories.officer("contributor", here, role="contributor"),
            "officer": factories.officer("officer", here),
            "elsewhere": factories.officer("elsewhere", elsewhere),
            "coordinator": factories.officer("coordinator", here, role="coordinator"),
            "administrator": factories.user("root", is_superuser=True),
        }
        self.here = factories.town("Dijon", territory=here)
        self.towns = [
            self.here,
            factories.town("Rennes", territory=elsewhere),
            factories.town("Mainz", "DE"),
            factories.town("Koulikoro", "ML"),
        ]
        self.source = factories.source()
        self.drawn = contents(
            [str(PartyRef.of(town)) for town in self.towns],
            [factories.make(Theme).pk],
            [factories.make(FundingSource).pk],
            [self.source.pk],
        )

    def content(self, *towns: Town, **columns: Any) -> snapshot.Content:
        """What it takes to publish an agreement: by default of a town here with one in Germany."""
        parties = [
            {"actor": str(PartyRef.of(town)), "role": "partner", "joined": None, "left": None}
            for town in towns or (self.here, self.towns[2])
        ]
        return snapshot.empty() | {"parties": parties, "sources": [self.source.pk]} | columns

    def published(self, **columns: Any) -> Agreement:
        by = self.people["officer"]
        return workflow.publish(
            by=by, agreement=workflow.save(by=by, content=self.content(**columns)), reason="another"
        )


@pytest.fixture
def world() -> World:
    return World()


def said_of(agreement: Agreement) -> dict[str, Any]:
    """What the history says of the last change of an agreement."""
    return Agreement.pgh_event_model.objects.filter(pgh_obj=agreement).latest("pgh_id").pgh_context.metadata


# The way of an entry


def test_from_a_draft_to_the_public_and_out_again(world: World) -> None:
    contributor, coordinator = world.people["contributor"], world.people["coordinator"]
    agreement = workflow.save(by=contributor, content=world.content())
    assert agreement.publication == "draft"
    submission = workflow.submit(by=contributor, agreement=agreement, note="New")
    assert submission.territories == [HERE]
    decisions.approve(by=coordinator, submission=submission)
    agreement.refresh_from_db()
    assert agreement.publication == "published"
    assert said_of(agreement) == {
        "user": coordinator.pk,
        "action": "publish",
        "role": "coordinator",
        "territory": HERE,
    }
    workflow.withdraw(by=coordinator, agreement=agreement, reason="Never existed")
    assert said_of(agreement)["reason"] == "Never existed"
    agreement = workflow.reinstate(by=coordinator, agreement=agreement)
    assert agreement.publication == "draft"


def test_a_rejected_entry_is_a_draft_again_and_can_be_mended(world: World) -> None:
    contributor, coordinator = world.people["contributor"], world.people["coordinator"]
    agreement = workflow.save(by=contributor, content=world.content())
    submission = workflow.submit(by=contributor, agreement=agreement)
    with pytest.raises(actions.ActionRefused):
        decisions.reject(by=coordinator, submission=submission, reason=" ")
    decisions.reject(by=coordinator, submission=submission, reason="Which year?")
    agreement.refresh_from_db()
    assert agreement.publication == "draft"
    again = workflow.save(by=contributor, agreement=agreement, content=world.content(signed="1958"))
    decisions.approve(by=coordinator, submission=workflow.submit(by=contributor, agreement=again))
    agreement.refresh_from_db()
    assert (agreement.publication, agreement.signed) == ("published", "1958")


def test_towns_of_a_draft_come_out_with_it(world: World) -> None:
    new = factories.town("Neustadt", "DE", publication="draft")
    agreement = workflow.save(by=world.people["officer"], content=world.content(world.here, new))
    workflow.publish(by=world.people["officer"], agreement=agreement)
    new.refresh_from_db()
    assert new.publication == "published"


def test_a_second_agreement_of_the_same_parties_needs_a_reason(world: World) -> None:
    officer, first = world.people["officer"], world.published()
    second = workflow.save(by=officer, content=world.content(kind="project"))
    with pytest.raises(actions.Duplicate) as refused:
        workflow.publish(by=officer, agreement=second)
    assert refused.value.found == [first]
    assert workflow.publish(by=officer, agreement=second, reason="On water").publication == "published"
    assert said_of(second)["reason"] == "On water"


def test_a_withdrawn_agreement_of_the_parties_asks_for_no_reason(world: World) -> None:
    officer, first = world.people["officer"], world.published()
    workflow.withdraw(by=officer, agreement=first, reason="Never existed")
    second = workflow.save(by=officer, content=world.content())
    assert workflow.publish(by=officer, agreement=second).publication == "published"


def test_a_second_one_is_handed_in_with_a_reason_only(world: World) -> None:
    contributor, first = world.people["contributor"], world.published()
    second = workflow.save(by=contributor, content=world.content(kind="project"))
    with pytest.raises(actions.Duplicate) as refused:
        workflow.submit(by=contributor, agreement=second)
    assert refused.value.found == [first]
    submission = workflow.submit(by=contributor, agreement=second, note="New", reason="On water")
    assert submission.text == "New\n\nOn water"


def test_exactly_the_same_agreement_is_refused_whatever_the_reason(world: World) -> None:
    officer = world.people["officer"]
    world.published(signed="1958")
    second = workflow.save(by=officer, content=world.content(signed="1958"))
    with pytest.raises(actions.ActionRefused, match="agreement of this kind and start already"):
        workflow.publish(by=officer, agreement=second, reason="I insist")
    second.refresh_from_db()
    assert second.publication == "draft"


def test_what_waits_is_decided_on_from_its_own_page_too(world: World) -> None:
    contributor, coordinator = world.people["contributor"], world.people["coordinator"]
    for kind, state in (("twinning", "approved"), ("project", "withdrawn")):
        agreement = workflow.save(by=contributor, content=world.content(kind=kind))
        submission = workflow.submit(by=contributor, agreement=agreement)
        if state == "approved":
            workflow.publish(by=coordinator, agreement=agreement)
            world.here = factories.town("Dole", territory=factories.territory(HERE))  # of other parties
        else:
            workflow.withdraw(by=coordinator, agreement=agreement, reason="Entered twice")
        submission.refresh_from_db()
        assert (submission.state, submission.decided_by) == (state, coordinator)


def test_what_was_written_since_it_was_brought_back_is_not_withdrawn_with_it(world: World) -> None:
    officer, agreement = world.people["officer"], world.published(description_en="Schools")
    public = snapshot.read_content(agreement)
    workflow.withdraw(by=officer, agreement=agreement, reason="Never existed")
    agreement = workflow.reinstate(by=officer, agreement=agreement)
    workflow.save(by=officer, agreement=agreement, content=world.content(description_en="Not to be seen"))
    workflow.withdraw(by=officer, agreement=agreement, reason="It did not")
    assert snapshot.read_content(agreement) == public


def test_the_answer_to_a_change_is_told_to_its_author_alone(world: World) -> None:
    contributor, coordinator, agreement = world.people["contributor"], world.people["coordinator"], world.published()
    base = snapshot.read_content(agreement)
    changed = {"by": contributor, "agreement": agreement, "base": base, "content": base | {"signed": "1958"}}
    submission = decisions.approve(
        by=coordinator, submission=workflow.submit_change(**changed), reason="Thanks, between us"
    )
    assert submission.reason == "Thanks, between us"
    assert said_of(agreement)["action"] == "save"
    assert "reason" not in said_of(agreement)
    with pytest.raises(PermissionDenied):
        decisions.take_back(by=contributor, submission=submission)  # it was decided on


@pytest.mark.parametrize(
    ("action", "everybody", "writers"),
    [(None, True, True), ("withdraw", True, True), ("publish", False, True), ("reject", False, False)],
)
def test_who_reads_the_reason_of_a_step(action: str | None, everybody: bool, writers: bool) -> None:
    said = {"action": action, "reason": "Between us"}
    told = [actions.reason_of(said, writes=writes) for writes in (False, True)]
    assert told == ["Between us" if one else "" for one in (everybody, writers)]


# What a content must fulfil


@pytest.mark.parametrize(
    ("days", "faults"),
    [(0, []), (1, ["The signature lies in the future (%s): until then the agreement can only be a draft."])],
)
def test_what_is_signed_today_can_be_published_and_what_is_signed_tomorrow_cannot(
    world: World, days: int, faults: list[str]
) -> None:
    signed = (timezone.localdate() + datetime.timedelta(days=days)).isoformat()
    found = rules.faults(world.content(signed=signed), publishing=True)
    assert found.get("signed", []) == [told % PartialDate(signed).localised() for told in faults]
    assert not rules.faults(world.content(signed=signed), publishing=False)


@pytest.mark.parametrize(
    ("signed", "ended", "possible"),
    [
        ("1958", "1958", True),
        ("1958-05-24", "1958", True),
        ("1958", "1958-01-01", True),
        ("1958-05", "1958-04", False),
        ("1958", "1957-12-31", False),
    ],
)
def test_an_agreement_ends_when_it_was_signed_or_later(world: World, signed: str, ended: str, possible: bool) -> None:
    assert ("ended" in rules.faults(world.content(signed=signed, ended=ended), publishing=False)) is not possible
    agreement = world.published(signed=signed)
    if possible:
        workflow.end(by=world.people["officer"], agreement=agreement, ended=ended)
    else:
        with pytest.raises(actions.ActionRefused, match="The end lies before the signature"):
            workflow.end(by=world.people["officer"], agreement=agreement, ended=ended)
    agreement.refresh_from_db()
    assert agreement.ended == (ended if possible else None)


def test_nothing_that_it_must_have_is_taken_from_what_is_published(world: World) -> None:
    officer, agreement = world.people["officer"], world.published()
    before = snapshot.read_content(agreement)
    with pytest.raises(actions.ActionRefused) as refused:
        workflow.save(by=officer, agreement=agreement, content=world.content(world.here, signed="2999", sources=[]))
    assert refused.value.messages == [
        "The signature lies in the future (2999): until then the agreement can only be a draft.",
        "An agreement has at least two parties.",
        "Say how this is known: at least one source is needed.",
    ]
    assert snapshot.read_content(agreement) == before


def test_who_changes_the_parties_of_what_is_published_publishes_for_one_of_them(world: World) -> None:
    both = world.people["officer"]
    factories.make(Mandate, user=both, territory=factories.territory(ELSEWHERE), role="contributor")
    officer = User.objects.get(pk=both.pk)
    agreement = factories.agreement(world.towns[1], world.towns[2])
    then = timezone.now() - datetime.timedelta(seconds=30)
    time_passes()
    root = world.people["administrator"]
    workflow.save(by=root, agreement=agreement, content=world.content())
    with pytest.raises(actions.ActionRefused, match="must lie in your territory"):
        workflow.save(by=officer, agreement=agreement, content=world.content(world.towns[1], world.towns[2]))
    with pytest.raises(actions.ActionRefused, match="must lie in your territory"):
        workflow.restore(by=officer, agreement=agreement, moment=then)
    workflow.save(by=officer, agreement=agreement, content=world.content(world.here, world.towns[1]))
    workflow.restore(by=root, agreement=agreement, moment=then)


def test_what_was_entered_as_a_party_comes_out_with_what_is_published(world: World) -> None:
    officer = world.people["officer"]
    club = factories.organisation("Les amis", publication="draft")
    town = factories.town("Neustadt", "DE", publication="draft")
    draft = workflow.save(by=officer, content=world.content())
    factories.party(draft, club, position=3)
    agreement = workflow.publish(by=officer, agreement=draft)
    workflow.save(by=officer, agreement=agreement, content=world.content(world.here, town))
    for actor in (club, town):
        actor.refresh_from_db()
    assert (club.publication, town.publication) == ("published", "published")


def test_a_published_agreement_becomes_one_of_the_parties_of_another_with_a_reason_only(world: World) -> None:
    officer, there = world.people["officer"], world.published()
    agreement = factories.agreement(world.here, world.towns[3])
    wanted = {"by": officer, "agreement": agreement, "content": world.content(kind="project")}
    with pytest.raises(actions.Duplicate) as refused:
        workflow.save(**wanted)
    assert refused.value.found == [there]
    workflow.save(**wanted, reason="On water")
    workflow.save(**wanted | {"content": world.content(kind="project", signed="1958")})  # it had these parties before


def test_saving_forgets_ones_own_begun_form_alone(world: World) -> None:
    officer, agreement = world.people["officer"], world.published()
    for person in ("officer", "coordinator"):
        factories.make(FormDraft, user=world.people[person], agreement=agreement)
    new = factories.make(FormDraft, user=officer)
    workflow.save(by=officer, agreement=agreement, content=world.content(signed="1958"))
    assert {(form.user, form.agreement) for form in FormDraft.objects.all()} == {
        (world.people["coordinator"], agreement),
        (officer, None),
    }
    assert new


def test_a_second_proposed_change_replaces_the_first_and_nothing_else(world: World) -> None:
    contributor, agreement = world.people["contributor"], world.published()
    base = snapshot.read_content(agreement)
    noted = proposals.note(by=contributor, agreement=agreement, text="Look at the year")
    first, second = (
        workflow.submit_change(by=contributor, agreement=agreement, base=base, content=base | {"signed": year})
        for year in ("1958", "1959")
    )
    for submission in (noted, first, second):
        submission.refresh_from_db()
    assert [submission.state for submission in (noted, first, second)] == ["open", "withdrawn", "open"]


def test_a_change_of_a_party_is_accepted_though_the_party_was_merged_meanwhile(world: World) -> None:
    contributor, coordinator, agreement = world.people["contributor"], world.people["coordinator"], world.published()
    base = snapshot.read_content(agreement)
    parties = [base["parties"][0], {**base["parties"][1], "joined": "1960"}]
    submission = workflow.submit_change(
        by=contributor, agreement=agreement, base=base, content=base | {"parties": parties}
    )
    winner = factories.town("Mayence", "DE")
    merge.merge_records(by=world.people["administrator"], loser=world.towns[2], winner=winner)
    decisions.approve(by=coordinator, submission=submission)
    assert [(party.actor, party.joined) for party in agreement.parties.all()] == [(world.here, None), (winner, "1960")]


# What was entered for a draft


def entered(world: World, **columns: Any) -> tuple[Agreement, Town]:
    """A draft that was saved with a form, and the town that was entered with it."""
    officer = world.people["officer"]
    with actions.acting(officer, "save"):
        town = factories.town("Neustadt", "DE", publication="draft", **columns)
        factories.make(TownName, town=town, name="Nova Civitas")
    time_passes()
    return workflow.save(by=officer, content=world.content(world.here, town)), town


@pytest.mark.parametrize("edited", [False, True])
def test_a_town_goes_with_the_draft_that_it_was_entered_for_unless_it_was_edited_since(
    world: World, edited: bool
) -> None:
    agreement, town = entered(world)
    if edited:
        with actions.acting(world.people["coordinator"], "save", town):
            town.population = 7
            town.save()
    workflow.delete(by=world.people["officer"], agreement=agreement)
    assert Town.objects.filter(pk=town.pk).exists() is edited


# Two at once


def test_who_comes_second_is_told_and_shown_what_came_first(world: World) -> None:
    officer, agreement = world.people["officer"], world.published()
    base = snapshot.content_fingerprint(snapshot.read_content(agreement))
    workflow.save(by=officer, agreement=agreement, content=world.content(kind="friendship"), base=base)
    with pytest.raises(actions.Conflict) as conflict:
        workflow.save(by=world.people["coordinator"], agreement=agreement, content=world.content(), base=base)
    assert conflict.value.theirs["kind"] == "friendship"
    agreement.refresh_from_db()
    assert agreement.kind == "friendship"


def test_an_approved_change_leaves_what_others_changed_elsewhere(world: World) -> None:
    contributor, coordinator, agreement = world.people["contributor"], world.people["coordinator"], world.published()
    base = snapshot.read_content(agreement)
    submission = workflow.submit_change(
        by=contributor, agreement=agreement, base=base, content=base | {"signed": "1958"}
    )
    workflow.save(by=coordinator, agreement=agreement, content=base | {"kind": "friendship"})
    decisions.approve(by=coordinator, submission=submission)
    agreement.refresh_from_db()
    assert (agreement.kind, agreement.signed) == ("friendship", "1958")


def test_a_change_of_what_others_changed_too_is_a_conflict(world: World) -> None:
    contributor, coordinator, agreement = world.people["contributor"], world.people["coordinator"], world.published()
    base = snapshot.read_content(agreement)
    submission = workflow.submit_change(
        by=contributor, agreement=agreement, base=base, content=base | {"signed": "1958"}
    )
    workflow.save(by=coordinator, agreement=agreement, content=base | {"signed": "1959"})
    with pytest.raises(actions.Conflict):
        decisions.approve(by=coordinator, submission=submission)
    submission.refresh_from_db()
    assert submission.state == "open"


# The state that an action finds may not be the one that its page was shown in.
LATE: dict[str, Callable[[World, Agreement], Any]] = {
    "save": lambda world, agreement: workflow.save(
        by=world.people["officer"], agreement=agreement, content=world.content(kind="project")
    ),
    "end": lambda world, agreement: workflow.end(by=world.people["officer"], agreement=agreement, ended="2020"),
    "suspend": lambda world, agreement: suspensions.suspend(
        by=world.people["officer"], party=agreement.parties.first(), since="2023"
    ),
    "verify": lambda world, agreement: workflow.verify(by=world.people["officer"], agreements=[agreement]),
    "publish": lambda world, agreement: workflow.publish(by=world.people["officer"], agreement=agreement),
    "withdraw": lambda world, agreement: workflow.withdraw(
        by=world.people["officer"], agreement=agreement, reason="again"
    ),
    "restore": lambda world, agreement: workflow.restore(
        by=world.people["officer"], agreement=agreement, moment=timezone.now()
    ),
}


@pytest.mark.parametrize("action", LATE)
def test_nothing_is_done_to_what_is_withdrawn(world: World, action: str) -> None:
    agreement = world.published()
    shown = Agreement.objects.get(pk=agreement.pk)  # as it was when the page was opened
    workflow.withdraw(by=world.people["officer"], agreement=agreement, reason="Never existed")
    before = public_state()
    with pytest.raises(actions.ActionRefused):
        LATE[action](world, shown)
    assert public_state() == before


# What becomes of it


def test_a_suspended_party_leaves_the_others_going_on(world: World) -> None:
    officer, agreement = world.people["officer"], world.published()
    party = agreement.parties.last()
    suspension = suspensions.suspend(by=officer, party=party, suspended_by="state", since="2023-08", act="N° 1")
    assert suspensions.suspended_now(Party.objects.values_list("pk", flat=True)) == {party.pk}
    with pytest.raises(actions.ActionRefused):
        suspensions.suspend(by=officer, party=party, since="2024")
    with pytest.raises(actions.ActionRefused):
        suspensions.resume(by=officer, suspension=suspension, until="2022")
    suspensions.resume(by=officer, suspension=Suspension.objects.get(), until="2024")
    assert suspensions.suspended_now([party.pk]) == set()


def test_a_country_is_suspended_and_its_partners_are_not(world: World) -> None:
    officer, root = world.people["officer"], world.people["administrator"]
    with_mali = [world.published(), factories.agreement(world.here, world.towns[3])]
    over = factories.agreement(world.towns[1], world.towns[3], activity="ended")
    mali = world.towns[3].country
    with pytest.raises(PermissionDenied):
        suspensions.suspend_country(by=officer, country=mali, since="2023")
    assert suspensions.suspend_country(by=root, country=mali, since="2023-08-01", act="Decree") == 1
    suspended = {suspension.party.town for suspension in Suspension.objects.select_related("party__town")}
    assert suspended == {world.towns[3]}
    assert not over.parties.filter(suspensions__isnull=False).exists()
    assert suspensions.suspend_country(by=root, country=mali, since="2024") == 0
    assert suspensions.resume_country(by=root, country=mali, until="2025") == 1
    assert with_mali


def test_a_suspension_without_a_beginning_has_begun(world: World) -> None:
    officer, agreement = world.people["officer"], world.published()
    party = agreement.parties.last()
    suspensions.suspend(by=officer, party=party, since=None)
    assert suspensions.suspended_now([party.pk]) == {party.pk}
    with pytest.raises(actions.ActionRefused):
        suspensions.suspend(by=officer, party=party, since="2024")


def test_who_has_left_and_what_has_ended_is_not_suspended_with_its_country(world: World) -> None:
    agreement = factories.agreement(world.here, world.towns[2], world.towns[3])
    agreement.parties.filter(town=world.towns[3]).update(left="2020")
    factories.agreement(world.here, world.towns[3], activity="ended")
    factories.agreement(world.here, world.towns[3], signed="1990", ended="2001")
    mali = world.towns[3].country
    assert suspensions.suspend_country(by=world.people["administrator"], country=mali, since="2023") == 0


@pytest.mark.parametrize(("partner", "concerned"), [(None, {"IT", "DE"}), ("DE", {"DE"})])
def test_a_country_is_suspended_with_all_its_partners_or_with_one(
    world: World, partner: str | None, concerned: set[str]
) -> None:
    mali = world.towns[3]
    with_both = {code: factories.agreement(mali, factories.town(code=code)) for code in ("DE", "IT")}
    factories.agreement(mali, factories.town("Bamako", "ML"))  # beside its own
    country = factories.country(partner) if partner else None
    root = world.people["administrator"]
    number = suspensions.suspend_country(by=root, country=mali.country, since="2023", partner=country)
    assert number == len(concerned) + 2 * (partner is None)
    suspended = Suspension.objects.values_list("party__agreement", "party__town__country")
    assert {(with_both[code].pk, "ML") for code in concerned} <= set(suspended)


@pytest.mark.parametrize(("partner", "resumed"), [(None, {"IT", "DE"}), ("DE", {"DE"})])
def test_a_country_resumes_what_its_state_suspended(world: World, partner: str | None, resumed: set[str]) -> None:
    root, mali = world.people["administrator"], world.towns[3]
    with_both = {code: factories.agreement(mali, factories.town(code=code)) for code in ("DE", "IT")}
    for agreement in with_both.values():
        suspensions.suspend(by=root, party=agreement.parties.get(town=mali), suspended_by="state", since="2023")
    own = factories.agreement(mali, world.towns[2]).parties.get(town=mali)
    by_itself = suspensions.suspend(by=root, party=own, suspended_by="party", since="2023")
    country = factories.country(partner) if partner else None
    suspensions.resume_country(by=root, country=mali.country, until="2024", partner=country)
    by_itself.refresh_from_db()
    assert by_itself.until is None
    over = Suspension.objects.exclude(until=None).values_list("party__agreement", flat=True)
    assert {code for code, agreement in with_both.items() if agreement.pk in over} == resumed


def test_a_copy_is_without_those_that_have_left(world: World) -> None:
    agreement = factories.agreement(world.here, world.towns[2], world.towns[3], signed="1958")
    agreement.parties.filter(town=world.here).update(joined="1960")
    agreement.parties.filter(town=world.towns[2]).update(left="1990")
    copied = workflow.copied(agreement)
    assert copied["signed"] is None
    assert [(party["actor"], party["joined"]) for party in copied["parties"]] == [
        (str(PartyRef.of(world.here)), None),
        (str(PartyRef.of(world.towns[3])), None),
    ]


def test_verification_is_of_all_or_of_none(world: World) -> None:
    officer, mine = world.people["officer"], world.published()
    others = factories.agreement(world.towns[1], world.towns[2])
    today = timezone.localdate()
    with pytest.raises(PermissionDenied):
        workflow.verify(by=officer, agreements=[mine, others])
    with pytest.raises(actions.ActionRefused):
        workflow.verify(by=officer, agreements=[mine], on=today + datetime.timedelta(days=1))
    assert not Agreement.objects.exclude(verified_on=None).exists()
    assert workflow.verify(by=officer, agreements=[mine]) == 1
    mine.refresh_from_db()
    assert mine.verified_on == today
    assert workflow.verify(by=officer, agreements=[mine], on=today - datetime.timedelta(days=9)) == 0


def test_an_earlier_day_leaves_a_later_verification(world: World) -> None:
    officer, today = world.people["officer"], timezone.localdate()
    later, never = world.published(kind="project"), world.published()
    workflow.verify(by=officer, agreements=[later])
    before = today - datetime.timedelta(days=9)
    assert workflow.verify(by=officer, agreements=[later, never], on=before) == 1
    assert [Agreement.objects.get(pk=one.pk).verified_on for one in (later, never)] == [today, before]


def test_who_is_a_mere_contributor_for_one_of_many_verifies_none(world: World) -> None:
    officer, mine = world.people["officer"], world.published()
    theirs = factories.agreement(world.towns[1], world.towns[2])
    mandate = factories.make(Mandate, user=officer, territory=factories.territory(ELSEWHERE), role="contributor")
    with pytest.raises(PermissionDenied):
        workflow.verify(by=User.objects.get(pk=officer.pk), agreements=[mine, theirs])
    Mandate.objects.filter(pk=mandate.pk).update(role="officer")
    assert workflow.verify(by=User.objects.get(pk=officer.pk), agreements=[mine, theirs]) == 2


def test_an_earlier_version_comes_back_with_what_was_merged_since(world: World) -> None:
    officer = world.people["officer"]
    agreement = world.published(signed="1958", description_en="First")
    earlier, then = snapshot.read_content(agreement), timezone.now() - datetime.timedelta(seconds=30)
    time_passes()
    workflow.save(by=officer, agreement=agreement, content=world.content(world.here, world.towns[3], kind="project"))
    Town.objects.filter(pk=world.towns[2].pk).update(publication="withdrawn", merged_into=world.towns[1])
    workflow.restore(by=officer, agreement=agreement, moment=then)
    now = snapshot.read_content(agreement)
    assert now | {"parties": []} == earlier | {"parties": []}
    actors = [party["actor"] for party in now["parties"]]
    assert actors == [str(PartyRef.of(world.here)), str(PartyRef.of(world.towns[1]))]


def test_nothing_is_restored_over_a_newer_change_or_from_before_the_beginning(world: World) -> None:
    officer, agreement = world.people["officer"], world.published()
    base, then = (
        snapshot.content_fingerprint(snapshot.read_content(agreement)),
        timezone.now() - datetime.timedelta(seconds=30),
    )
    time_passes()
    workflow.save(by=officer, agreement=agreement, content=world.content(kind="project"))
    with pytest.raises(actions.Conflict):
        workflow.restore(by=officer, agreement=agreement, moment=then, base=base)
    with pytest.raises(actions.ActionRefused):
        workflow.restore(by=officer, agreement=agreement, moment=then - datetime.timedelta(days=1))


def test_two_steps_of_one_request_are_two_steps_of_the_history(world: World) -> None:
    officer = world.people["officer"]
    with pghistory.context(url="/en/my/agreements/new/"):
        agreement = workflow.save(by=officer, content=world.content())
        workflow.publish(by=officer, agreement=agreement)
    events = Agreement.pgh_event_model.objects.filter(pgh_obj=agreement).order_by("pgh_id")
    said = [event.pgh_context.metadata["action"] for event in events.select_related("pgh_context")]
    assert (said[0], said[-1]) == ("save", "publish")
    assert {event.pgh_context.metadata["url"] for event in events} == {"/en/my/agreements/new/"}


def test_a_role_is_that_of_the_mandate_that_counted(world: World) -> None:
    both = world.people["contributor"]
    factories.make(Mandate, user=both, territory=factories.territory(ELSEWHERE), role="coordinator")
    user = User.objects.get(pk=both.pk)
    assert actions.role_of(user, world.here) == ("contributor", HERE)
    assert actions.role_of(user, world.towns[1]) == ("coordinator", ELSEWHERE)
    agreement = workflow.save(by=user, content=world.content())
    assert said_of(agreement)["role"] == "contributor"
    assert actions.role_of(world.people["administrator"], agreement) == ("administrator", None)


# Whoever tries whatever

PEOPLE = ("contributor", "officer", "elsewhere", "coordinator", "administrator")
CALLS = (
    "save",
    "change",
    "submit",
    "submit_change",
    "publish",
    "approve",
    "reject",
    "take_back",
    "withdraw",
    "reinstate",
    "end",
    "verify",
    "suspend",
    "resume",
    "suspend_country",
    "resume_country",
    "restore",
)


def call(world: World, name: str, by: User, data: st.DataObject) -> Any:
    """One call of the workflow with whatever is there; None if there is nothing to call it with."""

    def one(queryset: Any) -> Any:
        found = list(queryset.order_by("pk"))
        return data.draw(st.sampled_from(found)) if found else None

    def wanted() -> snapshot.Content:
        return data.draw(st.just(world.content(signed=data.draw(st.sampled_from(["1958", "1960"])))) | world.drawn)

    reason = data.draw(st.sampled_from(["", "because"]))
    match name:
        case "save":
            return workflow.save(by=by, content=wanted())
        case "approve" | "reject":
            submission = one(Submission.objects.all())
            return submission and getattr(decisions, name)(by=by, submission=submission, reason=reason)
        case "take_back":
            submission = one(Submission.objects.all())
            return submission and decisions.take_back(by=by, submission=submission)
        case "resume":
            suspension = one(Suspension.objects.all())
            return suspension and suspensions.resume(by=by, suspension=suspension, until="2024")
        case "suspend_country":
            return suspensions.suspend_country(by=by, country=world.towns[3].country, since="2023")
        case "resume_country":
            return suspensions.resume_country(by=by, country=world.towns[3].country, until="2024")
    agreement = one(Agreement.objects.all())
    if agreement is None:
        return None
    match name:
        case "change":
            return workflow.save(by=by, agreement=agreement, content=wanted(), reason=reason)
        case "submit_change":
            return workflow.submit_change(
                by=by, agreement=agreement, content=wanted(), base=snapshot.read_content(agreement), note=reason
            )
        case "end":
            return workflow.end(by=by, agreement=agreement, ended=data.draw(st.sampled_from([None, "1950", "2020"])))
        case "verify":
            return workflow.verify(by=by, agreements=list(Agreement.objects.order_by("pk")[:2]))
        case "suspend":
            party = one(Party.objects.all())
            return party and suspensions.suspend(by=by, party=party, since=data.draw(st.sampled_from([None, "2023"])))
        case "restore":
            ago = datetime.timedelta(minutes=data.draw(st.integers(0, 6)))
            return workflow.restore(by=by, agreement=agreement, moment=timezone.now() - ago)
        case "submit" | "reinstate":
            return getattr(workflow, name)(by=by, agreement=agreement)
        case _:  # publish, withdraw
            return getattr(workflow, name)(by=by, agreement=agreement, reason=reason)


def check_what_is_published() -> None:
    """What the directory promises of everything that is public."""
    for agreement in Agreement.objects.filter(publication="published"):
        assert Party.objects.filter(agreement=agreement).count() >= 2
        assert AgreementSource.objects.filter(agreement=agreement).exists()
        said = said_of(agreement)
        assert said["user"]
        assert said["role"]
        assert said["action"] in Action


@given(data=st.data())
@settings(
    max_examples=examples(5),
    phases=[Phase.explicit, Phase.generate],
)
def test_no_sequence_of_calls_leaves_the_public_incomplete(world: World, data: st.DataObject) -> None:
    with transaction.atomic():
        world.published(signed="1960")
        for _step in range(data.draw(st.integers(2, 8))):
            time_passes()
            by = User.objects.get(username=data.draw(st.sampled_from(["root", *PEOPLE[:4]])))
            name = data.draw(st.sampled_from(CALLS))
            before, events = public_state(), number_of_events()
            writable = set(permissions.agreements_writable_by(by).values_list("pk", flat=True))
            try:
                call(world, name, by, data)
            except (actions.ActionRefused, PermissionDenied):
                assert public_state() == before
                assert number_of_events() == events
            changed = {
                row["id"] for row in before["partnerships.Agreement"] if row not in list(Agreement.objects.values())
            }
            assert changed <= writable
            check_what_is_published()
        transaction.set_rollback(True)
