"""The administration of networks, memberships and support bodies."""

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import Field, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.base import DirectoryAdmin
from core.admin.rows import RowsInline
from core.admin.site import AdminSection
from core.imports.admin import FilesAdmin
from partnerships.admin.base import PublicRecordAdmin, RelatedOnly

from . import layouts
from .models import (
    Membership,
    Milestone,
    Network,
    NetworkClaim,
    NetworkLink,
    NetworkName,
    NetworkSource,
    ServedTerritory,
    SupportBody,
    SupportBodySource,
    WebLink,
)
from .search import network_has, support_body_has

MEMBERS = ("town", "organisation", "member_network", "support_body")
"""The keys of a membership, one of which names the member."""


class NetworkNameRows(RowsInline):
    model = NetworkName


class NetworkSourceRows(RowsInline):
    model = NetworkSource


class NetworkLinkRows(RowsInline):
    model = NetworkLink
    fk_name = "network"


class MembershipRows(RowsInline):
    model = Membership
    fk_name = "network"


class ServedTerritoryRows(RowsInline):
    model = ServedTerritory


class SupportBodySourceRows(RowsInline):
    model = SupportBodySource


@admin.register(Network)
class NetworkAdmin(PublicRecordAdmin):
    """City networks."""

    group = AdminSection.NETWORKS
    resource_classes = [layouts.NetworkResource]
    select = ("country",)
    list_display = ("reference", "acronym", "name", "kind", "scope", "country", "founded", "dissolved", "publication")
    list_display_links = ("reference", "acronym", "name")
    list_filter = ("publication", "kind", "scope", "continent", ("dissolved", admin.EmptyFieldListFilter))
    search_fields = ("=reference", "acronym", "name_en", "name_fr", "names")
    inlines = (NetworkNameRows, NetworkLinkRows, MembershipRows, NetworkSourceRows)

    def has(self, word: str) -> Q:
        return network_has(word) | self._column_has(word, "=reference")

    def label(self, record: Network) -> str:
        name = f"{record.acronym}: {record.name}" if record.acronym else record.name
        return f"{name} {record.reference}"


@admin.register(NetworkName)
class NetworkNameAdmin(FilesAdmin):
    """Other names and acronyms of networks."""

    resource_classes = [layouts.NetworkNameResource]
    select = ("network",)
    list_display = ("name", "kind", "language", "network")
    list_filter = ("kind",)
    search_fields = ("normalised", "network")


@admin.register(NetworkSource)
class NetworkSourceAdmin(DirectoryAdmin):
    """Admin of sources of networks."""

    select = ("network", "source")
    list_display = ("network", "source")
    search_fields = ("network", "source")


@admin.register(NetworkLink)
class NetworkLinkAdmin(FilesAdmin):
    """Links between networks."""

    group = AdminSection.NETWORKS
    resource_classes = [layouts.NetworkLinkResource]
    select = ("network", "other", "source")
    list_display = ("network", "kind", "other", "since", "until", "source")
    list_filter = ("kind",)
    search_fields = ("network", "other")


@admin.register(Membership)
class MembershipAdmin(FilesAdmin):
    """Admin of memberships in networks."""

    group = AdminSection.NETWORKS
    resource_classes = [layouts.MembershipResource]
    select = ("network", *MEMBERS, "source")
    list_display = ("network", "member", "role", "since", "until", "source")
    list_filter = ("role", ("network", RelatedOnly))
    search_fields = ("network", *MEMBERS)


@admin.register(SupportBody)
class SupportBodyAdmin(PublicRecordAdmin):
    """Regional support bodies."""

    group = AdminSection.NETWORKS
    resource_classes = [layouts.SupportBodyResource]
    select = ("successor",)
    list_display = ("reference", "acronym", "name", "legal_status", "founded", "dissolved", "successor", "publication")
    list_display_links = ("reference", "acronym", "name")
    list_filter = ("publication", "legal_status", ("dissolved", admin.EmptyFieldListFilter))
    search_fields = ("=reference", "acronym", "normalised")
    inlines = (ServedTerritoryRows, SupportBodySourceRows)

    def has(self, word: str) -> Q:
        return support_body_has(word) | self._column_has(word, "=reference")

    def label(self, record: SupportBody) -> str:
        name = f"{record.acronym}: {record.name}" if record.acronym else record.name
        return f"{name} {record.reference}"

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: object) -> forms.Field | None:
        if isinstance(db_field, ArrayField):
            return forms.MultipleChoiceField(
                label=db_field.verbose_name,
                choices=db_field.base_field.choices or (),
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(ServedTerritory)
class ServedTerritoryAdmin(FilesAdmin):
    """Territories that support bodies serve."""

    resource_classes = [layouts.ServedTerritoryResource]
    select = ("support_body", "territory")
    list_display = ("support_body", "territory", "since", "until")
    search_fields = ("support_body", "territory")


@admin.register(SupportBodySource)
class SupportBodySourceAdmin(DirectoryAdmin):
    """Admin of sources of support bodies."""

    select = ("support_body", "source")
    list_display = ("support_body", "source")
    search_fields = ("support_body", "source")


@admin.register(NetworkClaim)
class NetworkClaimAdmin(FilesAdmin):
    """Admin of claims: statements of sources about networks and support bodies."""

    group = AdminSection.SOURCES
    resource_classes = [layouts.NetworkClaimResource]
    select = ("network", "support_body", "source")
    list_display = ("reference", "statement", "about", "as_of", "verdict", "source")
    list_display_links = ("reference", "statement")
    list_filter = ("verdict",)
    search_fields = ("=reference", "statement_en", "statement_fr", "network", "support_body")

    @admin.display(description=_("about"))
    def about(self, claim: NetworkClaim) -> str:
        """The network or support body."""
        return str(claim.network or claim.support_body)


@admin.register(Milestone)
class MilestoneAdmin(FilesAdmin):
    """Dated events in the history of decentralised cooperation."""

    group = AdminSection.NETWORKS
    resource_classes = [layouts.MilestoneResource]
    select = ("network", "source")
    list_display = ("reference", "date", "until", "title", "network", "source")
    list_display_links = ("reference", "title")
    search_fields = ("=reference", "title_en", "title_fr", "text_en", "text_fr", "network")


@admin.register(WebLink)
class WebLinkAdmin(FilesAdmin):
    """Addresses on the web, as a listing gave them."""

    group = AdminSection.SOURCES
    resource_classes = [layouts.WebLinkResource]
    select = ("network", "support_body", "source")
    list_display = ("reference", "title", "section", "url", "listed", "network", "support_body")
    list_display_links = ("reference", "title")
    list_filter = ("section",)
    search_fields = ("=reference", "title", "url", "description_en", "description_fr", "network", "support_body")
