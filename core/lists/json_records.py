"""Records as JSON, made by the database: one declaration serves the files, the API and the features of a map.

A `RecordKind` names its members, each with an expression in SQL, what it means and the JSON Schema of its value.
PostgreSQL puts the objects together, some hundreds of thousands a minute, and they are handed on as they come: no
record becomes a Python object.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection, models
from django.utils.translation import override

from core.database.copy import copied_out

from .form_fields import StrOrPromise

FIRST_CHUNK_SIZE, CHUNK_SIZE = 250, 5_000
"""Records that are read at first, so that the answer begins at once, and then at a time."""

PLAIN = "FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02'"
"""COPY's options for lines of JSON as they are: neither character is ever in them."""

JsonSchema = dict[str, Any]
Labels = Callable[[], Mapping[str, StrOrPromise]]


M = TypeVar("M", bound=models.Model)


def survivor(record: M) -> M:
    """Record at the end of the chain of merges; a chain that closes on itself ends where it was entered."""
    seen = set()
    last: Any = record
    while getattr(last, "merged_into_id", None) is not None and last.pk not in seen:
        seen.add(last.pk)
        last = last.merged_into
    end: M = last
    return end


def string(**more: object) -> JsonSchema:
    """The schema of a text."""
    return {"type": "string", **more}


def maybe(schema: JsonSchema) -> JsonSchema:
    """The schema of what may be unknown: null then."""
    return (
        {**schema, "type": [schema["type"], "null"]} if "enum" not in schema else {"anyOf": [schema, {"type": "null"}]}
    )


def array_schema(items: JsonSchema) -> JsonSchema:
    """The schema of a list."""
    return {"type": "array", "items": items}


def closed(choices: Iterable[str]) -> JsonSchema:
    """The schema of a code from a closed list."""
    return {"type": "string", "enum": list(choices)}


def whole(**properties: JsonSchema) -> JsonSchema:
    """The schema of an object whose members are always there."""
    return {"type": "object", "properties": properties, "required": list(properties)}


PARTIAL_DATE = string(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$")
"""A year, a month or a day."""
DAY = string(format="date")
MOMENT = string(format="date-time")
ADDRESS = string(format="uri")


@dataclass(frozen=True)
class Member:
    """One member of the records' JSON.

    `sql` gives its value; `expanded`, where there is one, what stands in its place when it is asked for whole. `needs`
    names the joins of the kind that the expressions speak of. `labels` are the names of the codes, for whom asks.
    """

    name: str
    sql: str
    meaning: StrOrPromise
    schema: JsonSchema
    expanded: str = ""
    expanded_schema: JsonSchema = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    labels: Labels | None = None


@dataclass(frozen=True)
class Shape:
    """Shape of JSON records: the members (none named: all), those expanded to whole objects, and the language of
    labels.

    `base` is the address of the site, for the addresses of pages. A `feature` is one of GeoJSON.
    """

    base: str
    fields: Collection[str] = ()
    expand: Collection[str] = ()
    language: str = ""
    feature: bool = False


@dataclass(frozen=True)
class RecordKind:
    """A kind of public records: `name` stands in addresses, `model` is its table.

    `key` is the expression of its public id; `shown` the condition under which a record is public at all. `joins` are
    parts of the statement by name; `geometry` is an expression of GeoJSON.
    """

    name: str
    model: type[models.Model]
    members: tuple[Member, ...]
    title: StrOrPromise
    meaning: StrOrPromise
    key: str = "reference"
    shown: str = "true"
    joins: Mapping[str, str] = field(default_factory=dict)
    geometry: str = ""
    geometry_needs: tuple[str, ...] = ()
    prepare: Callable[[str], str] = lambda sql: sql
    """Puts into the statement what is only known when it runs, such as today."""

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def names(self) -> list[str]:
        """The names of its members."""
        return [member.name for member in self.members]

    @property
    def expandable(self) -> list[str]:
        """The names of the members that can be had whole."""
        return [member.name for member in self.members if member.expanded]

    def schema(self, *, expand: Collection[str] | None = None) -> dict[str, Any]:
        """The JSON Schema of a record; where it is not said which members are whole, they may be either."""
        properties: dict[str, Any] = {}
        for member in self.members:
            schema = dict(member.schema)
            if member.expanded and expand is None:
                schema = {"anyOf": [schema, dict(member.expanded_schema)]}
            elif member.expanded and expand is not None and member.name in expand:
                schema = dict(member.expanded_schema)
            properties[member.name] = {**schema, "description": str(member.meaning)}
        if any(member.labels for member in self.members):
            named = {member.name: {"type": ["string", "null"]} for member in self.members if member.labels}
            properties["labels"] = {"type": "object", "properties": named}
        return {"type": "object", "properties": properties}

    def statement(self, keys: Sequence[object], shape: Shape) -> str:
        """The SELECT of the records with some primary keys, in their order, each as one text of JSON."""
        chosen = [member for member in self.members if not shape.fields or member.name in shape.fields]
        columns = [
            f'{member.expanded if member.expanded and member.name in shape.expand else member.sql} AS "{member.name}"'
            for member in chosen
        ]
        if shape.language:
            columns.append(f"{self._labels(chosen, shape.language)} AS labels")
        needed = [name for member in chosen for name in member.needs]
        record = "row_to_json(record)"
        if shape.feature:
            needed += self.geometry_needs
            record = (
                f"json_build_object('type', 'Feature', 'id', {self.table}.{self.key},"
                f" 'geometry', {self.geometry or 'NULL::json'}, 'properties', {record})"
            )
        joins = " ".join(sql for name, sql in self.joins.items() if name in needed)
        pk = self.model._meta.pk
        kind = "bigint" if isinstance(pk, models.AutoField) else "text"
        array = "{" + ",".join(map(str, keys)) + "}"
        sql = f"""
            SELECT {record}::text FROM unnest('{array}'::{kind}[]) WITH ORDINALITY AS asked (key, place)
            JOIN {self.table} ON {self.table}.{pk.column} = asked.key AND {self.shown} {joins}
            CROSS JOIN LATERAL (SELECT {", ".join(columns)}) AS record ORDER BY asked.place
        """  # noqa: S608 (expressions of ours, and primary keys)
        return self.prepare(sql).replace("{base}", literal(shape.base)[1:-1])

    def _labels(self, chosen: Sequence[Member], language: str) -> str:
        """An object with the names of the codes that the members hold."""
        with override(language):
            parts = [
                f"'{member.name}', {literal(json.dumps({k: str(v) for k, v in member.labels().items()}))}::jsonb"
                f" ->> ({member.sql})"
                for member in chosen
                if member.labels
            ]
        return f"json_build_object({', '.join(parts)})"

    def page(self, keys: Sequence[object], shape: Shape) -> list[str]:
        """The records with some primary keys, in their order, each as a text of JSON."""
        if not keys:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.statement(keys, shape))
            return [text for (text,) in cursor.fetchall()]

    def stream(self, keys: Sequence[object], shape: Shape) -> Iterator[bytes]:
        """Stream the records as lines, some thousand at a time."""
        for part in parts_of(keys):
            with connection.cursor() as cursor:
                yield copied_out(cursor, self.statement(part, shape), PLAIN)


def parts_of(keys: Sequence[object]) -> Iterator[Sequence[Any]]:
    """Keys in parts: a small one first, so that an answer begins at once."""
    start, size = 0, FIRST_CHUNK_SIZE
    while start < len(keys):
        yield keys[start : start + size]
        start, size = start + size, CHUNK_SIZE


def literal(text: str) -> str:
    """A text as SQL has it between quotes."""
    return "'" + text.replace("'", "''") + "'"
