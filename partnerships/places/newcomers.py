"""Towns that only a file knows: two rows mean the same one if a code, or name, place and level agree."""

from collections import defaultdict

from core.text import normalise

from ..choices import Level
from ..models import Town
from .evidence import NEAR, distance_of
from .namesakes import TownQuery


class Newcomers:
    """The new towns of a file, not saved."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str | None, ...], list[Town]] = defaultdict(list)
        self._by_code: dict[tuple[str, str], Town] = {}

    def of(self, query: TownQuery) -> Town:
        """The new town that a query means: one that was made before, or another."""
        codes = {scheme: int(code) if scheme == "geonames" else code for scheme, code in query.codes}
        for code in query.codes:
            if town := self._by_code.get(code):
                return town
        level = _level_of(query)
        namesakes = self._by_name[query.country, query.territory, level, normalise(query.name)]
        for town in namesakes:
            told_apart = any(getattr(town, scheme) not in (None, code) for scheme, code in codes.items())
            if not told_apart and (distance_of(query, town) or 0) <= NEAR:
                for scheme, own in codes.items():
                    setattr(town, scheme, own)
                self._by_code |= dict.fromkeys(query.codes, town)
                return town
        if query.country is None:
            raise LookupError("Nobody invents a town in no country.")
        town = Town(
            name=" ".join(query.name.split()),
            level=level,
            country_id=query.country,
            territory_id=query.territory,
            population=query.population,
            latitude=query.latitude if query.longitude is not None else None,
            longitude=query.longitude if query.latitude is not None else None,
            **codes,
        )
        namesakes.append(town)
        self._by_code |= dict.fromkeys(query.codes, town)
        return town


def _level_of(query: TownQuery) -> str:
    """The level of a new town: that of the row, or of the words of its name."""
    if query.level:
        return query.level
    meaning = query.reading.mentioned
    return meaning.levels[0] if meaning and meaning.levels else Level.MUNICIPALITY
