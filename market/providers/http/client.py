"""The door to the network: one GET, with limits, and no secret in anything that comes back or is raised."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import requests

from market.providers.base import ProviderError, ReplyKind

REDACTED = b"[redacted]"
_SHORTEST_SECRET = 6
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5, 60, 300
# A month of minute bars is 1 to 4 MB.
MAX_BODY_BYTES = 32 * 1024 * 1024

Refuse = Callable[[ReplyKind, str], ProviderError]


@dataclass(frozen=True, slots=True)
class HttpReply:
    """`retry_after` is what the server said of when to come back, in seconds."""

    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None


class Door:
    """Sends GET requests; what is raised comes from `refuse`, with a sentence that quotes no address."""

    def __init__(self, secrets: Sequence[str], refuse: Refuse, holds_bars: Callable[[bytes], bool]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
        self._refuse = refuse
        self._holds_bars = holds_bars
        self._session = requests.Session()

    def get(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> HttpReply:
        """Return any complete reply, whatever its status. Raises RetryableError or PermanentError when none came."""
        failure = ""
        try:
            return self._get(url, params, headers)
        except (requests.RequestException, OSError) as error:
            failure = _describe(error)
        # Raised out here because a requests exception holds the URL, and maybe the key, even as a context.
        raise self._refuse(ReplyKind.TRANSPORT, failure)

    def _get(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> HttpReply:
        with self._session.get(
            url,
            params=params,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            # Alpha Vantage refuses a narrow Accept header; a redirect could carry the key to another host.
            headers={"Accept": "*/*", **headers},
            allow_redirects=False,
            stream=True,
        ) as response:
            content_type = self._redact(response.headers.get("Content-Type", "").encode()).decode()
            body = self._redact(self._read_body(response))
            return HttpReply(response.status_code, content_type, body, _seconds(response.headers.get("Retry-After")))

    def _redact(self, body: bytes) -> bytes:
        # Bars hold no key, but digits that a key may match; and a short word is no secret (`demo` is a public one).
        if self._holds_bars(body):
            return body
        for secret in self._secrets:
            for spelling in {secret, quote(secret, safe=""), quote_plus(secret)}:
                body = body.replace(spelling.encode(), REDACTED)
        return body

    def _read_body(self, response: requests.Response) -> bytes:
        body = bytearray()
        deadline = time.monotonic() + TOTAL_SECONDS
        for chunk in response.iter_content(chunk_size=64 * 1024):
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise self._refuse(ReplyKind.UNKNOWN, f"the reply is longer than {MAX_BODY_BYTES >> 20} MB")
            if time.monotonic() > deadline:
                message = f"the reply was not complete after {TOTAL_SECONDS} seconds"
                raise self._refuse(ReplyKind.TRANSPORT, message)
        return bytes(body)


def _seconds(text: str | None) -> float | None:
    """Read a Retry-After header in seconds; one that names a date is as good as none."""
    return float(text) if text and text.isdigit() and len(text) < 6 else None


def _describe(error: Exception) -> str:
    """Say what went wrong without the text of the error, which quotes the URL."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS} seconds"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within {READ_SECONDS} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the reply broke off"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "the reply could not be unpacked"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate was not accepted"
    return "the connection failed"
