"""The one door to SimpleJWT: tokens written and read, nothing stored.

An access token lives 5 minutes and is good by its signature alone. A refresh token is good only while its family's
row in DynamoDB says so; `accounts.sessions` sees to that.
"""

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from rest_framework.serializers import Serializer
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

_JWT: dict[str, Any] = settings.SIMPLE_JWT
ACCESS_SECONDS = int(_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds())
IDLE_SECONDS = int(_JWT["REFRESH_TOKEN_LIFETIME"].total_seconds())
ABSOLUTE_SECONDS = int(timedelta(days=30).total_seconds())


class TokenInvalid(Exception):
    """A token that is not ours, not of the wanted kind, or past its time."""


@dataclass(frozen=True)
class Claims:
    """What a verified token says. `token_version` and `role` are those of the moment it was issued; `exp` is in
    epoch seconds."""

    username: str
    uid: str
    sid: str
    jti: str
    exp: int
    token_version: int = 0
    role: str = ""


def new_jti() -> str:
    return token_hex(16)


def write_access(*, username: str, uid: str, sid: str, token_version: int, role: str, now: int) -> str:
    token = AccessToken()
    token.payload |= {
        "sub": username,
        "uid": uid,
        "sid": sid,
        "tv": token_version,
        "role": role,
        "jti": new_jti(),
        "iat": now,
        "exp": now + ACCESS_SECONDS,
    }
    return str(token)


def read_access(text: str) -> Claims:
    return _read(AccessToken, text, ("token_version", "tv", int), ("role", "role", str))


def write_refresh(*, username: str, uid: str, sid: str, jti: str, issued_at: int, expires_at: int) -> str:
    """Return the same text for the same arguments, so that two tabs that refresh at once get the same successor."""
    token = RefreshToken()
    token.payload |= {"sub": username, "uid": uid, "sid": sid, "jti": jti, "iat": issued_at, "exp": expires_at}
    return str(token)


def read_refresh(text: str) -> Claims:
    return _read(RefreshToken, text)


def _read(kind: type[AccessToken] | type[RefreshToken], text: str, *more: tuple[str, str, type]) -> Claims:
    """Return the claims that both kinds make, and `more` of them: each a field, its name in the token and its type."""
    try:
        payload: dict[str, Any] = kind(text).payload  # type: ignore[arg-type]  # the library takes the encoded text
        return Claims(
            username=str(payload["sub"]),
            uid=str(payload["uid"]),
            sid=str(payload["sid"]),
            jti=str(payload["jti"]),
            exp=int(payload["exp"]),
            **{field: of_type(payload[name]) for field, name, of_type in more},
        )
    except (TokenError, KeyError, ValueError) as error:
        raise TokenInvalid from error


class StockViewRefused(Serializer[Any]):
    """Stands where SimpleJWT's stock serializers would: they know neither families nor lockout."""

    def __init__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImproperlyConfigured("SimpleJWT's stock views skip revocation. Use /api/v1/auth/.")
