"""Rows of derived tables on another basis. AAPL of the small market splits 2:1 on 26 November, the third session."""

import math
from typing import Any

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.usefixtures("market")

BEFORE, ON = "2025-11-03", "2025-11-26"
DAY = f"&from={BEFORE}&to={BEFORE}"
HALF, DOUBLE, SAME = 0.5, 2.0, 1.0

# Each column of a row before the split, and what it is multiplied by.
FOLLOWS: dict[str, dict[str, float]] = {
    "daily/?symbols=AAPL": {"open": HALF, "mean_high": HALF, "vwap_close": HALF, "volume": DOUBLE, "bar_count": SAME},
    "hourly/?symbols=AAPL": {"low": HALF, "close": HALF, "mean_open": HALF, "volume": DOUBLE, "bar_count": SAME},
    "moving-averages/?symbols=AAPL": {"close": HALF, "sma_20": HALF, "ema_20": HALF},
    "indicators/?symbols=AAPL": {"vwap_session": HALF, "obv_session": DOUBLE, "rsi_14": SAME},
    "pairs/?symbols=AAPL,MSFT": {"ratio_last": HALF, "hedge_ratio": SAME, "matched_minutes": SAME},
    "hourly/?symbols=MSFT": {"close": SAME, "volume": SAME},
}


def rows(api: APIClient, path: str, adjustment: str, more: str = DAY) -> tuple[list[dict[str, Any]], Any]:
    answer = api.get(f"/api/v1/{path}{more}&adjustment={adjustment}").json()
    return answer["results"], answer["provenance"]


@pytest.mark.parametrize(("path", "columns"), FOLLOWS.items())
def test_a_row_before_a_split_follows_it_by_what_each_column_is(
    api: APIClient, path: str, columns: dict[str, float]
) -> None:
    (raw, told), (split, named) = rows(api, path, "raw"), rows(api, path, "split")

    assert len(raw) == len(split) > 0
    for name, factor in columns.items():
        wanted = [None if row[name] is None else row[name] * factor for row in raw]
        assert [row[name] for row in split] == [None if each is None else pytest.approx(each) for each in wanted], name
        assert any(wanted), name
    assert (told["adjustment"], named["adjustment"]) == ("raw", "split")
    kinds = [event["kind"] for event in named["adjustment_events"]]
    assert kinds == ([] if path.endswith("=MSFT") else ["split"])


def test_rows_from_the_split_on_are_as_traded_and_name_no_split(api: APIClient) -> None:
    since = f"&from={ON}"
    raw, split = (rows(api, "hourly/?symbols=AAPL", adjustment, since) for adjustment in ("raw", "split"))

    assert split[0] == raw[0]
    assert split[1]["adjustment_events"] == []


def test_dividends_multiply_prices_with_all_and_leave_shares(api: APIClient) -> None:
    split, both = (rows(api, "hourly/?symbols=AAPL", adjustment) for adjustment in ("split", "all"))
    (factor,) = [each["price_factor"] for each in both[1]["adjustment_events"] if each["kind"] == "dividend"]

    assert 0.99 < factor < 1
    assert [row["close"] for row in both[0]] == pytest.approx([row["close"] * factor for row in split[0]])
    assert [row["volume"] for row in both[0]] == [row["volume"] for row in split[0]]


def test_the_hedge_of_a_pair_stays_that_of_its_prices(api: APIClient) -> None:
    path = "pairs/?symbols=AAPL,MSFT"
    (raw, *_), (split, *_) = (rows(api, path, adjustment)[0] for adjustment in ("raw", "split"))

    assert split["hedge_ratio"] == raw["hedge_ratio"]
    assert split["hedge_intercept"] == pytest.approx(raw["hedge_intercept"] + math.log(0.5))


def test_volumes_of_a_month_follow_the_splits_after_it(api: APIClient) -> None:
    (raw, _), (split, _) = (
        rows(api, "seasonality/?symbols=AAPL", adjustment, "&page_size=1000") for adjustment in ("raw", "split")
    )

    for before, after in zip(raw, split, strict=True):
        factor = 2 if before["month"] == "2025-10" else 1
        assert after["mean_volume"] == before["mean_volume"] * factor
        assert after["volume_share"] == before["volume_share"]
    assert {row["month"] for row in raw} == {"2025-10", "2025-11"}


@pytest.mark.parametrize("path", ["hourly/?symbols=AAPL", "pairs/?symbols=AAPL,MSFT", "indicators/?symbols=AAPL"])
def test_a_download_names_the_events(api: APIClient, path: str) -> None:
    text = api.get(f"/api/v1/{path}{DAY}&format=csv&adjustment=split").content.decode()

    assert text.startswith("# ")
    assert "prices adjusted for splits: AAPL split 2 on 2025-11-26" in text


@pytest.mark.parametrize("path", [*FOLLOWS, "seasonality/?symbols=AAPL"])
def test_an_unknown_adjustment_is_refused_with_those_there_are(api: APIClient, path: str) -> None:
    response = api.get(f"/api/v1/{path}&adjustment=dividends")

    assert response.status_code == 400
    assert response.json()["adjustment"] == ["dividends is no adjustment; write raw, split or all."]
