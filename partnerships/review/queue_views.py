"""Pages of the queue: what was submitted, and the decision on it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView

from core.lists.pagination import paginate
from core.visitors import signed_in

from .. import permissions
from ..agreements import duplicates
from ..choices import SubmissionKind, SubmissionState
from ..editing import actions, decisions, snapshot
from ..models import Agreement, Submission
from . import proposals
from .access import OfficersOnly


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
