"""Middleware for outages: a request that cannot be answered now gets 503 in words, with ``Retry-After``; and while some
wait to write, others can read."""

import errno
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from threading import BoundedSemaphore

from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError
from django.dispatch import receiver
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

from .caching import is_for_everybody
from .database.contention import CONFLICTS, LOCK_TIMEOUT, state_of
from .errors import PROGRAMS
from .lists.problem_json import problem

logger = logging.getLogger(__name__)

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
MAX_WRITERS = 6
"""Requests that may write at the same time in a process. gunicorn has more threads than these, or nobody could read
while all of them wait for one row."""
MOST_MADE = 300
"""Seconds that may be spent on making what is streamed; how long it takes to be read does not count."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)

LOCKED, SLOW, LOST, BUSY, FULL = "locked", "slow", "lost", "busy", "full"
RETRY_AFTER = {LOCKED: 5, SLOW: 30, LOST: 30, BUSY: 5, FULL: 600}
"""Seconds."""


def trouble_of(error: BaseException | None) -> str:
    """Kind of trouble that an exception stands for: `LOCKED`, `SLOW`, `LOST`, `FULL`; empty if it is none of these."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return FULL
    while error is not None and not isinstance(error, DatabaseError | InterfaceError):
        error = error.__cause__
    if error is None:
        return ""
    state = state_of(error)
    if state == LOCK_TIMEOUT or state in CONFLICTS:
        return LOCKED
    if state == "57014":  # statement_timeout
        return SLOW
    lost = not state and type(error).__name__ in ("OperationalError", "InterfaceError")
    # Connections, resources, an operator at work, a server that is for reading, a transaction that slept.
    return LOST if lost or state[:2] in ("08", "53", "57") or state in ("25006", "25P03") else ""


@receiver(got_request_exception, dispatch_uid="unavailable")
def note_trouble(request: HttpRequest | None = None, **kwargs: object) -> None:
    """Remember why a request is about to be answered with 500, wherever it failed."""
    if request is not None and (trouble := trouble_of(sys.exc_info()[1])):
        vars(request)["trouble"] = trouble


class UnavailableMiddleware:
    """Middleware, before all that asks the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.writers = BoundedSemaphore(MAX_WRITERS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in SAFE:
            return self.answered(request)
        if not self.writers.acquire(blocking=False):
            return unavailable(request, BUSY)
        try:
            return self.answered(request)
        finally:
            self.writers.release()

    def answered(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, or the reason why there is none now."""
        response = self.get_response(request)
        if response.status_code == 500 and (trouble := getattr(request, "trouble", "")):
            return unavailable(request, trouble)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            if isinstance(response.streaming_content, AsyncIterator):
                raise TypeError("An answer here is streamed by a synchronous iterator.")
            response.streaming_content = made_in_time(response.streaming_content)
        return response


def made_in_time(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Pass the parts of a streamed body on as they are made, for no longer than `MOST_MADE` seconds of making. What is
    cut then breaks off, so that nobody takes it for whole."""
    source, spent = iter(parts), 0.0
    try:
        while True:
            began = time.monotonic()
            try:
                part = next(source)
            except StopIteration:
                return
            spent += time.monotonic() - began
            if spent > MOST_MADE:
                raise TimeoutError(f"It took more than {MOST_MADE} seconds to make.")
            yield part
    finally:
        if close := getattr(parts, "close", None):
            close()


def trouble_message(request: HttpRequest, trouble: str) -> str:
    """Message about the trouble and its remedy, in the active language."""
    told = {
        LOCKED: _("Somebody else is writing the same record right now, perhaps an import."),
        SLOW: _("This takes longer than a page may. Ask for less, or come back when fewer people do."),
        LOST: _("The directory cannot reach its data right now."),
        BUSY: _("Many people are writing right now."),
        FULL: _("The server has no room left for files."),
    }[trouble]
    if request.method in SAFE:
        again = _("Please load this page again in a moment.")
    else:
        again = _(
            "Nothing was stored. Load this page again in a moment: your browser sends once more what you entered."
        )
    return f"{told} {again}"


def unavailable(request: HttpRequest, trouble: str) -> HttpResponse:
    """The answer 503. It reads neither session nor database, which may be what fails."""
    language = get_language_from_request(request, check_path=True)
    logger.warning("Unavailable (%s): %s %s", trouble, request.method, request.path)
    with override(language):
        detail = trouble_message(request, trouble)
        if PROGRAMS.match(request.path):
            response: HttpResponse = problem(503, detail)
        else:
            response = HttpResponse(render_to_string("503.html", {"detail": detail}), status=503)
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = str(RETRY_AFTER[trouble])
    if trouble in (LOST, SLOW) and "X-Kept-Pages" in request.headers and is_for_everybody(request):
        response["X-Accel-Redirect"] = "@kept"  # deploy/nginx.conf: an older copy, or else this answer
    return response
