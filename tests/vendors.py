"""Vendors of bars on loopback: the recorded one, and vendors of our own that fail on demand.

Each is a context manager; a fixture is at the end of the module.
"""

import gzip
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from market.calendar import is_session, next_session
from market.months import Month
from market.providers.synthetic.provider import Synthetic
from tests.servers import running, serving
from tests.vendor_facts import FACTS, daily_text
from tests.vendor_replies import FAILURE_BODIES


@dataclass
class Vendor:
    """A server that speaks as Alpha Vantage does; the faults queued answer the next calls, in order."""

    url: str

    def queue(self, *faults: str) -> None:
        self._post("_control", faults)

    def tell(self, function: str, body: str, symbol: str = "") -> None:
        """Answer a function that is no bars with this body from now on, for one symbol (as spelled) or for all."""
        self._post("_facts", [function, symbol, body])

    def _post(self, path: str, payload: Any) -> None:
        body = json.dumps(payload).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/{path}", data=body), timeout=10).close()

    def calls(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/_calls", timeout=10) as response:
            calls: list[dict[str, Any]] = json.load(response)
            return calls


@contextmanager
def recorded_vendor(shared_data: Path, bars: str, label: str = "start") -> Iterator[Vendor]:
    """Serve a folder of recorded bars, such as `xiang_av_2020`, with the stand-in that lies beside them."""
    tool = shared_data.parent / "tools/alpha_vantage_standin.py"
    folder = shared_data / "minute_bars/norm" / bars
    arguments = [sys.executable, str(tool), "--bars", str(folder), "--port", "0", "--label", label]
    with running(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with process.stdout as stdout:
            yield Vendor(stdout.readline().removeprefix("listening on ").strip().removesuffix("/query"))


@dataclass
class _VendorState:
    faults: list[str] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)
    bodies: dict[str, Any] = field(default_factory=dict)
    facts: dict[tuple[str, str], str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@lru_cache(maxsize=16)
def _made_up_body(symbol: str, month: Month, now: datetime) -> bytes:
    return Synthetic().fetch_month(symbol, month, now).body


class _VendorHandler(BaseHTTPRequestHandler):
    """Made-up bars in the vendor's shape; faults are the recorded stand-in's, or the name of a body given."""

    protocol_version = "HTTP/1.1"
    # An answer leaves in two pieces, and the second would wait 40 ms until the first is acknowledged.
    disable_nagle_algorithm = True
    state: _VendorState

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/_facts":
            function, symbol, body = payload
            self.state.facts[function, symbol] = body
        else:
            self.state.faults[:] = payload
        self._reply(b"{}")

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/_calls":
            return self._reply(json.dumps(self.state.calls).encode())
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self.state.calls.append({name: value for name, value in query.items() if name != "apikey"})
        fault, _, argument = (self.state.faults.pop(0) if self.state.faults else "ok").partition(":")
        return _FAULTS.get(fault, _VendorHandler._body)(self, query, argument or fault)

    def _answer(self, query: dict[str, str], argument: str = "") -> None:
        function, symbol = query.get("function", "TIME_SERIES_INTRADAY"), query.get("symbol", "")
        if function == "TIME_SERIES_INTRADAY":
            return self._bars(query)
        told = self.state.facts.get((function, symbol)) or self.state.facts.get((function, "")) or FACTS.get(function)
        body = told or daily_text(symbol.replace("-", "."), self.state.now)
        return self._reply(body.encode(), "application/json" if body.startswith("{") else "application/x-download")

    def _made_up(self, query: dict[str, str]) -> bytes:
        return _made_up_body(query["symbol"].replace("-", "."), Month.parse(query["month"]), self.state.now)

    def _bars(self, query: dict[str, str]) -> None:
        self._reply(self._made_up(query), "application/x-download")

    def _altered(
        self, query: dict[str, str], alter: Callable[[list[bytes]], list[bytes]], *, packed: bool = False
    ) -> None:
        header, *rows = self._made_up(query).splitlines()
        changed = b"".join(row + b"\r\n" for row in [header, *alter(rows)])
        self._reply(gzip.compress(changed) if packed else changed, "application/x-download", packed=packed)

    def _slow(self, query: dict[str, str], argument: str) -> None:
        time.sleep(float(argument))
        self._bars(query)

    def _truncate(self, query: dict[str, str], argument: str) -> None:
        body = self._made_up(query)
        self._reply(body[: len(body) // 2], "application/x-download", length=len(body))
        self._drop(query, argument)

    def _drop(self, query: dict[str, str], argument: str) -> None:
        self.close_connection = True
        self.connection.close()

    def _body(self, query: dict[str, str], name: str) -> None:
        self._reply(json.dumps(self.state.bodies[name]).encode().replace(b"XXXXXXXXXXXXXXXX", query["apikey"].encode()))

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
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if 300 <= status < 400:
            self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(body)


_FAULTS: dict[str, Callable[[_VendorHandler, dict[str, str], str], None]] = {
    "ok": _VendorHandler._answer,
    "slow": _VendorHandler._slow,
    "truncate": _VendorHandler._truncate,
    "drop": _VendorHandler._drop,
    "http_500": lambda handler, query, _: handler._reply(b"{}", status=500),
    "http_503_html": lambda handler, query, _: handler._reply(b"<html>Application Error</html>", "text/html", 503),
    "http_302": lambda handler, query, _: handler._reply(b"moved", "text/plain", 302),
    "garbage_csv": lambda handler, query, _: handler._reply(b"time;price\n1;2\n", "application/x-download"),
    "gzip": lambda handler, query, _: handler._altered(query, lambda rows: rows, packed=True),
    "duplicates": lambda handler, query, _: handler._altered(query, lambda rows: [row for row in rows for _ in "ab"]),
    "shuffled": lambda handler, query, _: handler._altered(query, lambda rows: rows[1::2] + rows[::2]),
    "contradiction": lambda handler, query, _: handler._altered(query, lambda rows: [*rows, rows[0][:-1] + b"7"]),
    "html": lambda handler, query, _: handler._reply(b"<html>Will be right back</html>", "text/html"),
    "throttle": lambda handler, query, _: handler._body(query, "free_second"),
    "paywall": lambda handler, query, _: handler._body(query, "premium_endpoint"),
    "unknown_symbol": lambda handler, query, _: handler._body(query, "invalid_call"),
    "new_text": lambda handler, query, _: handler._body(query, "new_text"),
    "empty_series": lambda handler, query, _: handler._reply(b"timestamp,open,high,low,close,volume\r\n", "text/csv"),
}


@contextmanager
def made_up_vendor(bodies: dict[str, Any]) -> Iterator[Vendor]:
    """Serve made-up bars, and on demand the faults of the recorded stand-in and the named bodies.

    A run of X's in a body is answered with the caller's key, as the vendor's text about the daily limit does.
    """
    with serving(type("Handler", (_VendorHandler,), {"state": _VendorState(bodies=bodies)})) as url:
        yield Vendor(url)


@dataclass
class SmallVendor:
    """A vendor whose months have two bars; `log` has when each request came, and for which cell."""

    url: str
    log: list[tuple[float, str]]

    @property
    def cells(self) -> list[str]:
        return [cell for _, cell in self.log]


@contextmanager
def small_vendor(seconds: float = 0.0, daily_limit: int = 10**6) -> Iterator[SmallVendor]:
    """Serve months of two bars after a wait; refuse what is above the daily limit as the vendor does."""
    log: list[tuple[float, str]] = []
    refusal = b'{"Information": "Our standard API rate limit is 25 requests per day."}'

    class Handler(_VendorHandler):
        def do_GET(self) -> None:
            query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
            log.append((time.time(), f"{query['symbol']} {query['month']}"))
            if len(log) > daily_limit:
                return self._reply(refusal)
            time.sleep(seconds)
            first = Month.parse(query["month"]).first_date
            session = first if is_session(first) else next_session(first)
            bars = [f"{session} {at},10.0,11.0,9.0,10.5,100" for at in ("09:30:00", "04:00:00")]
            return self._reply("\r\n".join(["timestamp,open,high,low,close,volume", *bars, ""]).encode(), "text/csv")

    with serving(Handler) as url:
        yield SmallVendor(url, log)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """Return a vendor of made-up bars that knows the failure bodies of tests/vendor_replies.py."""
    with made_up_vendor({body.name: body.payload for body in FAILURE_BODIES}) as server:
        yield server
