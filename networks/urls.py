"""The addresses of networks, support bodies, milestones and web links. A record's URL has the name of its model."""

from django.urls import path

from partnerships.editing.history_views import Restore
from partnerships.editing.record_views import RecordEditor

from . import views
from .models import SupportBody

urlpatterns = [
    path("networks/", views.NetworkList.as_view(), name="networks"),
    path("networks/<addr:address>/", views.NetworkPage.as_view(), name="network"),
    path("support-bodies/", views.SupportBodyList.as_view(), name="support_bodies"),
    path("support-bodies/<addr:address>/", views.SupportBodyPage.as_view(), name="supportbody"),
    path("networks/<addr:address>/history/", views.NetworkHistory.as_view(), name="network_history"),
    path("support-bodies/<addr:address>/history/", views.SupportBodyHistory.as_view(), name="supportbody_history"),
    path("my/support-bodies/<ref:reference>/edit/", RecordEditor.as_view(model=SupportBody), name="supportbody_edit"),
    path("my/support-bodies/<ref:reference>/restore/", Restore.as_view(model=SupportBody), name="supportbody_restore"),
    path("milestones/", views.MilestoneList.as_view(), name="milestones"),
    path("links/", views.WebLinkList.as_view(), name="links"),
]
