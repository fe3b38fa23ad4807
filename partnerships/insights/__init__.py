"""Summaries for the pages of places and countries."""
