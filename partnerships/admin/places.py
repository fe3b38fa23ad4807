"""Countries, zones, territories, towns and the gazetteer in the administration."""

from typing import Any

from django.contrib import admin
from django.core.validators import RegexValidator
from django.db.models import Field, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.base import DirectoryAdmin
from core.admin.rows import RowsInline
from core.admin.site import AdminSection
from core.imports.admin import FilesAdmin, ReadOnly
from core.lists.text_search import has_word

from ..imports import layouts
from ..models import (
    CooperationZone,
    Country,
    GazetteerName,
    GazetteerPlace,
    StateRelation,
    Territory,
    TerritoryParent,
    Town,
    TownName,
    TownSource,
    ZoneCountry,
)
from ..search import town_has
from .base import NamedInLanguages, PublicRecordAdmin, RelatedOnly, any_of


class StateRelationRows(RowsInline):
    model = StateRelation


class ZoneCountryRows(RowsInline):
    model = ZoneCountry


class TerritoryParentRows(RowsInline):
    model = TerritoryParent
    fk_name = "territory"


class TownNameRows(RowsInline):
    model = TownName


class TownSourceRows(RowsInline):
    model = TownSource


class GazetteerNameRows(ReadOnly, RowsInline):
    model = GazetteerName
    fields = ("name", "kind")


@admin.register(Country)
class CountryAdmin(NamedInLanguages, FilesAdmin):
    """Countries."""

    group = AdminSection.PLACES
    resource_classes = [layouts.CountryResource]
    list_display = ("code", "name", "alpha3", "numeric", "continent", "subregion")
    list_display_links = ("code", "name")
    list_filter = ("continent", ("zones", RelatedOnly))
    search_fields = ("=code", "=alpha3", "name_en", "name_fr")
    inlines = (StateRelationRows,)

    def label(self, record: Country) -> str:
        return f"{record.name} ({record.code})"


@admin.register(CooperationZone)
class CooperationZoneAdmin(NamedInLanguages, FilesAdmin):
    """Cooperation zones and their countries."""

    group = AdminSection.PLACES
    resource_classes = [layouts.ZoneResource]
    list_display = ("code", "name_en", "name_fr")
    search_fields = ("code", "name_en", "name_fr")
    inlines = (ZoneCountryRows,)


@admin.register(ZoneCountry)
class ZoneCountryAdmin(FilesAdmin):
    """Admin of the countries of cooperation zones, with the reason."""

    resource_classes = [layouts.ZoneCountryResource]
    select = ("zone", "country", "source")
    list_display = ("zone", "country", "reason", "source")
    list_filter = ("zone",)
    search_fields = ("zone", "country", "reason_en", "reason_fr")


@admin.register(StateRelation)
class StateRelationAdmin(FilesAdmin):
    """Dated records of countries' relations as States."""

    group = AdminSection.PLACES
    resource_classes = [layouts.StateRelationResource]
    select = ("country", "source")
    list_display = ("country", "counterpart", "since", "until", "source")
    list_filter = (("country", RelatedOnly),)
    search_fields = ("country", "counterpart", "description_en", "description_fr")


@admin.register(Territory)
class TerritoryAdmin(FilesAdmin):
    """Regions and departments."""

    group = AdminSection.PLACES
    resource_classes = [layouts.TerritoryResource]
    select = ("country", "successor")
    list_display = ("code", "name", "level", "country", "insee", "dissolved_on", "successor")
    list_display_links = ("code", "name")
    list_filter = ("level", ("dissolved_on", admin.EmptyFieldListFilter), ("country", RelatedOnly))
    search_fields = ("code", "normalised")
    inlines = (TerritoryParentRows,)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: object) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "code":  # it stands in addresses
            told = _("This code has not the form it should have: write it as in %s.") % "FR-21"
            field.validators = [*field.validators, RegexValidator(r"^[A-Z]{2}-[A-Z0-9]{1,7}\Z", told)]
        return field

    def label(self, record: Territory) -> str:
        return f"{record.name} ({record.code})"


@admin.register(TerritoryParent)
class TerritoryParentAdmin(FilesAdmin):
    """Admin of links between territories: the outer territory that each lies, or lay, in."""

    resource_classes = [layouts.TerritoryParentResource]
    select = ("territory", "parent")
    list_display = ("territory", "parent", "since", "until")
    search_fields = ("territory", "parent")


@admin.register(Town)
class TownAdmin(PublicRecordAdmin):
    """Local authorities of every level."""

    group = AdminSection.PLACES
    resource_classes = [layouts.TownResource]
    select = ("country", "territory")
    list_display = ("reference", "name", "level", "country", "territory", "insee", "population", "publication")
    list_display_links = ("reference", "name")
    list_filter = ("publication", "level", "coordinates_precision", ("country", RelatedOnly))
    search_fields = ("=reference", "normalised", "names", "=insee", "=geonames", "=wikidata")
    inlines = (TownNameRows, TownSourceRows)
    fieldsets = (
        (None, {"fields": ("reference", "name", "level", "country", "territory", "governs", "website")}),
        (gettext_lazy("Identifiers"), {"fields": (("insee", "geonames", "wikidata"),)}),
        (
            gettext_lazy("Figures"),
            {"fields": ("population", ("latitude", "longitude"), "coordinates_precision")},
        ),
        (gettext_lazy("Publication"), {"fields": ("publication", "merged_into", "created_at")}),
    )

    def has(self, word: str) -> Q:
        codes = (self._column_has(word, name) for name in self.search_fields if name.startswith("="))
        return any_of(town_has(word), *codes)

    def label(self, record: Town) -> str:
        where = [str(record.territory)] if record.territory_id else []
        return (
            f"{record.name} ({', '.join([record.get_level_display(), *where, str(record.country)])}) {record.reference}"
        )


@admin.register(TownName)
class TownNameAdmin(FilesAdmin):
    """Other names of towns."""

    resource_classes = [layouts.TownNameResource]
    select = ("town__country", "town__territory")
    list_display = ("name", "kind", "language", "town")
    list_filter = ("kind",)
    search_fields = ("normalised", "town")


@admin.register(TownSource)
class TownSourceAdmin(DirectoryAdmin):
    """Admin of sources of towns."""

    select = ("town", "source")
    list_display = ("town", "source")
    search_fields = ("town", "source")


@admin.register(GazetteerPlace)
class GazetteerPlaceAdmin(ReadOnly, DirectoryAdmin):
    """The reference list of places, as it was loaded."""

    group = AdminSection.PLACES
    select = ("country", "territory")
    list_display = ("name", "level", "country", "territory", "insee", "geonames", "population")
    list_filter = ("level", "coordinates_precision", "country")
    search_fields = ("normalised", "=insee", "=geonames")
    ordering = ("pk",)
    inlines = (GazetteerNameRows,)

    def has(self, word: str) -> Q:
        own = GazetteerPlace.objects.filter(has_word(word, "normalised"))
        other = GazetteerName.objects.filter(has_word(word, "normalised"))
        named = own.order_by().values("pk").union(other.values("place"))
        return any_of(Q(pk__in=named), self._column_has(word, "=insee"), self._column_has(word, "=geonames"))


@admin.register(GazetteerName)
class GazetteerNameAdmin(ReadOnly, DirectoryAdmin):
    """Other names of the gazetteer's places."""

    select = ("place",)
    list_display = ("name", "kind", "place")
    list_filter = ("kind",)
    search_fields = ("normalised",)
    ordering = ("pk",)
