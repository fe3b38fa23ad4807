"""Stored agreements that the rows of a file may be about, and what a row would change of one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.imports.columns import Column
from core.imports.rows import Row

from ..agreements.fields import AGREEMENT_FIELDS
from ..choices import Publication
from ..editing import rules
from ..models import Agreement, AgreementSource, AgreementTheme, FundingContribution, Party, Renewal
from .cited_sources import SourceKey
from .party_columns import OWN_PARTS
from .party_plans import Before, DatedParty, StoredParty

FILE_FIELDS = {one.column_name: one for one in AGREEMENT_FIELDS if one.in_files}
"""The agreement's own fields that files bring, by column."""

RowChanges = dict[str, tuple[Any, Any]]
"""RowChanges that a row makes: column → before and after."""


class StoredAgreements:
    """The agreements that a chunk of rows may be about, with all that rows are compared with."""

    def __init__(self, seen: QuerySet[Agreement], references: set[str], party_keys: set[str]) -> None:
        """Those among `seen` with these references or keys of parties."""
        known = seen.exclude(publication=Publication.WITHDRAWN)
        self.by_reference = {record.reference: record for record in known.filter(reference__among=references)}
        self.by_parties: dict[tuple[str, str | None], list[Agreement]] = defaultdict(list)
        """By the key of their parties and their kind."""
        for record in known.filter(party_key__among=party_keys - {""}):
            record = self.by_reference.get(record.reference, record)
            self.by_parties[record.party_key, record.kind].append(record)
        found = {record.pk for records in self.by_parties.values() for record in records}
        found |= {record.pk for record in self.by_reference.values()}
        self._read(found)

    def _read(self, agreements: set[int]) -> None:
        of = {"agreement__pk__among": agreements}
        self._parties: dict[int, list[StoredParty]] = defaultdict(list)
        for values in Party.objects.filter(**of).values_list(*StoredParty._fields):
            party = StoredParty(*values)
            self._parties[party.agreement_id].append(party)
        self._renewals: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for agreement, renewed, until in Renewal.objects.filter(**of).values_list(
            "agreement_id", "renewed", "valid_until"
        ):
            self._renewals[agreement].append({"renewed": renewed, "valid_until": until})
        self._linked = {
            "themes": _pairs(AgreementTheme.objects.filter(**of), "theme_id"),
            "funding": _pairs(FundingContribution.objects.filter(**of), "funding_id"),
        }
        self._cited: dict[int, set[SourceKey]] = defaultdict(set)
        cited = AgreementSource.objects.filter(**of)
        for agreement, title, url in cited.values_list("agreement_id", "source__title", "source__url"):
            self._cited[agreement].add((title, url))

    def same(self, party_key: str, row: Row) -> Agreement | None:
        """The agreement of these parties and the row's kind that the row is about.

        The start must agree; where one side knows it less precisely and there is one candidate, that one is meant.
        """
        records = self.by_parties.get((party_key, row.values.get("kind")), [])
        for record in records:
            if record.signed == row.values.get("signed"):
                return record
        possible = [record for record in records if may_mean(row, record.signed)]
        return possible[0] if len(possible) == 1 else None

    # What a row changes

    def changes(self, row: Row, record: Agreement, columns: Mapping[str, Column], cited: SourceKey) -> RowChanges:
        """RowChanges by the row: attributes, themes, funding and sources to add, parties to add or complete."""
        changes = dict(_own_changes(row, record, columns))
        changes |= self._link_changes(row, record)
        if "source" in row.values and cited not in self._cited[record.pk]:
            changes["source"] = (None, cited)
        parties = {party.ref: party for party in self._parties[record.pk]}
        if row.held and not parties.keys() & {plan.ref for plan in row.held}:
            row.refuse(
                "reference",
                _("The agreement %s is between others: correct the reference or the parties.") % record.reference,
            )
        return changes | dict(_party_changes(row, parties))

    def _link_changes(self, row: Row, record: Agreement) -> Iterator[tuple[str, tuple[Any, Any]]]:
        for name, linked in self._linked.items():
            stored = linked[record.pk]
            added = set(row.values.get(name, ())) - stored
            if added or (name in row.cleared and stored):
                yield name, (stored, added)

    # What rules judge

    def content_with(self, row: Row, record: Agreement) -> tuple[dict[str, Any], list[DatedParty]]:
        """As much of what is stored, with the row's changes, as rules speak of, and its parties."""
        content = {name: getattr(record, name) for name in rules.RULED_COLUMNS}
        content |= {name: row.changes[name][1] for name in rules.RULED_COLUMNS & row.changes.keys()}
        return content | {"renewals": self._renewals[record.pk]}, self._parties_with(row, record)

    def _parties_with(self, row: Row, record: Agreement) -> list[DatedParty]:
        """The parties that a stored agreement has with the row's changes; one that the row does not name has the number
        that would be next."""
        named = {plan.ref: plan for plan in row.held}
        last = max((plan.number for plan in row.held), default=0)
        found: list[DatedParty] = []
        for party in self._parties[record.pk]:
            dates = {"joined": party.joined, "left": party.left}
            if plan := named.pop(party.ref, None):
                changed = {part: row.changes.get(f"{part}_{plan.number}") for part in dates}
                dates |= {part: change[1] for part, change in changed.items() if change}
                found.append(DatedParty(plan.number, plan.ref, dates))
            else:
                last += 1
                found.append(DatedParty(last, party.ref, dates))
        return found + [DatedParty(plan.number, plan.ref, plan.values) for plan in named.values()]


def may_mean(row: Row, start: str | None) -> bool:
    """True if an agreement of the row's parties and kind with this start can be the one that the row means: it is the
    same one, or may be and no reference decides."""
    nearest = rules.Likeness.SAME if "reference" in row.values else rules.Likeness.POSSIBLE
    return rules.likeness_by_start(row.values.get("signed"), start) >= nearest


def _own_changes(row: Row, record: Agreement, columns: Mapping[str, Column]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """RowChanges of the agreement's own columns."""
    for name in FILE_FIELDS:
        before = getattr(record, columns[name].target)
        after = row.values.get(name)
        if after is None:
            if name not in row.cleared or name == "kind":
                continue
            after = columns[name].empty(Agreement)
        elif name == "signed" and "reference" not in row.values and (before or "").startswith(after):
            continue  # the directory knows it as precisely, or more
        if before != after:
            yield name, (before, after)


def _party_changes(row: Row, parties: Mapping[Any, StoredParty]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Parties that the row adds, and what it completes of those that are there."""
    for plan in row.held:
        party = parties.get(plan.ref)
        if party is None:
            yield f"party_{plan.number}", (None, plan)
            continue
        blank = {part: None for part in OWN_PARTS if part != "role" and f"{part}_{plan.number}" in row.cleared}
        for part, value in (blank | plan.values).items():
            before = getattr(party, part)
            if before != value:
                yield f"{part}_{plan.number}", (Before(party.pk, before), value)


def _pairs(links: QuerySet[Any], column: str) -> dict[int, set[str]]:
    """Agreement → values of the column in its links."""
    values: dict[int, set[str]] = defaultdict(set)
    for agreement, value in links.values_list("agreement_id", column):
        values[agreement].add(value)
    return values
