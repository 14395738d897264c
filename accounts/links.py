"""Links that are sent to people: signed, for one purpose, for a limited time, and good once.

That it is good once is seen to by a mark, which is written in the same transaction as what the link is used for
(`accounts.dynamo.store`), or by the link naming a state that its use ends.
"""

from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.urls import reverse

from accounts.dynamo import attempts
from accounts.dynamo.store import Mark

HOUR = 3600
LIFETIMES = {"sign_up": 24 * HOUR, "reset_password": HOUR, "change_email": 24 * HOUR, "invitation": 7 * 24 * HOUR}


class LinkInvalid(Exception):
    """A link that is not ours, for another purpose, past its time, used, or overtaken by a change."""


@dataclass(frozen=True)
class Link:
    facts: dict[str, Any]
    mark: Mark

    @property
    def email(self) -> str:
        return str(self.facts.get("email", ""))


def write(purpose: str, facts: dict[str, Any], *, now: int) -> str:
    """Return the token of a new link. The facts can be read by whoever has it."""
    payload = {**facts, "id": token_hex(16), "exp": now + LIFETIMES[purpose]}
    return _signer(purpose).sign_object(payload)


def read(purpose: str, token: str, *, now: int) -> Link:
    """Return a link that is good at this moment; one consistent read. Raises LinkInvalid."""
    try:
        payload = _signer(purpose).unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise LinkInvalid from error
    mark = Mark(f"link#{payload['id']}", payload["exp"])
    if payload["exp"] <= now or attempts.exists(mark.bucket):
        raise LinkInvalid
    return Link(payload, mark)


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"accounts.links.{purpose}")


def base_of(request: HttpRequest | None) -> str:
    """Return where the site is, for addresses in mails."""
    if settings.SITE_URL or request is None:
        return str(settings.SITE_URL) or f"http://{settings.WEB_HOST}:{settings.WEB_PORT}"
    return f"{request.scheme}://{request.get_host()}"


def address(base: str, page: str, token: str = "") -> str:
    """Return the whole address of a page. The token is named `token`: logs leave out what follows."""
    return f"{base}{reverse(page)}" + (f"?{urlencode({'token': token}, safe=':')}" if token else "")
