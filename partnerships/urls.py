"""The addresses of agreements, places and organisations. A record's URL has the name of its model."""

from django.urls import path

from . import views

urlpatterns = [
    path("agreements/", views.AgreementList.as_view(), name="agreements"),
    path("agreements/<str:address>/", views.AgreementPage.as_view(), name="agreement"),
    path("countries/", views.CountryList.as_view(), name="countries"),
    path("countries/<str:code>/", views.CountryPage.as_view(), name="country"),
    path("countries/<str:first>/<str:second>/", views.CountryPairPage.as_view(), name="country_pair"),
    path("territories/<str:code>/", views.TerritoryPage.as_view(), name="territory"),
    path("towns/", views.TownList.as_view(), name="towns"),
    path("towns/<str:address>/", views.TownPage.as_view(), name="town"),
    path("organisations/", views.OrganisationList.as_view(), name="organisations"),
    path("organisations/<str:address>/", views.OrganisationPage.as_view(), name="organisation"),
]
