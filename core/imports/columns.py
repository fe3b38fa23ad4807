"""Columns of import layouts: how their cells are read, what they mean, which attribute they fill."""

from typing import Any, Protocol

from django.db import models
from django.utils.functional import Promise
from import_export.fields import Field

from .cells import ChoiceCell, ComputedCell, LayoutCell, ListCell, LookupCell, NumberCell, YesNoCell

ManyToMany = models.ManyToManyField[Any, Any]


class Column(Field):
    """A column of a layout: how its cells are read, what they mean, and which attribute they fill.

    `attribute` is written on import (the column's name by default); `shown` is the path read on export where it
    differs, such as the reference of a related record. `required` holds for new records. `sql` is the cell as an
    expression, for layouts that PostgreSQL writes.
    """

    widget: LayoutCell

    def __init__(
        self,
        widget: LayoutCell,
        meaning: str | Promise = "",
        *,
        attribute: str | None = None,
        shown: str | None = None,
        required: bool = False,
        example: str = "",
        sql: str = "",
    ) -> None:
        super().__init__(attribute=attribute, widget=widget)
        self.sql = sql
        self.meaning = meaning
        self.shown = shown
        self.required = required
        self.example = example

    @property
    def closed(self) -> bool:
        """True if the column's values are of a closed list, so that a file's own words may be mapped to them."""
        widget = self.widget.part if isinstance(self.widget, ListCell) else self.widget
        return isinstance(widget, ChoiceCell | ComputedCell | LookupCell | NumberCell | YesNoCell)

    @property
    def target(self) -> str:
        """The attribute that the column fills."""
        return self.attribute or self.column_name or ""

    def stored(self, record: Any) -> Any:
        """The record's value in the form that the widget reads."""
        return getattr(record, self.target)

    def empty(self, model: type[models.Model]) -> Any:
        """Value of the attribute for a blank: None, or the field's default where it cannot be null."""
        field = model._meta.get_field(self.target)
        return None if field.null or not isinstance(field, models.Field) else field.get_default()

    def assigned(self, value: Any) -> dict[str, Any]:
        """The attributes that a value read by the widget fills."""
        return {self.target: value}

    def get_value(self, instance: object) -> Any:
        value: Any = instance
        *path, last = (self.shown or self.target).split("__")
        for step in path:
            value = getattr(value, step, None)
        if path and value is not None and isinstance(self.widget, LookupCell):
            return self.widget.name(value)
        return getattr(value, last, None)


class Links(Column):
    """A column that lists related records through a table of its own.

    `attribute` is the many-to-many field; `shown` the column of the related record that cells hold.
    """

    def __init__(self, model: type[models.Model], shown: str, meaning: str | Promise = "", **kwargs: Any) -> None:
        self.lookup = LookupCell(model, shown, "reference")
        super().__init__(ListCell(self.lookup), meaning, shown=shown, **kwargs)

    def get_value(self, instance: object) -> list[str]:
        return sorted(self.lookup.name(linked) for linked in getattr(instance, self.target).all())

    def field(self, model: type[models.Model]) -> tuple[ManyToMany, type[models.Model]]:
        """The many-to-many field of a model that the column lists, and the table of its links."""
        found = model._meta.get_field(self.target)
        if not isinstance(found, models.ManyToManyField) or found.remote_field.through is None:
            raise TypeError(f"{found} links no other records.")
        return found, found.remote_field.through


class RowStatement(Protocol):
    """SQL statement by which PostgreSQL writes rows of a layout, as far as a layout may add to it: tables that it makes
    first, joins, and the expression of each cell by column. (`core.lists.csv_sql` has the whole of it.)"""

    tables: dict[str, str]
    joins: list[str]
    cells: dict[str, str]
