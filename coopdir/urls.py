"""The URL map: every public page lies under its language, `/en/…` or `/fr/…`; one `path()` a line.

The words of the addresses are the same in both languages, so that a link can be handed on
whatever the reader's language.
"""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from . import atlas, home, statistics

urlpatterns = [path("map.json", atlas.map_data, name="map_data")]
urlpatterns += i18n_patterns(
    path("", home.HomeView.as_view(), name="home"),
    path("about/", home.AboutView.as_view(), name="about"),
    path("statistics/", statistics.StatisticsView.as_view(), name="statistics"),
    path("map/", atlas.MapPage.as_view(), name="map"),
    path("", include("partnerships.urls")),
    path("", include("networks.urls")),
    path("admin/", admin.site.urls),
)
