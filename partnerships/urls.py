"""The addresses of agreements, places and organisations. A record's URL has the name of its model."""

from django.urls import path

from . import views
from .editing import action_views, history_views
from .editing import views as editing_views
from .editing.country_suspension import CountrySuspension
from .editing.record_views import RecordEditor
from .models import Organisation, Town
from .review import confirmation_views, public_views, queue_views, verify_views
from .review import views as review_views

urlpatterns = [
    path("agreements/", views.AgreementList.as_view(), name="agreements"),
    path("agreements/<addr:address>/", views.AgreementPage.as_view(), name="agreement"),
    path("countries/", views.CountryList.as_view(), name="countries"),
    path("countries/<country:code>/", views.CountryPage.as_view(), name="country"),
    path("countries/<country:code>/history/", history_views.CountryHistory.as_view(), name="country_history"),
    path("countries/<country:first>/<country:second>/", views.CountryPairPage.as_view(), name="country_pair"),
    path("territories/<territory:code>/", views.TerritoryPage.as_view(), name="territory"),
    path("towns/", views.TownList.as_view(), name="towns"),
    path("towns/<addr:address>/", views.TownPage.as_view(), name="town"),
    path("organisations/", views.OrganisationList.as_view(), name="organisations"),
    path("organisations/<addr:address>/", views.OrganisationPage.as_view(), name="organisation"),
    # What became of records
    path("agreements/<addr:address>/history/", history_views.AgreementHistory.as_view(), name="agreement_history"),
    path("towns/<addr:address>/history/", history_views.TownHistory.as_view(), name="town_history"),
    path("territories/<territory:code>/history/", history_views.TerritoryHistory.as_view(), name="territory_history"),
    path(
        "organisations/<addr:address>/history/",
        history_views.OrganisationHistory.as_view(),
        name="organisation_history",
    ),
    # For people without an account
    path("propose/<str:kind>/<str:reference>/", public_views.ProposalForm.as_view(), name="propose"),
    path("proposals/<str:key>/", public_views.ProposalPage.as_view(), name="proposal"),
    path("confirm/<str:key>/", public_views.ConfirmPage.as_view(), name="confirm"),
    path("digest/stop/<str:key>/", public_views.DigestStop.as_view(), name="digest_stop"),
    # The officer's desk
    path("my/", review_views.DeskPage.as_view(), name="my"),
    path("my/drafts/", review_views.Drafts.as_view(), name="desk_drafts"),
    path("my/expiring/", review_views.Expiring.as_view(), name="desk_expiring"),
    path("my/duplicates/", review_views.Suspected.as_view(), name="desk_duplicates"),
    path("my/changes/", review_views.RecentChangesPage.as_view(), name="desk_changes"),
    path("my/verify/", verify_views.VerifyList.as_view(), name="verify"),
    path("my/verify/file/", verify_views.VerifyFile.as_view(), name="verify_file"),
    path("my/verify/coopdir-verify.csv", verify_views.VerifyTemplate.as_view(), name="verify_template"),
    path("my/submissions/", queue_views.Submissions.as_view(), name="submissions"),
    path("my/submissions/<int:pk>/", queue_views.SubmissionPage.as_view(), name="submission"),
    path("my/agreements/<ref:reference>/confirm/", confirmation_views.AskPartner.as_view(), name="confirmation_ask"),
    # What becomes of an agreement
    path("my/agreements/<ref:reference>/verify/", action_views.Verify.as_view(), name="agreement_verify"),
    path("my/agreements/<ref:reference>/end/", action_views.End.as_view(), name="agreement_end"),
    path("my/agreements/<ref:reference>/suspend/", action_views.Suspend.as_view(), name="agreement_suspend"),
    path("my/agreements/<ref:reference>/resume/", action_views.Resume.as_view(), name="agreement_resume"),
    path("my/agreements/<ref:reference>/withdraw/", action_views.Withdraw.as_view(), name="agreement_withdraw"),
    path("my/agreements/<ref:reference>/reinstate/", action_views.Reinstate.as_view(), name="agreement_reinstate"),
    path("my/agreements/<ref:reference>/delete/", action_views.Delete.as_view(), name="agreement_delete"),
    path("my/agreements/<ref:reference>/restore/", history_views.AgreementRestore.as_view(), name="agreement_restore"),
    path("my/agreements/<ref:reference>/merge/", history_views.AgreementMerge.as_view(), name="agreement_merge"),
    path("my/towns/<ref:reference>/edit/", RecordEditor.as_view(model=Town), name="town_edit"),
    path("my/organisations/<ref:reference>/edit/", RecordEditor.as_view(model=Organisation), name="organisation_edit"),
    path("my/towns/<ref:reference>/restore/", history_views.Restore.as_view(model=Town), name="town_restore"),
    path(
        "my/organisations/<ref:reference>/restore/",
        history_views.Restore.as_view(model=Organisation),
        name="organisation_restore",
    ),
    path("my/towns/<ref:reference>/merge/", history_views.TownMerge.as_view(), name="town_merge"),
    path("my/merges/", history_views.Merges.as_view(), name="merges"),
    path("my/merges/<int:pk>/undo/", history_views.UndoMerge.as_view(), name="merge_undo"),
    path("my/countries/<country:code>/suspend/", CountrySuspension.as_view(), name="country_suspend"),
    # The form of an agreement
    path("my/agreements/new/", editing_views.AgreementEditor.as_view(), name="agreement_new"),
    path("my/agreements/<ref:reference>/edit/", editing_views.AgreementEditor.as_view(), name="agreement_edit"),
    path("my/parties/", editing_views.party_suggestions, name="party_suggestions"),
    path("my/sources/", editing_views.source_suggestions, name="source_suggestions"),
    path("my/forms/", editing_views.keep_form, name="form_keep"),
    path("my/forms/<int:pk>/discard/", editing_views.discard_form, name="form_discard"),
    path("my/test-mail/", review_views.TestMail.as_view(), name="test_mail"),
]
