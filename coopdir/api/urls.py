"""The addresses of the API and of the OGC API, outside the languages."""

from django.urls import path, re_path

from . import ogc, schema, views, write_views

urlpatterns = [
    path("api/v1/", views.Root.as_view(), name="api_root"),
    path("api/v1/openapi.json", schema.document_json, name="api_schema"),
    path("api/v1/openapi.yaml", schema.document_yaml, name="api_schema_yaml"),
    path("api/v1/agreements", write_views.AgreementsApi.as_view(), name="api_agreements"),
    path("api/v1/agreements/<str:code>", views.RecordApiView.as_view(name="agreements"), name="api_agreement"),
    path("api/v1/agreements/<str:code>/content", write_views.AgreementContent.as_view(), name="api_agreement_content"),
    path("api/v1/verifications", write_views.Verifications.as_view(), name="api_verifications"),
    path("api/v1/parties", views.RecordsView.as_view(name="parties"), name="api_parties"),
    path("api/v1/towns", views.RecordsView.as_view(name="towns"), name="api_towns"),
    path("api/v1/towns/<str:code>", views.RecordApiView.as_view(name="towns"), name="api_town"),
    path("api/v1/organisations", views.RecordsView.as_view(name="organisations"), name="api_organisations"),
    path("api/v1/organisations/<str:code>", views.RecordApiView.as_view(name="organisations"), name="api_organisation"),
    path("api/v1/countries", views.RecordsView.as_view(name="countries"), name="api_countries"),
    path("api/v1/countries/<str:code>", views.RecordApiView.as_view(name="countries"), name="api_country"),
    path("api/v1/territories", views.RecordsView.as_view(name="territories"), name="api_territories"),
    path("api/v1/territories/<str:code>", views.RecordApiView.as_view(name="territories"), name="api_territory"),
    path("api/v1/networks", views.RecordsView.as_view(name="networks"), name="api_networks"),
    path("api/v1/networks/<str:code>", views.RecordApiView.as_view(name="networks"), name="api_network"),
    path("api/v1/memberships", views.RecordsView.as_view(name="memberships"), name="api_memberships"),
    path("api/v1/support-bodies", views.RecordsView.as_view(name="support-bodies"), name="api_support_bodies"),
    path(
        "api/v1/support-bodies/<str:code>", views.RecordApiView.as_view(name="support-bodies"), name="api_supportbody"
    ),
    path("api/v1/milestones", views.RecordsView.as_view(name="milestones"), name="api_milestones"),
    path("api/v1/milestones/<str:code>", views.RecordApiView.as_view(name="milestones"), name="api_milestone"),
    re_path(r"^api/(?P<path>.*)$", views.not_there, name="api_nothing"),
    path("ogc/", ogc.Landing.as_view(), name="ogc"),
    path("ogc/api", ogc.api_definition, name="ogc_api"),
    path("ogc/conformance", ogc.Conformance.as_view(), name="ogc_conformance"),
    path("ogc/collections", ogc.Collections.as_view(), name="ogc_collections"),
    path("ogc/collections/<str:name>", ogc.CollectionView.as_view(), name="ogc_collection"),
    path("ogc/collections/<str:name>/items", ogc.FeaturesView.as_view(), name="ogc_items"),
    path("ogc/collections/<str:name>/items/<str:code>", ogc.FeatureView.as_view(), name="ogc_item"),
]
