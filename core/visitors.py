"""What is known of a visitor before anything is read: whether a page may be shared with others."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest


def is_unknown(request: HttpRequest) -> bool:
    """Whether a request brings nothing that the site would know its sender by, or tell the sender of: no cookie that
    the site reads, and no credentials."""
    return "Authorization" not in request.headers and request.COOKIES.keys().isdisjoint(
        (
            settings.SESSION_COOKIE_NAME,
            settings.CSRF_COOKIE_NAME,
            settings.LANGUAGE_COOKIE_NAME,
            CookieStorage.cookie_name,
        )
    )
