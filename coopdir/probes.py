"""What machines ask before they send visitors: does the process live, and can it serve?

Both answers are plain JSON, without cookies and outside the languages. They say what fails, never why: the reason is
for the log.
"""

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


class NotReady(Exception):
    """The site cannot serve yet; the message says why, for the log."""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(f"{len(missing)} migrations are not applied, {missing[0][0]} first")


def _storage() -> None:
    """A disk that is full, or mounted for reading only, is found by writing alone."""
    default_storage.delete(default_storage.save("readyz", ContentFile(b"written")))


def _cache() -> None:
    cache.get("readyz")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    "cache": _cache,
}


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """The process lives and answers; whether anything else does is not asked."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether the site can serve: 200, or 503 where one of the named checks fails."""
    found = {name: _holds(name, check) for name, check in CHECKS.items()}
    holds = all(found.values())
    return JsonResponse({"ready": holds, "checks": found}, status=200 if holds else 503)


def _holds(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # whatever it is, the site is not ready
        logger.warning("Not ready: %s: %s", name, error)
        return False
    return True
