"""Import a CSV, XLSX or ODS file from the command line."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from core.dates import PartialDate
from core.imports import apply, errors
from core.imports.layouts import StrictResource
from core.imports.mapping import WrongHeaders
from core.imports.models import ImportProfile, Outcome
from core.imports.readers.limits import Unreadable
from core.imports.registry import resources
from core.text import clean


class Command(BaseCommand):
    """`manage.py import_csv agreements FILE --source-title … --source-licence …`."""

    help = "Import a CSV, XLSX or ODS file: every row ends as created, updated, unchanged, duplicate or refused."

    requires_system_checks = ()  # they read all pages in: a seventh of the memory of an import

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("resource", choices=list(resources()), help="kind of rows")
        parser.add_argument("file", type=Path)
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=HEADER", help="header of a column")
        parser.add_argument("--set", action="append", default=[], metavar="COLUMN=VALUE", help="constant for a column")
        parser.add_argument(
            "--value", action="append", default=[], metavar="COLUMN:TEXT=MEANING", help="what a text of a column means"
        )
        parser.add_argument(
            "--split", action="append", default=[], metavar="HEADER=FORM", help="columns within a cell, in braces"
        )
        parser.add_argument(
            "--grouped", action="store_true", help="a row is a member of a record; those of a key belong together"
        )
        parser.add_argument("--no-header", action="store_true", help="the first line is data; columns are numbered")
        parser.add_argument("--profile", default="", help="read the file as a shared profile of that name says")
        parser.add_argument(
            "--profile-owner", default="", metavar="USER", help="the profile is that of this user, not a shared one"
        )
        parser.add_argument("--sheet", default="", help="sheet of a workbook; the first one otherwise")
        parser.add_argument("--clear-blanks", action="store_true", help="a blank cell empties what is stored")
        parser.add_argument("--all-or-nothing", action="store_true", help="write nothing unless every row is good")
        parser.add_argument("--delimiter", default="", help="comma, semicolon, tab, bar or one character")
        parser.add_argument("--encoding", default="", help="such as utf-8 or cp1252")
        parser.add_argument(
            "--create-towns", action="store_true", help="allow towns and organisations that are nowhere known"
        )
        parser.add_argument("--source-title", required=True, help="title of the source")
        parser.add_argument("--source-licence", required=True, help="licence of the source, such as CC0-1.0")
        parser.add_argument("--source-url", default="", help="address of the source")
        parser.add_argument("--source-publisher", default="", help="publisher of the source")
        parser.add_argument("--source-date", help="date of the source, as precisely as known")
        parser.add_argument("--json", action="store_true", help="print the result as JSON on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        resource = resources()[options["resource"]]
        takes_towns = options["resource"] == "agreements"
        if options["create_towns"] and not takes_towns:
            raise CommandError("--create-towns goes with agreements only.")
        try:
            content = options["file"].open("rb")
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        source = {f"source_{name}": options[f"source_{name}"] for name in ("title", "licence", "url", "publisher")}
        if options["source_date"]:
            try:
                source["source_date"] = PartialDate.parse(options["source_date"])
            except ValidationError as error:
                raise CommandError(f"--source-date: {error.messages[0]}") from None
        try:
            imported = apply.import_file(
                resource(create_towns=True) if options["create_towns"] else resource(),
                content,
                source=source,
                file_name=options["file"].name,
                options=_options(resource, options),
            )
        except WrongHeaders as error:
            raise CommandError("\n".join(error.messages)) from None
        except (Unreadable, errors.ImportRefused) as error:
            raise CommandError(str(error)) from None

        for header in imported.ignored:
            self.stdout.write(f"Left out, since nothing maps to it: {header}")
        for row in imported.rows.filter(outcome__in=[Outcome.REFUSED, Outcome.QUESTION]).iterator():
            for column, value, reason in row.faults:
                place = f"line {row.line}, {column} “{value}”" if column else f"line {row.line}"
                self.stdout.write(f"{place}: {reason}")
        counts = imported.batch.counts
        self.stdout.write(
            f"{imported.batch.reference}: {sum(counts.values())} rows: "
            + ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        )
        if options["json"]:
            self.stdout.write(json.dumps({**counts, "batch": imported.batch.reference}))


def _options(resource: type[StrictResource], told: dict[str, Any]) -> dict[str, Any]:
    """The options of the batch: those of the profile, and over them those of the command line."""
    options: dict[str, Any] = {}
    if told["profile"]:
        options |= _profile(resource, told["profile"], told["profile_owner"])
    elif told["profile_owner"]:
        raise CommandError("--profile-owner goes with --profile only.")
    for option, key in (("map", "mapping"), ("set", "constants"), ("split", "splits")):
        if pairs := _pairs(f"--{option}", told[option]):
            options[key] = options.get(key, {}) | pairs
    for place, meaning in _pairs("--value", told["value"]).items():
        column, colon, text = place.partition(":")
        if not colon:
            raise CommandError(f"--value takes COLUMN:TEXT=MEANING, not “{place}={meaning}”.")
        options.setdefault("values", {}).setdefault(column, {})[text] = meaning
    switches = ("grouped", "no_header", "sheet", "clear_blanks", "all_or_nothing", "delimiter", "encoding")
    return options | {name: told[name] for name in switches if told[name]}


def _profile(resource: type[StrictResource], name: str, owner: str) -> dict[str, Any]:
    """The options of a profile: a shared one, or one that comes with the layout, or the owner's."""
    named = ImportProfile.objects.filter(resource=resource.name, name=name)
    saved = named.filter(user__username=owner) if owner else named.filter(user=None)
    if found := saved.first():
        kept: dict[str, Any] = found.options
        return kept
    shipped = {} if owner else {one: options for one, _headers, options in resource.profiles}
    if name in shipped:
        return shipped[name]
    owners = named.exclude(user=None).order_by("user__username").values_list("user__username", flat=True)
    message = f"There is no {'shared ' if owners and not owner else ''}profile “{name}” for {resource.name}"
    message += f" of the user {owner}." if owner else "."
    if owners:
        message += f" Say whose: --profile-owner {' or '.join(owners)}."
    raise CommandError(message)


def _pairs(option: str, texts: list[str]) -> dict[str, str]:
    """The NAME=VALUE texts of a repeated option. Raises `CommandError` for other forms and repeated names."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = clean(text).partition("=")
        name = name.strip()
        if not equals or not name or not value.strip():
            raise CommandError(f"{option} takes COLUMN=…, not “{text}”.")
        if name in pairs:
            raise CommandError(f"{option} names the column {name} twice.")
        pairs[name] = value.strip()
    return pairs
