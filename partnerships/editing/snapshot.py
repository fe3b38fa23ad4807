"""The content of an agreement as one value: what its form edits, what two versions are compared by, what is restored.

A content is a dict that JSON can hold::

    {"kind": "twinning", "signed": "1986", "valid_until": None, "tacit_renewal": False, "ended": None,
     "formal_status": "in-force", "activity": "active", "description_en": "", "description_fr": "", "mailbox": "",
     "parties": [{"actor": "t12", "role": "partner", "joined": None, "left": None}, …],
     "themes": ["water", …], "funding": [{"funding": "eu", "year": 2020, "amount": "1000.00", "currency": "EUR"}, …],
     "renewals": [{"renewed": "1996", "valid_until": None}, …], "sources": [7, …]}

An actor is “t” and the key of a town, or “o” and that of an organisation. Publication, verification, suspensions,
documents and contacts are no part of it: they have actions of their own.
"""

import datetime
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import history
from core.dates import PartialDate
from core.history import Row

from ..agreements.content_lists import CONTENT_LISTS, ContentList, plain_value
from ..agreements.fields import CONTENT_COLUMNS, CONTENT_FIELDS, TextValue
from ..agreements.tables import CONTENT_TABLES, agreement_steps
from ..choices import PartyRole, Publication
from ..models import (
    Agreement,
    FundingSource,
    Organisation,
    Source,
    Theme,
    Town,
)
from ..places.party_refs import PartyKind, PartyRef, actors_of, keys_among

Content = dict[str, Any]

LONGEST_CHAIN = 20
"""Merges that are followed one after another; a chain that closed on itself would have no end."""


def read_content(agreement: Agreement) -> Content:
    """The content of a stored agreement, as the database is now."""
    found = read_many([agreement.pk])
    if not found:
        raise Agreement.DoesNotExist
    return found[agreement.pk]


def read_many(keys: Collection[int]) -> dict[int, Content]:
    """The contents of stored agreements, by primary key. Six queries."""
    rows: dict[type[models.Model], dict[int, list[Row]]] = {}
    for table in CONTENT_TABLES:
        of = rows.setdefault(table.model, defaultdict(list))
        for row in table.model._default_manager.filter(agreement__in=keys).order_by().values():
            of[row["agreement_id"]].append(row)
    stored = Agreement.objects.filter(pk__in=keys).order_by().values("pk", *CONTENT_COLUMNS)
    return {
        values["pk"]: _content(values, {model: of[values["pk"]] for model, of in rows.items()}) for values in stored
    }


def at(agreement: Agreement, moment: datetime.datetime) -> Content | None:
    """The content that an agreement had at a moment, by its history; None before it was entered."""
    return of_rows(agreement.pk, history.state_at(agreement_steps(agreement.pk), moment))


def last_public(agreement: Agreement) -> Content | None:
    """The content that an agreement had when it was published last, by its history; None if it never was."""
    own = (Agreement, agreement.pk)
    for step in reversed(agreement_steps(agreement.pk)):
        if own in step.after and step.after[own]["publication"] == Publication.PUBLISHED:
            return of_rows(agreement.pk, step.after)
    return None


def last_change(agreement: Agreement) -> dict[str, Any]:
    """Time (``moment``) of the content's last change, and its history metadata: ``user``, ``role`` …"""
    steps = agreement_steps(agreement.pk)
    return {**steps[-1].said, "moment": steps[-1].when} if steps else {}


def of_rows(agreement: int, rows: history.RowStates) -> Content | None:
    """The content of an agreement, by primary key, among rows told by history."""
    own = rows.get((Agreement, agreement))
    if own is None:
        return None
    of: dict[type[models.Model], list[Row]] = {table.model: [] for table in CONTENT_TABLES}
    for (model, _key), row in rows.items():
        if model in of and row["agreement_id"] == agreement:
            of[model].append(row)
    return _content(own, of)


def _content(own: Row, rows: Mapping[type[models.Model], Iterable[Row]]) -> Content:
    """The content that an agreement's own row and those that belong to it make up."""
    return {
        **{column: plain_value(own[column]) for column in CONTENT_COLUMNS},
        **{name: listed.read(rows[listed.model]) for name, listed in CONTENT_LISTS.items()},
    }


def content_fingerprint(content: Content) -> str:
    """A short text that two contents share only if they are the same."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def refs_in(content: Mapping[str, Any]) -> list[PartyRef]:
    """The references of a content's parties."""
    return [PartyRef.parse(party["actor"]) for party in content["parties"]]


def current_content(content: Content) -> Content:
    """The content as `read_content` would give it: its lists in their order, and every party that was merged replaced
    by the record that it was merged into."""
    content = {**content, **{name: listed.in_order(content[name]) for name, listed in CONTENT_LISTS.items()}}
    survivors = {str(ref): str(survivor) for ref, survivor in _survivors(refs_in(content)).items()}
    if not survivors:
        return content
    there = {party["actor"] for party in content["parties"]} - survivors.keys()
    kept = []
    for party in content["parties"]:
        actor = survivors.get(party["actor"])
        if actor is None:
            kept.append(party)
        elif actor not in there:
            there.add(actor)
            kept.append({**party, "actor": actor})
    return {**content, "parties": kept}


def _survivors(refs: Collection[PartyRef]) -> dict[PartyRef, PartyRef]:
    """Merged actors, among some given, each with the one at the end of its chain of merges."""
    found: dict[PartyRef, PartyRef] = {}
    waiting = {ref: ref for ref in refs}
    for _step in range(LONGEST_CHAIN):
        if not waiting:
            break
        into: dict[PartyRef, PartyRef] = {}
        for kind, model in ((PartyKind.TOWN, Town), (PartyKind.ORGANISATION, Organisation)):
            merged = model.objects.filter(pk__in=keys_among(kind, waiting.values())).exclude(merged_into=None)
            into |= {kind.ref(pk): kind.ref(target) for pk, target in merged.values_list("pk", "merged_into")}
        waiting = {ref: into[at] for ref, at in waiting.items() if at in into}
        found |= waiting
    return found


def write_content(agreement: Agreement, content: Content) -> None:
    """Make a stored agreement what the content says, touching only the rows that differ.

    A party that stays keeps its row, and with it its suspensions. Call it in a transaction, through ``workflow``.
    """
    changed = [column for column in CONTENT_COLUMNS if plain_value(getattr(agreement, column)) != content[column]]
    for column in changed:
        setattr(agreement, column, content[column])
    if changed:
        agreement.save(update_fields=changed)
    for name, listed in CONTENT_LISTS.items():
        _write_rows(agreement, listed, content[name])


def _write_rows(agreement: Agreement, listed: ContentList, entries: Iterable[Any]) -> None:
    """Make the rows of one list of the agreement those of some entries, by their keys."""
    wanted = {
        listed.key(entry): {**listed.columns(entry), **({"position": position} if listed.ordered else {})}
        for position, entry in enumerate(entries, 1)
    }
    rows = listed.model._default_manager
    kept = set()
    for row in rows.filter(agreement=agreement):
        key = listed.key(listed.entry(vars(row)))
        if key not in wanted or key in kept:
            row.delete()
            continue
        kept.add(key)
        changed = {name: value for name, value in wanted[key].items() if plain_value(getattr(row, name)) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.save(update_fields=changed)
    for key, values in wanted.items():
        if key not in kept:
            rows.create(agreement=agreement, **values)


@dataclass(frozen=True)
class Difference:
    """One thing in which two contents differ, in words of the active language; empty where it is missing."""

    label: str
    before: str
    after: str
    language: str = ""
    """The language of the two, where that is not the page's: that of a translated column."""


def content_differences(
    before: Content | None,
    after: Content,
    *,
    names: Mapping[str, str] | None = None,
    words: "ContentFormatter | None" = None,
) -> list[Difference]:
    """Diff of two contents, in the order of the form; all that is filled where there is none before.

    `names` are those of parties and sources that are not stored yet, by the keys that stand for them. `words` made of
    many contents spare each comparison its own reading of names.
    """
    words = words or ContentFormatter([content for content in (before, after) if content])
    words.actors |= names or {}
    words.sources.update(names or {})
    found = []
    for column in CONTENT_COLUMNS:
        old = words.column(column, before[column]) if before else ""
        new = words.column(column, after[column])
        if old != new:
            found.append(Difference(words.label(column), old, new, words.language(column)))
    for name in CONTENT_LISTS:
        found += words.list_differences(name, before[name] if before else [], after[name])
    return found


class ContentFormatter:
    """Contents in words: the names of what their keys stand for are read at once."""

    def __init__(self, contents: Iterable[Content]) -> None:
        contents = list(contents)
        actors = actors_of({ref for content in contents for ref in refs_in(content)})
        self.actors = {
            str(ref): f"{actor} ({actor.country})" if isinstance(actor, Town) else str(actor)
            for ref, actor in actors.items()
        }
        sources = {key for content in contents for key in content["sources"] if isinstance(key, int)}
        self.sources: dict[int | str, Any] = Source.objects.in_bulk(sources)
        self.themes = Theme.objects.in_bulk({key for content in contents for key in content["themes"]})
        self.funding = FundingSource.objects.in_bulk(
            {row["funding"] for content in contents for row in content["funding"]}
        )

    @staticmethod
    def label(column: str) -> str:
        """The name of one of the agreement's columns."""
        return str(CONTENT_FIELDS[column].model_field.verbose_name)

    @staticmethod
    def column(column: str, value: Any) -> str:
        """A value of one of the agreement's own columns."""
        return "" if value in (None, "") else CONTENT_FIELDS[column].value.words(value)

    @staticmethod
    def language(column: str) -> str:
        """The language of one of the agreement's columns, empty where it is that of the page."""
        value = CONTENT_FIELDS[column].value
        return value.language if isinstance(value, TextValue) else ""

    def list_differences(self, name: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
        """Diff of one of the lists: rows added, changed and removed."""
        label, render = self.row(name)
        listed = CONTENT_LISTS[name]

        def keyed(rows: list[Any]) -> dict[str, Any]:
            return {json.dumps(row, sort_keys=True): row for row in rows} if listed.whole else listed.by_key(rows)

        old, new = keyed(before), keyed(after)
        for one in {**old, **new}:
            texts = [render(rows[one]) if one in rows else "" for rows in (old, new)]
            if texts[0] != texts[1]:
                yield Difference(label, *texts)

    def row(self, name: str) -> tuple[str, Callable[[Any], str]]:
        """Label of the rows of one of the lists, and the function that renders a row."""
        return {
            "parties": (_("party"), self.party),
            "themes": (_("theme"), lambda code: str(self.themes.get(code, code))),
            "funding": (_("funding"), self.contribution),
            "renewals": (_("renewal"), self.renewal),
            "sources": (_("source"), lambda pk: str(self.sources.get(pk, pk))),
        }[name]

    def party(self, party: Mapping[str, Any]) -> str:
        """A party: its name, role and dates."""
        parts = [self.actors.get(party["actor"], "…")]
        if party["role"] != PartyRole.PARTNER:
            parts.append(str(PartyRole(party["role"]).label))
        if party["joined"]:
            parts.append(_("joined %(date)s") % {"date": PartialDate(party["joined"]).localised()})
        if party["left"]:
            parts.append(_("left %(date)s") % {"date": PartialDate(party["left"]).localised()})
        return ", ".join(parts)

    def contribution(self, row: Mapping[str, Any]) -> str:
        """A funding source with its year and amount."""
        parts = [str(self.funding.get(row["funding"], row["funding"]))]
        if row["year"]:
            parts.append(str(row["year"]))
        if row["amount"] is not None:
            parts.append(f"{number_format(Decimal(row['amount']), force_grouping=True)} {row['currency']}")
        return ", ".join(parts)

    @staticmethod
    def renewal(row: Mapping[str, Any]) -> str:
        """A renewal with its term."""
        text = PartialDate(row["renewed"]).localised()
        if row["valid_until"]:
            until = PartialDate(row["valid_until"]).localised()
            text = pgettext("renewal", "%(date)s, valid until %(until)s") % {"date": text, "until": until}
        return text


def empty() -> Content:
    """The content of an agreement of which nothing is known yet."""
    fresh = Agreement()
    return {
        **{column: plain_value(getattr(fresh, column)) for column in CONTENT_COLUMNS},
        **{name: [] for name in CONTENT_LISTS},
    }
