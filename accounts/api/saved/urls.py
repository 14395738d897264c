"""Addresses of what a person saves, below /api/v1/."""

from django.urls import path

from accounts.api.saved import views

urlpatterns = [
    path("watchlists/", views.WatchlistListView.as_view(), name="watchlists"),
    path("watchlists/<str:thing_id>/", views.WatchlistView.as_view(), name="watchlist"),
    path("comparisons/", views.ComparisonListView.as_view(), name="comparisons"),
    path("comparisons/<str:thing_id>/", views.ComparisonView.as_view(), name="comparison"),
    path(
        "comparisons/shared/<str:owner>/<str:thing_id>/",
        views.SharedComparisonView.as_view(),
        name="shared-comparison",
    ),
]
