"""Names of parties in a file of agreements, resolved to towns and organisations: by codes, verdicts and the matcher."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.database.copy import copy_rows
from core.imports.models import Decision, ImportBatch, ImportName, MatchVerdict
from core.imports.rows import ROWS_PER_CHUNK
from core.lists.json_records import survivor
from core.text import normalise

from ..choices import Publication
from ..models import GazetteerPlace, Organisation, Town
from ..places.matching import Match, TownMatcher
from ..places.namesakes import TownQuery
from ..places.party_refs import PartyKind, PartyRef, actors_of
from ..places.questions import Unmatched
from .verdicts import InForce, VerdictsInForce, verdict_ref


class NameResolver:
    """Matcher for the names in a file: resolves all of them, some thousand at a time."""

    def __init__(self, batch: ImportBatch, *, create: bool) -> None:
        """`create` allows towns and organisations that neither directory nor gazetteer knows."""
        self.batch = batch
        self.create = create
        self._organisations = Organisations(create)
        self._verdicts = VerdictsInForce(batch.user)

    def find(self, cursor: CursorWrapper) -> None:
        """Write an `ImportName` for each distinct name of the temporary table `import_said`."""
        ImportName.objects.filter(batch=self.batch).delete()
        with connection.chunked_cursor() as names:
            names.execute(
                """
                SELECT said.key, said.said, said.normalised, counted.number
                FROM (SELECT DISTINCT ON (key) * FROM import_said) AS said
                JOIN (
                    SELECT key, count(*) AS number, min(line) AS first FROM import_party GROUP BY key
                ) AS counted USING (key)
                ORDER BY said.said ->> 'country', said.normalised, counted.first, said.key
                """
            )
            chunk: list[tuple[str, dict[str, Any], str, int]] = []
            for key, said, normalised, number in fetched(names):
                said = said if isinstance(said, dict) else json.loads(said)
                if len(chunk) >= ROWS_PER_CHUNK and (said["country"], normalised) != (
                    chunk[-1][1]["country"],
                    chunk[-1][2],
                ):
                    self._write(cursor, chunk)
                    chunk = []
                chunk.append((key, said, normalised, number))
            self._write(cursor, chunk)

    def _write(self, cursor: CursorWrapper, chunk: list[tuple[str, dict[str, Any], str, int]]) -> None:
        found = self._resolved([said for _key, said, _normalised, _number in chunk])
        copy_rows(
            cursor,
            ImportName._meta.db_table,
            ("batch_id", "key", "said", "normalised", "rows", "target", *NameMatch._fields[1:]),
            (
                (
                    self.batch.pk,
                    key,
                    json.dumps(said, ensure_ascii=False),
                    normalised,
                    number,
                    str(answer.ref or ""),
                    answer.title[:300],
                    None if answer.made is None else json.dumps(answer.made, ensure_ascii=False),
                    answer.question,
                    answer.reason,
                    json.dumps(answer.candidates, ensure_ascii=False),
                    answer.verdict_id,
                )
                for (key, said, normalised, number), answer in zip(chunk, found, strict=True)
            ),
        )

    def _resolved(self, asked: list[dict[str, Any]]) -> list["NameMatch"]:
        keys = [verdict_key(said) for said in asked]
        verdicts = self._verdicts.on(keys)
        towns = [query_of(said) for said in asked if not said["organisation"] and (said["name"] or said["codes"])]
        matcher = TownMatcher(towns, create=self.create)
        found = []
        for key, said in zip(keys, asked, strict=True):
            try:
                found.append(self._one(said, matcher, verdicts.get(key)))
            except Unmatched as error:
                candidates = [candidate_of(record) for record in error.candidates]
                found.append(NameMatch(None, "", None, error.question, str(error), candidates))
        return found

    def _one(self, said: dict[str, Any], matcher: TownMatcher, in_force: InForce | None) -> "NameMatch":
        if in_force is not None:
            if in_force.decided is None:
                raise self._asked(said, matcher, in_force.verdicts)
            if answer := self._decided(said, in_force.decided):
                return answer._replace(verdict_id=in_force.decided.pk)
        if not (said["name"] or said["codes"]):
            raise Unmatched(_("The party has no name and no code."))
        if re.fullmatch(r"[QP]\d+", said["name"]):
            raise Unmatched(_("This is a Wikidata identifier, not a name: look the name up and write it."))
        if said["organisation"]:
            return self._organisations.resolve(said)
        return self._found(matcher.resolve(query_of(said)), said)

    def _asked(self, said: dict[str, Any], matcher: TownMatcher, verdicts: list[MatchVerdict]) -> Unmatched:
        """Question that is asked although verdicts exist: they contradict each other, or somebody wants to be asked."""
        named = actors_of([ref for ref in map(verdict_ref, verdicts) if ref])
        candidates = {ref: record for ref, record in named.items() if isinstance(record, Town | GazetteerPlace)}
        reason = _("You asked to decide on this name yourself.")
        if len(verdicts) > 1:
            told = [f"{verdict.title or verdict.get_decision_display()} ({verdict.by})" for verdict in verdicts]
            reason = _("Others decided differently: %s.") % " · ".join(told)
        if (said["name"] or said["codes"]) and not said["organisation"]:
            try:
                match = matcher.resolve(query_of(said))
                found = [record for record in (match.town, match.place) if record and record.pk][:1]
            except Unmatched as error:
                found = error.candidates
            candidates |= {PartyRef.of(record): record for record in found}
        return Unmatched(reason, candidates.values(), question=True)

    def _decided(self, said: dict[str, Any], verdict: MatchVerdict) -> "NameMatch | None":
        """Match by a verdict; None where its record or place no longer exists."""
        reason = _("decided")
        if verdict.decision == Decision.SKIP:
            told = _("It was decided to leave out the rows of this name.")
            if verdict.user_id != self.batch.user_id:
                told = _("%s decided to leave out the rows of this name.") % verdict.by
            return NameMatch(None, "", None, False, told, [])
        if verdict.decision == Decision.OTHER:
            return Organisations(create=True).resolve(said)
        if verdict.decision == Decision.NEW:
            return self._found(TownMatcher([], create=True).invented(query_of(said)), said)
        record = next(iter(actors_of([PartyRef.parse(verdict.target)]).values()), None)
        if isinstance(record, GazetteerPlace):
            match = TownMatcher([], create=False).of_place(record, query_of(said))
            return self._found(match, said)._replace(reason=reason)
        if not isinstance(record, Town | Organisation):
            return None
        kept = survivor(record)
        if kept.publication != Publication.PUBLISHED:
            return None
        return NameMatch(PartyRef.of(kept), kept.name, None, False, reason, [])

    def _found(self, match: Match, said: dict[str, Any]) -> "NameMatch":
        town = match.town
        if town.pk:
            return NameMatch(PartyRef.of(town), town.name, None, False, match.reason, [])
        made = {
            field.attname: getattr(town, field.attname)
            for field in Town._meta.local_concrete_fields
            if field.attname in MADE and getattr(town, field.attname) is not None
        }
        if match.place:
            ref = PartyRef.of(match.place)
        elif town.governs_id:
            ref = PartyKind.TERRITORY.ref(town.governs_id)
        else:
            # The first name that the town was found by; others may mean it too.
            ref = town.__dict__.setdefault("import_ref", PartyKind.NEW_TOWN.ref(verdict_key(said)))
        return NameMatch(ref, town.name, made, False, match.reason, [])


class NameMatch(NamedTuple):
    """Match of a name, as `ImportName` stores it (`target` is the reference)."""

    ref: PartyRef | None
    title: str
    made: dict[str, Any] | None
    question: bool
    reason: str
    candidates: list[dict[str, Any]]
    verdict_id: int | None = None


MADE = (
    "name", "level", "country_id", "territory_id", "governs_id", "insee", "geonames", "wikidata", "population",
    "latitude", "longitude", "coordinates_precision",
)  # fmt: skip
"""Columns that are kept of a town that is to be made."""


def candidate_of(record: Town | GazetteerPlace) -> dict[str, Any]:
    """A town or place that a name may stand for, as a question shows it."""
    return {
        "target": str(PartyRef.of(record)),
        "name": record.name,
        "level": record.level,
        "country": record.country_id,
        "territory": record.territory_id,
        "population": record.population,
        "latitude": record.latitude,
        "longitude": record.longitude,
    }


def said_of(said: dict[str, Any]) -> dict[str, Any]:
    """Description of a party in a row (its identifying columns), as JSON can hold it."""
    return {
        "name": said.get("party", ""),
        "organisation": said.get("type") == "organisation",
        "country": said.get("country"),
        "territory": said.get("territory"),
        "level": said.get("level"),
        "codes": [list(code) for code in said.get("code", ())],
        "latitude": said.get("lat"),
        "longitude": said.get("lon"),
        "population": said.get("population"),
    }


def query_of(said: dict[str, Any]) -> TownQuery:
    """Query for the town matcher, from the description of a party."""
    return TownQuery(
        name=said["name"],
        country=said["country"],
        territory=said["territory"],
        level=said["level"],
        codes=tuple(tuple(code) for code in said["codes"]),
        latitude=said["latitude"],
        longitude=said["longitude"],
        population=said["population"],
    )


def name_key(said: dict[str, Any]) -> str:
    """Hash of a description: equal for equal descriptions."""
    return hashlib.md5(repr(list(said.values())).encode(), usedforsecurity=False).hexdigest()


def verdict_key(said: dict[str, Any]) -> str:
    """The key under which a verdict on a name is remembered: what tells apart, not how it is spelt or how many live
    there. Points count to a tenth of a degree."""
    place = [said[name] and round(said[name], 1) for name in ("latitude", "longitude")]
    told = [said[name] for name in ("organisation", "country", "territory", "level", "codes")]
    return hashlib.md5(repr([normalise(said["name"]), *told, *place]).encode(), usedforsecurity=False).hexdigest()


def fetched(cursor: CursorWrapper, size: int = 2000) -> Iterator[tuple[Any, ...]]:
    """The rows of a cursor, some at a time."""
    while rows := cursor.fetchmany(size):
        yield from rows


@lru_cache(maxsize=100_000)
def normalised_name(name: str) -> str:
    """A name in its one spelling, kept: a file has the same names in many rows."""
    return normalise(name)


class Organisations:
    """Find the organisations of a file by reference, or by name and country."""

    def __init__(self, create: bool) -> None:
        self.create = create
        self._made: dict[tuple[str, str | None], NameMatch] = {}

    @cached_property
    def _known(self) -> tuple[dict[str, Organisation], dict[tuple[str, str | None], list[Organisation]]]:
        """The organisations of the directory: by reference; by each of their names, with their country and without."""
        by_reference: dict[str, Organisation] = {}
        by_name: dict[tuple[str, str | None], list[Organisation]] = defaultdict(list)
        for organisation in Organisation.objects.filter(publication=Publication.PUBLISHED).prefetch_related("names"):
            by_reference[organisation.reference] = organisation
            names = (organisation.name, organisation.acronym, *map(str, organisation.names.all()))
            for name in {normalise(name) for name in names} - {""}:
                for country in {organisation.country_id, None}:
                    by_name[name, country].append(organisation)
        return by_reference, by_name

    def resolve(self, said: dict[str, Any]) -> NameMatch:
        """Match of an organisation's name. Raises `Unmatched`."""
        by_reference, by_name = self._known
        for scheme, code in said["codes"]:
            if scheme == "reference":
                if known := by_reference.get(code):
                    return NameMatch(PartyRef.of(known), known.name, None, False, "identifier", [])
                raise Unmatched(_("There is no organisation with the reference %s.") % code)
        if not (name := normalise(said["name"])):
            raise Unmatched(_("An organisation is found by its name or its reference: write one."))
        found = by_name.get((name, said["country"]), [])
        if len(found) == 1:
            return NameMatch(PartyRef.of(found[0]), found[0].name, None, False, "name", [])
        if found:
            raise Unmatched(_("Several organisations have this name: write the reference of the one that is meant."))
        if made_before := self._made.get((name, said["country"])):
            return made_before
        if not self.create:
            raise Unmatched(
                _("The directory does not know this organisation: correct it or allow new ones."), question=True
            )
        made = {
            "name": " ".join(said["name"].split()),
            "country_id": said["country"],
            "territory_id": said["territory"],
        }
        key = hashlib.md5(repr((name, said["country"])).encode(), usedforsecurity=False).hexdigest()
        answer = NameMatch(PartyKind.NEW_ORGANISATION.ref(key), made["name"], made, False, "new", [])
        for country in {said["country"], None}:
            self._made.setdefault((name, country), answer)
        return answer
