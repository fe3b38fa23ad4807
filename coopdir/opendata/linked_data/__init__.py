"""Permanent addresses, schema.org, feeds, the sitemap."""
