"""Limits of how often something may be tried: by the visitor's address, by account, and for the whole site in a day.

They are counted in the shared cache by ``allauth.core.ratelimit``; the rates stand in ``ACCOUNT_RATE_LIMITS``.
"""

import time
from collections.abc import Callable, Iterator

from allauth.account import app_settings
from allauth.core.internal.ratelimit import RateLimitUsage, get_cache_key, get_ip, get_rates
from allauth.core.internal.ratelimit import consume as _consume
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase

APP = "allauth.account"
"""Application of allauth whose rates are read."""
SITE_DAY, SITE_KINDS = "site_day", ("propose", "reset_password")
"""The limit of a day for the whole site, and what it is kept for."""
_RETRY_SECONDS = 60
"""Seconds after which to come back where it is not known which limit was reached."""


def address_key(request: HttpRequest) -> str:
    """Throttle key of a visitor's address: an IPv4 address as it is, an IPv6 address as its /64, which is the network
    of one connection. Behind proxies it is the address that the last of ours has seen (``TRUSTED_PROXIES``)."""
    key: str = get_ip(request)
    return key


def consume(request: HttpRequest, action: str, key: str) -> RateLimitUsage | None:
    """Count a try; None if there were too many. What should not have counted is taken back by ``rollback()``."""
    return _consume(request, app=APP, action=action, key=key)


def site_takes(request: HttpRequest, kind: str, *, count: bool = True) -> bool:
    """True if the whole site may take one more of a kind (“propose”, “reset_password”) today from people without an
    account; `count` it, if so. Addresses are cheap, so a limit for each of them is none for all."""
    return bool(_consume(request, app=APP, action=SITE_DAY, key=kind, dry_run=not count))


class RetryAfterMiddleware:
    """Middleware: adds ``Retry-After`` to every answer 429, whoever made it; stands before all others that make one.
    What says so itself is left as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", str(wait_of(request)))
        return response


def wait_of(request: HttpRequest) -> int:
    """Seconds until a visitor who was turned away may try again: the shortest of those of the limits that they, or the
    whole site, have reached."""
    waits = [wait for action in app_settings.RATE_LIMITS if (wait := max(_waits(request, action), default=0)) > 0]
    return int(min(waits, default=_RETRY_SECONDS - 1)) + 1


def _waits(request: HttpRequest, action: str) -> Iterator[float]:
    """Seconds until each limit of an action that is reached lets one more through; those of a key that only who
    counted it knows are left out."""
    user = getattr(request, "user", None)
    for rate in get_rates(app=APP, action=action):
        if rate.per == "user" and not (user and user.is_authenticated):
            continue
        keys = (None,) if rate.per != "key" else SITE_KINDS if action == SITE_DAY else ()
        for key in keys:
            tries = cache.get(get_cache_key(request, app=APP, action=action, rate=rate, key=key, user=user), [])
            if 0 < rate.amount <= len(tries):
                yield tries[rate.amount - 1] + rate.duration - time.time()  # the newest come first
