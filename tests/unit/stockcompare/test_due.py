"""The scheduled jobs over a week with a holiday and a half day, minute by minute."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from market.calendar import NEW_YORK
from market.months import Month
from stockcompare.due import Failures, fetch_due, months_to_fetch, process_due, settled_session

SETTLE = timedelta(minutes=30)


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def minutes(first: datetime, last: datetime) -> list[datetime]:
    return [first + timedelta(minutes=number) for number in range(int((last - first).total_seconds()) // 60)]


@dataclass
class Machine:
    """What the run records would say, with a fetch and a processing that take no time."""

    fetched: date | None
    changed_at: datetime | None = None
    processed_at: datetime | None = None
    failures: Failures | None = None
    log: list[str] = field(default_factory=list)

    def tick(self, now: datetime, *, provider_works: bool = True, new_bars: bool = True) -> None:
        session = fetch_due(now, fetched=self.fetched, failures=self.failures, settle=SETTLE)
        if session and provider_works:
            self.fetched, self.failures = session, None
            self.changed_at = now if new_bars else self.changed_at
            self.log.append(f"fetch {session} at {now.astimezone(NEW_YORK):%a %H:%M}")
        elif session:
            self.failures = Failures(count=self.failures.count + 1 if self.failures else 1, last_at=now)
            self.log.append(f"failed at {now.astimezone(NEW_YORK):%H:%M}")
        if process_due(now, changed_at=self.changed_at, processed_at=self.processed_at, failures=None):
            self.processed_at = now
            self.log.append(f"process at {now.astimezone(NEW_YORK):%a %H:%M}")


def test_a_thanksgiving_week_has_four_fetches_and_four_processings() -> None:
    machine = Machine(fetched=date(2026, 11, 20))

    for now in minutes(new_york("2026-11-23T00:00"), new_york("2026-11-30T00:00")):
        machine.tick(now)

    assert machine.log == [
        "fetch 2026-11-23 at Mon 16:30",
        "process at Mon 16:30",
        "fetch 2026-11-24 at Tue 16:30",
        "process at Tue 16:30",
        "fetch 2026-11-25 at Wed 16:30",
        "process at Wed 16:30",
        # Thursday is Thanksgiving; Friday's trading ends at 13:00.
        "fetch 2026-11-27 at Fri 13:30",
        "process at Fri 13:30",
    ]


def test_the_clock_change_moves_the_fetch_with_new_york() -> None:
    before, after = new_york("2026-10-30T16:30"), new_york("2026-11-02T16:30")

    assert (before.hour, after.hour) == (20, 21)
    assert settled_session(before, settle=SETTLE) == date(2026, 10, 30)
    assert settled_session(after - timedelta(minutes=1), settle=SETTLE) == date(2026, 10, 30)
    assert settled_session(after, settle=SETTLE) == date(2026, 11, 2)


def test_a_fetch_without_new_bars_is_not_processed() -> None:
    machine = Machine(fetched=date(2026, 11, 23))

    for now in minutes(new_york("2026-11-24T16:00"), new_york("2026-11-24T18:00")):
        machine.tick(now, new_bars=False)

    assert machine.log == ["fetch 2026-11-24 at Tue 16:30"]


def test_a_failing_provider_is_asked_again_with_growing_pauses() -> None:
    machine = Machine(fetched=date(2026, 11, 23))

    for now in minutes(new_york("2026-11-24T16:00"), new_york("2026-11-24T21:00")):
        machine.tick(now, provider_works=False)

    assert machine.log == [f"failed at {at}" for at in ("16:30", "16:45", "17:15", "18:15", "20:15")]


def test_a_retry_is_never_further_away_than_six_hours() -> None:
    failed = new_york("2026-11-24T16:30")

    assert Failures(count=500, last_at=failed).retry_at() - failed == timedelta(hours=6)


def test_a_machine_that_was_off_for_a_week_fetches_once_when_it_is_back() -> None:
    machine = Machine(fetched=date(2026, 11, 13))

    for now in minutes(new_york("2026-11-22T09:00"), new_york("2026-11-22T12:00")):
        machine.tick(now)

    assert machine.log[0] == "fetch 2026-11-20 at Sun 09:00"
    assert len(machine.log) == 2


@pytest.mark.parametrize(
    ("session", "fetched", "months"),
    [
        (date(2026, 11, 24), date(2026, 11, 23), ["2026-11"]),
        (date(2026, 12, 1), date(2026, 11, 30), ["2026-11", "2026-12"]),
        (date(2026, 12, 7), date(2026, 12, 4), ["2026-11", "2026-12"]),
        (date(2026, 12, 8), date(2026, 12, 7), ["2026-11", "2026-12"]),
        (date(2026, 12, 9), date(2026, 12, 8), ["2026-12"]),
        (date(2027, 1, 4), date(2026, 10, 30), ["2026-10", "2026-11", "2026-12", "2027-01"]),
        (date(2026, 11, 24), None, ["2026-11"]),
    ],
)
def test_months_reach_from_before_the_last_covered_session_to_this_one(
    session: date, fetched: date | None, months: list[str]
) -> None:
    assert months_to_fetch(session, fetched=fetched) == [Month.parse(text) for text in months]


def test_a_processing_that_began_before_the_change_is_repeated() -> None:
    changed = new_york("2026-11-24T16:31")
    began_earlier = changed - timedelta(seconds=30)

    assert process_due(changed, changed_at=changed, processed_at=began_earlier, failures=None)
    assert not process_due(changed, changed_at=changed, processed_at=changed, failures=None)
    assert not process_due(changed, changed_at=None, processed_at=None, failures=None)
