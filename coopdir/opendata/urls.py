"""The addresses of data, feeds and what machines look for: outside the languages. Pages: `page_urls`."""

from django.urls import path

from . import import_templates
from .dumps import views as dumps_views
from .exchange import iati, quickstatements
from .linked_data import feeds, permalinks, schema_org, sitemap
from .social_cards import views as social_cards_views

urlpatterns = [
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.sitemap_index, name="sitemap"),
    path("sitemap-pages.xml", sitemap.sitemap_pages, name="sitemap_pages"),
    path("sitemap-<slug:section>-<int:number>.xml", sitemap.sitemap_part, name="sitemap_part"),
    path("agreements.atom", feeds.NewAgreements.as_view(), name="agreements_feed"),
    path("changes.atom", feeds.ChangedAgreements.as_view(), name="changes_feed"),
    path("agreements.quickstatements", quickstatements.QuickStatements.as_view(), name="quickstatements"),
    path("agreements.iati.xml", iati.Activities.as_view(), name="iati"),
    path("data/catalogue.<slug:form>", dumps_views.catalogue, name="catalogue"),
    path("data/layouts/<slug:name>.csv", import_templates.template, name="layout_template"),
    path("data/layouts/<slug:name>.json", import_templates.table_schema, name="layout_schema"),
    path("data/layouts/<slug:name>/columns.csv", import_templates.dictionary, name="layout_dictionary"),
    path("data/<str:version>/manifest.json", dumps_views.manifest, name="dump_manifest"),
    path("data/<str:version>/<path:name>", dumps_views.dump_file, name="dump_file"),
    path("card/<str:language>/<str:code>.png", social_cards_views.card, name="card"),
    path("id/<str:code>.ttl", schema_org.turtle, name="record_turtle"),
    path("id/<str:code>", permalinks.record, name="record"),
]
