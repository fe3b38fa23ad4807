"""Two records become one and two again: nothing is lost unsaid, and undoing brings the public back as it was."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from networks.models import Membership, Network
from partnerships.editing import merge as merging
from partnerships.editing import snapshot, workflow
from partnerships.models import (
    Agreement,
    Claim,
    Document,
    FormDraft,
    FundingContribution,
    FundingSource,
    Merge,
    Party,
    Renewal,
    Submission,
    Suspension,
    Theme,
    Town,
    TownName,
)
from tests import factories
from tests.editing import public_state
from tests.properties import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db: None) -> Any:
    return factories.user("root", is_superuser=True)


@pytest.fixture
def dijon() -> Town:
    return factories.town("Dijon", territory=factories.territory("FR-BFC"))


@pytest.fixture
def twice() -> Town:
    """Dijon, entered again."""
    return factories.town("Dijon (21)", territory=factories.territory("FR-BFC"), insee="21231", population=158_000)


def test_what_points_at_the_loser_points_at_the_winner(root: Any, dijon: Town, twice: Town) -> None:
    mainz = factories.town("Mainz", "DE")
    agreement = factories.agreement(twice, mainz)
    names = factories.make(TownName, town=twice, name="Divio")
    network = factories.network()
    membership = factories.make(Membership, network=network, town=twice)
    seated = factories.network(seat_town=twice)
    claim = factories.make(Claim, town=twice)
    merging.merge_records(by=root, loser=twice, winner=dijon)
    for record in (dijon, twice, names, membership, seated, claim):
        record.refresh_from_db()
    assert [party.town for party in agreement.parties.order_by("position")] == [dijon, mainz]
    assert {names.town, membership.town, seated.seat_town, claim.town} == {dijon}
    assert set(dijon.names.values_list("name", flat=True)) == {"Divio", "Dijon (21)"}
    assert (dijon.insee, dijon.population) == ("21231", 158_000)
    assert (twice.publication, twice.merged_into) == ("withdrawn", dijon)


def test_what_the_winner_has_already_is_removed_with_nothing_lost_that_it_did_not_know(
    root: Any, dijon: Town, twice: Town
) -> None:
    network = factories.network()
    ours = factories.make(Membership, network=network, town=dijon)
    theirs = factories.make(Membership, network=network, town=twice, until="2020")
    agreement = factories.agreement(dijon, factories.town("Mainz", "DE"), twice)
    party = agreement.parties.get(town=twice)
    Party.objects.filter(pk=party.pk).update(joined="1990")
    suspension = factories.make(Suspension, party=party, since="2023")
    merging.merge_records(by=root, loser=twice, winner=dijon)
    ours.refresh_from_db()
    suspension.refresh_from_db()
    assert ours.until == "2020"
    assert not Membership.objects.filter(pk=theirs.pk).exists()
    assert agreement.parties.count() == 2
    assert suspension.party == agreement.parties.get(town=dijon)
    assert suspension.party.joined == "1990"


def test_agreements_that_a_merge_of_towns_makes_equal_are_merged_with_it(root: Any, dijon: Town, twice: Town) -> None:
    mainz = factories.town("Mainz", "DE")
    first = factories.agreement(dijon, mainz, signed="1958")
    second = factories.agreement(twice, mainz, signed="1958", description_en="Schools")
    other = factories.agreement(twice, mainz, signed="1958", kind="friendship")
    before = public_state()
    merge = merging.merge_records(by=root, loser=twice, winner=dijon)
    for agreement in (first, second, other):
        agreement.refresh_from_db()
    assert second.merged_into == first
    assert first.description_en == "Schools"
    assert other.publication == "published"
    assert merge.moved["also"] == [[second.reference, first.reference]]
    merging.undo_merge(by=root, merge=merge)
    assert public_state() == before


def test_an_agreement_between_the_two_is_named(root: Any, dijon: Town, twice: Town) -> None:
    between = factories.agreement(dijon, twice)
    before = public_state()
    with pytest.raises(merging.ActionRefused, match=between.reference):
        merging.merge_records(by=root, loser=twice, winner=dijon)
    assert public_state() == before
    assert not Merge.objects.exists()


def test_agreements_join_what_is_known_of_them_and_the_winner_is_right(root: Any, dijon: Town) -> None:
    mainz, zagreb = factories.town("Mainz", "DE"), factories.town("Zagreb", "IT")
    water, source = factories.make(Theme), factories.source()
    winner = factories.agreement(dijon, mainz, signed="1958", cite=source)
    loser = factories.agreement(
        mainz, dijon, zagreb, signed="1959", kind="friendship", description_fr="L’eau", cite=source
    )
    for agreement in (winner, loser):
        agreement.themes.add(water, through_defaults={})
    for model, columns in (
        (Renewal, {"renewed": "1998"}),
        (Document, {}),
        (Claim, {}),
        (FundingContribution, {"funding": factories.make(FundingSource), "year": 2020}),
        (Submission, {"kind": "change"}),
    ):
        factories.make(model, agreement=loser, **columns)
    foreseen = merging.preview(by=root, loser=loser, winner=winner)
    assert [(lost.label, lost.loser, lost.winner) for lost in foreseen.lost] == [
        ("kind", "friendship agreement", "twinning"),
        ("signed", "1959", "1958"),
    ]
    assert foreseen.filled == ["description, French"]
    assert ("party", 1) in foreseen.moved
    assert ("parties", 2) in foreseen.repeated
    assert not Agreement.objects.exclude(merged_into=None).exists()
    merging.merge_records(by=root, loser=loser, winner=winner)
    winner.refresh_from_db()
    assert (winner.signed, winner.kind, winner.description_fr) == ("1958", "twinning", "L’eau")
    assert [party.town for party in winner.parties.order_by("position")] == [dijon, mainz, zagreb]
    assert winner.themes.count() == winner.sources.count() == 1
    for related in (winner.renewals, winner.documents, winner.claims, winner.contributions, winner.submissions):
        assert related.count() == 1


def test_parties_that_an_agreement_gets_stand_behind_its_own(root: Any, dijon: Town) -> None:
    mainz, zagreb = factories.town("Mainz", "DE"), factories.town("Zagreb", "IT")
    winner = factories.agreement(dijon, mainz)
    merging.merge_records(by=root, loser=factories.agreement(zagreb, mainz, dijon), winner=winner)
    assert [party.town for party in winner.parties.order_by("position")] == [dijon, mainz, zagreb]


def test_what_the_winner_does_not_know_it_takes_from_the_loser(root: Any, dijon: Town) -> None:
    mainz = factories.town("Mainz", "DE")
    winner = factories.agreement(dijon, mainz, activity="unknown", formal_status="in-force")
    loser = factories.agreement(dijon, mainz, activity="active", formal_status="unknown", kind="project")
    funding = factories.make(FundingSource)
    factories.make(FundingContribution, agreement=winner, funding=funding)
    factories.make(FundingContribution, agreement=loser, funding=funding, amount=1000, currency="EUR")
    Party.objects.filter(agreement=loser, town=mainz).update(joined="1990")
    merging.merge_records(by=root, loser=loser, winner=winner)
    winner.refresh_from_db()
    assert (winner.activity, winner.formal_status) == ("active", "in-force")
    assert [row.amount for row in winner.contributions.all()] == [1000]
    assert [party.joined for party in winner.parties.order_by("position")] == [None, "1990"]


@pytest.mark.parametrize("known", [False, True])
def test_coordinates_are_taken_as_a_whole(root: Any, dijon: Town, twice: Town, known: bool) -> None:
    Town.objects.filter(pk=twice.pk).update(latitude=47, longitude=5, coordinates_precision="territory")
    if known:
        Town.objects.filter(pk=dijon.pk).update(latitude=47.32, longitude=5.04)
    before = Town.objects.get(pk=dijon.pk)
    merging.merge_records(by=root, loser=Town.objects.get(pk=twice.pk), winner=before)
    winner = before if known else Town.objects.get(pk=twice.pk)
    dijon.refresh_from_db()
    for column in ("latitude", "longitude", "coordinates_precision"):
        assert getattr(dijon, column) == getattr(winner, column)
    assert dijon.coordinates_precision == ("place" if known else "territory")


def test_of_agreements_that_become_equal_the_winners_stays_though_it_is_younger(
    root: Any, dijon: Town, twice: Town
) -> None:
    mainz = factories.town("Mainz", "DE")
    older, younger = (factories.agreement(town, mainz, signed="1958") for town in (twice, dijon))
    merging.merge_records(by=root, loser=twice, winner=dijon)
    older.refresh_from_db()
    assert older.merged_into == younger


def test_a_town_of_a_draft_is_merged_into_a_published_one(root: Any, dijon: Town) -> None:
    entered = factories.town("Dijon (21)", publication="draft")
    draft = factories.agreement(entered, factories.town("Mainz", "DE"), publication="draft")
    merging.merge_records(by=root, loser=entered, winner=dijon)
    assert draft.parties.filter(town=dijon).exists()


def test_a_form_that_was_begun_of_the_loser_is_none_of_the_winner(root: Any, dijon: Town) -> None:
    loser, winner = (factories.agreement(dijon, factories.town("Mainz", "DE")) for _side in range(2))
    form = factories.make(FormDraft, user=root, agreement=loser)
    merging.merge_records(by=root, loser=loser, winner=winner)
    form.refresh_from_db()
    assert form.agreement == loser


@pytest.mark.parametrize("kind", ["agreement", "town"])
@pytest.mark.parametrize(
    ("role", "merges"), [("contributor", ""), ("officer", "agreement"), ("coordinator", "agreement town")]
)
def test_who_merges(kind: str, role: str, merges: str, dijon: Town, twice: Town) -> None:
    person = factories.officer("", factories.territory("FR-BFC"), role=role)
    stranger = factories.officer("", factories.territory("FR-BRE"), role="coordinator")
    if kind == "town":
        pair = [twice, dijon]
    else:
        pair = [factories.agreement(town, factories.town(code="DE")) for town in (twice, dijon)]

    with pytest.raises(PermissionDenied):
        merging.merge_records(by=stranger, loser=pair[0], winner=pair[1])
    if kind in merges:
        done = merging.merge_records(by=person, loser=pair[0], winner=pair[1])
        with pytest.raises(PermissionDenied):
            merging.undo_merge(by=stranger, merge=done)
        merging.undo_merge(by=person, merge=done)
    else:
        with pytest.raises(PermissionDenied):
            merging.merge_records(by=person, loser=pair[0], winner=pair[1])


def test_who_undoes_a_merge_answers_for_where_both_were(root: Any, dijon: Town) -> None:
    there = factories.territory("FR-BRE")
    loser = factories.town("Dijon (35)", territory=there)
    merge = merging.merge_records(by=root, loser=loser, winner=dijon)
    people = [factories.officer("", territory, role="coordinator") for territory in (dijon.territory, there)]
    for person in people:
        with pytest.raises(PermissionDenied):
            merging.undo_merge(by=person, merge=merge)
    merging.undo_merge(
        by=factories.officer("", dijon.territory, there, role="coordinator"), merge=Merge.objects.get(pk=merge.pk)
    )


def test_both_must_lie_in_ones_territory(dijon: Town) -> None:
    person = factories.officer("", factories.territory("FR-BFC"), role="coordinator")
    with pytest.raises(PermissionDenied):
        merging.merge_records(by=person, loser=factories.town("Dijon", "DE"), winner=dijon)


@pytest.mark.parametrize(
    ("loser", "winner"), [("withdrawn", "published"), ("published", "withdrawn"), ("published", "draft")]
)
def test_only_what_is_published_is_merged(root: Any, dijon: Town, twice: Town, loser: str, winner: str) -> None:
    Town.objects.filter(pk=twice.pk).update(publication=loser)
    Town.objects.filter(pk=dijon.pk).update(publication=winner)
    with pytest.raises(merging.ActionRefused):
        merging.merge_records(by=root, loser=twice, winner=dijon)


def test_not_into_itself_and_not_across_borders(root: Any, dijon: Town) -> None:
    with pytest.raises(merging.ActionRefused):
        merging.merge_records(by=root, loser=dijon, winner=dijon)
    with pytest.raises(merging.ActionRefused, match="lie in different countries"):
        merging.merge_records(by=root, loser=factories.town("Dijon", "DE"), winner=dijon)


def test_what_was_edited_since_is_named_and_stays(root: Any, dijon: Town, twice: Town) -> None:
    factories.agreement(twice, factories.town("Mainz", "DE"))
    merge = merging.merge_records(by=root, loser=twice, winner=dijon)
    Town.objects.filter(pk=dijon.pk).update(population=160_000)
    before = public_state()
    with pytest.raises(merging.ActionRefused) as refused:
        merging.undo_merge(by=root, merge=merge)
    assert refused.value.messages[1:] == ["town: Dijon"]
    assert public_state() == before
    Town.objects.filter(pk=dijon.pk).update(population=158_000, website="https://www.dijon.fr")
    merging.undo_merge(by=root, merge=merge)  # what the merge did not touch may have changed
    dijon.refresh_from_db()
    assert (dijon.website, dijon.population) == ("https://www.dijon.fr", None)
    with pytest.raises(merging.ActionRefused):
        merging.undo_merge(by=root, merge=Merge.objects.get())


def test_what_was_removed_since_is_named_and_nothing_is_undone(root: Any, dijon: Town, twice: Town) -> None:
    names = factories.make(TownName, town=twice, name="Divio")
    merge = merging.merge_records(by=root, loser=twice, winner=dijon)
    names.delete()
    before = public_state()
    with pytest.raises(merging.ActionRefused) as refused:
        merging.undo_merge(by=root, merge=merge)
    assert refused.value.messages[1:] == ["name of a town: removed"]
    assert public_state() == before


def test_history_says_what_was_merged(root: Any, dijon: Town, twice: Town) -> None:
    merging.merge_records(by=root, loser=twice, winner=dijon)
    said = Town.pgh_event_model.objects.filter(pgh_obj=twice).latest("pgh_id").pgh_context.metadata
    assert said == {
        "user": root.pk,
        "action": "merge",
        "role": "administrator",
        "territory": None,
        "loser": twice.reference,
        "winner": dijon.reference,
    }


def test_an_edit_that_was_begun_before_the_merge_writes_the_winner(root: Any, dijon: Town, twice: Town) -> None:
    agreement = factories.agreement(twice, factories.town("Mainz", "DE"))
    typed = snapshot.read_content(agreement) | {"signed": "1958"}
    merging.merge_records(by=root, loser=twice, winner=dijon)
    workflow.save(by=root, agreement=agreement, content=typed)
    assert agreement.parties.filter(town=dijon).exists()
    assert not agreement.parties.filter(town=twice).exists()


# Any directory


def _draw(data: st.DataObject, towns: list[Town], networks: list[Network], themes: list[Theme]) -> None:
    """Agreements, suspensions, names and memberships at random."""
    for _number in range(data.draw(st.integers(1, 5))):
        actors = data.draw(st.lists(st.sampled_from(towns), min_size=2, max_size=4, unique=True))
        columns = {
            "signed": data.draw(st.sampled_from([None, "1958", "1990"])),
            "kind": data.draw(st.sampled_from(["twinning", "project"])),
            "description_en": data.draw(st.sampled_from(["", "Water"])),
            "publication": data.draw(st.sampled_from(["published", "published", "draft"])),
        }
        known = Agreement.objects.filter(**columns)
        if any({party.town for party in one.parties.all()} == set(actors) for one in known):
            continue
        clash = Agreement.objects.filter(publication="published", signed=columns["signed"], kind=columns["kind"])
        if any({party.town for party in one.parties.all()} == set(actors) for one in clash):
            continue
        agreement = factories.agreement(*actors, **columns)
        for theme in data.draw(st.lists(st.sampled_from(themes), unique=True)):
            agreement.themes.add(theme, through_defaults={})
        for party in agreement.parties.all():
            if data.draw(st.booleans()):
                factories.make(Suspension, party=party, since=data.draw(st.sampled_from([None, "2023"])))
    for town in towns:
        for name in data.draw(st.lists(st.sampled_from(["Divio", "Dijon", "Digione"]), unique=True)):
            factories.make(TownName, town=town, name=name)
        for network in data.draw(st.lists(st.sampled_from(networks), unique=True)):
            factories.make(Membership, network=network, town=town, until=data.draw(st.sampled_from([None, "2020"])))


@pytest.mark.long
@given(data=st.data())
@settings(
    max_examples=examples(8),
    phases=[Phase.explicit, Phase.generate],
)
def test_merging_and_undoing_is_as_if_nothing_had_been(root: Any, data: st.DataObject) -> None:
    with transaction.atomic():
        towns = [factories.town(name) for name in ("Dijon", "Dijon (21)", "Beaune")] + [factories.town("Mainz", "DE")]
        Town.objects.filter(name="Dijon (21)").update(insee="21231", latitude=47, longitude=5)
        _draw(data, towns, [factories.network(), factories.network()], [factories.make(Theme), factories.make(Theme)])
        before = public_state()
        done: list[Merge] = []
        for _number in range(data.draw(st.integers(1, 3))):
            model = data.draw(st.sampled_from([Town, Agreement]))
            loser, winner = (data.draw(st.sampled_from(list(model.objects.order_by("pk")))) for _side in range(2))
            then = public_state()
            try:
                done.append(merging.merge_records(by=root, loser=loser, winner=winner))
            except merging.ActionRefused:
                assert public_state() == then
                continue
            assert not Party.objects.filter(**{model._meta.model_name: loser}).exists()
            for agreement in Agreement.objects.filter(publication="published"):
                assert agreement.parties.count() >= 2
                assert agreement.sources.exists()
        for merge in reversed(done):
            merging.undo_merge(by=root, merge=merge)
        assert public_state() == before
        transaction.set_rollback(True)
