from typing import Any

from django.db.models import Model

from .widgets import Widget

class Field:
    attribute: str | None
    column_name: str | None
    widget: Widget
    def __init__(
        self, attribute: str | None = ..., column_name: str | None = ..., widget: Widget | None = ...
    ) -> None: ...
    def get_value(self, instance: Model) -> Any: ...
    def export(self, instance: Model, **kwargs: Any) -> str: ...
