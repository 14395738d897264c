"""The web process. It must never import pyspark or pysail (a test and import-linter see to it)."""

from stockcompare.beginning import begin

begin()

from django.core.wsgi import get_wsgi_application  # noqa: E402  # after what decides how libraries are loaded

from market.lake.arrow import keep_pandas_out  # noqa: E402  # the same

keep_pandas_out()

application = get_wsgi_application()
