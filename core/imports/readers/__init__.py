"""Readers of foreign files, each run in a process of its own."""
