"""Search: names in any spelling, alternative names, and typos where nothing else is found."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import translation

from coopdir.search import Suggestion, suggest_records
from core.lists.text_search import looked_up_once, typos_allowed, words
from networks.models import NetworkName
from networks.querysets import networks, support_bodies
from partnerships.models import Agreement, OrganisationName, Town, TownName
from partnerships.querysets import agreements, organisations, towns
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> dict[str, Agreement]:
    """Some agreements of the source document, with its printed names."""
    quetigny, bous = factories.town("Quetigny"), factories.town("Bous", "DE")
    koulikoro, timbuktu = factories.town("Koulikoro", "ML"), factories.town("Timbuktu", "ML")
    bourogne, saintes = factories.town("Bourogne"), factories.town("Saintes")
    lycee = factories.organisation("Lycée agricole de Quetigny-Plombières")
    factories.make(TownName, town=bourogne, name="Bourgne", kind="printed")
    factories.make(TownName, town=timbuktu, name="Tombouctou")
    factories.make(TownName, town=timbuktu, name="Тимбукту")
    factories.make(OrganisationName, organisation=lycee, name="EPL Quetigny")
    return {
        "three": factories.agreement(quetigny, koulikoro, bous, description_fr="Écoles, santé et forêt"),
        "printed": factories.agreement(bourogne, factories.town("Kolda", "BF")),
        "saintes": factories.agreement(saintes, timbuktu),
        "lycee": factories.agreement(lycee, factories.town("Ségou", "ML")),
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bourgne", ["printed"]),
        ("Bourogne", ["printed"]),
        ("tombouctou", ["saintes"]),
        ("TIMBUKTU", ["saintes"]),
        ("Тимбукту", ["saintes"]),
        ("koulikoro", ["three"]),
        ("koulikouro", ["three"]),
        ("quetini", ["lycee", "three"]),
        ("Quétigny", ["lycee", "three"]),
        ("segou", ["lycee"]),
        ("sègou", ["lycee"]),
        ("segpu", ["lycee"]),
        ("EPL", ["lycee"]),
        ("saintes", ["saintes"]),
        ("saint", ["saintes"]),
        ("tombuctou", ["saintes"]),
        ("tomobuctou", ["saintes"]),
        # Every word must be found, in whichever party.
        ("quetigny koulikoro", ["three"]),
        ("Bous-Quetigny", ["three"]),
        ("koulikoro quetini", ["three"]),
        ("quetigny tombouctou", []),
        # The description, without typos; a few letters must begin a word.
        ("ecoles", ["three"]),
        ("forêt koulikoro", ["three"]),
        ("bo", ["printed", "three"]),
        ("us", []),
        ("zzzz", []),
        ("%", []),
        ("", []),
    ],
)
def test_agreements(document: dict[str, Agreement], text: str, found: list[str]) -> None:
    names = {agreement.pk: name for name, agreement in document.items()}
    assert sorted(names[agreement.pk] for agreement in agreements().search(text)) == found


def test_a_reference_is_found(document: dict[str, Agreement]) -> None:
    agreement = document["three"]
    assert agreements().search(agreement.reference.lower()).get() == agreement


def test_towns_and_organisations_and_networks_and_support_bodies(document: dict[str, Agreement]) -> None:
    network = factories.network("UCLG", name_en="United Cities and Local Governments", name_fr="Cités unies")
    factories.make(NetworkName, network=network, name="CGLU")
    body = factories.support_body("Réseau de la Région Centre", acronym="CENTRAIDER")
    for text in ("uclg", "cglu", "cites unies", "united cities", "goverments"):
        assert networks().search(text).get() == network, text
    for text in ("centraider", "centrader", "reseau centre", body.reference):
        assert support_bodies().search(text).get() == body, text
    assert towns().search("bourgne").get().name == "Bourogne"
    assert towns().search("burogne").get().name == "Bourogne"
    assert organisations().search("lycee agricole").get().name == "Lycée agricole de Quetigny-Plombières"


def test_typos_never_dilute_what_is_found_as_it_stands(document: dict[str, Agreement]) -> None:
    factories.agreement(factories.town("Bourgogne"), factories.town("Kita", "ML"))
    assert {str(town) for town in towns().search("bourogne")} == {"Bourogne"}


def test_typos_are_forgiven_in_the_three_longest_words(document: dict[str, Agreement]) -> None:
    longest = "aaaaaaaaaa bbbbbbbbb cccccccc"
    with CaptureQueriesContext(connection) as three:
        towns().resembling(longest)
    with CaptureQueriesContext(connection) as more:
        towns().resembling(f"eeee {longest} ffff gggg")
    assert len(three) == len(more) > 0


def test_a_page_looks_a_misspelt_word_up_once(document: dict[str, Agreement]) -> None:
    with looked_up_once(), CaptureQueriesContext(connection) as first:
        found = list(towns().resembling("Kulikoro"))
        with CaptureQueriesContext(connection) as again:
            assert list(towns().resembling("Kulikoro")) == found
    assert "word_similarity_threshold" in str(first.captured_queries)
    assert "word_similarity_threshold" not in str(again.captured_queries)


def test_short_words_allow_no_typo() -> None:
    assert [typos_allowed(word) for word in ("bous", "bou", "segou", "kayes", "kayess")] == [1, 0, 1, 1, 2]
    assert len(words(" ".join(map(str, range(100, 200))))) == 6


def test_words_that_no_index_finds_are_few() -> None:
    assert words("a b c d Ville-e de la f g") == ["a", "b", "c", "ville"]
    assert words("Saint-Jean-de-la-Ruelle") == ["saint", "jean", "de", "la", "ruelle"]


def of(text: str) -> list[tuple[str, str]]:
    """Kind and title of the suggestions."""
    return [(suggestion.kind, suggestion.title) for suggestion in suggest_records(text)]


def test_suggestions(document: dict[str, Agreement]) -> None:
    factories.town("Mali-le-Vieux", population=10)
    factories.town("Maligny", population=100)
    network = factories.network("MALIN", name_en="Malicious Nets", name_fr="Malin")
    assert of("mali") == [
        ("country", "Mali"),
        ("network", network.acronym),
        ("town", "Maligny"),
        ("town", "Mali-le-Vieux"),
    ]
    assert of("ML")[0] == ("country", "Mali")
    assert of("tombouctou") == [("town", "Timbuktu")]
    assert of("bourgne") == [("town", "Bourogne")]
    assert of("quetini")[0] == ("town", "Quetigny")
    assert of("germny") == [("country", "Germany")]
    assert of("quetigny koulikoro") == [("agreement", "Quetigny – Koulikoro – Bous")]
    assert of(document["three"].reference.lower())[0] == ("agreement", "Quetigny – Koulikoro – Bous")
    assert of("lycée agricole")[0] == ("organisation", "Lycée agricole de Quetigny-Plombières")
    for nothing in ("", "!!!", "\0", "zzzzzz", "🧭"):
        assert of(nothing) == []
    with translation.override("fr"):
        assert of("allemagne") == [("country", "Allemagne")]


def test_a_name_of_its_own_comes_before_an_alternative_one_which_is_told(document: dict[str, Agreement]) -> None:
    luanda = factories.town("Luanda", "ML", population=2_000_000)
    luanda.names.create(name="Saint-Paul-de-Luanda")
    luanda.names.create(name="Loanda")
    factories.town("Saint-Paul", population=10)
    assert [(found.title, found.detail) for found in suggest_records("saint-paul")] == [
        ("Saint-Paul", "municipality · France"),
        ("Luanda", "also “Saint-Paul-de-Luanda” · municipality · Mali"),
    ]
    (exact,) = suggest_records("loanda")
    assert exact.detail.startswith("also “Loanda”")


def test_only_published_records_are_suggested(document: dict[str, Agreement]) -> None:
    Town.objects.filter(name="Bous").update(publication="withdrawn")
    assert of("bous") == []


@pytest.mark.urls(__name__)
def test_a_suggestion_knows_its_address(document: dict[str, Agreement]) -> None:
    assert [suggestion.url for suggestion in suggest_records("mali")] == ["/country/ml/"]
    (suggestion,) = suggest_records("bourogne")
    assert isinstance(suggestion, Suggestion)
    assert suggestion.url == f"/town/{Town.objects.get(name='Bourogne').address}/"


urlpatterns = [
    path("country/<str:code>/", lambda request, code: None, name="country"),
    path("town/<str:address>/", lambda request, address: None, name="town"),
]


def test_the_number_of_queries_does_not_grow(document: dict[str, Agreement]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            suggest_records("ville commune")
            list(agreements().search("ville commune").with_parties())
        return len(captured)

    factories.agreement(factories.town("Ville"), factories.town("Commune", "ML"))
    few = queries()
    for number in range(10):
        factories.agreement(factories.town(f"Ville {number}"), factories.town(f"Commune {number}", "ML"))
    assert queries() == few


def test_words_of_towns_are_found_by_the_indexes() -> None:
    """The planner must be able to use them; on a few rows it would not, so there are many and scans are closed."""
    france = factories.country()
    Town.objects.bulk_create(Town(name=f"Ville {number}", country=france) for number in range(1000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partnerships_town")
    town_named = Town.objects.filter(normalised__contains="koulikoro").order_by()
    beginning = Town.objects.filter(normalised__startswith="kou").order_by()
    like = Town.objects.filter(normalised__trigram_word_similar="koulikouro").order_by()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        contains = towns().having("koulikoro").order_by().explain()
        plans = [town_named.explain(), beginning.explain(), like.explain()]
    assert "town_normalised_trgm" in contains
    assert "townname_normalised_trgm" in contains
    assert "town_normalised_trgm" in plans[0]
    assert "town_normalised_prefix" in plans[1] or "town_normalised_trgm" in plans[1]
    assert "town_normalised_trgm" in plans[2]
