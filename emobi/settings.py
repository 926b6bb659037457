"""Django's settings. What an operator may set comes from the environment and stands in docs/settings.md."""

from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.csp import CSP

from emobi import env, logs

ROOT = Path(__file__).resolve().parent.parent

# ── where things are ────────────────────────────────────────────────────────────────────────────────────

# Embedded servers, generated keys and the development CA live here.
EMOBI_DATA_DIR = Path(env.text("EMOBI_DATA_DIR", default=str(ROOT / ".emobi"))).resolve()

# manage.py sets both from the embedded servers when they are unset.
DATABASE_URL = env.server_url(
    "DATABASE_URL", default="postgresql://localhost/emobi", schemes=("postgresql", "postgres")
)
REDIS_URL = env.server_url(
    "REDIS_URL", default="redis://localhost:6379/0", schemes=("redis", "rediss", "unix")
)

# Dashboard, API and event stream.
EMOBI_BIND = env.address("EMOBI_BIND", default="127.0.0.1:8000")
# Chargers over ws and over wss; empty: not served.
EMOBI_OCPP_BIND = env.address("EMOBI_OCPP_BIND", default="127.0.0.1:9000")
EMOBI_OCPP_TLS_BIND = env.address("EMOBI_OCPP_TLS_BIND", default="127.0.0.1:9443")
# What people are told to paste into a charger, without network and identity; empty: made from the binds.
EMOBI_OCPP_URL = env.url("EMOBI_OCPP_URL", default="", schemes=("ws", "wss"))
# Hosts of web pages that may speak for a charger, beside the one that it connects to: of simulators, say.
EMOBI_OCPP_ORIGINS = env.words("EMOBI_OCPP_ORIGINS", default="")
# Base URL of the dashboard's process as stations reach it, for the files that they fetch and leave; empty:
# made from the bind.
EMOBI_PUBLIC_URL = env.url("EMOBI_PUBLIC_URL", default="", schemes=("http", "https")).rstrip("/")

# ── chargers ────────────────────────────────────────────────────────────────────────────────────────────

# PEM files for wss, "chain.pem:key.pem", comma-separated; RSA and ECDSA side by side serve every station.
# Empty: a development CA in the data folder issues both.
EMOBI_TLS_CERTIFICATES = env.file_pairs("EMOBI_TLS_CERTIFICATES")
# PEM file of the CAs whose client certificates are taken (security profile 3); empty: the development CA.
EMOBI_TLS_CLIENT_CA = env.text("EMOBI_TLS_CLIENT_CA", default="")
# TLS 1.2 with OCPP's four suites, for stations that can't do 1.3.
EMOBI_TLS_ALLOW_12 = env.boolean("EMOBI_TLS_ALLOW_12", default=False)
# Gateway processes that share the charger ports.
EMOBI_GATEWAYS = env.integer("EMOBI_GATEWAYS", default=1, at_least=1, at_most=64)
# How long a station may take to answer a CALL of ours before the next may go out (OCPP-J allows one open
# CALL at a time). Slow modems need 30 s.
EMOBI_CALL_TIMEOUT_S = env.seconds("EMOBI_CALL_TIMEOUT_S", default=30, at_least=0.1)
# How long a station is asked nothing after its socket opened, and after its boot was answered.
EMOBI_BOOT_REST_S = env.seconds("EMOBI_BOOT_REST_S", default=1, at_least=0)
# A station that says nothing for so many heartbeat intervals is probed, and offline if the probe fails.
EMOBI_MISSED_HEARTBEATS = env.integer("EMOBI_MISSED_HEARTBEATS", default=3, at_least=1, at_most=1000)
# The interval that stations are given at boot, unless they have one of their own.
EMOBI_HEARTBEAT_INTERVAL_S = env.integer("EMOBI_HEARTBEAT_INTERVAL_S", default=300, at_least=1, at_most=86400)
# Server pings find half-open sockets; a pong has the same time to come.
EMOBI_PING_INTERVAL_S = env.seconds("EMOBI_PING_INTERVAL_S", default=20, at_least=0)
# How long a closed socket may be replaced before its station counts as offline.
EMOBI_OFFLINE_GRACE_S = env.seconds("EMOBI_OFFLINE_GRACE_S", default=3, at_least=0)
# The same after a restart or death of our own process: our outage is not the station's.
EMOBI_RESTART_GRACE_S = env.seconds("EMOBI_RESTART_GRACE_S", default=90, at_least=0)
# A gateway process that doesn't renew its lease for so long is dead; it renews three times as often.
EMOBI_LEASE_S = env.seconds("EMOBI_LEASE_S", default=45, at_least=5)
# How long answers to stations wait for a database that is away. Stations that are told nothing in time are
# let go, and say it again when they are back.
EMOBI_HOLD_S = env.seconds("EMOBI_HOLD_S", default=10, at_least=0)
# What W and A are worth to each other in charging profiles: between phase and neutral as the grid is meant to
# have it, and what an EV takes direct current at.
EMOBI_GRID_VOLTAGE_V = env.integer("EMOBI_GRID_VOLTAGE_V", default=230, at_least=100, at_most=1000)
EMOBI_DC_VOLTAGE_V = env.integer("EMOBI_DC_VOLTAGE_V", default=400, at_least=48, at_most=2000)
# Who makes the schedule for an EV that tells its needs: a strategy of `sessions.ev_strategies`, one that a
# package brings (docs/settings.md), or nobody.
EMOBI_EV_CHARGING = env.choice(
    "EMOBI_EV_CHARGING",
    default="soonest",
    among=("soonest", "elsewhere", "off", *sorted(entry_points(group="emobi.ev_strategies").names)),
)
# What a key may ask of the API, with bursts of ten seconds' worth; 0: as much as it likes.
EMOBI_API_REQUESTS_PER_MINUTE = env.integer("EMOBI_API_REQUESTS_PER_MINUTE", default=6000, at_least=0)
# Every OCPP message is kept so long.
EMOBI_MESSAGE_RETENTION_DAYS = env.integer(
    "EMOBI_MESSAGE_RETENTION_DAYS", default=90, at_least=1, at_most=36500
)
# The largest file that is taken: a firmware image, or a log that a station uploads.
EMOBI_UPLOAD_LIMIT_MB = env.integer("EMOBI_UPLOAD_LIMIT_MB", default=256, at_least=1, at_most=1 << 20)

# ── certificates ────────────────────────────────────────────────────────────────────────────────────────

# Who signs stations' keys: an authority that is asked over HTTP, with a bearer token if it wants one; or one
# in two PEM files that only the worker reads; none of them: the development CA in the data folder.
EMOBI_CA_URL = env.url("EMOBI_CA_URL", default="", schemes=("http", "https"))
EMOBI_CA_TOKEN = env.text("EMOBI_CA_TOKEN", default="")
EMOBI_CA_CERTIFICATE = env.text("EMOBI_CA_CERTIFICATE", default="")
EMOBI_CA_KEY = env.text("EMOBI_CA_KEY", default="")
# How long a certificate of the authority in files lasts, and how long before its end a station is asked for a
# new key.
EMOBI_CERTIFICATE_DAYS = env.integer("EMOBI_CERTIFICATE_DAYS", default=365, at_least=1, at_most=3650)
EMOBI_CERTIFICATE_RENEWAL_DAYS = env.integer(
    "EMOBI_CERTIFICATE_RENEWAL_DAYS", default=30, at_least=1, at_most=3650
)
# OCSP responders are named by certificates, so that they could be anywhere; private addresses are for tests.
EMOBI_OCSP_TIMEOUT_S = env.seconds("EMOBI_OCSP_TIMEOUT_S", default=4, at_least=0.1)
# A dead responder may not lock out a fleet, unless whoever runs it wants just that.
EMOBI_OCSP_STRICT = env.boolean("EMOBI_OCSP_STRICT", default=False)
EMOBI_OCSP_ALLOW_PRIVATE = env.boolean("EMOBI_OCSP_ALLOW_PRIVATE", default=False)
# A pool of contract certificates. An EV waits 5 s for its answer (ISO 15118-2, table 109).
EMOBI_EV_CERTIFICATE_URL = env.url("EMOBI_EV_CERTIFICATE_URL", default="", schemes=("http", "https"))
EMOBI_EV_CERTIFICATE_TOKEN = env.text("EMOBI_EV_CERTIFICATE_TOKEN", default="")
EMOBI_EV_CERTIFICATE_TIMEOUT_S = env.seconds("EMOBI_EV_CERTIFICATE_TIMEOUT_S", default=4.5, at_least=0.1)

# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────

# Hosts of authorization endpoints, each with its port if it isn't the usual one, that may be asked without
# TLS or at a private address.
EMOBI_AUTHORIZATION_HOSTS = env.words("EMOBI_AUTHORIZATION_HOSTS", default="")

# ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────

# Receivers without TLS, on any port, at private addresses. `manage.py up` turns it on unless told otherwise.
EMOBI_WEBHOOK_ALLOW_PRIVATE = env.boolean("EMOBI_WEBHOOK_ALLOW_PRIVATE", default=False)

# ── e-mail ──────────────────────────────────────────────────────────────────────────────────────────────

# The server that takes our e-mails, as smtp://user:password@host:587?starttls=1; empty: e-mails wait.
EMOBI_EMAIL_URL = env.url("EMOBI_EMAIL_URL", default="", schemes=("smtp", "smtps"))
EMOBI_EMAIL_FROM = env.email_sender("EMOBI_EMAIL_FROM", default="Emobi <emobi@localhost>")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = EMOBI_EMAIL_FROM
MAILERS = {"default": env.mailer("EMOBI_EMAIL_URL", EMOBI_EMAIL_URL)}

# ── operation ───────────────────────────────────────────────────────────────────────────────────────────

# Whoever has it may read /metrics. manage.py generates it into the data folder when it is unset.
EMOBI_METRICS_TOKEN = env.text("EMOBI_METRICS_TOKEN", default="")

# ── the demo ────────────────────────────────────────────────────────────────────────────────────────────

EMOBI_DEMO_STATIONS = env.integer("EMOBI_DEMO_STATIONS", default=12, at_least=0, at_most=10_000)

# ── Django ──────────────────────────────────────────────────────────────────────────────────────────────

# manage.py generates it into the data folder when it is unset.
SECRET_KEY = env.text("EMOBI_SECRET_KEY", default="unset")
DEBUG = False
ALLOWED_HOSTS = env.words("EMOBI_ALLOWED_HOSTS", default="localhost 127.0.0.1 [::1]")
if EMOBI_PUBLIC_URL:
    # Stations ask for their files by that name.
    _public_host = urlsplit(EMOBI_PUBLIC_URL).hostname or ""
    ALLOWED_HOSTS.append(f"[{_public_host}]" if ":" in _public_host else _public_host)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]
# Behind a proxy that terminates TLS for the dashboard: cookies only over https, HSTS.
EMOBI_HTTPS = env.boolean("EMOBI_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = EMOBI_HTTPS
SECURE_HSTS_SECONDS = 31536000 if EMOBI_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if EMOBI_HTTPS else None

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "ninja",
    "emobi.core",
    "stations",
    "sessions",
    "gateway",
    "webhooks",
    "dashboard",
    "emobi",
]
MIDDLEWARE = [
    "dashboard.request_ids.Numbering",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "emobi.api.problems.Outside",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "emobi.urls"
ASGI_APPLICATION = "emobi.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_database = urlsplit(DATABASE_URL)
_options = dict(pair.split("=", 1) for pair in _database.query.split("&") if "=" in pair)
# libpq would wait for a server that has vanished from the network until TCP gives up, hours later.
_patience = {
    # Together no longer than the gateway holds its answers (EMOBI_HOLD_S), and a little.
    "connect_timeout": "3",
    "tcp_user_timeout": "8000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(_database.path.lstrip("/")) or "emobi",
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        # A unix socket's folder comes as ?host=/folder.
        "HOST": unquote(_options.pop("host", "") or _database.hostname or ""),
        "PORT": str(_database.port or ""),
        # Each thread of a web process keeps its connection for a minute (`emobi.view_threads`).
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Without a threshold psycopg prepares no statement, even where it is told to (`emobi.core.batch`).
        # Django's own bind on the client and never are prepared.
        "OPTIONS": {
            "prepare_threshold": 5,
            **_patience,
            **{key: unquote(value) for key, value in _options.items()},
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "emobi"},
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# Signing in: people are made by an administrator, with a password; what they add to it is theirs. How often a
# password may be tried is counted by `dashboard.accounts.sign_in_limits`, a code or passkey by allauth.
ACCOUNT_ADAPTER = "dashboard.accounts.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "dashboard.accounts.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Emobi"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
LOGIN_URL = "dashboard:sign-in"
LOGIN_REDIRECT_URL = "dashboard:overview"
LOGOUT_REDIRECT_URL = "dashboard:sign-in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # Other hosts below the dashboard's name, and browsers' preload lists, are not ours to decide on.
    "security.W005",
    "security.W021",
    # The proxy that speaks https is the one that redirects to it.
    "security.W008",
    # Exclusion constraints need nothing of that app but its classes; it asks each new connection for types
    # of extensions that we don't use.
    "postgres.E005",
]
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
# Files are served from where they are; nothing has to be collected before `up`.
WHITENOISE_USE_FINDERS = True

CELERY_BROKER_URL = REDIS_URL

LOGGING_CONFIG = None
logs.configure(level=env.text("EMOBI_LOG_LEVEL", default="INFO"))
