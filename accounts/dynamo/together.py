"""A user and one row of another table, read in one consistent call: what it costs to know who a request is."""

from typing import Any

from accounts.dynamo.client import connection, guard
from accounts.dynamo.store import Item


def get_with_user(username: str, table: Any, key: dict[str, str]) -> tuple[Item | None, Item | None]:
    """Return the user of this canonical name and the row of this key; either may be absent."""
    from accounts.dynamo.tables import UserItem

    users, others = UserItem.Meta.table_name, table.Meta.table_name
    wanted: dict[str, Any] = {
        users: {"Keys": [{"username": {"S": username}}], "ConsistentRead": True},
        others: {"Keys": [{name: {"S": value} for name, value in key.items()}], "ConsistentRead": True},
    }
    found: dict[str, list[Any]] = {}
    with guard():
        while wanted:
            reply = _batch_get(wanted)
            for name, items in reply["Responses"].items():
                found.setdefault(name, []).extend(items)
            wanted = reply.get("UnprocessedKeys") or {}
    user = [UserItem.from_raw_data(item).attribute_values for item in found.get(users, [])]
    other = [table.from_raw_data(item).attribute_values for item in found.get(others, [])]
    return (user[0] if user else None), (other[0] if other else None)


def _batch_get(wanted: dict[str, Any]) -> dict[str, Any]:
    from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
    from pynamodb.exceptions import GetError

    # PynamoDB's batch_get reads one table a call; DynamoDB reads several.
    try:
        reply: dict[str, Any] = connection().dispatch("BatchGetItem", {"RequestItems": wanted})
    except BOTOCORE_EXCEPTIONS as error:
        raise GetError(cause=error) from error
    return reply
