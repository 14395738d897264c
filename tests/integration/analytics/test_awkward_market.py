"""Symbols that defeat careless arithmetic: processed, and asked for through every address of the API."""

import math
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.builders import make_bar, make_lake, make_session_bars, write_bars
from tests.processing import process, read_tables

SESSIONS = (date(2026, 10, 1), date(2026, 10, 14), date(2026, 11, 20))
EARLIER = (date(2026, 8, 3), date(2026, 8, 4))
AWKWARD: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "ONE": lambda: [make_bar(symbol="ONE")],
    "GAPS": lambda: [bar for on in SESSIONS for bar in make_session_bars("GAPS", on)[:: 1 + on.day]],
    "FLAT": lambda: [
        bar for on in SESSIONS[:2] for bar in make_session_bars("FLAT", on, open=50.1, high=50.1, low=50.1, close=50.1)
    ],
    "NOVOL": lambda: [bar for on in SESSIONS[:2] for bar in make_session_bars("NOVOL", on, volume=0)],
    "EARLY": lambda: [bar for on in EARLIER for bar in make_session_bars("EARLY", on)],
    "EXTRA": lambda: [bar | {"phase": "post"} for bar in make_session_bars("EXTRA", SESSIONS[0])],
    "AAPL": lambda: [bar for on in SESSIONS[:2] for bar in make_session_bars("AAPL", on)],
}
ALONE = (
    *("daily", "hourly", "volatility", "quality", "indicators", "returns", "moving-averages", "seasonality"),
    *("statistics", "volume-profile"),
)
ONE_MINUTE = "&from=2026-10-01T13:30Z&to=2026-10-01T13:31Z"
# Everything, one session, a weekend, one minute.
RANGES = ("", "&from=2026-10-01&to=2026-10-01", "&from=2026-10-03&to=2026-10-04", ONE_MINUTE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("awkward")
    lake = make_lake(folder)
    write_bars(lake, [bar for make in AWKWARD.values() for bar in make()])
    process(lake)
    return folder


@pytest.fixture(autouse=True)
def configured(folder: Path, settings: Settings) -> None:
    settings.LAKE_URL = f"file://{folder}"


def test_no_derived_table_holds_a_number_that_is_none(folder: Path) -> None:
    for name, table in read_tables(make_lake(folder)).items():
        for field in table.schema:
            if pa.types.is_floating(field.type):
                values = [value for value in table[field.name].to_pylist() if value is not None]
                assert all(map(math.isfinite, values)), (name, field.name)


@pytest.mark.parametrize("symbol", AWKWARD)
def test_each_awkward_symbol_alone_is_answered(api: APIClient, symbol: str) -> None:
    for path in ALONE:
        for span in RANGES:
            if span == ONE_MINUTE and path not in ("statistics", "volume-profile"):
                continue
            check(api, f"{path}/?symbols={symbol}{span}")


@pytest.mark.parametrize("other", [symbol for symbol in AWKWARD if symbol != "AAPL"])
def test_each_awkward_symbol_against_another_is_answered(api: APIClient, other: str) -> None:
    for path in ("pairs", "pair", "pair-series", "compare", "statistics"):
        for span in RANGES:
            if span == ONE_MINUTE and path in ("pairs", "compare"):
                continue
            for symbols in (f"AAPL,{other}", f"{other},AAPL"):
                check(api, f"{path}/?symbols={symbols}{span}")


def check(api: APIClient, path: str) -> None:
    """Nothing, or an answer whose figures each have a value or a reason."""
    response = api.get(f"/api/v1/{path}")
    answer = orjson.loads(response.content)
    if response.status_code == 404:
        # Closes that never meet cannot be drawn side by side; all else is answered.
        assert answer["code"] in ("no_overlap", "not_processed"), (path, answer)
        assert answer["code"] == "no_overlap" or "EXTRA" in path, (path, answer)
        return
    assert response.status_code == 200, (path, answer)
    assert not any(word in response.content for word in (b"NaN", b"Infinity")), path
    for name, figure in figures(answer):
        assert (figure["value"] is None) == (figure["reason"] is not None), (path, name, figure)


def figures(answer: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(answer, dict):
        for name, value in answer.items():
            if isinstance(value, dict) and "sample_of" in value:
                yield name, value
            else:
                yield from figures(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from figures(value)


def test_a_constant_price_says_so(api: APIClient) -> None:
    answer = api.get("/api/v1/statistics/?symbols=AAPL,FLAT").json()

    flat = answer["symbols"][1]["figures"]
    assert (flat["cumulative_return"]["value"], flat["maximum_drawdown"]["value"]) == (0, 0)
    pair = api.get("/api/v1/pair/?symbols=AAPL,FLAT").json()["figures"]
    assert pair["correlation_1min"]["reason"] == "One of the two did not move."
    assert pair["beta_5min"]["reason"] == "B did not move."
