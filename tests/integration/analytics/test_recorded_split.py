"""Apple's split of 9 June 2014, seven for one, in recorded bars: each answer against the checked facts."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from analytics.queries.columns import decode
from market.actions import Source, store_actions
from market.providers.facts import Split
from tests.builders import FETCHED_AT, make_lake, write_bars
from tests.derived import write_derived
from tests.integration.analytics.test_recorded_comparisons import recorded_bars

pytestmark = pytest.mark.realdata

SPLIT = date(2014, 6, 9)
BEFORE = ("2014-06-05", "2014-06-06")
PRICES = {"open": "open", "high": "high", "low": "low", "close": "close", "mean_close": "mean_close_rth"}
PRICES |= {"vwap_close": "vwap_close_rth"}


@pytest.fixture(scope="module")
def lake_url(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    lake = make_lake(tmp_path_factory.mktemp("lake"))
    bars = list(recorded_bars(shared_data, "lean", "AAPL"))
    write_bars(lake, bars)
    write_derived(lake, bars)
    store_actions(lake, Source("AAPL", "files", FETCHED_AT), [Split(SPLIT, 7.0)], [])
    return lake.url


@pytest.fixture(autouse=True)
def site(lake_url: str) -> Iterator[None]:
    with override_settings(LAKE_URL=lake_url):
        yield


@pytest.fixture
def facts(shared_data: Path) -> dict[str, dict[str, str]]:
    with (shared_data / "minute_bars/expected/daily_aggregates.csv").open(newline="") as handle:
        return {
            row["date"]: row for row in csv.DictReader(handle) if (row["source"], row["symbol"]) == ("lean", "AAPL")
        }


def answer(api: APIClient, path: str) -> dict[str, Any]:
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    content: dict[str, Any] = response.json()
    return content


@pytest.mark.parametrize("adjustment", ["raw", "split"])
def test_days_are_the_checked_facts_and_before_the_split_a_seventh_of_them(
    api: APIClient, facts: dict[str, dict[str, str]], adjustment: str
) -> None:
    rows = answer(api, f"daily/?symbols=AAPL&adjustment={adjustment}")["results"]

    assert {row["session"] for row in rows} == {*BEFORE, SPLIT.isoformat()}
    for row in rows:
        fact, factor = facts[row["session"]], 7 if adjustment == "split" and row["session"] in BEFORE else 1
        for name, known in PRICES.items():
            assert row[name] == pytest.approx(float(fact[known]) / factor, rel=1e-9), (row["session"], name)
        assert row["volume"] == int(fact["volume_rth"]) * factor


def test_minutes_of_a_tile_make_up_the_checked_days(api: APIClient, facts: dict[str, dict[str, str]]) -> None:
    for adjustment in ("raw", "split"):
        (listed,) = answer(api, f"symbols/AAPL/?adjustment={adjustment}")["tiles"]["bars"]
        tile = api.get(listed["url"]).json()
        closes, volumes = (decode(tile["columns"][name], tile["rows"]) for name in ("close", "volume"))

        assert tile["rows"] == 3 * 390
        for number, (session, fact) in enumerate(sorted(facts.items())):
            factor = 7 if adjustment == "split" and session in BEFORE else 1
            mine = slice(390 * number, 390 * (number + 1))
            assert closes[mine].mean() == pytest.approx(float(fact["mean_close_rth"]) / factor, rel=1e-8)
            assert volumes[mine].sum() == int(fact["volume_rth"]) * factor


def test_the_range_over_the_split_lost_nothing_unless_raw_is_asked_for(
    api: APIClient, facts: dict[str, dict[str, str]]
) -> None:
    def figures(more: str) -> dict[str, float]:
        (apple,) = answer(api, f"statistics/?symbols=AAPL{more}")["symbols"]
        return {name: figure["value"] for name, figure in apple["figures"].items()}

    before, on = facts[BEFORE[1]], facts[SPLIT.isoformat()]
    overnight = (
        7 * float(on["open"]) / float(before["close"]) * float(before["open"]) / float(facts[BEFORE[0]]["close"])
    )
    assert figures("")["overnight_return"] == pytest.approx(overnight - 1, rel=1e-6)
    assert figures("")["maximum_drawdown"] > -0.02
    assert figures("&adjustment=raw")["maximum_drawdown"] < -0.85
