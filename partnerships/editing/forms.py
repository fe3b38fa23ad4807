"""The form of an agreement.

It is one HTML form whose fields are held as they were typed (`TypedFields`), wherever they come from: a stored content,
a form begun earlier, a request. Rows have numbers in their names, ``parties-0-joined``; adding, removing and finding
are buttons of the form, so that it works whole without JavaScript, and nothing typed is lost by any of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.text import normalise

from .. import permissions
from ..agreements.fields import CONTENT_FIELDS
from ..choices import Publication
from ..models import Agreement, FundingSource, Organisation, Town
from ..places.autocomplete import describe, known_sources, suggest_actors
from ..places.party_refs import Newcomer, PartyRef, actors_of
from . import snapshot
from .commands import EnteredContent, NewSource
from .form_extras import ContactPart, LinkPart, UploadPart
from .form_parts import FormPart, FundingPart, MainPart, PartyPart, RenewalPart, SharedChoices, SourcePart
from .typed_fields import TypedFields


@dataclass(frozen=True)
class Problem:
    """A fault for the summary: the field it is shown at, its name and the message."""

    anchor: str
    label: str
    message: str


class AgreementForm:
    """The form of an agreement, made of what was typed.

    `user` is who fills it in, `agreement` what is edited (None for a new one), `files` what was uploaded.
    """

    def __init__(
        self,
        typed: TypedFields,
        *,
        user: Any,
        agreement: Agreement | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> None:
        self.typed, self.user, self.agreement = typed, user, agreement
        choices = SharedChoices(user)
        self.main = MainPart(typed)
        self.parties = [PartyPart(typed, f"parties-{number}", choices) for number in typed.numbers("parties")]
        self.renewals = [RenewalPart(typed, f"renewals-{number}") for number in typed.numbers("renewals")]
        self.funding = self._funding(typed)
        self.sources = [SourcePart(typed, f"sources-{number}") for number in typed.numbers("sources")]
        self.link, self.contact = LinkPart(typed, "link"), ContactPart(typed, "contact")
        self.upload = UploadPart(typed, "upload", files=files)
        self.general: list[str] = []
        """Faults of the whole, and of lists."""
        self.of_list: dict[str, list[str]] = {}
        self._name_chosen()

    @staticmethod
    def _funding(typed: TypedFields) -> list[FundingPart]:
        """The rows of money: at least one for each funding source, by name."""
        known = {source.code: source.name for source in FundingSource.objects.all()}
        typed = typed.copy()
        there = {typed.get(f"funding-{number}-source") for number in typed.numbers("funding")}
        for code in known:
            if code not in there:
                typed.add("funding", source=code)
        rows = [FundingPart(typed, f"funding-{number}") for number in typed.numbers("funding")]
        rows = [row for row in rows if row["source"].value() in known]
        rows.sort(key=lambda row: normalise(known[row["source"].value()]))
        before = None
        for row in rows:
            row.title = known[row["source"].value()]
            row.again, before = row["source"].value() == before, row["source"].value()
        return rows

    def _name_chosen(self) -> None:
        """Set the names of the chosen actors and sources; a reference that is unknown, or that the user may not see, is
        dropped."""
        found = actors_of({row.ref for row in self.parties if row.ref})
        own = {PartyRef.of(party.actor) for party in self.agreement.parties.all()} if self.agreement else set()
        seen = {
            ref: actor
            for ref, actor in found.items()
            if ref in own
            or not isinstance(actor, Town | Organisation)
            or actor.publication == Publication.PUBLISHED
            or permissions.may_see(self.user, actor)
        }
        named = dict(zip(seen, describe(seen.values()), strict=True))
        for party in self.parties:
            party.chosen = named.get(party.ref) if party.ref else None
        asked = [source.key for source in self.sources if source.key]
        known = permissions.sources_seen_by(self.user).in_bulk(asked)
        if self.agreement:
            known |= self.agreement.sources.in_bulk(asked)
        for source in self.sources:
            source.chosen = known.get(source.key)

    @property
    def actors(self) -> list[PartyRef]:
        """The stored parties that are chosen."""
        return [row.ref for row in self.parties if row.chosen and row.ref and row.ref.is_stored]

    # The buttons of rows

    def find(self, *, only: str | None = None) -> None:
        """Look up actors and sources by the texts of rows without a choice (of the `only` one, by its prefix)."""

        for party in self.parties:
            if not party.chosen and party.asked and only in (None, party.prefix):
                party.candidates = suggest_actors(party.asked)
        for source in self.sources:
            if not source.chosen and source.asked and only in (None, source.prefix):
                source.candidates = known_sources(source.asked, permissions.sources_seen_by(self.user))

    focused = ""
    """The button that has the focus when the form is shown."""

    def focus(self, on: str) -> None:
        """Set the focus of the shown form on a row, by its prefix; on the next one to fill in if that row is done."""
        kind = on.partition("-")[0]
        lists: dict[str, Sequence[FormPart]] = {
            "parties": self.parties,
            "sources": self.sources,
            "renewals": self.renewals,
            "funding": self.funding,
        }
        rows = lists.get(kind, ())
        place = next((number for number, row in enumerate(rows) if row.prefix == on), None)
        if place is None:
            self.focused = on
            return
        for row in rows[place:]:
            if not row.is_done:
                row.focus()
                return
        self.focused = f"add-{kind}"

    # What it says

    def entry(self, *, publishing: bool) -> EnteredContent | None:
        """Validate the form and return its `EnteredContent`; None where there are faults, shown at their fields
        then."""
        given = self.main.judge()
        content = snapshot.empty()
        content |= {name: value for name in CONTENT_FIELDS if (value := given.get(name))}
        content["themes"] = sorted(given.get("themes") or [])
        newcomers: dict[PartyRef, Newcomer] = {}
        new_sources: dict[str, NewSource] = {}
        parties = [row for row in self.parties if not row.is_empty]
        content["parties"] = [row.party(newcomers) for row in parties]
        funding = [row for row in self.funding if row["on"].value()]
        content["funding"] = [row.contribution() for row in funding]
        renewals = [row for row in self.renewals if row.judge().get("renewed")]
        content["renewals"] = [
            {"renewed": row.cleaned_data["renewed"], "valid_until": row.cleaned_data.get("valid_until")}
            for row in renewals
        ]
        content["sources"] = [key for row in self.sources if (key := row.cited(new_sources)) is not None]
        self.extras_are_valid()
        entry = EnteredContent(content, newcomers, new_sources)
        self.show(entry.faults(publishing=publishing), parties=parties, renewals=renewals, funding=funding)
        if self.has_faults:
            return None
        content["renewals"].sort(key=lambda row: row["renewed"])
        known = sorted(key for key in content["sources"] if isinstance(key, int))
        content["sources"] = [*dict.fromkeys(known), *new_sources]
        return entry

    def extras_are_valid(self) -> bool:
        """True if the document and the contact person to be added are valid; faults are shown at their fields."""
        extras = (self.link, self.upload, self.contact)
        for part in extras:
            part.judge()
        return not any(part.errors for part in extras)

    def show(self, faults: Mapping[str, list[str]], **rows: list[Any]) -> None:
        """Show faults of a content at their fields; `rows` are the parts that its lists were read from, in their order:
        parties, renewals, funding."""
        for field, messages in faults.items():
            kind, _sep, rest = field.partition("-")
            number, _sep, name = rest.partition("-")
            for message in messages:
                if name:
                    row = rows[kind][int(number)]
                    row.say("text" if name == "actor" else name, message)
                elif field in self.main.fields:
                    self.main.say(field, message)
                else:
                    self.of_list.setdefault(field, []).append(message)

    @cached_property
    def parts(self) -> list[tuple[str, FormPart]]:
        """All parts, each with the words that name it in the summary of faults."""
        return [
            *((_("Party %(number)d") % {"number": number}, row) for number, row in enumerate(self.parties, 1)),
            ("", self.main),
            *((_("Renewal"), row) for row in self.renewals),
            *((row.title, row) for row in self.funding),
            *((_("Source"), row) for row in self.sources),
            (_("Document"), self.link),
            (_("Document"), self.upload),
            (_("Contact person"), self.contact),
        ]

    @property
    def has_faults(self) -> bool:
        """True if any part of the form has a fault."""
        return bool(self.general or self.of_list or any(part.errors for _name, part in self.parts))

    def problems(self) -> Iterator[Problem]:
        """The faults, in the order of the form, for the summary above it."""
        for message in self.general:
            yield Problem("", "", message)
        titles = {"parties": pgettext_lazy("of an agreement", "Parties"), "sources": gettext_lazy("Sources")}
        for name, messages in self.of_list.items():
            yield from (Problem(name, str(titles.get(name, "")), message) for message in messages)
        for title, part in self.parts:
            for field, errors in part.errors.items():
                bound = part[field]
                label = ", ".join(str(word) for word in (title, bound.label) if word)
                yield from (Problem(bound.id_for_label, label, str(message)) for message in errors)
