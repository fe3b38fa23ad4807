"""The page on which a support body is changed by the officers of the territories that it serves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partnerships import permissions
from partnerships.desk import OfficersOnly
from partnerships.workflow import Refused

from . import workflow
from .choices import Service
from .models import SupportBody
from .querysets import support_bodies


class SupportBodyForm(forms.ModelForm):
    """What officers change of a support body."""

    use_required_attribute = False
    services = forms.MultipleChoiceField(
        label=SupportBody._meta.get_field("services").verbose_name.capitalize,
        choices=Service,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = SupportBody
        fields = workflow.COLUMNS


class SupportBodyEditor(OfficersOnly):
    """The form; where somebody else was faster, with what is stored now."""

    @cached_property
    def body(self) -> SupportBody:
        """What the address names, if the reader may change it."""
        found = get_object_or_404(support_bodies().published(), reference=self.kwargs["reference"].upper())
        if not permissions.may_publish(self.request.user, found):
            raise PermissionDenied
        return found

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The form, filled in."""
        return self._page(SupportBodyForm(instance=self.body), workflow.fingerprint(self.body))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Change it, or say what stands in the way."""
        base = request.POST.get("base", "")
        stored = {column: getattr(self.body, column) for column in workflow.COLUMNS}
        now = workflow.fingerprint(self.body)
        form = SupportBodyForm(request.POST, instance=self.body)
        if not form.is_valid():
            return self._page(form, base)
        try:
            workflow.save(by=request.user, body=self.body, values=form.cleaned_data, base=base)
        except Refused as refused:
            form.add_error(None, refused.messages)
            theirs = [
                (capfirst(form.fields[name].label), value)
                for name, value in stored.items()
                if value != form.cleaned_data[name]
            ]
            return self._page(form, now, 409, theirs=theirs)
        messages.success(request, _("The change is published."))
        return redirect("supportbody", self.body.address)

    def _page(self, form: SupportBodyForm, base: str, status: int = 200, **more: Any) -> HttpResponse:
        context = {"form": form, "base": base, "body": self.body, **more}
        return render(self.request, "my/support_body.html", context, status=status)
