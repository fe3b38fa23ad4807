"""The administration of places, agreements and sources."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.options import BaseModelAdmin
from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import Field, Model, Prefetch, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from core.admin.merging import MergedForm
from core.admin.site import AdminSection, DirectoryAdmin, RowFormSet, RowsInline
from core.database.contention import lock_rows
from core.history import own_context
from core.imports.admin import FilesAdmin, ReadOnly
from core.lists.text_search import has_word
from core.visitors import signed_in

from .agreements.fields import FieldSection, column_names
from .choices import Action, MailState, Publication, TokenEnd
from .editing import workflow
from .imports import layouts
from .mail import outbox
from .models import (
    Agreement,
    AgreementSource,
    AgreementTheme,
    ApiToken,
    Attachment,
    Claim,
    Comment,
    Confirmation,
    Contact,
    CooperationZone,
    Country,
    Document,
    FormDraft,
    FundingContribution,
    FundingSource,
    GazetteerName,
    GazetteerPlace,
    Invitation,
    Mandate,
    Merge,
    Organisation,
    OrganisationName,
    OrganisationSource,
    OutgoingMail,
    Party,
    Preference,
    Renewal,
    Source,
    StateRelation,
    Submission,
    Suspension,
    Territory,
    TerritoryParent,
    Theme,
    Town,
    TownName,
    TownSource,
    ZoneCountry,
)
from .people import tokens
from .search import organisation_has, town_has

RelatedOnly = admin.RelatedOnlyFieldListFilter


class WithReason(ActionForm):
    """Action form with the reason that a withdrawal needs."""

    reason = forms.CharField(
        label=gettext_lazy("Reason (everybody can read that of what was public)"), max_length=500, required=False
    )


class PublicRecordAdmin(FilesAdmin):
    """Base admin of public records: they are withdrawn, never deleted."""

    actions = ("withdraw",)
    action_form = WithReason

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Withdraw the selected %(verbose_name_plural)s"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Take records off the public pages, with a reason; their history and address stay."""
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, _("Say why the records are withdrawn, in the field beside."), messages.ERROR)
            return
        chosen = self.model._default_manager.filter(pk__in=queryset.order_by().values("pk"))
        with transaction.atomic():
            lock_rows(self.model, chosen.values_list("pk", flat=True))
            count = self.take_off(request, chosen.exclude(publication=Publication.WITHDRAWN), reason)
        message = ngettext("%s record was withdrawn.", "%s records were withdrawn.", count) % count
        self.message_user(request, message, messages.SUCCESS)

    def take_off(self, request: HttpRequest, chosen: QuerySet, reason: str) -> int:
        """Withdraw records; returns how many."""
        with own_context(action=Action.WITHDRAW, reason=reason):
            return chosen.update(publication=Publication.WITHDRAWN)


class NamedInLanguages(BaseModelAdmin[Any]):
    """Mixin for admins of small tables with a name in each language: sorted by the name in the active language."""

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return ["name_fr" if (get_language() or "").startswith("fr") else "name_en"]


# Places


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
        return _any(town_has(word), *codes)

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
        return _any(Q(pk__in=named), self._column_has(word, "=insee"), self._column_has(word, "=geonames"))


@admin.register(GazetteerName)
class GazetteerNameAdmin(ReadOnly, DirectoryAdmin):
    """Other names of the gazetteer's places."""

    select = ("place",)
    list_display = ("name", "kind", "place")
    list_filter = ("kind",)
    search_fields = ("normalised",)
    ordering = ("pk",)


# Organisations


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
        return _any(organisation_has(word), self._column_has(word, "=reference"), self._column_has(word, "acronym"))

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


# Agreements


class PartyFormSet(RowFormSet):
    """Parties; one whose position is left blank comes last."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["position"].required = False
        if form.instance.pk is None:
            form.fields["position"].initial = form.initial["position"] = None

    def save_new(self, form: Any, commit: bool = True) -> Any:
        self._place(form)
        return super().save_new(form, commit)

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:
        self._place(form)
        return super().save_existing(form, obj, commit)

    def _place(self, form: Any) -> None:
        if form.cleaned_data["position"] is None:
            others: list[Any] = [other.instance for other in self.forms if other is not form]
            taken = [party.position for party in others]
            form.instance.position = max((place for place in taken if place is not None), default=0) + 1


class PartyRows(RowsInline):
    """Parties; their suspensions are edited on the party's own page, which each row links to."""

    model = Party
    formset = PartyFormSet
    show_change_link = True

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: object) -> int:
        return 0 if obj else 2


class AgreementSourceRows(RowsInline):
    model = AgreementSource

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: object) -> int:
        return 0 if obj else 1


class AgreementThemeRows(RowsInline):
    model = AgreementTheme


class RenewalRows(RowsInline):
    model = Renewal


class FundingContributionRows(RowsInline):
    model = FundingContribution


class DocumentRows(RowsInline):
    model = Document


class SuspensionRows(RowsInline):
    model = Suspension


def with_parties(path: str = "") -> Prefetch:
    """Prefetch of the parties, for naming agreements by them."""
    return Prefetch(f"{path}parties", Party.objects.select_related("town", "organisation"))


@admin.register(Agreement)
class AgreementAdmin(PublicRecordAdmin):
    """Agreements with all that is known of them."""

    group = AdminSection.AGREEMENTS
    resource_classes = [layouts.AgreementResource]
    prefetch = (with_parties(),)
    list_display = (
        "reference",
        "parties_named",
        "kind",
        "signed",
        "valid_until",
        "formal_status",
        "activity",
        "verified_on",
        "publication",
    )
    list_display_links = ("reference", "parties_named")
    list_filter = (
        "publication",
        "kind",
        "formal_status",
        "activity",
        ("themes", RelatedOnly),
        ("contributions__funding", RelatedOnly),
        ("verified_on", admin.EmptyFieldListFilter),
        ("parties__town__country", RelatedOnly),
    )
    search_fields = ("=reference", "parties")
    search_help_text = gettext_lazy("Names of parties, old and new, or a reference")
    inlines = (
        PartyRows,
        AgreementSourceRows,
        AgreementThemeRows,
        FundingContributionRows,
        RenewalRows,
        DocumentRows,
    )
    fieldsets = (
        (None, {"fields": ("reference", *column_names(FieldSection.KIND), "publication")}),
        (gettext_lazy("Dates"), {"fields": (column_names(FieldSection.DATES),)}),
        (gettext_lazy("State"), {"fields": (column_names(FieldSection.STATE), *column_names(FieldSection.RECORD))}),
        (gettext_lazy("Description"), {"fields": column_names(FieldSection.TEXTS)}),
        (gettext_lazy("Record"), {"classes": ("collapse",), "fields": ("merged_into", "created_at")}),
    )

    @admin.display(description=gettext_lazy("parties"))
    def parties_named(self, agreement: Agreement) -> str:
        """Names of the parties."""
        return str(agreement)

    def take_off(self, request: HttpRequest, chosen: QuerySet, reason: str) -> int:
        withdrawn = [workflow.withdraw(by=signed_in(request), agreement=one, reason=reason) for one in chosen]
        return len(withdrawn)

    def has(self, word: str) -> Q:
        return _any(
            Q(pk__in=Party.objects.filter(party_has(word)).order_by().values("agreement")),
            self._column_has(word, "=reference"),
        )

    def label(self, record: Agreement) -> str:
        return f"{record} ({record.get_kind_display()}) {record.reference}"

    def pages_of(self, obj: Model) -> list[tuple[type[Model], str, int]]:
        suspensions = Suspension.objects.filter(party__agreement=obj.pk).count()
        return [*super().pages_of(obj), (Suspension, "party__agreement", suspensions)]


def party_has(word: str) -> Q:
    """Condition on parties: the town or organisation has a name with the word."""
    towns = Town.objects.filter(town_has(word)).order_by()
    organisations = Organisation.objects.filter(organisation_has(word)).order_by()
    return Q(town__in=towns.values("pk")) | Q(organisation__in=organisations.values("pk"))


def _any(*conditions: Q) -> Q:
    """Condition: one of them holds."""
    joined = Q()
    for condition in conditions:
        joined |= condition
    return joined


@admin.register(Party)
class PartyAdmin(DirectoryAdmin):
    """Parties one by one, with their suspensions."""

    group = AdminSection.AGREEMENTS
    select = ("town", "organisation", "agreement")
    prefetch = (with_parties("agreement__"),)
    list_display = ("__str__", "agreement", "role", "joined", "left")
    list_filter = ("role",)
    search_fields = ("agreement",)
    inlines = (SuspensionRows,)

    def label(self, record: Party) -> str:
        return f"{record}: {record.agreement} {record.agreement.reference}"


@admin.register(AgreementTheme)
class AgreementThemeAdmin(DirectoryAdmin):
    """Themes of agreements."""

    select = ("agreement", "theme")
    prefetch = (with_parties("agreement__"),)
    list_display = ("agreement", "theme")
    list_filter = ("theme",)
    search_fields = ("agreement", "theme")


@admin.register(AgreementSource)
class AgreementSourceAdmin(FilesAdmin):
    """Sources of agreements."""

    resource_classes = [layouts.AgreementSourceResource]
    select = ("agreement", "source")
    prefetch = (with_parties("agreement__"),)
    list_display = ("agreement", "source")
    search_fields = ("agreement", "source")


@admin.register(Suspension)
class SuspensionAdmin(FilesAdmin):
    """Suspensions of parties."""

    group = AdminSection.AGREEMENTS
    resource_classes = [layouts.SuspensionResource]
    select = ("party__town", "party__organisation", "party__agreement", "source")
    prefetch = (with_parties("party__agreement__"),)
    list_display = ("party", "agreement", "suspended_by", "since", "until", "act", "source")
    list_filter = ("suspended_by", ("until", admin.EmptyFieldListFilter))
    search_fields = ("party", "act", "reason_en", "reason_fr")

    @admin.display(description=gettext_lazy("agreement"))
    def agreement(self, suspension: Suspension) -> str:
        """The agreement of the party."""
        return str(suspension.party.agreement)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "party__agreement__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Renewal)
class RenewalAdmin(FilesAdmin):
    """Renewals of agreements."""

    resource_classes = [layouts.RenewalResource]
    select = ("agreement",)
    prefetch = (with_parties("agreement__"),)
    list_display = ("agreement", "renewed", "valid_until")
    search_fields = ("agreement",)


@admin.register(FundingContribution)
class FundingContributionAdmin(FilesAdmin):
    """Money for agreements."""

    resource_classes = [layouts.FundingContributionResource]
    select = ("agreement", "funding")
    prefetch = (with_parties("agreement__"),)
    list_display = ("agreement", "funding", "year", "amount", "currency")
    list_filter = ("funding", "year")
    search_fields = ("agreement", "funding")


@admin.register(Document)
class DocumentAdmin(FilesAdmin):
    """Documents of agreements."""

    resource_classes = [layouts.DocumentResource]
    select = ("agreement",)
    prefetch = (with_parties("agreement__"),)
    list_display = ("title", "agreement", "language", "date")
    list_filter = ("language",)
    search_fields = ("title", "url", "agreement")


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


# Sources


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


# Access


class MandateForm(MergedForm):
    """A mandate. Who adds one that an officer has had, and that is over, renews it: a role in a territory is one row
    for each of its officers, and the history keeps when it ran before."""

    renews_until: datetime.date | None = None
    """The last day of the mandate that is renewed."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        key = {name: data.get(name) for name in ("user", "territory", "role")}
        if self.instance.pk or not all(key.values()):
            return data
        same = Mandate.objects.filter(**key).first()
        if same is not None and same.is_over:
            self.instance, self.renews_until = same, same.until
            if "since" in data:
                data["since"] = data["since"] or timezone.localdate()
        elif same is not None:
            self.add_error("role", _("This officer has this role here already. Change that mandate instead."))
        return data


@admin.register(Mandate)
class MandateAdmin(DirectoryAdmin):
    """Admin of mandates: who may write in which territory."""

    form = MandateForm
    group = AdminSection.ACCESS
    select = ("user", "territory")
    list_display = ("user", "territory", "role", "since", "until")
    list_filter = ("role", ("territory", RelatedOnly))
    search_fields = ("user", "territory")

    def save_model(self, request: HttpRequest, obj: Mandate, form: Any, change: bool) -> None:
        """Save a mandate; its API tokens end if the person, territory, role or start has changed, since it is no longer
        the one they were made for."""
        with transaction.atomic():
            if obj.pk and tokens.is_another(Mandate.objects.get(pk=obj.pk), obj):
                tokens.end(obj.api_tokens.all(), TokenEnd.MANDATE)
            super().save_model(request, obj, form, change)
        if form.renews_until:
            told = _("The mandate that ended on %(date)s begins anew. The history keeps when it ran before.")
            messages.info(request, told % {"date": date_format(form.renews_until)})


# What people are busy with: seen here, done on the site's own pages


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly, DirectoryAdmin):
    """Uploaded documents."""

    select = ("agreement",)
    prefetch = (with_parties("agreement__"),)
    list_display = ("title", "agreement", "media_type", "size")
    search_fields = ("title", "agreement")


@admin.register(Contact)
class ContactAdmin(DirectoryAdmin):
    """Contact persons, with the day on which each is erased."""

    group = AdminSection.AGREEMENTS
    select = ("agreement",)
    prefetch = (with_parties("agreement__"),)
    list_display = ("name", "agreement", "function", "public", "purge_on")
    list_filter = ("public",)
    search_fields = ("name", "agreement")


@admin.register(Submission)
class SubmissionAdmin(ReadOnly, DirectoryAdmin):
    """Admin of submissions: those that wait for a decision, and those decided."""

    group = AdminSection.AGREEMENTS
    select = ("author", "decided_by")
    list_display = ("subject_title", "kind", "state", "author", "created_at", "decided_by", "decided_at")
    list_filter = ("kind", "state")
    search_fields = ("subject_title", "=subject", "author")


@admin.register(Comment)
class CommentAdmin(ReadOnly, DirectoryAdmin):
    """Admin of comments on submissions."""

    select = ("submission", "author")
    list_display = ("text", "submission", "author", "created_at")
    search_fields = ("text",)


@admin.register(Confirmation)
class ConfirmationAdmin(ReadOnly, DirectoryAdmin):
    """Partners that were asked whether an agreement is as it is told."""

    select = ("party__town", "party__organisation", "asked_by")
    list_display = ("party", "asked_by", "asked_at", "expires_at", "route", "answer", "answered_at")
    list_filter = ("answer", "route")
    search_fields = ("party",)


@admin.register(Merge)
class MergeAdmin(ReadOnly, DirectoryAdmin):
    """Records that were merged."""

    select = ("merged_by",)
    list_display = ("kind", "loser", "winner", "merged_by", "merged_at", "undone_at")
    search_fields = ("=loser", "=winner")


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, DirectoryAdmin):
    """People who were asked to become officers."""

    group = AdminSection.ACCESS
    select = ("territory", "invited_by")
    list_display = ("email", "territory", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    list_filter = ("role",)
    search_fields = ("email", "territory")


@admin.register(Preference)
class PreferenceAdmin(DirectoryAdmin):
    """Admin of officers' preferences for mail."""

    group = AdminSection.ACCESS
    select = ("user",)
    list_display = ("user", "digest", "language", "digest_at")
    search_fields = ("user",)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly, DirectoryAdmin):
    """The outbox. Texts are shown to nobody: their links open accounts, or speak for a partner."""

    group = AdminSection.ACCESS
    list_display = ("to", "subject", "state", "created_at", "tries", "next_try", "last_error")
    list_filter = ("state", "created_at")
    search_fields = ("=to", "subject", "=kind")
    fields = (*list_display, "ended_at", "kind", "language", "message_id")
    date_hierarchy = "created_at"
    actions = ("try_again",)

    @admin.action(description=gettext_lazy("Try again now"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        """Send waiting mails at once; mails that were given up cannot be sent again, since their text is erased."""
        number = outbox.try_again(queryset)
        self.message_user(
            request,
            ngettext("%(number)d mail will be sent now.", "%(number)d mails will be sent now.", number)
            % {"number": number},
        )
        if queryset.exclude(state=MailState.WAITING).exists():
            words = _(
                "Mails that were sent or given up have no text any more:"
                " send them again from the page that they came from."
            )
            self.message_user(request, words, messages.WARNING)


@admin.register(FormDraft)
class FormDraftAdmin(ReadOnly, DirectoryAdmin):
    """Forms that were begun and not sent yet."""

    select = ("user", "agreement")
    prefetch = (with_parties("agreement__"),)
    list_display = ("user", "agreement", "saved_at")
    search_fields = ("user",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, DirectoryAdmin):
    """Admin of API tokens of officers' own systems. The tokens themselves are kept nowhere."""

    group = AdminSection.ACCESS
    select = ("user", "mandate__territory", "mandate__user")
    list_display = ("name", "hint", "user", "mandate", "made_at", "expires_on", "used_on", "revoked_at", "ended_by")
    search_fields = ("name", "user")
