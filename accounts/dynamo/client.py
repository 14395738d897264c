"""The one connection to DynamoDB: where it leads, how long it waits, and what its failures mean.

Created at the first call, never at import: `migrate`, `check` and `collectstatic` work with no DynamoDB.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.errors import StoreBusy, StoreNotConfigured, StoreUnavailable

if TYPE_CHECKING:
    from pynamodb.connection import Connection

# A silent endpoint costs 3 x 1 s and two short pauses; PynamoDB's own defaults would hold a request for two minutes.
CONNECT_SECONDS = 0.5
READ_SECONDS = 1.0
ATTEMPTS = 3
# A request that has spent this long in slow calls starts no further one, so that every answer comes within 5 s.
REQUEST_BUDGET_SECONDS = 1.5
SLOW_SECONDS = 0.4

TRANSIENT_CODES = frozenset(
    {
        "InternalServerError",
        "InternalFailure",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "ThrottlingError",
        "TransactionInProgressException",
    }
)

CONFLICTS = frozenset({"TransactionConflict", "TransactionConflictException"})

_lock = threading.Lock()
_waited: ContextVar[float | None] = ContextVar("accounts_store_seconds", default=None)


class ConditionFailed(Exception):
    """A conditional write found another state than it asked for. `reasons` has one code per transaction item."""

    def __init__(self, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(reasons) or "condition failed")
        self.reasons = reasons


def connection() -> "Connection":
    """Return the shared connection for the endpoint that the settings name.

    Raises StoreNotConfigured when neither an endpoint nor AWS was chosen.
    """
    endpoint = settings.AWS_ENDPOINT_URL_DYNAMODB
    if not endpoint and not settings.STOCKCOMPARE_AWS:
        raise StoreNotConfigured(
            "No DynamoDB was chosen. Set AWS_ENDPOINT_URL_DYNAMODB (`make up` starts an embedded server and sets it), "
            "or STOCKCOMPARE_AWS=1 to use your real AWS account."
        )
    with _lock:
        return _connect(endpoint)


@cache
def _connect(endpoint: str) -> "Connection":
    from pynamodb.connection import Connection

    loopback = is_loopback(endpoint)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    shared = Connection(
        # Passed on although botocore reads the variable itself: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS stops it.
        host=endpoint or None,
        region=region or ("us-east-1" if loopback else None),
        connect_timeout_seconds=CONNECT_SECONDS,
        read_timeout_seconds=READ_SECONDS,
        # The standard mode pauses up to 3 s between attempts; the legacy mode pauses 50 and 100 ms for DynamoDB.
        retry_configuration={"total_max_attempts": ATTEMPTS, "mode": "legacy"},
        max_pool_connections=50,
        # An emulator never sees real credentials, and needs none.
        aws_access_key_id="embedded" if loopback else None,
        aws_secret_access_key="embedded" if loopback else None,
    )
    # Created under the lock: botocore's client creation is not thread-safe.
    events: Any = shared.client.meta.events
    events.register_first("needs-retry.dynamodb.*", _retry_torn_reply)
    return shared


def _retry_torn_reply(response: "tuple[Any, Any] | None" = None, attempts: int = 1, **_: Any) -> float | None:
    """Ask again after a reply that broke off, at most ATTEMPTS times.

    botocore takes half a JSON body for an empty answer, and an empty answer would mean "no such user".
    """
    if response is None:
        return None
    body, headers = response[0].content, response[0].headers
    whole = body.endswith(b"}") and int(headers.get("Content-Length", len(body))) == len(body)
    if whole:
        return None
    if attempts >= ATTEMPTS:
        raise StoreUnavailable("DynamoDB's reply broke off.")
    return 0.05


def is_loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def request_budget() -> Iterator[None]:
    """Bound what one web request may wait for DynamoDB; outside of it (commands) there is no bound."""
    token = _waited.set(0.0)
    try:
        yield
    finally:
        _waited.reset(token)


@contextmanager
def guard() -> Iterator[None]:
    """Turn the client's failures into StoreUnavailable and ConditionFailed; anything else stays loud."""
    from botocore.exceptions import BotoCoreError, NoRegionError
    from botocore.parsers import ResponseParserError
    from pynamodb.exceptions import PynamoDBException

    waited = _waited.get()
    if waited is not None and waited > REQUEST_BUDGET_SECONDS:
        raise StoreUnavailable("DynamoDB is too slow for this request.")
    started = time.monotonic()
    try:
        yield
    except NoRegionError as error:
        raise StoreNotConfigured("Set AWS_REGION: no AWS region was chosen for DynamoDB.") from error
    except (BotoCoreError, ResponseParserError) as error:
        raise StoreUnavailable(f"DynamoDB does not answer: {type(error).__name__}.") from error
    except PynamoDBException as error:
        _raise_meaning(error)
    finally:
        took = time.monotonic() - started
        if waited is not None and took > SLOW_SECONDS:
            _waited.set((_waited.get() or 0.0) + took)


def _raise_meaning(error: Exception) -> None:
    from botocore.exceptions import BotoCoreError
    from pynamodb.exceptions import DoesNotExist, TableDoesNotExist

    code = getattr(error, "cause_response_code", None) or ""
    reasons = tuple(reason.code if reason else "" for reason in getattr(error, "cancellation_reasons", ()))
    if isinstance(error, DoesNotExist):
        raise error
    if code == "ResourceNotFoundException" or isinstance(error, TableDoesNotExist):
        raise StoreNotConfigured("DynamoDB has no tables for accounts. Run `manage.py dynamodb_init`.") from error
    if code == "ConditionalCheckFailedException" or "ConditionalCheckFailed" in reasons:
        raise ConditionFailed(reasons) from error
    if CONFLICTS & {code, *reasons}:
        raise StoreBusy("Another write to the same rows is under way.") from error
    if isinstance(getattr(error, "cause", None), BotoCoreError) or _is_transient(code, reasons):
        raise StoreUnavailable(f"DynamoDB does not answer: {code or type(error).__name__}.") from error
    raise error


def _is_transient(code: str, reasons: tuple[str, ...]) -> bool:
    server_fault = code.isdigit() and int(code) >= 500
    return server_fault or code in TRANSIENT_CODES or any(reason in TRANSIENT_CODES for reason in reasons)
