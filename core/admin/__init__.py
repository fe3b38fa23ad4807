"""Shared parts of the administration."""
