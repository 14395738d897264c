"""Every address of the site, by area."""

from django.contrib import admin
from django.urls import include, path

from stockcompare.api import SchemaView
from stockcompare.docs import docs

# Finds the admin's pages of every app, which its addresses below are made of.
admin.autodiscover()

urlpatterns = [
    path("api/v1/auth/", include("accounts.api.urls")),
    path("api/v1/", include("accounts.api.saved.urls")),
    path("api/v1/", include("analytics.api.urls")),
    path("api/v1/schema/", SchemaView.as_view(), name="schema"),
    path("api/v1/docs/", docs, name="docs"),
    path("", include("accounts.pages.urls")),
    path("", include("analytics.pages.urls")),
    path("admin/", admin.site.urls),
]
handler500 = "accounts.unavailable.server_error"
