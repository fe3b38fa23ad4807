"""Bulk reads and writes through psycopg2: COPY, prepared statements, advisory locks."""

import io
import re
import struct
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO
from weakref import WeakKeyDictionary

from django.db.backends.utils import CursorWrapper

_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def execute_prepared(cursor: CursorWrapper, name: str, query: str) -> None:
    """Execute a query without parameters, planned once for as long as the connection lives: for those of many tables,
    whose planning takes longer than what they do. `name` belongs to this query alone."""
    known = _planned.setdefault(cursor.connection, set())
    if name not in known:
        with cursor.db.wrap_database_errors:
            cursor.cursor.execute(f"PREPARE {name} AS {query}")
        known.add(name)
    cursor.execute(f"EXECUTE {name}")


def is_locked(cursor: CursorWrapper, kind: int, number: int) -> bool:
    """True if anybody holds the advisory lock of two numbers in this database, such as a worker that is alive."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = %s"
        " AND objid = %s AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
        [kind, number],
    )
    held: bool = cursor.fetchone()[0]
    return held


def copy_rows(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write many rows into a table by COPY.

    Only into staging tables without history: events of a COPY carry no context. None is NULL; text may hold anything
    but NUL. Must run in a transaction if it is to be undone with one.
    """
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (NULL E'\\x1a')"
    cursor.cursor.copy_expert(statement, _CopyFile(rows))


def copy_bytes(cursor: CursorWrapper, table: str, dump: Callable[[BinaryIO], None]) -> None:
    """Put what `dump` writes into a file, as it is, into the only column of a staging table.

    As a parameter of a statement, bytes are written as hexadecimal digits, of which there are several copies.
    """
    with tempfile.TemporaryFile() as file:
        file.write(struct.pack("!11siihi", b"PGCOPY\n\xff\r\n\0", 0, 0, 1, 0))
        start = file.tell()
        dump(file)
        length = file.tell() - start
        file.write(struct.pack("!h", -1))
        file.seek(start - 4)
        file.write(struct.pack("!i", length))
        file.seek(0)
        cursor.cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", file)


def read_binary(cursor: CursorWrapper, query: str) -> list[bytes | None]:
    """The first row of a query whose columns are texts and bytes, as it is stored; an empty list where there is none.

    To be read as an ordinary result, bytes are written as hexadecimal digits and back, which takes five times as long.
    """
    file = io.BytesIO()
    cursor.cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", file)
    content, position = file.getbuffer(), 11 + 4 + 4  # a signature, flags, and the length of nothing more
    (columns,) = struct.unpack_from("!h", content, position)
    position += 2
    row: list[bytes | None] = []
    for _column in range(columns):  # -1, the mark of the end, where there is no row
        (length,) = struct.unpack_from("!i", content, position)
        position += 4
        row.append(None if length < 0 else bytes(content[position : position + length]))
        position += max(length, 0)
    return row


def copied_out(cursor: CursorWrapper, query: str, options: str = "FORMAT csv") -> bytes:
    """Output of a query written by COPY, as bytes: PostgreSQL makes the text, and nothing becomes a Python object."""
    file = io.BytesIO()
    cursor.cursor.copy_expert(f"COPY ({query}) TO STDOUT ({options})", file)
    return file.getvalue()


def insert_rows(
    cursor: CursorWrapper,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    defaults: Mapping[str, str] | None = None,
) -> None:
    """Write many rows into a table with history: by COPY into a temporary table, from there by one INSERT.

    `defaults` are SQL expressions that stand where a row has None.
    """
    names, standing = ", ".join(columns), defaults or {}
    cursor.execute(f"CREATE TEMPORARY TABLE incoming AS SELECT {names} FROM {table} WITH NO DATA")  # noqa: S608
    copy_rows(cursor, "incoming", columns, rows)
    values = ", ".join(f"coalesce({name}, {standing[name]})" if name in standing else name for name in columns)
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM incoming")  # noqa: S608 (names of ours)
    cursor.execute("DROP TABLE incoming")


def update_rows(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Change many rows of a table with history: by COPY into a temporary table, from there by one UPDATE.

    The first of the columns is the table's primary key.
    """
    key, *changed = columns
    names = ", ".join(columns)
    cursor.execute(f"CREATE TEMPORARY TABLE incoming AS SELECT {names} FROM {table} WITH NO DATA")  # noqa: S608
    copy_rows(cursor, "incoming", columns, rows)
    values = ", ".join(f"{name} = incoming.{name}" for name in changed)
    cursor.execute(f"UPDATE {table} SET {values} FROM incoming WHERE {table}.{key} = incoming.{key}")  # noqa: S608
    cursor.execute("DROP TABLE incoming")


class _CopyFile:
    """Rows as a file in COPY's text format, made while it is read."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._lines = map(_copy_line, rows)

    def read(self, size: int) -> str:
        """Some thousand lines, "" at the end. The driver takes more than it asked for."""
        return "".join(islice(self._lines, 5000))


NULL = "\x1a"
"""Marker of NULL in a COPY: without a backslash, so that one look tells whether a row has anything to escape."""

_COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", NULL: r"\x1a"})

_needs_escapes = re.compile(r"[\\\t\n\r]").search


def _copy_line(row: Sequence[object]) -> str:
    texts = [NULL if value is None else value if value.__class__ is str else str(value) for value in row]
    if _needs_escapes("".join(texts)) or texts.count(NULL) != row.count(None):
        texts = [
            text if value is None else text.translate(_COPY_ESCAPES) for text, value in zip(texts, row, strict=True)
        ]
    return "\t".join(texts) + "\n"
