"""Environment variables: the only place where they are read.

Every variable stands in `VARIABLES`, with what it is for; `docs/settings.md` repeats that table and a test compares
the two. What means nothing stops the start with a worded error.
"""

import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

VARIABLES = {
    "DEBUG": "1 shows error pages with details and unbundled static files; for development only. Default: 0.",
    "SECRET_KEY": "Signs sessions, forms and links. At least 50 random characters. Required, unless DEBUG is on: then "
    "one is made and kept in COOPDIR_DATA.",
    "ALLOWED_HOSTS": "Host names the site answers to, separated by commas. Required unless DEBUG is on.",
    "CSRF_TRUSTED_ORIGINS": "Origins (https://example.org) that may post forms from another host, separated by commas.",
    "HTTPS": "on: secure cookies, HSTS and a redirect to https; proxy: the same behind a proxy that sets "
    "X-Forwarded-Proto; off: plain http. Default: on, or off while DEBUG is on.",
    "DATABASE_URL": "postgres://user:password@host:port/name of a PostgreSQL 15 or later. "
    "Default: an embedded PostgreSQL that runs in COOPDIR_DATA.",
    "COOPDIR_DATA": "Folder of the embedded database, uploaded files and generated keys. "
    "Default: var/ beside manage.py.",
    "EMAIL_URL": "smtp://user:password@host:port, or smtps:// for TLS. "
    "Default: the worker prints mail instead of sending it.",
    "DEFAULT_FROM_EMAIL": "Sender of the site's mail. Default: coopdir@localhost.",
    "ALERT_EMAIL": "Addresses that are told when a unit of the system fails, separated by commas. "
    "Default: those of the administrators.",
    "SECURITY_CONTACT": "Where weaknesses of the site are reported, as /.well-known/security.txt tells: an e-mail "
    "address, or one that begins with https://. Default: DEFAULT_FROM_EMAIL.",
    "TRUSTED_PROXIES": "How many proxies of yours stand before the site and add to X-Forwarded-For: the visitor's "
    "address, which throttling counts by, is then taken from there. Default: 0, the header is not believed.",
    "MFA_REQUIRED_ROLES": "Roles that give nothing before a second factor is set up, neither by pages nor by tokens, "
    "separated by commas: contributor, officer, coordinator, administrator. Default: none.",
    "DAILY_LIMIT": "How many proposals and answers, and how many password resets, the whole site takes in a day from "
    "people without an account. Default: 500 of each.",
    "OIDC_SERVER": "Address of an OpenID Connect provider that people may log in by, such as "
    "https://login.example.org; its path goes as far as before /.well-known/. Default: none.",
    "OIDC_CLIENT_ID": "Name of the site at that provider. Required with OIDC_SERVER. The address to be called back is "
    "/account/oidc/callback/.",
    "OIDC_CLIENT_SECRET": "Secret of the site at that provider.",
    "OIDC_NAME": "What people call that provider. Default: its host name.",
    "SITE_URL": "Address of the site for the links in mails, such as https://example.org. Required while HTTPS "
    "is not off. Default: http://localhost:8000.",
    "UPLOAD_LIMIT": "Megabytes that an uploaded file may have. Default: 100.",
    "DUMPS_KEPT": "How many dumps of the whole directory are kept at /data/. Default: 12.",
    "EMBED_ORIGINS": "Sites (https://example.org) that may show the pages below /embed/ in frames, separated by "
    "commas; none for no site. Default: every site.",
    "IATI_ORGANISATION": "Identifier of who runs the site among the organisations of IATI, such as "
    "FR-SIREN-123456789. Default: COOPDIR.",
    "WIKIDATA_SPARQL": "Address of the SPARQL service that fetch_wikidata asks. "
    "Default: https://query.wikidata.org/sparql.",
}


def env(name: str, default: str = "") -> str:
    """The value of one of the documented variables."""
    if name not in VARIABLES:
        raise KeyError(f"{name} is read but not documented in VARIABLES")
    return os.environ.get(name, default).strip()


def env_bool(name: str) -> bool:
    """Boolean environment variable; words that are neither yes nor no are refused."""
    value = env(name, "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def env_list(name: str) -> list[str]:
    """The parts of a value separated by commas."""
    return [part.strip() for part in env(name).split(",") if part.strip()]


def env_number(name: str) -> int:
    """A value that is a whole number; 0 if it is not set."""
    value = env(name, "0") or "0"
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Read a generated secret, making it on first use; only this system user can read the file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        value = make()
        file.write(value)
    return value


NEW_KEY = (
    "Make one by: python3 -c 'import secrets; print(secrets.token_urlsafe(50))', keep it secret, and do not change it: "
    "a new one ends all sessions and the links in mails that were sent."
)
"""The remedy for whatever is wrong with SECRET_KEY."""
KNOWN_KEYS = ("django-insecure-", "a key of fifty letters that nobody else has")
"""Prefixes of keys that others can know: those that `startproject` makes, and one that this repository has told."""
SHORTEST_KEY = 50
SHORTEST_PACKED = 40
"""Bytes that a key takes up packed: fifty random digits take 42, a word of ten letters five times over takes 21."""


def check_secret_key(key: str) -> None:
    """Refuse a key that can be guessed: whoever knows it writes sessions and links as they like."""
    if key.startswith(KNOWN_KEYS):
        raise ImproperlyConfigured(f"SECRET_KEY is one that is known to others. {NEW_KEY}")
    if len(key) < SHORTEST_KEY:
        raise ImproperlyConfigured(f"SECRET_KEY has {len(key)} characters, which is too few to be safe. {NEW_KEY}")
    if len(zlib.compress(key.encode(), 9)) < SHORTEST_PACKED:
        raise ImproperlyConfigured(f"SECRET_KEY repeats itself, so that it can be guessed. {NEW_KEY}")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def email_settings(url: str) -> dict[str, Any]:
    """Django's mail settings for an address such as smtps://user:password@host:465."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp://user:password@host:port.")
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and parts.port != 25,
    }
