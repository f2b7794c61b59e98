"""Django settings. One file, production by default; what an operator may set is in `env.py`."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

from opora.config import databases, env, secret

ENVIRONMENT = env.load()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = secret.secret_key(ENVIRONMENT.data_dir, ENVIRONMENT.secret_key)
SECRET_KEY_FALLBACKS = ENVIRONMENT.secret_key_fallbacks.split()
PUBLIC_URL = ENVIRONMENT.public.geturl()
DATA_DIR = ENVIRONMENT.data_dir

_public_host = ENVIRONMENT.public.hostname or "localhost"
_is_local = _public_host in env.LOOPBACK
ALLOWED_HOSTS = [*env.LOOPBACK[:2], "[::1]"] if _is_local else [_public_host]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Where providers of sign-in may stand besides the open net (opora.core.outbound).
OUTBOUND_NETWORKS = tuple(
    ip_network(network)
    for network in (
        *ENVIRONMENT.outbound_networks.split(),
        *(("127.0.0.0/8", "::1/128") if _is_local else ()),
    )
)

# --- Applications and the way of a request ------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "django_htmx",
    "opora.core",
    "opora.accounts",
    "opora.catalog",
    "opora.sla",
    "opora.contracts",
    "opora.cases",
    "opora.billing",
    "opora.knowledge",
    "opora.notifications",
    "opora.web",
    "opora.portal",
    "opora.desk",
    "opora.api",
    "opora.jobs",
    "opora.cli",
]
MIDDLEWARE = [
    "opora.web.middleware.RequestIdMiddleware",
    "opora.web.middleware.HeadersMiddleware",  # also on redirects to https and on static files
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "opora.web.middleware.AccountMiddleware",
    "opora.web.middleware.ReaderMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "opora.web.accounts.middleware.SetUpMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "opora.web.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "opora.config.urls"
WSGI_APPLICATION = "opora.config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "opora.web.jinja.Pages",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "opora.web.jinja.environment",
            "context_processors": ["opora.web.context.page"],
        },
    },
    {
        # allauth's mails and the few library templates that are not ours.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------
DATABASES = {
    "default": databases.postgresql(ENVIRONMENT.database_url)
    if ENVIRONMENT.database_url
    else databases.sqlite(DATA_DIR / "opora.sqlite3"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Only allauth's throttles use it: shared by all processes, without a service of its own.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    },
}
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(DATA_DIR / "files"),
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    },
    "staticfiles": {"BACKEND": "opora.web.static_storage.HashedFiles"},
}
ATTACHMENT_LIMIT = ENVIRONMENT.attachment_limit_mb * 1024 * 1024
SCANNER = ENVIRONMENT.scanner

# --- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("cs", "Čeština"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
VENDOR_TIME_ZONE = ENVIRONMENT.time_zone

# --- Accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
SESSION_ENGINE = "opora.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_SAVE_EVERY_REQUEST = False
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_RESET_TIMEOUT = 3600
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "opora.accounts.passwords.UnlikeTheAddress",
        "OPTIONS": {"user_attributes": ("login_email",)},
    },
    {"NAME": "opora.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 15}},
    {"NAME": "opora.accounts.passwords.Uncommon"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "login_email"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # a mail scanner's click changes nothing (AU-17)
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # our adapter signs every other browser out
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_ADAPTER = "opora.web.sign_in.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "opora.web.work_sign_in.WorkAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
ACCOUNT_SIGNUP_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "signed_out"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "opora.web.accounts.forms.LoginForm",
    "signup": "opora.web.accounts.forms.SignupForm",
    "user_token": "opora.web.accounts.forms.UserTokenForm",
}
SOCIALACCOUNT_QUERY_EMAIL = False
MFA_ADAPTER = "opora.web.sign_in.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "opora.web.accounts.forms.AuthenticateForm",
    "reauthenticate": "opora.web.accounts.forms.ReauthenticateForm",
    "activate_totp": "opora.web.accounts.forms.ActivateTOTPForm",
    "add_webauthn": "opora.web.accounts.passkey_forms.AddPasskeyForm",
    "login_webauthn": "opora.web.accounts.passkey_forms.PasskeySignInForm",
    "authenticate_webauthn": "opora.web.accounts.passkey_forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "opora.web.accounts.passkey_forms.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.is_https  # then the host is this machine
MFA_TOTP_ISSUER = ENVIRONMENT.vendor_name

# --- Payments -----------------------------------------------------------------------------------
PAYMENTS = tuple(dict.fromkeys(ENVIRONMENT.payments.split()))
STRIPE = {
    "secret_key": ENVIRONMENT.stripe_secret_key,
    "publishable_key": ENVIRONMENT.stripe_publishable_key,
    "webhook_secret": ENVIRONMENT.stripe_webhook_secret,
    "api": ENVIRONMENT.stripe_api,
    "script": ENVIRONMENT.stripe_script,
}
SELLER = tuple(filter(None, (line.strip() for line in ENVIRONMENT.seller.split(";"))))
BANK_ACCOUNT = ENVIRONMENT.bank_account
SERVICES_AGREEMENT = ENVIRONMENT.services_agreement
REFUND_LIMITS = ENVIRONMENT.refund_limits

# --- The vendor ---------------------------------------------------------------------------------
VENDOR_NAME = ENVIRONMENT.vendor_name
VENDOR_ACCENT = ENVIRONMENT.vendor_accent
VENDOR_LOGO = ENVIRONMENT.vendor_logo

# --- Mail ---------------------------------------------------------------------------------------
EMAIL_URL = ENVIRONMENT.email_url or f"file:{DATA_DIR / 'mail'}"
EMAIL_BACKEND = "opora.notifications.transport.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from or f"{ENVIRONMENT.vendor_name} <support@{_public_host}>"

# --- Browser security (SECURITY 6) --------------------------------------------------------------
SECURE_SSL_REDIRECT = ENVIRONMENT.is_https
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trusted_proxies else None
)
SECURE_HSTS_SECONDS = 63072000 if ENVIRONMENT.is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENVIRONMENT.is_https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-sid" if ENVIRONMENT.is_https else "sid"
CSRF_COOKIE_NAME = "__Host-csrf" if ENVIRONMENT.is_https else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.is_https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "opora.web.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 0  # every upload streams to disk
FILE_UPLOAD_HANDLERS = ["opora.web.uploads.LimitedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o640

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "opora.web.finders.FontFinder",
    "opora.api.finders.SwaggerFinder",
]
WHITENOISE_USE_FINDERS = False

METRICS_TOKEN = ENVIRONMENT.metrics_token
API_RATE_PER_MINUTE = ENVIRONMENT.api_rate_per_minute

SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # opora.web.middleware.HeadersMiddleware refuses frames
    "security.W004",  # HSTS and
    "security.W008",  # the redirect follow the public address's scheme, refused if public and http;
    "security.W012",  # so do secure cookies
    "security.W016",
]
LOGGING_CONFIG = None  # opora.web.logs configures structlog once a process
