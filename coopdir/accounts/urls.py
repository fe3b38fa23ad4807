"""URL patterns of accounts. Those of allauth are listed one by one: what is not here cannot be reached."""

from allauth.account import views as account_views
from allauth.mfa.base import views as base_views
from allauth.mfa.recovery_codes import views as recovery_codes_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from allauth.socialaccount import views as socialaccount_views
from allauth.socialaccount.providers.openid_connect import views as openid_connect_views
from django.urls import path, re_path

from . import views
from .transactions import in_one_transaction

OIDC = {"provider_id": "oidc"}

urlpatterns = [
    path("", views.AccountPage.as_view(), name="account"),
    path("data/", views.PersonalDataPage.as_view(), name="account_data"),
    path("data.json", views.PersonalDataFile.as_view(), name="account_data_file"),
    path("delete/", views.DeletePage.as_view(), name="account_delete"),
    path("invitation/<str:key>/", views.InvitationPage.as_view(), name="invitation"),
    # Getting in and out
    path("login/", account_views.login, name="account_login"),
    path("logout/", account_views.logout, name="account_logout"),
    path("inactive/", account_views.account_inactive, name="account_inactive"),
    path("signup/", account_views.signup, name="account_signup"),  # says that it is closed; allauth asks for its name
    path("reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("oidc/login/", openid_connect_views.login, OIDC, name="openid_connect_login"),
    path("oidc/cancelled/", socialaccount_views.login_cancelled, name="socialaccount_login_cancelled"),
    path("oidc/error/", socialaccount_views.login_error, name="socialaccount_login_error"),
    path("oidc/signup/", socialaccount_views.signup, name="socialaccount_signup"),
    path("oidc/", in_one_transaction(socialaccount_views.connections), name="socialaccount_connections"),
    # Address and password
    path("email/", in_one_transaction(account_views.email), name="account_email"),
    path("email/sent/", account_views.email_verification_sent, name="account_email_verification_sent"),
    path("email/confirm/<str:key>/", in_one_transaction(account_views.confirm_email), name="account_confirm_email"),
    path("password/change/", in_one_transaction(account_views.password_change), name="account_change_password"),
    path("password/set/", in_one_transaction(account_views.password_set), name="account_set_password"),
    path("password/reset/", in_one_transaction(account_views.password_reset), name="account_reset_password"),
    path("password/reset/sent/", account_views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/done/", account_views.password_reset_from_key_done, name="account_reset_password_from_key_done"
    ),
    re_path(  # allauth puts both parts into its mails as one
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        in_one_transaction(account_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    # The second step
    path("steps/", base_views.index, name="mfa_index"),
    path("steps/login/", base_views.authenticate, name="mfa_authenticate"),
    path("steps/reauthenticate/", base_views.reauthenticate, name="mfa_reauthenticate"),
    path("steps/app/activate/", in_one_transaction(totp_views.activate_totp), name="mfa_activate_totp"),
    path("steps/app/deactivate/", in_one_transaction(totp_views.deactivate_totp), name="mfa_deactivate_totp"),
    path("steps/codes/", recovery_codes_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "steps/codes/generate/",
        in_one_transaction(recovery_codes_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("steps/codes/download/", recovery_codes_views.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("steps/keys/", webauthn_views.list_webauthn, name="mfa_list_webauthn"),
    path("steps/keys/add/", in_one_transaction(webauthn_views.add_webauthn), name="mfa_add_webauthn"),
    path("steps/keys/login/", webauthn_views.login_webauthn, name="mfa_login_webauthn"),
    path("steps/keys/reauthenticate/", webauthn_views.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("steps/keys/<int:pk>/remove/", in_one_transaction(webauthn_views.remove_webauthn), name="mfa_remove_webauthn"),
    path("steps/keys/<int:pk>/edit/", in_one_transaction(webauthn_views.edit_webauthn), name="mfa_edit_webauthn"),
]

people_urlpatterns = [
    path("", views.PeoplePage.as_view(), name="people"),
    path("<int:pk>/leave/", views.LeavePage.as_view(), name="person_leave"),
    path("mandates/<int:pk>/end/", views.EndMandate.as_view(), name="mandate_end"),
    path("invitations/<int:pk>/resend/", views.ResendInvitation.as_view(), name="invitation_resend"),
    path("invitations/<int:pk>/revoke/", views.RevokeInvitation.as_view(), name="invitation_revoke"),
]
