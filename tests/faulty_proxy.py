"""A proxy in front of the embedded DynamoDB server that misbehaves on demand and counts what goes through."""

import http.client
import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

REFUSALS = {
    "error": (500, b'{"__type":"InternalServerError","message":"on demand"}'),
    "throttle": (400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}'),
    "conflict": (
        400,
        b'{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"on demand",'
        b'"CancellationReasons":[{"Code":"TransactionConflict","Message":"on demand"}]}',
    ),
}


@dataclass
class Fault:
    """What to do with calls of `operation` ("" is any), `times` times (-1 is always).

    Kinds: error (HTTP 500), throttle, conflict (another transaction holds the row), silence (no answer), drop (the call
    is done, its reply is lost), cut (half of the reply), slow (the call is answered after `seconds`). The first `after`
    calls go through; `hits` counts the rest.
    """

    kind: str
    operation: str = ""
    times: int = -1
    seconds: float = 0.0
    after: int = 0
    hits: int = 0


@dataclass
class Proxy:
    """`calls` has (operation, items read) of every call that was answered."""

    upstream: str
    port: int = 0
    fault: Fault | None = None
    calls: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)
    server: "_Server | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        handler = type("Handler", (_Handler,), {"proxy": self})
        self.server = _Server(("127.0.0.1", self.port), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections and close the open ones, as happens when a server dies."""
        server, self.server = self.server, None
        if server:
            server.shutdown()
            server.server_close()
            server.hang_up()

    def take_fault(self, operation: str) -> Fault | None:
        with self.lock:
            fault = self.fault
            if fault is None or fault.times == 0 or fault.operation not in ("", operation):
                return None
            if fault.after > 0:
                fault.after -= 1
                return None
            fault.times -= 1
            fault.hits += 1
            return fault

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    def items_read(self) -> int:
        return sum(items for _, items in self.calls)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close what is open now; the threads that serve it notice and end."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def faulty_proxy(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(urlsplit(upstream).netloc)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.released.set()
        proxy.stop()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer leaves in two pieces, and the second would wait 40 ms until the first is acknowledged.
    disable_nagle_algorithm = True
    proxy: Proxy

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        request = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.proxy.take_fault(operation) or Fault("")
        if fault.kind == "silence":
            self.proxy.released.wait(30)
            self.close_connection = True
        elif fault.kind in REFUSALS:
            self._answer(*REFUSALS[fault.kind])
        else:
            self.proxy.released.wait(fault.seconds)
            status, body = self._forward(request)
            self.proxy.calls.append((operation, _items(body)))
            self._reply(fault.kind, status, body)

    def _forward(self, request: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.proxy.upstream, timeout=20)
        connection.request("POST", "/", request, dict(self.headers))
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, body

    def _reply(self, kind: str, status: int, body: bytes) -> None:
        if kind == "drop":
            self.close_connection = True
        elif kind == "cut":
            self._answer(status, body[: len(body) // 2], length=len(body))
            self.close_connection = True
        else:
            self._answer(status, body)

    def _answer(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def _items(body: bytes) -> int:
    reply = json.loads(body or b"{}")
    if "ScannedCount" in reply:
        return int(reply["ScannedCount"])
    if "Responses" in reply:
        return sum(len(items) for items in reply["Responses"].values())
    return int("Item" in reply)
