"""Removes old backups."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from core import backups


class Command(BaseCommand):
    """Command that prunes old backups every night, whether or not the last backup succeeded; see docs/deploy.md."""

    help = "Remove the backups in a folder that are too old, and what interrupted ones left; the newest one stays."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the folder and the age in days."""
        parser.add_argument("folder", type=Path, help="the folder that holds the backups")
        parser.add_argument("--days", type=int, default=30, help="how many days a backup is kept; 30 by default")

    def handle(self, *args: object, folder: Path, days: int, **options: object) -> None:
        """Remove them, and name them."""
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        if days < 1:
            raise CommandError(f"--days is a number of days, 1 or more, not {days}.")
        for path in backups.prune(folder, days=days):
            self.stdout.write(f"Removed: {path}")
