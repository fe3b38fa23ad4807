"""The counting rules, against SQL that was written by hand and shares nothing with the querysets."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from networks.models import Membership, Network
from partnerships.agreements.filters import AgreementFilter
from partnerships.models import (
    Agreement,
    CooperationZone,
    Organisation,
    Party,
    Territory,
    TerritoryParent,
    Town,
    ZoneCountry,
)
from partnerships.party_conditions import in_countries
from partnerships.querysets import agreements, towns
from partnerships.territory_querysets import territories
from tests import factories
from tests.properties import examples

pytestmark = pytest.mark.django_db

ZONES = {"sahel": ["ML", "BF"], "europe": ["FR", "DE"], "french-speaking": ["FR", "ML", "BF"]}

# What lies or lay inside each territory, written down by hand: Bourgogne (FR-D) and Franche-Comté (FR-I) were dissolved
# into Bourgogne-Franche-Comté (FR-BFC); the Yonne (FR-89) is said to have moved out of Bourgogne before that.
INSIDE = {
    "FR-BFC": ["FR-BFC", "FR-D", "FR-I", "FR-21", "FR-25", "FR-89"],
    "FR-D": ["FR-D", "FR-21", "FR-89"],
    "FR-I": ["FR-I", "FR-25"],
    "FR-IDF": ["FR-IDF", "FR-89"],
    "FR-21": ["FR-21"],
    "ML-2": ["ML-2"],
}

# Name, country, level, lies in, governs
TOWNS = [
    ("Quetigny", "FR", "municipality", "FR-21", None),
    ("Dijon", "FR", "municipality", "FR-D", None),
    ("Côte-d'Or", "FR", "department", "FR-BFC", "FR-21"),
    ("Bourgogne-Franche-Comté", "FR", "region", None, "FR-BFC"),
    ("Besançon", "FR", "municipality", "FR-25", None),
    ("Auxerre", "FR", "municipality", "FR-89", None),
    ("Rennes", "FR", "municipality", None, None),
    ("Köln", "DE", "municipality", None, None),
    ("Sachsen", "DE", "region", None, None),
    ("Koulikoro", "ML", "municipality", "ML-2", None),
    ("Région de Koulikoro", "ML", "region", None, "ML-2"),
    ("Ouagadougou", "BF", "municipality", None, None),
]
ORGANISATIONS = [("Lycée", "FR", "FR-21"), ("Hôpital", "ML", None), ("Everywhere", None, None)]


class World:
    """Places and bodies that the random agreements are made of."""

    def __init__(self) -> None:
        for zone, codes in ZONES.items():
            record = factories.make(CooperationZone, code=zone)
            for code in codes:
                factories.make(ZoneCountry, zone=record, country=factories.country(code))
        for code in {code for codes in INSIDE.values() for code in codes}:
            factories.territory(code)
        Territory.objects.filter(code__in=["FR-D", "FR-I"]).update(successor="FR-BFC", dissolved_on="2016-01-01")
        TerritoryParent.objects.bulk_create(
            TerritoryParent(territory_id=territory, parent_id=parent, since=since, until=until)
            for territory, parent, since, until in [
                ("FR-21", "FR-D", None, "2015-12-31"),
                ("FR-21", "FR-BFC", "2016-01-01", None),
                ("FR-25", "FR-I", None, "2015-12-31"),
                ("FR-89", "FR-D", None, "1990"),
                ("FR-89", "FR-IDF", "1991", None),
            ]
        )
        self.actors: list[Town | Organisation] = [
            factories.town(name, country, level=level, territory_id=territory, governs_id=governs)
            for name, country, level, territory, governs in TOWNS
        ]
        self.actors += [
            factories.organisation(name, country_id=country, territory_id=territory)
            for name, country, territory in ORGANISATIONS
        ]
        self.networks = [factories.network("ONE"), factories.network("TWO")]
        self._member(self.networks[0], 0, None)
        self._member(self.networks[0], 9, None)
        self._member(self.networks[0], 12, None)
        self._member(self.networks[1], 1, "2001")
        self._member(self.networks[1], 7, None)

    def _member(self, network: Network, actor: int, until: str | None) -> None:
        who = self.actors[actor]
        of = {"organisation": who} if isinstance(who, Organisation) else {"town": who}
        Membership.objects.create(network=network, until=until, **of)

    def fill(self, drawn: list[dict[str, Any]]) -> None:
        """Make the agreements that were drawn, without asking whether they are fit to be published."""
        for columns in drawn:
            parties = columns.pop("parties")
            agreement = Agreement.objects.create(**columns)
            Party.objects.bulk_create(
                Party(
                    agreement=agreement,
                    position=position,
                    left=left,
                    town=self.actors[actor] if actor < len(TOWNS) else None,
                    organisation=self.actors[actor] if actor >= len(TOWNS) else None,
                )
                for position, (actor, left) in enumerate(parties, 1)
            )


@pytest.fixture
def world() -> World:
    return World()


ACTORS = st.integers(0, len(TOWNS) + len(ORGANISATIONS) - 1)
AGREEMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "parties": st.lists(
                st.tuples(ACTORS, st.sampled_from([None, None, None, "1999", "2024-05", "2999"])),
                min_size=2,
                max_size=4,
                unique_by=lambda party: party[0],
            ),
            "publication": st.sampled_from(["published", "published", "published", "draft"]),
            "ended": st.sampled_from([None, None, None, "2010", "2999"]),
            "activity": st.sampled_from(["unknown", "active", "unknown", "ended"]),
            "formal_status": st.sampled_from(["unknown", "in-force", "unknown", "terminated"]),
        }
    ),
    min_size=1,
    max_size=12,
)


VALUES = {
    "country": ["FR", "DE", "ML", "BF"],
    "zone": list(ZONES),
    "territory": list(INSIDE),
    "level": ["municipality", "department", "region"],
    "town": [str(number) for number in range(len(TOWNS))],
    "network": ["0", "1"],
    "partner": ["FR", "DE", "ML", "BF"],
}


@st.composite
def asking(draw: st.DrawFn) -> dict[str, Any]:
    """A question of at most three conditions: with more, next to nothing would ever be found."""
    names = draw(st.lists(st.sampled_from(list(VALUES)), max_size=3, unique=True))
    question: dict[str, Any] = {name: [] for name in VALUES}
    for name in names:
        question[name] = draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=2, unique=True))
    return question | {"domestic": draw(st.booleans()), "past": draw(st.booleans())}


BY_HAND = """
WITH member AS (
    SELECT party.id, party.agreement_id, town.id AS town_id, town.level,
        CASE WHEN party.town_id IS NULL THEN organisation.country_id ELSE town.country_id END AS country,
        CASE WHEN party.town_id IS NULL THEN organisation.territory_id ELSE town.territory_id END AS territory,
        town.governs_id AS governs,
        ARRAY(
            SELECT membership.network_id FROM networks_membership AS membership
            WHERE (membership.town_id = party.town_id OR membership.organisation_id = party.organisation_id)
            AND (%(past)s OR membership.until IS NULL OR membership.until > '2020')
        ) AS networks
    FROM partnerships_party AS party
    LEFT JOIN partnerships_town AS town ON town.id = party.town_id
    LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
    WHERE %(past)s OR party."left" IS NULL OR party."left" = '2999'
), fitting AS (
    SELECT member.agreement_id, member.id FROM member
    WHERE (%(country)s::text[] = '{}' OR member.country = ANY(%(country)s))
    AND (%(zone)s::text[] = '{}' OR member.country = ANY(%(zone_countries)s))
    AND (%(territory)s::text[] = '{}' OR member.territory = ANY(%(inside)s) OR member.governs = ANY(%(inside)s))
    AND (%(level)s::text[] = '{}' OR member.level = ANY(%(level)s))
    AND (%(town)s::bigint[] = '{}' OR member.town_id = ANY(%(town)s))
    AND (%(network)s::bigint[] = '{}' OR member.networks && %(network)s::bigint[])
), paired AS (
    SELECT DISTINCT fitting.agreement_id FROM fitting, member AS other
    WHERE other.agreement_id = fitting.agreement_id AND other.id <> fitting.id AND other.country = ANY(%(partner)s)
), spread AS (
    SELECT agreement_id FROM member GROUP BY agreement_id
    HAVING count(DISTINCT country) > 1 OR bool_or(country IS NULL)
)
SELECT agreement.reference FROM partnerships_agreement AS agreement
WHERE agreement.publication = 'published'
AND (NOT %(asked)s OR agreement.id IN (SELECT agreement_id FROM fitting))
AND (%(partner)s::text[] = '{}' OR agreement.id IN (SELECT agreement_id FROM paired))
AND (%(domestic)s OR agreement.id IN (SELECT agreement_id FROM spread)
    OR NOT EXISTS (SELECT FROM member WHERE member.agreement_id = agreement.id))
AND (%(past)s OR (coalesce(agreement.ended, '2999') = '2999'
    AND agreement.activity <> 'ended' AND agreement.formal_status <> 'terminated'))
"""


def by_hand(world: World, question: dict[str, Any]) -> list[str]:
    """The references that the SQL above finds."""
    parameters = question | {
        "zone_countries": [code for zone in question["zone"] for code in ZONES[zone]],
        "inside": [code for territory in question["territory"] for code in INSIDE[territory]],
        "town": [world.actors[int(number)].pk for number in question["town"]],
        "network": [world.networks[int(number)].pk for number in question["network"]],
        "asked": any(question[name] for name in ("country", "zone", "territory", "level", "town", "network")),
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, parameters)
        return sorted(reference for (reference,) in cursor.fetchall())


def by_filter(world: World, question: dict[str, Any]) -> list[str]:
    """The references that the FilterSet finds; asserts that it counts what it lists, and lists each once."""
    data = QueryDict(mutable=True)
    for name in ("country", "partner", "zone", "territory", "level"):
        data.setlist(name, question[name])
    data["town"] = ",".join(world.actors[int(number)].reference for number in question["town"])
    data["network"] = ",".join(world.networks[int(number)].reference for number in question["network"])
    data |= {name: "1" for name in ("domestic", "past") if question[name]}
    filterset = AgreementFilter(data, agreements().published())
    assert filterset.messages == []
    found = [agreement.reference for agreement in filterset.qs]
    assert len(found) == len(set(found)) == filterset.qs.count()
    return sorted(found)


@settings(max_examples=examples(20))
@given(drawn=AGREEMENTS, questions=st.lists(asking(), min_size=1, max_size=6))
def test_filters_count_as_the_rules_say(
    world: World, drawn: list[dict[str, Any]], questions: list[dict[str, Any]]
) -> None:
    """The filters find what the SQL finds; nothing stays of the agreements drawn."""
    with transaction.atomic():
        world.fill([dict(columns) for columns in drawn])
        for question in questions:
            assert by_filter(world, question) == by_hand(world, question)
        transaction.set_rollback(True)


def found(**data: str) -> set[str]:
    """What the filter finds, each as its parties' names."""
    filterset = AgreementFilter(data, agreements().published())
    assert filterset.messages == []
    return {str(agreement) for agreement in filterset.qs.with_parties()}


@pytest.fixture
def named() -> dict[str, Agreement]:
    """A few agreements that a reader can count."""
    quetigny, koulikoro = factories.town("Quetigny"), factories.town("Koulikoro", "ML")
    bous, dijon, mainz = factories.town("Bous", "DE"), factories.town("Dijon"), factories.town("Mainz", "DE")
    region = factories.town("Bourgogne", level="region")
    return {
        "three": factories.agreement(quetigny, koulikoro, bous),
        "pair": factories.agreement(dijon, mainz),
        "domestic": factories.agreement(dijon, quetigny),
        "french and one": factories.agreement(dijon, region, koulikoro),
    }


def test_conditions_hold_for_the_same_party(named: dict[str, Agreement]) -> None:
    assert found(country="FR", level="region") == {"Dijon – Bourgogne – Koulikoro"}
    assert found(country="ML", level="region") == set()


def test_partner_is_another_party(named: dict[str, Agreement]) -> None:
    assert found(country="FR", partner="ML") == {"Quetigny – Koulikoro – Bous", "Dijon – Bourgogne – Koulikoro"}
    assert found(country="FR", partner="DE") == {"Quetigny – Koulikoro – Bous", "Dijon – Mainz"}
    # Two French parties: among international agreements only one has them, with a third party elsewhere.
    assert found(country="FR", partner="FR") == {"Dijon – Bourgogne – Koulikoro"}
    assert found(country="FR", partner="FR", domestic="1") == {
        "Dijon – Bourgogne – Koulikoro",
        "Dijon – Quetigny",
    }
    assert found(country="FR,DE", partner="FR") == {
        "Quetigny – Koulikoro – Bous",
        "Dijon – Mainz",
        "Dijon – Bourgogne – Koulikoro",
    }


def test_parties_that_left_count_in_the_past_only(named: dict[str, Agreement]) -> None:
    named["three"].parties.filter(town__name="Bous").update(left="2001")
    assert "Quetigny – Koulikoro – Bous" not in found(country="DE")
    assert "Quetigny – Koulikoro – Bous" in found(country="DE", past="1")
    assert "Quetigny – Koulikoro – Bous" in found(country="ML")


def test_what_ended_is_found_in_the_past_or_by_name(named: dict[str, Agreement]) -> None:
    Agreement.objects.filter(pk=named["pair"].pk).update(ended="2001")
    Agreement.objects.filter(pk=named["three"].pk).update(activity="ended")
    assert found() == {"Dijon – Bourgogne – Koulikoro"}
    assert len(found(past="1")) == 3
    assert found(activity="ended") == {"Quetigny – Koulikoro – Bous"}


def test_a_territory_covers_what_lies_or_lay_inside(world: World) -> None:
    for code, inside in INSIDE.items():
        assert territories().inside([code]) == sorted(inside)
        of_territory = {town.name for town in towns().inside([code])}
        assert of_territory == {
            name for name, _country, _level, lies_in, governs in TOWNS if {lies_in, governs} & set(inside)
        }


def test_a_territory_that_lies_in_itself_does_no_harm() -> None:
    for code in ("FR-A", "FR-B"):
        factories.territory(code)
    factories.make(TerritoryParent, territory_id="FR-A", parent_id="FR-B")
    factories.make(TerritoryParent, territory_id="FR-B", parent_id="FR-A")
    assert territories().inside(["FR-A"]) == ["FR-A", "FR-B"]
    assert territories().around(["FR-A"]) == ["FR-A", "FR-B"]


def test_towns_count_each_agreement_once(named: dict[str, Agreement]) -> None:
    counts = {town.name: town.agreement_count for town in towns().with_agreement_counts()}
    assert counts == {"Quetigny": 2, "Koulikoro": 2, "Bous": 1, "Dijon": 3, "Mainz": 1, "Bourgogne": 1}
    assert {town.name for town in towns().partnered_with(in_countries(["DE"]))} == {"Quetigny", "Koulikoro", "Dijon"}


def test_a_town_counts_published_agreements_that_it_has_not_left(named: dict[str, Agreement]) -> None:
    factories.agreement(Town.objects.get(name="Dijon"), factories.town("Banfora", "BF"), publication="draft")
    named["three"].parties.filter(town__name="Bous").update(left="2001")
    counts = {town.name: town.agreement_count for town in towns().with_agreement_counts()}
    assert counts == {"Quetigny": 2, "Koulikoro": 2, "Bous": 0, "Dijon": 3, "Mainz": 1, "Bourgogne": 1, "Banfora": 0}
    assert not towns().partnered_with(in_countries(["BF"]))
