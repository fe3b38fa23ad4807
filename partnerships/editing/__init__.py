"""Editing of agreements and other records."""
