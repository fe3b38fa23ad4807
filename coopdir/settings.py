"""The settings of CoopDir: one file, read from the environment.

Every variable that is read stands in `VARIABLES`, with what it is for; `docs/settings.md` repeats that table
and a test compares the two. With `DEBUG` off nothing is guessed: a missing secret key or host list stops the start
with a worded error.
"""

import os
import re
import secrets
import tomllib
import zlib
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django_stubs_ext
import pghistory
import pgtrigger
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.database import connection

django_stubs_ext.monkeypatch()  # Django's classes take parameters where a model, an admin or a form is declared

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


def _env(name: str, default: str = "") -> str:
    """The value of one of the documented variables."""
    if name not in VARIABLES:
        raise KeyError(f"{name} is read but not documented in VARIABLES")
    return os.environ.get(name, default).strip()


def _env_bool(name: str) -> bool:
    """Boolean environment variable; words that are neither yes nor no are refused."""
    value = _env(name, "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def _env_list(name: str) -> list[str]:
    """The parts of a value separated by commas."""
    return [part.strip() for part in _env(name).split(",") if part.strip()]


def _env_number(name: str) -> int:
    """A value that is a whole number; 0 if it is not set."""
    value = _env(name, "0") or "0"
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def _kept_secret(path: Path, make: Callable[[], str]) -> str:
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


def _check_secret_key(key: str) -> None:
    """Refuse a key that can be guessed: whoever knows it writes sessions and links as they like."""
    if key.startswith(KNOWN_KEYS):
        raise ImproperlyConfigured(f"SECRET_KEY is one that is known to others. {NEW_KEY}")
    if len(key) < SHORTEST_KEY:
        raise ImproperlyConfigured(f"SECRET_KEY has {len(key)} characters, which is too few to be safe. {NEW_KEY}")
    if len(zlib.compress(key.encode(), 9)) < SHORTEST_PACKED:
        raise ImproperlyConfigured(f"SECRET_KEY repeats itself, so that it can be guessed. {NEW_KEY}")


BASE_DIR = Path(__file__).resolve().parent.parent
# The release, for the page about the directory, the API and the dumps: told in one place.
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
DATA_DIR = Path(_env("COOPDIR_DATA") or BASE_DIR / "var").expanduser().absolute()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = _env_bool("DEBUG")

SECRET_KEY = _env("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(f"SECRET_KEY is not set. {NEW_KEY}")
    SECRET_KEY = _kept_secret(DATA_DIR / "secret-key", lambda: secrets.token_urlsafe(50))
_check_secret_key(SECRET_KEY)

ALLOWED_HOSTS = _env_list("ALLOWED_HOSTS")
if not ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. List the host names of the site, separated by commas.")
CSRF_TRUSTED_ORIGINS = _env_list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "coopdir",
    "core",
    "core.imports",
    "partnerships",
    "networks",
    "pgtrigger",
    "pghistory",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "import_export",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "core.admin.apps.AdminConfig",  # Django's admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # `runserver` serves static files as production does
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.uploads.UnreadBody",
    "core.throttles.RetryAfterMiddleware",
    "core.middleware.OpenToScripts",
    "core.shares.SharesMiddleware",  # packing is work too
    "django.middleware.gzip.GZipMiddleware",  # pages; static files are compressed when they are collected
    "core.middleware.Brotli",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",  # of the answers of middleware, too
    "core.caching.CacheControlMiddleware",
    "core.unavailable.UnavailableMiddleware",
    "core.incoming.CleanText",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.languages.LanguageMiddleware",
    "core.errors.MethodNotAllowedMiddleware",
    "core.uploads.UploadLimit",  # after the language of its answer, before anything reads the body
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "coopdir.accounts.second_factor.SecondFactorMiddleware",
    "pghistory.middleware.HistoryMiddleware",  # after authentication: it records who
]

ROOT_URLCONF = "coopdir.urls"
WSGI_APPLICATION = "coopdir.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database, history and cache. Statement-level triggers keep bulk writes fast; rows may be erased from the
# event tables (an account's personal data), so those are not append-only.
DATABASES = {"default": connection.configuration(_env("DATABASE_URL"), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")  # reading a page writes nothing
PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
CACHES = {
    "default": {
        "BACKEND": "core.soft_cache.SoftDatabaseCache",
        "LOCATION": "coopdir_cache",  # made by `manage.py createcachetable`
        # Room for the counters of many addresses: where it is full, a third of it goes, the counters of a day too.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
# Work in the background, such as imports: kept in the database until `manage.py db_worker` does it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Accounts (django-allauth). Nobody signs up: who is invited, or made by `createsuperuser`, has an account.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "coopdir.accounts.passwords.TokensEnd"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "coopdir.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "coopdir.accounts.forms.LoginForm",
    "reset_password": "coopdir.accounts.forms.ResetPasswordForm",
    "add_email": "coopdir.accounts.forms.AddEmailForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # who did not change a password should hear that somebody did
ACCOUNT_EMAIL_SUBJECT_PREFIX = "CoopDir: "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers because somebody typed their address
ACCOUNT_CHANGE_EMAIL = True  # one address, which gives way to the new one once that is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_USER_DISPLAY = "coopdir.accounts.adapters.user_display"
DAILY_LIMIT = _env_number("DAILY_LIMIT") or 500
# Counted in the shared cache, IPv6 by /64. What is not named here has allauth's own limits; our own forms are throttled
# by ``allauth.core.ratelimit.consume_or_429(request, action=…)``. A “key” is an account, or an address and an account.
ACCOUNT_RATE_LIMITS = {
    "accept_invitation": "20/m/ip",
    "ask_partner": "20/h/user,100/d/user",
    "invite": "30/m/user,200/d/user",
    "propose": "5/m/ip,40/d/ip",
    "reset_password": "20/m/ip,60/d/ip,5/m/key,10/d/key",
    "login_failed": "10/m/ip,200/d/ip,5/300s/key",
    "login_failed_day": "100/d/key",
    "code_failed_day": "50/d/key",
    "code_failed_told": "1/d/key",
    "site_day": f"{DAILY_LIMIT}/d/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = _env_number("TRUSTED_PROXIES")

MFA_FORMS = {
    "authenticate": "coopdir.accounts.limits.AuthenticateForm",
    "reauthenticate": "coopdir.accounts.limits.ReauthenticateForm",
    "activate_totp": "coopdir.accounts.forms.ActivateAppForm",
    "add_webauthn": "coopdir.accounts.forms.AddKeyForm",
    "edit_webauthn": "coopdir.accounts.forms.RenameKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "CoopDir"
MFA_TOTP_TOLERANCE = 1  # clocks differ
MFA_ROLES = {"contributor", "officer", "coordinator", "administrator"}
MFA_REQUIRED_ROLES = set(_env_list("MFA_REQUIRED_ROLES"))
if not MFA_REQUIRED_ROLES <= MFA_ROLES:
    raise ImproperlyConfigured(f"MFA_REQUIRED_ROLES may name {', '.join(sorted(MFA_ROLES))}.")

# An OpenID Connect provider opens the account that has an address which both sides have confirmed, and makes none.
SOCIALACCOUNT_ADAPTER = "coopdir.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_SERVER = _env("OIDC_SERVER").rstrip("/")
if OIDC_SERVER and not _env("OIDC_CLIENT_ID"):
    raise ImproperlyConfigured("OIDC_SERVER needs OIDC_CLIENT_ID.")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": _env("OIDC_NAME") or urlsplit(OIDC_SERVER).hostname,
                "client_id": _env("OIDC_CLIENT_ID"),
                "secret": _env("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER},
            }
        ]
        if OIDC_SERVER
        else [],
    }
}

# Languages and times
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["coopdir.formats"]  # British English dates
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# Files. The bundles in static/dist are built by `make setup`; production serves them under names that carry
# their hash.
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist"), ("img", BASE_DIR / "static" / "img")]
MEDIA_ROOT = DATA_DIR / "uploads"
UPLOAD_LIMIT = (_env_number("UPLOAD_LIMIT") or 100) * 1_000_000  # bytes
FILE_PATIENCE = 1.5  # seconds for which a page waits for a file to be read, before it says so and comes again
# Two for each column of a file that is mapped (tables.MOST_COLUMNS). In the administration, two for each field of a
# record and of the rows of its lists (admin.MOST_ROWS): of an agreement 3,000, and those of rows that are added.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
STORAGES = {
    "default": {
        "BACKEND": "core.storage.WholeFileStorage",
        # What was uploaded is handed out by the site alone, to whom it may be; no other user of the machine reads it.
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG


def _origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# Safety of the pages: nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # Browsers ask this of where a form's answer leads to as well: the way to a provider begins with a form.
        "form-action": [SELF, *([_origin(OIDC_SERVER)] if OIDC_SERVER else [])],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
# The pages that are made for frames; "none" is a word of the policy's own too.
EMBED_ORIGINS = [NONE if origin == "none" else origin for origin in _env_list("EMBED_ORIGINS") or ["*"]]

HTTPS = _env("HTTPS", "off" if DEBUG else "on").lower()
if HTTPS not in {"on", "proxy", "off"}:
    raise ImproperlyConfigured(f"HTTPS must be on, proxy or off, not {HTTPS!r}.")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = HTTPS == "off"
if HTTPS == "proxy":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by machines that stand beside the site
if HTTPS != "off":
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
# Only who runs the domain can say that all of its subdomains speak https, or have it put on the browsers' list.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

SITE_URL = _env("SITE_URL", "" if HTTPS != "off" else "http://localhost:8000").rstrip("/")
if not SITE_URL:
    raise ImproperlyConfigured("SITE_URL is not set. Give the address of the site, such as https://example.org.")
if not re.fullmatch(r"https?://[^/?#\s]+", SITE_URL):
    raise ImproperlyConfigured(f"SITE_URL must look like https://example.org, not {SITE_URL!r}.")

DUMPS_ROOT = DATA_DIR / "dumps"
DUMPS_KEPT = _env_number("DUMPS_KEPT") or 12
IATI_ORGANISATION = _env("IATI_ORGANISATION") or "COOPDIR"
WIKIDATA_SPARQL = _env("WIKIDATA_SPARQL") or "https://query.wikidata.org/sparql"


def _email(url: str) -> dict[str, Any]:
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


globals().update(_email(_env("EMAIL_URL")))
EMAIL_TIMEOUT = 10  # seconds that the worker waits for each answer of a mail server
DEFAULT_FROM_EMAIL = _env("DEFAULT_FROM_EMAIL", "coopdir@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ALERT_EMAIL = _env_list("ALERT_EMAIL")
SECURITY_CONTACT = _env("SECURITY_CONTACT") or parseaddr(DEFAULT_FROM_EMAIL)[1]
if not re.fullmatch(r"https://[^\s]+|[^\s@:]+@[^\s@:]+", SECURITY_CONTACT):
    raise ImproperlyConfigured(
        f"SECURITY_CONTACT must be an e-mail address or begin with https://, not {SECURITY_CONTACT!r}."
    )

# Imports and exports in the admin go through the same checks as everywhere else, in one transaction.
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = False
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "add"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# The API: coopdir/api. Who calls, what goes wrong and how often one may call is said by its views.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "coopdir.api.schema.OperationSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CoopDir",
    "DESCRIPTION": "The open directory of decentralised cooperation. Reading needs no account; the data are published "
    "under CC BY 4.0. Codes never translate; `lang` adds their names.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "CC BY 4.0 (the data)", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["coopdir.api.schema.only_api"],
    "POSTPROCESSING_HOOKS": ["coopdir.api.schema.add_schemas"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"coopdir": {"level": "INFO"}, "core": {"level": "INFO"}},
}
