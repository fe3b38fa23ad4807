"""Pages of what becomes of an agreement: one for each action, which calls the workflow."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.visitors import signed_in

from .. import permissions
from ..choices import Action, Activity
from ..models import Agreement
from ..querysets import agreements
from ..review.access import OfficersOnly
from . import suspensions, workflow
from .action_forms import ActionForm, EndForm, ReasonForm, ResumeForm, SuspendForm, VerifyForm, open_suspensions
from .actions import ActionRefused

NOT_NOW = gettext_lazy("This cannot be done with the agreement as it is now.")


class ActionPage(OfficersOnly):
    """One action on an agreement: its form, and what it does.

    Subclasses declare action, words, form, `possible` (whether the agreement is in a state for it) and `act`.
    """

    template_name = "my/action.html"
    action: Action
    title: str | Promise
    told: str | Promise = ""
    button: str | Promise
    done: str | Promise
    form_class: type[ActionForm] = ActionForm

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        """True if the agreement is in a state for this action."""
        return agreement.publication == "published"

    @staticmethod
    def allowed(user: Any, agreement: Agreement) -> bool:
        """True if the user may take this action."""
        return permissions.may_publish(user, agreement)

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        """Perform the action."""
        raise NotImplementedError

    @cached_property
    def agreement(self) -> Agreement:
        """Agreement that the address names, if the reader may act on it; another's draft does not exist (404)."""
        found: Agreement = get_object_or_404(agreements().with_parties(), reference=self.kwargs["reference"])
        if not permissions.may_see(self.request.user, found):
            raise Http404
        if not self.allowed(self.request.user, found):
            raise PermissionDenied
        return found

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The form; an agreement that is in no state for it leads back to its page."""
        if not self.possible(self.agreement):
            messages.warning(request, NOT_NOW)
            return self._back()
        return self._page(self.form_class(agreement=self.agreement))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Perform the action, or show the reason why it is impossible."""
        form = self.form_class(request.POST, agreement=self.agreement)
        if not form.is_valid():
            return self._page(form)
        try:
            if not self.possible(self.agreement):
                raise ActionRefused(str(NOT_NOW))
            self.act(self.agreement, form.cleaned_data)
        except ActionRefused as refused:
            form.add_error(None, refused.messages)
            return self._page(form, 409)
        messages.success(request, str(self.done))
        return self._done()

    def _page(self, form: ActionForm, status: int = 200) -> HttpResponse:
        return render(
            self.request, self.template_name, {"page": self, "agreement": self.agreement, "form": form}, status=status
        )

    def _back(self) -> HttpResponse:
        return redirect("agreement", self.agreement.address)

    def _done(self) -> HttpResponse:
        return self._back()


class Verify(ActionPage):
    """Verify an agreement: it is as told."""

    action = Action.VERIFY
    title = gettext_lazy("Still true")
    told = gettext_lazy("The agreement exists, and what is written here is correct.")
    button = gettext_lazy("It is still true")
    done = gettext_lazy("The agreement is verified.")
    form_class = VerifyForm

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.verify(by=signed_in(self.request), agreements=[agreement], on=values["on"])


class End(ActionPage):
    """Mark an agreement as ended."""

    action = Action.END
    title = gettext_lazy("It has ended")
    told = gettext_lazy(
        "The parties no longer work together. The agreement stays in the directory, as one of the past."
    )
    button = gettext_lazy("Say that it has ended")
    done = gettext_lazy("The agreement has ended.")
    form_class = EndForm

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication == "published" and agreement.activity != Activity.ENDED

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.end(by=signed_in(self.request), agreement=agreement, **values)


class Suspend(ActionPage):
    """Suspend the part of one party."""

    action = Action.SUSPEND
    title = gettext_lazy("Suspend a party’s part")
    told = gettext_lazy("Only the part of this party rests; the others go on.")
    button = gettext_lazy("Suspend")
    done = gettext_lazy("The part of this party is suspended.")
    form_class = SuspendForm

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        suspensions.suspend(by=signed_in(self.request), **values)


class Resume(ActionPage):
    """End a suspension."""

    action = Action.RESUME
    title = gettext_lazy("End a suspension")
    told = gettext_lazy("The party takes part again.")
    button = gettext_lazy("End the suspension")
    done = gettext_lazy("The suspension is over.")
    form_class = ResumeForm

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication == "published" and open_suspensions(agreement).exists()

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        suspensions.resume(by=signed_in(self.request), **values)


class Withdraw(ActionPage):
    """Withdraw an agreement from the directory."""

    action = Action.WITHDRAW
    title = gettext_lazy("Withdraw")
    button = gettext_lazy("Withdraw it")
    done = gettext_lazy("The agreement is withdrawn.")
    form_class = ReasonForm

    @property
    def told(self) -> str:  # type: ignore[override]  # nobody sets it once the page is made
        """Explanation of the withdrawal's effect on the agreement's address, which says nothing of an agreement that
        never was public."""
        if self.agreement.published_at is None:
            return _(
                "For entries that should never have been made. This one never was public, and nobody else"
                " will know of it: those who may edit it find it in its history, and can restore it."
            )
        return _(
            "For what should never have been entered. An agreement that is over has ended; it is not withdrawn. "
            "The address then says that it was withdrawn, and why."
        )

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication != "withdrawn"

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.withdraw(by=signed_in(self.request), agreement=agreement, **values)

    def _back(self) -> HttpResponse:
        return redirect("agreement_history", self.agreement.address)


class Reinstate(ActionPage):
    """Bring a withdrawn agreement back."""

    action = Action.REINSTATE
    title = gettext_lazy("Bring it back")
    told = gettext_lazy("The agreement becomes a draft again; look at it, then publish it.")
    button = gettext_lazy("Bring it back")
    done = gettext_lazy("The agreement is a draft again.")

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.publication == "withdrawn" and agreement.merged_into_id is None

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.reinstate(by=signed_in(self.request), agreement=agreement)

    def _back(self) -> HttpResponse:
        return redirect("agreement_history", self.agreement.address)


class Delete(ActionPage):
    """Delete an agreement that never was public."""

    action = Action.DELETE
    title = gettext_lazy("Delete the draft")
    told = gettext_lazy(
        "It never was public, and nobody else will know of it. What is entered here goes for good: the documents and "
        "their files, the contact persons, what was submitted and said of it, and the towns and organisations that "
        "were entered for it alone. This cannot be undone."
    )
    button = gettext_lazy("Delete it for good")
    done = gettext_lazy("The draft is deleted.")

    @staticmethod
    def possible(agreement: Agreement) -> bool:
        return agreement.published_at is None and agreement.publication in ("draft", "withdrawn")

    @staticmethod
    def allowed(user: Any, agreement: Agreement) -> bool:
        return permissions.may_delete(user, agreement)

    def act(self, agreement: Agreement, values: dict[str, Any]) -> None:
        workflow.delete(by=signed_in(self.request), agreement=agreement)

    def _done(self) -> HttpResponse:
        return redirect("desk_drafts")


_ACTION_PAGES: tuple[type[ActionPage], ...] = (Verify, Suspend, Resume, End, Withdraw, Reinstate, Delete)
"""The actions in the order in which the agreement's page offers them."""


def offered(user: object, agreement: Agreement) -> list[tuple[str, str | Promise]]:
    """The actions that somebody may take on an agreement as it is now: name of the address, and title."""
    possible = [page for page in _ACTION_PAGES if page.possible(agreement)]
    return [(f"agreement_{page.action}", page.title) for page in possible if page.allowed(user, agreement)]
