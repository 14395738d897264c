"""The web process. It must never import pyspark or pysail (a test and import-linter see to it)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stockcompare.settings")

application = get_wsgi_application()
