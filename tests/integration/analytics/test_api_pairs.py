"""Two symbols over a range, along it, and session by session when nobody asked for the pair before."""

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from analytics.queries.columns import decode
from market.calendar import sessions_in_range
from market.months import Month
from tests.builders import make_lake, make_session_bars, write_bars
from tests.derived import write_derived
from tests.market_fixture import SESSIONS, market_bars

pytestmark = pytest.mark.usefixtures("market")


def answer(api: APIClient, path: str) -> Any:
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    return response.json()


def test_a_pair_over_a_range_rests_on_returns_inside_sessions(api: APIClient) -> None:
    pair = answer(api, "pair/?symbols=AAPL,MSFT")

    # 390 + 386 (three missing, one quarantined: two gaps) + 390 + 210 minutes.
    assert pair["matched_minutes"] == 1376
    assert pair["figures"]["correlation_1min"]["sample"] == 389 + 383 + 389 + 209
    assert pair["figures"]["beta_1min"]["value"] is not None
    assert pair["figures"]["half_life_minutes"]["sample"] == 1376
    assert pair["sessions"]["figures"]["correlation"]["reason"] == (
        "Needs at least 3 session returns; the range has 2."
    )


def test_series_of_a_pair_begin_at_100_and_fill_their_windows(api: APIClient) -> None:
    series = answer(api, "pair-series/?symbols=AAPL,MSFT&window=20&timeframe=1min")

    rows = series["rows"]
    columns = {name: decode(column, rows) for name, column in series["columns"].items()}
    assert (columns["rebased_a"][0], columns["rebased_b"][0], columns["relative_strength"][0]) == (100, 100, 100)
    assert rows == series["matched_minutes"] == 1376
    assert math.isnan(columns["spread_zscore"][19])
    assert not math.isnan(columns["spread_zscore"][20])
    # The first return is that of the second minute.
    assert math.isnan(columns["rolling_correlation"][19])
    assert math.isnan(columns["rolling_correlation"][390])


@pytest.fixture
def stranger(market: None, tmp_path: Path, settings: Settings) -> None:
    """Process a market without pairs."""
    lake = make_lake(tmp_path / "lake")
    write_bars(lake, market_bars())
    write_derived(lake, market_bars())
    shutil.rmtree(tmp_path / "lake/tables/pairs")
    settings.LAKE_URL = f"file://{tmp_path / 'lake'}"


@pytest.mark.usefixtures("stranger")
def test_a_pair_nobody_asked_for_is_compared_on_demand(api: APIClient) -> None:
    got = answer(api, "pairs/?symbols=MSFT,AAPL")

    assert [row["session"] for row in got["results"]] == [str(session) for session in reversed(SESSIONS)]
    assert [row["matched_minutes"] for row in got["results"]] == [210, 390, 386, 390]
    newest, oldest = got["results"][0], got["results"][-1]
    assert newest["hedge_ratio"] == pytest.approx(-2.6859448574)
    assert oldest["hedge_ratio"] is None
    assert got["provenance"]["tables"].keys() >= {"bars"}


def test_volume_is_profiled_by_price(api: APIClient) -> None:
    profile = answer(api, "volume-profile/?symbols=AAPL&from=2025-11-03&to=2025-11-03&bins=8")

    assert len(profile["bins"]) == 8
    assert sum(row["share"] for row in profile["bins"]) == pytest.approx(1)
    assert profile["value_area_low"] <= profile["point_of_control"] <= profile["value_area_high"]
    inside = [
        row for row in profile["bins"] if profile["value_area_low"] <= row["price_from"] < profile["value_area_high"]
    ]
    assert sum(row["share"] for row in inside) >= 0.7


def test_minutes_of_many_months_are_refused(api: APIClient, tmp_path: Path, settings: Settings) -> None:
    lake = make_lake(tmp_path / "lake")
    months = [Month(2010 + number // 12, number % 12 + 1) for number in range(13)]
    firsts = [sessions_in_range(month.first_date, month.last_date)[0] for month in months]
    bars = [bar for first in firsts for bar in make_session_bars(session=first, minutes=1)]
    write_bars(lake, bars)
    write_derived(lake, bars)
    settings.LAKE_URL = f"file://{tmp_path / 'lake'}"

    response = api.get("/api/v1/indicators/?symbols=AAPL")

    assert (response.status_code, response.json()["code"]) == (400, "range_too_wide")
    assert api.get("/api/v1/indicators/?symbols=AAPL&from=2010-06-01").status_code == 200
