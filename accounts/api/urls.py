"""Addresses below /api/v1/auth/."""

from django.urls import path

from accounts.api import keys, people, views

urlpatterns = [
    path("token/", views.TokenView.as_view(), name="auth-token"),
    path("refresh/", views.RefreshView.as_view(), name="auth-refresh"),
    path("logout/", views.LogoutView.as_view(), name="auth-logout"),
    path("sign-up/", people.SignUpView.as_view(), name="auth-sign-up"),
    path("sign-up/address/", people.SignUpAddressView.as_view(), name="auth-sign-up-address"),
    path("password/", people.PasswordView.as_view(), name="auth-password"),
    path("password/forgotten/", people.ForgottenPasswordView.as_view(), name="auth-password-forgotten"),
    path("password/reset/", people.ResetPasswordView.as_view(), name="auth-password-reset"),
    path("me/", people.MeView.as_view(), name="auth-me"),
    path("me/delete/", people.DeleteView.as_view(), name="auth-me-delete"),
    path("me/email/", people.EmailView.as_view(), name="auth-me-email"),
    path("me/email/confirm/", people.ConfirmEmailView.as_view(), name="auth-me-email-confirm"),
    path("me/export/", people.ExportView.as_view(), name="auth-me-export"),
    path("sign-ins/", people.SignInsView.as_view(), name="auth-sign-ins"),
    path("sign-ins/end-others/", people.EndOthersView.as_view(), name="auth-end-others"),
    path("sign-ins/<str:sid>/", people.OneSignInView.as_view(), name="auth-sign-in"),
    path("keys/", keys.KeyListView.as_view(), name="auth-keys"),
    path("keys/<str:key_id>/", keys.KeyView.as_view(), name="auth-key"),
]
