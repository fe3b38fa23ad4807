"""Facets: the bitmaps against the querysets, and the index against everything that changes behind it."""

import datetime
import io
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from core.facets import bitmaps, live_index
from core.facets.bitmaps import FacetIndex
from core.facets.ordering import SortedRecords
from core.facets.sets import Places
from networks.models import Membership
from partnerships.agreements.facets import INDEX, ROLES, AgreementFacets
from partnerships.agreements.filters import AgreementFilter
from partnerships.labels import labels
from partnerships.models import Agreement, AgreementTheme, Party, Renewal, Suspension, TerritoryParent, Theme, Town
from partnerships.querysets import agreements
from tests import factories
from tests.partnerships.test_counting import AGREEMENTS, World, asking
from tests.properties import examples

pytestmark = pytest.mark.django_db

OWN = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([[], ["twinning"], ["cooperation", "twinning"]]),
        "theme": st.sampled_from([[], ["water"], ["health", "water"]]),
        "decade": st.sampled_from([[], ["1980"], ["1980", "1990"]]),
        "formal_status": st.sampled_from([[], ["in-force"], ["terminated", "expired"]]),
        "since": st.sampled_from(["", "1986", "1986-05", "1986-05-24", "2030"]),
        "until": st.sampled_from(["", "1986", "1986-05", "1999-12-31"]),
        "sort": st.sampled_from(["", *AgreementFilter.sorts]),
    }
)
SIGNED = st.sampled_from([None, "1985", "1986", "1986-05", "1986-05-24", "1986-06-01", "1999", "2007"])


@pytest.fixture(autouse=True)
def _no_index() -> None:
    INDEX.forget()


@pytest.fixture
def world() -> World:
    for code in ("water", "health"):
        factories.make(Theme, code=code)
    return World()


def ask(query: str) -> AgreementFilter:
    asked = AgreementFilter(QueryDict(query), agreements().published())
    assert asked.form.is_valid(), asked.form.errors
    return asked


def answer(query: str) -> list[int]:
    """The agreements of a question, in order, out of the index."""
    with INDEX.reading() as index:
        bitmaps = AgreementFacets(ask(query), index)
        return bitmaps.page(0, 1000)


def found(query: str) -> set[int]:
    """The agreements of a question, in the index as in the database."""
    listed = answer(query)
    assert listed == list(ask(query).qs.values_list("pk", flat=True))
    return set(listed)


def counted(query: str, name: str, most: int = 0) -> dict[str, int]:
    """The choices of a filter with their numbers, or so many of the most frequent."""
    with INDEX.reading() as index:
        return AgreementFacets(ask(query), index).counts(name, most)


def encode(question: dict[str, Any], world: World) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in question.items():
        if name == "town":
            value = [world.actors[int(number)].reference for number in value]
        elif name == "network":
            value = [world.networks[int(number)].reference for number in value]
        elif isinstance(value, bool):
            value = ["1"] if value else []
        query.setlist(name, value if isinstance(value, list) else [value])
    return query


@settings(max_examples=examples(6))
@given(
    drawn=AGREEMENTS,
    signed=st.lists(SIGNED, min_size=12, max_size=12),
    joint=asking(),
    own=OWN,
    names=st.lists(st.sampled_from(list(ROLES)), min_size=1, max_size=3, unique=True),
)
def test_facets_equal_the_querysets(
    world: World,
    drawn: list[dict[str, Any]],
    signed: list[str | None],
    joint: dict[str, Any],
    own: dict[str, Any],
    names: list[str],
) -> None:
    """The list in its order, and the counts of choices: what the filter gives with that choice alone."""
    with transaction.atomic():
        world.fill([dict(columns) for columns in drawn])
        for number, agreement in enumerate(Agreement.objects.order_by("pk")):
            Agreement.objects.filter(pk=agreement.pk).update(
                signed=signed[number % len(signed)], kind=("twinning", "cooperation", "friendship")[number % 3]
            )
            if number % 2:
                AgreementTheme.objects.create(agreement=agreement, theme_id=("water", "health")[number % 4 // 2])
        query = encode(joint | own, world)
        asked = ask(query.urlencode())
        with INDEX.reading() as index:
            bitmaps = AgreementFacets(asked, index)
            assert bitmaps.page(0, 1000) == list(asked.qs.values_list("pk", flat=True))
            for name in names:
                counted = bitmaps.counts(name)
                for value in counted.keys() | {"FR", "twinning", "water", "municipality", "1980"}:
                    alone = query.copy()
                    alone.setlist(name, [value])
                    one = AgreementFilter(alone, agreements().published())
                    if one.form.is_valid():
                        assert counted.get(value, 0) == one.qs.count(), (name, value)
                top = bitmaps.counts(name, most=2)
                assert set(top.items()) <= set(counted.items())
                if len(counted) >= 2:
                    assert sorted(top.values(), reverse=True)[:2] == sorted(counted.values(), reverse=True)[:2]
        transaction.set_rollback(True)


# What counts, by hand


def test_what_ended_or_left_in_this_year_is_over_from_its_first_day() -> None:
    year = str(timezone.localdate().year)
    towns = [factories.town(code=code) for code in ("FR", "DE", "ML")]
    ended = factories.agreement(*towns, ended=year)
    left = factories.agreement(*towns, kind="friendship")
    left.parties.filter(position=3).update(left=year)
    assert found("country=FR") == {left.pk}
    assert found("country=ML") == set()
    assert found("country=ML&past=1") == {ended.pk, left.pk}


def test_an_authority_counts_for_its_territory_and_all_around_it() -> None:
    for code in ("FR-89", "FR-D", "FR-BFC", "FR-EU"):
        factories.territory(code)
    for inner, outer in (("FR-89", "FR-D"), ("FR-D", "FR-BFC"), ("FR-BFC", "FR-EU")):
        factories.make(TerritoryParent, territory_id=inner, parent_id=outer)
    council = factories.town(level="department", governs_id="FR-89")
    agreement = factories.agreement(council, factories.town(code="DE"))
    assert counted("", "territory") == {"FR-89": 1, "FR-D": 1, "FR-BFC": 1, "FR-EU": 1}
    assert found("territory=FR-89") == found("territory=FR-EU") == {agreement.pk}


def test_former_parties_and_those_of_no_country_make_an_agreement_international() -> None:
    france, mali = factories.town(), factories.town(code="ML")
    former = factories.agreement(france, factories.town(), mali)
    former.parties.filter(town=mali).update(left="2001")
    nowhere = factories.agreement(france, factories.organisation(country=None))
    assert found("") == {nowhere.pk}
    assert found("past=1") == found("domestic=1") == {former.pk, nowhere.pk}


def test_the_partner_is_another_party_that_has_not_left() -> None:
    two, _pair, left = (
        factories.agreement(*(factories.town(code=code) for code in codes))
        for codes in (("FR", "FR", "ML"), ("FR", "DE"), ("FR", "ML", "DE"))
    )
    left.parties.filter(position=3).update(left="2001")
    assert found("country=FR&partner=FR") == {two.pk}
    assert counted("country=FR", "partner") == {"FR": 1, "ML": 2, "DE": 1}


def test_members_count_for_a_network_and_former_ones_in_the_past() -> None:
    network = factories.network()
    town, body, former = factories.town(), factories.organisation(), factories.town()
    for member, until in (({"town": town}, None), ({"organisation": body}, None), ({"town": former}, "2001")):
        factories.make(Membership, network=network, until=until, **{"town": None} | member)
    made = [factories.agreement(member, factories.town(code="DE")).pk for member in (town, body, former)]
    assert found(f"network={network.reference}") == set(made[:2])
    assert counted("", "network") == {network.reference: 2}
    assert found(f"network={network.reference}&past=1") == set(made)
    assert counted("past=1", "network") == {network.reference: 3}


def test_what_is_asked_for_by_name_brings_in_nothing_else_that_is_over() -> None:
    ended = factories.agreement(
        *(factories.town(code=code) for code in ("FR", "ML", "DE")), activity="ended", formal_status="signed"
    )
    ended.parties.filter(position=3).update(left="2001")
    terminated = factories.agreement(activity="active", formal_status="terminated")
    factories.agreement(activity="active", formal_status="signed", ended="2001")
    factories.agreement(activity="active", formal_status="signed")
    assert counted("activity=ended", "activity") == {"active": 1, "ended": 1}
    assert counted("formal_status=terminated", "formal_status") == {"signed": 1, "terminated": 1}
    assert found("activity=ended") == {ended.pk}
    assert found("formal_status=terminated") == {terminated.pk}
    assert found("activity=ended&country=DE") == set()
    assert found("activity=ended&country=DE&past=1") == {ended.pk}


def test_a_word_that_only_a_draft_has_is_forgiven_as_a_typo() -> None:
    published = factories.agreement(factories.town("Koulikoro", "ML"), factories.town())
    factories.agreement(factories.town("Koulikora", "ML"), factories.town(), publication="draft")
    assert found("q=koulikora") == {published.pk}


@pytest.mark.parametrize(
    "query",
    [
        "since=1986",
        "since=1986-05",
        "since=1986-06",
        "until=1986",
        "until=1986-05",
        "until=1986-04",
        "since=1986-05&until=1986",
    ],
)
def test_signatures_are_compared_as_far_as_they_are_known(query: str) -> None:
    for signed in ("1985-12-31", "1986", "1986-05", "1986-05-24", "1987-01-01", None):
        factories.agreement(signed=signed)
    assert 1 < len(found(query)) < 6


def test_what_was_never_verified_or_signed_comes_last_or_first() -> None:
    old, never, new, again = (
        factories.agreement(verified_on=day, signed=day) for day in ("2019-01-01", None, "2024-01-01", None)
    )
    unknown = [never.pk, again.pk]
    assert answer("sort=verified") == [*unknown, old.pk, new.pk]
    assert answer("sort=-verified") == answer("sort=-signed") == [new.pk, old.pk, *reversed(unknown)]
    assert answer("sort=signed") == [old.pk, new.pk, *unknown]
    for sort in ("verified", "-verified", "signed", "-signed", "kind", "-kind"):
        found(f"sort={sort}")


def test_of_many_choices_the_most_frequent_are_shown_and_those_that_are_chosen() -> None:
    for first in range(4):
        agreement = factories.agreement()
        for code in "abcd"[first:]:
            theme = Theme.objects.filter(code=code).first() or factories.make(Theme, code=code, name_en=code)
            factories.make(AgreementTheme, agreement=agreement, theme=theme)

    def shown(query: str, most: int) -> tuple[list[tuple[str, int]], bool]:
        with INDEX.reading() as index:
            facet = AgreementFacets(ask(query), index).facet("theme", most)
        return [(choice.value, choice.count) for choice in facet.choices], facet.more

    assert shown("", 3) == ([("d", 4), ("c", 3), ("b", 2)], True)
    assert shown("theme=a", 2) == ([("d", 4), ("c", 3), ("a", 1)], True)
    assert shown("", 4) == ([("a", 1), ("b", 2), ("c", 3), ("d", 4)], False)


# What changes


@pytest.mark.django_db(transaction=True)  # what is not committed is read again in any case
def test_the_next_day_lists_count_by_its_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    last, first = "2024-06-14", "2024-06-15"
    renewed, suspended, resumed, verified, left, ended = (
        factories.agreement(kind=kind, verified_on=day, ended=end)
        for kind, day, end in (
            ("twinning", None, None),
            ("friendship", None, None),
            ("cooperation", None, None),
            ("project", "2022-06-14", None),
            ("emergency", None, None),
            ("memorandum", None, first),
        )
    )
    Agreement.objects.filter(pk=renewed.pk).update(formal_status="renewed")
    factories.make(Renewal, agreement=renewed, renewed="2020", valid_until=last)
    factories.make(Suspension, party=suspended.parties.first(), since=first)
    factories.make(Suspension, party=resumed.parties.first(), until=last)
    left.parties.filter(position=2).update(left=first)
    town, body, network = factories.town(code="ML"), factories.organisation(), factories.network()
    for member in ({"town": town}, {"town": None, "organisation": body}):
        factories.make(Membership, network=network, until=last, **member)
    joint = factories.agreement(town, factories.town()), factories.agreement(body, factories.town())
    turning = {
        "formal_status=expired": (set(), {renewed.pk}),
        "suspension=whole": ({resumed.pk}, {suspended.pk}),
        "verified=stale": (set(), {verified.pk}),
        "country=DE&kind=emergency&domestic=1": ({left.pk}, set()),
        f"network={network.reference}": ({agreement.pk for agreement in joint}, set()),
    }
    for number, day in enumerate((last, first)):
        monkeypatch.setattr("django.utils.timezone.localdate", lambda day=day: datetime.date.fromisoformat(day))
        assert {query: found(query) for query in turning} == {query: days[number] for query, days in turning.items()}
        assert (ended.pk in found("")) is (day == last)


def test_what_may_yet_be_taken_back_has_no_version_to_be_kept_under() -> None:
    factories.agreement()
    assert answer("")
    assert INDEX.version == 0


def somebody_commits() -> None:
    """A transaction that began after ours ends before it."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
    finally:
        other.close()


def changes(agreement: Agreement, other: Town) -> list[Any]:
    """Ways to change something that facets count, past every layer of ours."""
    return [
        lambda: Agreement.objects.filter(pk=agreement.pk).update(kind="emergency"),
        lambda: Agreement.objects.filter(pk=agreement.pk).update(publication="draft"),
        lambda: Party.objects.filter(agreement=agreement).first().delete(),
        lambda: Party.objects.filter(agreement=agreement, position=1).update(left="2001"),
        lambda: Party.objects.filter(agreement=agreement, position=1).update(town=other),
        lambda: AgreementTheme.objects.create(agreement=agreement, theme=factories.make(Theme, code="water")),
        lambda: Town.objects.filter(parties__agreement=agreement).update(country=factories.country("IT")),
        lambda: Town.objects.filter(parties__agreement=agreement).update(level="region"),
        lambda: connection.cursor().execute("UPDATE partnerships_agreement SET signed = '1901'"),
    ]


@pytest.mark.parametrize("number", range(9))
def test_every_change_is_counted_at_once(number: int) -> None:
    towns = [factories.town(name, code) for name, code in (("A", "FR"), ("B", "DE"), ("C", "ML"), ("D", "GB"))]
    agreement = factories.agreement(*towns[:3])
    factories.agreement(*towns[2:])

    def state() -> dict[str, Any]:
        with INDEX.reading() as index:
            bitmaps = AgreementFacets(ask("domestic=1"), index)
            return {name: bitmaps.counts(name) for name in ROLES} | {"order": bitmaps.page(0, 10)}

    somebody_commits()
    before = state()
    changes(agreement, towns[3])[number]()
    taken_in = state()
    assert taken_in != before
    INDEX.forget()
    assert taken_in == state()


def test_what_is_rolled_back_is_taken_back() -> None:
    agreement = factories.agreement(factories.town("A", "FR"), factories.town("B", "DE"))
    assert answer("kind=twinning") == [agreement.pk]
    with transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(kind="emergency")
        assert answer("kind=twinning") == []
        transaction.set_rollback(True)
    assert answer("kind=twinning") == [agreement.pk]


def test_within_a_transaction_it_is_built_once_for_what_is_there() -> None:
    agreement = factories.agreement(factories.town("A", "FR"), factories.town("B", "DE"))
    somebody_commits()

    def asked(expected: list[int]) -> bool:
        """Whether the index was built for the answer."""
        with CaptureQueriesContext(connection) as captured:
            assert answer("kind=twinning") == expected
        return any('FROM "partnerships_party"' in query["sql"] for query in captured)

    INDEX.forget()
    assert asked([agreement.pk])
    assert not asked([agreement.pk])
    with transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(kind="emergency")
        transaction.set_rollback(True)
    assert not asked([agreement.pk])  # nobody has seen what was taken back
    with transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(kind="emergency")
        assert asked([])
        assert not asked([])
        transaction.set_rollback(True)
    assert asked([agreement.pk])


def test_within_a_transaction_names_are_read_once_for_what_is_there() -> None:
    theme = factories.make(Theme, code="water", name_en="Water")
    somebody_commits()

    def named() -> tuple[str, bool]:
        """The theme's name, and whether names were read for it."""
        with CaptureQueriesContext(connection) as captured:
            name = labels("theme")["water"]
        return name, any('FROM "partnerships_theme"' in query["sql"] for query in captured)

    assert named() == ("Water", True)
    assert named() == ("Water", False)
    with transaction.atomic():
        Theme.objects.filter(pk=theme.pk).update(name_en="Drinking water")
        assert named() == ("Drinking water", True)
        assert named() == ("Drinking water", False)
        transaction.set_rollback(True)
    assert named() == ("Water", True)
    Theme.objects.filter(pk=theme.pk).update(name_en="Waters")
    assert named() == ("Waters", True)


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_changes_after_it_has_asked_is_known_when_it_is_over() -> None:
    first, second = (factories.agreement(factories.town(code="FR"), factories.town(code="DE")) for _ in range(2))
    assert set(answer("kind=twinning")) == {first.pk, second.pk}
    with transaction.atomic():
        Agreement.objects.filter(pk=first.pk).update(kind="emergency")
        somebody_commits()
        assert answer("kind=twinning") == [second.pk]
        Agreement.objects.filter(pk=second.pk).update(kind="emergency")
    assert answer("kind=twinning") == []


@pytest.mark.django_db(transaction=True)  # what was built within a transaction is built anew in any case
def test_what_a_transaction_took_back_again_is_gone_from_the_lists() -> None:
    agreement = factories.agreement(factories.town(code="FR"), factories.town(code="DE"))
    assert answer("kind=twinning") == [agreement.pk]
    with transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(kind="emergency")
        assert answer("kind=twinning") == []
        transaction.set_rollback(True)
    assert answer("kind=twinning") == [agreement.pk]


@pytest.mark.django_db(transaction=True)
def test_a_choice_that_has_become_frequent_since_is_among_the_most_frequent_ones() -> None:
    for kind in ("twinning", "twinning", "emergency"):
        factories.agreement(kind=kind)
    assert counted("", "kind", 1) == {"twinning": 2}
    for _number in range(2):
        factories.agreement(kind="emergency")
    assert counted("", "kind", 1) == {"emergency": 3}


def test_a_stored_index_takes_in_what_came_after() -> None:
    first = factories.agreement(factories.town("A", "FR"), factories.town("B", "DE"))
    INDEX.store()
    second = factories.agreement(factories.town("C", "FR"), factories.town("D", "DE"))
    assert set(answer("country=FR")) == {first.pk, second.pk}


@pytest.mark.parametrize(("close", "most"), [(0, 7), (1_000, 7), (0, 6)])
def test_what_a_bulk_write_changed_is_taken_in_part_by_part(
    monkeypatch: pytest.MonkeyPatch, close: int, most: int
) -> None:
    monkeypatch.setattr(bitmaps, "SPAN", 2)
    monkeypatch.setattr(bitmaps, "RANGE_THRESHOLD", close)
    town = factories.town("A", "FR")
    known = [factories.agreement(town, factories.town(code="DE"), signed=f"198{year}") for year in range(5)]
    assert set(answer("country=FR")) == {agreement.pk for agreement in known}
    INDEX.store()
    Agreement.objects.filter(pk__in=[known[0].pk, known[3].pk]).update(signed="1950")
    Agreement.objects.filter(pk=known[1].pk).update(publication="withdrawn")
    made = [factories.agreement(town, factories.town(code="ML"), signed=f"199{year}") for year in range(5)]
    monkeypatch.setattr(live_index, "REBUILD_THRESHOLD", most)
    INDEX.store(7)
    with CaptureQueriesContext(connection) as captured:
        assert answer("country=FR&sort=signed") == [one.pk for one in (known[0], known[3], known[2], known[4], *made)]
    assert not [query for query in captured if "partnerships_party" in query["sql"]]
    assert set(answer("country=ML")) == {one.pk for one in made}


@pytest.mark.django_db(transaction=True)  # what is not committed is never kept
def test_an_index_that_had_to_be_built_is_kept_for_the_next_process() -> None:
    agreement = factories.agreement(factories.town("A", "FR"), factories.town("B", "DE"))
    assert answer("country=FR") == [agreement.pk]
    INDEX.forget()
    with CaptureQueriesContext(connection) as captured:
        assert answer("country=FR") == [agreement.pk]
    assert not [query for query in captured if "partnerships_party" in query["sql"]]


@given(
    st.dictionaries(st.integers(1, 5000), st.text("abcé19-", max_size=12), min_size=1),
    st.sets(st.integers(1, 5000)),
)
def test_an_index_reads_back_what_it_wrote(keys: dict[int, str], members: set[int]) -> None:
    index = FacetIndex()
    index.dimensions = {"kind": {"twinning": Places(), "é": Places()}}
    index.dimensions["kind"]["twinning"].add(2, members)
    index.orders = {"name": SortedRecords(keys.items())}
    file = io.BytesIO()
    index.dump(file)
    again = FacetIndex.loads(file.getvalue())
    assert again.dimensions == index.dimensions
    everyone = index.orders["name"].between("", "") | index.orders["name"].blank
    for backwards in (False, True):
        pages = [
            one.orders["name"].page(everyone, 0, 9999, backwards=backwards, blank_first=False) for one in (index, again)
        ]
        assert pages[0] == pages[1]
        assert set(pages[0]) == set(keys)


KEYED = st.dictionaries(st.integers(1, 60), st.text("ab9", max_size=3))


@given(KEYED, KEYED, st.sets(st.integers(1, 60)))
def test_an_order_takes_in_what_changed(before: dict[int, str], after: dict[int, str], gone: set[int]) -> None:
    order = SortedRecords(before.items())
    order.discard(BitMap(gone | set(after)))
    order.add(after.items())
    left = {record: key for record, key in before.items() if record not in gone} | after
    anew = SortedRecords(left.items())
    assert order.records.tolist() == anew.records.tolist()
    assert order.keys.tolist() == anew.keys.tolist()
    assert order.runs.tolist() == anew.runs.tolist()
    assert order.blank == anew.blank
