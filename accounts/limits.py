"""How often something may be asked for, counted in DynamoDB per subject and window of time.

Reserved before the work is done, by one conditional write, so that a burst gets exactly the limit through. Sign-in has
a count of its own in `accounts.lockout`, which gives attempts back.
"""

import math
import time

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts import audit
from accounts.dynamo import attempts

HOUR = 3600


class TooMany(Exception):
    """The limit is reached. `retry_after` is the seconds until the window ends."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(sentence(retry_after))
        self.retry_after = retry_after


def sentence(retry_after: int) -> str:
    """Say in words for people how long to wait.

    >>> sentence(61)
    'Too many attempts. Wait 2 minutes, then try again.'
    """
    minutes = max(1, math.ceil(retry_after / 60))
    return f"Too many attempts. Wait {minutes} minute{'s' * (minutes > 1)}, then try again."


def reserve(action: str, subject: str, *, limit: int, seconds: int = HOUR, now: float | None = None) -> None:
    """Count one `action` (a word such as `sign_up`) of `subject` (an address, a name, a key's id).

    Raises TooMany when `limit` of them were counted in the current window of `seconds`, and StoreUnavailable.
    """
    moment = int(time.time() if now is None else now)
    window, into = divmod(moment, seconds)
    # Of strangers' addresses the table holds only a keyed hash.
    subject = salted_hmac("accounts.limits", subject, algorithm="sha256").hexdigest()[:32]
    bucket = f"{action}#{subject}#{seconds}#{window}"
    if not attempts.reserve(bucket, limit=limit, expires_at=(window + 2) * seconds):
        audit.log("limited", "", action=action)
        raise TooMany(seconds - into)


def reserve_for_address(action: str, address: str, *, now: float | None = None) -> None:
    """Count an `action` from a client's address ("" when there is none, as in a command) in this hour."""
    if address:
        reserve(f"{action}_from", address, limit=settings.ACCOUNTS_REQUESTS_PER_ADDRESS, now=now)


def reserve_for_target(action: str, target: str, *, now: float | None = None) -> None:
    """Count an `action` on an e-mail address or a user in this hour, whether or not there is such a one."""
    reserve(f"{action}_to", target, limit=settings.ACCOUNTS_REQUESTS_PER_TARGET, now=now)
