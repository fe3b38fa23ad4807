"""`python -m benchmarks`: the list page, the map and the import, beside what the same machine could do at best.

Everything runs in a database of its own, which is dropped at the end. Options: `python -m benchmarks --help`.
"""

import argparse
import os
import sys
import time

import django


def main() -> None:
    """Fill a scratch database, measure, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, in under two minutes")
    parser.add_argument("--agreements", type=int, help="agreements in the directory; default 100,000")
    parser.add_argument("--rows", type=int, help="rows of the imported file; default 20,000")
    parser.add_argument("--sample", type=int, help="rows for django-import-export as documented; default 300")
    parser.add_argument("--questions", type=int, help="different questions put to the list page; default 60")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    agreements = options.agreements or 100_000 // scale
    rows = options.rows or 20_000 // scale

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from benchmarks import importing, listing, maps
    from tests.databases import copied_database

    started = time.monotonic()
    with copied_database():
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
        print(f"Python {sys.version.split()[0]}, PostgreSQL {version}, {os.cpu_count()} processors")
        call_command("load_fixtures", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
        call_command("load_gazetteer")
        call_command("seed_synthetic", agreements=agreements, seed=1, force=True)
        listing.run(options.questions or 60 // (2 if options.quick else 1))
        maps.run()
        importing.run(rows, options.sample or 300 // scale)
    print(f"\nAll of it took {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
