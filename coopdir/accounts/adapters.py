"""How allauth behaves here: nobody signs up, and an OpenID Connect provider only opens accounts that are there."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse

from partnerships import people, permissions

CONFIRMED = (True, "true")
"""What providers say of an address that they have confirmed; some say it in letters."""

name_of = people.name_of


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation; mail speaks of the directory, not of a host."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("my" if permissions.is_officer(request.user) else "account")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = SimpleNamespace(name="CoopDir", domain=urlsplit(settings.SITE_URL).netloc)
        super().send_mail(template_prefix, email, {"current_site": site, "site": settings.SITE_URL} | context)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """A provider opens the account whose address both it and this site have confirmed."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        told = [address.email.lower() for address in sociallogin.email_addresses if address.verified in CONFIRMED]
        known = EmailAddress.objects.filter(email__in=told, verified=True).select_related("user").first()
        return (known.user, known.email) if known else None
