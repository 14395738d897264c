"""The admin app with our site; apart from accounts.apps, which must name one app configuration only."""

from django.contrib.admin.apps import AdminConfig


class StockCompareAdminConfig(AdminConfig):
    default_site = "accounts.admin_site.StockCompareAdminSite"
