"""Addresses of the sign-in and account pages."""

from django.urls import path

from accounts.pages import account, comparisons, data, forgotten, keys, sign_up, views

urlpatterns = [
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", views.SignOutView.as_view(), name="sign-out"),
    path("sign-up/", sign_up.SignUpView.as_view(), name="sign-up"),
    path("sign-up/sent/", sign_up.sent, name="sign-up-sent"),
    path("sign-up/confirm/", sign_up.SignUpConfirmView.as_view(), name="sign-up-confirm"),
    path("forgotten-password/", forgotten.ForgottenPasswordView.as_view(), name="forgotten-password"),
    path("forgotten-password/sent/", forgotten.sent, name="forgotten-password-sent"),
    path("reset-password/", forgotten.ResetPasswordView.as_view(), name="reset-password"),
    path("account/", account.ProfileView.as_view(), name="account"),
    path("account/comparisons/", comparisons.ComparisonsView.as_view(), name="account-comparisons"),
    path(
        "account/comparisons/<str:thing_id>/rename/",
        comparisons.RenameComparisonView.as_view(),
        name="account-rename-comparison",
    ),
    path(
        "account/comparisons/<str:thing_id>/remove/",
        comparisons.RemoveComparisonView.as_view(),
        name="account-remove-comparison",
    ),
    path("account/keys/", keys.KeysView.as_view(), name="account-keys"),
    path("account/keys/<str:key_id>/revoke/", keys.RevokeKeyView.as_view(), name="account-revoke-key"),
    path("account/email/", account.ChangeEmailView.as_view(), name="account-email"),
    path("account/email/confirm/", account.ConfirmEmailView.as_view(), name="confirm-email"),
    path("account/password/", account.PasswordView.as_view(), name="account-password"),
    path("account/sign-ins/", account.SignInsView.as_view(), name="account-sign-ins"),
    path("account/sign-ins/end-others/", account.EndOtherSignInsView.as_view(), name="account-end-others"),
    path("account/sign-ins/<str:sid>/end/", account.EndSignInView.as_view(), name="account-end-sign-in"),
    path("account/data/", data.DataView.as_view(), name="account-data"),
    path("account/delete/", data.DeleteAccountView.as_view(), name="account-delete"),
]
