"""System checks: settings with which users or tokens would silently stop being ours. They call no network."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SERIALIZERS = (
    "TOKEN_OBTAIN_SERIALIZER",
    "TOKEN_REFRESH_SERIALIZER",
    "TOKEN_VERIFY_SERIALIZER",
    "TOKEN_BLACKLIST_SERIALIZER",
    "SLIDING_TOKEN_OBTAIN_SERIALIZER",
    "SLIDING_TOKEN_REFRESH_SERIALIZER",
)


@register("security")
def check_tokens(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if "rest_framework_simplejwt.token_blacklist" in settings.INSTALLED_APPS:
        message = "token_blacklist joins a users table that does not exist; accounts.sessions revokes tokens."
        found.append(Error(message, id="accounts.E001"))
    jwt: dict[str, Any] = settings.SIMPLE_JWT
    stock = [name for name in SERIALIZERS if not str(jwt.get(name, "")).startswith("accounts.")]
    if stock:
        message = f"SIMPLE_JWT must name serializers of accounts, or a stock view would skip revocation: {stock}."
        found.append(Error(message, id="accounts.E002"))
    if jwt.get("SIGNING_KEY") in (None, "", settings.SECRET_KEY):
        found.append(Error("SIMPLE_JWT needs a SIGNING_KEY of its own.", id="accounts.E003"))
    return found


@register("security")
def check_backends(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.AUTHENTICATION_BACKENDS == ["accounts.backends.DynamoBackend"]:
        return []
    message = "AUTHENTICATION_BACKENDS must be accounts.backends.DynamoBackend alone: another one skips the lockout."
    return [Error(message, id="accounts.E004")]
