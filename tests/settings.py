"""The site's settings for a test run: nothing needs to be set first, and passwords are hashed quickly."""

import os

os.environ.setdefault("DEBUG", "1")

from coopdir.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
