"""Organisations in the administration."""

from django.contrib import admin
from django.db.models import Q

from core.admin.base import DirectoryAdmin
from core.admin.rows import RowsInline
from core.admin.site import AdminSection
from core.imports.admin import FilesAdmin

from ..imports import layouts
from ..models import (
    Organisation,
    OrganisationName,
    OrganisationSource,
)
from ..search import organisation_has
from .base import PublicRecordAdmin, RelatedOnly, any_of


class OrganisationNameRows(RowsInline):
    model = OrganisationName


class OrganisationSourceRows(RowsInline):
    model = OrganisationSource


@admin.register(Organisation)
class OrganisationAdmin(PublicRecordAdmin):
    """Actors that are no local authority."""

    group = AdminSection.AGREEMENTS
    resource_classes = [layouts.OrganisationResource]
    select = ("country", "territory")
    list_display = ("reference", "name", "acronym", "kind", "country", "territory", "publication")
    list_display_links = ("reference", "name")
    list_filter = ("publication", "kind", ("country", RelatedOnly))
    search_fields = ("=reference", "normalised", "acronym", "names")
    inlines = (OrganisationNameRows, OrganisationSourceRows)

    def has(self, word: str) -> Q:
        return any_of(organisation_has(word), self._column_has(word, "=reference"), self._column_has(word, "acronym"))

    def label(self, record: Organisation) -> str:
        where = [str(record.country)] if record.country_id else []
        return f"{record.name} ({', '.join([record.get_kind_display(), *where])}) {record.reference}"


@admin.register(OrganisationName)
class OrganisationNameAdmin(FilesAdmin):
    """Other names of organisations."""

    resource_classes = [layouts.OrganisationNameResource]
    select = ("organisation",)
    list_display = ("name", "kind", "language", "organisation")
    list_filter = ("kind",)
    search_fields = ("normalised", "organisation")


@admin.register(OrganisationSource)
class OrganisationSourceAdmin(DirectoryAdmin):
    """Admin of sources of organisations."""

    select = ("organisation", "source")
    list_display = ("organisation", "source")
    search_fields = ("organisation", "source")
