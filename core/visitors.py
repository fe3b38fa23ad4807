"""Anonymous visitors, recognised before anything is read: may a page be shared with others?"""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest


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
