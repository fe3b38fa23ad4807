"""The pages that span both apps: the home page and what the directory says of itself."""

from typing import Any

from django.views.generic import TemplateView

from coopdir.imports.models import ImportBatch
from partnerships.dossiers import Overview, reference_figures
from partnerships.models import Source


class HomeView(TemplateView):
    """Where a visitor begins: search, how much there is, what is new."""

    template_name = "home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(overview=Overview(), **kwargs)


class AboutView(TemplateView):
    """What the directory is, how it counts, where its data come from, and the figures others gave."""

    template_name = "about.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            figures=reference_figures(),
            sources=Source.objects.order_by("title"),
            batches=ImportBatch.objects.filter(status=ImportBatch.Status.APPLIED),
            **kwargs,
        )
