"""What the synthetic market is asked to get wrong is noticed on its way into the lake."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from market.calendar import NEW_YORK
from market.corrections import corrections_table
from market.finality import month_final_from
from market.ingest import FetchRequest, fetch_prices
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.months import Month
from market.progress import SilentProgress
from market.providers.synthetic.events import Event
from market.providers.synthetic.provider import Synthetic
from market.quality.checks import Kind
from market.quality.table import findings_table

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
