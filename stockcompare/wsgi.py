"""The web process. It must never import pyspark or pysail (a test and import-linter see to it)."""

import os

from django.core.wsgi import get_wsgi_application

from market.lake.arrow import keep_pandas_out

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stockcompare.settings")
keep_pandas_out()

application = get_wsgi_application()
