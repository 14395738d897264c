"""Counters of sign-in attempts in DynamoDB, reserved before a password is looked at."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from accounts.dynamo.client import ConditionFailed, guard

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action


def reserve(bucket: str, *, limit: int, expires_at: int) -> bool:
    """Take one of `limit` attempts. False when none is left.

    One conditional write, so a burst of parallel guesses gets exactly `limit` through.
    """
    from accounts.dynamo.tables import AttemptItem

    free = AttemptItem.bucket.does_not_exist() | (AttemptItem.failures < limit)
    actions: list[Action] = [
        AttemptItem.failures.add(1),
        AttemptItem.expires_at.set(datetime.fromtimestamp(expires_at, UTC)),
    ]
    try:
        with guard():
            AttemptItem(bucket).update(actions, condition=free)
    except ConditionFailed:
        return False
    return True


def exists(bucket: str) -> bool:
    """Say whether a counter or a mark is there, read consistently. It may have expired."""
    from accounts.dynamo.tables import AttemptItem

    with guard():
        try:
            AttemptItem.get(bucket, consistent_read=True)
        except AttemptItem.DoesNotExist:
            return False
    return True


def give_back(bucket: str) -> None:
    """Return one attempt: the sign-in it was taken for succeeded."""
    from accounts.dynamo.tables import AttemptItem

    try:
        with guard():
            AttemptItem(bucket).update([AttemptItem.failures.add(-1)], condition=AttemptItem.failures > 0)
    except ConditionFailed:
        return


def clear(bucket: str) -> None:
    from accounts.dynamo.tables import AttemptItem

    with guard():
        AttemptItem(bucket).delete()
