"""Sign-ins: begun, kept alive, recognised and ended. One row in DynamoDB each (a family of refresh tokens).

A refresh token works once; the row names the current one and its predecessor. The predecessor is honoured for 20 s
more, so that two tabs which refresh in the same moment get the same successor. Presented later it was copied by
somebody, and the whole family ends. A family ends after 7 days without use and after 30 days in any case.
"""

import time
from dataclasses import dataclass
from secrets import token_hex

from django.conf import settings
from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token

from accounts import audit, lockout, tokens
from accounts.dynamo import families
from accounts.dynamo.store import Item
from accounts.models import User
from accounts.tokens import Claims, TokenInvalid

GRACE_SECONDS = 20
# Where Django's session of a member of the staff names the sign-in that it is part of.
SESSION_SIGN_IN = "sign_in"


class SignInEnded(Exception):
    """The sign-in that a token belongs to is over: signed out, expired, revoked, or its user is gone or locked."""


@dataclass(frozen=True)
class Grant:
    """What a browser gets: a short access token for memory and a refresh token for the cookie."""

    user: User
    sid: str
    access: str
    refresh: str
    refresh_seconds: int


def start(user: User, *, device: str, address: str, now: int) -> Grant:
    """Begin a sign-in. `device` is the browser's own description of itself; both are shown to the user only."""
    family: Item = {
        "uid": user.uid,
        "sid": token_hex(16),
        "username": user.username,
        "token_version": user.token_version,
        "jti_current": tokens.new_jti(),
        "created_at": now,
        "rotated_at": now,
        "absolute_exp": now + tokens.ABSOLUTE_SECONDS,
        "device": device[:200],
        "address": address,
    }
    families.put_family(family | {"expires_at": _expiry(family)})
    audit.log("signed_in", user.username)
    return _grant(user, family, now)


def refresh(text: str, *, now: int) -> Grant:
    """Exchange a refresh token. Raises TokenInvalid, or SignInEnded when its family is over or was copied."""
    claims = tokens.read_refresh(text)
    user, family = _live(claims.username, claims.uid, claims.sid, now)
    if claims.jti == family["jti_current"] and not _just_rotated(family, now):
        rotated = family | {"jti_current": tokens.new_jti(), "jti_prev": claims.jti, "rotated_at": now}
        if families.rotate_family(
            claims.uid,
            claims.sid,
            presented=claims.jti,
            successor=rotated["jti_current"],
            now=now,
            expires_at=_expiry(rotated),
        ):
            return _grant(user, rotated, now)
        user, family = _live(claims.username, claims.uid, claims.sid, now)
    if not _is_honoured(claims, family, now):
        families.delete_family(claims.uid, claims.sid)
        audit.log("refresh_token_reused", claims.username)
        raise SignInEnded
    return _grant(user, family, now)


def identify(text: str, *, now: int) -> User | None:
    """Return the user whose live refresh token this is, or None. One consistent read; changes nothing."""
    try:
        claims = tokens.read_refresh(text)
        user, family = _live(claims.username, claims.uid, claims.sid, now)
    except (TokenInvalid, SignInEnded):
        return None
    return user if _is_honoured(claims, family, now) else None


def check(claims: Claims, *, now: int) -> User:
    """Return the user of a verified access token if the token is still good at this moment. One consistent read.

    Raises SignInEnded after sign-out, change of password, deactivation, deletion, or re-creation of the name.
    """
    user, _ = _live(claims.username, claims.uid, claims.sid, now)
    if claims.token_version != user.token_version:
        raise SignInEnded
    return user


def of_session(session: SessionBase, *, now: int) -> User | None:
    """Return the user of a staff member's Django session while the sign-in it is part of lives. One consistent read."""
    try:
        username, (uid, sid) = str(session[SESSION_KEY]), session[SESSION_SIGN_IN]
        return _live(username, uid, sid, now)[0]
    except (KeyError, SignInEnded):
        return None


def begin(request: HttpRequest, user: User, *, now: int) -> Grant:
    """Begin the sign-in of a browser. Staff also get Django's session, which the admin site works with."""
    address = lockout.client_address(request)
    grant = start(user, device=request.META.get("HTTP_USER_AGENT", ""), address=address, now=now)
    if user.is_staff:
        login(request, user)  # with a new session key, and the signal that notes the time
        request.session[SESSION_SIGN_IN] = (user.uid, grant.sid)
    else:
        user_logged_in.send(sender=User, request=request, user=user)
        rotate_token(request)
    return grant


def renew(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the browser in which a user has just changed the password a sign-in again; all others stay ended."""
    user = User.objects.get(pk=request.user.pk)
    set_cookie(response, begin(request, user, now=int(time.time())))


def finish(request: HttpRequest, *, bearer: str | None = None) -> None:
    """End the sign-in that the cookie or the access token belongs to, and Django's session, where there are any."""
    for text, read in ((cookie_of(request), tokens.read_refresh), (bearer, tokens.read_access)):
        try:
            claims = read(text) if text else None
        except TokenInvalid:
            continue
        if claims:
            families.delete_family(claims.uid, claims.sid)
            audit.log("signed_out", claims.username)
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        request.session.flush()


def _live(username: str, uid: str, sid: str, now: int) -> tuple[User, Item]:
    row, family = families.get_user_and_family(username, uid, sid)
    if row is None or family is None or row["uid"] != uid or not row["is_active"]:
        raise SignInEnded
    # Compared here because DynamoDB deletes expired rows days late.
    if family["token_version"] != row["token_version"] or _expiry(family) <= now:
        raise SignInEnded
    return User.from_row(row), family


def _just_rotated(family: Item, now: int) -> bool:
    return family.get("jti_prev") is not None and now - family["rotated_at"] < GRACE_SECONDS


def _is_honoured(claims: Claims, family: Item, now: int) -> bool:
    return claims.jti == family["jti_current"] or (claims.jti == family.get("jti_prev") and _just_rotated(family, now))


def _expiry(family: Item) -> int:
    return int(min(family["rotated_at"] + tokens.IDLE_SECONDS, family["absolute_exp"]))


def _grant(user: User, family: Item, now: int) -> Grant:
    names = {"username": user.username, "uid": user.uid, "sid": family["sid"]}
    expires_at = _expiry(family)
    refresh_text = tokens.write_refresh(
        **names, jti=family["jti_current"], issued_at=int(family["rotated_at"]), expires_at=expires_at
    )
    access = tokens.write_access(**names, token_version=user.token_version, role=user.role, now=now)
    return Grant(user, family["sid"], access, refresh_text, expires_at - now)


def cookie_of(request: HttpRequest) -> str:
    """Return the refresh token that a browser sent, or ""."""
    return request.COOKIES.get(settings.REFRESH_COOKIE, "")


def set_cookie(response: HttpResponseBase, grant: Grant) -> None:
    response.set_cookie(
        settings.REFRESH_COOKIE,
        grant.refresh,
        max_age=grant.refresh_seconds,
        path="/",
        secure=settings.HTTPS,
        httponly=True,
        # Lax, not Strict: a page opened from a link in a mail must know its user.
        samesite="Lax",
    )


def clear_cookie(response: HttpResponseBase) -> None:
    response.set_cookie(
        settings.REFRESH_COOKIE, "", max_age=0, path="/", secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
