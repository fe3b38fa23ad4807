"""The site's settings for a test run: as in production (`DEBUG` off), but nothing needs to be set first."""

import os
import secrets
import tempfile
from pathlib import Path

os.environ["DEBUG"] = "0"
os.environ["HTTPS"] = "off"
os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"

from coopdir.settings import *  # noqa: F403

# No `collectstatic` before a test, uploads that leave nothing behind, and passwords that are hashed quickly.
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}  # noqa: F405
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# What a test wrote may be lost when the machine stops: none waits for the disk.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"  # noqa: F405
FILE_PATIENCE = 60  # a test waits for its files, however busy the machine
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
DUMPS_ROOT = Path(tempfile.gettempdir()) / "coopdir-no-dumps"  # which tests set where they need one
