"""What the synthetic market is asked to get wrong is noticed on its way into the lake."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pytest_django import Settings

from analytics.queries.adjustment import Adjustment
from analytics.queries.comparison import match
from analytics.queries.reader import LakeReader
from analytics.queries.tiles import tile_entries
from market.actions import Action, actions_table, read_actions
from market.calendar import NEW_YORK, previous_session
from market.corrections import corrections_table
from market.finality import month_final_from
from market.ingest import FetchRequest, fetch_prices
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.months import Month
from market.progress import SilentProgress
from market.providers.synthetic.events import Event, splits
from market.providers.synthetic.minutes import clock_of, make_session
from market.providers.synthetic.provider import Synthetic
from market.quality.checks import Kind
from market.quality.table import findings_table
from tests.builders import make_bar, write_bars
from tests.fetching import run_command
from tests.integration.market.test_verify import run

MONTH = Month(2026, 9)
EARLY = datetime(2026, 9, 30, 21, 0, tzinfo=NEW_YORK)


def fetch(lake: Lake, now: datetime, *events: Event) -> None:
    report = fetch_prices(FetchRequest(("AAPL",), (MONTH,)), lake, Synthetic(frozenset(events)), now, SilentProgress())
    assert report.exit_code == 0


def found(lake: Lake) -> list[str]:
    kinds: list[Any] = findings_table(lake).snapshot().read()["kind"].to_pylist()
    return kinds


def test_a_halt_a_bad_print_and_late_corrections_are_noticed(lake: Lake) -> None:
    fetch(lake, EARLY, Event.HALT, Event.BAD_PRINT, Event.CORRECTION)

    first = bars_table(lake).snapshot().read()
    fetch(lake, month_final_from(MONTH), Event.HALT, Event.BAD_PRINT, Event.CORRECTION)
    bars, corrections = bars_table(lake).snapshot().read(), corrections_table(lake).snapshot().read()

    regular = bars.filter(pc.equal(bars["phase"], pa.scalar("regular")))
    assert [raised for raised in regular["flags"].to_pylist() if raised] == [["bad_print"]]
    assert pc.sum(regular["quarantined"]).as_py() == 1
    assert Kind.GAP in found(lake)
    assert bars.num_rows == first.num_rows
    assert 1 <= corrections.num_rows <= 36
    assert set(corrections["kind"].to_pylist()) == {"changed"}
    assert len(set(corrections["session"].to_pylist())) <= 3
    assert pc.all(pc.greater(corrections["new_volume"], corrections["old_volume"])).as_py()


def test_nothing_is_noticed_where_nothing_was_asked_for(lake: Lake) -> None:
    fetch(lake, EARLY)
    fetch(lake, month_final_from(MONTH))

    assert set(found(lake)) <= {Kind.FIRST_SESSION, Kind.LAST_SESSION, Kind.BAD_PRINTS}
    assert corrections_table(lake).snapshot().read().num_rows == 0


def opens_around(lake: Lake, session: date, adjustment: Adjustment) -> list[float]:
    """Return the first regular closes of the session before and of a session."""
    first, now = previous_session(session), datetime(2026, 11, 24, tzinfo=NEW_YORK)
    return [
        float(match(LakeReader(lake), ["AAPL"], each, each, now, adjustment).closes["AAPL"][0])
        for each in (first, session)
    ]


def tile_versions(lake: Lake) -> dict[Adjustment, list[str]]:
    """Return the versions of the tiles of bars there are, by adjustment."""
    reader, now = LakeReader(lake), datetime(2026, 11, 24, tzinfo=NEW_YORK)
    return {each: [tile.version for tile in tile_entries(reader, "bars", "AAPL", now, each)] for each in Adjustment}


def test_a_split_is_a_jump_until_its_facts_are_there(lake: Lake, settings: Settings) -> None:
    settings.SYNTHETIC_EVENTS = ["split"]
    split = [*splits("AAPL", date(2026, 6, 30))][-1]
    month = str(Month.of(split.effective))
    assert split.effective.day > 1

    fetched = run_command("--provider", "synthetic", "--symbols", "AAPL", "--months", month)
    before, versions = found(lake), tile_versions(lake)
    told = run("fetch_facts", "--provider", "synthetic", "--symbols", "AAPL")

    assert (fetched.code, told.code) == (0, 0)
    assert Kind.JUMP in before
    assert Kind.JUMP not in found(lake)
    assert versions[Adjustment.SPLIT] == versions[Adjustment.RAW] == tile_versions(lake)[Adjustment.RAW]
    assert len(versions[Adjustment.RAW]) == 1
    assert tile_versions(lake)[Adjustment.SPLIT] != versions[Adjustment.SPLIT]
    assert Action(split.effective, "split", split.factor) in read_actions(actions_table(lake).snapshot(), "AAPL")
    raw, adjusted = (
        opens_around(lake, split.effective, adjustment) for adjustment in (Adjustment.RAW, Adjustment.SPLIT)
    )
    usual = [make_session("AAPL", session) for session in (previous_session(split.effective), split.effective)]
    opens = [bars.close[np.flatnonzero(clock_of(split.effective).is_regular[bars.minute])[0]] for bars in usual]
    # Prices as traded are in cents, and four times a cent's half is two.
    assert adjusted == pytest.approx(opens, abs=0.0201)
    assert raw == pytest.approx([opens[0] * split.factor, opens[1]], abs=0.01)


def test_made_up_splits_stay_out_of_a_lake_of_real_bars(lake: Lake) -> None:
    write_bars(lake, [make_bar(provider="alpaca")])

    assert run("fetch_facts", "--provider", "synthetic", "--symbols", "AAPL").code == 2
