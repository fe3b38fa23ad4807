"""Hypothesis's settings: a property is tried a few times by `make test`, many times by `make test-long`."""

import os

from hypothesis import HealthCheck, settings

OFTEN = 8
"""How many times more often `make test-long` tries."""
TIMES = OFTEN if os.environ.get("PROPERTIES") == "often" else 1

# Machines are busy: how long something takes tells nothing. Fixtures of a function are made once for all its examples.
settings.register_profile(
    "coopdir",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("coopdir")


def examples(number: int) -> int:
    """How many examples to try where `make test` is to try so many."""
    return number * TIMES
