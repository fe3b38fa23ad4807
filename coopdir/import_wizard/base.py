"""Base views of the import pages: access, the batch, and its steps."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from core.imports import batches
from core.imports.layouts import StrictResource
from core.imports.models import ImportBatch, ImportStatus
from core.imports.registry import resources
from partnerships import permissions

from .forms import kind_of

WORKING_STATUSES = (ImportStatus.PLANNING, ImportStatus.APPLYING, ImportStatus.UNDOING)
"""While somebody works on the batch, its pages show how far that is."""
WRITTEN_STATUSES = (ImportStatus.APPLIED, ImportStatus.UNDONE)
"""The file has come in, though it may have been taken back."""


@dataclass(frozen=True)
class WizardStep:
    """A step on the way of a batch: its name, and where it is while it can be gone to."""

    name: str
    label: str
    address: str


class ImportersOnly(AccessMixin, View):
    """Mixin: for people who may import; others are asked to log in, or get an explanation."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Django's hook."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not permissions.may_import(request.user):
            raise PermissionDenied
        return self.elsewhere() or super().dispatch(request, *args, **kwargs)

    def elsewhere(self) -> HttpResponse | None:
        """Redirect to another page instead of this one; None to stay."""
        return None


class OfBatch(ImportersOnly):
    """Base of the pages of one batch; a batch that the visitor may not see does not exist (404)."""

    step = ""

    @cached_property
    def batch(self) -> ImportBatch:
        """The batch that the address names."""
        seen = permissions.batches_of(self.request.user).select_related("user")
        return get_object_or_404(seen, reference=self.kwargs["reference"])

    @cached_property
    def resource(self) -> StrictResource:
        """Layout of the batch's rows, with its options and its user's rights."""
        return resources()[self.batch.resource].of(self.batch)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        """Template context of every page's head: the batch, its kind and its steps."""
        kwargs = {"batch": self.batch, "kind": kind_of(self.batch.resource), "steps": self.steps} | kwargs
        kwargs["step"] = self.step
        parent = getattr(super(), "get_context_data", None)
        return parent(**kwargs) if parent else kwargs

    @property
    def steps(self) -> list[WizardStep]:
        """The way of the batch; a step that it has not reached has no address."""
        status = self.batch.status
        idle = status not in WORKING_STATUSES
        open_ = idle and status not in WRITTEN_STATUSES
        planned = idle and status != ImportStatus.UPLOADED and bool(self.batch.counts)
        ways = [
            ("map", _("Columns"), "import_map", open_),
            ("plan", _("Plan"), "import_plan", planned),
            ("names", _("Names"), "import_names", planned and open_ and self.has_questions),
            ("apply", _("Apply"), "import_apply", status == ImportStatus.PLANNED),
            ("result", _("Result"), "import_result", idle and status in WRITTEN_STATUSES),
        ]
        return [WizardStep(name, label, self.address(view) if there else "") for name, label, view, there in ways]

    @cached_property
    def has_questions(self) -> bool:
        """True if names of the batch wait for a decision."""
        return self.batch.names.filter(question=True).exists()

    @property
    def same(self) -> QuerySet[ImportBatch]:
        """The batches that brought the same file before, of those that the visitor may see."""
        return (permissions.batches_of(self.request.user) & batches.same_files(self.batch)).filter(pk__lt=self.batch.pk)

    def address(self, name: str) -> str:
        """The address of one of the batch's pages."""
        return reverse(name, args=[self.batch.reference])


class UnappliedBatchPage(OfBatch):
    """Base of pages for a batch that is not applied yet; a later batch is redirected to the page of its state."""

    def elsewhere(self) -> HttpResponse | None:
        if self.batch.status not in (*WORKING_STATUSES, *WRITTEN_STATUSES):
            return None
        if self.request.method == "POST" and self.request.POST.get("do") not in ("plan", "example"):
            messages.warning(self.request, _("What you sent is not kept: this import is past that step meanwhile."))
        name = "import_progress" if self.batch.status in WORKING_STATUSES else "import_result"
        return redirect(name, self.batch.reference)
