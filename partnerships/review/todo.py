"""To-do lists of an officer: the querysets of “my territory” and of the digest.

Each list can be asked for its number and for its first entries; nothing is read before.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from pghistory.models import Context

from core.dates import fresh_from

from .. import permissions
from ..agreements import duplicates
from ..agreements.facets import INDEX, ask
from ..agreements.tables import events_by_agreement
from ..choices import Action, Publication, SubmissionState
from ..editing.actions import reason_of
from ..editing.authors import Authors
from ..insights.coverage import Coverage, Involved, TerritoryCoverage, towns_version
from ..models import Agreement, FormDraft, Mandate, Submission
from ..permissions import PUBLISHERS, WRITER_ROLES
from ..querysets import AgreementQuerySet, agreements
from ..territory_querysets import territories

RECENT = datetime.timedelta(days=30)
"""Age up to which changes are recent."""
AHEAD = datetime.timedelta(days=183)
"""Time before its term from which an agreement is said to expire soon: six months."""


@dataclass(frozen=True)
class Listed:
    """A list at a glance: how many there are, and the first of them."""

    number: int
    first: list[Any]

    @property
    def more(self) -> int:
        """Number of entries that are not named."""
        return self.number - len(self.first)


def glance(found: QuerySet, most: int) -> Listed:
    """The number of a list and its first entries; agreements with their parties."""
    number = found.count()
    if not number:
        return Listed(0, [])
    shown = found.with_parties() if isinstance(found, AgreementQuerySet) else found
    return Listed(number, list(shown[:most]))


@dataclass(frozen=True)
class RecentChange:
    """Change by somebody else at one time: actions, time, author, agreements."""

    actions: list[str]
    who: str
    """Name of the author: a person, for those who are signed in, or a partner."""
    batch: str
    reason: str
    when: datetime.datetime
    by: User | None
    agreement: Agreement | None
    """One of the agreements."""
    number: int
    """Number of agreements."""

    @property
    def others(self) -> int:
        """Number of agreements that are not named."""
        return self.number - 1

    @property
    def what(self) -> str:
        """Label of the actions."""
        if self.batch:
            return _("by import %(batch)s") % {"batch": self.batch}
        # What is entered is saved, too, before it is handed in or published.
        entered = not {Action.SUBMIT, Action.PUBLISH}.isdisjoint(self.actions)
        told = [action for action in self.actions if not (entered and action == Action.SAVE)]
        return ", ".join(str(Action(action if action in Action else Action.SAVE).label) for action in told)


class Duties:
    """The lists of one officer."""

    def __init__(self, user: User, *, since: datetime.datetime | None = None) -> None:
        """Changes count from `since` on, by default for thirty days."""
        self.user = user
        self.since = since or timezone.now() - RECENT

    @cached_property
    def mandates(self) -> list[Mandate]:
        """Mandates of the officer that run today."""
        return list(permissions.mandates_of(self.user).order_by("territory__name", "role"))

    @cached_property
    def writable(self) -> AgreementQuerySet:
        """The agreements of the territory."""
        return self._of_territory(WRITER_ROLES)

    @cached_property
    def publishable(self) -> AgreementQuerySet:
        """Agreements that the officer may publish and verify."""
        writing, publishing = (permissions.territories_of(self.user, roles) for roles in (WRITER_ROLES, PUBLISHERS))
        return self.writable if writing == publishing else self._of_territory(PUBLISHERS)

    def _of_territory(self, roles: frozenset[str]) -> AgreementQuerySet:
        """The agreements of the territory by their keys: a dozen lists ask for them, and finding them takes longest."""
        found = permissions.agreements_writable_by(self.user, roles)
        if permissions.is_administrator(self.user):
            return found
        return agreements().filter(pk__in=list(found.order_by().values_list("pk", flat=True)))

    @cached_property
    def publishes(self) -> bool:
        """True if the officer publishes, and so verifies."""
        administrator = permissions.is_administrator(self.user)
        return administrator or bool(permissions.territories_of(self.user, PUBLISHERS))

    @cached_property
    def invites(self) -> bool:
        """True if the officer may invite others somewhere."""
        administrator = permissions.is_administrator(self.user)
        return administrator or bool(permissions.territories_of(self.user, permissions.REVIEWERS))

    @property
    def form_drafts(self) -> QuerySet[FormDraft]:
        """Forms that were begun and not sent."""
        return permissions.form_drafts_of(self.user).select_related("agreement")

    @property
    def drafts(self) -> AgreementQuerySet:
        """Agreements of the territory that are not handed in yet."""
        return self.writable.filter(publication=Publication.DRAFT).order_by("-created_at", "-pk")

    @property
    def to_decide(self) -> QuerySet[Submission]:
        """Open submissions that this officer is to decide on."""
        waiting = permissions.submissions_for(self.user).filter(state=SubmissionState.OPEN)
        if not permissions.is_administrator(self.user):
            waiting = waiting.exclude(author=self.user)
        return waiting.order_by("created_at", "pk")

    @property
    def handed_in(self) -> QuerySet[Submission]:
        """Open submissions of the officer, on which others decide."""
        return Submission.objects.filter(author=self.user, state=SubmissionState.OPEN).order_by("created_at", "pk")

    @property
    def verifiable(self) -> AgreementQuerySet:
        """Agreements that can be verified: published, not ended; the longest unverified first, then those never
        verified."""
        order = F("verified_on").asc(nulls_last=True)
        return self.publishable.published().current().order_by(order, F("signed").asc(nulls_last=True), "pk")

    @property
    def stale(self) -> AgreementQuerySet:
        """Agreements that were verified more than 24 months ago."""
        return self.verifiable.filter(verified_on__lt=fresh_from(timezone.localdate()))

    @property
    def never(self) -> AgreementQuerySet:
        """Agreements that nobody has verified yet."""
        return self.verifiable.filter(verified_on=None)

    @property
    def to_verify(self) -> AgreementQuerySet:
        """Agreements to verify: both `stale` and `never`."""
        due = Q(verified_on=None) | Q(verified_on__lt=fresh_from(timezone.localdate()))
        return self.verifiable.filter(due)

    @property
    def suspected(self) -> AgreementQuerySet:
        """Agreements that are probably the same as another one, side by side."""
        return duplicates.suspected(self.writable)

    @property
    def expiring(self) -> AgreementQuerySet:
        """Agreements that expire within six months, the nearest first."""
        return self.writable.published().current().expiring(AHEAD)

    @cached_property
    def changed(self) -> AgreementQuerySet:
        """The agreements that others have changed lately."""
        return self.visible.filter(pk__in=self._changed).order_by("pk")

    @property
    def changed_total(self) -> int:
        """Number of agreements that others have changed lately."""
        return len(self._changed)

    @cached_property
    def _changed(self) -> set[int]:
        return {key for keys in self._touched.values() for key in keys}

    @property
    def visible(self) -> AgreementQuerySet:
        """The agreements of the territory that have left somebody's desk."""
        return self.writable.exclude(publication=Publication.DRAFT)

    @cached_property
    def _touched(self) -> dict[Any, list[int]]:
        """Agreements that others have touched, by the step of the history."""
        own = Context.objects.filter(metadata__user=self.user.pk, created_at__gte=self.since)
        first, *others = (
            events.filter(pgh_created_at__gte=self.since, pgh_context__isnull=False)
            .filter(belongs_to__in=self.visible.values("pk"))
            .exclude(pgh_context__in=own.values("pk"))
            .order_by()
            .values_list("pgh_context_id", "belongs_to")
            for events in events_by_agreement()
        )
        touched: dict[Any, list[int]] = defaultdict(list)
        for step, agreement in first.union(*others):
            touched[step].append(agreement)
        return touched

    def changes(self, most: int | None = None) -> list[RecentChange]:
        """Recent changes by others, the last first: a line for each step, however much it touched, and one for the
        steps that somebody made one after the other with one agreement."""
        touched = self._touched
        steps = Context.objects.filter(pk__in=list(touched)).order_by("-created_at")
        runs = [list(run) for _key, run in groupby(steps, lambda step: (step.metadata.get("user"), touched[step.pk]))]
        runs = runs[:most]
        authors = Authors(run[0].metadata for run in runs)
        shown = self.writable.with_parties().in_bulk([touched[run[0].pk][0] for run in runs])
        return [
            RecentChange(
                actions=list(dict.fromkeys(step.metadata.get("action", "") for step in reversed(run))),
                who=authors.name_or_partner(last.metadata),
                batch=last.metadata.get("batch", ""),
                reason=reason_of(last.metadata, writes=True),
                when=last.created_at,
                by=authors.people.get(last.metadata.get("user", 0)),
                agreement=shown.get(touched[last.pk][0]),
                number=len(touched[last.pk]),
            )
            for run in runs
            for last in run[:1]
        ]

    @cached_property
    def coverage(self) -> list[TerritoryCoverage]:
        """The shares of the authorities of the officer's territories that take part."""
        codes = frozenset(mandate.territory_id for mandate in self.mandates)
        if not codes:
            return []
        with INDEX.reading():
            versions = INDEX.version, towns_version()
            return _kept_coverage(codes, versions, timezone.localdate()) if all(versions) else _coverage(codes)


def _coverage(codes: frozenset[str]) -> list[TerritoryCoverage]:
    standing = territories().standing().filter(pk__in=codes).select_related("country")
    countries = {place.country_id: place.country for place in standing}
    with INDEX.reading() as index:
        involved = Involved(index, ask(index).records)
    found = []
    for country in countries.values():
        here = Coverage(country, involved)
        found += [row for row in (*here.by_region, *here.by_department) if row.territory.pk in codes]
    return found


@lru_cache(maxsize=100)
def _kept_coverage(codes: frozenset[str], versions: tuple[int, int], today: datetime.date) -> list[TerritoryCoverage]:
    """The coverage, cached while neither the agreements nor the towns and the gazetteer change."""
    return _coverage(codes)


def group_duplicates(suspected: Iterable[Agreement]) -> list[list[Agreement]]:
    """Agreements in the order of `duplicates.suspected`, those of the same parties together."""
    return [list(group) for _key, group in groupby(suspected, lambda agreement: agreement.party_key)]
