"""One structured line per event of an account: what, whose, by whom.

DynamoDB takes no part in SQL transactions, so the admin's own log can miss a write that happened. This log does not.
"""

import logging
from contextvars import ContextVar
from typing import Any

logger = logging.getLogger("accounts.audit")

# The user on whose behalf the current request acts; set where a request's user becomes known.
actor: ContextVar[str] = ContextVar("accounts_actor", default="")


def log(event: str, username: str, **facts: Any) -> None:
    logger.info("account event", extra={"event_name": event, "user": username, "actor": actor.get(), **facts})
