"""Tells administrators that a unit of the system has failed."""

import socket
from argparse import ArgumentParser

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

SUBJECT = "CoopDir: {unit} has failed"
BODY = """\
{unit} has failed on {host}, which runs {site}.

What it said:
    journalctl -u {unit} --since -1d
What has failed besides:
    systemctl --failed
"""


class Command(BaseCommand):
    """Command that mails administrators about a failed unit, for `OnFailure=` of systemd's units. It mails by itself,
    since the worker may be what has failed, and without the database to `ALERT_EMAIL`."""

    help = "Mail administrators that a unit has failed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name of the unit as an argument."""
        parser.add_argument("unit", help="its name, such as coopdir-backup.service")

    def handle(self, *args: object, unit: str, **options: object) -> None:
        """Send one mail to all."""
        to = settings.ALERT_EMAIL or _administrators()
        if not to:
            raise CommandError("Nobody to tell: set ALERT_EMAIL, or give an administrator an address.")
        told = {"unit": unit, "host": socket.gethostname(), "site": settings.SITE_URL}
        EmailMessage(subject=SUBJECT.format(**told), body=BODY.format(**told), to=to).send()
        self.stdout.write(f"Told: {', '.join(to)}.")


def _administrators() -> list[str]:
    try:
        found = User.objects.filter(is_superuser=True, is_active=True).exclude(email="")
        return sorted(found.values_list("email", flat=True))
    except DatabaseError:
        return []
