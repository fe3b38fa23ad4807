"""`python -m benchmarks`: lists, map, pages and import, beside their limits, Datasette, and what could be at best.

Everything runs in a database of its own, which is dropped at the end. Options: `python -m benchmarks --help`.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import django

PARTS = ["matching", "listing", "maps", "pages", "data", "suggestions", "importing", "abuse", "facets"]
"""In the order in which they run: the last may leave ten times the agreements."""


def main() -> None:
    """Fill a scratch database, measure, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"which of {', '.join(PARTS)}; default all")
    parser.add_argument("--large", action="store_true", help="facets also of ten times the agreements")
    parser.add_argument("--big", action="store_true", help="importing also a million rows, for their memory")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, in under two minutes")
    parser.add_argument("--site", action="store_true", help="abuse alone, on the site's own database, only reading")
    parser.add_argument("--agreements", type=int, help="agreements in the directory; default 100,000")
    parser.add_argument("--rows", type=int, help="rows of the imported file; default 100,000")
    parser.add_argument("--sample", type=int, help="rows for django-import-export as documented; default 300")
    parser.add_argument(
        "--wikidata",
        type=Path,
        default=os.environ.get("COOPDIR_WIKIDATA"),
        help="folder of the files that matching is measured on; default: the variable COOPDIR_WIKIDATA",
    )
    parser.add_argument(
        "--reporting-errors", type=Path, help="file for examples of what matching gets wrong where it is only reported"
    )
    parser.add_argument("--questions", type=int, help="different questions put to the list page; default 60")
    options = parser.parse_args()
    if wrong := set(options.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(wrong))}")
    parts = options.parts or PARTS
    scale = 10 if options.quick else 1
    agreements = options.agreements or 100_000 // scale
    rows = options.rows or 100_000 // scale

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopdir.settings" if options.site else "tests.settings")
    django.setup()

    from benchmarks import abuse

    if options.site:
        abuse.run(writing=False)
        return

    from django.core.management import call_command
    from django.db import connection

    from benchmarks import data, facets, importing, listing, maps, pages, suggestions
    from benchmarks.matching import report
    from tests.databases import copied_database

    started = time.monotonic()
    with copied_database():
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
        print(f"Python {sys.version.split()[0]}, PostgreSQL {version}, {os.cpu_count()} processors")
        call_command("load_fixtures", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
        call_command("load_gazetteer")
        if "matching" in parts:  # before there are towns that only look like towns
            report.run(options.wikidata, quick=options.quick, reporting_errors=options.reporting_errors)
        if parts != ["matching"]:
            call_command("seed_synthetic", agreements=agreements, towns=agreements * 2 // 5, seed=1, force=True)
        questions = options.questions or 60 // (2 if options.quick else 1)
        run = {
            "listing": lambda: listing.run(questions),
            "maps": maps.run,
            "pages": pages.run,
            "data": data.run,
            "suggestions": lambda: suggestions.run(300 // scale),
            "importing": lambda: importing.run(rows, options.sample or 300 // scale, big=options.big),
            "abuse": lambda: abuse.run(writing=True),
            "facets": lambda: facets.run(questions, large=options.large),
        }
        for part in PARTS:
            if part in parts and part in run:
                run[part]()
    print(f"\nAll of it took {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
