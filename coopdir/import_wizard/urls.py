"""The addresses of imports; those of one batch begin with its reference."""

from django.urls import path

from . import mapping, names, verdicts, views

urlpatterns = [
    path("", views.Batches.as_view(), name="import_list"),
    path("new/", views.Upload.as_view(), name="import_new"),
    path("profiles/", mapping.Profiles.as_view(), name="import_profiles"),
    path("verdicts/", verdicts.Verdicts.as_view(), name="import_verdicts"),
    path("<ref:reference>/", views.PlanPage.as_view(), name="import_plan"),
    path("<ref:reference>/map/", mapping.MappingPage.as_view(), name="import_map"),
    path("<ref:reference>/names/", names.NamesPage.as_view(), name="import_names"),
    path("<ref:reference>/apply/", views.Apply.as_view(), name="import_apply"),
    path("<ref:reference>/progress/", views.Progress.as_view(), name="import_progress"),
    path("<ref:reference>/result/", views.Result.as_view(), name="import_result"),
    path("<ref:reference>/undo/", views.Undo.as_view(), name="import_undo"),
    path("<ref:reference>/refused.csv", views.RefusedRows.as_view(), name="import_refused"),
    path("<ref:reference>/file/", views.KeptFile.as_view(), name="import_file"),
]
