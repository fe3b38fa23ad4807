"""Views of the import wizard: a file is uploaded, planned, applied and undone, its rows are shown and downloaded
meanwhile."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView

from core.imports import batches, jobs
from core.imports.errors import ImportRefused
from core.imports.mapping import WrongHeaders
from core.imports.models import ImportBatch, ImportStatus, Outcome
from core.imports.readers.limits import Unreadable
from core.imports.registry import resources
from core.lists.formats import for_excel
from core.lists.formula_guard import guard
from core.lists.pagination import paginate
from partnerships import permissions

from . import plan_rows
from .base import WORKING_STATUSES, WRITTEN_STATUSES, ImportersOnly, OfBatch
from .forms import UploadForm, kind_of, kinds, split

LEFT_OUT = (Outcome.REFUSED, Outcome.QUESTION)
COMES_IN = (Outcome.CREATED, Outcome.UPDATED)
FILTERS = (*Outcome.values, "moved")


class Batches(ImportersOnly, ListView):
    """The files that were brought, the last one first."""

    template_name = "imports/list.html"
    paginate_by = 50

    @property
    def asked(self) -> str:
        """Search text of the request (``q``)."""
        return self.request.GET.get("q", "").replace("\0", " ").strip()[:100]

    def get_queryset(self) -> QuerySet[ImportBatch]:
        found = permissions.batches_of(self.request.user).select_related("user").order_by("-created_at", "-pk")
        if self.asked:
            found = found.filter(
                Q(reference__iexact=self.asked)
                | Q(file_name__icontains=self.asked)
                | Q(source_title__icontains=self.asked)
            )
        return found

    def paginate_queryset(self, queryset: object, page_size: int) -> Any:
        """Django's hook, with a page for every number instead of a 404."""
        page, _notice = paginate(queryset, self.request.GET.get("page", ""), page_size)
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(asked=self.asked, **kwargs)
        lines = [(batch, kind_of(batch.resource), plan_rows.tally(batch)) for batch in context["object_list"]]
        question = self.request.GET.copy()
        question.pop("page", None)
        return context | {"lines": lines, "querystring": question.urlencode()}


class Upload(ImportersOnly):
    """A file is brought, with what it is and where it comes from."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form; ``?resource=`` says what the rows are, ``?like=`` which import has the same source."""
        like = permissions.batches_of(request.user).filter(reference=request.GET.get("like", "").upper()[:16]).first()
        initial = {name: getattr(like, name) for name in UploadForm.SOURCE} if like else {}
        asked = like.resource if like else request.GET.get("resource", "")
        return self._page(UploadForm(self._names, initial=initial | {"resource": asked}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the file, and go on to its columns."""
        form = UploadForm(self._names, request.POST, request.FILES)
        if not form.is_valid():
            return self._page(form)
        file = form.cleaned_data["file"]
        try:
            batch = batches.receive(
                file,
                resource=form.cleaned_data["resource"],
                source=form.source,
                by=request.user,
                file_name=file.name,
                options={"encoding": form.cleaned_data["encoding"]},
            )
        except (Unreadable, ImportRefused) as error:
            form.add_error("file", str(error))
            return self._page(form)
        return redirect("import_map", batch.reference)

    @property
    def _names(self) -> list[str]:
        """The layouts that may be imported."""
        return list(permissions.importable_by(self.request.user, resources()))

    def _page(self, form: UploadForm) -> HttpResponse:
        first, more = split(self._names)
        return render(self.request, "imports/new.html", {"form": form, "first": kinds(first), "more": kinds(more)})


# One batch


class PlanPage(OfBatch, TemplateView):
    """Plan page: the outcome of each row; totals, then rows by outcome."""

    template_name = "imports/plan.html"
    step = "plan"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The plan; a batch without one is redirected to the page of its status."""
        if self.batch.status in WORKING_STATUSES:
            return redirect("import_progress", self.batch.reference)
        if not self.batch.counts:
            return redirect("import_map", self.batch.reference)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Plan it again, as it was told to be read."""
        try:
            jobs.enqueue_step(self.batch, "plan", by=request.user)
        except ImportRefused as error:
            messages.error(request, str(error))
            return redirect("import_plan", self.batch.reference)
        return redirect("import_progress", self.batch.reference)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        asked = self.request.GET.get("outcome", "")
        outcome = asked if asked in FILTERS else ""
        after = self.request.GET.get("after", "")
        line = int(after[:9]) if after.isascii() and after.isdigit() else 0
        return super().get_context_data(
            page=plan_rows.page_of_rows(self.batch, self.resource, outcome=outcome, after=line),
            tally=plan_rows.tally(self.batch),
            total=sum(self.batch.counts.values()),
            outcome=outcome,
            moved=self.batch.options.get("moved", []),
            ignored=self.batch.options.get("ignored", []),
            left_out=plan_rows.count(self.batch, *LEFT_OUT),
            comes_in=plan_rows.count(self.batch, *COMES_IN),
            questions=self.batch.names.filter(question=True).count(),
            same=self.same,
            **kwargs,
        )


class Apply(OfBatch, TemplateView):
    """Confirmation page before applying: figures of what will happen, and the choice between good rows only and all or
    nothing."""

    template_name = "imports/apply.html"
    step = "apply"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page, while the batch waits for it."""
        if self.batch.status != ImportStatus.PLANNED:
            return redirect("import_plan", self.batch.reference)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Send it to the worker."""
        try:
            if self.batch.status == ImportStatus.PLANNED:
                batches.settle(self.batch, {"all_or_nothing": request.POST.get("how") == "all"})
            jobs.enqueue_step(self.batch, "apply", by=request.user)
        except (ImportRefused, Unreadable, WrongHeaders) as error:
            messages.error(request, str(error))
            return redirect("import_plan", self.batch.reference)
        return redirect("import_progress", self.batch.reference)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            tally=plan_rows.tally(self.batch),
            left_out=plan_rows.count(self.batch, *LEFT_OUT),
            comes_in=plan_rows.count(self.batch, *COMES_IN),
            questions=plan_rows.count(self.batch, Outcome.QUESTION),
            refused=plan_rows.count(self.batch, Outcome.REFUSED),
            **kwargs,
        )


STEP_OF = {ImportStatus.PLANNING: "plan", ImportStatus.APPLYING: "apply", ImportStatus.UNDOING: "result"}
"""The step of the way on which a batch is while it is worked on."""


class Progress(OfBatch, TemplateView):
    """Progress page of a batch that is being worked on; redirects when the work is done."""

    template_name = "imports/progress.html"

    @method_decorator(never_cache)  # or going back shows what htmx was answered
    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page, or for htmx the part of it that moves."""
        self.standing = jobs.batch_state(self.batch)
        self.step = STEP_OF.get(ImportStatus(self.batch.status), "")
        if self.batch.status not in WORKING_STATUSES:
            return self._onward()
        if request.headers.get("HX-Request"):
            return render(request, "imports/parts/progress.html", self.get_context_data())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Cancel the work, or go on with what was interrupted."""
        do = request.POST.get("do", "")
        try:
            if do == "cancel":
                jobs.cancel(self.batch)
            elif do == "resume":
                steps: dict[str, str] = {status: step for step, status in jobs.STEP_STATUSES.items()}
                if step := steps.get(self.batch.status):
                    jobs.enqueue_step(self.batch, step, by=request.user)
        except ImportRefused as error:
            messages.error(request, str(error))
        return redirect("import_progress", self.batch.reference)

    def _onward(self) -> HttpResponse:
        """Redirect to the page of the batch's status; htmx is told to go there."""
        match self.batch.status:
            case status if status in WRITTEN_STATUSES:
                name = "import_result"
            case ImportStatus.PLANNED:
                name = "import_plan"
            case _:  # failed, cancelled: the plan if there is one, with what happened
                name = "import_plan" if self.batch.counts else "import_map"
        if self.request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": self.address(name)})
        return redirect(self.address(name))

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            standing=self.standing,
            stoppable=self.batch.status != ImportStatus.UNDOING and not self.standing.cancelled,
            percent=min(100, 100 * self.standing.done // self.standing.total) if self.standing.total else None,
            **kwargs,
        )


class Result(OfBatch, TemplateView):
    """Result page of an import that was applied."""

    template_name = "imports/result.html"
    step = "result"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page, once there is a result."""
        if self.batch.status not in WRITTEN_STATUSES:
            return redirect("import_plan", self.batch.reference)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        kept = [(record, _address_of(record)) for record in self.batch.options.get("kept", [])]
        return super().get_context_data(
            tally=plan_rows.tally(self.batch),
            total=sum(self.batch.counts.values()),
            left_out=plan_rows.count(self.batch, *LEFT_OUT),
            undone=self.batch.status == ImportStatus.UNDONE,
            has_list=self.batch.resource == "agreements",
            kept=kept,
            kept_total=self.batch.options.get("kept_total", 0),
            **kwargs,
        )


def _address_of(kept: Mapping[str, str]) -> str:
    """The page of a record that was kept, if records of its kind have one."""
    try:
        return reverse(kept["model"].rpartition(".")[2], args=[kept["reference"]])
    except NoReverseMatch:
        return ""


class Undo(OfBatch, TemplateView):
    """Confirmation page for undoing an import; or, after that, for applying it again."""

    template_name = "imports/undo.html"
    step = "result"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The question."""
        if self.batch.status not in WRITTEN_STATUSES:
            return redirect("import_plan", self.batch.reference)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Send it to the worker."""
        try:
            jobs.enqueue_step(self.batch, "undo", by=request.user)
        except ImportRefused as error:
            messages.error(request, str(error))
            return redirect("import_plan", self.batch.reference)
        return redirect("import_progress", self.batch.reference)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            created=plan_rows.count(self.batch, Outcome.CREATED),
            updated=plan_rows.count(self.batch, Outcome.UPDATED),
            undone=self.batch.status == ImportStatus.UNDONE,
            **kwargs,
        )


class RefusedRows(OfBatch):
    """The rows that do not come in, with the reason: to be mended and sent again."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """The file."""

        delimiter = batches.delimiter_of(self.batch) or for_excel().get("delimiter", ",")

        def lines() -> Iterator[str]:
            yield "\ufeff"
            yield from batches.as_csv(batches.refused_rows(self.batch), guard, delimiter)

        suffix = "tsv" if delimiter == "\t" else "csv"
        name = f"{self.batch.reference}-refused.{suffix}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return StreamingHttpResponse(lines(), headers=headers, content_type="text/csv; charset=utf-8")


class KeptFile(OfBatch):
    """The file as it was brought."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """The file as a download: the site itself displays nothing of it."""
        try:
            file = self.batch.file.open("rb")
        except (FileNotFoundError, ValueError):  # an import by the command line keeps none
            raise Http404 from None
        kind = "application/octet-stream"
        answer = FileResponse(file, as_attachment=True, filename=self.batch.file_name, content_type=kind)
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
