"""Autocomplete of parties in the form of an agreement, over more than a million names: towns and organisations of the
directory, places of the gazetteer, authorities of territories.

Names that begin with the text come first, from an index that answers in milliseconds; names with a word that begins
with it where these are few; names that resemble it only where there is nothing else. The normalised names are in Latin
letters as far as scripts can be transliterated; of others (Arabic, Chinese …) only beginnings are looked up, since
trigrams know nothing of them.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.lists.text_search import typos_allowed
from core.text import normalise

from ..choices import Level, Publication, TerritoryLevel
from ..models import (
    Country,
    GazetteerName,
    GazetteerPlace,
    Organisation,
    OrganisationName,
    Source,
    Territory,
    Town,
    TownName,
)
from .name_reading import read_name
from .party_refs import ACTOR_MODELS, Actor, PartyKind, PartyRef, keys_among, of_places, with_location

FEW = 8
"""With so many names that begin with the text, no others are looked for."""
_SHORT_QUERY_LENGTH = 3
"""Letters that are too few for other names, and for words within a name: tens of thousands begin with them, and what is
so short as a whole is a code."""
READ = 60
"""Records of each kind that are kept of each look-up."""
_LONG_NAME_LENGTH = 14
"""Letters from which on a name keeps half of its trigrams when two of them are wrong; and a third below that."""
TRIED = 7
"""Letters up to which all spellings that are one letter off are tried: a short word has no trigrams to spare."""

_MOST_READ = 5
"""Spellings of a name that are looked up."""

_WHOLE, _BEGINS, _WORD, _RESEMBLES = range(4)
"""Ranks of a match: the name is the text, begins with it, has a word that does, or resembles it."""

_CODE = re.compile(r"\d[\dAB]\d{3}", re.I)  # INSEE's of a commune: 21515, 2A004, 97411
_REFERENCE = re.compile(r"[TO][1-9]\d*", re.I)


@dataclass(frozen=True)
class ActorCandidate:
    """Candidate for a party; `detail` tells namesakes apart."""

    ref: PartyRef
    name: str
    detail: str
    in_directory: bool = False


def suggest_actors(text: str, limit: int = 10) -> list[ActorCandidate]:
    """Suggest parties for a text, best first: whole names, then beginnings; of these the directory's own before places
    of the gazetteer, large before small.

    What stands behind a comma or in brackets says where: “Francheville, Rhône”, “Paris (Texas)”.
    """
    name, where = _split(text)
    found = _Found()
    _by_code(text.strip(), found)
    candidates = _named(name, where, limit, found)
    *before, last = name.split() or [""]
    if not candidates and before and not where and _is_place(last):  # “Koulikoro Mali”
        candidates = _named(" ".join(before), last, limit, _Found())
    candidates = candidates or _spelt_out(text, limit)
    if not candidates:
        found = _Found()
        _resemble(normalise(name), found)
        candidates = found.candidates(limit, normalise(where))
    return candidates


def _named(name: str, where: str, limit: int, found: "_Found") -> list[ActorCandidate]:
    """Candidates with the name as it is written."""
    if wanted := normalise(name):
        _begin_with(wanted, found)
        if len(found) < FEW or where:
            _have_word(wanted, found)
    return found.candidates(limit, normalise(where))


def _spelt_out(text: str, limit: int) -> list[ActorCandidate]:
    """Candidates with the name as files are read: “Boulogne s/Mer”, “Mans (Le)”, “59000 Lille”, “Mairie de Lille”."""
    reading = read_name(text)
    where = reading.department or reading.postcode[:2] or next(iter(reading.looked_beside), "")
    found = _Found()
    for spelling in reading.spellings[:_MOST_READ]:
        _begin_with(spelling, found)
    return found.candidates(limit, where)


def _is_place(word: str) -> bool:
    """True if a country or a territory has this name."""
    named = Q(name_en__istartswith=word) | Q(name_fr__istartswith=word) | Q(code=word.upper())
    wanted = normalise(word)
    return bool(wanted) and (
        Country.objects.filter(named).exists() or Territory.objects.filter(normalised__startswith=wanted).exists()
    )


def describe(actors: Iterable[Actor]) -> Iterator[ActorCandidate]:
    """Records as candidates."""
    for actor in actors:
        yield _candidate(actor)


def known_sources(text: str, among: models.QuerySet[Source], limit: int = 8) -> list[Source]:
    """Known sources, among some given, with these words in their title or publisher, or at this address."""
    found = among
    if re.match(r"https?://", text):
        found = found.filter(url__startswith=text)
    else:
        for word in text.split()[:8]:
            found = found.filter(Q(title__icontains=word) | Q(publisher__icontains=word))
    return list(found.order_by("title")[:limit]) if text.strip() else []


def _split(text: str) -> tuple[str, str]:
    """A name, and where it is said to lie."""
    ends = [place for place in map(text.find, ",(") if place >= 0]
    cut = min(ends, default=len(text))
    return (text[:cut], text[cut + 1 :].rstrip().removesuffix(")")) if text[:cut].strip() else (text, "")


# Looking up


class _Found:
    """Found actors, with how well their names fit and how large they are; the first way in which one was found
    stands."""

    def __init__(self) -> None:
        self.order: dict[PartyRef, tuple[int, bool, int]] = {}

    def __len__(self) -> int:
        return len(self.order)

    def add(self, rows: Iterable[tuple[PartyRef, int, int | None]]) -> None:
        """Actors: reference, rank and size of each."""
        for ref, rank, size in rows:
            self.order.setdefault(ref, (rank, not ref.is_stored, -(size or 0)))

    def candidates(self, limit: int, where: str) -> list[ActorCandidate]:
        """The best of what was found."""
        refs = sorted(self.order, key=lambda ref: (*self.order[ref], str(ref)))
        if not where:
            refs = refs[: 2 * limit]  # some turn out to be the same, or to have a town already
        records = _records(refs)
        best = [records[ref] for ref in refs if ref in records and (not where or _lies(records[ref], where))]
        best = best[: 2 * limit]
        known = of_places((record for record in best if isinstance(record, GazetteerPlace)), published=True)
        found: dict[PartyRef, Actor] = {}
        for record in best:
            actor = known.get(record.pk, record) if isinstance(record, GazetteerPlace) else record
            found.setdefault(PartyRef.of(actor), actor)
        return list(describe(list(found.values())[:limit]))


def _records(refs: Collection[PartyRef]) -> dict[PartyRef, Actor]:
    """The records of actors that can be chosen, with where they lie, by reference."""
    found: dict[PartyRef, Actor] = {}
    for kind, model in ACTOR_MODELS.items():
        wanted = keys_among(kind, refs)
        if not wanted:
            continue
        records = with_location(model)
        if model is Territory:  # those whose authority is in the directory are found as a town
            governed = Town.objects.filter(publication=Publication.PUBLISHED, governs__in=wanted).values("governs")
            records = records.filter(dissolved_on=None).exclude(pk__in=governed)
        elif model is not GazetteerPlace:
            records = records.filter(publication=Publication.PUBLISHED)
        found |= {kind.ref(pk): record for pk, record in records.in_bulk(wanted).items()}
    return found


def _lies(record: Actor, where: str) -> bool:
    """True if a record lies in the place that was named with it."""
    country = record.country
    words = [country.name_en, country.name_fr, country.code] if country else []
    territory = None if isinstance(record, Territory) else record.territory
    words += [territory.name, territory.pk, territory.insee] if territory else []
    return any(f" {normalise(word)}".find(f" {where}") >= 0 for word in words if word)


_NAME_TABLES = {
    PartyKind.TOWN: (TownName, "town", "population", "AND publication = 'published'"),
    PartyKind.ORGANISATION: (OrganisationName, "organisation", "0", "AND publication = 'published'"),
    PartyKind.PLACE: (GazetteerName, "place", "population", ""),
}
"""Kinds with names of their own and others: the table of these, the column that joins it, what is large, and what can
be seen."""

HAVING = """
(SELECT '{letter}' || id, min(rank), max(size) FROM (
    (SELECT id, {size} AS size, CASE WHEN normalised = %(text)s THEN 0 ELSE %(rank)s END AS rank
    FROM {table} WHERE normalised {own} {published}
    ORDER BY 3, 2 DESC NULLS LAST LIMIT %(limit)s)
    UNION ALL
    (SELECT record.id, {size}, CASE WHEN name.normalised = %(text)s THEN 0 ELSE %(rank)s END
    FROM {names} AS name JOIN {table} AS record ON record.id = name.{owner}_id
    WHERE name.normalised {other} {published}
    ORDER BY 3, 2 DESC NULLS LAST LIMIT %(limit)s)
) AS found
GROUP BY id ORDER BY 2, 3 DESC NULLS LAST, 1 LIMIT %(limit)s)
"""
"""The records of a table whose own or other names fulfil a condition: whole names first, then large places."""

_CODED_NAMES_SQL = """
UNION ALL (SELECT '{territory}' || code, CASE WHEN normalised = %(text)s THEN 0 ELSE %(rank)s END, 0
FROM partnerships_territory WHERE normalised {own} LIMIT %(limit)s)
UNION ALL (SELECT '{organisation}' || id, 0, 0
FROM partnerships_organisation WHERE lower(acronym) = %(text)s LIMIT %(limit)s)
"""
"""Territories, which have one name, and organisations by their acronym."""


def _look_up(found: _Found, wanted: str, rank: int, own: str, other: str = "", more: str = "", **given: Any) -> None:
    """Add actors whose `own` or `other` name fulfils a condition."""
    parts = []
    for kind, (names, owner, size, published) in _NAME_TABLES.items():
        tables = {"table": ACTOR_MODELS[kind]._meta.db_table, "names": names._meta.db_table, "owner": owner}
        conditions = {"own": own, "other": other or own, "published": published}
        parts.append(HAVING.format(letter=kind.value, size=size, **conditions, **tables))
    more = more.format(own=own, territory=PartyKind.TERRITORY.value, organisation=PartyKind.ORGANISATION.value)
    with connection.cursor() as cursor:
        given |= {"text": wanted, "rank": rank, "limit": READ}
        cursor.execute("UNION ALL".join(parts) + more, given)
        found.add((PartyRef.parse(ref), rank, size) for ref, rank, size in cursor.fetchall())


def _begin_with(wanted: str, found: _Found) -> None:
    begins = "LIKE %(begins)s"
    few_letters = len(wanted) <= _SHORT_QUERY_LENGTH and wanted.isascii()
    other = "IS NULL" if few_letters else ""  # no other names
    _look_up(found, wanted, _BEGINS, begins, other, _CODED_NAMES_SQL, begins=f"{wanted}%")


def _have_word(wanted: str, found: _Found) -> None:
    if len(wanted) > _SHORT_QUERY_LENGTH and wanted.isascii():
        _look_up(found, wanted, _WORD, "LIKE %(word)s", word=f"% {wanted}%")


def _resemble(wanted: str, found: _Found) -> None:
    """Fuzzy search of names with a typo or two: short ones that are one letter off; then those that begin alike; then
    those that have most trigrams in common."""
    allowed = typos_allowed(wanted)
    if not allowed or not wanted.isascii():
        return
    if len(wanted) <= TRIED:
        _look_up(found, wanted, _RESEMBLES, "= ANY(%(spellings)s)", spellings=list(_one_letter_off(wanted)))
    if not len(found):
        beginning = wanted[: max(_SHORT_QUERY_LENGTH, len(wanted) // 3)]
        _compare(found, wanted, allowed, "LIKE %(begins)s", begins=f"{beginning}%")
    if not len(found) and allowed > 1:
        with transaction.atomic(), connection.cursor() as cursor:
            threshold = 1 / 2 if len(wanted) >= _LONG_NAME_LENGTH else 1 / 3
            cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(threshold)])
            _compare(found, wanted, allowed, "%% %(text)s")


def _compare(found: _Found, wanted: str, allowed: int, condition: str, **given: Any) -> None:
    """Add actors with a name that fulfils a condition and differs by no more letters than are allowed."""
    tables = []
    for kind, (names, owner, _size, _published) in _NAME_TABLES.items():
        for table, key in ((ACTOR_MODELS[kind], "id"), (names, f"{owner}_id")):
            name = table._meta.db_table
            tables.append(f"SELECT '{kind.value}' || {key}, normalised FROM {name} WHERE normalised {condition}")  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(tables), {"text": wanted, **given})
        rows = cursor.fetchall()
    ranks: dict[str, int] = {}
    # A name may be typed half: its beginning is compared, too, as long as the text or a letter longer or shorter.
    for length in (None, len(wanted), len(wanted) + 1, len(wanted) - 1):
        parts = [name[:length] for _ref, name in rows]
        for _part, distance, place in process.extract_iter(wanted, parts, scorer=OSA.distance, score_cutoff=allowed):
            (ref, _name), rank = rows[place], _RESEMBLES + 2 * distance + (length is not None)
            ranks[ref] = min(rank, ranks.get(ref, rank))
    order = sorted(ranks.items(), key=lambda entry: entry[1])
    best = {PartyRef.parse(ref): rank for ref, rank in order[:READ]}
    sizes: dict[PartyRef, int | None] = {}
    sized: dict[PartyKind, type[Town | GazetteerPlace]] = {PartyKind.TOWN: Town, PartyKind.PLACE: GazetteerPlace}
    for kind, model in sized.items():
        if keys := keys_among(kind, best):
            known = model._default_manager.filter(pk__in=keys).values_list("pk", "population")
            sizes |= {kind.ref(pk): size for pk, size in known}
    found.add((ref, rank, sizes.get(ref)) for ref, rank in best.items())


def _one_letter_off(wanted: str) -> set[str]:
    """All texts from which this one differs by a letter that is wrong, missing, surplus or swapped with the next."""
    letters = "abcdefghijklmnopqrstuvwxyz "
    splits = [(wanted[:place], wanted[place:]) for place in range(len(wanted) + 1)]
    found = {start + end[1:] for start, end in splits if end}
    found |= {start + end[1] + end[0] + end[2:] for start, end in splits if len(end) > 1}
    found |= {start + letter + end[1:] for start, end in splits if end for letter in letters}
    found |= {start + letter + end for start, end in splits for letter in letters}
    return found


def _by_code(text: str, found: _Found) -> None:
    """INSEE codes of communes and references of the directory."""
    asked: dict[str, tuple[PartyKind, ...]] = {}
    if _CODE.fullmatch(text):
        asked = {"insee": (PartyKind.TOWN, PartyKind.PLACE)}
    elif _REFERENCE.fullmatch(text):
        asked = {"reference": (PartyKind.TOWN, PartyKind.ORGANISATION)}
    for column, kinds in asked.items():
        for kind in kinds:
            keys = ACTOR_MODELS[kind]._default_manager.filter(**{column: text.upper()}).values_list("pk", flat=True)
            found.add((kind.ref(pk), _WHOLE, 0) for pk in keys)


# Telling apart


def _candidate(record: Actor) -> ActorCandidate:
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
    return ActorCandidate(PartyRef.of(record), record.name, detail, isinstance(record, Town | Organisation))
