"""Error pages and problem documents for what fails before or beside a view, in the form that was requested: a page in
the visitor's language, or a problem (RFC 9457) for programs. Nothing of the exception is told: it stands in the log.

Django calls the views below for what no view answered: ``handler400`` and the like in `coopdir.urls`.
"""

import re
from collections.abc import Callable
from inspect import getclosurevars, unwrap
from typing import Any

from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views import defaults

from core.languages import language_pattern
from core.lists.formats import FILE_FORMATS
from core.lists.problem_json import problem

PROGRAMS = re.compile(
    r"/(api|ogc)(/|$)|/(?!(?:{})/).*\.({})$".format(
        language_pattern(),
        "|".join(name for name, form in FILE_FORMATS.items() if not form.is_table),
    )
)
"""The paths that programs ask for: the API, the OGC API, and files of JSON."""

HEADINGS = {
    400: gettext_lazy("This cannot be read"),
    405: gettext_lazy("This address does not take that"),
    413: gettext_lazy("That is too much at once"),
    415: gettext_lazy("This cannot be read"),
}
DETAILS = {
    405: gettext_lazy("A page is opened by its link or sent by its form: go back, and take that way."),
    413: gettext_lazy("More was sent than this address takes. Shorten it, or send it in parts."),
}


def error_response(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """An error in words. It reads neither session nor database, which may be what fails."""
    detail = detail or str(DETAILS.get(status, ""))
    if PROGRAMS.match(request.path):
        return problem(status, detail)
    language = get_language_from_request(request, check_path=True)
    with override(language):
        context = {"status": status, "heading": HEADINGS[status], "detail": detail}
        response = HttpResponse(render_to_string("400.html", context), status=status)
    response["Content-Language"] = language
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 and 413: Django could not read the request, or would not."""
    with override(get_language_from_request(request, check_path=True)):
        match exception:
            case RequestDataTooBig():
                return error_response(request, 413)
            case TooManyFieldsSent() | TooManyFilesSent():
                return error_response(request, 413, _("No form of this site has so many fields."))
            case DisallowedHost():
                return error_response(request, 400, _("This site does not go by the name that was asked for."))
            case SuspiciousOperation():
                return error_response(request, 400, _("Something in it is not allowed. Go back, and try again."))
        return error_response(
            request, 400, _("What was sent is broken, or not in UTF-8. Go back, and send it once more.")
        )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if PROGRAMS.match(request.path):
        return problem(403, _("You have no mandate for this."))
    return defaults.permission_denied(_unchecked(request), exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if PROGRAMS.match(request.path):
        return problem(404, _("There is nothing at this address."))
    return defaults.page_not_found(_unchecked(request), exception)


def _unchecked(request: HttpRequest) -> HttpRequest:
    """Mark the request as CSRF-checked: otherwise Django's error views would read its body for the form's token, and
    fail where that is broken."""
    vars(request)["csrf_processing_done"] = True
    return request


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    with override(get_language_from_request(request, check_path=True)):
        if PROGRAMS.match(request.path):
            return problem(500, _("Something went wrong here, and has been noted. Try again in a while."))
        return defaults.server_error(_unchecked(request))


METHODS = ("GET", "HEAD", "OPTIONS", "POST")
"""HTTP methods that pages may take; the API alone knows more. Some of Django's pages take PUT for POST, and are not
let."""


def methods_of(view: Callable[..., HttpResponseBase]) -> list[str]:
    """HTTP methods, among `METHODS`, that a view takes; all of them, where it does not declare any."""
    if page := getattr(view, "view_class", None):
        declared = {name.upper() for name in page.http_method_names if hasattr(page, name)}
        return [name for name in METHODS if name in declared or (name == "HEAD" and "GET" in declared)]
    decorated = getclosurevars(unwrap(view, stop=_says_methods)).nonlocals
    return [name for name in METHODS if name in decorated.get("request_method_list", METHODS)]


def _says_methods(view: Any) -> bool:
    """True if Django's decorator `require_http_methods`, or one built on it, made the view."""
    return "request_method_list" in view.__code__.co_freevars


class MethodNotAllowedMiddleware:
    """Middleware for 405 (method not allowed): answers in words and with the allowed methods, before authentication and
    CSRF are checked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 405 or not isinstance(response, HttpResponse) or response.content:
            return response
        worded = error_response(request, 405)
        worded["Allow"] = response.get("Allow", "")
        return worded

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Check the method once the view is known. The API answers for itself."""
        if request.method in ("GET", "HEAD") or getattr(view, "csrf_exempt", False):
            return None
        taken = methods_of(view)
        return None if request.method in taken else HttpResponseNotAllowed(taken)
