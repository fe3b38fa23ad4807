"""Counts of every choice of a list, made of bitmaps that are never stale."""
