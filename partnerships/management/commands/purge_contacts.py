"""`manage.py purge_contacts`: erase personal data that have served. Run it every day."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from partnerships.people import retention

_LABELS = {
    "contacts": "contact persons past their date",
    "confirmations": "addresses of partners who were asked",
    "proposals": "names and addresses of who proposed something, twelve months after the decision",
    "invitations": "invitations that have expired",
    "forms": "forms that were begun and not touched for 90 days",
    "mails": "entries of mails that were sent or given up 30 days ago",
}


class Command(BaseCommand):
    """Command that erases personal data past their period, or only counts them."""

    help = "Erase contacts past their date, and addresses and names that have served."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the option that only counts."""
        parser.add_argument("--dry-run", action="store_true", help="say what would be erased, and erase nothing")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        """Print a line for each kind."""
        numbers = {name: found.count() for name, found in retention.due().items()} if dry_run else retention.purge()
        for name, number in numbers.items():
            self.stdout.write(f"{'would erase' if dry_run else 'erased'} {number} {_LABELS[name]}")
