"""Adapters of django-allauth: no sign-up, OpenID Connect logs in to existing accounts only, mail goes through the
outbox."""

from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import ProviderException
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from core.addresses import absolute
from core.text import clean
from partnerships import permissions
from partnerships.mail import outbox, send
from partnerships.people import invitations

from .limits import LoginLimits

CONFIRMED = (True, "true")
"""Values by which providers mark an address as confirmed; some give a text."""

user_display = invitations.display_name


class AccountAdapter(LoginLimits):
    """Adapter of allauth's accounts: accounts are made by invitation; mails name the directory, not a host."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if permissions.lacks_second_factor(request.user):
            return reverse("mfa_index")
        return reverse("my" if permissions.is_officer(request.user) else "account")

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Reauthentication methods: only the second factor, if the account has one; a password alone may have been seen
        by others."""
        methods = super().get_reauthentication_methods(user)
        return [one for one in methods if one["id"].startswith("mfa_reauthenticate")] or methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address; an IPv4 address that a socket for both kinds writes as IPv6 (RFC 4291) is IPv4."""
        address = ip_address(super().get_client_ip(request))
        return str(getattr(address, "ipv4_mapped", None) or address)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _of_this_site(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmation) -> str:
        return _of_this_site(super().get_email_confirmation_url(request, emailconfirmation))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = SimpleNamespace(name="CoopDir", domain=urlsplit(settings.SITE_URL).netloc)
        known = {"email": email, "current_site": site, "site": settings.SITE_URL}
        message = self.render_mail(template_prefix, email, known | context, headers=send.HEADERS)
        kind = template_prefix.rpartition("/")[2]
        outbox.queue(message, kind, get_language() or settings.LANGUAGE_CODE)


def _of_this_site(address: str) -> str:
    """The same path on the site's own host (`SITE_URL`): whoever requests a mail chooses the host of the request."""
    return absolute(urlsplit(address).path)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Adapter for login by a provider: it opens the account whose address is confirmed both there and here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Clean the provider's data before they are stored; an account identifier that is not clean text is refused."""
        account = sociallogin.account
        if clean(account.uid) != account.uid:
            raise ProviderException("The provider names somebody by characters that are no text.")
        account.extra_data = _as_text(account.extra_data)
        addresses = sociallogin.email_addresses
        sociallogin.email_addresses = [one for one in addresses if clean(one.email) == one.email]
        user: User = super().populate_user(request, sociallogin, _as_text(data))
        return user

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        told = [address.email.lower() for address in sociallogin.email_addresses if address.verified in CONFIRMED]
        known = EmailAddress.objects.filter(email__in=told, verified=True).select_related("user").first()
        return (known.user, known.email) if known else None


_MAX_LENGTH = 500
"""Characters that are kept of a text that a provider tells."""


def _as_text(told: object) -> Any:
    """Clean a provider's data recursively; each text is shortened to `_MAX_LENGTH` characters."""
    if isinstance(told, str):
        return clean(told)[:_MAX_LENGTH]
    if isinstance(told, dict):
        return {_as_text(name): _as_text(value) for name, value in told.items()}
    return [_as_text(one) for one in told] if isinstance(told, list) else told
