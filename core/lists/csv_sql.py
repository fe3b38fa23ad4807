"""The cells of a layout as PostgreSQL writes them: files that come back as “unchanged”, at the speed of COPY.

A column says its own expression (``Column.sql``), or it follows from what the column fills: a column of the table, the
name of a related record, a list of linked ones. A test holds it against what the layout's widgets write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import ForeignObjectRel

from core.database.copy import copied_out
from core.imports.columns import Column, Links

from ..imports.cells import (
    SEPARATOR,
    AmountCell,
    ChoiceCell,
    CodeCell,
    DateCell,
    DayCell,
    DegreesCell,
    ListCell,
    LookupCell,
    NumberCell,
    YesNoCell,
)
from ..imports.layouts import StrictResource
from .formula_guard import HARMLESS_SQL, STARTS, TEXT_MARK
from .json_records import literal, parts_of

_DEGREES_SQL = "{0}::text || CASE WHEN {0} = trunc({0}) THEN '.0' ELSE '' END"
"""A coordinate as Python writes it, with a decimal always."""

NEVER_FORMULAS = (ChoiceCell, DateCell, DayCell, CodeCell, NumberCell, DegreesCell, AmountCell, YesNoCell)
"""Kinds of cells that no spreadsheet would run."""


def guarded(cell: str) -> str:
    """A cell with the mark of a text before what a spreadsheet would run: ``core.lists.formula_guard.guard`` in SQL."""
    body = f"ltrim({cell}, {literal(TEXT_MARK)})"
    return (
        f"CASE WHEN strpos({literal(STARTS + TEXT_MARK)}, left({cell}, 1)) > 0"
        f" AND {body} <> '' AND strpos({literal(STARTS)}, left({body}, 1)) > 0"
        f" AND {body} !~ {literal(HARMLESS_SQL)} THEN {literal(TEXT_MARK)} || {cell} ELSE {cell} END"
    )


@dataclass
class Written:
    """The statement that writes rows of a layout: tables that it makes first, joins, and cells by column."""

    resource: StrictResource
    tables: dict[str, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, resource: StrictResource) -> "Written":
        """The statement of a layout."""
        written = cls(resource)
        for name, column in resource.fields.items():
            written.cells[name] = column.sql or written.cell(column)
        resource.written(written)
        return written

    @property
    def table(self) -> str:
        """The layout's own table."""
        return self.resource.model._meta.db_table

    def cell(self, column: Column) -> str:
        """The expression that follows from what a column fills."""
        meta = self.resource.model._meta
        own = f'{self.table}."{{}}"'
        if isinstance(column, Links):
            link, table = column.field(self.resource.model)
            named = self._named(link.related_model, column.lookup)
            through, mine = table._meta.db_table, own.format(meta.pk.column)
            # Names of tables and columns of ours, as everywhere here.
            names = (
                f"SELECT {named}.name FROM {through} AS link"  # noqa: S608
                f" JOIN {named} ON {named}.id = link.{link.m2m_reverse_name()}"
                f' WHERE link.{link.m2m_column_name()} = {mine} ORDER BY {named}.name COLLATE "C"'
            )
            return f"array_to_string(ARRAY({names}), '{SEPARATOR}')"
        step, _sep, rest = (column.shown or column.target).partition("__")
        attribute = meta.get_field(step)
        if isinstance(attribute, ForeignObjectRel):
            raise TypeError(f"{attribute} is no column of {self.table}.")
        value = own.format(attribute.column)
        if rest:
            related = attribute.related_model
            if related is None:
                raise TypeError(f"{attribute} refers to no record.")
            if isinstance(column.widget, LookupCell) and len(column.widget.by) > 1:
                named = self._named(related, column.widget)
                return f"(SELECT {named}.name FROM {named} WHERE {named}.id = {value})"  # noqa: S608
            to, shown = related._meta, related._meta.get_field(rest)
            if isinstance(shown, ForeignObjectRel):
                raise TypeError(f"{shown} is no column of {to.db_table}.")
            public = any(one.name == "publication" for one in to.local_fields)
            return (
                f'(SELECT other."{shown.column}" FROM {to.db_table} AS other'  # noqa: S608
                f' WHERE other."{to.pk.column}" = {value}'
                f"{' AND other.publication = ' + literal('published') if public else ''})"
            )
        if isinstance(column.widget, YesNoCell):
            return f"{value}::int"
        if isinstance(column.widget, DegreesCell):
            return _DEGREES_SQL.format(value)
        if isinstance(column.widget, ListCell) and isinstance(attribute, ArrayField):
            return f"array_to_string({value}, '{SEPARATOR}')"
        return value

    def _named(self, model: type[models.Model], lookup: LookupCell) -> str:
        """The table of what a cell writes for each record of another table: see `LookupCell.name`."""
        table = model._meta.db_table
        name = f"named_{table}"
        first, last = lookup.by[0], lookup.by[-1]
        self.tables[name] = f"""SELECT id, CASE WHEN strpos({first}, '{SEPARATOR}') > 0 OR count(*) OVER (
            PARTITION BY btrim(translate({first}, E'\\u00a0\\u202f', '  '))) > 1 THEN {last} ELSE {first} END AS name
            FROM {table}"""  # noqa: S608
        return name

    @property
    def headers(self) -> list[str]:
        """The names of the columns, in their order."""
        return list(self.cells)

    def statement(self, keys: Sequence[object]) -> str:
        """The SELECT of the rows of some primary keys, in their order; blank cells are NULL."""
        pk = self.resource.model._meta.pk
        kind = "bigint" if isinstance(pk, models.AutoField) else "text"
        array = "{" + ",".join(map(str, keys)) + "}"
        first = {"asked": f"SELECT * FROM unnest('{array}'::{kind}[]) WITH ORDINALITY AS asked (key, place)"}  # noqa: S608
        tables = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, sql in (first | self.tables).items())
        cells = [f"nullif(({sql})::text, '') AS c{number}" for number, sql in enumerate(self.cells.values())]
        out = [
            f"c{number}" if isinstance(self._widget(name), NEVER_FORMULAS) else guarded(f"c{number}")
            for number, name in enumerate(self.cells)
        ]
        return f"""
            WITH {tables} SELECT {", ".join(out)} FROM (
                SELECT asked.place, {", ".join(cells)} FROM asked
                JOIN {self.table} ON {self.table}.{pk.column} = asked.key {" ".join(self.joins)} OFFSET 0
            ) AS cells ORDER BY place
        """  # noqa: S608

    def _widget(self, name: str) -> Any:
        return self.resource.fields[name].widget

    def stream(self, keys: Sequence[object], delimiter: str = ",") -> Iterator[bytes]:
        """The rows of some primary keys as CSV, some thousand at a time: a slow reader holds no transaction open."""
        for part in parts_of(keys):
            with connection.cursor() as cursor:
                yield copied_out(cursor, self.statement(part), f"FORMAT csv, DELIMITER {literal(delimiter)}")
