"""How the kinds of failures of the providers that answer with statuses become errors that say what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from market.providers.base import (
    EmptyError,
    FatalError,
    PermanentError,
    ProviderError,
    ReplyKind,
    RetryableError,
    UnreadableError,
)

_FATAL = {ReplyKind.RATE_DAY, ReplyKind.PAYWALL, ReplyKind.BAD_KEY}
_RETRYABLE = {ReplyKind.TRANSPORT, ReplyKind.TORN, ReplyKind.SERVER, ReplyKind.RATE_SECOND, ReplyKind.RATE_MINUTE}
_WHAT_TO_DO = {
    ReplyKind.EMPTY: "{name} has no bars for it; check the symbol, or choose months when it was traded.",
    ReplyKind.TRANSPORT: "{name} could not be reached; check the network and {prefix}_URL, then run again.",
    ReplyKind.TORN: "The reply broke off in the middle; run again.",
    ReplyKind.SERVER: "{name} has trouble of its own; run again later.",
    ReplyKind.HTTP_ERROR: "{name} refused the request; check {prefix}_URL.",
    ReplyKind.RATE_SECOND: "Too many requests in a second; state the plan's limits in REQUEST_LIMITS and run again.",
    ReplyKind.RATE_MINUTE: "Too many requests in a minute; state the plan's limits in REQUEST_LIMITS and run again.",
    ReplyKind.BAD_REQUEST: "{name} did not understand the request; report this with the stored reply.",
    ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL: "{name} knows no such symbol; check the spelling.",
    ReplyKind.UNKNOWN: "The reply is none that is known; it is kept below raw/ in the lake, and no bar was changed.",
}


@dataclass(frozen=True, slots=True)
class Refusals:
    """Errors of one provider: its `name` for people, the `prefix` of its settings, and what its own kinds ask for.

    Kinds in `of_the_month` concern one month only, though they are fatal elsewhere.
    """

    name: str
    prefix: str
    own: Mapping[ReplyKind, str]
    of_the_month: frozenset[ReplyKind] = frozenset()

    def error(self, kind: ReplyKind, detail: str = "") -> ProviderError:
        """Return the error for a kind: what to do, preceded by `detail`, which must not hold the key."""
        text = self.own.get(kind) or _WHAT_TO_DO.get(kind) or _WHAT_TO_DO[ReplyKind.UNKNOWN]
        message = text.format(name=self.name, prefix=self.prefix)
        if detail:
            message = f"{detail[:1].upper()}{detail[1:]}. {message}"
        if kind is ReplyKind.EMPTY:
            return EmptyError(kind, message)
        if kind in self.of_the_month:
            return UnreadableError(kind, message)
        if kind in _FATAL:
            return FatalError(kind, message)
        if kind is ReplyKind.RATE_MINUTE:
            return RetryableError(kind, message, retry_after=60, attempts=2)
        if kind in _RETRYABLE:
            return RetryableError(kind, message, retry_after=1.2, attempts=4)
        return PermanentError(kind, message)
