"""Authors of the steps of the history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from core.imports.models import ImportBatch

from ..choices import MandateRole
from ..models import Territory
from ..people.invitations import display_name
from ..review.proposals import PARTNER, THROUGH_OFFICER
from .actions import ADMINISTRATOR_CAPACITY


@dataclass(frozen=True)
class Author:
    """Author of a change: a role and its body, an import, or unknown; with a name for readers who are signed in."""

    text: str
    name: str = ""


class Authors:
    """The people, territories and imports that some steps speak of, each kind read at once when it is asked for."""

    def __init__(self, said: Iterable[Mapping[str, Any]]) -> None:
        self._said = list(said)

    def _named(self, what: str) -> set[Any]:
        return {said[what] for said in self._said if said.get(what)}

    @cached_property
    def people(self) -> dict[int, User]:
        """People by key."""
        return User.objects.in_bulk(self._named("user"))

    @cached_property
    def territories(self) -> dict[str, Territory]:
        """Territories by code."""
        return Territory.objects.in_bulk(self._named("territory"))

    @cached_property
    def batches(self) -> dict[str, ImportBatch]:
        """Imports by reference."""
        return {batch.reference: batch for batch in ImportBatch.objects.filter(reference__in=self._named("batch"))}

    def name(self, said: Mapping[str, Any]) -> str:
        """Name of the person who made a step, for readers who are signed in; empty where nobody known did."""
        user = self.people.get(said.get("user", 0))
        return said.get("user_name") or (display_name(user) if user else "")

    def name_or_partner(self, said: Mapping[str, Any]) -> str:
        """Name of the person who made a step, or the partner in words; empty for imports and the system."""
        return self.name(said) or _partner(said)

    def author(self, said: Mapping[str, Any]) -> Author:
        """Author of a step, from its history metadata."""
        if said.get("undoes"):
            words = _("import %(batch)s undone") if said["step"] % 2 else _("import %(batch)s brought in again")
            return Author(words % {"batch": said["undoes"]})
        if said.get("batch"):
            batch = self.batches.get(said["batch"])
            known = {"batch": said["batch"], "title": batch.source_title if batch else ""}
            return Author(_("import %(batch)s: %(title)s") % known if batch else _("import %(batch)s") % known)
        if partner := _partner(said):
            return Author(partner)
        name, role = self.name(said), said.get("role") or ""
        if role in MandateRole:
            roles = {
                MandateRole.CONTRIBUTOR: _("a contributor of %(territory)s"),
                MandateRole.OFFICER: _("an officer of %(territory)s"),
                MandateRole.COORDINATOR: _("a coordinator of %(territory)s"),
            }
            territory = self.territories.get(said.get("territory", ""), said.get("territory") or "")
            return Author(roles[MandateRole(role)] % {"territory": territory}, name)
        if role == ADMINISTRATOR_CAPACITY:
            return Author(_("an administrator"), name)
        return Author(_("somebody with an account"), name) if name else Author(_("the system"))


def _partner(said: Mapping[str, Any]) -> str:
    """The partner who confirmed something without an account, in words."""
    words = {PARTNER: _("the partner: %(party)s"), THROUGH_OFFICER: _("who an officer gave the link for %(party)s to")}
    return words.get(said.get("role", ""), "") % {"party": said.get("party", "")}
