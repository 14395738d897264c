"""What every provider offers and how it fails.

To add one: implement `Provider` in a package beside this module, name it in `registry.py`, and add it to
tests/contract/test_bar_provider.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import pyarrow as pa

from market.limits import Account
from market.months import Month


class ReplyKind(StrEnum):
    """What a reply, or its absence, turned out to be. The value is the outcome in a raw object's manifest."""

    OK = "ok"
    EMPTY = "empty"
    TRANSPORT = "transport"
    TORN = "torn"
    SERVER = "server"
    HTTP_ERROR = "http_error"
    RATE_SECOND = "rate_second"
    RATE_MINUTE = "rate_minute"
    RATE_DAY = "rate_day"
    PAYWALL = "paywall"
    BAD_KEY = "bad_key"
    DEMO_KEY = "demo_key"
    BAD_REQUEST = "bad_request"
    LABEL_UNDECIDED = "label_undecided"
    BAD_REQUEST_OR_UNKNOWN_SYMBOL = "bad_request_or_unknown_symbol"
    UNKNOWN = "unknown"
    # Not sent: the day's budget was used up, the request could not be counted, or its turn had passed.
    BUDGET = "budget"
    LEDGER = "ledger"
    UNSENT = "unsent"


class ProviderError(Exception):
    """The provider gave no bars; the message is a sentence that says what to do. Never holds the key."""

    def __init__(self, kind: ReplyKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class RetryableError(ProviderError):
    """The same request may succeed after `retry_after` seconds, tried at most `attempts` times in all."""

    def __init__(self, kind: ReplyKind, message: str, *, retry_after: float, attempts: int) -> None:
        super().__init__(kind, message)
        self.retry_after = retry_after
        self.attempts = attempts


class EmptyError(ProviderError):
    """The provider has no bars for this symbol in this month; other months may have some."""


class PermanentError(ProviderError):
    """Nothing more is to be had for this symbol by asking the same way; other symbols may do."""


class UnreadableError(ProviderError):
    """This reply cannot be taken for bars; other months of the symbol may be good."""


class FatalError(ProviderError):
    """Every further request of this run would fail alike: the key, the plan or the day's budget."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do; `requests_per_cell` is what one symbol-month usually costs."""

    needs_key: bool
    extended_hours: bool
    adjustment: str
    first_month: Month
    licence: str
    requests_per_cell: int = 1


@dataclass(frozen=True, slots=True)
class RawReply:
    """One reply as it came, except that the key is taken out of it; `request` never held it."""

    provider: str
    function: str
    symbol: str
    month: Month
    request: Mapping[str, str]
    status: int
    content_type: str
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """Bars of a reply: `bar_start` (UTC, start of the minute), open, high, low, close, volume; ascending, unique.

    `label` says which end of the minute the provider's stamps named, and how that was found.
    """

    bars: pa.Table
    label: str


class Provider(Protocol):
    """One source of bars. `synthetic` bars and real ones never share a lake."""

    @property
    def name(self) -> str: ...

    @property
    def function(self) -> str:
        """The provider's word for its minute bars; part of the raw objects' path."""

    @property
    def synthetic(self) -> bool: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def account(self) -> Account | None:
        """Whose budget its requests are counted against; None when it sends none."""

    def offers(self, symbol: str, month: Month) -> bool:
        """Tell without a request whether the provider may have bars of a cell."""

    def content_hash(self, symbol: str, month: Month) -> str | None:
        """Return the SHA-256 of the body that a cell's reply would have; None where only asking tells."""

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        """Ask for all bars of a month once, good reply or bad. Raises RetryableError when none came."""

    def parse(self, reply: RawReply) -> ParsedReply:
        """Return the bars of a good reply. Raises ProviderError for every other; never gives no bars."""
