"""Members that JSON records of every kind have, and the schemas of their values."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.lists.form_fields import StrOrPromise
from core.lists.json_records import (
    ADDRESS,
    PARTIAL_DATE,
    JsonSchema,
    Member,
    array_schema,
    closed,
    maybe,
    string,
    whole,
)

from . import choices

COUNTRY = string(pattern="^[A-Z]{2}$")
TERRITORY = string(pattern="^[A-Z]{2}-[A-Z0-9]{1,7}$")
LATITUDE = {"type": "number", "minimum": -90, "maximum": 90}
LONGITUDE = {"type": "number", "minimum": -180, "maximum": 180}
WHOLE_NUMBER = {"type": "integer", "minimum": 0}
REFERENCE = string(pattern="^[A-Z][1-9][0-9]*$")


def of(choice: type[TextChoices]) -> Callable[[], Mapping[str, StrOrPromise]]:
    """The labels of a closed list."""
    return lambda: dict(choice.choices)


def reference_member(letter: str, table: str) -> Member:
    """The public id of a record."""
    return Member(
        "reference",
        f"{table}.reference",
        _("Reference: the id that never changes."),
        string(pattern=f"^{letter}[0-9]+$"),
    )


def identity_member(table: str, key: str = "reference") -> Member:
    """The permanent address of a record."""
    return Member(
        "id", f"'{{base}}/id/' || {table}.{key}", _("Permanent address: it names the record for good."), ADDRESS
    )


def sources_member(through: str, column: str, table: str) -> Member:
    """The sources that a record cites."""
    of_record = (
        f"FROM {through} AS link JOIN partnerships_source AS source ON source.id = link.source_id"
        f" WHERE link.{column} = {table}.id"
    )
    return Member(
        "sources",
        f"ARRAY(SELECT source.reference {of_record} ORDER BY link.id)",
        _("Its sources, by reference."),
        array_schema(REFERENCE),
        # Nothing in it comes from outside.
        expanded=f"(SELECT coalesce(json_agg({SOURCE} ORDER BY link.id), '[]') {of_record})",
        expanded_schema=array_schema(SOURCE_SCHEMA),
    )


SOURCE = """json_build_object('reference', source.reference, 'title', source.title, 'publisher', source.publisher,
    'date', source.date, 'url', source.url, 'licence', source.licence)"""
"""In SQL: a source."""

SOURCE_SCHEMA = whole(
    reference=REFERENCE,
    title=string(),
    publisher=string(),
    date=maybe(PARTIAL_DATE),
    url=string(),
    licence=string(),
)


def other_names_member(table: str, column: str, of_table: str) -> Member:
    """The other names of a record."""
    return Member(
        "names",
        f"ARRAY(SELECT other.name FROM {table} AS other WHERE other.{column} = {of_table}.id ORDER BY other.name)",  # noqa: S608
        _("Its other names."),
        array_schema(string()),
        expanded=(
            "(SELECT coalesce(json_agg(json_build_object('name', other.name, 'kind', other.kind,"  # noqa: S608
            f" 'language', other.language) ORDER BY other.name), '[]') FROM {table} AS other"
            f" WHERE other.{column} = {of_table}.id)"
        ),
        expanded_schema=array_schema(whole(name=string(), kind=closed(choices.NameKind.values), language=string())),
    )


def column(
    table: str, name: str, meaning: StrOrPromise, schema: JsonSchema, attribute: str = "", **more: Any
) -> Member:
    """A column of a table."""
    return Member(name, f"{table}.{attribute or name}", meaning, schema, **more)


POINT = """CASE WHEN {x} IS NOT NULL
    THEN json_build_object('type', 'Point', 'coordinates', json_build_array({x}, {y})) END"""
"""In SQL: coordinates as GeoJSON has them, the longitude first."""
