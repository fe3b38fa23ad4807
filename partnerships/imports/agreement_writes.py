"""Writing of the agreements that the rows of a file make or change, with the towns, organisations and sources that are
new with them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.database.copy import copy_rows, insert_rows, update_rows
from core.imports.models import ImportBatch, ImportName
from core.imports.rows import Row, chunks

from ..agreements.fields import AGREEMENT_FIELDS
from ..choices import NameKind, PartyRole
from ..models import (
    AgreementTheme,
    FundingContribution,
    Organisation,
    OrganisationSource,
    Party,
    Town,
    TownName,
    TownSource,
)
from ..places.party_refs import GAZETTEER_SOURCES, PartyKind, PartyRef, keep_other_names, party_key
from .cited_sources import CitedSources, SourceKey
from .names import normalised_name
from .party_columns import OWN_PARTS, PARTY_COLUMN
from .party_plans import Before, PartyPlan
from .stored_agreements import FILE_FIELDS

AGREEMENT_COLUMNS = ("id", "reference", "party_key", "publication", *(one.name for one in AGREEMENT_FIELDS))
AGREEMENT_DEFAULTS = {
    "reference": "coopdir_new_reference('A')",
    "publication": "'published'",
    **{one.name: one.default_sql for one in AGREEMENT_FIELDS if one.default_sql},
}
PARTY_TABLE = ("agreement_id", "position", "town_id", "organisation_id", "role", "joined", '"left"')


class NewParties:
    """The towns and organisations that a file makes."""

    def __init__(self, sources: CitedSources) -> None:
        self._sources = sources
        self._stored: dict[PartyRef, PartyRef] = {}

    def stored(self, ref: PartyRef) -> PartyRef:
        """The reference of a town or organisation of the directory: the same, or that of what was made."""
        return ref if ref.is_stored else self._stored[ref]

    def make(self, cursor: CursorWrapper, batch: ImportBatch, needed: Iterable[PartyRef]) -> None:
        """Save those that are `needed`, with the names the gazetteer and the file give them."""
        for refs in chunks(sorted(needed, key=str)):
            names = ImportName.objects.filter(batch=batch, target__in=map(str, refs)).order_by("target", "id")
            found = {name.target: name.made or {} for name in names.distinct("target").only("target", "made")}
            towns = {ref: Town(**found[str(ref)]) for ref in refs if ref.is_town}
            organisations = {ref: Organisation(**found[str(ref)]) for ref in refs if not ref.is_town}
            Town.objects.bulk_create(towns.values(), batch_size=2000)
            Organisation.objects.bulk_create(organisations.values(), batch_size=2000)
            self._stored |= {ref: PartyRef.of(record) for ref, record in (towns | organisations).items()}
            cited = {ref: self._source_of(ref, town) for ref, town in towns.items()}
            self._sources.make(cited.values())
            TownSource.objects.bulk_create(
                [TownSource(town=town, source=self._sources[cited[ref]]) for ref, town in towns.items()],
                batch_size=5000,
            )
            if organisations:
                self._sources.make([self._sources.own])
            OrganisationSource.objects.bulk_create(
                [
                    OrganisationSource(organisation=organisation, source=self._sources[self._sources.own])
                    for organisation in organisations.values()
                ],
                batch_size=5000,
            )
        keep_other_names(self._made(PartyKind.TOWN))
        cursor.execute("CREATE TEMPORARY TABLE import_made (target text, key text)")
        copy_rows(cursor, "import_made", ("target", "key"), ((str(old), str(new)) for old, new in self._stored.items()))
        cursor.execute(
            "UPDATE imports_importname AS name SET target = made.key, made = NULL FROM import_made AS made"
            " WHERE name.batch_id = %s AND name.target = made.target",
            [batch.pk],
        )
        cursor.execute("DROP TABLE import_made")

    def _source_of(self, ref: PartyRef, town: Town) -> SourceKey:
        """The source that a new town cites: the gazetteer's, or the batch's own."""
        of_gazetteer = ref.kind in (PartyKind.PLACE, PartyKind.TERRITORY)
        return GAZETTEER_SOURCES[bool(town.insee)] if of_gazetteer else self._sources.own

    def _made(self, kind: PartyKind) -> list[int]:
        return [int(ref.key) for ref in self._stored.values() if ref.kind is kind]

    def delete_unused(self) -> None:
        """Delete those made for rows that the database then refused."""
        Town.objects.filter(pk__in=self._made(PartyKind.TOWN), parties=None).delete()
        Organisation.objects.filter(pk__in=self._made(PartyKind.ORGANISATION), parties=None).delete()


class AgreementWriter:
    """Writer of the agreements of a batch, a chunk after the other."""

    def __init__(self, sources: CitedSources, parties: NewParties) -> None:
        self._sources, self._parties = sources, parties
        self._analysed = False

    # New agreements

    def create(self, rows: list[Row]) -> None:
        """Make the agreements of rows."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('partnerships_agreement', 'id')) FROM generate_series(1, %s)",
                [len(rows)],
            )
            for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
                row.record = key
            made = map(self._agreement, rows)
            insert_rows(cursor, "partnerships_agreement", AGREEMENT_COLUMNS, made, AGREEMENT_DEFAULTS)
            parties = (
                self._party(row.record, party, position)
                for row in rows
                for position, party in enumerate(row.held, start=1)
            )
            insert_rows(cursor, "partnerships_party", PARTY_TABLE, parties)
            self._cite(cursor, ((row.record, self._sources.key_of(row)) for row in rows))
            _add_links(cursor, rows, lambda row, name: row.values.get(name, ()))
            if not self._analysed:
                # Constraint triggers would keep the plans that suit small or empty tables: scans, one for each row.
                cursor.execute("ANALYZE partnerships_agreement, partnerships_party, partnerships_agreementsource")
                self._analysed = True
        self._keep_printed_names(rows)

    def _agreement(self, row: Row) -> list[Any]:
        """A row of the table of agreements, by `AGREEMENT_COLUMNS`."""
        # The trigger finds the key of the parties right and need not write every agreement again.
        key = party_key(self._parties.stored(party.ref) for party in row.held)
        own = (row.values.get(one.column_name) for one in AGREEMENT_FIELDS)
        return [row.record, row.values.get("reference"), key, None, *own]

    def _party(self, agreement: int, party: PartyPlan, position: int) -> list[Any]:
        """A row of the table of parties, by `PARTY_TABLE`."""
        who = self._parties.stored(party.ref).columns
        return [
            agreement,
            position,
            who.get("town_id"),
            who.get("organisation_id"),
            party.values.get("role", PartyRole.PARTNER.value),
            party.values.get("joined"),
            party.values.get("left"),
        ]

    def _cite(self, cursor: CursorWrapper, cited: Iterable[tuple[int, SourceKey]]) -> None:
        rows = ((agreement, self._sources[key].pk) for agreement, key in cited)
        insert_rows(cursor, "partnerships_agreementsource", ("agreement_id", "source_id"), rows)

    # Stored agreements

    def update(self, rows: list[Row]) -> None:
        """Change the agreements of rows."""
        with connection.cursor() as cursor:
            _update_fields(cursor, rows)
            self._add_parties(cursor, rows)
            _complete_parties(rows)
            cited = ((row.record.pk, row.changes["source"][1]) for row in rows if "source" in row.changes)
            self._cite(cursor, cited)
            for link in _LINKS:
                changes = ((row.record.pk, row.changes[link.column]) for row in rows if link.column in row.changes)
                emptied = [agreement for agreement, (_before, added) in changes if not added]
                link.model._default_manager.filter(agreement__in=emptied).delete()
            _add_links(cursor, rows, lambda row, name: row.changes[name][1] if name in row.changes else ())
        self._keep_printed_names(rows)

    def _add_parties(self, cursor: CursorWrapper, rows: list[Row]) -> None:
        added = {
            row.record.pk: [after for _before, after in row.changes.values() if isinstance(after, PartyPlan)]
            for row in rows
        }
        there = _numbers_of_parties([agreement for agreement, plans in added.items() if plans])
        new = [
            self._party(agreement, plan, position)
            for agreement, plans in added.items()
            for position, plan in enumerate(plans, start=there.get(agreement, 0) + 1)
        ]
        if new:
            insert_rows(cursor, "partnerships_party", PARTY_TABLE, new)

    def _keep_printed_names(self, rows: list[Row]) -> None:
        """A name that the file prints otherwise than the directory is kept as an alternative name."""
        printed: dict[int, dict[str, str]] = defaultdict(dict)
        for row in rows:
            for party in row.held:
                name = row.values.get(f"party_{party.number}")
                if name and party.ref.is_town and name != party.title:
                    spelling = normalised_name(name)
                    if spelling not in ("", normalised_name(party.title)):
                        printed[int(self._parties.stored(party.ref).key)][spelling] = name
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


class CodeLink(NamedTuple):
    """A column of files that lists codes, and the table in which each is linked to its agreement."""

    column: str
    model: type[AgreementTheme | FundingContribution]
    code: str
    constants: dict[str, str]


_LINKS = (
    CodeLink("themes", AgreementTheme, "theme_id", {}),
    CodeLink("funding", FundingContribution, "funding_id", {"currency": ""}),
)
"""Lists of codes that rows give of an agreement."""


def _add_links(cursor: CursorWrapper, rows: list[Row], given: Callable[[Row, str], Iterable[str]]) -> None:
    """Write the themes and funding sources that `given(row, column)` adds."""
    for link in _LINKS:
        added = [
            (getattr(row.record, "pk", row.record), code, *link.constants.values())
            for row in rows
            for code in given(row, link.column)
        ]
        if added:
            insert_rows(cursor, link.model._meta.db_table, ("agreement_id", link.code, *link.constants), added)


def _update_fields(cursor: CursorWrapper, rows: list[Row]) -> None:
    """Write the agreements' own columns that rows change."""
    changed = [row for row in rows if row.changes.keys() & FILE_FIELDS.keys()]
    columns = sorted({name for row in changed for name in row.changes.keys() & FILE_FIELDS.keys()})
    if not columns:
        return
    targets = [FILE_FIELDS[name].name for name in columns]
    for row in changed:
        for name, target in zip(columns, targets, strict=True):
            if name in row.changes:
                setattr(row.record, target, row.changes[name][1])
    values: Iterator[list[Any]] = (
        [row.record.pk, *(getattr(row.record, target) for target in targets)] for row in changed
    )
    update_rows(cursor, "partnerships_agreement", ("id", *targets), values)


def _complete_parties(rows: list[Row]) -> None:
    """Write what rows change of parties that are there."""
    changed: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        for name, (before, after) in row.changes.items():
            if isinstance(before, Before) and (match := PARTY_COLUMN.fullmatch(name)):
                changed[before.party][match[1]] = after
    parties = Party.objects.in_bulk(changed)
    for pk, values in changed.items():
        for part, value in values.items():
            setattr(parties[pk], part, value)
    Party.objects.bulk_update(parties.values(), OWN_PARTS, batch_size=500)


def _numbers_of_parties(agreements: list[int]) -> dict[int, int]:
    """The number of parties of agreements, by key; of none, no question is asked."""
    numbers: dict[int, int] = defaultdict(int)
    for agreement in Party.objects.filter(agreement__in=agreements).values_list("agreement_id", flat=True):
        numbers[agreement] += 1
    return numbers
