"""The frame as a Django application: its commands, templates and system checks."""

from django.apps import AppConfig


class CoopdirConfig(AppConfig):
    """Holds what belongs to no domain app."""

    name = "coopdir"
    label = "coopdir"
    verbose_name = "CoopDir"

    def ready(self) -> None:
        """Register the check of the database server's version, and what each new connection needs."""
        from django.core import checks
        from django.db.backends.signals import connection_created

        from coopdir import database, history

        checks.register(database.check_server_version, checks.Tags.database)
        connection_created.connect(history.ignore_no_trigger, dispatch_uid="ignore_no_trigger")
