"""The frame as a Django application: its commands, templates and system checks."""

from django.apps import AppConfig


class CoopdirConfig(AppConfig):
    """Holds what belongs to no domain app."""

    name = "coopdir"
    label = "coopdir"
    verbose_name = "CoopDir"

    def ready(self) -> None:
        """Register the check of the database server's version."""
        from django.core import checks

        from coopdir import database

        checks.register(database.check_server_version, checks.Tags.database)
