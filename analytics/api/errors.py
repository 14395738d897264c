"""Queries that cannot be answered, as status codes and bodies."""

import logging
from dataclasses import dataclass, field
from typing import Any

from analytics.queries.errors import QueryError
from market.lake.tables import LakeUnreachable

logger = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True)
class ErrorAnswer:
    """`body` always has `detail`, a sentence, and `code`, a word; the parameter to blame repeats the sentence."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def error_answer(error: Exception) -> ErrorAnswer | None:
    """Return the answer for an error of a query; None for any other error."""
    if isinstance(error, QueryError):
        blamed = {error.field: [str(error)]} if error.field else {}
        return ErrorAnswer(error.status, {"detail": str(error), "code": error.code, **blamed})
    if isinstance(error, LakeUnreachable):
        logger.error("the lake cannot be read", extra={"reason": str(error)})
        sentence = "The bars cannot be read at the moment. Try again in a few seconds."
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return ErrorAnswer(503, {"detail": sentence, "code": "lake_unreachable"}, headers)
    return None
