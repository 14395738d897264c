"""The door to the network: one GET, with limits, and the key in nothing that comes back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import requests

from market.providers.alpha_vantage.replies import classify, refusal
from market.providers.base import ReplyKind
from market.providers.gate import Gate, OpenGate

REDACTED = b"[redacted]"
CSV_STARTS = (b"timestamp,", b"time,")
_SHORTEST_SECRET = 6
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5, 60, 300
# A month of minute bars is 1 to 4 MB.
MAX_BODY_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpReply:
    status: int
    content_type: str
    body: bytes


class Client:
    """Asks with one key; the key is sent in the query, as the vendor wants it, and shown nowhere else."""

    def __init__(self, url: str, key: str, gate: Gate | None = None) -> None:
        self._url = url
        self._key = key
        self._gate = gate or OpenGate()
        self._session = requests.Session()

    def get(self, query: Mapping[str, str]) -> HttpReply:
        """Return any complete reply, whatever its status, in its turn.

        Raises RetryableError or PermanentError when none came, BudgetSpent or LedgerUnavailable when it was not sent.
        """
        with self._gate.request(query.get("function", ""), query.get("symbol", ""), query.get("month", "")) as attempt:
            reply = self._ask(query)
            attempt.settle(classify(reply.status, reply.content_type, reply.body), len(reply.body))
            return reply

    def _ask(self, query: Mapping[str, str]) -> HttpReply:
        failure = ""
        try:
            return self._get(query)
        except (requests.RequestException, OSError) as error:
            failure = _describe(error)
        # Raised out here because a requests exception holds the URL, and with it the key, even as a context.
        raise refusal(ReplyKind.TRANSPORT, failure)

    def _get(self, query: Mapping[str, str]) -> HttpReply:
        with self._session.get(
            self._url,
            params={**query, "apikey": self._key},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            # A narrow Accept header is refused by the vendor; a redirect could carry the key to another host.
            headers={"Accept": "*/*"},
            allow_redirects=False,
            stream=True,
        ) as response:
            content_type = self._redact(response.headers.get("Content-Type", "").encode()).decode()
            return HttpReply(response.status_code, content_type, self._redact(_read_body(response)))

    def _redact(self, body: bytes) -> bytes:
        # Bars hold no key, but digits that a key may match; and a short word is no secret (`demo` is a public one).
        if body.startswith(CSV_STARTS) or len(self._key) < _SHORTEST_SECRET:
            return body
        for spelling in {self._key, quote(self._key, safe=""), quote_plus(self._key)}:
            body = body.replace(spelling.encode(), REDACTED)
        return body


def _read_body(response: requests.Response) -> bytes:
    body = bytearray()
    deadline = time.monotonic() + TOTAL_SECONDS
    for chunk in response.iter_content(chunk_size=64 * 1024):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise refusal(ReplyKind.UNKNOWN, f"the reply is longer than {MAX_BODY_BYTES >> 20} MB")
        if time.monotonic() > deadline:
            raise refusal(ReplyKind.TRANSPORT, f"the reply was not complete after {TOTAL_SECONDS} seconds")
    return bytes(body)


def _describe(error: Exception) -> str:
    """Say what went wrong without the text of the error, which quotes the URL."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS} seconds"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within {READ_SECONDS} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the reply broke off"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate was not accepted"
    return "the connection failed"
