"""Shares of authorities: against the lists that they lead to, and against numbers counted by hand."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerships.agreements.facets import INDEX, ask
from partnerships.insights.coverage import Coverage, CoverageShare, Involved, claims
from partnerships.models import Claim, Country, GazetteerPlace, TerritoryParent, Town
from partnerships.places.filters import TownFilter
from partnerships.querysets import towns
from partnerships.territory_querysets import territories
from tests import factories
from tests.properties import examples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_index() -> None:
    INDEX.forget()


@pytest.fixture
def france() -> Country:
    """Two regions of today and one of yesterday, three departments, an overseas collectivity, seven communes."""
    for code in ("FR-BFC", "FR-IDF"):
        factories.territory(code)
    factories.territory("FR-D", dissolved_on="2015-12-31", successor_id="FR-BFC")
    for code, region in (("FR-21", "FR-BFC"), ("FR-90", "FR-BFC"), ("FR-91", "FR-IDF")):
        factories.territory(code, level="department")
        TerritoryParent.objects.create(territory_id=code, parent_id=region)
    TerritoryParent.objects.create(territory_id="FR-21", parent_id="FR-D", until="2015-12-31")
    factories.territory("FR-PF", level="department")
    communes = [
        ("21515", "FR-21", 9_000),
        ("21231", "FR-21", 160_000),
        ("21001", "FR-21", 5_000),
        ("90017", "FR-90", 1_800),
        ("90010", "FR-90", None),
        ("91228", "FR-91", 54_000),
        ("98735", "FR-PF", 26_000),
    ]
    for insee, territory, population in communes:
        factories.make(GazetteerPlace, insee=insee, geonames=int(insee), territory_id=territory, population=population)
    factories.make(GazetteerPlace, insee=None, geonames=7, territory_id="FR-21", level="village")
    return factories.country("FR")


def coverage(country: Country) -> Coverage:
    with INDEX.reading() as index:
        return Coverage(country, Involved(index, ask(index).records))


def commune(insee: str | None, territory: str = "FR-21", **columns: Any) -> Town:
    return factories.town(insee=insee, territory_id=territory, **columns)


def partnered(*actors: Town, **columns: Any) -> None:
    factories.agreement(*actors, factories.town(code="DE"), **columns)


def test_by_hand(france: Country) -> None:
    partnered(commune("21515"))
    partnered(commune("21001"))  # 5,000 are not over 5,000
    partnered(commune("90017", "FR-90"), activity="ended")
    partnered(commune("91228", "FR-91"), publication="draft")
    partnered(commune(None, population=70_000))  # unknown to the gazetteer
    partnered(factories.town(level="department", governs_id="FR-21", territory_id="FR-BFC"))
    partnered(factories.town(level="department", governs_id="FR-PF"))
    partnered(factories.town(level="region", governs_id="FR-D"))
    factories.agreement(commune("21231"), commune("98735", "FR-PF"))  # within one country
    found = coverage(france)
    assert (found.regions.part, found.regions.whole) == (0, 2)
    assert (found.departments.part, found.departments.whole) == (1, 3)
    assert (found.municipalities.part, found.municipalities.whole) == (2, 7)
    assert (found.large.part, found.large.whole) == (1, 4)
    assert found.municipalities.ratio == pytest.approx(2 / 7)
    lines = {line.territory.pk: line for line in [*found.by_region, *found.by_department]}
    assert list(lines) == ["FR-BFC", "FR-IDF", "FR-21", "FR-90", "FR-91"]
    assert (lines["FR-BFC"].departments.part, lines["FR-BFC"].departments.whole) == (1, 2)
    assert (lines["FR-BFC"].municipalities.part, lines["FR-BFC"].municipalities.whole) == (2, 5)
    assert (lines["FR-21"].large.part, lines["FR-21"].large.whole) == (1, 2)
    assert lines["FR-21"].authority == Town.objects.get(governs="FR-21")
    assert lines["FR-90"].authority is None


def test_a_party_that_left_does_not_count(france: Country) -> None:
    record = factories.agreement(factories.town(code="ML"), factories.town(code="DE"))
    factories.party(record, commune("21515"), position=3, left="2001")
    assert coverage(france).municipalities.part == 0


def test_only_municipalities_that_the_gazetteer_knows_by_their_own_code_are_large_ones(france: Country) -> None:
    partnered(commune(None, geonames=21515))  # is that of a place which another code names
    council = factories.town(level="department", governs_id="FR-21", territory_id="FR-BFC", population=500_000)
    partnered(council)
    found = coverage(france)
    assert (found.departments.part, found.municipalities.part, found.large.part) == (1, 0, 0)


def test_a_town_with_agreements_in_its_country_alone_takes_no_part(france: Country) -> None:
    factories.agreement(commune("21515"), commune("21231"))
    assert total("counted=1") == 0
    partnered(commune("21001"))
    assert total("counted=1") == 2


def test_nothing_of_nothing() -> None:
    assert CoverageShare(0, 0, "").ratio == 0
    found = coverage(factories.country("ML"))
    assert (found.regions.whole, found.departments.whole, found.municipalities.whole) == (0, 0, 0)
    assert found.by_region == []


def test_elsewhere_by_geonames(france: Country) -> None:
    factories.territory("ML-2")
    mali = factories.country("ML")
    factories.make(GazetteerPlace, country=mali, geonames=1, territory_id="ML-2", population=40_000)
    factories.make(GazetteerPlace, country=mali, geonames=2, territory_id="ML-2", population=900)
    partnered(factories.town(code="ML", geonames=1, territory_id="ML-2"))
    found = coverage(mali)
    assert (found.municipalities.part, found.municipalities.whole) == (1, 2)
    assert (found.large.part, found.large.whole) == (1, 1)
    assert (found.by_region[0].large.part, found.by_region[0].large.whole) == (1, 1)


TOWNS = st.lists(
    st.fixed_dictionaries(
        {
            "insee": st.sampled_from([None, "21515", "21231", "21001", "90017", "90010", "91228", "98735", "99999"]),
            "geonames": st.sampled_from([None, None, 7, 21515, 5]),
            "territory_id": st.sampled_from([None, "FR-21", "FR-90", "FR-91", "FR-BFC", "FR-D", "FR-PF"]),
            "governs_id": st.sampled_from([None, None, "FR-21", "FR-BFC", "FR-D", "FR-PF", "FR-91"]),
            "level": st.sampled_from(["municipality", "municipality", "department", "region", "village"]),
            "population": st.sampled_from([None, 100, 6_000]),
            "latitude": st.sampled_from([None, 47.0]),
            "publication": st.sampled_from(["published", "published", "draft"]),
        }
    ),
    max_size=8,
)
AGREEMENTS = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.sampled_from(["published", "published", "draft"]),
        st.sampled_from(["active", "active", "ended"]),
        st.sampled_from([None, None, "2001"]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=examples(4))
@given(drawn=TOWNS, agreements=AGREEMENTS)
def test_every_part_is_the_total_of_its_list(
    france: Country, drawn: list[dict[str, Any]], agreements: list[Any]
) -> None:
    """Random towns and agreements: what the one statement counts, the lists count."""
    point = transaction.savepoint()
    seen: dict[str, set[Any]] = {"insee": set(), "geonames": set(), "governs_id": set()}
    made = []
    for columns in drawn:
        for name, values in seen.items():
            columns[name] = None if columns[name] in values else columns[name]
            values.add(columns[name])
        made.append(factories.town(longitude=columns["latitude"], **columns))
    abroad = [factories.town(code="DE"), factories.town(code="FR")]
    for number, publication, activity, left, domestic in agreements:
        if number < len(made):
            record = factories.make(factories.p.Agreement, publication="draft", activity=activity)
            factories.party(record, made[number], left=left)
            factories.party(record, abroad[domestic], position=2)
            factories.p.Agreement.objects.filter(pk=record.pk).update(publication=publication)
    found = coverage(france)
    shares = [found.regions, found.departments, found.municipalities, found.large]
    for line in [*found.by_region, *found.by_department]:
        shares += [line.departments, line.municipalities, line.large]
    for share in shares:
        assert share.part == total(share.query), share
        assert share.whole >= 0
    assert found.involved.total == total("counted=1") == towns().published().taking_part().count()
    assert found.involved.located == total("counted=1&located=1")
    assert found.involved.recognised == total("counted=1&recognised=1")
    transaction.savepoint_rollback(point)
    INDEX.forget()


def total(query: str) -> int:
    """How many towns the list of a question has."""
    filterset = TownFilter(QueryDict(query), towns().published())
    assert filterset.form.is_valid(), filterset.form.errors
    return filterset.qs.count()


def test_size_is_that_of_the_gazetteer_where_it_knows_the_town(france: Country) -> None:
    known = commune("21515", population=10)
    unknown = commune(None, population=6_000)
    commune("90010", population=4_000)
    commune("90017", population=9_000)
    assert set(towns().larger_than(5000)) == {known, unknown}
    assert list(TownFilter(QueryDict("size=20000,5000&recognised=1"), towns().published()).qs) == [known]


def test_standing_territories(france: Country) -> None:
    codes = set(territories().standing().values_list("code", flat=True))
    assert codes == {"FR-BFC", "FR-IDF", "FR-21", "FR-90", "FR-91"}


def test_claims_by_date(france: Country) -> None:
    for year in ("2016", "2006", None):
        factories.make(Claim, figure="countries", as_of=year)
    factories.make(Claim, figure="projects", as_of="2009")
    assert [claim.as_of for claim in claims("countries", "regions-share")] == ["2006", "2016", None]


def test_towns_and_gazetteer_report_their_changes(france: Country) -> None:
    """What is kept of them is read again only then."""

    def reported() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM coopdir_change WHERE subject = 'towns'")
            return cursor.fetchone()[0]

    town = commune("21515")
    for change in (
        lambda: Town.objects.filter(pk=town.pk).update(population=1),
        lambda: GazetteerPlace.objects.filter(insee="21515").update(population=1),
        lambda: GazetteerPlace.objects.filter(geonames=7).delete(),
    ):
        before = reported()
        change()
        assert reported() > before
