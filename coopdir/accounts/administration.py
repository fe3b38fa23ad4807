"""What the administration shows of accounts."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest


class AccountAdmin(UserAdmin):
    """Accounts are closed on the page of people, which keeps what the history says of them."""

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


class SecondFactorAdmin(admin.ModelAdmin):
    """Second factors, without their secrets: to take one away from who has lost it."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = readonly_fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def arrange(site: admin.AdminSite) -> None:
    """Put our ways of showing accounts in the place of Django's and allauth's, behind the same door as the rest."""
    site.login = secure_admin_login(site.login)
    site.unregister([User, Authenticator, SocialApp, SocialToken])  # a provider is set in the settings
    site.register(User, AccountAdmin)
    site.register(Authenticator, SecondFactorAdmin)
