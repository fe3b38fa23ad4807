"""Django's database engine for the embedded PostgreSQL; all the work is done in `core.database.embedded_server`."""
