"""ETags, and the answers to conditional requests (RFC 9110, sections 8.8.3 and 13): “304 Not Modified” to a caller who
has the answer already, “412 Precondition Failed” to one who began with another one.

A strong ETag is of the bytes as they are sent; a weak one is of what they say, however they travel or are spelled.
"""

import re
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

REVALIDATE = "no-cache"
"""Cache-Control of an answer that may be kept, and is asked for each time whether it still holds."""

ANY_ETAG = "*"
"""Value of ``If-Match`` that names no ETag and lets every one match."""

_IN_A_LIST = re.compile(r'(?:W/)?(?:"([^"]+)"|([^\s,"]+))')
"""Pattern of an ETag in a list of them: what stands within quotes, or without any."""


def content_digest(content: bytes) -> str:
    """Text that stands for a content in its ETag."""
    return sha256(content).hexdigest()[:32]


def strong_etag(digest: str) -> str:
    """ETag of an answer whose bytes have a digest."""
    return quote_etag(digest)


def weak_etag(digest: str) -> str:
    """ETag of all answers that say the same."""
    return f"W/{quote_etag(digest)}"


def not_modified(request: HttpRequest, etag: str, cache_control: str = REVALIDATE) -> HttpResponse | None:
    """304 response to a caller who has the answer with this ETag, before it is made; None for all others."""
    unmade = HttpResponse(headers={"ETag": etag, "Cache-Control": cache_control})
    response = get_conditional_response(request, etag=etag, response=unmade)
    return None if response is unmade else response


def conditional_response(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    """The answer with its ETag, or 304 to a caller who has it."""
    response["ETag"] = etag
    response.headers.setdefault("Cache-Control", REVALIDATE)
    return get_conditional_response(request, etag=etag, response=response) or response


def if_match(request: HttpRequest) -> list[str]:
    """ETags of the content that a caller began with (``If-Match``), as strong ones: what is packed on its way comes
    with a weak one. Some programs leave out the quotes. ``*``, `ANY_ETAG`, stands for whatever is there (RFC 9110,
    section 13.1.1)."""
    given = _IN_A_LIST.findall(request.headers.get("If-Match", ""))
    return [bare if bare == ANY_ETAG else quote_etag(quoted or bare) for quoted, bare in given]
