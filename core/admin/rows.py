"""Rows of a list that belongs to a record, in its form of the administration."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from .autocomplete import AutocompleteMixin, foreign_keys, with_related
from .merging import MergedForm, MergedFormSet

MAX_INLINE_ROWS, MAX_POSTED_ROWS = 60, 300
"""Rows that a form shows of one list; a longer one is edited on its own page, lest the form cannot be sent.
And rows that are read of a form that is sent."""


class RowFormSet(MergedFormSet):
    """Rows of a record's list: what they refer to is read at once for all, and what they repeat is said in words."""

    def get_queryset(self) -> QuerySet[models.Model]:
        queryset = super().get_queryset()
        if not hasattr(self, "known"):
            self.known: dict[str, dict[str, models.Model]] = {}
            for row in queryset:
                setattr(row, self.fk.name, self.instance)
            for field in foreign_keys(self.fk.model):
                if field.name == self.fk.name:
                    continue
                related = admin.site.get_model_admin(field.related_model)
                keys = {getattr(row, field.attname) for row in queryset} - {None}
                records = with_related(related, field.related_model._default_manager.filter(pk__in=keys))
                self.known[field.name] = {str(record.pk): record for record in records}
                for row in queryset:
                    if (key := getattr(row, field.attname)) is not None:
                        setattr(row, field.name, self.known[field.name][str(key)])
        return queryset

    def add_fields(self, form: MergedForm, index: int | None) -> None:
        super().add_fields(form, index)
        self.get_queryset()
        for name, records in self.known.items():
            if name in form.fields:
                widget: Any = form.fields[name].widget
                getattr(widget, "widget", widget).known = records

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        for constraint in self.fk.model._meta.constraints:
            columns = set(getattr(constraint, "fields", ()))
            default = models.UniqueConstraint.default_violation_error_message
            if columns == {*unique_check, self.fk.name} and constraint.violation_error_message != default:
                return str(constraint.violation_error_message)
        return super().get_unique_error_message(unique_check)


class RowsInline(AutocompleteMixin, admin.TabularInline[Any, Any]):
    """Rows of a list that belongs to a record."""

    form = MergedForm
    formset: type[BaseInlineFormSet[Any, Any, Any]] = RowFormSet
    extra = 0
    max_num = MAX_POSTED_ROWS

    def get_formset(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: object
    ) -> type[BaseInlineFormSet[Any, Any, Any]]:
        """Formset with `absolute_max` = `MAX_POSTED_ROWS`: by default Django reads a thousand rows more than may be
        sent."""
        return super().get_formset(request, obj, absolute_max=MAX_POSTED_ROWS, **kwargs)
