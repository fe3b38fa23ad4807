"""Health checks for machines: does the process live, can it serve, and is what works beside it up to date?

The answers are plain JSON, without cookies and outside the languages. They say what fails, never why: the reason is
for the log.
"""

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult

from core.backups import last_made_at
from core.storage import folders
from partnerships.mail.outbox import oldest_waiting

logger = logging.getLogger(__name__)


class NotReady(Exception):
    """Exception: the site cannot serve yet; the message gives the reason, for the log."""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(f"{len(missing)} migrations are not applied, {missing[0][0]} first")


def _storage() -> None:
    """Storage check: writes and deletes a file, since only that detects a disk that is full or read-only."""
    default_storage.delete(default_storage.save("readyz", ContentFile(b"written")))


def _folder(name: str) -> None:
    """Folder check: writes a temporary file; a folder that does not exist yet is judged by its nearest parent."""
    folder = folders()[name]
    while not folder.exists():
        folder = folder.parent
    with TemporaryFile(dir=folder) as file:
        file.write(b"written")


def _cache() -> None:
    # Ours hides what goes wrong; others say it.
    getattr(cache, "check", lambda: cache.get("readyz"))()


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    **{name: partial(_folder, name) for name in folders()},
    "cache": _cache,
}


def _oldest_waiting_task() -> datetime.datetime | None:
    waiting = DBTaskResult.objects.ready().order_by().aggregate(oldest=Min("enqueued_at"))
    oldest: datetime.datetime | None = waiting["oldest"]
    return oldest


@dataclass(frozen=True)
class Age:
    """Age check of a background process or backup: the time since it last worked, and the limit above which it is not
    well."""

    since: Callable[[], datetime.datetime | None]
    """Function that gives the time at which it began; None where there is nothing of the kind."""
    most: datetime.timedelta
    """The age above which somebody should look."""
    is_needed: bool = False
    """True if there should be one: a site without any is not well."""

    def told(self) -> dict[str, int | bool | None]:
        """The age in seconds, and whether that is well; an age that cannot be read is not well."""
        try:
            since = self.since()
        except DatabaseError as error:
            logger.warning("Its age cannot be told: %s", error)
            return {"seconds": None, "well": False}
        if since is None:
            return {"seconds": None, "well": not self.is_needed}
        age = timezone.now() - since
        return {"seconds": max(int(age.total_seconds()), 0), "well": age <= self.most}


AGES: dict[str, Age] = {
    "last_backup": Age(last_made_at, datetime.timedelta(hours=26), is_needed=True),
    "oldest_waiting_task": Age(_oldest_waiting_task, datetime.timedelta(hours=1)),
    "oldest_unsent_mail": Age(oldest_waiting, datetime.timedelta(hours=1)),
}


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """Liveness endpoint: the process lives and answers; nothing else is checked."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Readiness endpoint: 200, or 503 where one of the named checks fails.

    With `strict` in the query it is 503 also where something is too old: for who watches, not for who sends visitors,
    whom a site without a backup serves as well as any.
    """
    found = {name: _holds(name, check) for name, check in CHECKS.items()}
    ages = {name: age.told() for name, age in AGES.items()}
    holds = all(found.values())
    well = holds and ("strict" not in request.GET or all(age["well"] for age in ages.values()))
    return JsonResponse({"ready": holds, "checks": found, "ages": ages}, status=200 if well else 503)


def _holds(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # whatever it is, the site is not ready
        logger.warning("Not ready: %s: %s", name, error)
        return False
    return True
