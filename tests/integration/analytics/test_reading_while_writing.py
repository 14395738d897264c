"""Readers in many threads while parts are replaced: every answer is of one version, whole."""

import threading
from pathlib import Path

import pytest

from analytics.queries import reader as reader_module
from analytics.queries.comparison import compare
from analytics.queries.reader import LakeReader
from analytics.queries.timeframes import Timeframe
from tests.builders import SESSION, make_lake, make_session_bars, write_bars
from tests.market_fixture import NOW

VERSIONS = 12


@pytest.mark.slow
def test_an_answer_never_mixes_two_versions_of_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MAX_AGE_SECONDS", 0.0)
    lake = make_lake(tmp_path)

    def publish(level: int) -> None:
        bars = [make_session_bars(symbol, first_close=100.0 * level, step=0.0) for symbol in ("AAPL", "MSFT")]
        write_bars(lake, [bar for each in bars for bar in each])

    publish(1)
    reader = LakeReader(lake)
    done = threading.Event()
    seen: set[tuple[float, ...]] = set()
    failures: list[Exception] = []

    def read() -> None:
        try:
            while not done.is_set():
                compared = compare(reader, ["AAPL", "MSFT"], SESSION, SESSION, NOW, Timeframe.MINUTE)
                seen.add(tuple(sorted({float(close) for each in compared.series for close in each.closes})))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for level in range(2, VERSIONS + 1):
        publish(level)
    done.set()
    for thread in threads:
        thread.join(20)

    assert not failures
    assert len(seen) > 1
    assert all(len(levels) == 1 for levels in seen)
