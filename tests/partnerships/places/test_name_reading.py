"""A name is taken apart as cells write it: level words first, and nothing dropped that was not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerships.places.level_words import Meaning
from partnerships.places.name_reading import ARTICLES, LEADING, NO_NAMES, is_no_name, read_name

SPELLINGS = {
    "Ste-Foy-lès-Lyon": "sainte foy les lyon",
    "Bourg St Maurice": "bourg saint maurice",
    "St. Pölten": "sankt polten",
    "Boulogne s/Mer": "boulogne sur mer",
    "Bourg e/Bresse": "bourg en bresse",
    "Mans (Le)": "le mans",
    "Rochelle (La)": "la rochelle",
    "Vilbel, Bad": "bad vilbel",
    "Bad Homburg v. d. Höhe": "bad homburg vor der hohe",
    "Frankfurt a. M.": "frankfurt am m",
    "59000 Lille": "lille",
    "F-21000 Dijon": "dijon",
    "BP 12 21000 Dijon Cedex 9": "dijon",
    "Chauny 02300": "chauny",
    "Saint-Denis (93)": "saint denis",
    "Tours 37": "tours",
    "1. Dijon*": "dijon",
    "F-Chauny": "chauny",
    "Montluçon France": "montlucon",
    "Boulogne/Mer": "boulogne sur mer",
    "Neustadt in Holstein": "neustadt",
    "Ville du Mans": "le mans",
    "Département des Landes": "les landes",
    "Département de la Côte-d'Or": "cote d or",
    "Land de Rhénanie-Palatinat": "rhenanie palatinat",
    "La Ville de Dijon": "dijon",
}


@pytest.mark.parametrize(("written", "spelling"), SPELLINGS.items())
def test_a_name_is_looked_up_as_it_is_spelt_elsewhere(written: str, spelling: str):
    assert spelling in read_name(written).spellings


def test_a_letter_stands_for_a_word_only_with_its_full_stop():
    assert "frankfurt am m" not in read_name("Frankfurt a M").spellings
    assert "a coruna" in read_name("A Coruña").spellings


LEVELS = {
    "Landkreis Saarlouis": "department",
    "Saarlouis, Landkreis": "department",
    "Rochelle (Ville de la)": "municipality",
    "Aachen (Kreis) (Aachen, Stadt)": "department",
    "Oldenburg (Kreis) (Wildeshausen, Stadt)": "department",
    "Conseil départemental de la Côte-d'Or": "department",
    "powiat poznański": "department",
    "Vyškov okres": "department",
    "Kent County Council": "department",
    "Land de Rhénanie-Palatinat": "region",
    "Región de Murcia": "region",
    "Communauté de communes du Pays de Gex": "intermunicipal",
    "CA du Pays Basque": "intermunicipal",
    "Grenoble Métropole": "intermunicipal",
    "Bezirk Mitte, Berlin": "district",
    "18th district of Budapest": "district",
    "Mairie de Paris": "municipality",
    "Gmina Lund": "municipality",
    "Comité de jumelage de Bad Vilbel": "association",
    "Frégate Surcouf": "state-service",
    "Lycée Carnot": "school",
    "Klinikum Bremen": "hospital",
    "Bremen (Klinikum Nord)": "hospital",
    "Berlin (Spandau)": "",
    "Le Mans": "",
    "Region": "",
}
"""Level or kind of organisation that the words of a name say."""


def said(meaning: Meaning | None) -> str:
    """A meaning in a word."""
    return str(meaning.organisation or meaning.levels[0]) if meaning else ""


@pytest.mark.parametrize(("written", "level"), LEVELS.items())
def test_words_of_level_are_read_in_front_behind_and_beside(written: str, level: str):
    assert said(read_name(written).mentioned) == level


BESIDE = {
    "Berlin (Spandau)": ("Spandau",),
    "Berlin (Bezirk Mitte)": ("Bezirk Mitte",),
    "London, Borough of Camden": ("Borough of Camden",),
    "Ahrensburg, Bad Vilbel": ("Bad Vilbel",),
    "Neuss (jumelage rompu en 2004)": ("jumelage rompu en 2004",),
    "Abilene, Texas": ("Texas",),
    "Ferndorf, Germany": ("Germany",),
    "Oldenburg (Kreis) (Wildeshausen, Stadt)": ("Wildeshausen",),
    "Montluçon France": ("France",),
    "Saint-Étienne (Région Rhône-Alpes)": ("rhone alpes",),
    "New Jersey": (),
    "Bourg St Maurice": (),
    "Bourg Saint Maurice France": ("France",),
    "Mans (Le)": (),
    "Vilbel, Bad": (),
    "Saarlouis, Landkreis": (),
    "London, City of": (),
    "Saint-Denis (93)": (),
    "Dijon (Dijon)": (),
    "Dijon": (),
}


@pytest.mark.parametrize(("written", "beside"), BESIDE.items())
def test_what_stands_beside_a_name_is_kept_unless_it_was_understood(written: str, beside: tuple[str, ...]):
    assert read_name(written).beside == beside


@pytest.mark.parametrize("written", ["Berlin (Spandau)", "Neuss (jumelage rompu en 2004)", "Abilene, Texas"])
def test_a_name_without_what_stands_beside_it_is_not_the_whole_of_it(written: str):
    reading = read_name(written)
    assert reading.proper in reading.spellings
    assert reading.proper not in reading.whole
    assert reading.spellings[0] in reading.whole


@pytest.mark.parametrize(
    ("written", "postcode", "department"),
    [
        ("59000 Lille", "59000", ""),
        ("F - 59000 Lille", "59000", ""),
        ("Lille (59000)", "59000", ""),
        ("Lille, F-59000", "59000", ""),
        ("Chauny (02)", "", "02"),
        ("Saint-Denis (974)", "", "974"),
        ("Ajaccio (2a)", "", "2A"),
        ("Bourg (1)", "", ""),  # a footnote
        ("Bourg (Dép. 01)", "", "01"),
        ("Tours 37", "", "37"),
        ("Paris 13", "", "13"),
        ("Lille", "", ""),
    ],
)
def test_postcodes_and_numbers_of_departments(written: str, postcode: str, department: str):
    reading = read_name(written)
    assert (reading.postcode, reading.department) == (postcode, department)


def test_several_names_in_a_cell_are_each_told():
    assert read_name("Neuss und Köln").parts == ("neuss", "koln")
    assert read_name("Paris; Lyon").parts == ("paris", "lyon")
    assert read_name("Paris").parts == ()


@pytest.mark.parametrize(
    "written",
    ["12345", "<b>Neuss</b>", "https://www.example.org", "someone@example.org", "à définir", "A DEFINIR", "---", "n/a"],
)
def test_no_name_is_taken_for_one(written: str):
    assert is_no_name(written)


@pytest.mark.parametrize("written", ["Å", "Y", "Ville-d'Avray", "Townsville", "Norg", "Comté", "東京"])
def test_a_short_or_odd_name_is_a_name(written: str):
    assert not is_no_name(written)


WORDS = st.sampled_from(
    [*sorted(ARTICLES), *sorted(LEADING), *sorted(NO_NAMES), "Kreis", "Département de", "St", "v. d.", "s/", "e/", "a.",
     "Lyon", "Bad", "France", "F-", "59000", "2A", "93", "cedex", "BP 1", "1.", "*", "(", ")", "[", "]", ",", ";",
     " - ", "/", "&", " und ", "Comité", "megye", " ", "é", "\n"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map("".join) | st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=40))
def test_no_text_is_too_odd_to_be_read(text: str):
    reading = read_name(text)
    read_name.cache_clear()
    assert read_name(text) == reading
    assert all(reading.spellings)
    assert len(set(reading.spellings)) == len(reading.spellings) <= 36
    assert all(map(str.strip, reading.beside))
    assert not reading.spellings or is_no_name(text) or reading.proper in reading.looked_up


@pytest.mark.parametrize("unit", ["Kreis (", "(Kreis ", "a(b)", "a, ", "de la ", " ,", "a (dept 12) ", "st "])
def test_a_text_that_is_too_long_for_a_name_is_not_taken_apart(unit: str):
    reading = read_name("Ville " + unit * 5000 + "x")
    assert (len(reading.spellings), reading.beside, reading.meaning) == (1, (), None)
