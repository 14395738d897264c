"""Django settings: one flat module, every value read from the environment through a typed reader.

The real environment wins over `.env`. A missing or malformed value stops the start with its name.
Names and meanings are listed in docs/settings.md.
"""

import logging
import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac
from environs import Env, EnvError, validate

from market.calendar import ClosuresInvalid, parse_closures
from market.limits import ALPHA_VANTAGE_PLANS, LimitsInvalid, parse_request_limits
from stockcompare.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"), recurse=False, override=False)

try:
    SECRET_KEY = env.str("SECRET_KEY", validate=validate.Length(min=32))
    DEBUG = env.bool("DEBUG", False)
    VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
    CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
    # Off on plain http (a laptop). On behind TLS: cookies become Secure and carry the __Host- prefix.
    HTTPS = env.bool("HTTPS", False)
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR}/stockcompare.sqlite3")}
    # How far back a symbol is fetched, unless it was added with a first month.
    BACKFILL_MONTHS = env.int("BACKFILL_MONTHS", 24, validate=validate.Range(1, 400))
    PRICES_SYMBOLS = env.list("PRICES_SYMBOLS", ["AAPL", "MSFT"], validate=validate.Length(min=1))
    ALPHA_VANTAGE_API_KEY = env.str("ALPHA_VANTAGE_API_KEY", "")
    ALPHA_VANTAGE_URL = env.str(
        "ALPHA_VANTAGE_URL",
        "https://www.alphavantage.co/query",
        validate=validate.URL(require_tld=False, schemes={"http", "https"}),
    )
    ALPHA_VANTAGE_PLAN = env.str("ALPHA_VANTAGE_PLAN", "free", validate=validate.OneOf(list(ALPHA_VANTAGE_PLANS)))
    # Wins over the plan: provider=limits, like alpha_vantage=1/s 25/day; alpaca=200/min.
    REQUEST_LIMITS = parse_request_limits(env.str("REQUEST_LIMITS", ""))
    # Which end of the minute the vendor's stamps name. Empty: found in each reply, or the reply is refused.
    ALPHA_VANTAGE_LABEL = env.str("ALPHA_VANTAGE_LABEL", "", validate=validate.OneOf(["", "start", "end"]))
    ALPACA_API_KEY_ID = env.str("ALPACA_API_KEY_ID", "")
    ALPACA_API_SECRET_KEY = env.str("ALPACA_API_SECRET_KEY", "")
    ALPACA_URL = env.str(
        "ALPACA_URL",
        "https://data.alpaca.markets",
        validate=validate.URL(require_tld=False, schemes={"http", "https"}),
    )
    MASSIVE_API_KEY = env.str("MASSIVE_API_KEY", "")
    MASSIVE_URL = env.str(
        "MASSIVE_URL", "https://api.massive.com", validate=validate.URL(require_tld=False, schemes={"http", "https"})
    )
    # What one file of bars may open to: 20 years of a symbol's minutes are 250 MB of text.
    FILES_MAX_MEGABYTES = env.int("FILES_MAX_MEGABYTES", 512, validate=validate.Range(1, 65_536))
    FILES_UPLOAD_MAX_MEGABYTES = env.int("FILES_UPLOAD_MAX_MEGABYTES", 64, validate=validate.Range(1, 65_536))
    # Asked in turn, where one cannot have the bars; by default all that have a key, first the one whose free key gives
    # minute bars of the whole market.
    _keys = {"alpaca": ALPACA_API_KEY_ID, "massive": MASSIVE_API_KEY, "alpha_vantage": ALPHA_VANTAGE_API_KEY}
    _configured = [name for name, key in _keys.items() if key]
    PRICES_PROVIDER = env.str("PRICES_PROVIDER", ",".join(_configured) or "synthetic").replace(" ", "")
    # Sessions that the calendar foresaw and the exchange did not hold, or cut short.
    MARKET_CLOSURES = parse_closures(env.str("MARKET_CLOSURES", ""))
    # Who is asked for splits, dividends and daily figures: the one with the longest history that there is a key for.
    FACTS_PROVIDER = env.str(
        "FACTS_PROVIDER",
        next((name for name in ("alpha_vantage", "massive", "alpaca") if _keys[name]), "alpha_vantage"),
        validate=validate.OneOf(["alpha_vantage", "massive", "alpaca"]),
    )
    # What goes wrong in the synthetic market, besides what always does there.
    SYNTHETIC_EVENTS: list[str] = env.list(
        "SYNTHETIC_EVENTS", [], validate=validate.ContainsOnly(["split", "halt", "bad_print", "correction"])
    )
    # Synthetic and real bars never share a lake, so each provider family has a default folder of its own.
    LAKE_URL = env.str(
        "LAKE_URL",
        f"file://{VAR_DIR}/lake-synthetic" if PRICES_PROVIDER == "synthetic" else f"file://{VAR_DIR}/lake",
        validate=validate.Regexp(r"(file:///|s3://[a-z0-9]).+", error="Must be file:///… or s3://bucket/prefix."),
    ).rstrip("/")
    # How long a version of a table can be read after it was replaced: a query, a notebook or a download under way.
    LAKE_RETENTION_DAYS = env.int("LAKE_RETENTION_DAYS", 7, validate=validate.Range(1, 3650))
    # From where on a session is called doubtful; docs/quality.md has the reason of each.
    QUALITY_COMPLETENESS = env.float("QUALITY_COMPLETENESS", 0.99, validate=validate.Range(0, 1))
    QUALITY_GAP_MINUTES = env.int("QUALITY_GAP_MINUTES", 15, validate=validate.Range(1, 390))
    QUALITY_JUMP = env.float("QUALITY_JUMP", 0.20, validate=validate.Range(0.01, 10))
    QUALITY_VOLUME_TOLERANCE = env.float("QUALITY_VOLUME_TOLERANCE", 0.04, validate=validate.Range(0, 1))
    QUALITY_VOLUME_FLOOR = env.float("QUALITY_VOLUME_FLOOR", 0.60, validate=validate.Range(0, 1))
    QUALITY_RANGE_TOLERANCE = env.float("QUALITY_RANGE_TOLERANCE", 0.01, validate=validate.Range(0, 1))
    SPARK_ENGINE = env.str(
        "SPARK_ENGINE",
        "embedded",
        validate=validate.Regexp(
            r"embedded$|spark$|(sc|spark)://.+", error="Must be embedded, spark, sc://host:port or spark://host:port."
        ),
    )
    # The one way to reach a real AWS account: without it and without an endpoint, no DynamoDB client starts.
    STOCKCOMPARE_AWS = env.bool("STOCKCOMPARE_AWS", False)
    AWS_ENDPOINT_URL_DYNAMODB = env.str("AWS_ENDPOINT_URL_DYNAMODB", "")
    AWS_ENDPOINT_URL_S3 = env.str("AWS_ENDPOINT_URL_S3", "")
    DYNAMODB_TABLE_PREFIX = env.str("DYNAMODB_TABLE_PREFIX", "stockcompare-")
    # Signs access and refresh tokens; by default derived from SECRET_KEY, so that neither key gives the other away.
    JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", "") or salted_hmac("stockcompare.jwt", "1", SECRET_KEY).hexdigest()
    LOGIN_ATTEMPTS_PER_NAME = env.int("LOGIN_ATTEMPTS_PER_NAME", 5, validate=validate.Range(1, 1000))
    LOGIN_ATTEMPTS_PER_ADDRESS = env.int("LOGIN_ATTEMPTS_PER_ADDRESS", 50, validate=validate.Range(1, 100_000))
    # Proxies of our own that append to X-Forwarded-For. With 0 the header, which any client can write, is not read.
    TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(0, 10))
    API_KEY_REQUESTS_PER_MINUTE = env.int("API_KEY_REQUESTS_PER_MINUTE", 600, validate=validate.Range(1, 1_000_000))
    ACCOUNTS_SCAN_LIMIT = env.int("ACCOUNTS_SCAN_LIMIT", 20_000, validate=validate.Range(1, 10_000_000))
    # Who may make an account: anybody, whoever holds an invitation, or nobody.
    ACCOUNTS_SIGN_UP = env.str("ACCOUNTS_SIGN_UP", "open", validate=validate.OneOf(["open", "invite", "closed"]))
    # How often an hour mails and new accounts may be asked for: for one e-mail address or user, and from one address.
    ACCOUNTS_REQUESTS_PER_TARGET = env.int("ACCOUNTS_REQUESTS_PER_TARGET", 3, validate=validate.Range(1, 1000))
    ACCOUNTS_REQUESTS_PER_ADDRESS = env.int("ACCOUNTS_REQUESTS_PER_ADDRESS", 20, validate=validate.Range(1, 100_000))
    EMAIL_HOST = env.str("EMAIL_HOST", "")
    EMAIL_PORT = env.int("EMAIL_PORT", 587, validate=validate.Range(1, 65_535))
    EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
    EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", not EMAIL_USE_SSL)
    MAIL_DELIVERY = env.str(
        "MAIL_DELIVERY",
        "smtp" if EMAIL_HOST else "none",
        validate=validate.OneOf(["none", "smtp", "console", "file"]),
    )
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "StockCompare <stockcompare@localhost>")
    SITE_URL = env.str(
        "SITE_URL", "", validate=validate.Regexp(r"$|https?://[^/\s]+$", error="Must be https://host, without a path.")
    )
    WEB_HOST = env.str("WEB_HOST", "127.0.0.1")
    WEB_PORT = env.int("WEB_PORT", 8000, validate=validate.Range(1, 65_535))
    WEB_WORKERS = env.int("WEB_WORKERS", 2, validate=validate.Range(1, 64))
    # A provider refreshes its history some time after the close, not at the bell.
    FETCH_SETTLE_MINUTES = env.int("FETCH_SETTLE_MINUTES", 30, validate=validate.Range(0, 600))
    LOG_FORMAT = env.str("LOG_FORMAT", "auto", validate=validate.OneOf(["auto", "console", "json"]))
    LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
except (ClosuresInvalid, EnvError, LimitsInvalid) as error:
    raise ImproperlyConfigured(f"{error} Set it in the environment or in .env; `make setup` writes one.") from error

INSTALLED_APPS = [
    "accounts",
    "market",
    "analytics",
    "stockcompare.apps.StockCompareConfig",
    "accounts.admin_config.StockCompareAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "storages",
    "django_q",
    "django_vite",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "stockcompare.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AccountsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

# Users live in DynamoDB (see accounts); the relational database holds none.
AUTH_USER_MODEL = "accounts.User"
# accounts knows no other app; what it stores as a symbol is what this function takes for one (else a ValueError).
ACCOUNTS_SYMBOL_PARSER = "market.symbols.parse_symbol"
AUTHENTICATION_BACKENDS = ["accounts.backends.DynamoBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.LeanArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"

# __Host- makes the browser insist on Secure, Path=/ and no Domain; it does not work on plain http.
REFRESH_COOKIE = "__Host-sc_refresh" if HTTPS else "sc_refresh"
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    # A sign-in ends after 7 days without use; accounts.sessions ends it after 30 days in any case.
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "stockcompare",
    "AUDIENCE": "stockcompare",
    "LEEWAY": 30,
    "USER_ID_FIELD": "username",
    "USER_ID_CLAIM": "sub",
    # The stock views would check no revocation, so their serializers refuse to work.
    **{
        f"{name}_SERIALIZER": "accounts.tokens.StockViewRefused"
        for name in (
            "TOKEN_OBTAIN",
            "TOKEN_REFRESH",
            "TOKEN_VERIFY",
            "TOKEN_BLACKLIST",
            "SLIDING_TOKEN_OBTAIN",
            "SLIDING_TOKEN_REFRESH",
        )
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.JWTAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.RolePermission"],
    "DEFAULT_SCHEMA_CLASS": "accounts.api.description.RoleSchema",
    "EXCEPTION_HANDLER": "stockcompare.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "StockCompare",
    "DESCRIPTION": (
        "Stocks on minute-level data. Every answer names its provenance. Instants are UTC, sessions are New York "
        "trading dates, prices are as traded unless `adjustment` says otherwise, returns are fractions. Sign in with "
        "`POST /api/v1/auth/token/` and send the access token as `Authorization: Bearer`."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "PhaseEnum": "analytics.api.serializers.PHASES",
        "TimeframeEnum": "analytics.api.serializers.TIMEFRAMES",
        "MarketPhaseEnum": "analytics.api.serializers.MARKET_PHASES",
        "SavedTimeframeEnum": "accounts.api.saved.shapes.TIMEFRAMES",
        "AdjustmentEnum": "analytics.api.serializers.ADJUSTMENTS",
        "AdjustmentEventKindEnum": "analytics.api.serializers.EVENT_KINDS",
    },
}

ROOT_URLCONF = "stockcompare.urls"
WSGI_APPLICATION = "stockcompare.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stockcompare.context.market",
                "accounts.context.sign_up",
            ]
        },
    }
]

# Without mail nothing waits for one: accounts are good at once, and nobody is asked for an address.
MAIL_CONFIGURED = MAIL_DELIVERY != "none"
if MAIL_DELIVERY == "smtp" and not (EMAIL_HOST and SITE_URL):
    # The host that a request names is the sender's word: a mail must not lead to it.
    raise ImproperlyConfigured(
        "Mail needs EMAIL_HOST, and SITE_URL for the links in it, such as https://stocks.example."
    )
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise ImproperlyConfigured("Set EMAIL_USE_TLS (STARTTLS, port 587) or EMAIL_USE_SSL (port 465), not both.")
EMAIL_BACKEND = {
    "none": "django.core.mail.backends.dummy.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
}[MAIL_DELIVERY]
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Vite's names end in "-" and 8 characters of hash, which WhiteNoise's own test for immutable files misses.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/build/assets/.+-[\w-]{8}\.\w+$"
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": BASE_DIR / "static/build/manifest.json",
        "static_url_prefix": "build",
    }
}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers never wait for the writer (WAL). A transaction asks for the write lock at its start, because one that asks
    # half-way is refused at once, whatever the timeout.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

# One worker for each job, one for the minute ticks that decide what is due. `retry` is above `timeout`, so that a job
# that still runs is never handed out again. Missed ticks are not made up for: the run records decide what is due.
Q_CLUSTER = {
    "name": "stockcompare",
    "label": "Background jobs",
    "orm": "default",
    "workers": 3,
    "timeout": 3600,
    "retry": 3900,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 100,
    "poll": 1,
    "save_limit": 200,
    "log_level": "WARNING",
}

# Touched by every tick of a schedule; `make up` starts a worker anew that does not touch it for five minutes.
WORKER_PULSE = VAR_DIR / "run/worker.pulse"

# The raw replies and the tables' files, written once and never changed; on S3 through django-storages.
if LAKE_URL.startswith("s3://"):
    _bucket, _, _prefix = LAKE_URL.removeprefix("s3://").partition("/")
    _lake_storage = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": _bucket, "location": _prefix, "file_overwrite": False, "default_acl": None},
    }
else:
    _lake_storage = {
        "BACKEND": "market.lake.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": LAKE_URL.removeprefix("file://")},
    }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "lake": _lake_storage,
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_AGE = int(timedelta(days=7).total_seconds())
SECURE_REFERRER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # the policy below says frame-ancestors, which X-Frame-Options only repeats
    "security.W005",  # whether all subdomains are on HTTPS, and
    "security.W021",  # whether browsers are to know the host by heart, is for the owner of the domain to say
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING_CONFIG = "stockcompare.logs.configure_logging"
LOGGING = logging_config(
    level=LOG_LEVEL,
    log_format=LOG_FORMAT,
    secrets=[
        SECRET_KEY,
        JWT_SIGNING_KEY,
        EMAIL_HOST_PASSWORD,
        ALPACA_API_KEY_ID,
        ALPACA_API_SECRET_KEY,
        ALPHA_VANTAGE_API_KEY,
        MASSIVE_API_KEY,
        os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
    ],
)
