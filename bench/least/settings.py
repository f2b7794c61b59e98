"""As little as Django needs. Same database, same schema, same server as Opora's."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from bench.tickets import LEAST_SECRET

_database = urlsplit(os.environ["OPORA_DATABASE_URL"])

SECRET_KEY = LEAST_SECRET
ALLOWED_HOSTS = ["localhost"]
INSTALLED_APPS = ["django.contrib.sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "bench.least.views"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {"environment": "bench.least.views.environment"},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path.lstrip("/"),
        "USER": _database.username,
        "HOST": _database.hostname,
        "PORT": str(_database.port),
        "CONN_MAX_AGE": None,
    }
}
USE_TZ = True
TIME_ZONE = "Europe/Prague"
USE_I18N = False
LOGGING_CONFIG = None
