"""The pages that span both apps: the home page, its search, and what the directory says of itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from core.imports.models import ImportBatch, ImportStatus
from core.lists.form_fields import MAX_VALUE_LENGTH
from core.lists.text_search import looked_up_once, words
from core.text import clean
from networks.querysets import networks
from partnerships.agreements.facets import INDEX, ask
from partnerships.insights.gathering import list_of
from partnerships.insights.summaries import Overview, reference_figures
from partnerships.querysets import sources

from .search import Suggestion, suggest_records

PROPOSED = 10
"""Suggestions under the search box."""
_MAX_SUGGESTIONS = 60
"""Suggestions on the page of results, all kinds together."""
_SUGGESTION_KINDS = {
    "country": _("Countries"),
    "town": _("Towns"),
    "network": _("Networks"),
    "supportbody": _("Support bodies"),
    "organisation": _("Organisations"),
    "agreement": _("Agreements"),
}
"""The kinds of suggestions, in the order of the page of results."""
_SEARCHABLE_LISTS = {
    "town": "towns",
    "network": "networks",
    "supportbody": "support_bodies",
    "organisation": "organisations",
}
"""The lists that can be searched further, by kind of suggestion."""


class HomeView(TemplateView):
    """Home page: search, the map, totals, latest additions."""

    template_name = "home.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(overview=Overview(), network_total=networks().published().count(), **kwargs)


def asked_of(request: HttpRequest) -> str:
    """The text of a search: one line, and no longer than the lists take."""
    return " ".join(clean(request.GET.get("q", "")).split())[:MAX_VALUE_LENGTH].strip()


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """The records that the text of the search box may mean, as a fragment to put under it."""
    return render(request, "parts/suggestions.html", {"suggestions": suggest_records(asked_of(request), PROPOSED)})


class SearchView(TemplateView):
    """Search page: the records that a text may mean, by kind, and the agreements that mention it; the home page's
    search box leads here, with JavaScript and without."""

    template_name = "search.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        text = asked_of(self.request)
        found: dict[str, list[Suggestion]] = {kind: [] for kind in _SUGGESTION_KINDS}
        total = 0
        if words(text):
            with looked_up_once():
                for suggestion in suggest_records(text, _MAX_SUGGESTIONS):
                    found[suggestion.kind].append(suggestion)
                with INDEX.reading() as index:
                    total = len(ask(index, q=text).records)
        groups = [
            (_SUGGESTION_KINDS[kind], _SEARCHABLE_LISTS.get(kind), records)
            for kind, records in found.items()
            if records
        ]
        return super().get_context_data(text=text, groups=groups, total=total, address=list_of(q=text), **kwargs)


class AboutView(TemplateView):
    """About page: purpose, counting rules, sources of the data, and figures that others gave."""

    template_name = "about.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            figures=reference_figures(),
            sources=sources().public().order_by("title"),
            batches=ImportBatch.objects.filter(status=ImportStatus.APPLIED),
            version=settings.VERSION,
            **kwargs,
        )


class AccessibilityView(TemplateView):
    """Accessibility statement: how accessible the site is, how that was tested, known gaps, and the contact."""

    template_name = "accessibility.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(contact=settings.DEFAULT_FROM_EMAIL, **kwargs)
