"""The settings of CoopDir: one file, read from the environment.

Which variables there are stands in `coopdir.environment`. With `DEBUG` off nothing is guessed: a missing secret key or
host list stops the start with a worded error.
"""

import re
import secrets
import tomllib
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import pghistory
import pgtrigger
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.database import connection
from core.lists.formats import FILE_FORMATS

from .environment import (
    NEW_KEY,
    check_secret_key,
    email_settings,
    env,
    env_bool,
    env_list,
    env_number,
    kept_secret,
    origin_of,
)

django_stubs_ext.monkeypatch()  # Django's classes take parameters where a model, an admin or a form is declared

BASE_DIR = Path(__file__).resolve().parent.parent
# The release, for the page about the directory, the API and the dumps: told in one place.
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
DATA_DIR = Path(env("COOPDIR_DATA") or BASE_DIR / "var").expanduser().absolute()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env_bool("DEBUG")

SECRET_KEY = env("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(f"SECRET_KEY is not set. {NEW_KEY}")
    SECRET_KEY = kept_secret(DATA_DIR / "secret-key", lambda: secrets.token_urlsafe(50))
check_secret_key(SECRET_KEY)

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
if not ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. List the host names of the site, separated by commas.")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

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
    "corsheaders",
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
    "corsheaders.middleware.CorsMiddleware",
    "core.shares.SharesMiddleware",  # packing is work too
    "django.middleware.gzip.GZipMiddleware",  # pages; static files are compressed when they are collected
    "core.compression.Brotli",
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
DATABASES = {"default": connection.configuration(env("DATABASE_URL"), DATA_DIR)}
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
DAILY_LIMIT = env_number("DAILY_LIMIT") or 500
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
ALLAUTH_TRUSTED_PROXY_COUNT = env_number("TRUSTED_PROXIES")

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
MFA_REQUIRED_ROLES = set(env_list("MFA_REQUIRED_ROLES"))
if not MFA_REQUIRED_ROLES <= MFA_ROLES:
    raise ImproperlyConfigured(f"MFA_REQUIRED_ROLES may name {', '.join(sorted(MFA_ROLES))}.")

# An OpenID Connect provider opens the account that has an address which both sides have confirmed, and makes none.
SOCIALACCOUNT_ADAPTER = "coopdir.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_SERVER = env("OIDC_SERVER").rstrip("/")
if OIDC_SERVER and not env("OIDC_CLIENT_ID"):
    raise ImproperlyConfigured("OIDC_SERVER needs OIDC_CLIENT_ID.")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env("OIDC_NAME") or urlsplit(OIDC_SERVER).hostname,
                "client_id": env("OIDC_CLIENT_ID"),
                "secret": env("OIDC_CLIENT_SECRET"),
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
UPLOAD_LIMIT = (env_number("UPLOAD_LIMIT") or 100) * 1_000_000  # bytes
FILE_PATIENCE = 1.5  # seconds for which a page waits for a file to be read, before it says so and comes again
# Two for each column of a file that is mapped (limits.MOST_COLUMNS). In the administration, two for each field of a
# record and of the rows of its lists (rows.MAX_POSTED_ROWS): of an agreement 3,000, and those of rows that are added.
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


# Safety of the pages: nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # Browsers ask this of where a form's answer leads to as well: the way to a provider begins with a form.
        "form-action": [SELF, *([origin_of(OIDC_SERVER)] if OIDC_SERVER else [])],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
# The pages that are made for frames; "none" is a word of the policy's own too.
EMBED_ORIGINS = [NONE if origin == "none" else origin for origin in env_list("EMBED_ORIGINS") or ["*"]]

# Scripts of other sites may read what is open: files, feeds, the API, the OGC API, and the snippet that is made for
# other pages. They may not write, and no cookie or token goes along.
_LANGUAGE = "|".join(code for code, _name in LANGUAGES)
CORS_URLS_REGEX = r"/(api|ogc|data|id)(/|$)|/(?:{0})/embed/snippet/$|/(?!(?:{0})/)[^?]*\.(?:{1})$".format(
    _LANGUAGE, "|".join([*FILE_FORMATS, "atom", "ttl"])
)
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "accept-language", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Link",
    "Data-Version",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
]

HTTPS = env("HTTPS", "off" if DEBUG else "on").lower()
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

SITE_URL = env("SITE_URL", "" if HTTPS != "off" else "http://localhost:8000").rstrip("/")
if not SITE_URL:
    raise ImproperlyConfigured("SITE_URL is not set. Give the address of the site, such as https://example.org.")
if not re.fullmatch(r"https?://[^/?#\s]+", SITE_URL):
    raise ImproperlyConfigured(f"SITE_URL must look like https://example.org, not {SITE_URL!r}.")

DUMPS_ROOT = DATA_DIR / "dumps"
DUMPS_KEPT = env_number("DUMPS_KEPT") or 12
IATI_ORGANISATION = env("IATI_ORGANISATION") or "COOPDIR"
WIKIDATA_SPARQL = env("WIKIDATA_SPARQL") or "https://query.wikidata.org/sparql"


globals().update(email_settings(env("EMAIL_URL")))
EMAIL_TIMEOUT = 10  # seconds that the worker waits for each answer of a mail server
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "coopdir@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ALERT_EMAIL = env_list("ALERT_EMAIL")
SECURITY_CONTACT = env("SECURITY_CONTACT") or parseaddr(DEFAULT_FROM_EMAIL)[1]
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
