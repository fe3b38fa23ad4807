"""The URL map: every public page lies under its language, `/en/…` or `/fr/…`; one `path()` a line.

The words of the addresses are the same in both languages, so that a link can be handed on
whatever the reader's language. Data lie outside the languages.
"""

from allauth.socialaccount.providers.openid_connect import views as oidc
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from networks import views as networks
from partnerships import editing
from partnerships import views as partnerships

from . import atlas, changes, home, probes, statistics
from .accounts.administration import arrange
from .accounts.urls import OIDC, people_urlpatterns

arrange(admin.site)

urlpatterns = [
    path("healthz", probes.alive, name="healthz"),
    path("readyz", probes.ready, name="readyz"),
    path("map.json", atlas.map_data, name="map_data"),
    path("agreements.csv", partnerships.AgreementsCsv.as_view(), name="agreements_csv"),
    path("towns.csv", partnerships.TownsCsv.as_view(), name="towns_csv"),
    path("organisations.csv", partnerships.OrganisationsCsv.as_view(), name="organisations_csv"),
    path("documents/<int:pk>/", editing.attachment, name="attachment"),
    path("networks.csv", networks.NetworksCsv.as_view(), name="networks_csv"),
    path("support-bodies.csv", networks.SupportBodiesCsv.as_view(), name="support_bodies_csv"),
    # One address for the provider to call back, whatever the reader's language.
    path("account/oidc/callback/", oidc.callback, OIDC, name="openid_connect_callback"),
    path("", include("coopdir.opendata.urls")),
]
urlpatterns += i18n_patterns(
    path("", home.HomeView.as_view(), name="home"),
    path("about/", home.AboutView.as_view(), name="about"),
    path("accessibility/", home.AccessibilityView.as_view(), name="accessibility"),
    path("search/", home.SearchView.as_view(), name="search"),
    path("suggest/", home.suggestions, name="suggest"),
    path("statistics/", statistics.StatisticsView.as_view(), name="statistics"),
    path("changes/", changes.ChangesPage.as_view(), name="changes"),
    path("map/", atlas.MapPage.as_view(), name="map"),
    path("", include("partnerships.urls")),
    path("", include("networks.urls")),
    path("account/", include("coopdir.accounts.urls")),
    path("my/people/", include(people_urlpatterns)),
    path("imports/", include("coopdir.importing.urls")),
    path("admin/", admin.site.urls),
)
