"""`manage.py fetch_prices`, from a vendor's reply to the table `bars`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from market.bars.build import Origin, build_bars
from market.lake.location import Lake
from market.lake.snapshots import Part
from market.limits import Limits
from market.months import Month
from market.providers.synthetic.provider import Synthetic
from tests.builders import make_bar, write_bars
from tests.fetching import Fetch, bars, fetch_process, finished, manifests, rows, run_command
from tests.vendors import Vendor

CLOSED = ("--provider", "alpha_vantage", "--symbols", "AAPL", "MSFT", "--months", "2026-08", "2026-09")


def expected(symbol: str, month: Month) -> list[dict[str, object]]:
    provider, now = Synthetic(), datetime.now(UTC)
    parsed = provider.parse(provider.fetch_month(symbol, month, now))
    table = build_bars(parsed.bars, Origin(symbol, month, "alpha_vantage", now))
    return table.drop_columns(["fetched_at"]).to_pylist()


def test_bars_of_the_vendor_are_in_the_table_as_it_gave_them(lake: Lake, fetch: Fetch) -> None:
    ran = fetch(*CLOSED)

    assert ran.code == 0, ran.output
    stored = rows(lake).select(list(expected("AAPL", Month(2026, 9))[0])).to_pylist()
    assert stored == [
        bar for symbol in ("AAPL", "MSFT") for month in (8, 9) for bar in expected(symbol, Month(2026, month))
    ]


def test_the_request_is_the_documented_one(fetch: Fetch, vendor: Vendor) -> None:
    fetch("--provider", "alpha_vantage", "--symbols", "brk-b", "--months", "2026-09")

    assert vendor.calls() == [
        {
            "function": "TIME_SERIES_INTRADAY",
            "symbol": "BRK-B",
            "interval": "1min",
            "adjusted": "false",
            "extended_hours": "true",
            "month": "2026-09",
            "outputsize": "full",
            "datatype": "csv",
        }
    ]


@pytest.mark.parametrize("ending", ["", "/", "/query", "/query/"])
def test_the_address_may_be_given_with_or_without_its_path(
    fetch: Fetch, vendor: Vendor, settings: Settings, ending: str
) -> None:
    settings.ALPHA_VANTAGE_URL = vendor.url + ending

    assert fetch(*CLOSED).code == 0


def test_months_are_asked_newest_first_for_all_symbols(fetch: Fetch, vendor: Vendor) -> None:
    fetch(*CLOSED)

    assert [(call["month"], call["symbol"]) for call in vendor.calls()] == [
        ("2026-09", "AAPL"),
        ("2026-09", "MSFT"),
        ("2026-08", "AAPL"),
        ("2026-08", "MSFT"),
    ]


def test_requests_keep_the_distance_that_the_settings_say(fetch: Fetch, settings: Settings) -> None:
    settings.REQUEST_LIMITS = {"alpha_vantage": Limits(per_second=0.1)}

    ran = fetch(*CLOSED)

    assert len(ran.sleeps) == 3
    assert all(9 < sleep <= 12 for sleep in ran.sleeps)


def test_a_second_run_asks_nothing_and_writes_nothing(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    fetch(*CLOSED)
    version, calls = bars(lake).version, len(vendor.calls())

    ran = fetch(*CLOSED)

    assert (ran.code, bars(lake).version, len(vendor.calls())) == (0, version, calls)
    assert "4 already final; 0 bars written" in ran.output


def test_the_current_month_is_asked_again_and_written_only_if_it_changed(
    lake: Lake, vendor: Vendor, fetch: Fetch
) -> None:
    fetch("--provider", "alpha_vantage", "--symbols", "AAPL")
    version, calls = bars(lake).version, len(vendor.calls())

    ran = fetch("--provider", "alpha_vantage", "--symbols", "AAPL")

    assert ran.code == 0
    assert len(vendor.calls()) > calls
    assert bars(lake).version in (version, version + 1)  # a minute may have passed
    assert "final" in ran.output or "unchanged" in ran.output or "updated" in ran.output


def test_each_cell_is_one_commit_that_names_its_reply(lake: Lake, fetch: Fetch) -> None:
    fetch(*CLOSED)

    commits = bars(lake).table.history()[:-1]
    assert [commit["parts"] for commit in commits] == ["MSFT 2026-08", "AAPL 2026-08", "MSFT 2026-09", "AAPL 2026-09"]
    assert {commit["writer"] for commit in commits} == {"fetch_prices"}
    assert len({commit["run_id"] for commit in commits}) == 1
    stored = Path(lake.storage.path(commits[0]["raw"] + ".csv.gz"))
    assert stored.is_file()


def test_the_manifest_of_a_good_reply_tells_what_was_in_it(lake: Lake, fetch: Fetch) -> None:
    fetch(*CLOSED)

    (manifest,) = manifests(Path(lake.storage.path("")), symbol="AAPL", month="2026-09")
    part = bars(lake).read_part(Part("AAPL", "2026-09"), ["bar_start"])["bar_start"]
    assert manifest["outcome"] == "ok"
    assert manifest["rows"] == len(part)
    assert manifest["first_bar"] == part[0].as_py().isoformat()
    assert manifest["last_bar"] == part[-1].as_py().isoformat()
    assert manifest["label"] == "start (a stamp at 04:00)"


def test_a_dry_run_says_what_it_would_ask_and_asks_nothing(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    fetch("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", "2026-09")
    calls = vendor.calls()

    ran = fetch(*CLOSED, "--dry-run")

    assert (ran.code, vendor.calls()) == (0, calls)
    assert "MSFT 2026-09: the lake has no bars of it" in ran.output
    assert "3 requests to alpha_vantage on 1 day (24 are left of today's), done by " in ran.output


@pytest.mark.parametrize(
    ("now", "months"),
    [
        (datetime(2026, 11, 20, 22, tzinfo=UTC), ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]),
        # In New York the last month has begun, and none of its sessions.
        (datetime(2026, 12, 1, 5, 9, tzinfo=UTC), ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]),
    ],
    ids=["in a month", "as a month begins"],
)
def test_by_default_the_synthetic_market_is_fetched_for_six_months(
    lake: Lake, now: datetime, months: list[str]
) -> None:
    with time_machine.travel(now):
        ran = run_command()

    assert ran.code == 0
    assert set(rows(lake)["provider"].to_pylist()) == {"synthetic"}
    assert list(bars(lake).parts) == [Part(symbol, month) for symbol in ("AAPL", "MSFT") for month in months]


def test_synthetic_bars_are_not_mixed_into_real_ones(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    write_bars(lake, [make_bar(provider="alpha_vantage")])

    ran = fetch("--provider", "synthetic")

    assert ran.code == 2
    assert "give each its own LAKE_URL" in ran.output
    assert bars(lake).read().num_rows == 1


def test_real_bars_are_not_mixed_into_synthetic_ones(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    write_bars(lake, [make_bar(provider="synthetic")])

    ran = fetch(*CLOSED)

    assert (ran.code, vendor.calls()) == (2, [])
    assert "would mix made-up prices with real ones" in ran.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--provider", "yahoo"], "choose one of alpaca, alpha_vantage, files, massive, synthetic."),
        (
            ["--provider", "synthetic", "--symbols", "A%B"],
            "--symbols (or PRICES_SYMBOLS): 'A%B' is not a symbol; write it like AAPL",
        ),
        (["--provider", "synthetic", "--from", "2026-10", "--to", "2026-09"], "is after --to 2026-09; swap them"),
        (["--provider", "synthetic", "--months", "2031-01"], "2031-01 is in the future"),
        (["--provider", "synthetic", "--months", "1999-01"], "bars begin in 2000-01"),
    ],
)
def test_arguments_that_cannot_be_end_with_2_and_a_sentence(
    lake: Lake, fetch: Fetch, arguments: list[str], message: str
) -> None:
    ran = fetch(*arguments)

    assert ran.code == 2
    assert message in ran.output
    assert bars(lake).version == -1


def test_without_a_key_the_command_says_where_to_get_one(lake: Lake, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_API_KEY = ""

    ran = run_command("--provider", "alpha_vantage")

    assert ran.code == 2
    assert "set ALPHA_VANTAGE_API_KEY in .env, or use --provider synthetic" in ran.output


@pytest.mark.slow
def test_the_command_needs_no_users_and_keeps_heavy_libraries_out(lake: Lake, vendor: Vendor) -> None:
    arguments = ("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", "2026-09")

    ran = finished(
        fetch_process(
            lake.url,
            vendor,
            *arguments,
            AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9",
            PYTHONPROFILEIMPORTTIME="1",
        )
    )

    assert ran.code == 0, ran.output
    imported = {line.rpartition("|")[2].strip() for line in ran.output.splitlines() if line.startswith("import time:")}
    assert "pyarrow" in imported
    assert not imported & {"pandas.core", "exchange_calendars", "boto3", "pyspark", "pysail", "pynamodb"}


@pytest.mark.slow
def test_bad_arguments_end_the_process_with_2(lake: Lake) -> None:
    assert finished(fetch_process(lake.url, None, "--bogus")).code == 2
