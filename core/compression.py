"""Middleware: Brotli compression of open data.

What programs fetch is sent in Brotli to those who take it: a fifth smaller than gzip, in the same time.
"""

import re
from collections.abc import Callable

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

TAKEN = re.compile(r"(?:^|,)\s*br\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)")
"""An ``Accept-Encoding`` that names Brotli, and not with the weight of nothing (RFC 9110, 12.5.3)."""

_MIN_BYTES = 200
"""Bytes below which nothing is gained; Django's gzip has the same."""

QUALITY = 4
"""Quality level of Brotli: as quick as gzip at its usual level."""


class Brotli:
    """Middleware: answers of open data that are whole are compressed; files that are streamed are left to gzip."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.open_paths = re.compile(settings.CORS_URLS_REGEX)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or len(response.content) < _MIN_BYTES:
            return response
        if not self.open_paths.match(request.path):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not response.has_header("Content-Encoding") and TAKEN.search(request.headers.get("Accept-Encoding", "")):
            response.content = brotli.compress(response.content, quality=QUALITY)
            response["Content-Length"] = str(len(response.content))
            response["Content-Encoding"] = "br"
        return response
