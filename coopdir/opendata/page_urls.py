"""The addresses of pages about open data, within a language."""

from django.urls import path

from . import publishing

urlpatterns = [
    path("data/", publishing.DataPage.as_view(), name="data"),
]
