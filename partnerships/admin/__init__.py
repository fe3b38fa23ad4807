"""The administration of places, agreements and sources."""

from . import agreements, organisations, people, places, sources  # noqa: F401 (each registers its models)
