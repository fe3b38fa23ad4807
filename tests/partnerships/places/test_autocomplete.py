"""Who is meant by a text: of towns, organisations, places of the gazetteer and territories."""

import pytest

from partnerships.models import GazetteerName, GazetteerPlace, Town, TownName
from partnerships.places import party_refs
from partnerships.places.autocomplete import known_sources, suggest_actors
from partnerships.places.party_refs import PartyKind, PartyRef
from partnerships.querysets import sources
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world() -> None:
    bfc = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    f.territory("FR-69", name="Rhône", level="department")
    f.territory("FR-21", name="Côte-d'Or", level="department")
    dijon = f.town("Dijon", territory=bfc, insee="21231", population=160_000)
    f.make(TownName, town=dijon, name="Divio")
    f.town("Dijonval", territory=bfc, publication="draft")
    f.organisation("Amis de Koulikoro", acronym="ADK")
    for name, code, columns in (
        ("Dijon", "FR", {"insee": "21231", "population": 160_000}),  # it is in the directory already
        ("Francheville", "FR", {"territory": f.territory("FR-69"), "population": 15_000}),
        ("Francheville", "FR", {"territory": bfc, "population": 300}),
        ("Koulikoro", "ML", {"population": 64_000}),
        ("Koulikoro", "BF", {"population": 4_000}),
        ("Saint-Denis", "FR", {"population": 150_000}),
        ("Saint-Denis-en-Val", "FR", {"population": 7_000}),
        ("Ouagadougou", "BF", {"population": 2_400_000}),
    ):
        f.make(GazetteerPlace, name=name, country=f.country(code), **columns)
    mainz = f.make(GazetteerPlace, name="Mainz", country=f.country("DE"), population=217_000)
    for name in ("Mayence", "Майнц", "美因茨"):
        f.make(GazetteerName, place=mainz, name=name)


def keys(text: str) -> list[tuple[str, str]]:
    return [(candidate.ref.kind.value, candidate.name) for candidate in suggest_actors(text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("dij", ("t", "Dijon")),
        ("DIJON", ("t", "Dijon")),
        ("divio", ("t", "Dijon")),  # another name
        ("21231", ("t", "Dijon")),  # INSEE
        ("mayen", ("g", "Mainz")),
        ("майнц", ("g", "Mainz")),
        ("美因", ("g", "Mainz")),
        ("denis", ("g", "Saint-Denis")),  # a word within
        ("adk", ("o", "Amis de Koulikoro")),
        ("cote d or", ("r", "Côte-d'Or")),  # the department's authority
        ("diojn", ("t", "Dijon")),  # swapped
        ("dijn", ("t", "Dijon")),  # missing
        ("ouagadugu", ("g", "Ouagadougou")),  # two
        ("ouagadugo", ("g", "Ouagadougou")),
        ("kulikoro", ("g", "Koulikoro")),  # near the beginning
        ("koulikp", ("g", "Koulikoro")),  # wrong, and typed half
    ],
)
def test_the_one_meant_comes_first(text: str, first: tuple[str, str]) -> None:
    assert keys(text)[0] == first


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("St Denis", "Saint-Denis"),
        ("Mans (Le)", "Le Mans"),
        ("72000 Le Mans", "Le Mans"),
        ("Boulogne s/Mer", "Boulogne-sur-Mer"),
        ("Mairie de Boulogne sur Mer", "Boulogne-sur-Mer"),
        ("Ste-Foy-lès-Lyon", "Sainte-Foy-lès-Lyon"),
        ("Denis, Saint", "Saint-Denis"),
    ],
)
def test_names_are_found_as_files_write_them(text: str, name: str) -> None:
    sarthe = f.territory("FR-72", name="Sarthe", level="department", insee="72")
    for one, columns in (("Le Mans", {"territory": sarthe}), ("Boulogne-sur-Mer", {}), ("Sainte-Foy-lès-Lyon", {})):
        f.make(GazetteerPlace, name=one, country=f.country("FR"), **columns)
    assert keys(text)[0] == ("g", name)


def test_the_directory_comes_first_then_the_large() -> None:
    f.town("Koulikoro", "IT", population=10)
    found = suggest_actors("koulikoro")
    assert [(candidate.ref.kind.value, candidate.detail.split(" · ")[-1]) for candidate in found[:3]] == [
        ("t", "10 inhabitants"),
        ("g", "64,000 inhabitants"),
        ("g", "4,000 inhabitants"),
    ]
    assert found[3].name == "Amis de Koulikoro"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Francheville, Rhône", "Rhône · France · 15,000 inhabitants"),
        ("Francheville (69)", "Rhône · France · 15,000 inhabitants"),
        ("Francheville (FR-69)", "Rhône · France · 15,000 inhabitants"),
        ("Koulikoro, Mali", "Mali · 64,000 inhabitants"),
        ("koulikoro burkina", "Burkina Faso · 4,000 inhabitants"),
        ("Koulikoro, Allemagne", None),
    ],
)
def test_where_it_lies_may_be_said(text: str, where: str | None) -> None:
    assert [candidate.detail for candidate in suggest_actors(text)] == ([where] if where else [])


def test_a_place_that_has_a_town_is_not_offered_twice() -> None:
    assert [candidate.name for candidate in suggest_actors("dijon")] == ["Dijon"]


@pytest.mark.parametrize("text", ["", "  ", "'", "%", "_", "\\", ",", "()", "zzzzzz", "a" * 200, "x'; DROP TABLE"])
def test_other_texts_find_nobody(text: str) -> None:
    assert suggest_actors(text) == []


def test_drafts_are_offered_to_nobody() -> None:
    assert "Dijonval" not in [candidate.name for candidate in suggest_actors("dijonval")]
    Town.objects.filter(name="Dijonval").update(publication="published")
    assert [candidate.name for candidate in suggest_actors("dijonval")] == ["Dijonval"]


def test_the_reference_of_a_draft_offers_nobody() -> None:
    draft = Town.objects.get(name="Dijonval")
    assert suggest_actors(draft.reference) == []
    Town.objects.update(publication="published")
    assert [candidate.name for candidate in suggest_actors(draft.reference)] == ["Dijonval"]


def test_a_dissolved_territory_is_not_offered() -> None:
    f.territory("FR-D", name="Bourgogne", dissolved_on="2015-12-31")
    assert [candidate.name for candidate in suggest_actors("bourgogne")] == ["Bourgogne-Franche-Comté"]


def test_a_place_whose_town_is_a_draft_is_offered_as_the_place() -> None:
    f.make(GazetteerPlace, name="Bamako", country=f.country("ML"), geonames=2460596)
    town = f.town("Bamako", "ML", geonames=2460596, publication="draft")
    assert keys("bamako") == [("g", "Bamako")]
    Town.objects.filter(pk=town.pk).update(publication="published")
    assert keys("bamako") == [("t", "Bamako")]


def test_the_number_of_a_department_says_where_whatever_its_code_is() -> None:
    guadeloupe = f.territory("FR-GUA", name="Guadeloupe", level="department", insee="971")
    f.make(GazetteerPlace, name="Saint-Denis", country=f.country("FR"), territory=guadeloupe, population=10)
    assert [candidate.detail for candidate in suggest_actors("Saint-Denis (971)")] == [
        "Guadeloupe · France · 10 inhabitants"
    ]


def test_of_names_that_resemble_the_text_the_large_come_first() -> None:
    for population in (4_000, 124_000):
        f.make(GazetteerPlace, name="Ouahigouya", country=f.country("BF"), population=population)
    assert [candidate.detail for candidate in suggest_actors("ouaigouia")] == [
        "Burkina Faso · 124,000 inhabitants",
        "Burkina Faso · 4,000 inhabitants",
    ]


def test_a_territory_whose_authority_is_there_is_found_as_a_town() -> None:
    f.town("Département de la Côte-d'Or", governs=f.territory("FR-21"), level="department")
    assert [candidate.ref.kind for candidate in suggest_actors("cote d or")] == [PartyKind.TOWN]


# What is chosen


def test_a_place_is_its_published_town_or_the_one_that_took_its_place() -> None:
    place = f.make(GazetteerPlace, name="Bamako", country=f.country("ML"), geonames=2460596)
    draft, town = (f.town("Bamako", "ML", geonames=place.geonames, publication=one) for one in ("draft", "published"))
    assert party_refs.entered(PartyRef.of(place), {}, []) == town
    winner = f.town("Bamako (District)", "ML")
    Town.objects.filter(pk=draft.pk).delete()
    Town.objects.filter(pk=town.pk).update(publication="withdrawn", merged_into=winner)
    assert party_refs.entered(PartyRef.of(place), {}, []) == winner


def test_what_was_withdrawn_is_no_party_again() -> None:
    new = party_refs.Newcomer("Petit Village", country="ML", level="village")
    f.country("ML")
    described = PartyKind.NEW_TOWN.ref(0)
    for ref in (PartyKind.TERRITORY.ref("FR-21"), described):
        first = party_refs.entered(ref, {described: new}, [])
        assert party_refs.entered(ref, {described: new}, []) == first
        Town.objects.filter(pk=first.pk).update(publication="withdrawn")
        assert party_refs.entered(ref, {described: new}, []) != first


def test_an_organisation_is_the_published_one_of_its_name() -> None:
    _draft, club = (f.organisation("Les amis", kind="association", publication=one) for one in ("draft", "published"))
    described = PartyKind.NEW_ORGANISATION.ref(0)
    assert party_refs.entered(described, {described: party_refs.Newcomer("Les amis", kind="association")}, []) == club


# Sources


def test_known_sources_are_found_by_their_words_and_address() -> None:
    source = f.source("Yearbook of twinnings", publisher="AFCCRE", url="https://example.org/yearbook")
    for text in ("yearbook", "twinnings afccre", "https://example.org/year"):
        assert known_sources(text, sources()) == [source]
    assert known_sources("", sources()) == known_sources("yearbook of nothing", sources()) == []
    assert known_sources("yearbook", sources().public()) == []  # which nothing cites
