"""The page on which officers change the towns, organisations and support bodies of their territories."""

from copy import copy
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.history import RowFormatter
from core.visitors import signed_in
from networks.choices import Service
from networks.models import SupportBody

from .. import permissions
from ..choices import Publication
from ..models import Organisation, PublicRecord, Town
from ..review.access import OfficersOnly
from . import record_commands
from .actions import ActionRefused, require
from .record_commands import EDITABLE_COLUMNS


class RecordForm(forms.ModelForm):
    """Form of a record's columns that officers may change."""

    use_required_attribute = False
    website = forms.URLField(label=gettext_lazy("Website"), max_length=300, required=False, assume_scheme="https")


class SupportBodyForm(RecordForm):
    """Form of a support body's columns that officers may change."""

    services = forms.MultipleChoiceField(
        label=capfirst(SupportBody._meta.get_field("services").verbose_name),
        choices=Service,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


_FORM_CLASSES: dict[type[PublicRecord], Any] = {
    model: forms.modelform_factory(model, form, fields=EDITABLE_COLUMNS[model])
    for model, form in ((Town, RecordForm), (Organisation, RecordForm), (SupportBody, SupportBodyForm))
}


class RecordEditor(OfficersOnly):
    """The form; where somebody else was faster, with what they have changed."""

    model: type[PublicRecord] = Town

    @cached_property
    def record(self) -> PublicRecord:
        """Record that the address names, if the reader may change it."""
        published = self.model._default_manager.filter(publication=Publication.PUBLISHED)
        found: Any = get_object_or_404(published, reference=self.kwargs["reference"])
        require(permissions.may_publish(self.request.user, found))
        record: PublicRecord = found
        return record

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The form, filled in."""
        return self._page(
            _FORM_CLASSES[self.model](instance=self.record), record_commands.record_fingerprint(self.record)
        )

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Save the record, or show the reason why it is impossible."""
        base = request.POST.get("base", "")
        form = _FORM_CLASSES[self.model](request.POST, instance=copy(self.record))
        if not form.is_valid():
            return self._page(form, base)
        try:
            record = record_commands.save_record(
                by=signed_in(request), record=self.record, values=form.cleaned_data, base=base
            )
        except record_commands.Changed as changed:
            return self._merged(form, base, changed)
        except ActionRefused as refused:
            form.add_error(None, refused.messages)
            return self._page(form, base, 409)
        messages.success(request, _("The change is published."))
        return redirect(str(record._meta.model_name), record.address)

    def _merged(self, form: RecordForm, base: str, changed: record_commands.Changed) -> HttpResponse:
        """Form merged with the fields that only somebody else has changed; values that both have changed are shown
        beside it."""
        typed, words = form.cleaned_data, RowFormatter()
        began = record_commands.base_values(self.record, base) or {}
        stored = {name: getattr(self.record, name) for name in typed}
        taken = [name for name in typed if name in began and typed[name] == began[name] != stored[name]]
        both = [name for name in typed if name not in taken and stored[name] not in (typed[name], began.get(name))]
        merged = _FORM_CLASSES[self.model](
            {**self.request.POST.dict(), **typed, **{name: stored[name] for name in taken}}, instance=copy(self.record)
        )
        merged.is_valid()
        merged.add_error(None, changed.messages)

        columns = {column.name: column for column in self.model._meta.local_fields}

        def said(names: list[str]) -> list[tuple[str, str]]:
            return [
                (str(capfirst(form.fields[name].label or "")), words.value(columns[name], stored[name]))
                for name in names
            ]

        return self._page(
            merged, record_commands.record_fingerprint(self.record), 409, theirs=said(both), taken=said(taken)
        )

    def _page(self, form: RecordForm, base: str, status: int = 200, **more: object) -> HttpResponse:
        context = {"form": form, "base": base, "record": self.record, **more}
        return render(self.request, "my/record.html", context, status=status)
