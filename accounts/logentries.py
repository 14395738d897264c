"""The admin's log beside users that SQL cannot join."""

from typing import Any, Self

from django.db.models import QuerySet


class LogEntryQuerySet(QuerySet[Any, Any]):
    def select_related(self, *fields: Any) -> Self:
        """Join the relational columns; users are fetched in one batch from DynamoDB instead."""
        joined = [field for field in fields if field != "user"] or ["content_type"]
        return super().select_related(*joined).prefetch_related("user")
