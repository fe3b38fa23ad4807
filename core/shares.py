"""Fair shares of the site's processors: what an address or a token may use in a minute by files, feeds, maps, the
API and the OGC API, and how many long answers an address may be sent at once. Pages for people are not counted.

Counted is work (`core.work`), not calls: a program that takes a list in a thousand small pages is as welcome as one
that takes it in ten. How a share stands is told by the headers of every answer (``RateLimit-Limit``, ``-Remaining``,
``-Reset``; the names of draft-ietf-httpapi-ratelimit-headers, in seconds of work); who has used it up is answered with
429, in words, and told when to come back (``Retry-After``).
"""

import logging
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from time import time

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

from core import work
from core.addresses import absolute
from core.errors import PROGRAMS
from core.languages import language_pattern
from core.lists.problem_json import problem
from core.throttles import address_key

logger = logging.getLogger(__name__)

WINDOW = 60
"""Seconds after which counting begins anew."""
ANYBODY, BY_TOKEN = 40, 80
"""Seconds of work in that time: of an address on the net (a loop that asks as fast as it is answered takes most of one
processor), and of a token."""
_MAX_CONCURRENT = 2
"""Long answers that an address may be sent at the same time."""
SHORT_ANSWER_BYTES = 64 * 1024
"""Bytes: an answer that ends within them is none of those."""
RETRY_SECONDS = 10
"""Seconds after which to ask again for a long answer."""
STREAMS = 0x73747265
"""Class of the advisory locks of long answers: they end with the connection of the thread that sends, so a process that
dies leaves none behind."""

METERED_PATHS = re.compile(rf"/(?!(?:{language_pattern()}|static|documents|account)/|healthz$|readyz$|robots\.txt$)")
"""Paths that are counted: all that lie outside the languages, but for what is cheap or made for few."""


@dataclass(frozen=True)
class Share:
    """Share of an address or token: seconds of work that it may use, those used, and the seconds until it restarts."""

    limit: int
    used: float
    reset: int

    @property
    def exceeded(self) -> bool:
        """True if the share is used up."""
        return self.used >= self.limit

    @property
    def words(self) -> str:
        """Message for a client that has used up its share."""
        return _(
            "What you asked for in the last minute took more than %(limit)s seconds of this site’s processors. Come "
            "back in %(seconds)s seconds, or take the whole directory at once, as a file: %(address)s"
        ) % {"limit": self.limit, "seconds": self.reset, "address": absolute(reverse("data"))}

    def tell(self, response: HttpResponseBase) -> None:
        """Add the headers of the share to an answer."""
        response["RateLimit-Limit"] = str(self.limit)
        response["RateLimit-Remaining"] = str(max(int(self.limit - self.used), 0))
        response["RateLimit-Reset"] = str(self.reset)
        response["RateLimit-Policy"] = f"{self.limit};w={WINDOW}"
        if self.exceeded:
            response.headers.setdefault("Retry-After", str(self.reset))


class Costs:
    """Work counters in seconds, by client: each process shares its own through the shared cache now and then.

    To tell of each call would be a transaction a call, which takes longer than most answers. Nobody is turned away too
    early by that, and some a little late.
    """

    EVERY = 0.5
    """Seconds of work that a process keeps to itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Reset the counters; for tests."""
        self._window = -1
        self._known: dict[str, float] = {}
        self._own: dict[str, float] = {}

    def add(self, who: str, window: int, seconds: float) -> float:
        """Count some work; tells how much there was in the window."""
        with self._lock:
            if window != self._window:
                self.forget()
                self._window = window
            key = f"work:{who}:{window}"
            if key not in self._known:
                self._known[key] = cache.get(key) or 0.0
            self._own[key] = self._own.get(key, 0.0) + seconds
            if self._own[key] >= self.EVERY:
                self._known[key] = (cache.get(key) or 0.0) + self._own.pop(key)
                cache.set(key, self._known[key], 2 * WINDOW)
            return self._known[key] + self._own.get(key, 0.0)


_costs = Costs()


def share_of(who: str, seconds: float = 0.0) -> Share:
    """Share of an address or a token (`of_token`), after some work was counted."""
    window, passed = divmod(time(), WINDOW)
    used = _costs.add(who, round(window), seconds)
    limit = BY_TOKEN if who.startswith("token-") else ANYBODY
    return Share(limit, used, max(1, round(WINDOW - passed)))


def of_token(key: int) -> str:
    """Key under which a token's calls are counted."""
    return f"token-{key}"


def reset_shares() -> None:
    """Reset the counters; for tests."""
    cache.clear()
    _costs.forget()


class MeteredRequest(HttpRequest):
    """A request whose work is counted."""

    share_of: str


class SharesMiddleware:
    """Fair share middleware: counts work, refuses a client that has used up its share (429), and sends at most two long
    answers at a time to an address.

    Calls of the API are turned away by its views, which know whose token it is (``request.share_of``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: MeteredRequest) -> HttpResponseBase:
        if not METERED_PATHS.match(request.path):
            return self.get_response(request)
        request.share_of = address_key(request)
        response: HttpResponseBase
        if not request.path.startswith(("/api/", "/ogc/")) and (share := share_of(request.share_of)).exceeded:
            with override(get_language_from_request(request)):
                response = too_many_requests(request, share.words)
        else:
            begun = work.done()
            response = self.get_response(request)
            share = share_of(request.share_of, work.done() - begun)
            if isinstance(response, StreamingHttpResponse):
                response = streamed(request, response)
        share.tell(response)
        return response


def too_many_requests(request: HttpRequest, words: str) -> HttpResponse:
    """429 response to a client that has used up its share."""
    if PROGRAMS.match(request.path):
        return problem(429, words)
    return HttpResponse(f"{words}\n", status=429, content_type="text/plain; charset=utf-8")


def streamed(request: MeteredRequest, response: StreamingHttpResponse) -> HttpResponseBase:
    """Streamed answer: its work is counted while it is made, and a long one needs a place."""
    if request.method == "HEAD":
        response.streaming_content = ()
        return response
    if getattr(response, "file_to_stream", None) is not None:  # the server sends it by itself
        is_long = int(response.headers.get("Content-Length", SHORT_ANSWER_BYTES + 1)) > SHORT_ANSWER_BYTES
    else:
        pieces = _counted(_made(response), request.share_of)
        first, size = [], 0
        for piece in pieces:
            first.append(piece)
            size += len(piece)
            if size > SHORT_ANSWER_BYTES:
                break
        response.streaming_content = chain(first, pieces)
        is_long = size > SHORT_ANSWER_BYTES
    if is_long:
        held = _hold(address_key(request))
        if held is None:
            response.close()
            with override(get_language_from_request(request)):
                told = _("Your address is being sent %(number)s long files already. Ask again when one has come.")
                refusal = too_many_requests(request, told % {"number": _MAX_CONCURRENT})
            refusal["Retry-After"] = str(RETRY_SECONDS)
            return refusal
        response._resource_closers.append(held)  # type: ignore[attr-defined]  # what Django closes files by
    return response


def _made(response: StreamingHttpResponse) -> Iterable[bytes]:
    """The pieces of an answer, which no view here makes asynchronously."""
    pieces = response.streaming_content
    if isinstance(pieces, AsyncIterator):
        raise TypeError("An answer here is streamed by a synchronous iterator.")
    return pieces


def _counted(pieces: Iterable[bytes], who: str) -> Iterator[bytes]:
    """Pieces of an answer, the work of each counted as it is made."""
    begun = work.done()
    for piece in pieces:
        share_of(who, work.done() - begun)
        yield piece
        begun = work.done()
    share_of(who, work.done() - begun)


def _hold(address: str) -> Callable[[], None] | None:
    """Hold one of an address's places for long answers; gives what lets it go, None where all are held.

    Without a database to ask, nobody is turned away.
    """
    number = int(sha256(address.encode()).hexdigest()[:7], 16) * _MAX_CONCURRENT
    try:
        with connection.cursor() as cursor:
            for place in range(number, number + _MAX_CONCURRENT):
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [STREAMS, place])
                if cursor.fetchone()[0]:
                    return lambda: _let_go(place)
    except DatabaseError as error:
        logger.warning("Places for long answers cannot be counted: %s", error)
        return lambda: None
    return None


def _let_go(place: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [STREAMS, place])
    except DatabaseError as error:  # gone with the connection
        logger.warning("A place for a long answer went with its connection: %s", error)
