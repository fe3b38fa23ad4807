"""Buttons of the rows of the form of an agreement, and what is added to it beside its content."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Agreement
from . import commands
from .actions import ActionRefused
from .forms import AgreementForm
from .typed_fields import TypedFields

_ROW_BUTTON = re.compile(r"(add|remove|find|clear|unlink|detach|forget)-([a-z]+|\d+)(?:-([\w-]+))?")


def number_named(text: str) -> int | None:
    """The key or row that a form names; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


class RowButtonsMixin:
    """The part of the form's view that does what the buttons of rows ask for."""

    request: HttpRequest
    user: User
    agreement: Agreement | None
    typed: TypedFields
    also: dict[str, Any]

    def _form(self, typed: TypedFields) -> AgreementForm:
        return AgreementForm(typed, user=self.user, agreement=self.agreement, files=self.request.FILES)

    def _press(self, do: str) -> AgreementForm:
        """Do what a button of a row asks for; the form as it is then."""
        match = _ROW_BUTTON.fullmatch(do)
        verb, what, rest = match.groups() if match else ("find", "", None)
        if verb == "add" and what == "extras":
            return self._add_extras()
        if verb in ("unlink", "detach", "forget"):
            self._remove_extra(verb, number_named(what))
        focus = self._change_rows(verb, what, rest or "")
        form = self._form(self.typed)
        if verb == "find":
            focus = f"{what}-{rest}" if rest else ""
            form.find(only=focus or None)
        form.focus(focus)
        return form

    def _change_rows(self, verb: str, what: str, rest: str) -> str:
        """Add, remove or clear a row of what is typed; the field or button that the focus goes to then."""
        number = number_named(rest)
        if verb == "add" and what in ("parties", "renewals", "sources"):
            return f"{what}-{self.typed.add(what)}"
        if verb == "add" and what == "funding" and rest:
            return f"funding-{self.typed.add('funding', source=rest, on='on')}"
        if verb == "remove" and number is not None:
            self.typed.remove(what, number)
            return f"add-{what}"
        if verb == "clear" and number is not None:
            self.typed.put(what, number, **{"actor" if what == "parties" else "source": ""})
            return f"{what}-{rest}"
        return ""

    def _add_extras(self) -> AgreementForm:
        """Add a document or a contact person to an agreement that is there, whatever else is still being typed."""
        form = self._form(self.typed)
        if self.agreement is not None and form.extras_are_valid():
            try:
                added = self._write_extras(form, self.agreement)
            except ActionRefused as refused:
                form.general += refused.messages
                return form
            if added:
                self.also["done"] = ngettext("Added.", "All added.", added)
            self.typed = self.typed.without_extras()
            form = self._form(self.typed)
        return form

    def _remove_extra(self, verb: str, key: int | None) -> None:
        if self.agreement is None:
            return
        kinds: dict[str, tuple[QuerySet[Any], Callable[..., None], str]] = {
            "unlink": (self.agreement.documents.all(), commands.unlink_document, "document"),
            "detach": (self.agreement.attachments.all(), commands.detach, "attachment"),
            "forget": (self.agreement.contacts.all(), commands.remove_contact, "contact"),
        }
        related, remove, name = kinds[verb]
        if key is not None and (record := related.filter(pk=key).first()):
            remove(by=self.user, **{name: record})
            self.also["done"] = _("Removed.")

    def _write_extras(self, form: AgreementForm, agreement: Agreement) -> int:
        """Add the document, file and contact person that the form holds; says how many."""
        added = 0
        link, upload, contact = (part.cleaned_data for part in (form.link, form.upload, form.contact))
        if link.get("url"):
            commands.link_document(by=self.user, agreement=agreement, **link)
            added += 1
        if upload.get("file"):
            commands.attach(by=self.user, agreement=agreement, file=upload["file"], title=upload["title"])
            added += 1
        if form.contact.asked:
            commands.add_contact(by=self.user, agreement=agreement, **contact)
            added += 1
        return added
