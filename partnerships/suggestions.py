"""Who is meant by a text in the form of an agreement, out of more than a million names: towns and organisations of the
directory, places of the gazetteer, authorities of territories.

Names that begin with the text come first, from an index that answers in milliseconds; names with a word that begins
with it where these are few; names that resemble it only where there is nothing else.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from rapidfuzz.distance import OSA

from coopdir.listing.words import typos_allowed
from coopdir.text import normalise

from .actors import of_places
from .choices import Level, Publication, TerritoryLevel
from .models import (
    GazetteerName,
    GazetteerPlace,
    Organisation,
    OrganisationName,
    Source,
    Territory,
    Town,
    TownName,
)

FEW = 8
"""With so many names that begin with the text, no others are looked for."""
SHORT = 3
"""Letters that are too few for other names, and for words within a name: tens of thousands begin with them, and what is
so short as a whole is a code."""
READ = 60
"""Records of each kind that are kept of each look-up."""
RESEMBLING = 0.35
"""Trigrams in common from which on a name may be a misspelling (``pg_trgm.similarity_threshold``)."""

WHOLE, BEGINS, WORD, RESEMBLES = range(4)
"""How a name has the text: it is the text, begins with it, has a word that does, or resembles it."""

_CODE = re.compile(r"\d[\dAB]\d{3}", re.I)  # INSEE's of a commune: 21515, 2A004, 97411
_REFERENCE = re.compile(r"[TO][1-9]\d*", re.I)


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant. `key` is that of an actor (``actors``); `detail` tells namesakes apart."""

    key: str
    name: str
    detail: str
    in_directory: bool = False


def suggest(text: str, limit: int = 10) -> list[Candidate]:
    """Who is probably meant, best first: whole names, then beginnings; of these the directory's own before places of
    the gazetteer, large before small.

    What stands behind a comma or in brackets says where: “Francheville, Rhône”, “Paris (Texas)”.
    """
    name, where = _split(text)
    words = name.split()
    found = _Found()
    _by_code(text.strip(), found)
    candidates = _named(name, where, limit, found)
    if not candidates and not where and len(words) > 1:  # “Koulikoro Mali”
        candidates = _named(" ".join(words[:-1]), words[-1], limit, _Found())
    if not candidates:
        found = _Found()
        _resemble(normalise(name), found)
        candidates = found.candidates(limit, normalise(where))
    return candidates


def _named(name: str, where: str, limit: int, found: "_Found") -> list[Candidate]:
    """Who is named so, as it is written."""
    if wanted := normalise(name):
        _begin_with(wanted, found)
        if len(found) < FEW or where:
            _have_word(wanted, found)
    return found.candidates(limit, normalise(where))


def describe(actors: Iterable[Town | Organisation | GazetteerPlace | Territory]) -> Iterator[Candidate]:
    """Records as candidates."""
    for actor in actors:
        yield _candidate(actor)


def known_sources(text: str, limit: int = 8) -> list[Source]:
    """The sources with these words in their title or publisher, or at this address."""
    found = Source.objects.all()
    if re.match(r"https?://", text):
        found = found.filter(url__startswith=text)
    else:
        for word in text.split()[:8]:
            found = found.filter(Q(title__icontains=word) | Q(publisher__icontains=word))
    return list(found.order_by("title")[:limit]) if text.strip() else []


def _split(text: str) -> tuple[str, str]:
    """A name, and where it is said to lie."""
    name, where = re.fullmatch(r"([^,(]*)[,(]?(.*?)\)?\s*", text, re.S).groups()
    return (name, where) if name.strip() else (text, "")


# Looking up


class _Found:
    """Keys of records by kind of record, with how well their names fit and how large they are; the first way in which
    something was found stands."""

    def __init__(self) -> None:
        self.order: dict[tuple[type[models.Model], int | str], tuple[int, bool, int]] = {}

    def __len__(self) -> int:
        return len(self.order)

    def add(self, model: type[models.Model], rows: Iterable[tuple[int | str, int, int | None]]) -> None:
        """Records of a kind: key, rank and size of each."""
        for key, rank, size in rows:
            self.order.setdefault((model, key), (rank, model not in (Town, Organisation), -(size or 0)))

    def candidates(self, limit: int, where: str) -> list[Candidate]:
        """The best of what was found."""
        keys = sorted(self.order, key=lambda key: (*self.order[key], str(key[1])))
        if not where:
            keys = keys[: 2 * limit]  # some turn out to be the same, or to have a town already
        records = {}
        for model in dict.fromkeys(model for model, _pk in keys):
            stored = _records(model).in_bulk([pk for kind, pk in keys if kind is model])
            records |= {(model, pk): record for pk, record in stored.items()}
        best = [records[key] for key in keys if key in records and (not where or _lies(records[key], where))]
        known = of_places(record for record in best[: 2 * limit] if isinstance(record, GazetteerPlace))
        found: dict[str, models.Model] = {}
        for record in best[: 2 * limit]:
            town = known.get(record.pk) if isinstance(record, GazetteerPlace) else None
            actor = town if town is not None and town.publication == Publication.PUBLISHED else record
            found.setdefault(_key(actor), actor)
        return list(describe(list(found.values())[:limit]))


def _records(model: type[models.Model]) -> models.QuerySet:
    """The records of a kind that can be chosen, with where they lie."""
    if model is Territory:  # those whose authority is in the directory are found as a town
        governed = Town.objects.filter(publication=Publication.PUBLISHED).exclude(governs=None).values("governs")
        return Territory.objects.filter(dissolved_on=None).exclude(pk__in=governed).select_related("country")
    records = model.objects.select_related("country", "territory")
    return records if model is GazetteerPlace else records.filter(publication=Publication.PUBLISHED)


def _lies(record: models.Model, where: str) -> bool:
    """Whether a record lies in the place that was named with it."""
    country = record.country
    words = [country.name_en, country.name_fr, country.code] if country else []
    territory = None if isinstance(record, Territory) else record.territory
    words += [territory.name, territory.pk, territory.insee] if territory else []
    return any(f" {normalise(word)}".find(f" {where}") >= 0 for word in words if word)


NAMED = """
SELECT id, min(rank), max(size) FROM (
    SELECT id, {size} AS size, CASE WHEN normalised = %(text)s THEN 0 ELSE %(rank)s END AS rank
    FROM {table} WHERE normalised {condition} {published}
    UNION ALL
    SELECT record.id, {size}, CASE WHEN name.normalised = %(text)s THEN 0 ELSE %(rank)s END
    FROM {names} AS name JOIN {table} AS record ON record.id = name.{owner}_id
    WHERE name.normalised {other_condition} {published}
) AS found
GROUP BY id ORDER BY 2, max(size) DESC NULLS LAST, id LIMIT %(limit)s
"""
"""The records of a table whose own or other names fulfil a condition: whole names first, then large places."""

KINDS = (
    (Town, TownName, "town"),
    (Organisation, OrganisationName, "organisation"),
    (GazetteerPlace, GazetteerName, "place"),
)


def _look_up(found: _Found, wanted: str, rank: int, condition: str, other_condition: str = "", **given: object) -> None:
    """Add what has a name that fulfils a condition."""
    with connection.cursor() as cursor:
        for model, names, owner in KINDS:
            cursor.execute(
                NAMED.format(
                    table=model._meta.db_table,
                    names=names._meta.db_table,
                    owner=owner,
                    size="0" if model is Organisation else "population",
                    published="" if model is GazetteerPlace else "AND publication = 'published'",
                    condition=condition,
                    other_condition=other_condition or condition,
                ),
                {"text": wanted, "rank": rank, "limit": READ, **given},
            )
            found.add(model, cursor.fetchall())


def _begin_with(wanted: str, found: _Found) -> None:
    begins = "LIKE %(begins)s"
    short = len(wanted) <= SHORT and wanted.isascii()
    _look_up(found, wanted, BEGINS, begins, "IS NULL" if short else begins, begins=f"{wanted}%")
    territories = Territory.objects.filter(normalised__startswith=wanted).values_list("pk", "normalised")[:READ]
    found.add(Territory, ((pk, WHOLE if name == wanted else BEGINS, 0) for pk, name in territories))
    acronyms = Organisation.objects.filter(acronym__iexact=wanted).values_list("pk", flat=True)[:READ]
    found.add(Organisation, ((pk, WHOLE, 0) for pk in acronyms))


def _have_word(wanted: str, found: _Found) -> None:
    if len(wanted) > SHORT or (len(wanted) == SHORT and not wanted.isascii()):
        _look_up(found, wanted, WORD, "LIKE %(word)s", word=f"% {wanted}%")


def _resemble(wanted: str, found: _Found) -> None:
    """Names but for a typo or two. One wrong letter is found by trying all: a short word has no trigrams to spare."""
    allowed = typos_allowed(wanted)
    if not allowed:
        return
    _look_up(found, wanted, RESEMBLES, "= ANY(%(spellings)s)", spellings=list(_one_letter_off(wanted)))
    if len(found) or allowed < 2:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(RESEMBLING)])
        for model, names, owner in KINDS:
            for table, key in ((model, "id"), (names, f"{owner}_id")):
                cursor.execute(
                    f"SELECT {key}, normalised FROM {table._meta.db_table} WHERE normalised %% %s",  # noqa: S608
                    [wanted],
                )
                near = ((pk, _distance(wanted, name, allowed)) for pk, name in cursor.fetchall())
                best = sorted((distance, pk) for pk, distance in near if distance <= allowed)
                found.add(model, ((pk, RESEMBLES + distance, 0) for distance, pk in best[:READ]))


def _one_letter_off(wanted: str) -> set[str]:
    """All texts from which this one differs by a letter that is wrong, missing, surplus or swapped with the next."""
    letters = "abcdefghijklmnopqrstuvwxyz "
    splits = [(wanted[:place], wanted[place:]) for place in range(len(wanted) + 1)]
    found = {start + end[1:] for start, end in splits if end}
    found |= {start + end[1] + end[0] + end[2:] for start, end in splits if len(end) > 1}
    found |= {start + letter + end[1:] for start, end in splits if end for letter in letters}
    found |= {start + letter + end for start, end in splits for letter in letters}
    return found


def _distance(wanted: str, name: str, allowed: int) -> int:
    """Wrong letters between a text and a name, or the name's beginning: it may be typed half."""
    return min(
        OSA.distance(wanted, part, score_cutoff=allowed)
        for part in {name, name[: len(wanted)], name[: len(wanted) + 1], name[: len(wanted) - 1]}
    )


def _by_code(text: str, found: _Found) -> None:
    """INSEE codes of communes and references of the directory."""
    asked = []
    if _CODE.fullmatch(text):
        asked = [(model, {"insee": text.upper()}) for model in (Town, GazetteerPlace)]
    elif _REFERENCE.fullmatch(text):
        asked = [(model, {"reference": text.upper()}) for model in (Town, Organisation)]
    for model, condition in asked:
        found.add(model, ((pk, WHOLE, 0) for pk in model.objects.filter(**condition).values_list("pk", flat=True)))


# Telling apart


def _key(record: models.Model) -> str:
    letter = {Town: "t", Organisation: "o", GazetteerPlace: "g", Territory: "r"}[type(record)]
    return f"{letter}{record.pk}"


def _candidate(record: models.Model) -> Candidate:
    """A record as it is offered: its name; kind, territory, country and population tell it from its namesakes."""
    if isinstance(record, Territory):
        level = Level.DEPARTMENT if record.level == TerritoryLevel.DEPARTMENT else Level.REGION
        parts = [level.label, record.country.name]
    elif isinstance(record, Organisation):
        parts = [record.get_kind_display(), record.territory, record.country]
    else:
        size = number_format(record.population, force_grouping=True) if record.population else ""
        kind = "" if record.level == Level.MUNICIPALITY else Level(record.level).label
        parts = [kind, record.territory, record.country, size and _("%(number)s inhabitants") % {"number": size}]
    detail = " · ".join(str(part) for part in parts if part)
    return Candidate(_key(record), record.name, detail, isinstance(record, Town | Organisation))
