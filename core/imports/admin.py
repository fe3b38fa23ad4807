"""Files in the administration: lists exported as files, and links to the pages of imports."""

import io
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from import_export import forms
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, Format
from tablib import Dataset
from xlsxwriter import Workbook

from core.admin.base import DirectoryAdmin
from core.admin.site import AdminSection

from .models import ImportBatch, ImportName, ImportProfile, ImportProgress, ImportRow, MatchVerdict


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

    def export_data(self, dataset: Dataset, **kwargs: object) -> bytes:
        content = io.BytesIO()
        workbook = Workbook(content, {"constant_memory": True})
        sheet = workbook.add_worksheet()
        for line, cells in enumerate([dataset.headers, *dataset]):
            for index, cell in enumerate(cells):
                if cell not in ("", None):
                    sheet.write_string(line, index, str(cell))
        workbook.close()
        return content.getvalue()


class FilesAdmin(ImportExportMixin, DirectoryAdmin):
    """An admin whose records come in and go out as files, by the import layouts of `resource_classes`."""

    export_formats = [CSV, Xlsx]
    to_encoding = "utf-8"
    export_form_class = forms.ExportForm  # the one with a tick for each column runs an inline script

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def import_action(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        """Redirect the library's import button to the pages of imports."""
        return HttpResponseRedirect(f"{reverse('import_new')}?resource={self.resource_classes[0].name}")

    def process_import(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        """Disable the library's second step of an import, which the pages of imports replace."""
        return self.import_action(request)

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: object) -> dict[str, Any]:
        return {}

    # Export

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The page of the export; of filters that the list does not know, back to the whole list."""
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            self.message_user(request, _("The list cannot be filtered like that. Here is all of it."), messages.WARNING)
            return HttpResponseRedirect(reverse(admin_urlname(self.opts, SafeString("changelist"))))

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        """Queryset of the exported list, with its search and filters; the layout itself says what to read with it."""
        return super().get_export_queryset(request).select_related(None).prefetch_related(None)

    def get_export_filename(self, request: HttpRequest, queryset: QuerySet[Model], file_format: Format) -> str:
        name = super().get_export_filename(request, queryset, file_format)
        return name.replace(self.model.__name__, self.resource_classes[0].name, 1)


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

    group = AdminSection.IMPORTS
    select = ("user",)
    list_display = ("reference", "resource", "file_name", "source_title", "source_licence", "user", "created_at")
    list_filter = ("resource", "status", "source_licence", "created_at")
    search_fields = ("=reference", "file_name", "source_title", "source_publisher", "user")
    date_hierarchy = "created_at"


@admin.register(ImportRow)
class ImportRowAdmin(ReadOnly, DirectoryAdmin):
    """The rows of imported files."""

    select = ("batch",)
    list_display = ("batch", "line", "outcome", "record", "twin")
    list_filter = ("outcome",)
    search_fields = ("batch",)


@admin.register(ImportName)
class ImportNameAdmin(ReadOnly, DirectoryAdmin):
    """The names in imported files, and what they stand for."""

    select = ("batch",)
    list_display = ("normalised", "batch", "rows", "title", "target", "reason", "question")
    list_filter = ("question",)
    search_fields = ("normalised", "batch")


@admin.register(MatchVerdict)
class MatchVerdictAdmin(ReadOnly, DirectoryAdmin):
    """Admin of verdicts: decisions on what names in files stand for."""

    group = AdminSection.IMPORTS
    select = ("user",)
    list_display = ("said", "decision", "title", "user", "scope", "decided_at", "revoked_at")
    list_filter = ("decision",)
    search_fields = ("title", "user")


@admin.register(ImportProfile)
class ImportProfileAdmin(DirectoryAdmin):
    """Admin of mapping profiles: saved ways to read files with certain headers."""

    group = AdminSection.IMPORTS
    select = ("user",)
    list_display = ("name", "resource", "user", "saved_at")
    list_filter = ("resource",)
    search_fields = ("name", "user")


@admin.register(ImportProgress)
class ImportProgressAdmin(ReadOnly, DirectoryAdmin):
    """Admin of the progress of imports."""

    list_display = ("batch", "phase", "done", "total", "cancelled")
