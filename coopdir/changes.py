"""Change log of the directory: agreements published, changed, suspended, ended, merged …, newest first.

A line is what one step of the history did: one agreement by hand, or a hundred thousand by an import. The steps are
walked back in time until a page is full, so that the page costs what it shows, however long the history is.
"""

import datetime
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from itertools import islice
from typing import Any, Self

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import TemplateView
from pghistory.models import Context
from pyroaring import BitMap

from coopdir import history_steps
from core.dates import PartialDate
from core.imports.models import ImportBatch
from core.lists.fieldsets import FormSource
from core.lists.filtersets import ChoicesFilter, DateFilter, Fieldset
from core.text import normalise
from partnerships.agreements.facets import INDEX
from partnerships.agreements.filters import AgreementFilter
from partnerships.agreements.tables import events_by_agreement
from partnerships.editing.actions import reason_of
from partnerships.editing.authors import Author, Authors
from partnerships.labels import territory_names
from partnerships.models import Agreement
from partnerships.querysets import AgreementQuerySet, agreements

PUBLISHED, CHANGED, SUSPENDED, ENDED, WITHDRAWN, MERGED, VERIFIED = WHAT = (
    "published",
    "changed",
    "suspended",
    "ended",
    "withdrawn",
    "merged",
    "verified",
)
_EVENT_LABELS = {
    PUBLISHED: pgettext_lazy("change", "published"),
    CHANGED: pgettext_lazy("change", "changed"),
    SUSPENDED: pgettext_lazy("change", "suspended or resumed"),
    ENDED: pgettext_lazy("change", "ended"),
    WITHDRAWN: pgettext_lazy("change", "withdrawn"),
    MERGED: pgettext_lazy("change", "merged into another"),
    VERIFIED: pgettext_lazy("change", "verified"),
}
"""Labels of the kinds of change."""

_LINES_PER_PAGE = 50
"""Lines of a page."""
_NAMED_PER_LINE = 5
"""Agreements that a line names."""
OFFERED = 200
"""Territories to choose from."""
STRIDE, MOST_STRIDE = 100, 800
"""Steps that are read at first; each time that they do not fill the page, twice as many follow, up to so many."""
_ROWS_PER_CHUNK = 10_000
"""Rows of agreements whose fate is worked out at a time."""
MAX_STEPS, _MAX_ROWS = 3_000, 60_000
"""Steps that one page looks through, and rows of agreements that they wrote: then it says how far back it looked, and
leads on."""
FEW = 2_000
"""Agreements that are looked up one by one; of more, all those that are asked for are read."""


class ChangesFilter(AgreementFilter):
    """The filters of agreements, for all of them: also those that are over, and within one country. The dates are those
    of the change."""

    indexed = False  # a change may be of what is not published any more

    what = ChoicesFilter(label=_("What"), choices=list(_EVENT_LABELS.items()), method="leave")
    since = DateFilter(label=_("Changed from"), method="leave")
    until = DateFilter(label=_("Changed to"), method="leave")
    fieldsets = [
        Fieldset(_("Change"), ("what", "since", "until")),
        Fieldset(_("Who"), ("country", "partner", "territory", "zone")),
        Fieldset(_("What"), ("kind", "theme")),
    ]
    rest = ""
    past = None  # type: ignore[assignment]  # how django-filter takes a filter away
    domestic = None  # type: ignore[assignment]  # the same

    not_filters = AgreementFilter.not_filters | {"before"}

    def leave(self, queryset: AgreementQuerySet, name: str, value: Any) -> AgreementQuerySet:
        """Filter method without effect: these parameters are conditions on the change, not on the agreement."""
        return queryset

    def filter_jointly(self, queryset: AgreementQuerySet, values: dict[str, Any]) -> AgreementQuerySet:
        return super().filter_jointly(queryset, {**values, "past": True, "domestic": True})


@dataclass(frozen=True)
class ChangeLine:
    """Line of the change log: what one step did, to which agreements, by whom, when. `key` is unique and permanent."""

    key: str
    when: datetime.datetime
    what: str
    author: Author
    reason: str
    batch: ImportBatch | None
    number: int
    agreements: list[Agreement]

    @property
    def word(self) -> str:
        """Translated label of the change."""
        return str(_EVENT_LABELS[self.what])

    @property
    def others(self) -> int:
        """Number of agreements in the line that are not listed by name."""
        return self.number - len(self.agreements)


@dataclass(frozen=True)
class ChangeContext:
    """A context of the history, or a transaction that said nothing of itself."""

    when: datetime.datetime
    key: Any
    said: Mapping[str, Any]


class ChangesPage(TemplateView):
    """Change log page: agreements published, changed, ended, withdrawn, by filter."""

    template_name = "changes.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        question = ChangesFilter(self.request.GET, agreements().known_to_all(), request=self.request)
        before = _moment(self.request.GET.get("before", ""))
        changes = Changes.asked_by(question) if not question.messages else None
        lines, older = changes.page(before) if changes else ([], None)
        return super().get_context_data(
            filter=question,
            lines=lines,
            older=older,
            stopped=changes.stopped if changes else None,
            before=before,
            chips=question.chips(),
            querystring=question.querystring(),
            errors=question.messages,
            warnings=question.warnings,
            filters_form=FormSource(question, choices={"territory": _territories(question)}).form(),
            **kwargs,
        )


def _territories(question: ChangesFilter) -> list[tuple[str, str]]:
    """The territories to choose from, by code, in the order of their names and codes: those with the most
    agreements, and those that are chosen."""
    with INDEX.reading() as index:
        sizes = (member for family in index.families("territory") for member in family.members)
        codes = [code for _size, code in nlargest(OFFERED, sizes)]
    names = territory_names({*codes, *map(str, question.form["territory"].value() or ())})
    return sorted(names.items(), key=lambda choice: (normalise(choice[1]), choice[0]))


def _moment(text: str) -> datetime.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None


_RecordFilter = Callable[[BitMap], BitMap]
"""Function that selects, among agreements, those that are asked for and may be seen."""


class Changes:
    """The changes that a question asks for: of agreements that are `among` those asked for, within a time."""

    def __init__(
        self,
        among: _RecordFilter,
        what: Container[str] = WHAT,
        since: datetime.datetime | None = None,
        until: datetime.datetime | None = None,
    ) -> None:
        self.among = among
        self.stopped: datetime.datetime | None = None
        """The moment before which nothing was looked at any more, though the page is not full."""
        self.what = what
        self.since, self.until = since, until

    @classmethod
    def asked_by(cls, question: ChangesFilter) -> Self:
        """The changes that a valid question of the page asks for."""
        values = question.form.cleaned_data
        matching = question.qs.order_by().values_list("pk", flat=True)
        plain = not question.chips()

        @cache
        def asked() -> BitMap:
            return BitMap(matching.iterator(chunk_size=20_000))

        def among(keys: BitMap) -> BitMap:
            # Without a filter the few that a page shows are looked up; a filter is worked out once.
            return keys & (BitMap(matching.filter(pk__in=list(keys))) if plain and len(keys) < FEW else asked())

        return cls(among, values["what"] or WHAT, _first(values["since"]), _after(values["until"]))

    def agreements(self, most: int) -> Iterator[tuple[datetime.datetime, int]]:
        """The primary keys of agreements one by one, at most so many, each with when it last changed."""
        seen = BitMap()
        for step, _what, keys in self._walk(self.until):
            for key in islice(reversed(keys - seen), most - len(seen)):
                yield step.when, key
                seen.add(key)
            if len(seen) >= most:
                return

    def page(self, before: datetime.datetime | None) -> tuple[list[ChangeLine], datetime.datetime | None]:
        """Some lines, of before a moment, and the moment before which the next page begins, if there is one."""
        found: list[tuple[ChangeContext, str, BitMap]] = []
        ends = [moment for moment in (before, self.until) if moment]
        for step, what, keys in self._walk(min(ends) if ends else None):
            if len(found) >= _LINES_PER_PAGE and step.when < found[-1][0].when:  # what has one time stays on one page
                return self._lines(found), found[-1][0].when
            found.append((step, what, keys))
        return self._lines(found), self.stopped

    def _lines(self, found: list[tuple[ChangeContext, str, BitMap]]) -> list[ChangeLine]:
        authors = Authors(step.said for step, _what, _keys in found)
        named = {key for _step, _what, keys in found for key in islice(keys, _NAMED_PER_LINE)}
        known = agreements().with_parties().in_bulk(named)
        return [
            ChangeLine(
                key=f"{step.key.isoformat() if isinstance(step.key, datetime.datetime) else step.key}-{what}",
                when=step.when,
                what=what,
                author=authors.author(step.said),
                reason=reason_of(step.said),
                batch=authors.batches.get(step.said.get("batch", "")),
                number=len(keys),
                agreements=[known[key] for key in islice(keys, _NAMED_PER_LINE) if key in known],
            )
            for step, what, keys in found
        ]

    def _walk(self, before: datetime.datetime | None) -> Iterator[tuple[ChangeContext, str, BitMap]]:
        """The steps back in time: what each did to which of the agreements asked for."""
        stride, looked, written, reached = STRIDE, 0, 0, before
        while steps := self._steps(before, stride):
            for part, number in _parts(steps):
                if looked >= MAX_STEPS or written >= _MAX_ROWS:
                    self.stopped = reached
                    return
                did = _done(part)
                matching = self._among(
                    BitMap.union(BitMap(), *(keys for done in did.values() for keys in done.values()))
                )
                for step in part:
                    for what in WHAT:
                        if what in self.what and (keys := did.get(step.key, {}).get(what, BitMap()) & matching):
                            yield step, what, keys
                looked, written, reached = looked + len(part), written + number, part[-1].when
            before, stride = steps[-1].when, min(stride * 2, MOST_STRIDE)

    def _among(self, keys: BitMap) -> BitMap:
        return self.among(keys) if keys else keys

    def _steps(self, before: datetime.datetime | None, stride: int) -> list[ChangeContext]:
        """The next steps back in time, whole transactions."""
        contexts = _within(Context.objects.all(), "created_at", self.since, before).order_by("-created_at")
        rows = list(contexts.values_list("created_at", "pk", "metadata")[:stride])
        last = rows[-1][0] if len(rows) == stride else self.since
        if len(rows) == stride:
            also = contexts.filter(created_at=last).exclude(pk__in=[pk for _when, pk, _said in rows])
            rows += also.values_list("created_at", "pk", "metadata")
        steps = [ChangeContext(when, pk, said) for when, pk, said in rows]
        silent = set()
        for events in events_by_agreement():
            own = _within(events.filter(pgh_context=None), "pgh_created_at", last, before)
            silent |= set(own.order_by().values_list("pgh_created_at", flat=True).distinct())
        steps += [ChangeContext(when, when, {}) for when in silent]
        return sorted(steps, key=lambda step: step.when, reverse=True)


def _by_import(step: ChangeContext) -> bool:
    """True if a step is an import or its undo: it may concern very many agreements."""
    return bool({"batch", "undoes"} & step.said.keys())


def _parts(steps: list[ChangeContext]) -> Iterator[tuple[list[ChangeContext], int]]:
    """Some steps in parts that are cheap to tell, each with the rows of agreements that it wrote: a page that is full
    asks for no more. What has one time is one part."""
    sizes = history_steps.sizes([step.key for step in steps])
    part: list[ChangeContext] = []
    number = 0
    for step in steps:
        size = sizes.get(step.key, 0)
        if part and step.when < part[-1].when and (number + size > _ROWS_PER_CHUNK or len(part) >= STRIDE):
            yield part, number
            part, number = [], 0
        part.append(step)
        number += size
    yield part, number


def _done(steps: list[ChangeContext]) -> dict[Any, history_steps.Done]:
    """Map each step's key to what the step did, with the agreements it did it to."""
    by_hand = {step.key: step.when for step in steps if not _by_import(step)}
    return history_steps.by_hand(by_hand) | history_steps.by_imports([step.key for step in steps if _by_import(step)])


def _within(rows: QuerySet, column: str, since: datetime.datetime | None, before: datetime.datetime | None) -> QuerySet:
    if since:
        rows = rows.filter(**{f"{column}__gte": since})
    return rows.filter(**{f"{column}__lt": before}) if before else rows


def _first(date: PartialDate | None) -> datetime.datetime | None:
    return _midnight(date.first_day()) if date else None


def _after(date: PartialDate | None) -> datetime.datetime | None:
    if date is None:
        return None
    first = date.first_day()
    match len(date):
        case 4:
            return _midnight(first.replace(year=first.year + 1))
        case 7:
            return _midnight((first + datetime.timedelta(days=31)).replace(day=1))
        case _:
            return _midnight(first + datetime.timedelta(days=1))


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
