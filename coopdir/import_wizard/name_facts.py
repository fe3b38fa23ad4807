"""Facts of names in files and of what they may mean, in words and on a map, as the pages of questions and verdicts show
them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.imports.models import ImportName
from partnerships.models import Country, Territory, Town
from partnerships.places.evidence import kilometres
from partnerships.places.party_refs import PartyKind, PartyRef, keys_among


@dataclass(frozen=True)
class NameCandidate:
    """A town or place that a name may stand for."""

    ref: PartyRef
    name: str
    level: str
    country: str
    territory: str
    population: int | None
    latitude: float | None
    longitude: float | None
    away: int | None
    address: str
    chosen: bool


def town_addresses(refs: Collection[PartyRef]) -> dict[PartyRef, str]:
    """The addresses of the pages of towns, among what names stand for."""
    found = Town.objects.filter(pk__in=keys_among(PartyKind.TOWN, refs))
    return {PartyRef.of(town): town.address for town in found}


def told_apart(name: str, where: str | None) -> str:
    """A name as it is remembered: with the code of its territory or country, since others have the name too."""
    return f"{name} ({where})" if where else name


def said_facts(
    said: Mapping[str, Any],
    countries: Mapping[str, Country],
    territories: Mapping[str, Territory],
    levels: Mapping[str, Any],
) -> list[tuple[str, str]]:
    """Facts that the file gives about a name, labelled: country, territory, level, codes, coordinates, population."""
    point = [said.get("latitude"), said.get("longitude")]
    told = [
        (_("country"), str(countries.get(said.get("country", "")) or said.get("country") or "")),
        (_("territory"), str(territories.get(said.get("territory", "")) or said.get("territory") or "")),
        (_("level"), str(levels.get(said.get("level", ""), ""))),
        (_("codes"), ", ".join(":".join(map(str, code)) for code in said.get("codes", ()))),
        (_("coordinates"), ", ".join(f"{degrees:.3f}" for degrees in point if degrees is not None)),
        (_("population"), str(said.get("population") or "")),
    ]
    return [(label, text) for label, text in told if text]


def kilometres_away(said: Mapping[str, object], candidate: Mapping[str, object]) -> int | None:
    """Distance in kilometres between a candidate and the file's coordinates; None if either is unknown."""
    start, end = (_point_of(one) for one in (said, candidate))
    return None if start is None or end is None else round(kilometres(start, end))


def _point_of(known: Mapping[str, Any]) -> tuple[float, float] | None:
    latitude, longitude = known.get("latitude"), known.get("longitude")
    return None if latitude is None or longitude is None else (latitude, longitude)


def map_points(name: ImportName, candidates: list[NameCandidate]) -> str:
    """Map data of the candidates and of the file's own coordinates, for the script of maps: as `/map.json` gives
    places.

    A candidate leads to its line in the table.
    """
    placed = [
        (one.longitude, one.latitude, one.name, f"#c{name.pk}-{one.ref}", one.territory or one.country)
        for one in candidates
        if one.latitude is not None and one.longitude is not None
    ]
    if not placed:
        return ""
    said = name.said
    if said.get("latitude") is not None and said.get("longitude") is not None:
        placed.append((said["longitude"], said["latitude"], f"“{said['name']}”", "", _("where the file says")))
    longitude, latitude, names, references, told = map(list, zip(*placed, strict=True))
    places = {"longitude": longitude, "latitude": latitude, "name": names, "reference": references, "country": told}
    ones = [1] * len(placed)
    points = {
        "places": places | {"towns": ones, "agreements": ones, "far": []},
        "arcs": {"from": [], "to": [], "agreements": [], "reference": []},
        "countries": {"code": [], "shape": [], "name": [], "agreements": []},
        "band": "place",
        "cell": 0.02,
        "left_out": 0,
    }
    return json.dumps(points, ensure_ascii=False, separators=(",", ":"))
