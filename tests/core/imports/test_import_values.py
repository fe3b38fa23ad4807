"""What stands in cells, as people and programs write it: it is read, or refused with what to write instead."""

import pytest

from core.imports.cells import ChoiceCell, DateCell, NumberCell, YesNoCell
from core.imports.mapping import suggest_columns
from core.imports.registry import resources
from partnerships.choices import Activity, FormalStatus, Kind, Level, OrganisationKind
from partnerships.imports import header_aliases
from partnerships.imports.lookups import a_country
from partnerships.models import Agreement, Theme
from partnerships.places.country_names import country_code
from tests.factories import make, territory, town
from tests.importing import load, outcomes, reasons


def refusal(widget: object, text: str) -> str:
    """Why a text is refused."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        widget.clean(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("1986", "1986"),
        ("1986.0", "1986"),
        ("1986-05", "1986-05"),
        ("05/1986", "1986-05"),
        ("5-1986", "1986-05"),
        ("24/05/1986", "1986-05-24"),
        ("24.5.1986", "1986-05-24"),
        ("24-05-1986", "1986-05-24"),
        ("1986/05/24", "1986-05-24"),
        ("19860524", "1986-05-24"),
        ("1986-05-24T00:00:00Z", "1986-05-24"),
        ("1986-05-24 00:00:00.000", "1986-05-24"),
        ("24/05/1986 10:30", "1986-05-24"),
        ("+1986-00-00T00:00:00Z", "1986"),
        ("1986-05-00", "1986-05"),
        ("24 mai 1986", "1986-05-24"),
        ("1er août 1986", "1986-08-01"),
        ("sept. 1986", "1986-09"),
        ("May 24th, 1986", "1986-05-24"),
        ("24-May-1986", "1986-05-24"),
        ("24. März 1986", "1986-03-24"),
        ("24 de mayo de 1986", "1986-05-24"),
    ],
)
def test_a_date_is_read_however_it_is_written(written: str, date: str):
    assert DateCell().clean(written) == date


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("24/05/86", "is not a date: write a year"),
        ("mai 86", "is not a date"),
        ("1986/87", "is not a date"),
        ("1986-1990", "is not a date"),
        ("depuis 1986", "is not a date"),
        ("jui 1986", "is not a date"),
        ("0000-00-00", "does not exist in the calendar"),
        ("31/02/1986", "does not exist in the calendar"),
        ("05/24/1986", "the day comes before the month here"),
        ("31556", "a day as spreadsheets count them, perhaps 1986-05-24"),
        ("99999", "is not a date"),
    ],
)
def test_what_may_be_another_date_is_refused(written: str, reason: str):
    assert reason in refusal(DateCell(), written)


@pytest.mark.parametrize(
    "written",
    ["1500", "1 500 hab.", "1\u202f500 habitants", "1.500", "1,500", "1'500", "1’500", "1500.0", "1500,00", "1500 EW"],
)
def test_a_number_of_people_is_read_however_it_is_written(written: str):
    assert NumberCell(unit=True).clean(written) == 1500


@pytest.mark.parametrize(
    "written", ["1,5 k", "2 k", "2 Mio.", "3 mille", "1.5", "12.34", "env. 1500", "1500?", "1 500,5"]
)
def test_a_number_of_other_things_is_refused(written: str):
    assert "write digits only" in refusal(NumberCell(unit=True), written)


@pytest.mark.parametrize(
    ("choices", "words", "written", "code"),
    [
        (Kind, header_aliases.KIND_ALIASES, "Jumelage", "twinning"),
        (Kind, header_aliases.KIND_ALIASES, "Partnerschaft", "twinning"),
        (Kind, header_aliases.KIND_ALIASES, "Hermanamiento", "twinning"),
        (Kind, header_aliases.KIND_ALIASES, "Sister City", "twinning"),
        (Kind, header_aliases.KIND_ALIASES, "Accord de coopération", "cooperation"),
        (Kind, header_aliases.KIND_ALIASES, "Freundschaft", "friendship"),
        (Kind, header_aliases.KIND_ALIASES, "Kontakt", "informal"),
        (FormalStatus, header_aliases.FORMAL_STATUSES, "en vigueur", "in-force"),
        (FormalStatus, header_aliases.FORMAL_STATUSES, "gekündigt", "terminated"),
        (FormalStatus, header_aliases.FORMAL_STATUSES, "firmado", "signed"),
        (Activity, header_aliases.ACTIVITIES, "Actif", "active"),
        (Activity, header_aliases.ACTIVITIES, "ruhend", "dormant"),
        (Activity, header_aliases.ACTIVITIES, "finalizado", "ended"),
        (Level, header_aliases.LEVELS, "Commune", "municipality"),
        (Level, header_aliases.LEVELS, "Landkreis", "department"),
        (Level, header_aliases.LEVELS, "EPCI", "intermunicipal"),
        (Level, header_aliases.LEVELS, "comunidad autónoma", "region"),
        (OrganisationKind, header_aliases.ORGANISATION_KINDS, "Verein", "association"),
        (OrganisationKind, header_aliases.ORGANISATION_KINDS, "ONG", "ngo"),
    ],
)
def test_codes_are_understood_in_four_languages(choices: type, words: dict[str, str], written: str, code: str):
    assert ChoiceCell(choices, words).clean(written) == code
    assert ChoiceCell(choices, words).clean(written.upper()) == code


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (Kind, header_aliases.KIND_ALIASES),
        (FormalStatus, header_aliases.FORMAL_STATUSES),
        (Activity, header_aliases.ACTIVITIES),
        (Level, header_aliases.LEVELS),
        (OrganisationKind, header_aliases.ORGANISATION_KINDS),
    ],
)
def test_words_are_those_of_one_code(choices: type, words: dict[str, str]):
    assert set(words) <= set(choices.values)
    widget = ChoiceCell(choices, words)
    for code, said in words.items():
        assert {widget.clean(word) for word in said.split("; ")} == {code}
    assert all(widget.clean(str(label)) == code for code, label in choices.choices)


def test_a_word_of_no_code_is_refused_with_the_codes():
    assert "use one of twinning, " in refusal(ChoiceCell(Kind, header_aliases.KIND_ALIASES), "mariage")


@pytest.mark.parametrize(
    ("name", "column", "written", "read"),
    [
        ("support_bodies", "services", "formation; observation", ["training", "observation"]),
        ("agreements", "code_1", "insee:21515, wikidata:Q90", [("insee", "21515"), ("wikidata", "Q90")]),
        ("agreements", "code_1", "insee:1004|insee:2a004", [("insee", "01004"), ("insee", "2A004")]),
        ("towns", "insee", "1004", "01004"),
        ("towns", "insee", "2a004", "2A004"),
    ],
)
def test_codes_are_read_as_spreadsheets_leave_them(name: str, column: str, written: str, read: object):
    assert resources()[name]().fields[column].widget.clean(written) == read


def test_a_word_that_another_column_has_is_refused_with_its_name():
    fields = resources()["agreements"]().fields
    assert "This is said in the column “activity”" in refusal(fields["formal_status"].widget, "Actif")
    assert "This is said in the column “formal_status”" in refusal(fields["activity"].widget, "en vigueur")
    assert "use one of unknown, draft" in refusal(fields["formal_status"].widget, "Emeritus")


@pytest.mark.django_db
def test_a_territory_is_known_by_what_its_country_calls_it():
    cote_d_or = territory("FR-21", level="department", name="Côte-d'Or")
    territory("FR-01", level="department", name="Ain")
    territory("DE-21", name="Einundzwanzig")
    town("Dijon", territory=cote_d_or)
    row = {"kind": "twinning", "party_1": "Dijon", "party_2": "Kati", "country_2": "ML"}
    town("Kati", "ML")
    for written in ("FR-21", "fr-21", "21", "021", "Cote d'Or"):
        imported = load("agreements", row | {"country_1": "France", "territory_1": written})
        assert outcomes(imported) in (["created"], ["unchanged"]), written
    for written, code in (("21", "DE"), ("1", "FR"), ("21", "ML")):
        assert outcomes(load("agreements", row | {"country_1": code, "territory_1": written})) != ["unchanged"]
    assert "There is no territory “21”" in reasons(load("agreements", row | {"country_1": "ML", "territory_1": "21"}))


def test_yes_and_no_in_four_languages():
    assert [YesNoCell().clean(text) for text in ("Ja", "sí", "VRAI", "oui", "1")] == [True] * 5
    assert [YesNoCell().clean(text) for text in ("nein", "No", "FAUX", "non", "0")] == [False] * 5


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Haute-Volta", "BF"), ("Zaïre", "CD"), ("ex-RDA", "DE"), ("Allmagne", "DE"), ("Lybie", "LY"),
        ("République du Mali", "ML"), ("Rép. tchèque", "CZ"), ("Rép. Dém. du Congo", "CD"), ("Congo (RDC)", "CD"),
        ("Republic of China", "TW"), ("République populaire de Chine", "CN"), ("Royaume du Maroc", "MA"),
        ("Allemagne (RFA)", "DE"), ("Ile Maurice", "MU"), ("Elfenbeinküste", "CI"), ("Países Bajos", "NL"),
        ("Kingdom of Hungary", None), ("France (Martinique)", None), ("Republic of", None),
    ],
)  # fmt: skip
def test_a_country_is_known_however_it_is_written(written: str, code: str | None):
    assert country_code(written) == code


@pytest.mark.django_db
def test_a_country_that_is_not_known_is_refused_with_the_remedy():
    for name in ("Yougoslavie", "Tchécoslovaquie", "URSS", "Preußen", "Corée"):
        assert "Several countries followed this State: write the one" in refusal(a_country(), name)
    assert refusal(a_country(), "Grèse").endswith("or its name today. Is “Greece” meant?")
    assert refusal(a_country(), "Atlantis").endswith("or its name today.")


HEADERS = [
    (
        "agreements",
        "Collectivité française;Département;Collectivité partenaire;Pays;Thématique;Année de début;Année de fin;Statut",
        "party_1 territory_1 party_2 country_2 themes signed ended formal_status",
    ),
    (
        "agreements",
        "Nom de la collectivité;Code INSEE;Ville jumelée;Pays de la ville jumelée;Date de jumelage",
        "party_1 code_1 party_2 country_2 signed",
    ),
    ("agreements", "US City;State;Sister City;Country;Year", "party_1 territory_1 party_2 country_2 signed"),
    (
        "agreements",
        "Deutsche Kommune;Bundesland;Partnerkommune;Land;Art der Verbindung;Jahr",
        "party_1 territory_1 party_2 country_2 kind signed",
    ),
    (
        "agreements",
        "Local Government;Prefecture;Sister City;Country of the partner;Date of affiliation",
        "party_1 territory_1 party_2 country_2 signed",
    ),
    (
        "agreements",
        "Municipio;Provincia;Ciudad hermana;País;Año;Observaciones",
        "party_1 territory_1 party_2 country_2 signed description",
    ),
    ("agreements", "Ville;Pays;Ville jumelle;depuis", "party_1 country_1 party_2 signed"),
    ("agreements", "Pays;Ville partenaire;Commune française", "country_2 party_2 party_1"),
    ("towns", "Nom de la commune;Code INSEE;Population municipale;Site internet", "name insee population website"),
    ("towns", "Gemeindename;Land;Bundesland;Einwohner;Breitengrad", "name country territory population latitude"),
    ("organisations", "Association;Sigle;Type;Pays;Site web", "name acronym kind country website"),
    ("networks", "Nom;Sigle;Portée;Date de création", "name_fr acronym scope founded"),
    ("support_bodies", "Réseau régional;Forme juridique;Missions", "name legal_status services"),
    ("memberships", "Netzwerk;Mitglied;seit;bis", "network member since until"),
]
"""Headers as national lists have them, and the columns that they are."""


@pytest.mark.parametrize(("name", "headers", "columns"), HEADERS)
def test_headers_of_national_lists_are_recognised(name: str, headers: str, columns: str):
    found = suggest_columns(headers.split(";"), resources()[name]())
    assert {header: column for header, (column, _reason) in found.items()} == dict(
        zip(headers.split(";"), columns.split(), strict=True)
    )


@pytest.mark.django_db
def test_themes_are_known_by_their_names_too():
    town("A"), town("B", "ML")
    make(Theme, code="water", name_en="Water", name_fr="Eau")
    make(Theme, code="health", name_en="Health", name_fr="Santé")
    row = {
        "kind": "Jumelage",
        "party_1": "A",
        "country_1": "France",
        "party_2": "B",
        "country_2": "Mali",
        "signed": "mai 1986",
    }
    assert outcomes(load("agreements", row | {"themes": "Eau ; santé"})) == ["created"]
    assert set(Agreement.objects.get().themes.values_list("code", flat=True)) == {"water", "health"}
    assert "There is no theme “Feu”: use one of health, water." in reasons(
        load("agreements", row | {"themes": "Feu", "signed": "1990"})
    )
