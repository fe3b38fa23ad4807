"""Upload form of the import wizard: the file, its kind of rows, its source."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import PartialDate
from core.imports.date_formats import read_date
from core.imports.layouts import StrictResource
from core.imports.licences import ACCEPTED
from core.imports.registry import resources
from core.lists.form_fields import choice_field

COMMON_KINDS = ("agreements", "towns", "organisations", "networks", "memberships", "support_bodies")
"""The kinds of rows that most files hold."""

ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1", "mac_roman", "cp850", "cp1250")

_LICENCE_CHOICES = {
    "CC0-1.0": gettext_lazy("CC0 1.0, public domain"),
    "PDDL-1.0": gettext_lazy("PDDL 1.0, public domain"),
    "etalab-2.0": gettext_lazy("Licence Ouverte 2.0 (Etalab)"),
    "ODC-By-1.0": gettext_lazy("ODC Attribution 1.0"),
    "OGL-UK-3.0": gettext_lazy("Open Government Licence 3.0 (United Kingdom)"),
}


def kinds(names: list[str]) -> list[tuple[str, str]]:
    """The kinds of rows as choices, by the name of their layout."""
    return [(name, resources()[name].get_display_name()) for name in names]


def split(names: list[str]) -> tuple[list[str], list[str]]:
    """The kinds that most files hold, and the others."""
    return [name for name in COMMON_KINDS if name in names], [name for name in names if name not in COMMON_KINDS]


def kind_of(name: str) -> str:
    """Display name of a layout's rows; the layout's own name if it no longer exists."""
    found: type[StrictResource] | None = resources().get(name)
    return found.get_display_name() if found else name


class UploadForm(forms.Form):
    """A file, what its rows are, and where it comes from."""

    resource = forms.ChoiceField(label=gettext_lazy("What the rows are"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX or ODS; the delimiter is detected."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty: choose one with headers and rows."),
        },
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        required=False,
        choices=[("", gettext_lazy("detect it")), *((name, name) for name in ENCODINGS)],
        help_text=gettext_lazy("For a text file (CSV): choose one if accents appear wrong, or if the file is refused."),
    )
    source_title = forms.CharField(
        label=gettext_lazy("Title of the source"),
        max_length=300,
        help_text=gettext_lazy("Every record that the file makes cites it."),
    )
    source_publisher = forms.CharField(label=gettext_lazy("Publisher"), max_length=300, required=False)
    source_date = forms.CharField(
        label=gettext_lazy("Date of the source"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("As precisely as known: 1986, 05/1986 or 24/05/1986."),
    )
    source_licence = forms.ChoiceField(
        label=gettext_lazy("Licence"),
        choices=[("", "—"), *((spdx, _LICENCE_CHOICES.get(spdx, spdx.replace("-", " ", 1).replace("CC BY-", "CC BY ")))
                              for spdx in ACCEPTED)],
        help_text=gettext_lazy(
            "The directory is published under CC BY 4.0. Data under CC BY-SA, CC BY-NC or ODbL cannot come in; your "
            "own can, if you give them under one of these."
        ),
        error_messages={
            "invalid_choice": gettext_lazy(
                "Data under “%(value)s” cannot be published under CC BY 4.0: choose one of the list."
            )
        },
    )  # fmt: skip
    source_url = forms.URLField(
        label=gettext_lazy("Address of the source"), max_length=500, required=False, assume_scheme="https"
    )

    SOURCE = ("source_title", "source_publisher", "source_date", "source_licence", "source_url")

    def __init__(self, names: list[str], *args: Any, **kwargs: Any) -> None:
        """`names` are those of the layouts that may be imported."""
        super().__init__(*args, **kwargs)
        first, more = split(names)
        choices: list[tuple[str, Any]] = list(kinds(first))
        if more:
            choices.append((_("More"), kinds(more)))
        choice_field(self, "resource").choices = choices
        for name, field in self.fields.items():
            if field.help_text or name in self.errors:
                field.widget.attrs["aria-describedby"] = f"id_{name}-told"
            if name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    def clean_file(self) -> UploadedFile:
        """A file that is not larger than the site takes."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(
                _("The file has more than %(most)s megabytes: cut it into parts."),
                params={"most": settings.UPLOAD_LIMIT // 1_000_000},
            )
        return file

    def clean_source_date(self) -> PartialDate | None:
        """A date as precise as it is known."""
        text = self.cleaned_data["source_date"]
        return read_date(text) if text.strip() else None

    @property
    def source(self) -> dict[str, Any]:
        """Source fields of the cleaned form: title, publisher, date, licence, address."""
        return {name: self.cleaned_data[name] for name in self.SOURCE}
