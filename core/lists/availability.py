"""Availability of a record at its address (200, 301, 404, 410): one rule for pages, files, the API and linked data."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.db.models import F, Model
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render

from core.history import events_of

from .json_records import survivor

M = TypeVar("M", bound=Model)


def availability(record: M, may_see: Callable[[M], bool] = lambda _record: False) -> tuple[M, HTTPStatus]:
    """The record at the end of the chain of merges, and how it is answered for: it is there (200), it took the place of
    the one that was asked for (301), it was withdrawn (410). Where one of the two is not known to everybody, nor to who
    asks, it is as if neither were there (404). What has no publication is public.
    """
    last = survivor(record)
    if not all(getattr(one, "known_to_all", True) or may_see(one) for one in (record, last)):
        return record, HTTPStatus.NOT_FOUND
    if getattr(last, "publication", "published") == "withdrawn":
        return last, HTTPStatus.GONE
    return last, HTTPStatus.OK if last == record else HTTPStatus.MOVED_PERMANENTLY


def moved(request: HttpRequest, path: str) -> HttpResponse:
    """Permanent redirect (301), with the query of the request; `CacheControlMiddleware` has no browser keep it."""
    query = request.GET.urlencode()
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)


def gone_response(request: HttpRequest, record: Model) -> HttpResponse:
    """The page in the place of a record that was withdrawn: when, with the reason, and the way to its history."""
    context = {"record": record, "withdrawal": withdrawal_of(record)}
    return render(request, "gone.html", context, status=HTTPStatus.GONE)


def withdrawal_of(record: Model) -> dict[str, Any] | None:
    """Time and reason (`at`, `reason`) of a record's withdrawal, by the last change of its history that gives them.
    What was said before it was public is left out."""
    unpublished = record.serializable_value("published_at") is None
    events = events_of(type(record)).filter(
        pgh_obj=record.pk, publication="withdrawn", published_at__isnull=unpublished
    )
    found = events.values(at=F("pgh_created_at"), said=F("pgh_context__metadata")).order_by("pgh_id")
    last = found.filter(pgh_context__metadata__has_key="reason").last() or found.last()
    return last and {"at": last["at"], "reason": (last["said"] or {}).get("reason", "")}
