"""Fetch the twinned towns of a country from Wikidata, as a file to import."""

import os
import shlex
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coopdir.opendata.exchange import wikidata
from partnerships.imports.header_aliases import FETCHED_OPTIONS
from partnerships.places.country_names import country_code


class Command(BaseCommand):
    """`manage.py fetch_wikidata FR`."""

    help = "Ask Wikidata for the twinned towns of a country and write them as a file that import_csv reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("country", help="a country's ISO 3166-1 code, or its name")
        parser.add_argument("--output", type=Path, help="the file to write; wikidata-<code>.tsv by default")
        parser.add_argument("--language", default="en", help="language of the names, such as fr")

    def handle(self, *args: Any, **options: Any) -> None:
        code = country_code(options["country"])
        if code is None:
            raise CommandError(f"“{options['country']}” is no country: give an ISO 3166-1 code, such as FR.")
        output = options["output"] or Path(f"wikidata-{code.lower()}.tsv")
        partial = output.with_name(f".{output.name}.{os.getpid()}")
        try:
            with partial.open("w", encoding="utf-8", newline="") as file:
                number = wikidata.write_pairs(file, code, options["language"])
            if not number:
                raise CommandError(f"Wikidata knows no twinned towns of {code}. Nothing was written.")
            partial.replace(output)
        except wikidata.Unreachable as error:
            raise CommandError(f"{error} Nothing was written.") from None
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from None
        finally:
            partial.unlink(missing_ok=True)
        self.stdout.write(f"{output}: {number} pairs, CC0. To import them:\n\n{import_command(output)}")


def import_command(path: Path) -> str:
    """The command that imports the file."""
    words = ["import_csv agreements", shlex.quote(str(path)), "--set kind=twinning --create-towns"]
    options: dict[str, Any] = {**FETCHED_OPTIONS}
    words += [f"--map {column}={header}" for column, header in options["mapping"].items()]
    words += [
        '--source-title "Wikidata" --source-licence CC0-1.0 --source-url https://www.wikidata.org/wiki/Property:P190'
    ]
    return "manage.py " + " \\\n    ".join(words)
