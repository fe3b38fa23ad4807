"""Languages of the site: which there are, and the middleware that chooses that of an answer."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language


def language_pattern() -> str:
    """Regular expression of the languages' codes, as they begin the paths of pages."""
    return "|".join(code for code, _name in settings.LANGUAGES)


def known_language(code: str) -> str:
    """The code of a language, or that of the site's first language where it has none of that code."""
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def column_language(column: str) -> str:
    """The language of a translated column (``name_fr``), empty for others."""
    code = column.rpartition("_")[2]
    return code if code in dict(settings.LANGUAGES) else ""


class LanguageMiddleware(LocaleMiddleware):
    """Django's `LocaleMiddleware`, without its redirect to a language prefix for a 404 of an address that exists
    outside the languages, such as the file of a record that does not exist."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 404 and request.resolver_match is not None:
            patch_vary_headers(response, ("Accept-Language",))
            response.headers.setdefault("Content-Language", get_language())
            return response
        return super().process_response(request, response)
