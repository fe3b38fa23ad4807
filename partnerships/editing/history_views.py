"""History pages of records: time lines, restoring an earlier version, merges and undoing them."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView

from core.dates import moment_of
from core.lists.availability import moved
from core.lists.pagination import paginate
from core.lists.views import RecordView
from core.visitors import signed_in

from .. import permissions
from ..agreements import duplicates
from ..models import Agreement, Merge, PublicRecord, Town
from ..places.party_refs import PartyRef
from ..querysets import agreements, countries, organisations, towns
from ..review.access import OfficersOnly
from ..territory_querysets import territories
from ..views import CodedPage
from . import actions, record_commands, snapshot, workflow
from . import merge as editing_merge
from .action_views import offered
from .timeline import RelatedTable, Timeline


class TimelinePage(DetailView):
    """The time line of whatever record the view finds."""

    template_name = "history.html"
    lists: Sequence[RelatedTable] | None = None
    """The rows that belong to the record, where the time line does not know by itself."""

    def everything(self) -> bool:
        """True if the reader may see changes made while the record was not public."""
        return False

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        record = self.object
        restored = record_commands.restored_by(self.request.user, record)
        line = Timeline(record, self.lists, everything=self.everything(), columns=restored)
        page, _notice = paginate(line, self.request.GET.get("page", ""), 20)
        context = {
            "page_obj": page,
            "paginator": page.paginator,
            "kind": record._meta.verbose_name,
            "reference": getattr(record, "reference", record.pk),
            "may_restore": bool(restored),
            "restore": f"{record._meta.model_name}_restore",
        }
        return super().get_context_data(**context | kwargs)


class HistoryPage(TimelinePage, RecordView):
    """The time line of a record. That of a record that was withdrawn or merged can still be read."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object = self.get_object()
        if not self.may_see(self.object):
            raise Http404
        if self.object.address != kwargs["address"]:
            return moved(request, self._url(self.object))
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        into = self.object.merged_into
        return super().get_context_data(merged_into=into if into and self.may_see(into) else None, **kwargs)

    def may_see(self, record: Any) -> bool:
        return bool(record.known_to_all)


class OwnHistoryPage(HistoryPage):
    """The time line of a record that officers write."""

    def may_see(self, record: Any) -> bool:
        return permissions.may_see(self.request.user, record)

    def everything(self) -> bool:
        return permissions.may_write(self.request.user, self.object)


class AgreementHistory(OwnHistoryPage):
    """The time line of an agreement, from which an officer restores an earlier version."""

    queryset = agreements().with_parties().select_related("merged_into")

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        may = permissions.may_publish(self.request.user, self.object) and self.object.publication != "withdrawn"
        offers = [name for name, _title in offered(self.request.user, self.object)]
        return super().get_context_data(
            may_restore=may,
            may_reinstate="agreement_reinstate" in offers,
            may_delete="agreement_delete" in offers,
            **kwargs,
        )


class TownHistory(OwnHistoryPage):
    """The time line of a town."""

    queryset = towns().select_related("merged_into")


class OrganisationHistory(OwnHistoryPage):
    """The time line of an organisation."""

    queryset = organisations().select_related("merged_into")


class TerritoryHistory(TimelinePage, CodedPage):
    """The time line of a territory and of what it lay in."""

    queryset = territories()


class CountryHistory(TimelinePage, CodedPage):
    """The time line of a country, of its zones and its relations as a State."""

    queryset = countries()

    def spelling(self, code: str) -> str:
        return code.lower()


class Restore(OfficersOnly):
    """Page with an earlier version of a record, its differences from the present one, and the button that restores it:
    of a town, an organisation or a support body."""

    model: type[PublicRecord] = Town

    @cached_property
    def record(self) -> PublicRecord:
        """Record that the address names, if the reader may change it."""
        published = self.model._default_manager.filter(publication="published")
        found: Any = get_object_or_404(published, reference=self.kwargs["reference"])
        actions.require(permissions.may_publish(self.request.user, found))
        record: PublicRecord = found
        return record

    def compared(self) -> tuple[list[snapshot.Difference], str]:
        """Differences that restoring would make, and the fingerprint of the present state."""
        earlier = record_commands.restorable_values(by=signed_in(self.request), record=self.record, moment=self.moment)
        return record_commands.record_differences(self.record, earlier), record_commands.record_fingerprint(self.record)

    def restore(self, **said: str) -> None:
        """Bring it back, `said` being the version that was shown, and why."""
        record_commands.restore_record(by=signed_in(self.request), record=self.record, moment=self.moment, **said)

    @cached_property
    def moment(self) -> datetime.datetime:
        """The moment that the address names."""
        if (moment := moment_of(self.request.GET.get("at", ""))) is None:
            raise Http404
        return moment

    def get(self, request: HttpRequest, reference: str, status: int = 200, **more: object) -> HttpResponse:
        """Page with the differences that restoring would make."""
        try:
            differences, base = self.compared()
        except actions.ActionRefused:
            raise Http404 from None
        context = {"record": self.record, "moment": self.moment, "differences": differences, "base": base, **more}
        return render(request, "my/restore.html", context, status=status)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Bring it back."""
        reason = request.POST.get("reason", "")[:1000]
        base = request.POST.get("base", "") or "none"  # without the version that it was chosen on, it is a conflict
        try:
            self.restore(base=base, reason=reason)
        except actions.ActionRefused as refused:
            return self.get(request, reference, 409, refused=refused.messages, reason=reason)
        messages.success(request, _("The earlier version is back."))
        self.record.refresh_from_db()  # its address may be another one with its name
        return redirect(f"{self.record._meta.model_name}_history", self.record.address)


class AgreementRestore(Restore):
    """An earlier version of an agreement: its parties, themes and sources, too."""

    @cached_property
    def record(self) -> Agreement:
        """Agreement that the address names, if the reader may change it."""
        found: Agreement = get_object_or_404(agreements().with_parties(), reference=self.kwargs["reference"])
        if not permissions.may_see(self.request.user, found):
            raise Http404
        actions.require(permissions.may_publish(self.request.user, found))
        return found

    def compared(self) -> tuple[list[snapshot.Difference], str]:
        now = snapshot.read_content(self.record)
        earlier = workflow.restorable(self.record, self.moment)
        return snapshot.content_differences(now, earlier), snapshot.content_fingerprint(now)

    def restore(self, **said: str) -> None:
        workflow.restore(by=signed_in(self.request), agreement=self.record, moment=self.moment, **said)


# Merges


class MergePage(OfficersOnly):
    """Choose the record that is the same, look at both and at what is lost, and merge them."""

    model: type[Agreement | Town]
    template_name = "my/merge.html"
    shown = 20

    @cached_property
    def record(self) -> Agreement | Town:
        """Record that the address names, if the reader might merge it with another one."""
        found = self._find(self.kwargs["reference"])
        if found is None or not permissions.may_see(self.request.user, found):
            raise Http404
        actions.require(permissions.may_merge(self.request.user, found, found))
        return found

    def _find(self, reference: str) -> Agreement | Town | None:
        found: Agreement | Town | None = self._all().filter(reference=reference.upper()[:16]).first()
        return found

    def _all(self) -> Any:
        return (
            agreements().with_parties() if self.model is Agreement else towns().select_related("country", "territory")
        )

    def _given(self, name: str) -> str:
        return (self.request.POST if self.request.method == "POST" else self.request.GET).get(name, "")

    @cached_property
    def other(self) -> Agreement | Town | None:
        """The record that was chosen."""
        asked = self._given("with")
        found = self._find(asked) if asked else None
        if found is None or found == self.record or not permissions.may_see(self.request.user, found):
            return None
        return found

    @cached_property
    def pair(self) -> tuple[Agreement | Town, Agreement | Town]:
        """Pair of records, the losing one first: the one that was entered first stays, unless the other is chosen."""
        asked = self._given("stays")
        if self.other is None:
            raise LookupError("No other record was chosen.")
        both = sorted([self.record, self.other], key=lambda record: record.pk)
        return (both[0], both[1]) if asked == both[1].reference else (both[1], both[0])

    def get(self, request: HttpRequest, reference: str, status: int = 200, **more: Any) -> HttpResponse:
        """The search, or the two side by side."""
        context = {"record": self.record, "asked": request.GET.get("q", "").strip()[:100], **more}
        if self.other is None:
            context["candidates"] = self._candidates(context["asked"])
        else:
            loser, winner = self.pair
            context |= {"loser": loser, "winner": winner, "rows": _side_by_side(loser, winner)}
            try:
                context["outcome"] = editing_merge.preview(by=signed_in(request), loser=loser, winner=winner)
            except actions.ActionRefused as refused:
                context.setdefault("refused", refused.messages)
        return render(request, self.template_name, context, status=status)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Merge them."""
        if self.other is None:
            return self.get(request, reference)
        loser, winner = self.pair
        try:
            editing_merge.merge_records(by=signed_in(request), loser=loser, winner=winner)
        except actions.ActionRefused as refused:
            return self.get(request, reference, 409, refused=refused.messages)
        messages.success(request, _("%(loser)s is merged into %(winner)s.") % _references(loser, winner))
        return redirect(str(winner._meta.model_name), winner.address)

    def _candidates(self, text: str) -> list[Agreement | Town]:
        """Records that may be the same: those found by the words, or else those that are suspected."""
        user, found = self.request.user, self._all().published().exclude(pk=self.record.pk)
        if text:
            found = found.search(text)
        elif isinstance(self.record, Agreement):
            actors = [PartyRef.of(party.actor) for party in self.record.parties.all()]
            found = duplicates.between(actors, but=self.record.pk).published().with_parties()
        else:
            found = found.filter(country=self.record.country_id).having(self.record.name)
        return [one for one in found[: self.shown] if permissions.may_merge(user, self.record, one)]


class AgreementMerge(MergePage):
    """Merge an agreement."""

    model = Agreement


class TownMerge(MergePage):
    """Merge a town."""

    model = Town


class Merges(OfficersOnly, ListView):
    """Merges page: merged records, with a button that undoes the merge."""

    template_name = "my/merges.html"

    def get_queryset(self) -> Any:
        """The merges that the reader may undo, each with the record that stayed."""
        found = Merge.objects.select_related("merged_by")[:500]
        merges = [merge for merge in found if permissions.may_undo(self.request.user, merge)]
        references = [merge.winner for merge in merges]
        stayed = {
            record.reference: record
            for records in (agreements().with_parties(), towns())
            for record in records.filter(reference__in=references)
        }
        for merge in merges:
            vars(merge)["stayed"] = stayed.get(merge.winner)
        return merges


class UndoMerge(OfficersOnly):
    """Undo a merge."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Undo the merge, or show the reason why it cannot be undone."""
        merge = get_object_or_404(Merge, pk=pk)
        try:
            editing_merge.undo_merge(by=signed_in(request), merge=merge)
        except actions.ActionRefused as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(
                request, _("%(loser)s and %(winner)s are two again.") % _references(merge.loser, merge.winner)
            )
        return redirect("merges")


def _references(loser: Any, winner: Any) -> dict[str, str]:
    return {"loser": getattr(loser, "reference", loser), "winner": getattr(winner, "reference", winner)}


def _side_by_side(loser: Agreement | Town, winner: Agreement | Town) -> list[tuple[str, str, str]]:
    """Side-by-side comparison of two records: label and both values, a row for each thing that one of them knows."""
    return [
        (label, one, other)
        for (label, one), (_label, other) in zip(
            editing_merge.comparable_values(loser), editing_merge.comparable_values(winner), strict=True
        )
        if one or other
    ]
