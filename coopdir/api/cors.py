"""Scripts of other sites may read what is open: files, the API and the OGC API. They may not write."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core.lists.exports import FORMS

OPEN = re.compile(rf"/(api|ogc|data|id)(/|$)|/(?!en/|fr/)[^?]*\.({'|'.join([*FORMS, 'atom', 'ttl'])})$")
"""The paths that are open to all."""
SEEN = "ETag, Link, Data-Version, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After"
"""Headers that a script may read."""


class OpenToScripts:
    """Middleware: the headers of CORS (Fetch standard) on what is open. No cookie or token goes along."""

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
