"""The web application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from opora.web.chunked import takes_chunks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opora.config.settings")
application = takes_chunks(get_wsgi_application())
