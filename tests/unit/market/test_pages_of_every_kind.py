"""Whatever pages Alpaca or Massive might send end in bars or in a typed failure, soon and within little memory.

`REPLY_ROUNDS=2000` tries 10,000 of each vendor's.
"""

import json
import os
import random
import tracemalloc
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from market.bars.build import BarsOutOfMonth, Origin, build_bars
from market.limits import Account, Limits
from market.providers.alpaca.provider import Alpaca
from market.providers.base import Provider, ProviderError
from market.providers.http.client import HttpReply
from market.providers.massive.client import next_page
from market.providers.massive.provider import Massive
from tests.unit.market.test_replies_of_every_kind import FETCHED_AT, MEGABYTE, MONTH, check, payloads, scalars, variants

ROUNDS = int(os.environ.get("REPLY_ROUNDS", "30"))
VENDORS = ["alpaca", "massive"]
# 2026-09-01 04:00 New York.
FIRST = 1_788_249_600


# Each value is a list of one number.
_LISTED: dict[str, Any] = {name: [1] for name in "ohlcv"}
LISTS = json.dumps(
    {
        "bars": [{"t": "2026-09-01T13:30:00Z", **_LISTED}],
        "results": [{"t": [FIRST * 1000], **_LISTED}],
        "next_page_token": None,
        "status": "OK",
    }
).encode()
HUGE = {
    "nested lists": b"[" * 8 * MEGABYTE,
    "nested objects": b'{"bars":' * MEGABYTE,
    "a number without an end": b'{"status": "OK", "next_page_token": null, "bars": [1' + b"0" * 8 * MEGABYTE,
}


@dataclass
class Pages:
    """A client that gives these pages, the last of them for ever."""

    left: list[HttpReply]
    given: int = 0

    def get_page(self, symbol: str, month: str, *where: Any) -> HttpReply:
        self.given += 1
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def provider(vendor: str, client: Any) -> Provider:
    account = Account(vendor, "", Limits())
    return Alpaca(client, account) if vendor == "alpaca" else Massive(client, account)


odd_numbers = [float("nan"), float("inf"), -1, 1e308, 10**400, 2**63, "7", "1e9", None, True, [1], [[1]], {}, "", -0.0]
numbers = st.decimals(1, 1000, places=2).map(float) | st.integers(0, 10**7) | st.sampled_from(odd_numbers)
minutes = st.integers(0, 20_000)
_ODD_STAMPS = (
    *("2026-09-01T13:30:00", "2026-09-01T13:30:30Z", "1850-01-01T00:00:00Z", "9999-12-31T23:59:00Z"),
    *("300000-01-01T00:00Z", "2026-11-01T05:30:00Z", "NaTZ", "Z", "", "nowZ", "2026-09-01T13:30:00ZZ", "1788249600000"),
    *(None, 5, 10**13 + 1, 10**25, -5, 1.5, True, [1]),
)
odd_stamps = st.sampled_from(_ODD_STAMPS)
statuses = st.sampled_from([200] * 12 + [204, 301, 403, 404, 429, 500])
addresses = st.sampled_from(
    [None, None, None, None, "https://x/y?cursor=1", "http://[", "//", 7, "https://e/é?a=%ff", "@other.example/x"]
)
tokens = st.none() | st.sampled_from(["more", 5, {}, ""])


def stamp(vendor: str, minute: int) -> Any:
    at = FIRST + 60 * minute
    if vendor == "massive":
        return at * 1000
    day, rest = divmod(at - 1_788_220_800, 86_400)
    return f"2026-09-{1 + day:02}T{rest // 3600:02}:{rest % 3600 // 60:02}:00Z"


@st.composite
def bar(draw: st.DrawFn, vendor: str) -> Any:
    if draw(st.integers(0, 15)) == 0:
        return draw(payloads)
    odd = draw(st.integers(0, 15)) == 0
    prices = st.decimals(1, 1000, places=2).map(float)
    found = {name: draw(numbers if odd else prices) for name in "ohlc"}
    found |= {"v": draw(numbers if odd else st.integers(0, 10**7)), "n": 3}
    found["t"] = draw(odd_stamps) if draw(st.integers(0, 15)) == 0 else stamp(vendor, draw(minutes))
    for name in draw(st.lists(st.sampled_from("ohlcvt"), max_size=1)) if odd else ():
        del found[name]
    return found


@st.composite
def page(draw: st.DrawFn, vendor: str) -> bytes:
    rows = draw(st.lists(bar(vendor), max_size=20) | payloads)
    made: dict[str, Any] = {"symbol": "AAPL"}
    if vendor == "alpaca":
        made |= {"bars": rows, "next_page_token": draw(tokens)}
    else:
        made |= {"adjusted": draw(st.integers(0, 9)) == 0, "results": rows, "status": "OK"}
        made |= {"resultsCount": draw(st.sampled_from([0, 1, None])), "next_url": draw(addresses)}
    for key in draw(st.lists(st.sampled_from(sorted(made)), max_size=1)) if draw(st.integers(0, 9)) == 0 else ():
        made[key] = draw(payloads)
    if draw(st.integers(0, 9)) == 0:
        made = {draw(st.sampled_from(["error", "message", "status", "code"])): draw(scalars)}
    return json.dumps(made).encode(draw(st.sampled_from(["utf-8"] * 9 + ["utf-8-sig", "utf-16", "latin-1"])), "replace")


@st.composite
def body(draw: st.DrawFn, vendor: str) -> bytes:
    kind = draw(st.integers(0, 19))
    if kind == 0:
        return draw(st.binary(max_size=200))
    if kind == 1:
        return draw(st.sampled_from([b"[", b'{"bars":', b'{"results":['])) * draw(st.integers(1, 3000))
    return draw(page(vendor))


def take(vendor: str, replies: list[HttpReply]) -> bool:
    """Fetch and read as fetching does; tell whether bars came of it. Anything but a typed failure is a fault."""
    client = Pages(list(replies))
    asked = provider(vendor, client)
    try:
        parsed = asked.parse(asked.fetch_month("AAPL", MONTH, FETCHED_AT))
        bars = build_bars(parsed.bars, Origin("AAPL", MONTH, vendor, FETCHED_AT))
    except (ProviderError, BarsOutOfMonth):
        return False
    finally:
        assert client.given <= 12
    check(bars)
    return bars.num_rows > 0


@dataclass
class Seen:
    good: int = 0
    all: int = 0


def try_all(vendor: str, rounds: int) -> Seen:
    seen = Seen()

    @settings(max_examples=rounds, deadline=2000, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(body(vendor), min_size=1, max_size=2), st.integers(0, 2**32), statuses)
    @example([b"{}"], 0, 200)
    @example([b'{"results": 5, "status": "OK", "bars": 5, "next_page_token": null}'], 0, 200)
    @example([LISTS], 0, 200)
    def law(pages: list[bytes], seed: int, status: int) -> None:
        for variant in (pages[0], *variants(pages[0], random.Random(seed))):
            replies = [HttpReply(status, "application/json", each, None) for each in (variant, *pages[1:])]
            seen.good += take(vendor, replies)
            seen.all += 1

    law()
    return seen


@pytest.mark.timeout(900)
@pytest.mark.parametrize("vendor", VENDORS)
def test_pages_end_in_bars_or_a_typed_failure(vendor: str) -> None:
    seen = try_all(vendor, ROUNDS)

    assert seen.all >= 5 * ROUNDS
    if ROUNDS >= 1000:
        assert seen.good >= seen.all // 200


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE.keys())
def test_a_huge_page_takes_no_more_than_a_few_times_its_size(vendor: str, content: bytes) -> None:
    tracemalloc.start()
    try:
        take(vendor, [HttpReply(200, "application/json", content, None)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(content) + 64 * MEGABYTE


@pytest.mark.parametrize("address", ["@other.example/x", ".other.example/x", "x", "http://[", 7, "https://x"])
def test_an_address_of_a_next_page_cannot_lead_to_another_host(address: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        next_page(address)
