"""Django's PostgreSQL backend, with the limits of commands.

Django wants an engine to be a package with a module `base`; that is all this one is.
"""

from django.db.backends.postgresql import base

from core.database import contention


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions begin with the limits of its process, if that has any of its own."""

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # django-stubs leave out what backends override
        if not autocommit and (limits := contention.limits()):
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in limits.items()))
