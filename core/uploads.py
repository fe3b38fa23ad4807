"""Upload middleware: request bodies that are too large are refused, and unread ones are drained."""

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_BLOCK_SIZE = 1 << 16
MOST_LEFT = settings.UPLOAD_LIMIT + 20_000_000
"""Bytes of a body that are taken in unread: more than a proxy in front lets through (``client_max_body_size``)."""

_FORM_BYTES = 2_500_000
"""Bytes of a form beside its files; as many as Django takes of a form without any."""


class UnreadBody:
    """Middleware: drains a body that was refused before it was read, before the answer is sent.

    A server that answers and closes the connection while something still comes in breaks it off (TCP RST), often before
    the other side has read the answer: a proxy then tells of a site that does not answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if int(request.META.get("CONTENT_LENGTH") or "0") <= MOST_LEFT:
            with suppress(OSError):  # whoever sends it has gone
                while request.read(_BLOCK_SIZE):
                    pass
        return response


class UploadLimit:
    """Middleware: status 413 for a body of more than `settings.UPLOAD_LIMIT` bytes.

    The length that the client tells is believed: Django reads no more than that of a body, and nothing of one without.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.content_type == "multipart/form-data" and int(length) > settings.UPLOAD_LIMIT + _FORM_BYTES:
            answer = render(request, "413.html", {"megabytes": settings.UPLOAD_LIMIT // 1_000_000}, status=413)
            answer["Connection"] = "close"  # or the rest of the body would be taken for the next request
            return answer
        return self.get_response(request)
