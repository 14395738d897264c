"""Addresses of the sign-in and account pages."""

from django.urls import path

from accounts.pages import account, keys, views

urlpatterns = [
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", views.SignOutView.as_view(), name="sign-out"),
    path("account/", account.ProfileView.as_view(), name="account"),
    path("account/keys/", keys.KeysView.as_view(), name="account-keys"),
    path("account/keys/<str:key_id>/revoke/", keys.RevokeKeyView.as_view(), name="account-revoke-key"),
    path("account/sign-ins/", account.SignInsView.as_view(), name="account-sign-ins"),
    path("account/sign-ins/end-others/", account.EndOtherSignInsView.as_view(), name="account-end-others"),
    path("account/sign-ins/<str:sid>/end/", account.EndSignInView.as_view(), name="account-end-sign-in"),
]
