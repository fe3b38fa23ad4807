"""Base of the administration's pages of records: what a form shows and saves, what is deleted, worded refusals.

The database holds the rules (constraints, also deferred ones). A form that breaks one comes back with the constraint's
own words, see `DirectoryAdmin.changeform_view`.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst

from core.history import SAVED_BY_HAND, own_context
from core.imports.errors import constraint_message

from .autocomplete import AutocompleteMixin, label, with_related
from .merging import MergedAdmin
from .record_history import HistoryAdmin
from .rows import MAX_INLINE_ROWS
from .search import SearchedAdmin
from .site import AdminSection

IN_THE_WAY = 5
"""Records that are named when they keep another from being deleted."""


Inline = type[InlineModelAdmin[Any, Any]]


class DirectoryAdmin(AutocompleteMixin, SearchedAdmin, HistoryAdmin, MergedAdmin):
    """The base of every admin of the directory.

    It says what listing and naming records takes (`LabelledAdmin`) and what is searched (`SearchedAdmin`).
    """

    group = AdminSection.ROWS
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    save_on_top = True
    change_form_template = "admin/directory/change_form.html"

    # Forms

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """Fields shown, not edited: those that the database fills (reference, day of entry), and the primary key of a
        stored record, since others refer to it."""
        if obj is None:
            return [*super().get_readonly_fields(request, obj)]
        shown = [*super().get_readonly_fields(request, obj), *self._given()]
        if self.opts.pk.editable and not isinstance(self.opts.pk, models.AutoField):
            shown.append(self.opts.pk.name)
        return shown

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Fieldsets; those of a new record leave out what the database fills."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        given = self._given()
        return [
            (title, {**options, "fields": [field for field in options["fields"] if field not in given]})
            for title, options in fieldsets
        ]

    def _given(self) -> list[str]:
        return [field.name for field in self.opts.local_fields if field.has_db_default() and not field.editable]

    def get_form(self, request: HttpRequest, obj: object = None, change: bool = False, **kwargs: object) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        refusal: list[str] = getattr(request, "refusal", [])
        if not refusal:
            return form

        def clean(refused: forms.ModelForm[models.Model]) -> dict[str, Any] | None:
            refused.add_error(None, refusal)
            cleaned: dict[str, Any] | None = form.clean(refused)
            return cleaned

        return type(form)("RefusedForm", (form,), {"clean": clean})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Form view; when the database or a rule refuses the input, nothing is kept and the form is shown again with
        the message."""
        with written_by_hand(request):
            try:
                return super().changeform_view(request, object_id, form_url, extra_context)
            except (IntegrityError, DataError, ValidationError) as error:
                refused = error.messages if isinstance(error, ValidationError) else [constraint_message(error)]
                vars(request)["refusal"] = refused
                return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm[models.Model], formsets: object, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        check_now()
        self.judge(form.instance)

    def judge(self, record: models.Model) -> None:
        """Hook: raise `ValidationError` where the record, as it is written now, breaks a rule that no constraint
        holds."""

    def get_inlines(self, request: HttpRequest, obj: models.Model | None) -> list[Inline]:
        """Inlines of the record, without those too long for a form; of a submitted form, those that it held."""
        if obj is None or obj.pk is None:
            return list(self.inlines)
        if request.method == "POST":
            prefixes = {inline: self._parent_field(inline).remote_field.get_accessor_name() for inline in self.inlines}
            return [inline for inline in self.inlines if f"{prefixes[inline]}-TOTAL_FORMS" in request.POST]
        counts = self._row_counts(obj)
        return [inline for inline in self.inlines if counts[inline] <= MAX_INLINE_ROWS]

    def _row_counts(self, obj: models.Model) -> dict[Inline, int]:
        kept = vars(obj)
        if "_row_counts" not in kept:
            kept["_row_counts"] = {
                inline: inline.model._default_manager.filter(**{self._parent_field(inline).name: obj.pk}).count()
                for inline in self.inlines
            }
        counts: dict[Inline, int] = kept["_row_counts"]
        return counts

    def pages_of(self, obj: models.Model) -> list[tuple[type[models.Model], str, int]]:
        """The record's lists that have pages of their own: model, path to the record, number of rows."""
        return [
            (inline.model, self._parent_field(inline).name, count)
            for inline, count in self._row_counts(obj).items()
            if count > MAX_INLINE_ROWS
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        shown: dict[str, Any] = getattr(response, "context_data", {}) if request.method == "GET" else {}
        if (original := shown.get("original")) is not None:
            shown["pages"] = [
                (f"{self._list_address(model)}?{path}__exact={original.pk}", model._meta.verbose_name_plural, count)
                for model, path, count in self.pages_of(original)
            ]
        return response

    def _list_address(self, model: type[models.Model]) -> str:
        return reverse(f"{self.admin_site.name}:{model._meta.app_label}_{model._meta.model_name}_changelist")

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, list[Any]]:
        """Related records that prevent the deletion: a few are named, rather than all of them read."""
        in_the_way: list[str] = []
        for relation in self.opts.related_objects:
            if relation.on_delete is models.PROTECT:
                related = admin.site.get_model_admin(relation.related_model)
                found = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": objs})
                kind = capfirst(relation.related_model._meta.verbose_name)
                in_the_way += [
                    f"{kind}: {label(related, record)}" for record in with_related(related, found)[:IN_THE_WAY]
                ]
        if in_the_way:
            return [str(record) for record in objs[:IN_THE_WAY]], {}, set(), in_the_way
        return super().get_deleted_objects(objs, request)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        check_now()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Model]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            check_now()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            with written_by_hand(request):
                return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            self.message_user(request, constraint_message(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            with written_by_hand(request):
                return super().changelist_view(request, extra_context)
        except IntegrityError as error:  # of an action
            self.message_user(request, constraint_message(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def written_by_hand(request: HttpRequest) -> AbstractContextManager[Any]:
    """History context for whatever a page of the administration writes; an action may add to it."""
    if request.method != "POST":
        return nullcontext()
    return own_context(user=request.user.pk, role="administrator", action=SAVED_BY_HAND)


def check_now() -> None:
    """Check deferred constraints now. Raises ``IntegrityError``."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
