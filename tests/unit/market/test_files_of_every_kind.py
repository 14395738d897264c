"""Whatever a file holds ends in bars or in a refusal with its reason, soon and within little memory.

`REPLY_ROUNDS=2000` tries 10,000 files.
"""

import gzip
import io
import json
import os
import random
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from market.bars.build import BarsOutOfMonth, Origin, build_bars
from market.providers.base import ProviderError
from market.providers.files.columns import ColumnMap
from market.providers.files.provider import Files
from market.providers.files.scan import scan
from tests import files_of_bars as written
from tests.unit.market.test_replies_of_every_kind import FETCHED_AT, MEGABYTE, MONTH, check, payloads, variants

ROUNDS = int(os.environ.get("REPLY_ROUNDS", "30"))
LIMIT = 4 * MEGABYTE
BARS = written.minutes("AAPL", date(2026, 9, 1), date(2026, 9, 1))[::7]
# Stamps of other kinds: in the hours that a clock change skips and repeats, beyond the calendar, and none.
ODD_STAMPS = (
    *(
        "2026-03-08 02:30:00",
        "2026-11-01 01:30:00",
        "2086-09-01 09:30:00",
        "9999-12-31 23:59:00",
        "0001-01-01 00:00:00",
    ),
    *("1788264000", "1788264000000", "9" * 19, "2026-09-01T13:30:00+00:00", "2026-09-01T13:30:00Z", "09/01/2026 09:30"),
    *(
        "20260901 093000",
        "2026-13-45 25:61:00",
        "0001-01-01 00:00",
        "2026-09-01",
        "",
        "NaT",
        "١٢",
        "9" * 400,
        "2026-09-01 09:30:30",
    ),
)
HEADERS = (
    *("timestamp,open,high,low,close,volume", "time,open,high,low,close,volume", "datetime,symbol,o,h,l,c,v"),
    *("date,time,open,high,low,close,volume", "when,what", "", "open,open,open,open,open,open,open", "\x00,\x00,,,,"),
)
NAMES = (
    "AAPL.csv",
    "AAPL.txt",
    "AAPL.parquet",
    "AAPL.json",
    "AAPL.zip",
    "20260901_aapl_minute_trade.csv",
    "AAPL.csv.gz",
)
MAPS = (
    ColumnMap(),
    ColumnMap.parse("label=start,zone=new_york"),
    ColumnMap.parse("stamp=1,open=2,high=3,low=4,close=5,volume=6,zone=utc,label=end"),
    ColumnMap.parse("stamp=timestamp,symbol=open,stamp_format=%Y"),
)
GOOD = (
    ("AAPL.csv", written.alpha_vantage_csv(BARS)),
    ("AAPL.csv", written.alpha_vantage_csv(BARS, late=1)),
    ("AAPL.txt", written.first_rate_csv(BARS)),
    ("AAPL.txt", written.kibot_csv(BARS[300:400])),
    ("AAPL.parquet", written.parquet(BARS[::5])),
    ("AAPL.zip", *written.lean_zip(BARS[:50]).values()),
)

values = st.decimals(0, 5000, places=4).map(str) | st.sampled_from(
    ["nan", "inf", "-1", "1e309", "9" * 400, "None", "", "0x10", "−3", '"7"', "1.5", "1e18", "\xff"]
)


@st.composite
def table(draw: st.DrawFn) -> bytes:
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    rows = []
    for minute in draw(st.lists(st.integers(0, 959), max_size=12)):
        stamp = f"2026-09-01 {4 + minute // 60:02}:{minute % 60:02}:00"
        stamp = draw(st.sampled_from(ODD_STAMPS)) if draw(st.integers(0, 9)) == 0 else stamp
        rows.append(separator.join([stamp, *draw(st.lists(values, min_size=4, max_size=6))]))
    header = draw(st.sampled_from(HEADERS)).replace(",", separator)
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join([header, *rows, ""])
    return text.encode(draw(st.sampled_from(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-32", "cp037"])), "replace")


@st.composite
def archive(draw: st.DrawFn) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name in draw(
            st.lists(st.sampled_from([*NAMES, "../../x.csv", "a/b.csv", "empty/"]), max_size=3, unique=True)
        ):
            made.writestr(name, draw(bodies))
    return content.getvalue()


@st.composite
def vendor_json(draw: st.DrawFn) -> bytes:
    bar = {
        f"{number}. {name}": "1.0" for number, name in enumerate(("open", "high", "low", "close", "volume"), start=1)
    }
    series = {draw(st.sampled_from(ODD_STAMPS)): draw(st.just(bar) | payloads) for _ in range(draw(st.integers(0, 3)))}
    meta = draw(st.just({"2. Symbol": "AAPL", "6. Time Zone": "US/Eastern"}) | payloads)
    return json.dumps({"Meta Data": meta, "Time Series (1min)": series}).encode()


bodies = st.one_of(
    st.sampled_from([content for _, content in GOOD]),
    table(),
    vendor_json(),
    st.binary(max_size=200),
    payloads.map(lambda payload: json.dumps(payload).encode()),
    st.integers(1, 3000).map(lambda depth: b'{"Time Series (1min)":' * depth),
    st.binary(max_size=300).map(gzip.compress),
)
files = st.sampled_from(GOOD) | st.tuples(st.sampled_from(NAMES), bodies | archive())


def take(folder: Path, name: str, content: bytes, columns: ColumnMap) -> bool:
    """Read a file as importing does; tell whether bars came of it. Anything but a refusal is a fault."""
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_bytes(content)
    scanned = scan(folder, columns, LIMIT)
    provider, good = Files(scanned), False
    for symbol, month in scanned.pieces:
        try:
            parsed = provider.parse(provider.fetch_month(symbol, month, FETCHED_AT))
            bars = build_bars(parsed.bars, Origin(symbol, month, "files", FETCHED_AT))
        except (ProviderError, BarsOutOfMonth):
            continue
        if month == MONTH:
            check(bars)
            good = good or bars.num_rows > 0
    assert scanned.pieces or scanned.refused or scanned.skipped
    assert all(refusal.reason for refusal in (*scanned.refused, *scanned.skipped))
    return good


@pytest.mark.timeout(900)
def test_files_end_in_bars_or_a_refusal(tmp_path: Path) -> None:
    tried, good = 0, 0

    @settings(max_examples=ROUNDS, deadline=3000, suppress_health_check=list(HealthCheck), database=None)
    @given(files, st.sampled_from(MAPS), st.integers(0, 2**32))
    @example(("AAPL.csv", b""), MAPS[0], 0)
    @example(("AAPL.csv", b"\n\r\ntimestamp"), MAPS[0], 0)
    @example(("AAPL.csv", b"a\rb,c,d,e,f,g\n"), MAPS[0], 0)
    @example(GOOD[0], MAPS[0], 0)
    @example(GOOD[0], MAPS[3], 0)
    @example(("AAPL.json", b"[" * 5000), MAPS[0], 0)
    def law(file: tuple[str, bytes], columns: ColumnMap, seed: int) -> None:
        nonlocal tried, good
        name, content = file
        for variant in (content, *variants(content, random.Random(seed))):
            good += take(tmp_path, name, variant, columns)
            tried += 1

    law()
    assert tried >= 5 * ROUNDS
    assert good >= tried // 100


def _bomb(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(name, content)
    return made.getvalue()


HUGE = {
    "AAPL.csv.gz": gzip.compress(b"\0" * 64 * MEGABYTE),
    "AAPL.zip": _bomb("AAPL.csv", b"1," * 32 * MEGABYTE),
    "AAPL.csv": b"timestamp,open,high,low,close,volume\n" + b"1" * 3 * MEGABYTE,
    "AAPL.txt": b"," * 3 * MEGABYTE,
    "AAPL.json": b'{"Time Series (1min)":' * (MEGABYTE // 8),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_bomb_takes_no_more_than_a_few_times_what_a_file_may(tmp_path: Path, name: str) -> None:
    tracemalloc.start()
    try:
        assert not take(tmp_path, name, HUGE[name], ColumnMap())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * LIMIT + 32 * MEGABYTE
