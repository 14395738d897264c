"""Addresses of the pages; the same without symbols leads to the configured ones."""

from django.urls import path

from analytics.pages import corrections, quality, statistics, views

urlpatterns = [
    path("", views.home, name="home"),
    path("compare/", views.choose, {"page": "compare"}, name="compare"),
    path("compare/<path:symbols>/", views.comparison, name="compare"),
    path("statistics/", views.choose, {"page": "statistics"}, name="statistics"),
    path("statistics/<path:symbols>/", statistics.statistics, name="statistics"),
    path("pair/", views.choose, {"page": "pair"}, name="pair"),
    path("pair/<path:symbols>/", statistics.pair, name="pair"),
    path("daily/", views.choose, {"page": "daily"}, name="daily"),
    path("daily/<path:symbols>/", views.daily, name="daily"),
    path("hourly/", views.choose, {"page": "hourly"}, name="hourly"),
    path("hourly/<path:symbols>/", views.hourly, name="hourly"),
    path("averages/", views.choose, {"page": "averages"}, name="averages"),
    path("averages/<path:symbols>/", views.averages, name="averages"),
    path("data/", views.data, name="data"),
    path("quality/", quality.quality, name="quality"),
    path("corrections/", corrections.corrections, name="corrections"),
]
