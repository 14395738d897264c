"""Transactions, tried again when another one holds the same rows, which DynamoDB refuses instead of waiting."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from accounts.dynamo.client import connection, guard
from accounts.errors import StoreBusy

if TYPE_CHECKING:
    from pynamodb.transactions import TransactWrite

_TRIES = 5


def transact(steps: "Callable[[TransactWrite], None]") -> None:
    """Run a transaction; again after a pause when another one held the same rows. Raises ConditionFailed, StoreBusy."""
    from pynamodb.transactions import TransactWrite

    for attempt in range(1, _TRIES + 1):
        try:
            with guard(), TransactWrite(connection=connection()) as transaction:
                steps(transaction)
        except StoreBusy:
            if attempt == _TRIES:
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311  # spreads them; no secret
        else:
            return
