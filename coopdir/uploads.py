"""Middleware: a form with files that is larger than the site takes is refused before its body is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

BESIDE = 2_500_000
"""Bytes of a form beside its files; as many as Django takes of a form without any."""


class UploadLimit:
    """Middleware: status 413 for a body of more than `settings.UPLOAD_LIMIT` bytes.

    The length that the client tells is believed: Django reads no more than that of a body, and nothing of one without.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.content_type == "multipart/form-data" and int(length) > settings.UPLOAD_LIMIT + BESIDE:
            answer = render(request, "413.html", {"megabytes": settings.UPLOAD_LIMIT // 1_000_000}, status=413)
            answer["Connection"] = "close"  # or the rest of the body would be taken for the next request
            return answer
        return self.get_response(request)
