"""App configuration of `core`: its commands, templates and system checks."""

from django.apps import AppConfig


class CoopdirConfig(AppConfig):
    """App configuration of `core`, for what belongs to no domain app."""

    name = "core"
    label = "coopdir"
    verbose_name = "CoopDir"

    def ready(self) -> None:
        """Register the check of the database server's version, and what each new connection and database needs."""
        from django.apps import apps
        from django.core import checks
        from django.db.backends.signals import connection_created
        from django.db.models.signals import post_migrate

        from core import history
        from core.database import connection, contention

        checks.register(connection.check_server_version, checks.Tags.database)
        connection_created.connect(history.ignore_no_trigger, dispatch_uid="ignore_no_trigger")
        connection_created.connect(connection.time_cursors, dispatch_uid="time_cursors")
        # Of one application that has models: for those without any, like this one, the signal is never sent.
        sender = apps.get_app_config("imports")
        post_migrate.connect(contention.limit_pages, sender=sender, dispatch_uid="limit_pages")
