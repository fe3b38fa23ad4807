"""The shared cache: PostgreSQL's, and never the reason why a request fails.

What lies in it is kept for speed, or counts how often something was tried. Where its table is missing, cannot be
written or takes too long, nothing is known of what was kept, limits let everybody through, and the log says so.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any, TypeVar

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router, transaction

logger = logging.getLogger(__name__)

T = TypeVar("T")


def _softly(failed: Callable[..., T]) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Decorator: the default result of a cache method where the database refuses; a transaction around it goes on."""

    def decorated(method: Callable[..., T]) -> Callable[..., T]:
        @wraps(method)
        def softly(self: "SoftDatabaseCache", *args: object, **kwargs: object) -> T:
            using = router.db_for_write(self.cache_model_class)
            inside = connections[using].in_atomic_block
            try:
                with transaction.atomic(using=using) if inside else nullcontext():
                    return method(self, *args, **kwargs)
            except DatabaseError as error:
                logger.warning("The shared cache failed: %s", error)
                return failed(*args, **kwargs)

        return softly

    return decorated


def _default(key: object, default: object = None, version: object = None) -> Any:
    return default


class SoftDatabaseCache(DatabaseCache):
    """Django's database cache, except that failures count as misses."""

    get = _softly(_default)(DatabaseCache.get)
    get_many = _softly(lambda *args, **kwargs: {})(DatabaseCache.get_many)
    set = _softly(lambda *args, **kwargs: None)(DatabaseCache.set)
    # Who adds a key waits until it can, or goes on because it was not there: both may go on.
    add = _softly(lambda *args, **kwargs: True)(DatabaseCache.add)
    touch = _softly(lambda *args, **kwargs: False)(DatabaseCache.touch)
    delete = _softly(lambda *args, **kwargs: False)(DatabaseCache.delete)
    delete_many = _softly(lambda *args, **kwargs: None)(DatabaseCache.delete_many)
    has_key = _softly(lambda *args, **kwargs: False)(DatabaseCache.has_key)

    def check(self) -> None:
        """Raise the error that the cache's database gives, for the readiness check."""
        DatabaseCache.get_many(self, ["readyz"])  # its `get` would come back to ours
