"""Agreements and their lists in the administration."""

from functools import reduce
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.admin.base import DirectoryAdmin
from core.admin.rows import RowFormSet, RowsInline
from core.admin.site import AdminSection
from core.imports.admin import FilesAdmin
from core.visitors import signed_in

from ..agreements.fields import FieldSection, column_names
from ..agreements.tables import AGREEMENT_TABLES
from ..choices import Publication
from ..editing import rules, snapshot, workflow
from ..imports import layouts
from ..models import (
    Agreement,
    AgreementSource,
    AgreementTheme,
    Document,
    FundingContribution,
    Organisation,
    Party,
    Renewal,
    Suspension,
    Town,
)
from ..search import organisation_has, town_has
from .base import PublicRecordAdmin, RelatedOnly, any_of, with_parties


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


class JudgedAdmin(DirectoryAdmin):
    """Base admin of agreements and of the rows that belong to them: what is written is held against the rule book, as
    the form and files are, with the whole of the agreement."""

    def judge(self, record: Model) -> None:
        path = next((table.path for table in AGREEMENT_TABLES if table.model is type(record)), "")
        agreement: Any = reduce(getattr, filter(None, path.split("__")), record)
        judge_stored(agreement)


def judge_stored(agreement: Agreement) -> None:
    """Hold an agreement against the rule book as it is stored. Raises `ValidationError`."""
    suspensions = Suspension.objects.filter(party__agreement=agreement).order_by("pk").values("since", "until")
    content = snapshot.read_content(agreement)
    content |= {"verified_on": agreement.verified_on, "suspensions": list(suspensions)}
    breaches = rules.breaches(content, publishing=agreement.publication == Publication.PUBLISHED)
    if breaches:
        raise ValidationError([breach.message for breach in breaches])


@admin.register(Agreement)
class AgreementAdmin(JudgedAdmin, PublicRecordAdmin):
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
        return any_of(
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


@admin.register(Party)
class PartyAdmin(JudgedAdmin):
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
class AgreementSourceAdmin(JudgedAdmin, FilesAdmin):
    """Sources of agreements."""

    resource_classes = [layouts.AgreementSourceResource]
    select = ("agreement", "source")
    prefetch = (with_parties("agreement__"),)
    list_display = ("agreement", "source")
    search_fields = ("agreement", "source")


@admin.register(Suspension)
class SuspensionAdmin(JudgedAdmin, FilesAdmin):
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
class RenewalAdmin(JudgedAdmin, FilesAdmin):
    """Renewals of agreements."""

    resource_classes = [layouts.RenewalResource]
    select = ("agreement",)
    prefetch = (with_parties("agreement__"),)
    list_display = ("agreement", "renewed", "valid_until")
    search_fields = ("agreement",)


@admin.register(FundingContribution)
class FundingContributionAdmin(JudgedAdmin, FilesAdmin):
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
