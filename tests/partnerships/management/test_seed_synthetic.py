"""Synthetic data: shaped like real ones, the same for the same seed, and gone when told to go."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from partnerships.models import Agreement, GazetteerPlace, Organisation, Party, Source, Town
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def countries() -> None:
    """Some countries, a theme and a fund."""
    for code in factories.COUNTRIES:
        factories.country(code)
    factories.make(factories.p.Theme)
    factories.make(factories.p.FundingSource)


def seed(**options: Any) -> None:
    call_command("seed_synthetic", verbosity=0, **options)


def picture() -> list[tuple[Any, ...]]:
    """The agreements without what differs from one run to another: ids."""
    columns = ("kind", "signed", "ended", "activity", "parties__town__name", "parties__joined")
    return list(Agreement.objects.order_by("id", "parties__position").values_list(*columns))


def test_shape(countries: None) -> None:
    seed(agreements=1000, seed=1, towns=200)
    assert Agreement.objects.count() == 1000
    assert 150 < Agreement.objects.filter(parties__town__country="FR").distinct().count() < 300
    assert 10 < sum(record.parties.count() > 2 for record in Agreement.objects.prefetch_related("parties")) < 100
    assert {len(date or "") for date in Agreement.objects.values_list("signed", flat=True)} == {0, 4, 7, 10}
    assert Source.objects.get().title == "Synthetic data (seed 1)"
    assert not Agreement.objects.exclude(description_en__startswith="Made up").exists()
    busiest = max(town.parties.count() for town in Town.objects.prefetch_related("parties"))
    assert busiest > 20  # ten on average


def test_the_same_seed_gives_the_same_data(countries: None) -> None:
    seed(agreements=300, seed=7)
    first = picture()
    seed(remove=True)
    seed(agreements=300, seed=7)
    assert picture() == first
    seed(remove=True)
    seed(agreements=300, seed=8)
    assert picture() != first


def test_towns_come_from_the_gazetteer_where_it_is_loaded(countries: None) -> None:
    for number in range(60):
        country = factories.country("FR" if number % 3 else "ML")
        factories.make(GazetteerPlace, country=country, geonames=number + 1, name=f"Place {number}")
    factories.town(geonames=1)
    seed(agreements=30, seed=1, towns=40)
    assert Town.objects.filter(name__startswith="Place", geonames__gt=1).count() == 27  # 8 French, 19 of Mali


def test_removed_without_a_trace_and_nothing_else(countries: None) -> None:
    real = factories.agreement()
    seed(agreements=200, seed=1, force=True)
    seed(agreements=200, seed=2, force=True)
    seed(remove=True)
    assert list(Agreement.objects.all()) == [real]
    assert Party.objects.count() == Town.objects.count() == 2
    assert Source.objects.count() == 1
    assert not Organisation.objects.exists()


def test_what_real_records_lean_on_stays(countries: None) -> None:
    seed(agreements=20, seed=1)
    factories.agreement(Town.objects.all()[0], factories.town())
    with pytest.raises(CommandError, match="Real records"):
        seed(remove=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"agreements": 0}, "At least 1"), ({"towns": 5}, "20 towns"), ({}, "real agreements")],
    ids=str,
)
def test_refusals(countries: None, options: dict[str, int], message: str) -> None:
    factories.agreement()
    with pytest.raises(CommandError, match=message):
        seed(**{"agreements": 10, "seed": 1} | options)


def test_a_seed_is_used_once(countries: None) -> None:
    seed(agreements=5, seed=1)
    with pytest.raises(CommandError, match="already"):
        seed(agreements=5, seed=1)
    seed(agreements=5, seed=2)


def test_countries_are_needed() -> None:
    with pytest.raises(CommandError, match="load_fixtures"):
        seed(agreements=5, seed=1)
