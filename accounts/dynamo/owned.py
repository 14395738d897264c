"""Things that a user owns (watchlists, saved comparisons, API keys): one row each, kept by the owner's uid.

A row is named by its `kind` and its `id`, which are unique for one owner only: nobody's row can be reached without the
owner's uid. A counter for each kind bounds how many there are, in the transaction that writes the row, so that any
number of requests at once cannot pass the bound.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from accounts.dynamo.client import ConditionFailed, guard
from accounts.dynamo.store import Item, new_wid
from accounts.dynamo.together import get_with_user
from accounts.dynamo.transactions import transact

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action
    from pynamodb.transactions import TransactWrite

COUNTER = "count"


class Thing(NamedTuple):
    """Where a row is."""

    uid: str
    kind: str
    id: str

    @property
    def place(self) -> str:
        return f"{self.kind}#{self.id}"


class OwnerGone(Exception):
    """The owner was deleted meanwhile."""


class AlreadyThere(Exception):
    """A row of that name exists. `row` is what it holds."""

    def __init__(self, row: Item) -> None:
        super().__init__("already there")
        self.row = row


class LimitReached(Exception):
    """The owner has as many of the kind as there may be. `limit` says how many."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"There are {limit} already.")
        self.limit = limit


class NotThere(Exception):
    """The owner has no such thing."""


class Stale(Exception):
    """The row was changed by another request. `row` is what it holds now."""

    def __init__(self, row: Item) -> None:
        super().__init__("changed meanwhile")
        self.row = row


def create(thing: Thing, body: Item, *, username: str, limit: int, now: int, wid: str = "") -> Item:
    """Write a new row and count it, if its owner still exists; return it.

    With the same `wid` as the row that is there already, that row is returned: a request that was sent twice is done
    once. Raises AlreadyThere, LimitReached, OwnerGone.
    """
    from accounts.dynamo.tables import OwnedItem, UserItem

    values: Item = {"body": body, "version": 1, "created_at": now, "updated_at": now, "wid": wid or new_wid()}
    row = OwnedItem(thing.uid, thing.place, **values)
    counter = OwnedItem(thing.uid, f"{COUNTER}#{thing.kind}")
    has_room = OwnedItem.number.does_not_exist() | (OwnedItem.number < limit)

    def steps(transaction: "TransactWrite") -> None:
        transaction.condition_check(UserItem, username, condition=UserItem.uid == thing.uid)
        transaction.save(row, condition=OwnedItem.place.does_not_exist())
        transaction.update(counter, [OwnedItem.number.add(1)], condition=has_room)

    try:
        transact(steps)
    except ConditionFailed as failed:
        return _why_not_created(thing, values["wid"], limit, failed)
    return row.attribute_values


def _why_not_created(thing: Thing, wid: Any, limit: int, failed: ConditionFailed) -> Item:
    there = find(thing)
    if there is not None and there["wid"] == wid:
        return there
    if there is not None:
        raise AlreadyThere(there) from failed
    if failed.reasons[:1] == ("",):
        raise LimitReached(limit) from failed
    raise OwnerGone from failed


def find(thing: Thing) -> Item | None:
    """Read one row, consistently."""
    from accounts.dynamo.tables import OwnedItem

    with guard():
        try:
            return OwnedItem.get(thing.uid, thing.place, consistent_read=True).attribute_values
        except OwnedItem.DoesNotExist:
            return None


def find_with_owner(thing: Thing, username: str) -> tuple[Item | None, Item | None]:
    """Read the user of this name and one row in one consistent call. Whether that user owns the row is not checked."""
    from accounts.dynamo.tables import OwnedItem

    return get_with_user(username, OwnedItem, {"uid": thing.uid, "place": thing.place})


def find_all(uid: str, kind: str) -> list[Item]:
    """Return all rows of one kind, oldest first, read consistently."""
    from accounts.dynamo.tables import OwnedItem

    with guard():
        found = OwnedItem.query(uid, OwnedItem.place.startswith(f"{kind}#"), consistent_read=True)
        rows = [item.attribute_values for item in found]
    return sorted(rows, key=lambda row: (row["created_at"], row["place"]))


def replace(thing: Thing, body: Item, *, version: int, now: int) -> Item:
    """Write a new body over the version that the caller has seen; return the row. Raises NotThere, Stale."""
    from accounts.dynamo.tables import OwnedItem

    wid = new_wid()
    actions: list[Action] = [
        OwnedItem.body.set(body),
        OwnedItem.version.set(version + 1),
        OwnedItem.updated_at.set(now),
        OwnedItem.write.set(wid),
    ]
    item = OwnedItem(thing.uid, thing.place)
    try:
        with guard():
            item.update(actions, condition=OwnedItem.version == version)
    except ConditionFailed as failed:
        row = find(thing)
        if row is None:
            raise NotThere from failed
        if row.get("write") != wid:  # else our own write, whose reply was lost
            raise Stale(row) from failed
        return row
    return item.attribute_values


def delete(thing: Thing) -> None:
    """Remove a row and count it off. Raises NotThere."""
    from accounts.dynamo.tables import OwnedItem

    counter = OwnedItem(thing.uid, f"{COUNTER}#{thing.kind}")

    def steps(transaction: "TransactWrite") -> None:
        transaction.delete(OwnedItem(thing.uid, thing.place), condition=OwnedItem.place.exists())
        transaction.update(counter, [OwnedItem.number.add(-1)])

    try:
        transact(steps)
    except ConditionFailed as failed:
        raise NotThere from failed


def erase(uid: str, kind: str) -> None:
    """Remove all rows of one kind, and their counter. May be called again."""
    from accounts.dynamo.tables import OwnedItem

    places = [f"{COUNTER}#{kind}", *(row["place"] for row in find_all(uid, kind))]
    with guard(), OwnedItem.batch_write() as batch:
        for place in places:
            batch.delete(OwnedItem(uid, place))


def note_use(thing: Thing, now: int) -> None:
    """Record that a thing was used, unless it is gone."""
    from accounts.dynamo.tables import OwnedItem

    try:
        with guard():
            OwnedItem(thing.uid, thing.place).update([OwnedItem.used_at.set(now)], condition=OwnedItem.place.exists())
    except ConditionFailed:
        return
