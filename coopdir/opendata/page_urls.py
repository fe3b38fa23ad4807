"""The addresses of pages about open data, within a language."""

from django.urls import path

from . import embeds as embedding
from . import import_templates as layouts
from .dumps import views as publishing

urlpatterns = [
    path("data/", publishing.DataPage.as_view(), name="data"),
    path("data/layouts/", layouts.LayoutsView.as_view(), name="layouts"),
    path("data/layouts/<slug:name>/", layouts.LayoutView.as_view(), name="layout"),
    path("embed/list/", embedding.EmbeddedList.as_view(), name="embed_list"),
    path("embed/map/", embedding.EmbeddedMap.as_view(), name="embed_map"),
    path("embed/snippet/", embedding.Snippet.as_view(), name="embed_snippet"),
]
