"""`/.well-known/security.txt` (RFC 9116): the contact for reporting a vulnerability of the site."""

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.addresses import absolute

HOLDS = datetime.timedelta(days=180)
"""Validity of the file from the day it is requested (RFC 9116 recommends less than a year)."""


@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """The file; it always exists, so that nobody who looks for it has to guess."""
    contact = settings.SECURITY_CONTACT
    expires = timezone.now().astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0) + HOLDS
    lines = [
        f"Contact: {contact if contact.startswith('https://') else f'mailto:{contact}'}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {absolute(reverse('security_txt'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
