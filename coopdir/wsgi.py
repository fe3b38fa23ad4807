"""The WSGI application, for gunicorn and other servers: `gunicorn coopdir.wsgi`."""

import os
from contextlib import suppress
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopdir.settings")


class LenientRequest(WSGIRequest):
    """A request, whatever encoding its body says it has.

    Django's reads the parameters of the address in it as soon as it is made, and fails, before any middleware, by one
    that Python knows and that is none of text (``charset=hex``). `core.incoming` refuses those.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        with suppress(LookupError):
            super()._set_content_type_params(meta)  # type: ignore[misc]  # django-stubs leave it out


application = get_wsgi_application()
application.request_class = LenientRequest
