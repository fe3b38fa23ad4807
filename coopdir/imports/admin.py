"""Files in and out by the administration's pages: a preview first, then what was good of it comes in.

The pages are django-import-export's; reading, planning and writing are the pipeline that the command line uses too.
"""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import forms as library
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, Format
from tablib import Dataset
from xlsxwriter import Workbook

from coopdir.admin import DirectoryAdmin, Group
from coopdir.dates import PartialDate

from . import licences, reading
from .applying import FileResult, Imported, Upload
from .models import ImportBatch
from .planning import Outcome, Row

SHOWN = 200
"""Rows, and faults, that a preview shows."""

LONGEST = 120
"""Characters of a cell that a preview shows."""

_signer = Signer(salt="coopdir.imports.upload")


class Table(Format):
    """What may be uploaded: CSV or XLSX, told apart by its content."""

    def __init__(self, encoding: str | None = None) -> None:
        """`encoding` is the library's; ours is told from the file."""

    def get_title(self) -> str:
        return _("CSV or XLSX")

    def can_import(self) -> bool:
        return True

    def create_dataset(self, content: bytes) -> Upload:
        sheet = reading.read(content)
        if not sheet.rows:
            raise reading.Unreadable(_("The file has headers but no rows."))
        return Upload(sheet.headers, sheet.rows, hashlib.sha256(content).hexdigest())


class Xlsx(Format):
    """A workbook of one sheet in which every cell is text: codes keep their zeros, and nothing is a formula."""

    def get_title(self) -> str:
        return "xlsx"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        content = io.BytesIO()
        workbook = Workbook(content, {"constant_memory": True})
        sheet = workbook.add_worksheet()
        for line, cells in enumerate([dataset.headers, *dataset]):
            for index, cell in enumerate(cells):
                if cell not in ("", None):
                    sheet.write_string(line, index, str(cell))
        workbook.close()
        return content.getvalue()


class SourceForm(forms.Form):
    """Where a file comes from."""

    source_title = forms.CharField(label=gettext_lazy("Title of the source"), max_length=300)
    source_licence = forms.CharField(
        label=gettext_lazy("Licence of the source"),
        max_length=60,
        help_text=gettext_lazy("One that lets the data be published under CC BY 4.0: %s.")
        % ", ".join(licences.ACCEPTED),
    )
    source_url = forms.URLField(
        label=gettext_lazy("Address of the source"), max_length=500, required=False, assume_scheme="https"
    )
    source_publisher = forms.CharField(label=gettext_lazy("Publisher"), max_length=300, required=False)
    source_date = forms.CharField(
        label=gettext_lazy("Date of the source"),
        required=False,
        help_text=gettext_lazy("As precise as known: 1986, 05/1986 or 24/05/1986."),
    )

    def clean_source_date(self) -> PartialDate | None:
        text = self.cleaned_data["source_date"]
        return PartialDate.parse(text) if text else None


class ImportForm(library.ImportForm, SourceForm):
    """The first step: the file and where it comes from."""


class ConfirmImportForm(library.ConfirmImportForm, SourceForm):
    """The second step: the same again, hidden."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = field.hidden_widget()

    def clean_import_file_name(self) -> str:
        try:
            return super().clean_import_file_name() and _signer.unsign(self.cleaned_data["import_file_name"])
        except BadSignature:
            raise forms.ValidationError(_("The uploaded file is not known here: upload it again.")) from None


@dataclass
class Preview:
    """What a page shows of an import: the totals, and the first faults and rows."""

    imported: Imported

    def counts(self) -> list[tuple[str, int]]:
        """How many rows end how."""
        ends = [row.outcome for row in self.imported.rows]
        return [(outcome.label, ends.count(outcome)) for outcome in Outcome]

    @property
    def total(self) -> int:
        """All rows of the file."""
        return len(self.imported.rows)

    @property
    def limit(self) -> int:
        """How many rows and faults are shown at most."""
        return SHOWN

    def faults(self) -> list[tuple[int, str, str, str]]:
        """Line, column, value and reason of the first faults."""
        faults = ((row.line, fault) for row in self.imported.refused for fault in row.faults)
        return [
            (line, fault.column, fault.value[:LONGEST], fault.reason)
            for (line, fault), _number in zip(faults, range(SHOWN), strict=False)
        ]

    def good(self) -> list[Row]:
        """The first rows that are not refused."""
        return [row for row in self.imported.rows if row.outcome != Outcome.REFUSED][:SHOWN]

    def columns(self) -> list[str]:
        """The columns that those rows fill."""
        return list(dict.fromkeys(column for row in self.good() for column in row.cells))

    def rows(self) -> Iterable[tuple[int, str, str, list[tuple[str, bool]]]]:
        """Of each of those rows: line, outcome and its word, and cells, each with whether it changes something."""
        columns = self.columns()
        for row in self.good():
            cells = [(row.cells.get(column, "")[:LONGEST], column in row.changes) for column in columns]
            yield row.line, row.outcome, Outcome(row.outcome).label, cells


class FilesAdmin(ImportExportMixin, DirectoryAdmin):
    """An admin whose records come in and go out as files, by the import layouts of `resource_classes`."""

    import_formats = [Table]
    export_formats = [CSV, Xlsx]
    to_encoding = "utf-8"
    import_form_class = ImportForm
    confirm_form_class = ConfirmImportForm
    export_form_class = library.ExportForm  # the one with a tick for each column runs an inline script
    import_template_name = "admin/directory/import.html"
    carried: tuple[str, ...] = ("source_title", "source_licence", "source_url", "source_publisher", "source_date")

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # Import

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The upload, or the preview of one: refused rows are listed and do not keep the others from coming in."""
        response = super().import_action(request, **kwargs)
        context = response.context_data
        result = context.get("result")
        if result is not None and result.imported is not None:
            context["preview"] = Preview(result.imported)
            context["confirm_form"] = self.create_confirm_form(request, import_form=context["form"])
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The import itself, after the preview."""
        try:
            response = super().process_import(request, **kwargs)
        except (FileNotFoundError, reading.Unreadable):
            response = None
        if response is None or isinstance(response, TemplateResponse):
            self.message_user(
                request, _("The uploaded file is gone, or was imported already: upload it again."), messages.ERROR
            )
            return HttpResponseRedirect(self._address("import"))
        return response

    def get_confirm_form_initial(self, request: HttpRequest, import_form: forms.Form | None) -> dict[str, Any]:
        initial = super().get_confirm_form_initial(request, import_form)
        if import_form is not None:
            initial["import_file_name"] = _signer.sign(initial["import_file_name"])
            initial |= {name: import_form.cleaned_data[name] for name in self.carried}
        return initial

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {}

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        cleaned = kwargs["form"].cleaned_data
        return {name: cleaned[name] for name in SourceForm.base_fields}

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        if not isinstance(e, reading.Unreadable):
            raise e
        form.add_error("import_file", str(e))

    def process_result(self, result: FileResult, request: HttpRequest) -> HttpResponse:
        if result.imported is None:
            for error in result.base_errors:
                messages.error(request, str(error.error))
            return HttpResponseRedirect(self._address("import"))
        return super().process_result(result, request)

    def add_success_message(self, result: FileResult, request: HttpRequest) -> None:
        counts = ", ".join(f"{count} {label}" for label, count in Preview(result.imported).counts())
        messages.success(
            request,
            _("Import %(batch)s of %(rows)s rows: %(counts)s.")
            % {"batch": result.imported.batch.reference, "rows": len(result.imported.rows), "counts": counts},
        )

    def generate_log_entries(self, result: FileResult, request: HttpRequest) -> None:
        """One entry of the admin's log for each record that came in or changed, whatever their number."""
        flags = {
            row.record.pk: ADDITION if row.outcome == Outcome.CREATED else CHANGE
            for row in result.imported.rows
            if row.outcome in (Outcome.CREATED, Outcome.UPDATED)
        }
        records = self.with_related(self.model._default_manager.filter(pk__in=flags))
        content_type = get_content_type_for_model(self.model)
        entries = [
            LogEntry(
                user=request.user,
                content_type=content_type,
                object_id=record.pk,
                object_repr=str(record)[:200],
                action_flag=flags[record.pk],
                change_message=str(result.imported.batch),
            )
            for record in records.iterator(chunk_size=2000)
        ]
        LogEntry.objects.bulk_create(entries, batch_size=2000)

    # Export

    def get_export_queryset(self, request: HttpRequest) -> QuerySet:
        """What the list shows with its search and filters; the layout itself says what to read with it."""
        return super().get_export_queryset(request).select_related(None).prefetch_related(None)

    def get_export_filename(self, request: HttpRequest, queryset: QuerySet, file_format: Format) -> str:
        name = super().get_export_filename(request, queryset, file_format)
        return name.replace(self.model.__name__, self.resource_classes[0].name, 1)

    def _address(self, page: str) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}")


class ReadOnly:
    """Admins and inlines whose records are shown and never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly, DirectoryAdmin):
    """Imported files, as they were imported."""

    group = Group.IMPORTS
    select = ("user",)
    list_display = ("reference", "resource", "file_name", "source_title", "source_licence", "user", "created_at")
    list_filter = ("resource", "status", "source_licence", "created_at")
    search_fields = ("=reference", "file_name", "source_title", "source_publisher", "user")
    date_hierarchy = "created_at"
