"""The URL map: every public page lies under its language, `/en/…` or `/fr/…`; one `path()` a line.

The words of the addresses are the same in both languages, so that a link can be handed on
whatever the reader's language. Data lie outside the languages.
"""

from allauth.socialaccount.providers.openid_connect import views as openid_connect_views
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, register_converter

from core import addresses, errors
from core.lists.formats import FormatConverter
from networks import views as networks_views
from partnerships import views as partnerships_views
from partnerships.editing import views as editing_views

from . import changes, health, home, map, privacy, statistics, wellknown
from .accounts.admin import register_account_admin
from .accounts.transactions import in_one_transaction
from .accounts.urls import OIDC, people_urlpatterns
from .api.schema import ReferencePage
from .api.token_views import RevokeToken, Tokens

register_account_admin(admin.site)
addresses.register_converters()
register_converter(FormatConverter, "form")

handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.not_found, errors.server_error

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path(".well-known/security.txt", wellknown.security, name="security_txt"),
    path("map.json", map.map_data, name="map_data"),
    # Lists and records as files: the address of the page without its language, and a suffix.
    path("agreements.<form:form>", partnerships_views.AgreementsFile.as_view(), name="agreements_file"),
    path("agreements/<addr:address>.<form:form>", partnerships_views.AgreementFile.as_view(), name="agreement_file"),
    path("towns.<form:form>", partnerships_views.TownsFile.as_view(), name="towns_file"),
    path("towns/<addr:address>.<form:form>", partnerships_views.TownFile.as_view(), name="town_file"),
    path("organisations.<form:form>", partnerships_views.OrganisationsFile.as_view(), name="organisations_file"),
    path(
        "organisations/<addr:address>.<form:form>",
        partnerships_views.OrganisationFile.as_view(),
        name="organisation_file",
    ),
    path("countries.<form:form>", partnerships_views.CountriesFile.as_view(), name="countries_file"),
    path("countries/<country:code>.<form:form>", partnerships_views.CountryFile.as_view(), name="country_file"),
    path("territories.<form:form>", partnerships_views.TerritoriesFile.as_view(), name="territories_file"),
    path("territories/<territory:code>.<form:form>", partnerships_views.TerritoryFile.as_view(), name="territory_file"),
    path("networks.<form:form>", networks_views.NetworksFile.as_view(), name="networks_file"),
    path("networks/<addr:address>.<form:form>", networks_views.NetworkFile.as_view(), name="network_file"),
    path("memberships.<form:form>", networks_views.MembershipsFile.as_view(), name="memberships_file"),
    path("support-bodies.<form:form>", networks_views.SupportBodiesFile.as_view(), name="support_bodies_file"),
    path(
        "support-bodies/<addr:address>.<form:form>", networks_views.SupportBodyFile.as_view(), name="supportbody_file"
    ),
    path("milestones.<form:form>", networks_views.MilestonesFile.as_view(), name="milestones_file"),
    path("links.<form:form>", networks_views.WebLinksFile.as_view(), name="links_file"),
    path("documents/<int:pk>/", editing_views.attachment, name="attachment"),
    # One address for the provider to call back, whatever the reader's language.
    path(
        "account/oidc/callback/",
        in_one_transaction(openid_connect_views.callback),
        OIDC,
        name="openid_connect_callback",
    ),
    path("", include("coopdir.opendata.urls")),
    path("", include("coopdir.api.urls")),
]
urlpatterns += i18n_patterns(
    path("", home.HomeView.as_view(), name="home"),
    path("about/", home.AboutView.as_view(), name="about"),
    path("accessibility/", home.AccessibilityView.as_view(), name="accessibility"),
    path("privacy/", privacy.PrivacyPage.as_view(), name="privacy"),
    path("search/", home.SearchView.as_view(), name="search"),
    path("suggest/", home.suggestions, name="suggest"),
    path("statistics/", statistics.StatisticsView.as_view(), name="statistics"),
    path("changes/", changes.ChangesPage.as_view(), name="changes"),
    path("my/tokens/", Tokens.as_view(), name="tokens"),
    path("my/tokens/<int:pk>/revoke/", RevokeToken.as_view(), name="token_revoke"),
    path("data/api/", ReferencePage.as_view(), name="api_reference"),
    path("map/", map.MapPage.as_view(), name="map"),
    path("", include("partnerships.urls")),
    path("", include("networks.urls")),
    path("", include("coopdir.opendata.page_urls")),
    path("account/", include("coopdir.accounts.urls")),
    path("my/people/", include(people_urlpatterns)),
    path("imports/", include("coopdir.import_wizard.urls")),
    path("admin/", admin.site.urls),
)
