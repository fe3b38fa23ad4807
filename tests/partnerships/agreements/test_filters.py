"""Filters: what each parameter means, and what becomes of nonsense."""

import datetime
from typing import Any

import pghistory
import pytest
from django.http import QueryDict
from django.utils import timezone, translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.imports.models import ImportBatch
from core.lists.filtersets import ListingFilterSet
from networks.filters import NetworkFilter, SupportBodyFilter
from networks.models import Membership, Network, ServedTerritory, SupportBody
from networks.querysets import networks, support_bodies
from partnerships.agreements.filters import AgreementFilter
from partnerships.choices import FormalStatus
from partnerships.labels import labels
from partnerships.models import (
    Agreement,
    AgreementTheme,
    Country,
    FundingContribution,
    FundingSource,
    Party,
    Renewal,
    Suspension,
    TerritoryParent,
    Theme,
)
from partnerships.places.filters import OrganisationFilter, TerritoryFilter, TownFilter
from partnerships.querysets import agreements, organisations, towns
from partnerships.territory_querysets import territories
from tests import factories
from tests.properties import examples

pytestmark = pytest.mark.django_db

LISTS = [
    (AgreementFilter, agreements),
    (TownFilter, towns),
    (OrganisationFilter, organisations),
    (NetworkFilter, networks),
    (SupportBodyFilter, support_bodies),
]
PARAMETERS = [(filterset, records, name) for filterset, records in LISTS for name in filterset.base_filters]


def asked(query: str) -> ListingFilterSet:
    """The agreements' FilterSet for a query string."""
    return AgreementFilter(QueryDict(query), agreements().published())


def found(query: str) -> list[str]:
    """References of the agreements that a query string finds."""
    filterset = asked(query)
    assert filterset.messages == []
    return sorted(agreement.reference for agreement in filterset.qs)


DOCUMENTED = set(
    "q country partner zone territory town level kind formal_status activity suspension theme funding network since "  # noqa: SIM905
    "until domestic past batch sort".split()
)


def test_the_documented_parameters_are_there() -> None:
    assert set(AgreementFilter.base_filters) >= DOCUMENTED


# Values


def test_repeated_parameters_and_comma_lists_in_either_case_are_the_same() -> None:
    agreement = factories.agreement(factories.town(), factories.town(code="ML"))
    factories.agreement(factories.town(code="DE"), factories.town(code="BF"))
    for query in ("country=ML&country=IT", "country=ml,it", "country=,ml , IT,&country=", "country=ML%2Cit"):
        factories.country("IT")
        assert found(query) == [agreement.reference]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("country=XX", ["country", "“XX”", "ISO 3166"]),
        ("country=FR,XX,YY", ["country", "“XX”, “YY”"]),
        ("territory=FR-NOWHERE", ["territory", "“FR-NOWHERE”", "FR-BFC"]),
        ("town=T0", ["town", "“T0”", "references of towns"]),
        ("network=N0", ["network", "“N0”", "references of networks"]),
        ("batch=I0", ["batch", "“I0”", "references of imports"]),
        ("kind=wedding", ["kind", "“wedding”", "list"]),
        ("since=yesterday", ["since", "“yesterday”", "24/05/1986"]),
        ("until=31/02/2001", ["until", "“31/02/2001”", "calendar"]),
        ("domestic=maybe", ["domestic", "“maybe”", "1"]),
        ("sort=colour", ["sort", "“colour”", "-signed"]),
        ("q=!!!", ["q", "“!!!”", "letter"]),
    ],
)
def test_a_wrong_value_is_named_and_finds_nothing(query: str, names: list[str]) -> None:
    factories.agreement()
    filterset = asked(query)
    assert filterset.qs.count() == 0
    (message,) = filterset.messages
    assert all(name in message for name in names), message


def test_messages_are_in_the_visitors_language_and_short() -> None:
    with translation.override("fr"):
        assert len(asked("country=" + "X" * 1_000_000).messages[0]) < 400


def test_unknown_parameters_are_named_but_tracking_marks_are_not() -> None:
    agreement = factories.agreement()
    filterset = asked("contry=ML&utm_source=letter&fbclid=x&page=1")
    assert [record.pk for record in filterset.qs] == [agreement.pk]
    (warning,) = filterset.warnings
    assert "contry" in warning
    assert "country" in warning
    assert "utm_source" not in warning.partition("Known")[0]
    assert asked("utm_source=letter&ref=x").warnings == []
    assert "reference" in asked("reference=A1").warnings[0].partition("Known")[0]


def check_nonsense(filterset: type[ListingFilterSet], records: Any, name: str, value: str | list[str]) -> None:
    data = QueryDict(mutable=True)
    data.setlist(name, value if isinstance(value, list) else [value])
    question = filterset(data, records().published())
    rows = list(question.qs[:3])
    if question.messages:
        assert rows == []
        assert all(name in message and len(message) < 1500 for message in question.messages)
    question.chips()
    question.querystring()
    assert len(question.warnings) <= 1


NASTY = ["\0", "a\0b", "🧭", "%", "_", "\\", "'", '"; DROP TABLE', "x" * 1_000_000, "9" * 5000, "-1", "1e400", "NaN"]
NASTY += [
    "," * 500,
    ",".join(map(str, range(300))),
    "[]",
    "{}",
    "null",
    "../..",
    "<script>",
    "\u202e",
    "١٩٨٦",
    "ı",
    "ß",
]
NASTY += ["1986-13", "0000", "9999", "2999", "1000-01-01", "3000", "A" * 201, "FR" * 100, " ", "\n", "T1-x"]


@pytest.mark.parametrize(("filterset", "records", "name"), PARAMETERS)
def test_nasty_values_are_harmless(filterset: type[ListingFilterSet], records: Any, name: str) -> None:
    for value in NASTY:
        check_nonsense(filterset, records, name, value)
    check_nonsense(filterset, records, name, NASTY)


@settings(max_examples=examples(30))
@given(case=st.sampled_from(PARAMETERS), value=st.one_of(st.text(), st.lists(st.text(), max_size=4)))
@example(case=PARAMETERS[0], value=[])
def test_any_text_is_harmless(db: None, case: tuple[Any, Any, str], value: str | list[str]) -> None:
    check_nonsense(*case, value)


# Statuses, derived


@pytest.mark.parametrize(
    ("columns", "renewals", "expired"),
    [
        ({"formal_status": "signed", "valid_until": "2023"}, [], True),
        ({"formal_status": "signed", "valid_until": "2024"}, [], False),
        ({"formal_status": "in-force", "valid_until": "2024-05"}, [], True),
        ({"formal_status": "in-force", "valid_until": "2024-06"}, [], False),
        ({"formal_status": "in-force", "valid_until": "2024-06-14"}, [], True),
        ({"formal_status": "in-force", "valid_until": "2024-06-15"}, [], False),
        ({"formal_status": "in-force", "valid_until": "2020", "tacit_renewal": True}, [], False),
        ({"formal_status": "unknown", "valid_until": "2020"}, [], False),
        ({"formal_status": "terminated", "valid_until": "2020"}, [], False),
        ({"formal_status": "signed"}, [], False),
        ({"formal_status": "renewed", "valid_until": "2020"}, [("2020", "2030")], False),
        ({"formal_status": "renewed", "valid_until": "2020"}, [("2015", "2030"), ("2018", "2022")], True),
        ({"formal_status": "renewed", "valid_until": "2020"}, [("2020", None)], False),
    ],
)
def test_expired_is_derived(columns: dict[str, Any], renewals: list[tuple[str, str | None]], expired: bool) -> None:
    agreement = factories.agreement(**columns)
    for renewed, until in renewals:
        factories.make(Renewal, agreement=agreement, renewed=renewed, valid_until=until)
    derived = agreements().with_statuses(datetime.date(2024, 6, 15)).get()
    assert derived.current_status == ("expired" if expired else columns["formal_status"])


def test_formal_status_tells_expired_from_signed() -> None:
    old = factories.agreement(formal_status="signed", valid_until="2001")
    new = factories.agreement(formal_status="signed", valid_until="2999")
    assert found("formal_status=expired") == [old.reference]
    assert found("formal_status=signed") == [new.reference]
    assert found("formal_status=signed,expired") == sorted([old.reference, new.reference])


@pytest.mark.parametrize(
    ("parties", "suspended", "left", "state"),
    [
        (2, {}, [], "none"),
        (2, {0: (None, None)}, [], "whole"),
        (3, {0: (None, None)}, [], "partial"),
        (3, {0: (None, None), 1: ("2020", "2024")}, [], "whole"),
        (3, {0: (None, None), 1: ("2020", "2023")}, [], "partial"),
        (3, {0: ("2024-07", None)}, [], "none"),
        (3, {0: ("2024-06", "2024-06")}, [], "partial"),
        (3, {0: (None, None)}, [1], "whole"),
        (3, {0: (None, None)}, [0], "none"),
    ],
)
def test_suspension_is_derived_from_the_parties_that_remain(
    parties: int, suspended: dict[int, tuple[str | None, str | None]], left: list[int], state: str
) -> None:
    agreement = factories.agreement(*(factories.town() for _ in range(parties)))
    members = list(agreement.parties.order_by("position"))
    for index, (since, until) in suspended.items():
        factories.make(Suspension, party=members[index], since=since, until=until)
    Party.objects.filter(pk__in=[members[index].pk for index in left]).update(left="2022")
    derived = agreements().with_statuses(datetime.date(2024, 6, 15)).get()
    assert derived.suspension == state
    assert derived.get_suspension_display()


def test_suspension_filter() -> None:
    agreement = factories.agreement()
    assert found("suspension=none") == [agreement.reference]
    factories.make(Suspension, party=agreement.parties.first())
    assert found("suspension=whole") == [agreement.reference]
    assert found("suspension=none,partial") == []


def test_todays_date_is_asked_for_when_the_query_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.agreement(formal_status="signed", valid_until="2030")
    kept = agreements().with_statuses()
    assert kept.all().get().current_status == "signed"
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: datetime.date(2031, 1, 1))
    assert kept.all().get().current_status == "expired"


# The other parameters


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("since=1986", ["1986", "1986-05", "1986-05-24", "1987-01-01"]),
        ("since=1986-05", ["1986", "1986-05", "1986-05-24", "1987-01-01"]),
        ("since=1986-06", ["1986", "1987-01-01"]),
        ("since=25/05/1986", ["1986", "1986-05", "1987-01-01"]),
        ("until=1986", ["1985-12-31", "1986", "1986-05", "1986-05-24"]),
        ("until=05/1986", ["1985-12-31", "1986", "1986-05", "1986-05-24"]),
        ("until=1986-04", ["1985-12-31", "1986"]),
        ("since=1986&until=1986", ["1986", "1986-05", "1986-05-24"]),
        ("until=2999", ["1985-12-31", "1986", "1986-05", "1986-05-24", "1987-01-01"]),
    ],
)
def test_signature_dates_are_compared_as_far_as_they_are_known(query: str, years: list[str]) -> None:
    for signed in ("1985-12-31", "1986", "1986-05", "1986-05-24", "1987-01-01", None):
        factories.agreement(signed=signed)
    filterset = asked(query)
    assert sorted(filterset.qs.values_list("signed", flat=True)) == years


def test_themes_funding_kind_and_activity() -> None:
    agreement = factories.agreement(kind="project", activity="active")
    factories.agreement(kind="twinning")
    for code in ("water", "schools"):
        factories.make(AgreementTheme, agreement=agreement, theme=factories.make(Theme, code=code))
    source = factories.make(FundingSource, code="own-budget")
    for year in (2001, 2002):
        factories.make(FundingContribution, agreement=agreement, funding=source, year=year)
    for query in ("theme=water,schools", "theme=WATER", "funding=own-budget", "kind=project", "activity=active"):
        assert found(query) == [agreement.reference]
    assert found("theme=schools&kind=twinning") == []


def test_batch_finds_what_an_import_wrote() -> None:
    batch = ImportBatch.objects.create(resource="agreements", file_name="a.csv", source_title="A", source_licence="CC0")
    other, touched = factories.agreement(), factories.agreement()
    with pghistory.context(batch=batch.reference):
        whole = factories.agreement()
    with pghistory.context(batch=batch.reference):
        touched.parties.filter(position=1).update(role="lead")
    assert found(f"batch={batch.reference.lower()}") == sorted([whole.reference, touched.reference])
    assert other.reference in found("")


def test_network_counts_members_and_in_the_past_former_ones() -> None:
    member, former = factories.town(), factories.town()
    network = factories.network()
    factories.make(Membership, network=network, town=member)
    factories.make(Membership, network=network, town=former, until="2001")
    agreement = factories.agreement(member, factories.town(code="ML"))
    old = factories.agreement(former, factories.town(code="ML"))
    assert found(f"network={network.reference}") == [agreement.reference]
    assert found(f"network={network.reference}&past=1") == sorted([agreement.reference, old.reference])
    # The same party is the member and lies in Mali: there is none.
    assert found(f"network={network.reference}&country=ML") == []
    inside = TownFilter({"network": network.reference}, towns().published())
    assert [town.pk for town in inside.qs] == [member.pk]


@pytest.mark.parametrize("name", AgreementFilter.sorts)
def test_every_order_is_stable_and_complete(name: str) -> None:
    for signed in ("1999", None, "2001", None):
        factories.agreement(signed=signed)
    listed = [agreement.pk for agreement in asked(f"sort={name}").qs]
    assert len(set(listed)) == 4
    assert listed == [agreement.pk for agreement in asked(f"sort={name}").qs]


def test_orders() -> None:
    def order(name: str) -> list[str]:
        return [str(agreement) for agreement in asked(f"sort={name}").qs.with_parties()]

    for name, signed in (("Évian", "1999"), ("Zell", None), ("ecole", "2001")):
        factories.agreement(factories.town(name), factories.town("B", "DE"), signed=signed)
    assert order("name") == ["ecole – B", "Évian – B", "Zell – B"]
    assert order("-name") == ["Zell – B", "Évian – B", "ecole – B"]
    assert order("-signed") == ["ecole – B", "Évian – B", "Zell – B"]
    assert order("signed") == ["Évian – B", "ecole – B", "Zell – B"]


def test_the_order_by_name_goes_by_the_first_party_as_the_parties_are_listed() -> None:
    agreement = factories.agreement(factories.town("Zell"), factories.town("Bous", "DE"))
    agreement.parties.filter(position=1).update(position=3)
    other = factories.agreement(factories.town("Mainz", "DE"), factories.town("Dijon"))
    assert list(asked("sort=name").qs) == [agreement, other]


def test_choices_are_translated_and_sorted_as_the_language_reads() -> None:
    for code in ("FR", "DE", "ML"):
        factories.country(code)
    factories.make(Country, code="EG", alpha3="EGY", name_en="Egypt", name_fr="Égypte", continent="AF")
    with translation.override("en"):
        assert list(labels("country").values()) == ["Egypt", "France", "Germany", "Mali"]
    with translation.override("fr"):
        assert list(labels("country").values()) == ["Allemagne", "Égypte", "France", "Mali"]
        assert FormalStatus.SIGNED in dict(AgreementFilter({}, agreements()).form.fields["formal_status"].choices)


def test_towns() -> None:
    for code in ("FR-BFC", "FR-21"):
        factories.territory(code)
    factories.make(TerritoryParent, territory_id="FR-21", parent_id="FR-BFC")
    dijon = factories.town("Dijon", territory_id="FR-21", level="intermunicipal")
    council = factories.town("Côte-d'Or", governs_id="FR-21", level="department")
    other = factories.town("Köln", "DE")
    factories.agreement(dijon, other)

    def names(query: str) -> list[str]:
        filterset = TownFilter(QueryDict(query), towns().published())
        assert filterset.messages == []
        return [town.name for town in filterset.qs]

    assert names("") == ["Côte-d'Or", "Dijon", "Köln"]
    assert names("territory=fr-bfc") == ["Côte-d'Or", "Dijon"]
    assert names("partner=DE") == ["Dijon"]
    assert names("partner=FR") == ["Köln"]
    assert names("level=department&country=FR") == [council.name]
    assert names("q=koln") == ["Köln"]
    again = factories.town("Dijon")
    for sort, expected in (("name", [dijon, again]), ("-name", [again, dijon])):
        assert [town for town in TownFilter({"sort": sort}, towns().published()).qs if town.name == "Dijon"] == expected


def test_networks_and_support_bodies_and_organisations() -> None:
    for code in ("FR-BFC", "FR-21", "FR-IDF"):
        factories.territory(code)
    factories.make(TerritoryParent, territory_id="FR-21", parent_id="FR-BFC")
    network: Network = factories.network("UCLG", founded="2004-05", seat_town=factories.town("Mainz", "DE"))
    factories.make(Membership, network=network, town=factories.town("Koulikoro", "ML"))
    factories.network("IULA", founded="1913", dissolved="2004")
    body: SupportBody = factories.support_body("Bourgogne coopération", services=["training"])
    factories.make(ServedTerritory, support_body=body, territory_id="FR-BFC")
    old = factories.support_body("Vieille agence", dissolved="2001")
    factories.make(ServedTerritory, support_body=old, territory_id="FR-21", until="2001")
    factories.organisation("Lycée", country=factories.country("FR"), territory_id="FR-21", kind="school")

    def names(filterset: type[ListingFilterSet], records: Any, query: str) -> list[str]:
        question = filterset(QueryDict(query), records().published())
        assert question.messages == []
        return [str(record) for record in question.qs]

    assert names(NetworkFilter, networks, "country=ML") == ["UCLG"]
    assert names(NetworkFilter, networks, "country=DE") == ["UCLG"]
    assert names(NetworkFilter, networks, "since=2000") == ["UCLG"]
    assert names(NetworkFilter, networks, "until=1913&kind=association") == ["IULA"]
    for query in ("territory=FR-21", "territory=FR-BFC", "service=training", "q=bourgogne"):
        assert names(SupportBodyFilter, support_bodies, query) == [body.name]
    assert names(SupportBodyFilter, support_bodies, "territory=FR-21&past=1&sort=-name") == [old.name, body.name]
    assert names(SupportBodyFilter, support_bodies, "territory=FR-IDF") == []
    assert names(OrganisationFilter, organisations, "territory=FR-BFC&kind=school&country=fr") == ["Lycée"]


def test_a_territory_is_listed_to_the_end_of_the_year_of_its_end() -> None:
    year = timezone.localdate().year
    for code, dissolved in (("FR-NOW", str(year)), ("FR-OLD", str(year - 1))):
        factories.territory(code, dissolved_on=dissolved)
    assert [one.pk for one in TerritoryFilter({}, territories()).qs] == ["FR-NOW"]
    assert [one.pk for one in TerritoryFilter({"past": "1"}, territories()).qs] == ["FR-NOW", "FR-OLD"]


def test_a_support_body_is_found_by_what_it_serves_today_and_in_the_past_by_what_it_served() -> None:
    body = factories.support_body()
    for code, until in (("FR-BFC", None), ("FR-IDF", "2001")):
        factories.make(ServedTerritory, support_body=body, territory=factories.territory(code), until=until)
    for query, expected in (("FR-BFC", [body]), ("FR-IDF", []), ("FR-IDF&past=1", [body])):
        question = SupportBodyFilter(QueryDict(f"territory={query}"), support_bodies().published())
        assert list(question.qs) == expected


def test_withdrawn_agreements_are_not_found() -> None:
    agreement = factories.agreement()
    Agreement.objects.filter(pk=agreement.pk).update(publication="withdrawn")
    assert found("") == []
