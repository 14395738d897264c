"""Addresses below /api/v1/auth/."""

from django.urls import path

from accounts.api import keys, views

urlpatterns = [
    path("token/", views.TokenView.as_view(), name="auth-token"),
    path("refresh/", views.RefreshView.as_view(), name="auth-refresh"),
    path("logout/", views.LogoutView.as_view(), name="auth-logout"),
    path("me/", views.MeView.as_view(), name="auth-me"),
    path("keys/", keys.KeyListView.as_view(), name="auth-keys"),
    path("keys/<str:key_id>/", keys.KeyView.as_view(), name="auth-key"),
]
