"""The pages on which an agreement is entered and changed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from core.lists.form_fields import MAX_VALUE_LENGTH
from core.visitors import signed_in

from .. import permissions
from ..agreements import duplicates
from ..choices import Action, MandateRole, Publication, SubmissionKind, SubmissionState
from ..models import Agreement, Attachment, FormDraft, Submission
from ..places import autocomplete
from ..querysets import agreements
from . import commands, snapshot, workflow
from .actions import ActionRefused, Conflict, Duplicate
from .commands import ENTRY_ACTIONS
from .conflicts import ConflictMixin
from .form_parts import NEW
from .forms import AgreementForm
from .row_buttons import RowButtonsMixin, number_named
from .typed_fields import TypedFields, blank

KEPT_FORM = "kept_form"
"""Session key of a form that was sent after another session had ended."""
_SIGNER = Signer(salt="partnerships.editing.typed_by")


class AgreementEditor(ConflictMixin, RowButtonsMixin, View):
    """The form of a new agreement, or of one that is there.

    Every button of the form posts to the page itself; `do` says which one. What was sent after the session had ended
    is kept and comes back after the login.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return log_in_again(request)
        self.user = request.user
        if request.method == "POST" and (withdrawn := _withdrawn(request, kwargs.get("reference", ""))):
            return self._keep_for_later(withdrawn)
        self.agreement = _editable(request, kwargs["reference"]) if "reference" in kwargs else None
        if self.agreement is None and not permissions.is_officer(self.user):
            raise PermissionDenied
        self.draft: FormDraft | None = None
        self.also: dict[str, Any] = {}
        return super().dispatch(request, *args, **kwargs)

    def _keep_for_later(self, withdrawn: Agreement) -> HttpResponse:
        """Keep the form data of an agreement that was withdrawn meanwhile: they come back when the agreement does."""
        self.agreement, self.draft = withdrawn, None
        self._keep(TypedFields(dict(self.request.POST.lists())))
        told = _("This agreement was withdrawn meanwhile, so nothing was changed.")
        if withdrawn.merged_into_id is None:
            told += " " + _("What you typed is kept: you will find it here again once somebody restores the agreement.")
        messages.warning(self.request, told)
        return redirect("agreement_history", withdrawn.address)

    # Opening

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The form: what was typed and not sent before anything else."""
        if typed := self._brought_back():
            self._keep(typed)
            self.also["brought_back"] = True
        elif draft := self._begun():
            self.draft, typed = draft, _typed_of(draft.data)
            typed["base"] = draft.base
            self.also["begun_on"] = draft.saved_at
        else:
            typed = self._fresh()
        return self._page(AgreementForm(typed, user=self.user, agreement=self.agreement))

    def _brought_back(self) -> TypedFields | None:
        """Form data that this person sent from this page before logging in again; None if there are none."""
        kept = self.request.session.pop(KEPT_FORM, None)
        if not kept or kept["path"] != self.request.path or kept["by"] != self.user.pk:
            return None
        return _typed_of(kept["data"])

    def _begun(self) -> FormDraft | None:
        """The form of this agreement that was begun earlier; of a new one, the one that is asked for."""
        mine = permissions.form_drafts_of(self.user).filter(agreement=self.agreement)
        if self.agreement is None:
            asked = self.request.GET.get("draft", "")
            return get_object_or_404(mine, pk=number_named(asked)) if number_named(asked) is not None else None
        return mine.first()

    def _fresh(self) -> TypedFields:
        if self.agreement is not None:
            return self._stored()
        copied = self.request.GET.get("copy", "")
        if not copied:
            return blank()
        original = get_object_or_404(agreements(), reference=copied.upper()[:16])
        if not permissions.may_see(self.user, original):
            raise Http404
        self.also["copied"] = original
        return _with_room(TypedFields.of(workflow.copied(original)))

    def _stored(self) -> TypedFields:
        """The agreement as it is, or as this person proposed to change it, if nobody has changed it since."""
        if self.agreement is None:
            raise LookupError("Nothing is stored yet.")
        now = content = snapshot.read_content(self.agreement)
        proposed = Submission.objects.filter(
            agreement=self.agreement, author=self.user, kind=SubmissionKind.CHANGE, state=SubmissionState.OPEN
        ).first()
        if proposed is not None:
            self.also["proposed"] = proposed
            if proposed.base == now and proposed.content is not None:
                content = proposed.content
        typed = _with_room(TypedFields.of(content))
        typed["base"] = snapshot.content_fingerprint(now)
        return typed

    # Buttons

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Dispatch the pressed button by its name (`do`)."""
        self.typed = TypedFields(dict(request.POST.lists()))
        if draft := request.POST.get("draft", ""):
            self.draft = permissions.form_drafts_of(self.user).filter(pk=number_named(draft) or 0).first()
        do = request.POST.get("do", "look")
        if do in ENTRY_ACTIONS:
            self.theirs = request.POST.get("theirs", "")  # there if two versions are shown above the form
            return self._send(do)
        if do == "settle":  # two versions, by what was chosen of each
            then = request.POST.get("then", "")
            self.theirs = request.POST.get("theirs", "") or "none"
            return self._send(then if then in ENTRY_ACTIONS else Action.SAVE)
        if do == "take" and self.agreement is not None:
            commands.discard_form_draft(by=self.user, draft=self.draft.pk if self.draft else 0)
            self.draft = None
            return self._page(self._form(self._stored()))
        form = self._press(do)
        self._keep(self.typed)
        return self._page(form)

    # Sending

    def _send(self, then: str) -> HttpResponse:
        """Save, submit or publish; or the form again, with what is wrong or in the way."""
        form = self._form(self.typed)
        published = self.agreement is not None and self.agreement.publication == Publication.PUBLISHED
        entry = form.entry(publishing=published or then != Action.SAVE)
        if entry is None:
            self._keep(self.typed)
            return self._page(form)
        try:
            with transaction.atomic():
                entry, base = self._settled(entry)
                agreement = commands.enter(
                    by=self.user,
                    entry=entry,
                    then=then,
                    agreement=self.agreement,
                    base=base,
                    reason=form.main.cleaned_data["reason"].strip(),
                    note=form.main.cleaned_data["note"].strip(),
                )
                self._write_extras(form, agreement)
        except Conflict as conflict:
            self._show_conflict(conflict, entry, then)
        except Duplicate as duplicate:
            self.also["duplicate"] = duplicate
        except ActionRefused as refused:
            form.general += refused.messages
        except PermissionDenied:
            form.general.append(
                _("You may not publish for any of these parties. Keep it as a draft, or submit it to somebody who may.")
                if then == Action.PUBLISH or published
                else _("At least one of the parties must lie in your territory.")
            )
        else:
            if self.draft is not None:
                commands.discard_form_draft(by=self.user, draft=self.draft.pk)
            messages.success(self.request, _said(then, agreement, published))
            return redirect("agreement", agreement.address)
        self._keep(self.typed)
        return self._page(form)

    def _keep(self, typed: TypedFields) -> None:
        """Keep what is typed, so that nothing of it is lost."""
        if not typed.is_blank:
            self.draft = commands.keep_form_draft(
                by=self.user,
                data=typed.kept(),
                agreement=self.agreement,
                base=typed.get("base", ""),
                draft=self.draft.pk if self.draft else None,
            )

    # Showing

    def _page(self, form: AgreementForm) -> HttpResponse:
        agreement = self.agreement
        publishes = (
            permissions.may_publish(self.user, agreement)
            if agreement is not None
            else bool(permissions.roles_of(self.user) - {MandateRole.CONTRIBUTOR})
        )
        context = {
            "form": form,
            "agreement": agreement,
            "base": form.typed.get("base", ""),
            "draft": self.draft,
            "typed_by": _SIGNER.sign(str(self.user.pk)),
            "publishes": publishes,
            "published": agreement is not None and agreement.publication == Publication.PUBLISHED,
            "submitted": agreement is not None and agreement.publication == Publication.SUBMITTED,
            "existing": _existing(self.user, form, agreement),
            "may_add_documents": agreement is None or permissions.may_add_documents(self.user, agreement),
            "contacts": permissions.contacts_seen_by(self.user, agreement) if agreement else (),
            "new": NEW,
            "begun": self._others_begun(),
            **self.also,
        }
        return render(self.request, "my/agreement_form.html", context)

    def _others_begun(self) -> list[tuple[FormDraft, str]]:
        """The new agreements that were begun and not sent, with a name for each."""
        if self.agreement is not None or self.request.method != "GET":
            return []
        mine = permissions.form_drafts_of(self.user).filter(agreement=None)
        if self.draft is not None:
            mine = mine.exclude(pk=self.draft.pk)
        return [(draft, _named(draft, self.user)) for draft in mine[:10]]


def _withdrawn(request: HttpRequest, reference: str) -> Agreement | None:
    """The agreement with this reference if it was withdrawn and the user may write it."""
    found = agreements().with_parties().filter(reference=reference, publication=Publication.WITHDRAWN).first()
    return found if found is not None and permissions.may_write(request.user, found) else None


def _editable(request: HttpRequest, reference: str) -> Agreement:
    """The agreement with this reference, if the user may change it; another's draft does not exist."""
    agreement: Agreement = get_object_or_404(agreements().with_parties(), reference=reference)
    if agreement.publication == Publication.WITHDRAWN:
        raise Http404
    if not permissions.may_write(request.user, agreement):
        if permissions.may_see(request.user, agreement):
            raise PermissionDenied
        raise Http404
    return agreement


def _typed_of(data: dict[str, list[str]]) -> TypedFields:
    return TypedFields({str(name): list(values) for name, values in data.items()})


def _with_room(typed: TypedFields) -> TypedFields:
    """Add rows where needed: at least two of parties and one of sources."""
    while len(typed.numbers("parties")) < 2:
        typed.add("parties")
    if not typed.numbers("sources"):
        typed.add("sources")
    return typed


def _existing(user: Any, form: AgreementForm, agreement: Agreement | None) -> list[tuple[Agreement, bool]]:
    """The agreements that two of the chosen parties have already, as far as the user knows of them, with whether the
    user may write each."""
    actors = form.actors
    if len(actors) < 2:
        return []
    found = duplicates.between(actors, but=agreement.pk if agreement else None)
    seen = found.filter(pk__in=permissions.agreements_seen_by(user).order_by().values("pk")).with_parties()[:5]
    return [(one, permissions.may_write(user, one)) for one in seen]


def _named(draft: FormDraft, user: object) -> str:
    """Title of an unfinished form: its parties as far as they are named."""
    form = AgreementForm(_typed_of(draft.data), user=user)
    names = [row.chosen.name if row.chosen else row.asked for row in form.parties]
    return " – ".join(filter(None, names)) or _("no party yet")


def _said(then: str, agreement: Agreement, published: bool) -> str:
    """Success message of the action."""
    if then == Action.SUBMIT:
        return _("Submitted: those who decide are told.")
    if agreement.publication == Publication.PUBLISHED:
        return _("The change is published.") if published else _("Published: everybody can see it now.")
    if agreement.publication == Publication.SUBMITTED:
        return _("Saved. It still waits for a decision.")
    return _("Kept as a draft: only those who may write it see it.")


def log_in_again(request: HttpRequest) -> HttpResponse:
    """Redirect to the login, and back afterwards. A form sent by somebody whose session has ended is kept for them."""
    by = request.POST.get("typed_by", "")
    if by:
        try:
            key = int(_SIGNER.unsign(by))
        except (BadSignature, ValueError):
            key = 0
        if key:
            typed = TypedFields(dict(request.POST.lists()))
            path = request.POST.get("path") or request.path
            request.session[KEPT_FORM] = {"path": path, "by": key, "data": typed.kept()}
            request.session.modified = True
            if path != request.path:  # kept by itself, in the background
                return JsonResponse(
                    {"said": _("You are logged out. What you typed is kept: log in to go on.")}, status=403
                )
    answer = redirect_to_login(request.path)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": answer.url})
    return answer


def _officers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator: for users who may write anything at all; others log in, or are refused."""

    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return log_in_again(request)
        if not permissions.is_officer(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _asked(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").split())[:MAX_VALUE_LENGTH].strip()


@require_safe
@_officers_only
def party_suggestions(request: HttpRequest) -> HttpResponse:
    """Party suggestions for a text: an HTML fragment of options to put under its box."""
    asked = _asked(request)
    return render(
        request, "my/parts/party_options.html", {"candidates": autocomplete.suggest_actors(asked), "asked": asked}
    )


@require_safe
@_officers_only
def source_suggestions(request: HttpRequest) -> HttpResponse:
    """Known sources that may be meant by a text, as options to put under its box."""
    found = autocomplete.known_sources(_asked(request), permissions.sources_seen_by(request.user))
    return render(request, "my/parts/source_options.html", {"sources": found})


@require_POST
@_officers_only
def keep_form(request: HttpRequest) -> HttpResponse:
    """Keep a form as it is typed; the page's script asks for it every few seconds after a change."""
    typed = TypedFields(dict(request.POST.lists()))
    reference, draft = request.POST.get("agreement", ""), request.POST.get("draft", "")
    agreement = _editable(request, reference.upper()) if reference else None
    kept = commands.keep_form_draft(
        by=signed_in(request),
        data=typed.kept(),
        agreement=agreement,
        base=typed.get("base", ""),
        draft=number_named(draft),
    )
    time = date_format(timezone.localtime(kept.saved_at), "H:i")
    return JsonResponse({"draft": kept.pk, "said": _("What you typed is kept: %(time)s") % {"time": time}})


@require_POST
@_officers_only
def discard_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a form begun, and open its page afresh."""
    draft = permissions.form_drafts_of(request.user).filter(pk=pk).select_related("agreement").first()
    if draft is None:
        raise Http404
    commands.discard_form_draft(by=signed_in(request), draft=pk)
    if draft.agreement is None:
        return redirect("agreement_new")
    return redirect("agreement_edit", draft.agreement.reference)


@require_safe
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An uploaded document, handed out whole: nothing in it is shown by the site itself."""
    found = get_object_or_404(Attachment.objects.select_related("agreement"), pk=pk)
    if not permissions.may_download(request.user, found):
        raise Http404
    try:
        file = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(file, as_attachment=True, filename=found.name, content_type=found.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
