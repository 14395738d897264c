"""`manage.py play_session`: a session of the synthetic market as if it was on."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from market.calendar import NEW_YORK
from market.corrections import corrections_table
from market.lake.location import Lake
from market.management.commands.play_session import Command
from tests.builders import make_bar, write_bars
from tests.fetching import Ran, rows, run_command

# A session at the beginning of a month, so that there is little to make.
SESSION = ("--session", "2026-10-02", "--symbols", "AAPL")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def play(*arguments: str, stop_after: int = 10**6) -> Ran:
    command, output, ran = Command(), io.StringIO(), Ran(0, "")

    def sleep(seconds: float) -> None:
        ran.sleeps.append(seconds)
        if len(ran.sleeps) >= stop_after:
            raise KeyboardInterrupt

    command.sleep = sleep
    command.clock = lambda: NOW + timedelta(seconds=sum(ran.sleeps))
    try:
        call_command(command, *arguments, stdout=output, stderr=output)
    except CommandError as error:
        ran.code = error.returncode
        output.write(str(error))
    ran.output = output.getvalue()
    return ran


def last_bar(lake: Lake) -> str:
    last: Any = rows(lake)["bar_start"][-1].as_py()
    return f"{last.astimezone(NEW_YORK):%Y-%m-%d %H:%M}"


def test_a_session_is_played_at_its_speed_and_goes_on_where_it_was_stopped(lake: Lake) -> None:
    begun = play(*SESSION, "--every", "120", "--speed", "60", stop_after=2)
    stopped_at = last_bar(lake)
    ended = play(*SESSION, "--every", "120", "--speed", "60")

    assert (begun.code, ended.code) == (130, 0), begun.output + ended.output
    assert begun.output.splitlines()[0].startswith("2026-10-02 09:30 New York: ")
    assert begun.sleeps == [120, 120]
    assert stopped_at == "2026-10-02 11:29"
    assert ended.output.splitlines()[0].startswith("2026-10-02 11:30 New York: ")
    assert sum(ended.sleeps) == 272
    assert last_bar(lake) == "2026-10-02 16:01"
    assert corrections_table(lake).snapshot().read().num_rows == 0


def test_what_was_played_is_fetched_to_its_end_later(lake: Lake) -> None:
    assert play(*SESSION, "--every", "400").code == 0

    ran = run_command("--provider", "synthetic", "--symbols", "AAPL", "--months", "2026-10")

    assert ran.code == 0
    assert last_bar(lake) == "2026-10-30 19:59"
    assert play(*SESSION).code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--session", "2026-11-24"), "is not over; 2026-11-23 can be played"),
        (("--session", "2026-11-22"), "has no trading"),
        (("--session", "soon"), "'soon' is no date of the calendar"),
        (("--session", "1990-01-02"), "is no date of the calendar"),
        (("--speed", "0"), "--speed must be above 0"),
        (("--every", "0"), "--every at least 1"),
        (("--symbols", "A$"), "--symbols"),
    ],
)
def test_what_cannot_be_played_is_said(lake: Lake, arguments: tuple[str, ...], message: str) -> None:
    ran = play(*arguments)

    assert ran.code == 2
    assert message in ran.output


def test_no_session_is_played_into_a_lake_of_real_bars(lake: Lake) -> None:
    write_bars(lake, [make_bar(provider="alpaca", symbol="MSFT")])

    assert play(*SESSION).code == 2
