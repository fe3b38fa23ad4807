"""A name in a file leads to the town that is meant, with the reason; where that is not sure, to a question."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partnerships.imports.layouts import AgreementResource
from partnerships.models import GazetteerName, GazetteerPlace, TerritoryParent, Town
from partnerships.places.matching import Match, TownMatcher
from partnerships.places.namesakes import TownQuery
from partnerships.places.questions import Unmatched
from tests.factories import country, make, territory, town
from tests.importing import load, outcomes

pytestmark = pytest.mark.django_db


def place(name: str, code: str = "FR", *names: str, **columns: object) -> GazetteerPlace:
    """A place of the gazetteer, with other names."""
    record = make(GazetteerPlace, name=name, country=country(code), **columns)
    for other in names:
        make(GazetteerName, place=record, name=other)
    return record


def ask(name: str = "", code: str | None = "FR", create: bool = False, **said: object) -> Match:
    """The answer for one query."""
    query = TownQuery(name, code, **said)
    return TownMatcher([query], create=create).resolve(query)


def refused(*args: object, **said: object) -> str:
    """Why a query has no answer."""
    with pytest.raises(Unmatched) as caught:
        ask(*args, **said)
    return str(caught.value)


# By identifier


@pytest.mark.parametrize(
    "code", [("insee", "21515"), ("geonames", "2984775"), ("wikidata", "Q1"), ("reference", "T900")]
)
def test_an_identifier_decides(code: tuple[str, str]):
    known = town("Quetigny", insee="21515", geonames=2984775, wikidata="Q1", reference="T900")
    town("Dijon")
    match = ask("Ketigni", codes=(code,))
    assert (match.town, match.reason) == (known, "identifier")
    assert ask("", None, codes=(code,)).town == known


def test_an_identifier_of_the_gazetteer_makes_the_town_with_all_that_is_known_of_it():
    record = place(
        "Quetigny", insee="21515", geonames=2984775, population=9000, latitude=47.3, longitude=5.1,
        territory=territory("FR-21"), coordinates_precision="territory",
    )  # fmt: skip
    match = ask(codes=(("insee", "21515"),))
    assert (match.place, match.town.pk) == (record, None)
    for column in (
        "name",
        "insee",
        "geonames",
        "population",
        "latitude",
        "longitude",
        "territory",
        "coordinates_precision",
    ):
        assert getattr(match.town, column) == getattr(record, column)


def test_the_town_made_from_a_place_stands_for_it_whichever_code_it_has():
    place("Quetigny", "FR", "Ketigny", insee="21515", geonames=2984775)
    known = town("Quetigny-lès-Dijon", geonames=2984775)
    for query in (
        {"name": "Quetigny"},
        {"name": "Ketigny"},
        {"codes": (("insee", "21515"),)},
        {"codes": (("insee", "21515"), ("geonames", "2984775"))},
    ):
        assert ask(**query).town == known


def test_codes_that_contradict_each_other_or_the_country_are_refused():
    place("Quetigny", insee="21515")
    place("Dijon", insee="21231")
    assert "codes belong to different places: Quetigny (insee:21515); Dijon" in refused(
        "Quetigny", codes=(("insee", "21515"), ("insee", "21231"))
    )
    assert "The code belongs to Quetigny (insee:21515) in FR" in refused("Q", "ML", codes=(("insee", "21515"),))


def test_an_unknown_reference_is_refused_and_an_unknown_code_leaves_the_name():
    known = town("Quetigny")
    assert "no town with the reference T999" in refused("Quetigny", codes=(("reference", "T999"),))
    assert ask("Quetigny", codes=(("wikidata", "Q77"),)).town == known


# By name


@pytest.mark.parametrize(
    "written", ["Besançon", "besancon", "BESANÇON", " Besançon ", "Besançon (Doubs)", "Besançon, Doubs"]
)
def test_case_accents_and_disambiguators_do_not_matter(written: str):
    known = town("Besançon", territory=territory("FR-25", name="Doubs"))
    assert ask(written).town == known


def test_what_stands_beside_a_name_is_dropped_only_if_it_was_understood():
    known = town("Besançon", territory=territory("FR-25", name="Doubs"))
    territory("FR-21", name="Côte-d'Or")
    assert ask("Besançon (25)").town == known  # which has no code that says more
    for written in (
        "Besançon (quartier Battant)",
        "Besançon, Côte-d'Or",
        "Besançon (Allemagne)",
        "Besançon (rompu en 2004)",
    ):
        with pytest.raises(Unmatched) as caught:
            ask(written, create=True)
        assert caught.value.candidates[0] == known


@pytest.mark.parametrize(
    ("name", "written"), [("Timbuktu", "Тимбукту"), ("Saint-Étienne", "saint etienne"), ("Łódź", "Lodz")]
)
def test_other_scripts_and_spellings(name: str, written: str):
    known = town(name, "ML")
    assert ask(written, "ML").town == known


def test_alternative_names_of_towns_and_places():
    known = town("Bourogne")
    known.names.create(name="Bourgne", kind="printed")
    assert (ask("BOURGNE").town, ask("BOURGNE").reason) == (known, "alternative name")
    place("Timbuktu", "ML", "Tombouctou", "تنبكتو", geonames=7)
    for written in ("Tombouctou", "تنبكتو"):
        assert ask(written, "ML").town.name == "Timbuktu"


def test_a_main_name_comes_before_another_places_alternative_name():
    place("Saint-Denis", insee="93066")
    place("Elsewhere", "FR", "Saint-Denis", insee="01001")
    assert ask("Saint-Denis").town.insee == "93066"


def test_the_country_must_agree():
    town("Alpha", "DE")
    assert "knows “Alpha” in FR" in refused("Alpha")
    assert "country is missing" in refused("Beta", None)


def test_overseas_france_is_france_by_its_own_code_too():
    cayenne = place("Cayenne", insee="97302", territory=territory("FR-973"))
    noumea = place("Nouméa", territory=territory("FR-NC"))
    assert ask("Cayenne", "GF").place == cayenne
    assert ask("Nouméa", "NC").place == noumea
    assert "does not lie in the territory" in refused("Cayenne", "GP")
    assert ask("Cayenne, Guyane", None).place == cayenne
    place("Cayenne", insee="21099", territory=territory("FR-21"))
    assert ask("Cayenne", "GF").place == cayenne


def test_without_a_country_only_a_name_that_is_once_in_the_world_is_safe():
    alone = town("Alphaville-am-See", "DE")
    assert ask("Alphaville-am-See", None).town == alone
    town("Alphaville-am-See")
    assert "country is missing" in refused("Alphaville-am-See", None)
    large = town("Beta", "DE", population=90_000)
    town("Gamma", "DE", population=900)
    assert ask("Beta", None).town == large
    town("Alphaville", "DE", population=900)
    assert ask("Alphaville", None).town.name == "Alphaville"
    assert "country is missing" in refused("Gamma", None)  # a short name, of which others may be called, too


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("name", ["Dijonvile", "Dijovnille", "Dijonvillle"])
def test_a_name_one_letter_off_is_taken_at_the_same_place_and_asked_about_elsewhere(name: str, create: bool):
    known = place("Dijonville", latitude=47.0, longitude=5.0)
    assert ask(name, create=create, latitude=47.01, longitude=5.0).place == known
    for said in ({}, {"latitude": 47.1, "longitude": 5.1}):
        with pytest.raises(Unmatched) as caught:
            ask(name, create=create, **said)
        assert caught.value.candidates == [known]
    assert (ask if create else refused)(name, create=create, latitude=49.0, longitude=5.0)
    with pytest.raises(Unmatched) as caught:  # two letters off
        ask("Doijnville", create=create)
    assert caught.value.candidates == [known]


@pytest.mark.parametrize(("name", "asked"), [("Dijonv", True), ("Djv", False)])
def test_a_name_of_six_letters_may_be_two_letters_off(name: str, asked: bool):
    known = place(name)
    with pytest.raises(Unmatched) as caught:
        ask(name.replace("j", "x").replace("v", "w"))
    assert caught.value.candidates == ([known] if asked else [])


def test_a_town_and_the_place_that_it_was_made_from_are_offered_once():
    place("Dijonville", geonames=7)
    known = town("Dijonville", geonames=7)
    with pytest.raises(Unmatched) as caught:
        ask("Dijonvile")
    assert caught.value.candidates == [known]


@pytest.mark.parametrize("create", [False, True])
def test_a_country_that_name_and_coordinates_contradict_is_asked_about(create: bool):
    known = town("Aabenraa", "DE", latitude=55.04, longitude=9.42)
    with pytest.raises(Unmatched, match="correct the country") as caught:
        ask("Aabenraa", create=create, latitude=55.05, longitude=9.42)
    assert caught.value.candidates == [known]
    assert (ask if create else refused)("Aabenraa", create=create, latitude=54.9, longitude=9.42)
    town("Aabenraa", latitude=55.2, longitude=9.42)
    assert ask("Aabenraa", create=create, latitude=55.05, longitude=9.42).town != known


@pytest.mark.parametrize("name", ["Dijonvile", "Par"])
def test_a_similar_name_elsewhere_of_another_level_or_too_short_is_no_candidate(name: str):
    place("Dijonville", "DE")
    town("Dijonville", level="department")
    place("Pari")
    assert ask(name, create=True).reason == "new"


def test_the_level_must_agree_and_a_region_is_no_municipality():
    territory("FR-BRE", name="Bretagne")
    region = town("Bretagne", level="region", governs=territory("FR-BRE"))
    commune = town("Bretagne")
    assert ask("Bretagne").town == commune
    assert ask("Bretagne", level="region").town == region
    assert refused("Bretagne", level="village")


def test_a_territory_tells_namesakes_apart_whatever_region_it_lay_in():
    territory("FR-21", level="department")
    for region in ("FR-D", "FR-BFC"):
        make(TerritoryParent, territory=territory("FR-21"), parent=territory(region))
    place("Francheville", insee="21284", territory=territory("FR-21"))
    place("Francheville", insee="69089", territory=territory("FR-69"))
    assert ask("Francheville", territory="FR-69").town.insee == "69089"
    for code in ("FR-21", "FR-D", "FR-BFC"):
        assert ask("Francheville", territory=code).town.insee == "21284"
    message = refused("Francheville")
    assert "Several places are named “Francheville”" in message
    assert "Francheville (FR-21, insee:21284); Francheville (FR-69, insee:69089)" in message
    assert refused("Francheville", territory="FR-BRE")


def test_coordinates_tell_namesakes_apart():
    place("Francheville", insee="21284", latitude=47.46, longitude=4.88)
    place("Francheville", insee="69089", latitude=45.74, longitude=4.76)
    place("Paris", insee="75056", latitude=48.85, longitude=2.35)
    near = {"latitude": 45.75, "longitude": 4.8}
    assert ask("Francheville", **near).town.insee == "69089"
    assert "Several places" in refused("Francheville", latitude=45.75)
    assert "Several places" in refused("Francheville", longitude=4.8)
    assert "The coordinates are not those of Francheville" in refused("Francheville", latitude=48.8, longitude=2.3)
    assert "seem to be exchanged" in refused("Francheville", latitude=4.8, longitude=45.75)
    assert "seem to be exchanged" in refused("Francheville", create=True, latitude=4.8, longitude=45.75)
    assert "are not those of" in refused("Francheville", create=True, latitude=48.8, longitude=2.3)  # known: not new


def test_of_namesakes_near_the_point_the_directorys_own_town_comes_first():
    place("Alpha", insee="21001", latitude=47.0, longitude=5.0, population=9000)
    known = town("Alpha", latitude=47.01, longitude=5.0)
    assert ask("Alpha", latitude=47.0, longitude=5.0).town == known


def test_of_namesakes_near_the_point_what_is_called_so_first_comes_before_what_is_called_so_besides():
    place("Beta", "FR", "Alpha", insee="21001", latitude=47.0, longitude=5.0)
    place("Alpha", insee="21002", latitude=47.1, longitude=5.0)
    assert ask("Alpha", latitude=47.0, longitude=5.0).town.insee == "21002"
    place("Gamma", "FR", "Beta", insee="21003", latitude=48.0, longitude=5.0)
    assert ask("Beta", latitude=48.0, longitude=5.0).town.insee == "21003"  # the only one there


@pytest.mark.parametrize(
    "written", ["Besançon (Espagne)", "Besançon (quartier Battant)", "Besançon, Vesoul", "Besançon (lycée Pasteur)"]
)
def test_at_the_point_what_is_known_to_be_something_else_is_asked_all_the_same(written: str):
    known = place("Besançon", insee="25056", latitude=47.24, longitude=6.02)
    place("Vesoul", insee="70550", latitude=47.62, longitude=6.15)
    point = {"latitude": 47.25, "longitude": 6.03}
    assert ask("Besançon (la Boucle)", **point).place == known
    with pytest.raises(Unmatched) as caught:
        ask(written, create=True, **point)
    assert known in caught.value.candidates


def test_a_point_where_nothing_of_the_country_lies_says_nothing():
    known = place("Alpha", insee="21001", latitude=47.0, longitude=5.0)
    place("Beta", "ML", latitude=12.0, longitude=-8.0)
    place("Gamma", insee="21002", latitude=47.2, longitude=5.2)
    assert ask("Alpha", latitude=12.0, longitude=-8.1).place == known  # in Mali
    assert ask("Alpha", latitude=-47.0, longitude=5.0).place == known  # in the sea
    assert "not those of Alpha" in refused("Alpha", latitude=47.2, longitude=5.9, create=True)  # near Gamma
    place("Alpha", "ML", latitude=12.1, longitude=-8.0)
    assert "not those of Alpha" in refused("Alpha", latitude=12.0, longitude=-8.1, create=True)  # or is that one meant?


def test_a_department_s_point_is_not_the_town_s():
    known = place("Alpha", insee="21284", latitude=47.3, longitude=5.0, coordinates_precision="territory")
    assert ask("Alpha", latitude=46.5, longitude=4.0).place == known


def test_population_and_size_tell_namesakes_apart():
    place("Kita", "ML", geonames=1, population=49_000)
    place("Kita", "ML", geonames=2, population=5_000)
    assert ask("Kita", "ML", population=45_000).town.geonames == 1
    assert ask("Kita", "ML", population=5_100).town.geonames == 2
    assert "Several places" in refused("Kita", "ML")
    place("Ségou", "ML", geonames=3, population=130_000)
    place("Segou", "ML", geonames=4, population=900)
    assert ask("Ségou", "ML").town.geonames == 3


def test_of_namesakes_of_about_one_size_none_is_safe():
    place("Oxford", "ML", geonames=1, population=11_345)
    place("Oxford", "ML", geonames=2, population=22_314)
    place("Oxford", "ML", geonames=3, population=3_000)
    assert "Several places" in refused("Oxford", "ML", population=11_756)
    assert ask("Oxford", "ML", population=3_100).town.geonames == 3
    assert "Several places" in refused("Oxford", "ML")


@pytest.mark.parametrize(("population", "taken"), [(12_000, None), (17_000, 1), (2_900, 2)])
def test_one_of_several_namesakes_has_nearly_the_population_that_the_file_says(population: int, taken: int | None):
    place("Oxford", "ML", geonames=1, population=20_000)
    place("Oxford", "ML", geonames=2, population=3_500)
    if taken is None:
        assert "Several places" in refused("Oxford", "ML", population=population)
    else:
        assert ask("Oxford", "ML", population=population).town.geonames == taken


def test_what_is_called_so_among_others_counts_where_it_is_the_larger_one():
    place("Halle (Saale)", "DE", "Halle", geonames=1, population=237_865)
    place("Halle", "DE", geonames=2)
    assert ask("Halle", "DE", population=236_991).town.geonames == 1
    place("Göhren", "DE", geonames=3, population=524)
    place("Ostseebad Göhren", "DE", "Göhren", geonames=4, population=1280)
    assert "Several places" in refused("Göhren", "DE")
    place("Eschenbach", "DE", geonames=7, population=9_000)
    place("Eschenbach am See", "DE", "Eschenbach", geonames=8, population=5_000)
    assert ask("Eschenbach", "DE").town.geonames == 7
    place("Köln", "DE", geonames=5, population=1_000_000)
    place("Porz", "DE", "Köln", geonames=6, population=110_000)
    assert ask("Köln", "DE").town.geonames == 5


def test_a_district_is_not_meant_for_its_size_alone():
    place("Buckow", "DE", geonames=1, population=40_146, level="district")
    place("Buckow", "DE", geonames=2, population=1_619)
    assert "Several places" in refused("Buckow", "DE")
    place("Salamanca", "ML", geonames=3, population=147_707, level="district")
    place("Salamanca", "ML", geonames=4, population=144_825)
    assert ask("Salamanca", "ML", population=144_949).town.geonames == 4


def test_another_name_of_a_village_is_not_enough():
    place("Kåge", "ML", "Køge", geonames=1, population=2_376)
    message = "“Køge” is only another name of Kåge (2,376, geonames:1), a small place"
    assert message in refused("Køge", "ML")
    assert message in refused("Køge", "ML", create=True)
    assert ask("Køge", "ML", population=2_400).town.geonames == 1
    place("Göteborg", "ML", "Gothenburg", geonames=2, population=580_000)
    assert ask("Gothenburg", "ML").town.geonames == 2
    town("Tanumshede", "ML", population=1_700).names.create(name="Tanum", kind="printed")
    assert ask("Tanum", "ML").reason == "alternative name"


@pytest.mark.parametrize(
    "written",
    ["Lund Municipality", "Gmina Lund", "Lund kommun", "Municipality of Lund", "London Borough of Lund", "Lund City"],
)
def test_what_kind_of_authority_a_town_is_may_stand_with_its_name(written: str):
    known = town("Lund")
    assert ask(written).town == known
    other = town(written)
    assert ask(written).town == other


def test_a_name_that_says_in_which_territory_it_lies_tells_namesakes_apart():
    savoie = town("Pringy", population=4000, territory=territory("FR-74", name="Haute-Savoie"))
    town("Pringy", population=90_000, territory=territory("FR-77", name="Seine-et-Marne"))
    assert ask("Pringy, Haute-Savoie").town == savoie
    assert ask("Pringy (Seine-et-Marne)").town != savoie
    assert ask("Pringy").town != savoie  # by far the largest
    assert "Several places are named" in refused("Pringy, Lower Saxony")  # which nobody knows: one of them, but which?


def test_one_of_two_territories_of_the_name_in_brackets_is_enough():
    department, region = (territory(f"FR-{code}", name="Savoie") for code in ("73", "SAV"))
    there, here = (town("Pringy", population=4000, territory=place) for place in (department, region))
    town("Pringy", population=90_000, territory=territory("FR-77"))
    assert "Several places" in refused("Pringy (Savoie)")
    Town.objects.filter(pk=here.pk).update(territory=None)
    assert ask("Pringy (Savoie)").town == there


def test_a_place_with_quite_another_population_is_asked_about():
    small = town("Allier", population=446)
    assert ask("Allier").town == small
    assert ask("Allier", population=2000).town == small
    assert "has not nearly that many inhabitants" in refused("Allier", population=342_729)
    assert "has not nearly that many inhabitants" in refused("Allier", population=342_729, create=True)
    Town.objects.update(latitude=43.2, longitude=0.1)
    assert ask("Allier", population=342_729, latitude=43.21, longitude=0.1).town == small


def test_a_commune_far_from_its_department_is_another_one():
    town("Allier", insee="65005", latitude=43.05, longitude=0.16, coordinates_precision="territory")
    place("Moulins", insee="03190", latitude=46.57, longitude=3.33)
    assert ask("Allier", latitude=43.9, longitude=0.2).town
    assert "The coordinates are not those of Allier" in refused("Allier", latitude=46.5, longitude=3.2)
    overseas = town(
        "Nuku-Hiva", insee="98731", latitude=-17.5, longitude=-149.5, coordinates_precision="territory"
    )  # whose islands lie far apart
    place("Ua-Pou", insee="98784", latitude=-9.4, longitude=-140.1)
    assert ask("Nuku-Hiva", latitude=-8.9, longitude=-140.1).town == overseas


@pytest.mark.parametrize(
    ("name", "written"),
    [("Rottenburg", "Rottenburg am Neckar"), ("Remseck am Neckar", "Remseck"), ("Leisi", "Leisi am See")],
)
def test_a_longer_or_shorter_name_is_taken_at_the_same_place(name: str, written: str):
    record = place(name, "DE", latitude=48.47, longitude=8.93)
    near = {"latitude": 48.48, "longitude": 8.94}
    match = ask(written, "DE", **near)
    assert (match.place, match.reason) == (record, "part of the name and coordinates")
    assert ask(written, "DE", create=True, **near).place == record
    assert refused(written, "DE")
    assert refused(written, "DE", latitude=48.7, longitude=8.93)


@pytest.mark.parametrize("written", ["Budapest District VIII", "Budapest VIII", "Budapest Nord", "Budapester"])
def test_a_part_of_a_place_is_not_the_place(written: str):
    place("Budapest", "DE", latitude=48.47, longitude=8.93)
    assert refused(written, "DE", latitude=48.47, longitude=8.93)
    place(written.replace("Budapest", "Szeged"), "DE", latitude=48.47, longitude=8.93)
    assert refused("Szeged", "DE", latitude=48.47, longitude=8.93)


def test_the_only_commune_of_a_name_is_meant():
    place("Alpha", insee="21001", geonames=1, population=300)
    place("Alpha", geonames=2, population=400)
    assert ask("Alpha").town.insee == "21001"


# What a row says against a namesake


def asked(*args: object, **said: object) -> list[object]:
    """Who may be meant, of a query that is a question."""
    with pytest.raises(Unmatched) as caught:
        ask(*args, **said)
    assert caught.value.question
    return caught.value.candidates


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    "written",
    [
        "Aachen (Kreis)",
        "Aachen (Kreis) (Aachen, Stadt)",
        "Landkreis Aachen",
        "Aachen, Landkreis",
        "Kreis Aachen",
        "Bezirk Aachen",
        "Aachen (Bezirk Mitte)",
        "Aachen County",
        "Province d'Aachen",
    ],
)
def test_a_county_or_district_is_not_the_town_of_its_name(written: str, create: bool):
    city = place("Aachen", "DE", geonames=1, population=250_000)
    with pytest.raises(Unmatched) as caught:
        ask(written, "DE", create=create)
    assert caught.value.candidates == [city]


def test_a_county_is_taken_for_words_that_say_so_and_the_town_is_not():
    city = place("Saarlouis", "DE", geonames=1, population=35_000)
    county = place("Landkreis Saarlouis", "DE", "Saarlouis", geonames=2, level="department", population=195_000)
    for written in ("Landkreis Saarlouis", "Saarlouis (Landkreis)", "Kreis Saarlouis", "Saarlouis, Landkreis"):
        assert ask(written, "DE").place == county, written
    for written in ("Saarlouis", "Saarlouis, Stadt", "Stadt Saarlouis"):
        assert ask(written, "DE").place == city, written


@pytest.mark.parametrize(
    "written", ["Département de la Côte-d'Or", "Côte-d'Or (département)", "Conseil général de Côte-d'Or"]
)
def test_words_of_level_name_the_authority_of_a_territory(written: str):
    department = territory("FR-21", name="Côte-d'Or", level="department")
    region = territory("FR-COD", name="Côte-d'Or")
    assert ask(written).town.governs == department
    assert ask("Conseil régional de Côte-d'Or").town.governs == region
    place("Côte-d'Or", population=900)
    assert ask(written).town.governs == department


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    "written", ["Comité de jumelage de Bad Vilbel", "Bad Vilbel (Partnerschaftsverein)", "Lycée Bad Vilbel"]
)
def test_an_organisation_is_not_the_town_in_its_name(written: str, create: bool):
    known = place("Bad Vilbel", "DE", geonames=1, population=34_000)
    assert "seems to be an organisation" in refused(written, "DE", create=create)
    assert asked(written, "DE", create=create) == [known]
    assert "seems to be an organisation" in refused("Frégate Surcouf", create=create)


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("written", ["Berlin (Spandau)", "Berlin (Bezirk Mitte)", "Berlin, Borough of Camden"])
def test_a_part_of_a_town_is_asked_about(written: str, create: bool):
    known = place("Berlin", "DE", geonames=1, population=3_600_000)
    assert asked(written, "DE", create=create)[0] == known


@pytest.mark.parametrize("written", ["Ahrensburg, Bad Vilbel", "Ahrensburg/Bad Vilbel", "Ahrensburg und Bad Vilbel"])
@pytest.mark.parametrize("create", [False, True])
def test_two_towns_in_a_cell_are_asked_about(written: str, create: bool):
    both = [place("Ahrensburg", "DE", geonames=1), place("Bad Vilbel", "DE", geonames=2)]
    assert set(asked(written, "DE", create=create)) == set(both)


def test_two_names_of_one_cell_that_are_one_known_name_are_no_two_towns():
    known = place("Neuss und Köln", "DE", geonames=1)
    place("Neuss", "DE", geonames=2)
    place("Köln", "DE", geonames=3)
    assert ask("Neuss und Köln", "DE").place == known
    other = place("Neuss und Köln", "DE", geonames=4)
    assert set(asked("Neuss und Köln", "DE")) == {known, other}


def test_a_town_that_lies_in_no_known_territory_may_be_meant_by_a_row_with_one():
    territory("DE-HE", name="Hessen")
    known = town("Freigericht", "DE")
    assert ask("Freigericht", "DE", territory="DE-HE").town == known
    Town.objects.update(territory=territory("DE-BY"))
    assert "does not lie in the territory" in refused("Freigericht", "DE", territory="DE-HE")


def test_a_number_or_postcode_beside_a_french_name_says_the_department():
    place("Saint-Denis", insee="93066", population=111_000)
    place("Saint-Denis", insee="97411", population=150_000)
    place("Saint-Denis", insee="30247", population=300)
    for written, insee in {
        "Saint-Denis (93)": "93066",
        "93200 Saint-Denis": "93066",
        "Saint-Denis (974)": "97411",
        "97400 Saint-Denis": "97411",
        "Saint-Denis 30": "30247",
    }.items():
        assert ask(written).town.insee == insee, written
    assert "Several places" in refused("Saint-Denis")
    assert "Several places" in refused("Saint-Denis (21)", create=True)
    place("Sainte-Anne", insee="97128", population=25_000)
    place("Sainte-Anne", insee="97226", population=24_000)
    assert ask("97227 Sainte-Anne").town.insee == "97226"
    place("Ajaccio", insee="2A004")
    place("Ajaccio", insee="21004")
    assert ask("20000 Ajaccio").town.insee == "2A004"


def test_a_place_outside_the_department_beside_its_name_is_not_meant():
    place("Quetigny", insee="21515", population=9000)
    assert ask("Quetigny (21)").town.insee == "21515"
    assert "does not lie in the department" in refused("Quetigny (71)", create=True)


def test_a_country_beside_the_name_counts_where_the_row_has_none():
    place("Ferndorf", "DE", geonames=1, population=900)
    place("Ferndorf", "IT", geonames=2, population=900)
    for written in ("Ferndorf, Germany", "Ferndorf (Allemagne)", "Ferndorf (D)", "Ferndorf Germany"):
        assert ask(written, None).town.geonames == 1, written
    assert ask("I-Ferndorf", "IT").town.geonames == 2
    assert [one.geonames for one in asked("Ferndorff, Germany", None)] == [1]
    assert asked("Ferndorf, Germany", "IT", create=True)


def test_a_state_beside_the_name_tells_namesakes_apart():
    texas, kansas = (territory(f"US-{code}", name=name) for code, name in (("TX", "Texas"), ("KS", "Kansas")))
    place("Abilene", "US", geonames=1, territory=texas, population=125_000)
    place("Abilene", "US", geonames=2, territory=kansas, population=6_400)
    place("Wareham", "GB", geonames=3, population=5_000)
    assert ask("Abilene, Kansas", "US").town.geonames == 2
    assert ask("Abilene, Texas", "US").town.geonames == 1
    assert ask("Abilene, Texas", None).town.geonames == 1
    assert refused("Wareham, Massachusetts", None, create=True)


def test_more_of_its_own_name_beside_a_name_is_understood():
    place("Lautertal (Odenwald)", "DE", "Lautertal", geonames=1, population=7_000)
    place("Lautertal", "DE", geonames=2, population=4_300)
    assert ask("Lautertal (Odenwald)", "DE").town.geonames == 1
    assert ask("Lautertal/Odenwald", "DE").town.geonames == 1
    place("Neustadt an der Weinstraße", "DE", "Neustadt", geonames=5, population=53_000)
    place("Neustadt", "DE", geonames=6, population=20_000)
    assert ask("Neustadt (Weinstraße)", "DE").town.geonames == 5
    holstein = territory("DE-SH", name="Schleswig-Holstein")
    place("Schönberg", "DE", geonames=3, territory=holstein, population=6_000)
    place("Schönberg", "DE", geonames=4, territory=territory("DE-MV"), population=90_000)
    assert ask("Schönberg (Holstein)", "DE").town.geonames == 3
    assert ask("Schönberg in Holstein", "DE").town.geonames == 3


def test_an_exact_main_name_comes_before_another_name_of_a_larger_place():
    place("Bayon", insee="54054", population=1_500)
    place("Bayonne", "FR", "Bayon", insee="64102", population=52_000)
    assert ask("Bayon").town.insee == "54054"
    place("Prats", "FR", "Bayonne", insee="01001", population=200_000)
    assert ask("Bayonne").town.insee == "64102"


def test_accents_tell_namesakes_apart_where_the_file_writes_them():
    place("Vire", insee="14762", population=1_100)
    place("Viré", insee="71584", population=1_900)
    assert ask("Viré").town.insee == "71584"
    place("Gace", geonames=3, population=5_000)
    place("Gacé", geonames=4, population=1_700)
    assert ask("Gace").town.geonames == 3
    assert "Several places" in refused("GACE")


def test_a_point_that_many_names_share_is_that_of_none():
    names = ("Alpha", "Beta", "Gamma", "Delta")
    known = [place(name, "ML", geonames=n, latitude=10.0 + n, longitude=-8.0) for n, name in enumerate(names, 1)]
    place("Tombouctou", "ML", geonames=9, latitude=16.8, longitude=-3.0)
    middle = {"latitude": 17.0, "longitude": -3.5}
    for number in (3, 4):
        queries = [TownQuery(name, "ML", **middle) for name in names[:number]]
        matcher = TownMatcher(queries, create=False)
        if number == 4:
            assert [matcher.resolve(query).place for query in queries] == known
        else:
            with pytest.raises(Unmatched, match="The coordinates are not those"):
                matcher.resolve(queries[0])


def test_longer_names_are_among_the_answers_and_are_not_invented_over():
    place("Vire", insee="14762", geonames=1, population=1_100, latitude=1.0, longitude=1.0)
    longer = place("Vire Normandie", insee="14999", geonames=2, population=17_000, latitude=48.8, longitude=-0.9)
    assert asked("Vire", latitude=48.4, longitude=-0.9) == [GazetteerPlace.objects.get(geonames=1), longer]
    GazetteerPlace.objects.filter(geonames=1).delete()
    assert asked("Vire") == [longer]
    assert asked("Vire", create=True) == [longer]


@pytest.mark.parametrize("written", ["SDIS de Montluçon", "Montluçon Agglo'pole", "Office Montluçon"])
def test_what_has_a_known_name_in_it_is_not_invented(written: str):
    known = place("Montluçon", insee="03185")
    assert asked(written, create=True) == [known]


def test_a_place_of_a_like_name_at_the_point_is_asked_about_before_one_is_invented():
    known = place("Kulikoro", "ML", geonames=1, latitude=12.86, longitude=-7.56)
    point = {"latitude": 12.87, "longitude": -7.56}
    assert asked("Koulikoroba", "ML", create=True, **point) == [known]
    assert ask("Sébénikoro", "ML", create=True, **point).reason == "new"
    assert ask("Koulikoroba", "ML", create=True, latitude=14.0, longitude=-7.56).reason == "new"


def test_a_point_in_another_country_is_asked_about():
    known = place("Sigtuna", "SE", geonames=1, population=9_000, latitude=59.62, longitude=17.88)
    country("DE")
    point = {"latitude": 59.6333, "longitude": 17.8833}
    assert asked("Sigtuna Municipality", "DE", create=True, **point) == [known]
    assert "those of Sigtuna (9,000, geonames:1) in SE" in refused("Sigtuna", "DE", **point)
    assert ask("Sigtuna Municipality", "SE", **point).place == known


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    "written",
    ["12345", "<b>Neuss</b>", "https://www.example.org", "someone@example.org", "à définir", "Allemagne", "Total"],
)
def test_what_is_no_name_is_refused_whatever_is_allowed(written: str, create: bool):
    place("Neuss", "DE", geonames=1)
    assert refused(written, "DE", create=create)


def test_a_town_called_as_a_country_is_found():
    place("Peru", "DE", geonames=1)
    assert ask("Peru", "DE").town.geonames == 1
    assert "is a country" in refused("Mali", "ML", create=True)


def test_a_territory_is_meant_rather_than_what_is_called_so_besides():
    jersey = territory("US-NJ", name="New Jersey")
    place("Jersey City", "US", "New Jersey", geonames=1, population=290_000, territory=territory("US-NY"))
    assert ask("New Jersey", "US").town.governs == jersey
    somogy = territory("HU-SO", name="Somogy", level="department")
    place("Somogyvár", "HU", "Somogy", geonames=2, population=12_000)
    for written in ("Somogy", "Somogy megye"):
        assert ask(written, "HU").town.governs == somogy


def test_french_spellings_lead_to_their_communes():
    for number, name in enumerate(
        ("Sainte-Foy-lès-Lyon", "Boulogne-sur-Mer", "Le Mans", "Bourg-Saint-Maurice", "Lille")
    ):
        place(name, insee=f"5900{number}", population=20_000)
    for written, name in {
        "Ste-Foy-lès-Lyon": "Sainte-Foy-lès-Lyon",
        "Boulogne s/Mer": "Boulogne-sur-Mer",
        "Mans (Le)": "Le Mans",
        "Ville du Mans": "Le Mans",
        "Bourg St Maurice": "Bourg-Saint-Maurice",
        "59000 Lille": "Lille",
        "Lille Cedex 9": "Lille",
    }.items():
        assert ask(written, create=True).town.name == name


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("Landkreis Nirgendwo", "department"),
        ("Verbandsgemeinde Nirgendwo", "intermunicipal"),
        ("Nirgendwo", "municipality"),
    ],
)
def test_a_new_town_has_the_level_that_its_words_say(written: str, level: str):
    country("DE")
    assert ask(written, "DE", create=True).town.level == level
    assert ask(written, "DE", create=True, level="village").town.level == "village"


@pytest.mark.parametrize("said", [{"latitude": 12.0}, {"longitude": -8.0}])
def test_one_degree_alone_says_nothing(said: dict[str, float]):
    known = place("Lao", "ML", geonames=1, latitude=10.0, longitude=0.0)
    assert ask("Lao", "ML", **said).place == known


ODD = (
    "Berlin", "Berlin (Spandau)", "Kreis Berlin", "Bezirk Mitte, Berlin", "Stadt", "(Berlin)", "Berlin (", ", ,", "()",
    "F-", "D-10115 Berlin", "10115", "a.", "v. d.", "St", "Berlin/Berlin", "Berlin und Berlin", "und", "Germany",
    "Berlin, Germany", "Comité", "Comité de Berlin", "Berlin - Berlin - Berlin", "Le", "Ville de", "Ville de la",
    "Berlin\x1c(x)", "Kreis (" * 40, "de la " * 400, "\u202eBerlin", "ß", "Berlim", "Land Berlin", "Brlni",
)  # fmt: skip
"""Cells of which each is somebody's, or nobody's."""


@pytest.mark.parametrize("code", ["DE", None])
@pytest.mark.parametrize("create", [False, True])
def test_no_cell_is_too_odd_and_each_means_the_same_alone_and_among_others(code: str | None, create: bool):
    place("Berlin", "DE", "Berlino", geonames=1, population=3_600_000, latitude=52.5, longitude=13.4)
    place("Mitte", "DE", geonames=2, level="district", latitude=52.5, longitude=13.4)
    territory("DE-BE", name="Berlin")

    def answer(matcher: TownMatcher, query: TownQuery) -> tuple[object, ...]:
        try:
            match = matcher.resolve(query)
        except Unmatched as error:
            return str(error), *[(type(one), one.pk) for one in error.candidates]
        return match.reason, match.town.name, match.place and match.place.pk

    queries = [TownQuery(name, code) for name in ODD]
    together = TownMatcher(queries, create=create)
    for query in queries:
        assert answer(together, query) == answer(TownMatcher([query], create=create), query), query


# Towns that were merged or withdrawn


def test_a_merged_town_leads_to_its_survivor():
    survivor = town("Nouvelle", insee="21003")
    between = town("Entre", insee="21002")
    old = town("Ancienne", insee="21001", wikidata="Q21")
    old.names.create(name="Vieille")
    Town.objects.filter(pk=between.pk).update(publication="withdrawn", merged_into=survivor)
    Town.objects.filter(pk=old.pk).update(publication="withdrawn", merged_into=between)
    place("Ancienne", insee="21001")
    for query in (
        {"name": "Ancienne"},
        {"name": "Vieille"},
        {"codes": (("wikidata", "Q21"),)},
        {"codes": (("reference", old.reference),)},
        {"codes": (("insee", "21001"),)},
    ):
        assert ask(**query).town == survivor, query


def test_a_town_that_was_merged_before_it_was_public_leads_nowhere():
    old = town("Ancienne", wikidata="Q21", publication="draft")
    old.names.create(name="Vieille")
    Town.objects.filter(pk=old.pk).update(publication="withdrawn", merged_into=town("Nouvelle"))
    assert refused("Ancienne")
    assert refused("Vieille")
    assert refused("Ancienne", codes=(("wikidata", "Q21"),))
    assert "no town with the reference" in refused(codes=(("reference", old.reference),))


def test_a_chosen_place_stands_for_its_published_town_and_for_no_draft_of_it():
    record, query = place("Koulikoro", "ML", geonames=7), TownQuery("Kulikoro", "ML")
    town("Koulikoro", "ML", geonames=7, publication="draft")
    match = TownMatcher([query], create=False).of_place(record, query)
    assert (match.place, match.town.pk) == (record, None)
    Town.objects.update(publication="published")
    assert TownMatcher([query], create=False).of_place(record, query).town == Town.objects.get()


def test_a_withdrawn_town_is_not_chosen():
    gone = town("Alpha", publication="withdrawn")
    assert refused("Alpha")
    assert "no town with the reference" in refused(codes=(("reference", gone.reference),))


# Authorities of territories


def test_the_authority_of_a_territory():
    region = territory("FR-BRE", name="Bretagne")
    match = ask("Bretagne", level="region")
    assert (match.town.governs, match.town.level, match.town.pk) == (region, "region", None)
    stored = town("Région Bretagne", level="region", governs=region)
    assert ask("BRETAGNE").town == stored
    assert refused("Bretagne", level="department")
    assert refused("Bretagne", level="municipality")


def test_the_authority_that_is_only_a_draft_is_not_what_a_file_means():
    region = territory("FR-BRE", name="Bretagne")
    town("Région Bretagne", level="region", governs=region, publication="draft")
    match = ask("Bretagne", level="region")
    assert (match.town.governs, match.town.pk) == (region, None)


def test_a_department_and_a_region_of_one_name_need_the_level():
    territory("FR-974", name="La Réunion")
    territory("FR-974D", name="La Réunion", level="department")
    assert "add the level" in refused("La Réunion")
    assert ask("La Réunion", level="department").town.governs_id == "FR-974D"


def test_a_dissolved_territory_has_no_authority():
    territory("FR-D", name="Bourgogne", dissolved_on="2015-12-31")
    assert refused("Bourgogne", level="region")


# New towns


def test_queries_that_mean_the_same_new_town_make_one():
    queries = [
        TownQuery("Lao", "ML", latitude=12.0, longitude=-8.0),
        TownQuery("LAO", "ML", latitude=12.1, longitude=-8.1),
        TownQuery("Lao", "ML", codes=(("wikidata", "Q5"),)),
        TownQuery("Laou", "ML", codes=(("wikidata", "Q5"), ("geonames", "7"))),
        TownQuery("Lao", "ML", latitude=14.0, longitude=-8.0),
        TownQuery("Lao", "ML", codes=(("wikidata", "Q6"),)),
        TownQuery("Lao", "BF"),
    ]
    matcher = TownMatcher(queries, create=True)
    towns = [matcher.resolve(query).town for query in queries]
    assert [next(n for n, town in enumerate(towns) if town is made) for made in towns] == [0, 0, 0, 0, 4, 4, 6]
    assert [made.wikidata for made in towns] == ["Q5"] * 4 + ["Q6"] * 2 + [None]


def test_a_new_town_has_both_coordinates_or_none_and_no_foreign_code():
    assert ask("Lao", "ML", create=True, latitude=12.0).town.latitude is None
    assert "Only French towns" in refused("Lao", "ML", create=True, codes=(("insee", "99001"),))
    assert "no letters" in refused("---", "ML", create=True)
    assert "add the town's name" in refused("", "ML", create=True, codes=(("wikidata", "Q5"),))


# What an import keeps of it


def row(first: str, second: str, **cells: str) -> dict[str, str]:
    return {"kind": "twinning", "party_1": first, "country_1": "FR", "party_2": second, "country_2": "ML"} | cells


def test_printed_names_and_those_of_the_gazetteer_are_kept():
    place("Koulikoro", "ML", "Kulikɔrɔ", "Koulikoro", geonames=2454530)
    town("Quetigny")
    rows = [row("Quetigny", "Koulikoro"), row("QUETIGNY", "Kulikɔrɔ", kind="project")]
    assert outcomes(load("agreements", *rows)) == ["created"] * 2
    koulikoro = Town.objects.get(geonames=2454530)
    assert {(n.name, n.kind) for n in koulikoro.names.all()} == {
        ("Kulikɔrɔ", "alternative"),
        ("Koulikoro", "alternative"),
    }
    assert koulikoro.sources.get().title == "GeoNames"
    koulikoro.names.create(name="Koulikouro")
    Town.objects.filter(name="Quetigny").update(territory=territory("FR-21", name="Côte-d'Or"))
    place("Kayes", "ML", "Khay", geonames=9)
    load("agreements", row("Quetigny, Côte-d'Or", "Khay, Mali"))
    assert {n.name for n in Town.objects.get(geonames=9).names.all()} == {"Khay", "Khay, Mali"}
    assert [(n.name, n.kind) for n in Town.objects.get(name="Quetigny").names.all()] == [
        ("Quetigny, Côte-d'Or", "printed")
    ]


def test_the_number_of_queries_does_not_grow_with_the_names():
    for number in range(60):
        place(f"Place {number}", insee=f"{21000 + number}")
        territory(f"FR-{number}X", name=f"Land {number}")

    def queries(number: int) -> int:
        asked = [TownQuery(f"{kind} {n}", "FR") for n in range(number) for kind in ("Place", "Land", "Nowhere")]
        with CaptureQueriesContext(connection) as captured:
            matcher = TownMatcher(asked, create=True)
            for query in asked:
                matcher.resolve(query)
        return len(captured)

    assert queries(60) == queries(1)


def test_towns_are_made_once_for_many_rows():
    country("FR")
    place("Koulikoro", "ML", geonames=2454530)
    rows = [row(f"Town {n}", "Koulikoro") for n in range(30)]
    load(AgreementResource(create_towns=True), *rows)
    assert Town.objects.filter(geonames=2454530).count() == 1
    assert Town.objects.count() == 31


def test_a_country_that_the_directory_lacks_is_named():
    place("Koulikoro", "ML", geonames=2454530)
    imported = load(AgreementResource(create_towns=True), row("Alpha", "Koulikoro"))
    assert "There is no country “FR”" in imported.refused[0].faults[0].reason


def test_towns_merged_in_a_circle_lead_nowhere():
    first = town("Alpha", publication="withdrawn")
    second = town("Beta", publication="withdrawn", merged_into=first)
    Town.objects.filter(pk=first.pk).update(merged_into=second)
    assert refused("Alpha")
