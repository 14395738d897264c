"""Every way in which a provider fails: its class, exit code and sentence, the key nowhere, good bars untouched."""

import json
import logging
import shutil
import socket
import traceback
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import time_machine
from pytest_django import Settings

from market.lake.location import Lake
from market.models import KeyBudget
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.replies import refusal
from market.providers.base import ProviderError, ReplyKind, RetryableError
from tests.builders import make_bar, make_session_bars, write_bars
from tests.fetching import KEY, Fetch, Ran, bars, everything_written, manifests, rows
from tests.vendor_replies import FAILURE_BODIES, FailureBody
from tests.vendors import Vendor, recorded_vendor

ONE = ("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", "2026-09")
FOUR = ("--provider", "alpha_vantage", "--symbols", "AAPL", "MSFT", "--months", "2026-08", "2026-09")
TRANSPORT_FAULTS = {
    "http_500": ReplyKind.SERVER,
    "http_503_html": ReplyKind.SERVER,
    "drop": ReplyKind.TRANSPORT,
    "truncate": ReplyKind.TRANSPORT,
    "http_302": ReplyKind.HTTP_ERROR,
    "garbage_csv": ReplyKind.UNKNOWN,
    "empty_series": ReplyKind.EMPTY,
}


@dataclass(frozen=True)
class GoodBars:
    """Bars in the lake that a failure must leave as they are."""

    lake: Lake
    version: int
    content: object

    def are_untouched(self) -> bool:
        return bars(self.lake).version == self.version and rows(self.lake) == self.content


@pytest.fixture
def good_bars(lake: Lake) -> GoodBars:
    months_asked_for = (date(2020, 11, 2), date(2026, 9, 1))
    snapshot = write_bars(lake, [bar for session in months_asked_for for bar in make_session_bars("AAPL", session)])
    return GoodBars(lake, snapshot.version, rows(lake))


def folder(lake: Lake) -> Path:
    return Path(lake.storage.path(""))


def assert_key_is_nowhere(lake: Lake, ran: Ran, caplog: pytest.LogCaptureFixture) -> None:
    for spelling in (KEY, quote(KEY), quote_plus(KEY)):
        assert spelling not in ran.output
        assert spelling not in caplog.text
        assert spelling.encode() not in everything_written(folder(lake))


def assert_failed(ran: Ran, kind: ReplyKind, lake: Lake) -> None:
    assert ran.code == 1
    assert str(refusal(kind)) in ran.output
    if kind is not ReplyKind.TRANSPORT:
        assert {manifest["outcome"] for manifest in manifests(folder(lake))} == {kind}


@pytest.mark.parametrize("body", FAILURE_BODIES, ids=lambda body: body.name)
def test_a_refusal_ends_with_its_sentence(
    good_bars: GoodBars, fetch: Fetch, vendor: Vendor, body: FailureBody, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.queue(*[body.name] * 6)

    ran = fetch(*ONE)

    assert_failed(ran, body.kind, good_bars.lake)
    assert good_bars.are_untouched()
    assert_key_is_nowhere(good_bars.lake, ran, caplog)


@pytest.mark.parametrize(("fault", "kind"), TRANSPORT_FAULTS.items())
def test_a_fault_on_the_way_ends_with_its_sentence(
    good_bars: GoodBars, fetch: Fetch, vendor: Vendor, fault: str, kind: ReplyKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.queue(*[fault] * 6)

    ran = fetch(*ONE)

    assert_failed(ran, kind, good_bars.lake)
    assert good_bars.are_untouched()
    assert_key_is_nowhere(good_bars.lake, ran, caplog)


@pytest.mark.realdata
def test_every_recorded_refusal_and_fault_ends_with_its_sentence(
    good_bars: GoodBars, fetch: Fetch, shared_data: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    entries = json.loads((shared_data / "alpha_vantage_replies/failure_replies.json").read_text())
    kinds = {entry["id"]: ReplyKind[entry["class"]] for entry in entries if "body" in entry}
    kinds |= {fault: kind for fault, kind in TRANSPORT_FAULTS.items() if fault != "http_302"}
    with recorded_vendor(shared_data, "xiang_av_2020") as recorded:
        settings.ALPHA_VANTAGE_URL = recorded.url
        for fault, kind in kinds.items():
            recorded.queue(*[fault] * 6)
            # A refusal for the day closes it for those after it.
            KeyBudget.objects.all().delete()

            ran = fetch("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", "2020-11")

            assert ran.code == 1, fault
            assert str(refusal(kind)) in ran.output, fault
            assert good_bars.are_untouched(), fault
            assert_key_is_nowhere(good_bars.lake, ran, caplog)

    assert len(kinds) == 25 + 6


@pytest.mark.parametrize(
    ("fault", "sleeps"),
    [
        ("free_second", [(1.2, 1.8), (2.4, 3.6), (4.8, 7.2)]),
        ("drop", [(1.2, 1.8), (2.4, 3.6), (4.8, 7.2)]),
        ("truncate", [(1.2, 1.8), (2.4, 3.6), (4.8, 7.2)]),
        ("http_500", [(1.2, 1.8), (2.4, 3.6), (4.8, 7.2)]),
        ("paid_minute", [(60, 90)]),
        ("day", []),
        ("premium_endpoint", []),
        ("bad_key", []),
        ("demo_key", []),
        ("invalid_call", []),
        ("new_text", []),
        ("empty_object", []),
    ],
)
def test_each_class_is_tried_again_as_often_as_it_makes_sense(
    fetch: Fetch, vendor: Vendor, fault: str, sleeps: list[tuple[float, float]]
) -> None:
    vendor.queue(*[fault] * 6)

    ran = fetch(*ONE)

    waits = [sleep for sleep in ran.sleeps if sleep > 1.2]
    assert len(waits) == len(sleeps)
    assert all(least <= wait <= most for wait, (least, most) in zip(waits, sleeps, strict=True))
    assert len(vendor.calls()) == len(sleeps) + 1


@pytest.mark.parametrize("fault", ["free_second", "paid_minute", "drop", "truncate", "http_503_html", "slow:0.1"])
def test_after_a_fault_that_passes_the_month_is_fetched(lake: Lake, fetch: Fetch, vendor: Vendor, fault: str) -> None:
    vendor.queue(fault)

    ran = fetch(*ONE)

    assert ran.code == 0, ran.output
    assert bars(lake).read().num_rows > 15_000


@pytest.mark.parametrize("fault", ["day", "premium_endpoint", "bad_key", "demo_key"])
def test_what_concerns_the_key_ends_the_run_and_lists_the_rest(
    lake: Lake, fetch: Fetch, vendor: Vendor, fault: str
) -> None:
    vendor.queue("ok", fault)

    ran = fetch(*FOUR)

    assert ran.code == 3
    assert len(vendor.calls()) == 2
    assert "1 added, 1 failed, 2 not tried" in ran.output
    assert "AAPL 2026-08: not tried. The run was stopped before it." in ran.output
    assert [str(part) for part in bars(lake).parts] == ["AAPL 2026-09"]


def test_the_next_day_goes_on_where_the_budget_ended(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    vendor.queue("ok", "day")
    fetch(*FOUR)

    same_day = fetch(*FOUR)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        ran = fetch(*FOUR)

    assert (same_day.code, ran.code) == (3, 0)
    assert "the provider said so after 2 requests" in same_day.output
    assert len(vendor.calls()) == 2 + 3
    assert "3 added, 1 already final" in ran.output


def test_a_symbol_that_is_refused_does_not_stop_the_others(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    vendor.queue("invalid_call")

    ran = fetch(*FOUR)

    assert ran.code == 3
    assert {part.symbol for part in bars(lake).parts} == {"MSFT"}
    assert "AAPL 2026-08: not tried. The symbol was refused before." in ran.output


def test_an_empty_month_does_not_stop_its_symbol(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    vendor.queue("empty_series")

    ran = fetch("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", "2026-08", "2026-09")

    assert ran.code == 3
    assert [str(part) for part in bars(lake).parts] == ["AAPL 2026-08"]


def test_a_provider_that_is_away_is_not_asked_for_ever(fetch: Fetch, settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.ALPHA_VANTAGE_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
        ran = fetch(*FOUR, "2026-07", "2026-06")

    assert ran.code == 1
    assert "8 failed" not in ran.output
    assert "2 failed, 6 not tried" in ran.output
    assert "check the network and ALPHA_VANTAGE_URL" in ran.output


def test_a_reply_with_one_bar_less_does_not_replace_the_bars(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    fetch(*ONE)
    fetched = bars(lake).read().to_pylist()
    shutil.rmtree(folder(lake) / "raw")
    early = datetime(2026, 9, 30, tzinfo=UTC)
    one_more = make_bar(**{**fetched[0], "bar_start": fetched[0]["bar_start"] + timedelta(seconds=1)})
    write_bars(lake, [bar | {"fetched_at": early} for bar in [*fetched, one_more]])
    before = rows(lake)

    ran = fetch(*ONE)

    assert ran.code == 1
    assert rows(lake) == before
    assert len(before) == len(fetched) + 1


def test_a_much_smaller_reply_does_not_replace_more_bars(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    many = [bar | {"volume": 1} for day in range(1, 31) for bar in _september(day)]
    write_bars(lake, many)
    before = rows(lake)

    ran = fetch(*ONE)

    assert ran.code == 1
    assert "they were kept. --force takes the reply" in ran.output
    assert rows(lake) == before
    assert [manifest["outcome"] for manifest in manifests(folder(lake))] == ["shrunk"]


def test_force_lets_a_smaller_reply_replace_more_bars(lake: Lake, fetch: Fetch, vendor: Vendor) -> None:
    write_bars(lake, [bar for day in range(1, 31) for bar in _september(day)])

    ran = fetch(*ONE, "--force")

    assert ran.code == 0
    assert "1 updated" in ran.output
    assert bars(lake).read().num_rows < 21 * 960


def _september(day: int) -> list[dict[str, object]]:
    """Return 960 bars on any date of September 2026, whether there was trading or not."""
    first = datetime(2026, 9, day, 8, tzinfo=UTC)
    common = {"session": date(2026, 9, 1), "month": "2026-09", "phase": "post"}
    return [make_bar(**common, bar_start=first + timedelta(minutes=minute)) for minute in range(960)]


@pytest.mark.parametrize("fault", ["drop", "truncate"])
def test_no_exception_and_none_of_its_causes_holds_the_key(vendor: Vendor, fault: str) -> None:
    vendor.queue(fault)

    with pytest.raises(RetryableError) as failure:
        Client(f"{vendor.url}/query", KEY).get({"function": "X", "symbol": "AAPL", "month": "2026-09"})

    told = "".join(traceback.format_exception(failure.value))
    assert KEY not in told
    assert "apikey" not in told
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None


def test_a_key_in_a_reply_is_taken_out(vendor: Vendor) -> None:
    vendor.queue("day_with_key")

    reply = Client(f"{vendor.url}/query", KEY).get({})

    assert b"[redacted]" in reply.body
    assert KEY.encode() not in reply.body


@pytest.mark.parametrize("key", ["202609", "2026-09"])
def test_a_key_that_looks_like_a_part_of_bars_changes_no_bar(vendor: Vendor, key: str) -> None:
    query = {"symbol": "AAPL", "month": "2026-09"}

    assert Client(f"{vendor.url}/query", key).get(query).body == Client(f"{vendor.url}/query", KEY).get(query).body


def test_the_public_demo_key_is_known_as_such(fetch: Fetch, vendor: Vendor, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_API_KEY = "demo"
    vendor.queue("demo_key")

    assert str(refusal(ReplyKind.DEMO_KEY)) in fetch(*ONE).output


def test_a_reply_without_end_is_cut_off(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.providers.http.client.MAX_BODY_BYTES", 1000)

    with pytest.raises(ProviderError, match="longer than"):
        Client(f"{vendor.url}/query", KEY).get({"symbol": "AAPL", "month": "2026-09"})


def test_a_reply_that_never_gets_done_is_given_up(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.providers.http.client.TOTAL_SECONDS", 0)

    with pytest.raises(RetryableError, match="not complete after"):
        Client(f"{vendor.url}/query", KEY).get({"symbol": "AAPL", "month": "2026-09"})


def test_an_answer_that_does_not_come_is_given_up(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.providers.http.client.READ_SECONDS", 0.05)
    vendor.queue("slow:1")

    with pytest.raises(RetryableError, match="No answer within"):
        Client(f"{vendor.url}/query", KEY).get({"symbol": "AAPL", "month": "2026-09"})


def test_a_redirect_is_not_followed(vendor: Vendor) -> None:
    vendor.queue("http_302")

    assert Client(f"{vendor.url}/query", KEY).get({}).status == 302
    assert len(vendor.calls()) == 1
