"""Tokens of the API: made, shown once, found again by their hash, revoked."""

import datetime
import hashlib
import secrets

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import permissions
from ..choices import TokenEnd
from ..editing.actions import ActionRefused, require
from ..mail import send
from ..mail.notifications import preferred_language
from ..models import ApiToken, Mandate

TOKEN_PREFIX = "coopdir_"  # noqa: S105 (no secret: what secrets begin with)
"""By which people, and programs that look for leaked secrets, know a token."""
HINT = 4
"""Letters after the prefix by which an owner knows a token again."""
LASTS = datetime.timedelta(days=365)
_MAX_TOKENS = 20
"""Tokens that somebody may have at once."""
TOLD_FOR = datetime.timedelta(days=90)
"""Time for which owners see which tokens have ended, and why."""


def create_token(*, by: User, mandate: Mandate, name: str) -> tuple[ApiToken, str]:
    """Create a token for a mandate of one's own; gives it and its secret, which is not stored; its owner is told by
    mail."""
    require(permissions.mandates_of(by).filter(pk=mandate.pk).exists())
    if not name.strip():
        raise ActionRefused(_("Give the token a name, so that you know later what it is for."))
    if permissions.tokens_of(by).count() >= _MAX_TOKENS:
        raise ActionRefused(
            _("You have %(most)s tokens already: revoke one that you do not need.") % {"most": _MAX_TOKENS}
        )
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=by,
            mandate=mandate,
            name=name.strip()[:100],
            digest=_digest(secret),
            hint=secret[: len(TOKEN_PREFIX) + HINT],
            expires_on=timezone.localdate() + LASTS,
        )
        send.send_templated_mail("token", by.email, preferred_language(by), token=token)
    return token, secret


def revoke_token(*, by: User, token: ApiToken) -> None:
    """Revoke a token of one's own at once."""
    require(permissions.tokens_of(by).filter(pk=token.pk).exists())
    end(ApiToken.objects.filter(pk=token.pk), TokenEnd.OWNER)


def end(tokens: QuerySet[ApiToken], why: TokenEnd) -> None:
    """End tokens for good, whatever becomes of the mandate, the password or the account later."""
    tokens.filter(revoked_at=None).update(revoked_at=timezone.now(), ended_by=why)


def is_another(before: Mandate, after: Mandate) -> bool:
    """True if the tokens of a mandate do not hold for its changed version: it is another person's, place's or role's,
    or it is over, or was over before."""
    key = ("user_id", "territory_id", "role")
    return any(getattr(before, name) != getattr(after, name) for name in key) or before.is_over or after.is_over


def ended_of(user: User) -> QuerySet[ApiToken]:
    """A user's tokens that ended lately, other than by their own hand: their programs are turned away since."""
    since = timezone.now() - TOLD_FOR
    ended = ApiToken.objects.filter(user=user.pk, revoked_at__gte=since).exclude(ended_by__in=("", TokenEnd.OWNER))
    return ended.select_related("mandate__territory").order_by("-revoked_at")


def find_token(secret: str) -> ApiToken | None:
    """Find a token by its secret, if it is valid: not ended, not expired, its owner's mandate running and its owner
    having the second factor that the role may require."""
    if not secret.startswith(TOKEN_PREFIX):
        return None
    # Looked up by its hash: a secret of 256 random bits needs no salt, and comparing hashes tells nothing of it.
    token = ApiToken.objects.filter(digest=_digest(secret)).select_related("user", "mandate").first()
    if token is None or not permissions.tokens_of(token.user).filter(pk=token.pk).exists():
        return None
    today = timezone.localdate()
    if token.used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(used_on=today)
    return token


def bearer(token: ApiToken) -> User:
    """User of a token: its owner, with the rights of its one mandate and no others."""
    return permissions.within_mandate(token.user, token.mandate)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
