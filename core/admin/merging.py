"""Forms of the administration that merge what several people change at once: by field, and by row of a list.

A form sends three versions of each field: what the person saw (Django's hidden initial), what they typed, and, read
under a row lock when the form arrives, what is stored now. What the person did not change stays as it is stored. What
both changed to different values is an error that shows the stored value; the form then comes back as if it had been
opened just now, so that saving it once more is a decision.
"""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms.models import BaseInlineFormSet, _get_foreign_key
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.database.contention import lock_rows
from core.history import RowFormatter


class MergedField(forms.BoundField):
    """A field of a record's form, bound to what was seen, what was typed and what is stored."""

    form: "MergedForm"

    @property
    def column(self) -> models.Field[Any, Any]:
        """The column that the field is about."""
        found = self.form.instance._meta.get_field(self.name)
        if not isinstance(found, models.Field):
            raise TypeError(f"{found} is no field of a form.")
        return found

    @property
    def merges(self) -> bool:
        """True if the form was sent for a stored record: otherwise there is nothing to merge."""
        return self.form.is_bound and self.field.show_hidden_initial and not self.form.instance._state.adding

    @cached_property
    def seen(self) -> Any:
        """Value that the person saw, as the form sends it; None if it was not sent."""
        form: Any = self.form
        return form._widget_data_value(self.field.hidden_widget(), self.html_initial_name)

    @cached_property
    def stored(self) -> Any:
        """Value that is stored now, in the form in which a browser would send it."""
        value = self.field.prepare_value(self.initial)
        widget = self.field.widget
        return widget.decompress(value) if isinstance(widget, forms.MultiWidget) else value

    @cached_property
    def touched(self) -> bool:
        """True if the person changed the value that they saw."""
        typed = super().data
        if _text(typed) == _text(self.seen):
            return False
        try:
            return self.field.has_changed(self.field.to_python(self.seen), typed)
        except ValidationError:
            return True

    @property
    def changed_meanwhile(self) -> bool:
        """True if somebody else changed the value that the person saw."""
        return self.merges and self._differs(self.seen)

    @property
    def in_conflict(self) -> bool:
        """True if both changed the value, and differently."""
        return self.changed_meanwhile and self._has_changed()

    def _differs(self, sent: object) -> bool:
        return _text(sent) != _text(self.stored) and self.field.has_changed(self.initial, sent)

    @property
    def kept(self) -> bool:
        """True if the stored value stays, since the person did not change what they saw."""
        return self.merges and not self.touched

    @property
    def data(self) -> Any:
        return self.stored if self.kept else super().data

    def _has_changed(self) -> bool:
        if self.merges:
            return self.touched and self._differs(super().data)
        return bool(super()._has_changed())  # type: ignore[misc]  # django-stubs leave it out

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> SafeString:
        """Render the widget; in a form shown again, the hidden initial value is what is stored now."""
        if only_initial and self.merges:
            attrs = {"id": self.html_initial_id, **(attrs or {})}
            shown: SafeString = widget.render(self.html_initial_name, self.stored, attrs, self.form.renderer)
            return shown
        return super().as_widget(widget, attrs, only_initial)

    def told(self) -> str:
        """Stored value in words; empty where nothing is stored."""
        if self.column.many_to_many:
            return ", ".join(map(str, self.initial))
        return RowFormatter().value(self.column, self.initial)


def _text(sent: object) -> str | list[str]:
    """Value as a browser sends it back: text, or a sorted list of texts."""
    if isinstance(sent, list | tuple):
        return sorted(str(one) for one in sent)
    return "" if sent is None else str(sent).replace("\r\n", "\n")


class MergedForm(forms.ModelForm[models.Model]):
    """The form of a record, or of a row of its lists."""

    bound_field_class = MergedField
    gone = False
    """True if the row was removed while the person changed it: it would be added anew."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for field in self.fields.values():
                field.show_hidden_initial = not field.disabled

    def merged(self) -> Iterator[MergedField]:
        """The fields, as they are bound here."""
        return (bound for bound in self if isinstance(bound, MergedField))

    def clean(self) -> dict[str, Any] | None:
        for bound in self.merged():
            if bound.kept and bound.name in self.cleaned_data and not (column := bound.column).is_relation:
                # To the letter: a form strips texts, and knows no microseconds.
                self.cleaned_data[bound.name] = column.value_from_object(self.instance)
        if self.gone:
            told = _("Somebody else has removed this row meanwhile. Save once more to add it again, or remove it here.")
            self.add_error(None, told)
        for bound in [bound for bound in self.merged() if bound.in_conflict]:
            now = bound.told()
            told = (
                _(
                    "Somebody else has changed “%(field)s” meanwhile: it is “%(now)s” now. What you entered is not "
                    "saved: save once more to put it in the place of that, or enter what shall stand."
                )
                if now
                else _(
                    "Somebody else has emptied “%(field)s” meanwhile. What you entered is not saved: save once more to "
                    "write it all the same, or leave it empty."
                )
            )
            self.add_error(bound.name, told % {"field": bound.label, "now": now})
        return super().clean()


class MergedFormSet(BaseInlineFormSet[models.Model, models.Model, MergedForm]):
    """Rows of a record's list: those that others added or removed meanwhile are so here, too.

    A row that was removed while the person changed it becomes a new one, which is not added before they saw that.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.gone: set[int] = set()
        super().__init__(*args, **kwargs)
        if self.is_bound and not self.instance._state.adding:
            self._regroup()

    def _regroup(self) -> None:
        """Order what was sent as a form that is opened now would: rows that there are, then new ones."""
        if not isinstance(self.data, MultiValueDict):
            raise TypeError("The form was sent by no browser.")
        key = self.fk.model._meta.pk.name
        stored = dict.fromkeys(str(row.pk) for row in self.get_queryset())
        count = min(self.initial_form_count(), self.total_form_count())
        sent = {index: self.data.get(f"{self.add_prefix(index)}-{key}") for index in range(count)}
        known = [index for index in sent if sent[index] in stored]
        seen = set(sent.values())
        added = [one for one in stored if one not in seen]
        if not added and len(known) == count:
            return
        gone = [index for index in sent if sent[index] not in stored and self._touched(index)]
        initial = len(known) + len(added)
        new = [*gone, *range(count, self.total_form_count())]
        places = {old: at for at, old in enumerate(known)} | {old: at for at, old in enumerate(new, initial)}
        data = self._renumbered(self.data, places, {(index, key) for index in gone})
        for at, one in enumerate(added, len(known)):
            data[f"{self.add_prefix(at)}-{key}"] = one
        data[f"{self.prefix}-INITIAL_FORMS"] = str(initial)
        data[f"{self.prefix}-TOTAL_FORMS"] = str(initial + len(new))
        self.data = data
        self.__dict__.pop("management_form", None)
        self.gone = set(range(initial, initial + len(gone)))

    def _renumbered(
        self, sent: MultiValueDict[str, Any], places: dict[int, int], without: set[tuple[int, str]]
    ) -> QueryDict:
        """The data as sent, its rows at their new places; without rows that have none and some fields of others."""
        of_row = re.compile(rf"((?:initial-)?{re.escape(self.prefix or '')}-)([0-9]{{1,5}})-(.+)")
        data = QueryDict(mutable=True)
        for name, values in sent.lists():
            field = of_row.fullmatch(name)
            if field is None:
                data.setlist(name, values)
            elif (old := int(field[2])) in places and (old, field[3]) not in without:
                data.setlist(f"{field[1]}{places[old]}-{field[3]}", values)
        return data

    def _touched(self, index: int) -> bool:
        """True if the person changed, and did not remove, a row that no longer exists."""
        if f"{self.add_prefix(index)}-DELETE" in self.data:
            return False
        row = self.fk.model()
        row._state.adding = False
        form = self.form(self.data, prefix=self.add_prefix(index), instance=row)
        return any(bound.touched for bound in form.merged() if bound.name != self.fk.name)

    def add_fields(self, form: MergedForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.gone = index in self.gone

    def clean(self) -> None:
        """Refuse to remove what somebody else changed meanwhile, until the person has seen it."""
        errors: list[Any] = list(self._removed_unseen())
        try:
            super().clean()
        except ValidationError as error:
            errors += error.error_list
        if errors:
            raise ValidationError(errors)

    def deletes(self, form: MergedForm) -> bool:
        """True if the row of a form is to be removed."""
        return bool(self._should_delete_form(form))  # type: ignore[attr-defined]  # django-stubs leave it out

    def _removed_unseen(self) -> Iterator[str]:
        for form in self.initial_forms:
            if not self.deletes(form):
                continue
            changed = [f"{bound.label}: {bound.told() or '–'}" for bound in form.merged() if bound.changed_meanwhile]
            if changed:
                told = _(
                    "Somebody else has changed “%(row)s” meanwhile (%(changed)s). It is not removed: save once more to "
                    "remove it all the same."
                )
                yield told % {"row": form.instance, "changed": ", ".join(changed)}


class MergedAdmin(admin.ModelAdmin[Any]):
    """Admins whose forms merge: while one is saved, nobody else writes the record or the rows of its lists."""

    form = MergedForm

    def _parent_field(self, inline: type[InlineModelAdmin[Any, Any]]) -> models.ForeignKey[Any, Any]:
        return _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            self._lock(unquote(object_id))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _lock(self, key: str) -> None:
        columns: dict[type[models.Model], str] = {
            inline.model: self._parent_field(inline).name for inline in self.inlines
        }
        columns[self.model] = "pk"
        for model in sorted(columns, key=lambda model: model._meta.db_table):
            try:
                lock_rows(model, model._base_manager.filter(**{columns[model]: key}).values_list("pk", flat=True))
            except (ValueError, ValidationError):  # not even in the form of a key
                return
