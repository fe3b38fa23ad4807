"""Sources, claims and closed lists in the administration."""

from django.contrib import admin

from core.admin.site import AdminSection
from core.imports.admin import FilesAdmin

from ..imports import layouts
from ..models import (
    Claim,
    FundingSource,
    Source,
    Theme,
)
from .base import NamedInLanguages


@admin.register(Theme)
class ThemeAdmin(NamedInLanguages, FilesAdmin):
    """Fields of work."""

    group = AdminSection.LISTS
    resource_classes = [layouts.ThemeResource]
    list_display = ("code", "name_en", "name_fr", "crs", "sdgs")
    search_fields = ("code", "name_en", "name_fr", "=crs")


@admin.register(FundingSource)
class FundingSourceAdmin(NamedInLanguages, FilesAdmin):
    """Admin of funding sources of agreements."""

    group = AdminSection.LISTS
    resource_classes = [layouts.FundingSourceResource]
    list_display = ("code", "name_en", "name_fr")
    search_fields = ("code", "name_en", "name_fr")


@admin.register(Source)
class SourceAdmin(FilesAdmin):
    """Documents and data sets that records cite."""

    group = AdminSection.SOURCES
    resource_classes = [layouts.SourceResource]
    list_display = ("reference", "title", "publisher", "date", "licence")
    list_display_links = ("reference", "title")
    list_filter = ("licence",)
    search_fields = ("=reference", "title", "publisher", "url")

    def label(self, record: Source) -> str:
        about = ", ".join(part for part in (record.publisher, record.date) if part)
        return f"{record.title} ({about}) {record.reference}" if about else f"{record.title} {record.reference}"


@admin.register(Claim)
class ClaimAdmin(FilesAdmin):
    """Figures and values as sources print them."""

    group = AdminSection.SOURCES
    resource_classes = [layouts.ClaimResource]
    select = ("source",)
    list_display = ("reference", "statement", "figure", "value", "unit", "as_of", "verdict", "source")
    list_display_links = ("reference", "statement")
    list_filter = ("verdict", "figure")
    search_fields = ("=reference", "statement_en", "statement_fr", "figure", "source")
