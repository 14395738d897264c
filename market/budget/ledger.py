"""The ledger: every request is a row before it is sent, and all processes that share a key wait for each other's."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q

from market.budget.days import day_began, next_reset
from market.budget.windows import Sent, longest, seconds_to_wait
from market.limits import Account, Limits
from market.models import KeyBudget, RequestAttempt, budget_of
from market.providers.base import ReplyKind
from market.providers.gate import BudgetSpent, LedgerUnavailable

logger = logging.getLogger(__name__)

# How long a refusal closes a window when the provider does not say; the day's is closed until the next reset.
_CLOSED_FOR = {ReplyKind.RATE_SECOND: timedelta(seconds=1.2), ReplyKind.RATE_MINUTE: timedelta(minutes=1)}
_CLOSES = {
    ReplyKind.RATE_SECOND: "second_closed_until",
    ReplyKind.RATE_MINUTE: "minute_closed_until",
    ReplyKind.RATE_DAY: "day_closed_until",
}
# A closing further ahead was written by a clock that has been set back since.
_LONGEST_CLOSING = timedelta(minutes=10)
# Clocks of several machines differ by less.
SKEW = timedelta(seconds=2)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is for; symbol and month may be empty."""

    function: str
    symbol: str
    month: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Either the row of a request that may be sent at once, or the seconds after which to ask again."""

    attempt: int | None
    wait: float = 0.0


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Raise LedgerUnavailable for what the database cannot do: what is not counted must not be sent."""
    try:
        yield
    except DatabaseError as error:
        reason = str(error).strip().partition("\n")[0]
        advice = "run `manage.py migrate`" if "no such" in reason or "does not exist" in reason else "run again"
        raise LedgerUnavailable(
            f"The request could not be counted ({reason}), so it was not sent; {advice}."
        ) from error


def take_turn(account: Account, asked: Asked, clock: Clock, keep_back: int = 0) -> Turn:
    """Count a request and return it, or the wait when others came first; `keep_back` of the day are left to others.

    Raises BudgetSpent and LedgerUnavailable.
    """
    with ledger_errors(), transaction.atomic():
        budget = KeyBudget.objects.select_for_update().get(pk=budget_of(account).pk)
        # Read under the lock: while this process waited for it, others may have sent.
        now = clock()
        _forget_the_future(budget, now)
        _check_day(budget, account.limits, now, keep_back)
        wait = max(_closed_for(budget, now), seconds_to_wait(account.limits, _recent(budget, account.limits, now), now))
        if wait > 0:
            return Turn(None, wait)
        attempt = RequestAttempt.objects.create(
            budget=budget, function=asked.function, symbol=asked.symbol, month=asked.month, sent_at=now
        )
        return Turn(attempt.pk)


def settle(account: Account, attempt: int, kind: str, now: datetime, *, size: int, retry_after: float | None) -> None:
    """Write down what came of a request. If that fails it still counts, and the answer is not lost for it."""
    try:
        with transaction.atomic():
            row = RequestAttempt.objects.filter(pk=attempt)
            row.update(settled_at=now, outcome=kind, size=size)
            if field := _CLOSES.get(ReplyKind(kind)):
                until = next_reset(now) if kind == ReplyKind.RATE_DAY else now + _closing(kind, retry_after)
                KeyBudget.objects.filter(pk=budget_of(account).pk).update(**{field: until})
                logger.warning("provider refuses further requests", extra={"provider": account.provider, "kind": kind})
    except DatabaseError as error:
        logger.warning("a request could not be settled in the ledger: %s", error)


def used_today(budget: KeyBudget, now: datetime) -> int:
    return budget.attempts.filter(sent_at__gte=day_began(now)).count()


def open_again(budget: KeyBudget, limits: Limits, now: datetime, keep_back: int = 0) -> datetime:
    """Return the first instant from which the day has room again; `now` when it has. At most half is kept back."""
    at = now
    keep_back = min(keep_back, int(limits.per_day or 0) // 2)
    for _ in range(6):
        closed = budget.day_closed_until is not None and at < budget.day_closed_until
        if not closed and (limits.per_day is None or used_today(budget, at) + keep_back < limits.per_day):
            return at
        at = next_reset(at)
    return at


def forget_before(now: datetime, *, days: int = 35) -> int:
    """Delete what no budget needs any more; return how many requests that were."""
    return RequestAttempt.objects.filter(sent_at__lt=now - timedelta(days=days)).delete()[0]


def _closing(kind: str, retry_after: float | None) -> timedelta:
    return timedelta(seconds=retry_after) if retry_after else _CLOSED_FOR[ReplyKind(kind)]


def _check_day(budget: KeyBudget, limits: Limits, now: datetime, keep_back: int) -> None:
    until = open_again(budget, limits, now, keep_back)
    if until > now:
        raise BudgetSpent(
            f"Today's requests to {budget.provider} are used up: {_count(budget, limits, now, keep_back)}. "
            f"There are more from {until:%Y-%m-%d %H:%M} UTC on.",
            until,
        )


def _count(budget: KeyBudget, limits: Limits, now: datetime, keep_back: int) -> str:
    used = used_today(budget, now)
    if budget.day_closed_until and now < budget.day_closed_until:
        return f"the provider said so after {used} requests"
    kept = f", {keep_back} are kept for the newest prices" if keep_back else ""
    return f"{used} of {limits.per_day:g} were sent{kept}"


def _closed_for(budget: KeyBudget, now: datetime) -> float:
    closings = (budget.second_closed_until, budget.minute_closed_until)
    return max((closing - now).total_seconds() if closing else 0.0 for closing in closings)


def _recent(budget: KeyBudget, limits: Limits, now: datetime) -> list[Sent]:
    rows = budget.attempts.filter(sent_at__gt=now - longest(limits))
    return [Sent(*row) for row in rows.values_list("sent_at", "settled_at")]


def _forget_the_future(budget: KeyBudget, now: datetime) -> None:
    """After a clock was set back, take what lies ahead as of now; else it would close windows for hours."""
    ahead = budget.attempts.filter(Q(sent_at__gt=now + SKEW) | Q(settled_at__gt=now + SKEW))
    if ahead.exists():
        logger.warning("the clock was set back; requests from ahead of it count as sent now")
        ahead.filter(settled_at__gt=now).update(settled_at=now)
        ahead.filter(sent_at__gt=now).update(sent_at=now)
    horizons = {
        "second_closed_until": now + _LONGEST_CLOSING,
        "minute_closed_until": now + _LONGEST_CLOSING,
        "day_closed_until": next_reset(now),
    }
    for field, horizon in horizons.items():
        value = getattr(budget, field)
        if value and value > horizon:
            setattr(budget, field, horizon)
            budget.save(update_fields=[field])
