"""The product's settings, made quick for tests. What the product decides stays as it is."""

from opora.config.settings import *  # noqa: F403
from opora.config.settings import DATA_DIR, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # files are looked up when asked for, not listed at start
(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)
