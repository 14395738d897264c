"""Sign-ins in DynamoDB: one row per family of refresh tokens, and its rotation as one conditional write."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from accounts.dynamo.client import ConditionFailed, guard
from accounts.dynamo.store import Item
from accounts.dynamo.together import get_with_user

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action


def put_family(values: Item) -> None:
    """Write a new family. `values` are the attributes of FamilyItem, times in epoch seconds."""
    from accounts.dynamo.tables import FamilyItem

    with guard():
        FamilyItem(**_typed(values)).save()


def _typed(values: Item) -> dict[str, Any]:
    return {**values, "expires_at": datetime.fromtimestamp(values["expires_at"], UTC)}


def get_user_and_family(username: str, uid: str, sid: str) -> tuple[Item | None, Item | None]:
    """Read a user and one of its families in one consistent call."""
    from accounts.dynamo.tables import FamilyItem

    return get_with_user(username, FamilyItem, {"uid": uid, "sid": sid})


def get_family(uid: str, sid: str) -> Item | None:
    from accounts.dynamo.tables import FamilyItem

    with guard():
        try:
            return FamilyItem.get(uid, sid, consistent_read=True).attribute_values
        except FamilyItem.DoesNotExist:
            return None


def rotate_family(uid: str, sid: str, *, presented: str, successor: str, now: int, expires_at: int) -> bool:
    """Make `successor` the current token if `presented` still is. False when it is not, or the family is gone.

    The successor is random, so a retry after a lost reply recognises its own write by it.
    """
    from accounts.dynamo.tables import FamilyItem

    actions: list[Action] = [
        FamilyItem.jti_current.set(successor),
        FamilyItem.jti_prev.set(presented),
        FamilyItem.rotated_at.set(now),
        FamilyItem.expires_at.set(datetime.fromtimestamp(expires_at, UTC)),
    ]
    try:
        with guard():
            FamilyItem(uid, sid).update(actions, condition=FamilyItem.jti_current == presented)
    except ConditionFailed:
        row = get_family(uid, sid)
        return row is not None and row["jti_current"] == successor
    return True


def list_families(uid: str) -> list[Item]:
    """Return all sign-ins of one user, consistently, in no order. Some may have expired: compare `expires_at`."""
    from accounts.dynamo.tables import FamilyItem

    with guard():
        return [item.attribute_values for item in FamilyItem.query(uid, consistent_read=True)]


def delete_family(uid: str, sid: str) -> None:
    from accounts.dynamo.tables import FamilyItem

    with guard():
        FamilyItem(uid, sid).delete()


def delete_families(uid: str, *, keep: str = "") -> int:
    """Delete all sign-ins of one user but `keep`; return how many."""
    sids = [family["sid"] for family in list_families(uid) if family["sid"] != keep]
    for sid in sids:
        delete_family(uid, sid)
    return len(sids)
