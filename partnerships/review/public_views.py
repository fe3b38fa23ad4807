"""The pages for people without an account: to propose, to follow that, to confirm an agreement, to stop digests."""

from collections.abc import Callable
from copy import copy
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from core import throttles
from core.addresses import CODE
from core.date_conditions import over
from core.fields import reference_of
from core.imports.typed_values import MailAddressField
from core.lists.availability import availability, gone_response, moved
from core.spam import GuardedForm
from networks.querysets import networks, support_bodies

from ..choices import ConfirmationAnswer, SubmissionState
from ..editing import snapshot
from ..editing.actions import ActionRefused
from ..mail.signed_links import CONFIRMATION, PROPOSAL
from ..models import Confirmation, Submission
from ..querysets import agreements, countries, organisations, towns
from ..territory_querysets import territories
from . import digests, proposals
from .proposals import LIST, Subject

_MAX_TEXT_LENGTH = 4_000
"""Characters of a text that anybody may send."""
LONGEST_QUESTION = 1_000
"""Characters of a list's filters that are kept with it."""

_RECORD_LOOKUPS: dict[str, Callable[[str], Model | None]] = {
    "agreement": lambda code: agreements().with_parties().filter(reference=code).first(),
    "town": lambda code: towns().filter(reference=code).first(),
    "organisation": lambda code: organisations().filter(reference=code).first(),
    "country": lambda code: countries().filter(pk=code).first(),
    "territory": lambda code: territories().filter(pk=code).first(),
    "network": lambda code: networks().filter(reference=code).first(),
    "supportbody": lambda code: support_bodies().filter(reference=code).first(),
}
"""The records that have a page, public or not, by the name of its address, and how one is found."""


LIST_TITLES = {
    "agreements": gettext_lazy("Agreements"),
    "towns": gettext_lazy("Towns"),
    "organisations": gettext_lazy("Organisations"),
    "countries": gettext_lazy("Countries"),
    "networks": gettext_lazy("Networks"),
    "support_bodies": gettext_lazy("Support bodies"),
    "milestones": gettext_lazy("Milestones"),
    "links": gettext_lazy("Web links"),
}
"""The lists that have a page, by the name of its address, and their titles."""


def _subject_of_any(record: Model) -> Subject:
    """Any record as the subject of a proposal; that about a support body is decided by the officers of the territories
    it serves now."""
    kind = record._meta.model_name
    if kind == "network":
        return Subject(kind, reference_of(record), str(record))
    if kind == "supportbody":
        body: Any = record
        served = body.servedterritory_set.exclude(over("until")).values_list("territory", flat=True)
        return Subject(kind, reference_of(record), str(record), sorted(served))
    return proposals.subject_of(record)


def within_limits(request: HttpRequest, form: forms.Form) -> bool:
    """True if this address may send one more now, and the site takes one more today; else the form gets an error."""
    if not ratelimit.consume(request, action="propose"):
        form.add_error(None, _("Too much has come from your address lately. Please try again in a while."))
    elif not throttles.site_takes(request, "propose"):
        form.add_error(None, _("So much has come today that the site takes no more. Please send it again tomorrow."))
    return not form.errors


class TextForm(GuardedForm):
    """A text, and who it is from if they like."""

    text = forms.CharField(
        label=gettext_lazy("What is wrong or missing?"),
        max_length=_MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy("Say how you know, if you can: a website, a document, your own part in it."),
    )
    name = forms.CharField(label=gettext_lazy("Your name, if you like"), max_length=200, required=False)
    email = MailAddressField(
        label=gettext_lazy("Your e-mail address, if you want an answer"),
        required=False,
        help_text=gettext_lazy("Seen only by who answers you, and erased twelve months after the decision."),
    )


@method_decorator(never_cache, name="dispatch")
class ProposalForm(View):
    """“Something wrong or missing?”, about any record or list."""

    template_name = "proposals/form.html"

    def find(self, kind: str, name: str) -> HttpResponse | None:
        """Find the subject, or the response in its place: a merged record is replaced by the one it was merged into, a
        withdrawn one gets 410. Proposals about a list are decided by administrators."""
        if kind == LIST and name.lower() in LIST_TITLES:
            self.subject = Subject(LIST, name.lower(), str(LIST_TITLES[name.lower()]))
            return None
        find = _RECORD_LOOKUPS.get(kind)
        found = find(name.upper()) if find and CODE.fullmatch(name.upper()) else None
        if found is None:
            raise Http404
        record, status = availability(found)
        if status == 404:
            raise Http404
        if status == 410:
            return gone_response(self.request, record)
        self.subject = _subject_of_any(record)
        return moved(self.request, reverse("propose", args=[kind, self.subject.reference])) if status == 301 else None

    def get(self, request: HttpRequest, kind: str, reference: str) -> HttpResponse:
        """The form."""
        return self.find(kind, reference) or self._page(TextForm())

    def post(self, request: HttpRequest, kind: str, reference: str) -> HttpResponse:
        """Take it in; the page that follows is the proposer's own."""
        elsewhere = self.find(kind, reference)
        if elsewhere is not None and elsewhere.status_code == 410:
            return elsewhere
        subject, form = self.subject, TextForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        if not within_limits(request, form):
            return self._page(form, status=429)
        told = {name: form.cleaned_data[name] for name in ("text", "name", "email")}
        if subject.kind == LIST:
            told["text"] += f"\n\n{self.address}"
        proposal = proposals.propose(subject=subject, language=get_language() or "en", **told)
        return redirect("proposal", PROPOSAL.key(proposal.pk))

    @property
    def address(self) -> str:
        """Address of the page that the proposal is about; that of a list with its question."""
        question = self.request.GET.urlencode()[:LONGEST_QUESTION]
        page = proposals.subject_url(self.subject.kind, self.subject.reference)
        return f"{page}?{question}" if question and self.subject.kind == LIST else page

    def _page(self, form: forms.Form, status: int = 200) -> HttpResponse:
        context = {"form": form, "subject": self.subject, "address": self.address}
        return render(self.request, self.template_name, context, status=status)


class ReplyForm(GuardedForm):
    """Comment form for the author of a proposal."""

    text = forms.CharField(
        label=gettext_lazy("Add a comment"), max_length=_MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )


@method_decorator(never_cache, name="dispatch")
class ProposalPage(View):
    """Status page of a proposal, for whoever has its key."""

    template_name = "proposals/status.html"

    @cached_property
    def proposal(self) -> Submission:
        """Proposal that the key opens."""
        number = PROPOSAL.number(self.kwargs["key"])
        found = Submission.objects.filter(pk=number, author=None).first() if number else None
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page."""
        return self._page(ReplyForm())

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Add a comment."""
        proposal, form = self.proposal, ReplyForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        if not within_limits(request, form):
            return self._page(form, status=429)
        try:
            proposals.reply(submission=proposal, text=form.cleaned_data["text"])
        except ActionRefused as refused:
            form.add_error(None, refused.messages)
            return self._page(form)
        return redirect("proposal", key)

    def _page(self, form: forms.Form, status: int = 200) -> HttpResponse:
        proposal = self.proposal
        context = {
            "proposal": proposal,
            "address": proposals.subject_url(proposal.subject_kind, proposal.subject),
            "comments": proposal.comments.all(),
            "form": form if proposal.state == SubmissionState.OPEN else None,
        }
        return render(self.request, self.template_name, context, status=status)


class AnswerForm(GuardedForm):
    """Answer form of a partner about an agreement."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Is it so?"), choices=ConfirmationAnswer.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("What is to be corrected?"),
        max_length=_MAX_TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    email = MailAddressField(
        label=gettext_lazy("Your e-mail address, if you want to hear what becomes of a correction"),
        required=False,
        help_text=gettext_lazy("Seen only by who answers you, and erased twelve months after the decision."),
    )
    version = forms.CharField(widget=forms.HiddenInput)


@method_decorator(never_cache, name="dispatch")
class ConfirmPage(View):
    """An agreement as it is told, for a partner to say whether it is so."""

    template_name = "proposals/confirm.html"

    @cached_property
    def confirmation(self) -> Confirmation:
        """Confirmation that the key opens."""
        number = CONFIRMATION.number(self.kwargs["key"])
        found = Confirmation.objects.select_related("party__agreement", "asked_by").filter(pk=number or 0).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def content(self) -> snapshot.Content:
        """The agreement as it is now."""
        return snapshot.read_content(self.confirmation.party.agreement)

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page."""
        return self._page(AnswerForm(initial={"version": snapshot.content_fingerprint(self.content)}))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """The answer."""
        form = AnswerForm(request.POST)
        if not proposals.is_open(self.confirmation):
            return self._page(form)
        if not form.is_valid():
            return self._page(form)
        if not within_limits(request, form):
            return self._page(form, status=429)
        told = {name: form.cleaned_data[name] for name in ("answer", "version", "text", "email")}
        try:
            correction = proposals.answer(confirmation=self.confirmation, **told)
        except ActionRefused as refused:
            data: Any = copy(form.data)
            data["version"] = snapshot.content_fingerprint(self.content)
            form.data = data
            form.add_error(None, refused.messages)
            return self._page(form)
        return redirect("proposal", PROPOSAL.key(correction.pk)) if correction else redirect("confirm", key)

    def _page(self, form: forms.Form, status: int = 200) -> HttpResponse:
        confirmation = self.confirmation
        agreement = confirmation.party.agreement
        is_open, is_known = proposals.is_open(confirmation), agreement.known_to_all
        context = {
            "confirmation": confirmation,
            "agreement": agreement if is_known else None,  # brought back as a draft it may have other parties
            "told": snapshot.content_differences(None, self.content),
            "changed": confirmation.fingerprint != snapshot.content_fingerprint(self.content),
            "is_open": is_open,
            "own": is_open and proposals.is_own(confirmation),
            "form": form,
        }
        expired = not is_known or not (is_open or confirmation.answer)
        return render(self.request, self.template_name, context, status=410 if expired else status)


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class DigestStop(View):
    """Unsubscribe page of digests, by the link in one: without login, and by one click of a mail program (RFC 8058),
    which brings neither a cookie nor a token. Following the link alone changes nothing: mail scanners follow every
    link."""

    template_name = "proposals/digest_stop.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """The question."""
        return self._page(key, stopped=False, user=digests.owner(key))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Unsubscribe."""
        return self._page(key, stopped=True, user=digests.stop_digests(key))

    def _page(self, key: str, **context: object) -> HttpResponse:
        if context["user"] is None:
            raise Http404
        return render(self.request, self.template_name, {"stopped": context["stopped"]})
