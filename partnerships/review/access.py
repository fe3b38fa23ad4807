"""Access to the pages of officers."""

from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.views.generic import View

from core.visitors import signed_in

from .. import permissions
from .todo import Duties


class OfficersOnly(AccessMixin, View):
    """Mixin: for people with a mandate; others are asked to log in, or get an explanation."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Django's hook."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not permissions.is_officer(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def duties(self) -> Duties:
        """Duties of the officer."""
        return Duties(signed_in(self.request))
