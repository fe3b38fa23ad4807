"""Contention on the database: limits of waiting, the order in which rows are locked, and retries.

The limits of pages are settings of the site's role in its database. They hold for every connection, also behind a
pooler that hands connections on after each transaction (PgBouncer): it refuses settings at the start of a connection,
and would give those of a session to somebody else. Commands set limits of their own at the begin of each transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import Error, OperationalError, connection, connections, models
from pyroaring import BitMap

WEB_TIMEOUTS = {"lock_timeout": "3s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}
"""Limits of the web processes. Whoever waits for a lock holds a thread, of which there are few."""
COMMAND_TIMEOUTS = {"lock_timeout": "5min", "statement_timeout": "0", "idle_in_transaction_session_timeout": "1h"}
"""Limits of commands and the worker, whose statements take as long as their work is large. While a backup is written,
its transaction does nothing for as long as that takes."""
MIGRATIONS = COMMAND_TIMEOUTS | {"lock_timeout": "5s"}
"""A migration that waits for a long query has everybody queue behind it: it gives up, to be tried again."""

OWN_LIMITS: dict[str, Mapping[str, str]] = {"migrate": MIGRATIONS, "runserver": {}, "testserver": {}}
"""Limits by command, where they are not `COMMAND_TIMEOUTS`; nothing for those that serve pages."""

LOCK_TIMEOUT = "55P03"
"""SQLSTATE of who waited for a lock for as long as it may."""
CONFLICTS = {"40001", "40P01"}
"""SQLSTATE of serialisation failures and deadlocks: PostgreSQL took one transaction back for the sake of another."""

_limits: Mapping[str, str] = {}

P = ParamSpec("P")
T = TypeVar("T")


def limit_command(name: str) -> None:
    """Set the limits of a management command for every transaction of this process from now on."""
    global _limits
    _limits = OWN_LIMITS.get(name, COMMAND_TIMEOUTS)


def limits() -> Mapping[str, str]:
    """Settings that each transaction of this process applies; empty where the limits of pages hold."""
    return _limits


def limit_pages(using: str = "default", **kwargs: object) -> None:
    """Give the site's role the limits of pages, in this database alone, for every connection from now on.

    Receiver of ``post_migrate``: a role may set this for itself, so that migrating is the only step there is.
    """
    with connections[using].cursor() as cursor:
        name = connections[using].ops.quote_name(connections[using].settings_dict["NAME"])
        for setting, value in WEB_TIMEOUTS.items():
            cursor.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET {setting} = %s", [value])


def lock_rows(model: type[models.Model], keys: Iterable[Any]) -> None:
    """Keep others from writing some rows of a table until the transaction ends; rows that are gone are left out.

    Whoever writes several rows locks them by this first, in the order of their keys; of several tables, in the order of
    their names. Two who lock in the same order wait for each other, and never both.
    """
    ordered = keys if isinstance(keys, BitMap) else sorted(set(keys))
    for start in range(0, len(ordered), 10_000):
        rows = model._base_manager.select_for_update(no_key=True).filter(pk__in=list(ordered[start : start + 10_000]))
        for _key in rows.order_by("pk").values_list("pk", flat=True):
            pass


def retried(call: Callable[P, T]) -> Callable[P, T]:
    """Retry decorator for one transaction, or for several that leave nothing when they fail: runs it once more where
    PostgreSQL rolled it back because of another transaction.

    Within a transaction of the caller it is the caller's to repeat. What it is given must be readable twice.
    """

    @wraps(call)
    def twice(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except OperationalError as error:
            if connection.in_atomic_block or state_of(error) not in CONFLICTS:
                raise
        return call(*args, **kwargs)

    return twice


def state_of(error: Error) -> str:
    """PostgreSQL's code (SQLSTATE) of an error; empty where it said none, since the connection was lost."""
    return getattr(error.__cause__, "pgcode", None) or ""
