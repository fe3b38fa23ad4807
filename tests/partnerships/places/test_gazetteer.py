"""The gazetteer, from the real packages."""

import csv
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from partnerships.choices import CoordinatesPrecision, Level, NameKind
from partnerships.models import GazetteerName, GazetteerPlace, Territory
from partnerships.places import gazetteer
from partnerships.places.gazetteer import GazetteerRow, territory_name
from tests import factories

# Not all of them ask the database; but those that do are run first, and the places would be put together twice.
pytestmark = [pytest.mark.django_db, pytest.mark.long]


def rows(fixture: str) -> list[dict[str, str]]:
    """The rows of a file in `fixtures/`, without empty cells."""
    with (settings.BASE_DIR / "fixtures" / f"{fixture}.csv").open(newline="") as file:
        return [{column: cell for column, cell in row.items() if cell} for row in csv.DictReader(file)]


def french_territories() -> list[Territory]:
    """The regions and departments of France, not saved."""
    territories = []
    for row in rows("territories"):
        point = {column: float(row[column]) for column in ("latitude", "longitude") if column in row}
        columns = {"country": "country_id", "successor": "successor_id"}
        territories.append(Territory(**{columns.get(column, column): cell for column, cell in row.items()} | point))
    return territories


@pytest.fixture(scope="module")
def cities() -> dict[int, dict[str, Any]]:
    """The places of GeoNames as they are read."""
    return gazetteer.read_cities()


@pytest.fixture(scope="module")
def places(cities: dict[int, dict[str, Any]]) -> list[GazetteerRow]:
    """All places, as they are put together before anything is stored."""
    countries = {row["code"] for row in rows("countries")}
    with gazetteer._no_garbage_collection(), pytest.MonkeyPatch.context() as patch:  # as when they are loaded
        patch.setattr(gazetteer, "read_cities", lambda: dict(cities))
        return gazetteer.build({territory.code: territory for territory in french_territories()}, countries)


@pytest.fixture(scope="module")
def communes(places: list[GazetteerRow]) -> dict[str, GazetteerRow]:
    """The French communes by INSEE code."""
    return {place.insee: place for place in places if place.insee}


@pytest.fixture(scope="module")
def world(places: list[GazetteerRow]) -> dict[int, GazetteerRow]:
    """The places that GeoNames has, by its id."""
    return {place.geonames: place for place in places if place.geonames}


def test_every_commune_and_every_place_once(places, communes, world):
    assert len(communes) == 34_969
    assert len(world) == 234_908
    joined = [place for place in communes.values() if place.geonames]
    assert len(places) == len(communes) + len(world) - len(joined)
    assert len(joined) > 14_400


@pytest.mark.parametrize(
    ("insee", "name", "territory", "geonames"),
    [
        ("21515", "Quetigny", "FR-21", 2984775),
        ("59183", "Dunkerque", "FR-59", 3020686),
        ("86070", "Chauvigny", "FR-86", 3025809),
        ("90017", "Bourogne", "FR-90", 3030891),
        ("03185", "Montluçon", "FR-03", 2992292),
        ("75056", "Paris", "FR-75C", 2988507),
        ("13055", "Marseille", "FR-13", 2995469),
        ("69123", "Lyon", "FR-69", 2996944),
        ("91228", "Évry-Courcouronnes", "FR-91", 3019256),
        ("2A004", "Ajaccio", "FR-2A", 3038334),
        ("97411", "Saint-Denis", "FR-974", 935264),
        ("98735", "Papeete", "FR-PF", 4033936),
    ],
)
def test_commune_is_joined_to_its_place(communes, insee, name, territory, geonames):
    place = communes[insee]
    assert (place.name, place.territory, place.geonames) == (name, territory, geonames)
    assert place.country == "FR"
    assert place.level == Level.MUNICIPALITY
    assert place.precision == CoordinatesPrecision.PLACE
    assert place.population


def test_joined_communes_lie_in_their_department(communes):
    """No place was taken for a commune far away: none is degrees away from its department's seat."""
    seats = {territory.code: territory for territory in french_territories()}
    far = [
        place.name
        for place in communes.values()
        if place.geonames
        and place.territory not in ("FR-PF", "FR-973", "FR-NC", "FR-WF")  # these are larger than that
        and abs(place.latitude - seats[place.territory].latitude)
        + abs(place.longitude - seats[place.territory].longitude)
        > 2.5
    ]
    assert far == []


def test_commune_without_a_point_has_its_departments(communes):
    unknown = [place for place in communes.values() if not place.geonames]
    assert {place.precision for place in unknown} == {CoordinatesPrecision.TERRITORY}
    ain = next(place for place in unknown if place.territory == "FR-01")
    assert (ain.latitude, ain.longitude) == (46.2057, 5.2258)


def test_names(communes, world):
    def named(place: GazetteerRow) -> dict[str, str]:
        return dict(place.names)

    assert named(communes["59183"])["Dunkirk"] == NameKind.ALTERNATIVE
    assert named(communes["49023"])["Villedieu-la-Blouère"] == NameKind.FORMER  # merged into Beaupréau-en-Mauges
    timbuktu = world[2449067]
    assert timbuktu.name == "Timbuktu"
    assert "Tombouctou" in named(timbuktu)
    assert "TOM" not in named(timbuktu)  # its airport
    spellings = [gazetteer.normalise(name) for name in [timbuktu.name, *named(timbuktu)]]
    assert max(Counter(spellings).values()) == 1


def test_kinds_of_place(world):
    assert world[2977388].name == "Saint-Pol-sur-Mer"  # an associated commune of Dunkerque
    assert (world[2977388].level, world[2977388].territory) == (Level.VILLAGE, "FR-59")
    assert world[2999544].name == "L'Estaque"  # a district of Marseille
    assert world[2999544].level == Level.DISTRICT


@pytest.mark.parametrize(
    ("geonames", "country", "territory"),
    [
        (2454530, "ML", "ML-2"),  # Koulikoro
        (2945730, "DE", "DE-SL"),  # Bous
        (3165165, "IT", "IT-21"),  # Trino
        (1069166, "MG", "MG-T"),  # Antsirabe
        (5128581, "US", "US-NY"),  # New York
        (2643743, "GB", "GB-ENG"),  # London
    ],
)
def test_places_abroad_have_their_iso_region(world, geonames, country, territory):
    assert (world[geonames].country, world[geonames].territory) == (country, territory)


def test_iso_table_holds(cities):
    """The seat that proves each line of our table is where the line says, and the ISO code exists."""
    codes = {subdivision.code for subdivision in gazetteer.pycountry.subdivisions}
    found = {(city["countrycode"], city["admin1code"], city["name"]) for city in cities.values()}
    with gazetteer.ISO_CODES.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len({(row["country"], row["admin1"]) for row in table}) == len(table)
    for row in table:
        assert row["territory"] in codes
        assert row["territory"].startswith(row["country"] + "-")
        assert (row["country"], row["admin1"], row["seat"]) in found


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        ("ES-MC", "Murcia, Región de", "Región de Murcia"),
        ("SE-C", "Uppsala län [SE-03]", "Uppsala län"),
        ("BG-22", "Sofia (stolitsa)", "Sofia (stolitsa)"),
        ("DE-BY", "Bayern", "Bayern"),
    ],
)
def test_territory_name(code, name, said):
    assert territory_name(code, name) == said


class TestStore:
    """What is stored follows what is read."""

    @pytest.fixture(autouse=True)
    def countries(self):
        factories.territory("FR-21", level="department", insee="21")
        factories.country("ML")

    def commune(self, insee: str = "21515", **columns) -> GazetteerRow:
        return GazetteerRow(
            **{"name": "Quetigny", "level": "municipality", "country": "FR", "territory": "FR-21", "insee": insee}
            | columns
        )

    def city(self, geonames: int = 2454530, **columns) -> GazetteerRow:
        return GazetteerRow(
            **{"name": "Koulikoro", "level": "municipality", "country": "ML", "territory": None, "geonames": geonames}
            | columns
        )

    def test_again_keeps_ids_and_updates(self):
        gazetteer.store(
            [self.commune(names=[("Quetigny-lès-Dijon", "former")]), self.city(names=[("Kulikoro", "alternative")])]
        )
        before = dict(GazetteerPlace.objects.values_list("name", "pk"))
        assert gazetteer.store([self.city(population=64_128), self.commune(names=[("Cuetigny", "alternative")])]) == 1
        assert dict(GazetteerPlace.objects.values_list("name", "pk")) == before
        assert GazetteerPlace.objects.get(name="Koulikoro").population == 64_128
        assert list(GazetteerName.objects.values_list("place__name", "name")) == [("Quetigny", "Cuetigny")]

    def test_what_packages_no_longer_have_goes(self):
        gazetteer.store([self.commune(), self.city()])
        gazetteer.store([self.commune()])
        assert list(GazetteerPlace.objects.values_list("name", flat=True)) == ["Quetigny"]

    def test_an_identifier_that_moves(self):
        """A place of GeoNames is found to be a commune, then another one's, then none's."""
        gazetteer.store([self.commune(), self.commune("21999", name="Chevigny"), self.city(7, country="FR")])
        first = GazetteerPlace.objects.get(insee="21515").pk
        gazetteer.store([self.commune(geonames=7), self.commune("21999", name="Chevigny")])
        assert GazetteerPlace.objects.get(geonames=7).pk == first
        gazetteer.store([self.commune(), self.commune("21999", name="Chevigny", geonames=7)])
        assert GazetteerPlace.objects.get(geonames=7).insee == "21999"
        gazetteer.store([self.commune(), self.commune("21999", name="Chevigny"), self.city(7, country="FR")])
        assert GazetteerPlace.objects.get(geonames=7).insee is None
        assert GazetteerPlace.objects.count() == 3

    def test_awkward_text(self):
        name = 'Tab\there, back\\slash, "quote", new\nline'
        gazetteer.store([self.city(name=name)])
        assert GazetteerPlace.objects.get().name == name


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)], ids=["part", "whole"])
def test_command(capsys, monkeypatch, places, whole):
    """A load, once: then there is nothing to do, and indexes and foreign keys are as before."""
    if not whole:
        places = [place for place in places if place.territory == "FR-21" or place.country == "ML"]
        monkeypatch.setattr(gazetteer, "build", lambda territories, countries: places)
    communes = sum(place.insee is not None for place in places)
    assert communes > 600
    before = structure()
    for row in rows("countries"):
        factories.p.Country.objects.create(
            code=row["code"],
            alpha3=row["code"] + "X",
            name_en=row["code"],
            name_fr=row["code"],
            continent=row["continent"],
        )
    with pytest.raises(CommandError, match="fixtures"):
        call_command("load_gazetteer")
    Territory.objects.bulk_create(french_territories())
    call_command("load_gazetteer")
    assert f"{communes} of them French communes" in capsys.readouterr().out
    assert GazetteerPlace.objects.count() == len(places)
    assert GazetteerPlace.objects.filter(insee__isnull=False).count() == communes
    assert GazetteerPlace.objects.get(names__normalised="tombouctou", country="ML").geonames == 2449067
    assert Territory.objects.get(pk="IT-21").name == "Piemonte"
    assert Territory.objects.get(pk="FR-BFC").name == "Bourgogne-Franche-Comté"
    assert structure() == before
    call_command("load_gazetteer")
    assert "already" in capsys.readouterr().out


def structure() -> list[tuple[str, ...]]:
    """Indexes and constraints of the gazetteer's tables."""
    with gazetteer.connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'partnerships_gazetteer%'
            UNION SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid::regclass::text LIKE 'partnerships_gazetteer%' ORDER BY 1
            """
        )
        return cursor.fetchall()


def test_missing_package(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    with pytest.raises(gazetteer.PackageMissing, match="npm ci"):
        gazetteer.versions()
