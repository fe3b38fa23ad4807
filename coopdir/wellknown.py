"""`/.well-known/security.txt` (RFC 9116): whom to tell of a weakness of the site."""

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.addresses import absolute

HOLDS = datetime.timedelta(days=180)
"""How long what is told may be relied on, from the day it is asked for (RFC 9116 recommends less than a year)."""


@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """Always there: whoever looks for it should not have to guess."""
    contact = settings.SECURITY_CONTACT
    expires = timezone.now().astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0) + HOLDS
    lines = [
        f"Contact: {contact if contact.startswith('https://') else f'mailto:{contact}'}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {absolute(reverse('security_txt'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
