"""Towns and organisations that are not in the directory yet, and how they come into it.

An actor is named by a key. “t12” and “o5” are stored (see ``content``); the others become one of those when what names
them is saved: “g123” is a place of the gazetteer, “rFR-21” the authority of a territory, “n0” a newcomer: a party that
somebody describes by hand.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from core.text import normalise

from ..choices import Level, Publication, TerritoryLevel
from ..models import GazetteerPlace, Organisation, OrganisationSource, Source, Territory, Town, TownSource

GAZETTEER_SOURCES = {
    True: ("Découpage administratif français", "https://github.com/etalab/decoupage-administratif"),
    False: ("GeoNames", "https://www.geonames.org/"),
}
"""Sources that a town made from the gazetteer cites: title and address, for a place with an INSEE code and without."""

_DRAFT, _WITHDRAWN = Publication.DRAFT, Publication.WITHDRAWN


@dataclass(frozen=True)
class Newcomer:
    """A party that neither directory nor gazetteer knows: a local authority if it has a `level`, else an organisation
    of a `kind`. Only an organisation may do without a country."""

    name: str
    country: str = ""
    level: str = ""
    kind: str = ""
    territory: str = ""


class Unknown(Exception):
    """Error: there is no such place, territory or newcomer; the message says so."""


def town_of_place(place: GazetteerPlace, level: str = "") -> Town:
    """The town that a gazetteer place is, not saved."""
    return Town(
        name=place.name,
        level=level or place.level,
        country_id=place.country_id,
        territory_id=place.territory_id,
        insee=place.insee,
        geonames=place.geonames,
        population=place.population,
        latitude=place.latitude,
        longitude=place.longitude,
        coordinates_precision=place.coordinates_precision,
    )


def authority_of(territory: Territory) -> Town:
    """The department or region as an actor, not saved: its authority."""
    return Town(
        name=territory.name,
        level=Level.DEPARTMENT if territory.level == TerritoryLevel.DEPARTMENT else Level.REGION,
        country_id=territory.country_id,
        territory_id=territory.pk,
        governs_id=territory.pk,
        latitude=territory.latitude,
        longitude=territory.longitude,
    )


def keep_other_names(towns: Collection[int]) -> None:
    """Give towns, by key, the other names that the gazetteer has of their places."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO partnerships_townname (town_id, name, kind, language)
            SELECT DISTINCT ON (town.id, other.name) town.id, other.name, other.kind, ''
            FROM partnerships_town AS town
            JOIN partnerships_gazetteerplace AS place
                ON place.insee = town.insee OR (town.insee IS NULL AND place.geonames = town.geonames)
            JOIN partnerships_gazetteername AS other ON other.place_id = place.id
            WHERE town.id = ANY(%s)
            ON CONFLICT DO NOTHING
            """,
            [list(towns)],
        )


def of_places(places: Iterable[GazetteerPlace], *, published: bool = False) -> dict[int, Town]:
    """The town of each gazetteer place that has one, published before draft, by the place's key.

    Where the town was merged, the one that replaced it. Only those that are `published` are found by an index.
    """
    places = list(places)
    insee = {place.insee: place.pk for place in places if place.insee}
    geonames = {place.geonames: place.pk for place in places if place.geonames}
    found: dict[int, Town] = {}
    if not places:
        return found
    towns = Town.objects.filter(Q(insee__in=insee) | Q(geonames__in=geonames)).select_related("country", "territory")
    if published:
        towns = towns.filter(publication=Publication.PUBLISHED)
    for town in sorted(towns, key=lambda town: town.publication == _DRAFT):
        pk = insee.get(town.insee or "", geonames.get(town.geonames or 0))
        while isinstance(town.merged_into, Town):
            town = town.merged_into
        if pk is not None and town.publication != _WITHDRAWN:
            found.setdefault(pk, town)
    return found


def entered(key: str, newcomers: Mapping[str, Newcomer], sources: Collection[int]) -> Town | Organisation:
    """The stored town or organisation that a key of something new means; a draft where there was none.

    What is described by hand cites `sources`. Call it in a transaction, through ``workflow``. Raises `Unknown`.
    """
    if key[0] == "g":
        place = GazetteerPlace.objects.filter(pk=key[1:]).first()
        return _of_place(place) if place else _unknown()
    if key[0] == "r":
        territory = Territory.objects.filter(pk=key[1:]).first()
        return _of_territory(territory) if territory else _unknown()
    newcomer = newcomers.get(key) or _unknown()
    return _authority(newcomer, sources) if newcomer.level else _organisation(newcomer, sources)


def _unknown() -> NoReturn:
    raise Unknown(_("One of the parties is not known any more: choose it again."))


def _of_place(place: GazetteerPlace) -> Town:
    if there := of_places([place]).get(place.pk):
        return there
    town = town_of_place(place)
    town.publication = _DRAFT
    town.save()
    keep_other_names([town.pk])
    title, url = GAZETTEER_SOURCES[bool(place.insee)]
    source = Source.objects.filter(title=title, url=url).order_by("pk").first()
    TownSource.objects.create(town=town, source=source or Source.objects.create(title=title, url=url))
    return town


def _of_territory(territory: Territory) -> Town:
    there = Town.objects.filter(governs=territory).exclude(publication=_WITHDRAWN).order_by("-publication").first()
    if there:
        return there
    town = authority_of(territory)
    town.publication = _DRAFT
    town.save()
    return town


def _authority(new: Newcomer, sources: Collection[int]) -> Town:
    """A local authority by its description; one of the same name, place and level is the same."""
    own = {"country_id": new.country, "territory_id": new.territory or None, "level": new.level}
    there = Town.objects.filter(normalised=normalise(new.name), **own).exclude(publication=_WITHDRAWN)
    if town := there.order_by("-publication", "pk").first():
        return town
    town = Town.objects.create(name=new.name, publication=_DRAFT, **own)
    TownSource.objects.bulk_create(TownSource(town=town, source_id=source) for source in sources)
    return town


def _organisation(new: Newcomer, sources: Collection[int]) -> Organisation:
    """An organisation by its description; one of the same name, place and kind is the same."""
    own = {"country_id": new.country or None, "territory_id": new.territory or None, "kind": new.kind}
    there = Organisation.objects.filter(normalised=normalise(new.name), **own).exclude(publication=_WITHDRAWN)
    if organisation := there.order_by("-publication", "pk").first():
        return organisation
    organisation = Organisation.objects.create(name=new.name, publication=_DRAFT, **own)
    OrganisationSource.objects.bulk_create(
        OrganisationSource(organisation=organisation, source_id=source) for source in sources
    )
    return organisation
