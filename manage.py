#!/usr/bin/env python
"""Django's command line for CoopDir."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopdir.settings")
    from django.core.management import execute_from_command_line

    from core.database.contention import limit_command

    limit_command(next(iter(sys.argv[1:]), ""))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
