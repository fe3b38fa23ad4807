"""Fair shares: how many calls somebody may make in a while, counted in the shared cache.

Headers of every answer tell how it stands (``RateLimit-Limit``, ``RateLimit-Remaining``, ``RateLimit-Reset``; the names
of draft-ietf-httpapi-ratelimit-headers); who asks for too much is told when to come back (``Retry-After``).
"""

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
    now = time.time()
    window, passed = divmod(now, WINDOW)
    key = f"calls:{who}:{window:.0f}"
    used = (cache.get(key) or 0) + 1  # two at once may count as one: nobody is turned away for that
    cache.set(key, used, 2 * WINDOW)
    return Share(BY_TOKEN if token else ANYBODY, used, max(1, round(WINDOW - passed)))
