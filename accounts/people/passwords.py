"""Passwords: confirmed, changed, forgotten and set anew."""

from django.utils.crypto import salted_hmac

from accounts import audit, limits, links, lockout, mail
from accounts.errors import StaleUser
from accounts.fields import canonical
from accounts.limits import TooMany
from accounts.links import LinkInvalid
from accounts.models import User


class WrongPassword(Exception):
    """The password given to confirm something is not the user's."""


def confirm(user: User, password: str, *, address: str) -> None:
    """Check the password of somebody who is signed in, counted like a sign-in. Raises WrongPassword and TooMany."""
    attempt = lockout.reserve(user.username, address)
    if attempt.retry_after:
        raise TooMany(attempt.retry_after)
    if not user.check_password(password):
        audit.log("password_not_confirmed", user.username)
        raise WrongPassword
    attempt.succeeded()


def change(user: User, *, current: str, new: str, address: str) -> None:
    """Set a new password; every sign-in of the user ends by it. Raises WrongPassword, TooMany and StaleUser."""
    confirm(user, current, address=address)
    _set(user, new)
    audit.log("password_changed", user.username)


def forgotten(email: str, *, address: str, base: str, now: int) -> None:
    """Send the link to set a new password, if this is the address of somebody who may sign in. Never tells."""
    email = canonical(email)
    limits.reserve_for_address("forgotten", address, now=now)
    limits.reserve_for_target("forgotten", email, now=now)
    user = User.objects.find_by_identifier(email)
    audit.log("password_forgotten", user.username if user else "")
    if user and user.is_active and user.has_usable_password():
        facts = {"username": user.username, "uid": user.uid, "state": _state(user)}
        token = links.write("reset_password", facts, now=now)
        page = links.address(base, "reset-password", token)
        mail.send("reset_password", user.email, username=user.username, address=page)


def user_of_link(token: str, *, now: int) -> User:
    """Return whose password a link may set. Raises LinkInvalid, also once the password is another one."""
    facts = links.read("reset_password", token, now=now).facts
    user = User.objects.filter(username=facts["username"]).first()
    if user is None or user.uid != facts["uid"] or not user.is_active or _state(user) != facts["state"]:
        raise LinkInvalid
    return user


def reset(user: User, new: str, *, now: int) -> None:
    """Set the password of the user that a link named; all sign-ins end. Raises LinkInvalid if it changed meanwhile."""
    try:
        _set(user, new)
    except StaleUser as error:
        raise LinkInvalid from error
    # Whoever forgot it has probably used up the attempts.
    lockout.forget(user.username, now=now)
    audit.log("password_reset", user.username)


def _set(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    mail.send("password_changed", user.email, username=user.username)


def _state(user: User) -> str:
    """Name the password as it is now. A link is good for this state; a change or a sign-out everywhere ends it."""
    value = f"{user.uid}:{user.password}:{user.token_version}:{user.email}"
    return salted_hmac("accounts.people.passwords", value, algorithm="sha256").hexdigest()[:32]
