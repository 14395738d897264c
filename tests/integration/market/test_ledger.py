"""The ledger of requests on the real relational database, with a moved clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import QuerySet

from market.budget.forecast import forecast
from market.budget.gates import LedgerGate
from market.budget.ledger import forget_before
from market.limits import Account, Limits, fingerprint
from market.models import KeyBudget, RequestAttempt
from market.providers.base import ReplyKind
from market.providers.gate import BudgetSpent, LedgerUnavailable

pytestmark = pytest.mark.django_db

FREE = Limits(per_second=1, per_day=25)


class Key:
    """A key in use, on a clock that stands still but for the waits."""

    def __init__(self, key: str = "a-key", limits: Limits = FREE, at: str = "2026-11-24T15:00") -> None:
        self.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        self.waits: list[float] = []
        self.gate = LedgerGate(Account("alpha_vantage", fingerprint(key), limits), lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)

    def move_to(self, at: str) -> None:
        self.now = datetime.fromisoformat(at).replace(tzinfo=UTC)

    def send(self, kind: ReplyKind = ReplyKind.OK, retry_after: float | None = None) -> None:
        with self.gate.request("TIME_SERIES_INTRADAY", "AAPL", "2026-10") as attempt:
            attempt.settle(kind, 1000, retry_after)

    def send_all(self, most: int = 100) -> int:
        """Send until the day's budget is used up; return how many went."""
        for number in range(most):
            try:
                self.send()
            except BudgetSpent:
                return number
        return most


@pytest.fixture
def key() -> Key:
    return Key()


def test_a_request_is_a_row_before_it_is_sent(key: Key) -> None:
    with key.gate.request("TIME_SERIES_INTRADAY", "AAPL", "2026-10") as attempt:
        row = RequestAttempt.objects.get()
        assert (row.symbol, row.month, row.outcome, row.settled_at) == ("AAPL", "2026-10", "", None)
        attempt.settle(ReplyKind.OK, 1234)

    row.refresh_from_db()
    assert (row.outcome, row.size, row.settled_at) == ("ok", 1234, key.now)


def test_a_request_without_an_answer_counts(key: Key) -> None:
    with pytest.raises(ConnectionError), key.gate.request("F", "AAPL", "2026-10"):
        raise ConnectionError

    assert RequestAttempt.objects.get().outcome == ReplyKind.TRANSPORT
    assert key.send_all() == 24


def test_requests_keep_the_distance_that_the_plan_wants(key: Key) -> None:
    for _ in range(3):
        key.send()

    assert sum(key.waits) == pytest.approx(2 * 1.2, abs=0.01)


def test_a_day_has_so_many_requests_and_no_more(key: Key) -> None:
    assert key.send_all() == 25

    with pytest.raises(BudgetSpent, match=r"25 of 25 were sent\. There are more from 2026-11-25 05:00") as spent:
        key.send()

    assert spent.value.until == datetime(2026, 11, 25, 5, tzinfo=UTC)
    assert RequestAttempt.objects.count() == 25


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-11-24T23:59", 0),
        ("2026-11-25T00:00", 0),
        ("2026-11-25T04:59", 0),
        ("2026-11-25T05:00", 25),
    ],
)
def test_a_new_day_begins_when_it_has_begun_both_in_utc_and_new_york(key: Key, at: str, allowed: int) -> None:
    key.send_all()

    key.move_to(at)

    assert key.send_all() == allowed


def test_whichever_midnight_the_provider_means_its_day_never_has_too_many(key: Key) -> None:
    key.move_to("2026-11-24T00:00")
    for _ in range(4 * 24 * 4):
        key.send_all()
        key.now += timedelta(minutes=15)

    instants = list(RequestAttempt.objects.values_list("sent_at", flat=True))
    for offset in (0, 5):
        days = [(instant - timedelta(hours=offset)).date() for instant in instants]
        assert max(days.count(day) for day in set(days)) == 25
    assert len(instants) == 100


def test_a_refusal_for_the_day_ends_it_whatever_was_counted(key: Key) -> None:
    for _ in range(9):
        key.send()
    key.send(ReplyKind.RATE_DAY)

    with pytest.raises(BudgetSpent, match="the provider said so after 10 requests"):
        key.send()

    key.move_to("2026-11-25T00:00")
    key.send()


@pytest.mark.parametrize(
    ("kind", "retry_after", "wait"),
    [
        (ReplyKind.RATE_SECOND, None, 1.2),
        (ReplyKind.RATE_MINUTE, None, 60.0),
        (ReplyKind.RATE_MINUTE, 7.0, 7.0),
        (ReplyKind.PAYWALL, None, 1.2),
    ],
)
def test_a_refusal_holds_back_everybody_with_the_key(
    key: Key, kind: ReplyKind, retry_after: float | None, wait: float
) -> None:
    key.send(kind, retry_after)
    other = Key(limits=FREE)

    other.send()

    assert sum(other.waits) == pytest.approx(wait, abs=0.01)


def test_another_key_has_a_budget_of_its_own(key: Key) -> None:
    key.send_all()

    assert Key("another-key").send_all() == 25
    assert "a-key" not in str(list(KeyBudget.objects.values()))


def test_what_is_kept_back_is_left_for_others(key: Key) -> None:
    fill = Key()
    fill.gate = LedgerGate(key.gate.account, lambda: fill.now, fill._sleep, keep_back=3)

    assert fill.send_all() == 22
    with pytest.raises(BudgetSpent, match="22 of 25 were sent, 3 are kept for the newest prices"):
        fill.send()
    key.now = fill.now
    assert key.send_all() == 3


def test_a_clock_that_is_set_back_neither_stops_nor_floods(key: Key) -> None:
    for _ in range(5):
        key.send()
    key.waits.clear()

    key.now -= timedelta(hours=1)
    key.send()

    assert sum(key.waits) == pytest.approx(1.2, abs=0.01)
    assert key.send_all() == 19


def test_a_refusal_from_ahead_of_a_clock_that_was_set_back_ends_with_the_day(key: Key) -> None:
    key.move_to("2026-12-24T15:00")
    key.send(ReplyKind.RATE_DAY)
    key.send_all()

    key.move_to("2026-11-24T15:00")

    with pytest.raises(BudgetSpent) as spent:
        key.send()
    assert spent.value.until == datetime(2026, 11, 25, 0, tzinfo=UTC)


def test_a_process_that_was_stopped_after_counting_asks_for_another_turn(
    key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    instants = iter([0.0, 5.0])
    monkeypatch.setattr("market.budget.gates.monotonic", lambda: next(instants, 10.0))

    key.send()

    assert list(RequestAttempt.objects.order_by("pk").values_list("outcome", flat=True)) == ["unsent", "ok"]


def test_what_cannot_be_counted_is_not_sent(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(QuerySet, "get_or_create", locked)

    with pytest.raises(LedgerUnavailable, match=r"could not be counted \(database is locked\), so it was not sent"):
        key.send()


def test_an_answer_is_not_lost_when_it_cannot_be_settled(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    with key.gate.request("F", "AAPL", "2026-10") as attempt:
        monkeypatch.setattr(QuerySet, "update", locked)
        attempt.settle(ReplyKind.OK, 1)

    assert RequestAttempt.objects.get().outcome == ""


@pytest.mark.parametrize(
    ("requests", "days", "finished"),
    [
        (0, 0, "2026-11-24T15:00:00"),
        (15, 1, "2026-11-24T15:00:16.8"),
        # 10 were sent before: 15 today, the others when both midnights have passed.
        (16, 2, "2026-11-25T05:00:00"),
        (48, 3, "2026-11-26T05:00:08.4"),
    ],
)
def test_a_forecast_says_requests_days_and_the_end(key: Key, requests: int, days: int, finished: str) -> None:
    for _ in range(10):
        key.send()
    key.move_to("2026-11-24T15:00")

    expected = forecast(key.gate.account, requests, key.now)

    assert (expected.requests, expected.days, expected.left_today) == (requests, days, 15)
    assert expected.finished_at == datetime.fromisoformat(finished).replace(tzinfo=UTC)


def test_a_forecast_for_a_key_that_was_never_used_leaves_no_trace() -> None:
    account = Account("alpha_vantage", fingerprint("new"), Limits(per_minute=75))

    expected = forecast(account, 76, datetime(2026, 11, 24, 15, tzinfo=UTC))

    assert (expected.days, expected.left_today) == (1, None)
    assert expected.finished_at == datetime(2026, 11, 24, 15, 1, tzinfo=UTC)
    assert not KeyBudget.objects.exists()


def test_old_requests_are_forgotten(key: Key) -> None:
    key.send()
    key.now += timedelta(days=36)
    key.send()

    assert forget_before(key.now) == 1
    assert RequestAttempt.objects.count() == 1
