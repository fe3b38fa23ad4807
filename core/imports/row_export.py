"""Export of records as rows of a layout."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils.text import capfirst

from .columns import Links, RowStatement
from .layout_columns import LayoutColumns


class RowExport(LayoutColumns):
    """The part of a layout that django-import-export's export and admin pages ask."""

    def written(self, statement: RowStatement) -> None:
        """Add to the statement by which PostgreSQL writes rows what follows from no column; for subclasses."""

    def get_queryset(self) -> models.QuerySet[models.Model]:
        return self.existing()

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: object) -> models.QuerySet[Any]:
        """The queryset with all that the columns show, so that the number of queries does not grow with it."""
        joined, apart = set(), set()
        for column in self.fields.values():
            if isinstance(column, Links):
                apart.add(column.target)
                continue
            model: type[models.Model] | None = self.model
            path: list[str] = []
            for step in (column.shown or column.target).split("__")[:-1]:
                own = model._meta.local_fields if model else []
                field = {field.name: field for field in own}.get(step)
                if field is None:  # a property, such as a party's actor: its record is one of several
                    paths = ["__".join([*path, key.name]) for key in own if key.is_relation]
                    joined.update(paths)
                    break
                path.append(step)
                model = field.related_model
                joined.add("__".join(path))
        if joined:
            queryset = queryset.select_related(*joined)
        return queryset.prefetch_related(*apart)

    def iter_queryset(self, queryset: models.QuerySet[Any]) -> Iterator[Any]:
        return queryset.iterator(chunk_size=2000)

    def before_export(self, queryset: models.QuerySet[Any], **kwargs: object) -> None:
        """Find out once for all rows how each column is written."""
        self._writers = [
            getattr(self, f"dehydrate_{self.get_field_name(field)}", field.export)
            for field in self.get_export_fields(kwargs.get("export_fields"))
        ]

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: object) -> list[str]:
        return [write(instance) for write in self._writers]

    @classmethod
    def get_display_name(cls) -> str:
        """Display name of the kind of rows."""
        return capfirst(str(cls.model._meta.verbose_name_plural))
