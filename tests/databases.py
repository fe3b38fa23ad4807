"""Throw-away databases: copies of one migrated template.

Migrating an empty database takes seconds, copying it a fraction of one. The template stays on the server for the next
run; its name carries a hash of all that it was made from. Locks are PostgreSQL's own: a killed run leaves none behind.
"""

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.database.contention import limit_pages

TEMPLATE_PREFIX = "test_coopdir_template_"
LOCK = 0x636F6F70  # "coop": our advisory locks on the server; 0 guards the template, n the n-th copy
KEPT = {"django_content_type", "auth_permission"}
"""Tables that are filled when the database is migrated."""
# What migrations import besides Django.
MIGRATION_TOOLS = ("text.py", "fields.py", "dates.py", "history.py")


@contextmanager
def copied_database(rebuild: bool = False) -> Iterator[None]:
    """Let Django work in a fresh copy of the template, which is made anew if `rebuild`; drops the copy."""
    usual_name = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as server:  # its connection lives on: it holds the lock of the copy
        server.execute("SELECT pg_advisory_lock(%s, 0)", [LOCK])
        template = _template(server, rebuild)
        name = _free_name(server)
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        server.execute("SELECT pg_advisory_unlock(%s, 0)", [LOCK])
        _use(name)
        limit_pages()  # which a copy does not take along
        connection.close()
        try:
            yield
        finally:
            _use(usual_name)
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def empty_database() -> Iterator[None]:
    """Let Django work in a database without tables; drops it."""
    usual_name = connection.settings_dict["NAME"]
    name = f"{usual_name}_empty"
    with connection._nodb_cursor() as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        _use(name)
        try:
            yield
        finally:
            _use(usual_name)
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _use(name: str) -> None:
    """Point Django at a database of the server."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _template(server: CursorWrapper, rebuild: bool) -> str:
    """The name of the migrated template, made (under another name, then renamed) where it is missing."""
    digest = hashlib.sha256()
    root = settings.BASE_DIR
    for path in sorted(
        [
            *root.glob("*/migrations/*.py"),
            *root.glob("*/*/migrations/*.py"),
            *(root / "core" / name for name in MIGRATION_TOOLS),
            root / "requirements.txt",
        ]
    ):
        digest.update(path.read_bytes())
    template = TEMPLATE_PREFIX + digest.hexdigest()[:16]
    server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE_PREFIX])
    there = {name for (name,) in server.fetchall()}
    if template in there and not rebuild:
        return template
    for old in there:
        server.execute(f"DROP DATABASE {old} WITH (FORCE)")
    connection.settings_dict["TEST"]["NAME"] = building = f"{TEMPLATE_PREFIX}new"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    server.execute(f"ALTER DATABASE {building} RENAME TO {template}")
    return template


def _free_name(server: CursorWrapper) -> str:
    """The first name that no running worker holds; a name whose holder died is free again."""
    for number in itertools.count(1):
        server.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, number])
        if server.fetchone()[0]:
            return f"test_coopdir_{number}"
    raise AssertionError


def empty_tables() -> None:
    """Empty the tables of all models, as Django does after a test that commits, in a twentieth of the time.

    Only tables that hold something are touched, by DELETE without triggers and checks (a superuser may say so), and
    content types and permissions stay, which Django deletes and makes again.
    """
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [connection.ops.quote_name(name) for name in tables if name not in KEPT]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT FROM {name})' for name in names)}")
        used = [name for name, holds in zip(names, cursor.fetchone(), strict=True) if holds]
        cursor.execute("SET session_replication_role = replica")
        for name in used:
            cursor.execute(f"DELETE FROM {name}")
        cursor.execute("RESET session_replication_role")
