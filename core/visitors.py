"""Anonymous visitors, recognised before anything is read: may a page be shared with others?"""

from typing import Protocol

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


class _Asking(Protocol):
    """A request: Django's, or that of the REST framework."""

    @property
    def user(self) -> User | AnonymousUser:
        """User who asks, or nobody."""


def signed_in(request: _Asking) -> User:
    """User who has logged in. Raises ``PermissionDenied`` for a request of nobody."""
    user = request.user
    if isinstance(user, AnonymousUser):
        raise PermissionDenied
    return user


def is_unknown(request: HttpRequest) -> bool:
    """True if a request has no credentials and no cookie that the site reads, so that its sender is anonymous."""
    return "Authorization" not in request.headers and request.COOKIES.keys().isdisjoint(
        (
            settings.SESSION_COOKIE_NAME,
            settings.CSRF_COOKIE_NAME,
            settings.LANGUAGE_COOKIE_NAME,
            CookieStorage.cookie_name,
        )
    )
