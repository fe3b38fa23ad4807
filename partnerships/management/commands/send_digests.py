"""`manage.py send_digests`: tell officers by mail what they have to do. Run it every day or week."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from partnerships.review import digests


class Command(BaseCommand):
    """A digest to every officer who wants one, has not had one for a week, and has something to do."""

    help = "Send officers what they have to verify and decide, what others changed and what expires soon."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the option for a single officer."""
        parser.add_argument("--user", help="only this officer, by user name")

    def handle(self, *args: object, user: str | None, **options: object) -> None:
        """Send the digests one after the other; an officer with nothing to do gets none."""
        people = [one for one in digests.recipients() if user in (None, one.get_username())]
        sent = sum(digests.send_digest(to=one) for one in people)
        self.stdout.write(f"{sent} digests to be sent to {len(people)} officers who can get one")
