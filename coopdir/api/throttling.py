"""Throttling of the API: calls are let through by the fair share of who calls (`core.shares`), not by their number."""

from typing import cast

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from core import shares


class ShareThrottle(BaseThrottle):
    """Throttle: refuses a call where the address has used up its share, or the token that came with it."""

    share: shares.Share

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.auth is not None:
            metered(request).share_of = shares.of_token(request.auth.pk)
        self.share = shares.share_of(metered(request).share_of)
        return not self.share.exceeded

    def wait(self) -> float:
        return self.share.reset


def metered(request: Request) -> shares.MeteredRequest:
    """The request as `shares.SharesMiddleware` counts it."""
    return cast(shares.MeteredRequest, request._request)
