"""Django's PostgreSQL backend, starting the embedded server when it does not answer.

Django wants an engine to be a package with a module `base`; that is all this one is.
"""

from typing import Any

from core.database import embedded_server
from core.database.postgres import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; where nobody answers, start the server (or make the database) and connect again."""
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            embedded_server.start_server(self.settings_dict["DATA_DIR"])
            return super().get_new_connection(conn_params)
