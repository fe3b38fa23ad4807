"""Parties as the rows of a file give them, and as they are stored."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..places.party_refs import PartyRef


@dataclass(slots=True)
class PartyPlan:
    """A party as a row gives it: its number there, who it is (and the name of that), and the values of its own."""

    number: int
    ref: PartyRef
    title: str
    values: dict[str, Any] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Callable[..., "PartyPlan"], tuple[Any, ...]]:
        """Pickle the reference as text, which takes a fifth of the time."""
        return _unpickled, (self.number, str(self.ref), self.title, self.values)

    def __str__(self) -> str:
        return self.title


def _unpickled(number: int, ref: str, title: str, values: dict[str, Any]) -> PartyPlan:
    return PartyPlan(number, PartyRef.parse(ref), title, values)


class Before(NamedTuple):
    """A stored party, by its key, and the value of it that a row changes."""

    party: int
    value: Any

    def __str__(self) -> str:
        return str(self.value or "")


class StoredParty(NamedTuple):
    """A stored party: the columns of its table that rows are compared with."""

    pk: int
    agreement_id: int
    town_id: int | None
    organisation_id: int | None
    role: str
    joined: str | None
    left: str | None

    @property
    def ref(self) -> PartyRef:
        """The reference of who takes part."""
        return PartyRef.of_columns(self.town_id, self.organisation_id)


class DatedParty(NamedTuple):
    """A party as it is judged: its number in the row, who it is, and its own values (`OWN_PARTS`)."""

    number: int
    ref: PartyRef
    values: dict[str, Any]
