"""Stand-ins on loopback for the vendors that answer in pages: made-up bars in their shape, and their failures.

A key that is not the right one is refused as the vendor does; the faults queued answer the next calls, in order.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from market.calendar import NEW_YORK
from market.months import Month
from market.providers.base import Provider
from market.providers.synthetic.provider import Synthetic
from tests.servers import serving

KEY, SECRET = "PKKEY0123456789&/+ABC", "secret-0123456789-that-must-not-show"
Object = dict[str, Any]
# One instant for all stand-ins, so that a month is made up once.
STARTED = datetime.now(UTC)
_NAMES = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}


@dataclass
class PagedVendor:
    """A stand-in and what it was asked; `page_size` bounds what one page holds.

    `facts` are the entries that it tells of any symbol, by the vendor's own word for their kind.
    """

    url: str = ""
    facts: dict[str, list[Object]] = field(default_factory=dict)
    page_size: int = 10_000
    faults: list[str] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)
    now: datetime = STARTED

    def queue(self, *faults: str) -> None:
        self.faults[:] = faults


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer leaves in two pieces, and the second would wait 40 ms until the first is acknowledged.
    disable_nagle_algorithm = True
    vendor: PagedVendor
    refusals: dict[str, tuple[int, Object]]

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self.vendor.calls.append({"path": url.path, **query})
        fault, _, argument = (self.vendor.faults.pop(0) if self.vendor.faults else "ok").partition(":")
        if fault == "slow":
            time.sleep(float(argument))
        if fault == "drop":
            return self._hang_up()
        if not self._authorized():
            fault = "bad_key"
        if fault in self.refusals:
            status, payload = self.refusals[fault]
            return self._reply(json.dumps(payload).encode(), status=status)
        return self._answer(url.path, query, fault)

    def _answer(self, path: str, query: dict[str, str], fault: str) -> None:
        if fault in ("html", "http_500", "http_503_html", "garbage"):
            status = {"http_500": 500, "http_503_html": 503}.get(fault, 200)
            return self._reply(b"<html>Will be right back</html>", kind="text/html", status=status)
        body = json.dumps(self._page(path, query, _ALTERATIONS.get(fault, _same))).encode()
        if fault == "truncate":
            self._reply(body[: len(body) // 2], length=len(body))
            return self._hang_up()
        if fault == "half":
            return self._reply(body[: len(body) // 2])
        return self._reply(gzip.compress(body), packed=True) if fault == "gzip" else self._reply(body)

    def _authorized(self) -> bool:
        raise NotImplementedError

    def _page(self, path: str, query: dict[str, str], alter: "Alter") -> Object:
        raise NotImplementedError

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _reply(
        self,
        body: bytes,
        kind: str = "application/json",
        status: int = 200,
        length: int | None = None,
        *,
        packed: bool = False,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if status == 429:
            self.send_header("Retry-After", "7")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


Alter = Callable[[list[Object]], list[Object]]


def _same(bars: list[Object]) -> list[Object]:
    return bars


def _shuffled(bars: list[Object]) -> list[Object]:
    return bars[1::2] + bars[::2]


_ALTERATIONS: dict[str, Alter] = {
    "duplicates": lambda bars: [bar for bar in bars for _ in "ab"],
    "shuffled": _shuffled,
    "contradiction": lambda bars: [*bars, {**bars[0], "c": bars[0]["c"] + 1.0}],
    "empty_series": lambda bars: [],
    "a_wrong_type": lambda bars: [{**bars[0], "o": "high"}, *bars[1:]],
    "a_missing_value": lambda bars: [{name: value for name, value in bars[0].items() if name != "v"}, *bars[1:]],
    "a_huge_number": lambda bars: [{**bars[0], "v": 10**40}, *bars[1:]],
}


@cache
def _month(symbol: str, month: Month, now: datetime) -> tuple[tuple[datetime, dict[str, Any]], ...]:
    provider = Synthetic()
    rows = provider.parse(provider.fetch_month(symbol, month, now)).bars.to_pylist()
    return tuple((row.pop("bar_start"), {_NAMES[name]: value for name, value in row.items()}) for row in rows)


def _between(symbol: str, first: datetime, last: datetime, now: datetime) -> list[tuple[datetime, Object]]:
    month = Month.of(first.astimezone(NEW_YORK).date())
    return [(at, bar) for at, bar in _month(symbol, month, now) if first <= at <= last]


class _Alpaca(_Handler):
    refusals = {  # noqa: RUF012  # never changed
        "bad_key": (403, {"message": "forbidden."}),
        "throttle": (429, {"message": "too many requests."}),
        "paywall": (403, {"message": "subscription does not permit querying recent SIP data"}),
        "unknown_symbol": (400, {"message": "invalid symbol: NOSUCH"}),
        "new_text": (200, {"message": "Something that nobody has seen yet."}),
    }

    def _authorized(self) -> bool:
        return (self.headers["APCA-API-KEY-ID"], self.headers["APCA-API-SECRET-KEY"]) == (KEY, SECRET)

    def _page(self, path: str, query: dict[str, str], alter: Alter) -> Object:
        if path == "/v1/corporate-actions":
            return self._actions(query)
        symbol = path.split("/")[3]
        if query["timeframe"] == "1Day":
            return {"bars": self.vendor.facts.get("1Day"), "symbol": symbol, "next_page_token": None}
        first, last = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
        found = _between(symbol, first, last, self.vendor.now)
        offset = int(query.get("page_token", "0"))
        size = min(int(query["limit"]), self.vendor.page_size)
        bars = [{"t": f"{at:%Y-%m-%dT%H:%M:%SZ}", **bar, "n": 3, "vw": bar["c"]} for at, bar in found]
        token = str(offset + size) if offset + size < len(bars) else None
        return {"bars": alter(bars[offset : offset + size]) or None, "symbol": symbol, "next_page_token": token}

    def _actions(self, query: dict[str, str]) -> Object:
        told = [(f"{kind}s", entry) for kind in query["types"].split(",") for entry in self.vendor.facts.get(kind, [])]
        offset, size = int(query.get("page_token", "0")), self.vendor.page_size
        actions: dict[str, list[Object]] = {}
        for kind, entry in told[offset : offset + size]:
            actions.setdefault(kind, []).append({"symbol": query["symbols"], **entry})
        token = str(offset + size) if offset + size < len(told) else None
        return {"corporate_actions": actions, "next_page_token": token}


class _Massive(_Handler):
    refusals = {  # noqa: RUF012  # never changed
        "bad_key": (401, {"status": "ERROR", "request_id": "1", "error": "Unknown API Key"}),
        "throttle": (
            429,
            {"status": "ERROR", "error": "You've exceeded the maximum requests per minute, please wait."},
        ),
        "paywall": (
            403,
            {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data. Upgrade your plan."},
        ),
        "unknown_symbol": (404, {"status": "NOT_FOUND", "message": "Ticker not found."}),
        "new_text": (200, {"status": "OK", "message": "Something that nobody has seen yet."}),
    }

    def _authorized(self) -> bool:
        return self.headers["Authorization"] == f"Bearer {KEY}"

    def _page(self, path: str, query: dict[str, str], alter: Alter) -> Object:
        if path.startswith("/v3/reference/"):
            return self._facts(path, query, path.rpartition("/")[2])
        _, _, _, _, symbol, _, _, span, since, until = path.split("/")
        if span == "day":
            return self._facts(path, query, "day")
        first, last = (datetime.fromtimestamp(int(at) / 1000, UTC) for at in (since, until))
        found = _between(symbol, first, last, self.vendor.now)
        offset = int(query.get("cursor", "0"))
        size = min(int(query.get("limit", "50000")), self.vendor.page_size)
        bars = alter(
            [{"t": int(at.timestamp() * 1000), **bar, "n": 3, "vw": bar["c"]} for at, bar in found][
                offset : offset + size
            ]
        )
        page: Object = {
            "ticker": symbol,
            "adjusted": False,
            "resultsCount": len(bars),
            "status": "DELAYED",
            "results": bars,
        }
        if not bars:
            del page["results"]
        if offset + size < len(found):
            cursor = {"cursor": str(offset + size), "limit": str(size), "apiKey": KEY}
            page["next_url"] = f"https://api.elsewhere.example{path}?{urlencode(cursor)}"
        return page

    def _facts(self, path: str, query: dict[str, str], kind: str) -> Object:
        offset, size = int(query.get("cursor", "0")), self.vendor.page_size
        told = self.vendor.facts.get(kind, [])
        page: Object = {"status": "OK", "request_id": "1", "results": told[offset : offset + size]}
        if offset + size < len(told):
            page["next_url"] = f"https://api.elsewhere.example{path}?{urlencode({'cursor': offset + size})}"
        return page


def make_alpaca(url: str, key: str = KEY) -> Provider:
    from market.limits import ALPACA_FREE, Account
    from market.providers.alpaca.client import Client
    from market.providers.alpaca.provider import Alpaca

    return Alpaca(Client(url, key, SECRET), Account("alpaca", "test", ALPACA_FREE))


def make_massive(url: str, key: str = KEY) -> Provider:
    from market.limits import MASSIVE_FREE, Account
    from market.providers.massive.client import Client
    from market.providers.massive.provider import Massive

    return Massive(Client(url, key), Account("massive", "test", MASSIVE_FREE))


@contextmanager
def alpaca_standin() -> Iterator[PagedVendor]:
    vendor = PagedVendor()
    with serving(type("Alpaca", (_Alpaca,), {"vendor": vendor})) as vendor.url:
        yield vendor


@contextmanager
def massive_standin() -> Iterator[PagedVendor]:
    vendor = PagedVendor()
    with serving(type("Massive", (_Massive,), {"vendor": vendor})) as vendor.url:
        yield vendor
