"""The change of an e-mail address: confirmed at the new one, told to the old one."""

from django.db import IntegrityError

from accounts import audit, limits, links, mail
from accounts.dynamo import store
from accounts.errors import StaleUser
from accounts.fields import canonical
from accounts.links import Link, LinkInvalid
from accounts.models import User


def ask(user: User, email: str, *, base: str, now: int) -> None:
    """Send the confirming link to the new address, whether or not somebody has it. Raises TooMany."""
    email = canonical(email)
    limits.reserve_for_target("change_email", user.uid, now=now)
    limits.reserve_for_target("change_email", email, now=now)
    holder = store.find_username(email)
    audit.log("email_change_asked", user.username)
    if holder:
        mail.send("address_has_account", email, sign_in=links.address(base, "sign-in"))
        return
    facts = {"username": user.username, "uid": user.uid, "was": user.email or "", "email": email}
    token = links.write("change_email", facts, now=now)
    page = links.address(base, "confirm-email", token)
    mail.send("confirm_email", email, username=user.username, address=page)


def read_link(token: str, *, now: int) -> tuple[User, Link]:
    """Return the user and the link that gives it an address. Raises LinkInvalid, also once it has another address."""
    link = links.read("change_email", token, now=now)
    user = User.objects.filter(username=link.facts["username"]).first()
    if user is None or user.uid != link.facts["uid"] or not user.is_active or (user.email or "") != link.facts["was"]:
        raise LinkInvalid
    return user, link


def confirm(token: str, *, now: int) -> User:
    """Give the user the address that a link confirms. Raises LinkInvalid."""
    user, link = read_link(token, now=now)
    was, user.email, user.marks = user.email, link.email, (link.mark,)
    try:
        user.save(update_fields=["email"])
    except (IntegrityError, StaleUser) as error:
        raise LinkInvalid from error
    audit.log("email_changed", user.username)
    mail.send("email_changed", was, username=user.username, email=link.email)
    return user
