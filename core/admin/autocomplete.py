"""Choices among many records in the administration: found by typing, and named so that none is taken for another."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from core.dates import PartialDateField
from core.imports.typed_values import AmountText, DateText


class LabelledAdmin(admin.ModelAdmin[Any]):
    """Admin that names its records in choices.

    `select` and `prefetch` name what listing and naming the records takes.
    """

    select: tuple[str, ...] = ()
    prefetch: tuple[Any, ...] = ()

    def with_related(self, queryset: QuerySet[models.Model]) -> QuerySet[models.Model]:
        """The queryset with all that listing and naming its records takes."""
        if self.select:
            queryset = queryset.select_related(*self.select)
        return queryset.prefetch_related(*self.prefetch)

    def label(self, record: Any) -> str:
        """Label of a record in a choice: unambiguous, so that it cannot be taken for another one."""
        return str(record)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        return self.with_related(super().get_queryset(request))


def label(related: admin.ModelAdmin[Any], record: models.Model) -> str:
    """Label of a record in a choice."""
    return related.label(record) if isinstance(related, LabelledAdmin) else str(record)


def with_related(related: admin.ModelAdmin[Any], queryset: QuerySet[models.Model]) -> QuerySet[models.Model]:
    """The queryset with all that naming its records takes."""
    return related.with_related(queryset) if isinstance(related, LabelledAdmin) else queryset


class Autocompletion(AutocompleteJsonView):
    """Autocomplete view of the administration, with labels made by each model's admin."""

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        return super().serialize_result(obj, to_field_name) | {"text": label(self.model_admin, obj)}


class Autocomplete(AutocompleteSelect):
    """A choice among many records, which names the chosen one as the list of choices does.

    `known` holds chosen records by primary key that were read already, so that a form of many rows asks once.
    """

    known: Mapping[str, models.Model] = {}

    def optgroups(
        self, name: str, value: Sequence[str], attrs: object = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int | None]]:
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        related = self.admin_site.get_model_admin(self.field.related_model)
        for key in value:
            record = self.known.get(str(key)) or self._read(related, key)
            if record is not None:
                options.append(self.create_option(name, record.pk, label(related, record), True, len(options)))
        return [(None, options, 0)]

    def _read(self, related: admin.ModelAdmin[Any], key: str) -> models.Model | None:
        if key in ("", None):
            return None
        try:
            return with_related(related, self.choices.queryset.filter(pk=key)).first()
        except (ValueError, ValidationError):  # not even in the form of a key
            return None


def foreign_keys(model: type[models.Model]) -> list[models.ForeignKey[object, object]]:
    """The foreign keys of a model."""
    return [field for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]


class AutocompleteMixin(BaseModelAdmin[Any]):
    """Admins and inlines in which every record of another table is chosen by typing."""

    formfield_overrides = {
        models.URLField: {"assume_scheme": "https"},
        PartialDateField: {"form_class": DateText, "max_length": 40, "widget": forms.TextInput(attrs={"size": 11})},
        models.DecimalField: {"form_class": AmountText},
    }

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [field.name for field in foreign_keys(self.model)]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[object, object], request: HttpRequest, **kwargs: object
    ) -> forms.ModelChoiceField[models.Model] | None:
        kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(
        self, db_field: models.Field[object, object], request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        """Form field without the button that deletes the chosen related record; viewing and adding remain."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.can_delete_related = False
        return field
