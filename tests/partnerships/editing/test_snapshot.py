"""An agreement as one value: read, written back, brought back from history, and compared."""

import datetime
from typing import Any

import pghistory
import pytest
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from partnerships.editing import snapshot
from partnerships.editing.snapshot import Difference
from partnerships.models import (
    Agreement,
    FundingContribution,
    FundingSource,
    Party,
    Renewal,
    Suspension,
    Theme,
    Town,
)
from tests import factories
from tests.editing import contents, number_of_events, time_passes
from tests.properties import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> dict[str, list[Any]]:
    """What contents are made of."""
    towns = [factories.town(name) for name in ("Dijon", "Quetigny")]
    towns += [factories.town("Mainz", "DE"), factories.town("Koulikoro", "ML")]
    return {
        "actors": [f"t{town.pk}" for town in towns] + [f"o{factories.organisation('School').pk}"],
        "themes": [factories.make(Theme, code=code).pk for code in ("culture", "water")],
        "funding": [factories.make(FundingSource, code=code).pk for code in ("eu", "own")],
        "sources": [factories.source().pk, factories.source().pk],
    }


@pytest.fixture
def full(world: dict[str, list[Any]]) -> Agreement:
    """An agreement of which everything is known."""
    agreement = factories.agreement(*Town.objects.filter(name__in=["Dijon", "Mainz"]).order_by("name"), signed="1958")
    agreement.themes.add(*world["themes"], through_defaults={})
    factories.make(FundingContribution, agreement=agreement, funding_id="eu", year=2020, amount=1000, currency="EUR")
    factories.make(FundingContribution, agreement=agreement, funding_id="eu")
    factories.make(Renewal, agreement=agreement, renewed="1998-05")
    return agreement


def test_what_is_written_back_as_it_was_read_changes_nothing(full: Agreement) -> None:
    before, events = snapshot.read_content(full), number_of_events()
    snapshot.write_content(full, before)
    assert number_of_events() == events
    assert snapshot.read_content(full) == before


@given(data=st.data())
@settings(max_examples=examples(8), phases=[Phase.explicit, Phase.generate])
def test_any_content_is_read_as_it_was_written(world: dict[str, list[Any]], data: st.DataObject) -> None:
    drawn = contents(**world)
    with transaction.atomic():
        agreement = factories.make(Agreement)
        for wanted in data.draw(st.lists(drawn, min_size=1, max_size=3)):
            snapshot.write_content(Agreement.objects.get(pk=agreement.pk), wanted)
            assert snapshot.read_content(agreement) == wanted
            events = number_of_events()
            snapshot.write_content(Agreement.objects.get(pk=agreement.pk), wanted)
            assert number_of_events() == events
        transaction.set_rollback(True)


@given(data=st.data())
@settings(max_examples=examples(6), phases=[Phase.explicit, Phase.generate])
def test_history_gives_every_earlier_content_back(world: dict[str, list[Any]], data: st.DataObject) -> None:
    now = timezone.now()
    with transaction.atomic():
        agreement = factories.make(Agreement)
        written = data.draw(st.lists(contents(**world), min_size=1, max_size=4))
        for wanted in written:
            time_passes()
            snapshot.write_content(Agreement.objects.get(pk=agreement.pk), wanted)
        first = agreement.pk and now - datetime.timedelta(minutes=len(written) + 1)
        assert snapshot.at(agreement, first) is None
        for ago, wanted in enumerate(reversed(written)):
            moment = timezone.now() - datetime.timedelta(minutes=ago)
            assert snapshot.at(agreement, moment) == wanted
        transaction.set_rollback(True)


def test_a_party_that_moved_to_another_agreement_belonged_to_this_one_before(full: Agreement) -> None:
    before = snapshot.read_content(full)
    time_passes()
    other = factories.make(Agreement)
    Agreement.objects.filter(pk=full.pk).update(publication="draft")
    Party.objects.filter(agreement=full).update(agreement=other)
    then = timezone.now() - datetime.timedelta(seconds=30)
    assert snapshot.at(full, then) == before
    assert snapshot.read_content(full)["parties"] == snapshot.at(full, timezone.now())["parties"] == []
    assert len(snapshot.at(other, timezone.now())["parties"]) == 2


def test_a_party_that_stays_keeps_its_suspensions(full: Agreement) -> None:
    party = full.parties.first()
    factories.make(Suspension, party=party, since="2023")
    wanted = snapshot.read_content(full)
    wanted["parties"] = [{**one, "role": "lead"} for one in reversed(wanted["parties"])]
    snapshot.write_content(full, wanted)
    assert Suspension.objects.get().party == party
    assert snapshot.read_content(full) == wanted


@pytest.mark.parametrize("last", ["agreement", "renewal"])
def test_the_last_change_is_the_latest_of_all_tables(full: Agreement, last: str) -> None:
    steps = {
        "agreement": lambda: Agreement.objects.filter(pk=full.pk).update(signed="1959"),
        "renewal": lambda: factories.make(Renewal, agreement=full, renewed="2008"),
    }
    for name in sorted(steps, key=lambda name: name == last):
        time_passes()
        with pghistory.context(action=name):
            steps[name]()
    assert snapshot.last_change(full)["action"] == last


def test_differences_are_told_in_words(full: Agreement, world: dict[str, list[Any]]) -> None:
    before = snapshot.read_content(full)
    after = before | {
        "kind": "friendship",
        "signed": "1958-05-24",
        "tacit_renewal": True,
        "parties": [
            {**before["parties"][0], "joined": "1960"},
            {"actor": world["actors"][3], "role": "lead", "joined": None, "left": None},
        ],
        "themes": ["water"],
        "renewals": [],
    }
    assert snapshot.content_differences(before, after) == [
        Difference("kind", "twinning", "friendship agreement"),
        Difference("signed", "1958", "24 May 1958"),
        Difference("renewed tacitly", "no", "yes"),
        Difference("party", "Dijon (France)", "Dijon (France), joined 1960"),
        Difference("party", "Mainz (Germany)", ""),
        Difference("party", "", "Koulikoro (Mali), lead"),
        Difference("theme", str(Theme.objects.get(pk="culture")), ""),
        Difference("renewal", "May 1998", ""),
    ]
    with translation.override("fr"):
        found = snapshot.content_differences(before, after)
    assert found[3] == Difference("partie", "Dijon (France)", "Dijon (France), depuis 1960")
    assert found[7].before == "mai 1998"


def test_without_anything_before_all_that_is_filled_is_new(full: Agreement) -> None:
    found = snapshot.content_differences(None, snapshot.read_content(full))
    assert {difference.before for difference in found} == {""}
    assert "" not in {difference.after for difference in found}


@given(data=st.data())
@settings(max_examples=examples(8), phases=[Phase.explicit, Phase.generate])
def test_contents_differ_in_words_exactly_if_they_differ(world: dict[str, list[Any]], data: st.DataObject) -> None:
    one, other = data.draw(contents(**world)), data.draw(contents(**world))
    order = {"parties": sorted(map(str, one["parties"]))}
    differs = {**one, **order} != {**other, "parties": sorted(map(str, other["parties"]))}
    assert bool(snapshot.content_differences(one, other)) == differs
    assert snapshot.content_differences(one, one) == []
    assert (snapshot.content_fingerprint(one) == snapshot.content_fingerprint(other)) == (one == other)


def test_a_merged_party_stands_for_the_one_that_it_was_merged_into(full: Agreement) -> None:
    first, second, third = (factories.town() for _ in range(3))
    Town.objects.filter(pk=first.pk).update(publication="withdrawn", merged_into=second)
    Town.objects.filter(pk=second.pk).update(publication="withdrawn", merged_into=third)
    before = snapshot.read_content(full)
    party = {"actor": f"t{first.pk}", "role": "lead", "joined": "1990", "left": None}
    with_both = before | {"parties": [*before["parties"], party, {**party, "actor": f"t{third.pk}"}]}
    assert snapshot.current_content(before) == before
    assert snapshot.current_content(before | {"parties": [party]})["parties"] == [{**party, "actor": f"t{third.pk}"}]
    assert snapshot.current_content(with_both)["parties"] == with_both["parties"][:2] + with_both["parties"][3:]
