"""Import of agreements: how rows find their parties and their records, and how they are written, for files of any
length.

Nothing is held for all rows at once but what is small: the rows lie in a file of their own, their names and who takes
part in temporary tables. The database brings rows of the same parties together, a chunk after the other is decided on.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Self

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from pyroaring import BitMap

from core.database.copy import copy_rows, insert_rows, update_rows
from core.imports.columns import Links
from core.imports.layouts import StrictResource
from core.imports.models import ImportBatch, ImportName, Outcome
from core.imports.rows import ROWS_PER_CHUNK, Row, Spool, chunks
from core.text import normalise

from .. import permissions
from ..agreements.fields import AGREEMENT_FIELDS
from ..choices import NameKind, PartyRole, Publication
from ..editing import rules
from ..editing.rules import Likeness
from ..models import (
    Agreement,
    AgreementSource,
    AgreementTheme,
    FundingContribution,
    Organisation,
    Party,
    Renewal,
    Source,
    Town,
    TownName,
)
from ..places.party_refs import GAZETTEER_SOURCES, keep_other_names
from ..querysets import agreements, sources
from .names import NameResolver, fetched, name_key, normalised_name, said_of, verdict_key
from .party_columns import OWN_PARTS, PARTY_COLUMN
from .row_rules import refuse_breaches


def is_town_key(key: str) -> bool:
    """True if the key of an actor (`ImportName.target`) is that of a town, not of an organisation."""
    return key[0] not in "om"


@dataclass(slots=True)
class PartyPlan:
    """A party as a row gives it: who (`ImportName.target` and its name), and the values of its own."""

    number: int
    key: str
    title: str
    values: dict[str, Any] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type["PartyPlan"], tuple[Any, ...]]:
        return PartyPlan, (self.number, self.key, self.title, self.values)

    @property
    def order(self) -> tuple[bool, bool, int, str]:
        """Sort key of the party within a party key: towns first, then organisations, each by number, new ones last."""
        return (not is_town_key(self.key), self.key[0] not in "to", len(self.key), self.key)

    def __str__(self) -> str:
        return self.title


class Before(NamedTuple):
    """A stored party, by its key, and the value of it that a row changes."""

    party: int
    value: Any

    def __str__(self) -> str:
        return str(self.value or "")


DatedParty = tuple[int, str, dict[str, Any]]
"""Number of a party in its row, its key, and its own values (`OWN_PARTS`)."""

MOST_REMEMBERED = 20_000
"""Parties, as rows write them, that are remembered while a file is read."""


class ForOfficers(StrictResource):
    """A layout that officers import within their territories, where nothing exists that they may not see."""

    user: Any = None

    @classmethod
    def places_of(cls, user: Any) -> frozenset[str] | None:
        """The territories in which a user may import; None if everywhere. Only those who publish import."""
        if user is None:  # the account is gone
            return frozenset()
        if permissions.is_administrator(user):
            return None
        return permissions.territories_of(user, permissions.PUBLISHERS)

    @classmethod
    def of(cls, batch: ImportBatch) -> Self:
        resource = super().of(batch)
        resource.user = batch.user or AnonymousUser()
        if resource.within is not None:
            for column in resource.fields.values():
                if isinstance(column, Links) and column.widget.part.model is Source:
                    column.widget.part.records = permissions.sources_seen_by(resource.user)
        return resource

    def sees(self, record: Any) -> bool:
        return self.within is None or permissions.may_see(self.user, record)


FILE_FIELDS = {one.column_name: one for one in AGREEMENT_FIELDS if one.in_files}
"""The agreement's own fields that files bring, by column."""

AGREEMENT_COLUMNS = ("id", "reference", "party_key", "publication", *(one.name for one in AGREEMENT_FIELDS))
AGREEMENT_DEFAULTS = {
    "reference": "coopdir_new_reference('A')",
    "publication": "'published'",
    **{one.name: one.default_sql for one in AGREEMENT_FIELDS if one.default_sql},
}
PARTY_TABLE = ("agreement_id", "position", "town_id", "organisation_id", "role", "joined", '"left"')


@lru_cache(maxsize=2000)
def _party_column(column: str) -> tuple[str, int] | None:
    """The part and the number of the party that a column is about."""
    match = PARTY_COLUMN.fullmatch(column)
    return (match[1], int(match[2])) if match else None


class AgreementImport(ForOfficers):
    """Agreements, one row each, with as many parties as there are: how they come in."""

    model = Agreement
    prefix = "A"
    in_chunks = True
    create_towns = False

    # What a batch decides

    def verdict_key(self, said: dict[str, Any]) -> str:
        return verdict_key(said)

    def guard(self, rows: list[Row]) -> None:
        """An agreement is written by those of whose territories a party is."""
        places = self._places({party.key for row in rows for party in row.held})
        if stored := [row.record.pk for row in rows if isinstance(row.record, Agreement)]:
            parties = Party.objects.filter(agreement__in=stored)
            own = parties.filter(
                Q(town__territory__in=self.within)
                | Q(town__governs__in=self.within)
                | Q(organisation__territory__in=self.within)
            )
            writable = set(own.values_list("agreement_id", flat=True))
        for row in rows:
            if isinstance(row.record, Agreement):
                within = row.record.pk in writable
            else:
                within = any(places[party.key] & self.within for party in row.held)
            if not within:
                row.refuse("party_1", _("None of the parties lies in your territory: only its own officers enter it."))

    def _places(self, keys: set[str]) -> dict[str, frozenset[str]]:
        """The territories in which actors lie or which they govern."""
        places: dict[str, frozenset[str]] = {}
        for letter, model, columns in (("t", Town, ("territory", "governs")), ("o", Organisation, ("territory",))):
            found = model.objects.filter(pk__in=[key[1:] for key in keys if key[0] == letter])
            for pk, *codes in found.values_list("pk", *columns):
                places[f"{letter}{pk}"] = frozenset(filter(None, codes))
        new = ImportName.objects.filter(batch=self.batch, target__in=keys - places.keys()).values_list("target", "made")
        for target, made in new:
            codes = ((made or {}).get("territory_id"), (made or {}).get("governs_id"))
            places[target] = frozenset(filter(None, codes))
        return places

    # Planning

    def decided(
        self, batch: ImportBatch, rows: Iterable[Row], progress: Callable[[int], None] = lambda done: None
    ) -> Iterator[list[Row]]:
        """Rows with their outcomes, those of the same parties together; meanwhile the names of the batch are found."""
        self.batch = batch
        named = sources() if self.within is None else permissions.sources_seen_by(self.user)
        self._sources = {(source.title, source.url): source for source in named.order_by("-pk")}
        self._addresses: dict[str, list[str]] = defaultdict(list)
        for title, url in self._sources:
            self._addresses[title].append(url)
        self._written = BitMap()
        self._needed: set[str] = set()
        self._read.clear()
        self._spool = Spool()
        with connection.cursor() as cursor:
            self._stage(cursor, rows, progress)
            NameResolver(batch, create=self.create_towns).find(cursor)
        for chunk in self._together():
            self._resolve_parties(chunk)
            self.decide([row for row in chunk if not row.outcome])
            for row in chunk:
                if row.outcome in (Outcome.CREATED, Outcome.UPDATED):
                    self._needed.update(party.key for party in row.held if party.key[0] not in "to")
            yield chunk

    def _stage(self, cursor: CursorWrapper, rows: Iterable[Row], progress: Callable[[int], None]) -> None:
        """Read the cells of all rows; put the rows aside, and what brings them together into temporary tables."""
        cursor.execute(
            """
            DROP TABLE IF EXISTS import_stage, import_party, import_said;
            CREATE TEMPORARY TABLE import_stage (line integer, spot bigint, kind text);
            CREATE TEMPORARY TABLE import_party (line integer, number smallint, key text);
            CREATE TEMPORARY TABLE import_said (key text, said jsonb, normalised text);
            """
        )
        known: set[str] = set()
        keys: dict[tuple[tuple[str, str], ...], str] = {}
        done = 0
        for chunk in chunks(rows):
            staged, parties, said = [], [], []
            for row in chunk:
                if not row.outcome:
                    self.read_row(row)
                if "source_url" in row.cells and "source" not in row.cells:
                    row.refuse("source", _("The address of the source is given, its title is not: add it."))
                row.held = []
                for number, values in self._asked(row):
                    cells = tuple((part, row.cells[f"{part}_{number}"]) for part in values)
                    if (key := keys.get(cells)) is None:
                        name = said_of(values)
                        key = keys[cells] = name_key(name)
                        if key not in known:
                            known.add(key)
                            said.append((key, json.dumps(name, ensure_ascii=False), normalise(name["name"])))
                    row.held.append((number, key))
                    parties.append((row.line, number, key))
                staged.append((row.line, self._spool.add(row), row.values.get("kind")))
            if len(known) > 100_000:
                known.clear()
            if len(keys) > MOST_REMEMBERED:
                keys.clear()
            copy_rows(cursor, "import_stage", ("line", "spot", "kind"), staged)
            copy_rows(cursor, "import_party", ("line", "number", "key"), parties)
            copy_rows(cursor, "import_said", ("key", "said", "normalised"), said)
            done += len(chunk)
            progress(done)
        cursor.execute("ANALYZE import_stage, import_party, import_said")

    @staticmethod
    def _asked(row: Row) -> Iterator[tuple[int, dict[str, Any]]]:
        """The parties that a row names: number, and the values of its columns by part."""
        numbered: dict[int, dict[str, Any]] = {}
        for column, value in row.values.items():
            if place := _party_column(column):
                numbered.setdefault(place[1], {})[place[0]] = value
        unread = {place[1] for fault in row.faults if (place := _party_column(fault.column))}
        for number in sorted(numbered):
            said = numbered[number]
            if number not in unread and (
                said.keys() & {"party", "code"} or said.keys() - {"type", "level", "country", "role"}
            ):
                yield number, said

    def _together(self) -> Iterator[list[Row]]:
        """All rows, a chunk after the other; those of the same parties are in one."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                """
                WITH found AS (
                    SELECT party.line, string_agg(name.target, ',' ORDER BY name.target COLLATE "C") AS parties
                    FROM import_party AS party
                    JOIN imports_importname AS name ON name.batch_id = %s AND name.key = party.key
                    GROUP BY party.line
                )
                SELECT stage.spot, found.parties
                FROM import_stage AS stage LEFT JOIN found USING (line)
                ORDER BY found.parties COLLATE "C" NULLS FIRST, stage.line
                """,
                [self.batch.pk],
            )
            chunk: list[Row] = []
            before: str | None = None
            for spot, parties in fetched(cursor):
                if len(chunk) >= ROWS_PER_CHUNK and (parties is None or parties != before):
                    yield sorted(chunk, key=lambda row: row.line)
                    chunk = []
                before = parties
                chunk.append(self._spool.read(spot))
            if chunk:
                yield sorted(chunk, key=lambda row: row.line)

    def _resolve_parties(self, rows: list[Row]) -> None:
        """Put who takes part in the place of the names, or say of each row what is missing."""
        keys = {key for row in rows for _number, key in row.held}
        found = ImportName.objects.filter(batch=self.batch, key__among=keys)
        names = {
            key: said for key, *said in found.values_list("key", "target", "title", "question", "reason").iterator()
        }
        for row in rows:
            asked, row.held = row.held, []
            for number, key in asked:
                target, title, question, reason = names[key]
                by_code = f"code_{number}" in row.cells and f"party_{number}" not in row.cells
                column = f"code_{number}" if by_code else f"party_{number}"
                if not target:
                    (row.ask if question else row.refuse)(column, reason)
                    continue
                party = PartyPlan(number, target, title)
                if any(other.key == party.key for other in row.held):
                    row.refuse(f"party_{number}", rules.party_twice())
                    continue
                values = ((part, row.values.get(f"{part}_{number}")) for part in OWN_PARTS)
                party.values = {part: value for part, value in values if value is not None}
                row.held.append(party)

    @staticmethod
    def _party_key(parties: list[PartyPlan]) -> str:
        """The key that the database keeps of the same parties."""
        return ",".join(party.key for party in sorted(parties, key=lambda party: party.order))

    def decide(self, rows: list[Row]) -> None:
        """Decide on a chunk that holds all rows of its sets of parties."""
        keys = [(self._party_key(row.held), row.values.get("kind")) for row in rows]
        by_reference, by_parties = self._stored(rows, {parties for parties, _kind in keys})
        seen: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        writing: dict[int, Row] = {}
        today = timezone.localdate().isoformat()
        for row, key in zip(rows, keys, strict=True):
            record = by_reference.get(row.values.get("reference", ""))
            if record is None:
                if self._lacks(row):
                    continue
                if twins := [twin for twin in seen[key] if self._agree(row, twin.values.get("signed"))]:
                    self._repeat(
                        row,
                        next(
                            (twin for twin in twins if twin.values.get("signed") == row.values.get("signed")), twins[0]
                        ),
                    )
                    continue
                record = self._same(by_parties.get(key, []), row)
                if record and "reference" in row.values:
                    row.refuse("reference", rules.is_there_already(record.reference))
                    continue
            if record is not None and record.pk in self._written:
                if twin := writing.get(record.pk):
                    self._repeat(row, twin)
                else:
                    row.refuse(
                        "reference",
                        _("Another row of the file is about the agreement %s: keep one of the two.") % record.reference,
                    )
                continue
            row.record = record
            if record is not None:
                row.changes = self._changes(row, record)
            if self._is_impossible(row, record, today):
                continue
            seen[key].append(row)
            if record is None:
                row.outcome = Outcome.CREATED
                continue
            writing[record.pk] = row
            self._written.add(record.pk)
            record.number_of_parties = len(self._parties_of[record.pk])
            row.outcome = row.outcome or (Outcome.UPDATED if row.changes else Outcome.UNCHANGED)
        self.check_new_references([row for row in rows if row.outcome == Outcome.CREATED])

    def _lacks(self, row: Row) -> bool:
        """Refuse a new agreement for what it needs and the row lacks."""
        if row.values.get("kind") is None:
            row.refuse("kind", _("A new agreement needs its kind."))
        numbers = {party.number for party in row.held}
        if len(numbers) < 2:
            row.refuse(f"party_{min({1, 2} - numbers)}", rules.too_few_parties())
        return bool(row.outcome)

    def _is_impossible(self, row: Row, record: Agreement | None, today: str) -> bool:
        """Refuse a row whose agreement would break rules: a new one, or what is stored with the row's changes."""
        if record is None:
            content, parties = self._content_of_new(row)
        elif row.changes and not row.outcome:
            content, parties = self._content_with(row, record)
        else:
            return False
        if not any(content.values()):  # most files have no dates
            return False

        def column(field: str) -> str:
            if not field.startswith("parties-"):
                return field
            _parties, place, part = field.split("-")
            return f"{part}_{parties[int(place)][0]}"

        content["parties"] = [
            {"actor": key, "joined": dates.get("joined"), "left": dates.get("left")} for _number, key, dates in parties
        ]
        public = record is None or record.publication == Publication.PUBLISHED
        refuse_breaches(row, content, column, publishing=public, today=today)
        return bool(row.outcome)

    @staticmethod
    def _content_of_new(row: Row) -> tuple[dict[str, Any], list[DatedParty]]:
        """As much of the content that a row makes as rules speak of, and its parties."""
        content: dict[str, Any] = {name: row.values.get(name) for name in rules.RULED_COLUMNS}
        content["parties"] = any(party.values for party in row.held)
        return content, [(party.number, party.key, party.values) for party in row.held]

    def _content_with(self, row: Row, record: Agreement) -> tuple[dict[str, Any], list[DatedParty]]:
        """As much of what is stored, with the row's changes, as rules speak of, and its parties."""
        content = {name: getattr(record, name) for name in rules.RULED_COLUMNS}
        content |= {name: row.changes[name][1] for name in rules.RULED_COLUMNS & row.changes.keys()}
        return content | {"renewals": self._renewals_of[record.pk]}, self._parties_with(row, record)

    def _parties_with(self, row: Row, record: Agreement) -> list[DatedParty]:
        """Number in the row, key and own values of each party that a stored agreement has with the row's changes; one
        that the row does not name has the number that would be next."""
        named = {plan.key: plan for plan in row.held}
        last = max((plan.number for plan in row.held), default=0)
        found: list[DatedParty] = []
        for party in self._parties_of[record.pk]:
            dates = {"joined": party.joined, "left": party.left}
            if plan := named.pop(_actor_key(party), None):
                changed = {part: row.changes.get(f"{part}_{plan.number}") for part in dates}
                dates |= {part: change[1] for part, change in changed.items() if change}
                found.append((plan.number, plan.key, dates))
            else:
                last += 1
                found.append((last, _actor_key(party), dates))
        return found + [(plan.number, plan.key, plan.values) for plan in named.values()]

    @staticmethod
    def _agree(row: Row, start: str | None) -> bool:
        """True if an agreement of the row's parties and kind with this start can be the one that the row means: it is
        the same one, or may be and no reference decides."""
        nearest = Likeness.SAME if "reference" in row.values else Likeness.POSSIBLE
        return rules.likeness_by_start(row.values.get("signed"), start) >= nearest

    def _said(self, row: Row) -> dict[Any, tuple[str, Any]]:
        """Facts that a row gives of an agreement, in whatever order its parties stand: fact → column and value."""
        said = {
            name: (name, row.values[name])
            for name in (*FILE_FIELDS, "reference", "source", "source_url")
            if row.values.get(name) is not None
        }
        said |= {name: (name, set(row.values[name])) for name in ("themes", "funding") if name in row.values}
        for party in row.held:
            said[party.key] = (f"party_{party.number}", True)
            said |= {(party.key, part): (f"{part}_{party.number}", value) for part, value in party.values.items()}
        return said

    def _repeat(self, row: Row, twin: Row) -> None:
        row.twin = twin.line
        before = self._said(twin)
        for what, (column, value) in self._said(row).items():
            known = before.get(what, ("", None))[1]
            if known == value or (what == "signed" and (known or "").startswith(value)):
                continue
            row.refuse(
                column,
                _("Line %(line)s is about the same agreement and does not say so: keep one of the two.")
                % {"line": twin.line},
            )
        row.outcome = row.outcome or Outcome.DUPLICATE

    def _stored(
        self, rows: list[Row], keys: set[str]
    ) -> tuple[dict[str, Agreement], dict[tuple[str, str], list[Agreement]]]:
        """The agreements that the rows may be about: by reference, and by the keys of their parties and kind."""
        named = {row.values["reference"] for row in rows if "reference" in row.values}
        seen = agreements() if self.within is None else permissions.agreements_seen_by(self.user)
        known = seen.exclude(publication=Publication.WITHDRAWN)
        by_reference = {record.reference: record for record in known.filter(reference__among=named)}
        by_parties: dict[tuple[str, str], list[Agreement]] = defaultdict(list)
        for record in known.filter(party_key__among=keys - {""}):
            record = by_reference.get(record.reference, record)
            by_parties[record.party_key, record.kind].append(record)
        ids = {record.pk for records in by_parties.values() for record in records}
        ids |= {record.pk for record in by_reference.values()}
        self._parties_of: dict[int, list[Any]] = defaultdict(list)
        columns = ("pk", "agreement_id", "town_id", "organisation_id", *OWN_PARTS)
        for party in Party.objects.filter(agreement__pk__among=ids).values_list(*columns, named=True):
            self._parties_of[party.agreement_id].append(party)
        self._renewals_of: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for renewal in Renewal.objects.filter(agreement__pk__among=ids).values("agreement", "renewed", "valid_until"):
            self._renewals_of[renewal.pop("agreement")].append(renewal)
        self._themes_of = _pairs(AgreementTheme.objects.filter(agreement__pk__among=ids), "theme_id")
        self._funding_of = _pairs(FundingContribution.objects.filter(agreement__pk__among=ids), "funding_id")
        self._sources_of: dict[int, set[tuple[str, str]]] = defaultdict(set)
        cited = AgreementSource.objects.filter(agreement__pk__among=ids)
        for agreement, title, url in cited.values_list("agreement_id", "source__title", "source__url"):
            self._sources_of[agreement].add((title, url))
        return by_reference, by_parties

    @classmethod
    def _same(cls, records: list[Agreement], row: Row) -> Agreement | None:
        """The agreement of these parties and this kind that the row is about.

        The start must agree; where one side knows it less precisely and there is one candidate, that one is meant.
        """
        for record in records:
            if record.signed == row.values.get("signed"):
                return record
        possible = [record for record in records if cls._agree(row, record.signed)]
        return possible[0] if len(possible) == 1 else None

    def _changes(self, row: Row, record: Agreement) -> dict[str, tuple[Any, Any]]:
        """Changes by the row: attributes, themes, funding and sources to add, parties to add or complete."""
        changes: dict[str, tuple[Any, Any]] = {}
        for name in FILE_FIELDS:
            if (value := row.values.get(name)) is not None:
                before = getattr(record, self.fields[name].target)
                if name == "signed" and "reference" not in row.values and (before or "").startswith(value):
                    continue  # the directory knows it as precisely, or more
                if before != value:
                    changes[name] = (before, value)
            elif name in row.cleared and name != "kind":
                before, empty = getattr(record, self.fields[name].target), self.fields[name].empty(Agreement)
                if before != empty:
                    changes[name] = (before, empty)
        for name, stored in (("themes", self._themes_of), ("funding", self._funding_of)):
            added = set(row.values.get(name, ())) - stored[record.pk]
            if added or (name in row.cleared and stored[record.pk]):
                changes[name] = (stored[record.pk], added)
        if "source" in row.values:
            cited = self._cited_key(row)
            if cited not in self._sources_of[record.pk]:
                changes["source"] = (None, cited)
        parties = {_actor_key(party): party for party in self._parties_of[record.pk]}
        if row.held and not parties.keys() & {plan.key for plan in row.held}:
            row.refuse(
                "reference",
                _("The agreement %s is between others: correct the reference or the parties.") % record.reference,
            )
        for plan in row.held:
            party = parties.get(plan.key)
            if party is None:
                changes[f"party_{plan.number}"] = (None, plan)
            else:
                blank = {part: None for part in ("joined", "left") if f"{part}_{plan.number}" in row.cleared}
                for part, value in (blank | plan.values).items():
                    if getattr(party, part) != value:
                        changes[f"{part}_{plan.number}"] = (Before(party.pk, getattr(party, part)), value)
        return changes

    # Applying

    def prepare(self, cursor: CursorWrapper) -> None:
        """Make the towns, organisations and sources that the rows to be written need."""
        self._pks: dict[str, int] = {}
        self._analysed = False
        self._made_sources: list[int] = []
        self._make_actors(cursor)

    def _make_actors(self, cursor: CursorWrapper) -> None:
        """Save the new towns and organisations, with the names the gazetteer and the file give them."""
        self._made: dict[str, list[int]] = {"town": [], "organisation": []}
        for targets in chunks(sorted(self._needed)):
            names = ImportName.objects.filter(batch=self.batch, target__in=targets).order_by("target", "id")
            found = {name.target: name.made for name in names.distinct("target").only("target", "made")}
            made = {target: (Town if is_town_key(target) else Organisation)(**found[target]) for target in targets}
            for kind, model in (("town", Town), ("organisation", Organisation)):
                new = {target: record for target, record in made.items() if isinstance(record, model)}
                model.objects.bulk_create(new.values(), batch_size=2000)
                self._pks |= {target: record.pk for target, record in new.items()}
                self._made[kind] += [record.pk for record in new.values()]
                cited: dict[tuple[str, str], list[int]] = defaultdict(list)
                for target, record in new.items():
                    own = target[0] not in "pa"
                    cited[self._own_key if own else GAZETTEER_SOURCES[bool(record.insee)]].append(record.pk)
                self._make_sources(set(cited))
                through = model.sources.through
                through.objects.bulk_create(
                    [
                        through(**{f"{kind}_id": pk, "source": self._sources[key]})
                        for key, pks in cited.items()
                        for pk in pks
                    ],
                    batch_size=5000,
                )
        keep_other_names(self._made["town"])
        copied = ((target, f"{'t' if is_town_key(target) else 'o'}{pk}") for target, pk in self._pks.items())
        cursor.execute("CREATE TEMPORARY TABLE import_made (target text, key text)")
        copy_rows(cursor, "import_made", ("target", "key"), copied)
        cursor.execute(
            "UPDATE imports_importname AS name SET target = made.key, made = NULL FROM import_made AS made"
            " WHERE name.batch_id = %s AND name.target = made.target",
            [self.batch.pk],
        )
        cursor.execute("DROP TABLE import_made")

    def _pk(self, party: PartyPlan) -> int:
        """The primary key of who takes part."""
        key = party.key
        return int(key[1:]) if key[0] in "to" else self._pks[key]

    def _stored_key(self, party: PartyPlan) -> str:
        return f"{'t' if is_town_key(party.key) else 'o'}{self._pk(party)}"

    def _keep_printed_names(self, rows: list[Row]) -> None:
        """A name that the file prints otherwise than the directory is kept as an alternative name."""
        printed: dict[int, dict[str, str]] = defaultdict(dict)
        for row in rows:
            for party in row.held:
                name = row.values.get(f"party_{party.number}")
                if name and is_town_key(party.key) and name != party.title:
                    spelling = normalised_name(name)
                    if spelling not in ("", normalised_name(party.title)):
                        printed[self._pk(party)][spelling] = name
        if not printed:
            return
        known = defaultdict(set)
        for town, name in TownName.objects.filter(town__in=printed).values_list("town_id", "normalised"):
            known[town].add(name)
        TownName.objects.bulk_create(
            [
                TownName(town_id=town, name=name, kind=NameKind.PRINTED)
                for town, names in printed.items()
                for spelt, name in names.items()
                if spelt not in known[town]
            ],
            batch_size=5000,
        )

    @property
    def _own_key(self) -> tuple[str, str]:
        """Title and address of the batch's own source."""
        return self.batch.source_title, self.batch.source_url

    def _make_sources(self, keys: set[tuple[str, str]]) -> None:
        """Make the sources (title and address) that are not there; the batch's own with all the batch says of it."""
        made = {key: Source(title=key[0], url=key[1]) for key in sorted(keys - self._sources.keys())}
        if own := made.get(self._own_key):
            own.publisher, own.date = self.batch.source_publisher, self.batch.source_date
            own.licence = self.batch.source_licence
        # What is there, and was not to be told of, is the same one only if all of it is the same.
        found = Source.objects.filter(title__in={title for title, _url in made}) if self.within is not None else ()
        there = {source.citation: source for source in found}
        new = [source for source in made.values() if source.citation not in there]
        Source.objects.bulk_create(new)
        self._made_sources += [source.pk for source in new]
        self._sources |= {key: there.get(source.citation, source) for key, source in made.items()}

    def ready(self, rows: list[Row]) -> None:
        """Make the sources that a chunk cites: they stay, should single rows of it be refused."""
        cited = {self._cited_key(row) for row in rows if row.outcome == Outcome.CREATED}
        self._make_sources(cited | {row.changes["source"][1] for row in rows if "source" in row.changes})

    def create(self, rows: list[Row]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('partnerships_agreement', 'id')) FROM generate_series(1, %s)",
                [len(rows)],
            )
            for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
                row.record = key
            insert_rows(
                cursor, "partnerships_agreement", AGREEMENT_COLUMNS, map(self._agreement, rows), AGREEMENT_DEFAULTS
            )
            insert_rows(cursor, "partnerships_party", PARTY_TABLE, self._parties(rows))
            insert_rows(
                cursor,
                "partnerships_agreementsource",
                ("agreement_id", "source_id"),
                ((row.record, self._sources[self._cited_key(row)].pk) for row in rows),
            )
            self._add(cursor, rows, lambda row, name: row.values.get(name, ()))
            if not self._analysed:
                # Constraint triggers would keep the plans that suit small or empty tables: scans, one for each row.
                cursor.execute("ANALYZE partnerships_agreement, partnerships_party, partnerships_agreementsource")
                self._analysed = True
        self._keep_printed_names(rows)

    def _agreement(self, row: Row) -> list[Any]:
        """A row of the table of agreements, by `AGREEMENT_COLUMNS`."""
        values = row.values
        # The trigger finds the key of the parties right and need not write every agreement again.
        keys = sorted(map(self._stored_key, row.held), key=lambda key: (key[0] == "o", len(key), key))
        own = (values.get(one.column_name) for one in AGREEMENT_FIELDS)
        return [row.record, values.get("reference"), ",".join(keys), None, *own]

    def _parties(self, rows: list[Row]) -> Iterator[list[Any]]:
        """The rows of the table of parties, by `PARTY_TABLE`."""
        for row in rows:
            for position, party in enumerate(row.held, start=1):
                yield self._party(row.record, party, position)

    def _party(self, agreement: int, party: PartyPlan, position: int) -> list[Any]:
        pk = self._pk(party)
        who = [pk, None] if is_town_key(party.key) else [None, pk]
        return [
            agreement,
            position,
            *who,
            party.values.get("role", PartyRole.PARTNER.value),
            party.values.get("joined"),
            party.values.get("left"),
        ]

    def update(self, rows: list[Row]) -> None:
        with connection.cursor() as cursor:
            scalars = [row for row in rows if row.changes.keys() & FILE_FIELDS.keys()]
            names = sorted({name for row in scalars for name in row.changes.keys() & FILE_FIELDS.keys()})
            targets = [self.fields[name].target for name in names]
            for row in scalars:
                for name, target in zip(names, targets, strict=True):
                    if name in row.changes:
                        setattr(row.record, target, row.changes[name][1])
            if names:
                update_rows(
                    cursor,
                    "partnerships_agreement",
                    ("id", *targets),
                    ([row.record.pk, *(getattr(row.record, target) for target in targets)] for row in scalars),
                )
            new: list[list[Any]] = []
            changed: dict[int, dict[str, Any]] = defaultdict(dict)
            for row in rows:
                position = row.record.number_of_parties
                for name, (before, after) in row.changes.items():
                    if isinstance(after, PartyPlan):
                        position += 1
                        new.append(self._party(row.record.pk, after, position))
                    elif isinstance(before, Before):
                        changed[before.party][PARTY_COLUMN.fullmatch(name)[1]] = after
            if new:
                insert_rows(cursor, "partnerships_party", PARTY_TABLE, new)
            parties = Party.objects.in_bulk(changed)
            for pk, values in changed.items():
                for part, value in values.items():
                    setattr(parties[pk], part, value)
            Party.objects.bulk_update(parties.values(), OWN_PARTS, batch_size=500)
            cited = [row for row in rows if "source" in row.changes]
            insert_rows(
                cursor,
                "partnerships_agreementsource",
                ("agreement_id", "source_id"),
                ((row.record.pk, self._sources[row.changes["source"][1]].pk) for row in cited),
            )
            for name, links in (("themes", AgreementTheme), ("funding", FundingContribution)):
                emptied = [row.record.pk for row in rows if name in row.changes and not row.changes[name][1]]
                links.objects.filter(agreement__in=emptied).delete()
            self._add(cursor, rows, lambda row, name: row.changes[name][1] if name in row.changes else ())
        self._keep_printed_names(rows)

    def _cited_key(self, row: Row) -> tuple[str, str]:
        """Title and address of the source of a row: its own, or the batch's.

        A title alone means the one source known by it.
        """
        if "source" not in row.values:
            return self._own_key
        title, url = row.values["source"], row.values.get("source_url", "")
        addresses = self._addresses.get(title, ())
        return title, addresses[0] if not url and len(addresses) == 1 else url

    @staticmethod
    def _add(cursor: CursorWrapper, rows: list[Row], given: Callable[[Row, str], Iterable[str]]) -> None:
        """Write the themes and funding sources that `given(row, column)` adds."""
        for name, table, column in (
            ("themes", "partnerships_agreementtheme", "theme_id"),
            ("funding", "partnerships_fundingcontribution", "funding_id"),
        ):
            added = [(getattr(row.record, "pk", row.record), code) for row in rows for code in given(row, name)]
            if added:
                extra = ((*pair, "") for pair in added) if name == "funding" else added
                columns = ("agreement_id", column, *(["currency"] if name == "funding" else []))
                insert_rows(cursor, table, columns, extra)

    def finish(self, rows: list[Row]) -> None:
        """Delete the towns, organisations and sources made for rows that the database then refused."""
        Town.objects.filter(pk__in=self._made["town"], parties=None).delete()
        Organisation.objects.filter(pk__in=self._made["organisation"], parties=None).delete()
        Source.objects.filter(pk__in=self._made_sources, agreements=None, towns=None, organisations=None).delete()


def _pairs(links: QuerySet, column: str) -> dict[int, set[Any]]:
    """Agreement → values of the column in its links."""
    values: dict[int, set[Any]] = defaultdict(set)
    for agreement, value in links.values_list("agreement_id", column):
        values[agreement].add(value)
    return values


def _actor_key(party: Any) -> str:
    return f"t{party.town_id}" if party.town_id else f"o{party.organisation_id}"
