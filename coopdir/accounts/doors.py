"""Who has to show a second factor before going on."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from partnerships import permissions

GUARDED = frozenset({"my", "imports", "admin"})
"""The first words of the addresses, behind the language, under which one writes."""

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def lacks_second_factor(user: User | AnonymousUser) -> bool:
    """Whether one of the user's roles asks for a second factor (``MFA_REQUIRED_ROLES``) and there is none."""
    if not settings.MFA_REQUIRED_ROLES or settings.MFA_REQUIRED_ROLES.isdisjoint(permissions.roles_of(user)):
        return False
    return not Authenticator.objects.filter(user=user.pk, type__in=SECOND_FACTORS).exists()


def is_guarded(path: str) -> bool:
    """Whether an address leads to where one writes."""
    words = path.strip("/").split("/")
    if words[0] in dict(settings.LANGUAGES):
        del words[0]
    return bool(words) and words[0] in GUARDED


class SecondFactorMiddleware:
    """Leads who has to set up a second factor to the page where that is done, whatever they wanted to write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_guarded(request.path_info) and lacks_second_factor(request.user):
            messages.warning(request, _("Your role asks for a second step at login: set one up first, please."))
            return redirect("mfa_index")
        return self.get_response(request)
