"""Admin of accounts and second factors."""

from collections.abc import Callable

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django_tasks_db.models import DBTaskResult

from core.admin.merging import MergedAdmin, MergedForm
from partnerships import permissions
from partnerships.choices import TokenEnd
from partnerships.people import tokens


class AccountForm(MergedForm, UserChangeForm):
    """The form of an account."""


class AccountAdmin(MergedAdmin, UserAdmin):
    """Accounts are closed on the page of people, which keeps what the history says of them."""

    form = AccountForm

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: object, change: bool) -> None:
        """Save the account; one that is deactivated, even for a while, loses its API tokens for good."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if not obj.is_active:
                tokens.end(obj.api_tokens.all(), TokenEnd.ACCOUNT)


class SecondFactorAdmin(admin.ModelAdmin):
    """Admin of second factors, without their secrets: for removing one that its owner has lost."""

    plural = gettext_lazy("second factors")
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = readonly_fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


def _with_second_factor(allowed: Callable[[HttpRequest], bool]) -> Callable[[HttpRequest], bool]:
    """Decorator of the admin site's permission check: 403 for an account that lacks a required second factor, since
    logging in again would not help."""

    def has_permission(request: HttpRequest) -> bool:
        if permissions.lacks_second_factor(request.user) and not permissions.is_administrator(request.user):
            raise PermissionDenied
        return allowed(request)

    return has_permission


def register_account_admin(site: admin.AdminSite) -> None:
    """Replace the admin classes of Django and allauth for accounts by our own, behind the same login and permission
    check."""
    for name, decorated in (("login", secure_admin_login), ("has_permission", _with_second_factor)):
        setattr(site, name, decorated(getattr(site, name)))
    site.unregister([User, Authenticator, SocialApp, SocialToken])  # a provider is set in the settings
    site.register(User, AccountAdmin)
    site.register(Authenticator, SecondFactorAdmin)
    vars(site.get_model_admin(DBTaskResult))["plural"] = gettext_lazy("background tasks")
