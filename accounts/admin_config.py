"""The admin app with our site; apart from accounts.apps, which must name one app configuration only."""

from django.contrib.admin.apps import SimpleAdminConfig


class StockCompareAdminConfig(SimpleAdminConfig):
    """Leaves the admin's pages to stockcompare/urls.py to load: most commands need none of what they import."""

    default_site = "accounts.admin_site.StockCompareAdminSite"
