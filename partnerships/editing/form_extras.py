"""The parts of the form of an agreement that add something: a document, a contact person."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.typed_values import DateText, MailAddressField

from .commands import last_purge_day
from .form_parts import FormPart, optional_choice, optional_text
from .uploads import EXTENSIONS, NotTaken, examine


class LinkPart(FormPart):
    """A document that lies elsewhere."""

    title = optional_text(gettext_lazy("Title"))
    url = forms.URLField(
        label=gettext_lazy("Address on the web"), required=False, assume_scheme="https", max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    date = DateText(label=gettext_lazy("Date"))
    language = optional_choice(
        [("", "—"), ("en", gettext_lazy("English")), ("fr", gettext_lazy("French")), ("mul", gettext_lazy("several"))],
        gettext_lazy("Language"),
    )

    def clean(self) -> dict[str, Any]:
        """A document that lies elsewhere has an address."""
        given = self.cleaned_data
        if not given.get("url") and "url" not in self.errors and (given.get("title") or given.get("date")):
            self.add_error("url", _("Where does the document lie?"))
        return given


class UploadPart(FormPart):
    """A document that is sent along."""

    title = optional_text(gettext_lazy("Title"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("PDF, ODT, DOCX, JPEG, PNG, WebP or TIFF, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ",".join(EXTENSIONS.values()) + ",.jpeg,.tiff"}),
    )

    def clean_file(self) -> Any:
        """Accept only the allowed kinds of files, recognised by their content."""
        file = self.cleaned_data["file"]
        if file:
            try:
                examine(file)
            except NotTaken as error:
                raise ValidationError(str(error)) from error
        return file


class ContactPart(FormPart):
    """A person to speak to."""

    name = optional_text(gettext_lazy("Name"), 200)
    function = optional_text(gettext_lazy("Function"), 200)
    email = MailAddressField(label=gettext_lazy("E-mail address"), required=False)
    phone = optional_text(gettext_lazy("Telephone"), 40)
    purpose = optional_text(gettext_lazy("Purpose"), 300, help_text=gettext_lazy("What the contact is kept for."))
    purge_on = forms.DateField(
        label=gettext_lazy("Erase on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text=gettext_lazy("Three years from now at the latest."),
    )
    public = forms.BooleanField(label=gettext_lazy("The person agrees to be shown to everybody"), required=False)

    def clean(self) -> dict[str, Any]:
        """A person has a name, and is kept for a purpose; until the latest day if none is said."""
        given = self.cleaned_data
        if self.asked and not given.get("name"):
            self.add_error("name", _("Write the name."))
        if self.asked and not given.get("purpose"):
            self.add_error("purpose", _("Say what the contact is kept for."))
        given["purge_on"] = given.get("purge_on") or last_purge_day()
        return given

    @property
    def asked(self) -> bool:
        """True if a contact person is described."""
        names = ("name", "function", "email", "phone", "purpose")
        return any(self.typed(name) for name in names)
