"""`manage.py fetch_facts`: splits, dividends and daily figures come into the lake, from the vendor or from files."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from market.actions import actions_table, daily_figures_table, read_actions
from market.lake.location import Lake
from market.management.commands.fetch_facts import Command
from tests.fetching import KEY, Ran, everything_written
from tests.vendors import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked(lake: Lake, vendor: Vendor, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_URL = vendor.url
    settings.ALPHA_VANTAGE_API_KEY = KEY
    settings.REQUEST_LIMITS = {}


def run(*arguments: str) -> Ran:
    """Run the command in this process on a clock that its waits move on."""
    command, output, ran = Command(), io.StringIO(), Ran(0, "")
    command.sleep = ran.sleeps.append
    command.clock = lambda: timezone.now() + timedelta(seconds=sum(ran.sleeps))
    try:
        call_command(command, *arguments, stdout=output, stderr=output)
    except CommandError as error:
        ran.code = error.returncode
        output.write(str(error))
    ran.output = output.getvalue()
    return ran


def actions(lake: Lake, symbol: str = "AAPL") -> list[tuple[date, str, float]]:
    found = read_actions(actions_table(lake).snapshot(), symbol)
    return [(action.session, action.kind, action.value) for action in found]


def test_the_vendors_facts_are_in_the_lake_once(lake: Lake, vendor: Vendor) -> None:
    first, second = run("--symbols", "AAPL"), run("--symbols", "AAPL")

    assert (first.code, second.code) == (0, 0), first.output + second.output
    assert (date(2014, 6, 9), "split", 7.0) in actions(lake)
    assert (date(2026, 11, 9), "dividend", 0.26) in actions(lake)
    assert daily_figures_table(lake).snapshot().read().num_rows >= 50
    assert "2 splits, 2 dividends" in first.output
    assert "all known already" in second.output
    assert KEY.encode() not in everything_written(Path(lake.storage.path("")))


def test_one_symbol_that_fails_leaves_the_others(lake: Lake, vendor: Vendor) -> None:
    vendor.tell("SPLITS", "no splits here", symbol="MSFT")

    ran = run("--symbols", "MSFT", "AAPL")

    assert ran.code == 3
    assert "1 of 2 symbols failed" in ran.output
    assert actions(lake)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"AAPL_{name}.csv").write_text(text)
    return folder


def test_files_are_read_where_there_is_no_key(lake: Lake, tmp_path: Path, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_API_KEY = ""
    daily = "datetime,open,high,low,close,volume\n2026-10-01,1,2,1,1.5,10\n"
    folder = write(tmp_path, splits="effective_date,split_factor\n2014-06-09,7\n", daily=daily)

    ran = run("--symbols", "AAPL", "--path", str(folder))

    assert ran.code == 0
    assert actions(lake) == [(date(2014, 6, 9), "split", 7.0)]
    assert "1 splits, 0 dividends, 1 daily figures" in ran.output
    assert run("--symbols", "AAPL").code == 2


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"splits": "date,factor\n2014-06-09,7\n"}, "AAPL_splits.csv lacks the column effective_date"),
        ({"splits": "effective_date,split_factor\n2014-06-09,0\n"}, "AAPL_splits.csv, line 2"),
        ({"dividends": "ex_dividend_date,amount\nsoon,1\n"}, "AAPL_dividends.csv, line 2"),
        ({"daily": "date,open,high,low,close,volume\n2026-10-01,1,nan,1,1,1\n"}, "AAPL_daily.csv, line 2"),
        ({"daily": "date,open,high,low,close,volume\n2026-10-01,1,1,1,1,many\n"}, "AAPL_daily.csv, line 2"),
    ],
)
def test_a_file_that_is_wrong_is_named(lake: Lake, tmp_path: Path, files: dict[str, Any], message: str) -> None:
    ran = run("--symbols", "AAPL", "--path", str(write(tmp_path, **files)))

    assert ran.code == 2
    assert message in ran.output
    assert actions(lake) == []
