"""What is told of a record by its address to who asks: one rule for pages, files, the API and linked data."""

from collections.abc import Callable
from http import HTTPStatus

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render

from .records import survivor


def availability(record: Model, may_see: Callable[[Model], bool] = lambda _record: False) -> tuple[Model, HTTPStatus]:
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
    """A permanent redirect, with the query that was asked with, that no browser remembers: a merge can be undone, and a
    name come back."""
    query = request.GET.urlencode()
    answer = HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
    answer["Cache-Control"] = "no-cache"
    return answer


def gone(request: HttpRequest, record: Model) -> HttpResponse:
    """The page in the place of a record that was withdrawn: with the reason, and the way to its history."""
    return render(request, "gone.html", {"record": record, "reason": reason_of(record)}, status=HTTPStatus.GONE)


def reason_of(record: Model) -> str:
    """Why a record was withdrawn: the ``reason`` in the history of its last change that gives one. One that was given
    before it was public is left out."""
    events = type(record).pgh_event_model.objects.filter(
        pgh_obj=record.pk,
        publication="withdrawn",
        published_at__isnull=record.published_at is None,
        pgh_context__metadata__has_key="reason",
    )
    return events.order_by("-pgh_id").values_list("pgh_context__metadata__reason", flat=True).first() or ""
