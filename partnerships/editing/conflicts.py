"""Conflicts of two editors of an agreement, settled by field on the page of its form."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext as _

from ..models import Agreement
from . import commands, snapshot, three_way
from .actions import Conflict
from .snapshot import Content
from .typed_fields import TypedFields

_CHOICE_PREFIX = "choose-"
"""Prefix of the fields that say whose version of a place is wanted."""
SIDES = ("mine", "theirs")


class ConflictMixin:
    """The part of the form's view that merges what two people have changed since one of them opened it."""

    request: HttpRequest
    agreement: Agreement | None
    typed: TypedFields
    also: dict[str, Any]
    theirs = ""
    """The fingerprint of the other version, once choices were made on it."""

    def _settled(self, entry: commands.EnteredContent) -> tuple[commands.EnteredContent, str]:
        """Merge of the entry with the changes that somebody else has made since, and the version that it is based on.

        Raises `Conflict` where something is left to choose, or was changed once more.
        """
        if not self.theirs or self.agreement is None:
            return entry, self.typed.get("base", "")
        now = snapshot.read_content(self.agreement)
        merged = self._merged(entry, now)
        if self.theirs != snapshot.content_fingerprint(now) or any(
            place.id not in self._chosen() for place in merged.both
        ):
            raise Conflict(_("Choose one of the two wherever both of you have changed the same."), now)
        return replace(entry, content=merged.content), self.theirs

    def _merged(self, entry: commands.EnteredContent, theirs: Content) -> three_way.Merged:
        if self.agreement is None:
            raise LookupError("Nobody else has changed what is not stored yet.")
        base = three_way.base_content(self.agreement, self.typed.get("base", ""))
        return three_way.merge_contents(base, entry.content, theirs, self._chosen())

    def _chosen(self) -> dict[str, str]:
        """Chosen version, “mine” or “theirs”, by the id of the place."""
        sent = self.request.POST.items()
        return {
            name.removeprefix(_CHOICE_PREFIX): whose
            for name, whose in sent
            if name.startswith(_CHOICE_PREFIX) and whose in SIDES
        }

    def _show_conflict(self, conflict: Conflict, entry: commands.EnteredContent, then: str) -> None:
        merged = self._merged(entry, conflict.theirs)
        words = snapshot.ContentFormatter([entry.content, conflict.theirs, merged.content])
        words.actors |= entry.names()
        words.sources.update(entry.names())
        self.also["conflict"] = {
            "both": three_way.said(merged.both, words, self._chosen()),
            "mine": three_way.said(merged.mine, words),
            "others": three_way.said(merged.theirs, words),
            "theirs": snapshot.content_fingerprint(conflict.theirs),
            "then": then,
            "last": _told(snapshot.last_change(self.agreement)) if self.agreement else None,
            "again": conflict.messages if self.theirs else (),
        }


def _told(last: dict[str, Any]) -> dict[str, Any]:
    """Author and time of an agreement's last change."""
    user = User.objects.filter(pk=last.get("user") or 0).first()
    return {"moment": last.get("moment"), "by": (user.get_full_name() or user.get_username()) if user else ""}
