"""Import of agreements: how rows find their parties and their records, and how they are written, for files of any
length.

A chunk after the other is decided on, each with all rows of its sets of parties.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from pyroaring import BitMap

from core.imports.models import ImportBatch, ImportName, Outcome
from core.imports.rows import WRITTEN_OUTCOMES, Row

from .. import permissions
from ..choices import Publication
from ..editing import rules
from ..models import Agreement, Organisation, Party, Town
from ..places.party_refs import PartyKind, PartyRef, keys_among, party_key
from ..querysets import agreements, sources
from .agreement_writes import AgreementWriter, NewParties
from .cited_sources import CitedSources
from .names import NameResolver, verdict_key
from .officer_layouts import ForOfficers
from .party_plans import DatedParty
from .row_parties import RowParties
from .row_rules import refuse_breaches
from .stored_agreements import FILE_FIELDS, StoredAgreements, may_mean


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
        within = frozenset(self.within or ())
        stored = [row.record.pk for row in rows if isinstance(row.record, Agreement)]
        own = Party.objects.filter(agreement__in=stored).filter(
            Q(town__territory__in=within) | Q(town__governs__in=within) | Q(organisation__territory__in=within)
        )
        writable = set(own.values_list("agreement_id", flat=True))
        territories = self._territories({party.ref for row in rows for party in row.held})
        for row in rows:
            if isinstance(row.record, Agreement):
                allowed = row.record.pk in writable
            else:
                allowed = any(territories[party.ref] & within for party in row.held)
            if not allowed:
                row.refuse("party_1", _("None of the parties lies in your territory: only its own officers enter it."))

    def _territories(self, refs: set[PartyRef]) -> dict[PartyRef, frozenset[str]]:
        """The territories in which parties lie or which they govern."""
        towns = Town.objects.filter(pk__in=keys_among(PartyKind.TOWN, refs))
        bodies = Organisation.objects.filter(pk__in=keys_among(PartyKind.ORGANISATION, refs))
        new = ImportName.objects.filter(batch=self.batch, target__in=[str(ref) for ref in refs if not ref.is_stored])
        found: dict[PartyRef, Iterable[str | None]] = {}
        for pk, *codes in towns.values_list("pk", "territory", "governs"):
            found[PartyKind.TOWN.ref(pk)] = codes
        for pk, *codes in bodies.values_list("pk", "territory"):
            found[PartyKind.ORGANISATION.ref(pk)] = codes
        for target, made in new.values_list("target", "made"):
            found[PartyRef.parse(target)] = [(made or {}).get(name) for name in ("territory_id", "governs_id")]
        return {ref: frozenset(filter(None, codes)) for ref, codes in found.items()}

    # Planning

    def decided(
        self, batch: ImportBatch, rows: Iterable[Row], progress: Callable[[int], None] = lambda done: None
    ) -> Iterator[list[Row]]:
        """Rows with their outcomes, those of the same parties together; meanwhile the names of the batch are found."""
        self.batch = batch
        seen = sources() if self.within is None else permissions.sources_seen_by(self.user)
        self._sources = CitedSources(batch, seen)
        self._written = BitMap()
        self._needed: set[PartyRef] = set()
        self._read.clear()
        parties = RowParties(batch)
        with connection.cursor() as cursor:
            parties.stage(cursor, rows, self._read_cells, progress)
            NameResolver(batch, create=self.create_towns).find(cursor)
        for chunk in parties.together():
            self.decide([row for row in chunk if not row.outcome])
            for row in chunk:
                if row.outcome in WRITTEN_OUTCOMES:
                    self._needed.update(party.ref for party in row.held if not party.ref.is_stored)
            yield chunk

    def _read_cells(self, row: Row) -> None:
        if not row.outcome:
            self.read_row(row)
        if "source_url" in row.cells and "source" not in row.cells:
            row.refuse("source", _("The address of the source is given, its title is not: add it."))

    def decide(self, rows: list[Row]) -> None:
        """Decide on a chunk that holds all rows of its sets of parties."""
        keys = [party_key(party.ref for party in row.held) for row in rows]
        seen = agreements() if self.within is None else permissions.agreements_seen_by(self.user)
        references = {row.values["reference"] for row in rows if "reference" in row.values}
        self._stored = StoredAgreements(seen, references, set(keys))
        decided: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        writing: dict[int, Row] = {}
        today = timezone.localdate().isoformat()
        for row, key in zip(rows, keys, strict=True):
            alike = decided[key, row.values.get("kind")]
            record = self._record_of(row, key, alike)
            if row.outcome or (record is not None and self._is_written(row, record, writing)):
                continue
            row.record = record
            if record is not None:
                row.changes = self._stored.changes(row, record, self.fields, self._sources.key_of(row))
            if self._is_impossible(row, record, today):
                continue
            alike.append(row)
            if record is None:
                row.outcome = Outcome.CREATED
                continue
            writing[record.pk] = row
            self._written.add(record.pk)
            row.outcome = row.outcome or (Outcome.UPDATED if row.changes else Outcome.UNCHANGED)
        self.check_new_references([row for row in rows if row.outcome == Outcome.CREATED])

    def _record_of(self, row: Row, key: str, alike: list[Row]) -> Agreement | None:
        """The stored agreement that a row is about. Where it is about none, the row may get an outcome: it lacks what a
        new one needs, repeats one of those `alike`, or contradicts what is stored."""
        if record := self._stored.by_reference.get(row.values.get("reference", "")):
            return record
        if _lacks(row):
            return None
        if twins := [twin for twin in alike if may_mean(row, twin.values.get("signed"))]:
            same_start = (twin for twin in twins if twin.values.get("signed") == row.values.get("signed"))
            _repeat(row, next(same_start, twins[0]))
            return None
        record = self._stored.same(key, row)
        if record and "reference" in row.values:
            row.refuse("reference", rules.is_there_already(record.reference))
        return record

    def _is_written(self, row: Row, record: Agreement, writing: dict[int, Row]) -> bool:
        """True if another row of the file is about the same agreement; this one repeats it, or is refused."""
        if record.pk not in self._written:
            return False
        if twin := writing.get(record.pk):
            _repeat(row, twin)
        else:
            row.refuse(
                "reference",
                _("Another row of the file is about the agreement %s: keep one of the two.") % record.reference,
            )
        return True

    def _is_impossible(self, row: Row, record: Agreement | None, today: str) -> bool:
        """Refuse a row whose agreement would break rules: a new one, or what is stored with the row's changes."""
        if record is None:
            content, parties = _content_of_new(row)
        elif row.changes and not row.outcome:
            content, parties = self._stored.content_with(row, record)
        else:
            return False
        if not any(content.values()):  # most files have no dates
            return False

        def column(field: str) -> str:
            if not field.startswith("parties-"):
                return field
            _parties, place, part = field.split("-")
            return f"{part}_{parties[int(place)].number}"

        content["parties"] = [
            {"actor": str(ref), "joined": dates.get("joined"), "left": dates.get("left")}
            for _number, ref, dates in parties
        ]
        public = record is None or record.publication == Publication.PUBLISHED
        refuse_breaches(row, content, column, publishing=public, today=today)
        return bool(row.outcome)

    # Applying

    def prepare(self, cursor: CursorWrapper) -> None:
        """Make the towns, organisations and sources that the rows to be written need."""
        self._new = NewParties(self._sources)
        if self.batch is not None:
            self._new.make(cursor, self.batch, self._needed)
        self._writer = AgreementWriter(self._sources, self._new)

    def ready(self, rows: list[Row]) -> None:
        """Make the sources that a chunk cites: they stay, should single rows of it be refused."""
        cited = {self._sources.key_of(row) for row in rows if row.outcome == Outcome.CREATED}
        self._sources.make(cited | {row.changes["source"][1] for row in rows if "source" in row.changes})

    def create(self, rows: list[Row]) -> None:
        self._writer.create(rows)

    def update(self, rows: list[Row]) -> None:
        self._writer.update(rows)

    def finish(self, rows: list[Row]) -> None:
        """Delete the towns, organisations and sources made for rows that the database then refused."""
        self._new.delete_unused()
        self._sources.delete_uncited()


def _lacks(row: Row) -> bool:
    """Refuse a new agreement for what it needs and the row lacks."""
    if row.values.get("kind") is None:
        row.refuse("kind", _("A new agreement needs its kind."))
    numbers = {party.number for party in row.held}
    if len(numbers) < 2:
        row.refuse(f"party_{min({1, 2} - numbers)}", rules.too_few_parties())
    return bool(row.outcome)


def _content_of_new(row: Row) -> tuple[dict[str, Any], list[DatedParty]]:
    """As much of the content that a row makes as rules speak of, and its parties."""
    content: dict[str, Any] = {name: row.values.get(name) for name in rules.RULED_COLUMNS}
    content["parties"] = any(party.values for party in row.held)
    return content, [DatedParty(party.number, party.ref, party.values) for party in row.held]


def _said(row: Row) -> dict[Any, tuple[str, Any]]:
    """Facts that a row gives of an agreement, in whatever order its parties stand: fact → column and value."""
    said: dict[Any, tuple[str, Any]] = {
        name: (name, row.values[name])
        for name in (*FILE_FIELDS, "reference", "source", "source_url")
        if row.values.get(name) is not None
    }
    said |= {name: (name, set(row.values[name])) for name in ("themes", "funding") if name in row.values}
    for party in row.held:
        said[party.ref] = (f"party_{party.number}", True)
        said |= {(party.ref, part): (f"{part}_{party.number}", value) for part, value in party.values.items()}
    return said


def _repeat(row: Row, twin: Row) -> None:
    """Make a row the duplicate of another, or refuse it for what it says and the other does not."""
    row.twin = twin.line
    before = _said(twin)
    for what, (column, value) in _said(row).items():
        known = before.get(what, ("", None))[1]
        if known == value or (what == "signed" and (known or "").startswith(value)):
            continue
        row.refuse(
            column,
            _("Line %(line)s is about the same agreement and does not say so: keep one of the two.")
            % {"line": twin.line},
        )
    row.outcome = row.outcome or Outcome.DUPLICATE
