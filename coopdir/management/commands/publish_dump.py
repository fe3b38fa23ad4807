"""Publish the whole directory as files, at /data/."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coopdir.opendata.dumps import build


class Command(BaseCommand):
    """`manage.py publish_dump`; to be run every night, or after an import."""

    help = "Write the whole directory as CSV, NDJSON, GeoPackage and SQLite files and publish them at /data/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--keep", type=int, help="how many dumps to keep; DUMPS_KEPT by default")

    def handle(self, *args: Any, **options: Any) -> None:
        say = self.stdout.write if options["verbosity"] > 1 else lambda text: None
        try:
            dump, is_new = build.publish_dump(keep=options["keep"], told=say)
        except build.Busy as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(
                f"The dump cannot be written: {error.strerror or error}. Nothing was published."
            ) from None
        if not is_new:
            self.stdout.write(f"Nothing has changed since {dump.version}, which is published.")
            return
        size = sum(file.bytes for file in dump.downloads)
        self.stdout.write(f"{dump.version}: {sum(dump.rows.values())} rows, {size:,} bytes, published at /data/.")
