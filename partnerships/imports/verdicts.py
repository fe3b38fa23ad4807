"""Verdicts on names in files: which one decides in whose files.

The closest decides: what somebody decided themselves; then what colleagues did who publish in the same territory; then
what administrators did, everywhere. Colleagues who decided differently decide nothing: the name is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from django.contrib.auth.models import User

from core.imports.models import Decision, MatchVerdict

from .. import permissions
from ..places.party_refs import PartyRef
from ..territory_querysets import territories


class Weight(IntEnum):
    """Weight of a verdict by its closeness to a file; the lowest decides."""

    OWN = 0
    TERRITORY = 1
    EVERYWHERE = 2


@dataclass(frozen=True)
class InForce:
    """The closest verdicts on a name: one, or several that contradict each other."""

    weight: Weight
    verdicts: list[MatchVerdict]

    @property
    def decided(self) -> MatchVerdict | None:
        """The verdict that decides; none where they contradict each other, or where the person wants to be asked."""
        [one, *others] = self.verdicts
        return None if others or one.decision == Decision.ASK else one


def verdict_ref(verdict: MatchVerdict) -> PartyRef | None:
    """The reference of the record or place that a verdict names."""
    return PartyRef.parse(verdict.target) if verdict.target else None


class VerdictsInForce:
    """The verdicts that count in the files that a user brings; for files of nobody (None), those for all files."""

    def __init__(self, user: User | None) -> None:
        self._user = user.pk if user else None
        held = permissions.publishing_territories(user) if user else ()
        # A file may be about any of these: a verdict counts that holds for all of them.
        self._around = [frozenset(territories().around([code])) for code in held]

    def on(self, keys: Iterable[str]) -> dict[str, InForce]:
        """Verdicts in force on names, by their keys (`verdict_key`)."""
        kept = MatchVerdict.objects.filter(key__among=list(keys), revoked_at=None).select_related("user")
        found: dict[str, dict[Weight, dict[tuple[str, PartyRef | None], MatchVerdict]]] = {}
        for verdict in kept.order_by("decided_at", "pk"):
            weight = self._weight(verdict)
            if weight is not None:
                alike = found.setdefault(verdict.key, {}).setdefault(weight, {})
                alike[verdict.decision, verdict_ref(verdict)] = verdict
        return {key: InForce(min(weights), list(weights[min(weights)].values())) for key, weights in found.items()}

    def _weight(self, verdict: MatchVerdict) -> Weight | None:
        if self._user is not None and verdict.user_id == self._user:
            return Weight.OWN
        if verdict.decision == Decision.ASK:
            return None
        if verdict.scope is None:
            return Weight.EVERYWHERE
        held = frozenset(verdict.scope)
        return Weight.TERRITORY if self._around and all(held & around for around in self._around) else None
