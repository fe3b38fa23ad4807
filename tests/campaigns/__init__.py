"""Campaigns: tests that try one thing very often. `make test-long` runs a small share of each, `make campaign NAME` the
whole of one; what a whole one found is printed at its end."""

import os

WHOLE = os.environ.get("CAMPAIGN") == "whole"


def share(whole: int, small: int) -> int:
    """How often a campaign tries: `whole` by ``make campaign``, `small` by ``make test-long``."""
    return whole if WHOLE else small
