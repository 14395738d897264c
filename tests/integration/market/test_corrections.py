"""What a later reply changes of bars that were there is written down, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import market.ingest.fetch
from market.corrections import Replacement, corrections_table, differences, read_corrections, record
from market.lake.location import Lake
from market.lake.snapshots import Part
from market.providers.synthetic.provider import Synthetic
from tests.builders import make_bar, make_bars_table
from tests.fetching import run_command
from tests.integration.market.test_verify import run

PART = Part("AAPL", "2026-09")
FETCH = ("--provider", "synthetic", "--symbols", "AAPL", "--months", "2026-09", "--force")
NOW = datetime(2026, 10, 7, tzinfo=UTC)
FIRST = make_bar()["bar_start"]


def bar(minute: int, **values: Any) -> dict[str, Any]:
    return make_bar(bar_start=FIRST + timedelta(minutes=minute), **values)


def replacement(old: list[dict[str, Any]], new: list[dict[str, Any]], reply: str = "raw/x") -> Replacement:
    return Replacement(Part("AAPL", "2026-10"), make_bars_table(old), make_bars_table(new), reply, NOW)


def told(lake: Lake, part: Part = PART) -> list[dict[str, Any]]:
    return read_corrections(corrections_table(lake).snapshot(), [part]).to_pylist()


def test_changed_late_and_withdrawn_bars_are_told_and_new_ones_are_not() -> None:
    old = [bar(0), bar(1, close=1.0), bar(3), bar(4)]
    new = [bar(0), bar(1, close=2.0), bar(2), bar(4, fetched_at=NOW), bar(5)]

    rows = differences(replacement(old, new)).to_pylist()

    assert [((row["bar_start"] - FIRST).seconds // 60, row["kind"]) for row in rows] == [
        (1, "changed"),
        (2, "late"),
        (3, "withdrawn"),
    ]
    changed, late, withdrawn = rows
    assert (changed["old_close"], changed["new_close"], changed["old_volume"]) == (1.0, 2.0, 1000)
    assert (late["old_close"], late["new_close"], late["old_provider"]) == (None, 100.5, None)
    assert (withdrawn["old_close"], withdrawn["new_close"]) == (100.5, None)
    assert changed["seen_at"] == NOW
    assert changed["new_reply"] == "raw/x"


def test_writing_the_same_again_changes_nothing(lake: Lake) -> None:
    first = replacement([bar(0, close=1.0)], [bar(0, close=2.0)])
    second = replacement([bar(0, close=2.0)], [bar(0, close=3.0)], "raw/y")

    counts = [record(lake, each) for each in (first, first, second, first, second)]

    assert counts == [1, 1, 1, 1, 1]
    assert [row["new_close"] for row in told(lake, Part("AAPL", "2026-10"))] == [2.0, 3.0]
    assert corrections_table(lake).snapshot().version == 2


@pytest.fixture
def corrected(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetch a month, and let the provider say another volume for three of its bars from then on."""
    assert run_command(*FETCH).code == 0
    real = Synthetic.fetch_month

    def later(provider: Synthetic, symbol: str, month: Any, now: datetime) -> Any:
        reply = real(provider, symbol, month, now)
        lines = reply.body.split(b"\r\n")
        for number in (100, 200, 300):
            lines[number] += b"1"
        return replace(reply, body=b"\r\n".join(lines))

    monkeypatch.setattr(Synthetic, "fetch_month", later)


def test_fetching_again_writes_down_what_changed(lake: Lake, corrected: object) -> None:
    ran, again = run_command(*FETCH), run_command(*FETCH)

    assert (ran.code, again.code) == (0, 0)
    rows = told(lake)
    assert [row["kind"] for row in rows] == ["changed"] * 3
    assert all(row["new_volume"] == row["old_volume"] * 10 + 1 for row in rows)
    assert {row["old_provider"] for row in rows} == {"synthetic"}
    assert lake.storage.exists(f"{rows[0]['new_reply']}.csv.gz")


def test_what_an_ended_run_did_not_write_is_made_up_by_a_rebuild(
    lake: Lake, corrected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(market.ingest.fetch, "record", lambda lake, replacement: 0)
    run_command(*FETCH)
    missing = told(lake)

    rebuilt = run("rebuild_bars")

    assert (missing, rebuilt.code) == ([], 0)
    assert len(told(lake)) == 3
    assert run("verify_lake").code == 0
