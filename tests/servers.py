"""Real servers on loopback for tests: processes, handlers in a thread of this process, and an S3 API."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

_START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(ready: "Callable[[], bool]", process: "subprocess.Popen[Any]") -> None:
    """Return when a server says so; fail when its process ends first or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        if ready():
            return
        time.sleep(0.02)
    raise TimeoutError(f"{process.args!r} is not ready after {_START_SECONDS} s")


def listens(port: int) -> bool:
    """Say whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for_port(port: int, process: "subprocess.Popen[Any]") -> None:
    """Return when something listens on a loopback port; fail when its process ends first."""
    wait_until(lambda: listens(port), process)


@contextmanager
def running(arguments: list[str], **options: Any) -> "Iterator[subprocess.Popen[Any]]":
    """Run a server until the context ends."""
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class S3Server:
    """An S3 API on loopback and the environment that leads a process to it."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def create_bucket(self, name: str) -> None:
        self.request("PUT", f"/{name}")

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Send an unsigned request; the server checks no signature."""
        request = urllib.request.Request(self.url + path, data=body or None, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            content: bytes = response.read()
            return content


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Run ministack's S3 on a free loopback port; what it keeps is gone afterwards."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": "s3",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
    }
    with (
        (folder / "ministack.log").open("wb") as log,
        running([sys.executable, "-m", "ministack"], env=environment, cwd=folder, stdout=log, stderr=log) as process,
    ):
        wait_for_port(port, process)
        yield S3Server(f"http://127.0.0.1:{port}")


class _DenyingHandler(BaseHTTPRequestHandler):
    """Refuses every request as S3 does when the credentials lack a right."""

    protocol_version = "HTTP/1.1"
    # An answer leaves in two pieces, and the second would wait 40 ms until the first is acknowledged.
    disable_nagle_algorithm = True
    status, error = 403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"

    def log_message(self, *args: Any) -> None:
        pass

    def _deny(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = self.error
        self.send_response(self.status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", "0" if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _deny  # noqa: N815  # names of http.server


class _BusyHandler(_DenyingHandler):
    """Answers every request as an S3 server does that cannot keep up."""

    status, error = 503, b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that gives up is what some tests are about."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve a handler on a free loopback port in this process; give its address."""
    server = _QuietServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def denying_s3() -> Iterator[S3Server]:
    with serving(_DenyingHandler) as url:
        yield S3Server(url)


@pytest.fixture
def busy_s3() -> Iterator[S3Server]:
    with serving(_BusyHandler) as url:
        yield S3Server(url)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server
