"""Names of countries in files."""

import pycountry
import pytest
from babel import Locale
from django.utils import translation

from partnerships.places.country_names import ALIASES, country_code, nearest_country

NAMES = {
    "West Germany": "DE",
    "East Germany": "DE",
    "République fédérale d’Allemagne": "DE",
    "Deutschland": "DE",
    "Deutschland (Germany)": "DE",
    "Rép. tchèque": "CZ",
    "Rép. dominicaine": "DO",
    "Kingdom of Denmark": "DK",
    "Kingdom of the Netherlands": "NL",
    "People's Republic of China": "CN",
    "Republic of China": "TW",
    "中国": "CN",
    "State of Palestine": "PS",
    "Palestinian territories": "PS",
    "Palestinian National Authority": "PS",
    "Palestine": "PS",
    "Gaza Strip": "PS",
    "Republic of Ireland": "IE",
    "Northern Ireland": "GB",
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "UK": "GB",
    "The Gambia": "GM",
    "Ivory Coast": "CI",
    "Côte d'Ivoire": "CI",
    "Cote d’Ivoire": "CI",
    "Burma": "MM",
    "Zaire": "CD",
    "DR Congo": "CD",
    "Democratic Republic of the Congo": "CD",
    "Republic of the Congo": "CG",
    "Czech Republic": "CZ",
    "Macedonia": "MK",
    "Republic of Macedonia": "MK",
    "Swaziland": "SZ",
    "Cape Verde": "CV",
    "East Timor": "TL",
    "Vatican": "VA",
    "United States of America": "US",
    "États-Unis": "US",
    "Haute-Volta": "BF",
    "Россия": "RU",
    "مالي": "ML",
    "Kosovo": "XK",
    "Transnistria": "MD",
    " mali ": "ML",
    "ml": "ML",
    "MLI": "ML",
    "XK": "XK",
    "Guyane": "GF",
    "Stati Uniti d’America": "US",
    "Estados Unidos de América": "US",
    "Repubblica Ceca": "CZ",
    "Repubblica Slovacca": "SK",
    "Republika Czeska": "CZ",
    "Slowakische Republik": "SK",
    "Repubblica di San Marino": "SM",
    "Gran Bretagna": "GB",
    "Russische Föderation": "RU",
}

CAR_CODES_AND_ISO = {
    "D": "DE", "F": "FR", "I": "IT", "IRL": "IE", "RUS": "RU", "H": "HU", "UK": "GB", "uk": "GB", "CH": "CH", "B": "BE",
    "d": None, "f": None, "X": None, "SLO": "SI",
}  # fmt: skip
"""Codes of vehicles are written in capitals; a small letter is none."""

OF_PIECES = {
    "Italie (I)": "IT",
    "FR - France": "FR",
    "République tchèque (CZ)": "CZ",
    "Germany / Allemagne": "DE",
    "USA (Texas)": "US",
    "Royaume-Uni - Écosse": "GB",
    "Allemagne, Bavière": "DE",
    "España (Cataluña)": "ES",
    "Bayern (D)": "DE",
    "USA (Bavaria)": None,
    "Mali (France)": None,
    "FR/DE": None,
    "France (Xyz)": None,
    "Texas": None,
    "(I)": None,
}
"""Countries that are told twice, or beside a part of them. Another country's part makes none of it certain."""

# More than one country, several States' heir, or nothing at all.
NO_COUNTRY = [
    "Soviet Union",
    "Yugoslavia",
    "Czechoslovakia",
    "Tchécoslovaquie",
    "Austria-Hungary",
    "Austrian Empire",
    "Prussia",
    "Kingdom of Hungary",
    "Korea",
    "Kongo",
    "European Union",
    "t431453150",
    "ZZ",
    "Quetigny",
    "Mali (France)",
    "",
]


@pytest.mark.parametrize(("name", "code"), NAMES.items())
def test_known_name(name, code):
    assert country_code(name) == code


@pytest.mark.parametrize(("name", "code"), [*CAR_CODES_AND_ISO.items(), *OF_PIECES.items()])
def test_codes_of_vehicles_and_countries_told_twice(name: str, code: str | None):
    assert country_code(name) == code


@pytest.mark.parametrize("name", NO_COUNTRY)
def test_no_single_country(name):
    assert country_code(name) is None


@pytest.mark.parametrize(("language", "told"), [("en", "Germany"), ("fr", "Allemagne")])
def test_the_country_that_is_almost_called_so_is_named_in_the_language_of_the_page(language, told):
    with translation.override(language):
        assert nearest_country("Allemangne") == told


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_country_is_found_by_its_names(language):
    territories = Locale.parse(language).territories
    for country in pycountry.countries:
        assert country_code(territories[country.alpha_2]) == country.alpha_2
        assert country_code(country.name) == country.alpha_2
        assert country_code(country.alpha_3) == country.alpha_2


def test_aliases_name_one_country_each():
    listed = [name for names in ALIASES.values() for name in names.split("; ")]
    assert len(listed) == len(set(listed))
    for code, names in ALIASES.items():
        assert {country_code(name) for name in names.split("; ")} == {code}
