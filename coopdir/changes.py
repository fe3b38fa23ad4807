"""What changed in the directory: agreements published, changed, suspended, ended, merged …, newest first.

A line is what one step of the history did: one agreement by hand, or a hundred thousand by an import. The steps are
walked back in time until a page is full, so that the page costs what it shows, however long the history is.
"""

import datetime
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from itertools import islice
from typing import Any, Self

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import TemplateView
from pghistory.models import Context
from pyroaring import BitMap

from coopdir.dates import PartialDate
from coopdir.imports.models import ImportBatch
from coopdir.listing.filterset import ChoicesFilter, DateFilter
from coopdir.text import normalise
from networks.facets import INDEX
from networks.filters import AgreementFilter
from partnerships.choices import Activity, FormalStatus, Publication
from partnerships.content import COLUMNS
from partnerships.labels import territory_names
from partnerships.models import (
    Agreement,
    AgreementSource,
    AgreementTheme,
    Document,
    FundingContribution,
    Party,
    Renewal,
    Suspension,
)
from partnerships.querysets import AgreementQuerySet, agreements
from partnerships.timeline import Author, Authors

PUBLISHED, CHANGED, SUSPENDED, ENDED, WITHDRAWN, MERGED, VERIFIED = WHAT = (
    "published",
    "changed",
    "suspended",
    "ended",
    "withdrawn",
    "merged",
    "verified",
)
WORDS = {
    PUBLISHED: pgettext_lazy("change", "published"),
    CHANGED: pgettext_lazy("change", "changed"),
    SUSPENDED: pgettext_lazy("change", "suspended or resumed"),
    ENDED: pgettext_lazy("change", "ended"),
    WITHDRAWN: pgettext_lazy("change", "withdrawn"),
    MERGED: pgettext_lazy("change", "merged into another"),
    VERIFIED: pgettext_lazy("change", "verified"),
}
"""What can have become of an agreement."""

LISTS = (Party, AgreementTheme, FundingContribution, Renewal, AgreementSource, Document)
"""The tables that change with an agreement, besides its own and its parties' suspensions."""
LINES = 50
"""Lines of a page."""
NAMED = 5
"""Agreements that a line names."""
OFFERED = 200
"""Territories to choose from."""
STRIDE = 100
"""Steps that are read at first; each time that they do not fill the page, twice as many follow."""
SEEN = {Publication.PUBLISHED.value, Publication.WITHDRAWN.value}


class ChangesFilter(AgreementFilter):
    """The filters of agreements, for all of them: also those that are over, and within one country. The dates are those
    of the change."""

    what = ChoicesFilter(label=_("What"), choices=list(WORDS.items()), method="leave")
    since = DateFilter(label=_("Changed from"), method="leave")
    until = DateFilter(label=_("Changed to"), method="leave")
    past = None
    domestic = None

    not_filters = AgreementFilter.not_filters | {"before"}

    def leave(self, queryset: AgreementQuerySet, name: str, value: Any) -> AgreementQuerySet:
        """These are conditions on the change."""
        return queryset

    def filter_jointly(self, queryset: AgreementQuerySet, values: dict[str, Any]) -> AgreementQuerySet:
        return super().filter_jointly(queryset, {**values, "past": True, "domestic": True})


@dataclass(frozen=True)
class Line:
    """What one step did: what, to which agreements, by whom, when. `key` tells it from all others, for ever."""

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
        """What became of the agreements."""
        return str(WORDS[self.what])

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.number - len(self.agreements)


@dataclass(frozen=True)
class Step:
    """A context of the history, or a transaction that said nothing of itself."""

    when: datetime.datetime
    key: Any
    said: Mapping[str, Any]


class ChangesPage(TemplateView):
    """What was published, changed, ended, withdrawn, by filter."""

    template_name = "changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = agreements().filter(publication__in=SEEN)
        question = ChangesFilter(self.request.GET, shown, request=self.request)
        before = _moment(self.request.GET.get("before", ""))
        lines, older = ([], None) if question.messages else Changes.asked_by(question).page(before)
        return super().get_context_data(
            filter=question,
            lines=lines,
            older=older,
            before=before,
            chips=question.chips(),
            querystring=question.querystring(),
            errors=question.messages,
            warnings=question.warnings,
            territories=_territories(question),
            **kwargs,
        )


def _territories(question: ChangesFilter) -> list[tuple[str, str]]:
    """The territories to choose from, by code, in the order of their names: those with the most agreements, and those
    that are chosen."""
    with INDEX.reading() as index:
        sizes = (member for family in index.families("territory") for member in family.members)
        codes = [code for _size, code in nlargest(OFFERED, sizes)]
    names = territory_names({*codes, *map(str, question.form["territory"].value() or ())})
    return sorted(names.items(), key=lambda choice: normalise(choice[1]))


def _moment(text: str) -> datetime.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None


Among = Callable[[BitMap], BitMap]
"""Which of some agreements are asked for, and may be seen."""


class Changes:
    """The changes that a question asks for: of agreements that are `among` those asked for, within a time."""

    def __init__(
        self,
        among: Among,
        what: Container[str] = WHAT,
        since: datetime.datetime | None = None,
        until: datetime.datetime | None = None,
    ) -> None:
        self.among = among
        self.what = what
        self.since, self.until = since, until

    @classmethod
    def asked_by(cls, question: ChangesFilter) -> Self:
        """The changes that a valid question of the page asks for."""
        values = question.form.cleaned_data
        matching = question.qs.order_by()

        def among(keys: BitMap) -> BitMap:
            found = matching.filter(pk__in=list(keys)) if len(keys) < 2000 else matching
            return keys & BitMap(found.values_list("pk", flat=True).iterator(chunk_size=20_000))

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

    def page(self, before: datetime.datetime | None) -> tuple[list[Line], datetime.datetime | None]:
        """Some lines, of before a moment, and the moment before which the next page begins, if there is one."""
        found: list[tuple[Step, str, BitMap]] = []
        ends = [moment for moment in (before, self.until) if moment]
        for step, what, keys in self._walk(min(ends) if ends else None):
            if len(found) >= LINES and step.when < found[-1][0].when:  # what has one time stays on one page
                return self._lines(found), found[-1][0].when
            found.append((step, what, keys))
        return self._lines(found), None

    def _lines(self, found: list[tuple[Step, str, BitMap]]) -> list[Line]:
        authors = Authors(step.said for step, _what, _keys in found)
        named = {key for _step, _what, keys in found for key in islice(keys, NAMED)}
        known = agreements().with_parties().in_bulk(named)
        return [
            Line(
                key=f"{step.key.isoformat() if isinstance(step.key, datetime.datetime) else step.key}-{what}",
                when=step.when,
                what=what,
                author=authors.author(step.said),
                reason=str(step.said.get("reason", "")),
                batch=authors.batches.get(step.said.get("batch")),
                number=len(keys),
                agreements=[known[key] for key in islice(keys, NAMED) if key in known],
            )
            for step, what, keys in found
        ]

    def _walk(self, before: datetime.datetime | None) -> Iterator[tuple[Step, str, BitMap]]:
        """The steps back in time: what each did to which of the agreements asked for."""
        stride = STRIDE
        while steps := self._steps(before, stride):
            did = _done_by_hand([step for step in steps if not _by_import(step)])
            wanted = self._among(BitMap.union(BitMap(), *(keys for done in did.values() for keys in done.values())))
            for step in steps:
                done = did.get(step.key, {})
                matching = wanted
                if _by_import(step):
                    done = _done_by_import(step.key)
                    matching = self._among(BitMap.union(BitMap(), *done.values()))
                for what in WHAT:
                    if what in self.what and (keys := done.get(what, BitMap()) & matching):
                        yield step, what, keys
            before, stride = steps[-1].when, stride * 2

    def _among(self, keys: BitMap) -> BitMap:
        return self.among(keys) if keys else keys

    def _steps(self, before: datetime.datetime | None, stride: int) -> list[Step]:
        """The next steps back in time, whole transactions."""
        contexts = _within(Context.objects.all(), "created_at", self.since, before).order_by("-created_at")
        rows = list(contexts.values_list("created_at", "pk", "metadata")[:stride])
        last = rows[-1][0] if len(rows) == stride else self.since
        if len(rows) == stride:
            also = contexts.filter(created_at=last).exclude(pk__in=[pk for _when, pk, _said in rows])
            rows += also.values_list("created_at", "pk", "metadata")
        steps = [Step(when, pk, said) for when, pk, said in rows]
        silent = set()
        for model in (Agreement, Suspension, *LISTS):
            events = _within(model.pgh_event_model.objects.filter(pgh_context=None), "pgh_created_at", last, before)
            silent |= set(events.order_by().values_list("pgh_created_at", flat=True).distinct())
        steps += [Step(when, when, {}) for when in silent]
        return sorted(steps, key=lambda step: step.when, reverse=True)


def _by_import(step: Step) -> bool:
    """Whether a step is that of a file, or of its being taken back: it may be about very many agreements."""
    return bool({"batch", "undoes"} & step.said.keys())


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


def _done_by_hand(steps: list[Step]) -> dict[Any, dict[str, BitMap]]:
    """What each step did, and to which agreements, by its key."""
    touched: dict[Any, dict[int, set[str]]] = {step.key: {} for step in steps}
    contexts = [step.key for step in steps if step.said or not isinstance(step.key, datetime.datetime)]
    moments = [step.key for step in steps if isinstance(step.key, datetime.datetime)]
    sources = [(Agreement, F("pgh_obj_id"), ""), (Suspension, F("party__agreement_id"), SUSPENDED)]
    for model, agreement, what in [*sources, *((model, F("agreement_id"), CHANGED) for model in LISTS)]:
        events = model.pgh_event_model.objects.order_by().annotate(touched=agreement)
        found = list(events.filter(pgh_context__in=contexts).values_list("pgh_context_id", "touched"))
        if moments:
            silent = events.filter(pgh_context=None, pgh_created_at__in=moments)
            found += silent.values_list("pgh_created_at", "touched")
        for key, pk in found:
            if pk is not None:
                touched[key].setdefault(pk, set()).add(what)
    told = _told({pk for keys in touched.values() for pk in keys})
    when = {step.key: step.when for step in steps}
    done: dict[Any, dict[str, BitMap]] = {}
    for key, keys in touched.items():
        for pk, ways in keys.items():
            if what := _what(ways, *_around(told.get(pk, []), key, when[key])):
                done.setdefault(key, {}).setdefault(what, BitMap()).add(pk)
    return done


def _told(keys: set[int]) -> dict[int, list[dict[str, Any]]]:
    """The events of some agreements' own rows, the first one first."""
    found: dict[int, list[dict[str, Any]]] = {}
    events = Agreement.pgh_event_model.objects.filter(pgh_obj__in=keys).order_by("pgh_id")
    for event in events.values(
        "pgh_obj_id", "pgh_created_at", "pgh_context_id", "publication", "verified_on", "merged_into_id", *COLUMNS
    ):
        found.setdefault(event["pgh_obj_id"], []).append(event)
    return found


def _around(
    events: list[dict[str, Any]], key: Any, when: datetime.datetime
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """How an agreement was before and after a step."""
    own = [number for number, event in enumerate(events) if key == (event["pgh_context_id"] or event["pgh_created_at"])]
    if own:
        return (events[own[0] - 1] if own[0] else None), events[own[-1]]
    now = next((event for event in reversed(events) if event["pgh_created_at"] <= when), None)
    return now, now


def _what(ways: set[str], before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    """What became of an agreement; empty for what is nobody's business yet."""
    was = before["publication"] if before else None
    now = after["publication"] if after else None
    if now == Publication.WITHDRAWN:
        if was != Publication.PUBLISHED:
            return ""
        return MERGED if after["merged_into_id"] else WITHDRAWN
    if now != Publication.PUBLISHED:
        return ""
    if was != Publication.PUBLISHED:
        return PUBLISHED
    if _is_over(after) and not _is_over(before):
        return ENDED
    differs = {name for name in (*COLUMNS, "verified_on", "merged_into_id") if before[name] != after[name]}
    if SUSPENDED in ways:
        return SUSPENDED
    return VERIFIED if differs == {"verified_on"} and CHANGED not in ways else CHANGED


def _is_over(event: Mapping[str, Any]) -> bool:
    ended = event["activity"] == Activity.ENDED or event["formal_status"] == FormalStatus.TERMINATED
    return ended or bool(event["ended"])


@lru_cache(maxsize=256)
def _done_by_import(context: Any) -> Mapping[str, BitMap]:
    """The agreements that an import published, and those that it changed. What is committed stays as it is."""
    own = Agreement.pgh_event_model.objects.filter(pgh_context=context).order_by()
    inserted = own.filter(pgh_label="insert", publication=Publication.PUBLISHED)
    published = BitMap(inserted.values_list("pgh_obj_id", flat=True).iterator(chunk_size=20_000))
    touched = BitMap(own.values_list("pgh_obj_id", flat=True).iterator(chunk_size=20_000))
    for model in LISTS:
        events = model.pgh_event_model.objects.filter(pgh_context=context).order_by()
        touched |= BitMap(events.values_list("agreement_id", flat=True).iterator(chunk_size=20_000))
    suspended = Suspension.pgh_event_model.objects.filter(pgh_context=context, party__agreement__isnull=False)
    touched |= BitMap(suspended.order_by().values_list("party__agreement_id", flat=True))
    return {PUBLISHED: published, CHANGED: touched - published}
