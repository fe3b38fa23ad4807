"""Errors for machines: RFC 9457 (“problem details”), in words that say what is wrong, where, and what is right."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse


def problem(
    status: int, detail: str = "", *, title: str = "", errors: Sequence[str | dict[str, Any]] = (), **more: object
) -> JsonResponse:
    """An answer with `status`: `title` is short and the same each time, `detail` tells of this one, `errors` of each
    fault. `code` and `description` say the same as these to clients of OGC API – Features 1.0, which has errors of its
    own (``exception.yaml``); from 1.1 on it takes RFC 9457 as it is."""
    content: dict[str, Any] = {"type": "about:blank", "title": title or HTTPStatus(status).phrase, "status": status}
    if detail or errors:
        content["detail"] = detail or " ".join(one if isinstance(one, str) else one["detail"] for one in errors)
    content["code"] = "".join(HTTPStatus(status).phrase.split())
    if "detail" in content:
        content["description"] = content["detail"]
    if errors:
        content["errors"] = [{"detail": one} if isinstance(one, str) else one for one in errors]
    return JsonResponse(
        content | more,
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
