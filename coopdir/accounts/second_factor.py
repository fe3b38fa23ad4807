"""Second-factor middleware: redirects users without a required second factor to the page where one is set up."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from partnerships import permissions


class SecondFactorMiddleware:
    """Second-factor middleware: a user refused for lack of the second factor that their role requires is redirected to
    set it up.

    Rights of the role are withheld by ``permissions``, wherever they are checked; this is only the redirect. A script
    (recognised by ``Sec-Fetch-Mode``) gets the 403 as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django's hook."""
        by_hand = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        if not isinstance(exception, PermissionDenied) or not by_hand:
            return None
        if not permissions.lacks_second_factor(request.user):
            return None
        messages.warning(request, _("Your role asks for a second step at login: set one up first, please."))
        return redirect("mfa_index")
