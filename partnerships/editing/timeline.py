"""The time line of a record: what changed, when, by which role and body, from the history that the database keeps.

What was written while a record was not public is told to those who may write it; to everybody else it shows in what the
next public step brought.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db import models
from django.utils.translation import gettext as _

from core import history
from core.fields import reference_of
from core.imports.models import ImportBatch
from core.languages import column_language

from ..agreements.fields import CONTENT_COLUMNS
from ..agreements.tables import AGREEMENT_TABLES, CONTENT_TABLES
from ..choices import Action, Publication
from ..models import (
    Agreement,
    Attachment,
    Claim,
    Country,
    Organisation,
    OrganisationName,
    OrganisationSource,
    StateRelation,
    Territory,
    TerritoryParent,
    Town,
    TownName,
    TownSource,
    ZoneCountry,
)
from . import actions, snapshot
from .authors import Author, Authors
from .snapshot import Difference

RelatedTable = tuple[type[models.Model], str]
"""A table of rows that belong to a record, and the path from a row to it."""

RELATED_TABLES: dict[type[models.Model], Sequence[RelatedTable]] = {
    Agreement: [(table.model, table.path) for table in AGREEMENT_TABLES],
    Town: [(TownName, "town"), (TownSource, "town"), (Claim, "town")],
    Organisation: [(OrganisationName, "organisation"), (OrganisationSource, "organisation")],
    Territory: [(TerritoryParent, "territory")],
    Country: [(StateRelation, "country"), (ZoneCountry, "country"), (Claim, "country")],
}
"""The rows that belong to a record of this app; other apps name their own."""

_IN_CONTENT = frozenset(table.model for table in CONTENT_TABLES)
OF_FILES = frozenset({"file", "name", "media_type", "size", "sha256"})
"""Columns of uploaded documents that say nothing to readers."""
MERGING = frozenset({Action.MERGE, Action.UNDO_MERGE})
"""Actions that are told with the other record."""
_MAX_DIFFERENCES = 12
"""Differences of one step that are told one by one."""


@dataclass
class TimelineEntry:
    """A step as the page shows it."""

    when: datetime.datetime
    what: str
    author: Author
    reason: str = ""
    batch: ImportBatch | None = None
    differences: list[Difference] = field(default_factory=list)
    more: int = 0
    """Differences that are not told one by one."""
    restorable: bool = False
    """True if the record's content then differs from its content now."""


class Timeline:
    """Time line of a record's history, the last step first.

    `lists` are the rows that belong to it; with `everything`, also what was written while it was not public.
    `columns` are those that the reader may bring back; an agreement comes back as a whole.
    """

    def __init__(
        self,
        record: models.Model,
        lists: Sequence[RelatedTable] | None = None,
        *,
        everything: bool = False,
        columns: Sequence[str] = (),
    ) -> None:
        self.record = record
        self.columns = columns
        self.model = type(record)
        self.unknown: set[str] = set()
        """References of merged records that the reader is not told of."""
        self.lists = RELATED_TABLES[self.model] if lists is None else lists
        self.everything = everything

    @cached_property
    def steps(self) -> list[history.HistoryStep]:
        """Visible steps, the first one first; changes between two of them are part of the later one."""
        told: list[history.HistoryStep] = []
        before: history.RowStates = {}
        for step in history.replay(self._events(), Action.values):
            after = step.after if self.everything else self._public(before, step)
            if after is not None:
                told.append(history.HistoryStep(step.when, step.said, before, after))
                before = after
        return told

    def _public(self, told: history.RowStates, step: history.HistoryStep) -> history.RowStates | None:
        """Public state of the rows after a step, given the state `told` before it; None if the step shows nothing
        public.

        The withdrawal of a public record is shown, but not what was written into it while it was not public.
        """
        key = (self.model, self.record.pk)
        was, own, known = step.before.get(key), step.after.get(key), told.get(key)
        if own is None:
            return None
        state = {name: own[name] for name in ("publication", "merged_into_id") if name in own}
        publication = state.get("publication", Publication.PUBLISHED)
        if publication == Publication.PUBLISHED:
            return step.after
        changed = was is None or any(was[name] != value for name, value in state.items())
        if publication == Publication.WITHDRAWN and known is not None and changed:
            return {**told, key: {**known, **state}}
        return None

    def _events(self) -> Iterator[tuple[type[models.Model], models.QuerySet]]:
        yield self.model, history.events_of(self.model).filter(pgh_obj=self.record.pk)
        for model, path in self.lists:
            yield model, history.events_of_rows(model, path, self.record.pk)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, part: slice) -> list[TimelineEntry]:
        """Some of the entries, the last one first, as pages ask for them."""
        steps = list(reversed(self.steps))[part]
        names = Authors(step.said for step in steps)
        self.unknown = self._unknown({str(step.said["loser"]) for step in steps if step.said.get("loser")})
        words = history.RowFormatter(public=not self.everything)
        found = [snapshot.of_rows(self.record.pk, rows) for step in steps for rows in (step.before, step.after)]
        of_contents = snapshot.ContentFormatter([one for one in found if one]) if self.model is Agreement else None
        now = snapshot.read_content(self.record) if isinstance(self.record, Agreement) else None
        entries = []
        for number, step in enumerate(steps):
            before, after = found[2 * number : 2 * number + 2] if of_contents else (None, None)
            differences = snapshot.content_differences(before, after, words=of_contents) if after else []
            differences += self._others(step, words)
            entries.append(
                TimelineEntry(
                    when=step.when,
                    what=self._what(step),
                    author=names.author(step.said),
                    reason=actions.reason_of(step.said, writes=self.everything),
                    batch=names.batches.get(step.said.get("batch", "")),
                    differences=differences[:_MAX_DIFFERENCES],
                    more=max(0, len(differences) - _MAX_DIFFERENCES),
                    restorable=after != now if after else self._differs(step),
                )
            )
        return entries

    def _unknown(self, losers: set[str]) -> set[str]:
        """References of merged records that never were public: only those who may write the record know them."""
        if self.everything or not losers:
            return set()
        rows = self.model._default_manager.filter(reference__in=losers - {reference_of(self.record)})
        return {reference_of(one) for one in rows if one.serializable_value("published_at") is None}

    def _differs(self, step: history.HistoryStep) -> bool:
        """True if the columns that the reader may restore have other values now."""
        row = step.after.get((self.model, self.record.pk))
        return row is not None and any(row[column] != getattr(self.record, column) for column in self.columns)

    def _what(self, step: history.HistoryStep) -> str:
        """Label of the step's action."""
        action = step.said.get("action", "")
        if action in MERGING and step.said.get("loser") not in self.unknown:
            lost = step.said.get("loser") == reference_of(self.record)
            other = step.said.get("winner" if lost else "loser", "")
            return _merged_words(action, lost) % {"other": other}
        if action in Action and action not in {*MERGING, Action.UNDO_IMPORT}:  # an undo may bring a record back
            return str(Action(action).label)
        if (self.model, self.record.pk) not in step.before:
            return _("entered")
        return str(Action.SAVE.label)

    def _others(self, step: history.HistoryStep, words: history.RowFormatter) -> Iterator[Difference]:
        """Diff of the columns and lists that are no part of an agreement's content."""
        own = (self.model, self.record.pk)
        yield from self._columns(step.before.get(own), step.after.get(own), words)
        for key in {**step.before, **step.after}:
            model, _pk = key
            if key == own or step.before.get(key) is step.after.get(key):
                continue
            if model in _IN_CONTENT and self.model is Agreement:
                continue
            texts = [self._text(model, rows.get(key), words) for rows in (step.before, step.after)]
            if texts[0] != texts[1]:
                yield Difference(str(model._meta.verbose_name), *texts)

    def _columns(
        self, before: Mapping[str, object] | None, after: Mapping[str, object] | None, words: history.RowFormatter
    ) -> Iterator[Difference]:
        if after is None or before is after:
            return
        for column in history.tracked_fields(self.model):
            name = column.attname
            if self.model is Agreement and name in CONTENT_COLUMNS:
                continue
            if before is None and name in ("publication", "merged_into_id"):
                continue  # that it is there says as much
            texts = [words.value(column, row[name]) if row else "" for row in (before, after)]
            if texts[0] != texts[1]:
                yield Difference(str(column.verbose_name), texts[0], texts[1], column_language(name))

    def _text(self, model: type[models.Model], row: Mapping[str, object] | None, words: history.RowFormatter) -> str:
        """A row of a list, without what ties it to the record; empty where it is not there, or another's, or tells of a
        record that is not public."""
        if row is None:
            return ""
        ties = [path for table, path in self.lists if table is model and "__" not in path]
        if any(row[f"{column}_id"] != self.record.pk for column in ties):
            return ""
        others = [column for column in model._meta.local_fields if column.name not in ties and column.is_relation]
        if words.public and any(words.value(column, row[column.attname]) == history.UNKNOWN for column in others):
            return ""  # what ties it to a record that nobody knows of
        return words.row(model, row, {*(f"{column}_id" for column in ties), *(OF_FILES if model is Attachment else ())})


def _merged_words(action: str, lost: bool) -> str:
    if action == Action.MERGE:
        return _("merged into %(other)s") if lost else _("%(other)s was merged into this one")
    return _("no longer merged into %(other)s") if lost else _("%(other)s is no longer merged into this one")
