"""The pages of an officer's desk: what there is to do, verifying many, the queue, asking a partner."""

from typing import Any

from allauth.core.ratelimit import consume_or_429
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _
from django.views.generic import ListView, TemplateView, View

from core.addresses import absolute
from core.dates import PartialDate
from core.imports.date_formats import read_date
from core.imports.readers.limits import Unreadable
from core.lists.form_fields import StrOrPromise, choice_field, record_field
from core.lists.formula_guard import guard
from core.lists.pagination import paginate
from core.visitors import signed_in
from partnerships.editing import actions, decisions

from .. import permissions
from ..agreements import duplicates
from ..choices import ConfirmationRoute, MailState, SubmissionKind, SubmissionState
from ..editing import snapshot, workflow
from ..mail import send
from ..mail.signed_links import CONFIRMATION
from ..models import Agreement, Confirmation, OutgoingMail, Party, Submission
from ..querysets import AgreementQuerySet, agreements
from . import bulk_verify, proposals
from .todo import Duties, glance, group_duplicates

_SHOWN_PER_LIST = 5
"""Entries of each list on the desk."""
_MAX_FILE_BYTES = 2_000_000
"""Bytes of a file of verdicts."""


class OfficersOnly(AccessMixin, View):
    """Mixin: for people with a mandate; others are asked to log in, or get an explanation."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Django's hook."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not permissions.is_officer(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def duties(self) -> Duties:
        """Duties of the officer."""
        return Duties(signed_in(self.request))


class DeskPage(OfficersOnly, TemplateView):
    """My territory at a glance."""

    template_name = "my/desk.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        duties = self.duties
        suspected = glance(duties.suspected, 3 * _SHOWN_PER_LIST)
        return super().get_context_data(
            duties=duties,
            form_drafts=duties.form_drafts,
            drafts=glance(duties.drafts, _SHOWN_PER_LIST),
            to_decide=glance(duties.to_decide, _SHOWN_PER_LIST),
            handed_in=glance(duties.handed_in, _SHOWN_PER_LIST),
            stale=glance(duties.stale, _SHOWN_PER_LIST),
            never=glance(duties.never, _SHOWN_PER_LIST),
            to_verify=duties.to_verify.count(),
            verifiable=duties.verifiable.count(),
            suspected=suspected,
            pairs=group_duplicates(suspected.first)[:_SHOWN_PER_LIST],
            expiring=glance(duties.expiring, _SHOWN_PER_LIST),
            changed=duties.changed_total,
            changes=duties.changes(_SHOWN_PER_LIST),
            **kwargs,
        )


class DeskList(OfficersOnly, ListView):
    """One of the desk's lists, whole; `name` is that of the list among the duties."""

    name = ""
    paginate_by = 50
    template_name = "my/agreements.html"
    title: StrOrPromise = ""
    told: StrOrPromise = ""

    def get_queryset(self) -> AgreementQuerySet:
        found: AgreementQuerySet = getattr(self.duties, self.name)
        return found.with_parties().with_statuses()

    def paginate_queryset(self, queryset: object, page_size: int) -> Any:
        """Django's hook, with a page for every number instead of a 404."""
        page, _notice = paginate(queryset, self.request.GET.get("page", ""), page_size)
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, told=self.told, **kwargs)


class Drafts(DeskList):
    """Agreements that are not handed in yet."""

    name = "drafts"
    title = gettext_lazy("Drafts")
    told = gettext_lazy("Agreements of your territory that are seen by its officers only.")


class Expiring(DeskList):
    """Agreements that run out soon."""

    name = "expiring"
    title = gettext_lazy("Expiring within six months")
    told = gettext_lazy("Their term ends soon, and they are not renewed tacitly. Ask the parties what comes next.")


class Suspected(DeskList):
    """Agreements that are probably the same."""

    name = "suspected"
    title = gettext_lazy("Suspected duplicates")
    told = gettext_lazy("Published agreements of the same parties, side by side. Two may be right: one for each kind.")
    template_name = "my/duplicates.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"groups": group_duplicates(context["object_list"])}


class RecentChangesPage(OfficersOnly, TemplateView):
    """Page of others' recent changes."""

    template_name = "my/changes.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(changes=self.duties.changes(200), **kwargs)


# Verifying


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


# The queue


class Submissions(OfficersOnly, ListView):
    """The queue: what waits for me, what I wait for, what is decided."""

    template_name = "my/submissions.html"
    paginate_by = 50
    views = (
        ("open", gettext_lazy("To decide")),
        ("mine", gettext_lazy("Mine")),
        ("decided", gettext_lazy("Decided")),
    )

    @property
    def view(self) -> str:
        """Name of the requested list."""
        asked = self.request.GET.get("show", "")
        return asked if asked in dict(self.views) else "open"

    def get_queryset(self) -> QuerySet[Submission]:
        if self.view == "mine":
            return Submission.objects.filter(author=signed_in(self.request))
        if self.view == "decided":
            decided = permissions.submissions_for(self.request.user).exclude(state=SubmissionState.OPEN)
            return decided.select_related("decided_by").order_by("-decided_at", "-pk")
        return self.duties.to_decide

    def paginate_queryset(self, queryset: object, page_size: int) -> Any:
        """Django's hook, with a page for every number instead of a 404."""
        page, _notice = paginate(queryset, self.request.GET.get("page", ""), page_size)
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            views=self.views,
            view=self.view,
            querystring=f"show={self.view}",
            waiting=self.duties.to_decide.count(),
            **kwargs,
        )


class SubmissionPage(OfficersOnly):
    """Submission page: differences, comments, and the decision."""

    template_name = "my/submission.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """404 for somebody else's submission."""
        self.problem: dict[str, Any] = {}
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def submission(self) -> Submission:
        """Submission that the address names, if the reader may follow it."""
        found = get_object_or_404(
            Submission.objects.select_related("agreement", "author", "decided_by"), pk=self.kwargs["pk"]
        )
        if not permissions.may_follow(self.request.user, found):
            raise Http404
        return found

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page."""
        submission, user = self.submission, request.user
        typed = request.POST if request.method == "POST" else {}
        return render(
            request,
            self.template_name,
            {
                "submission": submission,
                "subject_url": proposals.subject_url(submission.subject_kind, submission.subject),
                "differences": snapshot.content_differences(submission.base, submission.content)
                if submission.content
                else [],
                "comments": submission.comments.select_related("author"),
                "may_decide": permissions.may_decide(user, submission),
                "is_author": submission.author_id == user.pk,
                "from_outside": submission.kind in permissions.OPEN_TO_OFFICERS,
                "typed": typed,
                "found": self._of_same_parties(),
                **self._meanwhile(),
                **self.problem,
            },
            status=409 if self.problem else 200,
        )

    def _of_same_parties(self) -> list[Agreement]:
        """The agreements that a new entry may be the same as, for who decides on it."""
        submission = self.submission
        if (
            submission.state != SubmissionState.OPEN
            or submission.kind != SubmissionKind.NEW
            or not submission.agreement
        ):
            return []
        actors = snapshot.refs_in(snapshot.read_content(submission.agreement))
        return list(duplicates.of_same_parties(actors, but=submission.agreement_id).with_parties())

    def _meanwhile(self) -> dict[str, Any]:
        """Differences made in the directory after a change was handed in."""
        submission = self.submission
        waiting = submission.state == SubmissionState.OPEN
        if not (waiting and submission.kind == SubmissionKind.CHANGE and submission.agreement):
            return {}
        return {"meanwhile": snapshot.content_differences(submission.base, snapshot.read_content(submission.agreement))}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A decision or a word."""
        submission, by = self.submission, signed_in(request)
        said, reason = request.POST.get("text", "")[:4000], request.POST.get("reason", "")[:4000]
        try:
            match request.POST.get("action"):
                case "approve":
                    decisions.approve(by=by, submission=submission, reason=reason)
                    messages.success(request, _("Accepted. The author is told."))
                case "reject":
                    decisions.reject(by=by, submission=submission, reason=reason)
                    messages.success(request, _("Declined. The author is told."))
                case "take_back":
                    decisions.take_back(by=by, submission=submission)
                    messages.success(request, _("Taken back."))
                case _:
                    decisions.comment(by=by, submission=submission, text=said)
                    messages.success(request, _("Your comment is there. It was mailed, too."))
        except actions.Conflict as conflict:
            self.problem = {"refused": conflict.messages, "conflict": True}
        except actions.Duplicate as duplicate:
            self.problem = {"refused": duplicate.messages, "found": duplicate.found}
        except actions.ActionRefused as refused:
            self.problem = {"refused": refused.messages}
        if self.problem:
            self.__dict__.pop("submission")  # what was tried was rolled back
            return self.get(request, pk)
        return redirect("submission", pk=pk)


# Asking a partner


class ConfirmationForm(forms.Form):
    """Form for asking a partner: address and language."""

    party = forms.ModelChoiceField(label=gettext_lazy("Party"), queryset=Party.objects.none(), empty_label=None)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy(
            "Erased when it has served. At an address of the website that the directory knows of the party, the answer "
            "is the party's own; at another one, or if you leave it blank and hand the link on, it counts as given "
            "through you."
        ),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))

    def __init__(self, *args: Any, by: User, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = agreement.parties.order_by("position", "pk").select_related("town__country", "organisation")
        record_field(self, "party").queryset = present
        # It is the others who are asked, as a rule.
        self.fields["party"].initial = next(
            (party for party in present if not permissions.may_write_parties(by, [party.actor])), present.last()
        )
        choice_field(self, "language").choices = settings.LANGUAGES
        self.fields["language"].initial = (get_language() or "en")[:2]


_SENT_MESSAGES = {
    (True, True): gettext_lazy("The question will be sent. Its answer will be the partner's own."),
    (True, False): gettext_lazy(
        "The question will be sent. The directory does not know the address as the partner's: the answer will count as "
        "given through you."
    ),
    (False, False): gettext_lazy("The link is made: hand it on."),
}
"""Messages once somebody is asked, by whether there is an address and whether it is the partner's own."""


class AskPartner(OfficersOnly):
    """Ask the other party whether an agreement is as it is told."""

    template_name = "my/confirmation.html"

    @cached_property
    def agreement(self) -> Agreement:
        """Agreement that the address names, if the reader may ask about it."""
        found: Agreement = get_object_or_404(agreements().with_parties(), reference=self.kwargs["reference"])
        if not permissions.may_see(self.request.user, found):
            raise Http404
        if not permissions.may_publish(self.request.user, found):
            raise PermissionDenied
        return found

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The form, and what was asked before."""
        return self._page(ConfirmationForm(by=signed_in(request), agreement=self.agreement))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask."""
        throttled = consume_or_429(request, action="ask_partner")
        if isinstance(throttled, HttpResponse):
            return throttled
        form = ConfirmationForm(request.POST, by=signed_in(request), agreement=self.agreement)
        if form.is_valid():
            try:
                asked = proposals.ask(by=signed_in(request), **form.cleaned_data)
            except actions.ActionRefused as refused:
                form.add_error(None, refused.messages)
                return self._page(form, 409)
            messages.success(request, _SENT_MESSAGES[bool(asked.email), asked.route == ConfirmationRoute.PARTNER])
            return redirect(request.path)
        return self._page(form)

    def _page(self, form: ConfirmationForm, status: int = 200) -> HttpResponse:
        asked = Confirmation.objects.filter(party__agreement=self.agreement).select_related("party", "asked_by")
        asked = asked.prefetch_related("mails")
        context = {
            "agreement": self.agreement,
            "form": form,
            "asked": [(one, proposals.is_open(one), self._link(one)) for one in asked],
        }
        return render(self.request, self.template_name, context, status=status)

    @staticmethod
    def _link(confirmation: Confirmation) -> str:
        """The link to hand on; none where the answer is to be the partner's own, who alone has it then."""
        if confirmation.route == ConfirmationRoute.PARTNER or not proposals.is_open(confirmation):
            return ""
        with override(confirmation.language):
            return absolute(reverse("confirm", args=[CONFIRMATION.key(confirmation.pk)]))


# Mail


class TestMail(OfficersOnly):
    """Test mail page for administrators: does mail go out, and what does the mail server answer if not?"""

    template_name = "my/test_mail.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Admit administrators only."""
        if request.user.is_authenticated and not permissions.is_administrator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, and the state of the mail that was just written; the page reloads itself until it was tried."""
        asked = request.GET.get("mail", "")
        known = asked.isdecimal() and len(asked) < 18
        mail = OutgoingMail.objects.filter(kind="test", pk=asked).first() if known else None
        to = mail.to if mail else signed_in(request).email
        response = render(request, self.template_name, {"to": to, "mail": mail})
        if mail and mail.state == MailState.WAITING and not mail.last_error:
            response["Refresh"] = "2"
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        """Queue the test mail like every other mail."""
        to = request.POST.get("to", "").strip()
        try:
            forms.EmailField().clean(to)
        except forms.ValidationError as error:
            return render(request, self.template_name, {"to": to, "error": " ".join(error.messages)})
        mail = send.send_templated_mail("test", to, get_language() or "en")
        return redirect(f"{request.path}?mail={mail.pk if mail else ''}")
