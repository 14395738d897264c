"""Tiles: content, compression, and the folder that processes share."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
import numpy as np
import pytest

from analytics.queries.columns import decode
from analytics.queries.errors import MonthUnknown, NoBars, NotProcessed, SymbolUnknown
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.tiles import Tile, TileStore, is_closed, tile_entries
from tests.builders import make_lake, make_session_bars, write_bars
from tests.market_fixture import NOW, market_bars

NOVEMBER = "2025-11"


def read(tile: Tile) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(gzip.decompress(tile.gzip.content))
    return content


def values(content: dict[str, Any], name: str) -> list[float]:
    decoded: list[float] = decode(content["columns"][name], content["rows"]).tolist()
    return decoded


@pytest.fixture
def store(market_reader: LakeReader, tmp_path: Path) -> TileStore:
    return TileStore(market_reader, tmp_path)


def bars_of(symbol: str, month: str, *, all_phases: bool = False) -> list[dict[str, Any]]:
    chosen = [
        bar for bar in market_bars() if (bar["symbol"], bar["month"]) == (symbol, month) and not bar["quarantined"]
    ]
    return sorted((bar for bar in chosen if all_phases or bar["phase"] == "regular"), key=lambda bar: bar["bar_start"])


def test_a_tile_holds_the_regular_bars_that_are_not_quarantined(store: TileStore) -> None:
    content = read(store.tile("bars", "AAPL", NOVEMBER))
    bars = bars_of("AAPL", NOVEMBER)

    assert content["rows"] == len(bars)
    assert values(content, "bar_start") == [bar["bar_start"].timestamp() // 60 for bar in bars]
    for name in ("open", "high", "low", "close"):
        assert values(content, name) == pytest.approx([bar[name] for bar in bars], abs=1e-6)
    assert values(content, "volume") == [bar["volume"] for bar in bars]


def test_all_phases_are_added_on_demand_and_named(store: TileStore) -> None:
    content = read(store.tile("bars", "AAPL", NOVEMBER, all_phases=True))
    bars = bars_of("AAPL", NOVEMBER, all_phases=True)

    phases = content["provenance"]["phases"]
    assert [phases[int(code)] for code in values(content, "phase")] == [bar["phase"] for bar in bars]
    assert content["rows"] == len(bars)


def test_averages_that_warm_up_are_null(store: TileStore) -> None:
    content = read(store.tile("moving_averages", "AAPL", "2025-10"))

    assert content["columns"]["sma_50"]["nulls"] == [[0, 49]]
    assert "nulls" not in content["columns"]["close"]
    assert values(content, "sma_20")[19] == pytest.approx(np.mean(values(content, "close")[:20]), abs=1e-4)


def test_both_encodings_hold_the_same_and_have_tags_of_their_own(store: TileStore) -> None:
    tile = store.tile("bars", "AAPL", NOVEMBER)

    assert brotli.decompress(tile.brotli.content) == gzip.decompress(tile.gzip.content) == tile.identity().content
    assert len({tile.brotli.etag, tile.gzip.etag, tile.identity().etag}) == 3


def test_a_second_process_finds_the_tile_in_the_shared_folder(
    market_reader: LakeReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = TileStore(market_reader, tmp_path).tile("bars", "AAPL", NOVEMBER)
    monkeypatch.setattr(TableView, "read", lambda *_: pytest.fail("read from the lake"))

    assert TileStore(market_reader, tmp_path).tile("bars", "AAPL", NOVEMBER) == first


def test_the_shared_folder_keeps_only_the_newest_version_of_a_tile(empty_folder: Path, tmp_path: Path) -> None:
    lake = make_lake(empty_folder)
    write_bars(lake, make_session_bars(minutes=10))
    old = TileStore(LakeReader(lake), tmp_path / "tiles").tile("bars", "AAPL", "2026-10")
    write_bars(lake, make_session_bars(minutes=20))

    new = TileStore(LakeReader(lake), tmp_path / "tiles").tile("bars", "AAPL", "2026-10")

    names = sorted(path.name for path in (tmp_path / "tiles").rglob("*.json.*"))
    assert old.version != new.version
    assert names == [f"{new.version}.json.br", f"{new.version}.json.gz"]


def test_the_bytes_of_a_tile_are_the_same_whoever_makes_them(market_reader: LakeReader, tmp_path: Path) -> None:
    one = TileStore(market_reader, tmp_path / "one").tile("bars", "MSFT", NOVEMBER)
    other = TileStore(market_reader, tmp_path / "other").tile("bars", "MSFT", NOVEMBER)

    assert one == other


@pytest.mark.parametrize(
    ("table", "symbol", "month", "error"),
    [
        ("bars", "NVDA", NOVEMBER, SymbolUnknown),
        ("bars", "AAPL", "2027-01", MonthUnknown),
        ("bars", "AAPL", "../..", MonthUnknown),
        ("bars", "../..", NOVEMBER, SymbolUnknown),
    ],
)
def test_a_tile_that_is_not_there_is_an_error_that_says_why(
    store: TileStore, table: str, symbol: str, month: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        store.tile(table, symbol, month)


def test_bars_without_averages_are_said_to_be_unprocessed(empty_folder: Path, tmp_path: Path) -> None:
    lake = make_lake(empty_folder)
    write_bars(lake, make_session_bars())

    with pytest.raises(NotProcessed, match="process_prices"):
        TileStore(LakeReader(lake), tmp_path).tile("moving_averages", "AAPL", "2026-10")


def test_a_lake_without_bars_has_no_tiles(empty_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NoBars):
        TileStore(LakeReader(make_lake(empty_folder)), tmp_path).tile("bars", "AAPL", "2026-10")


def test_the_list_of_tiles_has_the_versions_that_the_tiles_have(market_reader: LakeReader, store: TileStore) -> None:
    entries = tile_entries(market_reader, "bars", "AAPL", NOW)

    assert [entry.month for entry in entries] == ["2025-10", "2025-11"]
    assert [entry.version for entry in entries] == [store.tile("bars", "AAPL", each.month).version for each in entries]


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        # The last session of November 2025 is a half day, whose extended trading ends at 17:00 New York, 22:00 UTC.
        (datetime(2025, 11, 28, 22, 59, tzinfo=UTC), False),
        (datetime(2025, 11, 28, 23, 0, tzinfo=UTC), True),
        (datetime(2025, 11, 1, tzinfo=UTC), False),
    ],
)
def test_a_month_is_closed_an_hour_after_its_last_session(now: datetime, closed: bool) -> None:
    assert is_closed(NOVEMBER, now) is closed
