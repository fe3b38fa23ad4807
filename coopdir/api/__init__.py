"""The API: the same records, questions and rules as the pages, for programs. `/api/v1/` and `/ogc/`."""
