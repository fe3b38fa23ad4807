"""`manage.py load_gazetteer`: the reference list of places, from the installed data packages."""

import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from partnerships.places.gazetteer import PackageMissing, load


class Command(BaseCommand):
    """Load or bring up to date; a second run with the same packages does nothing."""

    help = "Load French communes, world places and foreign regions from the installed packages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--force` is for trying out; a new version of a package is noticed."""
        parser.add_argument(
            "--force", action="store_true", help="Load even what the installed packages have given already."
        )

    def handle(self, *args: object, force: bool, **options: object) -> None:
        """Load, with a line for each step and the seconds since the start."""
        started = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(f"{time.monotonic() - started:5.1f} s  {line}")
            self.stdout.flush()

        try:
            loaded = load(say, force=force)
        except (PackageMissing, LookupError) as error:
            raise CommandError(str(error)) from error
        say("done" if loaded else "the gazetteer holds what the installed packages have already")
