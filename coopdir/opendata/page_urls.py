"""The addresses of pages about open data, within a language."""

from django.urls import path

from . import embeds, import_templates
from .dumps import views

urlpatterns = [
    path("data/", views.DataPage.as_view(), name="data"),
    path("data/layouts/", import_templates.LayoutsView.as_view(), name="layouts"),
    path("data/layouts/<slug:name>/", import_templates.LayoutView.as_view(), name="layout"),
    path("embed/list/", embeds.EmbeddedList.as_view(), name="embed_list"),
    path("embed/map/", embeds.EmbeddedMap.as_view(), name="embed_map"),
    path("embed/snippet/", embeds.Snippet.as_view(), name="embed_snippet"),
]
