"""How somebody new gets an account: with a confirmed e-mail address where mail is configured, at once where it is not.

There is no account, no name taken and no password kept before the address is confirmed; docs/decisions says why.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError

from accounts import audit, limits, links, mail
from accounts.dynamo import store
from accounts.dynamo.store import Mark
from accounts.errors import LinkUsed
from accounts.fields import canonical
from accounts.links import Link, LinkInvalid
from accounts.models import User

TRIES_PER_LINK = 10


class SignUpClosed(Exception):
    """Nobody, or nobody without an invitation, may make an account."""


class AddressNotConfirmed(Exception):
    """With mail, an account has a confirmed address."""


class NameTaken(Exception):
    """Somebody else has this user name."""


@dataclass(frozen=True)
class Admission:
    """What lets somebody make an account: the address that will be its own ("" is none) and the links used up by it."""

    email: str = ""
    links: tuple[Link, ...] = ()

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(link.mark for link in self.links)

    @property
    def asks_for_address(self) -> bool:
        """Whether an address must be confirmed before the account is made."""
        return bool(settings.MAIL_CONFIGURED) and not self.email


def invite(email: str, *, base: str, now: int) -> str:
    """Return the address that lets one person make an account within a week, with this e-mail address if one is given.

    The invitation is mailed where that is possible. Whoever invites answers for the address.
    """
    email = canonical(email)
    address = links.address(base, "sign-up", links.write("invitation", {"email": email}, now=now))
    audit.log("invited", "", email=email)
    mail.send("invitation", email, address=address)
    return address


def admit(invitation: str, *, now: int) -> Admission:
    """Return what a visitor may do, with or without an invitation. Raises SignUpClosed and LinkInvalid."""
    if settings.ACCOUNTS_SIGN_UP == "closed" or (settings.ACCOUNTS_SIGN_UP == "invite" and not invitation):
        raise SignUpClosed
    if not invitation:
        return Admission()
    link = links.read("invitation", invitation, now=now)
    return Admission(link.email, (link,))


def ask(email: str, admission: Admission, *, invitation: str, address: str, base: str, now: int) -> None:
    """Send the link that confirms an address. What happens is the same for one that has an account; its mail is not."""
    email = canonical(email)
    limits.reserve_for_address("sign_up", address, now=now)
    limits.reserve_for_target("sign_up_mail", email, now=now)
    holder = store.find_username(email)
    audit.log("sign_up_asked", holder or "")
    if holder:
        forgotten = links.address(base, "forgotten-password")
        facts = {"username": holder, "sign_in": links.address(base, "sign-in"), "forgotten": forgotten}
        mail.send("already_signed_up", email, **facts)
        return
    token = links.write("sign_up", {"email": email, "invitation": invitation}, now=now)
    mail.send("confirm_sign_up", email, address=links.address(base, "sign-up-confirm", token))


def admit_confirmed(token: str, *, now: int) -> Admission:
    """Return what the holder of a confirmation link may do. Raises SignUpClosed and LinkInvalid."""
    link = links.read("sign_up", token, now=now)
    admission = admit(str(link.facts.get("invitation", "")), now=now)
    if store.find_username(link.email):
        raise LinkInvalid
    return Admission(link.email, (*admission.links, link))


def create(username: str, password: str, admission: Admission, *, address: str, now: int) -> User:
    """Make the account of somebody who was admitted: a viewer. The links are used up with it.

    Raises AddressNotConfirmed, NameTaken, TooMany, and LinkInvalid when a link was used or its address got an account.
    """
    if admission.asks_for_address:
        raise AddressNotConfirmed
    limits.reserve_for_address("new_account", address, now=now)
    for link in admission.links:
        limits.reserve("link_try", link.mark.bucket, limit=TRIES_PER_LINK, now=now)
    user = User(username=canonical(username), email=admission.email or None)
    user.set_password(password)
    user.marks = admission.marks
    try:
        user.save(force_insert=True)
    except LinkUsed as error:
        raise LinkInvalid from error
    except IntegrityError as error:
        if "username" in str(error):
            raise NameTaken from error
        raise LinkInvalid from error
    audit.log("signed_up", user.username)
    return user
