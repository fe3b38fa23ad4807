"""History of a record in the administration, from the database's own event tables."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from pghistory import core as pghistory_core
from pghistory.models import Events

from core.history import RowFormatter

_EVENT_LABELS = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
}
"""Labels of the events of a record's history."""


class HistoryEvent:
    """Event of a record's history, prepared for display."""

    def __init__(self, event: Events, users: Mapping[Any, Any], words: RowFormatter) -> None:
        context = event.pgh_context or {}
        model = apps.get_model(event.pgh_obj_model)
        self.when = event.pgh_created_at
        self.user = users.get(context.get("user"))
        self.batch = context.get("batch", "")
        self.record = model._meta.verbose_name
        self.action = _EVENT_LABELS.get(event.pgh_label, event.pgh_label)
        if event.pgh_label == "update":
            pairs = {name: tuple(values) for name, values in (event.pgh_diff or {}).items()}
        else:
            pairs = {name: (None, value) for name, value in event.pgh_data.items() if value not in ("", None)}
        fields = {field.attname: field for field in model._meta.local_fields}
        self.values = [
            (fields[name].verbose_name, *(words.value(fields[name], value) for value in pair))
            if name in fields
            else (name, *pair)
            for name, pair in pairs.items()
            if name != "id"
        ]


class HistoryAdmin(admin.ModelAdmin[Any]):
    """Admin with the history of each record and of its lists."""

    object_history_template = "admin/directory/object_history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """History page of a record and of its lists, with the authors and imports, from the database's own event
        tables."""
        obj = self.get_object(request, unquote(object_id))
        event_models = [
            event
            for model in (self.model, *(inline.model for inline in self.inlines))
            for event in pghistory_core.event_models(tracks_model=model)
        ]
        queried: Any = Events.objects
        events = (
            queried.references(obj).across(*event_models).order_by("-pgh_created_at", "-pgh_id")
            if obj is not None and event_models
            else Events.no_objects.none()
        )
        page = Paginator(events, 100).get_page(request.GET.get("events"))
        users = get_user_model()._default_manager.in_bulk(
            {event.pgh_context.get("user") for event in page if event.pgh_context} - {None}
        )
        words = RowFormatter()
        changes = [HistoryEvent(event, users, words) for event in page]
        return super().history_view(request, object_id, {"events": page, "changes": changes, **(extra_context or {})})
