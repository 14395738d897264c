"""Asking the vendor for what is no bars: the answer is typed, and the reply is kept."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from market.ingest.facts import learn
from market.lake.location import Lake
from market.providers.alpha_vantage import questions
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.alpha_vantage.questions import Question, T
from market.providers.base import FatalError
from tests.builders import UNLIMITED
from tests.fetching import KEY, everything_written, manifests
from tests.vendors import Vendor

NOW = datetime.now(UTC)


class Asker:
    """Asks one vendor, and collects the waits."""

    def __init__(self, lake: Lake, vendor: Vendor) -> None:
        self.lake = lake
        self.provider = AlphaVantage(Client(f"{vendor.url}/query", KEY), UNLIMITED)
        self.waits: list[float] = []

    def ask(self, question: Question[T]) -> tuple[T, ...]:
        return learn(question, self.lake, self.provider, NOW, sleep=self.waits.append, note=lambda text: None)


@pytest.fixture
def asker(lake: Lake, vendor: Vendor) -> Asker:
    return Asker(lake, vendor)


def test_every_function_is_answered_and_kept(asker: Asker, tmp_path: Path) -> None:
    assert len(asker.ask(questions.daily("AAPL"))) == 100
    assert [split.factor for split in asker.ask(questions.splits("AAPL"))] == [2.0, 7.0]
    assert [dividend.amount for dividend in asker.ask(questions.dividends("AAPL"))] == [0.22, 0.26]
    assert [entry.symbol for entry in asker.ask(questions.listings())] == ["AAPL", "BRK.B", None, "MSFT"]
    assert [match.symbol for match in asker.ask(questions.symbol_search("apple"))] == ["AAPL"]
    assert [venue.region for venue in asker.ask(questions.market_status())] == ["United States"]

    kept = manifests(tmp_path / "lake", outcome="ok")
    assert {(manifest["function"], manifest["symbol"]) for manifest in kept} == {
        ("TIME_SERIES_DAILY", "AAPL"),
        ("SPLITS", "AAPL"),
        ("DIVIDENDS", "AAPL"),
        ("LISTING_STATUS", "_market"),
        ("SYMBOL_SEARCH", "_market"),
        ("MARKET_STATUS", "_market"),
    }
    assert KEY.encode() not in everything_written(tmp_path)


def test_a_throttled_question_is_asked_again(asker: Asker, vendor: Vendor, tmp_path: Path) -> None:
    vendor.queue("free_second", "http_500")
    vendor.tell("SPLITS", "effective_date,split_factor\n2020-08-31,4.0\n", symbol="BRK-B")

    (split,) = asker.ask(questions.splits("BRK.B"))

    assert (split.effective, split.factor) == (date(2020, 8, 31), 4.0)
    assert len(asker.waits) == 2
    assert {manifest["outcome"] for manifest in manifests(tmp_path / "lake")} == {"rate_second", "server", "ok"}


def test_a_refusal_is_raised_and_written_down(asker: Asker, vendor: Vendor, tmp_path: Path) -> None:
    vendor.queue("day_with_key")

    with pytest.raises(FatalError, match="resume tomorrow"):
        asker.ask(questions.dividends("AAPL"))

    assert [manifest["outcome"] for manifest in manifests(tmp_path / "lake")] == ["rate_day"]
    assert KEY.encode() not in everything_written(tmp_path)
