"""The WSGI application, for gunicorn and other servers: `gunicorn coopdir.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopdir.settings")

application = get_wsgi_application()
