"""What is worked out over a split must be what it would be without one.

SPLIT and WHOLE are one company: SPLIT is quoted in shares that split 7:1 on the sixth of twelve sessions, WHOLE in the
new ones from the beginning. PEER is another.
"""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from market.actions import Source, store_actions
from market.calendar import sessions_in_range
from market.lake.location import Lake
from market.providers.facts import Dividend, Split
from tests.builders import make_lake, make_session_bars, write_bars
from tests.derived import write_derived

SESSIONS = sessions_in_range(date(2026, 9, 15), date(2026, 9, 30))
ON, RATIO = SESSIONS[5], 7
NOW = datetime(2026, 10, 3, 12, tzinfo=UTC)
PRICES = ("open", "high", "low", "close")
AMOUNT = 1.5


def random_walk(symbol: str, seed: int, volume: int = 500) -> Iterator[dict[str, Any]]:
    random = np.random.default_rng(seed)
    close = 100.0
    for session in SESSIONS:
        for bar in make_session_bars(symbol, session, minutes=35):
            opened, close = close, close * float(np.exp(random.normal(0, 0.002)))
            spread = {"high": max(opened, close) * 1.001, "low": min(opened, close) * 0.999}
            yield {**bar, "open": opened, "close": close, **spread, "volume": volume + int(random.integers(100))}


def before_the_split(bar: dict[str, Any]) -> dict[str, Any]:
    factor = RATIO if bar["session"] < ON else 1
    prices = {name: bar[name] * factor for name in PRICES}
    # Volumes are multiples of seven, so that there are as many whole shares before.
    return {**bar, **prices, "symbol": "SPLIT", "volume": bar["volume"] // factor}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = make_lake(tmp_path_factory.mktemp("lake"))
    whole = [{**bar, "volume": bar["volume"] * RATIO} for bar in random_walk("WHOLE", 1)]
    bars = [*whole, *map(before_the_split, whole), *random_walk("PEER", 2)]
    write_bars(lake, bars)
    write_derived(lake, bars)
    store_actions(lake, Source("SPLIT", "alpha_vantage", NOW), [Split(ON, float(RATIO))], [])
    store_actions(lake, Source("PEER", "alpha_vantage", NOW), [], [Dividend(SESSIONS[8], AMOUNT, None, None, None)])
    return lake


@pytest.fixture(autouse=True)
def site(lake: Lake) -> Iterator[None]:
    with override_settings(LAKE_URL=lake.url):
        yield


def answer(api: APIClient, path: str) -> dict[str, Any]:
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    content: dict[str, Any] = response.json()
    return content


def numbers(content: Any) -> Any:
    """Return all numbers and words but the names of the symbols and the provenance; series are decoded."""
    if isinstance(content, dict):
        kept = {name: each for name, each in content.items() if name not in ("provenance", "symbol", "symbol_a")}
        if "deltas" in kept:
            return (np.cumsum(kept["deltas"]) / 10 ** kept["scale"]).tolist()
        return {name: numbers(each) for name, each in kept.items() if name != "benchmark"}
    return [numbers(each) for each in content] if isinstance(content, list) else content


def flat(content: Any, where: str = "") -> dict[str, Any]:
    if isinstance(content, (dict, list)):
        items = content.items() if isinstance(content, dict) else enumerate(content)
        return {key: value for name, each in items for key, value in flat(each, f"{where}/{name}").items()}
    return {where: content}


def is_same(name: str, value: Any, wanted: Any) -> bool:
    """Compare two figures but for the last digits; those of a series are rounded to a millionth."""
    if not isinstance(value, float) or not isinstance(wanted, float):
        return bool(value == wanted)
    return math.isclose(value, wanted, rel_tol=1e-8, abs_tol=2e-6 if "/columns/" in name else 1e-12)


QUESTIONS = [
    "statistics/?symbols={},PEER",
    "statistics/?symbols=PEER,{}",
    "statistics/?symbols={}&from=2026-09-18T14:00:00Z",
    "pair/?symbols={},PEER",
    "pair-series/?symbols={},PEER&window=20",
    "pair-series/?symbols={},PEER&timeframe=1day&window=10",
    "volume-profile/?symbols={}&bins=20",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_by_default_an_answer_over_a_split_is_the_answer_without_one(api: APIClient, question: str) -> None:
    over, without = (answer(api, question.format(symbol)) for symbol in ("SPLIT", "WHOLE"))

    found, wanted = flat(numbers(over)), flat(numbers(without))
    assert found.keys() == wanted.keys()
    assert {
        name: (value, wanted[name]) for name, value in found.items() if not is_same(name, value, wanted[name])
    } == {}
    assert any(isinstance(value, float) for value in found.values())
    assert over["provenance"]["adjustment"] == "split"
    assert over["provenance"]["adjustment_events"] == [
        {"symbol": "SPLIT", "session": ON.isoformat(), "kind": "split", "value": 7.0, "price_factor": 1 / 7}
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_raw_is_as_traded_and_says_so(api: APIClient, question: str) -> None:
    raw, split = (answer(api, f"{question.format('SPLIT')}&adjustment={adjustment}") for adjustment in ("raw", "split"))

    assert flat(numbers(raw)) != flat(numbers(split))
    assert raw["provenance"]["adjustment"] == "raw"
    assert "adjustment_events" not in raw["provenance"]


def test_a_return_as_traded_over_the_split_is_none(api: APIClient) -> None:
    raw, split = (
        answer(api, f"statistics/?symbols=SPLIT&adjustment={adjustment}")["symbols"][0]["figures"]
        for adjustment in ("raw", "split")
    )

    grown = 1 + split["cumulative_return"]["value"]
    assert abs(grown - 1) < 0.2
    assert 1 + raw["cumulative_return"]["value"] == pytest.approx(grown / RATIO)
    assert split["mean_dollar_volume"] == raw["mean_dollar_volume"]


def test_a_range_after_the_split_has_no_event_and_equals_raw(api: APIClient) -> None:
    raw, split = (
        answer(api, f"statistics/?symbols=SPLIT&from={ON}&adjustment={adjustment}") for adjustment in ("raw", "split")
    )

    assert numbers(raw) == numbers(split)
    assert split["provenance"]["adjustment_events"] == []


def test_with_all_a_dividend_is_part_of_the_return(api: APIClient) -> None:
    split, both = (answer(api, f"statistics/?symbols=PEER&adjustment={adjustment}") for adjustment in ("split", "all"))
    (event,) = both["provenance"]["adjustment_events"]
    (eve,) = answer(api, f"daily/?symbols=PEER&from={SESSIONS[7]}&to={SESSIONS[7]}")["results"]

    assert event["price_factor"] == pytest.approx(1 - AMOUNT / eve["close"])
    grown = [1 + each["symbols"][0]["figures"]["cumulative_return"]["value"] for each in (split, both)]
    assert grown[1] == pytest.approx(grown[0] / event["price_factor"])
    assert split["provenance"]["adjustment_events"] == []


def test_an_adjusted_answer_says_whose_events_nobody_was_asked_about(api: APIClient) -> None:
    known = answer(api, "statistics/?symbols=SPLIT,WHOLE,PEER")["provenance"]["events_known_at"]

    assert known == {"SPLIT": "2026-10-03T12:00:00Z", "WHOLE": None, "PEER": "2026-10-03T12:00:00Z"}
    assert "events_known_at" not in answer(api, "statistics/?symbols=SPLIT&adjustment=raw")["provenance"]


def test_a_profile_counts_shares_of_today(api: APIClient) -> None:
    raw, split = (
        answer(api, f"volume-profile/?symbols=SPLIT&to={SESSIONS[4]}&adjustment={adjustment}")
        for adjustment in ("raw", "split")
    )

    assert sum(each["volume"] for each in split["bins"]) == 7 * sum(each["volume"] for each in raw["bins"])
    assert split["point_of_control"] == pytest.approx(raw["point_of_control"] / 7)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_download_names_the_split(api: APIClient, question: str) -> None:
    text = api.get(f"/api/v1/{question.format('SPLIT')}&format=csv").content.decode()

    assert f"prices adjusted for splits: SPLIT split 7 on {ON}" in text


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_unknown_adjustment_is_refused_with_those_there_are(api: APIClient, question: str) -> None:
    response = api.get(f"/api/v1/{question.format('SPLIT')}&adjustment=yes")

    assert response.status_code == 400
    assert "raw, split or all" in response.json()["adjustment"][0]
