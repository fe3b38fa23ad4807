"""JSON parser of the API (RFC 8259), limited in size and in depth of nesting."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class TooLarge(APIException):
    """The body is longer than ``DATA_UPLOAD_MAX_MEMORY_SIZE``."""

    status_code = 413
    default_detail = gettext_lazy("This is more than one call may send. Send it in parts.")


class JSONParser(BaseParser):
    """JSON in UTF-8; what cannot be read is a `ParseError` that tells the place."""

    media_type = "application/json"

    def parse(
        self,
        stream: HttpRequest | IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, object] | None = None,
    ) -> Any:
        try:
            body = stream.body if isinstance(stream, HttpRequest) else stream.read()
        except RequestDataTooBig:
            raise TooLarge from None
        try:
            return json.loads(body.decode(), parse_constant=_no_number)
        except RecursionError:
            raise ParseError(_("This JSON has too many brackets within each other.")) from None
        except ValueError as error:
            raise ParseError(_("This is no JSON: %(reason)s") % {"reason": error}) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
