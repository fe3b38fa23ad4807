"""Limits of guessing passwords and codes, on top of those that allauth has.

allauth counts wrong passwords of an account over all addresses, five in five minutes: whoever types five wrong ones
keeps its owner out. Here these five are those of one address, and for all addresses together there is a number for the
day, for passwords and for codes of the second step alike.
"""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.base import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core import throttles
from partnerships.mail import send
from partnerships.mail.notifications import preferred_language

PASSWORDS, CODES, CODES_TOLD = "login_failed_day", "code_failed_day", "code_failed_told"
"""Names of the rates of a day in ``ACCOUNT_RATE_LIMITS``."""


class LoginLimits(DefaultAccountAdapter):
    """Counts wrong passwords by address and account, and by account in a day."""

    _usage_of_day: ratelimit.RateLimitUsage | None = None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        return f"{throttles.address_key(request)}:{_account(credentials)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        super().pre_authenticate(request, **credentials)
        self._usage_of_day = throttles.consume(request, PASSWORDS, _account(credentials))
        if not self._usage_of_day:
            self._rollback_login_failed_rl_usage()
            raise ValidationError(
                _(
                    "Too many wrong passwords were typed for this account today, wherever that was. Choose a new one "
                    "by mail, use a passkey, or come back tomorrow."
                ),
                code="too_many_today",
            )

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        if self._usage_of_day:
            self._usage_of_day.rollback()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: object) -> None:
        """Clear the counter of wrong passwords as well, after the password was changed."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        ratelimit.clear(request, app=throttles.APP, action=PASSWORDS, key=_account(credentials))


def _account(credentials: Mapping[str, object]) -> str:
    """Cache key of an account for counting wrong passwords, the same for every host and port: allauth counts each of
    these for itself."""
    return str(credentials.get("email") or credentials.get("username") or "").lower()


class LimitedCodes(forms.BaseAuthenticateForm):
    """Counter of wrong codes of the second step, those of an app and recovery codes together, by account in a day: who
    comes this far knows the password, and logs in anew for every few guesses. The owner is told, once a day."""

    def clean_code(self) -> str:
        usage = throttles.consume(context.request, CODES, f"user-{self.user.pk}")
        if not usage:
            if throttles.consume(context.request, CODES_TOLD, f"user-{self.user.pk}"):
                send.send_templated_mail("codes", self.user.email, preferred_language(self.user))
            raise ValidationError(
                _(
                    "Too many wrong codes were typed for this account today. Come back tomorrow. If it was not you, "
                    "somebody knows your password: choose a new one by mail."
                ),
                code="too_many_today",
            )
        try:
            code: str = super().clean_code()
        except ValidationError as error:
            if error.code != "incorrect_code":  # it was not looked at
                usage.rollback()
            raise
        usage.rollback()
        return code


class AuthenticateForm(LimitedCodes, forms.AuthenticateForm):
    """Form of the second step at login, limited by the day."""


class ReauthenticateForm(LimitedCodes, forms.ReauthenticateForm):
    """Form of the second step before an action, limited by the day."""
