"""Places of the gazetteer as truth: found by a point and a name, without the matcher that is measured."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np
from rapidfuzz import fuzz

from core.text import normalise
from partnerships.choices import CoordinatesPrecision, Level
from partnerships.models import GazetteerName, GazetteerPlace

from .rows import Place

EARTH = 6371.0
"""Radius in kilometres."""

AROUND = 15.0
"""Kilometres from a town's published point within which its place lies, if it bears the name."""

CLOSE = 6.0
"""The same for a place whose name is only alike."""

ALIKE = 88
"""Least likeness, of 100, of two names of one place."""

_KIND = re.compile(
    r"^((city|town|municipality|commune|urban municipality|(london |royal |metropolitan )?borough|city and borough"
    r"|city and county) of|gmina|grad) "
    r"| (municipality|commune|kommune|city|town|municipal unit|local municipality|parish|community"
    r"|borough)$"
)

_SAINT = re.compile(r"\b(sankt|saint|sainte|sint|szent|sveti|svaty) ")
_WHERE = re.compile(
    r" (am|an|a|ad|auf|bei|b|im|in|i|ob|o|unter|vor|v|d|zu|zur|upon|on|under|by|sur|s|sous|lez|les|de|del|della"
    r"|dello|di|do|da|dos|das|el|la|nad|n|pod|p|pri|na|aan|op|bij|ved)\b"
)


class Gazetteer:
    """All places with a point in arrays; their names are read as they are needed, some thousands at a time."""

    def __init__(self) -> None:
        """Read all places."""
        found = GazetteerPlace.objects.exclude(latitude=None).order_by("pk")
        columns = (
            "pk", "name", "level", "country", "territory__name", "insee", "geonames", "population",
            "latitude", "longitude",
        )  # fmt: skip
        read = found.values_list(*columns).iterator()
        self._places = {
            pk: Place(pk, name, level, country, territory or "", insee or "", geonames, population or 0, *point)
            for pk, name, level, country, territory, insee, geonames, population, *point in read
        }
        self.vague = set(
            found.filter(coordinates_precision=CoordinatesPrecision.TERRITORY).values_list("pk", flat=True)
        )
        """Keys of the communes that stand in the middle of their department."""
        exact = [place for place in self._places.values() if place.id not in self.vague]
        exact.sort(key=lambda place: place.latitude)
        self._ids = np.array([place.id for place in exact])
        self._latitudes, self._longitudes = np.radians([place.point for place in exact]).T

    def __getitem__(self, pk: int) -> Place:
        return self._places[pk]

    def get(self, pk: int | None) -> Place | None:
        """Place by its key, if it has a point."""
        return self._places.get(pk or 0)

    def all(self) -> Collection[Place]:
        """All places with a point."""
        return self._places.values()

    def near(self, point: tuple[float, float], within: float) -> dict[int, float]:
        """Kilometres from a point to each place within so many, by the place's key; the vague are left out."""
        latitude, longitude = np.radians(point)
        low, high = np.searchsorted(self._latitudes, [latitude - within / EARTH, latitude + within / EARTH])
        band = slice(low, high)
        half = (
            np.sin((self._latitudes[band] - latitude) / 2) ** 2
            + np.cos(self._latitudes[band]) * np.cos(latitude) * np.sin((self._longitudes[band] - longitude) / 2) ** 2
        )
        away = 2 * EARTH * np.arcsin(np.sqrt(np.minimum(half, 1)))
        inside = away <= within
        return dict(zip(self._ids[band][inside].tolist(), away[inside].tolist(), strict=True))

    def bearers(self, names: Iterable[str]) -> dict[str, dict[int, bool]]:
        """Keys of the places that bear normalised names, and whether it is their main one."""
        names = set(names)
        found: dict[str, dict[int, bool]] = defaultdict(dict)
        others = GazetteerName.objects.filter(normalised__among=names).values_list("normalised", "place_id")
        for name, pk in others.iterator():
            found[name][pk] = False
        main = GazetteerPlace.objects.filter(normalised__among=names).values_list("normalised", "pk")
        for name, pk in main.iterator():
            found[name][pk] = True
        return found

    def names(self, places: Iterable[int]) -> dict[int, list[str]]:
        """Normalised names of places, the main one first."""
        places = set(places)
        found: dict[int, list[str]] = defaultdict(list)
        for pk, name in GazetteerPlace.objects.filter(pk__among=places).values_list("pk", "normalised").iterator():
            found[pk].append(name)
        others = GazetteerName.objects.filter(place__pk__among=places).values_list("place_id", "normalised")
        for pk, name in others.iterator():
            found[pk].append(name)
        return found

    def meant(self, asked: list[tuple[str, str, tuple[float, float]]]) -> list[tuple[Place | None, bool]]:
        """The place of each name, country and point, and whether it bears that name; else it is called almost so."""
        around = [self.near(point, AROUND) for _name, _country, point in asked]
        names = self.names(pk for near in around for pk in near)
        bearers = self.bearers({form for name, _country, _point in asked for form in forms(name)})
        return [
            self._meant(name, country, near, names, bearers)
            for (name, country, _point), near in zip(asked, around, strict=True)
        ]

    def _meant(
        self,
        name: str,
        country: str,
        near: dict[int, float],
        names: dict[int, list[str]],
        bearers: dict[str, dict[int, bool]],
    ) -> tuple[Place | None, bool]:
        wanted = forms(name)
        found: list[tuple[tuple[float, ...], Place]] = []
        for pk, away in near.items():
            place = self[pk]
            if agreement := _agreement(wanted, names[pk], away):
                kind = place.level != Level.DISTRICT
                found.append(((agreement, kind, -round(away / 3), bool(place.insee), place.population), place))
        if country == "FR" and max((key[0] for key, _place in found), default=0) < 3:
            here = {self[pk].territory for pk in near if self[pk].country == "FR"}
            vague = [self[pk] for form in wanted for pk in bearers.get(form, ()) if pk in self.vague]
            found += [((2.5, 1, 0, 1, place.population), place) for place in vague if place.territory in here]
        if not found:
            return None, False
        (agreement, *_rest), place = max(found, key=lambda pair: pair[0])
        return place, agreement >= 2


def forms(name: str) -> list[str]:
    """A published name, normalised: as it is, without what stands behind a comma or in brackets, without its kind."""
    plain = [normalise(name), normalise(re.split(r"[,(]", name)[0])]
    return [form for form in dict.fromkeys([*plain, *(_KIND.sub("", form) for form in plain)]) if form]


def _agreement(wanted: list[str], names: list[str], away: float) -> float:
    """3 for the main name, 2 for another, 1 for one alike close by, 0 for none of them."""
    if names[0] in wanted:
        return 3
    if not set(wanted).isdisjoint(names):
        return 2
    if away <= CLOSE and any(alike(form, name) for form in wanted for name in names):
        return 1
    return 0


def alike(one: str, other: str) -> bool:
    """True for names that begin alike and are some letters apart, or of which one says besides where it lies."""
    shorter, longer = sorted((_SAINT.sub("st ", one), _SAINT.sub("st ", other)), key=len)
    if longer.startswith(f"{shorter} ") and _WHERE.match(longer[len(shorter) :]):
        return True
    return shorter[0] == longer[0] and fuzz.ratio(shorter, longer) >= ALIKE
