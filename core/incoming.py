"""Middleware that cleans what browsers send, before any view reads it: text in UTF-8, without characters that are no
text."""

import re
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict, UnreadablePostError
from django.utils.translation import gettext as _

from . import errors
from .text import clean

_OFFICER_PATHS = re.compile(r"/[a-z]+/(my|imports|admin|account)/")
"""The addresses whose parameters are cleaned too. Elsewhere filters word what is wrong with a value."""
SECRET = "password"  # noqa: S105 (a part of names)
"""Fields with this in their names hold what is not stored as text: it stays as it was typed."""
_FORM_CONTENT_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class CleanText:
    """Middleware: forms, the parameters of officers' addresses and cookies are text when views read them.

    A path with such characters names nothing (404); a body in another encoding than UTF-8 is refused (415), since its
    letters would be guessed. The API reads its own bodies (`coopdir.api.parsing`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.encoding and request.encoding.lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii"):
            # It may be none of text at all, and pages read the parameters of the address.
            request.encoding = None  # type: ignore[assignment]  # Django's own default
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                return errors.error_response(request, 415, _("Send text in UTF-8: no other encoding is read here."))
        _parameters = request.GET  # too many are refused here, not in the page that says what else is wrong
        cookies = request.COOKIES
        if any(clean(value) != value for value in cookies.values()):
            request.COOKIES = {name: value for name, value in cookies.items() if clean(value) == value}
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        """Clean the parameters once the view is known."""
        if clean(request.path_info) != request.path_info:
            raise Http404
        if _OFFICER_PATHS.match(request.path_info):
            _clean_parameters(request, "GET")
        if (
            request.content_type in _FORM_CONTENT_TYPES
            and request.method == "POST"
            and not getattr(view, "csrf_exempt", False)
        ):
            try:
                _clean_parameters(request, "POST")
            except UnreadablePostError:  # the sender has gone
                return errors.error_response(
                    request, 400, _("The form did not arrive whole. Please send it once more.")
                )
        return None


def _clean_parameters(request: HttpRequest, which: str) -> None:
    setattr(request, which, cleaned(getattr(request, which)))


def cleaned(given: QueryDict) -> QueryDict:
    """Parameters with their values as text."""
    pairs = [(name, value) for name, values in given.lists() for value in values]
    if all(clean(value) == value or SECRET in name for name, value in pairs):
        return given
    told = QueryDict(mutable=True)
    for name, value in pairs:
        told.appendlist(name, value if SECRET in name else clean(value))
    told._mutable = False
    return told
