"""Pages on which agreements are verified: one by one, many at once, by file."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.dates import PartialDate
from core.imports.date_formats import read_date
from core.imports.readers.limits import Unreadable
from core.lists.formula_guard import guard
from core.visitors import signed_in

from ..editing import actions, workflow
from ..models import Agreement
from ..querysets import AgreementQuerySet, agreements
from . import bulk_verify
from .access import OfficersOnly
from .views import DeskList

_MAX_FILE_BYTES = 2_000_000
"""Bytes of a file of verdicts."""


class VerifyList(DeskList):
    """Agreements to verify, one by a click or many at once."""

    template_name = "my/verify.html"
    views = (
        ("due", gettext_lazy("To verify"), "to_verify"),
        ("stale", gettext_lazy("Not for 24 months"), "stale"),
        ("never", gettext_lazy("Never"), "never"),
        ("all", gettext_lazy("All"), "verifiable"),
    )

    @property
    def view(self) -> str:
        """Name of the requested list."""
        asked = self.request.GET.get("show", "")
        return asked if asked in {name for name, _label, _list in self.views} else "due"

    def get_queryset(self) -> AgreementQuerySet:
        name = {view: name for view, _label, name in self.views}[self.view]
        found: AgreementQuerySet = getattr(self.duties, name)
        text = self.request.GET.get("q", "").replace("\0", " ").strip()[:100]
        return (found.having(text) if text else found).with_parties().with_statuses()

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        question = self.request.GET.copy()
        question.pop("page", None)
        question.pop("marked", None)
        return super().get_context_data(
            views=self.views,
            view=self.view,
            asked=self.request.GET.get("q", ""),
            all_marked=self.request.GET.get("marked") == "all",
            querystring=question.urlencode(),
            numbers=[(name, label, getattr(self.duties, found).count()) for name, label, found in self.views],
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Apply the verdict to the agreements that were marked, or to the one whose button was pressed."""
        one = request.POST.get("one")
        verdict = bulk_verify.OfficerVerdict.TRUE if one else request.POST.get("verdict", "")
        wanted = {text.upper()[:16] for text in ([one] if one else request.POST.getlist("agreement"))}
        chosen = list(agreements().published().filter(reference__in=wanted).with_parties())
        if not chosen or verdict not in bulk_verify.OfficerVerdict:
            messages.warning(request, _("Mark one agreement at least, and say what is to be said of it."))
        else:
            try:
                self._say(verdict, chosen)
            except actions.ActionRefused as refused:
                for message in refused.messages:
                    messages.error(request, message)
        return redirect("my" if request.POST.get("then") == "my" else request.get_full_path())

    def _say(self, verdict: str, chosen: list[Agreement]) -> None:
        by, number = signed_in(self.request), len(chosen)
        if verdict == bulk_verify.OfficerVerdict.TRUE:
            workflow.verify(by=by, agreements=chosen)
            told = ngettext("%(number)d agreement is verified.", "%(number)d agreements are verified.", number)
        elif verdict == bulk_verify.OfficerVerdict.ENDED:
            bulk_verify.end_all(by=by, agreements=chosen, ended=_date_of(self.request.POST.get("ended", "")))
            told = ngettext("%(number)d agreement has ended.", "%(number)d agreements have ended.", number)
        else:
            bulk_verify.note_all(by=by, agreements=chosen, text=self.request.POST.get("text", "")[:4000])
            told = ngettext(
                "%(number)d agreement waits in the queue, to be corrected.",
                "%(number)d agreements wait in the queue, to be corrected.",
                number,
            )
        messages.success(self.request, told % {"number": number})


def _date_of(text: str) -> PartialDate | None:
    """A date as it was typed; what is none is refused with its own words."""
    try:
        return read_date(text) if text.strip() else None
    except forms.ValidationError as error:
        raise actions.ActionRefused(*error.messages) from None


class VerifyFile(OfficersOnly):
    """Verdicts in a file: sent, planned, applied. Between the two the rows travel signed with the page."""

    template_name = "my/verify_file.html"
    signer_salt = "coopdir.verify-file"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        return self._page(columns=bulk_verify.VERDICT_COLUMNS)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The plan of a file, or the application of a plan."""
        if "plan" in request.POST:
            return self._apply(request.POST["plan"])
        file = request.FILES.get("file")
        try:
            if file is None:
                raise Unreadable(_("Choose a file first."))
            if (file.size or 0) > _MAX_FILE_BYTES:
                raise Unreadable(_("The file is too large: it may have two megabytes."))
            rows = bulk_verify.read_file(file, request.user.pk)
        except Unreadable as error:
            return self._page(error=str(error), columns=bulk_verify.VERDICT_COLUMNS)
        plan = bulk_verify.plan_verdicts(by=signed_in(request), rows=rows)
        signed = signing.dumps([request.user.pk, rows], salt=self.signer_salt, compress=True)
        return self._page(plan=plan, signed=signed, name=file.name)

    def _apply(self, signed: str) -> HttpResponse:
        try:
            owner, rows = signing.loads(signed, salt=self.signer_salt, max_age=3600)
        except signing.BadSignature:
            owner, rows = None, []
        if owner != self.request.user.pk:
            return self._page(
                error=_("This plan is too old: send the file again."), columns=bulk_verify.VERDICT_COLUMNS
            )
        plan = bulk_verify.plan_verdicts(by=signed_in(self.request), rows=rows)
        try:
            bulk_verify.apply_verdicts(by=signed_in(self.request), plan=plan)
        except actions.ActionRefused as refused:
            return self._page(error=" ".join(refused.messages), columns=bulk_verify.VERDICT_COLUMNS)
        return self._page(plan=plan, applied=True)

    def _page(self, **context: object) -> HttpResponse:
        return render(self.request, self.template_name, context)


class VerifyTemplate(OfficersOnly):
    """The file to fill in: what is to be verified, a row each, with its name for whoever fills it in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A CSV file."""
        lines = [",".join((*bulk_verify.VERDICT_COLUMNS, *bulk_verify.IGNORED_COLUMNS))]
        for agreement in self.duties.to_verify.with_parties()[: bulk_verify.MAX_VERDICT_ROWS]:
            name = guard(str(agreement)).replace('"', '""')
            lines.append(f'{agreement.reference},,,"{name}"')
        response = HttpResponse("\ufeff" + "\r\n".join(lines) + "\r\n", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="coopdir-verify.csv"'
        return response
