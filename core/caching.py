"""Middleware: what browsers and proxies may keep of an answer (``Cache-Control``, RFC 9111)."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from core.languages import language_pattern

SHARED = "public, max-age=0, s-maxage=5, stale-if-error=86400"
"""Cache-Control of pages that are the same for every visitor without cookies: a proxy may give them to others for five
seconds, and for a day where the site does not answer. No browser keeps them, nor where they led to."""
TAKES_THE_PLACE = (200, 301, 404, 410)
"""Statuses of pages for everybody. What a proxy may not keep takes no page's place there: the page of a record that was
erased, merged or withdrawn would still be given to whoever comes while it is being renewed."""
CACHED_PATHS = re.compile(
    rf"/({language_pattern()})/((about|accessibility|agreements|changes|countries|data|embed|links|map|milestones|networks"
    r"|organisations|privacy|search|statistics|support-bodies|territories|towns)/.*)?"
)
"""The paths of pages for everybody. Links that were mailed lie elsewhere: what is behind them is for one person."""
PERSONAL = re.compile(rf"/({language_pattern()}|documents|account)/")
"""The paths at which who is signed in is shown what is theirs. What lies elsewhere is the same for all."""


class CacheControlMiddleware:
    """Cache-control middleware: no answer made with a session is cached, neither on the browser's disk, through which
    the next person at the computer can page back, nor by a proxy on the way. So it is where an error came before
    anybody looked at the session. A proxy may give to others what is the same for all of them; everything else is for
    who asked, unless its view says otherwise.

    Whoever has a session is signed in, or on the way there. Stands before ``SessionMiddleware`` and all else that sets
    cookies: an answer that brings one is for one visitor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_signed_in(request):
            response["Cache-Control"] = "private, no-store"
        elif response.cookies:
            response["Cache-Control"] = "private, no-cache"
        elif not response.has_header("Cache-Control"):
            shared = response.status_code in TAKES_THE_PLACE and is_for_everybody(request)
            # A merge can be undone, and a name come back: no browser remembers a permanent redirect.
            alone = "no-cache" if response.status_code == HTTPStatus.MOVED_PERMANENTLY else "private"
            response["Cache-Control"] = SHARED if shared else alone
            if shared:
                patch_vary_headers(response, ["Cookie"])
        return response


def is_signed_in(request: HttpRequest) -> bool:
    """True if the answer is for somebody with a session, as far as that is known without reading it."""
    session = getattr(request, "session", None)
    if session is None:  # an error before there was one
        return settings.SESSION_COOKIE_NAME in request.COOKIES and PERSONAL.match(request.path_info) is not None
    return not session.is_empty() and (session.accessed or PERSONAL.match(request.path_info) is not None)


def is_for_everybody(request: HttpRequest) -> bool:
    """True if a page that is the same for everybody is requested without a cookie or token."""
    return (
        request.method in ("GET", "HEAD")
        and not request.headers.get("Cookie")
        and "Authorization" not in request.headers
        and CACHED_PATHS.fullmatch(request.path_info) is not None
    )
