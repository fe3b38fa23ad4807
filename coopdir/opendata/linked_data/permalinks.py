"""Permanent addresses: `/id/A12` names a record for ever, in no language and without a name in it.

It is what linked data, feeds and citations call a record. A browser is led on to the record's page in its reader's
language; who asks for Turtle gets that (Cool URIs for the Semantic Web, W3C 2008: 303 See Other).
"""

import re
from collections.abc import Callable
from functools import wraps

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override
from django.views.decorators.http import require_safe

from core.addresses import absolute, view_of
from core.languages import known_language
from core.lists.availability import availability, gone_response, moved
from networks.querysets import networks, support_bodies
from partnerships.querysets import agreements, countries, organisations, towns
from partnerships.territory_querysets import territories

_QUERYSETS_BY_LETTER: dict[str, Callable[[], QuerySet]] = {
    "A": lambda: agreements().with_parties().prefetch_related("sources"),
    "T": lambda: towns().select_related("country", "territory").prefetch_related("names", "sources"),
    "O": lambda: organisations().select_related("country", "seat").prefetch_related("names", "sources"),
    "N": lambda: networks().select_related("country").prefetch_related("names", "sources"),
    "B": lambda: support_bodies().prefetch_related("territories", "sources"),
}
"""The records with a page of their own by the letter of their reference, with what is told of them."""
TURTLE = "text/turtle"
_ViewFunction = Callable[..., HttpResponseBase]


class SeeOther(HttpResponseRedirect):
    """303 See Other: the address names a thing, not a document; one about it is elsewhere."""

    status_code = 303


def code_of(record: Model) -> str:
    """The language-free name of a record: its reference, or the code of a country or territory."""
    return getattr(record, "reference", None) or str(record.pk)


def permalink(record: Model) -> str:
    """The permanent address of a record."""
    return absolute(reverse("record", args=[code_of(record)]))


def find_record(code: str) -> Model:
    """The record with a reference or code, public or not. `Http404` without one."""
    code = code.upper()
    if re.fullmatch(r"[ATONB][0-9]{1,15}", code):
        found = _QUERYSETS_BY_LETTER[code[0]]().select_related("merged_into").filter(reference=code).first()
    elif re.fullmatch(r"[A-Z]{2}", code):
        found = countries().filter(pk=code).first()
    elif re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,7}", code):
        found = territories().select_related("country", "successor").filter(pk=code).first()
    else:
        found = None
    if not isinstance(found, Model):
        raise Http404
    return found


def page_path(record: Model) -> str:
    """The path of the page of a record, in the active language."""
    kind = record._meta.model_name
    argument = getattr(record, "address", None) or (record.pk.lower() if kind == "country" else record.pk)
    return reverse(kind, args=[argument])


def of_record(view: _ViewFunction) -> Callable[..., HttpResponseBase]:
    """Decorator for views of a public record that its address names by ``code``: redirects a merged record to its
    replacement, answers 410 for a withdrawn one, and 404 for one that is not public."""

    @wraps(view)
    def found(request: HttpRequest, code: str, **more: object) -> HttpResponseBase:
        record, status = availability(find_record(code))
        if status == 404:
            raise Http404
        if status == 410:
            return gone_response(request, record)
        if status == 301:
            return moved(request, reverse(view_of(request), kwargs=more | {"code": code_of(record)}))
        return view(request, record, **more)

    return found


@require_safe
@of_record
def record(request: HttpRequest, found: Model) -> HttpResponse:
    """`/id/<code>`: redirect to the description of a record, in the form that is asked for (content negotiation)."""
    if request.get_preferred_type(["text/html", TURTLE]) == TURTLE:
        response = SeeOther(reverse("record_turtle", args=[code_of(found)]))
    else:
        with override(known_language(get_language_from_request(request))):
            response = SeeOther(page_path(found))
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response
