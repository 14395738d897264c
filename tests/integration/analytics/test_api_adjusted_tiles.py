"""Tiles as traded and on today's basis: their versions, what they hold, and what may be kept for good."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from analytics.queries.columns import decode
from market.actions import Source, store_actions
from market.lake.location import Lake
from market.providers.facts import Dividend, Split
from tests.builders import make_lake, make_session_bars, write_bars
from tests.derived import write_derived

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 1)
NOVEMBER = date(2026, 11, 2)
IMMUTABLE = "private, max-age=31536000, immutable"
TABLES = ("bars", "moving_averages")
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Point the site at a lake of three months, whose tables are looked at anew by each request."""
    monkeypatch.setattr("analytics.queries.reader.MAX_AGE_SECONDS", 0.0)
    lake = make_lake(tmp_path / "lake")
    settings.LAKE_URL, settings.VAR_DIR = lake.url, tmp_path
    bars = [
        *make_session_bars("AAPL", SEPTEMBER, minutes=30, first_close=700.0, step=0.07),
        *make_session_bars("AAPL", OCTOBER, minutes=30, first_close=100.0, step=0.01),
        *make_session_bars("AAPL", NOVEMBER, minutes=30, first_close=99.0),
    ]
    write_bars(lake, bars)
    write_derived(lake, bars)
    return lake


def say(lake: Lake, splits: list[Split], dividends: list[Dividend] | None = None) -> None:
    store_actions(lake, Source("AAPL", "alpha_vantage", NOW), splits, dividends or [])


def listed(api: APIClient, adjustment: str, table: str = "bars") -> dict[str, dict[str, Any]]:
    answer = api.get(f"/api/v1/symbols/AAPL/?adjustment={adjustment}").json()
    return {each["month"]: each for each in answer["tiles"][table]}


def versions(api: APIClient, adjustment: str, table: str = "bars") -> list[str]:
    return [each["version"] for each in listed(api, adjustment, table).values()]


def tile(api: APIClient, path: str) -> dict[str, Any]:
    response = api.get(path)
    assert response.status_code == 200, response.content
    content: dict[str, Any] = response.json()
    return content


def values(content: dict[str, Any], name: str) -> Any:
    return decode(content["columns"][name], content["rows"])


@pytest.mark.parametrize("table", TABLES)
def test_a_new_split_gives_new_versions_to_the_months_before_it_and_to_no_other(
    api: APIClient, lake: Lake, table: str
) -> None:
    raw = versions(api, "raw", table)
    assert versions(api, "split", table) == raw

    say(lake, [Split(OCTOBER, 7.0)])
    once = versions(api, "split", table)
    say(lake, [Split(OCTOBER, 7.0), Split(NOVEMBER, 2.0)])
    twice = versions(api, "split", table)

    assert versions(api, "raw", table) == raw
    assert once[1:] == raw[1:]
    assert twice[2:] == raw[2:]
    assert len({raw[0], once[0], twice[0]}) == 3
    assert len({raw[1], twice[1]}) == 2


@pytest.mark.parametrize("table", TABLES)
def test_every_listed_tile_can_be_kept_for_good_and_one_that_was_replaced_cannot(
    api: APIClient, lake: Lake, table: str
) -> None:
    say(lake, [Split(OCTOBER, 7.0)])
    old = listed(api, "split", table)["2026-09"]
    kept = api.get(old["url"])
    say(lake, [Split(OCTOBER, 7.0), Split(NOVEMBER, 2.0)])
    new = listed(api, "split", table)["2026-09"]

    stale, fresh = api.get(old["url"]), api.get(new["url"])

    assert (kept["Cache-Control"], fresh["Cache-Control"], stale["Cache-Control"]) == (
        IMMUTABLE,
        IMMUTABLE,
        "private, no-cache",
    )
    assert stale.json()["version"] == fresh.json()["version"] == new["version"]
    assert kept["ETag"] != fresh["ETag"]


def test_prices_are_divided_volumes_multiplied_and_the_events_named(api: APIClient, lake: Lake) -> None:
    say(lake, [Split(OCTOBER, 7.0)])
    address = "/api/v1/tiles/bars/AAPL/2026-09/"
    raw, split = tile(api, address), tile(api, f"{address}?adjustment=split")

    for name in ("open", "high", "low", "close"):
        assert values(split, name) == pytest.approx(values(raw, name) / 7, abs=5.1e-7)
    assert values(split, "volume").tolist() == (7 * values(raw, "volume")).tolist()
    assert raw["provenance"]["adjustment"] == "raw"
    assert split["provenance"]["adjustment"] == "split"
    assert split["provenance"]["adjustment_events"] == [
        {"symbol": "AAPL", "session": "2026-10-01", "kind": "split", "value": 7.0, "price_factor": 1 / 7}
    ]


def test_averages_follow_the_prices(api: APIClient, lake: Lake) -> None:
    say(lake, [Split(OCTOBER, 7.0)])
    address = "/api/v1/tiles/moving_averages/AAPL/2026-09/"
    raw, split = tile(api, address), tile(api, f"{address}?adjustment=split")

    for name in ("close", "sma_20", "ema_20"):
        assert values(split, name) == pytest.approx(values(raw, name) / 7, abs=1e-5, nan_ok=True)
    assert split["columns"]["sma_20"]["nulls"] == raw["columns"]["sma_20"]["nulls"]


def test_a_reverse_split_makes_fewer_whole_shares(api: APIClient, lake: Lake) -> None:
    say(lake, [Split(OCTOBER, 1 / 3)])
    address = "/api/v1/tiles/bars/AAPL/2026-09/"
    raw, split = tile(api, address), tile(api, f"{address}?adjustment=split")

    assert values(split, "volume").tolist() == [round(shares / 3) for shares in values(raw, "volume")]
    assert values(split, "close") == pytest.approx(values(raw, "close") * 3)


def test_dividends_count_with_all_only_and_leave_volumes(api: APIClient, lake: Lake) -> None:
    last_close = float(values(tile(api, "/api/v1/tiles/bars/AAPL/2026-10/"), "close")[-1])
    say(lake, [], [Dividend(date(2026, 10, 2), 1.0, None, None, None)])

    assert versions(api, "split") == versions(api, "raw")
    before, on = (listed(api, "all")[month] for month in ("2026-09", "2026-11"))
    raw, adjusted = tile(api, "/api/v1/tiles/bars/AAPL/2026-09/"), tile(api, before["url"])

    assert (before["adjustment"], on["adjustment"]) == ("all", "raw")
    assert values(adjusted, "close") == pytest.approx(values(raw, "close") * (1 - 1 / last_close), abs=1e-6)
    assert values(adjusted, "volume").tolist() == values(raw, "volume").tolist()


def test_what_no_event_changes_is_stored_once_and_has_one_address(api: APIClient, lake: Lake, tmp_path: Path) -> None:
    say(lake, [Split(OCTOBER, 7.0)])
    october = {each["url"] for each in (listed(api, name)["2026-10"] for name in ("raw", "split", "all"))}
    answers = {api.get(f"/api/v1/tiles/bars/AAPL/2026-10/?adjustment={name}")["ETag"] for name in ("raw", "split")}

    assert (len(october), len(answers)) == (1, 1)
    assert len(list((tmp_path / "tiles").rglob("2026-10/*.json.gz"))) == 1


def test_the_shared_folder_forgets_the_tiles_of_older_events_only(api: APIClient, lake: Lake, tmp_path: Path) -> None:
    address = "/api/v1/tiles/bars/AAPL/2026-09/"
    for splits in ([Split(OCTOBER, 7.0)], [Split(OCTOBER, 7.0), Split(NOVEMBER, 2.0)]):
        say(lake, splits)
        for adjustment in ("raw", "split", "all"):
            tile(api, f"{address}?adjustment={adjustment}")

    kept = {path.name.partition(".")[0] for path in (tmp_path / "tiles").rglob("2026-09/*.json.*")}

    assert kept == {listed(api, adjustment)["2026-09"]["version"] for adjustment in ("raw", "split", "all")}
    assert len(kept) == 3


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("path", "name", "choices"),
    [
        ("symbols/AAPL/?adjustment=splits", "adjustment", "raw, split or all"),
        ("tiles/bars/AAPL/2025-11/?adjustment=", "adjustment", "raw, split or all"),
        ("tiles/moving_averages/AAPL/2025-11/?adjustment=none", "adjustment", "raw, split or all"),
        ("tiles/bars/AAPL/2025-11/?phases=post", "phases", "regular or all"),
    ],
)
def test_an_unknown_choice_is_refused_with_those_there_are(api: APIClient, path: str, name: str, choices: str) -> None:
    response = api.get(f"/api/v1/{path}")

    assert response.status_code == 400
    assert choices in response.json()[name][0]
