"""References of parties, and how what is not in the directory yet comes into it.

A party is named by a reference (`PartyRef`): “t12” and “o5” are stored; the others become one of those when what names
them is saved.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, Self

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext as _

from core.text import normalise

from ..choices import Level, Publication, TerritoryLevel
from ..models import GazetteerPlace, Organisation, OrganisationSource, Source, Territory, Town, TownSource

Actor = Town | Organisation | GazetteerPlace | Territory
"""Records that can be a party, or become one."""


class PartyKind(StrEnum):
    """Kind of what a party's reference names; its value is the letter that the reference begins with."""

    TOWN = "t"
    ORGANISATION = "o"
    PLACE = "g"
    """A place of the gazetteer."""
    TERRITORY = "r"
    """The authority of a territory."""
    NEW_TOWN = "n"
    """A local authority that a form or a file describes."""
    NEW_ORGANISATION = "m"
    """An organisation that a form or a file describes."""

    def ref(self, key: object) -> "PartyRef":
        """The reference of this kind with a key."""
        return PartyRef(self, str(key))


ACTOR_MODELS: Mapping[PartyKind, type[Actor]] = {
    PartyKind.TOWN: Town,
    PartyKind.ORGANISATION: Organisation,
    PartyKind.PLACE: GazetteerPlace,
    PartyKind.TERRITORY: Territory,
}
"""Models of the records that references name by their primary keys."""

_SPELLING = re.compile("([togp])([1-9][0-9]{0,17})|([ra])([0-9A-Za-z-]{2,10})|([nm])([0-9a-f]{1,32})")
_LETTERS = {kind.value: kind for kind in PartyKind} | {"p": PartyKind.PLACE, "a": PartyKind.TERRITORY}
"""Kinds by letter; imports wrote “p” and “a” until version 0.9, and what they remembered is read for ever."""
_ORDER = dict.fromkeys(PartyKind, 1) | {
    PartyKind.TOWN: 0,
    PartyKind.ORGANISATION: 2,
    PartyKind.NEW_ORGANISATION: 3,
}
"""Order of kinds within a party key."""


@lru_cache(maxsize=20_000)
def _parts(text: str) -> tuple[PartyKind, str]:
    """The kind and the key that a text spells, kept: a file has the same parties in many rows."""
    if match := _SPELLING.fullmatch(text):
        letter, key = filter(None, match.groups())
        return _LETTERS[letter], key
    raise ValueError(f"“{text}” is no reference of a party.")


class PartyRef(NamedTuple):
    """Reference of a party: its kind, and the primary key, or another key, of what it names.

    Written “t12”, “o5”, “g123”, “rFR-21”, “n0”: `str` writes it, `parse` reads it, and nothing else does either.
    """

    kind: PartyKind
    key: str

    def __str__(self) -> str:
        return self.kind + self.key

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reference that a text spells. Raises `ValueError`."""
        return cls(*_parts(text))

    @classmethod
    def of(cls, record: Actor) -> Self:
        """The reference of a stored record."""
        return next(cls(kind, str(record.pk)) for kind, model in ACTOR_MODELS.items() if isinstance(record, model))

    @classmethod
    def of_columns(cls, town: int | None, organisation: int | None) -> Self:
        """The reference of a stored party, by the two columns of which one is filled in."""
        return cls(PartyKind.TOWN, str(town)) if town else cls(PartyKind.ORGANISATION, str(organisation))

    @property
    def is_stored(self) -> bool:
        """True if it names a town or an organisation of the directory."""
        return self.kind in (PartyKind.TOWN, PartyKind.ORGANISATION)

    @property
    def is_town(self) -> bool:
        """True if what it names is, or becomes, a local authority."""
        return self.kind not in (PartyKind.ORGANISATION, PartyKind.NEW_ORGANISATION)

    @property
    def columns(self) -> dict[str, int]:
        """The column of a stored party, and its value, that the reference stands for."""
        return {"town_id" if self.kind is PartyKind.TOWN else "organisation_id": int(self.key)}

    @property
    def order(self) -> tuple[int, int, str]:
        """Sort key within a party key: towns first, then organisations, each by number, new ones last."""
        return (_ORDER[self.kind], len(self.key), self.key)


def party_key(refs: Iterable[PartyRef]) -> str:
    """The key that the database keeps of a set of parties: towns before organisations, by number."""
    return ",".join(map(str, sorted(set(refs), key=lambda ref: ref.order)))


def keys_among(kind: PartyKind, refs: Iterable[PartyRef]) -> list[str]:
    """The keys of the references of a kind, among some given."""
    return [ref.key for ref in refs if ref.kind is kind]


def actors_of(refs: Collection[PartyRef]) -> dict[PartyRef, Actor]:
    """The records that references name, with where they lie, in their order; without newcomers, and what is there no
    more."""
    found: dict[PartyRef, Actor] = {}
    for kind, model in ACTOR_MODELS.items():
        if keys := keys_among(kind, refs):
            records = with_location(model).in_bulk(keys)
            found |= {kind.ref(pk): record for pk, record in records.items()}
    return {ref: found[ref] for ref in refs if ref in found}


def with_location(model: type[Actor]) -> models.QuerySet[Any]:
    """All records of a model, with the country and the territory that they lie in."""
    return model._default_manager.select_related("country", *([] if model is Territory else ["territory"]))


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


def entered(ref: PartyRef, newcomers: Mapping[PartyRef, Newcomer], sources: Collection[int]) -> Town | Organisation:
    """The stored town or organisation that a reference to something new means; a draft where there was none.

    What is described by hand cites `sources`. Call it in a transaction, through ``workflow``. Raises `Unknown`.
    """
    if ref.kind is PartyKind.PLACE:
        place = GazetteerPlace.objects.filter(pk=ref.key).first()
        return _of_place(place) if place else _unknown()
    if ref.kind is PartyKind.TERRITORY:
        territory = Territory.objects.filter(pk=ref.key).first()
        return _of_territory(territory) if territory else _unknown()
    newcomer = newcomers.get(ref) or _unknown()
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
