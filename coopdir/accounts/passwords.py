"""Password changes end API tokens, whether made by the page, a mail, the administration or a command."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from partnerships.choices import TokenEnd
from partnerships.people import tokens


class TokensEnd:
    """Password validator that accepts everything, and ends the API tokens of a user whose password is new.

    Django tells validators of every new password (``password_changed``), and not of one that is only hashed anew.
    Stands last in ``AUTH_PASSWORD_VALIDATORS``.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Django's hook."""

    def get_help_text(self) -> str:
        """Django's hook."""
        return _("A new password ends the tokens by which your programs write.")

    def password_changed(self, password: str, user: User) -> None:
        """Django's hook."""
        tokens.end(user.api_tokens.all(), TokenEnd.PASSWORD)
