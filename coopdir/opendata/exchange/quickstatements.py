"""Export for Wikidata: `/agreements.quickstatements`, pairs of towns that Wikidata lacks.

The lines are commands for QuickStatements (version 1): P190, “twinned administrative body”, on both towns, with the
start (P580) and the end (P582) as precisely as they are known, and with the source's address as the reference (S854)
and today as the day on which it was looked at (S813).

Which pairs Wikidata has is known by where they came from: an agreement of which Wikidata is a source is no news to it,
nor is another one between the same towns. P190 speaks of partnerships between the authorities, so project
partnerships, memoranda, contacts and aid stay out, and so does what is no more than a draft.
"""

import datetime
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from django.db.models import Q
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from core.lists.formats import LICENCE_URL
from partnerships.choices import FormalStatus, Kind
from partnerships.models import Agreement, Party, Source
from partnerships.querysets import agreements

from ..linked_data.permalinks import permalink
from ..question_view import QuestionView, keys_of

TWINNED = "P190"
_P190_KINDS = [Kind.TWINNING, Kind.TWINNING_COOPERATION, Kind.COOPERATION, Kind.FRIENDSHIP]
"""The kinds that are what P190 says: “a partnership or cooperative agreement, either legally or informally acknowledged
by their governments”."""
_CHUNK_SIZE = 500

FROM_WIKIDATA = (
    Q(sources__url__icontains="://www.wikidata.org/")
    | Q(sources__publisher__iexact="Wikidata")
    | Q(sources__title__istartswith="Wikidata")
)


class QuickStatements(QuestionView):
    """The pairs of a list of agreements that Wikidata lacks, as commands; both towns have an item there."""

    left_aside = ("page", "view", "more")

    def answer(self, question: Any, language: str) -> HttpResponseBase:
        lines = commands(unknown_to_wikidata(keys_of(question)), timezone.localdate())
        response = StreamingHttpResponse(lines, content_type="text/plain; charset=utf-8")
        response["Link"] = f'<{LICENCE_URL}>; rel="license"'
        response["X-Robots-Tag"] = "noindex"
        return response


def unknown_to_wikidata(keys: list[int]) -> list[int]:
    """Agreements, among some given, that may be news to Wikidata, in their order: most of a directory came from there,
    and to find that out one by one would take seconds before the first line."""
    told = agreements().published().filter(kind__in=_P190_KINDS).exclude(formal_status=FormalStatus.DRAFT)
    known = agreements().filter(FROM_WIKIDATA).order_by().values("pk")
    news = set(told.exclude(pk__in=known).order_by().values_list("pk", flat=True))
    return [key for key in keys if key in news]


def commands(keys: list[int], today: datetime.date) -> Iterator[str]:
    """Commands for each pair of towns of some agreements that Wikidata lacks: two lines a pair, each pair once."""
    told: set[frozenset[str]] = set()
    for start in range(0, len(keys), _CHUNK_SIZE):
        part = keys[start : start + _CHUNK_SIZE]
        found = agreements().published().with_parties().prefetch_related("sources").in_bulk(part)
        told |= known_to_wikidata(list(found.values()))
        for key in part:
            if agreement := found.get(key):
                yield from _of_agreement(agreement, told, today)


def known_to_wikidata(records: list[Agreement]) -> set[frozenset[str]]:
    """The pairs of items, among those of some agreements' towns, that an agreement known from Wikidata joins."""
    towns = {party.town_id for agreement in records for party in agreement.parties.all() if party.town_id}
    known = agreements().filter(FROM_WIKIDATA, parties__town__in=towns).order_by()
    parties = Party.objects.filter(agreement__in=known.values("pk"), town__wikidata__isnull=False).order_by()
    items: dict[int, set[str]] = {}
    for agreement, item in parties.values_list("agreement", "town__wikidata"):
        items.setdefault(agreement, set()).add(str(item))
    return {frozenset(pair) for found in items.values() for pair in combinations(found, 2)}


def _of_agreement(agreement: Agreement, told: set[frozenset[str]], today: datetime.date) -> Iterator[str]:
    items = [(party, party.town.wikidata) for party in agreement.parties.all() if party.town and party.town.wikidata]
    for (one, own), (other, theirs) in combinations(items, 2):
        pair = frozenset((own, theirs))
        if pair in told:
            continue
        told.add(pair)
        since = max(filter(None, [agreement.signed, one.joined, other.joined]), default=None)
        until = min(filter(None, [agreement.ended, one.left, other.left]), default=None)
        told_of_it = [
            *(["P580", time(since)] if since else []),
            *(["P582", time(until)] if until else []),
            *("S854", f'"{_source_url(agreement)}"', "S813", time(today.isoformat())),
        ]
        for first, second in ((own, theirs), (theirs, own)):
            yield "\t".join([first, TWINNED, second, *told_of_it]) + "\n"


def time(date: str) -> str:
    """A partial date as Wikidata writes it, with its precision: 9 a year, 10 a month, 11 a day."""
    year, month, day = (*date.split("-"), "00", "00")[:3]
    return f"+{year}-{month}-{day}T00:00:00Z/{9 + date.count('-')}"


def _source_url(agreement: Agreement) -> str:
    """The address of the source that tells of an agreement; the directory's own where no source has one."""
    addresses = [source.url for source in agreement.sources.all() if source.url and not _is_wikidata(source)]
    address = addresses[0] if addresses else permalink(agreement)
    return address.replace('"', "%22").replace("\t", "%09")


def _is_wikidata(source: Source) -> bool:
    return "wikidata.org/" in source.url
