"""How many wrong passwords are listened to, by name and by address, in one window of 15 minutes.

An attempt is reserved before the password is checked and given back when it was right, so parallel guesses cannot
slip past the count. By name alone, anybody could lock anybody out; the address has a limit of its own.
"""

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from accounts import audit
from accounts.dynamo import attempts

WINDOW_SECONDS = 900


@dataclass(frozen=True)
class Attempt:
    """A reserved attempt. `retry_after` is 0, or the seconds until the next window when none was left."""

    name_bucket: str
    address_bucket: str
    retry_after: int

    def succeeded(self) -> None:
        attempts.clear(self.name_bucket)
        if self.address_bucket:
            attempts.give_back(self.address_bucket)


def reserve(name: str, address: str, *, now: float | None = None) -> Attempt:
    """Reserve an attempt on a canonical user name from an address ("" when there is none, as in a shell)."""
    moment = time.time() if now is None else now
    window, into = divmod(int(moment), WINDOW_SECONDS)
    expires_at = (window + 2) * WINDOW_SECONDS
    # The window is in the key: DynamoDB may delete an expired row days late, and that must not lengthen a lock.
    by_name = f"u#{name}#{window}"
    by_address = f"ip#{address}#{window}" if address else ""
    free = not address or attempts.reserve(by_address, limit=settings.LOGIN_ATTEMPTS_PER_ADDRESS, expires_at=expires_at)
    free = free and attempts.reserve(by_name, limit=settings.LOGIN_ATTEMPTS_PER_NAME, expires_at=expires_at)
    if not free:
        audit.log("sign_in_locked", name, address=address)
    return Attempt(by_name, by_address, 0 if free else WINDOW_SECONDS - into)


def forget(name: str, *, now: float) -> None:
    """Forget the failures of a canonical user name in the current window."""
    attempts.clear(f"u#{name}#{int(now) // WINDOW_SECONDS}")


def client_address(request: HttpRequest | None) -> str:
    """Return the address that attempts are counted by; one IPv6 customer has a whole /64.

    `TRUSTED_PROXIES` says how many proxies of our own append to X-Forwarded-For; without any, the header is not read.
    """
    if request is None:
        return ""
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        address = hops[-settings.TRUSTED_PROXIES] if len(hops) >= settings.TRUSTED_PROXIES else address
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)
