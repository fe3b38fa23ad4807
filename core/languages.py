"""Language middleware: chooses the language of an answer."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language


class LanguageMiddleware(LocaleMiddleware):
    """Django's `LocaleMiddleware`, without its redirect to a language prefix for a 404 of an address that exists
    outside the languages, such as the file of a record that does not exist."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 404 and request.resolver_match is not None:
            patch_vary_headers(response, ("Accept-Language",))
            response.headers.setdefault("Content-Language", get_language())
            return response
        return super().process_response(request, response)
