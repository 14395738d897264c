"""What can go wrong with users that live in DynamoDB, and how it is told to people and programs."""

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, OperationalError

RETRY_AFTER_SECONDS = 5


class StoreNotConfigured(ImproperlyConfigured):
    """No DynamoDB was chosen. Never guessed: a guess could reach a real account."""


class StoreUnavailable(OperationalError):
    """DynamoDB refused, throttled, timed out or broke the connection. Nothing is known about the user: try again."""


class StoreBusy(StoreUnavailable):
    """Another transaction held the same rows at that moment. Nothing was written: try again at once."""


class StaleUser(DatabaseError):
    """The user changed or went away since it was loaded, so nothing was written."""


class LinkUsed(IntegrityError):
    """A link that works once was used by somebody else in this moment, so nothing was written."""
