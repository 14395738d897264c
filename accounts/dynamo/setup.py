"""Create and sweep the tables. Safe to run at any time, by several processes at once."""

import time
from typing import Any

from accounts.dynamo.client import guard

READY_SECONDS = 60


def create_tables() -> list[str]:
    """Create the tables that are missing, wait until all answer, and return the names of the new ones.

    An existing table is left as it is. Raises RuntimeError when one does not become ready, or lacks its index.
    """
    from accounts.dynamo.tables import TABLES

    with guard():
        missing: list[Any] = [table for table in TABLES if not table.exists()]
    for table in missing:
        _create(table)
    for table in TABLES:
        _wait(table)
    return [table.Meta.table_name for table in missing]


def _create(table: Any) -> None:
    from pynamodb.exceptions import TableError

    try:
        with guard():
            table.create_table(wait=False, ignore_update_ttl_errors=True)
    except TableError as error:
        # Another process was faster.
        if error.cause_response_code != "ResourceInUseException":
            raise


def _wait(table: Any) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        with guard():
            description = table.describe_table()
        if description["TableStatus"] == "ACTIVE":
            break
        if time.monotonic() > deadline:
            raise RuntimeError(f"DynamoDB did not make {description['TableName']} ready in {READY_SECONDS} s.")
        time.sleep(0.2)
    wanted = {index.Meta.index_name for index in table._indexes.values()}
    present = {index["IndexName"] for index in description.get("GlobalSecondaryIndexes", ())}
    if wanted - present:
        raise RuntimeError(
            f"{description['TableName']} exists without its index {', '.join(wanted - present)}. Add it, or set "
            "DYNAMODB_TABLE_PREFIX to a prefix that nothing else uses."
        )
    _expire(table)


def _expire(table: Any) -> None:
    """Switch expiry on where the table has it, unless it is on already (asking twice is an error at AWS)."""
    attribute = table._ttl_attribute()
    if attribute is None:
        return
    with guard():
        connection = table._get_connection().connection
        name = table.Meta.table_name
        state = connection.client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if state["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
            connection.update_time_to_live(name, attribute.attr_name)


def sweep(now: float) -> int:
    """Delete expired sign-ins and attempts; return how many. AWS does so by itself, an emulator does not."""
    from accounts.dynamo.tables import AttemptItem, FamilyItem

    with guard():
        expired = [
            item for table in (FamilyItem, AttemptItem) for item in table.scan() if item.expires_at.timestamp() < now
        ]
        for item in expired:
            item.delete()
    return len(expired)
