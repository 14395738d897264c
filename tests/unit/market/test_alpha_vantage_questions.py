"""Reading what Alpha Vantage tells besides minute bars."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from market.months import Month
from market.providers.alpha_vantage import questions
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.alpha_vantage.questions import Question
from market.providers.base import EmptyError, FatalError, ProviderError, RawReply, ReplyKind, RetryableError
from market.providers.facts import DailyBar, Dividend, Split
from tests.builders import UNLIMITED

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROVIDER = AlphaVantage(Client("http://127.0.0.1:9/query", "a-key"), UNLIMITED)


def answer(question: Question[Any], body: bytes | str, content_type: str = "application/x-download") -> Any:
    content = body.encode() if isinstance(body, str) else body
    reply = RawReply(
        "alpha_vantage", question.function, question.subject, Month(2026, 11), {}, 200, content_type, content, NOW
    )
    return PROVIDER.answer(question, reply)


def test_daily_bars_come_oldest_first() -> None:
    text = "timestamp,open,high,low,close,volume\r\n2026-05-15,2.0,4.0,1.0,3.0,7\r\n2026-05-14,2.5,2.5,2.5,2.5,0\r\n"

    bars = answer(questions.daily("IBM"), text)

    assert bars == (
        DailyBar(date(2026, 5, 14), 2.5, 2.5, 2.5, 2.5, volume=0),
        DailyBar(date(2026, 5, 15), 2.0, 4.0, 1.0, 3.0, volume=7),
    )


def test_a_symbol_is_spelled_as_the_vendor_does() -> None:
    assert questions.splits("BRK.B").query["symbol"] == "BRK-B"
    assert questions.splits("BRK.B").subject == "BRK.B"


def test_no_splits_and_no_dividends_are_an_answer() -> None:
    assert answer(questions.splits("AAPL"), "effective_date,split_factor\n") == ()
    header = "ex_dividend_date,declaration_date,record_date,payment_date,amount\n"
    assert answer(questions.dividends("AAPL"), header) == ()


def test_a_search_that_finds_nothing_is_an_answer() -> None:
    assert answer(questions.symbol_search("qqqq"), '{"bestMatches": []}', "application/json") == ()


@pytest.mark.parametrize(
    ("question", "body"),
    [
        (questions.daily("AAPL"), "timestamp,open,high,low,close,volume\r\n"),
        (questions.daily("AAPL"), "{}"),
        (questions.splits("NOSUCH"), "{}"),
        (questions.listings(), "symbol,name,exchange,assetType,ipoDate,delistingDate,status\r\n"),
        (questions.market_status(), '{"markets": []}'),
    ],
)
def test_nothing_where_something_must_be_is_no_answer(question: Question[Any], body: str) -> None:
    with pytest.raises(EmptyError):
        answer(question, body)


@pytest.mark.parametrize(
    ("question", "body", "kind"),
    [
        (questions.daily("A"), "timestamp,open,high,low,close,volume\n2026-05-15,2.0,4.0,1.0,nan,7\n", "unknown"),
        (questions.daily("A"), "timestamp,open,high,low,close,volume\n2026-05-15,2.0,4.0,1.0,3.0\n", "unknown"),
        (questions.daily("A"), "timestamp,open,high,low,close,volume\n2026-05-15,2.0,4.0,1.0,3.0,", "unknown"),
        (questions.daily("A"), "time,open,high,low,close,volume\n2026-05-15,2.0,4.0,1.0,3.0,7\n", "unknown"),
        (questions.splits("A"), "effective_date,split_factor\n2020-08-31,0\n", "unknown"),
        (questions.splits("A"), "effective_date,split_factor\n31/08/2020,4\n", "unknown"),
        (questions.splits("A"), "\xff\xfe", "unknown"),
        (questions.dividends("A"), '{"Information": "1 request per second"}', "rate_second"),
        (questions.symbol_search("a"), '{"bestMatches": [{"1. symbol": "A"}]}', "unknown"),
        (questions.symbol_search("a"), '{"bestMatches": "A"}', "unknown"),
        (questions.daily("A", full=True), '{"Information": "outputsize=full is a premium feature"}', "paywall"),
        (questions.market_status(), '{"markets": [{"region": "US"}]}', "unknown"),
        (questions.market_status(), "<html>", "server"),
    ],
)
def test_every_other_text_is_a_typed_failure(question: Question[Any], body: str, kind: str) -> None:
    with pytest.raises(ProviderError) as raised:
        answer(question, body.encode("latin-1"))

    assert raised.value.kind == kind
    assert not isinstance(raised.value, EmptyError)


def test_failures_keep_their_classes() -> None:
    with pytest.raises(RetryableError):
        answer(questions.splits("A"), '{"Information": "1 request per second"}')
    with pytest.raises(FatalError):
        answer(questions.splits("A"), '{"Error Message": "the parameter apikey is invalid or missing."}')


@pytest.mark.realdata
def test_the_recorded_answers_are_read(shared_data: Path) -> None:
    def recorded(name: str) -> bytes:
        return (shared_data / "alpha_vantage_replies" / name).read_bytes()

    bars = answer(questions.daily("IBM"), recorded("daily_IBM_compact_2026-05-15.csv"))
    assert (len(bars), bars[-1]) == (100, DailyBar(date(2026, 5, 15), 218.2, 220.91, 217.615, 219.3, volume=6154450))

    splits = answer(questions.splits("IBM"), recorded("splits_IBM_2026-05.csv"))
    assert splits == (Split(date(1999, 5, 27), 2.0), Split(date(2021, 11, 4), 1.046))

    dividends = answer(questions.dividends("IBM"), recorded("dividends_IBM_2026-05.csv"))
    assert dividends[0] == Dividend(date(1999, 2, 8), 0.22, None, None, None)
    assert (len(dividends), dividends[-1].amount, dividends[-1].paid) == (110, 1.69, date(2026, 6, 10))

    listed = answer(questions.listings(), recorded("listing_status_head.csv") + b"\n")
    assert (listed[0].symbol, listed[0].name, listed[0].exchange) == ("A", "Agilent Technologies Inc", "NYSE")
    assert (listed[0].listed, listed[0].delisted, listed[0].active) == (date(1999, 11, 18), None, True)

    tesco = answer(questions.symbol_search("tesco"), recorded("symbol_search_tesco_2026-05.csv"))
    assert [(match.spelling, match.symbol) for match in tesco[:2]] == [("TSCO.LON", None), ("TSCDF", "TSCDF")]
    boeing = answer(questions.symbol_search("BA"), recorded("symbol_search_BA_2018.json"))
    assert (boeing[0].symbol, boeing[0].name, boeing[0].score) == ("BA", "The Boeing Company", 1.0)

    venues = answer(questions.market_status(), recorded("market_status_2026-05-17.json"))
    assert (venues[0].region, venues[0].exchanges[0], venues[0].is_open) == ("United States", "NASDAQ", False)
    assert venues[0].local_close == time(16, 15)


def test_a_reply_that_is_no_answer_at_all_is_unknown() -> None:
    with pytest.raises(ProviderError) as raised:
        answer(questions.splits("A"), "time;price\n1;2\n")

    assert raised.value.kind is ReplyKind.UNKNOWN
