"""Brings a backup back into an empty place, and compares."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from core import backups
from core.database.postgres_clients import ClientError


class Command(BaseCommand):
    """Command that restores a backup; see docs/deploy.md. Ends with 1 where anything is not as the backup says."""

    help = "Restore a backup into an empty database and an empty folder of documents, and compare."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the folder of the backup."""
        parser.add_argument("folder", type=Path, help="what back_up has written")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        """Restore it, and say what differs."""
        try:
            report = backups.restore_backup(folder.absolute())
        except (backups.BackupError, ClientError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Compared with {folder}. Tables: {report.tables}, rows: {report.rows}, documents: {report.documents}."
        )
        for fault in report.faults:
            self.stdout.write(f"  {fault}")
        if report.faults:
            raise CommandError(f"Not everything is as it should be: {len(report.faults)}.")
        self.stdout.write("All is as it was.")
