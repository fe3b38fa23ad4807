"""Site of the administration: its first page, by what records are about."""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import TO_FIELD_VAR
from django.db import models
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from .autocomplete import Autocompletion


class AdminSection(models.TextChoices):
    """The parts of the administration's first page, in their order."""

    AGREEMENTS = "agreements", gettext_lazy("Agreements and who takes part")
    PLACES = "places", gettext_lazy("Places")
    NETWORKS = "networks", gettext_lazy("Networks and support bodies")
    SOURCES = "sources", gettext_lazy("Sources and what they claim")
    LISTS = "lists", gettext_lazy("Closed lists")
    ACCESS = "access", gettext_lazy("Accounts and mandates")
    IMPORTS = "imports", gettext_lazy("Imports")
    ROWS = "rows", gettext_lazy("Row by row: what is also edited with its record")


class DirectorySite(admin.AdminSite):
    """The administration of the directory."""

    site_header = site_title = "CoopDir"
    index_title = gettext_lazy("Administration")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The models by what they are about rather than by the module that holds them."""
        modules = super().get_app_list(request, app_label)
        if app_label is not None:
            return modules
        groups: dict[AdminSection, dict[str, Any]] = {
            group: {"name": group.label, "app_label": group.value, "has_module_perms": True, "models": []}
            for group in AdminSection
        }
        for app in modules:
            for entry in app["models"]:
                shown_by = self.get_model_admin(entry["model"])
                entry["name"] = capfirst(getattr(shown_by, "plural", entry["name"]))
                group = groups[getattr(shown_by, "group", AdminSection.ACCESS)]
                group["models"].append(entry)
                group["app_url"] = app["app_url"]
        return [group for group in groups.values() if group["models"]]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Views of the administration: Django takes a blank ``_to_field`` for the name of a field, and fails."""

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            for sent in ("GET", "POST"):
                setattr(request, sent, _without_blank(getattr(request, sent), TO_FIELD_VAR))
            response: HttpResponseBase = view(request, *args, **kwargs)
            return response

        return super().admin_view(asked, cacheable)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Autocompletion.as_view(admin_site=self)(request)


def _without_blank(sent: QueryDict, name: str) -> QueryDict:
    if sent.get(name, name):
        return sent
    left = sent.copy()
    del left[name]
    return left
