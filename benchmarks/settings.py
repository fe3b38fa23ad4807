"""Settings of a site that another process serves from the scratch database: BENCHMARK_DATABASE names it."""

import os

from tests.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["BENCHMARK_DATABASE"]  # noqa: F405
