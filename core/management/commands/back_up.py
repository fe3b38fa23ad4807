"""Writes a backup of the database and the documents."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from core import backups
from core.database.postgres_clients import ClientError


class Command(BaseCommand):
    """Command of the nightly backup; see docs/deploy.md. Ends with 1 where a document is missing or damaged."""

    help = "Write the database and the documents into a new folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the target folder."""
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        """Write it, and say what is in it."""
        try:
            report = backups.back_up(folder.absolute())
        except (backups.BackupError, ClientError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error}. Nothing was kept of it.") from error
        self.stdout.write(
            f"Saved in {folder}. Tables: {report.tables}, rows: {report.rows}, documents: {report.documents}."
        )
        for fault in report.faults:
            self.stdout.write(f"  {fault}")
        if report.faults:
            raise CommandError(f"The backup is complete. Documents not as they should be: {len(report.faults)}.")
