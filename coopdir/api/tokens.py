"""Token authentication: officers' own systems by the token of a mandate, everybody else anonymously."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from partnerships.people import tokens


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>`` (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _blank, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise AuthenticationFailed(_("Send the token as “Authorization: Bearer …”."))
        token = tokens.find_token(secret.strip())
        if token is None:
            raise AuthenticationFailed(
                _(
                    "This token is not known, has ended, or its mandate is over; or its owner lacks the second step at "
                    "login that their role asks for."
                )
            )
        return tokens.bearer(token), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="CoopDir"'
