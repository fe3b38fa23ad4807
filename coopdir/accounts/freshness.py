"""Recent authentication: has the user logged in or reauthenticated just now, and the redirect to reauthentication."""

import time

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from partnerships import permissions


def is_fresh(request: HttpRequest) -> bool:
    """True if the user has logged in or reauthenticated within allauth's `REAUTHENTICATION_TIMEOUT`: by the second
    factor, if they have one."""
    shown = get_authentication_records(request, request.user)
    if permissions.has_second_factor(request.user):
        shown = [record for record in shown if record["method"] == "mfa"]
    return any(time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in shown)


def show_again(request: HttpRequest) -> HttpResponse:
    """The way to show it, and back; what was sent is done after that.

    Who has neither password nor second factor here, but logs in at a provider, has to come from there anew.
    """
    methods = get_adapter().get_reauthentication_methods(request.user)
    if methods:
        answer: HttpResponse = suspend_request(request, methods[0]["url"])
        return answer
    logout(request)
    messages.info(request, _("Log in once more, please: so it is sure that it is you."))
    return redirect_to_login(request.path)
