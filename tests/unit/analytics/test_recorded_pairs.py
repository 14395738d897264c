"""Apple and Microsoft on recorded days, as an independent program compared them."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from analytics.formulas.pair_sessions import compare_sessions
from market.calendar import NEW_YORK, is_session, session_hours

# Ours, theirs. The expected figures have ten digits.
SAME_TO_NINE_DIGITS = {
    "ratio_mean": "mean_ratio_close_aapl_msft",
    "price_correlation": "corr_close",
    "correlation_1min": "corr_logret_1bar",
    "return_a": "aapl_pct_open_to_close",
    "return_b": "msft_pct_open_to_close",
}


def regular_bars(shared_data: Path, source: str, symbol: str) -> Iterator[dict[str, Any]]:
    with gzip.open(shared_data / f"minute_bars/norm/{source}/{symbol}.csv.gz", "rt") as handle:
        for row in csv.DictReader(handle):
            start = datetime.fromisoformat(row["ts_utc"])
            session = start.astimezone(NEW_YORK).date()
            if (
                is_session(session)
                and session_hours(session).session_open <= start < session_hours(session).session_close
            ):
                minute = (start - session_hours(session).session_open) // timedelta(minutes=1)
                prices = {name: float(row[name]) for name in ("open", "close")}
                yield {"source_symbol": symbol, "session": session, "bar_start": start, "minute": minute, **prices}


def compared(shared_data: Path, source: str) -> dict[date, dict[str, Any]]:
    """Return what each month of the two gives, by session."""
    months: dict[str, list[dict[str, Any]]] = {}
    for symbol in ("AAPL", "MSFT"):
        for bar in regular_bars(shared_data, source, symbol):
            month = f"{bar['session']:%Y-%m}"
            months.setdefault(month, []).append({"symbol": "AAPL_MSFT", "month": month, **bar})
    rows = [row for bars in months.values() for row in compare_sessions(pa.Table.from_pylist(bars)).to_pylist()]
    return {row["session"]: row for row in rows}


@pytest.mark.realdata
@pytest.mark.parametrize("source", ["eqker_av_2019", "xiang_av_2020"])
def test_recorded_pairs_are_as_an_independent_program_compared_them(shared_data: Path, source: str) -> None:
    with (shared_data / "minute_bars/expected/pair_aapl_msft_daily.csv").open() as handle:
        expected = [row for row in csv.DictReader(handle) if row["source"] == source]

    rows = compared(shared_data, source)

    assert sorted(rows) == sorted(date.fromisoformat(entry["date"]) for entry in expected)
    for entry in expected:
        row = rows[date.fromisoformat(entry["date"])]
        assert (row["matched_minutes"], row["return_count_1min"]) == (
            int(entry["n_common_rth"]),
            int(entry["n_returns"]),
        )
        for ours, theirs in SAME_TO_NINE_DIGITS.items():
            assert row[ours] == pytest.approx(float(entry[theirs]), rel=1e-9, abs=1e-12), (entry["date"], ours)
