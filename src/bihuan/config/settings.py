"""Django's settings. Everything that differs between installations comes from `environment`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from . import environment

# Several at once, the matrix library wants more stack than a thread of the web server has, and the process dies.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOMS = [
    "packs",
    "integration",
    "service",
    "quality",
    "segmentation",
    "sales",
    "customers",
    "catalog",
    "messaging",
    "rulebook",
    "people",
    "audit",
    "kernel",
]
PACKAGE = Path(__file__).resolve().parent.parent
HOME = environment.home()

DEBUG = os.environ.get("BIHUAN_DEBUG") == "1"
SECRET_KEY = environment.secret_key()
ALLOWED_HOSTS = (os.environ.get("BIHUAN_HOSTS") or "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [one for one in (os.environ.get("BIHUAN_ORIGINS") or "").split(",") if one]
OWN_ADDRESS = f"http://127.0.0.1:{environment.port()}"
BEHIND_TLS = os.environ.get("BIHUAN_TLS") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *(f"bihuan.{room}" for room in ROOMS),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bihuan.kernel.pages.middleware.LanguageMiddleware",
    "bihuan.packs.middleware.IndustryWordsMiddleware",
    "bihuan.people.sessions.SessionEndMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bihuan.kernel.pages.middleware.ToastMiddleware",
    "bihuan.kernel.pages.middleware.RefusalMiddleware",
    "bihuan.people.middleware.ActorMiddleware",
    "bihuan.people.tokens.doors.TokenMiddleware",
    "bihuan.people.doors.DoorMiddleware",
    "bihuan.audit.reading.SecretReadMiddleware",
    "bihuan.service.middleware.PromisedOnceMiddleware",
]
ROOT_URLCONF = "bihuan.config.urls"
WSGI_APPLICATION = "bihuan.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The pages of sign-in are drawn by `people` and must be found before allauth's own.
        "DIRS": [PACKAGE / "config" / "templates", PACKAGE / "people" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bihuan.config.context.surroundings",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": environment.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["bihuan.people.backends.PeopleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "bihuan.people.sign_in.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True  # as long as SESSION_COOKIE_AGE; people.sessions ends idle ones
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
# Ten failures a minute from an address, five in five minutes for a name: then it is locked for that long.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "bihuan.people.sign_in.MfaAdapter"
MFA_TOTP_ISSUER = "Bihuan"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_TLS

# Sign-in by OpenID Connect: BIHUAN_OIDC holds a list of providers as JSON, as allauth documents them.
OIDC_PROVIDERS: list[dict[str, Any]] = json.loads(os.environ.get("BIHUAN_OIDC") or "[]")
if OIDC_PROVIDERS:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": OIDC_PROVIDERS}}
    SOCIALACCOUNT_ADAPTER = "bihuan.people.sign_in_oidc.SocialAccountAdapter"
    SOCIALACCOUNT_LOGIN_ON_GET = False

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [
    ("zh-hans", _("Simplified Chinese")),
    ("zh-hant", _("Traditional Chinese")),
    ("en", _("English")),
]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [PACKAGE / "config" / "locale"]  # config is no application; rooms bring their own
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("BIHUAN_TIME_ZONE") or "Asia/Shanghai"
# Numbers are written by kernel.pages.values; a separator of Django's own would also get into addresses.
USE_THOUSAND_SEPARATOR = False
CSRF_FAILURE_VIEW = "bihuan.config.views.csrf_failure"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [PACKAGE / "config" / "static"]
# What kernel/documents sets PDFs in; built by tools/assets.py, packed in the wheel.
DOCUMENT_FONTS = PACKAGE / "config" / "static" / "vendor" / "fonts"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 86400

SESSION_ENGINE = "django.contrib.sessions.backends.db"
IDLE_MINUTES = int(os.environ.get("BIHUAN_IDLE_MINUTES") or 30)
SESSION_HOURS = 12
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
# How many proxies of ours stand before the program and write into X-Forwarded-For.
TRUSTED_PROXIES = int(os.environ.get("BIHUAN_PROXIES") or 0)
# Counts of failed sign-ins must be seen by all processes; a migration of `people` makes the table.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
