"""Middleware of open data: CORS headers, and Brotli compression.

Scripts of other sites may read what is open: files, the API and the OGC API; they may not write. What programs fetch
is sent in Brotli to those who take it: a fifth smaller than gzip, in the same time.
"""

import re
from collections.abc import Callable

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from core.lists.formats import FILE_FORMATS

OPEN = re.compile(
    r"/(api|ogc|data|id)(/|$)|/(?!(?:{})/)[^?]*\.({})$".format(
        "|".join(code for code, _name in settings.LANGUAGES), "|".join([*FILE_FORMATS, "atom", "ttl"])
    )
)
"""The paths that are open to all."""

SEEN = "ETag, Link, Data-Version, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After"
"""Headers that a script may read."""


class OpenToScripts:
    """CORS middleware: the headers of CORS (Fetch standard) for open paths. No cookie or token goes along."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not OPEN.match(request.path):
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response: HttpResponseBase = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response["Access-Control-Allow-Headers"] = "Accept, Accept-Language, If-None-Match"
            response["Access-Control-Max-Age"] = "86400"
        else:
            response = self.get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = SEEN
        return response


TAKEN = re.compile(r"(?:^|,)\s*br\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)")
"""An ``Accept-Encoding`` that names Brotli, and not with the weight of nothing (RFC 9110, 12.5.3)."""

_MIN_BYTES = 200
"""Bytes below which nothing is gained; Django's gzip has the same."""

QUALITY = 4
"""Quality level of Brotli: as quick as gzip at its usual level."""


class Brotli:
    """Middleware: answers of the open paths that are whole are compressed; files that are streamed are left to gzip."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not OPEN.match(request.path) or not isinstance(response, HttpResponse) or len(response.content) < _MIN_BYTES:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not response.has_header("Content-Encoding") and TAKEN.search(request.headers.get("Accept-Encoding", "")):
            response.content = brotli.compress(response.content, quality=QUALITY)
            response["Content-Length"] = str(len(response.content))
            response["Content-Encoding"] = "br"
        return response
