"""PostgreSQL: connections, limits and locks, the embedded server of a first run."""
