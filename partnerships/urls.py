"""The addresses of agreements, places and organisations. A record's URL has the name of its model."""

from django.urls import path

from . import views
from .editing import action_views as actions
from .editing import history_views as histories
from .editing import views as editing
from .editing.record_views import RecordEditor
from .models import Organisation, Town
from .review import public_views as public
from .review import views as desk

urlpatterns = [
    path("agreements/", views.AgreementList.as_view(), name="agreements"),
    path("agreements/<addr:address>/", views.AgreementPage.as_view(), name="agreement"),
    path("countries/", views.CountryList.as_view(), name="countries"),
    path("countries/<country:code>/", views.CountryPage.as_view(), name="country"),
    path("countries/<country:code>/history/", histories.CountryHistory.as_view(), name="country_history"),
    path("countries/<country:first>/<country:second>/", views.CountryPairPage.as_view(), name="country_pair"),
    path("territories/<territory:code>/", views.TerritoryPage.as_view(), name="territory"),
    path("towns/", views.TownList.as_view(), name="towns"),
    path("towns/<addr:address>/", views.TownPage.as_view(), name="town"),
    path("organisations/", views.OrganisationList.as_view(), name="organisations"),
    path("organisations/<addr:address>/", views.OrganisationPage.as_view(), name="organisation"),
    # What became of records
    path("agreements/<addr:address>/history/", histories.AgreementHistory.as_view(), name="agreement_history"),
    path("towns/<addr:address>/history/", histories.TownHistory.as_view(), name="town_history"),
    path("territories/<territory:code>/history/", histories.TerritoryHistory.as_view(), name="territory_history"),
    path("organisations/<addr:address>/history/", histories.OrganisationHistory.as_view(), name="organisation_history"),
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
    path("my/changes/", desk.RecentChangesPage.as_view(), name="desk_changes"),
    path("my/verify/", desk.VerifyList.as_view(), name="verify"),
    path("my/verify/file/", desk.VerifyFile.as_view(), name="verify_file"),
    path("my/verify/coopdir-verify.csv", desk.VerifyTemplate.as_view(), name="verify_template"),
    path("my/submissions/", desk.Submissions.as_view(), name="submissions"),
    path("my/submissions/<int:pk>/", desk.SubmissionPage.as_view(), name="submission"),
    path("my/agreements/<ref:reference>/confirm/", desk.AskPartner.as_view(), name="confirmation_ask"),
    # What becomes of an agreement
    path("my/agreements/<ref:reference>/verify/", actions.Verify.as_view(), name="agreement_verify"),
    path("my/agreements/<ref:reference>/end/", actions.End.as_view(), name="agreement_end"),
    path("my/agreements/<ref:reference>/suspend/", actions.Suspend.as_view(), name="agreement_suspend"),
    path("my/agreements/<ref:reference>/resume/", actions.Resume.as_view(), name="agreement_resume"),
    path("my/agreements/<ref:reference>/withdraw/", actions.Withdraw.as_view(), name="agreement_withdraw"),
    path("my/agreements/<ref:reference>/reinstate/", actions.Reinstate.as_view(), name="agreement_reinstate"),
    path("my/agreements/<ref:reference>/delete/", actions.Delete.as_view(), name="agreement_delete"),
    path("my/agreements/<ref:reference>/restore/", histories.AgreementRestore.as_view(), name="agreement_restore"),
    path("my/agreements/<ref:reference>/merge/", histories.AgreementMerge.as_view(), name="agreement_merge"),
    path("my/towns/<ref:reference>/edit/", RecordEditor.as_view(model=Town), name="town_edit"),
    path("my/organisations/<ref:reference>/edit/", RecordEditor.as_view(model=Organisation), name="organisation_edit"),
    path("my/towns/<ref:reference>/restore/", histories.Restore.as_view(model=Town), name="town_restore"),
    path(
        "my/organisations/<ref:reference>/restore/",
        histories.Restore.as_view(model=Organisation),
        name="organisation_restore",
    ),
    path("my/towns/<ref:reference>/merge/", histories.TownMerge.as_view(), name="town_merge"),
    path("my/merges/", histories.Merges.as_view(), name="merges"),
    path("my/merges/<int:pk>/undo/", histories.UndoMerge.as_view(), name="merge_undo"),
    path("my/countries/<country:code>/suspend/", actions.CountrySuspension.as_view(), name="country_suspend"),
    # The form of an agreement
    path("my/agreements/new/", editing.AgreementEditor.as_view(), name="agreement_new"),
    path("my/agreements/<ref:reference>/edit/", editing.AgreementEditor.as_view(), name="agreement_edit"),
    path("my/parties/", editing.party_suggestions, name="party_suggestions"),
    path("my/sources/", editing.source_suggestions, name="source_suggestions"),
    path("my/forms/", editing.keep_form, name="form_keep"),
    path("my/forms/<int:pk>/discard/", editing.discard_form, name="form_discard"),
    path("my/test-mail/", desk.TestMail.as_view(), name="test_mail"),
]
