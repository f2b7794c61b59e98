"""Where mails go: OPORA_EMAIL_URL."""
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Chosen by the address's scheme."""
