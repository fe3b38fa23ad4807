"""Database settings and connections: the PostgreSQL of `DATABASE_URL`, or an embedded one that needs no set-up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.work import add_helper_process, waited_for

from .embedded_server import DATABASE, PORT, ROLE, socket_folder

MINIMUM_MAJOR = 15
PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 15_000, "keepalives_idle": 30, "keepalives_interval": 10}
"""Timeouts for a silent server, as libpq's parameters (seconds, but for the second, in milliseconds)."""


def configuration(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's settings of the database.

    In: the value of `DATABASE_URL` (may be empty) and the folder `COOPDIR_DATA`.
    Out: an entry of `DATABASES`; with an empty address that of the embedded server, which is not started yet.
    """
    if url:
        try:
            parsed = dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
        except (ValueError, dj_database_url.ParseError) as error:
            raise ImproperlyConfigured(f"DATABASE_URL cannot be understood: {error}") from error
        if parsed["ENGINE"] != "django.db.backends.postgresql":
            raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgres://…")
        # A server that is gone is noticed, whether it refuses, is silent from the start, or falls silent.
        options = PATIENCE | parsed.get("OPTIONS", {})
        return dict(parsed) | {"ENGINE": "core.database.postgres", "OPTIONS": options}
    return {
        "ENGINE": "core.database.embedded",
        "NAME": DATABASE,
        "USER": ROLE,
        "HOST": str(socket_folder(data_dir)),
        "PORT": str(PORT),
        "DATA_DIR": data_dir,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def check_server_version(databases: Sequence[str] | None = None, **kwargs: object) -> list[checks.CheckMessage]:
    """System check (tag `database`): the server must be PostgreSQL 15 or later, which unique keys with
    NULLS NOT DISTINCT need."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        major = _server_major(alias)
        if major < MINIMUM_MAJOR:
            found.append(
                checks.Error(
                    f"The database server is PostgreSQL {major}; CoopDir needs {MINIMUM_MAJOR} or later.",
                    hint="Upgrade the server, or point DATABASE_URL at another one.",
                    id="coopdir.E001",
                )
            )
    return found


def _server_major(alias: str) -> int:
    """The major version of a configured server."""
    connections[alias].ensure_connection()
    return int(connections[alias].connection.server_version) // 10_000


class TimedCursor(psycopg2.extensions.cursor):
    """The driver's cursor, which counts how long it waits for the server as work that is done for its thread."""

    def execute(self, query: Any, vars: Any = None) -> None:
        return waited_for(super().execute, query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        return waited_for(super().executemany, query, vars_list)

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        return waited_for(super().copy_expert, sql, file, size)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return waited_for(super().fetchmany, self.arraysize if size is None else size)


def time_cursors(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Receiver of ``connection_created``: the work that is done for the thread over it is counted."""
    connection.connection.cursor_factory = TimedCursor
    if connection.alias in connections and connections[connection.alias] is connection:
        info = connection.connection.info
        add_helper_process(
            info.backend_pid if (info.host or "/").startswith(("/", "127.", "localhost", "::1")) else 0, "postgres"
        )
