"""Asking providers for what is no bars: splits, dividends and daily figures, and who can be asked for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from market.limits import Account
from market.providers.base import RawReply, ReplyKind
from market.providers.facts import DailyBar, Dividend, Split
from market.providers.pages import Pages, RawRequest

T = TypeVar("T")
Entry = Mapping[str, Any]


class Asked(Generic[T]):
    """A question whose answer is some T; only the provider that it is for understands it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class PagedQuestion(Asked[T]):
    """One question whose answer comes in pages; `entries` finds them in a page, `read` reads one or raises ValueError.

    `subject` is a canonical symbol. `may_be_empty` says that an answer without entries is one, and not a failure.
    """

    function: str
    subject: str
    path: str
    query: Mapping[str, str]
    entries: Callable[[Entry], Sequence[Entry]]
    read: Callable[[Entry], T]
    may_be_empty: bool = False

    def asked(self, now: datetime) -> RawRequest:
        """Return what is kept beside the reply, under the month of asking."""
        return RawRequest.at(self.subject, {"path": self.path, **self.query}, now)


@dataclass(frozen=True, slots=True)
class FactQuestions:
    """What is asked about one symbol."""

    splits: Asked[Split]
    dividends: Asked[Dividend]
    daily: Asked[DailyBar]


class FactsProvider(Protocol):
    """A provider that can be asked about symbols; it understands its own questions only."""

    @property
    def name(self) -> str: ...
    @property
    def synthetic(self) -> bool: ...
    @property
    def account(self) -> Account | None: ...

    def questions_about(self, symbol: str, now: datetime) -> FactQuestions:
        """Return the questions whose answers are all that is known of a symbol by `now` (aware)."""
        ...

    def ask(self, question: Any, now: datetime) -> RawReply:
        """Ask once; the reply is kept under the month of asking. Raises ProviderError."""
        ...

    def answer(self, question: Any, reply: RawReply) -> tuple[Any, ...]:
        """Return the entries of a good reply. Raises ProviderError for every other."""
        ...


def read_answer(pages: Pages, question: PagedQuestion[T], reply: RawReply) -> tuple[T, ...]:
    """Return the entries of a reply in pages. Raises ProviderError."""
    try:
        found = tuple(question.read(entry) for page in pages.read(reply) for entry in question.entries(page))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, ZeroDivisionError) as error:
        raise pages.refusal(ReplyKind.UNKNOWN, f"{question.function}: an entry cannot be read") from error
    if not found and not question.may_be_empty:
        raise pages.refusal(ReplyKind.EMPTY, question.function)
    return found
