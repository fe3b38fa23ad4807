"""How a support body is written by the officers of the territories that it serves, beside ``partnerships.workflow``."""

import hashlib
import json
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from partnerships import permissions
from partnerships.choices import Publication
from partnerships.workflow import Refused, acting, require

from .models import SupportBody

COLUMNS = (
    "name",
    "acronym",
    "legal_status",
    "services",
    "founded",
    "dissolved",
    "seat",
    "website",
    "description_en",
    "description_fr",
)
"""What officers change; whom it serves, and what succeeded it, is for administrators."""


def fingerprint(body: SupportBody) -> str:
    """The columns of a support body as one short text: another one, where somebody has changed them."""
    told = json.dumps([getattr(body, column) for column in COLUMNS], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def save(*, by: User, body: SupportBody, values: dict[str, Any], base: str) -> SupportBody:
    """Change a published support body.

    `base` is the `fingerprint` of what the editing began with; `Refused` where it is not that of the stored row any
    more.
    """
    require(permissions.may_publish(by, body))
    with acting(by, "save", body):
        body = SupportBody.objects.select_for_update(of=("self",)).get(pk=body.pk)
        if body.publication != Publication.PUBLISHED:
            raise Refused(_("This support body is not published."))
        if base != fingerprint(body):
            raise Refused(_("Somebody else has changed this support body since you opened it."))
        for column in COLUMNS:
            setattr(body, column, values[column])
        body.save(update_fields=COLUMNS)
    return body


__all__ = ["COLUMNS", "fingerprint", "save"]
