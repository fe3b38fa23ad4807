"""The URL map: every public page lies under its language, `/en/…` or `/fr/…`; one `path()` a line.

The words of the addresses are the same in both languages, so that a link can be handed on
whatever the reader's language. Data lie outside the languages.
"""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from networks import views as networks
from partnerships import views as partnerships

from . import atlas, home, statistics

urlpatterns = [
    path("map.json", atlas.map_data, name="map_data"),
    path("agreements.csv", partnerships.AgreementsCsv.as_view(), name="agreements_csv"),
    path("towns.csv", partnerships.TownsCsv.as_view(), name="towns_csv"),
    path("organisations.csv", partnerships.OrganisationsCsv.as_view(), name="organisations_csv"),
    path("networks.csv", networks.NetworksCsv.as_view(), name="networks_csv"),
    path("support-bodies.csv", networks.SupportBodiesCsv.as_view(), name="support_bodies_csv"),
]
urlpatterns += i18n_patterns(
    path("", home.HomeView.as_view(), name="home"),
    path("about/", home.AboutView.as_view(), name="about"),
    path("accessibility/", home.AccessibilityView.as_view(), name="accessibility"),
    path("search/", home.SearchView.as_view(), name="search"),
    path("suggest/", home.suggestions, name="suggest"),
    path("statistics/", statistics.StatisticsView.as_view(), name="statistics"),
    path("map/", atlas.MapPage.as_view(), name="map"),
    path("", include("partnerships.urls")),
    path("", include("networks.urls")),
    path("admin/", admin.site.urls),
)
