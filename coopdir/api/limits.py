"""Fair shares: how many calls somebody may make in a while, counted in the shared cache.

Headers of every answer tell how it stands (``RateLimit-Limit``, ``RateLimit-Remaining``, ``RateLimit-Reset``; the names
of draft-ietf-httpapi-ratelimit-headers); who asks for too much is told when to come back (``Retry-After``).
"""

import threading
import time
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase

WINDOW = 60
"""Seconds after which counting begins anew."""
ANYBODY, BY_TOKEN = 240, 600
"""Calls in that time: of an address on the net, and of a token."""


@dataclass(frozen=True)
class Share:
    """How somebody's share stands."""

    limit: int
    used: int
    reset: int

    @property
    def exceeded(self) -> bool:
        """Whether it is used up."""
        return self.used > self.limit

    def tell(self, response: HttpResponseBase) -> None:
        """Say in an answer how it stands."""
        response["RateLimit-Limit"] = str(self.limit)
        response["RateLimit-Remaining"] = str(max(self.limit - self.used, 0))
        response["RateLimit-Reset"] = str(self.reset)
        response["RateLimit-Policy"] = f"{self.limit};w={WINDOW}"
        if self.exceeded:
            response["Retry-After"] = str(self.reset)


def counted(request: HttpRequest, token: int | None = None) -> Share:
    """Count a call, and tell how the share of who makes it stands."""
    who = f"token-{token}" if token else get_adapter().get_client_ip(request)
    window, passed = divmod(time.time(), WINDOW)
    used = _calls.count(f"calls:{who}", round(window))
    return Share(BY_TOKEN if token else ANYBODY, used, max(1, round(WINDOW - passed)))


class Calls:
    """Calls by who makes them: each process tells the others in the shared cache of every few.

    To tell of each one would be a transaction a call, which takes longer than most answers. Nobody is turned away too
    early by that, and a few calls too late.
    """

    EVERY = 10

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew; for tests."""
        self._window = -1
        self._known: dict[str, int] = {}
        self._own: dict[str, int] = {}

    def count(self, who: str, window: int) -> int:
        """Count a call; tells how many there were in the window."""
        with self._lock:
            if window != self._window:
                self.forget()
                self._window = window
            key = f"{who}:{window}"
            if key not in self._known:
                self._known[key] = cache.get(key) or 0
            self._own[key] = self._own.get(key, 0) + 1
            if self._own[key] >= self.EVERY:
                self._known[key] = (cache.get(key) or 0) + self._own.pop(key)
                cache.set(key, self._known[key], 2 * WINDOW)
            return self._known[key] + self._own.get(key, 0)


_calls = Calls()


def forget() -> None:
    """Let counting begin anew; for tests."""
    cache.clear()
    _calls.forget()
