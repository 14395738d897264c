"""Whatever a vendor might send ends in bars or in a typed failure, soon and within little memory.

`REPLY_ROUNDS=400` draws a fifth of the 10,000 replies.
"""

import gzip
import json
import os
import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from market.bars.build import BarsOutOfMonth, Origin, build_bars
from market.bars.flags import INFORMING
from market.lake.schemas import BAR_SCHEMA
from market.limits import Account, Limits
from market.months import Month
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.base import ProviderError, RawReply

MONTH, FETCHED_AT = Month(2026, 9), datetime(2026, 11, 24, tzinfo=UTC)
PROVIDER = AlphaVantage(Client("", ""), Account("alpha_vantage", "", Limits()))
HEADER = "timestamp,open,high,low,close,volume"
MEGABYTE = 1024 * 1024
# Each drawn body is sent as it is and in four variants: 10,000 replies in all.
DRAWN = int(os.environ.get("REPLY_ROUNDS", "2000"))


def line(minute: int, prices: list[str], volume: str) -> str:
    return f"2026-09-{1 + minute // 600:02} {9 + minute % 600 // 60:02}:{minute % 60:02}:00,{','.join(prices)},{volume}"


numbers = st.one_of(
    st.decimals(0, 5000, places=4).map(str),
    st.sampled_from(
        ["nan", "inf", "-1", "1e309", "1e-400", "9" * 400, "None", "", "0x10", "1,5", "١٢", "٠", "−3", '"7"']
    ),
)
good_number = st.decimals(1, 1000, places=2).map(str)
lines = st.builds(
    line, st.integers(0, 11_999), st.lists(good_number, min_size=4, max_size=4), st.integers(0, 10**7).map(str)
)
odd_lines = st.builds(line, st.integers(0, 11_999), st.lists(numbers, min_size=3, max_size=6), numbers)
endings = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp037"])
# Named by category: Hypothesis looks at a million characters for those that a codec can write.
characters = st.characters(exclude_categories=["Cs"])
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(characters, max_size=20))
payloads = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(characters, max_size=12), inner, max_size=4),
)
vendor_keys = st.sampled_from(
    ["Error Message", "Information", "Note", "detail", "message", "Meta Data", "Time Series (1min)"]
)


def text(rows: list[str], ending: str) -> bytes:
    return (ending.join([HEADER, *rows]) + ending).encode("utf-8", "replace")


@st.composite
def encoded(draw: st.DrawFn) -> bytes:
    body = "\n".join([HEADER, *draw(st.lists(lines, max_size=6)), ""])
    return body.encode(draw(encodings), "replace")


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    body = text(draw(st.lists(lines, min_size=1, max_size=20)), draw(endings))
    return body[: draw(st.integers(0, len(body)))]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good body with bytes changed or bits of others put in."""
    body = bytearray(text(draw(st.lists(lines, min_size=1, max_size=10)), "\n"))
    for place in draw(st.lists(st.integers(0, len(body) - 1), max_size=4)):
        body[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(body)


bodies: SearchStrategy[bytes] = st.one_of(
    st.builds(text, st.lists(lines, max_size=30), endings),
    st.builds(text, st.lists(lines | odd_lines, max_size=12), endings),
    torn(),
    damaged(),
    encoded(),
    st.binary(max_size=200),
    payloads.map(lambda payload: json.dumps(payload).encode()),
    st.dictionaries(vendor_keys, payloads, max_size=3).map(lambda payload: json.dumps(payload).encode()),
    st.integers(1, 3000).map(lambda depth: b"[" * depth),
    st.integers(1, 3000).map(lambda depth: b'{"Time Series (1min)":' * depth),
    st.binary(max_size=300).map(gzip.compress),
)


def take(body: bytes, status: int = 200, content_type: str = "application/x-download") -> bool:
    """Take a reply as fetching does; tell whether bars came of it. Anything but a ProviderError is a fault."""
    # The label is stated, or the few stamps of most of these bodies would be refused for not telling it.
    asked = {"stated_label": "start"}
    reply = RawReply(
        "alpha_vantage", "TIME_SERIES_INTRADAY", "AAPL", MONTH, asked, status, content_type, body, FETCHED_AT
    )
    try:
        parsed = PROVIDER.parse(reply)
        bars = build_bars(parsed.bars, Origin("AAPL", MONTH, "alpha_vantage", FETCHED_AT))
    except (ProviderError, BarsOutOfMonth):
        return False
    check(bars)
    return bars.num_rows > 0


def check(bars: object) -> None:
    """What may go into the table: one finite bar a minute, in order, doubtful ones left out of analytics."""
    rows = bars.to_pylist()  # type: ignore[attr-defined]  # a pyarrow table
    assert bars.schema == BAR_SCHEMA  # type: ignore[attr-defined]
    starts = [row["bar_start"] for row in rows]
    assert starts == sorted(set(starts))
    for row in rows:
        assert row["session"].strftime("%Y-%m") == row["month"] == str(MONTH)
        assert row["volume"] >= 0
        assert row["quarantined"] == any(flag not in INFORMING for flag in row["flags"])
        if not row["quarantined"]:
            assert 0 < row["low"] <= min(row["open"], row["close"])
            assert max(row["open"], row["close"]) <= row["high"] < float("inf")


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=DRAWN, deadline=2000, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(
    bodies,
    st.integers(0, 2**32),
    st.sampled_from([200] * 12 + [204, 301, 403, 429, 500, 503]),
    st.sampled_from(["application/x-download", "text/csv", "application/json", "text/html", "", "image/png; x"]),
)
@example(b"", 0, 200, "")
@example(text(["2086-09-01 09:30:00,1,1,1,1,1"], "\n"), 0, 200, "text/csv")
@example(text(["2026-11-01 01:30:00,1,1,1,1,1"], "\n"), 0, 200, "text/csv")
@example(b"[" * 5000, 0, 200, "text/csv")
@example(b"\xef\xbb\xbf", 0, 200, "text/csv")
def test_ten_thousand_replies_end_in_bars_or_a_typed_failure(
    body: bytes, seed: int, status: int, content_type: str
) -> None:
    for variant in (body, *variants(body, random.Random(seed))):
        take(variant, status, content_type)


def variants(body: bytes, chance: random.Random) -> Iterator[bytes]:
    """Give a body cut off, with its lines in another order, with a piece of it twice, and with bytes changed."""
    lines_of = body.splitlines(keepends=True)
    places = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    yield body[: places[0]]
    yield b"".join([*lines_of[:1], *chance.sample(lines_of[1:], max(len(lines_of) - 1, 0))])
    yield body[: places[1]] + body[places[0] : places[1]] + body[places[1] :]
    changed = bytearray(body)
    for _ in range(chance.randrange(1, 5)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice(b"0123456789-,.:eE\n\r\0\xff nan")
    yield bytes(changed)


def test_the_generator_makes_good_replies_too() -> None:
    found: list[bool] = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(st.builds(text, st.lists(lines, max_size=30), endings))
    def count(body: bytes) -> None:
        found.append(take(body))

    count()
    assert sum(found) >= 10


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 8 * MEGABYTE, id="nested lists"),
        pytest.param(b'{"a":' * 2 * MEGABYTE, id="nested objects"),
        pytest.param((HEADER + "\n").encode() + b"1" * 30 * MEGABYTE, id="a number without an end"),
        pytest.param((HEADER + "\n").encode() + b"\n" * 8 * MEGABYTE, id="empty lines"),
        pytest.param((HEADER + "\n").encode() + b"," * 8 * MEGABYTE, id="empty fields"),
        pytest.param(text([line(0, ["1"] * 4, "1")] * 400_000, "\n"), id="one row many times"),
    ],
)
def test_a_huge_reply_takes_no_more_than_a_few_times_its_size(body: bytes) -> None:
    tracemalloc.start()
    try:
        take(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(body) + 64 * MEGABYTE
