"""The addresses of agreements, places and organisations. A record's URL has the name of its model."""

from django.urls import path

from . import desk, editing, public, views

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
    # For people without an account
    path("propose/<str:kind>/<str:reference>/", public.ProposalForm.as_view(), name="propose"),
    path("proposals/<str:key>/", public.ProposalPage.as_view(), name="proposal"),
    path("confirm/<str:key>/", public.ConfirmPage.as_view(), name="confirm"),
    path("digest/stop/<str:key>/", public.DigestStop.as_view(), name="digest_stop"),
    # The officer's desk
    path("my/", desk.DeskPage.as_view(), name="my"),
    path("my/drafts/", desk.Drafts.as_view(), name="desk_drafts"),
    path("my/expiring/", desk.Expiring.as_view(), name="desk_expiring"),
    path("my/duplicates/", desk.Suspected.as_view(), name="desk_duplicates"),
    path("my/changes/", desk.Changes.as_view(), name="desk_changes"),
    path("my/verify/", desk.VerifyList.as_view(), name="verify"),
    path("my/verify/file/", desk.VerifyFile.as_view(), name="verify_file"),
    path("my/verify/coopdir-verify.csv", desk.VerifyTemplate.as_view(), name="verify_template"),
    path("my/submissions/", desk.Submissions.as_view(), name="submissions"),
    path("my/submissions/<int:pk>/", desk.SubmissionPage.as_view(), name="submission"),
    path("my/agreements/<str:reference>/confirm/", desk.AskPartner.as_view(), name="confirmation_ask"),
    # The form of an agreement
    path("my/agreements/new/", editing.AgreementEditor.as_view(), name="agreement_new"),
    path("my/agreements/<str:reference>/edit/", editing.AgreementEditor.as_view(), name="agreement_edit"),
    path("my/parties/", editing.party_suggestions, name="party_suggestions"),
    path("my/sources/", editing.source_suggestions, name="source_suggestions"),
    path("my/forms/", editing.keep_form, name="form_keep"),
    path("my/forms/<int:pk>/discard/", editing.discard_form, name="form_discard"),
    path("my/test-mail/", desk.TestMail.as_view(), name="test_mail"),
]
